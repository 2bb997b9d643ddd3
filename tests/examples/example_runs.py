"""Run a script of PyNN's examples in a scratch folder, under whichever Python has the backend."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import tarfile
from pathlib import Path

import upstream
from example_data import Recording
from example_scripts import POTJANS, POTJANS_RELEASE, POTJANS_SCALE, Peer, Script

import pynn_annarchy

LAUNCHER = Path(__file__).with_name("example_launcher.py")
REFERENCE = Path(__file__).with_name("reference")


class ScriptFailed(Exception):
    """A script ended with an error; the text is the end of what it wrote."""


def unpack(folder: Path, release: str = upstream.PYNN) -> Path:
    """Write the examples of a version of PyNN to a folder; return the folder that they are in."""
    with tarfile.open(upstream.source_distribution(release)) as archive:
        for member in archive.getmembers():
            parts = Path(member.name).parts
            content = archive.extractfile(member) if member.isfile() else None
            if content is not None and parts[1:2] == ("examples",):
                target = folder.joinpath(*parts[1:])
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_bytes(content.read())
    return folder / "examples"


def unpack_potjans(folder: Path) -> Path:
    """Write the Potjans2014 example to a folder, scaled down, with what runs it; return the folder that it is in."""
    modules = unpack(folder, POTJANS_RELEASE) / "Potjans2014"
    parameters = modules / "network_params.py"
    text, found = re.subn(r"'([NK]_scaling)' : [\d.]+", rf"'\1' : {POTJANS_SCALE}", parameters.read_text())
    if found != 2:
        raise ValueError(f"{parameters} has {found} scaling factors, not those of neurons and of connections")
    parameters.write_text(text)
    shutil.copy(Path(__file__).with_name(POTJANS.file), modules)
    return modules


def run(
    script: Script,
    examples: Path,
    work: Path,
    simulator: str = "annarchy",
    python: Path = Path(sys.executable),
    refine: int = 1,
    options: tuple[str, ...] = (),
) -> Recording:
    """Run a script in a new folder and return its data."""
    work.mkdir(parents=True)
    (work / "Results").mkdir()  # as in PyNN's examples folder, where some scripts expect it
    task = {
        "script": str(examples / script.file),
        "simulator": simulator,
        "arguments": [simulator, *script.arguments, *options],
        "output": str(work / "data.npz"),
        "keep": script.keep,
        "printed": script.printed,
        "refine": refine,
    }
    launch([str(python), str(LAUNCHER), json.dumps(task)], work, simulator)
    return Recording.load(work / "data.npz").with_spikes_of_v().split(script.parts)


def reference_path(script: Script, peer: Peer) -> Path:
    """Where a peer's data of a script are kept."""
    return REFERENCE / f"{script.case}-{peer.simulator}.npz"


def reference(script: Script, peer: Peer) -> Recording:
    """A peer's data of a script."""
    return Recording.load(reference_path(script, peer))


def launch(command: list[str], work: Path, simulator: str) -> str:
    """Run a command in a folder; return what it prints."""
    environment = os.environ | {"MPLBACKEND": "Agg"}
    if simulator == "annarchy":
        path = [str(Path(pynn_annarchy.__file__).parents[1]), os.environ.get("PYTHONPATH", "")]
        environment["PYTHONPATH"] = os.pathsep.join(filter(None, path))
    done = subprocess.run(
        command, cwd=work, env=environment, capture_output=True, text=True, errors="replace", timeout=900, check=False
    )
    if done.returncode:
        raise ScriptFailed((done.stderr or done.stdout)[-3000:])
    return done.stdout

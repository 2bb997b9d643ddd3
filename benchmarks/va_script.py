"""PyNN's own examples/VAbenchmarks.py, unchanged, as a user runs it: the COBA network, 1,000 ms, one thread.

The script comes from PyNN's source distribution: the archive that PYNN_SDIST names, or else one that pip downloads. Its
output says how many connections there are, the rates, and what building and running took. It has a size and a duration
of its own.
"""

from __future__ import annotations

import contextlib
import io
import os
import re
import runpy
import sys
import tarfile
import tempfile
from pathlib import Path
from time import perf_counter
from unittest import mock

import command
from command import Figures, Job

NAME, BENCHMARK = "VAbenchmarks.py", "COBA"
EXCITATORY, INHIBITORY = 3200, 800
TESTS = Path(__file__).parent.parent / "tests" / "pynn_compliance"  # which know where to get the archive


def archive() -> Path:
    """Return PyNN's source distribution.

    Raises
    ------
    Exception
        If there is none, and pip cannot download it.
    """
    if given := os.environ.get("PYNN_SDIST"):
        return Path(given)
    sys.path.insert(0, str(TESTS))
    try:
        import upstream
    finally:
        sys.path.remove(str(TESTS))
    found: Path = upstream.source_distribution()
    return found


def script(folder: Path) -> Path:
    """Write the script to a folder; return its path."""
    with tarfile.open(archive()) as packed:
        members = [member for member in packed.getmembers() if member.name.endswith(f"/examples/{NAME}")]
        content = packed.extractfile(members[0]) if members else None
        if content is None:
            raise FileNotFoundError(f"{archive()} has no examples/{NAME}")
        path = folder / NAME
        path.write_bytes(content.read())
    return path


def told(output: str) -> Figures:
    """Return what the script's output says."""

    def number(label: str) -> float:
        found = re.search(rf"{label}\s*:\s*([-+.\de]+)", output)
        if found is None:
            raise ValueError(f"{NAME} does not print {label!r}:\n{output[-2000:]}")
        return float(found[1])

    synapses = re.search(r"Number of Synapses\s*:(.*)", output)
    counts = re.findall(r"(\d+) [ei]→", synapses[1]) if synapses else []
    rates = number("Excitatory rate"), number("Inhibitory rate")
    return {
        "rate_Hz": (EXCITATORY * rates[0] + INHIBITORY * rates[1]) / (EXCITATORY + INHIBITORY),
        "inhibitory_rate_Hz": rates[1],
        "synapses": float(sum(map(int, counts))),
        "build_s": number("Build time"),
        "run_s": number("Simulation time"),
        "read_s": number("Writing time"),
    }


def in_pynn(job: Job) -> Figures:
    """Run the script in this process, in a folder that is removed afterwards; its file of spikes is written there."""
    if job.threads != 1:
        raise ValueError(f"threads={job.threads}: {NAME} has one thread; the only value allowed is 1")
    begin = perf_counter()
    output = io.StringIO()
    with tempfile.TemporaryDirectory() as folder:
        path = script(Path(folder))
        arguments = [str(path), job.backend, BENCHMARK]
        here = Path.cwd()
        os.chdir(folder)
        try:
            with mock.patch.object(sys, "argv", arguments), contextlib.redirect_stdout(output):
                runpy.run_path(str(path), run_name="__main__")
        finally:
            os.chdir(here)
    figures = told(output.getvalue())
    others = sum(figures[name] for name in ("build_s", "run_s", "read_s"))
    return {**figures, "import_s": perf_counter() - begin - others}


if __name__ == "__main__":
    command.main(str(__doc__), in_pynn, {})

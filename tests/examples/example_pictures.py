"""Running the scripts of `examples/` as a user would, and looking at what they print and draw."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import matplotlib.image
import numpy as np

import pynn_annarchy

EXAMPLES = Path(__file__).parents[2] / "examples"


def run(script: Path, *arguments: str, folder: Path) -> str:
    """Run a script in a folder of its own and return what it prints."""
    path = os.pathsep.join([str(Path(pynn_annarchy.__file__).parents[1]), os.environ.get("PYTHONPATH", "")])
    environment = os.environ | {"MPLBACKEND": "Agg", "PYTHONPATH": path.rstrip(os.pathsep)}
    # The launcher, because a checkout on PYTHONPATH has no start-up hook: it imports the package first.
    command = [sys.executable, "-m", "pynn_annarchy", "run", str(script), *arguments]
    done = subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, timeout=300, check=False
    )
    assert done.returncode == 0, done.stderr[-2000:]
    return done.stdout


def drawn(script: str, *arguments: str, folder: Path) -> str:
    """Run an example and check its picture; return what it prints."""
    printed = run(EXAMPLES / script, *arguments, "--plot", "picture.png", folder=folder)
    picture = matplotlib.image.imread(folder / "picture.png")
    assert min(picture.shape[:2]) > 500
    assert np.ptp(picture[..., :3].mean(axis=2)) > 0.5  # there is something on the paper
    return printed


def numbers(pattern: str, text: str) -> list[float]:
    """Return all numbers in the pattern's group."""
    return [float(number) for number in re.findall(pattern, text)]

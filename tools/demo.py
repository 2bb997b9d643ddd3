"""Run PyNN's own Vogels-Abbott benchmark, unchanged, on this backend and draw its spikes (`make demo`).

The script is taken from PyNN's source distribution of the installed version, which pip fetches once. Its
``--plot-figure`` option is accepted but draws nothing in PyNN 0.13, so the raster is drawn here from the files that
it writes. Without a network the project's own version of the same network is run.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tarfile
from importlib.metadata import version
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
RESULTS = ROOT / "Results"


def pynn_example(name: str, cache: Path) -> Path | None:
    """Return a script of the installed PyNN's source distribution, or None if that cannot be fetched."""
    wanted = version("PyNN")
    script = cache / f"{wanted}-{name}"
    if not script.exists():
        pip = [sys.executable, "-m", "pip", "download", "--quiet", "--retries=1", "--no-deps", "--no-binary=:all:"]
        if subprocess.run([*pip, "--no-build-isolation", f"--dest={cache}", f"pyNN=={wanted}"]).returncode != 0:
            return None
        with tarfile.open(next(cache.glob(f"*{wanted}.tar.gz"))) as archive:
            member = next(path for path in archive.getnames() if path.endswith(f"/examples/{name}"))
            text = archive.extractfile(member)
            assert text is not None, f"{member} is not a file"
            script.write_bytes(text.read())
    return script


def raster(benchmark: str, started: float) -> Path:
    """Draw the spikes in the files that the benchmark has just written; return the picture's path."""
    import matplotlib

    matplotlib.use("Agg")
    import matplotlib.pyplot as plt
    from neo.io import PickleIO

    figure, axes = plt.subplots(figsize=(10, 6), layout="constrained")
    first = 0
    for kind, colour in (("exc", "#2b6cb0"), ("inh", "#c53030")):
        files = list(RESULTS.rglob(f"VAbenchmarks_{benchmark}_{kind}_annarchy_*.pkl"))
        newest = max(files, key=lambda path: path.stat().st_mtime)
        if newest.stat().st_mtime < started:
            raise SystemExit(f"the benchmark wrote no {kind} file under {RESULTS}")
        trains = PickleIO(str(newest)).read_block().segments[0].spiketrains
        for number, train in enumerate(trains, first):
            axes.plot(train.magnitude, [number] * len(train), ",", color=colour)
        first += len(trains)
    axes.set(title=f"VAbenchmarks.py {benchmark} on pyNN.annarchy", xlabel="time (ms)", ylabel="cell")
    picture = RESULTS / f"VAbenchmarks_{benchmark}_annarchy.png"
    figure.savefig(picture, dpi=150)
    return picture


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("benchmark", nargs="?", default="COBA", choices=("COBA", "CUBA"))
    benchmark = parser.parse_args().benchmark
    RESULTS.mkdir(exist_ok=True)
    mark = RESULTS / ".started"
    mark.touch()
    upstream = pynn_example("VAbenchmarks.py", ROOT / "build" / "pynn")
    if upstream is None:
        print("PyNN's source distribution cannot be fetched (no network?).", flush=True)
        print("Running the project's own version of the benchmark instead.", flush=True)
        picture = RESULTS / "vogels_abbott.png"
        script = [ROOT / "examples" / "vogels_abbott.py", "annarchy", "--benchmark", benchmark, "--plot", picture]
        subprocess.run([sys.executable, *map(str, script)], cwd=ROOT, check=True)
    else:
        command = [sys.executable, str(upstream), "annarchy", benchmark, "--plot-figure"]
        subprocess.run(command, cwd=ROOT, check=True)
        picture = raster(benchmark, mark.stat().st_mtime)
    print(f"\nThe spikes are drawn in {picture}")


if __name__ == "__main__":
    main()

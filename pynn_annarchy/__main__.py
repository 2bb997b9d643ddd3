"""The command line: ``python -m pynn_annarchy run [options] script.py [the script's own arguments]``.

Options of the launcher stand before the script's name and become environment variables (`native.settings`), so that all
that a script does is as if they had been set outside; what stands behind the name is the script's alone.
"""

from __future__ import annotations

import argparse
import os
import runpy
import sys
from collections.abc import Sequence
from pathlib import Path

from . import __version__
from .native import build
from .native.settings import config_file, variable


def main(arguments: Sequence[str] | None = None) -> None:
    """Do what the command line asks for."""
    options = _parser().parse_args(arguments)
    options.action(options)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m pynn_annarchy", description="A simulator of neural networks.")
    parser.add_argument("--version", action="version", version=f"pynn-annarchy {__version__}")
    actions = parser.add_subparsers(required=True, metavar="run | cache")
    run = actions.add_parser("run", help="run a script", description="Run a script with options set from outside.")
    run.add_argument("--gpu", nargs="?", const="", metavar="ID", help="simulate on a GPU")
    run.add_argument("-j", "--threads", metavar="N", help="threads to simulate with, or auto")
    run.add_argument("--precision", choices=("double", "mixed", "single"))
    run.add_argument("--compiler", metavar="COMMAND", help="C++ compiler for models written as equations")
    run.add_argument("--compiler-flags", metavar="FLAGS", help="flags for it beside the package's own, as one word")
    run.add_argument("--clean", action="store_true", help="forget all models compiled earlier")
    run.add_argument("--verbose", action="store_true", help="show what is compiled, and how")
    run.add_argument("script", help="the Python file to run")
    run.add_argument("arguments", nargs=argparse.REMAINDER, help="the script's own")
    run.set_defaults(action=_run)
    cache = actions.add_parser("cache", help="show, or empty, the folder of compiled models")
    cache.add_argument("--clean", action="store_true", help="empty it")
    cache.set_defaults(action=_cache)
    return parser


def _run(options: argparse.Namespace) -> None:
    for name in ("threads", "precision", "compiler", "compiler_flags"):
        value = getattr(options, name)
        if value is not None:
            os.environ[variable(name)] = str(value)
    if options.gpu is not None:
        os.environ[variable("device")] = f"cuda:{options.gpu}" if options.gpu else "cuda"
    if options.verbose:
        os.environ[variable("verbose")] = "1"
    if options.clean:
        build.empty_cache()
    script = Path(options.script)
    if not script.is_file():
        raise SystemExit(f"{script} is not a file")
    sys.argv = [str(script), *options.arguments]
    sys.path[0] = str(script.resolve().parent)  # as Python does for a script
    runpy.run_path(str(script), run_name="__main__")


def _cache(options: argparse.Namespace) -> None:
    folder = build.cache_directory()
    libraries = list(folder.glob("*.so"))
    size = sum(path.stat().st_size for path in libraries)
    print(f"compiled models: {len(libraries)} in {folder}, {size / 2**20:.1f} MiB")
    print(f"configuration: {config_file()}{'' if config_file().is_file() else ' (none)'}")
    if options.clean:
        print(f"removed {build.empty_cache()} models")


if __name__ == "__main__":
    main()

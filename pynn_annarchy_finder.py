"""Makes `pyNN.annarchy` another name of the package `pynn_annarchy`: one module object, two entries in `sys.modules`.

Nothing is installed inside PyNN's own folder, because that folder may be another project's checkout or belong to an
outer environment, and is replaced whenever PyNN is. Instead `pynn_annarchy_finder.pth`, which Python's `site` runs at
start-up, appends to `sys.meta_path` an object that knows one name and imports this module when somebody asks for it. A
simple namespace (the type of `sys.implementation`) with one function is the cheapest such object: 0.05 ms of the 16 ms
that the interpreter takes to start, where a class takes 0.1 ms.

Where no `.pth` file is read (``pip install --target``, ``python -S``), ``import pynn_annarchy`` calls `register`.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from importlib import import_module
from importlib.abc import Loader
from importlib.machinery import ModuleSpec
from importlib.util import find_spec as find_real_spec
from types import ModuleType

ALIAS = "pyNN.annarchy"
PACKAGE = "pynn_annarchy"


class AliasLoader(Loader):
    """Loads a module by importing another and leaving it as it is."""

    def __init__(self, real: str) -> None:
        self._real = real
        self._real_spec: ModuleSpec | None = None

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        module = import_module(self._real)
        self._real_spec = module.__spec__
        return module

    def exec_module(self, module: ModuleType) -> None:
        # Between create_module and here the import system has set __spec__ to the alias's, which would break reload().
        module.__spec__ = self._real_spec


class AliasFinder:
    """Finds `pyNN.annarchy` and its submodules; first in `sys.meta_path`, or submodules would be loaded twice."""

    @staticmethod
    def find_spec(name: str, path: Sequence[str] | None = None, target: ModuleType | None = None) -> ModuleSpec | None:
        if name != ALIAS and not name.startswith(ALIAS + "."):
            return None
        real = PACKAGE + name[len(ALIAS) :]
        found = find_real_spec(real)
        if found is None or found.origin is None:  # no origin: an empty folder that an uninstall left behind
            return None
        spec = ModuleSpec(name, AliasLoader(real), origin=found.origin)
        spec.submodule_search_locations = found.submodule_search_locations
        return spec


def register() -> None:
    """Put the finder in its place, once."""
    if AliasFinder not in sys.meta_path:
        sys.meta_path.insert(0, AliasFinder)


def find_spec(name: str) -> ModuleSpec | None:
    """Answer the start-up hook, and take over from it."""
    register()
    return AliasFinder.find_spec(name)

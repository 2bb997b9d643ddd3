"""The names, classes and keywords of PyNN's backends, read from the source of the installed PyNN.

A backend cannot be imported where its simulator is missing, but PyNN's wheel has the source of all of them. Imports,
``import *``, ``__all__``, aliases and PyNN's function factories are followed in the syntax trees; nothing is executed.
"""

from __future__ import annotations

import ast
import functools
import importlib.util
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)


@dataclass(frozen=True)
class Definition:
    """Where a name is defined: its module, and the statement or expression, None for a module of PyNN itself."""

    module: str
    name: str
    node: ast.AST | None

    @property
    def is_class(self) -> bool:
        return isinstance(self.node, ast.ClassDef)

    @property
    def is_function(self) -> bool:
        return isinstance(self.node, _FUNCTIONS)

    @property
    def is_module(self) -> bool:
        return self.node is None


@dataclass(frozen=True)
class Reference:
    """A name that stands for a name of another module, or of the same module further up; name None: the module."""

    module: str
    name: str | None
    before: int | None = None


@dataclass(frozen=True)
class Keywords:
    """The parameters of a callable without `self`, and whether it takes any others."""

    names: tuple[str, ...]
    any_positional: bool
    any_keyword: bool


Entry = Definition | Reference


class PynnSource:
    """The source of one installed PyNN."""

    def __init__(self, root: Path | None = None) -> None:
        if root is None:
            spec = importlib.util.find_spec("pyNN")
            assert spec is not None and spec.origin is not None
            root = Path(spec.origin).parent
        self.root = root

    def path(self, module: str) -> Path | None:
        """The file of a module of PyNN, None if it has none."""
        parts = module.split(".")[1:]
        if module.split(".")[0] != "pyNN":
            return None
        for path in (self.root.joinpath(*parts, "__init__.py"), self.root.joinpath(*parts).with_suffix(".py")):
            if path.exists():
                return path
        return None

    @functools.cached_property
    def _entries(self) -> dict[str, list[tuple[str, Entry]]]:
        return {}

    def entries(self, module: str) -> list[tuple[str, Entry]]:
        """Every binding of a name at the top level of a module, in order."""
        if module not in self._entries:
            path = self.path(module)
            assert path is not None, module
            self._entries[module] = found = []  # filled below, so that modules that import each other end
            tree = ast.parse(path.read_text(encoding="utf-8"))
            for statement in _flat(tree.body):
                found.extend(self._bindings(module, path.name == "__init__.py", statement, found))
        return self._entries[module]

    def _bindings(
        self, module: str, is_package: bool, statement: ast.stmt, before: list[tuple[str, Entry]]
    ) -> Iterator[tuple[str, Entry]]:
        if isinstance(statement, ast.ClassDef | ast.FunctionDef):
            yield statement.name, Definition(module, statement.name, statement)
        elif isinstance(statement, ast.Import):
            for alias in statement.names:
                if alias.asname is None:
                    yield alias.name.split(".")[0], Reference(alias.name.split(".")[0], None)
                else:
                    yield alias.asname, Reference(alias.name, None)
        elif isinstance(statement, ast.ImportFrom):
            yield from self._imported(_absolute(module, is_package, statement), statement)
        elif isinstance(statement, ast.Assign):
            for target in statement.targets:
                elements = target.elts if isinstance(target, ast.Tuple) else [target]
                for element in elements:
                    if isinstance(element, ast.Name):
                        yield element.id, self._assigned(module, element.id, statement.value, len(before))

    def _imported(self, source: str, statement: ast.ImportFrom) -> Iterator[tuple[str, Entry]]:
        for alias in statement.names:
            if alias.name != "*":
                yield alias.asname or alias.name, Reference(source, alias.name)
            elif self.path(source) is not None:
                for name in self.public(source):
                    yield name, Reference(source, name)

    def _assigned(self, module: str, name: str, value: ast.expr, position: int) -> Entry:
        """What an assignment binds: an alias, what a factory returns, or a value."""
        if isinstance(value, ast.Name):
            return Reference(module, value.id, position)
        if isinstance(value, ast.Attribute) and isinstance(value.value, ast.Name):
            owner = self._follow(Reference(module, value.value.id, position))
            if owner is not None and owner.is_module:
                return Reference(owner.module, value.attr)
        if isinstance(value, ast.Call):
            factory = self._called(module, value.func, position)
            if factory is not None and isinstance(factory.node, ast.FunctionDef):
                for inner in factory.node.body:
                    if isinstance(inner, ast.FunctionDef) and inner.name == name:
                        return Definition(factory.module, name, inner)
        return Definition(module, name, value)

    def _called(self, module: str, function: ast.expr, position: int) -> Definition | None:
        if isinstance(function, ast.Name):
            return self._follow(Reference(module, function.id, position))
        if isinstance(function, ast.Attribute) and isinstance(function.value, ast.Name):
            owner = self._follow(Reference(module, function.value.id, position))
            if owner is not None and owner.is_module:
                return self._follow(Reference(owner.module, function.attr))
        return None

    def public(self, module: str) -> list[str]:
        """What ``from module import *`` gives."""
        listed = [entry for name, entry in self.entries(module) if name == "__all__"]
        if listed and isinstance(listed[-1], Definition) and listed[-1].node is not None:
            return [str(name) for name in ast.literal_eval(listed[-1].node)]
        return list(dict.fromkeys(name for name, _ in self.entries(module) if not name.startswith("_")))

    def names(self, module: str) -> dict[str, Definition]:
        """The public names of a module that lead to something in PyNN, and where each is defined."""
        found = {name: self.lookup(module, name) for name in self.public(module)}
        return {name: definition for name, definition in found.items() if definition is not None}

    def lookup(self, module: str, name: str) -> Definition | None:
        """Where a name of a module is defined, None if that is outside PyNN."""
        return self._follow(Reference(module, name))

    def _follow(self, entry: Entry) -> Definition | None:
        seen = set()
        while isinstance(entry, Reference):
            if self.path(entry.module) is None:
                return None
            if entry.name is None:
                return Definition(entry.module, entry.module.rpartition(".")[2], None)
            bound = [found for name, found in self.entries(entry.module)[: entry.before] if name == entry.name]
            submodule = f"{entry.module}.{entry.name}"
            if bound and entry not in seen:  # else a package that imports its own submodule, in one way or another
                seen.add(entry)
                entry = bound[-1]
            elif self.path(submodule) is not None:
                entry = Reference(submodule, None)
            else:
                return None
        return entry

    # ---- classes -----------------------------------------------------------------------------------------------------

    def bases(self, cls: Definition) -> list[Definition]:
        """The class and those it inherits from, as far as they are in PyNN; the nearest first."""
        assert isinstance(cls.node, ast.ClassDef)
        entries = [found for _, found in self.entries(cls.module)]
        position = entries.index(cls) if cls in entries else len(entries)
        line = [cls]
        for base in cls.node.bases:
            found = self._called(cls.module, base, position)
            if found is not None and found.is_class:
                line += [ancestor for ancestor in self.bases(found) if ancestor not in line]
        return line

    def members(self, cls: Definition) -> dict[str, Definition]:
        """The public methods, properties and attributes of a class and its bases."""
        found: dict[str, Definition] = {}
        for ancestor in self.bases(cls):
            assert isinstance(ancestor.node, ast.ClassDef)
            local: dict[str, Definition] = {}
            for statement in ancestor.node.body:
                if isinstance(statement, ast.FunctionDef):
                    local[statement.name] = Definition(ancestor.module, statement.name, statement)
                elif isinstance(statement, ast.Assign):
                    for target in statement.targets:
                        if isinstance(target, ast.Name):
                            value = statement.value
                            alias = local.get(value.id) if isinstance(value, ast.Name) else None
                            local[target.id] = alias or Definition(ancestor.module, target.id, value)
            found = {**local, **found}
        return {name: member for name, member in found.items() if not name.startswith("_") or name == "__init__"}

    def refuses(self, cls: Definition) -> bool:
        """Whether a class stands only for a model that the backend does not have."""
        return any(ancestor.name in ("ModelNotAvailable", "SynapseTypeNotAvailable") for ancestor in self.bases(cls))


def keywords(function: ast.AST) -> Keywords:
    """The parameters of a function, those that its body looks up in its ``**parameters`` included."""
    assert isinstance(function, _FUNCTIONS)
    arguments = function.args
    names = [argument.arg for argument in (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs)]
    if names and names[0] in ("self", "cls"):
        names = names[1:]
    if arguments.kwarg is not None:
        names += [name for name in _looked_up(function, arguments.kwarg.arg) if name not in names]
    return Keywords(tuple(names), arguments.vararg is not None, arguments.kwarg is not None)


def positional(function: ast.AST) -> list[str]:
    """The parameters that can be given by position, without `self`."""
    assert isinstance(function, _FUNCTIONS)
    names = [argument.arg for argument in (*function.args.posonlyargs, *function.args.args)]
    return names[1:] if names and names[0] in ("self", "cls") else names


def _looked_up(function: ast.AST, mapping: str) -> Iterator[str]:
    """The constant keys with which a function asks a mapping."""
    loops = {
        loop.target.id: [element.value for element in loop.iter.elts if isinstance(element, ast.Constant)]
        for loop in ast.walk(function)
        if isinstance(loop, ast.For) and isinstance(loop.target, ast.Name) and isinstance(loop.iter, ast.Tuple)
    }
    for node in ast.walk(function):
        key: ast.expr | None = None
        if isinstance(node, ast.Compare) and isinstance(node.ops[0], ast.In) and _is_name(node.comparators[0], mapping):
            key = node.left
        elif isinstance(node, ast.Subscript) and _is_name(node.value, mapping):
            key = node.slice
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and _is_name(node.func.value, mapping):
            key = node.args[0] if node.args else None
        if isinstance(key, ast.Constant):
            yield str(key.value)
        elif isinstance(key, ast.Name):
            yield from map(str, loops.get(key.id, ()))


def _is_name(node: ast.expr, name: str) -> bool:
    return isinstance(node, ast.Name) and node.id == name


def _flat(body: list[ast.stmt]) -> Iterator[ast.stmt]:
    """The statements of a body, those inside ``try`` and ``if`` included."""
    for statement in body:
        if isinstance(statement, ast.Try):
            yield from _flat(statement.body)
            for handler in statement.handlers:
                yield from _flat(handler.body)
            yield from _flat(statement.orelse)
        elif isinstance(statement, ast.If):
            yield from _flat(statement.body)
            yield from _flat(statement.orelse)
        else:
            yield statement


def _absolute(module: str, is_package: bool, statement: ast.ImportFrom) -> str:
    if not statement.level:
        return statement.module or ""
    parts = module.split(".")
    parts = parts[: len(parts) - statement.level + is_package]
    return ".".join([*parts, statement.module] if statement.module else parts)

"""What pyNN.nest, pyNN.neuron and pyNN.brian2 offer, read from their source, and what of it is missing here."""

from __future__ import annotations

import ast
import inspect
from collections.abc import Iterator
from typing import Any

from pynn_source import Definition, PynnSource, keywords, positional

import pynn_annarchy as sim
from pynn_annarchy import other_backends

BACKENDS = ("nest", "neuron", "brian2")
SOURCE = PynnSource()
# what PyNN's model classes list in mappings and sequences, and their users write as strings and keywords
LISTED = ("default_parameters", "default_initial_values", "recordable", "receptor_types")


def exported(backend: str) -> dict[str, Definition]:
    """The names that a backend offers to scripts."""
    return {name: found for name, found in SOURCE.names(f"pyNN.{backend}").items() if _is_offered(found, backend)}


def _is_offered(definition: Definition, backend: str) -> bool:
    """Whether a name is more than part of the implementation, which backends show by importing everything from it.

    That are functions, modules of the backend's own, and classes that have a base in PyNN's common code: what has none,
    PyNN cannot use. Loggers, equations and tables are not offered.
    """
    if definition.is_class:
        return not all(_is_of(ancestor, backend) for ancestor in SOURCE.bases(definition))
    return definition.is_function or (definition.is_module and _is_of(definition, backend))


def _is_of(definition: Definition, backend: str) -> bool:
    return f"{definition.module}.".startswith(f"pyNN.{backend}.")


def missing_names(backend: str) -> set[str]:
    return {name for name in exported(backend) if not hasattr(sim, name)}


def shared_classes(backend: str) -> Iterator[tuple[str, Definition, Any]]:
    """Classes of a backend that exist here, with ours."""
    for name, definition in exported(backend).items():
        ours = getattr(sim, name, None)
        if definition.is_class and ours is not None and not SOURCE.refuses(definition):
            yield name, definition, ours


def missing_members(backend: str) -> set[str]:
    """Methods and properties, as ``Class.member``."""
    return {
        f"{name}.{member}"
        for name, definition, ours in shared_classes(backend)
        for member, found in SOURCE.members(definition).items()
        if (found.is_function or _is_property(found.node)) and not hasattr(ours, member)
    }


def missing_keywords(backend: str) -> set[str]:
    """Keywords of functions, constructors and methods, as ``function(keyword)`` or ``Class.method(keyword)``."""
    return {keyword for callable in _callables(backend) for keyword in _missing_of(*callable)}


def _callables(backend: str) -> Iterator[tuple[str, Definition, Any]]:
    """Functions, constructors and methods of a backend that exist here, with ours."""
    for name, definition in exported(backend).items():
        ours = getattr(sim, name, None)
        if definition.is_function and callable(ours):
            yield name, definition, ours
    for name, definition, cls in shared_classes(backend):
        for member, found in SOURCE.members(definition).items():
            own = getattr(cls, member, None)
            if found.is_function and callable(own):
                yield f"{name}.{member}", found, own


def out_of_order(backend: str) -> set[str]:
    """Callables whose parameters, as far as both have them, come in another order here."""
    found = set()
    for label, theirs, ours in _callables(backend):
        assert theirs.node is not None
        ours_in_order = [name for name in inspect.signature(ours).parameters if name not in ("self", "cls")]
        theirs_in_order = positional(theirs.node)
        shared = [name for name in theirs_in_order if name in ours_in_order]
        if shared != [name for name in ours_in_order if name in theirs_in_order]:
            found.add(label)
    return found


def missing_listed(backend: str) -> set[str]:
    """Parameters, variables and receptor types of models, as ``Class.recordable: name``."""
    missing = set()
    for name, definition, ours in shared_classes(backend):
        for attribute in LISTED:
            own = getattr(ours, attribute, ())
            if isinstance(own, property):
                continue
            theirs = _listed(definition, attribute)
            missing |= {f"{name}.{attribute}: {entry}" for entry in theirs if entry not in own}
    return missing


def _missing_of(label: str, theirs: Definition, ours: Any) -> set[str]:
    assert theirs.node is not None
    parameters = inspect.signature(ours).parameters
    named = {p.name for p in parameters.values() if p.kind is not p.VAR_KEYWORD}
    named |= getattr(ours, "foreign_keywords", frozenset())
    if label == "setup":
        named |= other_backends.belongs_to(other_backends.SETUP) | set(other_backends.SEEDS)
    elif any(p.kind is p.VAR_KEYWORD for p in parameters.values()):
        return set()
    return {f"{label}({keyword})" for keyword in keywords(theirs.node).names if keyword not in named}


def _is_property(node: ast.AST | None) -> bool:
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "property"


def _listed(definition: Definition, attribute: str) -> set[str]:
    """The strings in a literal class attribute; other forms are computed from the model's parts."""
    found = SOURCE.members(definition).get(attribute)
    node = found.node if found is not None else None
    elements: list[Any] = []
    if isinstance(node, ast.Dict):
        elements = list(node.keys)
    elif isinstance(node, ast.List | ast.Tuple | ast.Set):
        elements = node.elts
    return {element.value for element in elements if isinstance(element, ast.Constant)}

"""Every public name, method and keyword of the nest, neuron and brian2 backends exists here or has a reason."""

from __future__ import annotations

import ast
import importlib
import inspect
from collections.abc import Callable
from fnmatch import fnmatchcase

import api_surface
import pytest
from api_exclusions import EXCLUSIONS

import pynn_annarchy as sim

FOUND_MISSING: dict[str, Callable[[str], set[str]]] = {
    "names": api_surface.missing_names,
    "members": api_surface.missing_members,
    "keywords": api_surface.missing_keywords,
    "order": api_surface.out_of_order,
    "listed": api_surface.missing_listed,
}


@pytest.mark.parametrize("backend", api_surface.BACKENDS)
@pytest.mark.parametrize("kind", FOUND_MISSING)
def test_nothing_is_missing_without_a_reason(kind: str, backend: str) -> None:
    missing = FOUND_MISSING[kind](backend)
    unexplained = {name for name in missing if not any(fnmatchcase(name, pattern) for pattern in EXCLUSIONS[kind])}
    assert not unexplained, f"pyNN.{backend} has, and pyNN.annarchy has not: {', '.join(sorted(unexplained))}"


@pytest.mark.parametrize("kind", FOUND_MISSING)
def test_no_reason_is_out_of_date(kind: str) -> None:
    missing = set().union(*(FOUND_MISSING[kind](backend) for backend in api_surface.BACKENDS))
    stale = {pattern for pattern in EXCLUSIONS[kind] if not any(fnmatchcase(name, pattern) for name in missing)}
    assert not stale


@pytest.mark.parametrize("module", ["errors", "random", "space"])
def test_modules_of_pynn(module: str) -> None:
    theirs = importlib.import_module(f"pyNN.{module}")
    names = [name for name, value in vars(theirs).items() if getattr(value, "__module__", "") == theirs.__name__]
    assert names and not [name for name in names if not hasattr(getattr(sim, module), name)]


@pytest.mark.parametrize(("module", "backend"), [("morphology", "neuron"), ("nestml", "nest")])
def test_modules_of_backends(module: str, backend: str) -> None:
    prefix = f"pyNN.{backend}.{module}"
    names = [name for name, found in api_surface.SOURCE.names(prefix).items() if found.module == prefix]
    assert len(names) > 1
    missing = [
        name for name in names if not hasattr(getattr(sim, module), name) and name not in ("logger", "HasSelector")
    ]
    assert not missing


def test_simulator_module() -> None:
    assert isinstance(sim.simulator.name, str) and sim.name() == sim.simulator.name
    assert sim.simulator.state is sim.state and issubclass(sim.simulator.ID, int)


# ---- what the test itself sees ---------------------------------------------------------------------------------------


def test_the_reader_agrees_with_an_import() -> None:
    """pyNN.mock can be imported, so what is read from its source can be compared with what it has."""
    mock = importlib.import_module("pyNN.mock")
    read = api_surface.SOURCE.names("pyNN.mock")
    for name in (
        "setup",
        "run",
        "run_for",
        "create",
        "connect",
        "Population",
        "IF_cond_exp",
        "FixedProbabilityConnector",
    ):
        assert read[name].is_class == inspect.isclass(getattr(mock, name)), name
        assert read[name].is_function == inspect.isfunction(getattr(mock, name)), name
    imported = {
        name
        for name, value in vars(mock).items()
        if not name.startswith("_") and (getattr(value, "__module__", None) or "").startswith("pyNN")
    }
    assert imported - set(read) == set()
    population = set(api_surface.SOURCE.members(read["Population"]))
    declared = {name for cls in mock.Population.__mro__[:-1] for name in vars(cls) if not name.startswith("_")}
    assert declared == population - {"__init__"}


@pytest.mark.parametrize("backend", api_surface.BACKENDS)
def test_what_is_left_out_by_rule(backend: str) -> None:
    """What factories of PyNN's common code return is never taken for a value, and a value is no class or function."""
    everything = api_surface.SOURCE.names(f"pyNN.{backend}")
    left_out = {name: everything[name] for name in everything.keys() - api_surface.exported(backend).keys()}
    made = {name for name, found in left_out.items() if isinstance(found.node, ast.Call)}
    factories = {name for name in made if "build_" in ast.unparse(left_out[name].node.func)}
    assert {name for name in factories if not name.endswith("_translations")} == set()
    assert {"setup", "run", "run_for", "reset", "create", "connect", "record", "initialize", "get_min_delay"} <= set(
        api_surface.exported(backend)
    )


def test_keywords_that_are_looked_up() -> None:
    setup = api_surface.exported("neuron")["setup"]
    assert setup.node is not None
    names = api_surface.keywords(setup.node).names
    assert {"timestep", "min_delay", "use_cvode", "rtol", "native_rng_baseseed"} <= set(names)

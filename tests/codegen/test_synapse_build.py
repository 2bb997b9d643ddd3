"""What a compiled synapse is known by: the same text makes the same source and library, and no other text does."""

from __future__ import annotations

import dataclasses
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from pynn_annarchy.native import build, compile, kernels
from pynn_annarchy.native.spec import NeuronText, SynapseText
from pynn_annarchy.standardmodels.synapse_equations import STANDARD_SYNAPSES

TEXT = SynapseText(
    name="Kept",
    parameters="tau = 10.0; a = 0.5; p = 0.25",
    equations="""
        dx/dt = -x/tau : event-driven, init=1.0
        dy/dt = (x - y)/tau : event-driven
        dw/dt = 0 : init=0.5, min=0.0
        _d = post.v - a
        ds/dt = _d - s
    """,
    pre_spike="w += a*x if Uniform(0, 1) < p else 0; x += 1; g_target += w",
    post_spike="w -= a*y; y += since_pre",
    modulator_spike="x *= 0.5",
)


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "cache"
    monkeypatch.setenv("PYNN_ANNARCHY_CACHE_DIR", str(folder))
    build.cache_directory.cache_clear()
    yield folder
    build.cache_directory.cache_clear()


def built(cache: Path) -> int:
    return len(list(cache.glob("*.so")))


def key(text: SynapseText) -> str:
    """Return what the cache knows the library of a model by."""
    source = compile.library_source(compile.without_defaults(compile.program(text)))
    return build._key(source, build.find_compiler().identity, "-O3")


def test_the_same_source_in_every_process(tmp_path: Path) -> None:
    """The order of sets of strings differs from process to process; that of the source must not."""
    script = (
        "from pynn_annarchy.native import compile, spec\n"
        "from pynn_annarchy.standardmodels.synapse_equations import STANDARD_SYNAPSES\n"
        f"print(compile.source(spec.{TEXT!r}) + compile.module_source(STANDARD_SYNAPSES))"
    )
    root = str(Path(build.__file__).resolve().parents[2])
    printed = set()
    for seed in ("1", "2", "3"):
        environment = {**os.environ, "PYTHONPATH": root, "PYTHONHASHSEED": seed}
        printed.add(
            subprocess.run(
                [sys.executable, "-c", script], env=environment, cwd=tmp_path, capture_output=True, check=True
            ).stdout
        )
    assert len(printed) == 1
    assert len(printed.pop()) > 50_000


def test_defaults_and_comments_compile_nothing_again(cache: Path) -> None:
    first = kernels.compiled_synapse(TEXT)
    assert kernels.compiled_synapse(TEXT) == first
    other = dataclasses.replace(
        TEXT,
        parameters="tau = 20.0  # ms\na = 0.25; p = 0.0",
        equations=TEXT.equations.replace("init=1.0", "init=3.0"),
        units={"x": "mV"},
    )
    second = kernels.compiled_synapse(other)
    assert built(cache) == 1
    assert second.address == first.address
    assert dict(first.parameters) == {"tau": 10.0, "a": 0.5, "p": 0.25}
    assert dict(second.parameters) == {"tau": 20.0, "a": 0.25, "p": 0.0}
    assert (first.variables["x"], second.variables["x"], second.variables["w"]) == (1.0, 3.0, 0.5)
    single = kernels.compiled_synapse(TEXT, "single")
    assert built(cache) == 2
    assert (first.precision, single.precision) == ("double", "single")


def test_a_neuron_and_a_synapse_of_one_name(cache: Path) -> None:
    neuron = kernels.compiled(NeuronText(name="Kept", parameters="tau = 10.0", equations="dv/dt = -v/tau"))
    synapse = kernels.compiled_synapse(SynapseText(name="Kept", parameters="tau = 10.0", equations=""))
    assert built(cache) == 2
    assert (list(neuron.states), list(synapse.variables)) == (["v"], ["w"])


@pytest.mark.parametrize(
    ("part", "old", "new"),
    [
        ("name", "Kept", "Changed"),
        ("parameters", "p = 0.25", "p = 0.25; unused = 1"),
        ("parameters", "tau = 10.0; a = 0.5", "a = 0.5; tau = 10.0"),
        ("equations", "-x/tau", "-2*x/tau"),
        ("equations", "dy/dt = (x - y)/tau : event-driven", "dy/dt = (x - y)/tau"),
        ("equations", "min=0.0", "min=0.125"),
        ("equations", "min=0.0", "max=0.0"),
        ("equations", "post.v", "post.u"),
        ("equations", "ds/dt = _d - s", "ds/dt = _d - s : rk4"),
        ("pre_spike", "< p", "<= p"),
        ("pre_spike", "Uniform(0, 1)", "Normal(0, 1)"),
        ("pre_spike", "x += 1; g_target += w", "g_target += w; x += 1"),
        ("post_spike", "since_pre", "since_post"),
        ("post_spike", "w -= a*y; y += since_pre", ""),
        ("modulator_spike", "x *= 0.5", ""),
    ],
)
def test_another_text_is_another_library(part: str, old: str, new: str) -> None:
    assert old in getattr(TEXT, part)
    assert key(dataclasses.replace(TEXT, **{part: getattr(TEXT, part).replace(old, new)})) != key(TEXT)


def test_headers_belong_to_the_key(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "csrc"
    shutil.copytree(build.include_directory(), folder)
    monkeypatch.setattr(build, "include_directory", lambda: folder)
    names = build.included(compile.source(TEXT))
    assert {"synapse_model.h", "synapse_group.h", "abi.h", "philox.h", "functions.h"} <= set(names)
    assert not {"neuron_model.h", "dopri5.h", "variates.h"} & set(names)
    keys = {key(TEXT)}
    for name in names:
        with (folder / name).open("a") as file:
            file.write("// changed\n")
        keys.add(key(TEXT))
    assert len(keys) == 1 + len(names)
    before = key(TEXT)
    (folder / "neuron_model.h").write_text("")
    assert key(TEXT) == before


@pytest.mark.parametrize("precision", ["double", "mixed", "single"])
def test_what_is_compiled_with_the_package_is_what_the_texts_say(precision: str) -> None:
    assert kernels.standard_synapse_names() == tuple(text.name for text in STANDARD_SYNAPSES)
    for text in STANDARD_SYNAPSES:
        program, kernel = compile.program(text), kernels.standard_synapse(text.name, precision)
        model = program.model
        assert dict(kernel.parameters) == {symbol.name: value for symbol, value in model.parameters.items()}
        assert dict(kernel.variables) == {symbol.name: value for symbol, value in program.states.items()}
        assert kernel.post == tuple(symbol.name for symbol in model.remote)
        assert kernel.modulated == bool(text.modulator_spike)
        assert kernel.clocked == bool(model.clocked)
        assert kernel.has_post >= bool(text.post_spike)

"""A user's neuron is a cell type like any other: everything PyNN does with one."""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pyNN.annarchy as sim
import pytest
from neuron_runs import read, run
from pyNN import errors
from pyNN.random import NumpyRNG, RandomDistribution

from pynn_annarchy.native import build
from pynn_annarchy.native.errors import CompilerError, EquationError
from pynn_annarchy.standardmodels import equations as standard

LEAKY = """
    tau_exc*dg_exc/dt = -g_exc
    cm*dv/dt = gl*(el - v) + g_exc*(0 - v) + i_inj : init=el
"""
PARAMETERS = "cm = 0.2; gl = 0.01; el = -65.0; vt = -50.0; tau_exc = 5.0"


def leaky() -> type:
    return sim.Neuron(PARAMETERS, LEAKY, spike="v > vt", reset="v = el", refractory=2.0, name="Leaky",
                      units={"v": "mV", "g_exc": "uS"}, description="Leaky integrate-and-fire.")  # fmt: skip


def test_class() -> None:
    model = leaky()
    assert (model.__name__, model.__doc__) == ("Leaky", "Leaky integrate-and-fire.")
    assert model.default_parameters == {"cm": 0.2, "gl": 0.01, "el": -65.0, "vt": -50.0, "tau_exc": 5.0}
    assert model.default_initial_values == {"g_exc": 0.0, "v": -65.0}
    assert model.recordable == ["spikes", "g_exc", "v"]
    assert (model.receptor_types, model.injectable) == (("exc",), True)
    assert "Leaky" in model().describe()
    with pytest.raises(errors.NonExistentParameterError):
        model(tau=3.0)
    with pytest.raises(errors.InvalidParameterValueError):
        model(cm="x")


def test_parameters_of_every_form() -> None:
    sim.setup()
    model = leaky()
    cells = sim.Population(4, model(cm=[0.1, 0.2, 0.3, 0.4], gl=0.02, el=lambda i: -60.0 - i,
                                    vt=RandomDistribution("uniform", (-52, -48), rng=NumpyRNG(2))))  # fmt: skip
    assert cells.get("gl") == 0.02
    assert cells.get("cm").tolist() == [0.1, 0.2, 0.3, 0.4]
    assert cells.get("el").tolist() == [-60.0, -61.0, -62.0, -63.0]
    assert cells.initial_values["v"].evaluate().tolist() == [-60.0, -61.0, -62.0, -63.0]
    assert len(set(cells.get("vt"))) == 4
    cells[[3, 1]].set(cm=[7.0, 8.0])
    cells[0].gl = 0.5
    assert cells.get("cm").tolist() == [0.1, 8.0, 0.3, 7.0]
    assert cells.get("gl").tolist() == [0.5, 0.02, 0.02, 0.02]
    with pytest.raises(errors.InvalidParameterValueError):
        cells.set(cm=float("nan"))


def test_a_name_with_a_meaning_in_standard_cells_has_none_here() -> None:
    found = run(sim.Neuron("alpha = -1.0; tau_m = -2.0; duration = 1.0", "r = alpha*tau_m"), 0.1, "r")
    assert found["r"][1] == 2.0


def test_injected_current_and_units() -> None:
    """A step of 0.1 nA from 10 ms on, against the solution."""
    sim.setup(timestep=0.1)
    cells = sim.Population(2, leaky()(vt=100.0))
    sim.DCSource(amplitude=0.1, start=10.0, stop=100.0).inject_into(cells[1:])
    cells.record("v")
    sim.run(50.0)
    (signal,) = cells.get_data().segments[0].analogsignals
    assert signal.units.dimensionality.string == "mV"
    t = np.arange(501) * 0.1
    expected = -65 + 0.1 / 0.01 * (1 - np.exp(-np.maximum(t - 10, 0) * 0.01 / 0.2))
    np.testing.assert_allclose(signal.magnitude, np.transpose([np.full(501, -65.0), expected]), atol=1e-9)


def test_no_current_into_a_model_that_does_not_read_it() -> None:
    sim.setup()
    cells = sim.Population(1, sim.Neuron("", "dv/dt = -v", spike="v > 1")())
    with pytest.raises(TypeError):
        cells.inject(sim.DCSource(amplitude=1.0))


OFFSETS = {"IF_cond_exp": 0.3, "IF_curr_alpha": 0.9, "EIF_cond_exp_isfa_ista": 1.0, "HH_cond_exp": 0.5}


@pytest.mark.parametrize("name", OFFSETS)
def test_a_copy_of_a_standard_cells_text_gives_identical_spikes(name: str) -> None:
    text = getattr(standard, name)
    copy = sim.Neuron(text.parameters, text.equations, text.spike, text.reset, text.refractory,
                      receptors=text.receptors, units=text.units, name="Copy")  # fmt: skip
    trains = []
    for model in (getattr(sim, name), copy):
        sim.setup(timestep=0.1, seed=3)
        noise = sim.Population(40, sim.SpikeSourcePoisson(rate=50.0))
        conductance = "cond" in name
        cells = sim.Population(8, model(i_offset=OFFSETS[name]))
        for receptor, weight in (("excitatory", 0.01), ("inhibitory", 0.02)):
            sign = -1 if receptor == "inhibitory" and not conductance else 1
            sim.Projection(noise, cells, sim.FixedProbabilityConnector(0.3, rng=NumpyRNG(5)),
                           sim.StaticSynapse(weight=sign * weight, delay=1.0), receptor_type=receptor)  # fmt: skip
        cells.record("spikes")
        sim.run(500.0)
        trains.append([train.tolist() for train in read(cells).spikes])
    assert trains[0] == trains[1]
    assert sum(map(len, trains[0])) > 20


def test_weights_of_either_sign_on_any_receptor() -> None:
    sim.setup(timestep=1.0, min_delay=1.0)
    source = sim.Population(1, sim.SpikeSourceArray(spike_times=[1.0]))
    cells = sim.Population(2, sim.Neuron("", "dv/dt = g_excitatory : explicit", spike="v > 10")())
    synapse = sim.StaticSynapse(weight=np.array([[-3.0, 2.0]]), delay=1.0)
    sim.Projection(source, cells, sim.AllToAllConnector(), synapse)
    cells.record("v")
    sim.run(4.0)
    assert read(cells)["v"][-1].tolist() == [-3.0, 2.0]


def test_views_assemblies_and_unsorted_records() -> None:
    sim.setup(timestep=1.0)
    ramp = sim.Neuron("a = 1.0", "dr/dt = a", name="Ramp")
    one, other = sim.Population(3, ramp(a=[1.0, 2.0, 3.0])), sim.Population(2, ramp(a=10.0))
    both = one[[2, 0]] + other
    both.record("r")
    sim.run(2.0)
    found = {
        s.annotations.get("source_population", k): s for k, s in enumerate(both.get_data().segments[0].analogsignals)
    }
    last = np.concatenate([np.asarray(s.magnitude[-1]) for s in found.values()])
    assert sorted(last.tolist()) == [2.0, 6.0, 20.0, 20.0]


def test_stdp_on_a_users_neuron_is_that_on_a_standard_cell() -> None:
    """The same spikes before and behind the synapse: the same weights."""
    weights = []
    for model, receptor in ((sim.Neuron("", "x = g_exc", spike="g_exc > 0.5"), "exc"), (None, None)):
        sim.setup(timestep=0.1, min_delay=0.1)
        pre = sim.Population(4, sim.SpikeSourceArray(spike_times=[[5.0], [12.0], [9.9, 20.0], [30.0]]))
        stdp = sim.STDPMechanism(sim.SpikePairRule(), sim.AdditiveWeightDependence(w_max=1.0), weight=0.1, delay=1.0)
        if model is None:
            post = sim.Population(1, sim.IF_curr_delta(tau_refrac=0.1, tau_m=1e6, v_rest=-65.0, v_reset=-65.0))
            weight, receptor = 50.0, "excitatory"
        else:
            post, weight = sim.Population(1, model()), 1.0
        drive = sim.Population(1, sim.SpikeSourceArray(spike_times=[10.0, 25.0]))
        sim.Projection(drive, post, sim.AllToAllConnector(), sim.StaticSynapse(weight=weight, delay=0.1),
                       receptor_type=receptor)  # fmt: skip
        plastic = sim.Projection(pre, post, sim.AllToAllConnector(), stdp, receptor_type=receptor)
        post.record("spikes")
        sim.run(50.0)
        np.testing.assert_allclose(read(post).spikes[0], [10.1, 25.1])
        weights.append(plastic.get("weight", format="array").ravel())
    assert (weights[0] != 0.1).all()
    np.testing.assert_allclose(weights[0], weights[1], rtol=1e-12)


def test_gap_junctions_between_cells_with_v_and_cm() -> None:
    """Two membranes without leak or spikes relax to their mean with the time constant cm/(2 g)."""
    sim.setup(timestep=0.1)
    model = sim.Neuron("cm = 0.5", "dv/dt = i_inj/cm : init=0.0", spike="v > 100")
    cells = sim.Population(2, model(), initial_values={"v": [10.0, 0.0]})
    sim.Projection(cells[:1], cells[1:], sim.AllToAllConnector(), sim.ElectricalSynapse(weight=0.01))
    cells.record("v")
    sim.run(20.0)
    apart = 10 * np.exp(-np.arange(201) * 0.1 * 2 * 0.01 / 0.5)
    np.testing.assert_allclose(read(cells)["v"], np.transpose([5 + apart / 2, 5 - apart / 2]), atol=1e-6)


def test_gap_junctions_need_a_capacitance() -> None:
    sim.setup()
    cells = sim.Population(2, sim.Neuron("", "dv/dt = i_inj", spike="v > 1")())
    with pytest.raises(errors.ConnectionError, match="say what its capacitance is"):
        sim.Projection(cells[:1], cells[1:], sim.AllToAllConnector(), sim.ElectricalSynapse(weight=0.01))


@pytest.mark.parametrize("precision", ["double", "mixed", "single"])
def test_precisions(precision: str) -> None:
    found = run(sim.Neuron("tau = 10.0", "tau*dr/dt = 1 - r"), 10.0, "r", precision=precision)
    assert found["r"][-1] == pytest.approx(1 - np.exp(-1), rel=1e-5 if precision == "single" else 1e-12)


def test_two_models_that_differ_in_defaults_only() -> None:
    sim.setup(timestep=1.0)
    first = sim.Population(2, sim.Neuron("a = 1.0", "dr/dt = a : init=0.5", name="Same")())
    second = sim.Population(2, sim.Neuron("a = 2.0", "dr/dt = a : init=7.0", name="Same")())
    for cells in (first, second):
        cells.record("r")
    sim.run(1.0)
    assert [read(cells)["r"].tolist() for cells in (first, second)] == [[[0.5] * 2, [1.5] * 2], [[7.0] * 2, [9.0] * 2]]


def test_shared_parameters() -> None:
    sim.setup()
    model = sim.Neuron({"tau": sim.Parameter(10.0, locality="population"), "b": 1.0}, "r = tau*b")
    with pytest.raises(errors.InvalidParameterValueError, match="tau has one value for the whole population"):
        sim.Population(2, model(tau=[1.0, 2.0]))
    cells = sim.Population(2, model(tau=3.0, b=[1.0, 2.0]))
    with pytest.raises(errors.InvalidParameterValueError, match="tau has one value for the whole population"):
        cells.set(tau=[1.0, 2.0])
    with pytest.raises(errors.InvalidParameterValueError, match="tau has one value for the whole population"):
        cells[:1].set(tau=5.0)
    assert cells.get("tau") == 3.0


def test_source_is_readable() -> None:
    source = leaky().source()
    for line in ("tau_exc*dg_exc/dt = -g_exc", "cm*dv/dt = gl*(el - v) + g_exc*(0 - v) + i_inj : init=el", "v > vt",
                 "v = el", "refractory = 2.0"):  # fmt: skip
        assert f"// {line}\n" in source


def test_refused_texts() -> None:
    for arguments, says in (
        ({"equations": 3}, "equations: text or Variable objects are expected"),
        ({"equations": [3]}, "equations: text or Variable objects are expected"),
        ({"equations": "r = 1", "parameters": 3}, "parameters are text or a dict"),
        ({"equations": "r = 1", "parameters": {"a": [1, 2]}}, "neither a number nor the name of one"),
        ({"equations": "r = 1", "name": 3}, "the name of a model is text"),
    ):
        with pytest.raises(TypeError, match=says):
            sim.Neuron(**arguments)
    with pytest.raises(EquationError, match="its equations define none"):
        sim.Neuron()


# ---- the compiler ----------------------------------------------------------------------------------------------------


@pytest.fixture
def fresh_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("PYNN_ANNARCHY_CACHE_DIR", str(tmp_path / "cache"))
    build.cache_directory.cache_clear()
    yield tmp_path
    build.cache_directory.cache_clear()


@pytest.mark.cpu
def test_without_a_compiler_the_error_says_what_to_install(fresh_cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    monkeypatch.delenv("CXX", raising=False)
    sim.setup()
    model = sim.Neuron("tau = 10.0", "tau*dr/dt = 1 - r")
    if importlib.util.find_spec("ziglang") is None:
        with pytest.raises(CompilerError, match=r"there is no C\+\+ compiler.*apt install g\+\+.*pip install ziglang"):
            sim.Population(1, model())
    cells = sim.Population(1, sim.IF_cond_exp(i_offset=1.0))
    cells.record("spikes")
    sim.run(50.0)
    sim.reset()
    assert len(cells.get_data().segments[0].spiketrains[0]) > 0


@pytest.mark.cpu  # a device has another program to compile
def test_a_second_process_needs_no_compiler(fresh_cache: Path) -> None:
    script = (
        "import pyNN.annarchy as sim, sys\n"
        "sim.setup()\n"
        "M = sim.Neuron('tau = ' + sys.argv[1], 'tau*dr/dt = 1 - r : init=' + sys.argv[1])\n"
        "p = sim.Population(1, M()); p.record('r'); sim.run(1.0)\n"
        "print(float(p.get_data().segments[0].analogsignals[0][0, 0]))\n"
    )
    root = str(Path(sim.__file__).resolve().parents[1])
    environment = {**os.environ, "PYTHONPATH": root}
    log, wrapper = fresh_cache / "calls", fresh_cache / "counting-c++"
    wrapper.write_text(f'#!/bin/sh\necho call >> "{log}"\nexec "{build.find_compiler().command[0]}" "$@"\n')
    wrapper.chmod(0o755)
    environment["CXX"] = str(wrapper)
    for value in ("10.0", "20.0"):  # another default and initial value is the same source
        done = subprocess.run([sys.executable, "-c", script, value], capture_output=True, text=True, env=environment,
                              cwd=fresh_cache)  # fmt: skip
        assert done.stdout.strip() == value, done.stderr
    assert log.read_text() == "call\n"

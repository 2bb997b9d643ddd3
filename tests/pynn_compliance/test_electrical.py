"""Gap junctions as a PyNN user meets them; their accuracy is tested in tests/engine and tests/parity."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from pyNN import errors
from pyNN.random import NumpyRNG, RandomDistribution
from pyNN.standardmodels import StandardCellType

import pynn_annarchy as sim

GAP = "source_section.gap"
CELLS = [
    "IF_curr_alpha", "IF_curr_exp", "IF_curr_delta", "IF_cond_alpha", "IF_cond_exp", "IF_cond_exp_gsfa_grr",
    "IF_facets_hardware1", "HH_cond_exp", "EIF_cond_alpha_isfa_ista", "EIF_cond_exp_isfa_ista", "Izhikevich",
    "GIF_cond_exp",
]  # fmt: skip
QUIET = {"GIF_cond_exp": {"lambda0": 0.0}}
SLOPE_MV_PER_MS_NA = {"Izhikevich": 1000.0, "HH_cond_exp": 1 / 0.2, "IF_facets_hardware1": 1 / 0.2}
SLOPE_MV_PER_MS_NA |= dict.fromkeys(["EIF_cond_alpha_isfa_ista", "EIF_cond_exp_isfa_ista"], 1 / 0.281)


@pytest.fixture(autouse=True)
def fresh() -> None:
    sim.setup(timestep=0.1)


def cell(name: str, **parameters: Any) -> StandardCellType:
    return getattr(sim, name)(**QUIET.get(name, {}), **parameters)


def join(pre: Any, post: Any, weight: Any = 0.01, connector: Any = None, **options: Any) -> Any:
    connector = sim.OneToOneConnector() if connector is None else connector
    return sim.Projection(pre, post, connector, sim.ElectricalSynapse(weight=weight), **options)


def voltage(*groups: Any) -> np.ndarray:
    """Return the last segment's v of all cells."""
    return np.hstack([group.get_data("v").segments[-1].filter(name="v")[0].magnitude for group in groups])


def passive(n: int = 2, **parameters: Any) -> Any:
    """Return leaky cells that never spike, and record them."""
    cells = sim.Population(n, sim.IF_curr_exp(v_thresh=1e9, **parameters))
    cells.record("v")
    return cells


# ---- on every cell ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("precision", ["double", "mixed", "single"])
@pytest.mark.parametrize("name", CELLS)
def test_the_current_is_that_of_ohms_law_on_every_cell(name: str, precision: str) -> None:
    """Within a short time, as the same current from an electrode does, in both directions."""
    slope, dt, steps = SLOPE_MV_PER_MS_NA.get(name, 1.0), 0.01, 20
    weight = 0.01 / slope
    sim.setup(timestep=dt, precision=precision)
    joined, apart, alone = (sim.Population(2, cell(name)) for _ in range(3))
    for cells in (joined, apart, alone):
        cells.record("v")
        cells.initialize(v=[-68.0, -67.0])
    join(joined[:1], joined[1:], weight)
    for k, sign in enumerate((1, -1)):
        apart[k : k + 1].inject(sim.DCSource(amplitude=sign * weight))
    sim.run(steps * dt)
    effect = (voltage(joined) - voltage(alone))[-1]
    rounding = steps * 65 * 2.0**-24 if precision == "single" else 0.0
    assert_allclose(effect, np.array([1, -1]) * weight * slope * steps * dt, rtol=0.1, atol=rounding)  # leak is 9 %
    assert_allclose(effect, (voltage(apart) - voltage(alone))[-1], rtol=0.05, atol=rounding)


@pytest.mark.parametrize("name", [name for name in CELLS if name != "HH_cond_exp"])
@pytest.mark.parametrize("weight", [1e-9, 1.0, 1e6])
def test_spiking_cells_stay_finite_at_any_conductance(name: str, weight: float) -> None:
    drive = 0.02 if name == "Izhikevich" else 2.0
    options = {} if name == "IF_facets_hardware1" else {"i_offset": [drive, 0.0, 0.3 * drive]}
    cells = sim.Population(3, cell(name, **options))
    if not options:
        cells[:1].inject(sim.DCSource(amplitude=drive))
    cells.record(["v", "spikes"])
    join(cells, cells, weight, sim.AllToAllConnector())
    sim.run(60.0)
    v = voltage(cells)
    assert np.isfinite(v).all()
    assert v.min() > -120.0
    assert v.max() < 40.0
    if weight == 1e-9:
        assert cells.get_spike_counts()[cells[0]] > 0 or name == "GIF_cond_exp"
    if weight == 1e6 and name in ("IF_curr_exp", "IF_cond_exp"):
        trains = cells.get_data("spikes").segments[0].spiketrains
        assert len({tuple(train.magnitude.tolist()) for train in trains[1:]}) == 1


def test_hodgkin_huxley_cells_joined_by_any_conductance_fire_together() -> None:
    spikes = {}
    for weight in (0.0, 10.0, 1e6):
        sim.setup(timestep=0.025)
        cells = sim.Population(2, sim.HH_cond_exp(i_offset=[0.8, 0.4]))
        cells.record(["v", "spikes"])
        join(cells[:1], cells[1:], weight)
        sim.run(80.0)
        assert np.isfinite(voltage(cells)).all()
        spikes[weight] = [train.magnitude for train in cells.get_data("spikes").segments[0].spiketrains]
    assert len(spikes[0.0][0]) != len(spikes[0.0][1])
    mean = sim.setup(timestep=0.025) or sim.Population(1, sim.HH_cond_exp(i_offset=0.6))
    mean.record("spikes")
    sim.run(80.0)
    expected = mean.get_data("spikes").segments[0].spiketrains[0].magnitude
    for weight in (10.0, 1e6):
        assert_array_equal(*spikes[weight])
        assert_allclose(spikes[weight][0], expected, atol=0.1)


def test_upstreams_scenario() -> None:
    """PyNN's test_electrical_synapse, which it skips because pyNN.neuron crashes in it."""
    one, other = (sim.Population(4, sim.HH_cond_exp()) for _ in range(2))
    listed = np.array([[0, 0, 1.0], [0, 1, 1.0], [2, 2, 1.0], [3, 2, 1.0]])
    connector = sim.FromListConnector(listed, column_names=["weight"])
    sim.Projection(one, other, connector, sim.ElectricalSynapse(weight=1.0), source=GAP, receptor_type=GAP)
    source = sim.StepCurrentSource(amplitudes=[1.0], times=[100.0])
    one[0:1].inject(source)
    other[2:3].inject(source)
    for cells in (one, other):
        cells.record("v")
    sim.run(200.0)
    swing = [np.ptp(voltage(cells), axis=0) for cells in (one, other)]
    assert (swing[0][[0, 2, 3]] > 50).all()
    assert (swing[1][:3] > 50).all()
    assert swing[0][1] == swing[1][3] == pytest.approx(0, abs=1.0)


# ---- which cells -----------------------------------------------------------------------------------------------------


def test_direction_makes_no_difference() -> None:
    def run(forth: bool) -> np.ndarray:
        sim.setup(timestep=0.1)
        cells = passive(2, cm=[1.0, 0.3])
        cells.initialize(v=[-60.0, -70.0])
        join(*((cells[:1], cells[1:]) if forth else (cells[1:], cells[:1])), 0.03)
        sim.run(20.0)
        return voltage(cells)

    assert_array_equal(run(True), run(False))


def test_a_pair_that_is_joined_twice_and_a_cell_with_itself() -> None:
    """All-to-all within a population joins every pair twice."""
    many, listed = passive(3), passive(3)
    for cells in (many, listed):
        cells.initialize(v=[-60.0, -70.0, -50.0])
    projection = join(many, many, 0.01, sim.AllToAllConnector())
    assert projection.size() == 9
    join(listed, listed, 0.02, sim.FromListConnector([(0, 1, 0.02), (0, 2, 0.02), (2, 1, 0.02)], ["weight"]))
    sim.run(30.0)
    assert_allclose(voltage(many), voltage(listed), rtol=0, atol=1e-11)


def test_charge_is_conserved_between_populations_assemblies_and_views() -> None:
    capacitance = np.array([0.5, 1.0, 2.0, 0.3, 0.7])
    tau = 1e15
    first = passive(3, cm=capacitance[:3], tau_m=tau)
    second = sim.Population(2, sim.IF_cond_exp(cm=capacitance[3:], tau_m=tau, v_thresh=1e9))
    second.record("v")
    first.initialize(v=[-50.0, -60.0, -70.0])
    second.initialize(v=[-90.0, -40.0])
    together = first + second  # of cells that have no receptor of the same kind
    join(together, together[np.array([4, 0, 1])], 0.02, sim.FixedProbabilityConnector(0.6, rng=NumpyRNG(3)))
    projection = join(first[[2, 0]], second[1:], 0.4, sim.AllToAllConnector())
    assert [row[:2] for row in projection.get("weight", "list")] == [(0, 0), (1, 0)]
    sim.run(50.0)
    v = voltage(first, second)
    charge = v @ capacitance
    assert_allclose(charge, charge[0], rtol=1e-12)
    assert np.ptp(v[-1]) < 0.5 * np.ptp(v[0])


def test_an_assembly_of_cells_without_a_common_receptor() -> None:
    """PyNN wants receptors of one kind; a gap junction needs none."""
    current, conductance = sim.Population(1, sim.IF_curr_exp()), sim.Population(1, sim.IF_cond_exp())
    both = current + conductance
    both.record("v")
    both.initialize(v=-55.0)
    projection = join(both, both, 0.01, sim.AllToAllConnector(allow_self_connections=False))
    assert projection.size() == 2
    assert projection.receptor_type == GAP
    assert "ElectricalSynapse" in projection.describe()
    sim.run(1.0)
    assert_allclose(voltage(current), voltage(conductance), rtol=0, atol=1e-12)


def test_composed_cells_are_joined_as_their_twins_are() -> None:
    membrane, response = sim.LIF(cm=0.5, i_offset=[1.5, 0.0]), sim.CurrExpPostSynapticResponse(tau_syn=2.0)
    types = [
        (sim.PointNeuron(membrane, excitatory=response), sim.IF_curr_exp(cm=0.5, i_offset=[1.5, 0.0])),
        (sim.PointNeuron(sim.AdExp(), ampa=sim.AlphaPSR(tau_syn=2.0, e_syn=0.0)), sim.EIF_cond_alpha_isfa_ista()),
    ]
    pairs = [[sim.Population(2, celltype) for celltype in both] for both in types]
    for cells in (cells for both in pairs for cells in both):
        cells.record("v")
        cells.initialize(v=[-60.0, -64.0])
        join(cells[:1], cells[1:], 0.03)
    sim.run(30.0)
    for composed, twin in pairs:
        assert_array_equal(voltage(composed), voltage(twin))
    coupled = np.exp(-2 * 0.03 / 0.281 * 30.0)  # what junctions alone leave of a difference
    assert np.ptp(voltage(pairs[1][0])[-1]) < 4.0 * coupled


def test_spikes_and_resets_do_not_leak_through_the_junction() -> None:
    """A refractory cell is a fixed potential: what its neighbour gets is g*(v_reset - v), exactly exponential."""
    spiking = sim.Population(1, sim.IF_curr_exp(tau_refrac=10.0, v_reset=-80.0, i_offset=2.0))
    other = passive(1, cm=0.5)
    spiking.record(["v", "spikes"])
    spiking.initialize(v=-50.05)
    join(spiking, other, 0.05)
    sim.run(10.0)
    spike = round(float(spiking.get_data("spikes").segments[0].spiketrains[0].magnitude[0]) / 0.1)
    v, w = voltage(spiking)[:, 0], voltage(other)[:, 0]
    held = slice(spike, spike + 100 - 2)
    assert (v[held] == -80.0).all()
    rate = 1 / 20.0 + 0.05 / 0.5
    rest = (-65.0 / 20.0 - 80.0 * 0.05 / 0.5) / rate
    w = w[held]
    assert_allclose(w, rest + (w[0] - rest) * np.exp(-rate * 0.1 * np.arange(w.size)), rtol=0, atol=5e-4)


# ---- setting, reading, running again ---------------------------------------------------------------------------------


def test_weights_are_set_and_read_before_between_and_after_runs(tmp_path: Path) -> None:
    cells = passive(3)
    cells.initialize(v=[-60.0, -70.0, -50.0])
    projection = join(cells, cells, "0.01*(d + 1)", sim.AllToAllConnector(allow_self_connections=False))
    assert_allclose(projection.get("weight", "array")[0], [np.nan, 0.02, 0.03])
    sim.run(5.0)
    projection.set(weight=0.0)
    before = voltage(cells)[-1]
    sim.run(5.0)
    assert_allclose(voltage(cells)[-1] + 65, (before + 65) * np.exp(-5 / 20.0), rtol=1e-12)
    projection[0].weight = 0.5
    assert projection[0].weight == 0.5
    assert projection.get("weight", "list", with_address=False) == [0.5, 0, 0, 0, 0, 0]
    projection.set(weight=[0.1, 0.2, 0.3, 0.4, 0.5, 0.6])
    projection.save("all", str(tmp_path / "junctions"))
    copy = join(cells, cells, 0.0, sim.FromFileConnector(str(tmp_path / "junctions")))
    assert copy.get("weight", "list") == projection.get("weight", "list")
    sim.run(200.0)
    assert np.ptp(voltage(cells)[-1]) < 1e-10


def test_reset_keeps_the_weights_and_gives_the_same_run() -> None:
    cells = sim.Population(4, sim.IF_cond_exp(i_offset=[3.0, 1.2, 0.0, 0.4]))
    cells.record(["v", "spikes"])
    projection = join(cells, cells, 0.0, sim.AllToAllConnector())
    projection.set(weight=RandomDistribution("uniform", (0.0, 0.05), rng=NumpyRNG(4)))
    weights = projection.get("weight", "list")
    sim.run(50.0)
    first = voltage(cells)
    sim.reset()
    sim.run(50.0)
    assert_array_equal(voltage(cells), first)
    assert projection.get("weight", "list") == weights
    assert sum(cells.get_spike_counts().values()) > 0


@pytest.mark.threaded
def test_the_same_bits_on_any_number_of_threads() -> None:
    def run(threads: int) -> list[np.ndarray]:
        sim.setup(timestep=0.1, threads=threads)
        groups = [sim.Population(90, cell(name)) for name in ("IF_cond_exp", "HH_cond_exp", "Izhikevich")]
        for group in groups:
            group.record("v")
            group.initialize(v=RandomDistribution("uniform", (-75.0, -55.0), rng=NumpyRNG(5)))
        groups[0].set(i_offset=1.0)
        everyone = groups[0] + groups[1] + groups[2]
        weight = RandomDistribution("lognormal", (-6.0, 2.0), rng=NumpyRNG(6))
        join(everyone, everyone, weight, sim.FixedProbabilityConnector(0.01, rng=NumpyRNG(7)))
        sim.Projection(groups[0], groups[1], sim.FixedProbabilityConnector(0.1, rng=NumpyRNG(8)),
                       sim.StaticSynapse(weight=0.002, delay=1.5))  # fmt: skip
        sim.run(30.0)
        return [voltage(group) for group in groups]

    one = run(1)
    assert all(np.isfinite(v).all() for v in one)
    for threads in (2, 3):
        for a, b in zip(run(threads), one, strict=True):
            assert_array_equal(a, b)


# ---- bad input -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("weight", "says"),
    [
        (-0.1, "-0.1; the conductance of a gap junction is not negative"),
        ([0.1, -1e-9, 0.2], "-1e-09; the conductance"),
        (np.nan, "a weight is nan"),
        (np.inf, "a weight is inf"),
        (RandomDistribution("uniform", (-2.0, -1.0), rng=NumpyRNG(1)), "not negative"),
        ("-1 - d", "not negative"),
        (lambda d: -1.0 - d, "not negative"),
        ("nonsense", "is not an expression in d"),
        ({}, "is no number, array, random distribution"),
        (1j, "is no number, array, random distribution"),
        ([0.1, 0.2], "2 values for 3 connections"),
    ],
)  # fmt: skip
def test_what_cannot_be_a_conductance(weight: Any, says: str) -> None:
    cells = passive(3)
    cells.initialize(v=[-60.0, -70.0, -50.0])
    kept = join(cells, cells, 0.02, sim.FromListConnector([(0, 1, 0.02), (1, 2, 0.0), (2, 0, 0.03)], ["weight"]))
    with pytest.raises((errors.ConnectionError, ValueError, TypeError), match=says):
        join(cells, cells, weight)
    with pytest.raises((errors.ConnectionError, ValueError, TypeError)):
        kept.set(weight=weight)
    assert kept.get("weight", "list", with_address=False) == [0.02, 0.0, 0.03]
    with pytest.raises((errors.ConnectionError, ValueError, TypeError)):
        kept[1].weight = weight if not isinstance(weight, RandomDistribution | list) else -1.0
    assert kept[1].weight == 0.0
    sim.run(1.0)


@pytest.mark.parametrize("name", ["SpikeSourcePoisson", "SpikeSourceArray"])
def test_cells_without_a_membrane(name: str) -> None:
    cells, sources = passive(2), sim.Population(2, getattr(sim, name)())
    for ends in ((cells, sources), (sources, cells), (cells + sources, cells)):
        with pytest.raises(errors.ConnectionError, match=f"needs cells with a membrane potential.*{name}"):
            join(*ends)


@pytest.mark.parametrize("end", ["source", "receptor_type"])
@pytest.mark.parametrize("place", ["excitatory", "inhibitory", "soma"])
def test_a_junction_is_not_at_a_receptor(end: str, place: str) -> None:
    cells = passive(2)
    with pytest.raises(errors.ConnectionError, match=f"{end}='{place}': a gap junction joins membranes; .*{GAP}"):
        join(cells, cells, **{end: place})


def test_wrong_parameters_and_combinations() -> None:
    cells = passive(2)
    for name in ("delay", "g"):
        with pytest.raises(
            errors.NonExistentParameterError, match="valid parameters for ElectricalSynapse are: weight"
        ):
            sim.ElectricalSynapse(**{name: 1.0})
    with pytest.raises(ValueError, match="delay is not a parameter of ElectricalSynapse"):
        join(cells, cells, 0.1, sim.FromListConnector([(0, 1, 0.1, 1.0)]))
    with pytest.raises(TypeError, match="'all' is not an object of one of PyNN's connectors"):
        join(cells, cells, 0.1, "all")
    with pytest.raises(TypeError, match="weight_dependence=ElectricalSynapse"):
        sim.STDPMechanism(timing_dependence=sim.SpikePairRule(), weight_dependence=sim.ElectricalSynapse())
    projection = join(cells, cells)
    with pytest.raises(errors.NonExistentParameterError, match="delay"):
        projection.set(delay=1.0)
    with pytest.raises(ValueError, match="no state variable 'x'"):
        projection.initialize(x=1.0)
    with pytest.raises(ValueError, match="'weight' of ElectricalSynapse cannot be recorded"):
        projection.record("weight")
    assert len(projection) == 2

"""Rows IN01 to IN04: Poisson processes, and spikes at given times."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyNN.annarchy as sim
import pytest
from neuron_runs import read
from pyNN import errors
from scipy import stats

from pynn_annarchy.native.errors import EquationError

SIGNIFICANCE = 1e-4  # of every statistical test here; seeds are fixed, so that each has passed once and for all


def setup(dt: float = 1.0, **more: Any) -> None:
    sim.setup(timestep=dt, min_delay=dt, max_delay=20.0, seed=42, **more)


def counts(population: Any) -> np.ndarray:
    return np.array([len(train) for train in population.get_data().segments[-1].spiketrains])


def assert_mean_count(found: np.ndarray, expected: float, variance: float) -> None:
    """The mean of independent counts, by a normal test; the variance is that of one of them."""
    z = (found.sum() - found.size * expected) / np.sqrt(found.size * variance)
    assert 2 * stats.norm.sf(abs(z)) > SIGNIFICANCE, (found.mean(), expected)


# ---- IN01 ------------------------------------------------------------------------------------------------------------


def test_IN01_poisson_population_constant() -> None:
    """In n steps a cell spikes with p = rate dt in each: binomial counts."""
    setup()
    cells = sim.Population(200, sim.PoissonPopulation(rates=50.0))
    cells.record("spikes")
    sim.run(1000.0)
    found = counts(cells)
    assert_mean_count(found, 50.0, 1000 * 0.05 * 0.95)
    assert stats.chi2.sf(found.var(ddof=1) / (1000 * 0.05 * 0.95) * 199, 199) > SIGNIFICANCE
    intervals = np.concatenate([np.diff(t.magnitude) for t in cells.get_data().segments[0].spiketrains])
    observed = np.array([(intervals == k).sum() for k in range(1, 60)])
    chances = stats.geom.pmf(np.arange(1, 60), 0.05)
    expected = chances / chances.sum() * observed.sum()  # long intervals are cut off at the end of the run
    assert stats.chisquare(observed, expected).pvalue > SIGNIFICANCE


def test_IN01_poisson_population_array() -> None:
    setup()
    rates = np.repeat([0.0, 20.0, 80.0], 100)
    cells = sim.Population(300, sim.PoissonPopulation(rates=rates))
    cells.record("spikes")
    sim.run(1000.0)
    groups = counts(cells).reshape(3, 100)
    assert (groups[0] == 0).all()
    for found, rate in zip(groups[1:], (20.0, 80.0), strict=True):
        assert_mean_count(found, rate, rate * (1 - rate / 1000))
    cells.set(rates=5.0)
    assert cells.get("rates") == 5.0


def test_IN01_poisson_population_equation() -> None:
    """The rate is that of the beginning of the step; 100 steps of a sine with an amplitude that can be set."""
    setup()
    kind = sim.PoissonPopulation(rates="amp*(1 + sin(2*pi*t/500))/2", parameters="amp = 100.0")
    cells = sim.Population(500, kind)
    cells.record(["spikes", "rates"])
    sim.run(500.0)
    cells.set(amp=400.0)
    sim.run(500.0)
    t = np.arange(1000.0)
    expected = np.where(t < 500, 100.0, 400.0) * (1 + np.sin(2 * np.pi * t / 500)) / 2
    found = read(cells)
    np.testing.assert_allclose(found["rates"][1:, 7], expected, rtol=1e-9, atol=1e-9)
    spikes = np.concatenate(found.spikes)
    for first in range(0, 1000, 50):
        p = expected[first : first + 50] / 1000
        number = ((spikes > first + 0.5) & (spikes < first + 50.5)).sum()
        z = (number - 500 * p.sum()) / np.sqrt(500 * (p * (1 - p)).sum())
        assert 2 * stats.norm.sf(abs(z)) > SIGNIFICANCE


def test_IN01_poisson_population_refractory() -> None:
    """After each spike, 5 steps of rest, and then a geometric waiting time of the mean 1/p."""
    setup()
    cells = sim.Population(200, sim.PoissonPopulation(rates=200.0, refractory=5.0))
    cells.record("spikes")
    sim.run(2000.0)
    intervals = np.concatenate([np.diff(t.magnitude) for t in cells.get_data().segments[0].spiketrains])
    assert intervals.min() == 6.0
    z = (intervals.mean() - (5 + 1 / 0.2)) / np.sqrt(0.8 / 0.2**2 / intervals.size)
    assert 2 * stats.norm.sf(abs(z)) > SIGNIFICANCE


def test_IN01_rates_go_on_while_refractory() -> None:
    setup()
    cells = sim.Population(1, sim.PoissonPopulation(rates="1000.0 + t", refractory=3.0))
    cells.record(["spikes", "rates"])
    sim.run(8.0)
    found = read(cells)
    assert found["rates"][1:].tolist() == [1000.0 + k for k in range(8)]
    assert found.spikes[0].tolist() == [1.0, 5.0]


def test_IN01_functions_and_constants_of_an_expression_are_those_of_now() -> None:
    for rate in (1000.0, 0.0):
        setup()
        sim.add_function(f"strength(x) = {rate} + 0*x")
        cells = sim.Population(2, sim.PoissonPopulation(rates="strength(t)"))
        cells.record("spikes")
        sim.run(5.0)
        assert counts(cells).tolist() == [5 * rate / 1000] * 2
    sim.Constant("level", 1000.0)
    cells = sim.Population(1, sim.PoissonPopulation(rates="level"))
    cells.record("rates")
    sim.run(1.0)
    assert read(cells)["rates"][-1] == 1000.0


def test_IN01_conditional_rate_and_bad_arguments() -> None:
    setup()
    cells = sim.Population(1, sim.PoissonPopulation(rates="if t > 3: 1000.0 else: 0.0"))
    cells.record("spikes")
    sim.run(6.0)
    assert read(cells).spikes[0].tolist() == [5.0, 6.0]
    with pytest.raises(ValueError, match="either of them"):
        sim.PoissonPopulation(rates=3.0, target="exc")
    with pytest.raises(ValueError, match="only an expression"):
        sim.PoissonPopulation(rates=3.0, parameters="a = 2.0")
    with pytest.raises(EquationError, match="unknown symbol 'amp'"):
        sim.PoissonPopulation(rates="amp*t")


# ---- IN02 to IN04 ----------------------------------------------------------------------------------------------------


def test_IN02_unsorted_and_dense_schedules() -> None:
    """Several spikes of one step are several spikes, each at its own time."""
    setup()
    times = sim.sorted_spike_times([[30.0, 10.0, 10.4, 10.6, 20.0], [5.0]])
    cells = sim.Population(2, sim.SpikeSourceArray(spike_times=times))
    target = sim.Population(1, sim.Neuron(equations="n = n + g_exc", spike="n > 100")())
    synapse = sim.StaticSynapse(weight=1.0, delay=1.0)
    sim.Projection(cells, target, sim.AllToAllConnector(), synapse, receptor_type="exc")
    cells.record("spikes")
    target.record("n")
    assert cells.get("spike_times")[0].value.tolist() == [10.0, 10.4, 10.6, 20.0, 30.0]
    sim.run(40.0)
    trains = read(cells).spikes
    np.testing.assert_allclose(trains[0], [10.0, 10.4, 10.6, 20.0, 30.0])
    assert trains[1].tolist() == [5.0]
    assert read(target)["n"][[6, 7, 11, 12, 13, 22, 32]].tolist() == [0.0, 1.0, 1.0, 2.0, 4.0, 5.0, 6.0]
    cells[0:1].set(spike_times=sim.sorted_spike_times([[60.0, 50.0]])[0])
    sim.run(30.0)
    np.testing.assert_allclose(read(cells).spikes[0][5:], [50.0, 60.0])


def test_IN02_unsorted_times_are_said() -> None:
    setup()
    with pytest.raises(errors.InvalidParameterValueError, match=r"ascending order; sorted_spike_times\(\) puts them"):
        sim.Population(1, sim.SpikeSourceArray(spike_times=[3.0, 1.0]))
    for wrong in ([3.0, 1.0], 5, [["a"]]):
        with pytest.raises(TypeError, match="not a sequence of spike times for each cell"):
            sim.sorted_spike_times(wrong)


PRE = [[2.0, 30.0, 31.0], [5.0, 33.0], [1.0, 7.0, 50.0]]
POST = [[4.0, 20.0, 40.0], [10.0, 36.0]]


def source(times: list[list[float]]) -> Any:
    return sim.Population(len(times), sim.SpikeSourceArray(spike_times=[sim.Sequence(row) for row in times]))


def parrots(times: list[list[float]]) -> Any:
    """Cells that spike at these times because others make them: one step after those."""
    population = sim.Population(len(times), sim.Neuron(equations="x = g_exc", spike="g_force > 0", name="Parrot")())
    driving = source([[t - 1.0 for t in row] for row in times])
    force = sim.StaticSynapse(weight=1.0, delay=1.0)
    sim.Projection(driving, population, sim.OneToOneConnector(), force, receptor_type="force")
    return population


def stdp(**more: Any) -> Any:
    timing = sim.SpikePairRule(tau_plus=20.0, tau_minus=15.0, A_plus=0.01, A_minus=0.012)
    dependence = sim.AdditiveWeightDependence(w_min=0.0, w_max=1.0)
    return sim.STDPMechanism(timing_dependence=timing, weight_dependence=dependence, weight=0.5, delay=2.0, **more)


@pytest.mark.parametrize("fraction", [1.0, 0.0])
@pytest.mark.parametrize("threads", [1, 2])
def test_IN03_stdp_between_sources_is_that_of_parrots(fraction: float, threads: int) -> None:
    learned = []
    for target in (source, parrots):
        setup(threads=threads)
        post = target(POST)
        post.record("spikes")
        plastic = sim.Projection(
            source(PRE),
            post,
            sim.AllToAllConnector(),
            stdp(dendritic_delay_fraction=fraction),
            receptor_type="exc",
        )
        sim.Projection(source(PRE), post, sim.AllToAllConnector(), sim.StaticSynapse(weight=5.0), receptor_type="exc")
        for _ in range(4):  # however the run is cut
            sim.run(20.0)
        assert [train.tolist() for train in read(post).spikes] == POST
        learned.append(plastic.get("weight", "array"))
    assert np.ptp(learned[0]) > 0.001
    np.testing.assert_array_equal(learned[0], learned[1])


def test_IN03_stdp_between_sources_by_hand() -> None:
    """One pair, the target 5 ms after the source, the whole delay dendritic: +10 after 5 - (-2) ms, in units of A."""
    setup()
    pre, post = source([[10.0]]), source([[15.0]])
    plastic = sim.Projection(pre, post, sim.OneToOneConnector(), stdp(dendritic_delay_fraction=1.0))
    sim.run(20.0)
    assert plastic.get("weight", "array")[0, 0] == pytest.approx(0.5 + 0.01 * np.exp(-7 / 20), rel=1e-12)


def test_IN03_mixed_targets_and_static_synapses() -> None:
    """Synapses of one projection onto sources and onto cells: the latter get their input, as if alone."""
    setup()
    cells, sources = sim.Population(2, sim.IF_curr_exp()), source([[3.0], [4.0]])
    cells.record("v")
    both = sources + cells
    static = sim.Projection(
        source([[2.0]]), both, sim.AllToAllConnector(), sim.StaticSynapse(weight=[0.5, 1.0, 2.0, 4.0], delay=1.0)
    )
    sim.run(10.0)
    mixed = read(cells).traces["v"]
    assert static.get("weight", "list", with_address=False) == [0.5, 1.0, 2.0, 4.0]
    setup()
    cells = sim.Population(2, sim.IF_curr_exp())
    cells.record("v")
    sim.Projection(source([[2.0]]), cells, sim.AllToAllConnector(), sim.StaticSynapse(weight=[2.0, 4.0], delay=1.0))
    sim.run(10.0)
    np.testing.assert_array_equal(mixed, read(cells).traces["v"])


def test_IN03_many_static_synapses_of_one_weight() -> None:
    setup()
    first, second = sim.Population(50, sim.SpikeSourcePoisson(rate=100.0)), sim.Population(50, sim.IF_curr_exp())
    onto_sources = sim.Projection(first, first, sim.AllToAllConnector(), sim.StaticSynapse(weight=0.1))
    sim.Projection(first, second, sim.AllToAllConnector(), sim.StaticSynapse(weight=0.1))
    first.record("spikes")
    sim.run(50.0)
    onto_sources.set(weight=0.2, delay=2.0)
    sim.run(50.0)
    assert counts(first).sum() > 300 and len(onto_sources) == 2500


@pytest.mark.parametrize(
    "kind", ["SpikeSourcePoisson", "SpikeSourceGamma", "PoissonPopulation", "HomogeneousCorrelatedSpikeTrains"]
)
def test_IN03_other_sources_are_targets(kind: str) -> None:
    """Their spikes are the same with and without connections onto them, and synapses that count them count them all."""
    Counting = sim.Synapse(equations="n = n : event-driven", post_spike="n += 1")
    trains = []
    for connected in (False, True):
        setup()
        cells = sim.Population(3, getattr(sim, kind)())
        cells.record("spikes")
        if connected:
            counted = sim.Projection(source([[5.0]]), cells, sim.AllToAllConnector(), Counting(weight=1.0, delay=1.0))
        sim.run(3000.0)
        trains.append([train.tolist() for train in read(cells).spikes])
    assert trains[0] == trains[1]
    assert counted.get("n", "array")[0].tolist() == [len(train) for train in trains[1]] and sum(map(len, trains[1]))


def test_IN03_rules_that_read_targets_are_refused() -> None:
    setup()
    Reading = sim.Synapse(equations="n = n : event-driven", pre_spike="n += post.v")
    with pytest.raises(errors.ConnectionError, match=r"reads or changes post\.v, which SpikeSourceArray lacks"):
        sim.Projection(source([[5.0]]), source([[6.0]]), sim.AllToAllConnector(), Reading())


def test_IN04_schedules_change_between_runs_and_after_reset() -> None:
    """Times are those of the simulation, which begins anew at reset()."""
    setup()
    cells = source([[5.0, 12.0, 30.0]])
    cells.record("spikes")
    sim.run(10.0)
    cells.set(spike_times=[3.0, 11.0, 25.0])  # what lies in the past does not happen
    sim.run(20.0)
    assert read(cells).spikes[0].tolist() == [5.0, 11.0, 25.0]
    sim.reset()
    sim.run(12.0)
    assert read(cells).spikes[0].tolist() == [3.0, 11.0]
    sim.reset()
    cells.spike_times = sim.Sequence([1.0, 7.0])
    sim.run(12.0)
    assert read(cells).spikes[0].tolist() == [1.0, 7.0]

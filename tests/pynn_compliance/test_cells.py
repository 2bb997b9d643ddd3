"""Cell types: PyNN's names, defaults and units reach the engine; spike sources take their schedules."""

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from pyNN.parameters import ArrayParameter, Sequence
from pyNN.standardmodels import cells as pynn_cells

import pynn_annarchy as sim
from pynn_annarchy.standardmodels import cells as our_cells

ALL = our_cells.__all__


@pytest.fixture(autouse=True)
def fresh():
    sim.setup(timestep=0.1)


def spikes(population):
    population.record("spikes")
    return lambda: [train.magnitude for train in population.get_data("spikes").segments[-1].spiketrains]


@pytest.mark.parametrize("name", ALL)
def test_parameters_go_to_the_engine_and_come_back(name):
    celltype = getattr(sim, name)
    reference = getattr(pynn_cells, name)
    assert celltype.default_parameters == reference.default_parameters
    assert set(reference.recordable) <= set(celltype.recordable)
    population = sim.Population(3, celltype())
    for parameter, value in celltype.default_parameters.items():
        assert population.get(parameter) == value, parameter
    numeric = [p for p, value in celltype.default_parameters.items() if isinstance(value, int | float)]
    for k, parameter in enumerate(numeric):
        value = celltype.default_parameters[parameter] + 1.0 + 0.01 * k
        population[[2, 1]].set(**{parameter: [value, value + 0.5]})
        expected = [celltype.default_parameters[parameter], value + 0.5, value]
        assert_allclose(population.get(parameter), expected, rtol=1e-14)


@pytest.mark.parametrize("name", [n for n in ALL if not n.startswith("SpikeSource")])
def test_defaults_are_the_kernels(name):
    from pynn_annarchy.native import kernels

    celltype = getattr(sim, name)()
    kernel = celltype.kernel("double")
    assert kernel is not None and kernels.standard(name).name == kernel.name
    parameters = celltype.native_parameters
    parameters.shape = (1,)
    parameters.evaluate(simplify=True)
    for parameter, value in parameters.as_dict().items():
        if parameter in celltype.vector_parameters:
            assert_array_equal([kernel.parameters[f"{parameter}_{k}"] for k in (1, 2, 3)], value.value)
        else:
            assert kernel.parameters[parameter] == pytest.approx(value), parameter
    assert kernel.receptors == tuple(celltype.receptor_types)


def test_conductances_in_nanosiemens():
    population = sim.Population(1, sim.EIF_cond_exp_isfa_ista(a=7.0))
    assert population.native.get_parameter("a") == pytest.approx(0.007)
    assert population.get("a") == pytest.approx(7.0)


# ---- vectors of fixed length -----------------------------------------------------------------------------------------


def test_gif_vectors():
    population = sim.Population(
        3, sim.GIF_cond_exp(tau_eta=(2.0, 20.0, 200.0), a_eta=[[1, 2, 3], [4, 5, 6], [7, 8, 9]])
    )
    assert population.get("tau_eta") == ArrayParameter([2.0, 20.0, 200.0])
    assert_array_equal([a.value for a in population.get("a_eta")], [[1, 2, 3], [4, 5, 6], [7, 8, 9]])
    population[1:].set(tau_gamma=ArrayParameter([3.0, 4.0, 5.0]))
    assert population[0].tau_gamma == ArrayParameter([1.0, 10.0, 100.0])
    assert population[2:].get("tau_gamma") == ArrayParameter([3.0, 4.0, 5.0])


def test_gif_starts_from_its_initial_currents_and_threshold():
    population = sim.Population(2, sim.GIF_cond_exp(v_t_star=[-48.0, -40.0], lambda0=0.0, tau_eta=[2.0, 5.0, 9.0]))
    population[1:].initialize(i_eta=0.5, v_t=-39.0)
    population.record(["i_eta", "v_t"])
    sim.run(1.0)
    data = {s.name: s.magnitude for s in population.get_data().segments[0].analogsignals}
    assert_allclose(data["i_eta"][[0, 10]], [[0.0, 0.5], [0.0, 0.5 * np.exp(-1.0 / 2.0)]], atol=1e-12)
    assert_allclose(data["v_t"][[0, 10]], [[-48.0, -39.0], [-48.0, -40.0 + np.exp(-1.0 / 1.0)]], atol=1e-12)


# ---- spike sources ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "times",
    [
        [1.0, 2.0, 2.05],
        np.array([1.0, 2.0, 2.05]),
        Sequence([1.0, 2.0, 2.05]),
        [Sequence([1.0, 2.0, 2.05])] * 2,
        [[1.0, 2.0, 2.05], [1.0, 2.0, 2.05]],
        lambda i: [Sequence([1.0, 2.0, 2.05]) for _ in i],
    ],
    ids=["list", "array", "sequence", "sequences", "lists", "function"],
)
def test_forms_of_spike_times(times):
    source = sim.Population(2, sim.SpikeSourceArray(spike_times=times))
    recorded = spikes(source)
    assert_array_equal(source.get("spike_times").value, [1.0, 2.0, 2.05])
    sim.run(3.0)
    assert_array_equal(recorded(), [[1.0, 2.0, 2.05]] * 2)


def test_spike_train_in_seconds():
    import neo

    train = neo.SpikeTrain([0.001, 0.0023], units="s", t_stop=1.0)
    source = sim.Population(1, sim.SpikeSourceArray(spike_times=Sequence(train)))
    recorded = spikes(source)
    sim.run(3.0)
    assert_allclose(recorded(), [[1.0, 2.3]])


def test_spike_times_at_zero_and_at_the_end():
    source = sim.Population(1, sim.SpikeSourceArray(spike_times=[0.0, 0.5, 1.0, 1.1]))
    recorded = spikes(source)
    sim.run(1.0)
    assert_allclose(recorded(), [[0.0, 0.5, 1.0]])
    sim.run(1.0)
    assert_allclose(recorded(), [[0.0, 0.5, 1.0, 1.1]])


def test_spike_time_on_a_grid_that_is_no_binary_fraction():
    sim.setup(timestep=0.3)
    source = sim.Population(1, sim.SpikeSourceArray(spike_times=[0.9, 1.2]))
    recorded = spikes(source)
    sim.run(0.9)
    assert recorded()[0].tolist() == [0.9]
    sim.run(0.9)
    assert recorded()[0].tolist() == [0.9, 1.2]


def test_spike_times_appended_between_runs():
    source = sim.Population(3, sim.SpikeSourceArray(spike_times=[1.0, 12.0]))
    recorded = spikes(source)
    sim.run(10.0)
    source[[2, 0]].set(spike_times=[Sequence([1.0, 5.0, 13.0]), Sequence([])])
    assert [t.value.tolist() for t in source.get("spike_times")] == [[], [1.0, 12.0], [1.0, 5.0, 13.0]]
    sim.run(10.0)
    assert [r.tolist() for r in recorded()] == [[1.0], [1.0, 12.0], [1.0, 13.0]]
    source[1].spike_times = np.append(source[1].spike_times.value, 25.0)
    sim.run(10.0)
    assert recorded()[1].tolist() == [1.0, 12.0, 25.0]


def test_spike_times_after_a_reset():
    source = sim.Population(1, sim.SpikeSourceArray(spike_times=[1.0, 2.0]))
    recorded = spikes(source)
    for _ in range(2):
        sim.run(3.0)
        assert_array_equal(recorded(), [[1.0, 2.0]])
        sim.reset()


def test_thousands_of_spike_times():
    rng = np.random.default_rng(1)
    times = [np.sort(rng.uniform(0, 100, 3000)) for _ in range(50)]
    source = sim.Population(50, sim.SpikeSourceArray(spike_times=[Sequence(t) for t in times]))
    recorded = spikes(source)
    sim.run(100.0)
    for got, given in zip(recorded(), times, strict=True):
        assert_array_equal(got, given)


def rates(population, duration):
    counts = population.get_spike_counts()
    return np.array([counts[int(cell)] for cell in population.all_cells]) / duration * 1000


def within(counts_rate, rate, duration, errors=4.5):
    return abs(counts_rate.mean() - rate) < errors * np.sqrt(rate / (duration / 1000) / counts_rate.size)


def test_poisson_start_duration_and_changes_between_runs():
    source = sim.Population(200, sim.SpikeSourcePoisson(rate=50.0, start=100.0, duration=800.0))
    recorded = spikes(source)
    sim.run(1000.0)
    times = np.concatenate(recorded())
    assert times.min() >= 100.0 and times.max() <= 900.0
    assert within(rates(source, 800.0), 50.0, 800.0)
    source.record(None)
    source.set(rate=200.0, start=0.0, duration=1e10)
    source.record("spikes")
    sim.run(1000.0)
    assert within(rates(source, 1000.0), 200.0, 1000.0)
    source[:100].set(rate=0.0)
    source.get_data(clear=True)
    sim.run(100.0)
    assert (rates(source[:100], 100.0) == 0).all() and (rates(source[100:], 100.0) > 0).any()


def test_gamma_shape_is_not_truncated():
    source = sim.Population(100, sim.SpikeSourceGamma(alpha=2.5, beta=250.0))
    assert source.get("alpha") == 2.5
    recorded = spikes(source)
    sim.run(2000.0)
    intervals = np.concatenate([np.diff(r) for r in recorded()])
    assert abs(intervals.mean() / 10.0 - 1) < 0.03 and abs(intervals.var() / 40.0 - 1) < 0.1


def test_refractory_poisson():
    source = sim.Population(100, sim.SpikeSourcePoissonRefractory(rate=100.0, tau_refrac=5.0))
    recorded = spikes(source)
    sim.run(2000.0)
    intervals = np.concatenate([np.diff(r) for r in recorded()])
    assert intervals.min() >= 5.0 - 1e-9 and abs(intervals.mean() / 10.0 - 1) < 0.03


def test_inhomogeneous_gamma():
    source = sim.Population(
        200,
        sim.SpikeSourceInhGamma(a=Sequence([2.0, 3.0]), b=Sequence([0.01, 0.005]), tbins=Sequence([0.0, 500.0])),
    )
    recorded = spikes(source)
    sim.run(1000.0)
    times = np.concatenate(recorded())
    slow, fast = (times < 500).sum() / 200 / 0.5, (times >= 500).sum() / 200 / 0.5
    assert source.get("b") == Sequence([0.01, 0.005])
    assert abs(slow / 50.0 - 1) < 0.1 and abs(fast / (1000 / 15.0) - 1) < 0.1


def test_same_seed_same_spikes():
    trains = []
    for seed in (3, 3, 4):
        sim.setup(seed=seed)
        recorded = spikes(sim.Population(5, sim.SpikeSourcePoisson(rate=100.0)))
        sim.run(200.0)
        trains.append(np.concatenate(recorded()))
    assert_array_equal(trains[0], trains[1])
    assert not np.array_equal(trains[0], trains[2])


# ---- random numbers --------------------------------------------------------------------------------------------------

DISTRIBUTIONS = {
    "binomial": (dict(n=10, p=0.3), 3.0, 2.1),
    "gamma": (dict(k=2.0, theta=3.0), 6.0, 18.0),
    "exponential": (dict(beta=2.0), 2.0, 4.0),
    "lognormal": (dict(mu=0.0, sigma=0.5), np.exp(0.125), (np.exp(0.25) - 1) * np.exp(0.25)),
    "normal": (dict(mu=1.0, sigma=2.0), 1.0, 4.0),
    "normal_clipped": (dict(mu=0.0, sigma=1.0, low=-1.0, high=1.0), 0.0, 0.2911),
    "normal_clipped_to_boundary": (dict(mu=0.0, sigma=1.0, low=-1.0, high=1.0), 0.0, 0.5161),
    "poisson": (dict(lambda_=4.0), 4.0, 4.0),
    "uniform": (dict(low=1.0, high=3.0), 2.0, 1 / 3),
    "uniform_int": (dict(low=0, high=5), 2.0, 2.0),
    "vonmises": (dict(mu=0.5, kappa=4.0), 0.5, 0.2866),
}


@pytest.mark.parametrize("name", DISTRIBUTIONS)
def test_native_rng(name):
    parameters, mean, variance = DISTRIBUTIONS[name]
    n = 40000
    values = sim.RandomDistribution(name, rng=sim.NativeRNG(seed=12), **parameters).next(n)
    assert abs(values.mean() - mean) < 5 * np.sqrt(variance / n)
    assert abs(values.var() / variance - 1) < 0.08
    assert_array_equal(values, sim.RandomDistribution(name, rng=sim.NativeRNG(seed=12), **parameters).next(n))


def test_native_rng_without_a_seed_follows_that_of_the_simulation():
    def two():
        sim.setup(seed=9)
        return sim.NativeRNG().next(5), sim.NativeRNG().next(5)

    (a, b), (c, d) = two(), two()
    assert_array_equal((a, b), (c, d))
    assert (a != b).all()
    assert isinstance(sim.NativeRNG(1).next(), float)
    with pytest.raises(KeyError, match="mu"):
        sim.NativeRNG(1).next(3, "normal", dict(mu=0.0))
    with pytest.raises(ValueError, match="cauchy"):
        sim.NativeRNG(1).next(3, "cauchy", {})

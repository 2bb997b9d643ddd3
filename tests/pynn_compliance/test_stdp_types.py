"""STDPMechanism and its parts, voltage-based and three-factor plasticity: parameters, combinations, special cases.

That weights follow the rules of timing for random spikes is tested in test_plasticity_reference.py.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from learning_networks import DT_MS, PAIR, driven, pair_mechanism, source
from numpy.testing import assert_allclose, assert_array_equal
from pyNN import errors
from pyNN.random import NumpyRNG, RandomDistribution
from pyNN.standardmodels import synapses as standard

import pynn_annarchy as sim

TIMING: dict[str, Callable[..., Any]] = {
    "SpikePairRule": sim.SpikePairRule,
    "Vogels2011Rule": sim.Vogels2011Rule,
    "PfisterSpikeTripletRule": sim.PfisterSpikeTripletRule,
}
WEIGHT: dict[str, Callable[..., Any]] = {
    "AdditiveWeightDependence": sim.AdditiveWeightDependence,
    "MultiplicativeWeightDependence": sim.MultiplicativeWeightDependence,
    "AdditivePotentiationMultiplicativeDepression": sim.AdditivePotentiationMultiplicativeDepression,
    "GutigWeightDependence": sim.GutigWeightDependence,
}
COMBINATIONS = list(itertools.product(TIMING, WEIGHT))


@pytest.fixture(autouse=True)
def fresh() -> None:
    sim.setup(timestep=DT_MS, min_delay=DT_MS)


def connected(synapse: Any, pre_times: Any, post_times: Any, receptor: str = "excitatory") -> Any:
    pre, post = source(pre_times), driven(post_times)
    return sim.Projection(pre, post, sim.AllToAllConnector(), synapse, receptor_type=receptor)


def the_weight(projection: Any) -> float:
    (weight,) = projection.get("weight", "list", with_address=False)
    return float(weight)


# ---- the classes ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["SpikePairRule", "Vogels2011Rule", *WEIGHT])
def test_parts_have_the_parameters_and_defaults_of_pynn(name: str) -> None:
    ours, theirs = getattr(sim, name), getattr(standard, name)
    assert ours.get_parameter_names() == theirs.get_parameter_names()
    assert ours.default_parameters == theirs.default_parameters
    assert issubclass(ours, theirs)
    made = ours()
    assert made.get_native_names() == ours.get_parameter_names()
    assert made.describe(template=None)["name"] == name
    values = [0.5 + 0.1 * k for k in range(len(ours.default_parameters))]
    by_place, by_name = ours(*values), ours(**dict(zip(ours.default_parameters, values, strict=True)))
    for parameter, value in zip(ours.default_parameters, values, strict=True):
        assert by_place.parameter_space[parameter].base_value == value
        assert by_name.parameter_space[parameter].base_value == value


@pytest.mark.parametrize(("timing", "weight"), COMBINATIONS)
def test_every_combination_has_all_its_parameters(timing: str, weight: str) -> None:
    synapse = sim.STDPMechanism(TIMING[timing](), WEIGHT[weight](), weight=0.5, delay=0.5)
    prj = connected(synapse, [5.0, 9.0], [6.0, 12.0])
    own = ["weight", "delay", "dendritic_delay_fraction"]
    names = [*own, *TIMING[timing].default_parameters, *WEIGHT[weight].default_parameters]  # type: ignore[attr-defined]
    assert synapse.get_parameter_names() == names
    defaults = {**TIMING[timing].default_parameters, **WEIGHT[weight].default_parameters}  # type: ignore[attr-defined]
    assert_array_equal(prj.get(names, "list")[0][2:], [0.5, 0.5, 1.0, *defaults.values()])
    for name, value in defaults.items():
        prj.set(**{name: value + 0.125})
        assert prj.get(name, "list", with_address=False) == [value + 0.125]
        prj.set(**{name: value})
    sim.run(20.0)
    assert the_weight(prj) != 0.5
    assert math.isfinite(the_weight(prj))
    assert timing in synapse.describe() and weight in synapse.describe()
    assert len(synapse.possible_models) == 1


def test_parameters_of_two_mechanisms_are_apart() -> None:
    gutig = pair_mechanism(sim.GutigWeightDependence())
    additive = pair_mechanism()
    assert "mu_plus" in gutig.translations
    assert "mu_plus" not in additive.translations
    vogels = sim.STDPMechanism(sim.Vogels2011Rule(), sim.AdditiveWeightDependence())
    assert set(vogels.translations) == set(vogels.get_parameter_names())
    assert set(additive.translations) == set(additive.get_parameter_names())


def test_a_mechanism_can_be_used_twice() -> None:
    synapse = pair_mechanism()
    first, second = connected(synapse, [5.0], [8.0]), connected(synapse, [8.0], [5.0])
    first.set(A_plus=0.5)
    assert second.get("A_plus", "list", with_address=False) == [0.06]
    sim.run(20.0)
    assert the_weight(first) > 0.8 > the_weight(second)


def test_the_default_delay_is_the_shortest() -> None:
    assert connected(pair_mechanism(delay=None), [5.0], [6.0]).get("delay", "list", with_address=False) == [DT_MS]


def test_parameters_of_each_connection_from_everything_that_pynn_allows() -> None:
    drawn = RandomDistribution("uniform", low=10.0, high=20.0, rng=NumpyRNG(seed=3))
    rule = sim.SpikePairRule(tau_plus=drawn, tau_minus=[11.0, 12.0, 13.0, 14.0], A_plus=lambda d: 0.1 + d, A_minus=0.3)
    matrix = np.array([[1.0, 2.0], [3.0, 4.0]])
    synapse = sim.STDPMechanism(rule, sim.AdditiveWeightDependence(w_max=matrix), weight="0.2 + d", delay="0.5 + d")
    prj = sim.Projection(source([5.0], 2), driven([6.0], 2), sim.AllToAllConnector(), synapse)
    assert_array_equal(prj.get("w_max", "array"), matrix)
    assert_array_equal(prj.get("tau_minus", "list", with_address=False), [11, 12, 13, 14])
    assert_allclose(prj.get(["A_plus", "weight", "delay"], "array")[0], [[0.1, 1.1], [1.1, 0.1]])
    assert_allclose(prj.get("delay", "array"), [[0.5, 1.5], [1.5, 0.5]])
    assert len(np.unique(prj.get("tau_plus", "array"))) == 4


# ---- single pairs, where the arithmetic is short ---------------------------------------------------------------------


@pytest.mark.parametrize("fraction", [0.0, 0.25, 0.5, 0.875, 1.0])
def test_the_dendritic_part_of_the_delay_shifts_the_pair(fraction: float) -> None:
    prj = connected(pair_mechanism(delay=4.0, dendritic_delay_fraction=fraction), [50.0], [60.0])
    assert prj.get("dendritic_delay_fraction", "list", with_address=False) == [fraction]
    sim.run(80.0)
    interval = (60.0 + 4.0 * fraction) - (50.0 + 4.0 * (1 - fraction))
    assert the_weight(prj) == pytest.approx(0.8 + 2.0 * 0.06 * math.exp(-interval / 17.0), rel=1e-12)


def test_the_dendritic_part_can_be_set() -> None:
    prj = connected(pair_mechanism(delay=4.0), [50.0], [60.0])
    prj.set(dendritic_delay_fraction=0.5, delay=8.0)
    assert prj.get(["delay", "dendritic_delay_fraction"], "list", with_address=False) == [(8.0, 0.5)]
    sim.run(80.0)
    assert the_weight(prj) == pytest.approx(0.8 + 2.0 * 0.06 * math.exp(-10.0 / 17.0), rel=1e-12)


@pytest.mark.parametrize("repeats", [1, 3])
@pytest.mark.parametrize("fraction", [0.0, 1.0])
def test_coincident_events_are_not_paired(fraction: float, repeats: int) -> None:
    arrival = 50.0 + 2.0 * (1 - fraction)
    prj = connected(
        pair_mechanism(delay=2.0, dendritic_delay_fraction=fraction), [50.0] * repeats, [arrival - 2 * fraction]
    )
    sim.run(80.0)
    assert the_weight(prj) == pytest.approx(0.8, rel=1e-15)


def test_spikes_of_one_step_are_paired_one_by_one() -> None:
    prj = connected(pair_mechanism(delay=2.0), [50.0] * 3, [60.0])
    sim.run(80.0)
    assert the_weight(prj) == pytest.approx(0.8 + 3 * 2.0 * 0.06 * math.exp(-12.0 / 17.0), rel=1e-12)


def test_the_weight_is_changed_and_then_transmitted() -> None:
    cells = driven([10.0])
    prj = sim.Projection(source([30.0]), cells, sim.AllToAllConnector(), pair_mechanism(delay=2.0))
    cells.record("v")
    sim.run(33.0)
    v = cells.get_data("v").segments[0].analogsignals[0].magnitude[:, 0]
    n = round(32.0 / DT_MS)
    expected = 0.8 - 2.0 * 0.05 * math.exp(-18.0 / 31.0)
    assert v[n] - v[n - 1] == pytest.approx(expected, rel=1e-9)
    assert the_weight(prj) == pytest.approx(expected, rel=1e-12)


def test_vogels_rho_is_in_spikes_per_second() -> None:
    rule = sim.Vogels2011Rule(tau=20.0, eta=0.01, rho=5.0)
    prj = connected(sim.STDPMechanism(rule, sim.AdditiveWeightDependence(), weight=0.5, delay=1.0), [50.0], [60.0])
    sim.run(55.0)
    assert the_weight(prj) == pytest.approx(0.5 - 0.01 * 2 * 0.005 * 20.0, rel=1e-12)  # alpha = 0.2 without a pair
    sim.run(25.0)
    assert the_weight(prj) == pytest.approx(0.5 - 0.002 + 0.01 * math.exp(-11.0 / 20.0), rel=1e-12)


@pytest.mark.parametrize(("timing", "weight"), COMBINATIONS)
def test_negative_weights_mirror_positive_ones(timing: str, weight: str) -> None:
    options = {"Vogels2011Rule": {"eta": 0.03}}.get(timing, {})
    pre_times, post_times = [5.0, 9.0, 20.0, 31.0], [6.0, 12.0, 19.0, 33.0]
    projections = []
    for sign, receptor in ((1, "excitatory"), (-1, "inhibitory")):
        dependence = WEIGHT[weight](w_min=0.25 * sign, w_max=1.5 * sign)
        synapse = sim.STDPMechanism(TIMING[timing](**options), dependence, weight=0.8 * sign, delay=1.0)
        projections.append(connected(synapse, pre_times, post_times, receptor))
    sim.run(40.0)
    positive, negative = map(the_weight, projections)
    assert positive != 0.8
    assert negative == pytest.approx(-positive, rel=1e-12)


def test_weights_stay_within_their_bounds() -> None:
    synapse = pair_mechanism(sim.AdditiveWeightDependence(w_min=0.75, w_max=0.85))
    synapse.timing_dependence = sim.SpikePairRule(A_plus=3.0, A_minus=3.0)
    prj = connected(synapse, [5.0, 35.0], [9.0, 29.0])
    sim.run(12.0)
    assert the_weight(prj) == 0.85
    sim.run(30.0)
    assert the_weight(prj) == 0.75


def test_reset_brings_the_initial_weights_and_traces_back() -> None:
    prj = connected(pair_mechanism(), [5.0, 9.0, 20.0], [6.0, 12.0, 19.0])
    weights = []
    for _ in range(2):
        sim.run(25.0)
        weights.append(the_weight(prj))
        assert prj[0].x > 1 and prj[0].y > 1
        sim.reset()
        assert prj.get(["weight", "x", "y"], "list", with_address=False) == [(0.8, 0.0, 0.0)]
    assert weights[0] == weights[1] != 0.8
    prj.set(weight=0.3)
    sim.run(25.0)
    sim.reset()
    assert the_weight(prj) == 0.3


def test_traces_are_those_of_now() -> None:
    prj = connected(pair_mechanism(delay=2.0), [10.0, 20.0], [15.0])
    sim.run(30.0)
    assert prj[0].x == pytest.approx(math.exp(-20 / 17) + math.exp(-10 / 17), rel=1e-12)
    assert prj[0].y == pytest.approx(math.exp(-13 / 31), rel=1e-12)


# ---- voltage -------------------------------------------------------------------------------------------------------

CLOPATH = {
    "A_LTD": 2e-3, "A_LTP": 2e-4, "theta_plus": -50.0, "theta_minus": -64.0, "tau_x": 15.0, "tau_plus": 7.0,
    "tau_minus": 10.0, "v_clamp": 20.0, "t_clamp": 1.0,
}  # fmt: skip


def clopath(dependence: Any = None, **options: Any) -> Any:
    weight_dependence = dependence or sim.AdditiveWeightDependence(w_max=2.0)
    rule = sim.ClopathRule(**{**CLOPATH, **options})
    return sim.STDPMechanism(None, weight_dependence, voltage_dependence=rule, weight=0.8, delay=1.0)


def clopath_reference(
    v: np.ndarray, spikes: list[int], arrivals: list[int], p: dict[str, float], w_max: float
) -> float:
    """Equations 1 to 3 of Clopath et al. 2010, step by step: v[n] is the potential at n*dt, events are boundaries."""
    w, x, u_plus, u_minus = 0.8, 0.0, v[0], v[0]
    for n in range(len(v) - 1):
        clamped = any(0 <= n - s < p["t_clamp"] / DT_MS for s in spikes)
        u = p["v_clamp"] if clamped else v[n]
        w += w_max * p["A_LTP"] * x * max(u - p["theta_plus"], 0) * max(u_plus - p["theta_minus"], 0) * DT_MS
        w = min(max(w, 0.0), w_max)
        x *= math.exp(-DT_MS / p["tau_x"])
        u_plus = u + (u_plus - u) * math.exp(-DT_MS / p["tau_plus"])
        u_minus = u + (u_minus - u) * math.exp(-DT_MS / p["tau_minus"])
        if n + 1 in arrivals:
            w = min(max(w - w_max * p["A_LTD"] * max(u_minus - p["theta_minus"], 0), 0.0), w_max)
            x += 1 / p["tau_x"]
    return w


@pytest.mark.parametrize("t_clamp", [0.0, 1.0, 2.0])
def test_clopath_is_the_equations(t_clamp: float) -> None:
    p = {**CLOPATH, "t_clamp": t_clamp}
    post = sim.Population(1, sim.IF_curr_exp(i_offset=0.9, tau_refrac=2.0), initial_values={"v": -63.0})
    times = np.arange(5.0, 300.0, 13.0)
    prj = sim.Projection(source(times), post, sim.AllToAllConnector(), clopath(t_clamp=t_clamp))
    post.record(["v", "spikes"])
    assert prj.get(["u_plus", "u_minus"], "list", with_address=False) == [(-63.0, -63.0)]
    sim.run(300.0)
    data = post.get_data().segments[0]
    spikes = [round(float(t) / DT_MS) for t in data.spiketrains[0].magnitude]
    assert len(spikes) > 3
    v = data.analogsignals[0].magnitude[:, 0]
    expected = clopath_reference(v, spikes, [round((t + 1.0) / DT_MS) for t in times], p, 2.0)
    assert expected != 0.8 and 0 < expected < 2
    assert the_weight(prj) == pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize("weight", WEIGHT)
def test_clopath_goes_with_every_weight_dependence(weight: str) -> None:
    post = sim.Population(1, sim.IF_curr_exp(i_offset=0.9))
    prj = sim.Projection(source([5.0, 50.0]), post, sim.AllToAllConnector(), clopath(WEIGHT[weight](w_max=2.0)))
    names = ["weight", "delay", "dendritic_delay_fraction"]
    assert prj.synapse_type.get_parameter_names() == [*names, *WEIGHT[weight].default_parameters, *CLOPATH]  # type: ignore[attr-defined]
    sim.run(100.0)
    assert the_weight(prj) != 0.8


# ---- three factors ---------------------------------------------------------------------------------------------------


def modulated(modulator: Any, **options: Any) -> Any:
    given = {"tau_c": 200.0, "tau_n": 50.0, "b": 0.002, "modulator_delay": 2.0, "weight": 0.8, "delay": 1.0}
    rule, dependence = sim.SpikePairRule(**PAIR), sim.AdditiveWeightDependence(w_max=2.0)
    return sim.NeuromodulatedSTDP(modulator, rule, dependence, **{**given, **options})


def modulated_reference(pre: list[float], post: list[float], dopamine: list[float], now: float) -> float:
    """The integral of c*(n - b) from single spikes: each pair makes an eligibility, each modulator's spike an n."""
    tau_c, tau_n, b, w_max = 200.0, 50.0, 0.002, 2.0
    pairs = []
    for s, t in itertools.product(pre, post):
        if t > s:
            pairs.append((t, w_max * 0.06 * math.exp(-(t - s) / 17.0)))
        elif t < s:
            pairs.append((s, -w_max * 0.05 * math.exp(-(s - t) / 31.0)))
    w = 0.8
    for start, c in pairs:
        if start > now:
            continue
        w -= b * c * tau_c * (1 - math.exp(-(now - start) / tau_c))
        for d in dopamine:
            first = max(d, start)
            if first > now:
                continue
            rate = 1 / tau_c + 1 / tau_n
            at_first = c * math.exp(-(first - start) / tau_c) / tau_n * math.exp(-(first - d) / tau_n)
            w += at_first * (1 - math.exp(-(now - first) * rate)) / rate
    return w


@pytest.mark.parametrize("threads", [1, 3])
def test_three_factors_are_the_equations(threads: int) -> None:
    sim.setup(timestep=DT_MS, min_delay=DT_MS, threads=threads)
    pre, post, dopamine = [20.0, 60.0, 61.0, 140.0], [25.0, 55.0, 150.0], [10.0, 70.0, 71.0, 120.0, 200.0]
    prj = connected(modulated(source(dopamine)), pre, post)
    assert prj.get(["tau_c", "tau_n", "b"], "list", with_address=False) == [(200.0, 50.0, 0.002)]
    for now in (30.0, 65.0, 100.0, 145.0, 260.0):  # reading in between changes nothing
        sim.run_until(now)
        arrivals = [t for t in pre if t <= now]  # the whole delay of 1 ms is dendritic
        expected = modulated_reference(arrivals, [t + 1.0 for t in post], [t + 2.0 for t in dopamine], now)
        assert the_weight(prj) == pytest.approx(expected, rel=1e-9)


def test_the_concentration_is_that_of_all_modulators() -> None:
    modulators = source([10.0], 4)
    prj = connected(modulated(modulators), [20.0], [25.0])
    sim.run(42.0)
    assert prj[0].n == pytest.approx(4 / 50.0 * math.exp(-30 / 50.0), rel=1e-12)
    assert prj[0].c == pytest.approx(2.0 * 0.06 * math.exp(-6 / 17.0) * math.exp(-16 / 200.0), rel=1e-12)


@pytest.mark.parametrize(("timing", "weight"), COMBINATIONS)
def test_three_factors_go_with_every_combination(timing: str, weight: str) -> None:
    options = {"Vogels2011Rule": {"eta": 0.03}}.get(timing, {})
    synapse = sim.NeuromodulatedSTDP(source([10.0]), TIMING[timing](**options), WEIGHT[weight](), weight=0.5, delay=1.0)
    prj = connected(synapse, [5.0, 12.0, 30.0], [6.0, 14.0, 31.0])
    sim.run(60.0)
    assert the_weight(prj) != 0.5
    assert math.isfinite(the_weight(prj))


# ---- what is refused -------------------------------------------------------------------------------------------------

BAD_VALUES = [
    (sim.SpikePairRule, "tau_plus", 0.0, "greater than 0"),
    (sim.SpikePairRule, "tau_minus", -1.0, "greater than 0"),
    (sim.SpikePairRule, "A_plus", math.nan, "a finite number"),
    (sim.SpikePairRule, "A_minus", math.inf, "a finite number"),
    (sim.Vogels2011Rule, "tau", 0.0, "greater than 0"),
    (sim.Vogels2011Rule, "rho", -3.0, "0 or greater"),
    (sim.PfisterSpikeTripletRule, "tau_x", [1.0, 0.0], "greater than 0"),
    (sim.GutigWeightDependence, "mu_plus", -0.5, "0 or greater"),
    (sim.AdditiveWeightDependence, "w_max", math.nan, "a finite number"),
    (sim.ClopathRule, "tau_minus", 0.0, "greater than 0"),
    (sim.ClopathRule, "t_clamp", -1.0, "0 or greater"),
]


@pytest.mark.parametrize(("part", "name", "value", "allowed"), BAD_VALUES)
def test_bad_values_of_parts(part: Any, name: str, value: Any, allowed: str) -> None:
    with pytest.raises(errors.InvalidParameterValueError, match=rf"{part.__name__}: {name} = .*{allowed}"):
        part(**{name: value})


@pytest.mark.parametrize("value", [None, "tau", 1j, {}, [[1.0], [1.0, 2.0]]])
def test_values_of_no_kind(value: Any) -> None:
    with pytest.raises(errors.InvalidParameterValueError):
        sim.SpikePairRule(tau_plus=value)


def test_unknown_names_of_parts() -> None:
    with pytest.raises(errors.NonExistentParameterError, match="tau"):
        sim.SpikePairRule(tau=3.0)
    with pytest.raises(TypeError, match="AdditiveWeightDependence has 2 parameters, w_min, w_max, but 3 were given"):
        sim.AdditiveWeightDependence(0.0, 1.0, 2.0)
    with pytest.raises(TypeError, match="w_min is given twice"):
        sim.AdditiveWeightDependence(0.0, w_min=1.0)


def test_bad_values_of_connections() -> None:
    prj = connected(pair_mechanism(), [5.0], [6.0])
    before = prj.get(prj.synapse_type.get_parameter_names(), "list")
    for name, value in (
        ("tau_plus", 0.0),
        ("A_plus", math.nan),
        ("w_max", 0.0),
        ("w_min", 2.0),
        ("dendritic_delay_fraction", 1.5),
    ):
        with pytest.raises(errors.InvalidParameterValueError, match=f"STDPMechanism: .*{name}"):
            prj.set(weight=0.1, **{name: value})
    with pytest.raises(errors.ConnectionError, match="STDPMechanism: w_min is -1; weights must be positive"):
        prj.set(weight=0.1, w_min=-1.0)
    assert prj.get(prj.synapse_type.get_parameter_names(), "list") == before


@pytest.mark.parametrize("value", [-0.1, 1.1, math.nan])
def test_bad_fractions(value: float) -> None:
    with pytest.raises(errors.InvalidParameterValueError, match=r"dendritic_delay_fraction = .* from 0 to 1"):
        pair_mechanism(dendritic_delay_fraction=value)


@pytest.mark.parametrize("value", ["half", [0.5], True])
def test_fractions_that_are_no_number(value: Any) -> None:
    with pytest.raises(TypeError, match="dendritic_delay_fraction"):
        pair_mechanism(dendritic_delay_fraction=value)


def test_a_delay_of_zero_is_refused() -> None:
    with pytest.raises(errors.ConnectionError, match="a delay is 0 ms, which is out of range"):
        connected(pair_mechanism(delay=0.0), [5.0], [6.0])


def test_bounds_without_room() -> None:
    with pytest.raises(errors.InvalidParameterValueError, match=r"w_min = w_max = 0\.5 leaves no room"):
        sim.AdditiveWeightDependence(w_min=0.5, w_max=0.5)


def test_bounds_of_the_wrong_sign() -> None:
    message = "STDPMechanism: w_max is 2; weights must be negative for current-based, inhibitory synapses"
    with pytest.raises(errors.ConnectionError, match=message):
        connected(pair_mechanism(weight=-0.8), [5.0], [6.0], "inhibitory")


WHOLE = {"timing_dependence": sim.SpikePairRule(), "weight_dependence": sim.AdditiveWeightDependence()}
BAD_PARTS = [
    ({"timing_dependence": "pairs"}, TypeError, "timing_dependence='pairs' is not an object"),
    ({"weight_dependence": sim.SpikePairRule()}, TypeError, "weight_dependence=.* is not an object"),
    ({"timing_dependence": standard.SpikePairRule()}, TypeError, "this simulator's classes"),
    ({"voltage_dependence": 3}, TypeError, "voltage_dependence=3 is neither None nor a ClopathRule"),
    ({"weight_dependence": None}, errors.NoModelAvailableError, "needs a weight_dependence"),
    ({"timing_dependence": None}, errors.NoModelAvailableError, "needs a timing_dependence"),
    ({"voltage_dependence": sim.ClopathRule()}, errors.NoModelAvailableError, "cannot be combined with SpikePairRule"),
    (
        {"timing_dependence": None, "voltage_dependence": sim.ClopathRule(), "dendritic_delay_fraction": 1.0},
        errors.InvalidParameterValueError,
        "has to be 0 with a ClopathRule",
    ),
]


@pytest.mark.parametrize(("parts", "error", "message"), BAD_PARTS)
def test_parts_that_do_not_go_together(parts: dict[str, Any], error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        sim.STDPMechanism(**{**WHOLE, **parts})


def test_a_rule_of_voltage_needs_cells_with_a_potential() -> None:
    with pytest.raises(errors.ConnectionError, match=r"reads the membrane potential v .* have none"):
        sim.Projection(source([5.0]), source([6.0]), sim.AllToAllConnector(), clopath())


@pytest.mark.parametrize("modulator", [None, "dopamine", 3])
def test_modulators_that_are_no_cells(modulator: Any) -> None:
    with pytest.raises(TypeError, match="is not a Population, PopulationView or Assembly"):
        modulated(modulator)


@pytest.mark.parametrize("delay", [0.0, -1.0])
def test_bad_modulator_delays(delay: float) -> None:
    with pytest.raises(errors.ConnectionError, match=r"a delay is .* ms, which is out of range"):
        connected(modulated(source([5.0]), modulator_delay=delay), [5.0], [6.0])


def test_a_modulator_of_an_earlier_simulation() -> None:
    synapse = modulated(source([5.0]))
    sim.setup(timestep=DT_MS, min_delay=DT_MS)
    with pytest.raises(RuntimeError, match="a later setup"):
        connected(synapse, [5.0], [6.0])

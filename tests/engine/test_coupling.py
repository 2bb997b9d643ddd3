"""Gap junctions: against matrix exponentials, against converged solutions of the whole network, and in bits."""

from __future__ import annotations

import numpy as np
import pytest
from coupled_networks import CAPACITANCE, CURRENT, INITIAL, MEMBRANE, TAU, Passive, chain, exact, matrix, pair
from coupled_reference import passive, solve_coupled
from device_network import Network
from drive import ALL
from published import CELLS

from pynn_annarchy.native import kernels
from pynn_annarchy.native.coupling import Membrane


def test_two_cells_without_a_difference_do_as_without_a_junction():
    same = np.full(2, 3.0)
    joined = Passive(2, [(0, 1, 0.1)], tau=np.full(2, 20.0), current=np.zeros(2), initial=same).run(300)
    expected = 3.0 * np.exp(-np.arange(301) * 0.1 / 20.0)
    np.testing.assert_allclose(joined, np.column_stack([expected, expected]), rtol=0, atol=1e-12)


@pytest.mark.parametrize("conductance", [0.005, 0.05, 0.5])
def test_two_leaky_cells_against_the_matrix_exponential_in_second_order(conductance):
    edges, errors = [(0, 1, conductance)], []
    for dt in (0.2, 0.1, 0.05, 0.025):
        steps = round(40 / dt)
        errors.append(np.abs(Passive(2, edges, dt=dt).run(steps) - exact(2, edges, steps, dt)).max())
    orders = np.log2(np.array(errors[:-1]) / errors[1:])
    assert (orders > 1.8).all(), (errors, orders)
    assert errors[1] < {0.005: 1e-5, 0.05: 2e-4, 0.5: 2e-3}[conductance]


def test_the_coupling_alone_is_exact():
    """Without leak and input nothing is split, so nothing depends on the step."""
    tau, current = np.full(8, 1e15), np.zeros(8)
    edges = [*chain(8, 0.05), (0, 5, 0.02)]
    found = Passive(8, edges, tau=tau, current=current).run(500)
    expected = passive(CAPACITANCE, tau, matrix(8, edges), current, INITIAL, 0.1, 500)
    np.testing.assert_allclose(found, expected, rtol=0, atol=1e-11)


def test_a_chain_of_unequal_cells():
    edges = [(k, k + 1, 0.02 * (k + 1)) for k in range(7)]
    errors = [
        np.abs(Passive(8, edges, dt=dt).run(round(60 / dt)) - exact(8, edges, round(60 / dt), dt)).max()
        for dt in (0.1, 0.05)
    ]
    assert errors[0] < 2e-3
    assert 3.3 < errors[0] / errors[1] < 4.7


def test_steady_state_under_a_constant_current():
    edges = [(0, 1, 0.05)]
    found = Passive(2, edges).run(5000)[-1]
    leak = np.diag(CAPACITANCE[:2] / TAU[:2])
    g = matrix(2, edges)
    expected = np.linalg.solve(leak + np.diag(g.sum(1)) - g, CURRENT[:2])
    np.testing.assert_allclose(found, expected, rtol=0, atol=1e-10)


@pytest.mark.parametrize("conductance", [1e-4, 0.03, 2.0, 1e3, 1e9])
def test_charge_is_conserved(conductance):
    tau, current = np.full(8, 1e15), np.zeros(8)
    edges = [*chain(8, conductance), (7, 0, 0.01), (2, 6, 3 * conductance)]
    found = Passive(8, edges, tau=tau, current=current).run(400)
    charge = found @ CAPACITANCE
    np.testing.assert_allclose(charge, charge[0], rtol=1e-12)
    assert np.ptp(found[-1]) < np.ptp(found[0])


@pytest.mark.parametrize("conductance", [10.0, 1e3, 1e6, 1e12])
def test_a_very_large_conductance_makes_one_cell_of_two(conductance):
    """One cell with both capacitances, leaks and currents: exactly if the time constants are equal."""
    tau = np.full(2, 20.0)
    found = Passive(2, [(0, 1, conductance)], tau=tau).run(2000)
    together = CAPACITANCE[:2].sum()
    rest = CURRENT[:2].sum() / together * 20.0
    start = INITIAL[:2] @ CAPACITANCE[:2] / together
    expected = rest + (start - rest) * np.exp(-np.arange(2001) * 0.1 / 20.0)
    mean = found @ CAPACITANCE[:2] / together
    np.testing.assert_allclose(mean, expected, rtol=0, atol=1e-9)
    np.testing.assert_allclose(found[20:, 0] - found[20:, 1], 0.0, atol=1.0 / conductance)


@pytest.mark.parametrize("conductance", [10.0, 1e3, 1e6])
def test_a_large_conductance_between_cells_of_different_time_constants(conductance):
    """In first order of dt, docs/accuracy.md: at most 0.05 mV of an initial difference of 15 mV."""
    errors = [
        np.abs(Passive(2, [(0, 1, conductance)], dt=dt).run(round(40 / dt)) - exact(2, [(0, 1, conductance)],
               round(40 / dt), dt)).max()
        for dt in (0.1, 0.05)
    ]  # fmt: skip
    assert errors[0] < (0.05 if conductance < 100 else 0.01)
    assert errors[1] < 0.6 * errors[0]


@pytest.mark.parametrize("seed", range(6))
def test_no_conductance_is_too_large(seed):
    """Random networks of conductances from 1e-5 to 1e8 uS: without input, no v leaves the range of the initial ones."""
    rng = np.random.default_rng(seed)
    edges = [(*rng.choice(8, 2, replace=False), 10 ** rng.uniform(-5, 8)) for _ in range(20)]
    found = Passive(8, edges, current=np.zeros(8)).run(300)
    assert np.isfinite(found).all()
    assert found.max() <= INITIAL.max() + 1e-9
    assert found.min() >= INITIAL.min() - 1e-9
    assert (np.diff(np.abs(found[5:]).max(1)) <= 1e-9).all()


def test_a_long_chain_of_large_conductances(n=40):
    """Conjugate gradients have to carry charge from end to end: v becomes the mean within the first steps."""
    net = Network(dt_ms=0.1)
    lif = kernels.standard("IF_curr_exp")
    cells = net.add_population(lif, n, {"tau_m": 1e15, "v_rest": 0.0, "v_thresh": 9.0}, {"v": np.arange(n) / n})
    net.add_gap_junctions(np.arange(n - 1), np.arange(1, n), conductance=1e7)
    net.run(3)
    np.testing.assert_allclose(cells.get_state("v"), (n - 1) / (2 * n), rtol=0, atol=1e-9)


# mV before the first spike at dt = 0.1 ms, and after spikes where these reset v to a fixed value
BOUND = dict.fromkeys(ALL, (1e-5, 1e-3)) | {
    "IF_facets_hardware1": (5e-5, 2e-3),
    "IF_cond_exp_gsfa_grr": (1e-5, 5e-3),
    "HH_cond_exp": (5e-4, np.inf),
    "EIF_cond_exp_isfa_ista": (1e-3, 0.2),
    "EIF_cond_alpha_isfa_ista": (1e-3, 0.2),
    "Izhikevich": (2e-3, np.inf),
}


@pytest.mark.parametrize("name", ALL)
def test_every_cell_against_the_converged_solution(name):
    # g/C in 1/ms. Spikes of two Izhikevich cells that are coupled as strongly as the others depend on the grid itself.
    rate = 0.02 if name == "Izhikevich" else 0.2
    before_spikes = []
    for dt in (0.1, 0.05):
        v, spikes, reference = pair(name, rate, dt, 25.0)
        assert len(spikes) == len(reference.spikes)
        assert [k for _, k in spikes] == [k for _, k in reference.spikes]
        late = np.abs(np.array([t for t, _ in spikes]) - [t for t, _ in reference.spikes])
        assert (late <= (dt + 1e-9 if name == "HH_cond_exp" else 1e-9)).all()
        first = min([t for t, _ in reference.spikes], default=25.0)
        early = reference.t < first - 1.5
        before_spikes.append(np.abs(v - reference.v)[early].max())
        if dt == 0.1:
            assert before_spikes[0] < BOUND[name][0]
            assert np.abs(v - reference.v).max() < BOUND[name][1]
    assert before_spikes[1] < before_spikes[0] / 3.3


def lif_pair(conductance, dt=0.1, duration=300.0, phase=8.0):
    """Two equal LIF cells above threshold, the second one started `phase` mV higher: samples, spike times of each."""
    net = Network(dt_ms=dt)
    given = {"i_offset": 0.9, "tau_refrac": 2.0}
    cells = net.add_population(kernels.standard("IF_curr_exp"), 2, given, {"v": np.array([-65.0, -65.0 + phase])})
    net.add_gap_junctions([0], [1], conductance=conductance)
    signal, record = cells.record("v", [0, 1]), cells.record_spikes([0, 1])
    net.run(round(duration / dt))
    neuron, time = record.events()
    return signal.samples(), [time[neuron == k] for k in (0, 1)], given


def test_spiking_cells_synchronise():
    _, (a, b), _ = lif_pair(0.0)
    assert np.abs(a[:7] - b[:7]).min() > 2.0
    _, (a, b), _ = lif_pair(0.2)
    assert a.size == b.size > 4
    np.testing.assert_allclose(a[-2:], b[-2:], atol=1e-9)


def test_spiking_cells_against_the_converged_solution():
    v, spikes, given = lif_pair(0.02, duration=120.0)
    reference = solve_coupled(
        CELLS["IF_curr_exp"], [given] * 2, matrix(2, [(0, 1, 0.02)]), dt=0.1, duration=120.0,
        initial_v=[-65.0, -57.0], current_nA=[0.0, 0.0],
    )  # fmt: skip
    for k in (0, 1):
        np.testing.assert_allclose(spikes[k], [t for t, who in reference.spikes if who == k], atol=1e-9)
        assert spikes[k].size >= 2
    assert np.abs(v - reference.v).max() < 3e-4


def test_a_refractory_cell_is_held_and_a_fixed_potential_for_its_neighbours():
    net = Network(dt_ms=0.1)
    lif = kernels.standard("IF_curr_exp")
    held = net.add_population(lif, 1, {"tau_refrac": 20.0, "i_offset": 2.0, "v_reset": -80.0}, {"v": -50.1})
    other = net.add_population(lif, 1, {"cm": 0.5}, {"v": -60.0})
    net.add_gap_junctions([0], [1], conductance=0.05)
    signals, record = [p.record("v", [0]) for p in (held, other)], held.record_spikes([0])
    net.run(150)
    v, w = (s.samples()[:, 0] for s in signals)
    assert record.events()[1].size == 1
    spike = round(record.events()[1][0] / 0.1)
    assert spike < 5
    assert (v[spike:] == -80.0).all()
    rate = 1 / 20.0 + 0.05 / 0.5
    rest = (-65.0 / 20.0 - 80.0 * 0.05 / 0.5) / rate
    expected = rest + (w[spike] - rest) * np.exp(-rate * 0.1 * np.arange(w.size - spike))
    np.testing.assert_allclose(w[spike:], expected, rtol=0, atol=5e-4)


def network(threads=1, precision="double", more=False):
    """Cells of several models in components of many sizes, driven to spike, with synapses between them."""
    rng = np.random.default_rng(3)
    net = Network(dt_ms=0.1, threads=threads, precision=precision)
    names = ("IF_cond_exp", "HH_cond_exp", "EIF_cond_exp_isfa_ista", "Izhikevich", "IF_curr_exp")
    sizes = (150, 70, 40, 70, 100)
    groups = []
    for name, size in zip(names, sizes, strict=True):
        drive = 0.015 if name == "Izhikevich" else 1.0
        given = {"i_offset": rng.uniform(0.5, 1.5, size) * drive}
        groups.append(net.add_population(kernels.standard(name, precision), size, given))
    membranes = {group: MEMBRANE.get(name, Membrane()) for name, group in zip(names, groups, strict=True)}
    total = sum(sizes)
    i, j = rng.integers(0, total, (2, 260))
    net.add_gap_junctions(i, j, conductance=10 ** rng.uniform(-4, 0, 260), membranes=membranes)
    first = groups[0].first
    source, target = rng.integers(0, total, 2000), first + rng.integers(0, 150, 2000)
    net.add_projection(source, target, receptor="excitatory", weight=0.001, delay_steps=rng.integers(1, 30, 2000))
    if more:
        net.add_population(kernels.standard("IF_cond_exp", precision), 33)
    signals = [group.record("v", np.arange(group.size)) for group in groups]
    records = [group.record_spikes(np.arange(group.size)) for group in groups]
    return net, signals, records


def results(net, signals, records):
    return [*(s.samples() for s in signals), *(array for r in records for array in r.events())]


def assert_same(one, other):
    for a, b in zip(one, other, strict=True):
        np.testing.assert_array_equal(a, b)


@pytest.fixture(scope="module", params=["double", "single"])
def reference(request):
    made = network(precision=request.param)
    made[0].run(400)
    found = results(*made)
    assert sum(a.size for a in found[5::2]) > 500
    assert all(np.isfinite(a).all() for a in found)
    return request.param, found


@pytest.mark.threaded
@pytest.mark.parametrize("threads", [2, 3, 7])
def test_bits_do_not_depend_on_threads(reference, threads):
    made = network(threads, reference[0])
    made[0].run(400)
    assert_same(results(*made), reference[1])


@pytest.mark.threaded
@pytest.mark.parametrize("pieces", [[1] * 20 + [380], [200, 200], [399, 1]])
def test_bits_do_not_depend_on_how_a_run_is_cut(reference, pieces):
    made = network(2, reference[0])
    for steps in pieces:
        made[0].run(steps)
    assert_same(results(*made), reference[1])


def test_bits_do_not_depend_on_cells_that_are_added_during_the_simulation(reference):
    made = network(1, reference[0])
    made[0].run(150)
    made[0].add_population(kernels.standard("IF_curr_alpha", reference[0]), 90)
    made[0].run(250)
    assert_same(results(*made), reference[1])


def test_a_reset_brings_the_same_run_again():
    net, signals, records = network()
    net.run(200)
    first = results(net, signals, records)
    net.reset()
    net.run(200)
    assert_same(results(net, signals, records), first)


def test_a_conductance_set_between_runs_is_that_of_the_next_step():
    edges = [(0, 1, 0.0)]
    made = Passive(2, edges)
    before = made.run(100)
    made.junctions.set_conductance(0.05)
    after = made.run(200)[100:]
    alone = exact(2, edges, 100)
    np.testing.assert_allclose(before, alone, rtol=0, atol=1e-12)
    np.testing.assert_allclose(after, exact(2, [(0, 1, 0.05)], 200, initial=alone[-1]), rtol=0, atol=1e-4)


def test_a_capacitance_set_between_runs_counts():
    made, fresh = Passive(2, [(0, 1, 0.05)]), Passive(2, [(0, 1, 0.05)])
    made.net.run(1)
    made.cells.set_parameter("cm", np.array([0.3, 0.9]))
    fresh.cells.set_parameter("cm", np.array([0.3, 0.9]))
    made.cells.set_state("v", INITIAL[:2])
    np.testing.assert_array_equal(made.run(50)[2:], fresh.run(50)[1:])


def test_junctions_of_one_pair_add_up_and_one_with_itself_does_nothing():
    several = Passive(3, [(0, 1, 0.01), (2, 2, 5.0), (1, 0, 0.02), (0, 1, 0.03), (1, 1, 1e6)]).run(300)
    one = Passive(3, [(1, 0, 0.06)]).run(300)
    np.testing.assert_allclose(several, one, rtol=0, atol=1e-11)


def test_a_junction_without_conductance_changes_nothing():
    def run(with_junction):
        net = Network(dt_ms=0.1)
        cells = net.add_population(kernels.standard("IF_cond_exp"), 2, {"i_offset": np.array([0.9, 1.3])})
        if with_junction:
            net.add_gap_junctions([0], [1], conductance=0.0)
        net.add_projection([0], [1], receptor="excitatory", weight=0.01, delay_steps=7)
        signal = cells.record("v", [0, 1])
        net.run(500)
        return signal.samples()

    np.testing.assert_array_equal(run(True), run(False))


def test_single_precision():
    edges = chain(8, 0.05)
    found = Passive(8, edges, precision="single").run(400)
    assert found.dtype == np.float32
    np.testing.assert_allclose(found, exact(8, edges, 400), rtol=0, atol=2e-3)


@pytest.mark.parametrize("conductance", [-0.1, np.nan, np.inf, [0.1, -1e-9], [0.1]])
def test_wrong_conductances_are_refused_and_change_nothing(conductance):
    made = Passive(3, [(0, 1, 0.1), (1, 2, 0.2)])
    with pytest.raises(ValueError, match=r"conductance|shape"):
        made.junctions.set_conductance(conductance)
    with pytest.raises(ValueError, match=r"conductance|shape"):
        made.net.add_gap_junctions([0, 1], [1, 2], conductance=conductance)
    np.testing.assert_array_equal(made.junctions.conductance, [0.1, 0.2])
    np.testing.assert_array_equal(made.run(20), Passive(3, [(0, 1, 0.1), (1, 2, 0.2)]).run(20))


def test_cells_without_a_membrane_are_refused():
    net = Network(dt_ms=0.1)
    net.add_population(kernels.standard("SpikeSourcePoisson"), 2)
    net.add_population(kernels.standard("Izhikevich"), 2)
    with pytest.raises(ValueError, match="SpikeSourcePoisson has no membrane potential"):
        net.add_gap_junctions([0], [2], conductance=0.1)
    with pytest.raises(ValueError, match="Izhikevich has no parameter 'cm'"):
        net.add_gap_junctions([2], [3], conductance=0.1)
    with pytest.raises(ValueError, match="allowed are 0 to 3"):
        net.add_gap_junctions([2], [4], conductance=0.1)
    with pytest.raises(ValueError, match="1 sources for 2 targets"):
        net.add_gap_junctions([2], [2, 3], conductance=0.1)
    assert net.window_steps > 1

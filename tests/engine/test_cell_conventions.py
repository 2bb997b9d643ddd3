"""What the standard cells do at a spike, while refractory, and where their equations are delicate."""

from __future__ import annotations

import numpy as np
import pytest
from drive import ALL, simulate
from published import CELLS
from reference import Stimulus, solve

RESET = [name for name in ALL if "v_reset" in CELLS[name].parameters and name != "GIF_cond_exp"]
STRONG = {name: 30.0 * CELLS[name].parameters.get("cm", 0.2) for name in RESET}  # nA: threshold within a step or few


@pytest.mark.parametrize("refractory_ms, steps", [(0.1, 1), (0.34, 3), (0.36, 4), (2.0, 20)])
@pytest.mark.parametrize("name", [name for name in RESET if "tau_refrac" in CELLS[name].parameters])
def test_v_is_reset_and_held(name: str, refractory_ms: float, steps: int) -> None:
    given = Stimulus(STRONG[name], 1.0)
    trace = simulate(name, given, dt=0.1, duration=6.0, parameters={"tau_refrac": refractory_ms})
    v_reset = CELLS[name].parameters["v_reset"]
    first = round(trace.spikes[0] / 0.1)
    assert np.all(trace.y["v"][first : first + steps + 1] == v_reset)
    assert trace.y["v"][first + steps + 1] != v_reset
    assert np.diff(trace.spikes).min() > (steps + 0.5) * 0.1


def test_facets_cell_is_refractory_for_one_millisecond() -> None:
    trace = simulate("IF_facets_hardware1", Stimulus(STRONG["IF_facets_hardware1"], 1.0), dt=0.1, duration=6.0)
    first = round(trace.spikes[0] / 0.1)
    assert np.all(trace.y["v"][first : first + 11] == -80.0)
    assert trace.y["v"][first + 11] > -80.0


def test_a_spike_is_due_when_v_equals_the_threshold() -> None:
    level = {"v_rest": -50.0, "v_thresh": -50.0, "v_reset": -60.0}
    trace = simulate("IF_curr_exp", Stimulus(), dt=0.1, duration=0.5, parameters=level, initial={"v": -50.0})
    assert trace.spikes[0] == pytest.approx(0.1)


def test_steps_of_v_are_dropped_while_refractory_and_count_before_the_spike_condition() -> None:
    parameters = {"tau_refrac": 1.0, "v_reset": -70.0, "v_rest": -70.0}
    given = Stimulus(0, 0, (1.0, 1.5, 2.0, 2.1), (), 30.0)  # the first fires; refractory until 2.0
    trace = simulate("IF_curr_delta", given, dt=0.1, duration=3.0, parameters=parameters, initial={"v": -70.0})
    assert trace.spikes == pytest.approx([1.0, 2.1])
    assert np.all(trace.y["v"][10:31] == -70.0)


def test_conductances_take_input_while_refractory() -> None:
    given = Stimulus(30.0, 0.5, (1.5,), (), 0.01)
    trace = simulate(
        "IF_cond_exp", given, dt=0.1, duration=4.0, parameters={"tau_refrac": 3.0}, variables=("v", "gsyn_exc")
    )
    assert trace.spikes[0] < 1.5 < trace.spikes[0] + 3.0
    assert trace.y["gsyn_exc"][15] == 0.01
    assert trace.y["gsyn_exc"][40] == pytest.approx(0.01 * np.exp(-2.5 / 5.0), rel=1e-12)


# ---- Hodgkin-Huxley --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("distance", [0.0, 1e-13, -1e-9, 1e-4, 0.2, -0.26])
@pytest.mark.parametrize("singular", [13.0, 15.0, 40.0])
def test_rates_are_smooth_where_their_quotients_are_not(singular: float, distance: float) -> None:
    initial = {"v": -63.0 + singular + distance, "m": 0.1, "h": 0.5, "n": 0.3}
    trace = simulate("HH_cond_exp", Stimulus(), dt=0.05, duration=0.2, initial=initial)
    reference = solve(CELLS["HH_cond_exp"], Stimulus(), dt=0.05, duration=0.2, initial=initial)
    np.testing.assert_allclose(trace.y["v"], reference.y["v"], rtol=0, atol=1e-5)


def test_an_action_potential_is_one_spike_and_only_above_its_level() -> None:
    current = Stimulus(0.5, 5.0)
    high = simulate("HH_cond_exp", current, dt=0.05, duration=60.0)
    assert len(high.spikes) >= 3
    v = high.y["v"]
    maxima = [k for k in range(1, len(v) - 1) if v[k - 1] < v[k] >= v[k + 1] and v[k] > -33.0]
    assert high.spikes == pytest.approx([0.05 * (k + 1) for k in maxima])
    blocked = simulate("HH_cond_exp", current, dt=0.05, duration=60.0, parameters={"gbar_Na": 0.0})
    assert blocked.spikes == []


# ---- adaptive exponential --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["EIF_cond_exp_isfa_ista", "EIF_cond_alpha_isfa_ista"])
def test_without_sharpness_the_threshold_is_hard(name: str) -> None:
    parameters = {"delta_T": 0.0, "b": 0.0, "a": 0.0}
    trace = simulate(name, Stimulus(1.0, 5.0), dt=0.1, duration=40.0, parameters=parameters)
    reference = solve(CELLS[name], Stimulus(1.0, 5.0), dt=0.1, duration=40.0, parameters=parameters)
    assert len(trace.spikes) > 1
    assert trace.spikes == pytest.approx(reference.spikes, abs=1e-9)
    np.testing.assert_allclose(trace.y["v"], reference.y["v"], rtol=0, atol=1e-5)


@pytest.mark.parametrize("parameters", [{"v_spike": 20.0}, {"v_spike": 0.0, "delta_T": 0.5}, {"delta_T": 0.01}])
def test_no_upstroke_is_too_steep(parameters: dict[str, float]) -> None:
    name = "EIF_cond_exp_isfa_ista"
    trace = simulate(
        name, Stimulus(1.5, 5.0), dt=0.1, duration=60.0, parameters=parameters, variables=("v", "w", "gsyn_exc")
    )
    assert len(trace.spikes) > 2
    assert all(np.isfinite(values).all() for values in trace.y.values())
    assert trace.y["w"].max() < 1.0


# ---- Izhikevich ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("dt", [0.1, 0.5, 1.0])
def test_the_upstroke_does_not_run_away_at_any_step(dt: float) -> None:
    trace = simulate("Izhikevich", Stimulus(0.02, 5.0), dt=dt, duration=100.0, variables=("v", "u"))
    assert 10 < len(trace.spikes) < 40
    assert np.isfinite(trace.y["v"]).all() and np.abs(trace.y["u"]).max() < 30


# ---- generalised integrate-and-fire ----------------------------------------------------------------------------------

FREE = {f"a_{x}_{k}": 0.0 for x in ("eta", "gamma") for k in (1, 2, 3)}


@pytest.mark.parametrize("dt", [0.1, 1.0])
@pytest.mark.parametrize("distance_mV", [-1.0, 0.0, 1.0])
def test_escape_noise_has_the_published_hazard(dt: float, distance_mV: float) -> None:
    """The chance of a spike in step k is p times that of not being refractory: exact in discrete time."""
    v, refractory_ms, size, duration = -60.0, 2.0, 500, 200.0
    parameters = {**FREE, "v_rest": v, "v_reset": v, "v_t_star": v - distance_mV, "lambda0": 20.0}
    parameters["tau_refrac"] = refractory_ms
    p = 1 - np.exp(-0.02 * np.exp(distance_mV / 0.5) * dt)
    held = round(refractory_ms / dt)
    chance = np.zeros(round(duration / dt))
    for k in range(len(chance)):
        chance[k] = p * (1 - chance[max(0, k - held) : k].sum())
    trace = simulate(
        "GIF_cond_exp", Stimulus(), dt=dt, duration=duration, parameters=parameters, initial={"v": v}, size=size
    )
    period, wait_sd = refractory_ms + dt / p, dt * np.sqrt(1 - p) / p
    sd = np.sqrt(size * duration * wait_sd**2 / period**3)  # of a renewal process's count
    assert abs(len(trace.spikes) - size * chance.sum()) < 4.5 * sd + 1


def test_spike_triggered_current_and_threshold_follow_their_filters() -> None:
    dt, duration = 0.1, 80.0
    parameters = {f"a_eta_{k}": 0.05 for k in (1, 2, 3)} | {"lambda0": 5000.0}
    given = Stimulus(1.5, 10.0)
    trace = simulate(
        "GIF_cond_exp", given, dt=dt, duration=duration, parameters=parameters, variables=("v", "i_eta", "v_t")
    )
    assert len(trace.spikes) >= 3
    steps = [round(t / dt) - 1 for t in trace.spikes]
    reference = solve(CELLS["GIF_cond_exp"], given, dt=dt, duration=duration, parameters=parameters, spike_steps=steps)
    assert reference.spikes == pytest.approx(trace.spikes)
    np.testing.assert_allclose(trace.y["v"], reference.y["v"], rtol=0, atol=1e-5)
    np.testing.assert_allclose(trace.y["i_eta"], sum(reference.y[f"eta_{k}"] for k in (1, 2, 3)), rtol=0, atol=1e-9)
    np.testing.assert_allclose(
        trace.y["v_t"], -48.0 + sum(reference.y[f"gamma_{k}"] for k in (1, 2, 3)), rtol=0, atol=1e-9
    )

"""Every standard cell against a converged solution of its published equations."""

from __future__ import annotations

import functools

import numpy as np
import pytest
from drive import ALL, CONDUCTANCE, SPIKE_LEVEL, TOLERANCE_MV, simulate, stimulus
from numpy.typing import NDArray
from protocol import DURATION, STEEP_MV_PER_MS, UPSTROKE_MV
from published import CELLS
from reference import Stimulus, Trace, crossing, solve

KINDS = ("weak", "strong", "excitatory", "inhibitory", "both")
NEVER = {"GIF_cond_exp": {"lambda0": 0.0}}  # its spikes are random, so its membrane is tested without them


@functools.cache
def exact(name: str, kind: str, dt: float) -> Trace:
    return solve(CELLS[name], stimulus(name, kind), dt=dt, duration=DURATION)


@functools.cache
def found(name: str, kind: str, dt: float) -> Trace:
    return simulate(name, stimulus(name, kind), dt=dt, duration=DURATION, parameters=NEVER.get(name))


def error(name: str, kind: str, dt: float) -> float:
    """Return max |dv| outside spikes."""
    reference = exact(name, kind, dt)
    difference = np.abs(found(name, kind, dt).y["v"] - reference.y["v"])
    return float(np.max(difference[between_spikes(name, reference)]))


def between_spikes(name: str, reference: Trace) -> NDArray[np.bool_]:
    return reference.between_spikes(UPSTROKE_MV.get(name), STEEP_MV_PER_MS)


@pytest.mark.parametrize("dt", [0.1, 0.05])
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", ALL)
def test_v_follows_the_reference(name: str, kind: str, dt: float) -> None:
    assert found(name, kind, dt).spikes == pytest.approx(exact(name, kind, dt).spikes, abs=1e-9)
    assert error(name, kind, dt) <= TOLERANCE_MV[name]


# cell: parameters, excitatory and inhibitory weight in uS; the first is that of Vogels & Abbott 2005
BOMBARDED: dict[str, tuple[dict[str, float], float, float]] = {
    "IF_cond_exp": ({"cm": 0.2, "tau_syn_I": 10.0, "e_rev_I": -80.0, "tau_refrac": 5.0}, 0.004, 0.051),
    "IF_cond_alpha": ({"cm": 0.2, "tau_syn_E": 0.5, "tau_syn_I": 2.0, "e_rev_I": -80.0}, 0.02, 0.03),
    "EIF_cond_exp_isfa_ista": ({}, 0.004, 0.02),
    "HH_cond_exp": ({"tau_syn_E": 5.0, "tau_syn_I": 10.0}, 0.006, 0.067),
}


@pytest.mark.parametrize("name", list(BOMBARDED))
def test_v_follows_the_reference_under_bombardment(name: str) -> None:
    parameters, weight_exc, weight_inh = BOMBARDED[name]
    steps = np.random.default_rng(3).permutation(np.arange(10, 250))
    given = Stimulus(
        0.0, 0.0, tuple(0.1 * np.sort(steps[:70])), tuple(0.1 * np.sort(steps[70:76])), weight_exc, weight_inh
    )
    trace = simulate(name, given, dt=0.1, duration=30.0, parameters=parameters)
    reference = solve(CELLS[name], given, dt=0.1, duration=30.0, parameters=parameters)
    assert len(reference.spikes) >= 1
    assert trace.spikes == pytest.approx(reference.spikes, abs=1e-9)
    between = between_spikes(name, reference)
    np.testing.assert_allclose(trace.y["v"][between], reference.y["v"][between], rtol=0, atol=TOLERANCE_MV[name])


@pytest.mark.parametrize("name", CONDUCTANCE)
def test_conductance_based_cells_converge_with_order_four(name: str) -> None:
    coarse, fine = error(name, "excitatory", 0.4), error(name, "excitatory", 0.2)
    assert coarse > 1e-10, "too small to see an order"
    assert np.log2(coarse / fine) > 3.7


@pytest.mark.parametrize("dt", [0.1, 0.05])
@pytest.mark.parametrize("name", [name for name in ALL if np.isfinite(SPIKE_LEVEL[name])])
def test_first_spike_is_at_the_end_of_the_step_that_crosses(name: str, dt: float) -> None:
    true = crossing(CELLS[name], stimulus(name, "strong"), SPIKE_LEVEL[name], DURATION)
    assert 0 <= found(name, "strong", dt).spikes[0] - true <= dt


@pytest.mark.parametrize("dt", [0.1, 0.05])
def test_first_spike_of_hodgkin_huxley_follows_its_maximum(dt: float) -> None:
    first = found("HH_cond_exp", "strong", dt).spikes[0]
    fine = solve(CELLS["HH_cond_exp"], stimulus("HH_cond_exp", "strong"), dt=0.001, duration=first + 0.5)
    peak = fine.t[np.argmax(fine.y["v"])]
    assert 0 <= first - peak <= 2 * dt  # v has to be lower than a step before


VARIABLES = {
    "IF_cond_exp_gsfa_grr": ("g_s", "g_r"),
    "EIF_cond_exp_isfa_ista": ("w",),
    "EIF_cond_alpha_isfa_ista": ("w",),
    "Izhikevich": ("u",),
    "HH_cond_exp": ("m", "h", "n"),
}


@pytest.mark.parametrize("name", list(VARIABLES))
def test_other_variables_follow_the_reference(name: str) -> None:
    trace = simulate(name, stimulus(name, "strong"), dt=0.1, duration=DURATION, variables=("v", *VARIABLES[name]))
    reference = exact(name, "strong", 0.1)
    between = between_spikes(name, reference)
    for variable in VARIABLES[name]:
        scale = np.max(np.abs(reference.y[variable]))
        np.testing.assert_allclose(
            trace.y[variable][between], reference.y[variable][between], rtol=0, atol=1e-6 * scale
        )


def response(name: str, tau: float, since: NDArray[np.float64]) -> NDArray[np.float64]:
    shape = since / tau * np.exp(1 - since / tau) if "alpha" in name else np.exp(-since / tau)
    return np.where(since >= 0, shape, 0.0)


@pytest.mark.parametrize("receptor", ["excitatory", "inhibitory"])
@pytest.mark.parametrize("name", [name for name in ALL if CELLS[name].kernel is not None])
def test_recorded_input_has_the_weight_as_its_peak(name: str, receptor: str) -> None:
    variable = ("isyn_" if "curr" in name else "gsyn_") + receptor[:3]
    weight = -0.3 if "curr" in name and receptor == "inhibitory" else 0.0003
    given = Stimulus(0, 0, (20.0,), (20.0,), weight if receptor == "excitatory" else 0.0, weight)
    trace = simulate(name, given, dt=0.1, duration=DURATION, variables=("v", variable))
    tau = CELLS[name].parameters["tau_syn_E" if receptor == "excitatory" else "tau_syn_I"]
    np.testing.assert_allclose(trace.y[variable], weight * response(name, tau, trace.t - 20.0), rtol=0, atol=1e-12)

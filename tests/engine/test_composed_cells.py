"""Composed cells against references that share nothing with the package, and against the standard cells as text."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from device_network import Network
from numpy.testing import assert_allclose
from numpy.typing import NDArray
from scipy.integrate import solve_ivp

from pynn_annarchy.native import kernels
from pynn_annarchy.standardmodels.composition import RESPONSES, TWINS, composed, twin
from pynn_annarchy.standardmodels.equations import STANDARD_CELLS

Array = NDArray[np.float64]
DT = 0.1
TEXTS = {text.name: text for text in STANDARD_CELLS}


# ---- closed forms of the responses -----------------------------------------------------------------------------------


def exponential(age: Array, tau_syn: float) -> Array:
    return np.exp(-age / tau_syn)


def alpha(age: Array, tau_syn: float) -> Array:
    return age / tau_syn * np.exp(1.0 - age / tau_syn)


def beta(age: Array, tau_rise: float, tau_decay: float) -> Array:
    """A difference of exponentials, divided by its value at the time where its derivative is 0."""
    if tau_rise == tau_decay:
        return alpha(age, tau_rise)

    def shape(t: Any) -> Any:
        return np.exp(-t / tau_decay) - np.exp(-t / tau_rise)

    peak = np.log(tau_decay / tau_rise) / (1.0 / tau_rise - 1.0 / tau_decay)
    return np.asarray(shape(age) / shape(peak))


SHAPES: Mapping[str, Callable[..., Array]] = {
    "CurrExp": exponential,
    "CondExp": exponential,
    "CondAlpha": alpha,
    "CondBeta": beta,
}


class Cell:
    """One composed cell, its receptors numbered from 1, and what arrives at each."""

    def __init__(
        self, membrane: str, kinds: Sequence[str], parameters: Mapping[str, float], precision: str = "double"
    ) -> None:
        self.network = Network(dt_ms=DT, seed=1, precision=precision)
        kernel = kernels.compiled(composed(membrane, kinds), precision)
        self.cells = self.network.add_population(kernel, 1, dict(parameters))

    def arrive(self, receptor: int, times: Sequence[float], weight: float) -> None:
        source = self.network.add_population(kernels.standard("SpikeSourceArray", self.network.precision), 1)
        source.set_spike_times([np.array(times) - DT])
        self.network.add_projection(
            [source.first], [self.cells.first], receptor=f"receptor_{receptor}", weight=weight, delay_steps=1
        )

    def run(self, duration: float, *variables: str) -> dict[str, Array]:
        signals = {name: self.cells.record(name, [0]) for name in variables}
        spikes = self.cells.record_spikes([0])
        self.network.run(round(duration / DT))
        found = {name: np.asarray(signal.samples()[:, 0], dtype=float) for name, signal in signals.items()}
        return {**found, "spikes": np.asarray(spikes.events()[1])}


@pytest.mark.parametrize(
    "kind, given",
    [
        ("CurrExp", {"tau_syn": 3.0}),
        ("CondExp", {"tau_syn": 0.3}),
        ("CondAlpha", {"tau_syn": 3.0}),
        ("CondBeta", {"tau_rise": 0.2, "tau_decay": 1.7}),
        ("CondBeta", {"tau_rise": 4.0, "tau_decay": 2.5}),
        ("CondBeta", {"tau_rise": 3.0, "tau_decay": 3.0}),
        ("CondBeta", {"tau_rise": 3.0, "tau_decay": 3.0 * (1 + 1e-7)}),
        ("CondBeta", {"tau_rise": 0.01, "tau_decay": 50.0}),
    ],
)
def test_a_response_has_its_shape_and_the_weight_as_peak(kind: str, given: dict[str, float]) -> None:
    cell = Cell("LIF", [kind], {"v_thresh": 1e3, **{f"{name}_1": value for name, value in given.items()}})
    variable = f"{RESPONSES[kind].variable}_1"
    cell.arrive(1, [1.0, 2.5], 0.02)
    found = cell.run(30.0, variable)[variable]
    t = np.arange(found.size) * DT
    exact = given
    if 0.0 < abs(given.get("tau_rise", 0.0) - given.get("tau_decay", 0.0)) < 1e-3:  # equal, but for the square of it
        exact = dict.fromkeys(given, float(np.sqrt(given["tau_rise"] * given["tau_decay"])))
    expected = np.zeros_like(t)
    for arrival in (10, 25):
        expected[arrival:] += 0.02 * SHAPES[kind]((t - arrival * DT)[arrival:], **exact)
    assert_allclose(found, expected, rtol=0, atol=1e-15)


def test_what_a_beta_function_scales_is_its_peak() -> None:
    """With a step fine enough to hit the peak, at log(8)/(1/0.5 - 1/4) = 1.188 ms."""
    cell = Cell("LIF", ["CondBeta"], {"tau_rise_1": 0.5, "tau_decay_1": 4.0, "v_thresh": 1e3})
    cell.network = Network(dt_ms=0.001, seed=1)
    cell.cells = cell.network.add_population(
        kernels.compiled(composed("LIF", ["CondBeta"])), 1, {"tau_rise_1": 0.5, "tau_decay_1": 4.0, "v_thresh": 1e3}
    )
    source = cell.network.add_population(kernels.standard("SpikeSourceArray"), 1)
    source.set_spike_times([np.array([0.001])])
    cell.network.add_projection([source.first], [cell.cells.first], receptor="receptor_1", weight=0.03, delay_steps=1)
    signal = cell.cells.record("gsyn_1", [0])
    cell.network.run(3000)
    samples = signal.samples()[:, 0]
    assert samples.max() == pytest.approx(0.03, rel=1e-6)
    assert np.argmax(samples) * 0.001 - 0.002 == pytest.approx(np.log(8.0) / (1 / 0.5 - 1 / 4.0), abs=1e-3)


# ---- membranes -------------------------------------------------------------------------------------------------------

LIF = {"v_rest": -65.0, "cm": 1.0, "tau_m": 20.0, "v_thresh": -50.0, "v_reset": -65.0, "tau_refrac": 2.0}
ADEXP = {
    "v_rest": -70.6, "cm": 0.281, "tau_m": 9.3667, "v_thresh": -50.4, "v_reset": -70.6, "tau_refrac": 2.0,
    "a": 0.004, "b": 0.0805, "delta_T": 2.0, "tau_w": 144.0, "v_spike": -40.0,
}  # fmt: skip
MIX = {
    "CurrExp": {"tau_syn": 4.0},
    "CondExp": {"tau_syn": 3.0, "e_syn": 0.0},
    "CondAlpha": {"tau_syn": 6.0, "e_syn": -80.0},
    "CondBeta": {"tau_rise": 1.0, "tau_decay": 8.0, "e_syn": -10.0},
}
WEIGHTS = {"CurrExp": 0.1, "CondExp": 0.004, "CondAlpha": 0.002, "CondBeta": 0.003}
TIMES = {"CurrExp": (2.0, 9.0), "CondExp": (3.0, 15.0), "CondAlpha": (5.0, 6.0), "CondBeta": (4.0, 20.0)}


def reference(membrane: str, kinds: Sequence[str], scale: float, n_steps: int) -> tuple[Array, list[float]]:
    """Solve the published equations between grid points, with the spike condition looked at on the grid."""
    p = LIF if membrane == "LIF" else ADEXP

    def current(t: float, v: float, step: int) -> float:
        total = 0.0
        for kind in kinds:
            given = {name: value for name, value in MIX[kind].items() if name != "e_syn"}
            ages = np.array([t - s for s in TIMES[kind] if round(s / DT) <= step])
            g = scale * WEIGHTS[kind] * float(SHAPES[kind](ages, **given).sum())
            total += g * (MIX[kind]["e_syn"] - v) if "e_syn" in MIX[kind] else g
        return total

    def rhs(t: float, y: Array, step: int, held: bool) -> list[float]:
        v = y[0] if membrane == "LIF" else min(y[0], p["v_spike"])
        if membrane == "LIF":
            slopes = [(p["v_rest"] - v) / p["tau_m"] + current(t, v, step) / p["cm"], 0.0]
        else:
            upstroke = p["delta_T"] * np.exp((v - p["v_thresh"]) / p["delta_T"])
            dv = (p["v_rest"] - v + upstroke) / p["tau_m"] + (current(t, v, step) - y[1]) / p["cm"]
            slopes = [dv, (p["a"] * (v - p["v_rest"]) - y[1]) / p["tau_w"]]
        return [0.0, slopes[1]] if held else slopes

    y, out, spikes, free = np.array([p["v_rest"], 0.0]), [p["v_rest"]], [], 0
    for k in range(n_steps):
        found = solve_ivp(rhs, (k * DT, (k + 1) * DT), y, "DOP853", args=(k, k < free), rtol=1e-11, atol=1e-12)
        y = found.y[:, -1]
        if k >= free and y[0] >= p["v_spike" if membrane == "AdExp" else "v_thresh"]:
            y = np.array([p["v_reset"], y[1] + p.get("b", 0.0)])
            spikes.append((k + 1) * DT)
            free = k + 1 + round(p["tau_refrac"] / DT)
        out.append(float(y[0]))
    return np.array(out), spikes


@pytest.mark.parametrize("kinds", [("CurrExp", "CondExp", "CondAlpha", "CondBeta"), ("CondBeta",), ("CurrExp",)])
@pytest.mark.parametrize("membrane", ["LIF", "AdExp"])
def test_a_mixture_follows_the_published_equations(membrane: str, kinds: tuple[str, ...]) -> None:
    scale = {"LIF": 16.0, "AdExp": 8.0}[membrane] * (1 if len(kinds) == 4 else 3)
    own = dict(LIF if membrane == "LIF" else ADEXP)
    for number, kind in enumerate(kinds, 1):
        own |= {f"{name}_{number}": value for name, value in MIX[kind].items()}
    cell = Cell(membrane, kinds, own)
    for number, kind in enumerate(kinds, 1):
        cell.arrive(number, TIMES[kind], scale * WEIGHTS[kind])
    cell.cells.set_initial("v", own["v_rest"])
    found = cell.run(40.0, "v")
    expected, spikes = reference(membrane, kinds, scale, 400)
    assert spikes
    assert found["spikes"] == pytest.approx(spikes)
    assert_allclose(found["v"], expected, rtol=0, atol=1e-9 if (membrane, kinds) == ("LIF", ("CurrExp",)) else 1e-5)


# ---- the standard cells are compositions -----------------------------------------------------------------------------


@pytest.mark.parametrize("membrane, kind", TWINS)
def test_a_twins_text_is_the_composition_under_other_names(membrane: str, kind: str) -> None:
    """So that taking the compiled standard cell changes nothing: same equations, conditions and inputs."""
    text, standard = composed(membrane, [kind, kind]), TEXTS[TWINS[membrane, kind]]

    def respelled(equations: str) -> str:
        for number, (letter, side) in enumerate((("E", "exc"), ("I", "inh")), 1):
            names = {"e_syn": f"e_rev_{letter}", "tau_syn": f"tau_syn_{letter}"}
            names |= {name: f"{name}_{side}" for name in ("isyn", "gsyn", "_x")}
            for name, theirs in names.items():
                equations = equations.replace(f"{name}_{number}", theirs)
        return equations

    def declared(parameters: str) -> set[str]:
        return {line.partition("=")[0].strip() for line in parameters.splitlines() if "=" in line}

    assert respelled(text.equations).split() == standard.equations.split()
    assert declared(respelled(text.parameters)) == declared(standard.parameters)
    assert [respelled(target) for target in text.receptors.values()] == list(standard.receptors.values())
    own, other = (replace(t, name="", parameters="", equations="", receptors={}, units={}) for t in (text, standard))
    assert own == other


@pytest.mark.parametrize("membrane, kind", TWINS)
def test_one_compiled_for_itself_spikes_like_its_twin(membrane: str, kind: str) -> None:
    standard = TWINS[membrane, kind]
    network = Network(dt_ms=DT, seed=1)
    one = network.add_population(kernels.standard(standard), 1, {"tau_syn_E": 3.0, "tau_syn_I": 7.0, "i_offset": 0.3})
    reversal: dict[str, float] = {}
    if kind != "CurrExp":
        reversal = {"e_syn_1": 0.0, "e_syn_2": kernels.standard(standard).parameters["e_rev_I"]}
    given = {"tau_syn_1": 3.0, "tau_syn_2": 7.0, "i_offset": 0.3, **reversal}
    other = network.add_population(kernels.compiled(composed(membrane, [kind, kind])), 1, given)
    rng = np.random.default_rng(5)
    sources = network.add_population(kernels.standard("SpikeSourceArray"), 30)
    sources.set_spike_times([np.sort(rng.uniform(1.0, 500.0, 100)) for _ in range(30)])
    weights = (0.5, -0.2) if kind == "CurrExp" else (0.008, 0.006)
    for cells, names in ((one, ("excitatory", "inhibitory")), (other, ("receptor_1", "receptor_2"))):
        for first, last, name, weight in ((0, 20, names[0], weights[0]), (20, 30, names[1], weights[1])):
            numbers = np.arange(sources.first + first, sources.first + last)
            network.add_projection(
                numbers, np.full_like(numbers, cells.first), receptor=name, weight=weight, delay_steps=1
            )
    records = [cells.record_spikes([0]) for cells in (one, other)]
    traces = [cells.record("v", [0]) for cells in (one, other)]
    network.run(5000)
    a, b = (record.events()[1] for record in records)
    assert len(a) > 10
    assert list(a) == list(b)
    # Both are compiled with other options, so that the last bits may differ, and with them the steps that an adaptive
    # integrator of tolerance 1e-9 takes: a shift in time, which counts for more where v moves by millivolts in a step.
    first, second = (np.asarray(trace.samples()).ravel() for trace in traces)
    allowed = 1e-9 * (1.0 + np.abs(np.gradient(first)))
    assert (np.abs(first - second) <= allowed).all(), np.max(np.abs(first - second) / allowed)


def test_which_compositions_are_compiled_ahead_of_time() -> None:
    assert twin("LIF", ["CurrExp"]) == twin("LIF", ["CurrExp"] * 2) == "IF_curr_exp"
    assert twin("AdExp", ["CondAlpha"] * 2) == "EIF_cond_alpha_isfa_ista"
    for kinds in ([], ["CurrExp"] * 3, ["CurrExp", "CondExp"], ["CondBeta"]):
        assert twin("LIF", kinds) is None
    assert twin("AdExp", ["CurrExp", "CurrExp"]) is None


@pytest.mark.parametrize("precision", ["mixed", "single"])
def test_other_precisions_of_a_composition(precision: str) -> None:
    parameters = {"tau_rise_2": 1.0, "tau_decay_2": 8.0, "v_thresh": 1e3}
    found = []
    for chosen in ("double", precision):
        cell = Cell("LIF", ["CurrExp", "CondBeta"], parameters, chosen)
        cell.arrive(1, [2.0], 0.3)
        cell.arrive(2, [4.0], 0.02)
        found.append(cell.run(30.0, "v")["v"])
    assert np.ptp(found[0]) > 1.0
    if precision == "mixed":  # what differs is what arrives, by the rounding of a weight
        assert_allclose(found[1], found[0], rtol=0, atol=2.0**-24 * np.ptp(found[0]))
    else:  # and every step, by that of v
        assert_allclose(found[1], found[0], rtol=0, atol=300 * 2.0**-24 * 65.0)

"""Runs one cell of the engine under a `Stimulus`, and how much it may differ from the reference."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from device_network import Network
from numpy.typing import NDArray
from protocol import EXCITATORY, INHIBITORY, INPUT, ONSET
from published import CELLS
from reference import Stimulus, Trace

from pynn_annarchy.native import kernels
from pynn_annarchy.native.network import StepCurrent

LINEAR = ("IF_curr_alpha", "IF_curr_exp", "IF_curr_delta")
CONDUCTANCE = ("IF_cond_alpha", "IF_cond_exp", "IF_cond_exp_gsfa_grr", "IF_facets_hardware1", "GIF_cond_exp")
NONLINEAR = ("HH_cond_exp", "EIF_cond_alpha_isfa_ista", "EIF_cond_exp_isfa_ista", "Izhikevich")
ALL = (*LINEAR, *CONDUCTANCE, *NONLINEAR)
TOLERANCE_MV = {**dict.fromkeys(LINEAR, 1e-9), **dict.fromkeys(CONDUCTANCE + NONLINEAR, 1e-5)}

# mV; not a number where a spike is no crossing of a level
SPIKE_LEVEL = {name: cell.parameters.get("v_thresh", np.nan) for name, cell in CELLS.items()} | {
    "EIF_cond_alpha_isfa_ista": -40.0,
    "EIF_cond_exp_isfa_ista": -40.0,
    "Izhikevich": 30.0,
    "GIF_cond_exp": np.nan,
}


def stimulus(name: str, kind: str) -> Stimulus:
    """Return the weak or strong step, or the spikes at one receptor or both."""
    weak, strong, weight_exc, weight_inh = INPUT[name]
    if kind in ("weak", "strong"):
        return Stimulus({"weak": weak, "strong": strong}[kind], ONSET)
    exc = EXCITATORY if kind in ("excitatory", "both") else ()
    inh = INHIBITORY if kind in ("inhibitory", "both") else ()
    return Stimulus(0.0, 0.0, exc, inh, weight_exc, weight_inh)


def simulate(
    name: str,
    given: Stimulus,
    *,
    dt: float,
    duration: float,
    parameters: Mapping[str, float] | None = None,
    initial: Mapping[str, float] | None = None,
    variables: Sequence[str] = ("v",),
    precision: str = "double",
    size: int = 1,
    seed: int = 1,
) -> Trace:
    """Run `size` equal cells; the trace is of the first one, the spikes are of all."""
    net = Network(dt_ms=dt, seed=seed, precision=precision)
    cells = net.add_population(kernels.standard(name, precision), size, dict(parameters or {}), dict(initial or {}))
    numbers = np.arange(cells.first, cells.first + size)
    if given.amplitude_nA:
        step = StepCurrent(np.array([round(given.onset_ms / dt)]), np.array([given.amplitude_nA]))
        net.add_current(step).inject(numbers)
    for receptor, times, weight in (
        ("excitatory", given.excitatory, given.weight_exc),
        ("inhibitory", given.inhibitory, given.weight_inh),
    ):
        if times:
            _arrivals(net, numbers, receptor, times, weight)
    signals = {variable: cells.record(variable, np.arange(1)) for variable in variables}
    spikes = cells.record_spikes(np.arange(size))
    steps = round(duration / dt)
    net.run(steps)
    found = {variable: _column(signal.samples()) for variable, signal in signals.items()}
    return Trace(np.arange(steps + 1) * dt, found, [float(t) for t in spikes.events()[1]])


def _arrivals(net: Network, numbers: NDArray[np.int64], receptor: str, times: Sequence[float], weight: float) -> None:
    """Let a spike arrive at the given times: it is sent one step before."""
    source = net.add_population(kernels.standard("SpikeSourceArray", net.precision), 1)
    source.set_spike_times([np.array(times) - net.dt_ms])
    net.add_projection(np.full_like(numbers, source.first), numbers, receptor=receptor, weight=weight, delay_steps=1)


def _column(samples: NDArray[np.floating]) -> NDArray[np.float64]:
    return np.asarray(samples[:, 0], dtype=np.float64)

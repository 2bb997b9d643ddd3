"""A random balanced network whose excitatory connections learn, in PyNN for any backend and in Brian 2.

2,000 current-based cells with 10 % connectivity after Brunel 2000, doi 10.1023/A:1008925309027, in the manner of
Morrison et al. 2007, doi 10.1162/neco.2007.19.6.1467: 256,000 connections with pair-based STDP (additive, all pairs),
144,000 static ones, one delay of 1.5 ms, steps of 0.1 ms, independent Poisson input to every cell.
"""

from __future__ import annotations

import argparse
import importlib
import json
import tempfile
from time import perf_counter
from typing import Any

N, EXCITATORY, P_CONNECT, DT_MS, DELAY_MS = 2000, 0.8, 0.1, 0.1, 1.5
CELL = {
    "cm": 0.25, "tau_m": 20.0, "v_rest": -65.0, "v_reset": -65.0, "v_thresh": -50.0, "tau_refrac": 2.0,
    "tau_syn_E": 2.0, "tau_syn_I": 2.0,
}  # fmt: skip
WEIGHT_nA, INHIBITION, INPUT_HZ, INPUT_nA = 0.02, -5.0, 6000.0, 0.02
RULE = {"tau_plus": 20.0, "tau_minus": 20.0, "A_plus": 0.005, "A_minus": 0.006}


def run_pynn(backend: str, duration_ms: float, threads: int, scale: float) -> dict[str, float]:
    """Build and run the network with a PyNN backend; return its activity and times in seconds."""
    start = perf_counter()
    sim = importlib.import_module(f"pyNN.{backend}")
    from pyNN.random import NumpyRNG

    imported = perf_counter()
    sim.setup(timestep=DT_MS, min_delay=DELAY_MS, max_delay=DELAY_MS, **({"threads": threads} if threads > 1 else {}))
    rng = NumpyRNG(seed=86524)
    n = round(N * scale)
    cells = sim.Population(n, sim.IF_curr_exp(**CELL))
    exc, inh = cells[: round(EXCITATORY * n)], cells[round(EXCITATORY * n) :]
    connector = sim.FixedProbabilityConnector(P_CONNECT / scale, rng=rng)
    learning = sim.STDPMechanism(
        timing_dependence=sim.SpikePairRule(**RULE),
        weight_dependence=sim.AdditiveWeightDependence(w_min=0.0, w_max=2 * WEIGHT_nA),
        weight=WEIGHT_nA,
        delay=DELAY_MS,
        dendritic_delay_fraction=1.0,  # the only one that NEST has
    )
    excite = sim.StaticSynapse(weight=WEIGHT_nA, delay=DELAY_MS)
    inhibit = sim.StaticSynapse(weight=INHIBITION * WEIGHT_nA, delay=DELAY_MS)
    parts = ((exc, exc, learning, "excitatory"), (exc, inh, excite, "excitatory"), (inh, cells, inhibit, "inhibitory"))
    projections = [sim.Projection(a, b, connector, synapse, receptor_type=r) for a, b, synapse, r in parts]
    noise = sim.Population(n, sim.SpikeSourcePoisson(rate=INPUT_HZ))
    sim.Projection(
        noise, cells, sim.OneToOneConnector(), sim.StaticSynapse(weight=INPUT_nA, delay=DELAY_MS),
        receptor_type="excitatory",
    )  # fmt: skip
    cells.record("spikes")
    synapses = sum(len(projection) for projection in projections)
    built = perf_counter()
    sim.run(duration_ms)
    ran = perf_counter()
    rate = 1000.0 * cells.mean_spike_count() / duration_ms
    read = perf_counter()
    weights = projections[0].get("weight", format="list", with_address=False)
    sim.end()
    times = {"import_s": imported - start, "build_s": built - imported, "run_s": ran - built, "read_s": read - ran}
    mean = sum(weights) / len(weights) / WEIGHT_nA
    return {"rate_Hz": rate, "synapses": synapses, "mean_weight": mean, **times}


def run_brian2(duration_ms: float, threads: int, scale: float) -> dict[str, float]:
    """Build and run the network as a Brian 2 standalone C++ program; compilation counts as building."""
    start = perf_counter()
    import brian2 as b2
    from brian2 import Hz, ms, mV, nA, nF

    imported = perf_counter()
    n = round(N * scale)
    with tempfile.TemporaryDirectory() as folder:
        b2.set_device("cpp_standalone", directory=folder, build_on_run=False)
        b2.prefs.devices.cpp_standalone.openmp_threads = threads if threads > 1 else 0  # 0: without OpenMP
        b2.defaultclock.dt = DT_MS * ms
        b2.seed(86524)
        cells = b2.NeuronGroup(
            n,
            """dv/dt = (-65*mV - v)/(20*ms) + isyn/c_m : volt (unless refractory)
            disyn/dt = -isyn/(2*ms) : amp""",
            threshold="v >= -50*mV", reset="v = -65*mV", refractory=2 * ms, method="exact",
            namespace={"c_m": 0.25 * nF},
        )  # fmt: skip
        cells.v = -65 * mV
        split = round(EXCITATORY * n)
        exc, inh = cells[:split], cells[split:]
        learning = _brian2_learning(b2, exc)
        learning.connect(p=P_CONNECT / scale)
        learning.w = WEIGHT_nA * nA
        static = []
        for source, target, weight in ((exc, inh, WEIGHT_nA), (inh, cells, INHIBITION * WEIGHT_nA)):
            made = b2.Synapses(
                source, target, on_pre="isyn += weight", delay=DELAY_MS * ms, namespace={"weight": weight * nA}
            )
            made.connect(p=P_CONNECT / scale)
            static.append(made)
        noise = b2.PoissonInput(cells, "isyn", 1, INPUT_HZ * Hz, INPUT_nA * nA)
        monitor = b2.SpikeMonitor(cells)
        net = b2.Network(cells, learning, noise, monitor, *static)
        net.run(duration_ms * ms)
        b2.device.build(directory=folder, compile=True, run=False, with_output=False)
        compiled = perf_counter()
        b2.device.run(directory=folder, with_output=False)
        whole_run = perf_counter() - compiled
        loop = float(b2.device._last_run_time)
        rate = monitor.num_spikes / n / (duration_ms / 1000.0)
        mean = float(learning.w[:].mean() / (WEIGHT_nA * nA))
        count = len(learning) + sum(len(made) for made in static)
    building = compiled - imported + whole_run - loop
    times = {"import_s": imported - start, "build_s": building, "run_s": loop, "read_s": 0.0}
    return {"rate_Hz": rate, "synapses": count, "mean_weight": mean, **times}


def _brian2_learning(b2: Any, exc: Any) -> Any:
    return b2.Synapses(
        exc,
        exc,
        """w : amp
        dx/dt = -x/(20*ms) : 1 (event-driven)
        dy/dt = -y/(20*ms) : 1 (event-driven)""",
        on_pre="x += 1; w = clip(w - a_minus*y, 0*nA, w_max); isyn_post += w",
        on_post="y += 1; w = clip(w + a_plus*x, 0*nA, w_max)",
        delay={"pre": DELAY_MS * b2.ms},
        namespace={
            "w_max": 2 * WEIGHT_nA * b2.nA,
            "a_plus": RULE["A_plus"] * 2 * WEIGHT_nA * b2.nA,
            "a_minus": RULE["A_minus"] * 2 * WEIGHT_nA * b2.nA,
        },
    )


def main() -> None:
    """Run the network as the command line says and print its figures as one line of JSON."""
    start = perf_counter()
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("backend", help="annarchy, nest, brian2 (standalone C++)")
    parser.add_argument("--duration", type=float, default=1000.0, help="biological ms")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--scale", type=float, default=1.0, help="number of cells relative to 2,000")
    options = parser.parse_args()
    if options.backend == "brian2":
        figures = run_brian2(options.duration, options.threads, options.scale)
    else:
        figures = run_pynn(options.backend, options.duration, options.threads, options.scale)
    print(json.dumps({**figures, "total_s": perf_counter() - start}))


if __name__ == "__main__":
    main()

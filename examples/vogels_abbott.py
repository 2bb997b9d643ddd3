"""The balanced network of Vogels and Abbott (2005), as benchmarks 1 (COBA) and 2 (CUBA) of Brette et al. (2007).

    python vogels_abbott.py [BACKEND] [--benchmark COBA|CUBA|both] [--size N] [--duration MS] [--threads N] [--plot FILE]
"""

import argparse
import importlib
from time import perf_counter

import matplotlib
import numpy as np
from pyNN.random import NumpyRNG, RandomDistribution

matplotlib.use("Agg")
import matplotlib.pyplot as plt  # noqa: E402

# Membrane: 20000 um2 at 1 uF/cm2 and 5e-5 S/cm2. Synapses: 6 and 67 nS (COBA), 16.2 and -90 pA (CUBA).
CELL = dict(cm=0.2, tau_m=20.0, v_reset=-60.0, v_thresh=-50.0, tau_refrac=5.0, tau_syn_E=5.0, tau_syn_I=10.0)
COBA = dict(cell="IF_cond_exp", values=dict(v_rest=-60.0, e_rev_E=0.0, e_rev_I=-80.0), exc=0.006, inh=0.067)
CUBA = dict(cell="IF_curr_exp", values=dict(v_rest=-49.0), exc=0.0162, inh=-0.09)
BLUE, RED = "#2b6cb0", "#c53030"


def simulate(sim, model, size, duration, threads):
    """Build and run one of the two networks; return its spikes, three voltage traces and (build, run) in seconds."""
    start = perf_counter()
    extra = {"threads": threads} if threads > 1 else {}
    sim.setup(timestep=0.1, min_delay=0.2, max_delay=1.0, **extra)
    rng = NumpyRNG(seed=98765)
    cells = sim.Population(size, getattr(sim, model["cell"])(**CELL, **model["values"]))
    cells.initialize(v=RandomDistribution("uniform", low=-60.0, high=-50.0, rng=rng))
    exc, inh = cells[: size * 4 // 5], cells[size * 4 // 5 :]
    each = sim.FixedProbabilityConnector(min(1.0, 80 / size), rng=rng)  # 80 inputs per cell, whatever the size
    for source, weight, receptor in ((exc, model["exc"], "excitatory"), (inh, model["inh"], "inhibitory")):
        sim.Projection(source, cells, each, sim.StaticSynapse(weight=weight, delay=0.2), receptor_type=receptor)
    if model is COBA:  # it rests below threshold: a tenth of the cells gets spikes during the first 50 ms
        kick = sim.Population(size // 10, sim.SpikeSourcePoisson(rate=300.0, duration=50.0))
        sim.Projection(kick, cells[: size // 10], sim.OneToOneConnector(), sim.StaticSynapse(weight=0.1, delay=0.2))
    cells.record("spikes")
    cells[0:3].record("v")
    built = perf_counter()
    sim.run(duration)
    done = perf_counter()
    segment = cells.get_data().segments[0]
    sim.end()
    return segment.spiketrains, segment.filter(name="v")[0], (built - start, done - built)


def draw(axes, name, trains, traces, duration):
    """Raster, population rate and three voltages, one above the other."""
    raster, rate, voltage = axes
    shown, split = range(0, len(trains), max(1, len(trains) // 400)), len(trains) * 4 // 5
    raster.eventplot([np.asarray(trains[i]) for i in shown], lineoffsets=list(shown), linewidths=0.7,
                     linelengths=0.9 * shown.step, colors=[BLUE if i < split else RED for i in shown])
    raster.set(title=name, ylabel="cell", ylim=(-1, len(trains)))
    bins = np.arange(0.0, duration + 5.0, 5.0)
    for part, colour, label in ((trains[:split], BLUE, "excitatory"), (trains[split:], RED, "inhibitory")):
        counts, _ = np.histogram(np.concatenate([np.asarray(train) for train in part]), bins)
        rate.step(bins[:-1], counts / len(part) / 0.005, where="post", color=colour, lw=1, label=label)
    rate.set(ylabel="rate (Hz)", ylim=(0, None))
    rate.legend(frameon=False, ncols=2, loc="upper right")
    voltage.plot(np.asarray(traces.times), np.asarray(traces) + 25.0 * np.arange(3), color="0.25", lw=0.7)
    voltage.set(ylabel="v of three cells", xlabel="time (ms)", xlim=(0, duration), yticks=[])


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("backend", nargs="?", default="annarchy")
    parser.add_argument("--benchmark", choices=("COBA", "CUBA", "both"), default="both")
    parser.add_argument("--size", type=int, default=4000)
    parser.add_argument("--duration", type=float, default=1000.0)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--plot", default="vogels_abbott.png")
    given = parser.parse_args()
    chosen = {"COBA": {"COBA": COBA}, "CUBA": {"CUBA": CUBA}}.get(given.benchmark, {"COBA": COBA, "CUBA": CUBA})
    figure, panels = plt.subplots(3, len(chosen), figsize=(6.5 * len(chosen), 8), sharex=True, squeeze=False,
                                  height_ratios=(3, 1, 1), layout="constrained")
    for column, (name, model) in zip(panels.T, chosen.items()):
        trains, traces, (build, run) = simulate(importlib.import_module(f"pyNN.{given.backend}"), model, given.size,
                                                given.duration, given.threads)
        hertz = [1000.0 / given.duration * np.mean([len(train) for train in part])
                 for part in (trains[: given.size * 4 // 5], trains[given.size * 4 // 5 :])]
        print(f"{name}: {given.size} cells, excitatory {hertz[0]:.2f} Hz, inhibitory {hertz[1]:.2f} Hz, "
              f"build {build:.2f} s, run {run:.2f} s")
        draw(column, f"{name} ({model['cell']}) on {given.backend}", trains, traces, given.duration)
    figure.savefig(given.plot, dpi=150)

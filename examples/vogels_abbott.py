"""The balanced network of Vogels and Abbott (2005), as benchmarks 1 (COBA) and 2 (CUBA) of Brette et al. (2007)."""

import argparse
import importlib
from time import perf_counter

import matplotlib
import numpy as np
from pyNN.random import NumpyRNG, RandomDistribution

matplotlib.use("Agg")
import matplotlib.pyplot as plt

# Membrane: 20000 um2 at 1 uF/cm2 and 5e-5 S/cm2. Synapses: 6 and 67 nS (COBA), 16.2 and -90 pA (CUBA).
CELL = dict(cm=0.2, tau_m=20.0, v_reset=-60.0, v_thresh=-50.0, tau_refrac=5.0, tau_syn_E=5.0, tau_syn_I=10.0)
COBA = dict(cell="IF_cond_exp", values=dict(v_rest=-60.0, e_rev_E=0.0, e_rev_I=-80.0), exc=0.006, inh=0.067)
CUBA = dict(cell="IF_curr_exp", values=dict(v_rest=-49.0), exc=0.0162, inh=-0.09)
COLOURS = {"excitatory": "#2b6cb0", "inhibitory": "#c53030"}


def simulate(sim, model, size, duration, threads):
    """Build and run one of the two networks; return its data and the seconds that building and running took."""
    start = perf_counter()
    sim.setup(timestep=0.1, min_delay=0.2, max_delay=1.0, **({"threads": threads} if threads > 1 else {}))
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
    return cells.get_data().segments[0], built - start, done - built


def draw(axes, parts, traces, duration):
    """Raster, population rates and three voltages, one above the other."""
    raster, rate, voltage = axes
    bins, first = np.arange(0.0, duration + 0.1, 5.0), 0
    for label, trains in parts.items():
        times = np.concatenate([np.asarray(train) for train in trains])
        cells = np.repeat(np.arange(first, first + len(trains)), [len(train) for train in trains])
        raster.scatter(times, cells, s=0.6, lw=0, color=COLOURS[label], rasterized=True)
        rate.stairs(np.histogram(times, bins)[0] / len(trains) / 0.005, bins, color=COLOURS[label], label=label)
        first += len(trains)
    raster.set(ylabel="cell", ylim=(0, first))
    rate.set(ylabel="rate (Hz)", ylim=(0, None))
    rate.legend(frameon=False, ncols=2, loc="upper right")
    voltage.plot(np.asarray(traces.times), np.asarray(traces) + 25.0 * np.arange(3), color="0.25", lw=0.7)
    voltage.set(ylabel="v of three cells", xlabel="time (ms)", xlim=(0, duration), yticks=[])


parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.ArgumentDefaultsHelpFormatter)
parser.add_argument("backend", nargs="?", default="annarchy", help="nest, neuron or another backend of PyNN")
parser.add_argument("--benchmark", choices=("COBA", "CUBA", "both"), default="both")
parser.add_argument("--size", type=int, default=4000, help="cells")
parser.add_argument("--duration", type=float, default=1000.0, help="biological time in ms")
parser.add_argument("--threads", type=int, default=1)
parser.add_argument("--plot", default="vogels_abbott.png", help="the picture's file")
args = parser.parse_args()
models = {name: model for name, model in (("COBA", COBA), ("CUBA", CUBA)) if args.benchmark in (name, "both")}
shape = dict(figsize=(6.5 * len(models), 8), height_ratios=(3, 1, 1), layout="constrained")
figure, panels = plt.subplots(3, len(models), sharex=True, squeeze=False, **shape)
for column, (name, model) in zip(panels.T, models.items(), strict=True):
    sim, n_exc = importlib.import_module(f"pyNN.{args.backend}"), args.size * 4 // 5
    data, build, run = simulate(sim, model, args.size, args.duration, args.threads)
    parts = {"excitatory": data.spiketrains[:n_exc], "inhibitory": data.spiketrains[n_exc:]}
    hertz = [f"{part} {1000.0 / args.duration * np.mean([*map(len, trains)]):.2f} Hz" for part, trains in parts.items()]
    print(f"{name}: {args.size} cells, {', '.join(hertz)}, build {build:.2f} s, run {run:.2f} s")
    column[0].set_title(f"{name} ({model['cell']}) on {args.backend}")
    draw(column, parts, data.filter(name="v")[0], args.duration)
figure.savefig(args.plot, dpi=150)

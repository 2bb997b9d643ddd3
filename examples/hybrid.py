"""From rates to spikes and back: how well does a population of spiking cells carry a signal that changes?

A rate-coded stimulus sets the rate of Poisson processes, whose spikes are decoded again, in windows of several lengths
and by intervals. The error has two parts: a longer window is late by half its length, and smooths; a shorter one counts
fewer spikes, so that its noise is sqrt(rate/(cells*window)). Intervals of Poisson processes read 2 ln 2 times the rate.
Beside them, the same stimulus drives a leaky cell as a current.
"""

import argparse

import matplotlib
import numpy as np
import pyNN.annarchy as sim

matplotlib.use("Agg")
import matplotlib.pyplot as plt

parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.ArgumentDefaultsHelpFormatter)
parser.add_argument("--cells", type=int, default=400, help="how many spiking cells carry the signal")
parser.add_argument("--duration", type=float, default=4000.0, help="in ms")
parser.add_argument("--seed", type=int, default=1, help="of the spikes")
parser.add_argument("--plot", default="hybrid.png", help="the picture's file")
args = parser.parse_args()

PERIOD, WINDOWS = 1000.0, (5.0, 20.0, 80.0, 320.0)
sim.setup(timestep=1.0, min_delay=1.0, max_delay=10.0, seed=args.seed)
phase = 2 * np.pi * np.arange(PERIOD) / PERIOD
stimulus = sim.Population(1, sim.TimedArray(rates=50 - 40 * np.cos(phase), schedule=1.0, period=PERIOD))
spiking = sim.Population(args.cells, sim.PoissonPopulation(target="exc"))
sim.Projection(stimulus, spiking, sim.AllToAllConnector(), sim.Synapse()(weight=1.0), receptor_type="exc")

Reader = sim.Neuron("", "r = sum(exc)", name="Reader")
kinds = {f"{window:g} ms": sim.DecodingSynapse(window=window) for window in WINDOWS}
kinds["intervals"] = sim.DecodingSynapse(mode="isi")
readers = {name: sim.Population(1, Reader()) for name in kinds}
for name, kind in kinds.items():
    sim.Projection(spiking, readers[name], sim.AllToAllConnector(), kind, receptor_type="exc")

LIF = sim.Neuron("tau = 20.0", "tau*dv/dt = 0.04*g_exc - v", spike="v > 1", reset="v = 0", name="LIF")
leaky = sim.Population(1, LIF())
sim.Projection(stimulus, leaky, sim.AllToAllConnector(), sim.CurrentInjection(), receptor_type="exc")

spiking[:100].record("spikes")
leaky.record(["v", "spikes"])
for population in (stimulus, *readers.values()):
    population.record("r")
sim.run(args.duration)


def trace(population, name="r"):
    """Return the samples of a variable of the only cell."""
    return population.get_data().segments[0].filter(name=name)[0].magnitude[:, 0]


settled = slice(int(PERIOD), None)
given, decoded = trace(stimulus), {name: trace(reader) for name, reader in readers.items()}
for name, rate in decoded.items():
    shifted = [np.mean((rate[settled] - np.roll(given, lag)[settled]) ** 2) for lag in range(300)]
    error = np.sqrt(np.mean((rate - given)[settled] ** 2))
    print(f"{name}: mean {rate[settled].mean():.1f} Hz, error {error:.1f} Hz, late by {np.argmin(shifted)} ms")
print(f"leaky cell: {len(leaky.get_data().segments[0].spiketrains[0])} spikes")

figure, panels = plt.subplots(3, 1, figsize=(8, 7), sharex=True, layout="constrained")
for number, train in enumerate(spiking.get_data().segments[0].spiketrains):
    panels[0].plot(train.magnitude, np.full(len(train), number), ",k")
for name, rate in decoded.items():
    panels[1].plot(rate, lw=0.8, label=name)
panels[1].plot(given, "k", lw=1.5, label="given")
panels[1].legend(ncols=6, fontsize=8)
panels[2].plot(trace(leaky, "v"), lw=0.8)
for panel, label in zip(panels, ("cell", "rate [Hz]", "v of a leaky cell"), strict=True):
    panel.set_ylabel(label)
panels[2].set(xlabel="time [ms]", xlim=(PERIOD, 3 * PERIOD))
figure.savefig(args.plot, dpi=150)

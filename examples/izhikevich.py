"""Rhythms of a thousand randomly coupled neurons (Izhikevich 2003, doi 10.1109/TNN.2003.820440, figure 3).

Excitatory and inhibitory cells differ from each other as in the paper, get noise, and excite and inhibit all others.
They fire irregularly, at a few spikes per second, and now and then together, in the bands of alpha (10 Hz) and gamma
(40 Hz).
"""

import argparse

import matplotlib
import numpy as np
import pyNN.annarchy as sim

matplotlib.use("Agg")
import matplotlib.pyplot as plt

parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.ArgumentDefaultsHelpFormatter)
parser.add_argument("--duration", type=float, default=10.0, help="biological time in s")
parser.add_argument("--seed", type=int, default=1, help="of all random numbers")
parser.add_argument("--plot", default="izhikevich.png", help="the picture's file")
args = parser.parse_args()

# The paper's own steps: v in two halves, then u with the new v.
Izhikevich = sim.Neuron(
    parameters="a = 0.02; b = 0.2; c = -65.0; d = 8.0; noise = 5.0",
    equations="""
        I = g_exc - g_inh + noise*Normal(0, 1)
        v = v + (0.04*v^2 + 5*v + 140 - u + I)/2 : init=-65.0
        v = v + (0.04*v^2 + 5*v + 140 - u + I)/2
        u = u + a*(b*v - u)                      : init=-65.0*b
    """,
    spike="v >= 30",
    reset="v = c; u += d",
    name="Izhikevich",
)

sim.setup(timestep=1.0, min_delay=1.0, max_delay=1.0, seed=args.seed)
rng = np.random.default_rng(args.seed)
x, y = rng.random(800), rng.random(200)
excitatory = sim.Population(800, Izhikevich(c=-65 + 15 * x**2, d=8 - 6 * x**2))
inhibitory = sim.Population(200, Izhikevich(a=0.02 + 0.08 * y, b=0.25 - 0.05 * y, d=2.0, noise=2.0))
everyone = excitatory + inhibitory
for sources, receptor, highest in ((excitatory, "exc", 0.5), (inhibitory, "inh", 1.0)):
    weight = sim.RandomDistribution("uniform", (0.0, highest), rng=sim.NumpyRNG(args.seed))
    for targets in (excitatory, inhibitory):
        synapse = sim.StaticSynapse(weight=weight, delay=1.0)
        sim.Projection(sources, targets, sim.AllToAllConnector(), synapse, receptor_type=receptor)
everyone.record("spikes")
sim.run(args.duration * 1e3)

trains = [train.magnitude for train in everyone.get_data().segments[0].spiketrains]
counts = np.bincount(np.rint(np.concatenate(trains)).astype(int), minlength=int(args.duration * 1e3) + 1)[1:]
rate = counts.mean()  # of 1000 cells in 1 ms, hence in spikes per second
windows = counts[: len(counts) // 1000 * 1000].reshape(-1, 1000) - rate
power = (np.abs(np.fft.rfft(windows)) ** 2).mean(axis=0) / (rate * 1000)  # 1 for independent Poisson trains
bands = {name: power[low : high + 1].mean() for name, low, high in (("alpha", 8, 13), ("gamma", 30, 60))}
intervals = [np.diff(train) for train in trains if len(train) > 10]
cv = np.median([i.std() / i.mean() for i in intervals])
print(f"{rate:.2f} spikes per second, coefficient of variation of the intervals {cv:.2f}")
print(f"power: alpha {bands['alpha']:.1f}, gamma {bands['gamma']:.1f}, above 100 Hz {power[100:].mean():.1f}")

figure, (raster, spectrum) = plt.subplots(2, 1, figsize=(9, 7), layout="constrained", height_ratios=(2, 1))
for cell, train in enumerate(trains):
    shown = train[train <= 1000]
    raster.plot(shown, np.full(shown.shape, cell), ",", color="C0" if cell < 800 else "C3")
raster.set(xlabel="time (ms)", ylabel="neuron", xlim=(0, 1000), ylim=(0, 1000))
spectrum.semilogy(np.arange(1, 120), power[1:120])
spectrum.set(xlabel="frequency (Hz)", ylabel="power / Poisson", xlim=(0, 120))
figure.savefig(args.plot, dpi=150)

"""The four current sources of PyNN: what each injects, and its effect on a cell that spikes and on one that cannot."""

import argparse
import importlib

import matplotlib
import numpy as np

matplotlib.use("Agg")
import matplotlib.pyplot as plt

parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.ArgumentDefaultsHelpFormatter)
parser.add_argument("backend", nargs="?", default="annarchy", help="nest, neuron or another backend of PyNN")
parser.add_argument("--duration", type=float, default=500.0, help="biological time in ms")
parser.add_argument("--plot", default="current_injection.png", help="the picture's file")
args = parser.parse_args()
sim = importlib.import_module(f"pyNN.{args.backend}")
sim.setup(timestep=0.1, min_delay=0.1)

T = args.duration
sources = {
    "DCSource": sim.DCSource(amplitude=0.9, start=0.1 * T, stop=0.8 * T),
    "ACSource": sim.ACSource(amplitude=0.9, offset=0.4, frequency=5000.0 / T, phase=0.0, start=0.1 * T, stop=0.8 * T),
    "StepCurrentSource": sim.StepCurrentSource(
        times=[0.1 * T, 0.25 * T, 0.4 * T, 0.55 * T, 0.7 * T, 0.8 * T], amplitudes=[0.4, 0.8, 1.2, -0.4, 0.8, 0.0]
    ),
    "NoisyCurrentSource": sim.NoisyCurrentSource(mean=0.7, stdev=0.6, start=0.1 * T, stop=0.8 * T, dt=2.0),
}

# One pair of cells for each source: the first spikes, the threshold of the second is out of reach.
pairs = {}
for name, source in sources.items():
    pairs[name] = sim.Population(2, sim.IF_cond_exp(tau_m=10.0, cm=0.5, tau_refrac=2.0, v_thresh=[-50.0, 100.0]))
    pairs[name].record(["v", "spikes"])
    source.inject_into(pairs[name])
    source.record()
sim.run(T)

figure, panels = plt.subplots(4, 2, figsize=(12, 9), sharex=True, sharey="col", layout="constrained")
for (left, right), (name, source) in zip(panels, sources.items(), strict=True):
    current = source.get_data()
    amplitude = np.asarray(current).ravel()
    left.fill_between(np.asarray(current.times), amplitude, color="#2b6cb0", alpha=0.15, lw=0, step="post")
    left.step(np.asarray(current.times), amplitude, color="#2b6cb0", lw=1, where="post")
    left.set_ylabel("current (nA)")
    left.set_title(name, loc="left", fontsize=10)

    segment = pairs[name].get_data().segments[0]
    v = segment.filter(name="v")[0]
    spikes = np.asarray(segment.spiketrains[0])
    times, (spiking, passive) = np.asarray(v.times), np.asarray(v).T
    right.axhline(-50.0, color="0.7", lw=0.8, ls=":")
    right.plot(times, passive, color="0.65", lw=1, label="threshold out of reach")
    right.plot(times, spiking, color="#c53030", lw=1, label="threshold at -50 mV")
    right.vlines(spikes, -50.0, -38.0, color="#c53030", lw=1)
    right.set_ylabel("v (mV)")
    right.set_title(f"{len(spikes)} spikes", loc="left", fontsize=10)
    print(f"{name}: {amplitude.min():.3g} to {amplitude.max():.3g} nA, {len(spikes)} spikes, "
          f"v between {v.min().item():.2f} and {v.max().item():.2f} mV")  # fmt: skip

panels[0, 1].legend(frameon=False, ncols=2, fontsize=9, loc="lower right", bbox_to_anchor=(1.0, 1.0))
for panel in panels[-1]:
    panel.set(xlabel="time (ms)", xlim=(0, T))
figure.suptitle(f"Current injection on {args.backend}")
figure.savefig(args.plot, dpi=150)
sim.end()

"""Windows of STDP under all weight dependences, and pairs of spikes at several frequencies under the triplet rule."""

import argparse
import importlib

import matplotlib
import numpy as np
from pyNN.parameters import Sequence

matplotlib.use("Agg")
import matplotlib.pyplot as plt

DT, W = 0.1, 1e-7  # ms; uS, the weight at first, so small that it drives no cell. Weights are between 0 and 4 W.
# Of visual cortex, all pairs and triplets (Pfister and Gerstner 2006); the amplitudes are shares of the range.
TRIPLETS = dict(A2_plus=5e-10 / 4, A2_minus=7e-3 / 4, A3_plus=6.2e-3 / 4, A3_minus=2.3e-4 / 4)


def connect(synapse, pre, post):
    """Join sources that spike at the times `pre`, one to one, with cells that are made to spike at the times `post`."""
    trains = [[Sequence(np.round(times, 1)) for times in side] for side in (pre, [t - 3 * DT for t in post])]
    sources, drivers = (sim.Population(len(side), sim.SpikeSourceArray(spike_times=side)) for side in trains)
    cells = sim.Population(len(post), sim.IF_cond_exp(tau_syn_E=0.5, tau_refrac=2.0))
    for group, kind in ((drivers, sim.StaticSynapse(weight=5.0, delay=DT)), (sources, synapse)):
        projection = sim.Projection(group, cells, sim.OneToOneConnector(), kind, receptor_type="excitatory")
    return projection


def draw(panel, x, weights, title, xlabel):
    for label, values in weights.items():
        change = (np.array(values) / W - 1) * 100
        panel.plot(x, change, label=label)
        print(f"{title}, {label}: {change.min():+.1f} to {change.max():+.1f} %")
    panel.set(title=title, xlabel=xlabel, ylabel="change of the weight (%)")
    panel.legend(fontsize=8, frameon=False, loc="lower right")


def learn(panel, x, parts, end, title, xlabel):
    """Let projections with a rule, a weight dependence, and spike times on both sides learn; draw their weights."""
    mechanisms = {k: sim.STDPMechanism(*v[:2], weight=W, delay=DT) for k, v in parts.items()}
    made = {label: connect(mechanisms[label], *times) for label, (_, _, *times) in parts.items()}
    sim.run(end)
    draw(panel, x, {k: p.get("weight", "list", with_address=False) for k, p in made.items()}, title, xlabel)


def windows(panel):
    x, pairs = np.append(np.arange(-60.0, 0.0, 2.0), np.arange(2.0, 62.0, 2.0)), np.arange(100.0, 9e3, 300.0)
    rule, pre, post = sim.SpikePairRule(A_plus=0.01, A_minus=0.005), [pairs - dt for dt in x], [pairs for _ in x]
    names = ["AdditiveWeightDependence", "MultiplicativeWeightDependence", "GutigWeightDependence"]
    names.append("AdditivePotentiationMultiplicativeDepression")
    parts = {name: (rule, getattr(sim, name)(w_min=0.0, w_max=4 * W), pre, post) for name in names}
    learn(panel, x, parts, 9e3, "30 pairs", "t_post - t_pre (ms)")


def frequencies(panel):
    rates = np.array([1.0, 5.0, 10.0, 20.0, 30.0, 40.0, 50.0])
    rule, dependence = sim.PfisterSpikeTripletRule(**TRIPLETS), sim.AdditiveWeightDependence(w_max=4 * W)
    pre = [100.0 + 1000.0 / rate * np.arange(60) for rate in rates]
    parts = {f"t_post - t_pre = {dt} ms": (rule, dependence, pre, [t + dt for t in pre]) for dt in (10, -10)}
    learn(panel, rates, parts, 61e3, "60 pairs, triplet rule", "pairs per second")


parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.ArgumentDefaultsHelpFormatter)
parser.add_argument("backend", nargs="?", default="annarchy", help="nest, neuron or another backend of PyNN")
parser.add_argument("--plot", default="plasticity.png", help="the picture's file")
args = parser.parse_args()

sim = importlib.import_module(f"pyNN.{args.backend}")
figure, panels = plt.subplots(1, 2, figsize=(11, 4.8), layout="constrained")
for panel, protocol in zip(panels, (windows, frequencies), strict=True):
    sim.setup(timestep=DT)
    try:
        protocol(panel)
    except AttributeError as missing:
        panel.set_title(f"{args.backend}: {missing}", fontsize=7)
figure.savefig(args.plot, dpi=150)

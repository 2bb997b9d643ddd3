"""Firing rate against injected current for every point cell of PyNN: at the onset of a step, and once adapted."""

import argparse
import importlib

import matplotlib
import numpy as np

matplotlib.use("Agg")
import matplotlib.pyplot as plt

# The strongest current (nA) of each curve; parameters are PyNN's defaults but for those given here.
CELLS = {
    "IF_curr_alpha": (3.0, {}),
    "IF_curr_exp": (3.0, dict(tau_refrac=5.0)),
    "IF_curr_delta": (3.0, dict(tau_m=40.0)),
    "IF_cond_alpha": (3.0, {}),
    "IF_cond_exp": (3.0, dict(tau_refrac=5.0)),
    "IF_cond_exp_gsfa_grr": (6.0, {}),
    "IF_facets_hardware1": (1.5, {}),
    "HH_cond_exp": (1.5, {}),
    "EIF_cond_alpha_isfa_ista": (1.5, {}),
    "EIF_cond_exp_isfa_ista": (1.5, dict(a=0.0, b=0.0)),
    "Izhikevich": (0.03, {}),
    "GIF_cond_exp": (3.0, dict(a_eta=[0.1, 0.1, 0.1])),
}
DELAY = 50.0  # ms before the step begins


def create(sim, name, currents, duration):
    """Return a recorded population with one of the currents in each cell, or None if the backend lacks the cell."""
    try:
        population = sim.Population(len(currents), getattr(sim, name)(**CELLS[name][1]), label=name)
    except Exception as reason:  # a backend may also have a class that fails
        print(f"{name}: not available ({type(reason).__name__}: {str(reason)[:60]})")
        return None
    for index, current in enumerate(currents):
        source = sim.DCSource(amplitude=float(current), start=DELAY, stop=DELAY + duration)
        source.inject_into(population[index : index + 1])
    population.record("spikes")
    return population


def rates(trains, duration):
    """Onset rate (first interval) and adapted rate (spikes of the second half) of every train, in Hz."""
    times = [np.asarray(train) for train in trains]
    onset = [1000.0 / (train[1] - train[0]) if len(train) > 1 else 0.0 for train in times]
    return np.array(onset), np.array([np.sum(train > DELAY + duration / 2) * 2000.0 / duration for train in times])


parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.ArgumentDefaultsHelpFormatter)
parser.add_argument("backend", nargs="?", default="annarchy", help="nest, neuron or another backend of PyNN")
parser.add_argument("--points", type=int, default=31, help="currents of each curve")
parser.add_argument("--duration", type=float, default=2000.0, help="length of the step in ms")
parser.add_argument("--plot", default="fi_curves.png", help="the picture's file")
args = parser.parse_args()

sim = importlib.import_module(f"pyNN.{args.backend}")
sim.setup(timestep=0.05)
currents = {name: np.linspace(0.0, most, args.points) for name, (most, _) in CELLS.items()}
cells = {name: create(sim, name, currents[name], args.duration) for name in CELLS}
sim.run(DELAY + args.duration)

figure, panels = plt.subplots(3, 4, figsize=(13, 8.5), layout="constrained")
for (name, population), panel in zip(cells.items(), panels.flat, strict=True):
    panel.set_title("\n".join([name, *(f"{key}={value}" for key, value in CELLS[name][1].items())]), fontsize=9)
    if population is None:
        panel.text(0.3, 0.5, f"not on {args.backend}", color="0.5", transform=panel.transAxes)
        continue
    onset, adapted = rates(population.get_data("spikes").segments[0].spiketrains, args.duration)
    panel.plot(currents[name], adapted, color="#2b6cb0", lw=3.5, alpha=0.6, label="second half of the step")
    panel.plot(currents[name], onset, color="#dd6b20", lw=1.2, label="first interval")
    firing = currents[name][adapted > 0]
    print(f"{name}: fires from {firing[0] if len(firing) else float('nan'):.4g} nA, at most {adapted.max():.1f} Hz")
    panel.set(xlim=(0, CELLS[name][0]), ylim=(0, None), xticks=np.linspace(0.0, CELLS[name][0], 4))
panels[0, 0].legend(frameon=False, fontsize=9)
figure.supxlabel(f"injected current (nA), on {args.backend}")
figure.supylabel("rate (Hz)")
figure.savefig(args.plot, dpi=150)

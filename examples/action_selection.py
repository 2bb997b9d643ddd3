"""Action selection in the basal ganglia (Gurney, Prescott and Redgrave 2001, doi 10.1007/PL00007984, PL00007985).

Six channels ask for an action with a salience each. The output nucleus inhibits all of them at rest, and lets go of the
one whose salience is highest. First, saliences that change with time: channel 1 is selected until channel 2 is more
salient. Then all pairs of saliences: with little dopamine nothing is selected, with much both are.
"""

import argparse

import matplotlib
import numpy as np
import pyNN.annarchy as sim

matplotlib.use("Agg")
import matplotlib.pyplot as plt

parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.ArgumentDefaultsHelpFormatter)
parser.add_argument("--plot", default="action_selection.png", help="the picture's file")
args = parser.parse_args()

N, SELECTED = 6, 0.05  # channels; a channel is selected when its output is at most this
Salience = sim.Neuron("level = 0.0", "r = level", name="Salience")
# What dopamine does to the cortical input of the striatum, and the threshold, differ between nuclei.
Nucleus = sim.Neuron(
    "tau = 40.0; threshold = 0.0; gain = 1.0",
    "tau*da/dt = gain*sum(cortex) + sum(exc) - sum(inh) - a; r = clip(a - threshold, 0, 1)",
    name="Nucleus",
)


def basal_ganglia(copies, dopamine):
    """Return the saliences and outputs of independent copies; copy k has the channels from 6*k on."""
    size, kept = copies * N, np.repeat(dopamine, N)
    salience = sim.Population(size, Salience())
    d1 = sim.Population(size, Nucleus(threshold=0.2, gain=1 + kept))
    d2 = sim.Population(size, Nucleus(threshold=0.2, gain=1 - kept))
    stn, gpe, gpi = (sim.Population(size, Nucleus(threshold=threshold)) for threshold in (-0.25, -0.2, -0.2))
    alone, copy = sim.OneToOneConnector(), np.kron(np.eye(copies), np.ones((N, N))).astype(bool)
    parts = [(salience, nucleus, "cortex", 1.0, alone) for nucleus in (d1, d2, stn)]
    parts += [(d2, gpe, "inh", 1.0, alone), (gpe, stn, "inh", 1.0, alone), (gpe, gpi, "inh", 0.3, alone)]
    parts += [(stn, nucleus, "exc", 0.9, sim.ArrayConnector(copy)) for nucleus in (gpe, gpi)]
    for pre, post, receptor, weight, connector in [*parts, (d1, gpi, "inh", 1.0, alone)]:
        sim.Projection(pre, post, connector, sim.Synapse()(weight=weight), receptor_type=receptor)
    return salience, gpi


figure, panels = plt.subplot_mosaic("aaa;bcd", figsize=(10, 7), layout="constrained")
sim.setup(timestep=1.0)
salience, output = basal_ganglia(1, [0.2])
output.record("r")
for first, second in ((0.0, 0.0), (0.5, 0.0), (0.5, 0.8), (0.8, 0.8), (0.5, 0.8)):
    salience.level = [first, second, 0.0, 0.0, 0.0, 0.0]
    sim.run(1000.0)
    print(f"saliences {first} {second}: outputs {output.r[0]:.4f} {output.r[1]:.4f}, others {output.r[2:].max():.4f}")
panels["a"].plot(output.get_data().segments[0].analogsignals[0][:, :3], label=["channel 1", "channel 2", "others"])
panels["a"].axhline(SELECTED, color="0.6", ls=":")
panels["a"].set(xlabel="time (ms)", ylabel="output")
panels["a"].legend(frameon=False)

sim.setup(timestep=1.0)
levels = np.linspace(0, 1, 11)
pairs = np.array(np.meshgrid(levels, levels, indexing="ij")).reshape(2, -1).T
salience, output = basal_ganglia(3 * len(pairs), np.repeat([0.0, 0.2, 0.4], len(pairs)))
salience.level = np.tile(np.pad(pairs, ((0, 0), (0, N - 2))).ravel(), 3)
sim.run(1000.0)
selected = (output.r.reshape(3, 11, 11, N)[..., :2] <= SELECTED).sum(axis=-1)
for panel, name, counts in zip("bcd", ("little", "normal", "much"), selected, strict=True):
    print(f"{name} dopamine: none {(counts == 0).sum()}, one {(counts == 1).sum()}, both {(counts == 2).sum()}")
    panels[panel].imshow(counts.T, origin="lower", extent=(-0.05, 1.05, -0.05, 1.05), vmin=0, vmax=2, cmap="viridis")
    panels[panel].set(title=f"{name} dopamine: channels selected", xlabel="salience 1", ylabel="salience 2")
figure.savefig(args.plot, dpi=150)

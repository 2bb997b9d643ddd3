"""Which lines is an image made of? Sparse codes by local anti-Hebbian learning (Foldiak 1990, doi 10.1007/BF02331346).

Each of 16 bars of an 8x8 image is there with probability 1/8. 16 units that inhibit each other where they have been
active together, and that adapt their thresholds to be active in 1/8 of the images, learn one bar each.
"""

import argparse

import matplotlib
import numpy as np
import pyNN.annarchy as sim

matplotlib.use("Agg")
import matplotlib.pyplot as plt

parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.ArgumentDefaultsHelpFormatter)
parser.add_argument("--images", type=int, default=1200, help="how many to learn from")
parser.add_argument("--seed", type=int, default=1, help="of the images and the first weights")
parser.add_argument("--plot", default="bars.png", help="the picture's file")
args = parser.parse_args()

DT, SHOWN = 0.25, 5.0  # an image is shown for five time constants of the units; they learn in the last step of it
Pixel = sim.Neuron("first = 0.0", "r = r : init=first", name="Pixel")  # keeps what it is given
Unit = sim.Neuron(
    "steepness = 10.0",
    """
    dx/dt = 1/(1 + exp(-steepness*sum())) - x : min=0, max=1
    y = ite(x > 0.5, 1, 0)      # what is learnt from
    r = x
    """,
    name="Unit",
)
Hebb = sim.Synapse("beta = 0.02 : projection", "w = w + beta*post.y*(pre.r - w)", name="Hebb")
AntiHebb = sim.Synapse(
    "alpha = 0.1 : projection; p = 0.125 : projection", "w = w - alpha*(pre.y*post.y - p^2) : max=0", name="AntiHebb"
)
Threshold = sim.Synapse("gamma = 0.02 : projection; p = 0.125 : projection", "w = w - gamma*(post.y - p)")

sim.setup(timestep=DT, min_delay=DT, max_delay=DT)
rng = np.random.default_rng(args.seed)
first = rng.random((64, 16))
image, always = sim.Population((8, 8), Pixel()), sim.Population(1, Pixel(first=1.0))
code = sim.Population(16, Unit())
whole = sim.AllToAllConnector(allow_self_connections=False)
forward = sim.Projection(image, code, whole, Hebb(weight=first / np.linalg.norm(first, axis=0)), receptor_type="exc")
lateral = sim.Projection(code, code, whole, AntiHebb(weight=0.0), receptor_type="inh")
threshold = sim.Projection(always, code, whole, Threshold(weight=0.0, gamma=0.1), receptor_type="threshold")


@sim.every(period=SHOWN)
def show(number):
    """Draw which bars there are, at first eight rows, then eight columns."""
    bars = rng.random(16) < 0.125
    image.r = np.logical_or.outer(bars[:8], bars[8:]).astype(float)


for projection in (forward, lateral, threshold):
    projection.enable_learning(period=SHOWN, offset=SHOWN - DT)
forward.plasticity = lateral.plasticity = False  # the thresholds settle first
sim.run(100 * SHOWN)
forward.plasticity = lateral.plasticity = True
threshold.set(gamma=0.02)
sim.run(args.images * SHOWN)

weights = forward.get("weight", "array").T.reshape(16, 8, 8)
templates = np.concatenate([np.repeat(np.eye(8)[:, :, None], 8, axis=2), np.repeat(np.eye(8)[:, None], 8, axis=1)])
likeness = np.einsum("uxy,bxy->ub", weights, templates) / 8 - np.einsum("uxy,bxy->ub", weights, 1 - templates) / 56
print(f"{len(set(likeness.argmax(axis=1)))} of 16 bars have a unit; contrast {likeness.max(axis=1).mean():.2f}")

figure, panels = plt.subplots(2, 8, figsize=(9, 5), layout="constrained")
for panel, unit in zip(panels.flat, weights[np.argsort(likeness.argmax(axis=1))], strict=True):
    panel.imshow(unit, cmap="gray", vmin=0, vmax=1)
    panel.set_axis_off()
figure.savefig(args.plot, dpi=150)

"""Selectivity by the BCM rule (Bienenstock, Cooper and Munro 1982, doi 10.1523/JNEUROSCI.02-01-00032.1982).

Neurons see bars of six orientations. With Oja's rule (1982, doi 10.1007/BF00275687) all of them find the principal
component of the images, which has no orientation. With the BCM rule in Intrator and Cooper's form each finds one
orientation; as its threshold is the mean of its squared response, that response is 6, and 0 to the others.
"""

import argparse

import matplotlib
import numpy as np
import pyNN.annarchy as sim

matplotlib.use("Agg")
import matplotlib.pyplot as plt

parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.ArgumentDefaultsHelpFormatter)
parser.add_argument("--turns", type=int, default=1000, help="how often each bar is shown")
parser.add_argument("--seed", type=int, default=1, help="of the order of bars and the first weights")
parser.add_argument("--plot", default="receptive_fields.png", help="the picture's file")
args = parser.parse_args()

BARS, SIDE, CELLS, SHOWN = 6, 13, 16, 2.0  # a bar is shown for two steps: in the second one neurons see it and learn
rng = np.random.default_rng(args.seed)
x, y = np.mgrid[:SIDE, :SIDE] - SIDE // 2
angle = np.arange(BARS)[:, None, None] * np.pi / BARS
bars = np.exp(-((x * np.cos(angle) + y * np.sin(angle)) ** 2) / (2 * 0.8**2)) * (np.hypot(x, y) < SIDE / 2)
bars /= np.sqrt((bars**2).sum(axis=(1, 2), keepdims=True))

Pixel = sim.Neuron(equations="r = r", name="Pixel")  # keeps what it is given
Cell = sim.Neuron(equations="r = pos(sum(exc))", name="Cell")
Oja = sim.Synapse("eta = 0.02 : projection", "w = w + eta*post.r*(pre.r - post.r*w)", name="Oja")
BCM = sim.Synapse(
    "eta = 0.01 : projection; memory = 60.0 : projection",
    """
    theta = theta + (post.r^2 - theta)/memory : postsynaptic, init=1.0
    w = w + eta*post.r*(post.r - theta)*pre.r
    """,
    name="BCM",
)

sim.setup(timestep=1.0, min_delay=1.0, max_delay=1.0)
eye, learning = sim.Population((SIDE, SIDE), Pixel()), {}
for rule in (Oja, BCM):
    synapse = rule(weight=rng.uniform(0.0, 0.2, (SIDE**2, CELLS)))
    cells = sim.Population(CELLS, Cell())
    learning[rule] = sim.Projection(eye, cells, sim.AllToAllConnector(), synapse, receptor_type="exc")
    learning[rule].enable_learning(period=SHOWN, offset=SHOWN - 1.0)
order = np.concatenate([rng.permutation(BARS) for _ in range(args.turns)])


@sim.every(period=SHOWN)
def show(number):
    eye.r = bars[order[number]]


sim.run(order.size * SHOWN)

seen = bars.reshape(BARS, -1)
component = np.linalg.eigh(seen.T @ seen)[1][:, -1]
figure, panels = plt.subplots(2, CELLS // 2 + 1, figsize=(12, 3), layout="constrained", width_ratios=[1] * 8 + [2])
for (rule, projection), row in zip(learning.items(), panels, strict=True):
    weights = projection.get("weight", "array").T
    response = np.sort(np.maximum(weights @ seen.T, 0), axis=1)
    length, alike = np.linalg.norm(weights, axis=1), np.abs(weights @ component)
    found = len(set((weights @ seen.T).argmax(axis=1)))
    print(f"{rule.__name__}: length {length.mean():.4f}, likeness {(alike / length).mean():.4f}, {found} orientations")
    print(f"response at most {response[:, -1].mean():.3f}, second {response[:, -2].max():.3f}")
    for panel, field in zip(row[:-1], weights, strict=False):
        panel.imshow(field.reshape(SIDE, SIDE), cmap="gray")
        panel.set_axis_off()
    row[-1].plot(np.maximum(weights @ seen.T, 0).T)
    row[-1].set(xlabel="orientation", ylabel="response", title=rule.__name__)
figure.savefig(args.plot, dpi=200)

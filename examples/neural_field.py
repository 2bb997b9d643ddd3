"""A focus of attention that follows one of several stimuli (Rougier and Vitay 2006, doi 10.1016/j.neunet.2005.04.004).

Bumps of activity go round on a map of 30x30 neurons with noise: one at first, then as strong distractors, too. A second
map is a neural field: its neurons excite neighbours and inhibit all others. A single bump forms there, which follows
the stimulus that was first and ignores the others.
"""

import argparse

import matplotlib
import numpy as np
import pyNN.annarchy as sim

matplotlib.use("Agg")
import matplotlib.pyplot as plt

parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.ArgumentDefaultsHelpFormatter)
parser.add_argument("--noise", type=float, default=0.5, help="highest absolute value of the noise on the input")
parser.add_argument("--strength", type=float, default=1.0, help="of the distractors")
parser.add_argument("--plot", default="neural_field.png", help="the picture's file")
args = parser.parse_args()

SIZE, TURN, ALONE = 30, 3000.0, 500.0  # neurons along a side; ms of a turn; ms before the distractors come
Input = sim.Neuron(
    "x = 0.0; y = 0.0; strength = 0.0 : population; noise = 0.0 : population; turn = 3000.0 : population",
    """
    angle = 2*pi*t/turn
    others = bump(x, y, angle + pi/2) + bump(x, y, angle + pi) + bump(x, y, angle + 3*pi/2)
    r = bump(x, y, angle) + strength*others + noise*Uniform(-1, 1)
    """,
    functions="bump(x, y, angle) = exp(-((x - 9*cos(angle))^2 + (y - 9*sin(angle))^2)/(2*2.5^2))",
    name="Input",
)
Field = sim.Neuron(
    "tau = 20.0", "tau*du/dt = sum(input) + sum(lateral) - u; r = clip(u, 0, 1)", units={"u": "1"}, name="Field"
)

sim.setup(timestep=1.0, seed=1)
stimuli = sim.Population((SIZE, SIZE), Input(noise=args.noise, turn=TURN))
focus = sim.Population((SIZE, SIZE), Field())
stimuli.x, stimuli.y = stimuli.positions[:2] - SIZE / 2
torus = sim.Space(axes="xy", periodic_boundaries=((0, SIZE), (0, SIZE), None))
afferent = sim.GaussianConnector(amplitude=0.05, sigma=2.0)
lateral = sim.DifferenceOfGaussiansConnector(
    amp_pos=0.15, sigma_pos=2.5, amp_neg=0.05, sigma_neg=15.0, limit=0, safe=False
)
sim.Projection(stimuli, focus, afferent, sim.Synapse()(), receptor_type="input", space=torus)
sim.Projection(focus, focus, lateral, sim.Synapse()(), receptor_type="lateral", space=torus)
focus.record("r", sampling_interval=10.0)
sim.run(ALONE)
stimuli.strength = args.strength
sim.run(TURN)

signal = focus.get_data().segments[0].analogsignals[0]
activity, times = signal.magnitude[1:], signal.times.magnitude[1:]
x, y = focus.positions[:2] - SIZE / 2
angle = 2 * np.pi * times / TURN
stimulus = 9 * np.exp(1j * angle)
place = activity @ (x + 1j * y) / activity.sum(axis=1)
for name, when in (("alone", (times > 200) & (times <= ALONE)), ("with distractors", times > ALONE)):
    error = np.abs(place - stimulus)[when]
    print(f"{name}: {error.mean():.2f} neurons from the stimulus, at most {error.max():.2f}")
spread = np.sqrt((activity * np.abs(x + 1j * y - place[:, None]) ** 2).sum(axis=1) / activity.sum(axis=1))
print(f"spread of the bump {spread[times > 200].mean():.2f}, at most {spread[times > 200].max():.2f}")

figure, panels = plt.subplots(1, 3, figsize=(12, 4), layout="constrained")
for panel, map_, title in zip(panels[:2], (stimuli, focus), ("input", "focus"), strict=True):
    panel.imshow(map_.r.T, origin="lower", vmin=-0.5, vmax=1.5)
    panel.set_title(title)
panels[2].plot(times, np.unwrap(np.angle(stimulus)), "k:", label="first stimulus")
panels[2].plot(times, np.unwrap(np.angle(place)), label="focus")
panels[2].legend(frameon=False)
panels[2].set(xlabel="time (ms)", ylabel="angle")
figure.savefig(args.plot, dpi=150)

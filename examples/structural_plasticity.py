"""How does a map come about? Synapses form near their place and are lost when weak (Bamford, Murray & Willshaw 2010).

Spots of activity on a sheet of inputs drive a sheet of cells. STDP weakens synapses from inputs that are not active
with others, weak ones are lost, and the connections become a map that is finer than formation alone would make it
(doi 10.1016/j.neunet.2010.01.005; smaller and faster than there, without lateral connections).
"""

import argparse

import matplotlib
import numpy as np
import pyNN.annarchy as sim

matplotlib.use("Agg")
import matplotlib.pyplot as plt

parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.ArgumentDefaultsHelpFormatter)
parser.add_argument("--size", type=int, default=12, help="cells along each side of a sheet, whose edges meet")
parser.add_argument("--seconds", type=int, default=60, help="duration")
parser.add_argument("--seed", type=int, default=1, help="of the spots, the spikes and the synapses")
parser.add_argument("--plot", default="structural_plasticity.png", help="the picture's file")
args = parser.parse_args()

SIZE, CELLS, FULL = args.size, args.size**2, 0.01  # FULL: the largest conductance, uS
WRAPPED = "far(x1, y1, x2, y2, n) = min(abs(x1 - x2), n - abs(x1 - x2))^2 + min(abs(y1 - y2), n - abs(y1 - y2))^2"
sim.setup(timestep=1.0, min_delay=1.0, max_delay=1.0, seed=args.seed)
spot_x, spot_y = sim.Constant("spot_x", 0.0), sim.Constant("spot_y", 0.0)
Input = sim.Neuron(
    f"x = 0.0; y = 0.0; n = {SIZE}",
    "rate = 5 + 150*exp(-far(x, y, spot_x, spot_y, n)/8); lucky = ite(Uniform(0, 1) < rate*dt/1000, 1, 0)",
    spike="lucky > 0.5",
    functions=WRAPPED,
)
Cell = sim.Neuron(
    "x = 0.0; y = 0.0; leak = 0.08",
    "5*dg_exc/dt = -g_exc; 20*dv/dt = -70 - v - g_exc/leak*v : init=-70",
    spike="v > -54",
    reset="v = -70",
)
Rewired = sim.Synapse(
    f"n = {SIZE} : projection; w_max = {FULL} : projection",
    "dp/dt = -p/20 : event-driven; dq/dt = -q/64 : event-driven",
    pre_spike="g_target += w; p += 0.02; w -= q*w_max : min=0",
    post_spike="q += 0.0085; w += p*w_max : max=w_max",
    functions=WRAPPED,
    pruning="True : proba=ite(w < w_max/2, 0.02, 0.0002)",
    creating="True : w=w_max, proba=0.006*exp(-far(pre.x, pre.y, post.x, post.y, n)/(2*2.5^2))",
)
x, y = np.divmod(np.arange(CELLS), SIZE)
inputs, cells = sim.Population(CELLS, Input(x=x, y=y)), sim.Population(CELLS, Cell(x=x, y=y))
anywhere = sim.FixedNumberPreConnector(16, rng=sim.NumpyRNG(seed=args.seed))
projection = sim.Projection(inputs, cells, anywhere, Rewired(weight=FULL), receptor_type="exc")
projection.start_pruning(period=200.0)
projection.start_creating(period=200.0)
rng, spread = np.random.default_rng(args.seed), []


@sim.every(period=20.0)
def move(number):
    """Show the next spot; once a second, see how far synapses are from their targets' places."""
    spot_x.set(rng.integers(SIZE))
    spot_y.set(rng.integers(SIZE))
    if number % 50 == 0:
        pre, post, weight = np.transpose(projection.get("weight", "list"))
        dx, dy = (np.abs(a[pre.astype(int)] - a[post.astype(int)]) for a in (x, y))
        squares = np.minimum(dx, SIZE - dx) ** 2 + np.minimum(dy, SIZE - dy) ** 2
        spread.append(np.sqrt([squares.mean(), np.average(squares, weights=weight)]))


sim.run(1000.0 * args.seconds + 1)
weak = np.mean(np.array(projection.get("weight", "list", with_address=False)) < FULL / 2)
print(f"{len(projection) / CELLS:.1f} synapses per cell, {100 * weak:.0f} % of them weak")
print(f"distance {spread[0][0]:.2f} at first, {spread[-1][0]:.2f} at the end, weighted {spread[-1][1]:.2f}")
figure, panel = plt.subplots(figsize=(6, 4), layout="constrained")
panel.plot(spread, label=["of synapses", "weighted"])
panel.set(xlabel="time (s)", ylabel="distance from the ideal place (rms)", ylim=(0, None))
panel.legend()
figure.savefig(args.plot, dpi=150)

"""Synaptic scaling keeps a cell's rate and the ratios of its weights (Turrigiano et al. 1998, doi 10.1038/36103).

A cell gets spikes of 100 sources through synapses of different weights. Twice its input changes: all sources fire half
as often, then twice as often as at first. Each synapse grows in proportion to its weight while the cell fires less
than it should, and shrinks while it fires more, as
in the model of van Rossum, Bi and Turrigiano (2000, doi 10.1523/JNEUROSCI.20-23-08812.2000) without its integral term.
The cell comes back to its rate, and all weights have been multiplied by one factor.
"""

import argparse

import matplotlib
import numpy as np
import pyNN.annarchy as sim

matplotlib.use("Agg")
import matplotlib.pyplot as plt

parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.ArgumentDefaultsHelpFormatter)
parser.add_argument("--goal", type=float, default=10.0, help="the rate in Hz that the cells should have")
parser.add_argument("--plot", default="homeostasis.png", help="the picture's file")
args = parser.parse_args()

PHASE, CELLS = 200e3, 10  # ms that the sources keep a rate; cells that each get all sources
# A leaky integrate-and-fire neuron that knows its rate: each spike adds 1 to an integral over tau_rate.
Cell = sim.Neuron(
    "tau = 20.0; tau_exc = 5.0; tau_rate = 5000.0; rest = -70.0; threshold = -54.0; after = -60.0",
    """
    tau_exc*dg_exc/dt = -g_exc
    tau*dv/dt = rest - v - g_exc*v        : init=-70.0
    tau_rate*drate/dt = -rate             : always        # Hz
    """,
    spike="v > threshold",
    reset="v = after; rate += 1000/tau_rate",
    refractory=2.0,
    name="Cell",
)
Scaled = sim.Synapse(
    "tau_scale = 2e5 : projection; goal = 10.0 : projection",
    "dw/dt = w*(goal - post.rate)/tau_scale : min=0",
    pre_spike="g_target += w",
    name="Scaled",
)

sim.setup(timestep=0.5, min_delay=0.5, max_delay=0.5, seed=3)
rng = np.random.default_rng(3)
sources = sim.Population(100, sim.SpikeSourcePoisson(rate=10.0))
cells = sim.Population(CELLS, Cell())
synapse = Scaled(weight=rng.uniform(0.015, 0.09, (100, CELLS)), goal=args.goal)
projection = sim.Projection(sources, cells, sim.AllToAllConnector(), synapse, receptor_type="exc")
projection.record("weight", sampling_interval=2e3)
cells.record("spikes")
starts, weights = [10.0, 5.0, 20.0], [projection.get("weight", "array")]
for rate in starts:
    sources.set(rate=rate)
    sim.run(PHASE)
    weights.append(projection.get("weight", "array"))

times = np.concatenate([train.magnitude for train in cells.get_data().segments[0].spiketrains])
rates = np.histogram(times, np.arange(0, 3 * PHASE + 1, 2e3))[0] / CELLS / 2.0
for k, rate in enumerate(starts):
    part = rates[k * 100 : (k + 1) * 100]
    factor = weights[k + 1] / weights[k]
    unequal = (factor.std(axis=0) / factor.mean(axis=0)).max()
    print(
        f"sources at {rate:.0f} Hz: cells at {part[0]:.2f}, in the end {part[-40:].mean():.2f} Hz; "
        f"weights times {factor.mean():.3f}, factors of a cell differ by {unequal:.1e}"
    )
signal = projection.get_data().segments[0].analogsignals[0]
figure, (above, below) = plt.subplots(2, 1, figsize=(9, 6), sharex=True, layout="constrained")
above.plot(np.arange(1e3, 3 * PHASE, 2e3) / 1e3, rates)
above.axhline(args.goal, color="0.6", ls=":")
above.set(ylabel="rate of the cells (Hz)")
below.semilogy(signal.times.magnitude / 1e3, signal.magnitude[:, : 100 * CELLS : CELLS * 10])
below.set(xlabel="time (s)", ylabel="weights of a cell")
figure.savefig(args.plot, dpi=150)

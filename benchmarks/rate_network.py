"""A rate-coded network: 4,000 cells onto 1,000 by dense connections that learn (Oja), which inhibit each other.

In each of its steps, whose number is what --duration gives, the inputs oscillate, every output sums 4,000 + 1,000
inputs, and all four million weights between the two change. The work is that of memory: each weight that learns is read
for the sum, and read and written by the rule. numpy does the same arithmetic, blocked so that it touches memory no more
often than that either; its activity and weights are compared with ours to 1e-6.
"""

from __future__ import annotations

import importlib
import tempfile
from time import perf_counter
from typing import Any

import command
import numpy as np
from command import Figures, Job, Phases

INPUTS, OUTPUTS, SEED = 4000, 1000, 86524
LEAK, ETA, OMEGA = 0.1, 0.002, 0.05  # of the output's rate, of the rule, of the inputs: all a step
BLOCK_BYTES = 1 << 18  # of weights that numpy changes at a time: half of what a core's second cache holds


class Start:
    """Numbers that all simulators begin with."""

    def __init__(self, scale: float) -> None:
        rng = np.random.default_rng(SEED)
        self.inputs, self.outputs = max(round(INPUTS * scale), 4), max(round(OUTPUTS * scale), 2)
        phase = rng.uniform(0.0, 2 * np.pi, self.inputs)
        self.x, self.y = np.cos(phase), np.sin(phase)
        self.feedforward = rng.uniform(0.0, 2.0 / self.inputs, (self.outputs, self.inputs))
        self.lateral = rng.uniform(0.0, 1.0 / self.outputs, (self.outputs, self.outputs))

    @property
    def bytes_per_step(self) -> float:
        """What has to be read and written in a step: weights that learn three times, the others once."""
        return 8.0 * self.outputs * (3 * self.inputs + self.outputs)


def figures(start: Start, steps: int, rates: np.ndarray, weights: np.ndarray, run_s: float) -> Figures:
    """Return what is compared; `same_...` have to be equal."""
    return {
        "rate_Hz": float(rates.mean()),
        "synapses": float(start.outputs * (start.inputs + start.outputs)),
        "same_rates": float(np.abs(rates).sum()),
        "same_weights": float(np.square(weights).sum()),
        "steps_per_s": steps / run_s,
        "traffic_GBs": 1e-9 * start.bytes_per_step * steps / run_s,
    }


def in_pynn(job: Job) -> Figures:
    """Run it with this package; return its activity, times in seconds, and its share of the memory bandwidth."""
    made, times, (rates, weights) = simulate(job)
    start, steps = Start(job.scale), round(job.duration_ms)
    from hardware import bandwidth_GBs

    begin = perf_counter()
    hardware = {"bandwidth_GBs": bandwidth_GBs(), "aside_s": perf_counter() - begin}
    return {**figures(start, steps, rates, weights, times["run_s"]), **made, **times, **hardware}


def simulate(job: Job) -> tuple[Figures, Figures, tuple[np.ndarray, np.ndarray]]:
    """Return phases, times, and the rates and feedforward weights (output x input) in the end."""
    begin = perf_counter()
    sim: Any = importlib.import_module(f"pyNN.{job.backend}")
    if not hasattr(sim, "Neuron"):
        raise ValueError(f"backend {job.backend!r} has no rate-coded cells; allowed are annarchy, numpy and annarchy5")
    imported = perf_counter()
    start, steps = Start(job.scale), round(job.duration_ms)
    sim.setup(timestep=1.0, min_delay=1.0, max_delay=1.0, threads=job.threads)
    wave = sim.Neuron(
        "omega = 0.0 : population",
        "x = x + omega*y : init=1.0\ny = y - omega*x : init=0.0\nr = 0.5 + 0.5*x : init=0.5",
        name="Wave",
    )
    sums = sim.Neuron("leak = 0.1 : population", "r = r + leak*(sum(exc) - sum(inh) - r) : min=0.0", name="Sums")
    oja = sim.Synapse("eta = 0.001 : projection", "w = w + eta*post.r*(pre.r - post.r*w)", name="DiscreteOja")
    inputs, outputs = sim.Population(start.inputs, wave(omega=OMEGA)), sim.Population(start.outputs, sums(leak=LEAK))
    inputs.initialize(x=start.x, y=start.y, r=0.5 + 0.5 * start.x)
    whole = sim.AllToAllConnector()
    learning = sim.Projection(inputs, outputs, whole, oja(weight=start.feedforward.T, eta=ETA), receptor_type="exc")
    sim.Projection(outputs, outputs, whole, sim.Synapse()(weight=start.lateral.T), receptor_type="inh")
    sim.run(0.0)
    built = perf_counter()
    phases = Phases(sim)
    sim.run(float(steps))
    ran = perf_counter()
    rates, weights = np.asarray(outputs.r, float), learning.get("weight", format="array").T
    read = perf_counter()
    taken = phases.figures()
    sim.end()
    times = {"import_s": imported - begin, "build_s": built - imported, "run_s": ran - built, "read_s": read - ran}
    return taken, times, (rates, weights)


def in_numpy(job: Job) -> Figures:
    """Do the same with numpy and its BLAS."""
    begin = perf_counter()
    start, steps = Start(job.scale), round(job.duration_ms)
    built = perf_counter()
    rates, weights = arithmetic(start, steps)
    run_s = perf_counter() - built
    times = {"import_s": 0.0, "build_s": built - begin, "run_s": run_s, "read_s": 0.0}
    return {**figures(start, steps, rates, weights, run_s), **times}


def arithmetic(start: Start, steps: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the rates and feedforward weights after some steps."""
    weights, lateral, x, y = start.feedforward, start.lateral, start.x, start.y
    inputs, rates = 0.5 + 0.5 * x, np.zeros(start.outputs)
    rows = max(BLOCK_BYTES // (8 * start.inputs), 1)
    change = np.empty((rows, start.inputs))
    for _ in range(steps):
        drive = weights @ inputs - lateral @ rates  # of the values at the step's beginning
        x += OMEGA * y
        y -= OMEGA * x
        inputs = 0.5 + 0.5 * x
        rates = np.maximum(rates + LEAK * (drive - rates), 0.0)
        for first in range(0, start.outputs, rows):  # the rule sees the values at its end
            block, post = weights[first : first + rows], rates[first : first + rows, None]
            block *= 1.0 - ETA * post * post
            block += np.multiply(ETA * post, inputs, out=change[: len(block)])
    return rates, weights


def in_annarchy5(job: Job) -> Figures:
    """Do the same with ANNarchy 5; compilation counts as building."""
    begin = perf_counter()
    import ANNarchy as ann

    imported = perf_counter()
    start, steps = Start(job.scale), round(job.duration_ms)
    net = ann.Network(dt=1.0)
    net.config(num_threads=job.threads, verbose=False)
    wave = ann.Neuron(
        parameters=f"omega = {OMEGA} : population",
        equations="x = x + omega*y : init=1.0\ny = y - omega*x : init=0.0\nr = 0.5 + 0.5*x : init=0.5",
    )
    sums = ann.Neuron(
        parameters=f"leak = {LEAK} : population",
        equations="r = r + leak*(sum(exc) - sum(inh) - r) : min=0.0",
    )
    oja = ann.Synapse(parameters=f"eta = {ETA} : projection", equations="w = w + eta*post.r*(pre.r - post.r*w)")
    inputs, outputs = net.create(start.inputs, wave), net.create(start.outputs, sums)
    learning = net.connect(inputs, outputs, "exc", oja)
    learning.from_matrix(start.feedforward)
    lateral = net.connect(outputs, outputs, "inh")
    lateral.from_matrix(start.lateral)
    with tempfile.TemporaryDirectory() as folder:
        net.compile(directory=folder, silent=True)
    inputs.x, inputs.y, inputs.r = start.x, start.y, 0.5 + 0.5 * start.x
    built = perf_counter()
    net.simulate(float(steps))
    ran = perf_counter()
    rates, weights = np.asarray(outputs.r, float), np.array([dendrite.w for dendrite in learning], float)
    read = perf_counter()
    times = {"import_s": imported - begin, "build_s": built - imported, "run_s": ran - built, "read_s": read - ran}
    return {**figures(start, steps, rates, weights, times["run_s"]), **times}


if __name__ == "__main__":
    command.main(str(__doc__), in_pynn, {"numpy": in_numpy, "annarchy5": in_annarchy5})

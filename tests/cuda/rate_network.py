"""A rate-coded network with continuous synapses of every kind, for a comparison of engines."""

import numpy as np

from pynn_annarchy.native import kernels
from pynn_annarchy.native.spec import NeuronText, SynapseText

RATE = NeuronText(
    name="Rate",
    parameters="tau = 10.0; drive = 0.0; noise = 0.0",
    equations="""
    x = drive + sum(exc) - sum(inh) + 0.25 * mean(r) - 0.01 * norm2(r)
    tau * dr/dt + r = tanh(x) + noise * Uniform(-1.0, 1.0) : init=0.2
    """,
)
LEAKY = NeuronText(name="Leaky", parameters="tau = 5.0", equations="tau * dr/dt + r = tanh(sum(exc)) : init=0.1")
STATIC = SynapseText(name="Static", parameters="", equations="", psp="w * pre.r")
LARGEST = SynapseText(name="Largest", parameters="", equations="", psp="w * pre.r", operation="max")
SMALLEST = SynapseText(name="Smallest", parameters="", equations="", psp="w * pre.r", operation="min")
AVERAGE = SynapseText(name="Average", parameters="", equations="", psp="w * pre.r * post.r", operation="mean")
NOISY = SynapseText(name="Noisy", parameters="", equations="", psp="w * pre.r * Uniform(0.5, 1.5)")
HEBB = SynapseText(
    name="Hebb",
    parameters="eta = 0.01; tau = 50.0 : postsynaptic",
    equations="""
    theta = theta + (post.r - theta) / tau : postsynaptic
    level = level + mean(pre.r) / 128.0 : projection
    w = w + eta * (pre.r * post.r - theta * theta * w) + 0.001 * level * Uniform(-1.0, 1.0) : min=0.0, max=2.0
    """,
    psp="w * pre.r",
)
# What belongs to a target is read by what its synapses transmit; and rates of sums.
REACTION = SynapseText(
    name="Reaction",
    parameters="gain = 0.5 : projection",
    equations="""
    burst = 0.9 * burst + abs(post.sum(exc)) + max(post.r) : postsynaptic
    w = 0.99 * w + 0.01 * pre.r : init=0.01
    """,
    psp="gain * w * pre.r / (1.0 + burst)",
)

SYNAPSES = {text.name: text for text in (STATIC, LARGEST, SMALLEST, AVERAGE, NOISY, HEBB, REACTION)}
MEMBERS, FOLLOWERS = 70, 23


def connections(rng, kind, n):
    """Sources among the members, targets among all, and delays: of dense rows, or of any length."""
    if kind == "dense":
        source, target = np.tile(np.arange(MEMBERS), n), np.repeat(np.arange(n), MEMBERS)
        return source, target, 1
    some = rng.random((n, MEMBERS)) < rng.random((n, 1)) ** 2
    target, source = np.nonzero(some)
    order = rng.permutation(len(source))
    return source[order], target[order], rng.integers(1, 6, len(source))


def weights(kernel, w):
    """Weights are parameters of a model that does not change them."""
    return {"parameters": {} if "w" in kernel.variables else {"w": w},
            "variables": {"w": w} if "w" in kernel.variables else {}}  # fmt: skip


class RateNetwork:
    """Neurons of two models, all of one of which drive all; one of the projections reaches both."""

    def __init__(self, network, precision="double", names=tuple(SYNAPSES)):
        self.network, rng = network, np.random.default_rng(3)
        rate, leaky = (kernels.compiled(text, precision) for text in (RATE, LEAKY))
        self.populations = [
            network.add_population(rate, MEMBERS, {"drive": rng.normal(size=MEMBERS), "noise": 0.1}),
            network.add_population(leaky, FOLLOWERS),
        ]
        self.projections = {}
        for k, name in enumerate(names):
            n = MEMBERS + FOLLOWERS if name in ("Hebb", "Static") else MEMBERS
            source, target, delay = connections(rng, "dense" if k % 2 else "sparse", n)
            kernel = kernels.compiled_rows(SYNAPSES[name], precision)
            self.projections[name] = network.add_rows_projection(
                kernel, source, target, receptor="exc" if name in ("Hebb", "Static") or k % 3 else "inh",
                **weights(kernel, rng.random(len(source)) / MEMBERS), delay_steps=delay,
            )  # fmt: skip
        self.signals = [population.record("r", np.arange(population.size), 3) for population in self.populations]
        for projection in self.projections.values():
            for name in projection.kernel.variables:
                n = len(projection.get_variable(name))
                self.signals.append(projection.record(name, np.arange(0, n, 2), 4, 1))

    def values(self):
        """Everything that may change, by name."""
        found = {}
        for number, population in enumerate(self.populations):
            for name in population.kernel.states:
                found[f"{number}.{name}"] = population.get_state(name)
        for label, projection in self.projections.items():
            for name in projection.kernel.variables:
                found[f"{label}.{name}"] = projection.get_variable(name)
        for number, signal in enumerate(self.signals):
            found[f"signal {number}"] = signal.samples()
        return found

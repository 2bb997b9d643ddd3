"""A network with synapses of every kind of synapses.cpp, and what happens to them worked out spike by spike."""

from __future__ import annotations

import math

import numpy as np
from device_network import Network

DT = 0.1
NEVER = -(1 << 40)
N_PLAYER, N_CELL = 30, 150
KINDS = ("Facilitating", "Stochastic", "Pairs", "Modulated", "Clocked", "Voltage", "VoltageAtSpikes")


class Plastic:
    """Players and recurrent Lif cells, synapses of some kinds onto the cells, and modulatory players.

    ``axonal`` and ``dendritic`` are functions of (rng, n) that draw delays of n synapses.
    """

    def __init__(self, models, synapse_models, kinds, axonal, dendritic, *, threads=1, precision="double", n=600):
        self.rng = rng = np.random.default_rng(7)
        self.network = network = Network(dt_ms=DT, threads=threads, seed=3, precision=precision)
        self.models, self.synapse_models, self.precision = models, synapse_models, precision
        self.player = network.add_population(models("Player", precision), N_PLAYER)
        self.cell = network.add_population(
            models("Lif", precision),
            N_CELL,
            {"i_offset": rng.uniform(0.8, 1.3, N_CELL), "t_refrac": rng.choice([0.1, 1.0], N_CELL)},
            {"v": rng.uniform(0, 15, N_CELL)},
        )
        # Several spikes in one step, and at time 0, too.
        times = [np.sort(np.rint(rng.uniform(0, 1200, 40)) * DT) for _ in range(N_PLAYER)]
        times[0] = np.repeat(times[0], 3)
        times[1][0] = 0.0
        self.player.set_spike_times(times)
        self.projections = [self.connect(kind, axonal, dendritic, n) for kind in kinds]
        self.records = [population.record_spikes(np.arange(population.size)) for population in (self.player, self.cell)]
        self.input = self.cell.record("isyn_exc", np.arange(N_CELL))
        self.v = self.cell.record("v", np.arange(N_CELL))

    def connect(self, kind, axonal, dendritic, n):
        """Synapses from everywhere onto the cells."""
        rng, kernel = self.rng, self.synapse_models(kind, self.precision)
        a, d = axonal(rng, n), dendritic(rng, n)
        return self.network.add_plastic_projection(
            kernel,
            rng.integers(0, N_PLAYER + N_CELL, n),
            N_PLAYER + rng.integers(0, N_CELL, n),
            receptor="excitatory",
            parameters={"rate": rng.uniform(0.01, 0.5, n), "p": 0.4},
            variables={"w": rng.uniform(0.0, 0.05, n)},
            delay_steps=a + d,
            dendritic_steps=d,
            modulator=np.array([2, 3, N_PLAYER + 5]) if kernel.modulated else None,
            modulator_delay_steps=3,
        )

    def spikes(self):
        """Steps in which each neuron spiked."""
        steps = [[] for _ in range(N_PLAYER + N_CELL)]
        for record in self.records:
            for neuron, time in zip(*record.events(), strict=True):
                steps[neuron].append(round(time / DT) - 1)
        return steps

    def result(self):
        """Everything that can differ."""
        return [
            *(array for record in self.records for array in record.events()),
            self.input.samples(),
            self.v.samples(),
            *(p.get_variable(name) for p in self.projections for name in ("w", "h", "x")),
        ]


def delays(*values):
    """Drawn from these, or always the one."""
    return lambda rng, n: rng.choice(values, n)


class Reference:
    """One synapse, event by event: a plain transcription of csrc/abi.h's rules of order."""

    def __init__(self, kernel, w, rate, delay, dendritic, source, target, modulator, v, modulator_delay=3):
        self.kernel, self.w, self.rate = kernel, w, rate * DT
        self.h = self.x = 0.0
        self.last = -1
        self.last_pre = self.last_post = NEVER
        self.dendritic, self.v = dendritic, v
        axonal = delay - dendritic if kernel.needs_late else 0
        self.delay, self.axonal = delay, axonal
        # (event, rank among events of one time, what): a target's spike comes first, but after an arrival of its time
        # without a dendritic delay.
        events = []
        if kernel.has_post:
            after = {s + axonal for s in source} if dendritic == 0 else set()
            events += [(p + dendritic, 3 if p + dendritic in after else 0, "post", 0) for p in target]
        if kernel.modulated:
            events += [(m + modulator_delay, 1, "modulator", 0) for m in modulator]
        repeats = [sum(earlier == s for earlier in source[:i]) for i, s in enumerate(source)]
        events += [(s + axonal, 2, "pre", r) for s, r in zip(source, repeats, strict=True)]
        self.events = sorted(events, key=lambda e: e[:2])
        self.ticked = 0
        self.inputs = []  # (event, slot, amount)

    def touch(self, event):
        self.x *= math.exp(-self.rate * (event - self.last))
        self.last = event

    def tick_to(self, step):
        """Ticks of the steps before this one."""
        while self.kernel.clocked and self.ticked < step:
            self.h = self.h * 0.9375 + 0.0625
            if self.kernel.post:
                self.h += self.v[self.ticked] * 0.0625
            self.ticked += 1

    def run(self, boundary, release=None):
        """Everything up to a step boundary."""
        while self.events and self.events[0][0] < boundary:
            event, _, what, repeat = self.events.pop(0)
            # An arrival comes after the tick of its step; a target's spike is applied before the tick of the next.
            self.tick_to(event + 1)
            self.touch(event)
            getattr(self, what)(event, repeat, release)
        self.tick_to(boundary)

    def recently(self, event, last):
        return 1.0 / (1 + min(event - last, 1000))

    def post(self, event, repeat, release):
        self.h = self.h * 0.5 - self.x + self.recently(event, self.last_pre)
        if self.kernel.post:
            # What comes through a dendrite reads its target at the beginning of the step, else at its end.
            self.h += self.v[event if self.dendritic > 0 else event + 1] * 0.125
        self.last_post = event

    def modulator(self, event, repeat, release):
        self.h = self.h * 0.625 + 0.25

    def pre(self, event, repeat, release):
        self.x += 1.0
        self.h = self.h * 0.75 + self.x + repeat
        if self.kernel.has_post:
            self.h += self.recently(event, self.last_post)
        self.last_pre = event
        amount = self.w * (2.0 + math.tanh(self.h)) if release is None else self.w * release(event, repeat)
        self.inputs.append((event, event - self.axonal + self.delay, amount))

    def x_at(self, boundary):
        return self.x * math.exp(-self.rate * (boundary - 1 - self.last))

"""A random recurrent network whose activity is chaotic: one wrong sum and the spikes differ soon."""

from __future__ import annotations

import numpy as np
from device_network import Network

from pynn_annarchy.native.network import StepCurrent

N_EXC, N_INH, N_COIN = 330, 90, 40


class Recurrent:
    """Excitatory and inhibitory neurons, random sources, several stores, heterogeneous delays, weights, parameters.

    ``build`` says what is added; the rest can be added later to see that it makes no difference.
    """

    def __init__(self, models, *, threads=1, precision="double", seed=1, min_delay=3, record=True):
        self.rng = np.random.default_rng(42)
        self.models, self.precision, self.min_delay = models, precision, min_delay
        self.network = network = Network(dt_ms=0.1, threads=threads, seed=seed, precision=precision)
        lif = models("Lif", precision)
        self.exc = network.add_population(
            lif, N_EXC, {"i_offset": self.rng.uniform(0.6, 1.1, N_EXC)}, {"v": self.rng.uniform(0, 15, N_EXC)}
        )
        self.coin = network.add_population(models("Coin", precision), N_COIN, {"p": 0.01})
        self.inh = network.add_population(lif, N_INH, {"i_offset": 0.7}, {"v": self.rng.uniform(0, 15, N_INH)})
        everyone = np.concatenate([self.exc.first + np.arange(N_EXC), self.inh.first + np.arange(N_INH)])
        self.projections = [
            self.connect(self.exc, everyone, 12000, "excitatory", 0.15),
            self.connect(self.inh, everyone, 3000, "inhibitory", 0.6),
            self.connect(self.coin, everyone, 2500, "excitatory", self.rng.uniform(0.1, 0.9, 2500)),
        ]
        self.records = []
        if record:
            self.record()

    def connect(self, source, everyone, n, receptor, weight):
        return self.network.add_projection(
            source.first + self.rng.integers(0, source.size, n),
            self.rng.choice(everyone, n),
            receptor=receptor,
            weight=weight,
            delay_steps=self.rng.integers(self.min_delay, 30, n),
        )

    def record(self):
        for population in (self.exc, self.inh, self.coin):
            self.records.append(population.record_spikes(np.arange(population.size)))
        self.v = self.exc.record("v", np.arange(0, N_EXC, 7), 5)

    def inject(self):
        current = self.network.add_current(StepCurrent(np.array([100, 250, 400]), np.array([0.3, -0.2, 0.0])))
        current.inject(self.exc.first + np.arange(0, N_EXC, 3))
        current.inject(self.inh.first + np.arange(0, N_INH, 2))
        return current

    def result(self):
        """Everything that can differ."""
        return [
            *(array for record in self.records for array in record.events()),
            self.v.samples(),
            *(p.get_state(name) for p in (self.exc, self.inh) for name in ("v", "isyn_exc", "isyn_inh", "_refractory")),
        ]


def assert_same(one, other):
    """Bit for bit."""
    assert len(one) == len(other)
    for a, b in zip(one, other, strict=True):
        np.testing.assert_array_equal(a, b)

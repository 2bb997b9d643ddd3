"""Plasticity rules in plain Python, as sums over pairs of spikes: nothing is shared with the engine but the definition.

Times are whole numbers of steps. An *event* is a spike at the synapse: of the source, after the axonal delay, or of
the target, after the dendritic delay. The rules are written from the papers, a trace as the sum over all earlier
events of the other kind that it stands for; two events of the same time are not paired with each other.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Synapse:
    """The spikes of a source and a target, in steps, and the two parts of the delay between them."""

    pre_steps: Sequence[int]
    post_steps: Sequence[int]
    axonal: int
    dendritic: int
    dt_ms: float

    def events(self, end: int) -> tuple[list[int], list[int]]:
        """Pre- and post-synaptic events before the step boundary ``end``: an event of step e ends at boundary e."""
        pre = [step + self.axonal for step in self.pre_steps if step + self.axonal <= end]
        post = [step + self.dendritic for step in self.post_steps if step + self.dendritic <= end]
        return sorted(pre), sorted(post)

    def in_order(self, end: int) -> Iterator[tuple[str, int]]:
        """All events up to ``end`` in order.

        Of two at the same time, the target's is first if it had to travel; else the target has spiked after, perhaps
        because of, the arrival.
        """
        pre, post = self.events(end)
        first = {"post": 0, "pre": 1} if self.dendritic > 0 else {"pre": 0, "post": 1}
        merged = [("pre", e) for e in pre] + [("post", e) for e in post]
        yield from sorted(merged, key=lambda event: (event[1], first[event[0]]))

    def trace(self, events: Sequence[int], now: int, tau_ms: float) -> float:
        """The sum of exp(-age/tau) over all events that are older than now."""
        return math.fsum(math.exp(-(now - e) * self.dt_ms / tau_ms) for e in events if e < now)


@dataclass(frozen=True)
class WeightDependence:
    """How a change depends on the weight: (1 - u)**mu_plus upwards, u**mu_minus downwards, u = (w - w_min)/range."""

    w_min: float
    w_max: float
    mu_plus: float
    mu_minus: float

    @property
    def range(self) -> float:
        return self.w_max - self.w_min

    def up(self, w: float) -> float:
        u = (self.w_max - w) / self.range
        return 1.0 if self.mu_plus == 0 else max(u, 0.0) ** self.mu_plus

    def down(self, w: float) -> float:
        u = (w - self.w_min) / self.range
        return 1.0 if self.mu_minus == 0 else max(u, 0.0) ** self.mu_minus

    def clipped(self, w: float) -> float:
        return min(max(w, self.w_min), self.w_max)


Change = Callable[[Synapse, list[int], list[int], int, float, WeightDependence], float]


def weight(synapse: Synapse, end: int, w: float, rule: dict[str, Change], bounds: WeightDependence) -> float:
    """The weight at a step boundary."""
    pre, post = synapse.events(end)
    for kind, now in synapse.in_order(end):
        w = bounds.clipped(w + rule[kind](synapse, pre, post, now, w, bounds))
    return w


def pair_rule(tau_plus: float, tau_minus: float, A_plus: float, A_minus: float) -> dict[str, Change]:
    """Song, Miller & Abbott 2000, doi 10.1038/78829, all pairs of spikes."""

    def at_post(s: Synapse, pre: list[int], post: list[int], now: int, w: float, b: WeightDependence) -> float:
        return b.range * A_plus * b.up(w) * s.trace(pre, now, tau_plus)

    def at_pre(s: Synapse, pre: list[int], post: list[int], now: int, w: float, b: WeightDependence) -> float:
        return -b.range * A_minus * b.down(w) * s.trace(post, now, tau_minus)

    return {"pre": at_pre, "post": at_post}


def triplet_rule(
    tau_plus: float, tau_minus: float, tau_x: float, tau_y: float,
    A2_plus: float, A2_minus: float, A3_plus: float, A3_minus: float,
) -> dict[str, Change]:  # fmt: skip
    """Pfister & Gerstner 2006, doi 10.1523/JNEUROSCI.1425-06.2006, equations 3 and 4, all-to-all."""

    def at_post(s: Synapse, pre: list[int], post: list[int], now: int, w: float, b: WeightDependence) -> float:
        triplets = A2_plus + A3_plus * s.trace(post, now, tau_y)
        return b.range * b.up(w) * s.trace(pre, now, tau_plus) * triplets

    def at_pre(s: Synapse, pre: list[int], post: list[int], now: int, w: float, b: WeightDependence) -> float:
        triplets = A2_minus + A3_minus * s.trace(pre, now, tau_x)
        return -b.range * b.down(w) * s.trace(post, now, tau_minus) * triplets

    return {"pre": at_pre, "post": at_post}


def vogels_rule(tau: float, eta: float, rho_Hz: float) -> dict[str, Change]:
    """Vogels et al. 2011, doi 10.1126/science.1211095, supplement equations 6 and 7: alpha = 2 rho tau."""
    alpha = 2 * rho_Hz * 1e-3 * tau

    def at_post(s: Synapse, pre: list[int], post: list[int], now: int, w: float, b: WeightDependence) -> float:
        return eta * b.up(w) * s.trace(pre, now, tau)

    def at_pre(s: Synapse, pre: list[int], post: list[int], now: int, w: float, b: WeightDependence) -> float:
        return eta * (b.up(w) * s.trace(post, now, tau) - b.down(w) * alpha)

    return {"pre": at_pre, "post": at_post}


def tsodyks_markram(
    times_ms: Sequence[float], U: float, tau_rec: float, tau_facil: float, tau_syn: float, u0: float
) -> list[float]:
    """What each spike of a train releases, u*x: Tsodyks, Uziel & Markram 2000, doi 10.1523/JNEUROSCI.20-01-j0003.2000.

    The three fractions of resources x + y + z = 1 between spikes: dy/dt = -y/tau_syn, dz/dt = y/tau_syn - z/tau_rec,
    dx/dt = z/tau_rec; at a spike u*x moves from x to y.
    """
    y = z = 0.0
    u, last = u0, times_ms[0] if times_ms else 0.0
    released = []
    for now in times_ms:
        age = now - last
        z = z * math.exp(-age / tau_rec) + y * _transferred(age, tau_syn, tau_rec)
        y *= math.exp(-age / tau_syn)
        u = U if tau_facil == 0 else u * math.exp(-age / tau_facil) * (1 - U) + U
        released.append(u * (1 - y - z))
        y += released[-1]
        last = now
    return released


def _transferred(age: float, tau_syn: float, tau_rec: float) -> float:
    """What of y is in z after some time: the solution of dz/dt = y/tau_syn - z/tau_rec from y = 1, z = 0.

    Written as an integral over the time of the transfer, because the difference of two exponentials has no digits left
    for time constants that are almost equal.
    """
    lead = age * (1 / tau_syn - 1 / tau_rec)
    mean = -math.expm1(-lead) / lead if lead != 0 else 1.0
    return age / tau_syn * math.exp(-age / tau_rec) * mean

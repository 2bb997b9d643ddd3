"""How the data of two runs of one script differ."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fnmatch import fnmatch

import numpy as np
from example_data import Recording, Signal
from example_scripts import Script

SIGNIFICANT = 1e-12  # a signal that never exceeds this in either run is zero in both


@dataclass(frozen=True)
class Difference:
    """One recorded variable of one source: what differs, by how much, and whether that is too much."""

    key: str
    text: str
    size: float
    too_large: bool


def compare(ours: Recording, peer: Recording, script: Script, tolerance: dict[str, float]) -> list[Difference]:
    """Compare all data that the peer has.

    `tolerance` has, for a pattern of keys, the largest allowed difference: of samples in the unit of the signal, of spike
    times in steps, of statistics as a fraction.
    """

    def allowed(key: str, usual: float) -> float:
        return next((value for pattern, value in tolerance.items() if fnmatch(key, pattern)), usual)

    found: list[Difference] = []
    missing = [key for kind in ("signals", "spikes", "tables") for key in _missing(ours, peer, kind)]
    found += [Difference(key, "not recorded", np.inf, True) for key in missing]
    for key in peer.signals.keys() & ours.signals.keys():
        if fits(key, script.random) and "|mean " in key:
            found += averages(key, ours, peer)
        elif fits(key, script.random) and "|sd " in key:
            found.append(samples(key, ours.signals[key], peer.signals[key], 0.15 * peer.signals[key].values.max()))
        elif fits(key, script.random):
            found += statistics(key, _moments(ours.signals[key]), _moments(peer.signals[key]), allowed(key, 0.1))
        elif fits(key, script.lazy):
            found.append(changes(key, ours.signals[key], peer.signals[key], allowed(key, 0.0)))
        else:
            found.append(samples(key, ours.signals[key], peer.signals[key], allowed(key, 0.0)))
    for key in peer.spikes.keys() & ours.spikes.keys():
        if fits(key, script.random):
            found += statistics(key, firing(ours.spikes[key]), firing(peer.spikes[key]), allowed(key, 0.1))
        else:
            found.append(trains(key, ours.spikes[key], peer.spikes[key], peer.step, allowed(key, 1.0)))
    for key in peer.tables.keys() & ours.tables.keys():
        if fits(key, script.random):
            found += statistics(key, _spread(ours.tables[key]), _spread(peer.tables[key]), allowed(key, 0.1))
        else:
            found.append(values(key, ours.tables[key], peer.tables[key], allowed(key, 0.0)))
    return sorted(found, key=lambda difference: difference.key)


def fits(key: str, patterns: tuple[str, ...]) -> bool:
    """Whether a key fits one of several patterns."""
    return any(fnmatch(key, pattern) for pattern in patterns)


def _missing(ours: Recording, peer: Recording, kind: str) -> Iterator[str]:
    yield from getattr(peer, kind).keys() - getattr(ours, kind).keys()


def samples(key: str, ours: Signal, peer: Signal, allowed: float) -> Difference:
    """Compare samples; one that lies between our neighbours of it, one sample off, differs in its time only."""
    index = np.rint((peer.times - ours.start) / ours.step).astype(int)
    inside = (index >= 1) & (index < len(ours.values) - 1)
    channels = min(ours.values.shape[1], peer.values.shape[1])
    theirs, index = peer.values[inside, :channels], index[inside]
    around = np.stack([ours.values[index + shift, :channels] for shift in (-1, 0, 1)])
    plain = np.abs(theirs - around[1])
    off = np.maximum(np.maximum(theirs - around.max(axis=0), around.min(axis=0) - theirs), 0.0)
    size, largest = float(off.max()), float(plain.max())
    text = f"{largest:.1e}" if largest <= 2 * size or largest < 1e-9 else f"{size:.1e} ({largest:.1e} at the same time)"
    return Difference(key, f"max difference {text}", size, size > allowed + 1e-6 * np.abs(theirs).max())


def changes(key: str, ours: Signal, peer: Signal, allowed: float) -> Difference:
    """Compare weights where the peer's have just changed: only then has it taken all earlier spikes into account."""
    channels = min(ours.values.shape[1], peer.values.shape[1])
    changed = np.diff(peer.values[:-1, :channels], axis=0) != 0.0
    theirs = peer.values[1:-1, :channels][changed]
    off = np.minimum(*(np.abs(ours.values[k : len(changed) + k, :channels][changed] - theirs) for k in (1, 2)))
    size = float(off.max(initial=0.0))
    text = f"max difference {size:.1e} of {np.abs(theirs).max():.1e} at {changed.sum()} changes"
    return Difference(key, text, size, size > allowed + 1e-6 * np.abs(theirs).max())


def trains(key: str, ours: list[np.ndarray], peer: list[np.ndarray], step: float, allowed: float) -> Difference:
    """Compare spikes one by one: the counts, then the times in steps."""
    counts = [len(train) for train in ours], [len(train) for train in peer]
    total = f"{sum(counts[0])} spikes"
    if counts[0] != counts[1]:
        wrong = sum(a != b for a, b in zip(*counts, strict=False)) + abs(len(ours) - len(peer))
        return Difference(key, f"{total} and {sum(counts[1])}, {wrong} trains of other length", np.inf, True)
    shifts = [np.abs(a - b).max() / step for a, b in zip(ours, peer, strict=True) if len(a)]
    size = max(shifts, default=0.0)
    late = f"at most {size:.2g} steps apart" if size else "at the same times"
    return Difference(key, f"{total}, {late}" if sum(counts[0]) else "no spikes", size, size > allowed + 1e-3)


def values(key: str, ours: np.ndarray, peer: np.ndarray, allowed: float) -> Difference:
    """Compare tables element by element."""
    if ours.shape != peer.shape or not np.array_equal(np.isnan(ours), np.isnan(peer)):
        return Difference(key, f"shape {ours.shape} and {peer.shape}", np.inf, True)
    size = float(np.nanmax(np.abs(ours - peer), initial=0.0))
    equal = "equal" if size == 0.0 else f"max difference {size:.1e}"
    return Difference(key, f"{ours.shape[0]} values, {equal}", size, size > allowed + 1e-6 * np.nanmax(np.abs(peer)))


# ---- statistics ------------------------------------------------------------------------------------------------------


Statistic = tuple[float, float]  # a number and its standard error, 0 if unknown


def firing(spikes: list[np.ndarray]) -> dict[str, Statistic]:
    """Spikes per train and, where trains are long enough to tell, the irregularity of their intervals."""
    found = {"spikes per train": _mean([len(train) for train in spikes])}
    intervals = [np.diff(train) for train in spikes if len(train) > 4]
    if len(intervals) >= 20:
        found["CV of intervals"] = _mean([each.std() / each.mean() for each in intervals])
    return found


def _mean(numbers: list[float] | np.ndarray) -> Statistic:
    return float(np.mean(numbers)), float(np.std(numbers) / np.sqrt(len(numbers)))


def averages(key: str, ours: Recording, peer: Recording) -> Iterator[Difference]:
    """Compare the course of a mean over many cells, in its standard errors."""
    of = peer.signals[key]
    index = np.rint((of.times - ours.signals[key].start) / ours.signals[key].step).astype(int)
    spread = key.replace("|mean ", "|sd ")
    error = np.hypot(ours.signals[spread].values[index], peer.signals[spread].values) / np.sqrt(of.of)
    gap = np.abs(ours.signals[key].values[index] - of.values)
    size = float((gap / np.maximum(error, 1e-3 * error.max())).max())
    yield Difference(key, f"at most {size:.1f} standard errors apart", size, size > 5.0)


def _moments(signal: Signal) -> dict[str, Statistic]:
    return {"mean": (float(signal.values.mean()), 0.0), "sd": (float(signal.values.std()), 0.0)}


def _spread(table: np.ndarray) -> dict[str, Statistic]:
    numbers = table[:, 2:] if table.ndim == 2 and table.shape[1] == 4 else table.reshape(-1, 1)
    there = numbers[~np.isnan(numbers).any(axis=1)]
    found = {"size": (float(len(there)), float(np.sqrt(len(there))))}
    return found | {f"mean {column}": _mean(there[:, column]) for column in range(numbers.shape[1])}


def statistics(
    key: str, ours: dict[str, Statistic], peer: dict[str, Statistic], allowed: float
) -> Iterator[Difference]:
    """Compare numbers that describe random data: they may differ by a fraction of the peer's, or by four standard errors."""
    for name in peer:
        (a, error_a), (b, error_b) = ours[name], peer[name]
        size = abs(a - b) / abs(b) if b else abs(a)
        text = f"{name} {a:.4g} and {b:.4g}"
        yield Difference(key, text, size, size > allowed and abs(a - b) > 4.0 * np.hypot(error_a, error_b))

"""Tests of whether random data of two runs come from one process: each at a level of 1 in 1000 or less, seeds fixed."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from example_data import Signal
from example_difference import Difference

FRACTION = 0.1  # of a mean: trains of a network are no independent samples, their errors say too little
ERRORS = 4.0  # standard errors, two-sided: 6 in 100 000
COURSE_ERRORS = 5.0  # of one of some hundred samples: 6 in 10 million each
BLOCKS = 20
DECAY = 0.02  # of a jump until the next sample, at which NEURON's recordings show it
STUDENT = 3.88  # of the mean of 20 blocks, two-sided: 1 in 1000

Statistic = tuple[float, float]  # a number and its standard error


def averages(key: str, ours: tuple[Signal, Signal], peer: Signal) -> Iterator[Difference]:
    """Compare the course of a mean over many cells in its standard errors; ours are mean and deviation."""
    mean, spread = ours
    index = np.rint((peer.times - mean.start) / mean.step).astype(int)
    error = np.sqrt(2.0 / peer.of) * spread.values[index]
    gap = np.abs(mean.values[index] - peer.values)
    size = float((gap / np.maximum(error, 1e-3 * error.max())).max())
    yield Difference(key, f"mean of {peer.of}: at most {size:.1f} standard errors apart", size, size > COURSE_ERRORS)


def moments(key: str, ours: Signal, peer: Signal) -> Iterator[Difference]:
    """Compare mean and second moment: the differences in 20 stretches of time have mean 0 (paired t-tests)."""
    index = np.rint((peer.times - ours.start) / ours.step).astype(int)
    pair = ours.values[index], peer.values
    centre = np.mean(pair[1])
    for name, (a, b) in (("mean", pair), ("second moment", [(each - centre) ** 2 for each in pair])):
        blocks = np.array([block.mean() for block in np.array_split((a - b).mean(axis=1), BLOCKS)])
        spread = blocks.std(ddof=1) / np.sqrt(BLOCKS)
        size = float(abs(blocks.mean()) / spread) if spread else 0.0
        text = f"{name} {a.mean():.4g} and {b.mean():.4g}"
        yield Difference(key, text, size, size > STUDENT)


def jumps(key: str, ours: Signal, peer: Signal) -> Iterator[Difference]:
    """Compare the number of upward jumps (releases of transmitter) per channel, and the size of the largest."""
    counts, sizes = [], []
    for signal in (ours, peer):
        rise = np.diff(signal.values, axis=0)
        counts.append([int((rise[:, k] > 0.05 * rise.max()).sum()) for k in range(rise.shape[1])])
        sizes.append(rise.max())
    # Whether cells share releases or not, a binomial number varies by less than its root.
    number = [float(np.mean(each)) for each in counts]
    gap, error = abs(number[0] - number[1]), np.sqrt(max(sum(number), 1.0))
    yield Difference(key, f"{number[0]:.3g} and {number[1]:.3g} releases", gap, bool(gap > ERRORS * error))
    gap = abs(sizes[0] - sizes[1])
    yield Difference(key, f"largest {sizes[0]:.3g} and {sizes[1]:.3g}", gap, bool(gap > DECAY * sizes[1]))


def firing(key: str, ours: list[np.ndarray], peer: list[np.ndarray]) -> Iterator[Difference]:
    """Compare spikes per train and, where trains are long enough to tell, the irregularity of their intervals."""
    ours = ours[: len(peer)]  # a reference has the first trains only
    yield from _compare(key, "spikes per train", _counts(ours), _counts(peer))
    irregular = [_irregularity(each) for each in (ours, peer)]
    if irregular[0] and irregular[1]:
        yield from _compare(key, "CV of intervals", irregular[0], irregular[1])


def _counts(trains: list[np.ndarray]) -> Statistic:
    numbers = [len(train) for train in trains]
    mean, error = _mean(numbers)
    return mean, max(error, np.sqrt(sum(numbers)) / len(numbers)) if len(numbers) < BLOCKS else error


def _irregularity(trains: list[np.ndarray]) -> Statistic | None:
    intervals = [np.diff(train) for train in trains if len(train) > 4]
    return _mean([each.std() / each.mean() for each in intervals]) if len(intervals) >= BLOCKS else None


def columns(key: str, ours: np.ndarray, peer: np.ndarray, allowed: float) -> Iterator[Difference]:
    """Compare how many numbers a table has, and the mean of each column."""
    sides = []
    for table in (ours, peer):
        numbers = table[:, 2:] if table.ndim == 2 and table.shape[1] == 4 else table.reshape(-1, 1)
        there = numbers[~np.isnan(numbers).any(axis=1)]
        number = {"number": (float(len(there)), float(np.sqrt(len(there))))}
        sides.append(number | {f"mean {k}": _mean(there[:, k]) for k in range(numbers.shape[1])})
    for name in sides[1]:
        yield from _compare(key, name, sides[0][name], sides[1][name])


def _mean(numbers: list[float] | list[int] | np.ndarray) -> Statistic:
    return float(np.mean(numbers)), float(np.std(numbers) / np.sqrt(len(numbers)))


def _compare(key: str, name: str, ours: Statistic, peer: Statistic) -> Iterator[Difference]:
    (a, error_a), (b, error_b) = ours, peer
    size = abs(a - b) / abs(b) if b else abs(a)
    far = abs(a - b) > ERRORS * np.hypot(error_a, error_b)
    yield Difference(key, f"{name} {a:.4g} and {b:.4g}", size, bool(size > FRACTION and far))

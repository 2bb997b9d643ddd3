"""How the data of two runs of one script differ, where nothing is random; `example_statistics` has what is."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from fnmatch import fnmatch
from typing import TypeVar

import example_statistics as statistics
import numpy as np
from example_data import Recording, Signal
from example_difference import Difference
from example_scripts import Peer, Script

Limit = TypeVar("Limit", int, float)
RELATIVE = 1e-6  # of the largest sample: references are kept in single precision
ZERO = 1e-12  # in any unit of a signal that is recorded (mV, nA, uS) nothing
LAZY_SAMPLES = 5  # NEST is ahead of the time of a callback by its shortest delay, in the script with weights 3 samples


def compare(ours: Recording, reference: Recording, script: Script, peer: Peer) -> list[Difference]:
    """Compare all data of a peer's run with ours."""
    found: list[Difference] = []
    for kind, one in (("signals", _signal), ("spikes", _spikes), ("tables", _table)):
        theirs, own = getattr(reference, kind), getattr(ours, kind)
        for key in theirs:
            if fits(key, peer.lacks):
                continue
            if key not in own:
                found.append(Difference(key, "not recorded", np.inf, True))
            else:
                found += one(key, ours, reference, script, peer)
    return sorted(found, key=lambda difference: difference.key)


def fits(key: str, patterns: tuple[str, ...]) -> bool:
    """Whether a key fits one of several patterns."""
    return any(fnmatch(key, pattern) for pattern in patterns)


def is_random(key: str, script: Script) -> bool:
    return key.endswith("(random)") or fits(key, script.random)


def limit(key: str, limits: Mapping[str, Limit], usual: Limit) -> Limit:
    """What is allowed for a key."""
    return next((value for pattern, value in limits.items() if fnmatch(key, pattern)), usual)


def _signal(key: str, ours: Recording, reference: Recording, script: Script, peer: Peer) -> Iterator[Difference]:
    own, theirs = ours.signals[key], reference.signals[key]
    theirs = replace(theirs, values=theirs.values / limit(key, peer.divide, 1.0))
    skipped = int(np.ceil((limit(key, peer.since, theirs.start) - theirs.start) / theirs.step))
    theirs = replace(theirs, values=theirs.values[skipped:], start=theirs.start + skipped * theirs.step)
    if is_random(key, script) and "|sd " in key:
        return
    if is_random(key, script) and "|mean " in key:
        spread = key.replace("|mean ", "|sd ")
        yield from statistics.averages(key, (own, ours.signals[spread]), theirs)
    elif fits(key, script.jumps):
        yield from statistics.jumps(key, own, theirs)
    elif is_random(key, script):
        yield from statistics.moments(key, own, theirs)
    elif fits(key, script.lazy):
        yield changes(key, own, theirs, limit(key, peer.odd, 0))
    else:
        shift = limit(key, peer.steps, 1.0) * ours.step
        yield samples(key, own, theirs, shift, limit(key, peer.signals, 0.0))


def _spikes(key: str, ours: Recording, reference: Recording, script: Script, peer: Peer) -> Iterator[Difference]:
    if is_random(key, script):
        yield from statistics.firing(key, ours.spikes[key], reference.spikes[key])
    else:
        within = limit(key, peer.steps, 1.0)
        yield trains(key, ours.spikes[key], reference.spikes[key], reference.step, within, limit(key, peer.odd, 0))


def _table(key: str, ours: Recording, reference: Recording, script: Script, peer: Peer) -> Iterator[Difference]:
    one: Callable[..., Iterator[Difference]] = statistics.columns if is_random(key, script) else values
    yield from one(key, ours.tables[key], reference.tables[key], limit(key, peer.signals, 0.0))


def samples(key: str, ours: Signal, peer: Signal, shift: float, allowed: float) -> Difference:
    """Compare samples; one that lies between our samples around it, no further off than spikes may be, is right."""
    reach = max(1, round(shift / ours.step))
    channels = min(ours.values.shape[1], peer.values.shape[1])
    index = np.rint((peer.times - ours.start) / ours.step).astype(int)
    inside = (index >= 0) & (index < len(ours.values))
    theirs, index = peer.values[inside, :channels], index[inside]
    plain = np.abs(theirs - ours.values[index, :channels])
    around = [ours.values[np.clip(index + k, 0, len(ours.values) - 1), :channels] for k in range(-reach, reach + 1)]
    low, high = np.min(around, axis=0), np.max(around, axis=0)
    off = np.maximum(np.maximum(theirs - high, low - theirs), 0.0)
    size, largest = float(off.max()), float(plain.max())
    text = f"{largest:.1e}" if largest <= 2 * size or largest < 1e-9 else f"{size:.1e} ({largest:.1e} at the same time)"
    return Difference(key, f"max difference {text}", size, size > allowed + RELATIVE * np.abs(theirs).max() + ZERO)


def changes(key: str, ours: Signal, peer: Signal, allowed: int) -> Difference:
    """Compare weights where the peer's have just changed: only then has it taken all earlier spikes into account."""
    last = len(peer.values) - LAZY_SAMPLES
    changed = np.diff(peer.values[:last], axis=0) != 0.0
    theirs = peer.values[1:last]
    gaps = [np.abs(ours.values[1 + k : last + k] - theirs) for k in range(LAZY_SAMPLES)]
    off = np.where(changed, np.min(gaps, axis=0), 0.0)
    wrong = int((off > RELATIVE * np.abs(theirs).max()).any(axis=0).sum())
    size = float(np.sort(off.max(axis=0))[-1 - min(allowed, wrong)])
    text = f"max difference {size:.1e} of {np.abs(theirs).max():.1e} at {changed.sum()} changes"
    return Difference(key, text + (f", {wrong} channels set aside" if wrong else ""), size, wrong > allowed)


def trains(
    key: str, ours: list[np.ndarray], peer: list[np.ndarray], step: float, within: float, odd: int
) -> Difference:
    """Compare spikes one by one: the counts, then the times in steps."""
    if len(ours) < len(peer):
        return Difference(key, f"{len(ours)} trains and {len(peer)}", np.inf, True)
    total = sum(map(len, peer))
    alone, shifts = 0, [0.0]
    for a, b in zip(ours, peer, strict=False):
        pairs = matched(a, b, within * step + 1e-3 * step) if odd else (np.arange(len(a)), np.arange(len(b)))
        if not odd and len(a) != len(b):
            return Difference(key, f"{sum(map(len, ours))} spikes and {total}", np.inf, True)
        alone += max(len(a), len(b)) - len(pairs[0])
        shifts.append(float(np.abs(a[pairs[0]] - b[pairs[1]]).max(initial=0.0)) / step)
    size = max(shifts)
    text = f"{total} spikes, " + (f"at most {size:.2g} steps apart" if size > 1e-3 else "at the same times")
    text += f", {alone} without counterpart" if alone else ""
    return Difference(key, text if total else "no spikes", size, size > within + 1e-2 or alone > odd)


def matched(a: np.ndarray, b: np.ndarray, within: float) -> tuple[np.ndarray, np.ndarray]:
    """Pair off spikes of two trains in order of time; return the indices of those that have a partner."""
    pairs, i, j = [], 0, 0
    while i < len(a) and j < len(b):
        if abs(a[i] - b[j]) <= within:
            pairs.append((i, j))
            i, j = i + 1, j + 1
        elif a[i] < b[j]:
            i += 1
        else:
            j += 1
    left, right = zip(*pairs, strict=True) if pairs else ((), ())
    return np.array(left, dtype=int), np.array(right, dtype=int)


def values(key: str, ours: np.ndarray, peer: np.ndarray, allowed: float) -> Iterator[Difference]:
    """Compare tables element by element."""
    if ours.shape != peer.shape or not np.array_equal(np.isnan(ours), np.isnan(peer)):
        yield Difference(key, f"shape {ours.shape} and {peer.shape}", np.inf, True)
        return
    size = float(np.nanmax(np.abs(ours - peer), initial=0.0))
    equal = "equal" if size <= 1e-12 else f"max difference {size:.1e}"
    yield Difference(key, f"{ours.size} values, {equal}", size, size > allowed * (1 + 1e-9) + 1e-9)

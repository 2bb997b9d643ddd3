"""What one run of a script recorded: signals, spike trains and tables, and the small form in which a peer's is kept."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from fnmatch import fnmatch
from pathlib import Path

import numpy as np

SAMPLES = 400  # kept of a peer's signal
CHANNELS = 60
TRAINS = 500
FALL_MV = 4.0  # v falls by more than this within a sample only when a spike resets it
UPSTROKE_MV = -10.0  # crossed upwards by the action potentials of models that are not reset to their threshold


@dataclass(frozen=True)
class Signal:
    """Samples of some channels: values (n, channels) at start + k * step, in ms; `of` cells where they are moments."""

    values: np.ndarray
    start: float
    step: float
    of: int = 1

    @property
    def times(self) -> np.ndarray:
        return self.start + self.step * np.arange(len(self.values))


@dataclass
class Recording:
    """The data of one run; keys are ``source|name``."""

    step: float
    signals: dict[str, Signal] = field(default_factory=dict)
    spikes: dict[str, list[np.ndarray]] = field(default_factory=dict)
    tables: dict[str, np.ndarray] = field(default_factory=dict)
    about: dict[str, str] = field(default_factory=dict)

    @classmethod
    def load(cls, path: Path) -> Recording:
        """Read an archive as the launcher or `save` writes it."""
        with np.load(path, allow_pickle=False) as archive:
            arrays = {name: archive[name] for name in archive.files}
        recording = cls(step=float(arrays.get("step", 0.1)))
        for full, array in arrays.items():
            kind, _, key = full.partition("|")
            if kind == "signal":
                start, step, of = arrays[f"grid|{key}"]
                recording.signals[key] = Signal(array, float(start), float(step), int(of))
            elif kind == "spikes":
                recording.spikes[key] = np.split(array, np.cumsum(arrays[f"counts|{key}"])[:-1])
            elif kind == "table":
                recording.tables[key] = array
            elif kind == "about":
                recording.about[key] = str(array)
        return recording

    def save(self, path: Path) -> None:
        """Write a compressed archive without pickled objects."""
        arrays: dict[str, np.ndarray] = {"step": np.array(self.step)}
        for key, signal in self.signals.items():
            arrays[f"signal|{key}"] = signal.values.astype(np.float32)
            arrays[f"grid|{key}"] = np.array([signal.start, signal.step, signal.of])
        for key, trains in self.spikes.items():
            arrays[f"spikes|{key}"] = np.concatenate(trains).astype(np.float32)
            arrays[f"counts|{key}"] = np.array([len(train) for train in trains], dtype=np.int32)
        arrays |= {f"table|{key}": table for key, table in self.tables.items()}
        arrays |= {f"about|{key}": np.array(text) for key, text in self.about.items()}
        np.savez_compressed(path, **arrays)  # type: ignore[arg-type]

    def with_spikes_of_v(self) -> Recording:
        """Add the spikes that a trace of v shows, for scripts that record nothing else."""
        for key, signal in self.signals.items():
            source, _, name = key.partition("|")
            if name == "v" and not any(other.startswith(f"{source}|") for other in self.spikes):
                self.spikes[f"{source}|of v"] = [spikes_of(signal, channel) for channel in signal.values.T]
        return self

    def split(self, parts: Mapping[str, tuple[int, ...]]) -> Recording:
        """Move the cells of each part, of every signal and every group of trains, to a key ``... (part)``."""
        apart = {cell for cells in parts.values() for cell in cells}
        groups = {f" ({part})": cells for part, cells in parts.items()} | {"": None}
        signals: dict[str, Signal] = {}
        spikes: dict[str, list[np.ndarray]] = {}
        for tail, cells in groups.items():

            def chosen(count: int, cells: tuple[int, ...] | None = cells) -> list[int]:
                return [k for k in range(count) if (k not in apart if cells is None else k in cells)]

            for key, signal in self.signals.items():
                if which := chosen(signal.values.shape[1]):
                    signals[key + tail] = replace(signal, values=signal.values[:, which])
            for key, trains in self.spikes.items():
                if which := chosen(len(trains)):
                    spikes[key + tail] = [trains[k] for k in which]
        return Recording(self.step, signals, spikes, self.tables, self.about)

    def reduced(self, whole: tuple[str, ...] = ()) -> Recording:
        """What is kept of a peer's run: a few channels, and few of their samples save of keys in `whole`."""
        thinned = {}
        for key, signal in self.signals.items():
            every = 1 if any(fnmatch(key, pattern) for pattern in whole) else max(1, len(signal.values) // SAMPLES)
            thinned[key] = Signal(signal.values[::every, :CHANNELS], signal.start, signal.step * every, signal.of)
        spikes = {key: trains[:TRAINS] for key, trains in self.spikes.items()}
        return Recording(self.step, thinned, spikes, self.tables, self.about)


def spikes_of(signal: Signal, v: np.ndarray) -> np.ndarray:
    """Times of the samples at which v is reset or overshoots."""
    change = np.diff(v)
    reset = np.flatnonzero(change < -FALL_MV) + 1
    if v.max() > UPSTROKE_MV:
        reset = np.flatnonzero((v[:-1] < UPSTROKE_MV) & (v[1:] >= UPSTROKE_MV)) + 1
    return signal.times[reset]

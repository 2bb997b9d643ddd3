"""Current sources: waveforms in whole steps, injected into neurons."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike, NDArray

from . import core
from .arrays import FloatArray

if TYPE_CHECKING:
    from .network import Network


@dataclass(frozen=True)
class StepCurrent:
    """``amplitudes_nA[k]`` from ``steps[k]`` on until the next; 0 before the first."""

    steps: NDArray[np.int64]
    amplitudes_nA: FloatArray

    def waveform(self, dt_ms: float, seed: int, stream: int, element: int) -> core.Waveform:
        """The evaluator of this current."""
        steps = np.ascontiguousarray(self.steps, np.int64)
        amplitudes = np.ascontiguousarray(self.amplitudes_nA, np.float64)
        if steps.ndim != 1 or steps.shape != amplitudes.shape:
            raise ValueError(f"{steps.shape} steps for {amplitudes.shape} amplitudes")
        if (np.diff(steps) < 0).any() or not np.isfinite(amplitudes).all():
            raise ValueError("steps have to ascend, amplitudes to be finite")
        return core.Waveform.step(steps, amplitudes)


@dataclass(frozen=True)
class SineCurrent:
    """``offset + amplitude * sin(2 pi f (t - t_start) / 1000 + phase)`` for start <= step < stop, else 0."""

    amplitude_nA: float
    offset_nA: float
    frequency_Hz: float
    phase_deg: float
    start_step: int
    stop_step: int

    def waveform(self, dt_ms: float, seed: int, stream: int, element: int) -> core.Waveform:
        """The evaluator of this current."""
        check_finite(self.amplitude_nA, self.offset_nA, self.frequency_Hz, self.phase_deg)
        return core.Waveform.sine(
            self.amplitude_nA,
            self.offset_nA,
            self.frequency_Hz,
            self.phase_deg,
            self.start_step,
            self.stop_step,
            dt_ms,
        )


@dataclass(frozen=True)
class NoiseCurrent:
    """Normally distributed, a new number every ``interval_steps`` for start <= step < stop, else 0."""

    mean_nA: float
    stdev_nA: float
    interval_steps: int
    start_step: int
    stop_step: int

    def waveform(self, dt_ms: float, seed: int, stream: int, element: int) -> core.Waveform:
        """The evaluator of this current."""
        check_finite(self.mean_nA, self.stdev_nA)
        if self.interval_steps < 1 or self.stdev_nA < 0:
            raise ValueError(
                f"noise with interval {self.interval_steps} steps and stdev {self.stdev_nA} nA; "
                "allowed are intervals from 1 step and no negative stdev"
            )
        return core.Waveform.noise(
            self.mean_nA,
            self.stdev_nA,
            self.interval_steps,
            self.start_step,
            self.stop_step,
            seed,
            stream,
            element,
        )


AnyCurrent = StepCurrent | SineCurrent | NoiseCurrent


def check_finite(*values: float) -> None:
    """Refuse what is not a number."""
    if not np.isfinite(values).all():
        raise ValueError(f"parameters of a current have to be finite, not {values}")


class Current:
    """One current source of a network. Made by :meth:`Network.add_current`."""

    def __init__(self, network: Network, number: int, shape: AnyCurrent) -> None:
        self._network = network
        self._number = number
        self._shape = shape
        self._targets: list[NDArray[np.uint32]] = []
        self._recorded_from: int | None = None
        self._recorded: list[FloatArray] = []  # what earlier waveforms were, up to when they were replaced
        self.waveform = self._evaluator()

    def _evaluator(self) -> core.Waveform:
        network = self._network
        return self._shape.waveform(network.dt_ms, network.seed, network.current_stream, self._number)

    @property
    def targets(self) -> NDArray[np.uint32]:
        """Neurons that get the current, as often as they were injected."""
        return np.concatenate([np.empty(0, np.uint32), *self._targets])

    def inject(self, neurons: ArrayLike) -> None:
        """Inject into further neurons (global numbers) from the next step on."""
        self._targets.append(self._network.injectable(neurons))
        self._network.current_changed()

    def set(self, waveform: AnyCurrent) -> None:
        """Replace the waveform from the current step on."""
        old_shape, self._shape = self._shape, waveform
        try:
            new = self._evaluator()
        except Exception:
            self._shape = old_shape
            raise
        if self._recorded_from is not None:
            self._recorded = [self._trace(self._network.step)]
        self.waveform = new
        self._network.current_changed()

    def _trace(self, end_step: int) -> FloatArray:
        assert self._recorded_from is not None
        done = sum(map(len, self._recorded))
        first = self._recorded_from + done
        return np.concatenate([*self._recorded, self.waveform.values(first, end_step - first)])

    def record(self) -> None:
        """Keep the trace of the current from the current step on."""
        if self._recorded_from is None:
            self._recorded_from = self._network.step

    def data(self) -> tuple[int, FloatArray]:
        """First recorded step, and the current in nA at every step boundary from there to the current one, included."""
        if self._recorded_from is None:
            raise ValueError("this current is not recorded: call record() first")
        return self._recorded_from, self._trace(self._network.step + 1)

    def restart(self) -> None:
        """Follow the network's reset."""
        self.waveform = self._evaluator()
        self._recorded = []
        if self._recorded_from is not None:
            self._recorded_from = self._network.step

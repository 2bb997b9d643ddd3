"""The data of an assembly: its populations' Neo blocks in one."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from typing import Any

import neo
import numpy as np
from neo.core.baseneo import merge_annotations
from neo.core.spiketrainlist import SpikeTrainList


def merged_blocks(blocks: Sequence[neo.Block], assembly: Any) -> neo.Block:
    """Return one block with the segments of all, joined by name, in which a channel is a cell of the assembly.

    Neo's own merge pairs segments by position and refuses signals that start at different times, so it fails for
    populations that were created or recorded at different times.
    """
    result = neo.Block(name=assembly.label, description=assembly.describe())
    result.annotations = _annotations(blocks, assembly)
    segments = sorted((segment for block in blocks for segment in block.segments), key=lambda s: s.name)
    for _, same_name in groupby(segments, key=lambda s: s.name):
        merged = _merged_segments(list(same_name), assembly)
        result.segments.append(merged)
        merged.block = result
    if result.segments:
        result.rec_datetime = result.segments[0].rec_datetime
    return result


def _annotations(blocks: Sequence[neo.Block], assembly: Any) -> dict[str, Any]:
    merged: dict[str, Any] = blocks[0].annotations
    for block in blocks[1:]:
        merged = merge_annotations(merged, block.annotations)
    return {
        **merged,
        "size": assembly.size,
        "last_index": assembly.size,
        "first_id": int(assembly.first_id),
        "last_id": int(assembly.last_id),
        **assembly.annotations,
    }


def _merged_segments(segments: Sequence[neo.Segment], assembly: Any) -> neo.Segment:
    first = segments[0]
    result = neo.Segment(name=first.name, description=first.description, rec_datetime=first.rec_datetime)
    for segment in segments:
        result.annotations.update(segment.annotations)
    signals: dict[Any, list[neo.AnalogSignal]] = {}
    for segment in segments:
        for signal in segment.analogsignals:
            key = (signal.name, signal.units, float(signal.t_start), float(signal.sampling_period), len(signal))
            signals.setdefault(str(key), []).append(signal)
    for group in signals.values():
        signal = _merged_signals(group, assembly)
        result.analogsignals.append(signal)
        signal.segment = result
    trains = [train for segment in segments for train in segment.spiketrains]
    if trains:
        result.spiketrains = SpikeTrainList(items=trains)
        for train in trains:
            train.segment = result
    return result


def _merged_signals(signals: Sequence[neo.AnalogSignal], assembly: Any) -> neo.AnalogSignal:
    first = signals[0]
    ids = np.concatenate([signal.annotations["channel_ids"] for signal in signals])
    populations = dict.fromkeys(signal.annotations["source_population"] for signal in signals)
    return neo.AnalogSignal(
        np.concatenate([signal.magnitude for signal in signals], axis=1),
        units=first.units,
        t_start=first.t_start,
        sampling_period=first.sampling_period,
        name=first.name,
        channel_ids=ids,
        source_population=";".join(populations),
        array_annotations={"channel_index": _index_in(assembly, ids)},
    )


def _index_in(assembly: Any, ids: np.ndarray) -> np.ndarray:
    """Return the index in the assembly of each cell."""
    numbers = np.asarray(assembly.all_cells, dtype=np.int64)
    order = np.argsort(numbers)
    return order[np.searchsorted(numbers[order], ids)]

"""What is compared between simulations of the microcircuit: rates, irregularity and pairwise correlation of cells."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

BIN_ms = 2.0  # of spike counts for correlations, as in Senk et al. 2026, doi 10.1088/2634-4386/ae379a
CORRELATED = 200  # cells of a population for correlations


@dataclass(frozen=True)
class Activity:
    """Distributions over the cells, or pairs of cells, of one population.

    Attributes
    ----------
    rates_Hz
        Of each cell.
    variations
        Coefficients of variation of the inter-spike intervals of cells with at least ten spikes.
    correlations
        Pearson coefficients of spike counts of all pairs of some cells that spike.
    """

    rates_Hz: np.ndarray
    variations: np.ndarray
    correlations: np.ndarray


def activity(trains: Sequence[np.ndarray], begin_ms: float, end_ms: float) -> Activity:
    """Return the statistics of spike trains (times in ms) between two times."""
    kept = [train[(train > begin_ms) & (train <= end_ms)] for train in map(np.sort, trains)]
    rates = np.array([len(train) for train in kept]) / (end_ms - begin_ms) * 1000.0
    intervals = [np.diff(train) for train in kept if len(train) >= 10]
    variations = np.array([between.std() / between.mean() for between in intervals])
    spiking = [train for train in kept if len(train) > 0][:CORRELATED]
    correlations = np.empty(0)
    if len(spiking) > 1:
        edges = np.arange(begin_ms, end_ms + BIN_ms / 2, BIN_ms)
        counts = np.array([np.histogram(train, edges)[0] for train in spiking], float)
        varying = counts[counts.std(axis=1) > 0]
        matrix = np.corrcoef(varying)
        correlations = matrix[np.triu_indices(len(varying), 1)]
    return Activity(rates, variations, correlations)


def distance(first: np.ndarray, second: np.ndarray) -> float:
    """Return the Kolmogorov-Smirnov distance of two samples: the largest difference of their distribution functions."""
    if first.size == 0 or second.size == 0:
        return 1.0 if first.size != second.size else 0.0
    values = np.concatenate([first, second])
    values.sort()
    below = [np.searchsorted(np.sort(sample), values, side="right") / sample.size for sample in (first, second)]
    return float(np.abs(below[0] - below[1]).max())

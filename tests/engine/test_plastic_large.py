"""Stores that are so large that threads lay them out side by side hold the same as when one thread does it."""

from __future__ import annotations

import numpy as np
import pytest
from plastic_networks import N_CELL, Plastic, delays

from pynn_annarchy.native import plastic_store

N = 60_000


def run(models, synapse_models, threads):
    """Two projections in one store, then three; state goes through a second layout."""
    made = Plastic(models, synapse_models, ["Pairs", "Pairs"], delays(0), delays(5), threads=threads, n=N)
    for projection in made.projections:
        projection.set_variable("w", projection.get_variable("w") / 100)  # 600 instead of a few inputs for each cell
    made.network.run(60)
    made.projections.append(made.connect("Pairs", delays(0), delays(5), N_CELL))
    made.network.run(60)
    return made


@pytest.fixture(scope="module")
def alone(models, synapse_models):
    return run(models, synapse_models, 1).result()


@pytest.mark.parametrize("threads", [2, 5])
def test_large_stores_are_the_same_for_any_number_of_threads(models, synapse_models, alone, threads):
    assert sum(steps.size for steps in alone[2:4]) > 0  # cells have spiked
    for one, other in zip(alone, run(models, synapse_models, threads).result(), strict=True):
        np.testing.assert_array_equal(one, other)


@pytest.mark.parametrize("value", [0.0, -0.0, 0.25])
def test_initial_values_that_all_have(models, synapse_models, value):
    """Every synapse has it after a reset, with its sign."""
    made = Plastic(models, synapse_models, ["Pairs", "Pairs"], delays(0), delays(5), threads=2, n=N)
    for projection in made.projections:
        projection.set_variable("h", value)
    made.network.run(0)
    made.network.reset()
    for projection in made.projections:
        h = projection.get_variable("h")
        np.testing.assert_array_equal(h, value)
        np.testing.assert_array_equal(np.signbit(h), np.signbit(value))


def test_errors_of_a_thread_are_raised(models, synapse_models, monkeypatch):
    """Memory may run out in any of them."""

    def refuse(n, dtype):
        raise MemoryError

    made = Plastic(models, synapse_models, ["Pairs", "Pairs"], delays(0), delays(5), threads=2, n=N)
    monkeypatch.setattr(plastic_store, "aligned_zeros", refuse)
    with pytest.raises(MemoryError):
        made.network.run(1)

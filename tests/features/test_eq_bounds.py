"""Bounds of random numbers in equations."""

from __future__ import annotations

import numpy as np
import pyNN.annarchy as sim
import pytest

from pynn_annarchy.native.errors import EquationError


def test_EQ27_bounds_of_distributions() -> None:
    """Numbers beyond a bound are put onto it; the share is that of the normal distribution's tails."""
    from scipy import stats

    sim.setup(timestep=1.0)
    Bounded = sim.Neuron("lo = -0.5", "r = Normal(0, 1, min=lo, max=0.25)", name="Bounded")
    cells = sim.Population(20000, Bounded())
    sim.run(1.0)
    found = np.asarray(cells.r)
    assert (found.min(), found.max()) == (-0.5, 0.25)
    for share, expected in (
        ((found == -0.5).mean(), stats.norm.cdf(-0.5)),
        ((found == 0.25).mean(), stats.norm.sf(0.25)),
    ):
        assert abs(share - expected) < 5 * np.sqrt(expected * (1 - expected) / 20000)


@pytest.mark.parametrize(
    "text", ["Uniform(0, 1, min=0)", "Normal(0, 1, low=0)", "exp(1, min=0)", "Normal(0, 1, min=0, min=1)"]
)
def test_EQ27_bounds_refused(text: str) -> None:
    with pytest.raises(EquationError, match="line 1"):
        sim.Neuron("", f"r = {text}")

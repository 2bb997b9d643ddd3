"""The same seed gives the connections, weights and delays that pyNN.nest and pyNN.brian2 make of it.

The peers' results are in ``data/``, written by ``make_reference.py``. Not compared, because PyNN's own connector does
not do it: SmallWorldConnector (not implemented), FixedTotalNumberConnector without replacement or without
self-connections (both options ignored), one-to-one of size 1 (fails with numpy 2.4).
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import cases
import numpy as np
import pytest

import pynn_annarchy as sim

DATA = Path(__file__).parent / "data"
NAMES = [*cases.CASES, "clone"]


@pytest.fixture(scope="module", params=["nest", "brian2"])
def peer(request: pytest.FixtureRequest) -> Any:
    return request.param, json.loads((DATA / f"{request.param}.json").read_text())


@pytest.fixture(autouse=True)
def ended() -> Iterator[None]:
    yield
    sim.end()


def build(name: str) -> np.ndarray:
    rows = cases.clone(sim) if name == "clone" else cases.connections(sim, cases.CASES[name])
    return np.array(rows)


@pytest.mark.parametrize("name", NAMES)
def test_same_connections_weights_and_delays(peer, name):
    backend, reference = peer
    expected = np.array(reference["connections"][name])
    ours = build(name)
    assert ours.shape == expected.shape
    assert np.array_equal(ours[:, :2], expected[:, :2])
    print(backend, np.abs(ours[:, 2] / expected[:, 2] - 1).max(), np.abs(ours[:, 3] - expected[:, 3]).max())
    assert np.allclose(ours[:, 2], expected[:, 2], rtol=1e-12, atol=0)
    assert np.array_equal(*(np.round(x[:, 3] / cases.TIMESTEP).astype(int) for x in (ours, expected)))

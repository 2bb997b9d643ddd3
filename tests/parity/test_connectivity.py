"""The same seed gives the connections, weights and delays that pyNN.nest and pyNN.brian2 make of it.

The peers' results are in ``data/``, written by ``make_reference.py``. Not compared, because PyNN's own connector does
not do it: SmallWorldConnector (not implemented), FixedTotalNumberConnector without replacement or without
self-connections (both options ignored), one-to-one of size 1 (fails with numpy 2.4).
"""

from __future__ import annotations

import json
from collections.abc import Iterator
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
    expected, ours = np.array(reference["connections"][name]), build(name)
    assert ours.shape == expected.shape
    assert np.array_equal(ours[:, :2], expected[:, :2])
    if backend == "brian2":  # gives all connections between two cells the parameters of one of them
        single = np.array([(np.all(ours[:, :2] == row[:2], axis=1)).sum() == 1 for row in ours])
        assert all(np.isclose(ours[np.all(ours[:, :2] == r[:2], axis=1), 2], r[2], rtol=1e-12).any() for r in expected)
        ours, expected = ours[single], expected[single]
    assert np.allclose(ours[:, 2], expected[:, 2], rtol=1e-12, atol=0)
    assert np.array_equal(*(np.round(x[:, 3] / cases.TIMESTEP).astype(int) for x in (ours, expected)))


@pytest.mark.parametrize("backend", ["nest", "brian2"])
def test_the_peer_made_every_case(backend):
    reference = json.loads((DATA / f"{backend}.json").read_text())
    assert not reference["failures"]
    assert reference["connections"].keys() == set(NAMES)
    assert reference["versions"]["pyNN"].startswith("0.13")

"""The README's table of standard models is the current one, and this backend has them all."""

from __future__ import annotations

import pytest
import support_matrix
from pynn_source import PynnSource

pytestmark = pytest.mark.cpu
Matrix = dict[str, dict[str, tuple[bool, ...]]]


@pytest.fixture(scope="module")
def matrix() -> Matrix:
    return support_matrix.support()


def test_every_model_works_here(matrix: Matrix) -> None:
    ours = support_matrix.BACKENDS.index("annarchy")
    fail = [model for rows in matrix.values() for model, found in rows.items() if not found[ours]]
    assert not fail
    assert sum(len(rows) for rows in matrix.values()) > 35


def test_the_readme_has_this_table(matrix: Matrix) -> None:
    _, found, _ = support_matrix.parts(support_matrix.README.read_text(encoding="utf-8"))
    assert found == support_matrix.table(matrix), "run: python tools/support_matrix.py --write"


def test_what_is_known_of_other_backends() -> None:
    """Facts that can be read in PyNN's source with the naked eye."""
    source = PynnSource()
    for backend, model, expected in [
        ("neuron", "IF_curr_delta", False),  # a ModelNotAvailable
        ("nest", "IF_curr_delta", True),
        ("nest", "Vogels2011Rule", False),
        ("brian2", "GIF_cond_exp", False),
        ("arbor", "DCSource", True),
        ("arbor", "IF_cond_exp", False),
    ]:
        assert support_matrix.has_class(source, backend, model) is expected, (backend, model)


def test_a_model_that_does_nothing_is_not_supported(monkeypatch: pytest.MonkeyPatch) -> None:
    class Silent(support_matrix.sim.StaticSynapse):  # type: ignore[misc]
        def __init__(self, **parameters: float) -> None:
            super().__init__(**{**parameters, "weight": 0.0})

    monkeypatch.setattr(support_matrix.sim, "StaticSynapse", Silent)
    assert not support_matrix.runs("Synapses", "StaticSynapse")
    assert not support_matrix.runs("Synapses", "NoSuchSynapse")

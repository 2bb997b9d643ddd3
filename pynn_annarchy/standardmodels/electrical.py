"""Electrical synapses: gap junctions between the membranes of two cells."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from pyNN import common, errors
from pyNN.connectors import Connector
from pyNN.standardmodels import synapses

from .. import simulator
from .synapses import SynapseType, unchanged

if TYPE_CHECKING:
    from ..native.coupling import GapJunctions

__all__ = ["ElectricalSynapse"]

Index = NDArray[np.intp]
Numbers = NDArray[np.float64]

RECEPTOR = "source_section.gap"  # what PyNN's scripts for NEURON call both ends of a junction


class ElectricalSynapse(SynapseType, synapses.ElectricalSynapse):
    """
    Gap junction: a conductance between the membranes of two cells.

    One connection lets the current weight*(v_pre - v_post) into the post-synaptic cell and the opposite into the
    pre-synaptic one; which is which makes no difference. Connections of the same two cells add up, whether they go from
    i to j or from j to i, so that `AllToAllConnector` within a population makes two for every pair. A connection of a
    cell with itself carries nothing. There is no delay.

    Both cells need a membrane potential. `receptor_type` and `source` of the projection may be left out, or be
    "source_section.gap", which is needed with pyNN.neuron.

    Arguments:
        `weight`:
            conductance (uS), 0 or greater.
    """

    translations = unchanged("weight")

    def __init__(self, **parameters: Any) -> None:
        super().__init__(**parameters)
        weight = parameters.get("weight")
        if isinstance(weight, int | float | list | tuple | np.ndarray):
            check_conductance(weight)


class ElectricalValues:
    """The conductance of each connection."""

    variables: tuple[str, ...] = ()

    def __init__(self, native: GapJunctions) -> None:
        self._native = native
        self._created = native.conductance

    def read(self, name: str, index: Index | None = None) -> Numbers:
        """Return the conductance of all connections, or of those at `index`."""
        values = np.array(np.broadcast_to(self._native.conductance, (self._native.size,)), dtype=float)
        return values if index is None else values[index]

    def write(self, values: Mapping[str, Any], index: Index | None = None) -> None:
        """Set the conductance."""
        check_conductance(values["weight"])
        self._native.set_conductance(values["weight"], index)

    def stored_at(self, name: str, index: Index) -> Index:
        """There is one for each."""
        return index

    def restore(self, name: str) -> None:
        """Bring the conductance back to that of when connections were made."""
        self._native.set_conductance(self._created)

    def write_variables(self, values: Mapping[str, Any], index: Index | None = None) -> None:
        """There are none to set."""


def check_conductance(weight: Any) -> None:
    """Raise unless all weights can be conductances."""
    weights = np.atleast_1d(np.asarray(weight, dtype=float))
    if not np.isfinite(weights).all():
        wrong = weights[~np.isfinite(weights)].flat[0]
        raise errors.InvalidWeightError(f"a weight is {wrong}; conductances have to be finite numbers")
    if (weights < 0).any():
        raise errors.ConnectionError(
            f"a weight is {weights.min():g}; the conductance of a gap junction is not negative"
        )


def check_ends(pre: Any, post: Any, source: str | None, receptor_type: str | None) -> None:
    """Raise ConnectionError if cells cannot be joined, or are to be joined at another place than their membrane."""
    for name, place in (("source", source), ("receptor_type", receptor_type)):
        if place not in (None, "default", RECEPTOR):
            raise errors.ConnectionError(
                f"{name}={place!r}: a gap junction joins membranes; leave it out or give {RECEPTOR!r}"
            )
    for cells in (pre, post):
        _membranes(cells)


def begin(
    projection: Any,
    pre: Any,
    post: Any,
    connector: Any,
    synapse_type: ElectricalSynapse,
    source: str | None,
    receptor_type: str | None,
    space: Any,
    label: str | None,
) -> None:
    """Do what PyNN's `Projection` begins with, which would ask for synaptic receptors that all cells have."""
    if not isinstance(connector, Connector):
        raise TypeError(f"connector={connector!r} is not an object of one of PyNN's connectors")
    if label is None and pre.label and post.label:
        label = f"{pre.label}→{post.label}"
    projection.pre, projection.post = pre, post
    projection.source, projection.receptor_type = source, RECEPTOR
    projection.label, projection.space = label, space
    projection._connector, projection.synapse_type = connector, synapse_type
    projection.initial_values, projection.annotations = {}, {}
    common.Projection._nProj += 1


def connect(projection: Any, pre: Index, post: Index, given: Mapping[str, Any]) -> GapJunctions:
    """Join pre[k] to post[k] in the engine."""
    for name in given:
        if name != "weight":
            raise errors.NonExistentParameterError(name, "ElectricalSynapse", ["weight"])
    weight = given.get("weight", 0.0)
    check_conductance(weight)
    return simulator.state.network.add_gap_junctions(
        projection.pre.neuron_numbers[pre],
        projection.post.neuron_numbers[post],
        conductance=weight,
        membranes={**_membranes(projection.pre), **_membranes(projection.post)},
    )


def _membranes(cells: Any) -> dict[Any, Any]:
    """Return the membrane of each population of the engine that some of the cells are from."""
    from ..native.coupling import check_membrane  # here: the package can be imported without its compiled core

    found = {}
    for group in getattr(cells, "populations", [cells]):
        population, celltype = group._root.native, group.celltype
        try:
            check_membrane(population.kernel, celltype.membrane)
        except ValueError as error:
            raise errors.ConnectionError(
                f"a gap junction needs cells with a membrane potential, which those of {group.label} "
                f"({type(celltype).__name__}) have not: {error}"
            ) from error
        found[population] = celltype.membrane
    return found

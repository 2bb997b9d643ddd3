"""What describes morphologies in PyNN, as far as it needs no simulator; see `multi_compartment` for the cells."""

from __future__ import annotations

from typing import Any

from pyNN.morphology import (
    IonChannelDistribution,
    LabelledLocations,
    LocationGenerator,
    Morphology,
    MorphologyFilter,
    NeuriteDistribution,
    NeuroMLMorphology,
    SynapseDistribution,
    any,
    apical_dendrites,
    at_distances,
    axon,
    basal_dendrites,
    by_diameter,
    by_distance,
    centre,
    dendrites,
    load_morphology,
    random_placement,
    random_section,
    uniform,
    with_label,
)

from .multi_compartment import OutOfScopeError

__all__ = [
    "IonChannelDistribution",
    "LabelledLocations",
    "Location",
    "LocationGenerator",
    "Morphology",
    "MorphologyFilter",
    "NeuriteDistribution",
    "NeuroMLMorphology",
    "SynapseDistribution",
    "any",
    "apical_dendrites",
    "at_distances",
    "axon",
    "basal_dendrites",
    "by_diameter",
    "by_distance",
    "center",
    "centre",
    "dendrites",
    "load_morphology",
    "random_placement",
    "random_section",
    "sample",
    "soma",
    "uniform",
    "with_label",
]

sample = random_section
center = centre


class soma(axon):  # type: ignore[misc]
    """The sections of a morphology that are the soma; PyNN's common code has this filter for the other parts only."""


class Location:
    """A place on a cell."""

    def __init__(self, *args: Any, **parameters: Any) -> None:
        raise OutOfScopeError(
            "Location: cells here are points; those of pyNN.neuron and pyNN.arbor have places on them"
        )

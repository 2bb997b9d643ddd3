"""What describes morphologies in PyNN, as far as it needs no simulator; see `multi_compartment` for the cells."""

from __future__ import annotations

from typing import Any

from pyNN import morphology
from pyNN.morphology import (
    IonChannelDistribution,
    LocationGenerator,
    Morphology,
    MorphologyFilter,
    NeuriteDistribution,
    NeuroMLMorphology,
    SynapseDistribution,
    any,
    apical_dendrites,
    axon,
    basal_dendrites,
    dendrites,
    load_morphology,
    random_placement,
    random_section,
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


class soma(axon):  # type: ignore[misc]
    """The sections of a morphology that are the soma; PyNN's common code has this filter for the other parts only."""


class _ByLabel:
    """Sections that are given by a label; PyNN's common code leaves it to the backends to look them up."""

    def get_with_label_selector(self, label: str) -> MorphologyFilter:
        return with_label(label)


class uniform(_ByLabel, morphology.uniform):  # type: ignore[misc]
    """The same value everywhere in the selected sections."""


class by_distance(_ByLabel, morphology.by_distance):  # type: ignore[misc]
    """A function of the distance from the soma."""


class by_diameter(_ByLabel, morphology.by_diameter):  # type: ignore[misc]
    """A function of the diameter."""


class at_distances(_ByLabel, morphology.at_distances):  # type: ignore[misc]
    """Places in the selected sections."""


class centre(_ByLabel, morphology.centre):  # type: ignore[misc]
    """The middle of the selected sections."""


center = centre


class LabelledLocations(_ByLabel, morphology.LabelledLocations):  # type: ignore[misc]
    """Places that have labels."""


class Location:
    """A place on a cell."""

    def __init__(self, *args: Any, **parameters: Any) -> None:
        raise OutOfScopeError(
            "Location: cells here are points; those of pyNN.neuron and pyNN.arbor have places on them"
        )

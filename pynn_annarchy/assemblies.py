"""Assemblies: groups of populations and views."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pyNN import common, random
from pyNN.core import deprecated
from pyNN.recording import Variable

from . import simulator
from .assembly_data import merged_blocks
from .recording import write_block
from .selection import random_order


class Assembly(common.Assembly):
    __doc__ = common.Assembly.__doc__
    _simulator = simulator

    @property
    def neuron_numbers(self) -> NDArray[np.int64]:
        """The number of each cell in the native network."""
        return np.concatenate([population.neuron_numbers for population in self.populations])

    @property
    def position_generator(self) -> Callable[[Any], NDArray[np.float64]]:
        """A function from indices of cells to their positions, one row each; PyNN's own has them in columns."""
        positions = self.positions.T
        return lambda index: positions[index]

    @property
    def receptor_types(self) -> list[str]:
        """The receptor types that all populations have, in the order of the first; PyNN's own are in any order."""
        first, *others = (population.receptor_types for population in self.populations)
        return [name for name in first if all(name in types for types in others)]

    def sample(self, n: int, rng: random.AbstractRNG | None = None) -> Assembly:
        """Return an assembly of `n` cells chosen at random, in the order that they have in this one."""
        return self[np.sort(random_order(len(self), rng)[:n])]

    def inject(self, current_source: Any) -> None:
        """Inject the current of a source into every cell, or into none if one of them takes no current."""
        current_source.inject_into(self)

    def annotate(self, **annotations: Any) -> None:
        """Add to what describes the assembly in its recorded data."""
        self.annotations.update(annotations)

    @deprecated("set(parametername=rand_distr)")
    def rset(self, parametername: str, rand_distr: Any) -> None:
        """Set a parameter to random values."""
        self.set(**{parametername: rand_distr})

    def find_units(self, variable: str | Variable) -> str:
        """Return the unit of a variable or parameter that all populations have."""
        units = {population.find_units(variable) for population in self.populations}
        if len(units) != 1:
            raise ValueError(f"{self.label}: the populations have {variable!r} in different units: {sorted(units)}")
        return str(units.pop())

    def get_data(
        self,
        variables: Any = "all",
        gather: bool = True,
        clear: bool = False,
        annotations: Mapping[str, Any] | None = None,
    ) -> Any:
        """Return a Neo Block of what was recorded from the cells; see `Population.get_data`."""
        blocks = [population.get_data(variables, gather) for population in self.populations]
        block = merged_blocks(blocks, self)
        block.annotate(**(annotations or {}))
        if clear:  # only now: two views may share a recorder
            for population in self.populations:
                population.recorder.clear()
        return block

    def write_data(
        self,
        io: Any,
        variables: Any = "all",
        gather: bool = True,
        clear: bool = False,
        annotations: Mapping[str, Any] | None = None,
    ) -> None:
        """Write recorded data to a file, given by name, or to a Neo IO object."""
        write_block(self.get_data(variables, gather, clear, annotations), io)

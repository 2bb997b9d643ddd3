"""The README's table of which backend of PyNN has which standard model.

For the other backends it says which have a class for the model, read from the installed PyNN's source; for this one,
which models were made, connected and run just now, with the effect that they have to have. With ``--write`` the table
in README.md is replaced, else it is printed.
"""

from __future__ import annotations

import sys
import warnings
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import numpy as np
import pyNN.annarchy as sim
from pynn_source import Definition, PynnSource

README = Path(__file__).parents[1] / "README.md"
BEGIN, END = "<!-- begin: tools/support_matrix.py -->\n", "<!-- end -->\n"
BACKENDS = ("annarchy", "nest", "neuron", "brian2", "arbor")
# the sections of the table: a module of PyNN's standard models, the base of the models in it
SECTIONS = {
    "Cells": ("cells", "StandardCellType"),
    "Parts of `PointNeuron`": ("cells", "StandardCellTypeComponent"),
    "Receptors of `PointNeuron`": ("receptors", "StandardPostSynapticResponse"),
    "Current sources": ("electrodes", "StandardCurrentSource"),
    "Synapses": ("synapses", "StandardSynapseType"),
    "STDP: timing": ("synapses", "STDPTimingDependence"),
    "STDP: weights": ("synapses", "STDPWeightDependence"),
}
NOT_POINTS = ("MultiCompartmentNeuron",)


def models(source: PynnSource, section: str) -> list[str]:
    """Names of the standard models of point neurons in one section."""
    module, base = SECTIONS[section]
    found = source.names(f"pyNN.standardmodels.{module}")
    return [
        name
        for name, definition in found.items()
        if definition.module == f"pyNN.standardmodels.{module}"
        and definition.is_class
        and base in [ancestor.name for ancestor in source.bases(definition)[1:]]
        and name not in NOT_POINTS
    ]


def has_class(source: PynnSource, backend: str, model: str) -> bool:
    """Whether a backend has a class for a model that is more than an excuse."""
    definition: Definition | None = source.lookup(f"pyNN.{backend}", model)
    return definition is not None and definition.is_class and not source.refuses(definition)


# ---- our column: every model is run ----------------------------------------------------------------------------------

SPIKES = np.arange(5.0, 80.0, 10.0)


def runs(section: str, model: str) -> bool:
    """Make something with a model of ours, run it, and look whether it did what such models do."""
    if not hasattr(sim, model):
        return False
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            sim.setup(timestep=0.1, min_delay=0.1)
            return _CHECKS[section](getattr(sim, model))
    except Exception as error:
        print(f"{model}: {type(error).__name__}: {error}", file=sys.stderr)
        return False


def _cell_runs(cell: Any) -> bool:
    """A cell answers input, a source of spikes emits some, and all variables stay finite."""
    if cell.__name__ == "PointNeuron":
        made = cell(sim.AdExp(), fast=sim.CondExpPostSynapticResponse(), slow=sim.CondAlphaPostSynapticResponse())
    elif cell.__name__ == "SpikeSourceArray":
        made = cell(spike_times=SPIKES)
    else:
        made = cell()
    if not made.injectable:
        if "rate" in made.default_parameters:
            made = cell(rate=200.0)
        elif "beta" in made.default_parameters:
            made = cell(beta=200.0)
        elif "b" in made.default_parameters:
            made = cell(b=[0.01])
        sources = sim.Population(20, made)
        sources.record("spikes")
        sim.run(100.0)
        return sources.mean_spike_count() > 1
    cells = sim.Population(2, made)
    variables = [name for name in made.recordable if name != "spikes"]
    cells.record([*variables, "spikes"])
    sim.DCSource(amplitude=1.0, start=10.0, stop=60.0).inject_into(cells)
    sim.run(100.0)
    segment = cells.get_data().segments[0]
    signals = {signal.name: signal.magnitude for signal in segment.analogsignals}
    finite = all(np.isfinite(signal).all() for signal in signals.values())
    return finite and set(signals) == set(variables) and bool(np.ptp(signals["v"]) > 1)


def _part_runs(part: Any) -> bool:
    return all(_composed(part(), getattr(sim, receptor)()) for receptor in models(PynnSource(), _RECEPTORS))


def _receptor_runs(receptor: Any) -> bool:
    return all(_composed(part(), receptor()) for part in (sim.LIF, sim.AdExp))


def _composed(part: Any, receptor: Any) -> bool:
    """A composed cell is driven through its one receptor."""
    sim.setup(timestep=0.1, min_delay=0.1)
    cells = sim.Population(2, sim.PointNeuron(part, input=receptor))
    return _is_driven(cells, sim.StaticSynapse(weight=0.01, delay=1.0), receptor_type="input")


def _source_runs(source: Any) -> bool:
    """A current source moves the membrane of a cell."""
    made = source(times=[10.0], amplitudes=[0.5]) if source.__name__ == "StepCurrentSource" else source()
    cells = sim.Population(1, sim.IF_curr_exp(v_thresh=1000.0))
    cells.record("v")
    made.inject_into(cells)
    sim.run(50.0)
    (v,) = cells.get_data().segments[0].analogsignals
    return bool(np.isfinite(v.magnitude).all() and np.ptp(v.magnitude) > 0.1)


def _synapse_runs(synapse: Any) -> bool:
    """A synapse brings spikes to its target; an electrical one, the potential of the other cell."""
    if synapse.__name__ == "ElectricalSynapse":
        return _gap_junction_runs(synapse)
    if synapse.__name__ == "STDPMechanism":
        return _plastic(sim.SpikePairRule, sim.AdditiveWeightDependence)
    cells = sim.Population(2, sim.IF_cond_exp())
    return _is_driven(cells, synapse(weight=0.01, delay=1.0))


def _gap_junction_runs(synapse: Any) -> bool:
    cells = sim.Population(2, sim.IF_cond_exp(v_thresh=1000.0))
    cells.record("v")
    sim.Projection(cells[:1], cells[1:], sim.OneToOneConnector(), synapse(weight=0.05))
    sim.DCSource(amplitude=0.5).inject_into(cells[:1])
    sim.run(50.0)
    (v,) = cells.get_data().segments[0].analogsignals
    return bool(v[-1, 0] > v[-1, 1] > v[0, 1] + 0.1 * v.units)


def _timing_runs(rule: Any) -> bool:
    return all(_plastic(rule, getattr(sim, weights)) for weights in models(PynnSource(), _WEIGHTS))


def _weights_run(weights: Any) -> bool:
    return all(_plastic(getattr(sim, rule), weights) for rule in models(PynnSource(), _TIMING))


def _plastic(rule: Any, weights: Any) -> bool:
    """A plastic synapse whose cells both spike drives its target and changes its weight."""
    sim.setup(timestep=0.1, min_delay=0.1)
    timing = rule(eta=1e-3) if "eta" in rule.default_parameters else rule(A_plus=0.02, A_minus=0.03)
    synapse = sim.STDPMechanism(timing, weights(w_min=0.0, w_max=0.02), weight=0.01, delay=1.0)
    cells = sim.Population(2, sim.IF_cond_exp(i_offset=1.0))
    sources = sim.Population(2, sim.SpikeSourceArray(spike_times=SPIKES))
    projection = sim.Projection(sources, cells, sim.OneToOneConnector(), synapse)
    sim.run(100.0)
    changed = np.array(projection.get("weight", "list", with_address=False))
    return bool((changed != 0.01).all() and (changed >= 0.0).all() and (changed <= 0.02).all())


def _is_driven(cells: Any, synapse: Any, receptor_type: str = "excitatory") -> bool:
    sources = sim.Population(20, sim.SpikeSourceArray(spike_times=SPIKES))
    sim.Projection(sources, cells, sim.AllToAllConnector(), synapse, receptor_type=receptor_type)
    cells.record("v")
    sim.run(100.0)
    (v,) = cells.get_data().segments[0].analogsignals
    return bool(np.isfinite(v.magnitude).all() and np.ptp(v.magnitude) > 0.01)


_RECEPTORS, _TIMING, _WEIGHTS = "Receptors of `PointNeuron`", "STDP: timing", "STDP: weights"
_CHECKS: dict[str, Callable[[Any], bool]] = {
    "Cells": _cell_runs,
    "Parts of `PointNeuron`": _part_runs,
    _RECEPTORS: _receptor_runs,
    "Current sources": _source_runs,
    "Synapses": _synapse_runs,
    _TIMING: _timing_runs,
    _WEIGHTS: _weights_run,
}

# ---- the table -------------------------------------------------------------------------------------------------------


def support() -> dict[str, dict[str, tuple[bool, ...]]]:
    """For each section and model, whether each of `BACKENDS` has it."""
    source = PynnSource()
    peers = BACKENDS[1:]
    return {
        section: {
            model: (runs(section, model), *(has_class(source, backend, model) for backend in peers))
            for model in models(source, section)
        }
        for section in SECTIONS
    }


def table(matrix: dict[str, dict[str, tuple[bool, ...]]]) -> str:
    """The matrix in Markdown: models of a section that the same backends have share a row."""
    lines = [f"| | {' | '.join(BACKENDS)} |", "|---|" + "---|" * len(BACKENDS)]
    for section, rows in matrix.items():
        patterns = sorted(set(rows.values()), key=lambda pattern: [-sum(pattern), *map(int, pattern)])
        for pattern in patterns:
            names = " ".join(f"`{model}`" for model, found in rows.items() if found == pattern)
            lines.append(f"| {section}: {names} | {' | '.join(_words(pattern))} |")
    return "\n".join(lines) + "\n"


def _words(pattern: Iterable[bool]) -> list[str]:
    return ["yes" if found else "-" for found in pattern]


def parts(text: str) -> tuple[str, str, str]:
    """The text before the table, the table, and the text after it."""
    before, _, rest = text.partition(BEGIN)
    found, _, after = rest.partition(END)
    return before + BEGIN, found, END + after


def main() -> None:
    found = table(support())
    if "--write" not in sys.argv[1:]:
        print(found, end="")
        return
    before, _, after = parts(README.read_text(encoding="utf-8"))
    README.write_text(before + found + after, encoding="utf-8")


if __name__ == "__main__":
    main()

"""What the nest, neuron and brian2 backends of PyNN offer and this one does not, each with the reason.

Patterns are those of `fnmatch`. `test_api_surface.py` fails for what is missing and not here, and for what is here and
not missing.
"""

from __future__ import annotations

_INTERNAL = "part of the backend's implementation, visible because it imports everything from its modules"
_OF_SIMULATOR = "an object of the simulator below"
_FOR_NEST = "made for NEST's own functions"
_FOR_BRIAN = "made for Brian's equations"
_NO_COMPARTMENTS = "cells here are points; constructing one raises an error that says so"
_AT_RUN_TIME = "an attribute of every object that the class does not declare"

EXCLUSIONS: dict[str, dict[str, str]] = {
    "names": {
        "Brian2CurrentSource": _INTERNAL,
        "DefaultCSAConnector": _INTERNAL,
        "IntFire[124]": "cells of NEURON's own; IF_curr_delta and IF_curr_exp have the same equations",
        "Nest*CurrentSource": _INTERNAL,
        "NeuronCurrentSource": _INTERNAL,
        "*treamableCurrentSource": _INTERNAL,
        "adjust_spike_times_*": _INTERNAL,
        "make_sli_compatible": _INTERNAL,
        "nineml": "9ML models are made into NEURON's",
        "unsupported": _INTERNAL,
        "update_currents": _INTERNAL,
    },
    "members": {
        "*.eqs": _FOR_BRIAN,
        "*.get_receptor_type": _FOR_NEST,
        "*.native_connect": _FOR_NEST,
        "*.*node_collection*": _OF_SIMULATOR,
        "*.post_synaptic_variable": _FOR_BRIAN,
        "*.state_variable_translations": _FOR_BRIAN,
        "*.synapse_parameters": _FOR_NEST,
        "*.synaptic_current": _FOR_BRIAN,
        "CSAConnector.cg_connect": _FOR_NEST,
        "Connection.delay": _AT_RUN_TIME,
        "Connection.weight": _AT_RUN_TIME,
        "LabelledLocations.generate_locations": _NO_COMPARTMENTS,
        "MultiCompartmentNeuron.*": _NO_COMPARTMENTS,
        "NativeRNG.gamma": _INTERNAL,
        "NativeRNG.normal": _INTERNAL,
        "PointNeuron.nest_name": _FOR_NEST,
        "PointNeuron.possible_models": _FOR_NEST,
        "PointNeuron.variable_map": _INTERNAL,
        "PopulationView.brian2_group": _OF_SIMULATOR,
        "Projection.nest_connections": _OF_SIMULATOR,
        "Recorder.sampling_interval": _AT_RUN_TIME,
    },
    "keywords": {
        "*(suffix)": _FOR_BRIAN,
        "Connection.__init__(*)": "connections are made by projections, from what the simulator below has",
        "NativeRNG.normal_clipped(n)": _INTERNAL,
    },
    "order": {},
    "listed": {
        "*.recordable: ysyn": "in Brian's form of the alpha function only",
        "HH_cond_exp.receptor_types: source_section.gap": "gap junctions need no receptor type here",
    },
}

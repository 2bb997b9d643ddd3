# ruff: noqa: F401, F403
"""PyNN on ANNarchy's successor, a native simulator for networks of point neurons.

``import pyNN.annarchy as sim`` and ``import pynn_annarchy as sim`` give the same module.
"""

from typing import Any as _Any

from pyNN import errors, space
from pyNN.connectors import Connector, FixedNumberConnector, MapConnector
from pyNN.core import IndexBasedExpression
from pyNN.network import Network
from pyNN.parameters import ArrayParameter, IonicSpecies, LazyArray, ParameterSpace, Sequence
from pyNN.space import Cuboid, Grid2D, Grid3D, Line, RandomStructure, Space, Sphere, distance
from pyNN.standardmodels import (
    ModelNotAvailable,
    StandardCellType,
    StandardCurrentSource,
    StandardSynapseType,
    build_translations,
)

import pynn_annarchy_finder

from . import morphology, nestml, other_backends, random, simulator
from .callbacks import clear_all_callbacks, disable_callbacks, enable_callbacks, every
from .connections import Connection
from .connectors import *
from .control import (
    end,
    get_current_step,
    get_current_time,
    get_max_delay,
    get_min_delay,
    get_time_step,
    initialize,
    name,
    num_processes,
    rank,
    reset,
    run,
    run_for,
    run_until,
    setup,
    simulate,
    step,
)
from .footprint import memory_footprint
from .learning_switches import disable_learning, enable_learning
from .lookup import get_population, get_projection
from .models import *
from .models import built_in as _built_in
from .monitors import Monitor
from .morphology import LabelledLocations, LocationGenerator, Morphology, NeuriteDistribution
from .multi_compartment import *
from .native.cuda.devices import DeviceInfo, devices
from .native_types import *
from .other_backends import (
    register_binary_search_path,
    register_database_notification_request,
    set_allow_delay_extensions,
    set_number_of_neurons_per_core,
    set_number_of_synapse_cores,
)
from .populations import Assembly, Population, PopulationView
from .procedural_api import connect, create, record, record_gsyn, record_v, set
from .profile import PhaseTimes, Profile
from .projections import Projection
from .random import GSLRNG, AbstractRNG, NativeRNG, NumpyRNG, RandomDistribution
from .recording import Recorder
from .simulator import state
from .standardmodels import list_standard_models
from .standardmodels.cells import *
from .standardmodels.electrical import *
from .standardmodels.electrodes import *
from .standardmodels.point_neurons import *
from .standardmodels.receptors import *
from .standardmodels.stdp import *
from .standardmodels.stdp_rules import *
from .standardmodels.synapses import *
from .stopping import simulate_until

__version__ = "0.1.0"
pynn_annarchy_finder.register()  # for installations without the start-up hook, such as pip's --target
nest = other_backends.NestKernel()


def __getattr__(attribute: str) -> _Any:
    if attribute in _built_in.NAMES:
        return _built_in.built_in(attribute)
    raise other_backends.missing(__name__, attribute)

# ruff: noqa: F401, F403
"""PyNN on ANNarchy's successor, a native simulator for networks of point neurons.

``import pyNN.annarchy as sim`` and ``import pynn_annarchy as sim`` give the same module.
"""

from pyNN import errors, space
from pyNN.network import Network
from pyNN.space import Cuboid, Grid2D, Grid3D, Line, RandomStructure, Space, Sphere

import pynn_annarchy_finder

from . import random, simulator
from .connectors import *
from .control import (
    end,
    get_current_time,
    get_max_delay,
    get_min_delay,
    get_time_step,
    initialize,
    num_processes,
    rank,
    reset,
    run,
    run_for,
    run_until,
    setup,
)
from .populations import Assembly, Population, PopulationView
from .procedural_api import connect, create, record, record_gsyn, record_v, set
from .projections import Projection
from .random import GSLRNG, NativeRNG, NumpyRNG, RandomDistribution
from .standardmodels import list_standard_models
from .standardmodels.cells import *
from .standardmodels.electrodes import *
from .standardmodels.synapses import *

__version__ = "0.1.0"
pynn_annarchy_finder.register()  # for installations without the start-up hook, such as pip's --target

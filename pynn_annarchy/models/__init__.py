"""Models that users write as equations, as PyNN's cell types."""

from .constants import Constant
from .correlated_trains import HomogeneousCorrelatedSpikeTrains
from .current_injection import CurrentInjection
from .decoding import DecodingSynapse
from .functions import add_function, functions
from .neuron import Neuron, UserCell
from .poisson_population import PoissonPopulation
from .spike_times import sorted_spike_times
from .synapse import Synapse, UserSynapse
from .timed_array import TimedArray
from .variables import Parameter, Variable

__all__ = [
    "Constant",
    "CurrentInjection",
    "DecodingSynapse",
    "HomogeneousCorrelatedSpikeTrains",
    "Neuron",
    "Parameter",
    "PoissonPopulation",
    "Synapse",
    "TimedArray",
    "UserCell",
    "UserSynapse",
    "Variable",
    "add_function",
    "functions",
    "sorted_spike_times",
]

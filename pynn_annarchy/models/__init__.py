"""Models that users write as equations, as PyNN's cell types."""

from .constants import Constant
from .functions import add_function, functions
from .neuron import Neuron, UserCell
from .synapse import Synapse, UserSynapse
from .variables import Parameter, Variable

__all__ = [
    "Constant",
    "Neuron",
    "Parameter",
    "Synapse",
    "UserCell",
    "UserSynapse",
    "Variable",
    "add_function",
    "functions",
]

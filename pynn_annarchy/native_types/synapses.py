"""The engine's synapse models as synapse types."""

from __future__ import annotations

import functools
from typing import Any, ClassVar

from pyNN import errors
from pyNN.models import BaseSynapseType
from pyNN.standardmodels import StandardModelType

from ..standardmodels.synapses import SynapseType
from ..synapse_values import WEIGHT
from .names import checked_name, same_names

_STATIC = "StaticSynapse"  # a weight and a delay, which needs no compiled model


class NativeSynapseType(SynapseType, StandardModelType, BaseSynapseType):  # type: ignore[misc]
    """Base of the classes that `native_synapse_type` makes."""

    kernel_name: ClassVar[str]

    def get_schema(self) -> dict[str, type]:
        return dict.fromkeys(self.default_parameters, float)

    def kernel(self, precision: str) -> Any:
        from ..native import kernels

        return None if self.kernel_name == _STATIC else kernels.standard_synapse(self.kernel_name, precision)

    def check_projection(self, projection: Any) -> None:
        for variable in () if self.kernel_name == _STATIC else self.kernel("double").post:
            for population in getattr(projection.post, "populations", [projection.post]):
                if variable not in population.celltype.recordable:
                    raise errors.ConnectionError(
                        f"{self.kernel_name} reads {variable} of its targets, which {population.label} does not have"
                    )


def native_synapse_type(model_name: str) -> type[NativeSynapseType]:
    """Return a synapse type class for one of the engine's compiled models.

    Parameters
    ----------
    model_name
        Its name; an error lists those there are.

    Returns
    -------
    type
        A subclass of `NativeSynapseType`. Besides the parameters of the model it has a weight and a delay and, if
        spikes of the target but none of its variables matter, the share `dendritic_delay_fraction` of the delay.
    """
    from ..native import kernels

    return _synapse_type(checked_name(model_name, (_STATIC, *kernels.standard_synapse_names()), "native_synapse_type"))


@functools.cache
def _synapse_type(model_name: str) -> type[NativeSynapseType]:
    from ..native import kernels

    parameters: dict[str, Any] = {"weight": 0.0, "delay": None}
    variables: dict[str, float] = {}
    if model_name != _STATIC:
        kernel = kernels.standard_synapse(model_name)
        if kernel.modulated:
            raise errors.NoModelAvailableError(
                f"native_synapse_type({model_name!r}): the model has a modulatory population; use NeuromodulatedSTDP"
            )
        if kernel.has_post and not kernel.post:  # variables of the target are seen without a delay
            parameters["dendritic_delay_fraction"] = 1.0
        parameters.update(kernel.parameters)
        variables = {n: value for n, value in kernel.variables.items() if n != WEIGHT and not n.startswith("_")}
    return type(
        model_name,
        (NativeSynapseType,),
        {
            "__doc__": f"The engine's synapse model {model_name}.",
            "__module__": __name__,
            "kernel_name": model_name,
            "default_parameters": parameters,
            "default_initial_values": variables,
            "translations": same_names(parameters),
        },
    )

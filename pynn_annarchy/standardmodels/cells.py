"""PyNN's standard cell types.

Names and units are PyNN's throughout the engine, with one exception: conductances in nS are in uS there.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import numpy as np
from pyNN import errors
from pyNN.standardmodels import build_translations, cells

from ..cells import UNHEARD, EngineCell, Index
from ..native.spec import Membrane
from ..parameter_checks import Numbers

if TYPE_CHECKING:
    from ..native.population import Population

__all__ = [
    "EIF_cond_alpha_isfa_ista",
    "EIF_cond_exp_isfa_ista",
    "GIF_cond_exp",
    "HH_cond_exp",
    "IF_cond_alpha",
    "IF_cond_exp",
    "IF_cond_exp_gsfa_grr",
    "IF_curr_alpha",
    "IF_curr_delta",
    "IF_curr_exp",
    "IF_facets_hardware1",
    "Izhikevich",
    "SpikeSourceArray",
    "SpikeSourceGamma",
    "SpikeSourceInhGamma",
    "SpikeSourcePoisson",
    "SpikeSourcePoissonRefractory",
]

NOTHING: Mapping[str, float] = MappingProxyType({})

_nS = 1e-3  # in uS


def _translations(cell: Any, scales: Mapping[str, float] = NOTHING) -> dict[str, Any]:
    """Return a table of parameters that keep their names, some of them scaled."""
    return build_translations(*[(n, n, scales[n]) if n in scales else (n, n) for n in cell.default_parameters])


class IF_curr_alpha(EngineCell, cells.IF_curr_alpha):
    __doc__ = cells.IF_curr_alpha.__doc__
    kernel_name = "IF_curr_alpha"
    translations = _translations(cells.IF_curr_alpha)
    recordable = [*cells.IF_curr_alpha.recordable, "isyn_exc", "isyn_inh"]


class IF_curr_exp(EngineCell, cells.IF_curr_exp):
    __doc__ = cells.IF_curr_exp.__doc__
    kernel_name = "IF_curr_exp"
    translations = _translations(cells.IF_curr_exp)
    recordable = [*cells.IF_curr_exp.recordable, "isyn_exc", "isyn_inh"]


class IF_curr_delta(EngineCell, cells.IF_curr_delta):
    __doc__ = cells.IF_curr_delta.__doc__
    kernel_name = "IF_curr_delta"
    translations = _translations(cells.IF_curr_delta)


class IF_cond_alpha(EngineCell, cells.IF_cond_alpha):
    __doc__ = cells.IF_cond_alpha.__doc__
    kernel_name = "IF_cond_alpha"
    translations = _translations(cells.IF_cond_alpha)


class IF_cond_exp(EngineCell, cells.IF_cond_exp):
    __doc__ = cells.IF_cond_exp.__doc__
    kernel_name = "IF_cond_exp"
    translations = _translations(cells.IF_cond_exp)


class IF_cond_exp_gsfa_grr(EngineCell, cells.IF_cond_exp_gsfa_grr):
    __doc__ = cells.IF_cond_exp_gsfa_grr.__doc__
    kernel_name = "IF_cond_exp_gsfa_grr"
    parameter_scales = {"q_sfa": _nS, "q_rr": _nS}
    translations = _translations(cells.IF_cond_exp_gsfa_grr, parameter_scales)
    variable_scales = {"g_s": _nS, "g_r": _nS}


class IF_facets_hardware1(EngineCell, cells.IF_facets_hardware1):
    __doc__ = cells.IF_facets_hardware1.__doc__
    kernel_name = "IF_facets_hardware1"
    parameter_scales = {"g_leak": _nS}
    translations = _translations(cells.IF_facets_hardware1, parameter_scales)


class HH_cond_exp(EngineCell, cells.HH_cond_exp):
    __doc__ = cells.HH_cond_exp.__doc__
    kernel_name = "HH_cond_exp"
    translations = _translations(cells.HH_cond_exp)
    recordable = [*cells.HH_cond_exp.recordable, "m", "h", "n"]
    units = {**cells.HH_cond_exp.units, "m": "dimensionless", "h": "dimensionless", "n": "dimensionless"}
    receptor_types = ("excitatory", "inhibitory")  # PyNN adds one that only multi-compartment simulators have
    membrane = Membrane(resets=False)


class EIF_cond_alpha_isfa_ista(EngineCell, cells.EIF_cond_alpha_isfa_ista):
    __doc__ = cells.EIF_cond_alpha_isfa_ista.__doc__
    kernel_name = "EIF_cond_alpha_isfa_ista"
    parameter_scales = {"a": _nS}
    translations = _translations(cells.EIF_cond_alpha_isfa_ista, parameter_scales)


class EIF_cond_exp_isfa_ista(EngineCell, cells.EIF_cond_exp_isfa_ista):
    __doc__ = cells.EIF_cond_exp_isfa_ista.__doc__
    kernel_name = "EIF_cond_exp_isfa_ista"
    parameter_scales = {"a": _nS}
    translations = _translations(cells.EIF_cond_exp_isfa_ista, parameter_scales)


class Izhikevich(EngineCell, cells.Izhikevich):
    __doc__ = cells.Izhikevich.__doc__
    kernel_name = "Izhikevich"
    translations = _translations(cells.Izhikevich)
    membrane = Membrane(capacitance=1e-3)  # 1 nA counts as 1000 mV/ms


class GIF_cond_exp(EngineCell, cells.GIF_cond_exp):
    __doc__ = (
        (cells.GIF_cond_exp.__doc__ or "")
        + """
    An initial `i_eta`, and what an initial `v_t` differs from `v_t_star` by, decay with the first time constants.
    """
    )
    kernel_name = "GIF_cond_exp"
    translations = _translations(cells.GIF_cond_exp)
    vector_parameters = {"tau_eta": 3, "a_eta": 3, "tau_gamma": 3, "a_gamma": 3}

    @property
    def default_initial_values(self) -> dict[str, Any]:
        return {**cells.GIF_cond_exp.default_initial_values, "v_t": self.parameter_space["v_t_star"]}

    def initial_states(
        self, variable: str, values: Numbers, population: Population, index: Index
    ) -> dict[str, Numbers]:
        states = super().initial_states(variable, values, population, index)
        if variable == "i_eta":
            states["_eta_1"] = values
        elif variable == "v_t":
            states["_gamma_1"] = values - population.get_parameter("v_t_star")[index]
        return states


class SpikeSourcePoisson(EngineCell, cells.SpikeSourcePoisson):
    __doc__ = cells.SpikeSourcePoisson.__doc__
    kernel_name = "SpikeSourcePoisson"
    receptor_types = UNHEARD
    conductance_based = None
    translations = _translations(cells.SpikeSourcePoisson)


class SpikeSourcePoissonRefractory(EngineCell, cells.SpikeSourcePoissonRefractory):
    __doc__ = cells.SpikeSourcePoissonRefractory.__doc__
    kernel_name = "SpikeSourcePoissonRefractory"
    receptor_types = UNHEARD
    conductance_based = None
    translations = _translations(cells.SpikeSourcePoissonRefractory)
    linked_parameters = ("rate", "tau_refrac")

    def check_together(self, values: Mapping[str, Any]) -> None:
        rate, tau_refrac = np.broadcast_arrays(values["rate"], values["tau_refrac"])
        wrong = rate * tau_refrac > 1000.0
        if wrong.any():
            raise errors.InvalidParameterValueError(
                f"SpikeSourcePoissonRefractory: rate = {rate[wrong][0]:g} is not possible with tau_refrac = "
                f"{tau_refrac[wrong][0]:g}, it can be {1000.0 / tau_refrac[wrong][0]:g} at most"
            )


class SpikeSourceGamma(EngineCell, cells.SpikeSourceGamma):
    __doc__ = cells.SpikeSourceGamma.__doc__
    kernel_name = "SpikeSourceGamma"
    receptor_types = UNHEARD
    conductance_based = None
    default_parameters = {**cells.SpikeSourceGamma.default_parameters, "alpha": 2.0}  # PyNN's int would truncate 2.5
    translations = _translations(cells.SpikeSourceGamma)


class SpikeSourceInhGamma(EngineCell, cells.SpikeSourceInhGamma):
    __doc__ = cells.SpikeSourceInhGamma.__doc__
    kernel_name = "SpikeSourceInhGamma"
    receptor_types = UNHEARD
    conductance_based = None
    translations = _translations(cells.SpikeSourceInhGamma)
    sequence_parameters = ("a", "b", "tbins")

    linked_parameters = ("a", "b", "tbins")

    def check_together(self, values: Mapping[str, Any]) -> None:
        for rows in zip(*(values[name] for name in self.linked_parameters), strict=True):
            if len({row.size for row in rows}) > 1:
                raise errors.InvalidParameterValueError(
                    "SpikeSourceInhGamma: a, b and tbins have {}, {} and {} values for a cell, "
                    "they have to have the same number".format(*(row.size for row in rows))
                )
            for name, row in zip(("a", "b"), rows[:2], strict=True):
                if (row < 0).any():
                    raise errors.InvalidParameterValueError(
                        f"SpikeSourceInhGamma: {name} = {row.min():g} is not allowed, it has to be 0 or greater"
                    )

    def schedule(self, population: Population, sequences: Mapping[str, np.ndarray], index: Index) -> None:
        a, b, tbins = ([sequence.value for sequence in sequences[name][index]] for name in self.sequence_parameters)
        population.set_gamma_schedule(a, b, tbins, index)


class SpikeSourceArray(EngineCell, cells.SpikeSourceArray):
    __doc__ = cells.SpikeSourceArray.__doc__
    kernel_name = "SpikeSourceArray"
    receptor_types = UNHEARD
    conductance_based = None
    translations = _translations(cells.SpikeSourceArray)
    sequence_parameters = ("spike_times",)

    def schedule(self, population: Population, sequences: Mapping[str, np.ndarray], index: Index) -> None:
        population.set_spike_times([sequence.value for sequence in sequences["spike_times"][index]], index)

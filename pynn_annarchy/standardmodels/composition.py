"""Point neurons of parts as equation text: a membrane and any number of post-synaptic responses.

Response number k, from 1, has parameters and variables that end in ``_k``. A composition that is one of the standard
cells under other names is that cell, so that both spike alike to the last bit and nothing is compiled.

This module is data, so it imports nothing of PyNN and nothing of sympy.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from pynn_annarchy.native.spec import NeuronText

from .equations import INJECTED, MEMBRANE, THRESHOLD, V_TO_RESET, adaptive, alpha, exponential, leaky


@dataclass(frozen=True)
class Response:
    """A post-synaptic response.

    Attributes
    ----------
    parameters
        Name to default value, in ms and mV.
    variable
        ``isyn`` in nA, or ``gsyn`` in uS, a conductance with the reversal potential ``e_syn``.
    input
        The variable that a weight is added to.
    kinetics
        Equations of both, with ``#`` for the number.
    """

    parameters: Mapping[str, float]
    variable: str
    input: str
    kinetics: str

    def written(self, number: int) -> tuple[str, str]:
        """Return the parameters and the equations of one response of a cell."""
        parameters = "".join(f"    {name}_{number} = {value}\n" for name, value in self.parameters.items())
        return parameters, self.kinetics.replace("#", str(number))

    def current(self, number: int, v: str) -> str:
        """Return its current at a potential."""
        return f"isyn_{number}" if self.variable == "isyn" else f"gsyn_{number}*(e_syn_{number} - {v})"


# The difference of two exponentials whose peak is the weight: with k = tau_decay/tau_rise, what rises feeds what decays
# at the rate k^(k/(k-1))/tau_decay, here in a form that has a value at k = 1, too, where it is the alpha function.
_RATIO = "tau_decay_#/tau_rise_#"
_BETA = (
    "    d_x_#/dt = -_x_#/tau_rise_# : init=0, always\n"
    f"    dgsyn_#/dt = (exp({_RATIO}/exprel(log({_RATIO})))*_x_# - gsyn_#)/tau_decay_# : init=0, always\n"
)

RESPONSES: Mapping[str, Response] = {
    "CurrExp": Response({"tau_syn": 5.0}, "isyn", "isyn", exponential("isyn_#", "tau_syn_#")),
    "CondExp": Response({"e_syn": 0.0, "tau_syn": 5.0}, "gsyn", "gsyn", exponential("gsyn_#", "tau_syn_#")),
    "CondAlpha": Response({"e_syn": 0.0, "tau_syn": 5.0}, "gsyn", "_x", alpha("gsyn_#", "tau_syn_#", "_x_#")),
    "CondBeta": Response({"e_syn": 0.0, "tau_rise": 0.2, "tau_decay": 1.7}, "gsyn", "_x", _BETA),
}

# Membrane and response to the standard cell that has two of these.
TWINS: Mapping[tuple[str, str], str] = {
    ("LIF", "CurrExp"): "IF_curr_exp",
    ("LIF", "CondExp"): "IF_cond_exp",
    ("LIF", "CondAlpha"): "IF_cond_alpha",
    ("AdExp", "CondExp"): "EIF_cond_exp_isfa_ista",
    ("AdExp", "CondAlpha"): "EIF_cond_alpha_isfa_ista",
}


def twin(membrane: str, responses: Sequence[str]) -> str | None:
    """Return the standard cell that is this composition with one response or two, or None."""
    if not 1 <= len(responses) <= 2 or len(set(responses)) > 1:
        return None
    return TWINS.get((membrane, responses[0]))


def composed(membrane: str, responses: Sequence[str]) -> NeuronText:
    """Return the model of a membrane, ``"LIF"`` or ``"AdExp"``, with responses by their names in `RESPONSES`."""
    numbered = [(number, RESPONSES[name]) for number, name in enumerate(responses, start=1)]
    parts = [response.written(number) for number, response in numbered]
    parameters, kinetics = ("".join(column) for column in zip(*parts, strict=True))
    v = "_v" if membrane == "AdExp" else "v"
    current = " + ".join(response.current(number, v) for number, response in numbered)
    name = f"{membrane}_{'_'.join(responses)}"
    inputs = {f"receptor_{number}": f"{response.input}_{number}" for number, response in numbered}
    if membrane == "AdExp":
        return adaptive(name, parameters, kinetics, current, inputs, {})
    linear = all(response.variable == "isyn" for _, response in numbered)
    return NeuronText(
        name=name,
        parameters=MEMBRANE + THRESHOLD + parameters,
        equations=kinetics + leaky(f"{current} + {INJECTED}", "exact" if linear else "magnus"),
        spike="v >= v_thresh",
        reset=V_TO_RESET,
        refractory="tau_refrac",
        receptors=inputs,
    )

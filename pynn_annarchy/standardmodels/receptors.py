"""PyNN's post-synaptic responses, the receptors of composed point neurons."""

from __future__ import annotations

from typing import Any, ClassVar

from pyNN.standardmodels import build_translations, receptors

from ..parameter_checks import check_forms

__all__ = [
    "AlphaPSR",
    "BetaPSR",
    "CondAlphaPostSynapticResponse",
    "CondBetaPostSynapticResponse",
    "CondExpPostSynapticResponse",
    "CurrExpPostSynapticResponse",
    "ExpPSR",
]


class PostSynapticResponse:
    """What a response is to the engine; mixed in before PyNN's own.

    Attributes
    ----------
    piece
        Its name among the pieces of `composition`.
    """

    piece: ClassVar[str]
    default_parameters: ClassVar[dict[str, Any]]

    def __init__(self, **parameters: Any) -> None:
        check_forms(type(self), parameters)
        super().__init__(**parameters)

    @property
    def own_parameters(self) -> list[str]:
        """All parameters but `locations`, which has no meaning for a point."""
        return [name for name in self.default_parameters if name != "locations"]


def _unchanged(response: Any) -> dict[str, Any]:
    return dict(build_translations(*((name, name) for name in response.default_parameters)))


class CurrExpPostSynapticResponse(PostSynapticResponse, receptors.CurrExpPostSynapticResponse):
    """
    A current that a spike raises by the weight (nA), and that decays exponentially.

    Arguments:
        `tau_syn`:
            time constant (ms).
    """

    piece = "CurrExp"
    recordable: ClassVar[list[str]] = ["isyn"]
    translations = _unchanged(receptors.CurrExpPostSynapticResponse)


class CondExpPostSynapticResponse(PostSynapticResponse, receptors.CondExpPostSynapticResponse):
    """
    A conductance that a spike raises by the weight (uS), and that decays exponentially.

    Arguments:
        `e_syn`:
            reversal potential (mV).
        `tau_syn`:
            time constant (ms).
    """

    piece = "CondExp"
    recordable: ClassVar[list[str]] = ["gsyn"]
    translations = _unchanged(receptors.CondExpPostSynapticResponse)


class CondAlphaPostSynapticResponse(PostSynapticResponse, receptors.CondAlphaPostSynapticResponse):
    """
    A conductance that follows weight*(t/tau_syn)*exp(1 - t/tau_syn) after a spike: its peak is the weight (uS).

    Arguments:
        `e_syn`:
            reversal potential (mV).
        `tau_syn`:
            time from the arrival of the spike to the peak (ms).
    """

    piece = "CondAlpha"
    recordable: ClassVar[list[str]] = ["gsyn"]
    translations = _unchanged(receptors.CondAlphaPostSynapticResponse)


class CondBetaPostSynapticResponse(PostSynapticResponse, receptors.CondBetaPostSynapticResponse):
    """
    A conductance that follows exp(-t/tau_decay) - exp(-t/tau_rise), scaled so that its peak is the weight (uS).

    Arguments:
        `e_syn`:
            reversal potential (mV).
        `tau_rise`, `tau_decay`:
            time constants (ms); they may be equal, which makes it an alpha function.
    """

    piece = "CondBeta"
    recordable: ClassVar[list[str]] = ["gsyn"]
    translations = _unchanged(receptors.CondBetaPostSynapticResponse)


ExpPSR = CondExpPostSynapticResponse
AlphaPSR = CondAlphaPostSynapticResponse
BetaPSR = CondBetaPostSynapticResponse

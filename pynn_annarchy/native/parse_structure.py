"""The rules by which synapses come and go, from text to expressions: ``condition : proba=..., w=..., d=...``.

They are evaluated by `evaluate` on arrays, for all synapses or all missing ones at once, and not compiled: changing the
synapses costs several times as much (docs/architecture.md has the figures).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from . import expression, symbols
from .errors import EquationError, unknown
from .evaluate import unknown_functions
from .expression import Scope
from .functions import functions, library
from .lines import PI, divided
from .model import Model, NeuronModel, RowsModel, SynapseModel
from .remote import joined, remote
from .spec import SynapseText
from .symbols import Draw, Expr, Parameter
from .tokens import Statement, Token, opens_flags, statements

PRUNING, CREATING = "pruning", "creating"
PROBABILITY, WEIGHT, DELAY = "proba", "w", "d"
_MOST_DRAWS = 63  # one more is whether a candidate is taken


@dataclass(frozen=True)
class Rule:
    """When a synapse is removed, or one that is missing is made.

    Attributes
    ----------
    condition
        What has to hold.
    probability
        With which one for which it holds is concerned.
    values
        Of new synapses: weight (``w``), delay in ms (``d``), parameters and variables.
    draws
        The random numbers in all of these.
    """

    condition: Expr
    probability: Expr
    values: Mapping[str, Expr]
    draws: tuple[Draw, ...]

    @property
    def expressions(self) -> tuple[Expr, ...]:
        """All of them."""
        return (self.condition, self.probability, *self.values.values())


def parse_rule(text: SynapseText, part: str, model: Model) -> Rule | None:
    """Read one of the rules of a model, None if it has none.

    Raises
    ------
    EquationError
        If anything in it is not of the language or not defined, with the line and the column.
    """
    lines = [joined(statement) for statement in statements(getattr(text, part), part)]
    if not lines or isinstance(model, NeuronModel):
        return None
    if len(lines) > 1:
        raise EquationError(f"the rule of {part} is a single condition with its flags", lines[1].place)
    tokens = lines[0].tokens
    colon = opens_flags(tokens)
    scope = _scope(text, part, model, lines[0])
    condition = expression.condition(tokens[:colon], scope, tokens[0])
    found = {} if colon is None else _flags(tokens[colon:], scope, _allowed(part, model))
    if len(scope.draws) > _MOST_DRAWS:
        raise EquationError(f"a rule has at most {_MOST_DRAWS} random numbers, not {len(scope.draws)}")
    probability = found.pop(PROBABILITY, symbols.number(1.0))
    if probability.is_number and not 0 <= float(probability) <= 1:
        raise EquationError(f"{PROBABILITY}={float(probability):g} is no probability, from 0 to 1", lines[0].place)
    delay = found.get(DELAY)
    if delay is not None and delay.is_number and not float(delay) > 0:
        raise EquationError(f"{DELAY}={float(delay):g} is no delay, a time step or longer", lines[0].place)
    rule = Rule(condition, probability, found, tuple(scope.draws))
    unusable = next((name for e in rule.expressions for name in unknown_functions(e)), None)
    if unusable is not None:
        raise EquationError(f"{unusable} numbers cannot be drawn in a rule of {part}", lines[0].place)
    return rule


def _flags(tokens: tuple[Token, ...], scope: Scope, allowed: list[str]) -> dict[str, Expr]:
    found: dict[str, Expr] = {}
    for flag in divided(tokens):
        name = flag[0].text
        if name not in allowed:
            raise unknown("flag", name, allowed, flag[0].place)
        if len(flag) < 3 or flag[1].text != "=":
            raise flag[0].error(f"flag {name!r} needs a value: {name}=...")
        if name in found:
            raise flag[0].error(f"flag {name!r} is given twice")
        found[name] = expression.number(flag[2:], scope, flag[1])
    return found


def _allowed(part: str, model: RowsModel | SynapseModel) -> list[str]:
    """The flags that a rule may have: those of pruning give no values."""
    if part == PRUNING:
        return [PROBABILITY]
    return list(dict.fromkeys([PROBABILITY, WEIGHT, DELAY, *_own(model)]))


def _own(model: RowsModel | SynapseModel) -> list[str]:
    """The names of what each synapse has of its own."""
    names = [symbol.name for symbol in (*model.parameters, *model.states)]
    own = [name for name in names if model.localities.get(name, "local") == "local" and name not in model.constants]
    return [name for name in own if not name.startswith("_")]


def _scope(text: SynapseText, part: str, model: RowsModel | SynapseModel, statement: Statement) -> Scope:
    """Return what names mean: a synapse that is missing has only what all synapses of the projection share."""
    constants: dict[str, Expr] = {name: Parameter(name) for name in text.constants}
    shared = library(text.library, constants)
    own = functions(text.functions, shared, constants)
    names: dict[str, Expr] = {**constants, "pi": PI, "t": symbols.TIME, "dt": symbols.DT}
    refused = dict.fromkeys(("pre", "post"), "a name is expected, as in 'pre.r'")
    for symbol in (*model.parameters, *model.states):
        name = symbol.name
        if name.startswith("_"):
            continue
        if part == CREATING and name not in model.constants and model.localities.get(name, "local") != "projection":
            refused[name] = f"{name!r} is one of a synapse, and what is missing has none"
            names.pop(name, None)
        else:
            names[name] = symbol
    for token in statement.tokens:
        meaning = remote(token)
        if meaning is not None:
            names[token.text] = meaning
    return Scope(names, refused=refused, functions={**shared, **own})

"""Names that mean something of another neuron, of a sum or of a population: ``pre.r``, ``sum(exc)``, ``mean(pre.r)``.

They are written as several tokens and read as one name.
"""

from __future__ import annotations

import re
from collections.abc import Container, Iterable

from .symbols import Expr, Input, Post, Pre, Reduced, State
from .tokens import Statement, Token, members

REDUCTIONS = ("mean", "max", "min", "norm1", "norm2")
_REDUCTION = re.compile(rf"({'|'.join(REDUCTIONS)})\((.*)\)")
_SUM = re.compile(r"(?:(?:pre|post)\.)?sum")


def joined(statement: Statement) -> Statement:
    """Return a statement in which each such name is one token."""
    tokens, found = members(statement).tokens, list[Token]()
    at = 0
    while at < len(tokens):
        length = _sum_length(tokens[at:]) or _reduction_length(tokens[at:]) or 1
        piece = tokens[at : at + length]
        found.append(Token("name", "".join(t.text for t in piece), piece[0].place) if length > 1 else piece[0])
        at += length
    # A reduction of a sum, mean(pre.sum(exc)), is seen only once the sum is one name.
    return Statement(tuple(found)) if len(found) == len(tokens) else joined(Statement(tuple(found)))


def _sum_length(tokens: tuple[Token, ...]) -> int:
    texts = [token.text for token in tokens[:4]]
    if not _SUM.fullmatch(texts[0]) or texts[1:2] != ["("]:
        return 0
    if texts[2:3] == [")"]:
        return 3
    return 4 if texts[3:4] == [")"] and tokens[2].kind == "name" else 0


def _reduction_length(tokens: tuple[Token, ...]) -> int:
    texts = [token.text for token in tokens[:4]]
    one = len(texts) == 4 and texts[0] in REDUCTIONS and texts[1] == "(" and texts[3] == ")"
    return 4 if one and tokens[2].kind == "name" else 0


def remote(token: Token) -> Expr | None:
    """Return what a token of a synapse's text means, or None if it is nothing of the neurons."""
    reduction = _REDUCTION.fullmatch(token.text)
    if reduction is not None:
        if not reduction[2].startswith(("pre.", "post.")):
            raise token.error(f"a reduction is of a variable of the neurons: {reduction[1]}(pre.{reduction[2]})")
        return Reduced(token.text)
    if token.text.startswith("sum("):
        raise token.error("'sum' is one of a neuron's: write post.sum(exc), or pre.sum(exc)")
    owner, dot, name = token.text.partition(".")
    if token.kind != "name" or not dot:
        return None
    return Pre(name) if owner == "pre" else Post(name)


def population_inputs(names: Iterable[str], variables: Container[str]) -> dict[str, State | Input]:
    """Return what a neuron's text reads of others: weighted sums, which are kept, and reductions of its variables."""
    found: dict[str, State | Input] = {}
    for name in names:
        reduction = _REDUCTION.fullmatch(name)
        if re.fullmatch(r"sum\(\w*\)", name):
            found[name] = State(name)
        elif reduction is not None and (reduction[2] in variables or reduction[2] in found):
            found[name] = Input(name)
    return found

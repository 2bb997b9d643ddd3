"""Types of the compiled module; connect.pyx has the documentation."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

Drawn = Sequence[tuple[Mersenne, str, float, float, float, float]]
Rule = tuple[NDArray[np.int64], NDArray[np.int64], bool]

KINDS: tuple[str, ...]

class Mersenne:
    def __init__(self, key: NDArray[np.uint32], position: int, has_normal: int, normal: float) -> None: ...
    def state(self) -> tuple[NDArray[np.uint32], int, int, float]: ...

class Columns:
    def begin(self) -> NDArray[np.uint64]: ...
    def pre(self) -> NDArray[np.uint32]: ...
    def values(self) -> list[NDArray[np.float64]]: ...

def below(
    rng: Mersenne, probability: float, n_pre: int, n_post: int, rule: Rule | None = None, drawn: Drawn = ()
) -> Columns: ...
def below_each(
    rng: Mersenne,
    probability: NDArray[np.float64],
    columns: Columns,
    rule: Rule | None = None,
    drawn: Drawn = (),
) -> None: ...
def below_counted(
    key: int, probability: float, n_pre: int, n_post: int, rule: Rule | None = None, threads: int = 1
) -> Columns: ...
def below_each_counted(
    key: int, probability: NDArray[np.float64], columns: Columns, rule: Rule | None = None, threads: int = 1
) -> None: ...
def number(
    rng: Mersenne, count: NDArray[Any], barred: NDArray[Any], size: int, replaced: bool, drawn: Drawn = ()
) -> Columns: ...
def number_counted(
    key: int, count: NDArray[Any], barred: NDArray[Any], size: int, replaced: bool, threads: int = 1
) -> Columns: ...
def draw(begin: NDArray[Any], drawn: Drawn) -> list[NDArray[np.float64]]: ...
def draw_pairs(rng: Mersenne, n_first: int, n_second: int, n: int) -> tuple[NDArray[np.uint32], NDArray[np.uint32]]: ...
def by_source(
    begin: NDArray[Any], pre: NDArray[Any], n_pre: int, values: Sequence[NDArray[np.float64]], threads: int = 1
) -> tuple[NDArray[np.uint32], NDArray[np.uint32], list[NDArray[np.float64]]]: ...
def stable_order(key: NDArray[Any], n_keys: int, before: NDArray[np.uint32] | None = None) -> NDArray[np.uint32]: ...

"""What synapses with state have to do with neurons beside spikes: inputs they go to, variables they read and change.

A variable of a neuron is an internal one of the synapse: the engine fills ``_source.x`` before each step, and adds
``_pre.x`` and ``_post.x`` to the neurons after it (csrc/neuron_links.h).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from .neurons import is_deaf

if TYPE_CHECKING:
    from .block import Block
    from .kernels import Kernel, SynapseKernel
    from .network import Network
    from .plastic import PlasticProjection
    from .plastic_store import PlasticStore
    from .population import Population
    from .published import Published


NO_INPUT = 0xFFFFFFFF  # kNoInput


class Outlets(NamedTuple):
    """Where input goes: to one of the target's inputs (or none), to others at some distances from it, and when.

    What is transmitted in every step goes to the end of the step; but to a weighted sum, which is read when a step
    begins, to the next one.
    """

    first: int
    further: tuple[int, ...]
    ahead: int


def input_of(kernel: Kernel, synapse: SynapseKernel, receptor: str) -> str | None:
    """Return the input of a neuron model that synapses onto a receptor type go to, or None if there is none."""
    sums = (f"sum({receptor})", "sum()") if synapse.transmits else ()
    return next((name for name in (receptor, *sums) if name in kernel.receptors), None)


def outlets(kernel: Kernel, projection: PlasticProjection) -> Outlets:
    """Return where input of a projection goes in neurons of a model."""
    if is_deaf(kernel):
        return Outlets(NO_INPUT, (), 0)
    names = [input_of(kernel, projection.kernel, receptor) for receptor in projection.receptors]
    numbers = [kernel.receptors.index(name) for name in names if name is not None]
    ahead = any(name is not None and name.startswith("sum(") for name in names)
    return Outlets(numbers[0], tuple(number - numbers[0] for number in numbers[1:]), int(ahead))


def check_variables(who: str, side: str, wanted: Iterable[str], population: Population) -> None:
    """Refuse neurons that lack a variable which synapses want of them.

    Raises
    ------
    ValueError
        With what there is instead.
    """
    states = [name for name in population.kernel.states if not name.startswith("_")]
    missing = next((name for name in wanted if name not in states), None)
    if missing is None:
        return
    reason = f"{who} {side}.{missing}, which {population.kernel.name} lacks; it has {', '.join(states) or 'none'}"
    if missing == "r" and population.kernel.spiking:
        reason += (
            "; spikes become rates in a neuron whose own equations read its firing rate r, or on their way to "
            "rate-coded ones, with DecodingSynapse"
        )
    raise ValueError(reason)


def check(network: Network, kernel: SynapseKernel, sources: NDArray[np.uint32], targets: NDArray[np.uint32],
          receptors: Sequence[str]) -> None:  # fmt: skip
    """Refuse synapses between neurons that lack what the model reads, changes or acts on."""
    of_sources = {*kernel.sources, *(name for side, name in kernel.changes if side == "pre")}
    of_targets = {*kernel.post, *(name for side, name in kernel.changes if side == "post")}
    for side, neurons, wanted in (("pre", sources, of_sources), ("post", targets, of_targets)):
        for population in network.populations_of(neurons):
            check_variables(f"{kernel.name} reads or changes", side, sorted(wanted), population)
    for population in network.populations_of(targets):
        if is_deaf(population.kernel):
            continue
        inputs = [input_of(population.kernel, kernel, receptor) for receptor in receptors]
        for receptor, name in zip(receptors, inputs, strict=True):
            if name is None:
                allowed = ", ".join(population.kernel.receptors) or "none"
                raise ValueError(f"{population.kernel.name} has no receptor {receptor!r}; it has {allowed}")
        if len({str(name).startswith("sum(") for name in inputs}) > 1:
            raise ValueError(f"{population.kernel.name} takes some of {', '.join(receptors)} in sums and some not")


def longest_look(projections: Iterable[PlasticProjection]) -> int:
    """Return how many steps ago the oldest values of sources are that synapses read, 0 if they read none."""
    ranges = [p.delay_range_steps for p in projections if p.kernel.sources]
    return max((longest for _, longest in filter(None, ranges)), default=0)


def link(
    stores: Iterable[tuple[int, PlasticStore]], blocks: Sequence[Block], published: Published, network: Network
) -> None:
    """Publish what the synapses of stores (each with its targets' block) read, and tell them where all of it is."""
    for block, store in stores:
        kernel, names = store.kernel, list(store.kernel.variables)
        if not kernel.linked:
            continue
        neurons = np.concatenate([member.source for member in store.members])
        from_blocks = {population.block.index for population in network.populations_of(neurons)}
        read = [(names.index(f"_source.{x}"), published.variable(x, from_blocks)) for x in kernel.sources]
        changed = []
        for side, x in kernel.changes:
            wanted = from_blocks if side == "pre" else {block}
            where = [list(b.kernel.states).index(x) if k in wanted else -1 for k, b in enumerate(blocks)]
            changed.append((names.index(f"_{side}.{x}"), side == "pre", where))
        store.core.set_links(read, changed)

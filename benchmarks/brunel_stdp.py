"""Brunel's network, in which the 10 million connections between excitatory cells learn."""

from __future__ import annotations

from functools import partial

import brunel
import command

if __name__ == "__main__":
    others = {"pynest": partial(brunel.in_pynest, plastic=True), "brian2": partial(brunel.in_brian2, plastic=True)}
    command.main(str(__doc__), partial(brunel.in_pynn, plastic=True), others)

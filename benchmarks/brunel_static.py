"""Brunel's network with 15.6 million static connections."""

from __future__ import annotations

from functools import partial

import brunel
import command

if __name__ == "__main__":
    others = {"pynest": partial(brunel.in_pynest, plastic=False), "brian2": partial(brunel.in_brian2, plastic=False)}
    command.main(str(__doc__), partial(brunel.in_pynn, plastic=False), others)

"""The counter-based generator: published vectors, uniformity, independence along each word of the counter."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats
from significance import assert_distribution, assert_frequencies, assert_independent, assert_uncorrelated

WORDS = ("step", "element", "stream", "draw")
ALL = 0xFFFFFFFF


@pytest.mark.parametrize(
    ("counter", "key", "expected"),
    [
        ([0] * 4, [0] * 2, [0x6627E8D5, 0xE169C58D, 0xBC57AC4C, 0x9B00DBD8]),
        ([ALL] * 4, [ALL] * 2, [0x408F276D, 0x41C83B0E, 0xA20BC7C6, 0x6D5451FD]),
        (
            [0x243F6A88, 0x85A308D3, 0x13198A2E, 0x03707344],
            [0xA4093822, 0x299F31D0],
            [0xD16CFE09, 0x94FDCCEB, 0x5001E420, 0x24126EA1],
        ),
    ],
)
def test_known_answers(samples, counter, key, expected):
    """The vectors of philox4x32-10 that its authors publish with Random123."""
    assert samples.words(key[0] | key[1] << 32, counter) == expected


def test_units_are_open_at_both_ends(samples):
    assert 0.0 < samples.unit(0, 0) < 1e-15
    assert 1.0 - 1e-15 < samples.unit(ALL, ALL) < 1.0


@pytest.mark.parametrize("word", WORDS)
def test_uniform(samples, word):
    x = samples("uniforms", 200_000, vary=word)
    assert_distribution(x, stats.uniform.cdf)
    for bits in (8, 20):  # the upper byte, and one far below
        byte = np.floor(x * 2.0**bits).astype(np.int64) % 256
        assert_frequencies(byte, stats.randint(0, 256))


@pytest.mark.parametrize("word", WORDS)
def test_normal(samples, word):
    x = samples("normals", 200_000, vary=word)
    assert_distribution(x, stats.norm.cdf)
    assert np.abs(x).max() > 4.0  # the tails are there


@pytest.mark.parametrize("word", WORDS)
def test_exponential(samples, word):
    assert_distribution(samples("exponentials", 200_000, vary=word), stats.expon.cdf)


@pytest.mark.parametrize("word", WORDS)
def test_neighbours_are_independent(samples, word):
    x = samples("uniforms", 200_000, vary=word)
    for lag in (1, 2, 64):
        assert_independent(x[:-lag], x[lag:], classes=32)
        assert_uncorrelated(x[:-lag], x[lag:])


@pytest.mark.parametrize("other", [{"seed": 2}, {"seed": 1 + (1 << 32)}, *({word: 1} for word in WORDS)])
def test_other_words_and_seeds_are_independent(samples, other):
    vary = "element" if "step" in other else "step"
    if vary in other:
        vary = "draw"
    assert_independent(samples("uniforms", 100_000, vary=vary), samples("uniforms", 100_000, vary=vary, **other), 32)

"""Every example runs as a user would run it, prints sane numbers, leaves a picture that is not blank, and is short."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest
import upstream
from example_pictures import EXAMPLES, drawn, numbers, run


def test_vogels_abbott(tmp_path: Path) -> None:
    printed = drawn("vogels_abbott.py", "annarchy", "--size", "1000", "--duration", "200", folder=tmp_path)
    rates = numbers(r"([\d.]+) Hz", printed)
    assert len(rates) == 4 and all(1.0 < rate < 60.0 for rate in rates), printed


def test_fi_curves(tmp_path: Path) -> None:
    printed = drawn("fi_curves.py", "annarchy", "--points", "4", "--duration", "300", folder=tmp_path)
    highest = numbers(r"at most ([\d.]+) Hz", printed)
    assert len(highest) == 12 and all(10.0 < rate < 1000.0 for rate in highest), printed


def test_current_injection(tmp_path: Path) -> None:
    printed = drawn("current_injection.py", "annarchy", folder=tmp_path)
    spikes = numbers(r"(\d+) spikes", printed)
    assert len(spikes) == 4 and all(count > 0 for count in spikes), printed
    assert numbers(r"DCSource: [\d.]+ to ([\d.]+) nA", printed) == [0.9]


def triplets(pre: np.ndarray, post: np.ndarray) -> float:
    """The change in percent by the rule that the example uses: Pfister & Gerstner 2006, equations 3 and 4."""

    def trace(times: np.ndarray, now: float, tau: float) -> float:
        return float(np.exp(-(now - times[times < now]) / tau).sum())

    up = sum(trace(pre, t, 16.8) * (5e-10 + 6.2e-3 * trace(post, t, 125.0)) for t in post)
    down = sum(trace(post, t, 33.7) * (7e-3 + 2.3e-4 * trace(pre, t, 101.0)) for t in pre)
    return 100 * (up - down)


def test_plasticity(tmp_path: Path) -> None:
    printed = drawn("plasticity.py", "annarchy", folder=tmp_path)
    ends = np.reshape(numbers(r"([+-][\d.]+) to", printed) + numbers(r"to ([+-][\d.]+) %", printed), (2, -1)).T
    nearest = 30 * 4 * np.exp(-2.0 / 20.0)  # 30 pairs 2 ms apart; amplitudes are shares of four times the weight
    np.testing.assert_allclose(ends[0], [-0.5 * nearest, nearest], atol=0.06)  # printed with one digit
    np.testing.assert_allclose([ends[3, 0], ends[3, 1]], [ends[1, 0], ends[0, 1]], atol=0.06)  # a mixture of the first
    assert ends[0, 0] < ends[2, 0] < ends[1, 0] < 0 < ends[1, 1] < ends[2, 1] < ends[0, 1]
    trains = [1000.0 / rate * np.arange(60) for rate in (1.0, 5.0, 10.0, 20.0, 30.0, 40.0, 50.0)]
    for found, interval in zip(ends[4:], (10.0, -10.0), strict=True):
        expected = [triplets(train, train + interval) for train in trains]
        np.testing.assert_allclose(found, [min(expected), max(expected)], atol=0.06)


def test_dopamine(tmp_path: Path) -> None:
    printed = drawn("dopamine.py", "annarchy", "--synapses", "40", "--minutes", "8", folder=tmp_path)
    (rewards, spikes, forced) = numbers(r"(\d+)(?= rewards| spikes| of them)", printed)
    assert spikes == forced and 20 < rewards < 80, printed
    (first,) = numbers(r"first synapse: 0.200 to ([\d.]+)", printed)
    (highest,) = numbers(r"at most ([\d.]+)", printed)
    assert first > 0.3 and first > 1.1 * highest, printed


@pytest.mark.slow
@pytest.mark.parametrize(("benchmark", "lowest", "highest"), [("COBA", 10.0, 25.0), ("CUBA", 3.0, 9.0)])
def test_the_benchmark_of_pynn_itself(benchmark: str, lowest: float, highest: float, tmp_path: Path) -> None:
    try:
        script = upstream.unpack_example("VAbenchmarks.py", tmp_path)
    except upstream.Unavailable as reason:
        if os.environ.get("CI") == "true":
            raise
        pytest.skip(str(reason))
    printed = run(script, "annarchy", benchmark, folder=tmp_path)
    rates = numbers(r"rate\s*: ([\d.]+) Hz", printed)
    assert len(rates) == 2 and all(lowest < rate < highest for rate in rates), printed
    assert len(list(tmp_path.glob("Results/**/*.pkl"))) == 2


@pytest.mark.parametrize("script", sorted(EXAMPLES.glob("*.py")), ids=lambda path: path.stem)
def test_that_examples_are_short(script: Path) -> None:
    assert len(script.read_text().splitlines()) < 80


@pytest.mark.parametrize("script", sorted(EXAMPLES.glob("*.py")), ids=lambda script: script.stem)
def test_every_example_is_short_explained_and_tested(script: Path) -> None:
    text = script.read_text()
    assert len(text.splitlines()) < 80
    assert text.startswith('"""') and "--plot" in text
    assert any(f'"{script.name}"' in tests.read_text() for tests in Path(__file__).parent.glob("test_*.py"))

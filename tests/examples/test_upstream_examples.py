"""Every script of PyNN's examples runs unmodified, and its data are those of another backend's run of the same script.

The other backends' data are in `reference`, made by tools/compare_examples.py; `example_scripts` says what is compared
and how exactly.
"""

from __future__ import annotations

import os
import shutil
import tarfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import example_runs
import matplotlib.image
import numpy as np
import pytest
import upstream
from example_comparison import compare
from example_data import Recording, Signal
from example_scripts import EXCLUDED, NEST, POTJANS, POTJANS_RELEASE, SCRIPTS, Peer, Script

MAXIMUM = 1_000_000  # bytes of all references


def unpacked(unpack: Callable[[Path], Path], folder: Path, missing: str) -> Path:
    """Unpack examples, or skip loudly."""
    try:
        return unpack(folder)
    except (upstream.Unavailable, OSError, tarfile.TarError) as reason:
        text = f"{missing}: {reason}"
        if os.environ.get("CI") == "true":
            pytest.fail(text)
        pytest.skip(text)


@pytest.fixture(scope="module")
def examples(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder that PyNN's examples are in."""
    missing = f"NO EXAMPLE OF PYNN WAS RUN; set PYNN_SDIST to the archive pynn-{upstream.PYNN}.tar.gz"
    return unpacked(example_runs.unpack, tmp_path_factory.mktemp("examples"), missing)


@pytest.mark.slow
def test_that_every_script_is_run_or_excluded_for_a_reason(examples: Path) -> None:
    run = {script.file for script in SCRIPTS}
    assert run.isdisjoint(EXCLUDED)
    assert run | EXCLUDED.keys() == {path.name for path in examples.glob("*.py")}
    assert all(script.peers or script.about for script in SCRIPTS)


@pytest.mark.slow
@pytest.mark.parametrize("script", SCRIPTS, ids=lambda script: script.case)
def test_script(script: Script, examples: Path, tmp_path: Path) -> None:
    if script.file == "simpleRandomNetwork_csa.py":
        pytest.importorskip("csa", reason="simpleRandomNetwork_csa.py WAS NOT RUN: the package csa is missing")
    wrong = []
    for refine in sorted({peer.refine for peer in script.peers}) or [1]:
        options = ("--plot-figure",) if script.figure else ()
        ours = example_runs.run(script, examples, tmp_path / str(refine), refine=refine, options=options)
        pictures = list((tmp_path / str(refine)).rglob("*.png"))
        assert pictures or not script.figure
        for picture in pictures:
            assert np.ptp(matplotlib.image.imread(picture)[..., :3].mean(axis=2)) > 0.5  # there is something on it
        for peer in script.peers:
            if peer.refine == refine:
                found = compare(ours, example_runs.reference(script, peer), script, peer)
                assert found
                wrong += [f"{peer.simulator}: {each.key}: {each.text}" for each in found if each.too_large]
    assert not wrong, "\n".join(wrong)


@pytest.mark.slow
def test_potjans(tmp_path: Path) -> None:
    missing = f"POTJANS2014 WAS NOT RUN; set PYNN_SDIST_0_12_4 to the archive pynn-{POTJANS_RELEASE}.tar.gz"
    modules = unpacked(example_runs.unpack_potjans, tmp_path / "examples", missing)
    (peer,) = POTJANS.peers
    ours = example_runs.run(POTJANS, modules, tmp_path / "run")
    found = compare(ours, example_runs.reference(POTJANS, peer), POTJANS, peer)
    assert len({each.key for each in found}) >= len(POTJANS.keep)
    assert not [f"{each.key}: {each.text}" for each in found if each.too_large]


def test_that_references_are_small_and_needed() -> None:
    there = {path.name: path.stat().st_size for path in example_runs.REFERENCE.iterdir()}
    needed = {example_runs.reference_path(script, peer).name for script in (*SCRIPTS, POTJANS) for peer in script.peers}
    assert there.keys() == needed
    assert sum(there.values()) < MAXIMUM


# ---- the comparison sees what it is there for ------------------------------------------------------------------------

ALL = Script("none", (NEST,), file="none.py")
TIMES = [np.array([10.0, 20.0, 30.0]), np.array([15.0])]


def recording(spikes: list[np.ndarray], bump: float = 0.0) -> Recording:
    v = np.sin(np.arange(1000) / 50.0)[:, None] * np.ones(2)
    v[500:505, 1] += bump  # one sample could be that of a step before or after
    return Recording(0.1, {"a|v": Signal(v, 0.0, 0.1)}, {"a|cells": spikes}, {"a|table": np.arange(4.0)})


def too_large(ours: Recording, peer: Peer = NEST, script: Script = ALL) -> list[str]:
    return [each.key for each in compare(ours, recording(TIMES), script, peer) if each.too_large]


def test_that_equal_data_are_equal() -> None:
    assert too_large(recording(TIMES)) == []
    assert too_large(recording([train + 0.1 for train in TIMES])) == []


@pytest.mark.parametrize("spikes", [[TIMES[0] + 0.15, TIMES[1]], [TIMES[0][:2], TIMES[1]], [TIMES[0]]])
def test_that_wrong_spikes_are_seen(spikes: list[np.ndarray]) -> None:
    assert too_large(recording(spikes)) == ["a|cells"]


def test_that_a_wrong_sample_and_a_wrong_table_are_seen() -> None:
    assert too_large(recording(TIMES, bump=-0.5)) == ["a|v"]
    assert too_large(recording(TIMES, bump=-0.5), replace(NEST, signals={"a|v": 0.6})) == []
    wrong = recording(TIMES)
    wrong.tables["a|table"] = np.arange(4.0) + [0, 0, 0, 1e-3]
    assert too_large(wrong) == ["a|table"]


def test_that_missing_data_are_seen() -> None:
    assert too_large(Recording(0.1)) == ["a|cells", "a|table", "a|v"]


def test_that_limits_are_of_their_keys_alone() -> None:
    late = recording([train + 0.3 for train in TIMES])
    assert too_large(late, replace(NEST, steps={"b|*": 5.0})) == ["a|cells"]
    assert too_large(late, replace(NEST, steps={"a|*": 3.0})) == []
    missing = recording([TIMES[0], np.array([])])
    assert too_large(missing, replace(NEST, odd={"a|*": 1})) == []


def test_that_other_statistics_are_seen() -> None:
    draw = np.random.default_rng(1)
    random = replace(ALL, random=("*",))

    def noisy(rate: float, mean: float) -> Recording:
        trains = [np.sort(draw.uniform(0, 1000, draw.poisson(rate))) for _ in range(100)]
        v = draw.normal(mean, 1.0, (1000, 2))
        return Recording(0.1, {"a|v": Signal(v, 0.0, 0.1)}, {"a|cells": trains})

    def different(ours: Recording, peer: Recording) -> set[str]:
        return {each.key for each in compare(ours, peer, random, NEST) if each.too_large}

    assert different(noisy(20.0, 0.0), noisy(20.0, 0.0)) == set()
    assert different(noisy(20.0, 0.0), noisy(30.0, 0.0)) == {"a|cells"}
    assert different(noisy(20.0, 0.0), noisy(20.0, 0.5)) == {"a|v"}


def test_that_references_keep_what_is_compared(tmp_path: Path) -> None:
    whole = recording(TIMES)
    whole.reduced().save(tmp_path / "a.npz")
    kept = Recording.load(tmp_path / "a.npz")
    assert len(kept.signals["a|v"].values) == 500
    assert not [each.key for each in compare(whole, kept, ALL, NEST) if each.too_large]
    shutil.rmtree(tmp_path)

"""The microcircuit of examples/: its numbers, its scaling, and its activity at a twentieth of the full scale."""

from __future__ import annotations

import importlib.util
import os
import sys
from pathlib import Path
from types import ModuleType

import numpy as np
import pyNN.annarchy as sim
import pytest
from example_pictures import EXAMPLES, drawn, numbers

import pynn_annarchy

FOLDER = EXAMPLES / "microcircuit"


@pytest.fixture(scope="module")
def modules() -> dict[str, ModuleType]:
    """The example's files, under names of their own."""
    loaded = {}
    with pytest.MonkeyPatch.context() as patch:
        for name in ("parameters", "network", "spike_statistics", "compare"):
            spec = importlib.util.spec_from_file_location(name, FOLDER / f"{name}.py")
            assert spec is not None and spec.loader is not None
            module = importlib.util.module_from_spec(spec)
            patch.setitem(sys.modules, name, module)
            spec.loader.exec_module(module)
            loaded[name] = module
    return loaded


def test_numbers_of_the_paper(modules: dict[str, ModuleType]) -> None:
    p = modules["parameters"]
    assert p.SIZES.sum() == 77169
    assert p.connections().sum() == pytest.approx(2.99e8, rel=2e-3)  # "0.3 billion synapses"
    assert p.weight_nA() == pytest.approx(0.0878, abs=5e-5)  # 87.8 pA in table 5
    # one spike at t = 0 into a cell at rest, integrated with small steps
    tau_m, tau_s, cm = p.CELL["tau_m"], p.CELL["tau_syn_E"], p.CELL["cm"]
    v, current, highest = 0.0, p.weight_nA(), 0.0
    for _ in range(100000):
        v, current = v + 1e-4 * (current / cm - v / tau_m), current * (1 - 1e-4 / tau_s)
        highest = max(highest, v)
    assert highest == pytest.approx(0.15, rel=1e-3)


@pytest.mark.parametrize(("drive", "scale"), [("dc", 0.02), ("poisson", 0.02)])
def test_the_mean_input_does_not_depend_on_the_scale(modules: dict[str, ModuleType], drive: str, scale: float) -> None:
    """The mean current at the rates of the full scale, counted over the connections that were really made."""
    p = modules["parameters"]
    sim.setup(timestep=0.1, min_delay=0.1, max_delay=6.4)
    network = modules["network"].build(sim, scale, drive, seed=3)
    assert network.n_connections == pytest.approx(p.connections().sum() * scale**2, rel=1e-3)
    full = (p.connections() / p.SIZES[:, None] * modules["network"]._strengths()) @ p.FULL_RATES_Hz
    full = (full + p.EXTERNAL * p.EXTERNAL_Hz * p.weight_nA()) * 1e-3 * p.CELL["tau_syn_E"]
    rates = dict(zip(p.POPULATIONS, p.FULL_RATES_Hz, strict=True))
    for k, (name, cells) in enumerate(network.populations.items()):
        found = cells.get("i_offset", simplify=True)
        for (source, target), projection in network.projections.items():
            if target == name:
                weights = sum(projection.get("weight", format="list", with_address=False))
                found += weights / len(cells) * rates[source] * 1e-3 * p.CELL["tau_syn_E"]
        if drive == "poisson":
            jump = p.weight_nA() / np.sqrt(scale)
            found += p.EXTERNAL[k] * p.EXTERNAL_Hz * scale * jump * 1e-3 * p.CELL["tau_syn_E"]
        assert found == pytest.approx(full[k], rel=0.02, abs=0.02 * abs(full).max())


def test_delays_and_weights(modules: dict[str, ModuleType]) -> None:
    sim.setup(timestep=0.1, min_delay=0.1, max_delay=6.4)
    network = modules["network"].build(sim, 0.02)
    weight = modules["parameters"].weight_nA() / np.sqrt(0.02)
    for source, target, mean, delay in (
        ("L4E", "L23E", 2.0, 1.5),
        ("L23I", "L23E", -4.0, 0.75),
        ("L4E", "L4E", 1, 1.5),
    ):
        weights, delays = np.array(network.projections[source, target].get(["weight", "delay"], "list"))[:, 2:].T
        assert weights.mean() == pytest.approx(mean * weight, rel=0.02)
        assert weights.std() == pytest.approx(0.1 * abs(mean) * weight, rel=0.1)
        assert delays.mean() == pytest.approx(delay, rel=0.05) and delays.min() >= 0.1
        assert delays.std() == pytest.approx(0.5 * delay, rel=0.1)  # less than one in forty is drawn again


def test_bad_arguments(modules: dict[str, ModuleType]) -> None:
    sim.setup()
    with pytest.raises(ValueError, match=r"scale=2\.0 is not above 0 and at most 1"):
        modules["network"].build(sim, 2.0)
    with pytest.raises(ValueError, match="drive='noise' is neither"):
        modules["network"].build(sim, 0.1, "noise")


def test_statistics(modules: dict[str, ModuleType]) -> None:
    """Poisson trains have a CV of 1 and no correlation; a train and its copy have a correlation of 1."""
    statistics = modules["spike_statistics"]
    rng = np.random.default_rng(1)
    trains = [np.cumsum(rng.exponential(50.0, 400)) for _ in range(40)]
    found = statistics.activity(trains, 0.0, 10000.0)
    assert found.rates_Hz.mean() == pytest.approx(20.0, rel=0.05)
    assert found.variations.mean() == pytest.approx(1.0, abs=0.04)
    assert abs(found.correlations.mean()) < 0.005 and len(found.correlations) == 40 * 39 / 2
    assert statistics.activity([trains[0]] * 2, 0.0, 10000.0).correlations == pytest.approx([1.0])
    assert statistics.distance(np.arange(10.0), np.arange(10.0) + 5.0) == pytest.approx(0.5)


def test_comparison_counts_what_differs(modules: dict[str, ModuleType]) -> None:
    compare, rng = modules["compare"], np.random.default_rng(2)
    names = [f"{name}_{part}" for name in modules["parameters"].POPULATIONS for part in compare.PARTS]
    peer = [{name: rng.normal(size=200) for name in names} for _ in range(3)]
    same = compare.table([dict(run) for run in peer], peer, "nest")
    assert "0 of 24 distances are above the highest" in same and "\n0 are above the mean" in same
    shifted = [{**run, "L4E_rates_Hz": run["L4E_rates_Hz"] + 3.0} for run in peer]
    assert "1 of 24 distances are above the highest between nest's seeds: L4E rate (Hz);" in compare.table(
        shifted, peer, "nest"
    )


@pytest.fixture
def same_package(monkeypatch: pytest.MonkeyPatch) -> None:
    """Processes that a test starts import the package that is tested."""
    paths = [str(Path(pynn_annarchy.__file__).parents[1]), *os.environ.get("PYTHONPATH", "").split(os.pathsep)]
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(filter(None, paths)))


def test_comparison_runs_what_is_not_kept(modules: dict[str, ModuleType], tmp_path: Path, capsys, same_package) -> None:
    picture, arguments = tmp_path / "distributions.png", ["--peer", "annarchy", "--scale", "0.01", "--duration", "300"]
    arguments += ["--seeds", "2", "--keep", str(tmp_path), "--plot", str(picture)]
    modules["compare"].main(arguments)  # with itself: no distance
    assert "0 of 24 distances are above the highest" in capsys.readouterr().out
    kept = list(tmp_path.glob("annarchy-poisson-0.01-300-?.npz"))
    assert len(kept) == 2 and picture.stat().st_size > 10_000
    modules["compare"].main(arguments)
    assert "seed" not in capsys.readouterr().err


def test_comparison_of_devices(modules: dict[str, ModuleType], tmp_path: Path, capsys, same_package) -> None:
    """Poisson drive at a fiftieth of the scale: no distance is beyond those between seeds."""
    arguments = ["--peer", "annarchy", "--device", "cuda-emulated", "--scale", "0.02", "--duration", "500"]
    modules["compare"].main([*arguments, "--seeds", "2", "--keep", str(tmp_path)])
    found = capsys.readouterr()
    assert "0 of 24 distances are above the highest between annarchy on cuda-emulated's seeds" in found.out
    assert found.err.split("\n")[:2] == ["annarchy, seed 1", "annarchy-cuda-emulated, seed 1"]
    with pytest.raises(SystemExit):
        modules["compare"].options(["--peer", "nest", "--device", "cuda"])
    assert "nest does not know it" in capsys.readouterr().err


def test_one_seed_has_nothing_to_be_compared_with(modules: dict[str, ModuleType], capsys) -> None:
    with pytest.raises(SystemExit):
        modules["compare"].options(["--seeds", "1"])
    assert "--seeds 1" in capsys.readouterr().err


@pytest.mark.slow
def test_activity(tmp_path: Path) -> None:
    """Rates of the populations are ordered as in figure 6 of the paper, and near those of the full scale."""
    printed = drawn("microcircuit/run.py", "annarchy", "--scale", "0.05", "--duration", "1000", folder=tmp_path)
    rates = np.array(numbers(r": ([\d.]+) Hz", printed))
    expected = [0.903, 2.965, 4.414, 5.876, 7.569, 8.633, 1.105, 7.829]
    np.testing.assert_allclose(rates, expected, rtol=0.35, atol=0.7)
    assert rates[0] < rates[1] and rates[6] < rates[7] and rates[2] < rates[3]

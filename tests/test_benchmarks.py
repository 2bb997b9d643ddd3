"""The benchmark runner on a tiny network, and its refusal to compare what is not comparable."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import numpy as np
import pytest

import pynn_annarchy

sys.path.insert(0, str(Path(__file__).parent.parent / "benchmarks"))
import backends
import hardware
import rate_network
import report
import run
import scale
import traffic
import va_script
from command import Job


@pytest.fixture(autouse=True)
def same_package(monkeypatch: pytest.MonkeyPatch) -> None:
    """Processes that a test starts import the package that is tested."""
    paths = [str(Path(pynn_annarchy.__file__).parents[1]), *os.environ.get("PYTHONPATH", "").split(os.pathsep)]
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(filter(None, paths)))


def figures(rate: float = 10.0, synapses: float = 100.0, run_s: float = 2.0) -> list[report.Figures]:
    return [{"rate_Hz": rate, "synapses": synapses, "build_s": 1.0, "run_s": run_s, "total_s": 3.0}]


def test_runs_of_ours_alone(capsys, tmp_path, monkeypatch):
    docs = tmp_path / "performance.md"
    docs.write_text(f"before\n{report.BEGIN}\nold\n{report.END}\nafter\n")
    monkeypatch.setattr(report, "DOCS", docs)
    monkeypatch.setattr(report, "RESULTS", tmp_path / "results")
    # VA CUBA and VAbenchmarks.py (which has a size of its own) are in tests below; the others left out have twins
    scenarios = ["Brunel STDP", "Microcircuit", "Rate network", "Small script"]
    arguments = ["--peers", "numpy", "imports", "--repeats", "1", "--duration", "100", "--scale", "0.05", "--keep"]
    run.main([*arguments, "--scenarios", *scenarios])
    printed = capsys.readouterr().out
    assert "Brunel STDP" in printed and "Memory bandwidth" in printed and "not compared" not in printed
    (written,) = (tmp_path / "results").glob("*.json")
    results = json.loads(written.read_text())["results"]
    assert list(results) == scenarios
    for name, runs in results.items():
        ours = [runs[backend.label][0] for backend in run.SCENARIOS[name].ours]
        assert ours[0]["rate_Hz"] == ours[-1]["rate_Hz"] > 0  # the same network, whatever the number of threads
        assert 0 < ours[0]["run_s"] < ours[0]["total_s"]
    small = results["Small script"]
    assert (
        small["import of PyNN and Neo"][0]["total_s"] > 0 and small["pyNN.annarchy, 1 thread"][0]["first_spike_ms"] > 0
    )
    assert written.with_suffix(".png").stat().st_size > 10_000
    text = docs.read_text()
    assert "Brunel STDP" in text and "old" not in text
    assert text.startswith("before") and text.endswith("after\n")


def test_ratio_of_medians():
    runs = {"ours": figures() * 2 + figures(run_s=50.0), "peer": figures(run_s=8.0)}
    assert "| 4.00 |" in report.table("x", runs, "ours", 1000.0)


@pytest.mark.parametrize(
    ("label", "peer", "reason"),
    [
        ("pyNN.nest", figures(synapses=99.0), "99 synapses, ours 100"),
        ("pyNN.nest", figures(rate=12.0), "12.00 Hz, ours 10.00 Hz"),
        ("Brian 2", figures(rate=8.0, synapses=7.0), "8.00 Hz, ours 10.00 Hz"),
        ("numpy", [{**figures()[0], "same_rates": 1.0001}], "rates 1.0001, ours 1"),
    ],
)
def test_no_ratio_where_the_activity_differs(label, peer, reason):
    text = report.table("x", {"ours": [{**figures()[0], "same_rates": 1.0}], label: peer}, "ours", 1000.0)
    assert "not compared" in text and reason in text


def test_a_backend_that_fails_is_named(monkeypatch):
    options = run.parse(["--peers", "--duration", "-5"])
    with pytest.raises(RuntimeError, match="1 thread failed in va_coba"):
        run.measure(sys.executable, run.SCENARIOS["VA COBA"], run.OURS[0], options)


def test_a_peer_that_pip_cannot_install_is_left_out(monkeypatch, tmp_path, capsys):
    def fails(backend, given, folder):
        if backend.environment == "nest":
            raise backends.NotInstalled("pip cannot install nest-simulator")
        return sys.executable

    monkeypatch.setattr(run, "interpreter", fails)
    options = run.parse(["--peers", "nest", "--install-peers", str(tmp_path)])
    found = run.interpreters({"VA COBA": run.SCENARIOS["VA COBA"].backends(["nest"])}, options)
    assert found == {"": sys.executable}
    assert "left out: pyNN.nest, 1 thread: pip cannot install" in capsys.readouterr().err


def test_a_peer_that_fails_is_left_out(capsys):
    broken = backends.Backend("nowhere", "pyNN.nowhere", "nest")
    options = run.parse(["--repeats", "2", "--duration", "10", "--scale", "0.02"])
    with run.tqdm(total=4, disable=True) as progress:
        pythons = {"": sys.executable, "nest": sys.executable}
        runs = run.repeatedly(run.SCENARIOS["VA CUBA"], [run.OURS[0], broken], pythons, options, progress)
    assert list(runs) == [run.OURS[0].label] and len(runs[run.OURS[0].label]) == 2
    assert "left out: pyNN.nowhere failed in va_cuba.py" in capsys.readouterr().err


@pytest.mark.parametrize("threads", [1, 2])
def test_rate_network_is_that_of_numpy(threads):
    _, _, (rates, weights) = rate_network.simulate(Job("annarchy", 50.0, threads, 0.02))
    start = rate_network.Start(0.02)
    before = start.feedforward.copy()
    expected_rates, expected_weights = rate_network.arithmetic(start, 50)
    np.testing.assert_allclose(rates, expected_rates, rtol=1e-12)
    np.testing.assert_allclose(weights, expected_weights, rtol=1e-12)
    assert np.abs(weights / before - 1).max() > 0.01  # it has learnt


def test_rate_network_asks_for_a_backend_with_rates():
    with pytest.raises(ValueError, match="backend 'mock' has no rate-coded cells"):
        rate_network.simulate(Job("mock", 1.0, 1, 0.02))


def test_the_example_of_pynn(monkeypatch):
    """Connections as VAbenchmarks.py makes them on NEST with its seed (docs/examples.md compares its activity)."""
    try:
        va_script.archive()
    except Exception as problem:
        pytest.skip(f"VABENCHMARKS.PY WAS NOT RUN; set PYNN_SDIST to the archive of PyNN: {problem}")
    told = va_script.in_pynn(Job("annarchy", 0.0, 1, 1.0))
    pairs = 4000 * 3999  # no connection of a cell with itself, each other one with probability 0.02
    assert told["synapses"] == pytest.approx(0.02 * pairs, abs=4 * (0.02 * 0.98 * pairs) ** 0.5)
    assert told["rate_Hz"] == pytest.approx(15.0, rel=0.15)
    assert told["run_s"] > 0 and told["build_s"] > 0 and told["import_s"] > 0


def test_the_example_has_one_thread():
    with pytest.raises(ValueError, match="threads=2"):
        va_script.in_pynn(Job("annarchy", 0.0, 2, 1.0))


def test_traffic(capsys, tmp_path):
    file = tmp_path / "traffic.json"
    arguments = ["--scale", "0.1", "--events", "1e4", "--updates", "1e5", "--repeats", "1", "--sizes", "1"]
    traffic.main([*arguments, "--json", str(file)])
    assert "L1: 16 KB" in capsys.readouterr().out
    kept = json.loads(file.read_text())
    (row,) = kept["sizes"].values()
    assert row["synapses"] == 200 * 50 and row["events"] > 0
    assert row["event_ratio"] == pytest.approx(row["engine_event_ns"] / row["loop_event_ns"])
    assert all(0.01 < row[name] < 1e5 for name in ("loop_event_ns", "loop_weights_ns", "loop_update_ns"))
    assert 0.1 < kept["bandwidth_GBs"] < 1e4


def test_traffic_refuses_sizes_that_it_does_not_know():
    with pytest.raises(RuntimeError, match="usage: traffic triad BYTES"):
        hardware.traffic("scatter", 100)


def test_scale(capsys, tmp_path):
    picture, file = tmp_path / "scale.png", tmp_path / "scale.json"
    sizes = ["--cells", "1000", "--synapses", "1e5", "--duration", "100"]
    scale.main([*sizes, "--plot", str(picture), "--json", str(file)])
    assert "Exponents over synapses" in capsys.readouterr().out
    one, other = (series[0] for series in json.loads(file.read_text()).values())
    assert one["cells"] == 1000 and one["synapses"] == other["synapses"] == 100_000
    assert one["rate_Hz"] == pytest.approx(scale.RATE_Hz, rel=0.1)  # each cell once in 100 ms
    assert 0 < one["bytes"] <= one["peak_bytes"] and one["build_s"] > 0 and one["run_s"] > 0
    assert picture.stat().st_size > 10_000


def test_exponent_of_a_power_law():
    sizes = [10.0**k for k in range(6)]
    assert scale.exponent(sizes, [3.0 * size**1.5 for size in sizes]) == pytest.approx(1.5)
    with_overhead = [1e3 + size for size in sizes]
    assert 0.7 < scale.exponent(sizes, with_overhead) < 1.0


def test_sizes_three_to_a_decade():
    assert scale.powers(1e3, 1e5) == [1000, 2154, 4642, 10000, 21544, 46416, 100000]
    assert scale.powers(50, 50) == [50]


def test_a_network_that_does_not_fit_is_left_out(monkeypatch):
    monkeypatch.setattr(scale, "free_bytes", lambda: 1000)
    before = [{"peak_bytes": 100.0, "synapses": 10.0}]
    assert scale.fits(before, 79) and not scale.fits(before, 81) and scale.fits([], 10**12)

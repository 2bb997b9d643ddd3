"""The benchmark runner on a tiny network, and its refusal to compare what is not comparable."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent.parent / "benchmarks"))
import report
import run


def figures(rate: float = 10.0, synapses: float = 100.0, run_s: float = 2.0) -> list[report.Figures]:
    return [{"rate_Hz": rate, "synapses": synapses, "build_s": 1.0, "run_s": run_s, "total_s": 3.0}]


def test_runs_of_ours_alone(capsys, tmp_path, monkeypatch):
    docs = tmp_path / "performance.md"
    docs.write_text(f"before\n{report.BEGIN}\nold\n{report.END}\nafter\n")
    monkeypatch.setattr(report, "DOCS", docs)
    monkeypatch.setattr(report, "RESULTS", tmp_path / "results")
    run.main(["--peers", "--repeats", "1", "--duration", "100", "--scale", "0.05", "--keep"])
    assert "VA CUBA" in capsys.readouterr().out
    (written,) = (tmp_path / "results").glob("*.json")
    results = json.loads(written.read_text())["results"]
    assert list(results) == list(run.SCENARIOS)
    for one, two in (runs.values() for runs in results.values()):
        assert one[0]["rate_Hz"] == two[0]["rate_Hz"] > 0  # the same network, whatever the number of threads
    assert 0 < one[0]["run_s"] < one[0]["total_s"]
    assert written.with_suffix(".png").stat().st_size > 10_000
    text = docs.read_text()
    assert "VA COBA" in text and "old" not in text
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
    ],
)
def test_no_ratio_where_the_activity_differs(label, peer, reason):
    text = report.table("x", {"ours": figures(), label: peer}, "ours", 1000.0)
    assert "not compared" in text and reason in text


def test_a_backend_that_fails_is_named(monkeypatch):
    options = run.parse(["--peers", "--duration", "-5"])
    with pytest.raises(RuntimeError, match="1 thread failed in va_coba"):
        run.measure(sys.executable, run.SCENARIOS["VA COBA"], run.OURS[0], options)

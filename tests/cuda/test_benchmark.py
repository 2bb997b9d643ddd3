"""The tables of benchmarks/gpu."""

import sys
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path

SCRIPT = Path(__file__).parents[2] / "benchmarks" / "gpu" / "run.py"


def test_phases_beside_the_floor(capsys, monkeypatch):
    spec = spec_from_file_location("benchmarks_gpu_run", SCRIPT)
    script = module_from_spec(spec)
    monkeypatch.setitem(sys.modules, spec.name, script)  # where its dataclass looks for names
    spec.loader.exec_module(script)
    # 1,000 steps of 0.1 ms in 50 ms
    phases = {"phase_update_s": 0.010, "phase_deliver_s": 0.015, "phase_record_s": 0.001, "phase_exchange_s": 0.004}
    results = {"A": {"duration_ms": 100.0, "run_s": 0.05, **phases}, "B": {"failed": "no"}}
    script.print_phases(results, 1.25)
    *_, line = capsys.readouterr().out.strip().splitlines()
    assert line == "| A | 10.00 | 15.00 | 1.00 | 4.00 | 20.00 | 2.50 |"
    script.print_phases(results, None)
    assert "not measured" in capsys.readouterr().out
    script.print_phases({"B": {"failed": "no"}}, 1.25)
    assert capsys.readouterr().out == ""

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
    quick, slow = script.Case("A", "a.py", 1.0, 100.0), script.Case("B", "b.py", 1.0, 1000.0, dt_ms=1.0, barriers=4)
    results = {quick: {"run_s": 0.05, **phases}, slow: {"failed": "no"}}
    script.print_phases(results, 1.25)
    *_, line = capsys.readouterr().out.strip().splitlines()
    assert line == "| A | 10.00 | 15.00 | 1.00 | 4.00 | 20.00 | 2.50 |"
    script.print_phases(results, None)
    assert "not measured" in capsys.readouterr().out
    script.print_phases({slow: {"failed": "no"}}, 1.25)
    assert capsys.readouterr().out == ""
    script.print_phases({slow: {"run_s": 0.05, **phases}}, 1.25)  # 1,000 steps, too
    assert capsys.readouterr().out.strip().endswith("| B | 10.00 | 15.00 | 1.00 | 4.00 | 20.00 | 5.00 |")
    script.print_traffic({quick: {}, slow: {"traffic_GBs": 1500.0}}, 3000.0)
    assert capsys.readouterr().out.strip() == "B: 1500.0 GB/s, 50 % of 3000"

"""What the runner leaves behind: a table, a JSON file, a plot, and the same table in docs/performance.md."""

from __future__ import annotations

import json
import os
import platform
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from statistics import median
from typing import Any

RESULTS = Path(__file__).parent / "results"
DOCS = Path(__file__).parent.parent / "docs" / "performance.md"
BEGIN, END = "<!-- benchmarks begin -->", "<!-- benchmarks end -->"
Figures = dict[str, float]


def machine() -> dict[str, Any]:
    """What the figures were taken on."""
    model = platform.processor() or platform.machine()
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
        model = next(line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    except (OSError, StopIteration):
        pass  # not Linux: what platform says has to do
    return {
        "date": date.today().isoformat(),
        "cpu": model,
        "cores": os.cpu_count(),
        "caches": _caches(),
        "memory_GiB": round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30, 1),
        "system": platform.platform(),
        "python": platform.python_version(),
    }


def _caches() -> list[str]:
    """Return level, kind and size of each cache of the first core, as Linux tells them."""
    told = []
    for folder in sorted(Path("/sys/devices/system/cpu/cpu0/cache").glob("index*")):
        try:
            level, kind, size = ((folder / name).read_text().strip() for name in ("level", "type", "size"))
        except OSError:
            continue
        told.append(f"L{level} {kind.lower()} {size}")
    return told


def middle(runs: list[Figures], name: str) -> float:
    """Median of one figure."""
    return median(run[name] for run in runs)


def spread(runs: list[Figures], name: str) -> str:
    """Median and range of one figure."""
    values = sorted(run[name] for run in runs)
    return f"{median(values):.3g} ({values[0]:.3g} to {values[-1]:.3g})"


def disagreement(ours: list[Figures], peer: list[Figures], same_network: bool) -> str:
    """Why two sets of runs are not comparable, or nothing."""
    if "rate_Hz" not in peer[0]:
        return ""  # it runs nothing
    if same_network and ours[0]["synapses"] != peer[0]["synapses"]:
        return f"{peer[0]['synapses']:.0f} synapses, ours {ours[0]['synapses']:.0f}"
    for name in (
        name for name in ours[0] if name.startswith("same_") and name in peer[0]
    ):  # the same arithmetic, the same result
        if abs(ours[0][name] - peer[0][name]) > 1e-6 * abs(ours[0][name]):
            return f"{name[5:]} {peer[0][name]:.9g}, ours {ours[0][name]:.9g}"
    rates = middle(ours, "rate_Hz"), middle(peer, "rate_Hz")
    if abs(rates[0] - rates[1]) > 0.15 * max(rates):
        return f"{rates[1]:.2f} Hz, ours {rates[0]:.2f} Hz"
    return ""


def table(scenario: str, runs: Mapping[str, list[Figures]], reference: str, duration_ms: float) -> str:
    """Markdown: one line a backend; ratios are the backend's median over that of `reference`."""
    lines = [
        f"### {scenario}, {duration_ms:g} ms",
        "",
        "| backend | rate (Hz) | build (s) | run (s) | real-time factor | ratio | whole process (s) | ratio |",
        "|---|---|---|---|---|---|---|---|",
    ]
    ours = runs[reference]
    for label, figures in runs.items():
        differs = disagreement(ours, figures, same_network="pyNN" in label)
        run_ratio, total_ratio = (
            ("not compared", differs)
            if differs
            else tuple(f"{middle(figures, name) / middle(ours, name):.2f}" for name in ("run_s", "total_s"))
        )
        rate = f"{middle(figures, 'rate_Hz'):.2f}" if "rate_Hz" in figures[0] else "-"
        factor = 1000.0 * middle(figures, "run_s") / duration_ms
        lines.append(
            f"| {label} | {rate} | {spread(figures, 'build_s')} | {spread(figures, 'run_s')} "
            f"| {factor:.3g} | {run_ratio} | {spread(figures, 'total_s')} | {total_ratio} |"
        )
    return "\n".join([*lines, *_phases(runs), *_traffic(runs)]) + "\n"


def _traffic(runs: Mapping[str, list[Figures]]) -> list[str]:
    """What each moved through memory, and the share of the bandwidth that our own runs measured."""
    measured = [run["bandwidth_GBs"] for figures in runs.values() for run in figures if "bandwidth_GBs" in run]
    if not measured:
        return []
    lines = ["", f"Memory bandwidth of one core, a triad: {median(measured):.3g} GB/s. What has to be moved, of that:"]
    for label, figures in runs.items():
        moved = middle(figures, "traffic_GBs")
        lines.append(f"{label}: {moved:.3g} GB/s, {100 * moved / median(measured):.0f} %.")
    return lines


def _phases(runs: Mapping[str, list[Figures]]) -> list[str]:
    """Where the time of our runs went, a line for each number of threads."""
    lines = []
    for label, figures in runs.items():
        if "phase_update_s" in figures[0]:
            update, exchange, deliver, record, update_ns, event_ns = (
                middle(figures, f"phase_{name}")
                for name in ("update_s", "exchange_s", "deliver_s", "record_s", "update_ns", "event_ns")
            )
            each = f" ({event_ns:.2f} ns an event)" if middle(figures, "phase_events") else ""
            # results of before it was counted have none
            layout = f"; layout {middle(figures, 'phase_layout_s'):.3g} s" if "phase_layout_s" in figures[0] else ""
            lines += [
                "",
                f"{label}: update {update:.3g} s ({update_ns:.2f} ns a neuron and step, of one core), exchange "
                f"{exchange:.3g} s, deliver {deliver:.3g} s{each}, record {record:.3g} s{layout}.",
            ]
    return lines


def write(
    results: Mapping[str, Mapping[str, list[Figures]]],
    tables: list[str],
    repeats: int,
    software: Mapping[str, Mapping[str, str]],
) -> Path:
    """Write JSON, plot and documentation; return the JSON's path. `software` has the versions in each environment."""
    about = {**machine(), "software": software}
    RESULTS.mkdir(exist_ok=True)
    path = RESULTS / f"{about['date']}.json"
    path.write_text(json.dumps({"machine": about, "repeats": repeats, "results": results}, indent=1) + "\n")
    plot(results, path.with_suffix(".png"))
    parts = {f"{package} {version}": None for versions in software.values() for package, version in versions.items()}
    head = (
        f"{about['date']}, {about['cpu']}, {about['cores']} cores, {', '.join(about['caches'])}, "
        f"{about['memory_GiB']} GiB; {', '.join(parts)}; median (range) of {repeats} interleaved runs.\n"
    )
    before, _, rest = DOCS.read_text().partition(BEGIN)
    _, _, after = rest.partition(END)
    DOCS.write_text("\n".join((before + BEGIN, head, *tables)) + END + after)
    return path


def plot(results: Mapping[str, Mapping[str, list[Figures]]], path: Path) -> None:
    """Bars of build and run time, one panel a scenario, on a logarithmic axis."""
    import matplotlib

    matplotlib.use("Agg")
    import matplotlib.pyplot as plt

    columns = min(len(results), 4)
    rows = -(-len(results) // columns)
    figure, panels = plt.subplots(rows, columns, figsize=(6 * columns, 3 * rows), squeeze=False, layout="constrained")
    for axes in panels.flat[len(results) :]:
        axes.set_axis_off()
    for axes, (scenario, runs) in zip(panels.flat, results.items(), strict=False):
        for shift, name, colour in ((-0.2, "build_s", "#a0aec0"), (0.2, "run_s", "#2b6cb0")):
            at = [k + shift for k in range(len(runs))]
            axes.barh(at, [middle(figures, name) for figures in runs.values()], 0.38, label=name[:-2], color=colour)
        axes.set_yticks(range(len(runs)), list(runs))
        axes.invert_yaxis()
        axes.set(xscale="log", xlabel="seconds", title=scenario)
        axes.legend()
    figure.savefig(path, dpi=120)
    plt.close(figure)

"""Run PyNN's own examples here, compare them with other backends' runs, and print docs/examples.md.

    python tools/compare_examples.py > docs/examples.md
    python tools/compare_examples.py --nest PYTHON --neuron PYTHON [--only CASE ...] > docs/examples.md

A PYTHON is the interpreter of an environment with PyNN and that simulator (and csa and matplotlib); with it, the
references of that simulator in tests/examples/reference are made anew. It needs numpy < 2.1: PyNN 0.13 cannot connect
two single cells one to one with later ones. The variable PYTHONPATH is passed on.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests" / "pynn_compliance"))
sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests" / "examples"))

import example_runs
import upstream
from example_comparison import compare
from example_data import Recording
from example_difference import Difference
from example_scripts import EXCLUDED, POTJANS, POTJANS_RELEASE, POTJANS_SCALE, SCRIPTS, Peer, Script

HEAD = """# PyNN's own examples

Every script of `examples/` in PyNN {pynn}'s source distribution is run here without a change, and its data are compared
with those of pyNN.nest ({nest}) and pyNN.neuron ({neuron}) running the same script.

This page is the output of `python tools/compare_examples.py`; `tests/examples/test_upstream_examples.py` makes the same
comparisons with the same references and the limits of `tests/examples/example_scripts.py`. Unless that file has a limit
and a reason, there must be as many spikes as in the other backend, each within one time step of its counterpart;
samples must be equal to a millionth of the largest (or lie between our samples one step before and after), connections
equal. Of random data, means must agree within a tenth or four standard errors, courses of means within five, and traces
by paired t-tests of 20 stretches at a level of 1 in 1000.

NEST's `setup()` gets two further arguments: `spike_precision="on_grid"`, as cells with spikes between the grid points
cannot give the spikes of a grid, and a `min_delay` of one step, as NEST runs ahead by the shortest delay, and sources
and changes of parameters are late by it. "step/10": both backends ran at a tenth of the script's time step; "steps" are
the script's.

Three things are changed in PyNN itself while scripts run: generators without a seed get one; `next` of a generator
takes the keyword `mask_local` of PyNN 0.9, which simpleRandomNetwork_csa.py still gives and PyNN 0.13 refuses; and
`get` of the other backends' populations returns None where it fails on arrays, which scripts only print.

| script | compared with | largest difference of each variable | why not equal |
|---|---|---|---|
"""


def options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for simulator in ("nest", "neuron"):
        parser.add_argument(f"--{simulator}", type=Path, metavar="PYTHON")
    parser.add_argument("--only", nargs="+", metavar="CASE", help="scripts whose references are made anew")
    parser.add_argument("--references-only", action="store_true", help="print no table")
    return parser.parse_args()


def make_reference(script: Script, peer: Peer, python: Path, examples: Path, work: Path) -> None:
    """Run a script with a peer and keep the data."""
    found = example_runs.run(script, examples, work, peer.simulator, python, peer.refine)
    example_runs.REFERENCE.mkdir(exist_ok=True)
    found.reduced(whole=script.lazy + script.jumps).save(example_runs.reference_path(script, peer))


def summary(differences: list[Difference]) -> str:
    """One line for each variable: the source in which it differs most."""
    lines: dict[str, Difference] = {}
    for each in differences:
        name = each.key.rpartition("|")[2]
        if name not in lines or each.size > lines[name].size:
            lines[name] = each
    return "<br>".join(f"{name}: {each.text}" for name, each in lines.items())


def rows(script: Script, examples: Path, work: Path) -> list[str]:
    """The lines of the table for a script, which is run here."""
    if not script.peers:
        example_runs.run(script, examples, work / "1")
        return [f"| {script.case} | - | runs; {script.about} | |"]
    found = []
    runs: dict[int, Recording] = {}
    for peer in script.peers:
        if peer.refine not in runs:
            runs[peer.refine] = example_runs.run(script, examples, work / str(peer.refine), refine=peer.refine)
        differences = compare(runs[peer.refine], example_runs.reference(script, peer), script, peer)
        wrong = " **TOO LARGE**" if any(each.too_large for each in differences) else ""
        at = f"{peer.simulator}, step/{peer.refine}" if peer.refine > 1 else peer.simulator
        found.append(f"| {script.case} | {at} | {summary(differences)}{wrong} | {peer.why} |")
    return found


def versions() -> dict[str, str]:
    """The versions that the references were made with."""
    found = {"nest": set(), "neuron": set()}  # type: dict[str, set[str]]
    for script in SCRIPTS:
        for peer in script.peers:
            found[peer.simulator].add(example_runs.reference(script, peer).about.get("version", "unknown"))
    return {simulator: ", ".join(sorted(each)) for simulator, each in found.items()}


def main() -> None:
    given = options()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        examples = example_runs.unpack(folder)
        for script in SCRIPTS:
            for peer in script.peers:
                python = getattr(given, peer.simulator)
                if python is not None and (not given.only or script.case in given.only):
                    print(f"{script.case}, {peer.simulator}", file=sys.stderr, flush=True)
                    make_reference(script, peer, python, examples, folder / peer.simulator / script.case)
        potjans = example_runs.unpack_potjans(folder / "potjans")
        if given.nest is not None and (not given.only or POTJANS.case in given.only):
            make_reference(POTJANS, POTJANS.peers[0], given.nest, potjans, folder / "nest" / POTJANS.case)
        if given.references_only:
            return
        print(HEAD.format(pynn=upstream.PYNN, **versions()), end="")
        for script in SCRIPTS:
            print("\n".join(rows(script, examples, folder / "ours" / script.case)), flush=True)
        print("\n".join(rows(POTJANS, potjans, folder / "ours" / POTJANS.case)))
    print(
        f"\nPotjans2014 is of PyNN {POTJANS_RELEASE}, 0.13 has it no longer: its network at a scale of {POTJANS_SCALE}."
    )
    print("\nNot run:\n")
    for file, reason in EXCLUDED.items():
        print(f"- `{file}`: {reason}.")


if __name__ == "__main__":
    main()

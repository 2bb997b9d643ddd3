"""The examples of docs/language.md and docs/extensions.md run."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

DOCS = Path(__file__).resolve().parents[2] / "docs"
DOCUMENT = DOCS / "language.md"
BLOCK = re.compile(r"^## (.+?)$|^```python\n(.*?)^```", re.MULTILINE | re.DOTALL)


def examples(document: Path = DOCUMENT) -> list[tuple[str, str]]:
    """Return the section and the code of each example."""
    section, found = "", []
    for title, code in BLOCK.findall(document.read_text(encoding="utf-8")):
        section = title or section
        if code:
            found.append((section, code))
    return found


@pytest.mark.parametrize(("section", "code"), examples()[1:], ids=lambda value: value.split("\n")[0][:30])
def test_example(section: str, code: str) -> None:
    imports = examples()[0][1]
    exec(compile(imports + code, f"{DOCUMENT.name}, {section}", "exec"), {"__name__": "example"})


@pytest.mark.parametrize(
    ("section", "code"), examples(DOCS / "extensions.md")[1:], ids=lambda value: value.split("\n")[0][:30]
)
def test_example_beyond_PyNN(section: str, code: str) -> None:
    imports = examples(DOCS / "extensions.md")[0][1]
    exec(compile(imports + code, f"extensions.md, {section}", "exec"), {"__name__": "example"})


def test_every_row_of_populations_projections_recording_and_control_is_there() -> None:
    text = (DOCS / "extensions.md").read_text(encoding="utf-8")
    rows = {"PO": range(1, 14), "PL": range(1, 6), "MO": range(1, 10), "SI": range(1, 6), "CO": [9]}
    rows["PR"] = [7, 8, 9, 10, 11, 14, 17, 18, 19, 22]
    absent = {"PO08"}  # PyNN does not copy networks
    missing = {f"{group}{n:02d}" for group, numbers in rows.items() for n in numbers} - absent
    assert {row for row in missing if row not in text} == set()


def test_every_row_of_the_neuron_part_is_there() -> None:
    text = DOCUMENT.read_text(encoding="utf-8")
    for first, last, group in ((3, 28, "EQ"), (36, 39, "EQ"), (1, 7, "SN")):
        named = {int(k) for k in re.findall(rf"{group}(\d\d)", text)}
        for a, b in re.findall(rf"{group}(\d\d) to {group}(\d\d)", text):
            named |= set(range(int(a), int(b) + 1))
        missing = set(range(first, last + 1)) - named - ({9} if group == "EQ" else set())  # 9: synapses
        assert not missing, (group, missing)

"""The examples of docs/language.md run."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

DOCUMENT = Path(__file__).resolve().parents[2] / "docs" / "language.md"
BLOCKS = re.findall(r"^## (.+?)$|^```python\n(.*?)^```", DOCUMENT.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)


def examples() -> list[tuple[str, str]]:
    """Return the section and the code of each example."""
    section, found = "", []
    for title, code in BLOCKS:
        section = title or section
        if code:
            found.append((section, code))
    return found


@pytest.mark.parametrize(("section", "code"), examples()[1:], ids=lambda value: value.split("\n")[0][:30])
def test_example(section: str, code: str) -> None:
    imports = examples()[0][1]
    exec(compile(imports + code, f"{DOCUMENT.name}, {section}", "exec"), {"__name__": "example"})


def test_every_row_of_the_neuron_part_is_there() -> None:
    text = DOCUMENT.read_text(encoding="utf-8")
    for first, last, group in ((3, 28, "EQ"), (36, 39, "EQ"), (1, 7, "SN")):
        named = {int(k) for k in re.findall(rf"{group}(\d\d)", text)}
        for a, b in re.findall(rf"{group}(\d\d) to {group}(\d\d)", text):
            named |= set(range(int(a), int(b) + 1))
        missing = set(range(first, last + 1)) - named - ({9} if group == "EQ" else set())  # 9: synapses
        assert not missing, (group, missing)

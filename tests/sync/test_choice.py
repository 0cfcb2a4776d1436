"""The truth table of docs/sync.md, row by row."""

from __future__ import annotations

from pathlib import Path

import pytest

from calsyncctl.model.fields import NOTHING
from calsyncctl.sync.choice import Five, Policy, choose

DOCUMENT = Path(__file__).parents[2] / "docs" / "sync.md"
POLICIES = (Policy.GOOGLE_WINS, Policy.LOCAL_WINS, Policy.OURS, Policy.THEIRS)


def rows() -> list[list[str]]:
    """Return the table's cells, without its head."""
    text = DOCUMENT.read_text(encoding="utf-8").partition("## The truth table")[2]
    lines = [line for line in text.partition("\n## ")[0].splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines[2:]]


def value(letter: str) -> object:
    """A small letter is what Google makes of the capital one: the same text with a space around."""
    if letter == "-":
        return NOTHING
    return letter if letter.isupper() else f" {letter.upper()} "


@pytest.mark.parametrize("row", rows(), ids=lambda row: row[-1])
def test_the_table_is_what_the_program_does(row: list[str]) -> None:
    five = Five(*(value(letter) for letter in row[:5]))
    for policy, expected in zip(POLICIES, row[5:9], strict=True):
        fate, lost = choose("summary", five, policy)
        assert (f"{fate}, lost" if lost else str(fate)) == expected, policy


def test_the_table_has_a_row_for_every_case() -> None:
    assert len(rows()) == 19

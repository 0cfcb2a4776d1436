"""docs/json.md names every field that `--json` shows, and no other."""

from __future__ import annotations

import re
from dataclasses import fields
from pathlib import Path

import pytest

from calsyncctl.health.needs import Need
from calsyncctl.health.people import AssigneeFacts
from calsyncctl.health.snapshot import AccountFacts, CalendarFacts
from calsyncctl.views.connected import ConnectedView
from calsyncctl.views.events import EventRow, EventView
from calsyncctl.views.parting import PartingRow
from calsyncctl.views.refreshed import RefreshedRow
from calsyncctl.views.status import Status
from calsyncctl.views.synced import Synced, SyncedRow

TEXT = (Path(__file__).parents[2] / "docs" / "json.md").read_text(encoding="utf-8")
SECTIONS = dict(re.findall(r"^## ([a-z ]+)\n(.*?)(?=^## |\Z)", TEXT, re.MULTILINE | re.DOTALL))


def documented(text: str) -> list[str]:
    """Return the names in the first column of the tables of a text."""
    cells = re.findall(r"^\| ([^|]*`[^|]*) \|", text, re.MULTILINE)
    return sorted(name for cell in cells for name in re.findall(r"`(\w+)`", cell))


@pytest.mark.parametrize(
    ("section", "shown"),
    [
        ("account", [AccountFacts]),
        ("calendar", [CalendarFacts]),
        ("refreshed list", [RefreshedRow]),
        ("assignee", [AssigneeFacts]),
        ("connect", [ConnectedView]),
        ("parting", [PartingRow]),
        ("event in a range", [EventRow]),
        ("event", [EventView]),
        ("status", [Status]),
        ("sync", [Synced, SyncedRow]),
    ],
)
def test_every_field_is_documented_and_every_documented_field_is_there(section: str, shown: list[type]) -> None:
    names = sorted(field.name for one in shown for field in fields(one))

    assert documented(SECTIONS[section]) == names


def test_every_kind_of_need_is_documented() -> None:
    source = (Path(__file__).parents[2] / "calsyncctl" / "health" / "needs.py").read_text(encoding="utf-8")
    kinds = re.findall(rf'{Need.__name__}\(\s*"([a-z-]+)"', source)

    assert len(kinds) == 7
    assert all(f"`{kind}`" in SECTIONS["status"] for kind in kinds)

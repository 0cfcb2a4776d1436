"""A series on two calendars; and it prints what the proofs lived through: kill points, steps, seconds."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from calsyncctl.model.calendar import Calendar
    from calsyncctl.model.event import Event
    from tests.sync.house import House

_figures: Counter[str] = Counter()
_WORDS = {"kills": "kill points", "steps": "steps of the model", "lost": "lost answers", "transitions": "transitions"}


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """Runs in the process that reports, with or without xdist."""
    if report.when != "call" or not report.passed:
        return
    told = dict(report.user_properties)
    for name in _WORDS:
        if name in told:
            _figures[name] += int(str(told[name]))
            _figures[f"{name} cases"] += 1
            _figures[f"{name} seconds"] += round(1000 * report.duration)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    for name, words in _WORDS.items():
        if name in _figures:
            cases, seconds = _figures[f"{name} cases"], _figures[f"{name} seconds"] / 1000
            terminalreporter.write_line(f"proofs: {_figures[name]} {words} in {cases} cases, {seconds:.1f} seconds")


@pytest.fixture
def linked(house: House) -> tuple[Event, Calendar, Calendar]:
    """A series of a native calendar, on two calendars of two accounts."""
    from tests.sync.house import said
    from tests.sync.lunches import DAILY

    side, team = house.calendar("side-calendar"), house.calendar("team-calendar", email="support@example.com")
    native = house.native()
    house.link(native, side, invites=True)
    house.link(native, team)
    series = house.add(said(recurrence=DAILY), native)
    house.settle()
    return series, side, team

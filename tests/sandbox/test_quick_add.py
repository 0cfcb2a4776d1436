"""events.quickAdd: an event from a line of text."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from calsyncctl.sandbox.quickadd import read_line
from tests.sandbox.client import Client, Refused

NOW = "2026-11-18T09:30:00Z"  # a Wednesday


@pytest.fixture
def quick(work: Client) -> Any:
    """Add a line on a Wednesday at half past nine; returns title, place, start and end."""
    offset = datetime.fromisoformat(NOW).timestamp() - datetime.now(UTC).timestamp()
    work.sandbox.settings(clock_offset_seconds=offset)
    token = Client(work.sandbox).sign_in()

    def add(text: str) -> tuple[str, str, str, str]:
        made = token.call("POST", "calendars/primary/events/quickAdd", text=text)
        start, end = (made[name].get("dateTime") or made[name]["date"] for name in ("start", "end"))
        return made["summary"], made.get("location", ""), start, end

    with token.session:
        yield add


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Walrus check", ("Walrus check", "", "2026-11-18T10:00:00Z", "2026-11-18T11:00:00Z")),
        (
            "Appointment at Somewhere on June 3rd 10am-10:25am",
            ("Appointment", "Somewhere", "2027-06-03T10:00:00+01:00", "2027-06-03T10:25:00+01:00"),
        ),
        ("Dinner tomorrow 7pm at Cafe", ("Dinner", "Cafe", "2026-11-19T19:00:00Z", "2026-11-19T20:00:00Z")),
        ("Lunch friday noon", ("Lunch", "", "2026-11-20T12:00:00Z", "2026-11-20T13:00:00Z")),
        ("Call 14:30 for 45 minutes", ("Call", "", "2026-11-18T14:30:00Z", "2026-11-18T15:15:00Z")),
        ("Stand-up at 9am", ("Stand-up", "", "2026-11-19T09:00:00Z", "2026-11-19T10:00:00Z")),
        ("Night 11pm-1am", ("Night", "", "2026-11-18T23:00:00Z", "2026-11-19T01:00:00Z")),
        ("Trip on Dec 3 for 3 days", ("Trip", "", "2026-12-03", "2026-12-06")),
        ("Holiday 2026-12-24", ("Holiday", "", "2026-12-24", "2026-12-25")),
        ("Trip Feb 30", ("Trip Feb 30", "", "2026-11-18T10:00:00Z", "2026-11-18T11:00:00Z")),
    ],
)
def test_a_line_of_text_names_title_place_and_times(quick: Any, text: str, expected: tuple[str, ...]) -> None:
    assert quick(text) == expected


def test_a_line_is_required(work: Client) -> None:
    with pytest.raises(Refused) as refusal:
        work.call("POST", "calendars/primary/events/quickAdd")
    assert (refusal.value.status, refusal.value.reason) == (400, "required")


WORDS = ["at", "on", "for", "3", "am", "7pm", "-", "25:00", "noon", "Feb 29", "tomorrow", "9999-12-31", "days", "x"]


@given(words=st.lists(st.sampled_from(WORDS), min_size=1, max_size=6))
def test_no_line_is_too_odd(words: list[str]) -> None:
    made = read_line(" ".join(words), datetime.fromisoformat(NOW), ZoneInfo("Europe/London"))

    key = "date" if "date" in made["start"] else "dateTime"
    assert made["summary"]
    assert datetime.fromisoformat(made["start"][key]) < datetime.fromisoformat(made["end"][key])

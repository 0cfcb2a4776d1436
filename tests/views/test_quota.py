"""How `status --quota` speaks of stretched polls."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from calsyncctl.health.quota import SpanFacts
from calsyncctl.views.quota import Quota, quota_head, spans, why_stretched


def quota(stretch: float, why: str, *, polling: bool = True) -> Quota:
    return Quota(
        profile="default",
        day="2026-11-20",
        ends=datetime(2026, 11, 21, 8, tzinfo=UTC),
        today=SpanFacts(160_000, 640_000, 800_000),
        forecast=715_000,
        minute=SpanFacts(12, 7_988, 8_000),
        per_user=480,
        polling=polling,
        calendars=10_000,
        polls=2_880_000,
        stretch=stretch,
        why=why,
        kinds=(),
        accounts=(),
        in_hand=0,
        resting_until=datetime(2026, 11, 20, 12, tzinfo=UTC),
    )


@pytest.mark.parametrize(
    ("stretch", "why", "begins", "ends"),
    [
        (1.0, "", "Polls need no stretching: 10,000 calendars", "and 640,000 units are left."),
        (3.62, "day", "Polls are stretched 3.6 times: 10,000 calendars", "and 640,000 units are left for everything."),
        (1.2, "minute", "Polls are stretched 1.2 times: 10,000 calendars", "and a minute has 8,000 units."),
    ],
)
def test_it_says_whether_polls_are_stretched_how_far_and_why(stretch: float, why: str, begins: str, ends: str) -> None:
    said = why_stretched(quota(stretch, why))

    assert said.startswith(begins)
    assert "ask for 2,880,000 polls until the day ends" in said
    assert said.endswith(ends)


def test_without_a_daemon_nothing_is_stretched_it_only_would_be() -> None:
    head = quota_head(quota(2.0, "day", polling=False), str)

    assert "A daemon's polls would be stretched 2.0 times" in head
    assert "No daemon runs" in head
    assert "Google asked this installation to slow down, until 2026-11-20 12:00" in head


def test_the_day_has_a_forecast_and_the_minute_none() -> None:
    assert [(one.span, one.spent, one.forecast) for one in spans(quota(1.0, ""))] == [
        ("today", 160_000, 715_000),
        ("this minute", 12, None),
    ]

"""A simulated day stays under every limit, and docs/scaling.md says what it came to."""

from __future__ import annotations

import pytest

from calsyncctl.model.quota import Limits
from tests.daemon.day import LIMITS, SIZES, Day, row, simulate
from tests.docs.pages import DOCS, read


def check_limits(day: Day, limits: Limits) -> None:
    assert day.units <= limits.per_day
    assert day.peak <= limits.per_minute
    assert day.peak_user <= limits.per_user


@pytest.mark.parametrize("channels", [False, True])
def test_a_tenth_of_ten_thousand_calendars_lives_on_a_tenth_of_the_day(channels: bool) -> None:
    tenth = Limits(LIMITS.per_minute // 10, LIMITS.per_user, LIMITS.per_day // 10)
    day = simulate(1_000, channels=channels, limits=tenth)

    check_limits(day, tenth)
    assert (day.stretch > 1) is not channels
    assert day.p95 < (10 if channels else 3600)


@pytest.mark.parametrize("channels", [False, True])
def test_the_page_says_what_a_thousand_calendars_come_to(channels: bool) -> None:
    day = simulate(1_000, channels=channels)

    check_limits(day, LIMITS)
    assert row(day) in read(DOCS / "scaling.md")


@pytest.mark.deep
@pytest.mark.parametrize("channels", [False, True])
@pytest.mark.parametrize("calendars", SIZES)
def test_the_page_says_what_a_day_comes_to(calendars: int, channels: bool) -> None:
    day = simulate(calendars, channels=channels)

    check_limits(day, LIMITS)
    assert row(day) in read(DOCS / "scaling.md")

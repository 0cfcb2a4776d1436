"""How `status --quota` speaks of stretched polls."""

from __future__ import annotations

import pytest

from calsyncctl.views.quota import why_stretched


@pytest.mark.parametrize(
    ("stretch", "why", "said"),
    [
        (1.0, "", "Polls are not stretched: what the calendars ask for fits into the day."),
        (3.62, "day", "Polls are stretched 3.6 times: for 10,000 calendars what is left of the day would not last."),
        (1.2, "minute", "Polls are stretched 1.2 times: for 10,000 calendars the minute's limit would not do."),
    ],
)
def test_it_says_whether_polls_are_stretched_how_far_and_why(stretch: float, why: str, said: str) -> None:
    assert why_stretched(stretch, why, 10_000) == said

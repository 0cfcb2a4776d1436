"""Google's quota days: from midnight to midnight in California, whatever the zone of the machine."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from calsyncctl.model.quota import Limits, client_key, day_of, user_key


def at(text: str) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp())


@pytest.mark.parametrize(
    ("moment", "name", "hours"),
    [
        ("2026-11-20T07:59:59", "2026-11-19", 24),
        ("2026-11-20T08:00:00", "2026-11-20", 24),
        ("2026-07-01T06:59:59", "2026-06-30", 24),
        ("2026-03-08T20:00:00", "2026-03-08", 23),
        ("2026-11-01T20:00:00", "2026-11-01", 25),
    ],
)
def test_a_day_is_a_pacific_one_of_23_to_25_hours(moment: str, name: str, hours: int) -> None:
    day = day_of(at(moment))

    assert (day.name, day.ends - day.starts) == (name, hours * 3600)
    assert day.starts <= at(moment) < day.ends
    assert day_of(day.ends).starts == day.ends


def test_a_share_is_of_every_limit_and_never_nothing() -> None:
    assert Limits.of_share(0.8, per_minute=10_000, per_user=600, per_day=1_000_000) == Limits(8_000, 480, 800_000)
    assert Limits.of_share(0.01, per_minute=10, per_user=10, per_day=10) == Limits(1, 1, 1)


def test_keys_tell_nothing_and_stay_the_same() -> None:
    assert user_key("1234") == user_key("1234") != user_key("1235")
    assert "1234" not in user_key("1234")
    assert len(client_key("id.apps.googleusercontent.com")) == 16

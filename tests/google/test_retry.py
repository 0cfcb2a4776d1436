"""The retry policy: pure numbers."""

from __future__ import annotations

import pytest

from calsyncctl.errors import Later, MuchLater
from calsyncctl.google.retry import RetryPolicy


def half() -> float:
    return 0.5


@pytest.mark.parametrize(("tried", "wait"), [(1, 0.5), (2, 1.0), (3, 2.0), (7, 16.0), (9, 16.0)])
def test_waits_double_up_to_the_cap_and_jitter_takes_a_part(tried: int, wait: float) -> None:
    assert RetryPolicy(attempts=10).wait(tried, Later("busy"), half) == wait


def test_the_last_attempt_is_the_last() -> None:
    assert RetryPolicy(attempts=3).wait(3, Later("busy"), half) is None


def test_retry_after_is_a_floor_beneath_the_jitter() -> None:
    assert RetryPolicy().wait(1, Later("busy", retry_after=7), half) == 7.5


def test_a_wait_beyond_patience_is_left_to_a_later_pass() -> None:
    assert RetryPolicy().wait(1, Later("busy", retry_after=61), half) is None


def test_an_accounts_use_limit_is_never_waited_for() -> None:
    assert RetryPolicy().wait(1, MuchLater("limit"), half) is None

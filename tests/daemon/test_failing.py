"""A calendar is well again when what failed went well, or what does more: not when something else did."""

from __future__ import annotations

import pytest

from calsyncctl.daemon.failing import Failing
from calsyncctl.daemon.wishes import Kind
from calsyncctl.errors import Later

AWAY = Later("The network is away.")
SPENT = Later("The quota of this installation is spent for today.", of_ours=True)


@pytest.mark.parametrize(
    ("failed", "error", "well", "is_well"),
    [
        (Kind.PUSH, AWAY, Kind.PUSH, True),
        (Kind.SYNC, AWAY, Kind.PUSH, False),
        (Kind.SYNC, SPENT, Kind.PUSH, False),
        (Kind.PUSH, SPENT, Kind.SYNC, True),
        (Kind.SYNC, SPENT, Kind.SYNC, True),
        (Kind.SYNC, SPENT, Kind.RECONCILE, True),
        (Kind.RECONCILE, SPENT, Kind.SYNC, False),
        (Kind.RECONCILE, AWAY, Kind.SYNC, True),
        (Kind.RECONCILE, SPENT, Kind.RECONCILE, True),
    ],
)
def test_success_ends_trouble_of_its_kind_and_of_what_it_includes(
    failed: Kind, error: Later, well: Kind, is_well: bool
) -> None:
    failing = Failing()
    failing.note(7, failed, error, 100)
    assert failing.end(7, well) is is_well
    assert failing.since(7) == (None if is_well else 100)


def test_trouble_lasts_since_it_began() -> None:
    failing = Failing()
    failing.note(7, Kind.SYNC, AWAY, 100)
    failing.note(7, Kind.RECONCILE, SPENT, 200)
    assert failing.since(7) == 100


def test_a_push_that_fails_as_well_does_not_hide_that_polls_do() -> None:
    failing = Failing()
    failing.note(7, Kind.SYNC, SPENT, 100)
    failing.note(7, Kind.PUSH, AWAY, 200)
    assert not failing.end(7, Kind.PUSH)
    assert failing.end(7, Kind.SYNC)


def test_who_never_failed_is_well() -> None:
    assert Failing().end(7, Kind.PUSH)
    assert Failing().since(7) is None

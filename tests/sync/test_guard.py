"""Deletions from Google: a few are done, many in an hour wait for somebody, and nothing else waits with them."""

from __future__ import annotations

from collections.abc import Iterable

import pytest

from calsyncctl.errors import Later
from calsyncctl.model.history import Action
from calsyncctl.store import deletions, runs
from calsyncctl.sync.guard import Tally, why_held
from tests.support.memory import timed
from tests.sync.desk import WORK
from tests.sync.house import House, said


@pytest.mark.parametrize(
    ("standing", "gone", "held"),
    [
        (50, 10, False),
        (50, 11, True),
        (100, 10, False),
        (100, 11, True),
        (234, 23, False),
        (234, 24, True),
        (10_000, 1000, False),
        (10_000, 1001, True),
        (2, 2, False),
        (1, 1, False),
        (3, 3, True),
        (8, 7, False),
        (8, 8, True),
        (0, 0, False),
    ],
)
def test_more_than_ten_or_a_tenth_or_all_of_more_than_two_is_held(standing: int, gone: int, held: bool) -> None:
    assert (why_held(Tally(standing=standing, gone=gone)) is not None) is held


def fill(house: House, count: int, *, first: int = 0) -> list[str]:
    names = [f"item{number}" for number in range(first, first + count)]
    for name in names:
        house.google.put(WORK, timed(name, name))
    return names


def kill(house: House, names: Iterable[str]) -> None:
    for name in names:
        house.google.delete(WORK, name)


def alive(house: House) -> set[str]:
    return set(house.here())


def waiting(house: House) -> int:
    return len(deletions.waiting(house.store, house.home().id))


def test_a_few_deletions_are_done_at_once(house: House) -> None:
    names = fill(house, 40)
    house.sync_one()
    kill(house, names[:10])

    outcome = house.sync_one()

    assert (outcome.counts.deleted, outcome.held) == (10, ())
    assert alive(house) == set(names[10:])
    house.settle()


def test_many_deletions_wait_while_everything_else_flows(house: House) -> None:
    names = fill(house, 40)
    house.sync_one()
    kill(house, names[:11])
    house.google.put(WORK, timed("fresh", "Fresh"))
    house.google.put(WORK, timed(names[20], "Renamed"))
    made = house.add(said("Ours"))

    outcome = house.sync_one()

    assert (outcome.counts.new, outcome.counts.changed, outcome.counts.deleted) == (1, 1, 0)
    assert {one.kind for one in outcome.held} == {"deletions"}
    assert "11 of " in outcome.held[0].reason
    assert set(names) <= alive(house)
    assert house.there_is(made).summary == "Ours"
    house.settle()


@pytest.mark.parametrize("page_size", [1, 2, 50])
def test_deletions_over_many_pages_are_decided_together(house: House, page_size: int) -> None:
    names = fill(house, 40)
    house.sync_one()
    house.google.page_size = page_size
    kill(house, names[:12])

    house.sync_one()

    assert alive(house) == set(names)
    assert waiting(house) == 12
    house.settle()


def test_a_few_over_many_pages_are_done_after_the_last(house: House) -> None:
    names = fill(house, 40)
    house.sync_one()
    house.google.page_size = 2
    kill(house, names[:7])

    assert house.sync_one().counts.deleted == 7

    assert alive(house) == set(names[7:])
    house.settle()


def test_deletions_of_several_passes_within_an_hour_count_together(house: House) -> None:
    names = fill(house, 40)
    house.sync_one()
    kill(house, names[:6])
    house.sync_one()
    kill(house, names[6:12])

    house.sync_one()

    assert alive(house) == set(names[6:])
    assert waiting(house) == 6


def test_after_an_hour_the_count_begins_anew(house: House) -> None:
    names = fill(house, 40)
    house.sync_one()
    kill(house, names[:10])
    house.sync_one()
    house.clock.at += 3601
    kill(house, names[10:16])

    house.sync_one()

    assert alive(house) == set(names[16:])


def test_what_waits_keeps_waiting_after_an_hour_and_no_longer_stops_single_deletions(house: House) -> None:
    names = fill(house, 40)
    house.sync_one()
    kill(house, names[:12])
    house.sync_one()
    kill(house, names[12:13])
    house.sync_one()
    assert waiting(house) == 13
    house.clock.at += 3601
    kill(house, names[13:14])

    house.sync_one()

    assert waiting(house) == 13
    assert alive(house) == {*names[:13], *names[14:]}


def test_a_calendar_is_not_emptied_unseen(house: House) -> None:
    names = fill(house, 3)
    house.sync_one()
    kill(house, names)

    (held, *_) = house.sync_one().held

    assert held.reason == "all 3 events were deleted in Google"
    assert alive(house) == set(names)


def test_two_events_may_go(house: House) -> None:
    names = fill(house, 2)
    house.sync_one()
    kill(house, names)

    house.sync_one()

    assert alive(house) == set()


def test_a_series_counts_once_with_all_its_exceptions(house: House) -> None:
    fill(house, 20)
    house.google.put(WORK, timed("daily", recurrence=("RRULE:FREQ=DAILY;COUNT=40",)))
    for day in range(15, 30):
        original = f"202604{day}T090000Z"
        house.google.put(WORK, timed(f"daily_{original}", master="daily", original=original))
    house.sync_one()
    for day in range(15, 30):
        house.google.delete(WORK, f"daily_202604{day}T090000Z")

    outcome = house.sync_one()

    assert (outcome.held, outcome.counts.deleted) == ((), 15)


def test_a_persons_own_deletions_are_never_held(house: House) -> None:
    made = [house.add(said(f"Ours {number}")) for number in range(15)]
    house.sync_one()
    for event in made:
        house.delete(event)

    outcome = house.sync_one()

    assert (outcome.counts.removed, outcome.held) == (15, ())
    assert house.google.alive(WORK) == {}
    house.settle()


def test_an_event_deleted_here_while_its_deletion_waits_needs_nobody_any_more(house: House) -> None:
    names = fill(house, 20)
    house.sync_one()
    kill(house, names[:11])
    house.sync_one()

    house.delete(house.event(names[0]))
    house.sync_one()

    assert waiting(house) == 10
    house.settle()


def test_deletions_undone_in_google_need_nobody_any_more(house: House) -> None:
    names = fill(house, 20)
    house.sync_one()
    kill(house, names)
    house.sync_one()
    fill(house, 20)

    outcome = house.sync_one()

    assert (outcome.held, waiting(house)) == ((), 0)
    assert alive(house) == set(names)
    house.settle()


def test_an_edit_here_while_a_deletion_waits_is_kept(house: House) -> None:
    names = fill(house, 20)
    house.sync_one()
    kill(house, names[:11])
    house.sync_one()

    house.change(house.event(names[0]), summary="Edited")
    house.settle()

    assert house.text(house.event(names[0])).summary == "Edited"
    assert waiting(house) == 11


@pytest.mark.parametrize("pages", [1, 2, 4, 5])
def test_a_pass_that_ends_after_any_page_loses_no_deletion(house: House, pages: int) -> None:
    names = fill(house, 40)
    house.sync_one()
    house.google.page_size = 2
    kill(house, names[:12])
    asked = iter(range(100))

    def away(moment: str) -> None:
        if moment == "asked list_events" and next(asked) == pages:
            raise Later("The network is away.")

    house.google.at_boundary = away
    assert len(house.sync().errors) == 1
    house.google.at_boundary = lambda _moment: None
    house.sync_one()

    assert (waiting(house), alive(house)) == (12, set(names))


def test_a_dead_token_on_an_emptied_calendar_deletes_nothing_unseen(house: House) -> None:
    names = fill(house, 30)
    house.sync_one()
    kill(house, names)
    house.google.bury(WORK)
    house.google.expire_cursors()

    house.sync_one()
    house.sync_one()

    assert alive(house) == set(names)
    assert waiting(house) == 30
    house.settle()


def test_deletions_on_a_links_target_are_guarded_too(house: House) -> None:
    desk = house.native()
    house.link(desk, house.home())
    made = [house.add(said(f"Ours {number}"), desk) for number in range(15)]
    house.sync_one()
    for event in made[:12]:
        house.delete_there(event)

    outcome = house.sync_one()

    assert len(outcome.held) == 12
    assert all(house.fresh(event).deleted is None for event in made)
    house.settle()


def test_what_was_deleted_stays_in_the_history(house: House) -> None:
    names = fill(house, 5)
    house.sync_one()
    kill(house, names[:1])
    house.sync_one()

    row = runs.versions_of(house.store, house.event(names[0]).id)[-1]

    assert (row.action, row.author) == (Action.DELETED, "google")


def test_many_events_moved_in_google_stay_the_same_events_and_need_nobody(house: House) -> None:
    house.calendar("second")
    names = fill(house, 15)
    house.google.put(WORK, timed("daily", "Daily", recurrence=("RRULE:FREQ=DAILY;COUNT=5",)))
    original = "20260417T090000Z"
    exception = timed(f"daily_{original}", "Moved day", master="daily", original=original)
    house.google.put(WORK, exception)
    house.sync()
    before = {name: house.event(name).id for name in (*names, "daily", f"daily_{original}")}
    for item in house.google.alive(WORK).values():
        house.google.put("second", item)
    kill(house, [*names, "daily"])

    house.settle()

    assert waiting(house) == 0
    assert {name: house.event(name, "second").id for name in before} == before
    assert {house.event(name).calendar_id for name in before} == {house.home("second").id}
    assert house.rows("event") == len(before)
    assert house.written() == 0


def test_the_series_and_its_exceptions_wait_and_go_together(house: House) -> None:
    names = fill(house, 2)
    house.google.put(WORK, timed("daily", "Daily", recurrence=("RRULE:FREQ=DAILY;COUNT=5",)))
    original = "20260417T090000Z"
    house.google.put(WORK, timed(f"daily_{original}", "Moved day", master="daily", original=original))
    house.sync_one()
    for name in (*names, "daily"):
        house.google.delete(WORK, name, exceptions=True)

    house.sync_one()
    assert len(house.here()) == 4
    house.settle()


def cancel_one_of_each(house: House, count: int) -> list[str]:
    """Twenty weekly meetings, of so many of which Google cancels one occurrence that nobody had changed."""
    names = [f"weekly{number}" for number in range(20)]
    for name in names:
        house.google.put(WORK, timed(name, name, recurrence=("RRULE:FREQ=WEEKLY;COUNT=5",)))
    house.sync_one()
    gone = [f"{name}_20260422T090000Z" for name in names[:count]]
    for name in gone:
        master = name.partition("_")[0]
        house.google.put(WORK, timed(name, master=master, original="20260422T090000Z"))
        house.google.delete(WORK, name)
    return gone


@pytest.mark.parametrize("page_size", [2, 50])
def test_a_few_occurrences_cancelled_are_cancelled_at_once(house: House, page_size: int) -> None:
    house.google.page_size = page_size
    gone = cancel_one_of_each(house, 10)

    outcome = house.sync_one()

    assert (outcome.held, waiting(house)) == ((), 0)
    assert {house.event(name).status for name in gone} == {"cancelled"}
    house.settle()


@pytest.mark.parametrize("page_size", [2, 50])
def test_occurrences_of_many_series_cancelled_wait_like_any_deletion(house: House, page_size: int) -> None:
    house.google.page_size = page_size
    gone = cancel_one_of_each(house, 12)

    outcome = house.sync_one()

    assert len(outcome.held) == 12
    assert {house.event(name).status for name in gone} == {"confirmed"}
    assert {house.event(name).starts for name in gone} == {1776848400}
    house.settle()


def test_all_occurrences_of_one_series_cancelled_count_once(house: House) -> None:
    fill(house, 5)
    house.google.put(WORK, timed("daily", recurrence=("RRULE:FREQ=DAILY;COUNT=15",)))
    house.sync_one()
    for day in range(15, 30):
        name = f"daily_202604{day}T090000Z"
        house.google.put(WORK, timed(name, master="daily", original=name[6:]))
        house.google.delete(WORK, name)

    outcome = house.sync_one()

    assert outcome.held == ()
    house.settle()


def test_a_series_whose_exception_went_before_it_counts_once_in_the_hour(house: House) -> None:
    names = fill(house, 2)
    house.google.put(WORK, timed("daily", recurrence=("RRULE:FREQ=DAILY;COUNT=5",)))
    original = "20260417T090000Z"
    house.google.put(WORK, timed(f"daily_{original}", master="daily", original=original))
    house.sync_one()
    for name in (names[0], f"daily_{original}"):
        house.google.delete(WORK, name)
        house.sync_one()
    house.google.delete(WORK, "daily", exceptions=True)

    outcome = house.sync_one()

    assert (outcome.held, set(house.here())) == ((), {names[1]})

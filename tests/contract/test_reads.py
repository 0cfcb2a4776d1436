"""What every provider promises of reading: one suite on the Google in memory and on google/ with a local Google.

It is what makes the fake in `tests/support/memory.py` worth trusting: where the two could differ, a test stands here.
"""

from __future__ import annotations

import pytest

from calsyncctl.errors import CursorExpired, Gone, PageExpired
from calsyncctl.model.copy import RemoteEvent
from calsyncctl.model.event import When
from calsyncctl.sync.provider import EventsPage, Provider
from tests.support.worlds import ME, ZONE, World

pytestmark = pytest.mark.feature("A19")


def pages(provider: Provider, calendar: str, cursor: str | None = None) -> list[EventsPage]:
    """Read a listing to its end; bounded."""
    found = [provider.list_events(calendar, cursor=cursor, page=None)]
    while found[-1].next_page is not None:
        assert len(found) < 50, "the pages do not end"
        found.append(provider.list_events(calendar, cursor=cursor, page=found[-1].next_page))
    return found


def listed(world: World, cursor: str | None = None) -> tuple[dict[str, RemoteEvent], str]:
    """Return a whole listing by id, and the cursor after it."""
    found = pages(world.me, world.calendar, cursor)
    assert found[-1].cursor is not None
    return {event.google_id: event for page in found for event in page.items}, found[-1].cursor


def test_only_the_last_page_has_a_cursor(world: World) -> None:
    for number in range(7):
        world.add(f"Tea {number}")
    found = pages(world.me, world.calendar)

    assert len(found) >= 3
    assert [page.cursor is None for page in found] == [True] * (len(found) - 1) + [False]
    assert sum(len(page.items) for page in found) == 7


def test_an_event_comes_in_canonical_form(world: World) -> None:
    google_id = world.add("Tea")
    event = listed(world)[0][google_id]

    assert event.content is not None
    assert event.content.summary == "Tea"
    assert event.content.when == When("2026-04-15T09:00:00+02:00", "2026-04-15T10:00:00+02:00", ZONE)
    assert event.ical_uid == f"{google_id}@google.com"
    assert (bool(event.etag), len(event.updated), event.hidden) == (True, 24, False)


def test_an_all_day_event_is_dates(world: World) -> None:
    google_id = world.add_day("Away")
    event = listed(world)[0][google_id]

    assert event.content is not None
    assert event.content.when == When("2026-04-15", "2026-04-16")


def test_a_series_comes_unexpanded_with_its_rule(world: World) -> None:
    google_id = world.add("Daily", rule="RRULE:FREQ=DAILY;COUNT=5")
    events, _cursor = listed(world)

    assert list(events) == [google_id]
    content = events[google_id].content
    assert content is not None
    assert content.when.recurrence == ("RRULE:FREQ=DAILY;COUNT=5",)


def test_nothing_changed_is_an_empty_answer_with_a_cursor(world: World) -> None:
    world.add("Tea")
    _events, cursor = listed(world)

    assert listed(world, cursor)[0] == {}


def test_a_cursor_brings_what_changed_since_and_only_that(world: World) -> None:
    kept, changed = world.add("Tea"), world.add("Coffee")
    _events, cursor = listed(world)
    world.rename(changed, "Cocoa")
    new = world.add("Milk")
    events, _cursor = listed(world, cursor)

    assert kept not in events
    assert {name: event.content.summary for name, event in events.items() if event.content} == {
        changed: "Cocoa",
        new: "Milk",
    }


def test_a_change_moves_etag_and_updated_forward(world: World) -> None:
    google_id = world.add("Tea")
    before = listed(world)[0][google_id]
    world.rename(google_id, "Cocoa")
    after = listed(world)[0][google_id]

    assert after.etag != before.etag
    assert after.updated > before.updated


def test_changes_made_between_pages_are_not_lost(world: World) -> None:
    ids = [world.add(f"Tea {number}") for number in range(5)]
    first = world.me.list_events(world.calendar, cursor=None, page=None)
    world.rename(ids[0], "Cocoa")
    late = world.add("Late")
    cursor = first.cursor
    page = first.next_page
    for _ in range(10):
        if page is None:
            break
        answer = world.me.list_events(world.calendar, cursor=None, page=page)
        page, cursor = answer.next_page, answer.cursor

    assert cursor is not None
    assert {ids[0], late} <= set(listed(world, cursor)[0])


def test_a_deleted_event_leaves_a_tombstone_without_content(world: World) -> None:
    google_id = world.add("Tea")
    _events, cursor = listed(world)
    world.delete(google_id)
    event = listed(world, cursor)[0][google_id]

    assert event.content is None
    assert event.master is None


def test_a_cancelled_occurrence_names_its_series_and_its_original_start(world: World) -> None:
    series = world.add("Daily", rule="RRULE:FREQ=DAILY;COUNT=5")
    world.cancel_occurrence(series)
    cancelled = [event for event in listed(world)[0].values() if event.google_id != series]

    assert [(event.content, event.master, event.original) for event in cancelled] == [
        (None, series, "20260416T070000Z"),
    ]


def test_a_dead_cursor_says_so_and_a_full_listing_gives_a_new_one(world: World) -> None:
    google_id = world.add("Tea")
    _events, cursor = listed(world)
    world.expire_cursors()

    with pytest.raises(CursorExpired):
        world.me.list_events(world.calendar, cursor=cursor, page=None)
    events, fresh = listed(world)
    assert list(events) == [google_id]
    assert listed(world, fresh)[0] == {}


def test_a_cursor_that_is_nonsense_is_as_dead(world: World) -> None:
    with pytest.raises(CursorExpired):
        world.me.list_events(world.calendar, cursor="nonsense", page=None)


def test_a_dead_page_token_says_so(world: World) -> None:
    for number in range(5):
        world.add(f"Tea {number}")
    first = world.me.list_events(world.calendar, cursor=None, page=None)
    world.expire_pages()

    with pytest.raises(PageExpired):
        world.me.list_events(world.calendar, cursor=None, page=first.next_page)


def test_single_events_are_read_by_id_and_missing_ones_are_none(world: World) -> None:
    alive, dead = world.add("Tea"), world.add("Coffee")
    world.delete(dead)
    found = world.me.get_events(world.calendar, (alive, dead, "neverwas"))

    grave = found[dead]
    assert found[alive] == listed(world)[0][alive]
    assert grave is not None
    assert grave.content is None
    assert found["neverwas"] is None


def test_a_calendar_that_is_not_shared_is_gone_for_listing_and_for_getting(world: World) -> None:
    google_id = world.add("Tea")

    with pytest.raises(Gone):
        world.other.list_events(world.calendar, cursor=None, page=None)
    with pytest.raises(Gone):
        world.other.get_events(world.calendar, (google_id,))


@pytest.mark.parametrize("role", ["reader", "writer"])
def test_a_page_tells_the_role_and_zone_of_the_moment(world: World, role: str) -> None:
    world.share(role)
    page = world.other.list_events(world.calendar, cursor=None, page=None)

    assert (page.access, page.zone) == (role, ZONE)


def test_busy_times_come_without_details_and_say_so(world: World) -> None:
    world.add("Secret")
    world.share("freeBusyReader")
    page = world.other.list_events(world.calendar, cursor=None, page=None)

    assert page.access == "freeBusyReader"
    assert [(event.hidden, event.content.summary) for event in page.items if event.content] == [(True, "")]


def test_somebodys_private_event_comes_without_details_and_says_so(world: World) -> None:
    world.add_private("Doctor")
    world.share("reader")
    page = world.other.list_events(world.calendar, cursor=None, page=None)

    assert [
        (event.hidden, event.content.summary, event.content.body.location) for event in page.items if event.content
    ] == [(True, "", "")]
    assert [event.hidden for event in listed(world)[0].values()] == [False]


def test_the_calendar_list_tells_roles_zones_and_the_primary_one(world: World) -> None:
    found = {calendar.google_id: calendar for calendar in world.me.list_calendars(None).calendars}

    assert found[ME].is_primary
    assert (found[world.calendar].access, found[world.calendar].zone, found[world.calendar].is_primary) == (
        "owner",
        ZONE,
        False,
    )


def test_a_calendar_shared_meanwhile_comes_with_the_changes(world: World) -> None:
    first = world.other.list_calendars(None)
    world.share("reader")
    changes = world.other.list_calendars(first.cursor)

    assert (first.complete, changes.complete) == (True, False)
    assert [(calendar.google_id, calendar.access) for calendar in changes.calendars] == [(world.calendar, "reader")]


def test_a_calendar_taken_away_comes_as_deleted_or_is_missing_from_the_whole_list(world: World) -> None:
    world.share("reader")
    world.other.list_calendars(None)
    world.share(None)
    whole = world.other.list_calendars(None).calendars

    assert [calendar for calendar in whole if calendar.google_id == world.calendar and not calendar.deleted] == []

"""What every provider promises of single writes: one suite on the Google in memory and on google/ over HTTP."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace

from calsyncctl.errors import Gone, Invalid, Outdated, Refused, Taken
from calsyncctl.ids import google_id
from calsyncctl.model.copy import Tag
from calsyncctl.model.event import Attendee, Reminder, When
from calsyncctl.sync.provider import Answer, Delete, Patch
from tests.support.worlds import World
from tests.support.written import (
    DAILY,
    DAY,
    GUEST,
    HOUR,
    ID,
    THIRD,
    changed,
    content,
    insert,
    listed,
    made,
    patch,
    read,
    said,
    write,
)

pytestmark = pytest.mark.feature("A19")

# Inserts


def test_an_insert_answers_the_event_as_a_read_shows_it(world: World) -> None:
    event = made(world, content(location="Room 4", description="Bring <b>cups</b>"))

    assert event == read(world) == listed(world)[ID]
    assert (event.google_id, event.tag, event.ical_uid) == (ID, Tag("instance", "key", ID), f"{ID}@google.com")
    assert (said(event).summary, said(event).body.location, said(event).when) == ("Tea", "Room 4", HOUR)
    assert said(event).body.organizer_self


def test_an_insert_of_what_is_there_already_is_taken_and_changes_nothing(world: World) -> None:
    made(world)
    answer = write(world, insert(content("Coffee")))

    assert isinstance(answer.error, Taken)
    assert said(read(world)).summary == "Tea"


def test_an_id_stays_taken_when_its_event_is_deleted(world: World) -> None:
    event = made(world)
    write(world, Delete(google_id=ID, etag=event.etag))

    assert isinstance(write(world, insert()).error, Taken)


def test_an_id_stays_taken_when_even_the_tombstone_is_forgotten(world: World) -> None:
    event = made(world)
    write(world, Delete(google_id=ID, etag=event.etag))
    world.purge()

    assert isinstance(write(world, insert()).error, Taken)


def test_days_series_and_zones_arrive_as_they_are(world: World) -> None:
    lines = ("RRULE:FREQ=WEEKLY;BYDAY=WE", "EXDATE;TZID=America/New_York:20260422T090000")
    weekly = When("2026-04-15T09:00:00-04:00", "2026-04-15T10:30:00-04:00", "America/New_York", lines)
    names = [google_id("instance", "key", "calendar", number) for number in range(2)]

    assert said(made(world, content(when=DAY), name=names[0])).when == DAY
    assert said(made(world, content(when=weekly), name=names[1])).when == weekly


def test_a_rule_comes_back_in_googles_order_without_needless_parts(world: World) -> None:
    odd = replace(HOUR, recurrence=("RRULE:COUNT=5;INTERVAL=1;BYDAY=WE;FREQ=WEEKLY",))

    assert said(made(world, content(when=odd))).when.recurrence == ("RRULE:FREQ=WEEKLY;COUNT=5;BYDAY=WE",)


@pytest.mark.parametrize("lines", [("RRULE:COUNT=5",), ("Every Wednesday",), ("RRULE:FREQ=DAILY;EVERY=2",)])
def test_lines_that_are_no_recurrence_are_invalid(world: World, lines: tuple[str, ...]) -> None:
    assert isinstance(write(world, insert(content(when=replace(HOUR, recurrence=lines)))).error, Invalid)


def test_texts_and_addresses_come_back_as_google_keeps_them(world: World) -> None:
    event = said(made(world, content(" Tea ", attendees=(Attendee("Guest@Example.ORG"),)), guests=True))

    assert (event.summary, event.body.attendees[0].email) == ("Tea", "guest@example.org")


def test_guests_are_written_only_where_it_is_said(world: World) -> None:
    names = [google_id("instance", "key", "calendar", number) for number in range(2)]
    with_guests = content(attendees=(GUEST,))

    assert said(made(world, with_guests, name=names[0], guests=True)).body.attendees == (GUEST,)
    assert said(made(world, with_guests, name=names[1])).body.attendees == ()


def test_what_belongs_to_the_copy_is_written_only_where_it_is_said(world: World) -> None:
    names = [google_id("instance", "key", "calendar", number) for number in range(2)]
    own: dict[str, Any] = {"colour": "5", "visibility": "private", "reminders": (Reminder("popup", 10),)}
    plain = {"colour": "", "visibility": "default", "reminders": None}
    both = [
        said(made(world, content(**own), name=name, own=sent)).body
        for name, sent in zip(names, (True, False), strict=True)
    ]

    assert [{name: getattr(body, name) for name in own} for body in both] == [own, plain]


def test_no_reminders_are_something_else_than_the_calendars_own(world: World) -> None:
    assert said(made(world, content(reminders=()), own=True)).body.reminders == ()


@pytest.mark.parametrize(
    "when", [replace(HOUR, end=HOUR.start), replace(HOUR, zone="Nowhere/At_All"), replace(DAY, end=DAY.start)]
)
def test_times_that_cannot_be_are_invalid(world: World, when: When) -> None:
    assert isinstance(write(world, insert(content(when=when))).error, Invalid)
    assert read(world) is None


def test_an_id_of_the_wrong_form_is_invalid(world: World) -> None:
    assert isinstance(write(world, insert(name="Not-An-Id")).error, Invalid)


def test_a_meet_asked_for_comes_and_stays(world: World) -> None:
    made(world, meet=ID)
    for _ in range(3):  # it may be pending for a while
        event = read(world)
    link = said(event).body.meet
    assert event is not None
    again = changed(world, patch(event, content("Coffee"), "summary", meet=ID))

    assert link.startswith("https://meet.google.com/")
    assert said(again).body.meet == link


def test_a_meet_is_not_asked_for_by_itself(world: World) -> None:
    assert said(made(world)).body.meet == ""


def test_a_refused_meet_leaves_the_event_to_be_made_without_it(world: World) -> None:
    world.refuse_meet()

    assert type(write(world, insert(meet=ID)).error) is Refused
    assert read(world) is None
    assert said(made(world)).body.meet == ""


# Patches


def test_a_patch_changes_the_named_fields_alone(world: World) -> None:
    before = made(world, content(location="Room 4", attendees=(GUEST,)), guests=True)
    after = changed(world, patch(before, content("Coffee", location="Room 5"), "summary"))

    assert (said(after).summary, said(after).body.location) == ("Coffee", "Room 4")
    assert said(after).body.attendees == (GUEST,)
    assert after == read(world)
    assert after.etag != before.etag
    assert after.tag == before.tag


def test_fields_can_be_emptied(world: World) -> None:
    full = content(location="Room 4", description="Cups", attendees=(GUEST,), colour="5", transparency="transparent")
    before = made(world, full, own=True, guests=True)
    fields = ("summary", "location", "description", "attendees", "colour", "transparency")
    after = said(changed(world, patch(before, content(""), *fields, guests=True)))

    assert (after.summary, after.body.location, after.body.description, after.body.attendees) == ("", "", "", ())
    assert (after.body.colour, after.body.transparency) == ("", "opaque")


@pytest.mark.parametrize("before", [(), (Reminder("popup", 10),), None])
@pytest.mark.parametrize("after", [(), (Reminder("email", 30), Reminder("popup", 5)), None])
def test_reminders_change_from_any_form_to_any(
    world: World, before: tuple[Reminder, ...] | None, after: tuple[Reminder, ...] | None
) -> None:
    event = made(world, content(reminders=before), own=True)

    assert said(changed(world, patch(event, content(reminders=after), "reminders"))).body.reminders == after


TIMES = [HOUR, DAILY, DAY, replace(DAY, recurrence=("RRULE:FREQ=WEEKLY;BYDAY=WE",))]


@pytest.mark.parametrize("before", TIMES)
@pytest.mark.parametrize(
    "after", [*TIMES, When("2026-05-01T08:00:00-07:00", "2026-05-01T09:00:00-07:00", "US/Pacific")]
)
def test_when_changes_from_any_form_to_any(world: World, before: When, after: When) -> None:
    event = made(world, content(when=before))

    assert said(changed(world, patch(event, content(when=after), "when"))).when == after


def test_when_is_set_without_knowing_what_was(world: World) -> None:
    event = made(world)
    blind = replace(patch(event, content(when=DAY), "when"), before=None)

    assert said(changed(world, blind)).when == DAY


def test_a_patch_of_what_changed_meanwhile_is_outdated_and_changes_nothing(world: World) -> None:
    before = made(world)
    changed(world, patch(before, content("Cocoa"), "summary"))
    answer = write(world, patch(before, content("Coffee"), "summary"))

    assert isinstance(answer.error, Outdated)
    assert said(read(world)).summary == "Cocoa"


def test_a_patch_without_etag_takes_it_as_it_is(world: World) -> None:
    before = made(world)
    changed(world, patch(before, content("Cocoa"), "summary"))
    blind = replace(patch(before, content(location="Room 5"), "location"), etag=None)

    assert (said(changed(world, blind)).summary, said(read(world)).body.location) == ("Cocoa", "Room 5")


def test_a_guest_list_that_is_cut_is_never_written(world: World) -> None:
    before = made(world, content(attendees=(GUEST,)), guests=True)
    cut = content("Coffee", attendees=(), attendees_omitted=True)
    after = changed(world, patch(before, cut, "summary", "attendees", guests=True))

    assert said(after).body.attendees == (GUEST,)


def test_a_patch_of_what_never_was_is_gone(world: World) -> None:
    nothing = Patch(google_id=ID, etag=None, before=None, after=content(), fields=frozenset({"summary"}))

    assert isinstance(write(world, nothing).error, Gone)


def test_a_tag_can_be_given_later(world: World) -> None:
    name = world.add("Tea")
    event = read(world, name)
    assert event is not None
    tag = Tag("instance", "key", name, "home@example.com")

    assert changed(world, patch(event, content(), tag=tag)).tag == tag


# Deletions and coming back


def test_a_deletion_leaves_a_tombstone(world: World) -> None:
    event = made(world)

    assert write(world, Delete(google_id=ID, etag=event.etag)) == Answer()
    grave = read(world)
    assert grave is not None
    assert grave.content is None


def test_deleting_what_is_gone_is_done(world: World) -> None:
    event = made(world)
    write(world, Delete(google_id=ID, etag=event.etag))

    assert write(world, Delete(google_id=ID, etag=None)) == Answer()
    assert write(world, Delete(google_id=google_id("i", "never", "c", 0), etag=None)) == Answer()


def test_a_deletion_of_what_changed_meanwhile_is_outdated(world: World) -> None:
    before = made(world)
    changed(world, patch(before, content("Cocoa"), "summary"))

    assert isinstance(write(world, Delete(google_id=ID, etag=before.etag)).error, Outdated)
    assert said(read(world)).summary == "Cocoa"


def test_a_deleted_event_comes_back_under_its_id_with_the_changes(world: World) -> None:
    event = made(world, content(location="Room 4"))
    write(world, Delete(google_id=ID, etag=event.etag))
    back = replace(patch(event, content("Coffee"), "summary"), etag=None, revive=True)

    assert (said(changed(world, back)).summary, said(read(world)).body.location) == ("Coffee", "Room 4")


def test_a_deleted_event_comes_back_on_condition_of_its_grave(world: World) -> None:
    event = made(world)
    write(world, Delete(google_id=ID, etag=event.etag))
    grave = read(world)
    assert grave is not None
    back = replace(patch(event, content("Coffee"), "summary"), before=None, revive=True, alone=True)

    assert isinstance(write(world, back).error, Outdated)
    assert changed(world, replace(back, etag=grave.etag)) == read(world)
    assert said(read(world)).summary == "Coffee"


def test_an_untouched_occurrence_is_read_and_changed_on_condition(world: World) -> None:
    made(world, content(when=DAILY))
    item = read(world, THIRD)
    assert item is not None
    first = patch(item, replace(said(item), summary="Coffee"), "summary")

    changed(world, first)

    assert (item.master, said(item).summary, said(read(world, THIRD)).summary) == (ID, "Tea", "Coffee")
    assert isinstance(write(world, first).error, Outdated)


def test_a_patch_alone_does_not_bring_a_deleted_event_back(world: World) -> None:
    event = made(world)
    write(world, Delete(google_id=ID, etag=event.etag))
    answer = write(world, replace(patch(event, content("Coffee"), "summary"), etag=None))

    assert answer.error is not None or (answer.event is not None and answer.event.content is None)
    grave = read(world)
    assert grave is None or grave.content is None


@pytest.mark.parametrize("alone", [True, False])
def test_what_comes_back_alone_is_a_series_no_more_if_it_shall_be_none(world: World, alone: bool) -> None:
    event = made(world, content(when=DAILY))
    write(world, Delete(google_id=ID, etag=event.etag))
    blind = replace(patch(event, content(), "when"), etag=None, before=None, revive=True, alone=alone)

    assert said(changed(world, blind)).when == (HOUR if alone else DAILY)


def test_a_status_brings_a_deleted_event_back_unless_the_etag_forbids(world: World) -> None:
    event = made(world)
    write(world, Delete(google_id=ID, etag=event.etag))
    status = patch(event, content(), "status")

    assert isinstance(write(world, status).error, Outdated)
    assert said(changed(world, replace(status, etag=None))).summary == "Tea"


def test_coming_back_may_be_refused(world: World) -> None:
    event = made(world)
    write(world, Delete(google_id=ID, etag=event.etag))
    world.forbid_undelete()
    back = replace(patch(event, content()), etag=None, revive=True)

    assert isinstance(write(world, back).error, Refused)


def test_what_google_has_forgotten_does_not_come_back(world: World) -> None:
    event = made(world)
    write(world, Delete(google_id=ID, etag=event.etag))
    world.purge()
    back = replace(patch(event, content()), etag=None, revive=True)

    assert isinstance(write(world, back).error, Gone)

"""What is written reads back the same: any content, from any content to any other, and whatever a calendar holds."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import count
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from calsyncctl.ids import google_id
from calsyncctl.model.copy import RemoteEvent, Tag
from calsyncctl.model.event import Attendee, Body, Content, Reminder, When
from calsyncctl.sync.provider import Insert, Patch, Write
from tests.support.sandbox import Sandbox
from tests.support.worlds import ME, OverHttp, World

pytestmark = pytest.mark.feature("A19")

NUMBERS = count()

ZONES = ["Europe/Berlin", "America/New_York", "UTC", "Asia/Kolkata", "Australia/Lord_Howe", "Pacific/Apia"]
TIMED_LINES: list[tuple[str, ...]] = [
    (),
    ("RRULE:FREQ=DAILY;COUNT=5",),
    ("RRULE:FREQ=WEEKLY;UNTIL=20301231T225959Z;INTERVAL=2;BYDAY=MO,WE",),
    ("RRULE:FREQ=MONTHLY;BYSETPOS=-1;BYDAY=FR", "EXDATE:20270129T080000Z", "RDATE:20270130T080000Z"),
]
DAY_LINES: list[tuple[str, ...]] = [
    (),
    ("RRULE:FREQ=YEARLY",),
    ("RRULE:FREQ=WEEKLY;UNTIL=20301231;BYDAY=TU", "EXDATE;VALUE=DATE:20270105,20270112"),
]


def texts(most: int = 40) -> st.SearchStrategy[str]:
    """Any text but what Google trims."""
    return st.text(max_size=most).map(str.strip)


@st.composite
def timed(draw: st.DrawFn) -> When:
    zone = draw(st.sampled_from(ZONES))
    seconds = draw(st.integers(1_750_000_000, 1_900_000_000))
    begins = datetime.fromtimestamp(seconds, UTC)
    ends = begins + timedelta(seconds=draw(st.integers(1, 400_000)))
    start, end = (one.astimezone(ZoneInfo(zone)).isoformat().replace("+00:00", "Z") for one in (begins, ends))
    return When(start, end, zone, canonical(draw(st.sampled_from(TIMED_LINES))))


@st.composite
def days(draw: st.DrawFn) -> When:
    first = draw(st.dates(datetime(2026, 1, 1, tzinfo=UTC).date(), datetime(2030, 1, 1, tzinfo=UTC).date()))
    end = first + timedelta(days=draw(st.integers(1, 400)))
    return When(first.isoformat(), end.isoformat(), None, canonical(draw(st.sampled_from(DAY_LINES))))


def canonical(lines: tuple[str, ...]) -> tuple[str, ...]:
    rules = [line for line in lines if line.startswith("RRULE")]
    return (*rules, *sorted(line for line in lines if not line.startswith("RRULE")))


@st.composite
def guests(draw: st.DrawFn) -> tuple[Attendee, ...]:
    names = sorted(draw(st.sets(st.sampled_from("abcdefgh"), max_size=4)))
    replies = st.sampled_from(["needsAction", "declined", "tentative", "accepted"])
    return tuple(
        Attendee(
            f"{name}@example.org",
            draw(st.text(max_size=10)),
            draw(replies),
            draw(st.booleans()),
            resource=draw(st.booleans()),
            comment=draw(st.text(max_size=10)),
            extra_guests=draw(st.integers(0, 3)),
        )
        for name in names
    )


reminders = st.none() | st.lists(
    st.builds(Reminder, st.sampled_from(["email", "popup"]), st.integers(0, 40320)), max_size=5
).map(lambda found: tuple(sorted(found, key=lambda one: (one.method, one.minutes))))

bodies = st.builds(
    Body,
    description=texts(200),
    location=texts(),
    attendees=guests(),
    organizer_self=st.just(True),
    transparency=st.sampled_from(["opaque", "transparent"]),
    visibility=st.sampled_from(["default", "public", "private", "confidential"]),
    guests_can_invite=st.booleans(),
    guests_can_modify=st.booleans(),
    guests_can_see=st.booleans(),
    colour=st.sampled_from(["", "1", "11"]),
    reminders=reminders,
)
contents = st.builds(Content, texts(), st.sampled_from(["confirmed", "tentative"]), timed() | days(), bodies)

each = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def new_id() -> str:
    return google_id("instance", str(next(NUMBERS)), "calendar", 0)


def insert(content: Content, name: str) -> Insert:
    return Insert(google_id=name, content=content, tag=Tag("instance", "key", name), own=True, guests=True)


def write(world: World, one: Write) -> RemoteEvent:
    (answer,) = world.me.write_events(world.calendar, (one,))
    assert answer.error is None, answer.error.what
    assert answer.event is not None
    return answer.event


def of_calendar(content: Content, world: World) -> Content:
    """Return a content as made by a calendar."""
    return replace(content, body=replace(content.body, organizer=world.calendar))


def differing(one: Content, other: Content) -> frozenset[str]:
    plain = {name for name in ("summary", "status", "when") if getattr(one, name) != getattr(other, name)}
    body = {name for name in Body.__struct_fields__ if getattr(one.body, name) != getattr(other.body, name)}
    return frozenset(plain | body)


@each
@given(content=contents)
def test_what_is_inserted_reads_back_the_same(world: World, content: Content) -> None:
    event = write(world, insert(content, new_id()))

    assert event.content == of_calendar(content, world)
    assert world.me.get_events(world.calendar, (event.google_id,))[event.google_id] == event


@each
@given(before=contents, after=contents)
def test_a_patch_leads_from_any_content_to_any_other(world: World, before: Content, after: Content) -> None:
    before, after = of_calendar(before, world), of_calendar(after, world)
    event = write(world, insert(before, new_id()))
    fields = differing(before, after)
    patch = Patch(google_id=event.google_id, etag=event.etag, before=before, after=after, fields=fields, guests=True)

    assert write(world, patch).content == after


@each
@given(before=contents, after=contents, fields=st.sets(st.sampled_from(sorted(Body.__struct_fields__))))
def test_a_patch_changes_no_field_that_it_does_not_name(
    world: World, before: Content, after: Content, fields: set[str]
) -> None:
    before, after = of_calendar(before, world), of_calendar(after, world)
    event = write(world, insert(before, new_id()))
    named = frozenset(fields)
    patch = Patch(google_id=event.google_id, etag=event.etag, before=before, after=after, fields=named, guests=True)
    content = write(world, patch).content

    assert content is not None
    assert differing(before, content) <= named
    assert differing(after, content) <= differing(before, after) - named


FLIGHT = {
    "summary": "Flight",
    "start": {"dateTime": "2026-04-15T09:00:00+02:00", "timeZone": "Europe/Berlin"},
    "end": {"dateTime": "2026-04-15T12:00:00-04:00", "timeZone": "America/New_York"},
    "source": {"title": "Ticket", "url": "https://example.com/ticket"},
    "extendedProperties": {"private": {"other": "1"}, "shared": {"both": "2"}},
}


def bare(content: Content, organizer: str) -> Content:
    """Return a content without what depends on the calendar that it is in."""
    people = tuple(replace(guest, self=False, organizer=False) for guest in content.body.attendees)
    return replace(content, body=replace(content.body, attendees=people, organizer=organizer))


def test_whatever_a_calendar_holds_can_be_made_again_elsewhere() -> None:
    with Sandbox(events=100) as sandbox:
        sandbox.insert(ME, FLIGHT)
        world = OverHttp(sandbox)
        held = everything(world)
        copied = [write(world, replace(insert(content, new_id()), extra=extra)) for content, extra in held]
        world.close()

    assert len(held) > 80
    for (content, extra), event in zip(held, copied, strict=True):
        assert event.content is not None
        assert (bare(event.content, ""), event.extra) == (bare(content, ""), extra)


def everything(world: World) -> list[tuple[Content, str]]:
    """Return what the primary calendar holds but for exceptions, at most 100 pages of it."""
    found: list[tuple[Content, str]] = []
    page: str | None = None
    for _ in range(100):
        answer = world.me.list_events(ME, cursor=None, page=page)
        found += [(one.content, one.extra) for one in answer.items if one.content is not None and one.master is None]
        page = answer.next_page
        if page is None:
            return found
    raise AssertionError("the pages do not end")


def test_an_end_in_another_zone_survives_a_later_start() -> None:
    with Sandbox(events=1) as sandbox:
        world = OverHttp(sandbox)
        name = str(sandbox.insert(world.calendar, FLIGHT)["id"])
        event = world.me.get_events(world.calendar, (name,))[name]
        assert event is not None
        assert event.content is not None
        later = replace(event.content, when=replace(event.content.when, start="2026-04-15T10:00:00+02:00"))
        patch = Patch(google_id=name, etag=event.etag, before=event.content, after=later, fields=frozenset({"when"}))
        after = write(world, patch)
        world.close()

    assert after.content == later
    assert after.extra == event.extra

"""What every provider promises the engine: one suite on the Google in memory and on google/ with a local Google.

It is what makes the fake in `tests/support/memory.py` worth trusting: where the two could differ, a test stands here.
"""

from __future__ import annotations

import base64
import hashlib
import http.client
import json
from collections.abc import Iterator
from typing import Protocol
from urllib.parse import parse_qs, urlencode, urlsplit
from urllib.request import urlopen

import pytest

from calsyncctl.errors import CursorExpired, Gone, PageExpired
from calsyncctl.google.provider import google_provider
from calsyncctl.google.transport import make_pool
from calsyncctl.model.copy import RemoteEvent
from calsyncctl.model.event import Body, When
from calsyncctl.sync.provider import EventsPage, Provider
from tests.support.clocks import StillClock
from tests.support.memory import MemoryGoogle, all_day, timed
from tests.support.sandbox import Sandbox

ME = "work@example.com"
OTHER = "support@example.com"
ZONE = "Europe/Berlin"
SCOPES = ("openid", "userinfo.email", "calendar.calendarlist.readonly", "calendar.events")


class World(Protocol):
    """A Google with two accounts and an empty calendar `calendar`, owned by the first; what its users do."""

    calendar: str
    me: Provider
    other: Provider

    def add(self, name: str, *, rule: str = "") -> str:
        """Make an hour on 15 April 2026 at 09:00 in Berlin, or a series of such; return its id."""
        ...

    def add_day(self, name: str) -> str:
        """Make an all-day event on 15 April 2026."""
        ...

    def add_private(self, name: str) -> str:
        """Make an hour whose details are for its owner alone."""
        ...

    def rename(self, google_id: str, name: str) -> None: ...

    def delete(self, google_id: str) -> None: ...

    def cancel_occurrence(self, series: str) -> None:
        """Cancel the occurrence of 16 April 2026, 09:00 in Berlin."""
        ...

    def share(self, role: str | None) -> None:
        """Give the other account a role on the calendar."""
        ...

    def expire_cursors(self) -> None: ...

    def expire_pages(self) -> None: ...


class InMemory:
    """The world of the fake."""

    calendar = "team@group.calendar.google.com"

    def __init__(self) -> None:
        self.google = MemoryGoogle(page_size=3)
        self.google.add_calendar(ME, owner=ME, zone=ZONE, primary=True)
        self.google.add_calendar(self.calendar, owner=ME, zone=ZONE)
        self.me: Provider = self.google.provider(ME)
        self.other: Provider = self.google.provider(OTHER)
        self._names = 0

    def add(self, name: str, *, rule: str = "") -> str:
        self._names += 1
        rules = (rule,) if rule else ()
        start, end = "2026-04-15T09:00:00+02:00", "2026-04-15T10:00:00+02:00"
        return self._put(timed(f"e{self._names}", name, start, end, zone=ZONE, recurrence=rules))

    def add_day(self, name: str) -> str:
        self._names += 1
        return self._put(all_day(f"e{self._names}", name))

    def add_private(self, name: str) -> str:
        self._names += 1
        return self._put(timed(f"e{self._names}", name, body=Body(visibility="private", location="Room 4")))

    def rename(self, google_id: str, name: str) -> None:
        self._put(timed(google_id, name, "2026-04-15T09:00:00+02:00", "2026-04-15T10:00:00+02:00", zone=ZONE))

    def delete(self, google_id: str) -> None:
        self.google.delete(self.calendar, google_id)

    def cancel_occurrence(self, series: str) -> None:
        original = "20260416T070000Z"
        self._put(
            RemoteEvent(
                google_id=f"{series}_{original}", etag="", updated="", content=None, master=series, original=original
            )
        )

    def share(self, role: str | None) -> None:
        self.google.share(self.calendar, OTHER, role)

    def expire_cursors(self) -> None:
        self.google.expire_cursors()

    def expire_pages(self) -> None:
        self.google.expire_pages()

    def _put(self, event: RemoteEvent) -> str:
        self.google.put(self.calendar, event)
        return event.google_id


class OneToken:
    """The access token of an account, for as long as a test runs."""

    def __init__(self, token: str) -> None:
        self._token = token

    def token(self) -> str:
        return self._token

    def refresh(self) -> str:
        return self._token


class OverHttp:
    """The world of a local Google: edits by its admin endpoint, reads through google/ over HTTP."""

    def __init__(self, sandbox: Sandbox) -> None:
        self.sandbox = sandbox
        self.pool = make_pool({})
        self.calendar = sandbox.add_calendar(ME, "Contract", timeZone=ZONE)
        self.me: Provider = self._provider(ME)
        self.other: Provider = self._provider(OTHER)

    def add(self, name: str, *, rule: str = "") -> str:
        start = {"dateTime": "2026-04-15T09:00:00+02:00", "timeZone": ZONE}
        end = {"dateTime": "2026-04-15T10:00:00+02:00", "timeZone": ZONE}
        rules = {"recurrence": [rule]} if rule else {}
        return str(self.sandbox.insert(self.calendar, {"summary": name, "start": start, "end": end} | rules)["id"])

    def add_day(self, name: str) -> str:
        days = {"start": {"date": "2026-04-15"}, "end": {"date": "2026-04-16"}}
        return str(self.sandbox.insert(self.calendar, {"summary": name} | days)["id"])

    def add_private(self, name: str) -> str:
        hour = {"start": {"dateTime": "2026-04-15T09:00:00Z"}, "end": {"dateTime": "2026-04-15T10:00:00Z"}}
        private = {"summary": name, "location": "Room 4", "visibility": "private"}
        return str(self.sandbox.insert(self.calendar, private | hour)["id"])

    def rename(self, google_id: str, name: str) -> None:
        self.sandbox.patch(self.calendar, google_id, {"summary": name})

    def delete(self, google_id: str) -> None:
        self.sandbox.delete(self.calendar, google_id)

    def cancel_occurrence(self, series: str) -> None:
        self.sandbox.delete(self.calendar, f"{series}_20260416T070000Z")

    def share(self, role: str | None) -> None:
        self.sandbox.share(self.calendar, OTHER, role)

    def expire_cursors(self) -> None:
        self.sandbox.expire_sync_tokens(self.calendar)

    def expire_pages(self) -> None:
        self.sandbox.expire_sync_tokens(self.calendar, pages=True)

    def _provider(self, email: str) -> Provider:
        tokens = OneToken(access_token(self.sandbox, email))
        return google_provider(
            api_root=self.sandbox.root, tokens=tokens, email=email, clock=StillClock(), page_size=3, pool=self.pool
        )


def access_token(sandbox: Sandbox, email: str) -> str:
    """Sign in as the sandbox's users do, without a browser: consent, code, token."""
    client = sandbox.info["client"]["installed"]
    verifier = "v" * 43
    challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).decode().rstrip("=")
    asked = {
        "client_id": client["client_id"],
        "redirect_uri": "http://127.0.0.1:9/",
        "response_type": "code",
        "scope": " ".join(one if one == "openid" else f"https://www.googleapis.com/auth/{one}" for one in SCOPES),
        "state": "s",
        "login_hint": email,
        "code_challenge": challenge,
        "code_challenge_method": "S256",
        "sandbox_auto": "allow",
    }
    address = urlsplit(client["auth_uri"])
    connection = http.client.HTTPConnection(address.netloc, timeout=30)
    connection.request("GET", f"{address.path}?{urlencode(asked)}")
    redirect = connection.getresponse().headers["Location"]
    connection.close()
    form = {
        "code": parse_qs(urlsplit(redirect).query)["code"][0],
        "client_id": client["client_id"],
        "client_secret": client["client_secret"],
        "code_verifier": verifier,
        "redirect_uri": asked["redirect_uri"],
        "grant_type": "authorization_code",
    }
    with urlopen(client["token_uri"], urlencode(form).encode(), timeout=30) as answer:
        return str(json.load(answer)["access_token"])


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(events=5) as running:
        yield running


@pytest.fixture(params=["memory", "google"])
def world(request: pytest.FixtureRequest) -> Iterator[World]:
    if request.param == "memory":
        yield InMemory()
        return
    over_http = OverHttp(request.getfixturevalue("sandbox"))
    yield over_http
    over_http.pool.clear()


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

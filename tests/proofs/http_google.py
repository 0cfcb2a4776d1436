"""The local Google over HTTP in the place of the Google in memory: what the model's machine does to it, and asks of it.

Programs see it through `google/`, as in life; people act by the sandbox's admin endpoint, as in Google's web pages.
Calendars go by the names that the model uses.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any, TypeVar, cast
from urllib.parse import quote, urlencode
from urllib.request import Request, urlopen

from calsyncctl.connections import linking
from calsyncctl.errors import CalsyncError, Invalid, Later
from calsyncctl.google.provider import google_provider
from calsyncctl.google.transport import make_pool
from calsyncctl.model.calendar import Mode, RemoteCalendar
from calsyncctl.model.copy import TAG_GOOGLE_ID, TAG_HOME, TAG_INSTANCE, TAG_KEY, RemoteEvent, Tag
from calsyncctl.model.event import Content, When
from calsyncctl.model.fields import value_of
from calsyncctl.model.link import WhenDeleted
from calsyncctl.store import calendars
from calsyncctl.store.db import open_store
from calsyncctl.sync.engine import Engine
from calsyncctl.sync.provider import Delete, Patch, Provider
from tests.proofs.mortal import Fate, MortalHouse, Outside
from tests.support.clocks import StillClock
from tests.support.memory import timed
from tests.support.sandbox import SUPPORT, WORK, AdminError, Json, Sandbox
from tests.support.worlds import OneToken, access_token
from tests.sync.house import INSTANCE

_PATHS = {"list_events": "events.list", "get_events": "events.get", "write_events": "events.patch"}
_WRITES = {"events.insert", "events.patch", "events.delete"}
T = TypeVar("T")


class _Faults:
    """What goes wrong, as far as the model clears it."""

    def __init__(self, clear: Callable[[], None]) -> None:
        self.faults = self
        self.clear = clear


class HttpGoogle:
    """The service, freshly reset, with the model's calendars."""

    def __init__(self, sandbox: Sandbox, names: Mapping[str, str]) -> None:
        """`names`: calendar → the account that owns it."""
        sandbox.reset()
        self.sandbox = sandbox
        self.at_boundary: Callable[[str], None] = lambda _moment: None
        self.habits = self._failures = _Faults(sandbox.clear_faults)
        self.mails: list[Any] = []
        """Not counted here: the sandbox tells them by person, not by write."""
        self.owners = dict(names)
        ids = {name: sandbox.add_calendar(email, name, timeZone="UTC") for name, email in names.items()}
        for google_id in ids.values():
            for email in (WORK, SUPPORT):
                sandbox.share(google_id, email, "writer")
        self._calendars = ids | {google_id: google_id for google_id in ids.values()}
        self._tokens = {email: OneToken(access_token(sandbox, email)) for email in (WORK, SUPPORT)}
        self._pool = make_pool({})
        self._providers = {email: self._provider(email) for email in self._tokens}

    def close(self) -> None:
        self._pool.clear()

    @property
    def writes(self) -> list[str]:
        """Every write that arrived."""
        return [one["name"] for one in self.sandbox.log() if one["name"] in _WRITES]

    def provider(self, email: str) -> Provider:
        return cast(Provider, MortalProvider(self._providers[email], self))

    def alive(self, calendar: str) -> dict[str, RemoteEvent]:
        return {item.google_id: item for item in self._listed(calendar) if item.content is not None}

    def _listed(self, calendar: str) -> list[RemoteEvent]:
        provider, found, page = self._seen_by(calendar), list[RemoteEvent](), None
        for _ in range(100):
            answer = _seen(partial(provider.list_events, self._calendars[calendar], cursor=None, page=page))
            found += answer.items
            page = answer.next_page
            if page is None:
                return found
        raise AssertionError("the pages do not end")

    def graves(self, calendar: str) -> dict[str, Tag | None]:
        listed = self._listed(calendar)
        return {item.google_id: item.tag for item in listed if item.content is None and not item.master}

    def find(self, calendar: str, google_id: str) -> RemoteEvent | None:
        return _seen(partial(self._seen_by(calendar).get_events, self._calendars[calendar], (google_id,)))[google_id]

    # What people do there

    def put(self, calendar: str, item: RemoteEvent) -> None:
        """Make an event."""
        assert item.content is not None
        body: Json = {"id": item.google_id} | _body(item.content)
        if item.tag is not None:
            tag = item.tag
            named = {TAG_INSTANCE: tag.instance, TAG_KEY: tag.key, TAG_GOOGLE_ID: tag.google_id, TAG_HOME: tag.home}
            body["extendedProperties"] = {"private": {"managed_by": "calsyncctl"} | named}
        self.sandbox.insert(self._calendars[calendar], body)

    def apply(self, calendar: str, write: Patch | Delete) -> None:
        """Do what a person does in the web pages.

        Raises:
            CalsyncError: the web pages would refuse it.
        """
        try:
            if isinstance(write, Delete):
                self.sandbox.delete(self._calendars[calendar], write.google_id)
            else:
                body = {name: one for field in write.fields for name, one in _field(write.after, field).items()}
                self.sandbox.patch(self._calendars[calendar], write.google_id, body)
        except AdminError as error:
            raise Invalid(str(error.status), error.body) from error

    def revive(self, calendar: str, google_id: str) -> None:
        """Take an event out of the trash; of what is not there to be had, nothing."""
        with suppress(AdminError):
            self.sandbox.patch(self._calendars[calendar], google_id, {"status": "confirmed"})

    def move(self, calendar: str, google_id: str, to: str) -> None:
        """Move an event to another calendar (events.move)."""
        where = f"{quote(self._calendars[calendar], safe='')}/events/{quote(google_id, safe='')}/move"
        query = urlencode({"destination": self._calendars[to]})
        request = Request(f"{self.sandbox.root}/calendar/v3/calendars/{where}?{query}", b"", method="POST")
        request.add_header("Authorization", f"Bearer {self._tokens[self.owners[calendar]].token()}")
        with urlopen(request, timeout=30) as answer:
            answer.read()

    def fail_next(self, error: CalsyncError, *, method: str, times: int = 1) -> None:
        self.sandbox.fault(path=_PATHS.get(method, "calendars.get"), status=503, count=times)

    def lose_answer(self, *, applied: bool, skip: int = 0) -> None:
        kind = ("events.insert", "events.patch", "events.delete")[skip]
        self.sandbox.fault(path=kind, status=503, apply=applied, count=1)

    def expire_cursors(self) -> None:
        self.sandbox.expire_sync_tokens()

    def expire_pages(self) -> None:
        self.sandbox.expire_sync_tokens(pages=True)

    def _seen_by(self, calendar: str) -> Provider:
        names = {self._calendars[name]: email for name, email in self.owners.items()}
        return self._providers[names[self._calendars[calendar]]]

    def _provider(self, email: str) -> Provider:
        return google_provider(
            api_root=self.sandbox.root,
            tokens=self._tokens[email],
            email=email,
            clock=StillClock(),
            page_size=4,
            pool=self._pool,
        )


class MortalProvider:
    """A provider whose process can die before each request and after each answer."""

    def __init__(self, inner: Provider, google: HttpGoogle) -> None:
        self._inner = inner
        self._google = google

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._inner, name)
        if not callable(found):
            return found

        def asked(*args: Any, **more: Any) -> Any:
            self._google.at_boundary(f"asked {name}")
            answer = found(*args, **more)
            self._google.at_boundary(f"answered {name}")
            return answer

        return asked


def _body(content: Content) -> Json:
    fields = ("summary", "description", "when", "attendees")
    return {name: value for field in fields for name, value in _field(content, field).items()}


def _field(content: Content, field: str) -> Json:
    """Write one field as Google's JSON has it."""
    if field == "when":
        return _times(content.when)
    if field == "attendees":
        return {"attendees": [{"email": one.email, "responseStatus": one.reply} for one in content.body.attendees]}
    return {field: value_of(content, field)}


def _times(when: When) -> Json:
    times: Json = {
        "start": {"dateTime": when.start, "timeZone": "UTC"},
        "end": {"dateTime": when.end, "timeZone": "UTC"},
    }
    return times | ({"recurrence": list(when.recurrence)} if when.recurrence else {})


class HttpStart:
    """Where a life on the sandbox begins: as the one in memory does, calendar by calendar."""

    def __init__(self, sandbox: Sandbox, names: Mapping[str, str]) -> None:
        self.sandbox = sandbox
        self.names = dict(names)

    def house(self, folder: Path, fate: Fate) -> MortalHouse:
        folder.mkdir()
        google = HttpGoogle(self.sandbox, self.names)
        open_store(folder / "store.sqlite").close()
        outside = Outside(cast(Any, google), StillClock(), Engine(instance=INSTANCE))
        house = MortalHouse(folder / "store.sqlite", outside, fate)
        self._furnish(house, google)
        house.sync()
        house.sync()
        return house

    def _furnish(self, house: MortalHouse, google: HttpGoogle) -> None:
        for name, email in self.names.items():
            account = house.account(email)
            with house.store.write():
                remote = RemoteCalendar(google._calendars[name], name, "UTC", "owner")
                kept = calendars.keep_remote(house.store, account.id, remote)
                calendars.select_calendar(house.store, kept.id, Mode.TWO_WAY, house.clock.now())
            house.calendars.append(kept)
        native = house.native()
        for target, invites in zip(house.calendars[1:], (True, False), strict=True):
            terms = linking.Terms(None, WhenDeleted.DELETE, invites)
            linking.add_link(house.store, native, house.now(target), terms, instance=house.engine.instance, now=0)
        google.put(next(iter(self.names)), timed("tea00000", "Tea", "2027-05-05T09:00:00Z", "2027-05-05T10:00:00Z"))


def _seen(look: Callable[[], T]) -> T:
    """Look until it goes well: faults are meant for the program, whose next requests meet what is left of them."""
    for _ in range(20):
        with suppress(Later):
            return look()
    raise AssertionError("the faults do not end")

"""Google Calendar as the engine sees it: the Provider protocol over the API, for one account."""

from __future__ import annotations

from contextlib import AbstractContextManager
from functools import cached_property
from itertools import islice
from typing import Any, Final

import urllib3

from calsyncctl.clock import Clock
from calsyncctl.errors import CalsyncError, Gone, Later
from calsyncctl.google.answers import About
from calsyncctl.google.batch import SIZE, read_many
from calsyncctl.google.channels import Channels
from calsyncctl.google.client import Client, Tokens
from calsyncctl.google.decode import FORM, decode_calendars, decode_event, decode_page
from calsyncctl.google.discovery import API_ROOT, calendar_service, resource_of
from calsyncctl.google.encode import BRAND
from calsyncctl.google.governor import Gate
from calsyncctl.google.retry import RetryPolicy
from calsyncctl.google.transport import Http, Transport, shared_pool
from calsyncctl.google.writing import Writer, found_nothing
from calsyncctl.model.calendar import RemoteCalendar
from calsyncctl.model.channel import Opened
from calsyncctl.model.copy import RemoteEvent
from calsyncctl.sync.provider import Answer, CalendarsPage, EventsPage, OddItem, Write

LARGEST_PAGE: Final = 2500
_MOST_PAGES: Final = 400
"""Pages of a calendar list: 100,000 calendars. More means that Google's page tokens go round in a ring."""


class GoogleProvider:
    """One account's calendars and events. Not for two threads at once."""

    def __init__(self, client: Client, service: Any, *, page_size: int = LARGEST_PAGE, brand: str = BRAND) -> None:
        self._client = client
        self._new_batch = service.new_batch_http_request
        # Kept: making one of these costs 1.1 ms, a request from it 15 µs.
        self._events = resource_of(service, "events")
        self._service = service
        self._writer = Writer(client, self._events, self._new_batch, brand)
        self._fixed = {"maxResults": page_size, "singleEvents": False, "showDeleted": True}
        self._seen: dict[str, tuple[str, str]] = {}
        """Calendar -> its zone and our role on it, as last heard."""

    @cached_property
    def _calendars(self) -> Any:
        return resource_of(self._service, "calendarList")

    @property
    def query(self) -> str:
        """The fixed list parameters and the version of the canonical form: another one begins a full listing."""
        fixed = "&".join(f"{name}={value}" for name, value in sorted(self._fixed.items()))
        return f"events.list?{fixed};form={FORM}"

    @property
    def requests(self) -> int:
        """How many requests were sent so far; a batch is one."""
        return self._client.requests

    def urgent(self) -> AbstractContextManager[None]:
        """Let reads go before polls while the block runs: a write waits for them."""
        return self._client.urgent()

    def list_calendars(self, cursor: str | None) -> CalendarsPage:
        """List the account's calendars, all pages, hidden and removed ones too; with a cursor what changed since."""
        about = self._about("the list of calendars", cursor=cursor)
        entries: dict[str, RemoteCalendar] = {}
        page: str | None = None
        for _ in range(_MOST_PAGES):
            request = self._calendars.list(
                maxResults=250, showHidden=True, showDeleted=True, syncToken=cursor, pageToken=page
            )
            found, page, following = decode_calendars(self._read(request, about))
            entries |= {entry.google_id: entry for entry in found}
            if page is None:
                return CalendarsPage(tuple(entries.values()), following, complete=cursor is None)
        raise Later(f"Google's list of the calendars of {self._client.email} does not end.")

    def list_events(self, calendar: str, *, cursor: str | None, page: str | None) -> EventsPage:
        """Read one page of a calendar's events, tombstones and exceptions included, series unexpanded."""
        about = self._about(f"the calendar {calendar}", cursor=cursor, page=page)
        request = self._events.list(calendarId=calendar, syncToken=cursor, pageToken=page, **self._fixed)
        answer = decode_page(self._read(request, about))
        self._seen[calendar] = (answer.zone, answer.access)
        return answer

    def get_events(self, calendar: str, google_ids: tuple[str, ...]) -> dict[str, RemoteEvent | None]:
        """Read single events, up to 50 in a request; None for one that is not there.

        Before it says that of any, the calendar itself is asked for: all of a lost calendar's events answer 404.

        Raises:
            Gone: the calendar is not there, or out of reach.
        """
        if not google_ids:
            return {}
        zone, access = self._seen.get(calendar) or self._ask(calendar)
        ids = iter(dict.fromkeys(google_ids))
        contents: dict[str, bytes | None] = {}
        while some := list(islice(ids, min(SIZE, self._client.most_parts))):
            contents |= self._get_some(calendar, some)
        if None in contents.values():
            self._ask(calendar)
        return {
            google_id: None if content is None else _there(google_id, content, zone, access)
            for google_id, content in contents.items()
        }

    def has_calendar(self, calendar: str) -> bool:
        """Ask for the calendar itself, by the smallest listing there is."""
        try:
            self._ask(calendar)
        except Gone:
            return False
        return True

    def write_events(self, calendar: str, writes: tuple[Write, ...]) -> tuple[Answer, ...]:
        """Write: one request, or batches of 50; what failed is told by each write's answer."""
        zone, _access = self._seen.get(calendar, (None, ""))
        answers = self._writer.write(calendar, writes, zone)
        missed = [number for number, write in enumerate(writes) if found_nothing(write, answers[number])]
        if missed:
            settled = Answer(error=self._lost(calendar))
            for number in missed:
                answers[number] = settled
        return tuple(answers)

    def open_channel(self, calendar: str | None, channel_id: str, token: str, address: str) -> Opened | None:
        """Ask to be told of a calendar's changes, or of the list's; see `Channels.open`."""
        return Channels(self._client, self._service).open(calendar, channel_id, token, address)

    def stop_channel(self, channel_id: str, resource_id: str) -> None:
        """Ask to be told no longer; see `Channels.stop`."""
        Channels(self._client, self._service).stop(channel_id, resource_id)

    def _lost(self, calendar: str) -> CalsyncError | None:
        """Ask for the calendar of an event that is not there; return what that failed with."""
        try:
            self._ask(calendar)
        except CalsyncError as error:
            return error
        return None

    def _get_some(self, calendar: str, google_ids: list[str]) -> dict[str, bytes | None]:
        # The parts are numbered: the library cannot carry every Google id through its Content-ID.
        requests = {
            str(number): self._events.get(calendarId=calendar, eventId=google_id)
            for number, google_id in enumerate(google_ids)
        }
        found = read_many(self._client, self._new_batch, requests, self._about(f"the calendar {calendar}"))
        return {google_id: found[str(number)] for number, google_id in enumerate(google_ids)}

    def _ask(self, calendar: str) -> tuple[str, str]:
        """Ask for the calendar itself: its zone and our role on it, by the smallest listing there is."""
        request = self._events.list(calendarId=calendar, maxResults=1, fields="timeZone,accessRole")
        answer = decode_page(self._read(request, self._about(f"the calendar {calendar}")))
        self._seen[calendar] = (answer.zone, answer.access)
        return self._seen[calendar]

    def _read(self, request: Any, about: About) -> bytes:
        def execute(http: Http) -> bytes:
            content: bytes = request.execute(http=http, num_retries=0)
            return content

        return self._client.read(execute, about)

    def _about(self, thing: str, *, cursor: str | None = None, page: str | None = None) -> About:
        return About(self._client.email, thing, cursor=cursor is not None, page=page is not None)


def _there(google_id: str, content: bytes, zone: str, access: str) -> RemoteEvent:
    """Read the answer of a get.

    An answer that cannot be read still says that the event is there: better to try again later than to lose it.
    """
    read = decode_event(content, zone, access)
    if isinstance(read, OddItem):
        raise Later(f"Google's answer for the event {google_id} could not be read: {read.why}.", scope="calendar")
    return read


def google_provider(
    *,
    api_root: str = API_ROOT,
    tokens: Tokens,
    email: str,
    clock: Clock,
    page_size: int = LARGEST_PAGE,
    pool: urllib3.PoolManager | None = None,
    gate: Gate | None = None,
    brand: str = BRAND,
    patience: float | None = None,
) -> GoogleProvider:
    """Make the provider of one account.

    `api_root` is Google's, or a sandbox's such as `http://127.0.0.1:9000`; without a `pool` all accounts and
    threads share the process's one. Without a `gate` no quota is counted. `brand`: the
    `managed_by` mark of what is made here. `patience`: the longest `Retry-After`, in seconds, that a read waits for.
    """
    policy = RetryPolicy() if patience is None else RetryPolicy(patience=patience)
    client = Client(Transport(pool or shared_pool()), tokens, email=email, clock=clock, gate=gate, policy=policy)
    return GoogleProvider(client, calendar_service(api_root), page_size=page_size, brand=brand)

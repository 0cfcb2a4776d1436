"""Worlds for contract tests: a Google in memory and one over HTTP, steered alike, each seen by two accounts."""

from __future__ import annotations

import base64
import hashlib
import http.client
import json
from typing import Any, Protocol
from urllib.parse import parse_qs, quote, urlencode, urlsplit
from urllib.request import urlopen

from calsyncctl.google.provider import google_provider
from calsyncctl.google.transport import make_pool
from calsyncctl.model.copy import RemoteEvent
from calsyncctl.model.event import Body
from calsyncctl.sync.provider import Delete, Insert, Patch, Provider
from tests.support.clocks import StillClock
from tests.support.memory import MemoryGoogle, all_day, timed
from tests.support.sandbox import Sandbox

ME = "work@example.com"
OTHER = "support@example.com"
ZONE = "Europe/Berlin"
KINDS: dict[str, type[Insert] | type[Patch] | type[Delete]] = {"insert": Insert, "patch": Patch, "delete": Delete}
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

    def purge(self) -> None:
        """Let Google forget its tombstones."""
        ...

    def delete_calendar(self) -> None: ...

    def forbid_undelete(self) -> None: ...

    def refuse_meet(self) -> None:
        """Let the next write that asks for a Meet be refused for it."""
        ...

    def lose(self, kind: str, *, applied: bool, part: bool = False) -> None:
        """Lose the answer of the next `insert`, `patch` or `delete`, carried out or not; of a part of a batch."""
        ...

    def arrived(self) -> list[str]:
        """Return what was written so far: `insert`, `patch`, `delete`, in order, parts of batches too."""
        ...

    def round_trips(self) -> int:
        """Return how many requests carried writes."""
        ...

    def mails(self) -> list[tuple[str, str]]:
        """Return who was mailed about which event, once for each mail."""
        ...


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

    def purge(self) -> None:
        self.google.bury(self.calendar)

    def delete_calendar(self) -> None:
        self.google.delete_calendar(self.calendar)

    def forbid_undelete(self) -> None:
        self.google.habits.undelete = False

    def refuse_meet(self) -> None:
        self.google.habits.meet = "refused"

    def lose(self, kind: str, *, applied: bool, part: bool = False) -> None:
        self.google.lose_answer(kind=KINDS[kind], applied=applied)

    def arrived(self) -> list[str]:
        return [type(write).__name__.lower() for write in self.google.writes]

    def round_trips(self) -> int:
        return self.google.calls["write_events"]

    def mails(self) -> list[tuple[str, str]]:
        return sorted((person, mail.google_id) for mail in self.google.mails for person in mail.people)

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
        sandbox.clear_faults()
        sandbox.settings(undelete=True)
        sandbox.reset_counters()
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

    def purge(self) -> None:
        self.sandbox.admin("POST", f"/calendars/{quote(self.calendar, safe='')}/purge", {})

    def delete_calendar(self) -> None:
        self.sandbox.admin("DELETE", f"/calendars/{quote(self.calendar, safe='')}")

    def forbid_undelete(self) -> None:
        self.sandbox.settings(undelete=False)

    def refuse_meet(self) -> None:
        self.sandbox.fault(path="events.insert", status=400, reason="invalid", message="Invalid conference type value.")

    def lose(self, kind: str, *, applied: bool, part: bool = False) -> None:
        if part:
            # A single part has no connection to lose: it is answered as a server does that stumbled, before or after.
            self.sandbox.fault(path=f"events.{kind}", status=503, apply=applied)
        else:
            self.sandbox.fault(path=f"events.{kind}", drop="after" if applied else "before")

    def arrived(self) -> list[str]:
        return [one["name"].removeprefix("events.") for one in self._writes()]

    def round_trips(self) -> int:
        singles = sum(not one["part"] for one in self._writes())
        return singles + self.sandbox.requests().get("POST batch", 0)

    def mails(self) -> list[tuple[str, str]]:
        mails = self.sandbox.admin("GET", "/log")["mails"]
        return sorted((one["to"], one["event"]) for one in mails)

    def close(self) -> None:
        self.pool.clear()

    def _writes(self) -> list[dict[str, Any]]:
        names = {f"events.{kind}" for kind in KINDS}
        return [one for one in self.sandbox.log() if one["name"] in names]

    def _provider(self, email: str) -> Provider:
        tokens = OneToken(access_token(self.sandbox, email))
        return google_provider(
            api_root=self.sandbox.root, tokens=tokens, email=email, clock=StillClock(), page_size=3, pool=self.pool
        )


def access_token(sandbox: Sandbox, email: str) -> str:
    """Return an account's access token, signed in for once."""
    if email not in sandbox.tokens:
        sandbox.tokens[email] = sign_in(sandbox, email)
    return sandbox.tokens[email]


def sign_in(sandbox: Sandbox, email: str) -> str:
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

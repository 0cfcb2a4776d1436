"""A small client for the sandbox's tests: signs in over real OAuth, and checks the form of every answer it gets."""

from __future__ import annotations

import hashlib
import secrets
from base64 import urlsafe_b64encode
from dataclasses import dataclass, field
from typing import Any, cast
from urllib.parse import parse_qs, quote, urlsplit

import requests

from tests.sandbox.discovery import check, method_of
from tests.sandbox.errors import check_error
from tests.support.sandbox import WORK, Sandbox

Json = dict[str, Any]
AUTH = "https://www.googleapis.com/auth/"
EMAIL = AUTH + "userinfo.email"
REDIRECT = "http://127.0.0.1:9/"
SEEN: set[str] = set()
"""Methods of which a 2xx answer with a body was checked in this process."""


@dataclass(slots=True)
class Refused(Exception):
    """An error answer whose body has the reference's form."""

    status: int
    reason: str
    body: Json
    headers: Any = None


@dataclass(slots=True)
class Client:
    """A signed-in user of the sandbox."""

    sandbox: Sandbox
    email: str = WORK
    scopes: tuple[str, ...] = ("calendar",)
    token: Json = field(default_factory=dict)
    session: requests.Session = field(default_factory=requests.Session)

    def sign_in(self) -> Client:
        """Take a code from the consent address and exchange it."""
        self.token = exchange(self.sandbox, *authorize(self.sandbox, self.email, self.scopes)).json()
        return self

    def raw(self, verb: str, path: str, body: Any = None, **more: Any) -> requests.Response:
        """Send a Calendar request and return the answer as it came."""
        headers = {"Authorization": f"Bearer {self.token.get('access_token', '')}", **more.pop("headers", {})}
        address = f"{self.sandbox.root}/calendar/v3/{path}"
        return self.session.request(verb, address, json=body, headers=headers, timeout=30, **more)

    def call(self, verb: str, path: str, body: Any = None, **query: Any) -> Json:
        """Send a Calendar request; checks the answer's form, raises Refused for errors."""
        headers = query.pop("headers", {})
        answer = self.raw(verb, path, body, params=query, headers=headers)
        if answer.status_code >= 400:
            found = answer.json()
            raise Refused(answer.status_code, check_error(answer.status_code, found), found, answer.headers)
        if answer.status_code == 204:
            assert answer.content == b""
            assert "Content-Type" not in answer.headers
            return {}
        found = cast(Json, answer.json())
        method = method_of(verb, path)
        if "fields" not in query:
            check(method, found)
            SEEN.add(method)
        return found

    # -- the methods that nearly every test uses ----------------------------------------------------------------------

    def insert(self, event: Json, calendar: str = "primary", **query: Any) -> Json:
        return self.call("POST", f"calendars/{quote(calendar)}/events", event, **query)

    def get(self, event_id: str, calendar: str = "primary", **query: Any) -> Json:
        return self.call("GET", f"calendars/{quote(calendar)}/events/{event_id}", **query)

    def patch(self, event_id: str, changes: Json, calendar: str = "primary", **query: Any) -> Json:
        return self.call("PATCH", f"calendars/{quote(calendar)}/events/{event_id}", changes, **query)

    def update(self, event_id: str, event: Json, calendar: str = "primary", **query: Any) -> Json:
        return self.call("PUT", f"calendars/{quote(calendar)}/events/{event_id}", event, **query)

    def delete(self, event_id: str, calendar: str = "primary", **query: Any) -> None:
        self.call("DELETE", f"calendars/{quote(calendar)}/events/{event_id}", **query)

    def page(self, calendar: str = "primary", **query: Any) -> Json:
        return self.call("GET", f"calendars/{quote(calendar)}/events", **query)

    def pages(self, calendar: str = "primary", **query: Any) -> list[Json]:
        """Return every page of a listing, at most a hundred."""
        found = [self.page(calendar, **query)]
        for _ in range(100):
            if "nextPageToken" not in found[-1]:
                return found
            found.append(self.page(calendar, **query, pageToken=found[-1]["nextPageToken"]))
        raise AssertionError("a listing without end")

    def all(self, calendar: str = "primary", **query: Any) -> tuple[list[Json], str]:
        """Return every item of a listing and its sync token."""
        found = self.pages(calendar, **query)
        return [item for page in found for item in page["items"]], found[-1].get("nextSyncToken", "")

    def changed(self, token: str, calendar: str = "primary", **query: Any) -> list[Json]:
        """Return what an incremental listing brings."""
        return self.all(calendar, syncToken=token, **query)[0]


def authorize(
    sandbox: Sandbox, email: str = WORK, scopes: tuple[str, ...] = ("calendar",), **more: str
) -> tuple[dict[str, str], str]:
    """Ask for a code; returns what came back to the app, and the PKCE verifier."""
    verifier = secrets.token_urlsafe(48)
    challenge = urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).decode().rstrip("=")
    query = {
        "client_id": sandbox.info["client"]["installed"]["client_id"],
        "response_type": "code",
        "redirect_uri": REDIRECT,
        "scope": " ".join(["openid", EMAIL, *(AUTH + scope for scope in scopes)]),
        "code_challenge": challenge,
        "code_challenge_method": "S256",
        "state": "s1",
        "login_hint": email,
        "sandbox_auto": "allow",
        **more,
    }
    answer = requests.get(sandbox.info["auth_uri"], params=query, allow_redirects=False, timeout=30)
    assert answer.status_code == 302, answer.text
    back = parse_qs(urlsplit(answer.headers["Location"]).query)
    return {name: values[0] for name, values in back.items()}, verifier


def exchange(sandbox: Sandbox, back: dict[str, str], verifier: str, **more: Any) -> requests.Response:
    """Send a code to the token endpoint, secret in the form."""
    form = {"grant_type": "authorization_code", "code": back.get("code", ""), "code_verifier": verifier}
    return post_token(sandbox, {**form, "redirect_uri": REDIRECT, **more})


def refresh(sandbox: Sandbox, token: Json, **more: Any) -> requests.Response:
    """Refresh an access token."""
    return post_token(sandbox, {"grant_type": "refresh_token", "refresh_token": token["refresh_token"], **more})


def post_token(sandbox: Sandbox, form: Json, auth: tuple[str, str] | None = None) -> requests.Response:
    """Send a form to the token endpoint; None removes a field."""
    client = sandbox.info["client"]["installed"]
    if auth is None:
        form = {"client_id": client["client_id"], "client_secret": client["client_secret"], **form}
    kept = {name: value for name, value in form.items() if value is not None}
    return requests.post(sandbox.info["token_uri"], data=kept, auth=auth, timeout=30)


def timed(summary: str = "Meeting", day: str = "2026-11-23", hour: int = 10, **more: Any) -> Json:
    """Return an event of one hour in London."""
    times = [{"dateTime": f"{day}T{at:02d}:00:00", "timeZone": "Europe/London"} for at in (hour, hour + 1)]
    return {"summary": summary, "start": times[0], "end": times[1], **more}


def all_day(summary: str = "Away", first: str = "2026-11-23", end: str = "2026-11-24", **more: Any) -> Json:
    """Return an all-day event."""
    return {"summary": summary, "start": {"date": first}, "end": {"date": end}, **more}

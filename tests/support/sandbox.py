"""A handle on a local Google for tests: started as its own process, steered over its admin endpoint, ended by its pid.

Only the standard library is used, and nothing of the program: a test may change what "Google" holds, as a person in
its web pages would, and count what was asked of it.
"""

from __future__ import annotations

import json
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any, cast
from urllib.parse import quote, urlencode

from tests.support.warm import WARM

Json = dict[str, Any]

WORK = "work@example.com"
SUPPORT = "support@example.com"
START_SECONDS = 60
STOP_SECONDS = 10


class AdminError(Exception):
    """The admin endpoint refused; `status` and `body` say how."""

    def __init__(self, status: int, body: str) -> None:
        super().__init__(f"{status}: {body}")
        self.status = status
        self.body = body


@dataclass(slots=True)
class Sandbox:
    """A sandbox process. Use as a context manager, or call `start` and `stop`."""

    events: int = 60
    accounts: Sequence[str] = ()
    seed: int = 1
    anchor: str = ""
    port: int = 0
    state: Path | None = None
    info: Json = field(default_factory=dict)
    process: subprocess.Popen[str] | None = None
    tokens: dict[str, str] = field(default_factory=dict)
    """Access tokens that were signed in for already, by address: good until everything begins again."""

    def __enter__(self) -> Sandbox:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def start(self) -> Sandbox:
        """Start the process and wait for its line."""
        command = [sys.executable, "-m", "calsyncctl.sandbox", "serve", "--port", str(self.port)]
        command += ["--events", str(self.events), "--seed", str(self.seed)]
        if self.accounts:
            command += ["--accounts", ",".join(self.accounts)]
        if self.anchor:
            command += ["--anchor", self.anchor]
        if self.state:
            command += ["--state", str(self.state)]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        if not line:
            self.stop()
            raise RuntimeError("the sandbox did not start; its standard error says why")
        self.info = json.loads(line)
        self.tokens.clear()
        WARM.google.append(self.root)
        return self

    def stop(self) -> int:
        """End the process by SIGTERM and return its exit code."""
        if self.process is None:
            return 0
        if self.info and self.root in WARM.google:
            WARM.google.remove(self.root)
        self.process.terminate()
        try:
            code = self.process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.process.kill()
            code = self.process.wait(STOP_SECONDS)
        if self.process.stdout is not None:
            self.process.stdout.close()
        self.process = None
        return code

    @property
    def root(self) -> str:
        """`http://127.0.0.1:PORT`."""
        return str(self.info["api_root"])

    def env(self) -> dict[str, str]:
        """Return the variables that aim calsyncctl at this sandbox."""
        return {
            "CALSYNCCTL_GOOGLE_API_ROOT": self.root,
            "CALSYNCCTL_GOOGLE_AUTH_URI": str(self.info["auth_uri"]),
            "CALSYNCCTL_GOOGLE_TOKEN_URI": str(self.info["token_uri"]),
            "CALSYNCCTL_GOOGLE_REVOKE_URI": str(self.info["revoke_uri"]),
            "CALSYNCCTL_GOOGLE_USERINFO_URI": str(self.info["userinfo_uri"]),
            "CALSYNCCTL_CLIENT_SECRETS": str(self.info["client_file"]),
        }

    def calendar(self, summary: str, account: str = "") -> str:
        """Return the id of the calendar with this title."""
        for one in self.info["accounts"]:
            for calendar in one["calendars"]:
                if calendar["summary"] == summary and account in ("", one["email"]):
                    return str(calendar["id"])
        raise KeyError(summary)

    # -- the admin endpoint ------------------------------------------------------------------------------------------

    def admin(self, method: str, path: str, body: Json | None = None) -> Json:
        """Call `/sandbox<path>`; AdminError where it refuses."""
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(f"{self.info['admin']}{path}", data, method=method)
        request.add_header("Content-Type", "application/json")
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                return cast(Json, json.loads(answer.read() or b"{}"))
        except urllib.error.HTTPError as refusal:
            with refusal:
                raise AdminError(refusal.code, refusal.read().decode()) from None

    def listed(self, calendar: str, **query: str) -> list[Json]:
        """Return a calendar's events as its owner sees them (at most 2,500)."""
        more = f"?{urlencode(query)}" if query else ""
        return cast(list[Json], self.admin("GET", f"/calendars/{quote(calendar, safe='')}/events{more}")["items"])

    def get(self, calendar: str, event_id: str) -> Json:
        """Return one event."""
        return self.admin("GET", _event(calendar, event_id))

    def insert(self, calendar: str, event: Json) -> Json:
        """Make an event as the calendar's owner in Google's web pages."""
        return self.admin("POST", f"/calendars/{quote(calendar, safe='')}/events", event)

    def patch(self, calendar: str, event_id: str, changes: Json) -> Json:
        """Change an event as the calendar's owner."""
        return self.admin("PATCH", _event(calendar, event_id), changes)

    def delete(self, calendar: str, event_id: str) -> None:
        """Delete an event, a series or one occurrence as the calendar's owner."""
        self.admin("DELETE", _event(calendar, event_id))

    def edit(self, calendar: str, event_id: str, how: str, body: Json | None = None) -> Json:
        """Make an edit of the web pages: `split`, `copy`, `restore` or `reply`."""
        return self.admin("POST", f"{_event(calendar, event_id)}/{how}", body or {})

    def add_calendar(self, email: str, summary: str, **more: str) -> str:
        """Give an account a new secondary calendar and return its id."""
        made = self.admin("POST", f"/accounts/{quote(email)}/calendars", {"summary": summary, **more})
        return str(made["id"])

    def share(self, calendar: str, email: str, role: str | None) -> None:
        """Give, change or (None) withdraw somebody's role."""
        self.admin("PUT", f"/calendars/{quote(calendar, safe='')}/acl", {"email": email, "role": role})

    def account(self, email: str, **switches: object) -> None:
        """Set an account's `consent`, `grant` or `calendar_enabled`."""
        self.admin("POST", f"/accounts/{quote(email)}", dict(switches))

    def add_account(self, email: str) -> None:
        """Add an account."""
        self.admin("POST", "/accounts", {"email": email})

    def revoke(self, email: str) -> None:
        """Withdraw the permission, as the user on Google's page of connections."""
        self.admin("POST", f"/accounts/{quote(email)}/revoke", {})

    def expire_access_tokens(self, email: str) -> None:
        """Let every access token of the account end now."""
        self.admin("POST", f"/accounts/{quote(email)}/expire-access-tokens", {})

    def expire_sync_tokens(self, calendar: str | None = None, *, pages: bool = False) -> None:
        """Kill the sync tokens of a calendar, or of everything; `pages`: page tokens too."""
        self.admin("POST", "/tokens/expire", {"calendar": calendar, "pages": pages})

    def settings(self, **values: object) -> Json:
        """Turn switches; see docs/sandbox.md."""
        return self.admin("POST", "/settings", dict(values))

    def fault(self, **rule: object) -> int:
        """Add a fault rule and return its id."""
        return int(self.admin("POST", "/faults", dict(rule))["id"])

    def clear_faults(self) -> None:
        """Drop every fault rule."""
        self.admin("DELETE", "/faults")

    def counters(self) -> Json:
        """Return what was asked: {"requests": {"GET events.list": n}, "by_account", "writes", …}."""
        return self.admin("GET", "/counters")

    def requests(self) -> dict[str, int]:
        """Return the request counts alone."""
        return cast(dict[str, int], self.counters()["requests"])

    def reset_counters(self) -> None:
        """Begin counting anew."""
        self.admin("POST", "/counters/reset", {})

    def log(self) -> list[Json]:
        """Return every request, oldest first."""
        return cast(list[Json], self.admin("GET", "/log")["requests"])

    def reset(self) -> None:
        """Begin again: data, tokens, faults, counters, switches."""
        self.info = {**self.info, **self.admin("POST", "/reset", {})}
        self.tokens.clear()

    # -- signing in without a browser --------------------------------------------------------------------------------

    def browser(self, mode: str = "allow") -> Callable[[str], None]:
        """Return a function that opens an address like a browser whose user allows (or denies) at once."""

        def visit(address: str) -> None:
            joiner = "&" if "?" in address else "?"
            with urllib.request.urlopen(f"{address}{joiner}sandbox_auto={mode}", timeout=30) as page:
                page.read()

        return visit


def _event(calendar: str, event_id: str) -> str:
    return f"/calendars/{quote(calendar, safe='')}/events/{quote(event_id, safe='')}"

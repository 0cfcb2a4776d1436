"""A desk to work at in acceptance tests: a home with an enabled profile, a sandbox, and a browser that consents."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.support.run import Result, run
from tests.support.sandbox import SUPPORT, WORK, Sandbox

BROWSER = Path(__file__).with_name("browser.py")


@dataclass(slots=True)
class Desk:
    """One person at one machine."""

    home: Path
    google: Sandbox
    env: dict[str, str] = field(default_factory=dict)

    def run(self, *args: str, env: Mapping[str, str] | None = None, input: str = "") -> Result:
        """Run the command, its libraries loaded already (`warm`)."""
        return run(*args, home=self.home, env={**self.env, **(env or {})}, input=input, warm=True)

    def ok(self, *args: str, env: Mapping[str, str] | None = None) -> Result:
        """Run the command and see that it did well."""
        result = self.run(*args, env=env)
        assert result.code == 0, result
        return result

    def json(self, *args: str) -> Any:
        """Run the command with --json, see that it did well, return what it said."""
        return self.ok(*args, "--json").json()

    @property
    def record(self) -> Path:
        """Where the browser writes what it saw."""
        return self.home / "browser.txt"

    def browser(self, email: str = WORK, mode: str = "allow") -> dict[str, str]:
        """Return the environment in which this person's browser opens."""
        return {"BROWSER": f"{sys.executable} {BROWSER} {email} {mode} {self.record} %s"}

    def connect(self, *args: str, email: str = WORK, mode: str = "allow") -> Result:
        """Run `connect`, this person consenting."""
        return self.run("connect", *args, env=self.browser(email, mode))

    def connected(self, *args: str, email: str = WORK) -> Result:
        """Connect and see that it did well."""
        result = self.connect(*args, email=email)
        assert result.code == 0, result
        return result

    def account(self, email: str = WORK) -> Any:
        """Return an account's facts."""
        return self.json("accounts", "show", email)

    def calendar(self, name: str) -> Any:
        """Return a calendar's facts."""
        return self.json("calendars", "show", name)

    def events(self, *args: str) -> Any:
        """Return what `events list` says."""
        return self.json("events", "list", *args)


__all__ = ["SUPPORT", "WORK", "Desk"]

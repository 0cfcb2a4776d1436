"""An authority and a vault in memory, and a desk that wires them to a real store and the Google in memory."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from pathlib import Path

from calsyncctl.connections.ports import Means
from calsyncctl.errors import CalsyncError, Later
from calsyncctl.google.scopes import BOXES, SCOPES, missing
from calsyncctl.model.account import Account, Grant
from calsyncctl.model.secrets import TokenLedger, access_entry
from calsyncctl.store.db import Store, open_store
from calsyncctl.sync.provider import Provider
from tests.support.clocks import StillClock
from tests.support.memory import MemoryGoogle

CLIENT = "client-1"
WORK = "work@example.com"
SUPPORT = "support@example.com"
HOUR = 3600


class MemorySecrets:
    """A vault that forgets at the end; `broken` makes every call fail, `forgetful` keeps nothing."""

    def __init__(self) -> None:
        self.kept: dict[str, str] = {}
        self.broken: CalsyncError | None = None
        self.forgetful = False

    @property
    def backend(self) -> str:
        return "memory"

    def get(self, entry: str) -> str | None:
        self._enter()
        return self.kept.get(entry)

    def set(self, entry: str, secret: str) -> None:
        self._enter()
        if not self.forgetful:
            self.kept[entry] = secret

    def delete(self, entry: str) -> None:
        self._enter()
        self.kept.pop(entry, None)

    def _enter(self) -> None:
        if self.broken is not None:
            raise self.broken


class MemoryConsent:
    """A sign-in that is answered with a grant, or with an error, at once."""

    def __init__(self, answer: Grant | CalsyncError) -> None:
        self._answer = answer
        self.closed = False

    @property
    def url(self) -> str:
        return "http://127.0.0.1:1/consent"

    @property
    def port(self) -> int:
        return 1

    def submit(self, redirect_url: str) -> None:
        raise AssertionError("nobody pastes here")

    def wait(self, timeout: float, complete: Callable[[Grant], None]) -> Grant:
        if isinstance(self._answer, CalsyncError):
            raise self._answer
        complete(self._answer)
        return self._answer

    def close(self) -> None:
        self.closed = True


class MemoryAuthority:
    """Who grants and takes back; `offline` is out of reach."""

    def __init__(self) -> None:
        self.revoked: list[str] = []
        self.offline = False

    @property
    def client_id(self) -> str:
        return CLIENT

    def reach(self) -> None:
        if self.offline:
            raise Later("Nothing answers.")

    def begin(self, *, login_hint: str | None, port: int) -> MemoryConsent:
        return MemoryConsent(grant())

    def missing(self, granted: frozenset[str]) -> list[str]:
        return missing(granted)

    def unticked(self, granted: frozenset[str]) -> list[str]:
        return missing(granted, BOXES)

    def revoke(self, token: str) -> None:
        if self.offline:
            raise Later("Nothing answers.")
        self.revoked.append(token)


def grant(email: str = WORK, *, sub: str = "", number: int = 1, scopes: frozenset[str] = frozenset(SCOPES)) -> Grant:
    """Make a grant; `number` tells its tokens from those of an earlier one."""
    sub = sub or f"sub-{email}"
    return Grant(
        sub=sub,
        email=email,
        scopes=scopes,
        client=CLIENT,
        access_token=f"access-{number}",
        access_expires=1_800_000_000 + HOUR,
        refresh_token=f"refresh-{number}",
    )


@dataclass
class Office:
    """Everything that the use cases need, and the other side of it."""

    path: Path
    google: MemoryGoogle = field(default_factory=MemoryGoogle)
    secrets: MemorySecrets = field(default_factory=MemorySecrets)
    authority: MemoryAuthority = field(default_factory=MemoryAuthority)
    clock: StillClock = field(default_factory=StillClock)
    busy: bool = False
    """Another process holds every account."""
    used: list[str] = field(default_factory=list)
    """The access tokens that were used."""

    def __post_init__(self) -> None:
        self.store = self.open_store()
        self.google.add_calendar("work-main", owner=WORK, name="Work", primary=True)
        self.google.add_calendar("team", owner=WORK, name="Team")
        self.google.add_calendar("support-main", owner=SUPPORT, name="Support", primary=True)

    def open_store(self) -> Store:
        return open_store(self.path / "store.db", clock=self.clock)

    def provider_for(self, account: Account, ledger: TokenLedger) -> Provider:
        token = self.secrets.get(access_entry(account.sub)) or ""
        if not token:  # as the real one: refreshed from the refresh token, and kept
            token = "access-refreshed"
            self.secrets.set(access_entry(account.sub), token)
            ledger.refreshed(self.clock.now() + HOUR, None)
        self.used.append(token)
        return self.google.provider(account.email)

    @contextmanager
    def hold_account(self, account: Account, doing: str) -> Iterator[None]:
        if self.busy:
            raise Later("calsyncctl sync is working on it (pid 1).")
        yield

    @property
    def means(self) -> Means:
        return Means(
            store=self.store,
            open_store=self.open_store,
            secrets=self.secrets,
            authority=self.authority,
            provider_for=self.provider_for,
            hold_account=self.hold_account,
            hold_sign_ins=lambda doing: nullcontext(),
            clock=self.clock,
        )

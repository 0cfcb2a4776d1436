"""What the use cases ask of sign-in, vault and provider, as protocols: `runtime.py` alone fills them in.

So nothing here knows Google's libraries, and the tests can stand in an authority of their own.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Protocol

from calsyncctl.clock import Clock
from calsyncctl.model.account import Account, Grant
from calsyncctl.model.secrets import Secrets, TokenLedger
from calsyncctl.store.db import Store
from calsyncctl.sync.engine import Engine
from calsyncctl.sync.provider import Provider


class Consent(Protocol):
    """One sign-in under way: the address for the browser, and the answer that comes back on a local port."""

    @property
    def url(self) -> str:
        """The address to open in a browser."""
        ...

    @property
    def port(self) -> int:
        """The port on 127.0.0.1 that the answer comes to."""
        ...

    def submit(self, redirect_url: str) -> None:
        """Take the answer's address as pasted by a person; may be called from another thread."""
        ...

    def wait(self, timeout: float, complete: Callable[[Grant], None]) -> Grant:
        """Wait so many seconds; the browser is told "connected" only after `complete` returned.

        Raises:
            ConnectFault: refused, timed out, a wrong answer; or whatever `complete` raises.
        """
        ...

    def close(self) -> None:
        """Stop listening."""
        ...


class Authority(Protocol):
    """Who grants access: the accounts side of the provider, for the operator's one OAuth client."""

    @property
    def client_id(self) -> str:
        """The OAuth client that every grant of this profile belongs to."""
        ...

    def reach(self) -> None:
        """See that it answers at all.

        Raises:
            Later: it is out of reach.
        """
        ...

    def begin(self, *, login_hint: str | None, port: int) -> Consent:
        """Begin a sign-in; port 0 takes a free one."""
        ...

    def missing(self, granted: frozenset[str]) -> Sequence[str]:
        """Name, in words, the needed permissions that are not among the granted ones."""
        ...

    def unticked(self, granted: frozenset[str]) -> Sequence[str]:
        """Name, in words, all boxes of the consent page that were left empty, needed or not."""
        ...

    def revoke(self, token: str) -> None:
        """Take the grant back; one that is dead already is fine.

        Raises:
            Later: the authority is out of reach.
        """
        ...


class Envelope(Protocol):
    """Seals a connection for the journey to another machine."""

    def seal(self, payload: bytes, passphrase: str) -> bytes:
        """Return the payload sealed with a passphrase."""
        ...

    def unseal(self, sealed: bytes, passphrase: str) -> bytes:
        """Return the payload again. Raises UsageFault for a wrong passphrase or a damaged file."""
        ...


ProviderFor = Callable[[Account, TokenLedger], Provider]
"""Makes the provider of an account, its token expiries kept in the ledger given."""

AccountLock = Callable[[Account, str], AbstractContextManager[None]]
"""Holds an account for one process, which says what it does with it. Raises Later, naming the other holder."""

SignInLock = Callable[[str], AbstractContextManager[None]]
"""Holds the profile's sign-ins for one process: nobody stores or forgets tokens of an account meanwhile."""


@dataclass(frozen=True, slots=True)
class Means:
    """What the use cases work with; the store belongs to the calling thread."""

    store: Store
    open_store: Callable[[], Store]
    secrets: Secrets
    authority: Authority
    provider_for: ProviderFor
    hold_account: AccountLock
    hold_sign_ins: SignInLock
    clock: Clock
    engine: Engine = Engine()  # noqa: RUF009  (frozen)

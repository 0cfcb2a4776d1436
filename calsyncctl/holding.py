"""What one invocation holds against other processes: an account, the sign-ins, the configuration, the whole profile.

Whoever opens the store takes part in the profile's lock, so that a restore or a delete, which needs the profile for
itself, can refuse and name who is at work.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack, contextmanager
from functools import cached_property
from typing import TYPE_CHECKING

from calsyncctl.errors import Later
from calsyncctl.flags import Flags
from calsyncctl.paths import Paths, paths_of

if TYPE_CHECKING:
    from calsyncctl.locks import Share
    from calsyncctl.model.account import Account

ACCOUNT_WAIT = 20.0
"""Seconds to wait for an account that another process works on, before it is left out."""
CONFIG_WAIT = 15.0
"""Seconds to wait for another process that edits the configuration; it may be asking a person."""
IN_USE_WAIT = 15.0
"""Seconds to wait for another process that has the whole profile for itself: it swaps a file."""
ALONE_WAIT = 3.0
"""Seconds to wait for the commands that work on the profile, before it is said that it is in use."""
REHEARSAL_WAIT = 20.0
"""Seconds to wait for another rehearsal to end."""
TOKEN_WAIT = 60.0
"""Seconds to wait for another process that refreshes the same token: one request to Google, with its time-outs."""


class Holding:
    """The locks of one invocation, in the profile's state directory."""

    doing = "command"
    """What this process does, to tell others who wait for it."""

    def __init__(self, flags: Flags, environ: Mapping[str, str]) -> None:
        self.flags = flags
        self.environ = environ
        self._alone = False

    @cached_property
    def paths(self) -> Paths:
        """Where the profile's files are."""
        return paths_of(self.flags.profile, self.environ)

    def hold_config(self) -> AbstractContextManager[None]:
        """Hold the configuration against other processes while it is read, changed and written."""
        return self._lock("config.lock", "init or config", CONFIG_WAIT)

    def hold_account(self, account: Account, doing: str) -> AbstractContextManager[None]:
        """Hold an account against other processes while the block runs; `doing` tells them why."""
        return self._lock(f"account-{account.id}.lock", doing, ACCOUNT_WAIT)

    def hold_sign_ins(self, doing: str) -> AbstractContextManager[None]:
        """Hold the profile's sign-ins against other processes while the block runs."""
        return self._lock("sign-ins.lock", doing, TOKEN_WAIT)

    def hold_rehearsal(self) -> AbstractContextManager[None]:
        """Hold the place of rehearsals: one at a time, since whoever comes clears away what was left."""
        return self._lock("rehearsal.lock", "dry-run", REHEARSAL_WAIT)

    def hold_tokens(self, sub: str) -> AbstractContextManager[None]:
        """Hold an account's tokens against other processes while they are refreshed."""
        name = hashlib.sha256(sub.encode()).hexdigest()[:16]  # a `sub` may hold what a file's name cannot
        return self._lock(f"tokens-{name}.lock", "token refresh", TOKEN_WAIT)

    def hold_in_use(self) -> None:
        """Tell others, until this process ends, that the profile is in use.

        Raises:
            Later: another process has it for itself; it is named.
        """
        if not self._alone:
            _ = self._in_use

    def hold_in_use_with(self, other: Holding) -> None:
        """Take the part that another invocation of this process has in the profile, as one's own."""
        self._in_use = other._in_use

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Have the whole profile for this process while the block runs; what the block opened of it is closed after.

        Raises:
            Later: another command, or the daemon, works on it; it is named.
        """
        self.let_go()
        with ExitStack() as held:
            try:
                held.enter_context(self._lock("profile.lock", self.doing, ALONE_WAIT))
            except Later as error:
                raise Later(
                    f"The profile “{self.paths.profile}” is in use: {error.what}",
                    "Let it end, or stop the daemon, then try again.",
                ) from error
            self._alone = True
            try:
                yield
            finally:
                self._alone = False
                self.let_go()

    def let_go(self) -> None:
        """Close what is open of the store, and take part in the profile no more."""
        self.__dict__.pop("means", None)
        for name in ("store", "_in_use"):
            held = self.__dict__.pop(name, None)
            if held is not None:
                held.close()

    @cached_property
    def _in_use(self) -> Share | None:
        from calsyncctl.locks import share  # noqa: PLC0415

        try:
            return share(self.paths.locks_dir / "profile.lock", holder=self.doing, wait=IN_USE_WAIT)
        except OSError:  # a file system for reading only: nobody can swap a store there
            return None

    def _lock(self, name: str, doing: str, wait: float) -> AbstractContextManager[None]:
        from calsyncctl.locks import lock  # noqa: PLC0415

        return lock(self.paths.locks_dir / name, holder=doing, wait=wait)

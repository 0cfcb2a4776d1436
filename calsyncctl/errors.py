"""Every error that a user can meet: one sentence of what happened, one of what to do, an exit code.

The tree, with exit codes (docs/exit-codes.md)::

    CalsyncError                 1   failed
    ├── UsageFault               2   the command line or the input is wrong
    ├── NotFound                 3   nothing such
    ├── NeedsReauth              4   Google no longer accepts this account's sign-in
    ├── Held                     5   something waits for a person
    ├── NotEnabled               6   the profile is not enabled
    ├── NotAllowed               6   the role or the access does not permit it
    ├── Later                   75   network, rates, server trouble: to be tried again
    │   ├── MuchLater           75   the account's own use limit: hours
    │   └── Unknown             75   a write went out and no usable answer came: read before writing again
    ├── Interrupted            130   Ctrl-C
    ├── Installation             1   the Google project or client is not set up: the whole profile waits
    ├── Refused                  1   Google denies a right
    ├── Invalid                  1   Google does not accept what was sent
    ├── Gone                     1   the calendar or event is not there (any more)
    ├── Taken                    1   an id is taken at Google (never seen by a user)
    ├── Outdated                 1   the event changed at Google since it was read (never seen by a user)
    ├── CursorExpired            1   a sync token is dead: a full listing follows (never seen by a user)
    ├── PageExpired              1   a page token is dead: the listing begins again (never seen by a user)
    ├── ConnectFault             1   signing in did not work out
    ├── ConfigFault              1   the configuration cannot be used
    ├── StoreFault               1   the store cannot be used
    └── VaultFault               1   the secrets cannot be reached

Errors are raised where a thing goes wrong and speak once, in `cli.main`. Nothing else prints them.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar


class CalsyncError(Exception):
    """The base of the family.

    `what` is the sentence of what happened, without "calsyncctl:" before it; `what_to_do` the sentence of what to do,
    best with the command to type. Neither ever holds a token, a secret or an event's content.
    """

    exit_code: ClassVar[int] = 1
    kind: ClassVar[str] = "failed"

    def __init__(self, what: str, what_to_do: str = "") -> None:
        super().__init__(what)
        self.what = what
        self.what_to_do = what_to_do


def worst(errors: Iterable[CalsyncError]) -> int:
    """Return the exit code of several failures: the first of 1, 4, 5, 75 that applies, 0 if there are none."""
    codes = {error.exit_code for error in errors}
    return next((code for code in (1, 4, 5, 75) if code in codes), 1 if codes else 0)


class UsageFault(CalsyncError):
    """The command line or the input is wrong; also "needs --yes"."""

    exit_code = 2
    kind = "usage"


class NotFound(CalsyncError):
    """No account, calendar, event … of that name or id."""

    exit_code = 3
    kind = "not-found"


class NeedsReauth(CalsyncError):
    """Google no longer accepts this account's sign-in (`invalid_grant`), or a needed permission is missing."""

    exit_code = 4
    kind = "needs-reauth"


class Held(CalsyncError):
    """Something waits for a person."""

    exit_code = 5
    kind = "held"


class NotEnabled(CalsyncError):
    """The profile is not enabled: `calsyncctl init`."""

    exit_code = 6
    kind = "not-enabled"


class NotAllowed(CalsyncError):
    """The member's role, or the access to the calendar, does not permit it."""

    exit_code = 6
    kind = "not-allowed"


class Interrupted(CalsyncError):
    """Ctrl-C: what was done until then stays, each change whole."""

    exit_code = 130
    kind = "interrupted"

    def __init__(self) -> None:
        super().__init__(
            "Interrupted; what was done until then stays.",
            "calsyncctl runs list shows it; what Google was not told goes with the next calsyncctl sync.",
        )


class Later(CalsyncError):
    """Passing trouble (network, rates, 5xx). `retry_after` is in seconds where the server said it."""

    exit_code = 75
    kind = "later"

    def __init__(
        self,
        what: str,
        what_to_do: str = "",
        *,
        retry_after: float | None = None,
        scope: str = "account",
        of_ours: bool = False,
    ) -> None:
        super().__init__(what, what_to_do or "Try again later.")
        self.retry_after = retry_after
        self.scope = scope
        """Who must wait: `account`, `project` for limits of the whole Google project, or the one `calendar`."""
        self.of_ours = of_ours
        """Whether it is our own budget that has no room for this, and Google did not ask to wait: trying costs nothing,
        and what is more urgent may still go."""


class MuchLater(Later):
    """The account's own use limit at Google (`quotaExceeded`): hours, not seconds."""

    kind = "much-later"


class Unknown(Later):
    """A write went out and no usable answer came: whether it was applied is only known once the event is read."""

    kind = "unknown"


class Installation(CalsyncError):
    """The Google project or OAuth client is not usable: every account of the profile waits."""

    kind = "installation"


class Refused(CalsyncError):
    """Google denies a right (403 by rights); tried again when role, mode or grant change."""

    kind = "refused"


class Invalid(CalsyncError):
    """Google answers 400: what was sent cannot be accepted as it is. `reason` is Google's own word for it."""

    kind = "invalid"

    def __init__(self, what: str, what_to_do: str = "", *, reason: str = "") -> None:
        super().__init__(what, what_to_do)
        self.reason = reason


class Gone(CalsyncError):
    """404 or 410 for a calendar or an event."""

    kind = "gone"


class Taken(CalsyncError):
    """409 `duplicate`: the id exists already, alive or deleted: read it, then decide."""

    kind = "taken"


class Outdated(CalsyncError):
    """412: the event's etag is another by now: read, merge, write again."""

    kind = "outdated"


class CursorExpired(CalsyncError):
    """The sync token is dead (410 `fullSyncRequired`/`updatedMinTooLongAgo`, or 400 `invalid` on it)."""

    kind = "cursor-expired"


class PageExpired(CalsyncError):
    """The page token is refused: the listing begins again."""

    kind = "page-expired"


class ConnectFault(CalsyncError):
    """Signing in at Google did not work out."""

    kind = "connect"


class ConfigFault(CalsyncError):
    """The configuration, or the OAuth client file, cannot be used."""

    kind = "config"


class StoreFault(CalsyncError):
    """The store cannot be opened, is newer than the program, corrupt or locked."""

    kind = "store"


class VaultFault(CalsyncError):
    """The secrets cannot be reached: backend missing, locked, key file gone."""

    kind = "vault"

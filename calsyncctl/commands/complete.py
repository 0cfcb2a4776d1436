"""What TAB offers: names out of the store, read directly and fast. On any trouble nothing, and never a word.

Names come from Google, and with them from whoever shares a calendar; zsh evaluates what it is offered. So a name
with a character that means something to a shell is not offered: it can still be typed, or its #ID.
"""

from __future__ import annotations

import os
import time
from pathlib import Path

import typer

from calsyncctl.errors import UsageFault
from calsyncctl.paths import paths_of

_ACTIVE = frozenset("\\$`\"'")
"""Within double quotes, as typer hands names to zsh, these are the characters that act."""

KEY_SHOWN = 8
"""Characters of an event's key that are offered: as many as lists show."""
LONGEST = 40
"""Characters of a title that stand beside it."""

Names = list[tuple[str, str]]
"""A word and what stands beside it in the list (zsh and fish show that)."""


def accounts(ctx: typer.Context) -> list[str]:
    """Offer the connected accounts."""
    from calsyncctl.store.names import account_names  # noqa: PLC0415  (sqlite3: 4 ms, only when asked)

    return _safe(account_names(_store_file(ctx)))


def calendars(ctx: typer.Context) -> list[str]:
    """Offer the calendars."""
    from calsyncctl.store.names import calendar_names  # noqa: PLC0415

    return _safe(calendar_names(_store_file(ctx)))


def assignees(ctx: typer.Context) -> list[str]:
    """Offer the assignees."""
    from calsyncctl.store.names import assignee_names  # noqa: PLC0415

    return _safe(assignee_names(_store_file(ctx)))


def events(ctx: typer.Context, incomplete: str = "") -> Names:
    """Offer events: the latest changed and the next to come, by the beginning of their keys, with title and start."""
    from calsyncctl.store.names import event_names  # noqa: PLC0415

    found = event_names(_store_file(ctx), incomplete.lower(), int(time.time()))
    shown = max(KEY_SHOWN, len(incomplete))
    return [
        (key[:shown], _harmless(f"{title[:LONGEST]} {start[:10]} {start[11:16].replace(':', '.')}"))
        for key, title, start in found
    ]


def anything(ctx: typer.Context, incomplete: str = "") -> Names:
    """Offer calendars, accounts and events: what can be explained."""
    named = [(name, "") for name in [*calendars(ctx), *accounts(ctx)]]
    return [*named, *events(ctx, incomplete)]


def agents(ctx: typer.Context) -> list[str]:
    """Offer the agents: who can act."""
    return [name for name in assignees(ctx) if name.startswith("agent:")]


def settings() -> Names:
    """Offer the settings."""
    from calsyncctl.settings import SETTINGS  # noqa: PLC0415  (18 ms, only for `config`)

    return [(row.name, row.help) for row in SETTINGS.values()]


def profile_names(ctx: typer.Context) -> Names:
    """Offer the profiles on this machine."""
    from calsyncctl.paths import profiles  # noqa: PLC0415

    invocation = ctx.find_root().obj
    return [(name, "") for name in profiles(invocation.environ)]


def zones() -> list[str]:
    """Offer the time zones."""
    from zoneinfo import available_timezones  # noqa: PLC0415  (20 ms, only when asked)

    return sorted(available_timezones())


def topics() -> Names:
    """Offer the pages of `help`."""
    from calsyncctl.topics import TOPICS  # noqa: PLC0415

    return list(TOPICS.items())


def _harmless(text: str) -> str:
    """Return a text of which nothing acts in any shell: zsh evaluates what stands beside a word, too."""
    return " ".join("".join(one if one.isalnum() or one in "-.,/+" else " " for one in text).split())


def _safe(names: list[str]) -> list[str]:
    return [name for name in names if name.isprintable() and not _ACTIVE.intersection(name)]


def _store_file(ctx: typer.Context) -> Path:
    """Return where the store is; an impossible profile has none, and the command itself will say so."""
    invocation = ctx.find_root().obj
    try:
        return paths_of(invocation.flags.profile, invocation.environ).store_file
    except UsageFault:
        return Path(os.devnull)

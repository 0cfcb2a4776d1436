"""One value's fate when both sides may have changed it: the truth table of docs/sync.md, whose test reads it. Pure.

Each side is compared with itself: here with what both last agreed on (`base`), Google with what Google said last
(`before`), or with what we sent (`sent`) as long as nobody knows whether that arrived.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Any, NamedTuple

from calsyncctl.model.fields import NOTHING
from calsyncctl.sync.canonical import alike


class Policy(StrEnum):
    """Who prevails."""

    GOOGLE_WINS = "google-wins"
    LOCAL_WINS = "local-wins"
    OURS = "ours"
    """An event made here on a one-way calendar: whatever Google changed is written back."""
    THEIRS = "theirs"
    """What cannot be pushed: Google's value returns."""


class Fate(StrEnum):
    """What becomes of a value."""

    KEEP = "keep"
    """It stays, and nobody needs to be told."""
    TAKE = "take"
    """Google's comes here."""
    PUSH = "push"
    """Ours stands, and Google is to be told."""


class Five(NamedTuple):
    """One value in the five states that matter; `NOTHING` where there is no such state."""

    base: Any
    here: Any
    before: Any
    there: Any
    sent: Any = NOTHING


def choose(field: str, five: Five, policy: Policy) -> tuple[Fate, bool]:
    """Return what becomes of a value, and whether the other side's is lost by it."""
    arrived = alike(field, five.there, five.sent)  # then that is what both last agreed on
    changed_here = arrived or (five.here != five.base and not alike(field, five.here, five.before))
    changed_there = five.there != five.before and not arrived
    if alike(field, five.here, five.there) or not (changed_here or changed_there):
        return Fate.KEEP, False  # both to the same, or what we sent has arrived, or nothing happened
    if changed_there and not changed_here:
        return (Fate.PUSH, True) if policy is Policy.OURS else (Fate.TAKE, False)
    if changed_here and not changed_there:
        return (Fate.TAKE, True) if policy is Policy.THEIRS else (Fate.PUSH, False)
    return (Fate.PUSH if policy in {Policy.LOCAL_WINS, Policy.OURS} else Fate.TAKE), True

"""The merge: what one event says after both sides may have changed it, field by field, three ways. Pure.

What becomes of a single value is `choice.py`'s, guests are `people.py`'s; which fields are merged with which copy is
`canonical.py`'s. The two halves are never compared with each other but to see that nothing is left to do.
"""

from __future__ import annotations

from typing import Any

from msgspec import Struct, to_builtins

from calsyncctl.model.event import Content
from calsyncctl.model.fields import value_of, with_fields
from calsyncctl.model.history import Lost
from calsyncctl.sync.canonical import GOOGLES
from calsyncctl.sync.choice import Fate, Five, Policy, choose
from calsyncctl.sync.people import lost_guests, merge_guests


class Sides(Struct, frozen=True, kw_only=True):
    """What a merge compares. None: there is no such state, and nothing was agreed in it."""

    base: Content | None
    """What the event said when both sides last agreed."""
    here: Content
    """What it says now."""
    before: Content | None
    """What Google said last."""
    there: Content
    """What Google says now."""
    sent: Content | None = None
    """What was sent without an answer."""


class Merged(Struct, frozen=True, kw_only=True):
    """What the event says now, which fields Google is to be told, and what was not chosen."""

    content: Content
    pending: frozenset[str] = frozenset()
    lost: tuple[Lost, ...] = ()


def merge(sides: Sides, fields: tuple[str, ...], policy: Policy, *, home: bool) -> Merged:
    """Merge the fields given; with the home copy, what Google alone decides is taken as it is."""
    values: dict[str, Any] = {field: value_of(sides.there, field) for field in GOOGLES} if home else {}
    pending: set[str] = set()
    lost: list[Lost] = []
    for field in fields:
        five = _five(sides, field)
        if field == "attendees":
            values[field], told, loses = merge_guests(five, policy)
            not_chosen = lost_guests(values[field], five.here, five.there)
        else:
            fate, loses = choose(field, five, policy)
            values[field], other = (five.there, five.here) if fate is Fate.TAKE else (five.here, five.there)
            told, not_chosen = fate is Fate.PUSH, Lost(field, to_builtins(other), to_builtins(values[field]))
        pending |= {field} if told else set()
        lost += [not_chosen] if loses else []
    return Merged(content=with_fields(sides.here, values), pending=frozenset(pending), lost=tuple(lost))


def _five(sides: Sides, field: str) -> Five:
    return Five(*(value_of(state, field) for state in (sides.base, sides.here, sides.before, sides.there, sides.sent)))

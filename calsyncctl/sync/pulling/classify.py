"""What an event made in Google is here: the mode of its calendar decides (docs/architecture.md, Modes). Pure."""

from __future__ import annotations

from calsyncctl.model.calendar import Mode
from calsyncctl.model.event import EventKind


def kind_of(mode: Mode | None) -> EventKind | None:
    """Return the kind for an event made in Google on a calendar of a mode; None: it is not taken at all.

    `smart` asks for a known contact among the guests; as long as there are no contacts it is as `one-way`.
    """
    if mode is Mode.PUSH_ONLY:
        return None
    return EventKind.BLOCK if mode in {Mode.ONE_WAY, Mode.SMART} else EventKind.EVENT

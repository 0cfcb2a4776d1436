"""What a link's copy does not carry is the event's all the same: guests that stand on another copy, what is set once.

An item there says nothing of it. So an occurrence that somebody changed there, what comes back there, and the rest of a
series that somebody divided there keep it from here.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

import msgspec
from msgspec.structs import replace

from calsyncctl.model.copy import Known, RemoteEvent
from calsyncctl.model.event import Content
from calsyncctl.model.fields import value_of, with_fields
from calsyncctl.store import copies
from calsyncctl.store.db import Store
from calsyncctl.sync.changes import differences
from calsyncctl.sync.pulling.adopt import mark_of
from calsyncctl.sync.pulling.incoming import Incoming, Verdict
from calsyncctl.sync.pulling.scene import Scene
from calsyncctl.sync.stand import stand_of

_encode = msgspec.json.Encoder().encode


class _Ground(NamedTuple):
    """What an item is laid upon: what is known here, and the fields that the item tells of it."""

    content: Content
    told: tuple[str, ...]


def on_their_ground(store: Store, scene: Scene, decisions: Sequence[Incoming]) -> list[Incoming]:
    """Let what is new or back on a link's calendar say what is kept here wherever its copy there does not carry it."""
    wanted = [one for one in decisions if one.verdict in {Verdict.ADD, Verdict.RESTORE}]
    halves = {one.item.google_id: ground for one in wanted if (ground := _of_half(store, scene, one)) is not None}
    grounds = halves | _of_exceptions(store, scene, wanted, halves) | _of_known(store, scene, wanted)
    return [_laid(one, grounds[one.item.google_id]) if one.item.google_id in grounds else one for one in decisions]


def divided_from(store: Store, scene: Scene, item: RemoteEvent) -> Known | None:
    """Return the series whose rest an item is, by somebody's “this and following” on a copy that a link placed.

    Google's pages name it after the series (`<id>_R<start>`), and the series' mark comes along. Nothing else tells it
    from what was copied: that is a new event.
    """
    tag = item.tag
    if tag is None or item.master is not None or item.content is None or tag.instance not in scene.instances:
        return None
    if mark_of(item, scene.instances) is not None or not item.google_id.startswith(f"{tag.google_id}_R"):
        return None
    series = copies.known_copies(store, scene.calendar.id, [tag.google_id]).get(tag.google_id)
    return None if series is None or series.event.key != tag.key else series


def _of_half(store: Store, scene: Scene, one: Incoming) -> _Ground | None:
    series = divided_from(store, scene, one.item) if one.verdict is Verdict.ADD else None
    return None if series is None else _ground(store, scene, series, series.event.content)


def _of_exceptions(
    store: Store, scene: Scene, wanted: Iterable[Incoming], halves: Mapping[str, _Ground]
) -> dict[str, _Ground]:
    """Return what exceptions are laid upon that are new, or of which nothing is known but that they were cancelled."""
    bare = {
        one.item.google_id: one.item.master
        for one in wanted
        if one.item.master is not None and (one.known is None or one.known.event.content is None)
    }
    series = copies.known_copies(store, scene.calendar.id, set(bare.values())) if bare else {}
    grounds = dict(halves)
    for master, known in series.items():
        ground = _ground(store, scene, known, known.event.content)
        grounds |= {} if ground is None else {master: ground}
    return {name: grounds[master] for name, master in bare.items() if master in grounds}


def _of_known(store: Store, scene: Scene, wanted: Iterable[Incoming]) -> dict[str, _Ground]:
    known = [one.known for one in wanted if one.known is not None and one.known.event.content is not None]
    found = ((one.copy.google_id, _ground(store, scene, one, one.event.content)) for one in known)
    return {name: ground for name, ground in found if ground is not None}


def _ground(store: Store, scene: Scene, known: Known, content: Content | None) -> _Ground | None:
    """Return what is known here of what stands on a link's calendar; None at home, and where no link holds it."""
    if content is None or known.event.calendar_id == scene.calendar.id:
        return None
    rules = stand_of(store, scene.calendar, known, scene.policy).rules
    return _Ground(content, rules.fields) if rules.held else None


def _laid(decision: Incoming, ground: _Ground) -> Incoming:
    said, read = decision.content, decision.item.content
    if said is None or read is None:
        return decision
    content = with_fields(ground.content, {field: value_of(said, field) for field in ground.told})
    here = None if decision.known is None else decision.known.event.content
    there = decision.there or (None if content == read else _encode(read).decode())
    return replace(decision, content=content, there=there, changes=differences(here, content))

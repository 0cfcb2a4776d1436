"""What Google says of a whole series that was divided here meanwhile: it is said of the later half, too.

The later half is an event of its own, made by the run that divided the series. Until the earlier half's copy has told
that a calendar, whatever is said of the series there is meant of both. New times of the whole are divided where it was.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace as by

import msgspec
from msgspec.structs import replace

from calsyncctl.model.event import Content, Event, When
from calsyncctl.model.history import Action, Lost, Version
from calsyncctl.store import events, runs
from calsyncctl.store.db import Store
from calsyncctl.sync.canonical import alike
from calsyncctl.sync.changes import differences
from calsyncctl.sync.choice import Policy
from calsyncctl.sync.editing.carrying import follow_along
from calsyncctl.sync.editing.occurrences import keep_cancelled
from calsyncctl.sync.editing.record import Act, Fact, home_of, keep_changed, placed
from calsyncctl.sync.merge import Sides, merge
from calsyncctl.sync.policy import GOOGLE
from calsyncctl.sync.pulling.incoming import Incoming, Verdict, decide
from calsyncctl.sync.pulling.parts import Part, cut, divisions, later_parts, left_of
from calsyncctl.sync.pulling.scene import Scene
from calsyncctl.sync.pulling.telling import REVIVED, SELF
from calsyncctl.sync.recurrence.recur import still_without
from calsyncctl.sync.stand import Stand

_WHY = "its series was changed in Google, where it was not divided yet"
STILL = "it was divided here"
"""Why a series takes a part only of the times that Google has."""
_encode = msgspec.json.Encoder().encode


def with_divided(store: Store, decisions: Iterable[Incoming]) -> list[Incoming]:
    """Let new times of a whole series in Google be no conflict with its division here, nor the other way round.

    They are taken as they are; `divide_again` leaves of them what is left of the series. Times that stand here end
    where the series was divided in Google: its pages name what goes on from it there after it.
    """
    decisions = list(decisions)
    names = {one.item.google_id.rpartition("_R")[0] for one in decisions if one.item.content is not None}
    told = (_with_divided(store, one) if one.verdict is Verdict.TAKE else one for one in decisions)
    return [_with_rest(store, one) if one.item.google_id in names else one for one in told]


def _with_rest(store: Store, one: Incoming) -> Incoming:
    """Let the times of a series that stand here, and not Google's, end where it was divided there."""
    known, stand, read = one.known, one.stand, one.item.content
    here, kept = None if known is None else known.event.content, one.content
    if known is None or stand is None or stand.before is None or read is None or here is None or kept is None:
        return one
    if one.verdict is not Verdict.TAKE or kept.when != here.when or stand.rules.policy is not Policy.LOCAL_WINS:
        return one
    halves = cut(stand.before.when, read.when, here.when, home_of(store, known.event).zone)
    if halves is None or halves.before is None:
        return one
    content = replace(kept, when=halves.before)
    return replace(one, content=content, changes=differences(here, content))


def _with_divided(store: Store, one: Incoming) -> Incoming:
    known, stand, read = one.known, one.stand, one.item.content
    here = None if known is None else known.event.content
    if known is None or stand is None or stand.base is None or stand.before is None or read is None or here is None:
        return one
    same = alike("when", read.when, stand.before.when) or alike("when", read.when, here.when)
    if same or one.item.hidden or stand.rules.policy not in {Policy.GOOGLE_WINS, Policy.LOCAL_WINS}:
        return one
    whole = (stand.base.when, stand.before.when, read.when)
    base, before, there = left_of(store, known.event, stand.base_version or 0, whole)
    if there is None and cut(stand.before.when, read.when, stand.before.when, home_of(store, known.event).zone):
        there = read.when  # it ends before that in Google
    if base is None or before is None or there is None or base == stand.base.when:
        return one
    part = replace(stand, base=replace(stand.base, when=base), before=replace(stand.before, when=before))
    short = decide(replace(one.item, content=replace(read, when=there)), known, part, confirmed=True)
    content = short.content or here
    # Also where this part takes place as before: were the division undone, the whole is to be as Google has it.
    if content.when != here.when or (here.when == base and there == before):
        content = replace(content, when=read.when)
    changes, told = differences(here, content), _encode(read).decode()
    verdict = Verdict.TAKE if changes else short.verdict
    taken = replace(short, verdict=verdict, content=content, changes=changes)
    return replace(taken, item=one.item, stand=stand, there=told, pending=True)


def divide_again(store: Store, scene: Scene, decision: Incoming, event: Event) -> Event:
    """Divide a series where it was, that has just taken new times of the whole from Google; return it. Inside a write.

    That counts to the run that divided it, and goes back with that.
    """
    stand, read = decision.stand, decision.item.content
    if stand is None or stand.before is None or read is None or event.content is None or not decision.pending:
        return event
    if event.content.when != read.when or alike("when", read.when, stand.before.when):
        return event
    agreed = stand.base_version or 0
    (left,) = left_of(store, event, agreed, (read.when,))
    rows = [row for row, _ in divisions(store, event, agreed)]
    if left is None or not rows:
        return event
    act = Act(SELF, scene.now, scene.instance, rows[-1].run_id)
    content = replace(event.content, when=left)
    fact = Fact(Action.CHANGED, STILL, differences(event.content, content))
    return keep_changed(store, act, placed(event, content, home_of(store, event)), fact)


def tell_later_halves(store: Store, scene: Scene, act: Act, decision: Incoming) -> None:
    """Merge what Google says of a series into what goes on from it since it was divided here; inside a write."""
    stand, read, known = decision.stand, decision.item.content, decision.known
    if stand is None or read is None or known is None or known.event.content is None or decision.item.hidden:
        return
    if alike("when", known.event.content.when, read.when):
        return  # Google knows that it is divided: the earlier half alone is meant
    series = events.get_event(store, known.event.id)
    whole = tuple(None if one is None else one.when for one in (stand.base, stand.before, read))
    for part in later_parts(store, series, stand.base_version or 0, whole):
        merge_into(store, scene, by(act, author=GOOGLE, run=part.row.run_id), part, stand, read)


def note_revived_halves(store: Store, act: Act, decision: Incoming) -> None:
    """Note of what goes on from a series that comes back to Google that its deletion there was not chosen either."""
    if decision.known is None or decision.stand is None:
        return
    for part in later_parts(store, decision.known.event, decision.stand.base_version or 0):
        half = part.event
        noted = Version(
            event_id=half.id,
            version=half.version,
            run_id=act.run,
            calendar_id=half.calendar_id,
            at=act.now,
            author=GOOGLE,
            action=Action.CHANGED,
            why=REVIVED,
            lost=(Lost("deleted", True, False),),
        )
        runs.add_versions(store, [noted])


def merge_into(store: Store, scene: Scene, act: Act, part: Part, stand: Stand, read: Content) -> None:
    """Merge what is said of the whole into a part; what that takes counts to the run that made it, and goes with it."""
    half = part.event
    assert half.content is not None
    zone = home_of(store, half).zone
    whens = [
        None if one is None else still_without(half.content.when, one, calendar_zone=zone)
        for one in left_of(store, half, 0, part.whens)
    ]
    timed = None not in whens
    fields = tuple(field for field in stand.rules.fields if timed or field != "when")
    base, before, there = (_at(one, when) for one, when in zip((stand.base, stand.before, read), whens, strict=True))
    sides = Sides(base=base, here=half.content, before=before, there=there or read)
    result = merge(sides, fields, stand.rules.policy, home=False)
    content = result.content
    if content.when != half.content.when:
        content = keep_cancelled(store, half, content)
    changes = differences(half.content, content)
    if not changes and not result.lost:
        return
    fact = Fact(Action.CHANGED, _WHY, changes, result.lost)
    kept = keep_changed(store, act, placed(half, content, home_of(store, half)), fact)
    if content.when.recurrence:
        follow_along(store, act, kept, half.content, scene.keys)


def _at(content: Content | None, when: When | None) -> Content | None:
    return content if content is None or when is None else replace(content, when=when)

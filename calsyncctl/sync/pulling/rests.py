"""A series that was divided here and in Google at once: what goes on from it there is divided where it was here, too.

Else it would stand beside what goes on from it here, on the days that both have. Google's pages name it after the
series. Inside a write, after both were kept.
"""

from __future__ import annotations

from collections.abc import Collection

from msgspec.structs import replace

from calsyncctl.errors import UsageFault
from calsyncctl.model.event import Event, When
from calsyncctl.model.history import Action
from calsyncctl.store import copies, events
from calsyncctl.store.db import Store
from calsyncctl.sync.changes import differences
from calsyncctl.sync.choice import Policy
from calsyncctl.sync.editing.carrying import carry_cancelled, carry_over
from calsyncctl.sync.editing.occurrences import drop_exceptions
from calsyncctl.sync.editing.record import THE_SAME, Act, Fact, home_of, keep_changed, placed
from calsyncctl.sync.pulling.halves import STILL, merge_into
from calsyncctl.sync.pulling.incoming import Incoming, Verdict
from calsyncctl.sync.pulling.parts import Part, Whens, later_parts
from calsyncctl.sync.pulling.scene import Scene
from calsyncctl.sync.pulling.telling import SELF
from calsyncctl.sync.recurrence.recur import Halves, named, split
from calsyncctl.sync.stand import Stand


def divide_rests(store: Store, scene: Scene, decisions: Collection[Incoming]) -> None:
    """Divide what goes on in Google from series that both sides divided; what it says is said of the parts here."""
    said = {one.item.google_id: one for one in decisions}
    for one in decisions:
        whole = said.get(one.item.google_id.rpartition("_R")[0])
        if one.verdict is not Verdict.ADD or whole is None or whole.known is None or whole.stand is None:
            continue
        rest = copies.known_copies(store, scene.calendar.id, [one.item.google_id]).get(one.item.google_id)
        if rest is not None and whole.stand.rules.policy in {Policy.GOOGLE_WINS, Policy.LOCAL_WINS}:
            _divide_all(store, scene, events.get_event(store, whole.known.event.id), whole.stand, rest.event.id)


def _divide_all(store: Store, scene: Scene, series: Event, stand: Stand, rest_id: int) -> None:
    whole: Whens = tuple(None if one is None else one.when for one in (stand.base, stand.before))
    for part in later_parts(store, series, stand.base_version or 0, whole):
        rest, (base, before) = events.get_event(store, rest_id), part.whens
        halves = None if base is None else _divided(store, rest, base)
        if halves is not None:
            act = Act(SELF, scene.now, scene.instance, part.row.run_id)
            _tell(store, scene, act, part._replace(whens=(base, before, halves.after)), stand, rest)
            _part_exceptions(store, scene, act, rest, halves, part.event)
            _keep_left(store, act, rest, halves, part.event)


def _divided(store: Store, rest: Event, at: When) -> Halves | None:
    """Divide what goes on in Google before the occurrence with which a part here begins; None: it has none such."""
    if rest.content is None or rest.deleted is not None or not rest.content.when.recurrence:
        return None
    zone = home_of(store, rest).zone
    try:
        return split(rest.content.when, named(rest.content.when, at.start, calendar_zone=zone), calendar_zone=zone)
    except UsageFault:
        return None


def _tell(store: Store, scene: Scene, act: Act, part: Part, stand: Stand, rest: Event) -> None:
    """Merge what is said in Google from there on into the part here, and into what was divided from it in turn."""
    assert rest.content is not None
    merge_into(store, scene, act, part, stand, rest.content)
    for later in later_parts(store, part.event, 0, part.whens):
        merge_into(store, scene, act, later, stand, rest.content)


def _part_exceptions(store: Store, scene: Scene, act: Act, rest: Event, halves: Halves, half: Event) -> None:
    """Let the occurrences that were changed or cancelled there go on with the part here, as far as it has them."""
    assert rest.content is not None
    now, was = events.get_event(store, half.id), replace(rest.content, when=halves.after)
    first = named(rest.content.when, halves.after.start, calendar_zone=home_of(store, rest).zone)
    for carry in (carry_over, carry_cancelled):
        later = [one for one in events.exceptions_of(store, rest.id) if (one.original or "") >= first]
        carry(store, act, was, now, later, scene.keys)
    left = [one for one in events.exceptions_of(store, rest.id) if (one.original or "") >= first]
    drop_exceptions(store, act, left, STILL)


def _keep_left(store: Store, act: Act, rest: Event, halves: Halves, half: Event) -> None:
    """Keep what is left before the part here; nothing: it is that part."""
    assert rest.content is not None
    if halves.before is None:
        gone = Fact(Action.DELETED, f"{THE_SAME}{half.key[:8]}, which was made here")
        keep_changed(store, act, replace(rest, deleted=act.now), gone)
        return
    content = replace(rest.content, when=halves.before)
    fact = Fact(Action.CHANGED, STILL, differences(rest.content, content))
    keep_changed(store, act, placed(rest, content, home_of(store, rest)), fact)

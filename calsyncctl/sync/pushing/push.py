"""Pushing one calendar: copies that are due → decisions → writes → answers, each answer kept on its own.

Before a write goes out, the version that it carries is committed; its answer clears that. So whatever ends a push, the
next one knows which copies it must read before it writes them again. Nothing is ever sent twice on a guess.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from itertools import groupby

from msgspec.structs import replace

from calsyncctl.errors import (
    CalsyncError,
    Gone,
    Invalid,
    Later,
    Outdated,
    Refused,
    Taken,
    Unknown,
)
from calsyncctl.model.calendar import Calendar
from calsyncctl.model.copy import Copy, Known, RemoteEvent
from calsyncctl.model.history import Counts
from calsyncctl.store import calendars, copies, deletions, events, runs, shades
from calsyncctl.store.copies import Due
from calsyncctl.store.db import Store
from calsyncctl.sync.links import next_generation
from calsyncctl.sync.provider import Answer, Delete, Insert, Patch, Write
from calsyncctl.sync.pulling.apply_items import apply_items
from calsyncctl.sync.pulling.deletions import decide_deletions
from calsyncctl.sync.pulling.pull import Means, scene_of
from calsyncctl.sync.pushing import place
from calsyncctl.sync.pushing.asking import is_unplaced, look, may_write, read, read_unanswered, see_calendar
from calsyncctl.sync.pushing.duties import duties
from calsyncctl.sync.pushing.loops import LOOP, counted
from calsyncctl.sync.pushing.outgoing import Outgoing, Step, is_unseen, plan
from calsyncctl.sync.pushing.returning import give_back
from calsyncctl.sync.pushing.shading import keep_back
from calsyncctl.sync.pushing.under_way import Push, Pushed, count, hold_copy
from calsyncctl.sync.taking_part import as_it_is

BATCH = 50
"""Writes sent together (the Calendar API's limit for one batch)."""
ROUNDS = 4
"""How often a copy is read and written again in one push, before it waits for the next."""


def push(store: Store, calendar: Calendar, means: Means, pushed: Pushed, *, ahead: int = 0) -> None:
    """Bring what is due on a calendar to the provider; `pushed` tells how far it came, also when this raises.

    `ahead`: what is due so many seconds later, too.

    Raises:
        Gone: the calendar itself is not there.
        NotAllowed: somebody paused or deselected it meanwhile.
        Later, NeedsReauth, Installation: as the provider says; what was not written stays due.
    """
    run = Push(store, calendar, means, pushed)
    with means.provider.urgent():  # what is read here, a write waits for
        _push(run, means.clock.now() + ahead)


def _push(run: Push, until: int) -> None:
    """Send what is due until a moment, and settle deletions."""
    store, calendar, means, pushed = run.store, run.calendar, run.means, run.pushed
    if shades.is_shadow(store, calendar.id):
        said = keep_back(store, calendar, means.clock.now())
        pushed.warnings += [said] if said else []
    else:
        _send(run, until)
        _clear_behind(run)
    counts, held = decide_deletions(store, scene_of(calendar, means, means.clock.now()))
    count(run, counts)
    pushed.held += held
    _say_unsettled(run)


def push_only(store: Store, calendar: Calendar, means: Means, pushed: Pushed, copy_ids: Collection[int]) -> None:
    """Bring some of what is due to the provider, and nothing else; a shadow gets nothing. Raises as `push`."""
    if not shades.is_shadow(store, calendar.id):
        run = Push(store, calendar, means, pushed)
        with means.provider.urgent():
            _send(run, means.clock.now(), only=frozenset(copy_ids))
        _say_unsettled(run)


def _say_unsettled(run: Push) -> None:
    if run.pushed.unsettled:
        what = f"{run.pushed.unsettled} of the events on “{run.calendar.name}” kept changing in Google"
        then = "They wait a while, then a sync tries again."
        raise Later(f"{what} while they were written.", then, scope="calendar")


def _send(run: Push, until: int, only: frozenset[int] | None = None) -> None:
    """Work off what is due until a moment, batch by batch, by the rules of the calendar as it is then.

    What somebody writes meanwhile goes before what is left.
    """
    store, calendar, means, pushed = run.store, run.calendar, run.means, run.pushed
    begun, passing = means.clock.now(), Counter[int]()
    left = [one for one in copies.due_copies(store, calendar.id, until) if only is None or one.copy_id in only]
    fresh: list[Due] = []
    while batch := _first(fresh) or _first(left):
        if means.stop.is_set():
            return
        run = Push(store, as_it_is(store, calendar), means, pushed)
        _push_some(run, [one.copy_id for one in batch])
        means.on_sent(pushed.counts.sent)
        if pushed.trouble is not None:
            raise pushed.trouble
        left = left if fresh else left[len(batch) :]
        passing.update(one.copy_id for one in batch if fresh)
        news = [] if only is not None else copies.due_copies(store, calendar.id, means.clock.now(), after=begun)
        fresh = [one for one in news if passing[one.copy_id] < ROUNDS]


def _first(waiting: Sequence[Due]) -> Sequence[Due]:
    """Return what is sent first: so many of one phase, none of which depends on another."""
    return [one for one in waiting[:BATCH] if one.phase == waiting[0].phase]


def _clear_behind(run: Push) -> None:
    """Delete what came here where it was before: else it stands twice in Google until the next pass."""
    left = events.left_for(run.store, run.calendar.id, run.means.clock.now())
    for calendar_id, some in groupby(left, key=lambda one: one[0]):
        behind = Push(run.store, calendars.get_calendar(run.store, calendar_id), run.means, Pushed())
        try:
            _push_some(behind, [copy_id for _, copy_id in some][:BATCH])
        except CalsyncError:
            continue  # that calendar's own turn tells
        run.pushed.counts += behind.pushed.counts
        run.pushed.mails += behind.pushed.mails
        run.pushed.held += behind.pushed.held


def _push_some(run: Push, copy_ids: list[int]) -> None:
    """Work off some copies of which none depends on another."""
    seen: set[int] = set()
    sent: dict[int, str | None] = {}
    for left in reversed(range(ROUNDS)):
        again = read_unanswered(run, copy_ids)
        plans = _plans(run, again)
        unseen = {one.duty.known.copy.id for one in plans if is_unseen(one)} - seen
        if unseen:
            read(run, sorted(unseen))
            seen |= unseen
            plans = _plans(run, again)
        _settle(run, [one for one in plans if one.step is not Step.WRITE])
        look(run, [one.duty.known.copy.id for one in plans if one.step is Step.LOOK])
        writes = [one for one in plans if one.step is Step.WRITE]
        if not left:
            writes = [_freed(one, sent) if one.duty.known.copy.id in seen else one for one in writes]
        sent = {one.duty.known.copy.id: one.duty.known.copy.etag for one in writes}
        copy_ids = _write(run, writes)
        if not copy_ids or run.pushed.trouble is not None:
            return
    _put_off(run, copy_ids)


def _freed(one: Outgoing, sent: Mapping[int, str | None]) -> Outgoing:
    """Take the condition off the last try at an untouched occurrence, or a grave, if its etag never changed.

    Google refuses the etag that it keeps telling: nothing is documented of those two (Calendar API, Get specific
    versions of resources), and what was read just now is what is there.
    """
    copy = one.duty.known.copy
    if one.write is None or isinstance(one.write, Insert) or sent.get(copy.id, "") != copy.etag:
        return one
    return replace(one, write=replace(one.write, etag=None))


def _put_off(run: Push, copy_ids: Sequence[int]) -> None:
    """Let copies wait that were read and written again without end: whatever changes them comes first."""
    with run.store.write():
        run.pushed.unsettled += place.put_off(run.store, copy_ids, run.means.clock.now())


def _plans(run: Push, copy_ids: Sequence[int]) -> list[Outgoing]:
    """Decide what copies ask of Google; of those that a reading settled, or put on hold, nothing."""
    known = (copies.get_copy(run.store, one) for one in copy_ids)
    due = [copy.id for copy in known if copy.due is not None and copy.hold != deletions.DELETIONS]
    return [plan(duty) for duty in duties(run.store, run.calendar, run.means.engine, due, run.means.clock.now())]


def _settle(run: Push, plans: Sequence[Outgoing]) -> None:
    """Keep what needs no writing."""
    returned = [one for one in plans if one.step is Step.RETURN]
    unpushed = [one for one in plans if one.step is Step.HOLD]
    resting = [one.duty.known for one in plans if one.step is Step.REST]
    settled = [one.duty.known for one in plans if one.step is Step.SETTLE]
    if not (returned or unpushed or resting or settled):
        return
    now = run.means.clock.now()
    with run.means.ledger.write(run.store):
        for one in returned:  # first: with a series its exceptions return, which else would settle as gone
            if _is_as_planned(run, one.duty.known):
                give_back(run.store, one.duty, run.means.ledger.run(run.store), now)
        for known in settled:
            if _is_as_planned(run, known):
                place.settle(run.store, known)
        for one in unpushed:
            if _is_as_planned(run, one.duty.known):
                hold_copy(run, one, "refused", one.duty.stand.rules.refused or "")
        for known in resting:
            if _is_as_planned(run, known):
                place.rest(run.store, known.copy)


def _is_as_planned(run: Push, known: Known) -> bool:
    """Tell whether event and copy are as they were read; otherwise the decision is void. Inside the write."""
    for now in copies.known_by_id(run.store, [known.copy.id]):
        as_read = (known.event.version, known.event.calendar_id, replace(known.copy, due=None))
        return (now.event.version, now.event.calendar_id, replace(now.copy, due=None)) == as_read
    return False


def _write(run: Push, plans: Sequence[Outgoing]) -> list[int]:
    """Send writes and keep their answers; return the copies that must be looked at again."""
    writes = [(one, one.write) for one in plans if one.write is not None]
    if not writes:
        return []
    with run.store.write():
        # Edited or moved away since it was planned: it is due still, and the next push plans it anew.
        writes = _unlooped(run, [(one, write) for one, write in writes if _is_as_planned(run, one.duty.known)])
        copies.mark_sent(run.store, [(one.duty.known.copy.id, one.duty.known.event.version) for one, _ in writes])
    if not writes:
        return []  # all of them kept changing, or are not what was planned
    answers = run.means.provider.write_events(run.google_id, tuple(write for _, write in writes))
    kept = [
        (one.duty.known, answer.error, _keep(run, one, write, answer))
        for (one, write), answer in zip(writes, answers, strict=True)
    ]
    again = [known for known, _, repeat in kept if repeat]
    if run.pushed.trouble is not None or not again:
        return []
    if any(isinstance(error, Gone) for _, error, _ in kept):
        see_calendar(run)
    taken = frozenset(known.copy.id for known, error, _ in kept if isinstance(error, Taken))
    copies_now = [copies.get_copy(run.store, known.copy.id) for known in again]
    to_read = [copy.id for copy in copies_now if copy.id in taken or not is_unplaced(copy)]
    if to_read:
        read(run, to_read, taken=taken)
    return [copy.id for copy in copies_now]


def _unlooped(run: Push, writes: Sequence[tuple[Outgoing, Write]]) -> list[tuple[Outgoing, Write]]:
    """Return the writes that may go out; copies that keep changing are put on hold instead. Inside a write."""
    going: list[tuple[Outgoing, Write]] = []
    now = run.means.clock.now()
    for one, write in writes:
        copy = one.duty.known.copy
        if isinstance(write, Insert):
            going.append((one, write))
            continue
        carried = runs.versions_after(run.store, copy.event_id, copy.base_version or 0)
        count = counted(copy, carried, write.fields if isinstance(write, Patch) else (), now)
        if count.reason is None:
            copies.set_writes(run.store, copy.id, count.copy.writes, count.copy.writes_since)
            going.append((one, write))
        else:
            hold_copy(run, one, LOOP, count.reason)
    return going


def _keep(run: Push, one: Outgoing, write: Write, answer: Answer) -> bool:
    """Keep one answer; return whether the copy must be looked at again in this push."""
    known, now = one.duty.known, run.means.clock.now()
    if answer.error is not None:
        return _keep_error(run, one, write, answer.error)
    with run.means.ledger.write(run.store):
        run_id = run.means.ledger.run(run.store)
        if isinstance(write, Delete):
            place.keep_deletion(run.store, known.copy.id, known.event.version, now)
        elif answer.event is None or answer.event.content is None:
            copies.clear_sent(run.store, [known.copy.id])
            return True  # deleted there meanwhile: what that means is the reading's to say
        else:
            _keep_answer(run, one, write, answer.event)
        agreed, sent = known.copy.base_version or 0, known.event.version
        runs.mark_sent(run.store, known.event.id, after=agreed, upto=sent, run_id=run_id)
    run.pushed.mails += write.mail != "none"
    run.means.ledger.mails += write.mail != "none"
    count(
        run,
        Counts(placed=isinstance(write, Insert), updated=isinstance(write, Patch), removed=isinstance(write, Delete)),
    )
    return False


def _keep_answer(run: Push, one: Outgoing, write: Insert | Patch, item: RemoteEvent) -> None:
    """Keep what Google made of a write, then take what somebody had changed there beside it; inside a write."""
    now, known = run.means.clock.now(), one.duty.known
    told = place.as_written(write, item, one.duty.stand.rules.fields)
    place.keep_answer(run.store, run.calendar, known, told, now, meet=one.duty.meet)
    if told != item:
        applied = apply_items(run.store, scene_of(run.calendar, run.means, now), [item], confirmed=True)
        count(run, Counts(changed=applied.counts.changed))


def _keep_error(run: Push, one: Outgoing, write: Write, error: CalsyncError) -> bool:
    """Keep why a write was not done; return whether the copy must be looked at again in this push."""
    copy_id, now = one.duty.known.copy.id, run.means.clock.now()
    if isinstance(error, Unknown):
        run.pushed.trouble = run.pushed.trouble or error  # what was sent stays noted
        return False
    void = isinstance(error, Refused | Invalid | Gone) and _is_revival(write, one.duty.known.copy)
    if void and isinstance(error, Gone):
        see_calendar(run)  # a calendar out of reach says nothing of an id
    if void and isinstance(error, Refused):
        void = may_write(run)  # a right that is lost says nothing of it either
    with run.store.write():
        copies.clear_sent(run.store, [copy_id])
        if void:
            next_generation(run.store, run.calendar, copy_id, run.means.engine.instance, now)
            return True
        if isinstance(error, Outdated | Taken | Gone):
            return True
        if isinstance(error, Refused | Invalid):
            return _refused(run, one, write, error)
    run.pushed.trouble = run.pushed.trouble or error
    return False


def _is_revival(write: Write, copy: Copy) -> bool:
    return isinstance(write, Patch) and write.revive and copy.master_google_id is None


def _refused(run: Push, one: Outgoing, write: Write, error: CalsyncError) -> bool:
    """Try again without the Meet that was asked for, else put the copy on hold; inside a write."""
    known = one.duty.known
    if isinstance(write, Insert) and write.meet is not None:
        events.refuse_meet(run.store, known.event.id)
        run.pushed.warnings.append(
            f"Google gives no Meet link on “{run.calendar.name}”: the event went in without one."
        )
        return True
    hold_copy(run, one, error.kind, error.what)
    return False

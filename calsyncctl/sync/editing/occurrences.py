"""Local edits of parts of a series: one occurrence, or one and all that follow.

A changed or cancelled occurrence is an event of its own, which names its series and its original start. Its first
version says what it changed of the occurrence: so its copy is compared with what the series says there.
"""

from __future__ import annotations

from msgspec.structs import replace

from calsyncctl.errors import NotAllowed, NotFound
from calsyncctl.model.calendar import Mode
from calsyncctl.model.copy import Copy, CopyState
from calsyncctl.model.event import Content, Event, When
from calsyncctl.model.fields import value_of, with_fields
from calsyncctl.model.history import Action, Lost
from calsyncctl.store import calendars, copies, events, runs
from calsyncctl.store.db import Store
from calsyncctl.sync.canonical import GOOGLES
from calsyncctl.sync.changes import differences
from calsyncctl.sync.editing.permit import check_change, check_event
from calsyncctl.sync.editing.record import WITH_SERIES, Act, Fact, home_of, keep_changed, keep_new, living, placed
from calsyncctl.sync.recurrence.recur import occurrence, split, without


def cancel(store: Store, act: Act, series_id: int, original: str, key: str, *, why: str) -> Event:
    """Cancel one occurrence; inside a write."""
    series = _series(store, series_id)
    check_event(series, home_of(store, series))
    standing = _standing(store, series, original)
    if standing is None:
        fresh = exception_of(series, original, key, inherited(store, series, original))
        return _unexpanded(store, keep_new(store, act, _cancelled(fresh), Fact(Action.CANCELLED, why)))
    if standing.status == "cancelled" and standing.deleted is None:
        return standing
    if standing.deleted is not None:
        inherited(store, series, original)  # sees that there is such an occurrence
    return _unexpanded(store, keep_changed(store, act, _cancelled(standing), Fact(Action.CANCELLED, why)))


def change(store: Store, act: Act, series_id: int, original: str, content: Content, key: str, *, why: str) -> Event:
    """Let one occurrence say something else; inside a write. Saying the same returns the series, unchanged."""
    if content.when.recurrence:
        raise NotAllowed("One occurrence cannot repeat.", "Change the series, or this and the following.")
    series = _series(store, series_id)
    calendar = home_of(store, series)
    check_change(series, calendar, replace(content, when=series.content.when) if series.content else content)
    standing = _standing(store, series, original)
    before = standing.content if standing is not None and standing.deleted is None else None
    if before is None:
        before = inherited(store, series, original)  # also sees that there is such an occurrence
    if standing is not None and standing.content is not None:
        before = standing.content
    content = ours(content, before)
    changes = differences(before, content)
    if standing is None and not changes:
        return series
    if standing is None:
        fresh = placed(exception_of(series, original, key, before), content, calendar)
        return _unexpanded(store, keep_new(store, act, fresh, Fact(Action.CHANGED, why, changes)))
    back = standing.status == "cancelled" or standing.deleted is not None
    if not changes and not back:
        return standing
    if back:
        _revive(store, standing)
    action = Action.RESTORED if back else Action.CHANGED
    kept = keep_changed(store, act, placed(standing, content, calendar), Fact(action, why, changes))
    return _unexpanded(store, kept)


def ours(content: Content, now: Content | None) -> Content:
    """Return what an edit may say: what Google alone decides stays as it is now."""
    return content if now is None else with_fields(content, {field: value_of(now, field) for field in GOOGLES})


def inherited(store: Store, series: Event, original: str) -> Content:
    """Return what an occurrence says as long as nobody changed it.

    Raises:
        NotFound: the series has no such occurrence.
    """
    assert series.content is not None
    zone = home_of(store, series).zone
    fits = _has_place(series.content.when, original, zone)
    when = occurrence(series.content.when, original, calendar_zone=zone) if fits else None
    if when is None:
        raise NotFound(f"The series {series.key[:8]} has no occurrence at {original}.", "See: calsyncctl events list")
    return replace(series.content, when=when)


def has_place(store: Store, series: Event, exception: Event) -> bool:
    """Tell whether a series has the occurrence that an exception is of."""
    when = None if series.content is None else series.content.when
    repeats = when is not None and bool(when.recurrence)
    return repeats and when is not None and _has_place(when, exception.original or "", home_of(store, series).zone)


def drop_exceptions(
    store: Store, act: Act, gone: list[Event], why: str, *, lost: bool = True, cancelled_too: bool = False
) -> None:
    """Delete exceptions that their series has no place for any more; what they said stays in the history.

    `lost`: whether it is lost with them, so that it waits in `review`; `cancelled_too`: also that they were cancelled.
    """
    for event in gone:
        cancelled = event.status == "cancelled"
        loses = lost and (cancelled_too if cancelled else event.content is not None)
        fact = Fact(Action.DELETED, why, lost=(Lost("deleted", cancelled, not cancelled),) if loses else ())
        kept = keep_changed(store, act, replace(event, deleted=act.now), fact)
        copies.update_copies(store, (_dropped(copy, kept, act.now) for copy in copies.copies_of(store, kept.id)))


def _dropped(copy: Copy, event: Event, now: int) -> Copy:
    """Google mostly drops them by itself when the series changes: it is asked first, and told only if it did not."""
    if copy.state is CopyState.LIVE:
        return replace(copy, sent_version=event.version, due=now)
    return replace(copy, state=CopyState.DELETED, base_version=event.version, due=None, sent_version=None)


def delete_exceptions(store: Store, act: Act, series: Event) -> None:
    """Delete the exceptions of a series that is to be deleted; they come back with it."""
    for event in events.exceptions_of(store, series.id):
        keep_changed(store, act, replace(event, deleted=act.now), Fact(Action.DELETED, WITH_SERIES))


def restore_exceptions(store: Store, act: Act, series: Event, gone: int) -> None:
    """Bring back the exceptions that were deleted with their series at a moment, after it lives again."""
    calendar = home_of(store, series)
    for event in events.exceptions_of(store, series.id, deleted=True):
        if not went_along(store, event, gone):
            continue
        again = replace(event, deleted=None)
        if event.status != "cancelled" and event.content is not None:
            again = placed(event, event.content, calendar)
        keep_changed(store, act, again, Fact(Action.RESTORED, "its series was restored"))


def went_along(store: Store, exception: Event, gone: int) -> bool:
    """Tell whether an exception was deleted with its series at a moment, not by itself within the same second."""
    if exception.deleted != gone:
        return False
    history = runs.versions_of(store, exception.id)
    # One that Google cancelled while its series was deleted here was never deleted by itself either.
    return not history or history[-1].why == WITH_SERIES or history[-1].action is not Action.DELETED


def keep_cancelled(store: Store, series: Event, content: Content) -> Content:
    """Let what was cancelled of a series stay so when its times change: by EXDATE where no exception says so.

    What keeps its place in the new times stays cancelled there, as Google keeps it.
    """
    assert series.content is not None
    zone = home_of(store, series).zone
    standing = [one.original or "" for one in events.exceptions_of(store, series.id) if one.status == "cancelled"]
    cancelled = [original for original in standing if not _has_place(content.when, original, zone)]
    return replace(content, when=without(series.content.when, content.when, cancelled, calendar_zone=zone))


def keep_cancelled_after(store: Store, series: Event, original: str, content: Content) -> Content:
    """Let what was cancelled from an occurrence on stay so in the series that goes on from there."""
    assert series.content is not None
    zone = home_of(store, series).zone
    standing = [one for one in events.exceptions_of(store, series.id) if one.status == "cancelled"]
    cancelled = [one.original or "" for one in standing if (one.original or "") > original]
    rest = split(series.content.when, original, calendar_zone=zone).after
    return replace(content, when=without(rest, content.when, cancelled, calendar_zone=zone, all_=True))


def follow_series(store: Store, act: Act, series: Event, before: Content) -> None:
    """Let exceptions follow a change of their series, after it; inside a write.

    Those that the new times have no place for are dropped, if Google does not say so itself; those that no calendar has
    taken yet say in all other fields what the series says, as far as they said the same before.
    """
    assert series.content is not None
    if before.when != series.content.when:
        drop_exceptions(
            store, act, misfits(store, series, series.content), "its series has no such occurrence any more"
        )
    for event in events.exceptions_of(store, series.id) if before != series.content else ():
        if event.content is not None and _stays_behind(store, event):
            _carry(store, act, series, event, before, when=_is_untold(store, event))


def follow_untold(store: Store, act: Act, series: Event, before: Content) -> None:
    """Let exceptions that Google was never told of follow a change of their series made there; inside a write."""
    assert series.content is not None
    for event in events.exceptions_of(store, series.id) if before != series.content else ():
        if event.content is not None and _is_untold(store, event):
            _carry(store, act, series, event, before, when=True)


def let_follow(store: Store, act: Act, series: Event, before: Content) -> None:
    """Let all exceptions say what their series says now, as far as they said the same before; inside a write.

    Google lets those follow that never said anything of their own; what was taken back from one it takes for its own.
    """
    assert series.content is not None
    for event in events.exceptions_of(store, series.id) if before != series.content else ():
        if event.content is not None and event.status != "cancelled":
            _carry(store, act, series, event, before, when=False)
    if before.when != series.content.when:
        cancel_again(store, act, series)


def cancel_again(store: Store, act: Act, series: Event) -> None:
    """Let Google be told again what is cancelled of a series that comes back to it; inside a write.

    Google forgets what was cancelled where a series has no place for it meanwhile.
    """
    gone = [event for event in events.exceptions_of(store, series.id) if event.status == "cancelled"]
    standing = [copy for event in gone for copy in copies.copies_of(store, event.id) if copy.state is CopyState.LIVE]
    untold = (replace(copy, state=CopyState.PLANNED, etag=None, base_version=0, due=act.now) for copy in standing)
    copies.update_copies(store, untold)


def _carry(store: Store, act: Act, series: Event, event: Event, before: Content, *, when: bool) -> None:
    """Let an exception say what its series says now, as far as it said the same; its times only if `when`."""
    assert event.content is not None
    assert series.content is not None
    fields = [change.field for change in differences(before, series.content) if change.field != "when"]
    same = [field for field in fields if value_of(event.content, field) == value_of(before, field)]
    content = with_fields(event.content, {field: value_of(series.content, field) for field in same})
    if when:
        content = replace(content, when=_when_now(store, series, event, before))
    changes = differences(event.content, content)
    if changes:
        kept = replace(event, content=content)
        if event.status != "cancelled":
            kept = placed(event, content, home_of(store, series))
        keep_changed(store, act, kept, Fact(Action.CHANGED, "its series was changed", changes))


def _when_now(store: Store, series: Event, event: Event, before: Content) -> When:
    """Return when an exception takes place after a change of its series: then as its series, if it did so before."""
    assert event.content is not None
    assert series.content is not None
    zone, original, when = home_of(store, series).zone, event.original or "", event.content.when
    if not _has_place(before.when, original, zone) or not _has_place(series.content.when, original, zone):
        return when
    now = occurrence(series.content.when, original, calendar_zone=zone)
    return now if now is not None and when == occurrence(before.when, original, calendar_zone=zone) else when


def _is_untold(store: Store, event: Event) -> bool:
    """Tell whether no calendar was ever told of an exception."""
    return all(
        copy.etag is None and copy.state in {CopyState.PLANNED, CopyState.STALE, CopyState.DELETED}
        for copy in copies.copies_of(store, event.id)
    )


def _stays_behind(store: Store, event: Event) -> bool:
    """Tell whether nobody brings the exception what its series says now: no calendar has it, or none that is taken."""
    return any(
        copy.state is CopyState.PLANNED
        or (copy.state is CopyState.STALE and copy.etag is None)
        or calendars.get_calendar(store, copy.calendar_id).mode in {Mode.ONE_WAY, Mode.PUSH_ONLY}
        for copy in copies.copies_of(store, event.id)
    )


def misfits(store: Store, series: Event, content: Content) -> list[Event]:
    """Return the living exceptions of a series that would have no place, were its times those of `content`."""
    zone = home_of(store, series).zone
    return [
        event
        for event in events.exceptions_of(store, series.id)
        if event.original is not None and not _has_place(content.when, event.original, zone)
    ]


def _has_place(when: When, original: str, zone: str) -> bool:
    """Tell whether a series has an occurrence of that name: whole days are named by their date alone."""
    return when.all_day == ("T" not in original) and occurrence(when, original, calendar_zone=zone) is not None


def _series(store: Store, series_id: int) -> Event:
    series = living(store, series_id)
    if series.content is None or not series.content.when.recurrence:
        raise NotAllowed("This event does not repeat.", "Change it as a whole.")
    return series


def _standing(store: Store, series: Event, original: str) -> Event | None:
    event_id = events.exception_at(store, series.id, original)
    return None if event_id is None else events.get_event(store, event_id)


def exception_of(series: Event, original: str, key: str, content: Content) -> Event:
    """Return an occurrence as an event of its own, before it is kept."""
    return Event(
        id=0,  # given when it is kept
        key=key,
        calendar_id=series.calendar_id,
        kind=series.kind,
        origin=series.origin,
        content=content,
        starts=None,
        ends=None,
        version=1,
        status=content.status,
        ical_uid=series.ical_uid,
        series_id=series.id,
        original=original,
    )


def _cancelled(event: Event) -> Event:
    return replace(event, status="cancelled", starts=None, ends=None, deleted=None)


def _revive(store: Store, event: Event) -> None:
    """What was cancelled at Google is brought back there by its status.

    Also where nobody told it, if its series comes back there: that lacks what it lacked. Google is asked first.
    """
    series = copies.copies_of(store, event.series_id) if event.series_id is not None else []
    back = {copy.calendar_id for copy in series if copy.state is CopyState.STALE}
    standing = [
        copy
        for copy in copies.copies_of(store, event.id)
        if copy.state is CopyState.LIVE or (copy.state is CopyState.PLANNED and copy.calendar_id in back)
    ]
    copies.update_copies(store, (replace(copy, state=CopyState.STALE) for copy in standing))


def _unexpanded(store: Store, event: Event) -> Event:
    if event.series_id is not None:
        events.unexpand(store, {event.series_id})
    return event

"""The commands of `calsyncctl events` that change one: add, edit, delete, move, restore. `events.py` registers them."""

from __future__ import annotations

from datetime import UTC, datetime

import typer
from msgspec.structs import replace

from calsyncctl.commands import event_options as opt
from calsyncctl.commands.acting import edit_means
from calsyncctl.commands.fields import Said, edited_content, new_content
from calsyncctl.commands.scope import How, Scope, Target, target_of
from calsyncctl.commands.shown import finish, view_of
from calsyncctl.commands.times import Given, Place, edited_when, new_when
from calsyncctl.errors import NotFound, UsageFault
from calsyncctl.model.calendar import Calendar, CalendarKind, CalendarState
from calsyncctl.model.event import Content, Event, EventKind
from calsyncctl.runtime import Runtime
from calsyncctl.store import calendars, events
from calsyncctl.store.find import find_calendar, find_event
from calsyncctl.sync.editing import edit as edits
from calsyncctl.sync.editing.left_behind import stays_behind
from calsyncctl.sync.editing.restoring import earlier, restore_event
from calsyncctl.sync.recurrence.recur import occurrence, split
from calsyncctl.views.events import KEY_SHOWN
from calsyncctl.views.undone import stays_text


def add(
    ctx: typer.Context,
    words: opt.WordsArg,
    start: opt.StartOpt = None,
    end: opt.EndOpt = None,
    lasts: opt.ForOpt = None,
    all_day: opt.AllDayOpt = None,
    zone: opt.ZoneOpt = None,
    repeat: opt.RepeatOpt = None,
    until: opt.UntilOpt = None,
    times: opt.TimesOpt = None,
    location: opt.LocationOpt = None,
    description: opt.DescriptionOpt = None,
    guest: opt.GuestOpt = None,
    remind: opt.RemindOpt = None,
    visibility: opt.VisibilityOpt = None,
    free: opt.FreeOpt = None,
    tentative: opt.TentativeOpt = None,
    kind: opt.KindOpt = "event",
    meet: opt.MeetOpt = False,
    ref: opt.RefOpt = None,
    push: opt.PushOpt = False,
) -> None:
    """Add an event: calsyncctl events add "Lunch" --start "tomorrow 12:00" --for 45m.

    Without --push it is here at once, and in Google with the next sync. A start without a time makes it all-day.
    """
    run: Runtime = ctx.obj
    if ref is not None and not ref.strip():
        raise UsageFault("--ref needs an id.", "Leave it out, or give your own id of this event.")
    calendar, title = _place(run, words)
    given = Given(start, end, lasts, all_day, zone, tuple(repeat or ()), until, times)
    said = Said(title, location, description, tuple(guest or ()), (), tuple(remind or ()), visibility, free, tentative)
    content = new_content(said, new_when(given, _here(run, calendar)))
    draft = edits.Draft(content=content, kind=EventKind(kind), ref=ref, meet=meet)
    known = events.event_of_ref(run.store, calendar.id, ref) if ref is not None else None
    added = edits.add_event(run.store, edit_means(run), calendar, draft)
    if known is not None:
        raise typer.Exit(_known_by_ref(run, added, push=push))
    raise typer.Exit(finish(run, [added], f"“{title}” is on “{calendar.name}” ({added.key[:KEY_SHOWN]}).", push=push))


def _known_by_ref(run: Runtime, first: Event, *, push: bool) -> int:
    """Say what became of the event that a caller's own id made before; nothing is made again."""
    key = first.key[:KEY_SHOWN]
    if first.deleted is None:
        return finish(run, [first], f"“{_title(first)}” is here already under this --ref ({key}).", push=push)
    run.console.warn(f"“{_title(first)}” was made under this --ref ({key}) and is deleted since; nothing was added.")
    run.console.hint(f"Bring it back: calsyncctl events restore {key}")
    if run.console.json:
        run.console.result(view_of(run, first), "", schema="event")
    return 0


def edit(
    ctx: typer.Context,
    event: opt.EventArg,
    this: opt.ThisOpt = None,
    following: opt.FollowingOpt = None,
    all: opt.AllOpt = False,
    title: opt.TitleOpt = None,
    start: opt.StartOpt = None,
    end: opt.EndOpt = None,
    lasts: opt.ForOpt = None,
    all_day: opt.AllDayOpt = None,
    zone: opt.ZoneOpt = None,
    repeat: opt.RepeatOpt = None,
    until: opt.UntilOpt = None,
    times: opt.TimesOpt = None,
    location: opt.LocationOpt = None,
    description: opt.DescriptionOpt = None,
    guest: opt.GuestOpt = None,
    no_guest: opt.NoGuestOpt = None,
    remind: opt.RemindOpt = None,
    visibility: opt.VisibilityOpt = None,
    free: opt.FreeOpt = None,
    tentative: opt.TentativeOpt = None,
    push: opt.PushOpt = False,
) -> None:
    """Change what is given of an event; the rest stays. An empty text clears it.

    Of a series say how much is meant: --all, --this ORIGINAL, or --following ORIGINAL. A time alone keeps the day, a
    day alone the time.
    """
    run: Runtime = ctx.obj
    given = Given(start, end, lasts, all_day, zone, tuple(repeat or ()), until, times)
    said = Said(
        title,
        location,
        description,
        tuple(guest or ()),
        tuple(no_guest or ()),
        tuple(remind or ()),
        visibility,
        free,
        tentative,
    )
    if not given.anything and not said.anything:
        raise UsageFault("Nothing is given that could be changed.", "See: calsyncctl events edit --help")
    with run.store.write():  # read within: what a pass takes from Google just now must not be put back
        changed = _edited(run, target_of(run.store, event, Scope(this, following, all)), said, given)
    raise typer.Exit(finish(run, changed, f"“{_title(changed[-1])}” is changed.", push=push))


def delete(
    ctx: typer.Context,
    event: opt.EventArg,
    this: opt.ThisOpt = None,
    following: opt.FollowingOpt = None,
    all: opt.AllOpt = False,
    push: opt.PushOpt = False,
) -> None:
    """Delete an event, here and in Google. `events restore` brings it back.

    Of a series say how much is meant: --all, --this ORIGINAL, or --following ORIGINAL.
    """
    run: Runtime = ctx.obj
    target = target_of(run.store, event, Scope(this, following, all))
    means = edit_means(run)
    if target.how is How.THIS:
        gone = edits.cancel_occurrence(run.store, means, target.event.id, target.original)
        text = f"“{_title(target.event)}” does not take place on {_day(run, target.original)}."
    elif target.how is How.FOLLOWING and _divides(target):
        gone, _ = edits.split_series(run.store, means, target.event.id, target.original, None)
        text = f"“{_title(target.event)}” ends before {_day(run, target.original)}."
    else:
        gone = edits.delete_event(run.store, means, target.event.id)
        text = f"“{_title(target.event)}” is deleted."
    code = finish(run, [gone], text, push=push)
    back = gone.deleted is not None or gone.status == "cancelled"
    run.console.hint(f"Bring it back: calsyncctl events restore {gone.key[:KEY_SHOWN]}" if back else "")
    raise typer.Exit(code)


def move(ctx: typer.Context, event: opt.EventArg, calendar: opt.TargetArg, push: opt.PushOpt = False) -> None:
    """Give an event another home calendar; it stays the same event. A series moves as a whole."""
    run: Runtime = ctx.obj
    target = target_of(run.store, event, _whole(run, event))
    wanted = find_calendar(run.store, calendar)
    old = calendars.get_calendar(run.store, target.event.calendar_id)
    moved = edits.move_event(run.store, edit_means(run), target.event.id, wanted)
    code = finish(run, [moved], f"“{_title(moved)}” is on “{wanted.name}”.", push=push)
    for left in stays_behind(target.event, old) if old.id != wanted.id else ():
        run.console.warn(f"Cannot move: {left}")
    raise typer.Exit(code)


def restore(
    ctx: typer.Context,
    event: opt.EventArg,
    version: opt.VersionOpt = None,
    whole: opt.WholeOpt = False,
    push: opt.PushOpt = False,
) -> None:
    """Bring a deleted event back; or with --version what the change after that version took.

    What was changed since in other fields stays, and is listed; --whole puts all fields back. Nobody is mailed.
    """
    run: Runtime = ctx.obj
    found = find_event(run.store, event)
    if whole and version is None:
        raise UsageFault("--whole stands with --version.", "Name one: calsyncctl events history EVENT")
    back = earlier(run.store, found, version, whole=whole)
    restored = restore_event(run.store, edit_means(run), found.id, version, whole=whole)
    what = "is back" if version is None else f"says again what it said at version {version}"
    code = finish(run, [restored], f"“{_title(restored)}” {what}.", push=push)
    for kept in back.kept:
        run.console.say(f"Stays as changed since: {stays_text(kept)}")
    if back.kept:
        run.console.hint(f"All of it: calsyncctl events restore {found.key[:KEY_SHOWN]} --version {version} --whole")
    for gone in back.gone:
        run.console.warn(f"Cannot return: {gone}")
    raise typer.Exit(code)


# What is meant


def _place(run: Runtime, words: list[str]) -> tuple[Calendar, str]:
    """Read `[CALENDAR] TITLE`."""
    if len(words) > 2:
        raise UsageFault(
            f"These are {len(words)} words; a calendar and a title are meant.",
            'Put a title of several words in quotes: events add "Lunch with Jane" …',
        )
    if len(words) == 2:
        return find_calendar(run.store, words[0]), words[1]
    return _only_calendar(run), words[0]


def _only_calendar(run: Runtime) -> Calendar:
    """Return the calendar that must be meant: the only one that takes events, else the only account's main one.

    Raises:
        UsageFault: there are several.
        NotFound: there is none.
    """
    taking = [
        one
        for one in calendars.list_calendars(run.store, states=[CalendarState.SELECTED])
        if one.kind is not CalendarKind.ACTIVITY and one.writable and one.mode != "read-only"
    ]
    main = [one for one in taking if one.is_primary]
    if len(taking) == 1 or len(main) == 1:
        return taking[0] if len(taking) == 1 else main[0]
    if not taking:
        raise NotFound("No calendar takes events.", "Select one: calsyncctl calendars select NAME")
    names = ", ".join(f"“{one.name}”" for one in taking[:5])
    raise UsageFault(f"It is not said on which calendar: {names}.", 'calsyncctl events add CALENDAR "Lunch" …')


def _here(run: Runtime, calendar: Calendar) -> Place:
    return Place(datetime.fromtimestamp(run.clock.now(), UTC), run.zone(), calendar.zone)


def _whole(run: Runtime, text: str) -> Scope:
    """Mean the whole of whatever was typed."""
    found = find_event(run.store, text)
    return Scope(all=found.content is not None and bool(found.content.when.recurrence))


# Doing it


def _edited(run: Runtime, target: Target, said: Said, given: Given) -> list[Event]:
    """Change what is meant; the last of the events returned is the one that was changed."""
    calendar = calendars.get_calendar(run.store, target.event.calendar_id)
    place, means, id_ = _here(run, calendar), edit_means(run), target.event.id
    base = _base(run, target)
    content = edited_content(base, said, edited_when(base.when, given, place))
    if target.how is How.THIS:
        if given.repeat or given.until or given.times:
            raise UsageFault("One occurrence does not repeat by itself.", "Use --following or --all.")
        return [edits.change_occurrence(run.store, means, id_, target.original, content)]
    if target.how is How.FOLLOWING and _divides(target):
        old, new = edits.split_series(run.store, means, id_, target.original, content)
        return [old, new] if new else [old]
    return [edits.change_event(run.store, means, id_, content)]


def _base(run: Runtime, target: Target) -> Content:
    """Return what is there to be changed."""
    content = target.event.content
    if content is None:
        raise NotFound("This occurrence is cancelled, and nothing more is known of it.", "Add an event in its place.")
    if target.how is How.WHOLE:
        return content
    if target.how is How.FOLLOWING:
        halves = split(content.when, target.original, calendar_zone=target.calendar_zone)
        return replace(content, when=halves.after)
    standing = {one.original: one for one in events.exceptions_of(run.store, target.event.id)}.get(target.original)
    if standing is not None and standing.content is not None:
        return standing.content
    when = occurrence(content.when, target.original, calendar_zone=target.calendar_zone)
    if when is None:
        raise NotFound(f"The series has no occurrence at {target.original}.", "See: calsyncctl events list")
    return replace(content, when=when)


def _divides(target: Target) -> bool:
    """Tell whether anything of the series takes place before; else “this and following” is all of it."""
    assert target.event.content is not None
    halves = split(target.event.content.when, target.original, calendar_zone=target.calendar_zone)
    return halves.before is not None


def _title(event: Event) -> str:
    return (event.content.summary if event.content else "") or "(no title)"


def _day(run: Runtime, original: str) -> str:
    """Show an original start: a date, or the moment in the zone that is shown."""
    return original if len(original) == len("2026-11-20") else run.console.when(datetime.fromisoformat(original))

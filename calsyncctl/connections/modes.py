"""How a selected calendar syncs, changed: what will be different is said first, and nothing is written to Google.

From one-way to two-way only by a switch of its own: what was grey here becomes editable, and what is deleted there is
deleted here from then on.
"""

from __future__ import annotations

from dataclasses import dataclass

from calsyncctl.errors import NotAllowed, UsageFault
from calsyncctl.model.calendar import Calendar, CalendarKind, CalendarState, Mode
from calsyncctl.store import calendars, copies, events, links
from calsyncctl.store.db import Store
from calsyncctl.store.linked import from_google, waiting_copies
from calsyncctl.sync.pulling.classify import kind_of

MODES = (Mode.TWO_WAY, Mode.ONE_WAY, Mode.PUSH_ONLY, Mode.READ_ONLY)
"""The modes that there are; `smart` comes with contacts."""
PUSHING = (Mode.TWO_WAY, Mode.ONE_WAY, Mode.PUSH_ONLY)


@dataclass(frozen=True, slots=True)
class ModeChange:
    """A change of mode, and what it means for what is here."""

    calendar: Calendar
    mode: Mode
    theirs: int
    """Events made in Google that are here: they change their kind, not what they say."""
    waiting: int
    """Changes made here that wait to be sent."""

    @property
    def converts(self) -> bool:
        """Whether it is another mode at all."""
        return self.calendar.mode not in {None, self.mode}

    @property
    def switches(self) -> bool:
        """Whether one-way ends and two-way begins."""
        return self.calendar.mode is Mode.ONE_WAY and self.mode is Mode.TWO_WAY

    @property
    def sentences(self) -> tuple[str, ...]:
        """What will be different, for people to read before they agree."""
        return tuple(_sentences(self))


def plan_mode(store: Store, calendar: Calendar, mode: Mode) -> ModeChange:
    """Say what another mode would change.

    Raises:
        UsageFault: the calendar is not selected, or lives only here.
        NotAllowed: the access does not permit it, or events from Google stand in the way.
    """
    if calendar.kind is not CalendarKind.GOOGLE:
        raise UsageFault(f"“{calendar.name}” lives only here: it has no mode.", "See: calsyncctl links")
    if calendar.state is CalendarState.AVAILABLE or calendar.mode is None:
        raise UsageFault(
            f"“{calendar.name}” is not selected.",
            f"Select it: calsyncctl calendars select {calendar.typed} --mode {mode}",
        )
    if mode in PUSHING and not calendar.writable:
        raise NotAllowed(
            f"“{calendar.name}” cannot be written to (your access role is {calendar.access}), so it cannot be {mode}.",
            "Ask its owner for the right to change events, then: calsyncctl calendars refresh",
        )
    return weigh_mode(store, calendar, mode)


def weigh_mode(store: Store, calendar: Calendar, mode: Mode) -> ModeChange:
    """Say what a mode that the access permits would change, for a calendar that is selected or to be selected.

    Raises:
        NotAllowed: a link, or events from Google, stand in the way.
    """
    _check_no_links(store, calendar, mode)
    change = ModeChange(calendar, mode, from_google(store, calendar.id), waiting_copies(store, calendar.id))
    if mode is Mode.PUSH_ONLY and calendar.mode is not mode and change.theirs:
        raise NotAllowed(
            f"“{calendar.name}” has {change.theirs:,} events from Google here, and push-only shows none.",
            f"Remove them here first: calsyncctl calendars deselect {calendar.typed} --purge; then select it anew.",
        )
    return change


def change_mode(store: Store, change: ModeChange, now: int) -> Calendar:
    """Let a calendar sync in another mode."""
    with store.write():
        convert(store, change.calendar, change.mode, now)
        calendars.set_mode(store, change.calendar.id, change.mode)
    return calendars.get_calendar(store, change.calendar.id)


def convert(store: Store, calendar: Calendar, mode: Mode, now: int) -> None:
    """Give what came from Google the kind that a mode says, and try again what was refused; inside a write."""
    if calendar.mode in {None, mode}:
        return
    kind = kind_of(mode)
    if kind is not None:
        events.set_kind(store, calendar.id, kind)
    if calendar.mode is Mode.PUSH_ONLY:
        calendars.drop_cursor(store, calendar.id)  # what was passed over is listed now
    copies.retry_refused(store, calendar.id, now)


def _check_no_links(store: Store, calendar: Calendar, mode: Mode) -> None:
    """See that no link's target becomes read-only.

    Raises:
        NotAllowed: it would.
    """
    if mode is not Mode.READ_ONLY or calendar.mode is mode or not calendar.writable:
        return
    standing = links.list_links(store, target_id=calendar.id)
    if standing:
        source = calendars.get_calendar(store, standing[0].source_id)
        raise NotAllowed(
            f"“{source.name}” is linked to “{calendar.name}”, so it cannot be read-only.",
            f"Take the link away first: calsyncctl links delete {source.typed} {calendar.typed}",
        )


def check_not_one_way(change: ModeChange) -> None:
    """See that two-way does not begin by the way while one-way is on; deselecting does not turn it off.

    Raises:
        NotAllowed: it would.
    """
    if not change.switches:
        return
    name, typed = change.calendar.name, change.calendar.typed
    if change.calendar.state is CalendarState.AVAILABLE:
        raise NotAllowed(
            f"“{name}” was left one-way: two-way is locked while that is on.",
            f"Turn it off and unlock two-way: calsyncctl calendars select {typed} --mode two-way --switch",
        )
    raise NotAllowed(
        f"“{name}” syncs one-way: two-way is locked while that is on.",
        f"Turn it off and unlock two-way: calsyncctl calendars mode {typed} two-way --switch",
    )


def _sentences(change: ModeChange) -> list[str]:
    name, mode, theirs = change.calendar.name, change.mode, _count(change.theirs, "event") + " made in Google"
    waiting = _count(change.waiting, "change") + " made here"
    told = {
        Mode.TWO_WAY: f"Ordinary events from now on: {theirs}. Edits of them here go to Google, deletions too.",
        Mode.ONE_WAY: f"Grey blocks from now on, not to be edited here: {theirs}. Events made here still go to Google.",
        Mode.PUSH_ONLY: f"Events made here go to Google; nothing comes from “{name}”.",
        Mode.READ_ONLY: f"Nothing goes to Google any more: “{name}” can only be looked at.",
    }
    said = [told[mode]]
    if change.switches:
        said.append("What somebody changes or deletes in Google of events made here counts here, too, from now on.")
    if mode is Mode.READ_ONLY and change.waiting:
        said.append(f"Not sent: {waiting}. Google's values return, yours stay in the history.")
    if mode in PUSHING and change.waiting:
        said.append(f"Waiting to be sent: {waiting}.")
    return said


def _count(number: int, thing: str) -> str:
    return f"{number:,} {thing}{'' if number == 1 else 's'}"

"""What happens in a scenario: acts of the program, which may be killed and are then done again, and acts of the world.

An act of the world (`Outer`) happens once. Closures never hold a house: whoever is reborn is handed in.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from msgspec.structs import replace as with_

from calsyncctl.connections import calendars as choosing
from calsyncctl.connections import disconnect, linking, modes
from calsyncctl.connections.keeping import entries_of
from calsyncctl.errors import CalsyncError
from calsyncctl.model.account import AccountState
from calsyncctl.model.calendar import Calendar, Mode
from calsyncctl.model.copy import RemoteEvent
from calsyncctl.model.event import When
from calsyncctl.model.fields import with_fields
from calsyncctl.model.link import WhenDeleted
from calsyncctl.store import accounts, calendars, links
from calsyncctl.sync.editing import edit
from calsyncctl.sync.editing.occurrences import inherited
from calsyncctl.sync.editing.restoring import restore_event
from calsyncctl.sync.provider import Delete, Insert, Patch
from calsyncctl.sync.recurrence.recur import split
from calsyncctl.sync.reviewing import inbox
from calsyncctl.sync.reviewing.review import Reviewer
from tests.proofs.mortal import Act, MortalHouse, Outer, once
from tests.sync.desk import WORK
from tests.sync.house import JANE, House, said

TEAM = "team-calendar"
SUPPORT = "support@example.com"
GUESTS = ("ann@example.com", "bob@example.com")


# What the program does


def sync(house: MortalHouse) -> None:
    """Run a pass; errors of calendars are its report's affair."""
    house.sync()


def add(ref: str, calendar: str = WORK, **more: object) -> Act:
    """Make an event under a ref: the same again makes none."""

    def act(house: MortalHouse) -> None:
        (where,) = (one for one in calendars.list_calendars(house.store) if calendar in {one.google_id, one.name})
        meet = bool(more.get("meet"))
        content = said(ref, **{name: value for name, value in more.items() if name != "meet"})  # type: ignore[arg-type]
        house.add(content, where, ref=ref, meet=meet)

    return act


def change(ref: str, calendar: str = WORK, **values: object) -> Act:
    return lambda house: house.change(house.of_ref(ref, calendar), **values)


def delete(ref: str, calendar: str = WORK) -> Act:
    return lambda house: house.delete(house.of_ref(ref, calendar))


def change_one(ref: str, original: str, summary: str) -> Act:
    """Change one occurrence."""

    def act(house: MortalHouse) -> None:
        series = house.of_ref(ref)
        content = with_(inherited(house.store, series, original), summary=summary)
        edit.change_occurrence(house.store, house.means, series.id, original, content)

    return act


def cancel_one(ref: str, original: str) -> Act:
    return lambda house: edit.cancel_occurrence(house.store, house.means, house.of_ref(ref).id, original)


def divide(ref: str, original: str, summary: str) -> Act:
    """This and the following."""

    def act(house: MortalHouse) -> None:
        series = house.of_ref(ref)
        assert series.content is not None
        halves = split(series.content.when, original, calendar_zone="UTC")
        content = with_(series.content, summary=summary, when=halves.after or series.content.when)
        edit.split_series(house.store, house.means, series.id, original, content)

    return once(act)


def restore(ref: str, version: int | None = None) -> Act:
    return once(lambda house: restore_event(house.store, house.means, house.of_ref(ref).id, version))


def link(target: str, *, from_: int | None = None, when_deleted: str = "delete", invites: bool = False) -> Act:
    """Link the native calendar to a google calendar."""

    def act(house: MortalHouse) -> None:
        terms = linking.Terms(from_, WhenDeleted(when_deleted), invites)
        source = native_of(house)
        target_ = house.home(target)
        linking.add_link(house.store, source, target_, terms, instance=house.engine.instance, now=house.clock.now())

    return act


def push_existing(target: str) -> Act:
    """Let a link hold everything from the beginning."""

    def act(house: MortalHouse) -> None:
        found = links.get_link(house.store, native_of(house).id, house.home(target).id)
        terms = linking.Terms(from_=0)
        linking.edit_link(house.store, found, terms, instance=house.engine.instance, now=house.clock.now())

    return act


def unlink(target: str) -> Act:
    """Take a link away, with its copies."""

    def act(house: MortalHouse) -> None:
        found = links.find_link(house.store, native_of(house).id, house.home(target).id)
        if found is not None:
            linking.delete_link(house.store, found, remove_copies=True, now=house.clock.now())

    return act


def decide(how: Callable[..., object]) -> Act:
    """Decide what is on hold, if it still is."""

    def act(house: MortalHouse) -> None:
        who = Reviewer(JANE, house.clock, house.engine)
        for entry in inbox.entries(house.store):
            if entry.kind is not inbox.Kind.CONFLICT:
                how(house.store, who, inbox.detail(house.store, entry.id))

    return act


def deselect(house: MortalHouse) -> None:
    choosing.deselect(house.office, house.home(), purge=False)


def select(house: MortalHouse) -> None:
    choosing.select(house.office, choosing.plan_selection(house.store, [house.home()], None))


def part(house: MortalHouse) -> None:
    """Disconnect, by whatever run comes to it."""
    disconnect.retry_partings(house.office)
    account = house.account()
    if account.state is not AccountState.DISCONNECTED:
        plan = disconnect.plan_parting(house.office, account, revoke=True, purge=False, force=False)
        disconnect.part(house.office, plan)


def come_back(house: MortalHouse) -> None:
    """Be connected again: the sign-in's own part is proven elsewhere."""
    account = house.account()
    with house.store.write():
        accounts.set_account_state(house.store, account.id, AccountState.ACTIVE, since=house.clock.now())


def set_mode(mode: Mode) -> Act:
    def act(house: MortalHouse) -> None:
        modes.change_mode(house.store, modes.plan_mode(house.store, house.home(), mode), house.clock.now())

    return act


def move(ref: str, target: str) -> Act:
    def act(house: MortalHouse) -> None:
        edit.move_event(house.store, house.means, house.of_ref(ref).id, house.home(target))

    return once(act)


# What the world does


def native_of(house: House) -> Calendar:
    (found,) = (one for one in calendars.list_calendars(house.store) if one.google_id is None)
    return found


def item_of(house: House, title: str, calendar: str = WORK) -> RemoteEvent:
    (found,) = (
        one for one in house.google.alive(calendar).values() if one.content is not None and one.content.summary == title
    )
    return found


def there(title: str, calendar: str = WORK, **values: object) -> Outer:
    """Somebody changes an event in Google."""

    def act(house: MortalHouse) -> None:
        house.google.put(calendar, spoken(item_of(house, title, calendar), **values))

    return Outer(act)


def there_deleted(title: str, calendar: str = WORK) -> Outer:
    return Outer(
        lambda house: house.google.delete(calendar, item_of(house, title, calendar).google_id, exceptions=True)
    )


def reply(title: str, answer: str) -> Outer:
    """Every guest of an event replies."""

    def act(house: MortalHouse) -> None:
        item = item_of(house, title)
        assert item.content is not None
        guests = tuple(with_(guest, reply=answer) for guest in item.content.body.attendees)
        house.google.put(WORK, spoken(item, attendees=guests))

    return Outer(act)


def refuse(error: CalsyncError, kind: type[Insert] | type[Patch] | type[Delete]) -> Outer:
    """Writes of a kind are refused from now on."""
    return Outer(lambda house: house.google.fail_write(error, kind=kind, times=1000))


def permit(house: MortalHouse) -> None:
    """Nothing is refused any more."""
    house.google.habits.faults.clear()


def empty_pages(house: MortalHouse) -> None:
    house.google.empty_pages = True


def no_undelete(house: MortalHouse) -> None:
    house.google.habits.undelete = False


def meet(how: str) -> Act:
    def act(house: MortalHouse) -> None:
        house.google.habits.meet = how

    return act


def signed_in(house: MortalHouse) -> None:
    """Let the vault hold tokens, as after a sign-in."""
    for entry in entries_of(house.account().sub):
        house.outside.secrets.set(entry, "token")


def spoken(item: RemoteEvent, **values: object) -> RemoteEvent:
    """Return an item that says something else."""
    assert item.content is not None
    return with_(item, content=with_fields(item.content, values))


def when(start: str, end: str, *recurrence: str) -> When:
    return When(start, end, "UTC", recurrence)


def under(item: RemoteEvent, google_id: str, ical_uid: str) -> RemoteEvent:
    """Return an item under another id: a copy, with whatever properties it bears."""
    return with_(item, google_id=google_id, ical_uid=ical_uid)


def meanwhile(requests: int, act: Outer) -> Outer:
    """Let the world act just before the request that comes after so many others."""

    def later(house: MortalHouse) -> None:
        google = house.google
        for _ in range(requests):
            google.before_next(lambda: None)
        outside = house.outside

        def happen() -> None:
            # Whoever asks may have been reborn since: only the service is touched.
            act.act(_OnlyGoogle(outside.google))  # type: ignore[arg-type]

        google.before_next(happen)

    return Outer(later)


@dataclass
class _OnlyGoogle:
    google: object


def google(do: Callable[..., object]) -> Outer:
    return Outer(lambda house: do(house.google))

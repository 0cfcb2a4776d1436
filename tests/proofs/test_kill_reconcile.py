"""Killed at every boundary of a repair or an adoption, the program ends where it would have ended undisturbed."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from msgspec.structs import replace as with_

from calsyncctl.model.calendar import Mode
from calsyncctl.model.copy import Tag
from calsyncctl.store import calendars
from calsyncctl.sync.passes import sync_calendars
from calsyncctl.sync.repairing.reconcile import Reconciling
from calsyncctl.sync.reviewing import review
from tests.proofs import acts as do
from tests.proofs.lives import Record
from tests.proofs.mortal import Act, Fate, MortalHouse, Outer, live, prepared
from tests.proofs.scenarios import Scenario, calendar
from tests.proofs.test_kill import kill
from tests.support.memory import MemoryGoogle, timed
from tests.sync.desk import WORK
from tests.sync.house import INSTANCE

OTHER = "another00000"


def reconcile(*adopt: str) -> Act:
    """Reconcile everything; errors of calendars are its report's affair."""

    def act(house: MortalHouse) -> None:
        house.clock.at += 60
        step = Reconciling(adopt=frozenset(adopt)).step
        sync_calendars(replace(house.work(), kind="reconcile"), step)

    return act


def damage(*statements: str) -> Outer:
    """Change the store behind the program's back."""

    def act(house: MortalHouse) -> None:
        with house.store.write():
            for statement in statements:
                house.store.connection.execute(statement)

    return Outer(act)


def forgotten(title: str) -> Outer:
    """The store has never heard of an event."""
    chosen = f"(SELECT id FROM event WHERE summary = '{title}')"
    return damage(
        f"DELETE FROM version WHERE event_id IN {chosen}",
        f"DELETE FROM copy WHERE event_id IN {chosen}",
        f"DELETE FROM event WHERE summary = '{title}'",
    )


def _five_there(google: MemoryGoogle) -> None:
    for number in range(5):
        google.put(WORK, timed(f"item{number}", f"Item {number}"))


def _marked(instance: str) -> Outer:
    """Events that an installation made, a series among them."""

    def act(google: MemoryGoogle) -> None:
        for number in range(4):
            name = f"marked{number}"
            lines = ("RRULE:FREQ=DAILY;COUNT=4",) if number == 3 else ()
            item = timed(name, f"Marked {number}", recurrence=lines)
            google.put(WORK, with_(item, tag=Tag(instance, f"key{number}", name, home=WORK)))

    return do.google(act)


def _some_lost(google: MemoryGoogle) -> None:
    for number in range(4):
        google.lose(WORK, f"item{number}")


def _series_there(google: MemoryGoogle) -> None:
    for number in range(11):
        google.put(WORK, timed(f"weekly{number:02}", recurrence=("RRULE:FREQ=WEEKLY;COUNT=4",)))


def _one_of_each_cancelled(google: MemoryGoogle) -> None:
    for number in range(11):
        name = f"weekly{number:02}_20260422T090000Z"
        google.put(WORK, timed(name, master=f"weekly{number:02}", original="20260422T090000Z"))
        google.delete(WORK, name)


def _one_way(house: MortalHouse) -> None:
    house.calendar(mode=Mode.ONE_WAY)


def _native(house: MortalHouse) -> None:
    house.native()


FIVE: tuple[Act, ...] = (calendar, do.google(_five_there), do.sync, do.add("Ours"), do.sync, do.sync)
STORIES = (
    Scenario(
        "several differences repaired",
        (
            *FIVE,
            damage("UPDATE event SET summary = 'Damaged' WHERE summary = 'Item 1'"),
            forgotten("Item 2"),
            do.google(lambda google: google.lose(WORK, "item3")),
        ),
        (reconcile(),),
    ),
    Scenario("an event of ours forgotten", (*FIVE, forgotten("Ours")), (reconcile(),)),
    Scenario(
        "a promise of a link kept",
        (
            calendar,
            _native,
            do.add("Ours", "Desk"),
            do.add("Also", "Desk"),
            do.link(WORK),
            do.sync,
            do.sync,
            damage("DELETE FROM copy"),
            do.google(lambda google: google.delete_calendar(WORK)),
            lambda house: house.google.add_calendar(WORK, owner="work@example.com"),
        ),
        (reconcile(),),
    ),
    Scenario("many lost, held and released", (*FIVE, do.google(_some_lost)), (reconcile(), do.decide(review.release))),
    Scenario(
        "occurrences of many series cancelled, held and released",
        (calendar, do.google(_series_there), do.sync),
        (do.google(_one_of_each_cancelled), do.sync, do.decide(review.release), do.sync),
    ),
    Scenario("a lost store's first listing", (calendar, _marked(INSTANCE)), (do.sync, reconcile())),
    Scenario("a lost store on a one-way calendar", (_one_way, _marked(INSTANCE)), (do.sync, reconcile())),
    Scenario("another installation taken over", (calendar, _marked(OTHER), do.sync), (reconcile(OTHER),)),
    Scenario("another installation's first listing", (calendar, _marked(OTHER)), (reconcile(OTHER),)),
)


@pytest.mark.parametrize("everywhere", [False, pytest.param(True, marks=pytest.mark.long)], ids=["sample", "all"])
@pytest.mark.parametrize("scenario", STORIES, ids=lambda one: one.name.replace(" ", "-"))
def test_killed_anywhere_a_repair_ends_as_if_nothing_had_happened(
    scenario: Scenario, everywhere: bool, tmp_path: Path, record_property: Record
) -> None:
    record_property("kills", kill(scenario, tmp_path, everywhere=everywhere))


def test_after_a_taking_over_every_mark_is_ours(tmp_path: Path) -> None:
    start = prepared(tmp_path / "before", (calendar, _marked(OTHER), do.sync), page_size=3)
    house = live(start.house(tmp_path / "life", Fate()), (reconcile(OTHER),))
    marks = {one.tag for one in house.google.alive(WORK).values()}
    assert {(tag.instance, tag.key) for tag in marks if tag} == {(INSTANCE, f"key{number}") for number in range(4)}
    assert calendars.list_calendars(house.store)[0].last_reconcile == house.clock.now()
    house.close()

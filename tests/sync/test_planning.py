"""The parts of a plan: the stage that answers as Google would, the seal, and who may still be carried out."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace as place_at
from pathlib import Path

import msgspec
import pytest
from msgspec.structs import replace

from calsyncctl.connections.shadow import shade, trust
from calsyncctl.errors import Gone, NotAllowed, Outdated, Taken, UsageFault
from calsyncctl.model.copy import RemoteEvent, Tag
from calsyncctl.model.fields import with_fields
from calsyncctl.store import accounts, events, runs
from calsyncctl.store.rehearsal import copied, open_copy
from calsyncctl.sync.passes import sync_calendars
from calsyncctl.sync.planning.applying import Applying
from calsyncctl.sync.planning.judging import Fate, Sight, is_done, why_not
from calsyncctl.sync.planning.plan import Decision, Plan, Scope, Side, sealed, unsealed
from calsyncctl.sync.planning.rehearsal import rehearse
from calsyncctl.sync.planning.stage import Rehearsed, Stage
from calsyncctl.sync.provider import Delete, Insert, Patch, Write
from tests.support.memory import MemoryGoogle, timed
from tests.sync.desk import ME, WORK
from tests.sync.house import INSTANCE, House, said

TEA = "tea00000"
DAILY = ("RRULE:FREQ=DAILY;COUNT=5",)


@pytest.fixture
def google() -> MemoryGoogle:
    made = MemoryGoogle()
    made.add_calendar(WORK, owner=ME)
    made.put(WORK, timed(TEA))
    made.put(WORK, timed("yoga0000", "Yoga", "2027-05-05T18:00:00Z", "2027-05-05T19:00:00Z", recurrence=DAILY))
    return made


@pytest.fixture
def noted() -> list[Write]:
    return []


@pytest.fixture
def stage(google: MemoryGoogle, noted: list[Write]) -> Rehearsed:
    return Rehearsed(google.provider(ME), Stage(), lambda _where, write, _item: noted.append(write))


def read(stage: Rehearsed, name: str) -> RemoteEvent | None:
    return stage.get_events(WORK, (name,))[name]


def renamed(item: RemoteEvent, *, etag: str | None = "") -> Patch:
    assert item.content is not None
    after = with_fields(item.content, {"summary": "Coffee"})
    chosen = item.etag if etag == "" else etag
    return Patch(google_id=item.google_id, etag=chosen, before=item.content, after=after, fields=frozenset({"summary"}))


def insert(google_id: str) -> Insert:
    return Insert(google_id=google_id, content=said(), tag=Tag(INSTANCE, "key", google_id))


def test_a_write_on_stage_is_seen_by_later_reads_and_never_reaches_google(
    stage: Rehearsed, google: MemoryGoogle, noted: list[Write]
) -> None:
    tea = read(stage, TEA)
    assert tea is not None

    (answer,) = stage.write_events(WORK, (renamed(tea),))

    assert answer.error is None
    after = read(stage, TEA)
    assert after is not None
    assert after.content is not None
    assert (after.content.summary, after.etag != tea.etag) == ("Coffee", True)
    assert google.read(WORK, TEA) == tea
    assert (google.writes, len(noted)) == ([], 1)


def test_an_insert_is_listed_afterwards_and_its_id_is_taken(stage: Rehearsed) -> None:
    first, second = (stage.write_events(WORK, (insert("abcde"),))[0] for _ in range(2))

    assert first.error is None
    assert isinstance(second.error, Taken)
    named = [item.google_id for item in stage.list_events(WORK, cursor=None, page=None).items]
    assert sorted(named) == ["abcde", TEA, "yoga0000"]


def test_what_google_would_refuse_over_its_etag_or_its_absence_is_refused(stage: Rehearsed, noted: list[Write]) -> None:
    tea = read(stage, TEA)
    assert tea is not None
    gone = renamed(replace(tea, google_id="nowhere"), etag=None)
    answers = stage.write_events(WORK, (renamed(tea, etag='"old"'), gone))

    assert [type(one.error) for one in answers] == [Outdated, Gone]
    assert noted == []


def test_occurrences_follow_a_series_that_was_written(stage: Rehearsed) -> None:
    yoga, name = read(stage, "yoga0000"), "yoga0000_20270506T180000Z"
    assert yoga is not None
    stage.write_events(WORK, (renamed(yoga),))
    occurrence = read(stage, name)
    assert occurrence is not None
    assert occurrence.content is not None
    assert occurrence.content.summary == "Coffee"

    stage.write_events(WORK, (Delete(google_id="yoga0000", etag=None),))
    dead = read(stage, name)
    assert dead is None or dead.content is None


# The seal


def a_plan(*decisions: Decision) -> Plan:
    return Plan(
        schema=1,
        program="0",
        profile="default",
        instance=INSTANCE,
        made=0,
        scope=Scope(kind="sync"),
        calendars=(),
        decisions=decisions,
        held=(),
    )


def a_decision(**more: object) -> Decision:
    values: dict[str, object] = {
        "side": Side.HERE,
        "step": "changed",
        "calendar": 1,
        "google_id": TEA,
        "event": "k",
        "title": "Tea",
        "version": 1,
        "after": 2,
        "read": True,
        "etag": '"2"',
    }
    return Decision(**{**values, **more})  # type: ignore[arg-type]


def test_a_plan_comes_back_from_its_file_as_it_was() -> None:
    plan = a_plan(a_decision(), a_decision(side=Side.GOOGLE, step="patch", guests=("ann@example.com",), mail="all"))
    back = unsealed(sealed(plan), instance=INSTANCE)

    assert replace(back, digest="") == plan
    assert back.counts == {"google patch": 1, "here changed": 1}
    assert back.mailed == ("ann@example.com",)


@pytest.mark.parametrize("field", ["etag", "version", "title", "google_id"])
def test_a_plan_of_which_anything_was_changed_is_refused(field: str) -> None:
    plan = msgspec.json.decode(sealed(a_plan(a_decision())))
    plan["decisions"][0][field] = 7 if field == "version" else "other"

    with pytest.raises(UsageFault, match="was changed after it was made"):
        unsealed(msgspec.json.encode(plan), instance=INSTANCE)


def test_another_installations_plan_is_not_applied_here() -> None:
    with pytest.raises(NotAllowed, match=INSTANCE):
        unsealed(sealed(a_plan()), instance="another")


# Who may still be carried out


def test_a_decision_moves_on_with_the_item_or_the_event() -> None:
    house_item = timed(TEA)
    seen = Sight(event=None, copy=None, item=replace(house_item, etag='"3"'))

    assert why_not(a_decision(), seen, first=True) == "it was changed in Google since"
    assert why_not(a_decision(etag=""), seen, first=True) == "it was changed in Google since"
    assert why_not(a_decision(etag='"3"'), seen, first=True) == "it is not here any more"
    assert why_not(a_decision(etag='"3"'), seen, first=False) is None
    assert why_not(a_decision(etag='"3"', version=0), seen, first=True) is None
    assert not is_done(a_decision(), seen)


# A house


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    made = House(tmp_path)
    made.calendar()
    made.edit(timed(TEA))
    made.edit(timed("soup0000", "Soup"))
    made.sync()
    yield made
    made.close()


def planned(house: House, folder: Path) -> Plan:
    with copied(house.path, folder / "copy") as path:
        work = place_at(house.work(), open_store=lambda: open_copy(path))
        return rehearse(work, Scope(kind="sync"), profile="default").plan


def apply(house: House, plan: Plan) -> list[Fate]:
    applying = Applying(plan)
    sync_calendars(place_at(house.work(), kind="apply"), applying.step)
    return [applying.told[at].fate for at in range(len(plan.decisions))]


def test_a_rehearsal_leaves_nothing_behind_and_moves_no_cursor(house: House, tmp_path: Path) -> None:
    house.edit(timed(TEA, "Green tea"))
    house.add(said("Lunch"))
    before, cursor = house.snapshot(), house.home().cursor

    assert len(planned(house, tmp_path).decisions) == 2

    assert (house.snapshot(), house.home().cursor, house.google.writes) == (before, cursor, [])
    assert not (tmp_path / "copy").exists()


def test_an_applied_plan_moves_no_cursor_and_is_a_run_of_its_own(house: House, tmp_path: Path) -> None:
    house.edit(timed(TEA, "Green tea"))
    house.add(said("Lunch"))
    cursor = house.home().cursor

    assert apply(house, planned(house, tmp_path)) == [Fate.DONE, Fate.DONE]

    assert house.home().cursor == cursor
    assert runs.last_runs(house.store)[0].kind == "apply"
    sent = len(house.google.writes)
    assert house.sync_one().counts.writes == 0
    assert len(house.google.writes) == sent


def test_what_came_after_the_plan_is_left_to_the_next_sync(house: House, tmp_path: Path) -> None:
    house.edit(timed(TEA, "Green tea"))
    plan = planned(house, tmp_path)
    later = house.add(said("Later"))
    house.edit(timed("soup0000", "Hot soup"))

    assert apply(house, plan) == [Fate.DONE]

    assert house.event("soup0000").content != timed("soup0000", "Hot soup").content
    assert house.remote(later) is None


def an_occurrence(series: str, *, cancelled: bool = False) -> RemoteEvent:
    name, start, end = f"{series}_20270507T120000Z", "2027-05-07T12:00:00Z", "2027-05-07T13:00:00Z"
    item = timed(name, "Stew", start, end, master=series, original="20270507T120000Z")
    return replace(item, content=None) if cancelled else item


@pytest.mark.parametrize("what", ["deleted", "shortened"])
@pytest.mark.parametrize("cancelled", [False, True])
@pytest.mark.parametrize("dead", [False, True])
def test_a_series_of_which_an_occurrence_was_changed_in_google_since_is_not_written(
    house: House, tmp_path: Path, what: str, cancelled: bool, dead: bool
) -> None:
    series = house.add(said(recurrence=DAILY))
    house.settle()
    if what == "deleted":
        house.delete(series)
    else:
        house.change(series, when=said(recurrence=("RRULE:FREQ=DAILY;COUNT=2",)).when)
    plan = planned(house, tmp_path)
    house.google.put(WORK, an_occurrence(house.copy(series).google_id, cancelled=cancelled))
    if dead:
        house.google.expire_cursors()

    assert apply(house, plan) == [Fate.MOVED_ON]

    house.settle()
    at = events.exception_at(house.store, series.id, "20270507T120000Z")
    assert at is not None
    told = f"{runs.versions_of(house.store, at)} {events.get_event(house.store, at).content}"
    assert cancelled or "Stew" in told


def test_a_series_is_written_with_what_the_plan_knows_of_its_occurrences(house: House, tmp_path: Path) -> None:
    series = house.add(said(recurrence=DAILY))
    house.settle()
    house.google.put(WORK, an_occurrence(house.copy(series).google_id))
    house.change(series, summary="Dinner")
    plan = planned(house, tmp_path)

    assert set(apply(house, plan)) == {Fate.DONE}
    assert set(apply(house, plan)) == {Fate.ALREADY}
    house.settle()


def test_the_mark_of_a_pasted_copy_is_part_of_the_plan_and_written_by_it(house: House, tmp_path: Path) -> None:
    native = house.native()
    house.link(native, house.home())
    event = house.add(calendar=native)
    house.settle()
    item = house.remote(event, house.home())
    assert item is not None
    house.google.put(WORK, replace(item, google_id="pasted00", ical_uid="pasted@google.com"))

    assert set(apply(house, planned(house, tmp_path))) == {Fate.DONE}

    sent = house.written()
    house.sync()
    assert house.written() == sent


def test_a_shadow_keeps_an_unanswered_write_in_mind(house: House) -> None:
    account = accounts.list_accounts(house.store)[0]
    event = house.add(said("Lunch"))
    house.google.lose_answer(applied=False)
    house.sync()
    shade(house.store, account, house.clock.now())
    house.sync()
    assert (house.copy(event).hold, house.copy(event).sent_version, len(house.google.writes)) == ("shadow", 1, 1)

    assert trust(house.store, account, house.clock.now()).released == 1
    house.sync()

    assert len(house.google.writes) == 2  # read first: it had not arrived
    assert (house.copy(event).hold, house.remote(event) is not None) == (None, True)
    with pytest.raises(UsageFault, match="no shadow"):
        trust(house.store, account, house.clock.now())


def test_a_shadow_hold_ends_by_itself_where_nothing_waits_any_more(house: House) -> None:
    account = accounts.list_accounts(house.store)[0]
    shade(house.store, account, house.clock.now())
    event = house.event(TEA)
    house.change(event, summary="Coffee")
    house.sync()
    assert house.copy(event).hold == "shadow"

    house.edit(timed(TEA, "Coffee"))
    house.sync()

    assert (house.copy(event).hold, house.google.writes) == (None, [])

"""A plan carried out in full: what one decision brings about elsewhere, and what Google tells no more."""

from __future__ import annotations

from dataclasses import replace as place_at
from pathlib import Path

from msgspec.structs import replace

from calsyncctl.model.copy import RemoteEvent
from calsyncctl.model.event import Event
from calsyncctl.sync.editing import edit
from calsyncctl.sync.editing.restoring import restore_event
from calsyncctl.sync.passes import sync_calendars
from calsyncctl.sync.planning.applying import Applying, Told
from calsyncctl.sync.planning.judging import Fate
from calsyncctl.sync.planning.plan import Plan
from calsyncctl.sync.provider import Delete
from tests.support.memory import timed
from tests.sync.desk import ME, WORK
from tests.sync.house import House, said
from tests.sync.test_planning import planned

DAILY = ("RRULE:FREQ=DAILY;COUNT=5",)
TEAM = "team-calendar"


def settled(house: House) -> Event:
    """Five days of a class that both sides know."""
    series = house.add(said("Class", recurrence=DAILY))
    house.settle()
    return series


def linked(house: House) -> Event:
    """The same on a native calendar that is linked to two accounts' calendars."""
    house.calendar(TEAM, email="support@example.com")
    native = house.native()
    for target in (house.home(), house.home(TEAM)):
        house.link(native, target)
    series = house.add(said("Class", recurrence=DAILY), native)
    house.settle()
    return series


def applied(house: House, plan: Plan) -> list[Told]:
    """Apply a plan as the command does: once more, if something waited for another calendar."""
    applying = Applying(plan)
    sync_calendars(place_at(house.work(), kind="apply"), applying.step)
    if applying.again():
        sync_calendars(place_at(house.work(), kind="apply"), applying.step)
    return [applying.told[at] for at in range(len(plan.decisions))]


def is_done(house: House, plan: Plan) -> None:
    """Carry a plan out: every decision of it is, and nothing is left to a pass."""
    assert {(one.fate, one.why) for one in applied(house, plan)} == {(Fate.DONE, "")}
    leaves_nothing(house)


def leaves_nothing(house: House) -> None:
    sent = house.written()
    house.sync()
    assert house.google.writes[sent:] == []


def test_a_series_is_written_though_google_tells_no_more_what_is_new_if_nothing_is(
    house: House, tmp_path: Path
) -> None:
    series = settled(house)
    late = said("Late", "2027-05-06T15:00:00Z", "2027-05-06T16:00:00Z")
    edit.change_occurrence(house.store, house.means, series.id, "20270506T120000Z", late)
    house.settle()
    house.change(series, when=replace(house.text(series).when, recurrence=("RRULE:FREQ=DAILY;COUNT=3",)))
    house.google.expire_cursors()

    is_done(house, planned(house, tmp_path))


def test_what_another_account_s_calendar_tells_of_an_occurrence_goes_to_a_link_s_copy(
    house: House, tmp_path: Path
) -> None:
    series, lunch = linked(house), house.add()
    house.settle()
    edit.move_event(house.store, house.means, lunch.id, house.home(TEAM))  # so WORK is turned to once more at the end
    house.google.put(TEAM, an_occurrence(house.copy(series, house.home(TEAM)).google_id))

    plan = planned(house, tmp_path)

    assert [(one.calendar, one.step) for one in plan.decisions if one.title == "Late"] == [(2, "added"), (1, "patch")]
    is_done(house, plan)
    assert "Late" in [one.content.summary for one in house.google.alive(WORK).values() if one.content]


def test_an_occurrence_cancelled_before_its_series_got_other_times_goes_with_the_old_ones(
    house: House, tmp_path: Path
) -> None:
    series = settled(house)
    third = Delete(google_id=f"{house.copy(series).google_id}_20270506T120000Z", etag=None)
    house.google.provider(ME).write_events(WORK, (third,))
    item = house.remote(series)
    assert item is not None
    assert item.content is not None
    later = replace(item.content.when, start="2027-05-04T15:00:00Z", end="2027-05-04T16:00:00Z")
    house.google.put(WORK, replace(item, content=replace(item.content, when=later)))

    plan = planned(house, tmp_path)

    assert [one.step for one in plan.decisions] == ["cancelled", "changed", "deleted"]
    is_done(house, plan)


def test_what_is_gone_from_google_by_then_is_no_news_to_its_deletion(house: House, tmp_path: Path) -> None:
    lunch = house.add()
    house.settle()
    house.delete(lunch)
    plan = planned(house, tmp_path)
    house.delete_there(lunch)

    (told,) = applied(house, plan)

    assert (told.decision.step, told.fate) == ("delete", Fate.DONE)
    leaves_nothing(house)


def test_an_occurrence_that_goes_with_its_series_before_its_own_deletion_is_gone_as_planned(
    house: House, tmp_path: Path
) -> None:
    series = linked(house)
    late = said("Late", "2027-05-06T12:00:00Z", "2027-05-06T13:00:00Z")
    edit.change_occurrence(house.store, house.means, series.id, "20270506T120000Z", late)
    edit.move_event(house.store, house.means, series.id, house.home())

    is_done(house, planned(house, tmp_path))


def test_what_is_cancelled_of_a_series_that_comes_back_is_cancelled_by_the_plan(house: House, tmp_path: Path) -> None:
    series = settled(house)
    house.cancel_occurrence(series, "20270506T120000Z")
    house.delete(series)
    house.sync_one()
    restore_event(house.store, house.means, series.id)

    is_done(house, planned(house, tmp_path))


def an_occurrence(series: str) -> RemoteEvent:
    name, start, end = f"{series}_20270506T120000Z", "2027-05-06T12:00:00Z", "2027-05-06T13:00:00Z"
    return timed(name, "Late", start, end, master=series, original="20270506T120000Z")

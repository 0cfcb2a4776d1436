"""One calendar in Google that is synced through one account after the other: what stands there stays."""

from __future__ import annotations

import pytest

from calsyncctl.connections import linking
from calsyncctl.connections.linking import Terms
from calsyncctl.model.account import AccountState
from calsyncctl.model.calendar import Calendar, CalendarKind, CalendarState, Mode, RemoteCalendar
from calsyncctl.store import accounts, calendars, links
from calsyncctl.sync.choice import Policy
from calsyncctl.sync.editing import edit
from calsyncctl.sync.editing.restoring import restore_event
from tests.sync.desk import WORK
from tests.sync.house import INSTANCE, House, said
from tests.sync.test_reconcile import reconcile

OTHER = "support@example.com"
DAILY = ("RRULE:FREQ=DAILY;COUNT=5",)
THIRD = "20270506T120000Z"


@pytest.fixture
def through_other(house: House) -> Calendar:
    """The house's calendar as another account sees it; of the two only one is selected at a time."""
    house.google.share(WORK, OTHER, "writer")
    account = house.account(OTHER)
    with house.store.write():
        kept = calendars.keep_remote(house.store, account.id, RemoteCalendar(WORK, WORK, "UTC", "writer"))
        calendars.select_calendar(house.store, kept.id, Mode.TWO_WAY, house.clock.now())
        calendars.set_calendar_state(house.store, kept.id, CalendarState.AVAILABLE, since=house.clock.now())
    return kept


def disconnect(house: House, calendar: Calendar) -> None:
    """Leave the account of a calendar, which keeps its state."""
    assert calendar.account_id is not None
    with house.store.write():
        accounts.set_account_state(house.store, calendar.account_id, AccountState.DISCONNECTED, since=house.clock.now())


def through(house: House, calendar: Calendar) -> None:
    """Go on with the calendar of one account; the other's is deselected."""
    choose(house, calendar)
    house.settle()


def choose(house: House, calendar: Calendar) -> None:
    """Select the calendar through one account, and not through the other."""
    with house.store.write():
        for one in calendars.list_calendars(house.store, kinds=[CalendarKind.GOOGLE]):
            state = CalendarState.SELECTED if one.id == calendar.id else CalendarState.AVAILABLE
            calendars.set_calendar_state(house.store, one.id, state, since=house.clock.now())
    house.calendars = [calendar]


def titles(house: House) -> list[str]:
    alive = house.google.alive(WORK).values()
    return sorted(one.content.summary for one in alive if one.content)


@pytest.mark.parametrize("policy", [Policy.GOOGLE_WINS, Policy.LOCAL_WINS])
def test_what_was_made_here_stays_through_another_account_and_back(
    house: House, through_other: Calendar, policy: Policy
) -> None:
    house.prefer(policy)
    first = house.home()
    lunch, series = house.add(), house.add(said("Daily", recurrence=DAILY))
    house.settle()
    soup = said("Soup", "2027-05-06T15:00:00Z", "2027-05-06T16:00:00Z")
    edit.change_occurrence(house.store, house.means, series.id, THIRD, soup)
    house.settle()

    through(house, through_other)
    house.change(lunch, summary="Long lunch")
    through(house, through_other)
    through(house, first)
    reconcile(house)
    house.settle()

    assert titles(house) == ["Daily", "Long lunch", "Soup"]
    assert (house.fresh(lunch).deleted, house.fresh(series).deleted) == (None, None)
    assert (house.fresh(lunch).calendar_id, house.fresh(series).calendar_id) == (first.id, first.id)


@pytest.mark.parametrize("linked", ["before it is read", "afterwards"])
def test_a_native_calendars_events_are_known_again_through_another_account(
    house: House, through_other: Calendar, linked: str
) -> None:
    first, desk = house.home(), house.native()
    house.link(desk, first)
    lunch, series = house.add(calendar=desk), house.add(said("Daily", recurrence=DAILY), desk)
    house.settle()
    soup = said("Soup", "2027-05-06T15:00:00Z", "2027-05-06T16:00:00Z")
    edit.change_occurrence(house.store, house.means, series.id, THIRD, soup)
    house.settle()

    choose(house, through_other)
    if linked == "before it is read":
        linking.add_link(house.store, desk, house.now(through_other), Terms(), instance=INSTANCE, now=house.clock.now())
    through(house, through_other)
    if linked == "afterwards":
        linking.add_link(house.store, desk, house.now(through_other), Terms(), instance=INSTANCE, now=house.clock.now())
    house.change(lunch, summary="Long lunch")
    through(house, through_other)
    assert titles(house) == ["Daily", "Long lunch", "Soup"]
    link = links.find_link(house.store, desk.id, first.id)
    assert link is not None
    linking.delete_link(house.store, link, remove_copies=True, now=house.clock.now())
    through(house, first)
    through(house, through_other)

    assert (titles(house), house.fresh(lunch).deleted) == (["Daily", "Long lunch", "Soup"], None)
    assert len(house.here()) == 3


def test_what_is_restored_here_through_another_account_stays_once_the_first_one_is_back(
    house: House, through_other: Calendar
) -> None:
    """It came back under a fresh id, as if the other account's copy were elsewhere: there its old one was gone."""
    first, desk = house.home(), house.native()
    house.link(desk, first)
    lunch = house.add(calendar=desk)
    house.settle()
    choose(house, through_other)
    linking.add_link(house.store, desk, house.now(through_other), Terms(), instance=INSTANCE, now=house.clock.now())
    through(house, through_other)
    house.delete(lunch)
    house.settle()

    restore_event(house.store, house.means, lunch.id)
    for calendar in (through_other, first, through_other):
        through(house, calendar)

    assert (titles(house), house.fresh(lunch).deleted) == (["Lunch"], None)
    assert house.copy(lunch, first).google_id == house.copy(lunch, through_other).google_id


def test_a_native_event_stays_one_where_its_copy_is_read_again_after_its_account_was_disconnected(
    house: House, through_other: Calendar
) -> None:
    """As if it had moved in Google, it became one of the calendar that is the very same."""
    first, desk = house.home(), house.native()
    house.link(desk, first)
    lunch, own = house.add(calendar=desk), house.add(said("Own"))
    house.settle()
    disconnect(house, first)
    with house.store.write():
        calendars.set_calendar_state(house.store, through_other.id, CalendarState.SELECTED, since=house.clock.now())
    house.calendars = [through_other]

    house.settle()

    assert house.fresh(lunch).calendar_id == desk.id
    assert (house.fresh(lunch).deleted, house.fresh(own).deleted) == (None, None)
    assert titles(house) == ["Lunch", "Own"]

"""What somebody means: keys, ids, names and titles, the surest reading first, and nobody guesses."""

from __future__ import annotations

import pytest

from calsyncctl.errors import NotFound, UsageFault
from calsyncctl.health.explaining.meant import find_meant
from calsyncctl.model.account import Account, AccountState
from calsyncctl.model.calendar import Calendar
from calsyncctl.model.event import Event
from calsyncctl.store import accounts, oddities
from tests.support.memory import timed
from tests.sync.desk import ME, WORK
from tests.sync.house import House, said


def named(house: House, text: str) -> str:
    """Return what a text means: its kind and its name."""
    found = find_meant(house.store, text)
    if isinstance(found, Event):
        return f"event {found.content.summary if found.content else ''}"
    return f"account {found.email}" if isinstance(found, Account) else f"calendar {found.name}"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (WORK, "calendar work-calendar"),
        ("WORK-CAL", "calendar work-calendar"),
        ("work@example.com/work-cal", "calendar work-calendar"),
        (ME, "account work@example.com"),
        ("work@", "account work@example.com"),
        ("#1", "calendar work-calendar"),
        (" lunch ", "event Lunch"),
        ("unc", "event Lunch"),
        ("mine-1", "event Lunch"),
    ],
)
def test_events_calendars_and_accounts_are_found_by_what_people_know(house: House, text: str, expected: str) -> None:
    house.add(ref="mine-1")

    assert named(house, text) == expected


def test_keys_and_google_ids_name_events_also_deleted_ones(house: House, lunch: Event) -> None:
    google_id = house.copy(lunch).google_id
    house.delete(lunch)

    assert [named(house, text) for text in (lunch.key, lunch.key[:8].upper(), google_id, "Lunch")] == [
        "event Lunch"
    ] * 4


def test_an_item_that_cannot_be_read_names_its_calendar(house: House) -> None:
    with house.store.write():
        oddities.note(house.store, house.home().id, [("odd1", "its start is no time")], seen=[])

    assert named(house, "odd1") == "calendar work-calendar"


def test_a_whole_title_goes_before_the_beginning_of_a_name(house: House) -> None:
    house.native("Teams")
    house.add(said("Team"))

    assert [named(house, text) for text in ("team", "teams", "tea")] == [
        "event Team",
        "calendar Teams",
        "calendar Teams",
    ]


def test_a_living_event_goes_before_deleted_ones_of_its_title(house: House) -> None:
    house.delete(house.add(said("Tea", start="2027-05-01T12:00:00Z", end="2027-05-01T13:00:00Z")))
    living = house.add(said("Tea"))

    found = find_meant(house.store, "tea")
    assert isinstance(found, Event)
    assert found.id == living.id


def test_of_doubled_events_the_first_is_explained(house: House, lunch: Event) -> None:
    start, end = "2027-05-04T12:00:00Z", "2027-05-04T13:00:00Z"
    house.google.put(WORK, timed("again", "Lunch", start=start, end=end))
    house.sync()

    found = find_meant(house.store, "Lunch")
    assert isinstance(found, Event)
    assert found.id == lunch.id


def test_what_fits_several_names_them_without_their_titles(house: House, lunch: Event) -> None:
    other = house.add(said("Lunch", start="2027-06-01T12:00:00Z", end="2027-06-01T13:00:00Z"))

    with pytest.raises(UsageFault) as error:
        find_meant(house.store, "lunc")
    assert error.value.what == f"“lunc” fits several: event {other.key[:12]}, event {lunch.key[:12]}."


def test_two_calendars_of_one_name_are_told_apart(house: House) -> None:
    house.calendar("support", email="support@example.com")
    house.store.connection.execute("UPDATE calendar SET name = 'Team'")

    with pytest.raises(UsageFault, match=r"calendar #1 \(work@example.com\), calendar #2 \(support@example.com\)"):
        find_meant(house.store, "team")
    with house.store.write():
        accounts.set_account_state(house.store, 2, AccountState.DISCONNECTED, since=0)
    found = find_meant(house.store, "team")
    assert isinstance(found, Calendar)
    assert found.id == 1


@pytest.mark.parametrize("text", ["", "  ", "nothing", "#99", "0000"])
def test_what_names_nothing_says_how_things_are_named(house: House, text: str) -> None:
    with pytest.raises(NotFound, match="no event, calendar or account"):
        find_meant(house.store, text)

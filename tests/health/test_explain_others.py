"""Why a calendar, or an account, is as it is: “updates stopped arriving”, from the sign-in down to what waits."""

from __future__ import annotations

import pytest

from calsyncctl.connections.backups import RESTORED
from calsyncctl.connections.shadow import shade
from calsyncctl.errors import Gone, Later, Refused
from calsyncctl.model.account import Account, AccountState
from calsyncctl.model.calendar import GONE, Calendar, CalendarState
from calsyncctl.model.event import Event
from calsyncctl.model.quota import PROJECT
from calsyncctl.store import accounts, calendars, meta, oddities, spend
from tests.health.asked import CLIENT, answer, explained, text, typed, waits
from tests.support.memory import timed
from tests.sync.desk import ME, WORK
from tests.sync.house import House

NAME = "“work-calendar” of work@example.com"
SINCE = "2027-01-15 09:06 CET"


def me(house: House) -> Account:
    return accounts.get_account(house.store, 1)


def put(house: House, state: CalendarState, reason: str | None = None) -> Calendar:
    now = house.clock.now()
    with house.store.write():
        calendars.set_calendar_state(house.store, house.home().id, state, reason=reason, since=now)
    return house.home()


def put_account(house: House, state: AccountState, reason: str | None = None) -> Account:
    with house.store.write():
        accounts.set_account_state(house.store, 1, state, reason=reason, since=house.clock.now())
    return me(house)


# Calendars


def test_a_calendar_that_is_well_says_when_it_was_asked_and_is_asked_next(house: House, lunch: Event) -> None:
    assert (
        text(house, house.home())
        == f"""\
{NAME} is kept equal: it went well last on {SINCE}, and no change has come from there since it was listed.

Where:
  It syncs two-way: changes go both ways. Your access role there is owner.
  It went well last on {SINCE}.
  Google is asked for what changed since whenever calsyncctl sync runs: no daemon is at work.

What happened, the latest first:
  2027-01-15 09:02 CET  Run 2, sync by google, done: 1 made in Google
  2027-01-15 09:01 CET  Run 1, edit by agent:jane, done: 1 new

What you can do:
  → calsyncctl sync --calendar work-calendar (asks Google now)
  → calsyncctl reconcile --check --calendar work-calendar (asks Google whether anything differs)
  → calsyncctl runs list (tells what the last passes changed)"""
    )


@pytest.mark.feature("E2")
@pytest.mark.parametrize(
    ("state", "reason", "expected", "command"),
    [
        (
            CalendarState.HOLD,
            GONE,
            (
                "calendar-hold",
                f"{NAME} is on hold since {SINCE}: {GONE}. Its events stay here as they are.",
            ),
            f"calendars refresh {ME}",
        ),
        (
            CalendarState.PAUSED,
            None,
            ("calendar-paused", f"{NAME} is paused since {SINCE}."),
            "calendars resume work-calendar",
        ),
        (
            CalendarState.AVAILABLE,
            None,
            ("not-selected", f"{NAME} is not selected. Its events stay here as they are."),
            "calendars select work-calendar",
        ),
        (
            CalendarState.SELECTED,
            "The key of the vault is gone.",
            ("calendar-failing", f"{NAME} could not be synced since {SINCE}: The key of the vault is gone."),
            "sync --calendar work-calendar",
        ),
    ],
)
def test_what_stops_a_calendar_is_the_answer(
    house: House, lunch: Event, state: CalendarState, reason: str | None, expected: tuple[str, str], command: str
) -> None:
    calendar = put(house, state, reason)

    assert answer(house, calendar) == expected
    assert typed(house, calendar)[0] == command


@pytest.mark.feature("E2")
def test_a_dead_sign_in_comes_before_what_the_calendar_says(house: House, lunch: Event) -> None:
    put(house, CalendarState.SELECTED, "A use limit.")
    put_account(house, AccountState.NEEDS_REAUTH, f"Withdrawn ({ME})")

    assert answer(house, house.home()) == ("needs-reauth", f"{ME} must sign in again since {SINCE}: Withdrawn.")


def test_trouble_that_passes_says_when_it_is_tried_again(house: House, lunch: Event) -> None:
    house.google.fail_next(Later("Nothing answers.", retry_after=1800), times=9)
    house.sync()

    assert answer(house, house.home()) == (
        "calendar-later",
        f"{NAME} could not be synced since 2027-01-15 09:07 CET: Nothing answers. It is tried again by itself, "
        "not before "
        "2027-01-15 09:37 CET.",
    )


@pytest.mark.feature("E2")
@pytest.mark.parametrize(
    ("user", "whom"), [(PROJECT, "this installation"), ("8ab3f8b39d9ba1ee", "nobody here")], ids=["project", "stranger"]
)
def test_where_google_asked_to_slow_down_it_says_until_when(house: House, lunch: Event, user: str, whom: str) -> None:
    now = house.clock.now()
    with house.store.write():
        spend.rest(house.store, CLIENT, user, asked=60.0, jitter=0.0, reason="rateLimitExceeded", now=now)
    said = f"Google asked {whom} to slow down (rateLimitExceeded): it is asked again on 2027-01-15 09:07 CET."

    for what in (house.home(), me(house)):
        assert (answer(house, what) == ("waits-quota", said)) is (user == PROJECT)


def test_after_a_restore_it_says_what_is_to_be_looked_at(house: House, lunch: Event) -> None:
    with house.store.write():
        meta.set_meta(house.store, RESTORED, str(house.clock.now()))
    said = f"A backup was put back on {SINCE}: triggers rest until somebody looked at what differs."

    assert answer(house, house.home()) == answer(house, me(house)) == ("restored-backup", said)
    assert typed(house, me(house))[0] == "reconcile"


def test_a_calendar_that_was_never_synced_says_so(house: House) -> None:
    assert answer(house, house.calendar("fresh")) == (
        "never-synced",
        "“fresh” of work@example.com has not been synced yet.",
    )


@pytest.mark.feature("E2")
def test_all_that_waits_on_a_calendar_is_told(house: House, lunch: Event) -> None:
    tea = house.add()
    house.google.fail_write(Refused("Google refuses this (forbidden)."))
    house.sync()
    house.change(lunch, summary="Soup")
    with house.store.write():
        oddities.note(house.store, house.home().id, [("odd1", "its start is no time")], seen=[])

    assert house.copy(tea).hold == "refused"
    assert answer(house, house.home()) == ("held-refused", "1 change for somebody waits: that Google refuses.")
    assert waits(house, house.home()) == {
        "waiting": "1 change made here waits to be sent to “work-calendar”, with the next sync.",
        "unreadable": "1 item of Google waits to become readable: odd1 (its start is no time). The rest came in.",
    }


def test_held_deletions_of_a_calendar_name_the_review(house: House) -> None:
    for name in "abcd":
        house.google.put(WORK, timed(f"item{name}", name))
    house.sync()
    for name in "abcd":
        house.google.delete(WORK, f"item{name}")
    house.sync()

    assert answer(house, house.home()) == (
        "held-deletions",
        "4 deletions of Google wait on “work-calendar”: all 4 events were deleted in Google. They stay here "
        "until somebody "
        "decides.",
    )
    assert typed(house, house.home())[0] == "review show d1"


def test_links_are_told_from_both_ends_with_what_is_wrong(house: House, lunch: Event) -> None:
    native = house.native()
    house.link(native, house.home())
    house.add(calendar=native)
    put(house, CalendarState.PAUSED)

    (kept,) = [line.text for line in explained(house, native).where if line.code == "link"]
    stand = "(active, 1 copy, 1 waiting, 0 held)"
    assert kept == f"Its events are kept on {NAME} by a link {stand}: {NAME} is paused since {SINCE}."
    (held,) = [line.text for line in explained(house, house.home()).where if line.code == "link"]
    assert held == f"It also holds the events of “Desk” by a link {stand}."
    assert answer(house, native)[0] == "native"


def test_beside_a_daemon_it_says_when_the_daemon_asks_next(house: House, lunch: Event) -> None:
    with house.store.write():
        house.store.connection.execute("UPDATE calendar SET due = ?", (house.clock.now() + 300,))
    (line,) = [one for one in explained(house, house.home(), daemon=True).where if one.code == "next"]

    assert line.text == "The daemon asks Google for what changed since, next on 2027-01-15 09:11 CET."


# Accounts


@pytest.mark.feature("E2")
@pytest.mark.parametrize(
    ("state", "reason", "expected", "command"),
    [
        (
            AccountState.NEEDS_REAUTH,
            "Google no longer accepts its sign-in",
            ("needs-reauth", f"{ME} must sign in again since {SINCE}: Google no longer accepts its sign-in."),
            f"connect --account {ME}",
        ),
        (AccountState.PAUSED, None, ("account-paused", f"{ME} is paused since {SINCE}."), f"accounts resume {ME}"),
        (
            AccountState.DISCONNECTED,
            None,
            ("disconnected", f"{ME} is disconnected since {SINCE}."),
            f"connect --account {ME}",
        ),
    ],
)
def test_what_stops_an_account_is_the_answer(
    house: House, lunch: Event, state: AccountState, reason: str | None, expected: tuple[str, str], command: str
) -> None:
    account = put_account(house, state, reason)
    code, sentence = expected

    meanwhile = " Nothing of it is asked for or sent meanwhile, and what is here stays."
    assert answer(house, account) == (code, sentence + meanwhile)
    assert typed(house, account)[0] == command


def test_an_account_that_is_well_says_so(house: House, lunch: Event) -> None:
    assert answer(house, me(house)) == ("well", f"{ME} is well: its 1 calendar took part, last on {SINCE}.")


def test_an_account_without_a_selected_calendar_says_what_to_do(house: House) -> None:
    put(house, CalendarState.AVAILABLE)

    assert answer(house, me(house))[0] == "pending"
    assert typed(house, me(house))[0] == "calendars select NAME..."


@pytest.mark.feature("E19")
def test_a_shadow_says_how_much_waits_for_trust(house: House, lunch: Event) -> None:
    shade(house.store, me(house), house.clock.now())
    house.change(lunch, summary="Soup")
    house.sync()

    assert answer(house, me(house)) == (
        "held-shadow",
        f"{ME} is a shadow account: all comes, and nothing goes there until it is trusted; 1 change waits for that.",
    )


def test_an_ending_sign_in_tells_the_days_that_are_left(house: House, lunch: Event) -> None:
    ends = house.clock.now() + 2 * 86400
    house.store.connection.execute("UPDATE account SET grant_expires = ?", (ends,))

    assert answer(house, me(house)) == (
        "sign-in-ends",
        f"The sign-in of {ME} ends on 2027-01-17 09:06 CET (a Google app in testing: seven days).",
    )
    assert "in 2 days." in text(house, me(house))


def test_trouble_of_one_calendar_is_told_of_its_account(house: House, lunch: Event) -> None:
    house.google.fail_next(Gone("The calendar work-calendar is gone."))
    put(house, CalendarState.HOLD, "gone")

    assert answer(house, me(house))[0] == "calendar-hold"

"""One sync: who takes part, who is left out, and what an earlier disconnect still owes."""

from __future__ import annotations

import pytest

from calsyncctl.connections.calendars import pause, plan_selection, select
from calsyncctl.connections.connect import Wish, connect
from calsyncctl.connections.disconnect import part, plan_parting
from calsyncctl.connections.resting import pause as pause_account
from calsyncctl.connections.sync_now import Outcome, check_calendar, choose, sync_now, why_nothing
from calsyncctl.errors import Later, NeedsReauth, UsageFault
from calsyncctl.model.account import Account, AccountState
from calsyncctl.model.calendar import Calendar, RemoteCalendar
from calsyncctl.store import accounts, calendars
from calsyncctl.sync.progress import Silent
from tests.support.authority import SUPPORT, WORK, Office, grant
from tests.support.memory import timed


@pytest.fixture
def work(office: Office) -> Account:
    return joined(office, WORK)


@pytest.fixture
def support(office: Office) -> Account:
    return joined(office, SUPPORT)


def joined(office: Office, email: str) -> Account:
    """Connect an account and select all of its calendars."""
    connected = connect(office.means, Wish(), grant(email))
    select(office.means, plan_selection(office.store, connected.calendars, None))
    return connected.account


def names(found: tuple[Calendar, ...]) -> list[str]:
    return [one.name for one in found]


def synced(office: Office) -> Outcome:
    return sync_now(office.means, choose(office.store), workers=2, progress=Silent())


def test_everything_selected_takes_part_unless_some_is_named(office: Office, work: Account, support: Account) -> None:
    team = next(one for one in calendars.list_calendars(office.store) if one.name == "Team")

    assert names(choose(office.store).calendars) == ["Work", "Team", "Support"]
    assert names(choose(office.store, account_ids={support.id}).calendars) == ["Support"]
    assert names(choose(office.store, calendar_ids={team.id}).calendars) == ["Team"]
    assert names(choose(office.store, account_ids={support.id}, calendar_ids={team.id}).calendars) == []


def test_of_many_calendars_only_the_chosen_are_read(office: Office, work: Account) -> None:
    team = next(one for one in calendars.list_calendars(office.store) if one.name == "Team")
    few = steps(office, team)
    with office.store.write():
        for number in range(200):
            calendars.add_native(office.store, f"Room {number}", zone="UTC")
            calendars.keep_remote(office.store, work.id, RemoteCalendar(f"{number}@x", str(number), "UTC", "owner"))
    assert steps(office, team) == few


def steps(office: Office, calendar: Calendar) -> int:
    """Count SQLite's steps of choosing one calendar."""
    taken = 0

    def step() -> int:
        nonlocal taken
        taken += 1
        return 0

    office.store.connection.set_progress_handler(step, 1)
    choose(office.store, calendar_ids={calendar.id})
    office.store.connection.set_progress_handler(None, 1)
    return taken


def test_what_rests_is_left_out_without_a_word(office: Office, work: Account, support: Account) -> None:
    pause(office.means, calendars.list_calendars(office.store, account_id=work.id)[0])
    pause_account(office.means, support)

    choice = choose(office.store)
    assert (names(choice.calendars), choice.skipped) == (["Team"], ())


def test_a_dead_account_is_left_out_with_a_word_and_the_others_sync(
    office: Office, work: Account, support: Account
) -> None:
    with office.store.write():
        accounts.set_account_state(office.store, work.id, AccountState.NEEDS_REAUTH, reason="withdrawn", since=1)

    outcome = synced(office)
    assert [one.calendar.name for one in outcome.report.calendars] == ["Support"]
    assert ([one.account.email for one in outcome.skipped], outcome.exit_code) == ([WORK], 4)


def test_an_earlier_disconnect_is_finished_first(office: Office, work: Account, support: Account) -> None:
    office.authority.offline = True
    part(office.means, plan_parting(office.means, work, revoke=True, purge=False, force=False))
    office.authority.offline = False

    outcome = synced(office)
    assert [(one.account.email, one.done) for one in outcome.partings] == [(WORK, True)]
    assert [one.calendar.name for one in outcome.report.calendars] == ["Support"]


def test_a_disconnect_that_still_waits_is_for_later(office: Office, work: Account, support: Account) -> None:
    office.authority.offline = True
    part(office.means, plan_parting(office.means, work, revoke=True, purge=False, force=False))

    assert synced(office).exit_code == 75


def test_an_account_held_elsewhere_is_for_later(office: Office, work: Account) -> None:
    office.busy = True

    outcome = synced(office)
    assert outcome.exit_code == 75
    assert {one.error.what for one in outcome.report.calendars if one.error} == {
        "calsyncctl sync is working on it (pid 1)."
    }


def test_events_come_here_once(office: Office, work: Account) -> None:
    office.google.put("team", timed("tea"))

    counts = [synced(office).report.counts.new for _ in range(2)]
    assert counts == [1, 0]


def test_a_sign_in_repaired_while_the_pass_ran_is_not_taken_for_dead(office: Office, work: Account) -> None:
    def repaired() -> None:
        office.clock.sleep(5)
        connect(office.means, Wish(), grant(number=2))

    office.google.before_next(repaired)
    office.google.fail_next(NeedsReauth("withdrawn"), method="list_events")

    assert synced(office).exit_code == 4
    assert accounts.get_account(office.store, work.id).state is AccountState.ACTIVE


def test_a_calendar_named_must_take_part(office: Office, work: Account) -> None:
    with office.store.write():
        native = calendars.add_native(office.store, "Desk", zone="UTC")
    one = calendars.list_calendars(office.store, account_id=work.id)[0]
    pause(office.means, one)

    for calendar in (native, calendars.get_calendar(office.store, one.id)):
        with pytest.raises(UsageFault):
            check_calendar(office.store, calendar)


def test_a_calendar_of_an_account_at_rest_asks_to_resume_the_account(office: Office, work: Account) -> None:
    pause_account(office.means, work)

    with pytest.raises(UsageFault) as caught:
        check_calendar(office.store, calendars.list_calendars(office.store)[0])
    assert caught.value.what_to_do.endswith(f"calsyncctl accounts resume {WORK}")


def test_it_says_why_nothing_takes_part(office: Office) -> None:
    said = [why_nothing(office.store)[0]]
    connected = connect(office.means, Wish(), grant())
    said.append(why_nothing(office.store)[0])
    select(office.means, plan_selection(office.store, connected.calendars, None))
    for one in calendars.list_calendars(office.store):
        pause(office.means, one)
    said.append(why_nothing(office.store)[0])
    pause_account(office.means, connected.account)
    said.append(why_nothing(office.store)[0])

    assert said == [
        "No account is connected.",
        "Nothing is selected.",
        "Every selected calendar is paused.",
        f"{WORK} is paused.",
    ]


def test_a_dead_account_can_be_put_to_rest(office: Office, work: Account) -> None:
    with office.store.write():
        accounts.set_account_state(office.store, work.id, AccountState.NEEDS_REAUTH, since=1)
    pause_account(office.means, accounts.get_account(office.store, work.id))

    assert synced(office).exit_code == 0


def test_a_calendar_that_google_asked_to_wait_with_is_tried_only_by_name(office: Office, work: Account) -> None:
    office.google.fail_next(Later("Slow down.", retry_after=600), method="list_events")
    assert synced(office).exit_code == 75
    waits = next(one for one in calendars.list_calendars(office.store) if one.reason)

    assert synced(office).exit_code == 75
    named = sync_now(office.means, choose(office.store, calendar_ids={waits.id}), workers=1, progress=Silent())
    assert (named.exit_code, synced(office).exit_code) == (0, 0)

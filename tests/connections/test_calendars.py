"""Choosing calendars: decided first, then done."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from calsyncctl.connections import calendars as use
from calsyncctl.connections.connect import Wish, connect
from calsyncctl.connections.ports import Means
from calsyncctl.errors import NeedsReauth, NotAllowed, NotFound, UsageFault
from calsyncctl.model.account import AccountState
from calsyncctl.model.calendar import GONE, Calendar, CalendarKind, CalendarState, Mode
from calsyncctl.store import accounts, calendars
from tests.support.authority import SUPPORT, Office, grant


def calendar(access: str | None, kind: CalendarKind = CalendarKind.GOOGLE) -> Calendar:
    return Calendar(1, kind, "Team", "UTC", CalendarState.AVAILABLE, access=access)


@pytest.mark.parametrize(
    ("access", "asked", "mode"),
    [
        ("owner", None, Mode.TWO_WAY),
        ("writer", Mode.READ_ONLY, Mode.READ_ONLY),
        ("reader", None, Mode.READ_ONLY),
        ("writerWithoutPrivateAccess", None, Mode.READ_ONLY),
        ("steward", None, Mode.READ_ONLY),
    ],
)
def test_the_mode_is_two_way_where_one_may_write_unless_told(access: str, asked: Mode | None, mode: Mode) -> None:
    assert use.mode_for(calendar(access), asked) is mode


@pytest.mark.parametrize("access", ["reader", "steward"])
@pytest.mark.parametrize("asked", [Mode.TWO_WAY, Mode.SMART, Mode.ONE_WAY, Mode.PUSH_ONLY])
def test_without_write_access_only_read_only_is_allowed_and_the_role_named(access: str, asked: Mode) -> None:
    with pytest.raises(NotAllowed) as caught:
        use.mode_for(calendar(access), asked)

    assert access in caught.value.what


@pytest.mark.parametrize("access", ["freeBusyReader", "none", None])
def test_busy_times_alone_cannot_be_selected(access: str | None) -> None:
    with pytest.raises(NotAllowed):
        use.mode_for(calendar(access), None)


def connected(office: Office) -> dict[str, Calendar]:
    return {one.name: one for one in connect(office.means, Wish(), grant()).calendars}


def test_one_that_cannot_be_selected_stops_the_others_too(office: Office) -> None:
    mine = connected(office)
    with office.store.write():
        native = calendars.add_native(office.store, "Desk", zone="UTC")

    with pytest.raises(UsageFault):
        use.plan_selection(office.store, [mine["Team"], native], None)
    assert calendars.get_calendar(office.store, mine["Team"].id).state is CalendarState.AVAILABLE


def test_named_twice_it_is_chosen_once(office: Office) -> None:
    mine = connected(office)

    assert len(use.plan_selection(office.store, [mine["Team"], mine["Team"]], None)) == 1


def test_a_disconnected_accounts_calendar_asks_for_a_connect(office: Office) -> None:
    mine = connected(office)
    with office.store.write():
        account = accounts.list_accounts(office.store)[0]
        accounts.set_account_state(office.store, account.id, AccountState.DISCONNECTED, since=1)

    with pytest.raises(UsageFault) as caught:
        use.plan_selection(office.store, [mine["Team"]], None)
    assert "calsyncctl connect" in caught.value.what_to_do


def test_names_in_a_sign_in_mean_its_own_calendars_and_primary_the_main_one(office: Office) -> None:
    connected(office)
    connect(office.means, Wish(), grant(SUPPORT))
    work = accounts.list_accounts(office.store)[0]

    for name, found in ((" TEAM ", "Team"), ("Te", "Team"), ("work-main", "Work"), ("primary", "Work")):
        assert use.named_in(office.store, work, name).name == found
    with pytest.raises(NotFound) as caught:
        use.named_in(office.store, work, "Support")
    assert "“Work”, “Team”" in caught.value.what_to_do


def test_new_names_and_roles_are_seen_though_no_token_would_tell(office: Office) -> None:
    connected(office)
    office.google.rename("team", "Crew")
    office.google.share("team", "work@example.com", "reader")
    use.refresh(office.means, accounts.list_accounts(office.store)[0])

    assert [(one.name, one.access) for one in calendars.list_calendars(office.store)] == [
        ("Work", "owner"),
        ("Crew", "reader"),
    ]


def test_a_calendar_that_is_gone_is_forgotten_unless_it_was_selected(office: Office) -> None:
    mine = connected(office)
    use.select(office.means, use.plan_selection(office.store, [mine["Team"]], None))
    office.google.share("team", "work@example.com", None)
    office.google.share("work-main", "work@example.com", None)
    refreshed = use.refresh(office.means, accounts.list_accounts(office.store)[0])

    assert set(refreshed.gone) == {"Work", "Team"}
    (left,) = calendars.list_calendars(office.store)
    assert (left.name, left.state, left.reason) == ("Team", CalendarState.HOLD, GONE)


def test_a_calendar_that_is_back_is_selected_again(office: Office) -> None:
    mine = connected(office)
    use.select(office.means, use.plan_selection(office.store, [mine["Team"]], None))
    for role in (None, "writer"):
        office.google.share("team", "work@example.com", role)
        use.refresh(office.means, accounts.list_accounts(office.store)[0])

    assert calendars.get_calendar(office.store, mine["Team"].id).state is CalendarState.SELECTED


def test_paused_and_resumed(office: Office) -> None:
    mine = connected(office)
    with pytest.raises(UsageFault):
        use.pause(office.means, mine["Team"])
    use.select(office.means, use.plan_selection(office.store, [mine["Team"]], None))
    use.pause(office.means, calendars.get_calendar(office.store, mine["Team"].id))
    use.resume(office.means, calendars.get_calendar(office.store, mine["Team"].id))

    assert calendars.get_calendar(office.store, mine["Team"].id).state is CalendarState.SELECTED


def test_another_accounts_choice_is_named(office: Office) -> None:
    mine = connected(office)
    use.select(office.means, use.plan_selection(office.store, [mine["Team"]], None))
    office.google.share("team", SUPPORT, "writer")
    other = {one.name: one for one in connect(office.means, Wish(), grant(SUPPORT)).calendars}

    with pytest.raises(NotAllowed) as caught:
        use.plan_selection(office.store, [other["Team"]], None)
    assert "work@example.com" in caught.value.what


def taken_over(office: Office, mine: Calendar) -> None:
    """Let another account take a calendar of one that is disconnected, and the first come back by itself."""
    office.google.share("team", SUPPORT, "writer")
    other = {one.name: one for one in connect(office.means, Wish(), grant(SUPPORT)).calendars}
    leave(office, mine, AccountState.DISCONNECTED)
    use.select(office.means, use.plan_selection(office.store, [other["Team"]], None))


def leave(office: Office, mine: Calendar, state: AccountState) -> None:
    with office.store.write():
        accounts.set_account_state(office.store, mine.account_id or 0, state, since=1)


def test_what_another_account_took_is_not_resumed(office: Office) -> None:
    mine = connected(office)["Team"]
    use.select(office.means, use.plan_selection(office.store, [mine], None))
    use.pause(office.means, calendars.get_calendar(office.store, mine.id))
    taken_over(office, mine)

    with pytest.raises(NotAllowed, match="already selected"):
        use.resume(office.means, calendars.get_calendar(office.store, mine.id))


def test_what_another_account_took_since_it_was_planned_is_not_selected(office: Office) -> None:
    mine = connected(office)["Team"]
    planned = use.plan_selection(office.store, [mine], None)
    taken_over(office, mine)

    with pytest.raises(NotAllowed, match="already selected"):
        use.select(office.means, planned)


@pytest.mark.parametrize("rest", [use.pause, lambda means, one: use.deselect(means, one, purge=False)])
def test_one_deselected_or_paused_stays_so_when_it_goes_and_comes_back(
    office: Office, rest: Callable[[Means, Calendar], None]
) -> None:
    mine = connected(office)
    use.select(office.means, use.plan_selection(office.store, [mine["Team"]], None))
    rest(office.means, calendars.get_calendar(office.store, mine["Team"].id))
    seen = []
    for role in (None, "owner"):
        office.google.share("team", "work@example.com", role)
        use.refresh(office.means, accounts.list_accounts(office.store)[0])
        seen.append(calendars.get_calendar(office.store, mine["Team"].id))

    assert seen[0].state is seen[1].state is not CalendarState.SELECTED
    assert [one.reason for one in seen] == [GONE, None]


def test_one_on_hold_can_be_paused_so_that_nobody_is_told_any_more(office: Office) -> None:
    mine = connected(office)
    use.select(office.means, use.plan_selection(office.store, [mine["Team"]], None))
    office.google.share("team", "work@example.com", None)
    use.refresh(office.means, accounts.list_accounts(office.store)[0])
    use.pause(office.means, calendars.get_calendar(office.store, mine["Team"].id))

    assert calendars.get_calendar(office.store, mine["Team"].id).state is CalendarState.PAUSED


def test_a_dead_accounts_list_is_not_read_and_says_so(office: Office) -> None:
    connected(office)
    account = accounts.list_accounts(office.store)[0]
    with office.store.write():
        accounts.set_account_state(office.store, account.id, AccountState.NEEDS_REAUTH, since=1)

    (done,) = use.refresh_each(office.means, accounts.list_accounts(office.store))
    assert isinstance(done.error, NeedsReauth)


@pytest.mark.parametrize("state", [AccountState.PAUSED, AccountState.DISCONNECTING, AccountState.DISCONNECTED])
def test_a_sign_in_that_dies_while_its_account_is_parted_from_is_no_news(office: Office, state: AccountState) -> None:
    connected(office)
    account = accounts.list_accounts(office.store)[0]

    def part() -> None:
        with office.store.write():
            accounts.set_account_state(office.store, account.id, state, since=2)

    office.google.before_next(part)
    office.google.fail_next(NeedsReauth("Google withdrew the permission."))
    use.refresh_each(office.means, [account])
    assert accounts.get_account(office.store, account.id).state is state


@pytest.mark.parametrize("state", [AccountState.PAUSED, AccountState.DISCONNECTED])
def test_of_an_account_at_rest_no_list_is_read(office: Office, state: AccountState) -> None:
    connected(office)
    account = accounts.list_accounts(office.store)[0]
    with office.store.write():
        accounts.set_account_state(office.store, account.id, state, since=1)

    with pytest.raises(UsageFault):
        use.refresh_each(office.means, accounts.list_accounts(office.store))
    assert accounts.list_accounts(office.store)[0].state is state


def test_what_is_chosen_while_google_is_asked_for_the_list_counts(office: Office) -> None:
    mine = connected(office)
    use.select(office.means, use.plan_selection(office.store, [mine["Team"]], None))
    team = calendars.get_calendar(office.store, mine["Team"].id)
    office.google.share("team", "work@example.com", None)
    office.google.at_boundary = lambda moment: use.pause(office.means, team) if "list_calendars" in moment else None

    done = use.refresh(office.means, accounts.list_accounts(office.store)[0])
    assert done.gone == ("Team",)
    now = calendars.get_calendar(office.store, team.id)
    assert (now.state, now.reason) == (CalendarState.PAUSED, GONE)

"""Assignees: agents, teams and inboxes, members, and the calendars that serve them."""

from __future__ import annotations

import pytest

from calsyncctl.errors import NotFound, UsageFault
from calsyncctl.model.account import Account
from calsyncctl.model.people import Assignee, AssigneeKind
from calsyncctl.store import people
from calsyncctl.store.db import Store
from tests.store.build import seen

AGENT, TEAM, INBOX = AssigneeKind.AGENT, AssigneeKind.TEAM, AssigneeKind.INBOX


@pytest.fixture
def team(store: Store) -> Assignee:
    """A team of two agents."""
    with store.write():
        people.add_assignee(store, AGENT, "jane")
        people.add_assignee(store, AGENT, "desk")
        support = people.add_assignee(store, TEAM, "support")
        return people.set_members(store, support.id, ["jane", "agent:DESK"])


def test_an_assignee_comes_back_as_it_was_added(store: Store) -> None:
    with store.write():
        jane = people.add_assignee(store, AGENT, "jane", email="jane@example.com", role="staff", zone="Europe/Rome")

    assert jane == Assignee(1, AGENT, "jane", "jane@example.com", "staff", "Europe/Rome")
    assert people.get_assignee(store, jane.id) == jane


def test_a_name_is_taken_once_per_kind_whatever_the_case(store: Store) -> None:
    with store.write():
        people.add_assignee(store, AGENT, "jane")
        people.add_assignee(store, INBOX, "jane")

        with pytest.raises(UsageFault, match="already an assignee agent:jane"):
            people.add_assignee(store, AGENT, "Jane")


def test_assignees_are_found_by_kind_and_name(store: Store, team: Assignee) -> None:
    assert people.assignee_by_name(store, TEAM, "SUPPORT") == team
    assert people.assignee_by_name(store, AGENT, "support") is None


def test_assignees_are_listed_by_kind_and_name(store: Store, team: Assignee) -> None:
    assert [one.label for one in people.list_assignees(store)] == ["agent:desk", "agent:jane", "team:support"]
    assert [one.label for one in people.list_assignees(store, kinds=[TEAM])] == ["team:support"]


def test_a_team_names_its_members(team: Assignee) -> None:
    assert team.members == ("desk", "jane")


def test_members_are_replaced_as_a_whole_and_named_twice_count_once(store: Store, team: Assignee) -> None:
    with store.write():
        smaller = people.set_members(store, team.id, ["jane", "Jane"])

    assert smaller.members == ("jane",)


def test_only_agents_that_exist_can_be_members(store: Store, team: Assignee) -> None:
    with store.write(), pytest.raises(NotFound, match="no agent “nobody”"):
        people.set_members(store, team.id, ["nobody"])
    with store.write(), pytest.raises(NotFound, match="no agent “support”"):
        people.set_members(store, team.id, ["support"])

    assert people.get_assignee(store, team.id).members == ("desk", "jane")


def test_only_teams_have_members(store: Store) -> None:
    with store.write():
        inbox = people.add_assignee(store, INBOX, "sales")

        with pytest.raises(UsageFault, match="inbox:sales is not a team"):
            people.set_members(store, inbox.id, [])


def test_editing_changes_what_is_given_and_none_clears(store: Store) -> None:
    with store.write():
        jane = people.add_assignee(store, AGENT, "jane", email="jane@example.com", role="staff")
        edited = people.edit_assignee(store, jane.id, email=None, zone="UTC")

    assert edited == Assignee(jane.id, AGENT, "jane", None, "staff", "UTC")


def test_a_name_can_change_its_case_but_not_become_anothers(store: Store, team: Assignee) -> None:
    with store.write():
        jane = people.assignee_by_name(store, AGENT, "jane")
        assert jane is not None
        assert people.edit_assignee(store, jane.id, name="Jane").name == "Jane"

        with pytest.raises(UsageFault, match="agent:desk"):
            people.edit_assignee(store, jane.id, name="Desk")


def test_an_edit_of_nothing_is_fine(store: Store, team: Assignee) -> None:
    with store.write():
        assert people.edit_assignee(store, team.id) == team


def test_assigning_tells_whether_it_was_new(store: Store, account: Account, team: Assignee) -> None:
    calendar = seen(store, account, "Team")
    with store.write():
        said = [people.assign(store, calendar.id, team.id) for _ in range(2)]
        served = people.assignees_of(store, calendar.id)
        ended = [people.unassign(store, calendar.id, team.id) for _ in range(2)]

    assert (said, ended) == ([True, False], [True, False])
    assert served == [team]
    assert people.assignees_of(store, calendar.id) == []


def test_the_calendars_of_an_assignee_are_its_own_not_its_teams(store: Store, account: Account, team: Assignee) -> None:
    calendar = seen(store, account, "Team")
    with store.write():
        people.assign(store, calendar.id, team.id)
    jane = people.assignee_by_name(store, AGENT, "jane")

    assert jane is not None
    assert people.calendars_of(store, team.id) == [calendar]
    assert people.calendars_of(store, jane.id) == []


def test_a_deleted_assignee_leaves_teams_and_calendars(store: Store, account: Account, team: Assignee) -> None:
    calendar = seen(store, account, "Team")
    jane = people.assignee_by_name(store, AGENT, "jane")
    assert jane is not None
    with store.write():
        people.assign(store, calendar.id, jane.id)
        people.delete_assignee(store, jane.id)

    assert people.get_assignee(store, team.id).members == ("desk",)
    assert people.assignees_of(store, calendar.id) == []
    with pytest.raises(NotFound, match="no assignee"):
        people.get_assignee(store, jane.id)

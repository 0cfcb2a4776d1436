"""Which channels are opened, stopped and forgotten: pure; messages: counted, told apart by nothing."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from calsyncctl.connections.channels import UNANSWERED, Difference, difference, heard_by
from calsyncctl.daemon.webhook import Webhook
from calsyncctl.errors import StoreFault
from calsyncctl.model.calendar import CalendarState, Mode
from calsyncctl.model.channel import LIFETIME, Channel
from calsyncctl.store import channels
from calsyncctl.store.calendars import get_calendar, select_calendar, set_calendar_state
from calsyncctl.store.db import Store, open_store
from calsyncctl.store.due import liveliness, set_due
from tests.store.build import NOW, connected, seen

HERE = "https://calendars.example.com/push"
TEAM = (1, 7)
TOKEN = hashlib.sha256(b"good").hexdigest()
OPEN = Channel("c1", 1, 7, TOKEN, HERE, NOW, NOW + LIFETIME, resource_id="r", heard=NOW)


def due(*known: Channel, at: int = NOW + 60, address: str = HERE) -> Difference:
    return difference({TEAM}, known, address, at)


def test_what_has_no_channel_gets_one_and_what_has_is_left_alone() -> None:
    assert due() == Difference(open=(TEAM,))
    assert due(OPEN) == Difference()


def test_a_day_before_the_end_a_new_one_is_opened_beside_it() -> None:
    assert due(OPEN, at=OPEN.expires - 25 * 3600) == Difference()
    assert due(OPEN, at=OPEN.expires - 23 * 3600) == Difference(open=(TEAM,))


def test_one_that_lives_for_minutes_only_is_renewed_after_half_of_them() -> None:
    short = replace(OPEN, expires=NOW + 600)
    assert due(short, at=NOW + 299) == Difference()
    assert due(short, at=NOW + 300) == Difference(open=(TEAM,))


def test_the_old_one_is_stopped_once_the_new_one_was_heard() -> None:
    new = replace(OPEN, id="c2", opened=NOW + 10, heard=None)
    assert due(OPEN, new) == Difference()
    assert due(OPEN, replace(new, heard=NOW + 11)) == Difference(stop=(OPEN,))


def test_what_is_not_wanted_or_goes_elsewhere_is_stopped() -> None:
    assert difference(set(), [OPEN], HERE, NOW) == Difference(stop=(OPEN,))
    assert due(OPEN, address="") == Difference(stop=(OPEN,))
    assert due(OPEN, address="https://other.example.com/push") == Difference(open=(TEAM,), stop=(OPEN,))


def test_what_has_ended_is_forgotten_and_not_asked_about() -> None:
    assert due(OPEN, at=OPEN.expires) == Difference(open=(TEAM,), forget=(OPEN,))


def test_a_watch_without_an_answer_is_forgotten_after_a_while() -> None:
    asked = replace(OPEN, resource_id=None, heard=None)
    assert due(asked) == Difference()
    assert due(asked, at=NOW + UNANSWERED) == Difference(open=(TEAM,), forget=(asked,))


def test_what_google_tells_nothing_of_is_asked_again_when_its_time_has_come() -> None:
    note = replace(OPEN, resource_id=None, heard=None, reason="no", expires=NOW + 3600)
    assert due(note) == Difference()
    assert due(note, at=NOW + 3600) == Difference(open=(TEAM,), forget=(note,))
    assert difference(set(), [note], HERE, NOW) == Difference(forget=(note,))


@given(
    st.lists(
        st.builds(
            lambda number, opened, life, heard, answered: replace(
                OPEN,
                id=f"c{number}",
                opened=NOW + opened,
                expires=NOW + opened + life,
                heard=NOW if heard else None,
                resource_id="r" if answered else None,
            ),
            st.integers(0, 9),
            st.integers(-LIFETIME, 0),
            st.integers(1, LIFETIME),
            st.booleans(),
            st.booleans(),
        ),
        max_size=6,
        unique_by=lambda one: one.id,
    )
)
def test_a_heard_channel_is_never_stopped_but_for_a_newer_heard_one(known: list[Channel]) -> None:
    found = difference({TEAM}, known, HERE, NOW)
    left = [one for one in known if one not in found.stop and one not in found.forget]

    alive = [one for one in known if one.living and one.heard is not None and one.expires > NOW]
    assert not alive or max(alive, key=lambda one: (one.opened, one.id)) in left
    assert found.open == () or found.open == (TEAM,)
    assert found.open or left


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with closing(open_store(tmp_path / "store.sqlite")) as made:
        account = connected(made, "work@example.com")
        team = seen(made, account, "Team")
        with made.write():
            select_calendar(made, team.id, Mode.TWO_WAY, NOW)
            channels.add_channel(made, replace(OPEN, account_id=account.id, calendar_id=team.id, heard=None))
        yield made


def message(state: str = "exists", channel: str = "c1", token: str = "good") -> dict[str, str]:
    return {
        "HTTP_X_GOOG_CHANNEL_ID": channel,
        "HTTP_X_GOOG_CHANNEL_TOKEN": token,
        "HTTP_X_GOOG_RESOURCE_STATE": state,
    }


def test_a_message_is_a_hint_for_its_calendar_alone(store: Store) -> None:
    hinted: list[Channel] = []
    webhook = Webhook(lambda: store, hinted.append, lambda _: None)

    assert webhook(message()).status == 200
    assert [one.calendar_id for one in hinted] == [1]


def test_the_first_message_says_that_the_channel_works_and_nothing_else(store: Store) -> None:
    hinted: list[Channel] = []
    greeted: list[str] = []
    webhook = Webhook(lambda: store, hinted.append, greeted.append)

    assert webhook(message("sync")).status == 200
    assert (hinted, greeted) == ([], ["c1"])


@pytest.mark.parametrize(
    "stray",
    [
        message(channel="c9"),
        message(token="bad"),
        message(token=""),
        message(channel="x" * 999),
        message(token="é"),
        {},
    ],
)
def test_strays_are_answered_alike_and_do_nothing(store: Store, stray: dict[str, str]) -> None:
    hinted: list[Channel] = []
    webhook = Webhook(lambda: store, hinted.append, lambda _: None)

    assert (webhook(stray).status, webhook(stray).body, hinted) == (404, "", [])
    assert webhook.messages["stray"] == 2


def test_a_note_that_there_is_no_channel_takes_no_messages(store: Store) -> None:
    with store.write():
        channels.refuse_channel(store, "c1", "no", NOW + 3600)
    assert heard_by(store, "c1", "good") is None


def test_while_the_store_cannot_be_read_google_is_asked_to_come_again() -> None:
    def broken() -> Store:
        raise StoreFault("It is damaged.")

    assert Webhook(broken, lambda _: None, lambda _: None)(message()).status == 503


def test_only_a_channel_that_was_heard_makes_polls_rare(store: Store) -> None:
    assert [one.channel for one in liveliness(store, NOW)] == [False]
    with store.write():
        channels.mark_heard(store, ["c1"], NOW)
    assert [one.channel for one in liveliness(store, NOW)] == [True]
    assert [one.channel for one in liveliness(store, NOW + LIFETIME)] == [False]


def test_whose_channel_goes_is_asked_at_once(store: Store) -> None:
    with store.write():
        set_due(store, {1: NOW + 3600})
        channels.drop_channels(store, ["c1"], NOW)
    assert get_calendar(store, 1).due == NOW
    assert channels.list_channels(store) == []


def test_channels_are_wanted_for_selected_calendars_and_their_accounts_lists(store: Store) -> None:
    assert channels.watchable(store) == {(1, 1), (1, None)}
    with store.write():
        set_calendar_state(store, 1, CalendarState.PAUSED, since=NOW)
    assert channels.watchable(store) == set()

"""What random lives of one event found that is moved on both sides, each as the model's own story: it stays mended."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from calsyncctl.connections import linking
from calsyncctl.model.calendar import Calendar
from calsyncctl.model.link import WhenDeleted
from calsyncctl.sync.choice import Policy
from tests.proofs.model import DAILY, SIDE, SUPPORT, TEAM, TwoWayMachine
from tests.proofs.mortal import MortalHouse, prepared
from tests.support.memory import timed
from tests.sync.desk import WORK
from tests.sync.house import said

DESK = "Desk"


class Life(TwoWayMachine):
    """A life of the model, told step by step."""


def _calendars(house: MortalHouse) -> Calendar:
    """Three calendars of two accounts, and a native one that is linked to two of them."""
    house.calendar()
    house.calendar(SIDE)
    house.calendar(TEAM, email=SUPPORT)
    native = house.native()
    for target, invites in ((SIDE, True), (TEAM, False)):
        terms = linking.Terms(None, WhenDeleted.DELETE, invites)
        linking.add_link(house.store, native, house.home(target), terms, instance=house.engine.instance, now=0)
    return native


def one_of_ours(house: MortalHouse) -> None:
    _calendars(house)
    house.add(said("Lunch"))
    house.sync()


def series_of_ours(house: MortalHouse) -> None:
    _calendars(house)
    house.add(said("Class", recurrence=DAILY))
    house.sync()


def one_on_links(house: MortalHouse) -> None:
    house.add(said("Lunch"), _calendars(house))
    house.sync()


def series_on_links(house: MortalHouse) -> None:
    house.add(said("Class", recurrence=DAILY), _calendars(house))
    house.sync()


def googles_own(house: MortalHouse) -> None:
    _calendars(house)
    house.google.put(TEAM, timed("yoga0000", "Yoga", "2027-05-05T18:00:00Z", "2027-05-05T19:00:00Z", recurrence=DAILY))
    house.sync()


Begin = Callable[[Callable[[MortalHouse], object]], Life]


@pytest.fixture
def begin(tmp_path: Path) -> Iterator[Begin]:
    """Return what begins a life with what is there before."""
    begun: list[Life] = []

    def beginning(before: Callable[[MortalHouse], object]) -> Life:
        Life.start = prepared(tmp_path / "before", (before,), page_size=4)
        begun.append(Life())
        return begun[-1]

    yield beginning
    for life in begun:
        life.house.close()
        shutil.rmtree(life.folder)


def test_moved_in_google_and_then_onto_links_here_each_copy_has_an_id_of_its_own(begin: Begin) -> None:
    state = begin(googles_own)
    state.move_between(calendar=TEAM, to=SIDE, which=0)
    state.sync()
    state.move_home(which=0, home=DESK)
    state.settle()


def test_a_links_copy_moved_in_google_while_its_event_goes_elsewhere_and_back_here_stands_once(begin: Begin) -> None:
    state = begin(one_on_links)
    state.move_between(calendar=SIDE, to=TEAM, which=0)
    state.move_home(which=0, home=WORK)
    state.die(at=10)
    state.move_home(which=0, home=SIDE)
    state.settle()


def test_googles_own_on_links_comes_to_where_it_stands_in_the_page_that_says_so_of_both(begin: Begin) -> None:
    state = begin(googles_own)
    state.move_home(which=0, home=DESK)
    state.sync()
    state.move_between(calendar=SIDE, to=TEAM, which=0)
    state.settle()


def test_what_is_to_go_and_is_moved_on_in_google_goes_there(begin: Begin) -> None:
    state = begin(one_on_links)
    state.move_between(calendar=TEAM, to=SIDE, which=0)
    state.sync()
    state.move_between(calendar=SIDE, to=WORK, which=0)
    state.move_between(calendar=SIDE, to=WORK, which=0)
    state.settle()


def test_two_copies_that_move_on_in_google_to_different_calendars_are_one_event_there(begin: Begin) -> None:
    state = begin(one_on_links)
    state.move_between(calendar=TEAM, to=SIDE, which=0)
    state.move_between(calendar=SIDE, to=WORK, which=0)
    state.settle()


def test_of_two_copies_that_change_places_in_google_one_keeps_what_was_cancelled(begin: Begin) -> None:
    state = begin(series_on_links)
    state.move_between(calendar=TEAM, to=SIDE, which=0)
    state.change_one_there(calendar=SIDE, which=5, nth=0, cancel=True)
    state.move_between(calendar=SIDE, to=TEAM, which=0)
    state.settle()


def test_moved_here_and_on_in_google_in_turns_it_stands_once(begin: Begin) -> None:
    state = begin(series_of_ours)
    state.move_between(calendar=WORK, to=SIDE, which=0)
    state.move_home(which=0, home=DESK)
    state.sync()
    state.move_between(calendar=SIDE, to=TEAM, which=0)
    state.move_home(which=0, home=WORK)
    state.settle()


def test_brought_back_where_it_went_and_moved_on_while_it_is_moved_here_it_stands_once(begin: Begin) -> None:
    state = begin(one_on_links)
    state.move_home(which=0, home=WORK)
    state.sync()
    state.bring_back_there(calendar=TEAM, which=0)
    state.move_home(which=0, home=DESK)
    state.move_between(calendar=TEAM, to=SIDE, which=0)
    state.settle()


def test_moved_on_in_google_after_a_move_here_was_cut_off_it_stands_once(begin: Begin) -> None:
    state = begin(series_of_ours)
    state.move_home(which=0, home=DESK)
    state.sync()
    state.lose_answer(applied=True, skip=0)
    state.move_home(which=0, home=WORK)
    state.sync()
    state.move_between(calendar=WORK, to=TEAM, which=0)
    state.settle()


def test_brought_back_where_it_is_moved_to_here_while_a_links_copy_comes_there_it_stands_once(begin: Begin) -> None:
    state = begin(one_of_ours)
    state.move_home(which=0, home=DESK)
    state.sync()
    state.move_home(which=0, home=WORK)
    state.bring_back_there(calendar=WORK, which=0)
    state.move_between(calendar=SIDE, to=WORK, which=0)
    state.settle()


def test_googles_own_moved_here_twice_and_to_a_calendar_between_in_google_stands_once(begin: Begin) -> None:
    state = begin(googles_own)
    state.lose_answer(applied=False, skip=1)
    state.move_home(which=0, home=SIDE)
    state.sync()
    state.move_between(calendar=TEAM, to=SIDE, which=0)
    state.move_home(which=0, home=DESK)
    state.settle()


def test_moved_back_here_onto_its_links_where_this_side_prevails_it_comes_to_rest(begin: Begin) -> None:
    state = begin(series_on_links)
    state.move_between(calendar=SIDE, to=WORK, which=0)
    state.prefer(policy=Policy.LOCAL_WINS)
    state.sync()
    state.move_between(calendar=WORK, to=TEAM, which=0)
    state.move_home(which=0, home=DESK)
    state.settle()


def test_an_occurrence_changed_here_that_was_never_told_goes_where_its_series_moves_in_google(begin: Begin) -> None:
    state = begin(series_of_ours)
    state.move_home(which=0, home=SIDE)
    state.change_one(which=0, nth=1)
    state.move_home(which=0, home=TEAM)
    state.move_between(calendar=WORK, to=SIDE, which=0)
    state.settle()


def test_an_occurrence_changed_in_google_where_its_series_is_to_go_from_counts_until_then(begin: Begin) -> None:
    state = begin(series_of_ours)
    state.move_home(which=0, home=DESK)
    state.change_one(which=0, nth=0)
    state.change_one_there(calendar=WORK, which=0, nth=0, cancel=False)
    state.settle()


def test_an_occurrence_changed_on_a_links_copy_and_cancelled_here_goes_where_its_series_moves(begin: Begin) -> None:
    state = begin(series_on_links)
    state.change_one_there(calendar=SIDE, which=0, nth=3, cancel=False)
    state.move_home(which=0, home=WORK)
    state.cancel_one(which=0, nth=3)
    state.move_between(calendar=SIDE, to=WORK, which=0)
    state.settle()


def test_a_series_that_stands_again_where_it_was_moved_to_in_google_keeps_what_was_changed(begin: Begin) -> None:
    state = begin(series_of_ours)
    state.move_between(calendar=WORK, to=SIDE, which=0)
    state.sync()
    state.move_between(calendar=SIDE, to=WORK, which=0)
    state.sync()
    state.change_one_there(calendar=WORK, which=0, nth=0, cancel=False)
    state.move_home(which=0, home=DESK)
    state.settle()


def test_renamed_while_it_moves_twice_here_it_says_so_where_somebody_brings_it_back(begin: Begin) -> None:
    state = begin(one_on_links)
    state.rename(which=0)
    state.move_home(which=0, home=TEAM)
    state.move_home(which=0, home=SIDE)
    state.sync()
    state.bring_back_there(calendar=TEAM, which=0)
    state.move_home(which=0, home=TEAM)
    state.settle()


def test_an_occurrence_changed_where_its_series_was_before_it_was_deleted_here_goes_with_it(begin: Begin) -> None:
    state = begin(googles_own)
    state.move_between(calendar=TEAM, to=WORK, which=0)
    state.sync()
    state.change_one_there(calendar=WORK, which=0, nth=0, cancel=False)
    state.move_home(which=0, home=TEAM)
    state.delete(which=0)
    state.settle()


def test_a_series_brought_back_on_one_of_its_links_calendars_is_back_with_what_was_changed_of_it(begin: Begin) -> None:
    state = begin(series_on_links)
    state.change_one_there(calendar=SIDE, which=0, nth=0, cancel=False)
    state.delete_there(calendar=TEAM, which=0)
    state.sync()
    state.bring_back_there(calendar=TEAM, which=0)
    state.settle()


def test_both_of_a_links_copies_come_back_to_one_calendar_while_it_moves_onto_the_links_here(begin: Begin) -> None:
    state = begin(one_on_links)
    state.fail(method="write_events", times=1)
    state.move_between(calendar=TEAM, to=SIDE, which=0)
    state.sync()
    state.move_between(calendar=SIDE, to=TEAM, which=0)
    state.move_between(calendar=SIDE, to=TEAM, which=0)
    state.move_home(which=0, home=DESK)
    state.settle()


def test_moved_here_onto_its_links_before_the_answer_of_its_deletion_came_each_copy_stands_once(begin: Begin) -> None:
    state = begin(series_on_links)
    state.move_between(calendar=TEAM, to=WORK, which=0)
    state.move_between(calendar=SIDE, to=TEAM, which=0)
    state.sync()
    state.move_home(which=0, home=WORK)
    state.die(at=31)
    state.move_home(which=0, home=DESK)
    state.settle()


def test_an_occurrence_that_came_back_with_its_series_in_google_is_told_where_that_is_brought_back(
    begin: Begin,
) -> None:
    state = begin(series_on_links)
    state.move_home(which=0, home=WORK)
    state.change_one_there(calendar=SIDE, which=0, nth=1, cancel=False)
    state.move_between(calendar=SIDE, to=WORK, which=0)
    state.sync()
    state.bring_back_there(calendar=TEAM, which=0)
    state.settle()


def test_an_occurrence_cancelled_in_google_is_told_where_another_copy_of_its_series_takes_the_place(
    begin: Begin,
) -> None:
    state = begin(series_of_ours)
    state.move_home(which=0, home=DESK)
    state.change_one_there(calendar=WORK, which=0, nth=0, cancel=True)
    state.die(at=17)
    state.move_between(calendar=SIDE, to=TEAM, which=0)
    state.move_between(calendar=WORK, to=SIDE, which=0)
    state.settle()


def test_moved_back_here_where_it_was_and_on_in_google_to_a_calendar_that_held_it_stands_once(begin: Begin) -> None:
    state = begin(series_on_links)
    state.move_between(calendar=SIDE, to=WORK, which=0)
    state.sync()
    state.move_between(calendar=WORK, to=TEAM, which=0)
    state.move_home(which=0, home=SIDE)
    state.settle()


def test_an_occurrence_cancelled_here_is_told_where_its_series_came_back_to_in_google(begin: Begin) -> None:
    state = begin(series_of_ours)
    state.move_home(which=0, home=TEAM)
    state.rename(which=0)
    state.cancel_one(which=0, nth=0)
    state.move_home(which=0, home=WORK)
    state.move_between(calendar=WORK, to=TEAM, which=0)
    state.die(at=22)
    state.move_between(calendar=TEAM, to=WORK, which=0)
    state.settle()

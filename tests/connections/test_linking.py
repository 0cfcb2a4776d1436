"""Links and modes decided and done on the store alone: what is planned, what is refused, what is left."""

from __future__ import annotations

import dataclasses

import pytest
from msgspec.structs import replace

from calsyncctl.connections import calendars as use
from calsyncctl.connections import linking, modes
from calsyncctl.connections.connect import Wish, connect
from calsyncctl.connections.linking import Terms
from calsyncctl.connections.sync_now import choose, sync_now
from calsyncctl.errors import NotAllowed, UsageFault
from calsyncctl.model.calendar import Calendar, CalendarState, Mode
from calsyncctl.model.copy import CopyState
from calsyncctl.model.event import Body, Content, Event, When
from calsyncctl.model.link import Link, LinkState, WhenDeleted
from calsyncctl.store import accounts, calendars, copies, links
from calsyncctl.sync.editing import edit
from calsyncctl.sync.progress import Silent
from tests.proofs.mortal import Fate, Killed, open_mortal
from tests.support.authority import Office, grant

NOW = 1_790_000_000
"""21 September 2026."""
MINE = "inst00000000"


@pytest.fixture
def front(office: Office) -> Calendar:
    """A google calendar that is selected."""
    chosen = {one.name: one for one in connect(office.means, Wish(), grant()).calendars}["Team"]
    return select(office, chosen, None)


@pytest.fixture
def desk(office: Office) -> Calendar:
    """A calendar that lives only here."""
    with office.store.write():
        return calendars.add_native(office.store, "Reception", zone="UTC")


def select(office: Office, calendar: Calendar, mode: Mode | None) -> Calendar:
    use.select(office.means, use.plan_selection(office.store, [calendar], mode))
    return calendars.get_calendar(office.store, calendar.id)


def add(office: Office, calendar: Calendar, day: str, *lines: str) -> Event:
    when = When(f"{day}T09:00:00Z", f"{day}T10:00:00Z", "UTC", lines)
    means = edit.EditMeans(author="agent:jane", now=NOW, instance=MINE)
    return edit.add_event(
        office.store, means, calendar, edit.Draft(content=Content("Visit", "confirmed", when, Body()))
    )


def link(office: Office, source: Calendar, target: Calendar, terms: Terms | None = None) -> linking.Linked:
    return linking.add_link(office.store, source, target, terms or Terms(), instance=MINE, now=NOW)


def standing(office: Office, event: Event) -> list[CopyState]:
    return [copy.state for copy in copies.copies_of(office.store, event.id)]


def test_a_link_plans_what_ends_after_it_and_series_that_go_on(office: Office, desk: Calendar, front: Calendar) -> None:
    past, coming = add(office, desk, "2026-01-05"), add(office, desk, "2026-12-24")
    goes_on = add(office, desk, "2026-01-05", "RRULE:FREQ=WEEKLY")
    over = add(office, desk, "2026-01-05", "RRULE:FREQ=WEEKLY;COUNT=3")

    assert link(office, desk, front).planned == 2
    assert [standing(office, one) for one in (past, coming, goes_on, over)] == [
        *([], [CopyState.PLANNED]),
        *([CopyState.PLANNED], []),
    ]


def test_exceptions_are_planned_under_their_series(office: Office, desk: Calendar, front: Calendar) -> None:
    series = add(office, desk, "2026-12-07", "RRULE:FREQ=WEEKLY")
    means = edit.EditMeans(author="agent:jane", now=NOW, instance=MINE)
    gone = edit.cancel_occurrence(office.store, means, series.id, "20261214T090000Z")
    link(office, desk, front)

    (copy,), (master,) = copies.copies_of(office.store, gone.id), copies.copies_of(office.store, series.id)
    assert copy.google_id == f"{master.google_id}_20261214T090000Z"


def test_the_same_again_changes_nothing_other_terms_are_refused(
    office: Office, desk: Calendar, front: Calendar
) -> None:
    first = link(office, desk, front)

    assert link(office, desk, front).link == first.link
    assert first.link.when_deleted is WhenDeleted.DELETE
    with pytest.raises(UsageFault):
        link(office, desk, front, Terms(invites=True))


def test_only_one_link_of_a_source_invites(office: Office, desk: Calendar, front: Calendar) -> None:
    account = accounts.list_accounts(office.store)[0]
    other = select(office, use.named_in(office.store, account, "primary"), None)
    link(office, desk, front, Terms(invites=True))
    link(office, desk, other, Terms(invites=True))

    assert [(one.target_id, one.invites) for one in links.list_links(office.store)] == sorted(
        [(front.id, False), (other.id, True)]
    )


def test_other_terms_leave_what_they_do_not_name(office: Office, desk: Calendar, front: Calendar) -> None:
    first = link(office, desk, front, Terms(invites=True)).link

    terms = Terms(when_deleted=WhenDeleted.REPUBLISH)
    edited = linking.edit_link(office.store, first, terms, instance=MINE, now=NOW).link

    assert (edited.invites, edited.from_instant) == (True, first.from_instant)
    assert links.list_links(office.store) == [dataclasses.replace(first, when_deleted=WhenDeleted.REPUBLISH)]


def test_an_earlier_beginning_plans_more_and_a_backfill_all(office: Office, desk: Calendar, front: Calendar) -> None:
    for day in ("2020-01-06", "2025-01-06", "2026-12-24"):
        add(office, desk, day)
    made = link(office, desk, front).link
    earlier = linking.edit_link(office.store, made, Terms(from_=1_700_000_000), instance=MINE, now=NOW)
    plan = linking.plan_backfill(office.store, desk, front)
    done = linking.backfill(office.store, plan, Terms(), instance=MINE, now=NOW)

    assert (earlier.planned, plan.events, done.planned, done.link.from_instant) == (1, 3, 1, None)
    assert done.link.invites is made.invites


def test_copies_are_left_or_leave_with_their_link(office: Office, desk: Calendar, front: Calendar) -> None:
    sent, unsent = add(office, desk, "2026-12-24"), add(office, desk, "2026-12-25")
    made = link(office, desk, front).link
    (copy,) = copies.copies_of(office.store, sent.id)
    with office.store.write():
        copies.update_copies(office.store, [replace(copy, state=CopyState.LIVE, base_version=1, due=None)])
    assert linking.delete_link(office.store, made, remove_copies=False, now=NOW) == 0
    assert standing(office, sent) == [CopyState.LIVE]

    again = link(office, desk, front).link
    assert linking.delete_link(office.store, again, remove_copies=True, now=NOW) == 1
    assert standing(office, sent) + standing(office, unsent) == [CopyState.LEAVING, CopyState.DELETED]


def test_what_cannot_be_a_target_is_refused(office: Office, desk: Calendar, front: Calendar) -> None:
    for target, error in ((desk, UsageFault), (select(office, front, Mode.READ_ONLY), NotAllowed)):
        with pytest.raises(error):
            link(office, desk, target)
    with pytest.raises(UsageFault):
        link(office, front, front)
    use.deselect(office.means, front, purge=False)
    with pytest.raises(UsageFault):
        link(office, desk, calendars.get_calendar(office.store, front.id))


@pytest.mark.parametrize("mode", [Mode.ONE_WAY, Mode.PUSH_ONLY, Mode.READ_ONLY, Mode.TWO_WAY])
def test_choosing_again_leaves_the_mode(office: Office, front: Calendar, mode: Mode) -> None:
    changed = modes.change_mode(office.store, modes.plan_mode(office.store, front, mode), NOW)

    assert select(office, changed, None).mode is mode


def test_two_way_is_locked_while_one_way_is_on(office: Office, front: Calendar) -> None:
    one_way = modes.change_mode(office.store, modes.plan_mode(office.store, front, Mode.ONE_WAY), NOW)

    with pytest.raises(NotAllowed, match="locked"):
        use.plan_selection(office.store, [one_way], Mode.TWO_WAY)
    assert modes.plan_mode(office.store, one_way, Mode.TWO_WAY).switches
    use.deselect(office.means, one_way, purge=False)
    off = calendars.get_calendar(office.store, one_way.id)
    with pytest.raises(NotAllowed, match="locked"):
        use.plan_selection(office.store, [off], Mode.TWO_WAY)
    use.select(office.means, use.plan_selection(office.store, [off], Mode.TWO_WAY, switch=True))
    assert (off.state, calendars.get_calendar(office.store, off.id).mode) == (CalendarState.AVAILABLE, Mode.TWO_WAY)


def test_a_mode_needs_a_selected_google_calendar(office: Office, desk: Calendar, front: Calendar) -> None:
    use.deselect(office.means, front, purge=False)

    for one in (desk, calendars.get_calendar(office.store, front.id)):
        with pytest.raises(UsageFault):
            modes.plan_mode(office.store, one, Mode.ONE_WAY)


def test_a_link_whose_making_is_cut_off_is_finished_by_the_next_sync(
    office: Office, desk: Calendar, front: Calendar
) -> None:
    event = add(office, desk, "2030-01-07")
    dying = open_mortal(office.path / "store.db", Fate(dies_at=2))
    with pytest.raises(Killed):
        linking.add_link(dying, desk, front, Terms(), instance=MINE, now=NOW)
    dying.close()
    (cut,) = links.list_links(office.store)
    assert (cut.state, standing(office, event)) == (LinkState.FILLING, [])

    sync_now(office.means, choose(office.store), workers=1, progress=Silent())
    (whole,) = links.list_links(office.store)
    assert (whole.state, standing(office, event)) == (LinkState.ACTIVE, [CopyState.LIVE])


def test_linking_again_goes_on_with_a_link_that_was_cut_off(office: Office, desk: Calendar, front: Calendar) -> None:
    event = add(office, desk, "2030-01-07")
    with office.store.write():
        links.save_link(office.store, dataclasses.replace(link_of(desk, front), state=LinkState.FILLING))

    assert link(office, desk, front).planned == 1
    assert (links.list_links(office.store)[0].state, standing(office, event)) == (
        LinkState.ACTIVE,
        [CopyState.PLANNED],
    )


def link_of(source: Calendar, target: Calendar) -> Link:
    return Link(source.id, target.id, NOW, WhenDeleted.DELETE, since=NOW)

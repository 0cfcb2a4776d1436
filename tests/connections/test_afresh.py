"""What Google refused is sent once more after another sign-in, and by another version of the program; not else."""

from __future__ import annotations

import pytest

from calsyncctl.connections.afresh import PROGRAM, after_upgrade
from calsyncctl.connections.calendars import plan_selection, select
from calsyncctl.connections.connect import Wish, connect
from calsyncctl.connections.sync_now import choose, sync_now
from calsyncctl.errors import Invalid, Refused
from calsyncctl.model.event import Event
from calsyncctl.store import calendars, copies, meta
from calsyncctl.sync.editing import edit
from calsyncctl.sync.progress import Silent
from calsyncctl.sync.provider import Insert
from tests.support.authority import Office, grant
from tests.sync.house import said


@pytest.fixture(params=[Refused("No."), Invalid("Bad.")], ids=["refused", "invalid"])
def lunch(office: Office, request: pytest.FixtureRequest) -> Event:
    """An event whose insert Google does not take."""
    connected = connect(office.means, Wish(), grant())
    select(office.means, plan_selection(office.store, connected.calendars, None))
    synced(office)
    home = next(one for one in calendars.list_calendars(office.store) if one.name == "Work")
    means = edit.EditMeans(author="agent:jane", now=office.means.clock.now(), instance=office.means.engine.instance)
    made = edit.add_event(office.store, means, home, edit.Draft(content=said()))
    office.google.fail_write(request.param, kind=Insert)
    synced(office)
    return made


def synced(office: Office) -> None:
    sync_now(office.means, choose(office.store), workers=1, progress=Silent())


def states(office: Office, event: Event) -> list[tuple[str, bool]]:
    return [(str(one.state), one.hold is not None) for one in copies.copies_of(office.store, event.id)]


def test_what_was_refused_rests_until_something_changes(office: Office, lunch: Event) -> None:
    synced(office)

    assert states(office, lunch) == [("planned", True)]


def test_it_is_sent_once_more_after_another_sign_in(office: Office, lunch: Event) -> None:
    connect(office.means, Wish(), grant(number=2))
    synced(office)

    assert states(office, lunch) == [("live", False)]


def test_it_is_sent_once_more_by_another_version_of_the_program(office: Office, lunch: Event) -> None:
    with office.store.write():
        meta.set_meta(office.store, PROGRAM, "0.0.1")
    synced(office)

    assert states(office, lunch) == [("live", False)]


def test_a_version_that_synced_already_writes_nothing(office: Office, lunch: Event) -> None:
    before = office.store.connection.total_changes

    after_upgrade(office.store, office.means.clock.now())

    assert office.store.connection.total_changes == before

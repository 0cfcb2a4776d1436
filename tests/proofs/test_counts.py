"""What a pass costs, counted at a local Google over HTTP: requests, round trips, writes."""

from __future__ import annotations

import math
from collections.abc import Iterator
from pathlib import Path

import pytest

from calsyncctl.google.provider import google_provider
from calsyncctl.store.db import open_store
from tests.proofs.lab import Lab
from tests.support.clocks import StillClock
from tests.support.sandbox import Sandbox
from tests.support.worlds import ME, OneToken, OverHttp, access_token
from tests.sync.house import said

EVENTS = 2_500
"""How large the calendar of the dead token is by default; `deep` takes 50,000."""


@pytest.fixture
def world(shared_sandbox: Sandbox) -> Iterator[OverHttp]:
    made = large_pages(shared_sandbox)
    yield made
    made.close()


def large_pages(sandbox: Sandbox) -> OverHttp:
    """Return a world that is read as in life: in pages of the largest size."""
    made = OverHttp(sandbox)
    tokens = OneToken(access_token(sandbox, ME))
    made.me = google_provider(api_root=sandbox.root, tokens=tokens, email=ME, clock=StillClock(), pool=made.pool)
    return made


@pytest.fixture
def lab(world: OverHttp, tmp_path: Path) -> Iterator[Lab]:
    made = Lab(tmp_path, world)
    world.sandbox.reset_counters()
    yield made
    made.close()


def asked(world: OverHttp) -> dict[str, int]:
    """Return what one pass asked, by request, and begin counting anew."""
    requests = dict(world.sandbox.requests())
    world.sandbox.reset_counters()
    return requests


def trips(world: OverHttp) -> int:
    """Return the round trips since counting began: requests, without the parts of batches."""
    parts = sum(one["part"] for one in world.sandbox.log())
    return int(sum(world.sandbox.requests().values()) - parts)


def fill(lab: Lab, count: int) -> None:
    """Make events here; whoever wants them to be there syncs."""
    for number in range(count):
        lab.add(said(f"Item {number}"), ref=str(number))


@pytest.mark.parametrize("count", [1, 2, 50, 51, 120])
def test_n_new_events_cost_n_inserts_and_a_round_trip_for_each_fifty(lab: Lab, world: OverHttp, count: int) -> None:
    fill(lab, count)

    lab.sync_one()

    assert trips(world) <= math.ceil(count / 50) + 1
    requests = asked(world)
    assert requests["POST events.insert"] == count
    assert set(requests) <= {"POST events.insert", "GET events.list", "POST batch"}


def test_an_edit_is_one_request_and_its_echo_none(lab: Lab, world: OverHttp) -> None:
    fill(lab, 1)
    lab.sync_one()
    lab.quiet()
    world.sandbox.reset_counters()

    lab.change(lab.of_ref("0"), summary="Soup")
    lab.sync_one()

    assert asked(world) == {"GET events.list": 1, "PATCH events.patch": 1}
    lab.sync_one()
    assert asked(world) == {"GET events.list": 1}


def test_a_deletion_is_one_request_and_its_echo_none(lab: Lab, world: OverHttp) -> None:
    fill(lab, 1)
    lab.sync_one()
    lab.quiet()
    world.sandbox.reset_counters()

    lab.delete(lab.of_ref("0"))
    lab.sync_one()

    assert asked(world) == {"GET events.list": 1, "DELETE events.delete": 1}
    lab.sync_one()
    assert asked(world) == {"GET events.list": 1}


def test_an_edit_in_google_is_taken_with_the_listing_alone(lab: Lab, world: OverHttp) -> None:
    name = world.add("Tea")
    lab.sync_one()
    world.rename(name, "Coffee")
    world.sandbox.reset_counters()

    lab.sync_one()

    assert asked(world) == {"GET events.list": 1}
    assert lab.event(name, world.calendar).content is not None


def test_a_quiet_pass_is_one_request_and_no_write_on_either_side(lab: Lab, world: OverHttp) -> None:
    fill(lab, 3)
    lab.sync_one()
    lab.quiet()
    before = lab.snapshot()
    world.sandbox.reset_counters()

    lab.sync_one()

    assert asked(world) == {"GET events.list": 1}
    assert lab.snapshot() == before


def test_a_dead_token_writes_nothing_however_many_events_there_are(tmp_path: Path) -> None:
    check_dead_token(tmp_path, EVENTS)


@pytest.mark.deep
@pytest.mark.timeout(600)
def test_a_dead_token_writes_nothing_on_fifty_thousand_events(tmp_path: Path) -> None:
    check_dead_token(tmp_path, 50_000)


def check_dead_token(folder: Path, count: int) -> None:
    with Sandbox(events=count) as sandbox:
        world = large_pages(sandbox)
        world.calendar = ME
        lab = Lab(folder, world)
        assert lab.rows("event") > count * 0.9
        before = lab.snapshot()
        world.expire_cursors()
        world.sandbox.reset_counters()

        outcome = lab.sync_one()

        assert outcome.full
        assert world.sandbox.counters()["writes"] == 0
        assert lab.snapshot() == before
        lab.close()
        world.close()


def test_a_lost_store_costs_no_insert_and_knows_its_own_again(lab: Lab, world: OverHttp, tmp_path: Path) -> None:
    fill(lab, 60)
    lab.sync_one()
    lab.quiet()
    lab.store.close()
    world.sandbox.reset_counters()

    again = Lab(tmp_path / "anew", world)

    assert world.sandbox.counters()["writes"] == 0
    ours = again.store.connection.execute("SELECT origin FROM event").fetchall()
    assert ours == [("here",)] * 60
    again.quiet()
    assert world.sandbox.counters()["writes"] == 0
    again.close()
    lab.store = open_store(lab.path)

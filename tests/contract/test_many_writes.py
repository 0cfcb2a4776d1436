"""What every provider promises of series, of many writes at once, of rights, of mails and of lost answers."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from calsyncctl.errors import Gone, Outdated, Refused, Taken, Unknown
from calsyncctl.model.copy import Tag
from calsyncctl.model.event import When
from calsyncctl.sync.provider import Answer, Delete, Patch, Write
from tests.support.worlds import ZONE, World
from tests.support.written import (
    DAILY,
    GUEST,
    ID,
    THIRD,
    changed,
    content,
    insert,
    listed,
    made,
    names_of,
    patch,
    read,
    said,
    write,
)

pytestmark = pytest.mark.feature("A19")

# Series


def test_an_occurrence_is_there_before_it_has_an_event_of_its_own(world: World) -> None:
    made(world, content(when=DAILY))
    third = read(world, THIRD)

    assert third is not None
    assert (third.master, third.original) == (ID, "20260417T070000Z")
    assert said(third).when == When("2026-04-17T09:00:00+02:00", "2026-04-17T10:00:00+02:00", ZONE)
    assert list(listed(world)) == [ID]


def test_a_changed_occurrence_becomes_an_exception_and_the_series_stays(world: World) -> None:
    made(world, content(when=DAILY))
    third = read(world, THIRD)
    assert third is not None
    later = When("2026-04-17T15:00:00+02:00", "2026-04-17T16:00:00+02:00", ZONE)
    exception = changed(world, patch(third, content("Late tea", later), "summary", "when"))

    assert (exception.master, exception.original, said(exception).when) == (ID, "20260417T070000Z", later)
    assert set(listed(world)) == {ID, THIRD}
    assert said(read(world)).when == DAILY


def test_a_cancelled_occurrence_names_its_series_and_comes_back(world: World) -> None:
    made(world, content(when=DAILY))

    assert write(world, Delete(google_id=THIRD, etag=None)) == Answer()
    grave = listed(world)[THIRD]
    assert (grave.content, grave.master, grave.original) == (None, ID, "20260417T070000Z")
    blind = Patch(google_id=THIRD, etag=None, before=None, after=content(), fields=frozenset(), revive=True)
    assert said(changed(world, blind)).when.start == "2026-04-17T09:00:00+02:00"


def test_an_occurrence_that_the_rule_does_not_have_is_gone(world: World) -> None:
    made(world, content(when=DAILY))
    outside = Patch(
        google_id=f"{ID}_20260501T070000Z", etag=None, before=None, after=content(), fields=frozenset({"summary"})
    )

    assert isinstance(write(world, outside).error, Gone)


def test_deleting_a_series_takes_its_exceptions_along(world: World) -> None:
    series = made(world, content(when=DAILY))
    third = read(world, THIRD)
    assert third is not None
    changed(world, patch(third, content("Late tea"), "summary"))
    write(world, Delete(google_id=ID, etag=series.etag))

    assert {name: event.content for name, event in listed(world).items()} == {ID: None, THIRD: None}


def test_a_change_of_the_series_reaches_what_its_exceptions_did_not_change(world: World) -> None:
    series = made(world, content(when=DAILY))
    third = read(world, THIRD)
    assert third is not None
    changed(world, patch(third, content("Late tea"), "summary"))
    changed(world, patch(series, content("Coffee", location="Room 4"), "summary", "location"))

    exception = said(read(world, THIRD))
    assert (exception.summary, exception.body.location) == ("Late tea", "Room 4")


def test_an_exception_that_fits_the_rule_no_more_is_cancelled(world: World) -> None:
    series = made(world, content(when=DAILY))
    third = read(world, THIRD)
    assert third is not None
    changed(world, patch(third, content("Late tea"), "summary"))
    changed(world, patch(series, content(when=replace(DAILY, recurrence=("RRULE:FREQ=DAILY;COUNT=2",))), "when"))

    assert listed(world)[THIRD].content is None


# Many, rights, mails


def test_many_writes_are_answered_in_order_in_few_requests(world: World) -> None:
    names = names_of(120)
    answers = world.me.write_events(world.calendar, tuple(insert(content(name[:5]), name=name) for name in names))

    assert [said(answer.event).summary for answer in answers] == [name[:5] for name in names]
    assert world.round_trips() == 3


def test_one_write_is_one_request(world: World) -> None:
    event = made(world)
    changed(world, patch(event, content("Coffee"), "summary"))

    assert world.round_trips() == 2


def test_every_part_of_a_batch_has_its_own_outcome(world: World) -> None:
    event = made(world)
    new = names_of(1)[0]
    answers = world.me.write_events(
        world.calendar,
        (
            insert(),
            insert(name=new),
            replace(patch(event, content("Coffee"), "summary"), etag='"other"'),
            Delete(google_id=names_of(2)[1], etag=None),
        ),
    )

    assert isinstance(answers[0].error, Taken)
    assert said(answers[1].event).summary == "Tea"
    assert isinstance(answers[2].error, Outdated)
    assert answers[3] == Answer()


def test_nothing_to_write_asks_nothing(world: World) -> None:
    assert world.me.write_events(world.calendar, ()) == ()
    assert world.round_trips() == 0


def test_a_reader_may_not_write(world: World) -> None:
    event = made(world)
    world.share("reader")
    writes = (insert(name=names_of(1)[0]), patch(event, content("Coffee"), "summary"))
    answers = world.other.write_events(world.calendar, (*writes, Delete(google_id=ID, etag=event.etag)))

    assert [type(answer.error) for answer in answers] == [Refused, Refused, Refused]


def test_a_writer_may(world: World) -> None:
    event = made(world)
    world.share("writer")
    (answer,) = world.other.write_events(world.calendar, (patch(event, content("Coffee"), "summary"),))

    assert said(answer.event).summary == "Coffee"


def test_a_calendar_that_is_gone_takes_nothing_and_its_deletions_are_not_done(world: World) -> None:
    event = made(world)
    world.delete_calendar()
    writes = (insert(name=names_of(1)[0]), patch(event, content(), "summary"), Delete(google_id=ID, etag=event.etag))

    assert [type(write(world, one).error) for one in writes] == [Gone, Gone, Gone]
    assert not world.me.has_calendar(world.calendar)


def test_a_calendar_is_asked_for_itself(world: World) -> None:
    assert world.me.has_calendar(world.calendar)
    assert not world.other.has_calendar(world.calendar)


def test_people_are_mailed_only_where_it_is_said(world: World) -> None:
    quiet, loud = names_of(2)
    with_guests = content(attendees=(GUEST,))
    event = made(world, with_guests, name=quiet, guests=True)
    changed(world, patch(event, content("Coffee"), "summary"))
    assert world.mails() == []
    event = made(world, with_guests, name=loud, guests=True, mail="all")
    event = changed(world, patch(event, content("Coffee"), "summary", mail="all"))
    write(world, Delete(google_id=loud, etag=event.etag, mail="all"))

    assert world.mails() == [(GUEST.email, loud)] * 3


# Lost answers


def start(world: World, kind: str) -> Write:
    """Prepare a write of a kind, and what it needs to be there."""
    if kind == "insert":
        return insert(content("Coffee", attendees=(GUEST,)), guests=True, mail="all")
    event = made(world, content(attendees=(GUEST,)), guests=True)
    if kind == "delete":
        return Delete(google_id=ID, etag=event.etag, mail="all")
    return patch(event, content("Coffee"), "summary", mail="all")


def applied(world: World, kind: str) -> bool:
    """Tell whether the prepared write was carried out."""
    event = read(world)
    now = event.content.summary if event is not None and event.content is not None else None
    return now is None if kind == "delete" else now == "Coffee"


KINDS = ["insert", "patch", "delete"]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("carried_out", [True, False])
def test_a_lost_answer_is_unknown_and_the_write_is_never_sent_again(world: World, kind: str, carried_out: bool) -> None:
    one = start(world, kind)
    before = len(world.arrived())
    world.lose(kind, applied=carried_out)

    assert type(write(world, one).error) is Unknown
    assert world.arrived()[before:] == [kind]
    assert applied(world, kind) is carried_out
    assert len(world.mails()) == carried_out


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("carried_out", [True, False])
def test_a_lost_answer_of_a_part_leaves_the_other_parts_alone(world: World, kind: str, carried_out: bool) -> None:
    one = start(world, kind)
    before = len(world.arrived())
    world.lose(kind, applied=carried_out, part=True)
    answers = world.me.write_events(world.calendar, (one, *(insert(name=name) for name in names_of(2))))

    assert [type(answer.error) for answer in answers] == [Unknown, type(None), type(None)]
    assert world.arrived()[before:] == [kind, "insert", "insert"]
    assert applied(world, kind) is carried_out
    assert len(world.mails()) == carried_out


def test_an_insert_whose_answer_was_lost_meets_itself(world: World) -> None:
    one = start(world, "insert")
    world.lose("insert", applied=True)
    write(world, one)

    assert isinstance(write(world, one).error, Taken)
    event = read(world)
    assert event is not None
    assert event.tag == Tag("instance", "key", ID)
    assert list(listed(world)) == [ID]
    assert len(world.mails()) == 1


def test_a_patch_whose_answer_was_lost_does_not_go_through_twice(world: World) -> None:
    one = start(world, "patch")
    world.lose("patch", applied=True)
    write(world, one)

    assert isinstance(write(world, one).error, Outdated)
    assert len(world.mails()) == 1

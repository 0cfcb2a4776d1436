"""The stories of the kill test: how things were, and what happens then."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from calsyncctl.errors import Gone, Invalid, Refused
from calsyncctl.model.calendar import Mode
from calsyncctl.model.copy import RemoteEvent
from calsyncctl.model.event import Attendee, Body
from calsyncctl.sync.provider import Insert, Patch
from calsyncctl.sync.reviewing import review
from tests.proofs import acts as do
from tests.proofs.acts import GUESTS, SUPPORT, TEAM
from tests.proofs.mortal import Act, MortalHouse
from tests.support.memory import MemoryGoogle, all_day, timed
from tests.sync.desk import WORK

DAILY = ("RRULE:FREQ=DAILY;COUNT=6",)
OURS = Body(organizer=WORK, organizer_self=True)
SECOND, THIRD, FOURTH = "20270505T120000Z", "20270506T120000Z", "20270507T120000Z"


@dataclass(frozen=True, slots=True)
class Scenario:
    """One story."""

    name: str
    before: tuple[Act, ...]
    acts: tuple[Act, ...]
    page_size: int = 3


def calendar(house: MortalHouse) -> None:
    house.calendar()


def _team(house: MortalHouse) -> None:
    house.calendar(TEAM, email=SUPPORT)


def _second(house: MortalHouse) -> None:
    house.calendar(TEAM)


def _one_way(house: MortalHouse) -> None:
    house.calendar(mode=Mode.ONE_WAY)


def _native(house: MortalHouse) -> None:
    house.native()


def _series_there(google: MemoryGoogle) -> None:
    google.put(WORK, timed("series00", "Class", "2027-05-04T12:00:00Z", "2027-05-04T13:00:00Z", recurrence=DAILY))
    _exception_there(google, THIRD, "Moved class")


def _exception_there(google: MemoryGoogle, original: str, title: str) -> None:
    start, end = "2027-05-06T15:00:00Z", "2027-05-06T16:00:00Z"
    google.put(WORK, timed(f"series00_{original}", title, start, end, master="series00", original=original))


def _many_there(google: MemoryGoogle) -> None:
    for number in range(7):
        google.put(WORK, timed(f"item{number:04}", f"Item {number}"))
    google.put(WORK, all_day("allday00"))
    _series_there(google)


def _cancelled_there(google: MemoryGoogle) -> None:
    google.put(
        WORK,
        RemoteEvent(
            google_id=f"series00_{FOURTH}", etag="", updated="", content=None, master="series00", original=FOURTH
        ),
    )


def _split_there(google: MemoryGoogle) -> None:
    """As Google's own app divides a series: the old one ends, a new one bears all else, private properties too."""
    old = next(one for one in google.alive(WORK).values() if one.content and one.content.when.recurrence)
    start, end = "2027-05-07T12:00:00Z", "2027-05-07T13:00:00Z"
    google.put(
        WORK,
        do.spoken(old, when=do.when("2027-05-04T12:00:00Z", "2027-05-04T13:00:00Z", "RRULE:FREQ=DAILY;COUNT=3")),
    )
    half = do.spoken(old, when=do.when(start, end, "RRULE:FREQ=DAILY;COUNT=3"), summary="Other half")
    google.put(WORK, do.under(half, "half0000", "half0000@google.com"))


def _location_of_the_third(google: MemoryGoogle) -> None:
    """Somebody changes one occurrence of the only series in Google."""
    old = next(one for one in google.alive(WORK).values() if one.content and one.content.when.recurrence)
    name = f"{old.google_id}_{THIRD}"
    (item,) = google.provider("work@example.com").get_events(WORK, (name,)).values()
    assert item is not None
    google.put(WORK, do.spoken(item, location="Canteen"))


def _pasted_there(google: MemoryGoogle) -> None:
    (old,) = google.alive(WORK).values()
    google.put(WORK, do.under(do.spoken(old, summary="Pasted"), "pasted00", "pasted00@google.com"))


def _moved_there(google: MemoryGoogle) -> None:
    item = google.alive(WORK)["item0000"]
    google.delete(WORK, "item0000")
    google.put(TEAM, item)


def _lunch_moved(from_: str, to: str) -> Callable[[MemoryGoogle], None]:
    """Somebody moves our event to another calendar in Google."""

    def move(google: MemoryGoogle) -> None:
        (item,) = google.alive(from_).values()
        google.put(to, item)
        google.delete(from_, item.google_id)

    return move


def _emptied(google: MemoryGoogle) -> None:
    for number in range(4):
        google.delete(WORK, f"item{number:04}")


def _four_there(google: MemoryGoogle) -> None:
    for number in range(4):
        google.put(WORK, timed(f"item{number:04}", f"Item {number}", body=OURS))


def _unseen(google: MemoryGoogle) -> None:
    google.lose(WORK, "item0003")
    google.cut(WORK, "item0005")
    google.expire_cursors()


def _unreachable(google: MemoryGoogle) -> None:
    google.fail_next(Gone("Not found"), method="list_events", times=2)


EMPTY = (calendar, do.sync)
ONE = (calendar, do.add("Lunch", description="With Ann"), do.sync, do.sync)
INVITED = (calendar, do.add("Lunch", guests=GUESTS), do.sync, do.sync)
SERIES = (calendar, do.add("Lunch", recurrence=DAILY), do.sync, do.sync)
EXCEPTION = (*SERIES, do.change_one("Lunch", THIRD, "Soup"), do.sync, do.sync)
THERE = (calendar, do.google(_many_there), do.sync, do.sync)
TWO = (calendar, _team, _native, do.sync)
LINKED = (*TWO, do.link(WORK, invites=True), do.link(TEAM), do.add("Lunch", "Desk", guests=GUESTS), do.sync, do.sync)
REPUBLISHED = (*TWO, do.link(WORK, when_deleted="republish"), do.add("Lunch", "Desk"), do.sync, do.sync)

SCENARIOS = (
    Scenario("first pull", (calendar, do.google(_many_there)), (do.sync,)),
    Scenario("first pull with empty pages", (calendar, do.google(_many_there), do.empty_pages), (do.sync,)),
    Scenario("first push", EMPTY, (do.add("One"), do.add("Two", guests=GUESTS), do.add("Three"), do.sync)),
    Scenario("edit here", ONE, (do.change("Lunch", summary="Soup", location="Canteen"), do.sync)),
    Scenario("edit there", ONE, (do.there("Lunch", summary="Soup"), do.sync)),
    Scenario(
        "edits on both sides",
        ONE,
        (do.change("Lunch", summary="Soup"), do.there("Lunch", location="Canteen"), do.sync),
    ),
    Scenario("a conflict", ONE, (do.change("Lunch", summary="Soup"), do.there("Lunch", summary="Salad"), do.sync)),
    Scenario(
        "an edit there while a write is on its way",
        ONE,
        (
            do.change("Lunch", summary="Soup"),
            do.meanwhile(1, do.there("Lunch", location="Canteen")),
            do.sync,
        ),
    ),
    Scenario("delete here", INVITED, (do.delete("Lunch"), do.sync)),
    Scenario("delete there", ONE, (do.there_deleted("Lunch"), do.sync)),
    Scenario(
        "edit here against deletion there",
        ONE,
        (do.change("Lunch", summary="Soup"), do.there_deleted("Lunch"), do.sync),
    ),
    Scenario(
        "the same where Google brings nothing back",
        (*ONE, do.no_undelete),
        (do.change("Lunch", summary="Soup"), do.there_deleted("Lunch"), do.sync),
    ),
    Scenario(
        "deletion here against edit there",
        ONE,
        (do.delete("Lunch"), do.there("Lunch", summary="Soup"), do.sync),
    ),
    Scenario(
        "dead token between two pages",
        (calendar, do.google(_many_there)),
        (do.meanwhile(2, do.google(lambda google: google.expire_cursors())), do.sync, do.sync),
    ),
    Scenario(
        "dead page token",
        (calendar, do.google(_many_there)),
        (do.meanwhile(2, do.google(lambda google: google.expire_pages())), do.sync),
    ),
    Scenario(
        "dead sync token with an edit waiting here",
        (*THERE, do.add("Lunch"), do.sync, do.sync),
        (do.google(lambda google: google.expire_cursors()), do.change("Lunch", summary="Soup"), do.sync),
    ),
    Scenario("items gone without a word, and a cut listing", THERE, (do.google(_unseen), do.sync)),
    Scenario(
        "a series made here, one occurrence changed",
        EMPTY,
        (
            do.add("Lunch", recurrence=DAILY),
            do.change_one("Lunch", THIRD, "Soup"),
            do.sync,
        ),
    ),
    Scenario(
        "an occurrence changed on both sides at once",
        SERIES,
        (do.change_one("Lunch", THIRD, "Soup"), do.google(_location_of_the_third), do.sync),
    ),
    Scenario(
        "a series moved here with an exception standing",
        EXCEPTION,
        (do.change("Lunch", when=do.when("2027-05-04T15:00:00Z", "2027-05-04T16:00:00Z", *DAILY)), do.sync),
    ),
    Scenario("a split here with an exception in the rest", EXCEPTION, (do.divide("Lunch", SECOND, "Dinner"), do.sync)),
    Scenario(
        "an occurrence of ours changed there on a one-way calendar",
        (_one_way, do.add("Lunch", recurrence=DAILY), do.sync, do.sync),
        (do.google(_location_of_the_third), do.sync),
    ),
    Scenario("an occurrence cancelled here", SERIES, (do.cancel_one("Lunch", THIRD), do.sync)),
    Scenario("a series changed with an exception standing", EXCEPTION, (do.change("Lunch", summary="Stew"), do.sync)),
    Scenario("a series deleted here with an exception", EXCEPTION, (do.delete("Lunch"), do.sync)),
    Scenario("a series deleted there with an exception", EXCEPTION, (do.there_deleted("Lunch"), do.sync)),
    Scenario(
        "occurrences changed and cancelled there",
        (calendar, do.google(_series_there), do.sync),
        (do.google(lambda google: _exception_there(google, THIRD, "Again")), do.google(_cancelled_there), do.sync),
    ),
    Scenario("a split here", SERIES, (do.divide("Lunch", FOURTH, "Dinner"), do.sync)),
    Scenario("a split there", SERIES, (do.google(_split_there), do.sync)),
    Scenario("copy and paste there", ONE, (do.google(_pasted_there), do.sync)),
    Scenario(
        "a stale copy made afresh",
        (_one_way, do.add("Lunch"), do.sync, do.there_deleted("Lunch"), do.sync),
        (do.change("Lunch", summary="Soup"), do.sync),
    ),
    Scenario(
        "a one-way calendar edited there",
        (_one_way, do.add("Lunch"), do.sync, do.sync),
        (do.there("Lunch", summary="Soup"), do.sync),
    ),
    Scenario(
        "a link to two calendars",
        TWO,
        (do.link(WORK, invites=True), do.link(TEAM), do.add("Lunch", "Desk", guests=GUESTS), do.sync),
    ),
    Scenario(
        "linked copies changed on both calendars",
        LINKED,
        (do.there("Lunch", WORK, summary="Soup"), do.there("Lunch", TEAM, location="Canteen"), do.sync, do.sync),
    ),
    Scenario("a linked event deleted here", LINKED, (do.delete("Lunch", "Desk"), do.sync)),
    Scenario("a linked copy deleted there", LINKED, (do.there_deleted("Lunch", TEAM), do.sync, do.sync)),
    Scenario(
        "a republished copy deleted there, and an edit",
        REPUBLISHED,
        (do.there_deleted("Lunch"), do.sync, do.change("Lunch", "Desk", summary="Soup"), do.sync),
    ),
    Scenario(
        "push-existing",
        (
            *TWO,
            do.add("Old", "Desk", start="2026-05-04T12:00:00Z", end="2026-05-04T13:00:00Z"),
            do.add("New", "Desk"),
            do.link(WORK),
            do.sync,
        ),
        (do.push_existing(WORK), do.sync),
    ),
    Scenario("unlink with its copies", LINKED, (do.unlink(TEAM), do.sync)),
    Scenario(
        "restore what was deleted", (*INVITED, do.delete("Lunch"), do.sync, do.sync), (do.restore("Lunch"), do.sync)
    ),
    Scenario(
        "restore an earlier version",
        (*ONE, do.change("Lunch", summary="Soup"), do.sync, do.sync),
        (do.restore("Lunch", 1), do.sync),
    ),
    Scenario(
        "held deletions released",
        (calendar, do.google(_four_there), do.sync),
        (do.google(_emptied), do.sync, do.decide(review.release), do.sync),
    ),
    Scenario(
        "held deletions rejected",
        (calendar, do.google(_four_there), do.sync),
        (do.google(_emptied), do.sync, do.decide(review.reject), do.sync),
    ),
    Scenario(
        "a refused write tried again",
        ONE,
        (
            do.refuse(Refused("Forbidden"), Patch),
            do.change("Lunch", summary="Soup"),
            do.sync,
            do.permit,
            do.decide(review.retry),
            do.sync,
        ),
    ),
    Scenario(
        "an invalid write taken back",
        ONE,
        (
            do.refuse(Invalid("Bad Request"), Patch),
            do.change("Lunch", summary="Soup"),
            do.sync,
            do.decide(review.reject),
            do.sync,
        ),
    ),
    Scenario(
        "an invalid new event rejected",
        EMPTY,
        (do.refuse(Invalid("Bad Request"), Insert), do.add("Lunch"), do.sync, do.decide(review.reject), do.sync),
    ),
    Scenario(
        "deselect with an edit waiting, and select again",
        ONE,
        (do.change("Lunch", summary="Soup"), do.deselect, do.sync, do.select, do.sync),
    ),
    Scenario(
        "disconnect with an edit waiting, and connect again",
        (*ONE, do.signed_in),
        (do.change("Lunch", summary="Soup"), do.part, do.sync, do.come_back, do.sync),
    ),
    Scenario(
        "moved to another calendar here", (calendar, _second, *ONE[1:]), (do.move("Lunch", TEAM), do.sync, do.sync)
    ),
    Scenario(
        "moved to another calendar there",
        (calendar, _second, do.google(_four_there), do.sync),
        (do.google(_moved_there), do.sync, do.sync),
    ),
    Scenario(
        "moved there with an edit waiting",
        (calendar, _second, *ONE[1:]),
        (do.google(_lunch_moved(WORK, TEAM)), do.change("Lunch", summary="Soup"), do.sync, do.sync),
    ),
    Scenario(
        "moved there with an edit waiting, its new calendar read first",
        (calendar, _second, *ONE[1:], do.move("Lunch", TEAM), do.sync, do.sync),
        (do.google(_lunch_moved(TEAM, WORK)), do.change("Lunch", TEAM, summary="Soup"), do.sync, do.sync),
    ),
    Scenario(
        "a Meet that takes its time", (*EMPTY, do.meet("pending")), (do.add("Lunch", meet=True), do.sync, do.sync)
    ),
    Scenario("a Meet refused", (*EMPTY, do.meet("refused")), (do.add("Lunch", meet=True), do.sync)),
    Scenario(
        "replies there, a guest more here",
        INVITED,
        (
            do.reply("Lunch", "accepted"),
            do.change("Lunch", attendees=tuple(Attendee(one) for one in (*GUESTS, "cy@example.com"))),
            do.sync,
        ),
    ),
    Scenario(
        "a calendar out of reach, and back",
        ONE,
        (do.google(_unreachable), do.change("Lunch", summary="Soup"), do.sync, do.sync, do.sync),
    ),
    Scenario(
        "to read-only with an edit waiting",
        ONE,
        (do.change("Lunch", summary="Soup"), do.set_mode(Mode.READ_ONLY), do.sync),
    ),
)

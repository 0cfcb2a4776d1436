"""Taking back is pure: what changed goes back, what was changed since stays, and taking back twice is once."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from calsyncctl.model.event import Attendee, Content, Event, EventKind
from calsyncctl.model.fields import value_of, with_fields
from calsyncctl.model.history import Action, Version
from calsyncctl.sync.changes import differences
from calsyncctl.sync.takeback import Life, State, states, take_back, to_version
from tests.sync.house import said

FIELDS = ("summary", "location", "description", "transparency")
TEXTS = st.sampled_from(["", "a", "b", "c"])
STEPS = st.lists(st.tuples(st.sampled_from(FIELDS), TEXTS), min_size=1, max_size=6)


def event(content: Content, version: int, *, deleted: int | None = None) -> Event:
    return Event(
        id=1,
        key="key",
        calendar_id=1,
        kind=EventKind.EVENT,
        origin="here",
        content=content,
        starts=0,
        ends=1,
        version=version,
        status="confirmed",
        deleted=deleted,
    )


def row(number: int, action: Action, before: Content | None = None, after: Content | None = None) -> Version:
    changes = differences(before, after) if after is not None else ()
    return Version(
        event_id=1, version=number, run_id=1, calendar_id=1, at=0, author="jane", action=action, why="", changes=changes
    )


def told(steps: list[tuple[str, str]]) -> tuple[dict[int, State], list[Content]]:
    """Return the states of an event that was added and then changed step by step, and what it said each time."""
    contents, rows = [said()], [row(1, Action.ADDED)]
    for number, (field, text) in enumerate(steps, 2):
        after = with_fields(contents[-1], {field: text})
        rows.append(row(number, Action.CHANGED, contents[-1], after))
        contents.append(after)
    return states(event(contents[-1], len(contents)), rows), contents


@given(steps=STEPS)
def test_states_are_what_it_said_then(steps: list[tuple[str, str]]) -> None:
    found, contents = told(steps)

    assert [found[number].content for number in range(1, len(contents) + 1)] == contents
    assert found[0].life is Life.NEVER


@given(steps=STEPS)
def test_the_last_change_taken_back_is_what_it_said_before(steps: list[tuple[str, str]]) -> None:
    found, contents = told(steps)

    back = take_back(found, [len(contents)])

    assert (back.content, back.kept, back.life) == (contents[-2], (), Life.ALIVE)


@given(steps=STEPS)
def test_all_changes_taken_back_are_what_it_said_first(steps: list[tuple[str, str]]) -> None:
    found, contents = told(steps)

    assert take_back(found, range(2, len(contents) + 1)).content == contents[0]


@given(steps=STEPS, which=st.integers(0, 5))
def test_a_change_taken_back_goes_back_unless_the_field_changed_since(steps: list[tuple[str, str]], which: int) -> None:
    found, contents = told(steps)
    at = which % len(steps)
    field, text = steps[at]

    back = take_back(found, [at + 2])

    before, now = value_of(contents[at], field), value_of(contents[-1], field)
    assert value_of(back.content, field) == (before if now == text else now)
    assert {one.field for one in back.kept} == ({field} if now not in {text, before} and text != before else set())
    others = [name for name in FIELDS if name != field]
    assert [value_of(back.content, one) for one in others] == [value_of(contents[-1], one) for one in others]


@given(steps=STEPS, which=st.integers(0, 5))
def test_to_a_version_brings_the_next_changed_field_back_and_names_the_others(
    steps: list[tuple[str, str]], which: int
) -> None:
    found, contents = told(steps)
    version = which % len(contents) + 1
    said_then = contents[version - 1]

    back = to_version(found, version)

    differing = {one for one in FIELDS if value_of(back.content, one) != value_of(said_then, one)}
    assert differing == {one.field for one in back.kept}
    changed = next(
        (f for (f, _), c in zip(steps[version - 1 :], contents[version:], strict=True) if c != said_then), None
    )
    assert changed not in differing


def test_what_was_made_goes_unless_somebody_changed_it_since() -> None:
    content = said()
    edited = with_fields(content, {"summary": "Soup"})
    rows = [row(1, Action.ADDED), row(2, Action.CHANGED, content, edited)]

    assert take_back(states(event(content, 1), rows[:1]), [1]).life is Life.NEVER
    back = take_back(states(event(edited, 2), rows), [1])
    assert (back.life, [one.field for one in back.kept]) == (Life.ALIVE, ["deleted"])


def test_what_was_deleted_lives_again_and_a_later_deletion_stays() -> None:
    content = said()
    gone = [row(1, Action.ADDED), row(2, Action.DELETED)]
    assert take_back(states(event(content, 2, deleted=5), gone), [2]).life is Life.ALIVE

    later = [row(1, Action.ADDED), row(2, Action.DELETED), row(3, Action.RESTORED), row(4, Action.DELETED)]
    back = take_back(states(event(content, 4, deleted=9), later), [3])
    assert (back.life, back.kept) == (Life.DELETED, ())


def test_taking_back_nothing_leaves_everything() -> None:
    content = said()
    back = take_back(states(event(content, 1), [row(1, Action.ADDED)]), [])
    assert (back.life, back.content, back.kept, back.gone) == (Life.ALIVE, content, (), ())


def test_a_later_deletion_is_named_only_where_the_change_taken_back_had_a_say_in_it() -> None:
    content = said()
    edited = with_fields(content, {"summary": "Soup"})
    rows = [row(1, Action.ADDED), row(2, Action.CHANGED, content, edited), row(3, Action.DELETED)]

    back = take_back(states(event(edited, 3, deleted=5), rows), [2])

    assert (back.life, value_of(back.content, "summary"), back.kept) == (Life.DELETED, "Lunch", ())


def test_an_occurrence_that_took_place_again_and_went_with_its_series_stays_gone() -> None:
    rows = [row(1, Action.CANCELLED), row(2, Action.RESTORED), row(3, Action.DELETED)]
    here = replace(event(said(), 3, deleted=9), series_id=7, original="20270504T120000Z")

    back = take_back(states(here, rows), [2])

    assert (back.life, [one.field for one in back.kept]) == (Life.DELETED, ["deleted"])


def test_before_it_was_restored_an_occurrence_was_cancelled_and_an_event_deleted() -> None:
    """Their history before that is pruned."""
    whole = event(said(), 5)
    occurrence = replace(whole, series_id=7, original="20270504T120000Z")
    rows = [row(5, Action.RESTORED)]
    assert states(whole, rows)[4].life is Life.DELETED
    assert states(occurrence, rows)[4].life is Life.CANCELLED


def test_of_an_event_that_came_with_a_first_listing_nothing_is_known_but_what_it_says() -> None:
    found = states(event(said(), 2), [])
    assert [found[number] for number in (2, 1)] == [State(Life.ALIVE, said())] * 2


def meets(*links: str) -> tuple[dict[int, State], list[Content]]:
    """Return the states of an event that had one Meet after the other, and what it said each time."""
    contents = [with_fields(said(), {"meet": link}) for link in links]
    rows = [row(number, Action.CHANGED, *pair) for number, pair in enumerate(pairwise(contents), 2)]
    return states(event(contents[-1], len(contents)), [row(1, Action.ADDED), *rows]), contents


def test_a_meet_that_google_replaced_cannot_return_and_is_named() -> None:
    found, contents = meets("https://meet/1", "https://meet/2")
    back = take_back(found, [2])
    assert (back.content, back.gone) == (contents[-1], ("the Meet link",))


def test_a_meet_that_was_replaced_by_another_change_is_not_named() -> None:
    found, contents = meets("https://meet/1", "https://meet/1", "https://meet/2")
    back = take_back(found, [2])
    assert (back.content, back.gone) == (contents[-1], ())


def test_a_meet_that_is_back_is_not_named() -> None:
    found, contents = meets("https://meet/1", "https://meet/2", "https://meet/1")
    back = take_back(found, [2])
    assert (back.content, back.gone) == (contents[-1], ())


def test_what_was_made_and_deleted_since_is_gone_and_nobody_has_a_say_in_it() -> None:
    back = take_back(states(event(said(), 2, deleted=5), [row(1, Action.ADDED), row(2, Action.DELETED)]), [1])
    assert (back.life, back.kept) == (Life.DELETED, ())


def occurrence(version: int, *, status: str = "cancelled", deleted: int | None = None) -> Event:
    made = event(said("Soup"), version, deleted=deleted)
    return replace(made, series_id=7, original="20270504T120000Z", status=status)


def test_what_came_cancelled_and_went_with_its_series_was_cancelled_before() -> None:
    found = states(occurrence(2, deleted=9), [row(2, Action.DELETED)])
    assert found[1].life is Life.CANCELLED


def test_what_was_cancelled_only_after_it_had_come_back_took_place_before() -> None:
    found = states(occurrence(4), [row(2, Action.DELETED), row(3, Action.RESTORED), row(4, Action.CANCELLED)])
    assert [found[number].life for number in (1, 2, 3, 4)] == [Life.ALIVE, Life.DELETED, Life.ALIVE, Life.CANCELLED]


def test_what_is_changed_of_a_cancelled_occurrence_does_not_let_it_take_place() -> None:
    renamed = row(3, Action.CHANGED, said(), said("Soup"))
    found = states(occurrence(4, status="confirmed"), [row(2, Action.CANCELLED), renamed, row(4, Action.RESTORED)])
    assert [found[number].life for number in (2, 3, 4)] == [Life.CANCELLED, Life.CANCELLED, Life.ALIVE]


def test_what_was_cancelled_first_of_all_takes_place_as_its_series_says() -> None:
    renamed = row(2, Action.CHANGED, said(), said("Soup"))  # which nobody sees of what is cancelled
    back = take_back(states(occurrence(2), [row(1, Action.CANCELLED), renamed], said("Dinner")), [1])
    assert (back.life, back.content, back.kept) == (Life.ALIVE, said("Dinner"), ())


def test_a_version_of_which_nothing_is_known_leaves_what_is_said_now() -> None:
    nothing, known = State(Life.ALIVE, None), State(Life.ALIVE, said())
    for then, now in ((nothing, known), (known, nothing)):
        back = to_version({1: then, 2: now}, 1)
        assert (back.life, back.content, back.kept) == (Life.ALIVE, said(), ())


def test_one_s_own_reply_goes_back() -> None:
    me = Attendee("me@example.com", self=True)
    first = with_fields(said(), {"attendees": (me,)})
    second = with_fields(first, {"attendees": (replace(me, reply="accepted"),)})

    back = take_back(states(event(second, 2), [row(1, Action.ADDED), row(2, Action.CHANGED, first, second)]), [2])

    assert ([one.reply for one in value_of(back.content, "attendees")], back.gone) == (["needsAction"], ())


def test_guests_go_back_person_by_person_and_replies_stay() -> None:
    ann, bob, cy = (Attendee(f"{name}@example.com") for name in ("ann", "bob", "cy"))
    first = with_fields(said(), {"attendees": (ann, bob)})
    second = with_fields(first, {"attendees": (ann,)})
    third = with_fields(second, {"attendees": (Attendee(ann.email, reply="accepted"), cy)})
    rows = [row(1, Action.ADDED), row(2, Action.CHANGED, first, second), row(3, Action.CHANGED, second, third)]

    back = take_back(states(event(third, 3), rows), [2])

    guests = value_of(back.content, "attendees")
    assert [(one.email, one.reply) for one in guests] == [
        (ann.email, "accepted"),
        (bob.email, "needsAction"),
        (cy.email, "needsAction"),
    ]

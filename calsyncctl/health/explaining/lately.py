"""What happened to an event last, where that is why it is as it is: a conflict, a move, a rule's decision."""

from __future__ import annotations

from calsyncctl.health.explaining.explanation import Asking, Finding, Todo, called, finding, told
from calsyncctl.health.explaining.gathered import EventFacts
from calsyncctl.health.explaining.past import DIVIDED, origin, other_half
from calsyncctl.model.history import Action, Version
from calsyncctl.sync.policy import GOOGLE
from calsyncctl.sync.pulling.telling import REVIVED, SELF
from calsyncctl.views.history import named, short

WRITTEN_BACK = "what is made here stands on this calendar"
GIVEN_BACK = "the edit cannot be written to Google"


def lately(asking: Asking, facts: EventFacts) -> Finding | None:
    """Return what the last changes of an event explain; None: nothing out of the ordinary."""
    conflict = _conflict(asking, facts)
    if conflict is not None or not facts.versions:
        return conflict or _adopted(asking, facts)
    return _last(asking, facts, facts.versions[-1]) or _adopted(asking, facts)


def _conflict(asking: Asking, facts: EventFacts) -> Finding | None:
    """Tell of the latest conflict that nobody has settled."""
    open_ = [one for one in facts.versions if one.lost and one.settled is None]
    if not open_:
        return None
    last = open_[-1]
    todo = (
        Todo(f"calsyncctl review restore c{last.id}", "lets the other value stand"),
        Todo(f"calsyncctl review release c{last.id}", "lets it be as it is, and asks no more"),
    )
    name, when = called(facts.event), asking.when(last.at)
    if any(one.field == "deleted" for one in last.lost):
        text = f"{name} was deleted on one side while it was changed on the other ({when}): {last.why}."
        return finding(told("conflict", text, last.at), *todo, waits=True)
    if last.why == GIVEN_BACK:
        return finding(told("given-back", _given_back(facts, last, when), last.at), *todo, waits=True)
    chosen = "; ".join(
        f"{named(one.field)} is {short(one.chosen)}, and {short(one.value)} was not chosen" for one in last.lost
    )
    text = f"{name} was changed on both sides before they met on {when}: {chosen}. {_rule(asking)}"
    return finding(told("conflict", text, last.at), *todo, waits=True)


def _rule(asking: Asking) -> str:
    return f"The rule: {asking.engine.policy} (the setting sync.conflicts), unless the calendar's mode decides."


def _given_back(facts: EventFacts, last: Version, when: str) -> str:
    lost = ", ".join(named(one.field) for one in last.lost) or "it"
    edit = f"An edit of {called(facts.event)} ({lost})"
    return f"{edit} could not be written to Google, so Google's value returned on {when}."


def _last(asking: Asking, facts: EventFacts, last: Version) -> Finding | None:
    name, when = called(facts.event), asking.when(last.at)
    undo = Todo(f"calsyncctl undo {facts.key}", "takes its last change back, on both sides")
    if last.author == SELF and last.why == WRITTEN_BACK:
        what = "; ".join(f"{named(one.field)}: {short(one.before)} → {short(one.after)}" for one in last.changes)
        text = (
            f"{name} was changed in Google, where what is made here stands, "
            f"and it was put back on {when}: {what}. The rule: the calendar syncs one way."
        )
        return finding(told("written-back", text, last.at))
    moved = [one for one in last.changes if one.field == "calendar"]
    if moved:
        by = "in Google" if last.author == GOOGLE else f"by {last.author}"
        text = f"{name} moved from “{moved[0].before}” to “{moved[0].after}” {by} on {when}; it is the same event."
        return finding(told("moved", text, last.at), undo)
    if last.why == DIVIDED:
        return _divided(asking, facts, last, undo)
    if last.author == "undo":
        text = f"{name} is as it was before: {last.why} on {when}."
        return finding(told("undone", text, last.at), undo)
    if last.why == REVIVED:
        return finding(told("revived", f"{name} was {last.why}, on {when}.", last.at), undo)
    if last.action is Action.RESTORED:
        by = f" ({last.why})" if last.why else ""
        return finding(told("restored", f"{name} was deleted, and brought back on {when}{by}.", last.at), undo)
    return None


def _divided(asking: Asking, facts: EventFacts, last: Version, undo: Todo) -> Finding:
    new = other_half(asking.store, facts, last)
    goes_on = f"; from there on it is {called(new)} ({new.key[:8]})" if new is not None else ""
    text = (
        f"{called(facts.event)} ends earlier since {last.author} changed “this and the following” on "
        f"{asking.when(last.at)}{goes_on}."
    )
    return finding(told("split", text, last.at), undo)


def _adopted(asking: Asking, facts: EventFacts) -> Finding | None:
    """Tell of an event that nothing happened to since its mark made it known again."""
    line = origin(asking, facts)
    if line.code != "adopted" or len(facts.versions) > 1:
        return None
    text = f"{called(facts.event)} is not new: {line.text[0].lower()}{line.text[1:]}"
    return finding(told("adopted", text))

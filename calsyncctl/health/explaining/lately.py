"""What happened to an event last, where that is why it is as it is: a conflict, a move, a rule's decision."""

from __future__ import annotations

from calsyncctl.health.explaining.explanation import Asking, Finding, Todo, called, finding, told
from calsyncctl.health.explaining.gathered import EventFacts
from calsyncctl.health.explaining.past import origin, other_half
from calsyncctl.model.history import Action, Version
from calsyncctl.model.wording import fields_changed, named, short
from calsyncctl.sync.editing.record import DIVIDED
from calsyncctl.sync.policy import GOOGLE
from calsyncctl.sync.pulling.telling import REVIVED, SELF

WRITTEN_BACK = "what is made here stands on this calendar"
GIVEN_BACK = "the edit cannot be written to Google"


def lately(asking: Asking, facts: EventFacts) -> Finding | None:
    """Return what the last run or act that changed an event explains; None: nothing out of the ordinary."""
    found = conflict(asking, facts)
    if found is not None:
        return found
    last = facts.versions[-1] if facts.versions else None
    together = [one for one in facts.versions if last is not None and (one is last or one.run_id == last.run_id)]
    for one in reversed(together):
        if (said := _special(asking, facts, one)) is not None:
            return said
    return _adopted(asking, facts) or _echo(facts)


def conflict(asking: Asking, facts: EventFacts) -> Finding | None:
    """Tell of the latest conflict that nobody has settled."""
    open_ = [one for one in facts.versions if one.lost and one.settled is None]
    if not open_:
        return None
    last = open_[-1]
    todo = (
        Todo(f"calsyncctl review restore c{last.id}", "lets the other value stand"),
        Todo(f"calsyncctl review release c{last.id}", "lets it be as it is, and asks no more"),
    )
    code = "given-back" if last.why == GIVEN_BACK else "conflict"
    text = _given_back(facts, last, asking) if code == "given-back" else _both_changed(facts, last, asking)
    return finding(told(code, text, last.at), *todo, waits=True)


def _both_changed(facts: EventFacts, last: Version, asking: Asking) -> str:
    name, when = called(facts.event), asking.when(last.at)
    fates = [one for one in last.lost if one.field == "deleted"]
    if fates:
        stands = "the change stands, and it lives on" if fates[0].value else "the deletion stands"
        return f"{name} was deleted on one side and changed on the other before they met on {when}: {stands}."
    if last.action is Action.DELETED:
        fields = ", ".join(named(one.field) for one in last.lost)
        return f"{name} was changed here ({fields}) before Google's deletion came on {when}: the deletion stands."
    chosen = "; ".join(
        f"its {named(one.field)} is {short(one.chosen)} now, {short(one.value)} was not chosen" for one in last.lost
    )
    return f"{name} was changed on both sides before they met on {when}: {chosen}. {_rule(asking)}"


def _rule(asking: Asking) -> str:
    return f"The rule: {asking.engine.policy} (the setting sync.conflicts), unless the calendar's mode decides."


def _given_back(facts: EventFacts, last: Version, asking: Asking) -> str:
    lost = ", ".join(named(one.field) for one in last.lost if one.field != "deleted") or "its deletion"
    edit = f"What was changed here of {called(facts.event)} ({lost})"
    return f"{edit} could not be written to Google, so Google's value returned on {asking.when(last.at)}."


def _special(asking: Asking, facts: EventFacts, last: Version) -> Finding | None:
    name, when = called(facts.event), asking.when(last.at)
    undo = Todo(f"calsyncctl undo {facts.key}", "takes its last change back, on both sides")
    if last.author == SELF and last.why == WRITTEN_BACK:
        what = "; ".join(fields_changed(last.changes))
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
    if last.why == DIVIDED or (last.action is Action.ADDED and last.author != GOOGLE):
        return _divided(asking, facts, last, undo)
    if last.author == "undo":
        again = Todo(f"calsyncctl undo {facts.key}", "undoes the undo")
        return finding(told("undone", f"{name} is as it was before: {last.why} on {when}.", last.at), again)
    if last.why == REVIVED:
        return finding(told("revived", f"{name} was {last.why}, on {when}.", last.at), undo)
    if last.action is Action.RESTORED:
        by = f" ({last.why})" if last.why else ""
        return finding(told("restored", f"{name} was deleted, and brought back on {when}{by}.", last.at), undo)
    return None


def _divided(asking: Asking, facts: EventFacts, last: Version, undo: Todo) -> Finding | None:
    """Tell of a series that was divided, from either half; None: it was only added."""
    other = other_half(asking.store, facts, last)
    name, when = called(facts.event), asking.when(last.at)
    by = f"{last.author} changed “this and the following” on {when}"
    if last.why == DIVIDED:
        goes_on = f"; from there on it is {called(other)} ({other.key[:8]})" if other is not None else ""
        return finding(told("split", f"{name} ends earlier since {by}{goes_on}.", last.at), undo)
    if other is None:
        return None
    text = f"{name} goes on where {called(other)} ({other.key[:8]}) ends, since {by}."
    return finding(told("split", text, last.at), undo)


def _adopted(asking: Asking, facts: EventFacts) -> Finding | None:
    """Tell of an event that nothing happened to since its mark made it known again."""
    if origin(asking, facts).code != "adopted" or len(facts.versions) > 1:
        return None
    text = f"{called(facts.event)} is neither new nor doubled: it was made here once, and its mark in Google says so."
    return finding(told("adopted", text))


def _echo(facts: EventFacts) -> Finding | None:
    """Tell of an event whose write got no answer: it was found in Google, and known as our own."""
    first = facts.versions[0] if facts.versions else None
    if first is None or first.author == GOOGLE or first.run_id is None or first.sent_run is not None:
        return None
    there = [one for one in facts.standings if one.is_home and one.copy.base_version is not None]
    if not there or any(one.author != GOOGLE for one in facts.versions[1:]):
        return None
    text = (
        f"{called(facts.event)} was made here and sent to {there[0].place} without an answer; it was found there "
        "afterwards and known as our own, so it is there once."
    )
    return finding(told("echo", text, first.at))

"""Why an event is as it is: what may be the answer, the gravest first; then where it stands, its past, what waits."""

from __future__ import annotations

from collections.abc import Iterator

from calsyncctl.errors import NotAllowed
from calsyncctl.health.explaining import standing
from calsyncctl.health.explaining.ended import ended
from calsyncctl.health.explaining.explanation import (
    Asking,
    Explanation,
    Finding,
    Line,
    Todo,
    assembled,
    called,
    finding,
    place,
    told,
)
from calsyncctl.health.explaining.gathered import GONE, EventFacts, Twin, gather, lives_only_here
from calsyncctl.health.explaining.lately import lately
from calsyncctl.health.explaining.past import happened, origin
from calsyncctl.health.explaining.trouble import trouble_of
from calsyncctl.model.calendar import Calendar
from calsyncctl.model.event import Event
from calsyncctl.sync.editing.permit import check_event
from calsyncctl.sync.policy import GOOGLE

_HIDES = {"not-selected": "hidden-deselected", "disconnected": "hidden-disconnected"}


def explain_event(asking: Asking, event: Event) -> Explanation:
    """Explain an event, also one that is deleted or hidden."""
    facts = gather(asking, event)
    found = list(_findings(asking, facts))
    return assembled(
        ("event", event.key, called(event)),
        found,
        where=_where(asking, facts),
        happened=happened(asking, facts),
        waits=[line for one in facts.standings if (line := standing.mail(asking, one)) is not None],
        todo=_always(facts),
    )


def _findings(asking: Asking, facts: EventFacts) -> Iterator[Finding]:
    """Yield what may be the answer, the gravest first; there is always one."""
    yield from _if_any(ended(asking, facts), _hidden(asking, facts))
    seen = [one for copy in facts.standings for one in standing.findings(asking, facts, copy)]
    if facts.event.deleted is None:
        yield from sorted(seen, key=_gravity)
        yield from _if_any(_doubled(facts), lately(asking, facts), _same_meeting(facts), _only_here(facts))
    else:
        yield from seen
    yield _well(facts)


def _if_any(*found: Finding | None) -> Iterator[Finding]:
    return (one for one in found if one is not None)


def _gravity(found: Finding) -> int:
    """Put what a person has to see to before what goes on by itself."""
    return int(found.line.code in {"waiting", "unanswered", "held-undecided", "calendar-later", "stale"})


def _hidden(asking: Asking, facts: EventFacts) -> Finding | None:
    """Say why an event that is here cannot be seen."""
    trouble = trouble_of(asking, facts.home, facts.account)
    if trouble is None or trouble.code not in _HIDES:
        return None
    text = f"{called(facts.event)} is kept here, but not shown: {trouble.text}."
    return finding(told(_HIDES[trouble.code], text, trouble.since), *trouble.todo, waits=True)


def _doubled(facts: EventFacts) -> Finding | None:
    """Say of an event that seems to be there twice that somebody made both."""
    if not facts.apart:
        return None
    times = "twice" if len(facts.apart) == 1 else f"{len(facts.apart) + 1} times"
    text = (
        f"{called(facts.event)} is there {times} at the same time, made apart: each has its own iCalUID, "
        "so syncing did not copy one from the other."
    )
    events = [(facts.event, facts.place), *((twin.event, place(twin.calendar, twin.account)) for twin in facts.apart)]
    homes = {twin.event.id: twin.calendar for twin in facts.apart} | {facts.event.id: facts.home}
    todo = [
        Todo(f"calsyncctl events delete {event.key[:8]}", f"deletes the one on {name}, if that is one too many")
        for event, name in events
        if _may_delete(event, homes)
    ]
    return finding(told("doubled", text), *todo)


def _may_delete(event: Event, homes: dict[int, Calendar]) -> bool:
    try:
        check_event(event, homes[event.id])
    except NotAllowed:
        return False
    return True


def _same_meeting(facts: EventFacts) -> Finding | None:
    if not facts.alike:
        return None
    text = (
        f"{called(facts.event)} stands on {len(facts.alike) + 1} calendars, as each guest's calendar has it: "
        "one meeting (one iCalUID), nothing is doubled."
    )
    return finding(told("same-meeting", text))


def _only_here(facts: EventFacts) -> Finding | None:
    if not lives_only_here(facts):
        return None
    text = f"{called(facts.event)} lives only here: no link takes its calendar “{facts.home.name}” to Google."
    link = Todo(f"calsyncctl links add {facts.home.typed} CALENDAR", "keeps the calendar's events in Google, too")
    return finding(told("only-here", text), link)


def _well(facts: EventFacts) -> Finding:
    name = called(facts.event)
    if facts.event.deleted is not None:
        return finding(told("agreed", f"{name} is deleted, and nothing waits."))
    return finding(told("agreed", f"{name} is the same here and in Google, and nothing waits."))


# Where it is


def _where(asking: Asking, facts: EventFacts) -> list[Line]:
    lines = [origin(asking, facts)]
    if lives_only_here(facts):
        lines.append(told("native", f"It lives on {facts.place}, a calendar of this installation only."))
    elif not any(one.is_home for one in facts.standings):
        lines.append(told("native", f"It lives on {facts.place}, a calendar of this installation."))
    shown = [one for one in facts.standings if one.copy.state not in GONE]
    lines += [standing.where(asking, facts, one) for one in shown]
    if facts.exceptions:
        many = "1 of its occurrences was" if facts.exceptions == 1 else f"{facts.exceptions:,} of its occurrences were"
        lines.append(told("exceptions", f"{many} changed or cancelled on its own."))
    lines += [_twin(one, "twin", "The other one") for one in facts.apart]
    lines += [_twin(one, "same-meeting", "The same meeting") for one in facts.alike]
    return lines


def _twin(one: Twin, code: str, named: str) -> Line:
    by_google = one.event.origin == GOOGLE
    organizer = one.event.content.body.organizer if one.event.content is not None else ""
    by = f" by {organizer}" if organizer else ""
    author = f" by {one.first.author}" if one.first is not None and one.first.author != GOOGLE else ""
    made = f"made in Google{by}" if by_google else f"made here{author}"
    return told(code, f"{named} is {one.event.key[:8]} on {place(one.calendar, one.account)}, {made}.")


def _always(facts: EventFacts) -> list[Todo]:
    """What can be done about any event: look further, and ask Google now."""
    todo = [Todo(f"calsyncctl events history {facts.key}", "tells all that happened to it")] if facts.versions else []
    google = [one.calendar for one in facts.standings if one.copy.state not in GONE]
    return todo + [
        Todo(f"calsyncctl reconcile --check --calendar {one.typed}", "asks Google whether all is the same there")
        for one in google[:1]
    ]

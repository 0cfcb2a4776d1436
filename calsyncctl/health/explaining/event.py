"""Why an event is as it is: what may be the answer, the gravest first; then where it stands, its past, what waits."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

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
from calsyncctl.health.explaining.lately import conflict, lately
from calsyncctl.health.explaining.past import happened, origin, original_start
from calsyncctl.health.explaining.trouble import trouble_of
from calsyncctl.model.calendar import TAKING_PART, Calendar, CalendarKind
from calsyncctl.model.event import Event
from calsyncctl.model.link import Link, LinkState
from calsyncctl.sync.editing.permit import check_event
from calsyncctl.sync.links import holds
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
        waits=[
            line for one in facts.standings for line in (standing.kept_back(one), standing.mail(asking, one)) if line
        ],
        todo=_always(facts),
    )


def _findings(asking: Asking, facts: EventFacts) -> Iterator[Finding]:
    """Yield what may be the answer, the gravest first; there is always one."""
    yield from _if_any(ended(asking, facts), _hidden(asking, facts))
    seen = [one for copy in facts.standings for one in standing.findings(asking, facts, copy) if not _said(facts, one)]
    if facts.event.deleted is None:
        seen.sort(key=_gravity)
        yield from (one for one in seen if _gravity(one) < _PLAIN)
        yield from _if_any(_doubled(facts), lately(asking, facts))
        yield from (one for one in seen if _gravity(one) == _PLAIN)
        yield from _if_any(_same_meeting(facts), _only_here(asking, facts))
    else:
        yield from _if_any(conflict(asking, facts), *seen)
    yield _well(asking, facts)


def _if_any(*found: Finding | None) -> Iterator[Finding]:
    return (one for one in found if one is not None)


_AFTER = {"unanswered": 1, "calendar-later": 2, "stale": 3, "held-undecided": 4, "waiting": 5}
"""What goes on by itself, behind what a person has to see to."""
_PLAIN = _AFTER["waiting"]
"""What waits as usual explains less than what happened to the event last."""


def _gravity(found: Finding) -> int:
    return _AFTER.get(found.line.code, 0)


def _hidden(asking: Asking, facts: EventFacts) -> Finding | None:
    """Say why an event that is here cannot be seen."""
    trouble = trouble_of(asking, facts.home, facts.account)
    if trouble is None or trouble.code not in _HIDES:
        return None
    text = f"{called(facts.event)} is kept here, but not shown: {trouble.text}."
    return finding(told(_HIDES[trouble.code], text, trouble.since), *trouble.todo, waits=True)


def _said(facts: EventFacts, found: Finding) -> bool:
    """Tell whether a finding only repeats why an event is hidden."""
    return found.line.code in _HIDES and facts.home.kind is CalendarKind.GOOGLE


def _doubled(facts: EventFacts) -> Finding | None:
    """Say of an event that seems to be there twice that somebody made both."""
    if not facts.apart:
        return None
    times = "twice" if len(facts.apart) == 1 else f"{len(facts.apart) + 1} times"
    text = (
        f"{called(facts.event)} is there {times} at the same time, made apart: they share no iCalUID, "
        "so syncing did not make one of the other."
    )
    first = facts.versions[0] if facts.versions else None
    each = [Twin(facts.event, facts.home, facts.account, first), *facts.apart]
    todo = [
        Todo(f"calsyncctl events delete {one.event.key[:8]}", f"deletes the one {_made(one)}, if that is one too many")
        for one in each
        if _may_delete(one)
    ]
    return finding(told("doubled", text), *todo)


def _may_delete(one: Twin) -> bool:
    try:
        check_event(one.event, one.calendar)
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


def _only_here(asking: Asking, facts: EventFacts) -> Finding | None:
    if not lives_only_here(facts):
        return None
    why = "; ".join(_not_held(asking, facts, link, target) for link, target in facts.links)
    text = (
        f"{called(facts.event)} lives only here: {why or f'no link takes its calendar “{facts.home.name}” to Google'}."
    )
    if facts.links:
        place_all = [
            Todo(
                f"calsyncctl links push-existing {facts.home.typed} {target.typed} --dry-run",
                "shows what would be placed",
            )
            for _, target in facts.links
        ]
        return finding(told("only-here", text), *place_all)
    link = Todo(f"calsyncctl links add {facts.home.typed} CALENDAR", "keeps the calendar's events in Google, too")
    return finding(told("only-here", text), link)


def _not_held(asking: Asking, facts: EventFacts, link: Link, target: Calendar) -> str:
    """Say why a link of its calendar has no copy of an event."""
    name = f"the link from “{facts.home.name}” to “{target.name}”"
    if link.state is LinkState.PAUSED:
        return f"{name} is paused"
    if link.from_instant is not None and not holds(link, facts.event, facts.home.zone):
        return f"{name} takes what ends after {asking.when(link.from_instant)}"
    return f"{name} has not placed it; its next change does, or links push-existing"


def _well(asking: Asking, facts: EventFacts) -> Finding:
    name = called(facts.event)
    if facts.event.deleted is not None:
        return finding(told("agreed", f"{name} is deleted, and nothing waits."))
    asked = [one.calendar.last_success for one in facts.standings if one.copy.state not in GONE]
    oldest = min((at for at in asked if at is not None), default=None)
    as_of = f" when it was asked last, {asking.when(oldest)}" if oldest is not None else ""
    return finding(told("agreed", f"{name} was the same here and in Google{as_of}; nothing waits.", oldest))


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
        lines.append(_exceptions(asking, facts.exceptions))
    lines += [_twin(one, "twin", "The other one") for one in facts.apart]
    lines += [_twin(one, "same-meeting", "The same meeting") for one in facts.alike]
    return lines


NAMED = 3
"""So many exceptions of a series are named."""


def _exceptions(asking: Asking, exceptions: Sequence[Event]) -> Line:
    """Name the occurrences that do not follow their series: one of them may be what is looked for."""
    words = {True: "cancelled", False: "changed"}
    named = ", ".join(
        f"{original_start(asking, one)} {words[one.status == 'cancelled']} ({one.key[:8]})"
        for one in exceptions[-NAMED:]
    )
    more = " and others" if len(exceptions) > NAMED else ""
    many = "1 of its occurrences does" if len(exceptions) == 1 else f"{len(exceptions):,} of its occurrences do"
    return told("exceptions", f"{many} not follow it: {named}{more}.")


def _twin(one: Twin, code: str, named: str) -> Line:
    return told(code, f"{named} is {one.event.key[:8]} on {place(one.calendar, one.account)}, {_made(one)}.")


def _made(one: Twin) -> str:
    by_google = one.event.origin == GOOGLE
    body = one.event.content.body if one.event.content is not None else None
    by = f" by {body.organizer}" if body is not None and body.organizer and not body.organizer_self else ""
    author = f" by {one.first.author}" if one.first is not None and one.first.author != GOOGLE else ""
    return f"made in Google{by}" if by_google else f"made here{author}"


def _always(facts: EventFacts) -> list[Todo]:
    """What can be done about any event: look further, and ask Google now."""
    todo = [Todo(f"calsyncctl events history {facts.key}", "tells all that happened to it")] if facts.versions else []
    there = [one.calendar for one in facts.standings if one.copy.state not in GONE]
    google = [calendar for calendar in there if calendar.state in TAKING_PART]
    return todo + [
        Todo(f"calsyncctl reconcile --check --calendar {one.typed}", "asks Google whether all is the same there")
        for one in google[:1]
    ]

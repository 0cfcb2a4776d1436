"""Taking changes of an event back: a three-way merge with base = the state after them, so that later edits stay. Pure.

What is to be taken back is named by version numbers. What others reply, and what Google alone decides, is no edit: it
stays as it is now, and is named.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from enum import StrEnum
from itertools import pairwise
from typing import Any, Final, NamedTuple

from msgspec import Struct, to_builtins
from msgspec.structs import replace

from calsyncctl.model.event import Attendee, Content, Event
from calsyncctl.model.fields import value_of, with_fields, with_plain
from calsyncctl.model.history import Action, Version
from calsyncctl.sync.canonical import OWN, SHARED, alike
from calsyncctl.sync.changes import news
from calsyncctl.sync.choice import Policy
from calsyncctl.sync.merge import Sides, merge

FIELDS: Final = (*SHARED, *OWN)


class Life(StrEnum):
    """Whether an event takes place."""

    ALIVE = "alive"
    CANCELLED = "cancelled"
    """One occurrence of a series that does not take place."""
    DELETED = "deleted"
    NEVER = "never"
    """It was not made yet."""


_LIVES = {Action.DELETED: Life.DELETED, Action.CANCELLED: Life.CANCELLED}


class State(NamedTuple):
    """An event at one moment: whether it takes place, and what it says."""

    life: Life
    content: Content | None


class Kept(Struct, frozen=True):
    """A later change that stays: a field (or `deleted`) with what it says now, as plain JSON values."""

    field: str
    value: Any


class TakenBack(Struct, frozen=True, kw_only=True):
    """What an event is to be again, which later changes stay, and what cannot return."""

    life: Life
    content: Content | None
    kept: tuple[Kept, ...] = ()
    gone: tuple[str, ...] = ()
    """What cannot return, in words: replies, the Meet link."""


def life_of(event: Event) -> Life:
    """Tell whether an event takes place now."""
    if event.deleted is not None:
        return Life.DELETED
    return Life.CANCELLED if event.status == "cancelled" else Life.ALIVE


def states(event: Event, versions: Sequence[Version], inherited: Content | None = None) -> dict[int, State]:
    """Return an event's states by version number, from 0 (before it was made) to now; `versions` come oldest first.

    `inherited`: what its series says where an exception stands, which is what that was before.
    """
    rows = _by_number(versions)
    found = {event.version: State(life_of(event), event.content)}
    content = event.content
    for number in range(event.version, 0, -1):
        if content is not None:
            content = _before(content, [one for one in versions if one.version == number])
        found[number - 1] = State(_life_at(event, rows, number - 1), content)
    exception = event.series_id is not None and event.original is not None
    found[0] = State(Life.ALIVE, inherited or found[0].content) if exception else State(Life.NEVER, found[0].content)
    return found


def _before(content: Content, versions: Sequence[Version]) -> Content:
    for one in reversed(versions):
        content = with_plain(content, {change.field: change.before for change in one.changes})
    return content


def _by_number(versions: Iterable[Version]) -> dict[int, Version]:
    """Return the row that made each version: a later one of the same number only notes a value not chosen."""
    made: dict[int, Version] = {}
    for one in versions:
        made.setdefault(one.version, one)
    return made


def _life_at(event: Event, rows: dict[int, Version], number: int) -> Life:
    """Tell whether the event took place at a version: by the last change until then that says so, else by the next."""
    for at in range(number, 0, -1):
        if at in rows and rows[at].action is not Action.CHANGED:
            return _LIVES.get(rows[at].action, Life.ALIVE)
    following = rows.get(number + 1)
    if following is not None and following.action is Action.RESTORED:
        return Life.CANCELLED if event.original is not None else Life.DELETED
    cancelled = event.status == "cancelled" and not any(one.action is Action.CANCELLED for one in rows.values())
    if following is not None and following.action is Action.DELETED and cancelled:
        return Life.CANCELLED  # it was so when it came, and went with its series
    return Life.ALIVE


def take_back(states: dict[int, State], numbers: Collection[int], *, by_all: bool = True) -> TakenBack:
    """Take versions back, the newest first; those in a row are one change.

    `by_all`: a later change of the same field stays, too; else the earlier value prevails over it.
    """
    now = states[max(states)]
    life, content, kept, gone = now.life, now.content, dict[str, Kept](), list[str]()
    for first, last in reversed(list(_in_rows(numbers))):
        after, before = states[last], states[first - 1]
        here = State(life, content)
        cancelled_between = life is Life.CANCELLED and now.life is not Life.CANCELLED  # by what is not taken back
        life, stays = (life, True) if cancelled_between else _life_back(here, after, before)
        kept |= {"deleted": Kept("deleted", life is not Life.ALIVE)} if stays else {}
        if first == 1 and (after.life, before.life, here.life) == (Life.CANCELLED, Life.ALIVE, Life.CANCELLED):
            content = before.content  # as its series says: nobody says anything of what is cancelled
        elif content is not None and after.content is not None and before.content is not None:
            content, fields, lost = _content_back(content, after.content, before.content, by_all=by_all)
            kept |= {field: Kept(field, to_builtins(value_of(content, field))) for field in fields}
            gone += lost
    return TakenBack(life=life, content=content, kept=tuple(kept.values()), gone=tuple(dict.fromkeys(gone)))


def _in_rows(numbers: Collection[int]) -> Iterator[tuple[int, int]]:
    """Yield the first and last of numbers that follow each other without a gap, in order."""
    ordered = sorted(set(numbers))
    breaks = [at for at, (one, other) in enumerate(pairwise(ordered), 1) if other != one + 1]
    for begin, end in pairwise([0, *breaks, len(ordered)]):
        if begin < end:
            yield ordered[begin], ordered[end - 1]


def _life_back(here: State, after: State, before: State) -> tuple[Life, bool]:
    """Return whether it takes place again, and whether a later change has a say in that: an edit beats a deletion."""
    if _same(here.life, before.life) or _same(after.life, before.life):
        return here.life, False
    if (here.life is Life.ALIVE) is not (after.life is Life.ALIVE):
        return here.life, True  # of an occurrence it is all one whether it was cancelled, or went with its series
    edited = (
        here.life is Life.ALIVE
        and here.content is not None
        and after.content is not None
        and bool(news(after.content, here.content))
    )
    return (here.life, True) if edited else (before.life, False)


def _same(one: Life, other: Life) -> bool:
    gone = {Life.DELETED, Life.NEVER}
    return one is other or {one, other} <= gone


def _content_back(
    here: Content, after: Content, before: Content, *, by_all: bool
) -> tuple[Content, list[str], list[str]]:
    """Return what it is to say, the fields whose later change stays, and what cannot return."""
    there, lost = _without_replies(here, after, before)
    policy = Policy.LOCAL_WINS if by_all else Policy.GOOGLE_WINS
    sides = Sides(base=after, here=here, before=after, there=there)
    merged = merge(sides, FIELDS, policy, home=False)
    content = _marked(here, merged.content)
    stays = [one.field for one in merged.lost] if by_all else []
    if before.body.meet and before.body.meet != after.body.meet and before.body.meet != here.body.meet:
        lost.append("the Meet link")
    return content, stays, lost


def _without_replies(here: Content, after: Content, before: Content) -> tuple[Content, list[str]]:
    """Return what it said before with the guests' replies as they are now: nobody can reply for them."""
    known = {_name(guest): guest for guest in (*after.body.attendees, *here.body.attendees)}
    guests, lost = [], []
    for guest in before.body.attendees:
        reply = known.get(_name(guest), Attendee(guest.email))
        if not guest.self:
            if guest.reply not in {reply.reply, "needsAction"}:
                lost.append(f"the reply of {guest.email}")
            guest = replace(guest, reply=reply.reply, comment=reply.comment, extra_guests=reply.extra_guests)
        guests.append(guest)
    return with_fields(before, {"attendees": tuple(guests)}), lost


def _marked(here: Content, content: Content) -> Content:
    """Return a content whose guests bear the marks of now: whose calendar it is, and who organizes, Google says."""
    marks = {_name(guest): guest for guest in here.body.attendees}
    guests = tuple(
        replace(guest, organizer=mark.organizer, self=mark.self, resource=mark.resource)
        if (mark := marks.get(_name(guest)))
        else guest
        for guest in content.body.attendees
    )
    return with_fields(content, {"attendees": guests}) if guests != content.body.attendees else content


def _name(guest: Attendee) -> str:
    return guest.email.strip().casefold()


def _is_news(said: Content, state: State) -> bool:
    return state.content is not None and bool(news(said, state.content))


def to_version(states: dict[int, State], version: int) -> TakenBack:
    """Let an event say what it said at a version: the fields that the next change of it set are taken back.

    Other fields that were changed since stay, and are named.
    """
    said, now = states[version].content, states[max(states)]
    if said is None or now.content is None:
        return TakenBack(life=Life.ALIVE, content=said or now.content)
    successor = next((number for number in sorted(states) if number > version and _is_news(said, states[number])), None)
    back = TakenBack(life=Life.ALIVE, content=now.content)
    if successor is not None:
        back = take_back(states, [successor], by_all=False)
    content = back.content or now.content
    later = [field for field in FIELDS if not alike(field, value_of(content, field), value_of(said, field))]
    kept = tuple(Kept(field, to_builtins(value_of(content, field))) for field in later)
    return TakenBack(life=Life.ALIVE, content=content, kept=kept, gone=back.gone)

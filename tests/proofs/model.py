"""The model test's machine: people on both sides, two accounts, links, faults and deaths; and what must hold then.

People in Google act through the service's own rules (exceptions follow their series, ids stay taken), without a mail.
Every text is used once, so that the history can be asked what became of each.
"""

from __future__ import annotations

import contextlib
import shutil
import tempfile
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule
from msgspec.structs import replace

from calsyncctl.connections import linking
from calsyncctl.errors import CalsyncError, Later, NotAllowed, NotFound
from calsyncctl.model.calendar import Calendar
from calsyncctl.model.copy import RemoteEvent
from calsyncctl.model.event import Attendee, Body, Content, Event, When
from calsyncctl.model.fields import with_fields
from calsyncctl.model.link import WhenDeleted
from calsyncctl.store import calendars, events, runs
from calsyncctl.store.events import COLUMNS, read_event
from calsyncctl.sync.choice import Policy
from calsyncctl.sync.editing import edit
from calsyncctl.sync.editing.occurrences import inherited
from calsyncctl.sync.editing.restoring import restore_event
from calsyncctl.sync.links import instance_id
from calsyncctl.sync.provider import Delete, Patch
from calsyncctl.sync.recurrence.recur import reshape, split, starts_of
from calsyncctl.sync.reviewing import inbox, review
from calsyncctl.sync.reviewing.review import Reviewer
from tests.proofs.mortal import Fate, Killed, MortalHouse, Outside, Start, prepared, reborn
from tests.proofs.state import disagreements
from tests.support.memory import timed
from tests.sync.desk import WORK
from tests.sync.house import JANE, said

SIDE, TEAM, SUPPORT = "side-calendar", "team-calendar", "support@example.com"
THERE = st.sampled_from([WORK, SIDE, TEAM])
HOMES = st.sampled_from([WORK, SIDE, TEAM, "Desk"])
WHICH = st.integers(0, 7)
DAYS = st.integers(4, 9)
DAILY = ("RRULE:FREQ=DAILY;COUNT=5",)
GUESTS = ("ann@example.com", "bob@example.com", "cy@example.com")
REPLIES = st.sampled_from(["accepted", "declined", "tentative"])
METHODS = st.sampled_from(["list_events", "get_events", "write_events", "has_calendar"])
SPAN = (1_809_000_000, 1_812_000_000)
"""May and June 2027."""


_OURS = Body(organizer="somebody@example.com", organizer_self=True)


def _calendars(house: MortalHouse) -> None:
    house.calendar()
    house.calendar(SIDE)
    house.calendar(TEAM, email=SUPPORT)
    native = house.native()
    for target, invites in ((SIDE, True), (TEAM, False)):
        terms = linking.Terms(None, WhenDeleted.DELETE, invites)
        linking.add_link(house.store, native, house.home(target), terms, instance=house.engine.instance, now=0)
    house.add(said("Lunch", guests=GUESTS[:1]))
    house.add(said("Class", recurrence=DAILY), native)
    house.google.put(WORK, timed("tea00000", "Tea", "2027-05-05T09:00:00Z", "2027-05-05T10:00:00Z", body=_OURS))
    house.google.put(
        TEAM,
        timed("yoga0000", "Yoga", "2027-05-05T18:00:00Z", "2027-05-05T19:00:00Z", recurrence=DAILY, body=_OURS),
    )
    house.sync()
    house.sync()


def beginning(folder: Path) -> Start:
    """Prepare what is there before: three calendars of two accounts, a native one on two of them, a few events."""
    return prepared(folder / "before", (_calendars,), page_size=4)


class TwoWayMachine(RuleBasedStateMachine):
    """Everything that happens to a profile, in any order."""

    start: Start | None = None
    """Where every life begins; whoever runs the machine sets it, by `beginning`."""
    total = 0
    """Steps of all lives."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp(prefix="two-way-"))
        assert self.start is not None
        self.house = self.start.house(self.folder / "life", Fate())
        self.texts = 0
        self.said_here: set[str] = set()
        self.last_there: dict[tuple[str, str], str] = {}
        """(calendar, id) → what a person in Google said of it last."""
        self.acts: Counter[str] = Counter()
        """Google id, without occurrence → what people here did to it: at most so many mails."""
        alive = {name for calendar in (WORK, SIDE, TEAM) for name in self.house.google.alive(calendar)}
        self.acts.update(alive)
        self.steps = 0

    @invariant()
    def count(self) -> None:
        self.steps += 1

    def teardown(self) -> None:
        try:
            self.settle()
        finally:
            self.house.close()
            shutil.rmtree(self.folder)
            type(self).total += self.steps

    @property
    def outside(self) -> Outside:
        return self.house.outside

    def text(self) -> str:
        self.texts += 1
        return f"text{self.texts:03}"

    # What people do here

    @rule(home=HOMES, day=DAYS, series=st.booleans(), guests=st.integers(0, 2))
    def add(self, home: str, day: int, series: bool, guests: int) -> None:
        content = said(
            self._heard(self.text()),
            f"2027-05-{day:02}T12:00:00Z",
            f"2027-05-{day:02}T13:00:00Z",
            recurrence=DAILY if series else (),
            guests=GUESTS[:guests],
        )
        event = self.house.add(content, self._calendar(home))
        self._acted(event)

    @rule(which=WHICH)
    def rename(self, which: int) -> None:
        self._change(which, summary=self.text())

    @rule(which=WHICH)
    def describe(self, which: int) -> None:
        self._change(which, description=self.text())

    @rule(which=WHICH, guests=st.integers(0, 3))
    def invite(self, which: int, guests: int) -> None:
        event = self._event(which)
        if event is not None and event.content is not None:
            replies = {one.email: one for one in event.content.body.attendees}
            people = tuple(replies.get(email, Attendee(email)) for email in GUESTS[:guests])
            self._change(which, attendees=people)

    @rule(which=WHICH, day=DAYS)
    def move_in_time(self, which: int, day: int) -> None:
        event = self._event(which)
        if event is not None and event.content is not None:
            start, end = f"2027-05-{day:02}T14:00:00Z", f"2027-05-{day:02}T15:00:00Z"
            zone = event.content.when.zone or "UTC"  # Google takes no series of hours without one
            self._change(which, when=_reshaped(replace(event.content.when, zone=zone), start, end))

    @rule(which=WHICH, day=DAYS)
    def make_whole_days(self, which: int, day: int) -> None:
        event = self._event(which)
        if event is not None and event.content is not None:
            start, end = f"2027-05-{day:02}", f"2027-05-{day + 1:02}"
            self._change(which, when=_reshaped(event.content.when, start, end))

    @rule(which=WHICH)
    def delete(self, which: int) -> None:
        event = self._event(which)
        if event is not None:
            self._do(event, lambda: edit.delete_event(self.house.store, self.house.means, event.id))

    @rule(which=WHICH)
    def restore(self, which: int) -> None:
        event = self._event(which, deleted=True)
        if event is not None:
            self._do(event, lambda: restore_event(self.house.store, self.house.means, event.id))

    @rule(which=WHICH, nth=st.integers(0, 4))
    def change_one(self, which: int, nth: int) -> None:
        found = self._occurrence(which, nth)
        if found is None:
            return
        series, original = found

        def act() -> None:
            content = replace(inherited(self.house.store, series, original), summary=self.text())
            edit.change_occurrence(self.house.store, self.house.means, series.id, original, content)
            self._heard(content.summary)

        self._do(series, act)

    @rule(which=WHICH, nth=st.integers(0, 4))
    def cancel_one(self, which: int, nth: int) -> None:
        found = self._occurrence(which, nth)
        if found is not None:
            series, original = found
            self._do(
                series,
                lambda: edit.cancel_occurrence(self.house.store, self.house.means, series.id, original),
            )

    @rule(which=WHICH, nth=st.integers(1, 4))
    def divide(self, which: int, nth: int) -> None:
        found = self._occurrence(which, nth)
        if found is None:
            return
        series, original = found
        assert series.content is not None
        halves = split(series.content.when, original, calendar_zone="UTC")
        content = replace(series.content, when=halves.after or series.content.when, summary=self.text())

        def act() -> None:
            _, new = edit.split_series(self.house.store, self.house.means, series.id, original, content)
            self._heard(content.summary)
            for one in () if new is None else (new, *events.exceptions_of(self.house.store, new.id)):
                self._acted(one)

        self._do(series, act)

    @rule(which=WHICH, home=HOMES)
    def move_home(self, which: int, home: str) -> None:
        event = self._event(which)
        if event is None:
            return

        def act() -> None:
            edit.move_event(self.house.store, self.house.means, event.id, self._calendar(home))

        self._do(event, act)
        self._acted(event)
        for exception in events.exceptions_of(self.house.store, event.id):
            self._acted(exception)  # each is told there anew

    # What people do in Google

    @rule(calendar=THERE, day=DAYS, series=st.booleans(), guests=st.integers(0, 2))
    def make_there(self, calendar: str, day: int, series: bool, guests: int) -> None:
        text = self.text()
        people = tuple(Attendee(email) for email in GUESTS[:guests])
        body = Body(organizer=calendar, organizer_self=True, attendees=people)
        start, end = f"2027-05-{day:02}T12:00:00Z", f"2027-05-{day:02}T13:00:00Z"
        item = timed(f"there{text[-3:]}", text, start, end, recurrence=DAILY if series else (), body=body)
        self.house.google.put(calendar, item)
        self.last_there[calendar, item.google_id] = text

    @rule(calendar=THERE, which=WHICH)
    def rename_there(self, calendar: str, which: int) -> None:
        item = self._item(calendar, which)
        if item is not None:
            text = self.text()
            self._ui_change(calendar, item, summary=text)
            self.last_there[calendar, item.google_id] = text

    @rule(calendar=THERE, which=WHICH, reply=REPLIES)
    def reply_there(self, calendar: str, which: int, reply: str) -> None:
        item = self._item(calendar, which)
        if item is not None and item.content is not None and item.content.body.attendees:
            first, *rest = item.content.body.attendees
            self._ui_change(calendar, item, attendees=(replace(first, reply=reply), *rest))

    @rule(calendar=THERE, which=WHICH, day=DAYS)
    def move_there(self, calendar: str, which: int, day: int) -> None:
        item = self._item(calendar, which)
        if item is not None and item.content is not None:
            start, end = f"2027-05-{day:02}T16:00:00Z", f"2027-05-{day:02}T17:00:00Z"
            self._ui_change(calendar, item, when=replace(item.content.when, start=start, end=end))
            if item.content.when.recurrence:
                self._forget_there(calendar, item.google_id, exceptions=True)

    @rule(calendar=THERE, which=WHICH)
    def delete_there(self, calendar: str, which: int) -> None:
        item = self._item(calendar, which)
        if item is not None:
            self._ui(calendar, Delete(google_id=item.google_id, etag=None))
            self._forget_there(calendar, item.google_id)
            self.acts[item.google_id.partition("_")[0]] += 1  # brought back against it, guests are told once more

    @rule(calendar=THERE, which=WHICH, nth=st.integers(0, 4), cancel=st.booleans())
    def change_one_there(self, calendar: str, which: int, nth: int, cancel: bool) -> None:
        series = self._item(calendar, which, series=True)
        original = None if series is None else _original(series.content, nth)
        if series is None or original is None:
            return
        name = instance_id(series.google_id, original)
        item = self.house.google.find(calendar, name)
        if item is None or item.content is None:
            return
        if cancel:
            self._ui(calendar, Delete(google_id=name, etag=None))
            self._forget_there(calendar, name)
            self.acts[series.google_id] += 1
            return
        text = self.text()
        self._ui_change(calendar, item, summary=text)
        self.last_there[calendar, name] = text

    @rule(calendar=THERE, which=WHICH)
    def paste_there(self, calendar: str, which: int) -> None:
        item = self._item(calendar, which)
        if item is not None and item.content is not None and item.master is None:
            text = self.text()
            body = replace(item.content.body, attendees=())
            content = replace(item.content, summary=text, body=body)
            pasted = replace(
                item, google_id=f"pasted{text[-3:]}", ical_uid=f"pasted{text[-3:]}@google.com", content=content
            )
            self.house.google.put(calendar, pasted)
            self.last_there[calendar, pasted.google_id] = text

    @rule(calendar=THERE, to=THERE, which=WHICH)
    def move_between(self, calendar: str, to: str, which: int) -> None:
        """Somebody moves an event to another calendar in Google: same id, another organizer, a stub where it was."""
        item, google = self._item(calendar, which), self.house.google
        if calendar == to or item is None or item.master is not None or item.google_id in google.alive(to):
            return
        for name in self._carry_there(calendar, to, item):
            if (calendar, name) in self.last_there:
                self.last_there[to, name] = self.last_there.pop((calendar, name))
        self.acts[item.google_id] += 2  # brought back against it and taken away again, at worst

    def _carry_there(self, calendar: str, to: str, item: RemoteEvent) -> list[str]:
        """Move an item in Google; return its id and those of its exceptions."""
        google = self.house.google
        moved = (item, *google._exceptions(google._calendars[calendar], item.google_id))
        for one in moved:
            google.put(to, _organized(one, to))
        google.delete(calendar, item.google_id, exceptions=True)
        return [one.google_id for one in moved]

    @rule(calendar=THERE, which=WHICH)
    def bring_back_there(self, calendar: str, which: int) -> None:
        """Somebody takes an event out of the trash in Google, if it stands there no more: two would be two.

        What was moved away is in no trash.
        """
        google = self.house.google
        alive = {name for one in (WORK, SIDE, TEAM) for name in google.alive(one)}
        keys = {item.tag.key for item in google.alive(calendar).values() if item.tag is not None}
        graves = google.graves(calendar).items()
        names = sorted(name for name, tag in graves if name not in alive and (tag is None or tag.key not in keys))
        if names:
            name = names[which % len(names)]
            self._bring_back(calendar, name)
            self.acts[name] += 2  # taken away again, and brought back against it, at worst

    def _bring_back(self, calendar: str, name: str) -> None:
        self.house.google.revive(calendar, name)

    # What goes wrong

    @rule(method=METHODS, times=st.integers(1, 2))
    def fail(self, method: str, times: int) -> None:
        self.house.google.fail_next(Later("Away."), method=method, times=times)

    @rule(applied=st.booleans(), skip=st.integers(0, 2))
    def lose_answer(self, applied: bool, skip: int) -> None:
        self.house.google.lose_answer(applied=applied, skip=skip)

    @rule(pages=st.booleans())
    def expire(self, pages: bool) -> None:
        if pages:
            self.house.google.expire_pages()
        else:
            self.house.google.expire_cursors()

    @rule(policy=st.sampled_from([Policy.GOOGLE_WINS, Policy.LOCAL_WINS]))
    def prefer(self, policy: Policy) -> None:
        """Somebody sets who prevails."""
        self.outside.engine = self.house.engine = replace(self.house.engine, policy=policy)

    @rule()
    def sync(self) -> None:
        self.house.sync()

    @rule(at=st.integers(1, 60))
    def die(self, at: int) -> None:
        """A pass is killed at one of its boundaries."""
        self.house.close()
        self.house = MortalHouse(self.house.path, self.outside, Fate(at))
        with contextlib.suppress(Killed):
            self.house.sync()
        self.house = reborn(self.house)

    # What must hold

    @rule()
    def settle(self) -> None:
        house = self.house
        house.google._failures.clear()
        house.google.habits.faults.clear()
        for _ in range(8):
            house.sync()
            self._decide()
        before, sent = house.snapshot(), house.written()
        report = house.sync()
        assert report.errors == (), report.errors
        assert house.google.writes[sent:] == [], house.google.writes[sent:]
        assert house.snapshot() == before
        differing = disagreements(house)
        assert differing == [], differing
        self._nothing_lost()
        self._nowhere_twice()
        self._nobody_told_twice()

    def _decide(self) -> None:
        """What waits is let happen."""
        who = Reviewer(JANE, self.house.clock, self.house.engine, keys=self.house.keys)
        for entry in inbox.entries(self.house.store):
            if entry.kind is not inbox.Kind.CONFLICT:
                review.release(self.house.store, who, inbox.detail(self.house.store, entry.id))

    def _nothing_lost(self) -> None:
        known = self._everything()
        lost = {text for text in self.said_here | set(self.last_there.values()) if text not in known}
        assert lost == set(), lost

    def _everything(self) -> str:
        """Return all that stands here and in the history, as one text."""
        rows = self.house.store.connection.execute(f"SELECT {COLUMNS} FROM event e").fetchall()
        found = [read_event(row) for row in rows]
        told = [runs.versions_of(self.house.store, event.id) for event in found]
        return f"{found} {told}"

    def _nowhere_twice(self) -> None:
        """Nobody invites one calendar to another's events here: one iCalUID stands on one calendar."""
        google = self.house.google
        alive = [item for name in (WORK, SIDE, TEAM) for item in google.alive(name).values()]
        standing = Counter(item.ical_uid for item in alive if item.master is None)
        twice = {uid: count for uid, count in standing.items() if count > 1}
        assert twice == {}, twice

    def _nobody_told_twice(self) -> None:
        told = Counter(mail.google_id.partition("_")[0] for mail in self.house.google.mails)
        twice = {name: (count, self._acts_on(name)) for name, count in told.items() if count > self._acts_on(name)}
        assert twice == {}, twice

    def _acts_on(self, name: str) -> int:
        """What was done before a copy came to be is told by that one, if the others came to nothing."""
        if name in self.acts:
            return self.acts[name]
        rows = self.house.store.connection.execute(
            "SELECT other.google_id FROM copy c JOIN copy other ON other.event_id = c.event_id WHERE c.google_id = ?",
            (name,),
        )
        return max((self.acts[other] for (other,) in rows.fetchall()), default=0)

    # Helpers

    def _heard(self, text: str) -> str:
        self.said_here.add(text)
        return text

    def _calendar(self, name: str) -> Calendar:
        (found,) = (one for one in calendars.list_calendars(self.house.store) if name in {one.google_id, one.name})
        return found

    def _event(self, which: int, *, deleted: bool = False, series: bool = False) -> Event | None:
        sign = "IS NOT" if deleted else "IS"
        rows = self.house.store.connection.execute(
            f"SELECT {COLUMNS} FROM event e WHERE e.deleted {sign} NULL AND e.status <> 'cancelled' ORDER BY e.id"
        )
        found = [event for event in map(read_event, rows.fetchall()) if not series or _repeats(event.content)]
        return found[which % len(found)] if found else None

    def _occurrence(self, which: int, nth: int) -> tuple[Event, str] | None:
        series = self._event(which, series=True)
        original = None if series is None else _original(series.content, nth)
        return None if series is None or original is None else (series, original)

    def _change(self, which: int, **values: object) -> None:
        event = self._event(which)
        if event is None:
            return

        def act() -> None:
            self.house.change(event, **values)
            self.said_here |= {value for value in values.values() if isinstance(value, str)}
            if "when" in values:  # what was changed of a series' occurrences is said again where they are now
                for exception in events.exceptions_of(self.house.store, event.id):
                    self._acted(exception)

        self._do(event, act)

    def _do(self, event: Event, act: object) -> None:
        assert callable(act)
        with contextlib.suppress(NotAllowed, NotFound):
            act()
        self._acted(event)

    def _acted(self, event: Event) -> None:
        rows = self.house.store.connection.execute(
            "SELECT c.google_id, c.master_google_id FROM copy c WHERE c.event_id = ?", (event.id,)
        )
        self.acts.update({(master or name).partition("_")[0] for name, master in rows.fetchall()})

    def _item(self, calendar: str, which: int, *, series: bool = False) -> RemoteEvent | None:
        items = sorted(self.house.google.alive(calendar).items())
        found = [item for _, item in items if not series or _repeats(item.content)]
        return found[which % len(found)] if found else None

    def _ui_change(self, calendar: str, item: RemoteEvent, **values: object) -> None:
        assert item.content is not None
        after = with_fields(item.content, values)
        patch = Patch(
            google_id=item.google_id,
            etag=None,
            before=item.content,
            after=after,
            fields=frozenset(values),
            guests=True,
        )
        self._ui(calendar, patch)

    def _ui(self, calendar: str, write: Patch | Delete) -> None:
        google = self.house.google
        with contextlib.suppress(CalsyncError):
            google._apply(google._calendars[calendar], write)

    def _forget_there(self, calendar: str, google_id: str, *, exceptions: bool = False) -> None:
        """What was said of something that somebody then deleted there was lost by that hand; or its exceptions."""
        for known in list(self.last_there):
            where, name = known
            series = name.partition("_")[0] == google_id and name != google_id
            if where == calendar and (series or (name == google_id and not exceptions)):
                del self.last_there[known]


def _organized(item: RemoteEvent, by: str) -> RemoteEvent:
    if item.content is None:
        return item
    return replace(item, content=with_fields(item.content, {"organizer": by, "organizer_self": True}))


def _reshaped(when: When, start: str, end: str) -> When:
    """Return other times of an event as the program's commands make them: the ends of rules go along."""
    moved = replace(when, start=start, end=end)
    return reshape(when, moved, calendar_zone="UTC").when if when.recurrence else moved


def _repeats(content: Content | None) -> bool:
    return content is not None and bool(content.when.recurrence)


def _original(content: Content | None, nth: int) -> str | None:
    if content is None or not content.when.recurrence:
        return None
    starts = starts_of(content.when, calendar_zone="UTC", from_=SPAN[0], to=SPAN[1])
    if nth >= len(starts):
        return None
    return datetime.fromtimestamp(starts[nth], UTC).strftime("%Y-%m-%d" if content.when.all_day else "%Y%m%dT%H%M%SZ")

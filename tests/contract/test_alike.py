"""Any sequence of writes fares the same at the Google in memory and at the one over HTTP: outcomes and contents."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import count

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from calsyncctl.ids import google_id
from calsyncctl.model.copy import RemoteEvent, Tag
from calsyncctl.model.event import Attendee, Body, Content, Reminder, When
from calsyncctl.sync.provider import Answer, Delete, Insert, Patch, Write
from tests.support.sandbox import Sandbox
from tests.support.worlds import ZONE, InMemory, OverHttp, World

pytestmark = pytest.mark.feature("A19")

RUNS = count()
SLOTS = 3

HOUR = When("2026-03-27T09:00:00+01:00", "2026-03-27T10:00:00+01:00", ZONE)
"""Two days before the clocks change."""
LATER = When("2026-03-27T14:00:00+01:00", "2026-03-27T14:30:00+01:00", ZONE)
DAYS = When("2026-03-27", "2026-03-28")
WHENS = [
    HOUR,
    LATER,
    DAYS,
    replace(HOUR, recurrence=("RRULE:FREQ=DAILY;COUNT=5",)),
    replace(HOUR, recurrence=("RRULE:FREQ=DAILY;COUNT=2",)),
    replace(LATER, recurrence=("RRULE:FREQ=DAILY;COUNT=5", "EXDATE;TZID=Europe/Berlin:20260329T140000")),
    replace(DAYS, recurrence=("RRULE:FREQ=DAILY;COUNT=4",)),
    replace(HOUR, end=HOUR.start),
]
"""The last one is nothing that Google takes."""
BODIES = [
    Body(),
    Body(location="Room 4", transparency="transparent", colour="5"),
    Body(attendees=(Attendee("a@example.org"), Attendee("b@example.org", reply="accepted")), description="x"),
    Body(visibility="private", reminders=(Reminder("popup", 10),), guests_can_modify=True),
    Body(attendees_omitted=True, reminders=()),
]
SUFFIXES = [f"202603{day}T{hour}0000Z" for day in (27, 28, 29, 30) for hour in ("08", "07", "13", "12")]
SUFFIXES += ["20260328", "20260330", "20260420"]
FIELDS = ["summary", "status", "when", *Body.__struct_fields__]


@dataclass(frozen=True)
class Step:
    """One thing done to a slot; `suffix` names an occurrence of it."""

    what: str
    slot: int
    content: Content
    fields: frozenset[str]
    etag: str
    suffix: str | None
    flag: bool


contents = st.builds(
    Content,
    st.sampled_from(["Tea", "Coffee", ""]),
    st.sampled_from(["confirmed", "tentative"]),
    st.sampled_from(WHENS),
    st.sampled_from(BODIES),
)
steps = st.builds(
    Step,
    st.sampled_from(["insert", "insert", "patch", "patch", "patch", "delete", "revive", "purge"]),
    st.integers(0, SLOTS - 1),
    contents,
    st.frozensets(st.sampled_from(FIELDS), max_size=6),
    st.sampled_from(["known", "known", "none", "wrong"]),
    st.none() | st.sampled_from(SUFFIXES),
    st.booleans(),
)


@dataclass
class Side:
    """One of the two worlds, with what it last said of each id."""

    world: World
    said: dict[str, RemoteEvent] = field(default_factory=dict)

    def do(self, run: int, step: Step) -> Answer:
        """Do one step and remember what came of it."""
        if step.what == "purge":
            self.world.purge()
            return Answer()
        (answer,) = self.world.me.write_events(self.world.calendar, (self._write(run, step),))
        if answer.event is not None:
            self.said[answer.event.google_id] = answer.event
        return answer

    def _write(self, run: int, step: Step) -> Write:
        slot = google_id("instance", f"{run} {step.slot}", "calendar", 0)
        if step.what == "insert":
            tag = Tag("instance", "key", slot)
            return Insert(google_id=slot, content=step.content, tag=tag, own=step.flag, guests=step.flag, mail="all")
        name = f"{slot}_{step.suffix}" if step.suffix else slot
        known = self.said.get(name)
        etag = {"known": known.etag if known else None, "none": None, "wrong": '"wrong"'}[step.etag]
        if step.what == "delete":
            return Delete(google_id=name, etag=etag, mail="all")
        after = step.content
        if step.suffix:
            after = replace(after, when=replace(after.when, recurrence=()))  # an occurrence has none
        return Patch(
            google_id=name,
            etag=etag,
            before=known.content if known else None,
            after=after,
            fields=step.fields,
            guests=step.flag,
            mail="all",
            revive=step.what == "revive",
        )

    def held(self) -> dict[str, object]:
        """Return what a full listing shows, at most 50 pages of it."""
        found: dict[str, object] = {}
        page: str | None = None
        for _ in range(50):
            answer = self.world.me.list_events(self.world.calendar, cursor=None, page=page)
            found |= {event.google_id: told(event) for event in answer.items}
            page = answer.next_page
            if page is None:
                return found
        raise AssertionError("the pages do not end")


def told(event: RemoteEvent | None) -> object:
    """Return what an event says but for what is each world's own: calendar, etag, time of change."""
    if event is None or event.content is None:
        return None if event is None else (event.master, event.original)
    body = replace(event.content.body, organizer="")
    return replace(event.content, body=body), event.master, event.original, event.tag


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(steps, min_size=1, max_size=14))
def test_any_sequence_of_writes_fares_alike(shared_sandbox: Sandbox, sequence: list[Step]) -> None:
    over_http = OverHttp(shared_sandbox)
    sides = [Side(InMemory()), Side(over_http)]
    run = next(RUNS)
    for step in sequence:
        memory, google = (side.do(run, step) for side in sides)
        assert type(memory.error) is type(google.error), step
        assert told(memory.event) == told(google.event), step
    assert sides[0].held() == sides[1].held()
    assert sides[0].world.mails() == sides[1].world.mails()
    over_http.close()

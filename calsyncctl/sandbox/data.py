"""The data that a sandbox begins with: the same for the same seed, laid around the current week.

The first account's primary calendar gets as many list items as asked for: of ten, one is a series (half of them with
an exception and a cancelled occurrence), three have guests, one is all-day; several zones are used.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from calsyncctl.sandbox.recurrence import instance, local_start
from calsyncctl.sandbox.refusals import Json
from calsyncctl.sandbox.state import Account, Calendar, Event, World, digest
from calsyncctl.sandbox.times import show_instant, zone

FIRST = "work@example.com"
SECOND = "support@example.com"
ZONES = ("Europe/London", "Europe/London", "Europe/London", "America/New_York", "Europe/Berlin", "Asia/Kolkata")
TITLES = (
    "Stand-up", "Design review", "Customer call", "Planning", "Retrospective", "Interview", "Budget check",
    "Release go/no-go", "Lunch and learn", "Support hand-over", "Security review", "Site visit", "Workshop",
    "Quarterly numbers", "One to one", "Onboarding", "Demo", "Architecture round", "Focus: writing", "Maintenance",
)  # fmt: skip
PLACES = ("Room Ada", "Room Turing", "Video call", "Front desk", "12 High Street, London", "Berlin office")
GUESTS = ("design@example.org", "sales@example.org", "legal@example.net", "ops@example.net", "front-desk@example.org")
RULES = ("FREQ=WEEKLY", "FREQ=DAILY;COUNT=10", "FREQ=WEEKLY;INTERVAL=2", "FREQ=MONTHLY;COUNT=12")
HOLIDAYS = "en.uk#holiday@group.v.calendar.google.com"
OUTSIDER = "facilities@example.org"


@dataclass(slots=True)
class Sower:
    """Puts events into one calendar with times of their own in the past, so that the clock need not run ahead."""

    world: World
    calendar: Calendar
    chance: random.Random
    today: date
    micros: int

    def put(self, event_id: str, body: Json) -> Event:
        """Add an event as it has been for a while."""
        self.micros += 1_000_000
        calendar = self.calendar
        event = Event(event_id, body, self.micros, self.micros, self.micros, home=calendar.id)
        event.ordinal = len(calendar.order)
        calendar.events[event_id] = event
        calendar.order.append(event)
        if "recurringEventId" in body:
            calendar.exceptions.setdefault(body["recurringEventId"], []).append(event_id)
        else:
            calendar.uids.setdefault(body["iCalUID"], event_id)
        event.serial = calendar.log.note(event_id)
        calendar.updated = self.micros
        return event

    def body(self, event_id: str, start: Json, end: Json, summary: str) -> Json:
        """Return the fields that every event has."""
        calendar = self.calendar
        people: Json = {"email": calendar.id}
        return {
            "status": "confirmed",
            "summary": summary,
            "creator": {"email": calendar.owner or calendar.id},
            "organizer": people if calendar.primary else {**people, "displayName": calendar.summary},
            "start": start,
            "end": end,
            "iCalUID": f"{event_id}@google.com",
            "sequence": 0,
        }

    def timed(self, day: int, minute: int, minutes: int, zone_name: str) -> tuple[Json, Json]:
        """Return start and end: days from today, minutes from midnight in that zone."""
        tz = zone(zone_name)
        begin = datetime.combine(self.today + timedelta(days=day), datetime.min.time(), tz) + timedelta(minutes=minute)
        stop = begin + timedelta(minutes=minutes)
        return (
            {"dateTime": show_instant(begin, tz), "timeZone": zone_name},
            {"dateTime": show_instant(stop, tz), "timeZone": zone_name},
        )

    def all_day(self, day: int, days: int = 1) -> tuple[Json, Json]:
        """Return start and end of an all-day event."""
        begin = self.today + timedelta(days=day)
        return {"date": begin.isoformat()}, {"date": (begin + timedelta(days=days)).isoformat()}

    def single(self, number: int, day: int) -> Event:
        """Add a single event, every ninth of them all-day."""
        event_id = digest("event", self.calendar.id, number)
        pick = self.chance
        if number % 9 == 0:
            start, end = self.all_day(day, pick.choice((1, 1, 2, 5)))
        else:
            minute = pick.randrange(8 * 60, 18 * 60, 15)
            start, end = self.timed(day, minute, pick.choice((30, 45, 60, 90)), pick.choice(ZONES))
        body = self.body(event_id, start, end, f"{pick.choice(TITLES)} {number}")
        self._dress(body, number)
        return self.put(event_id, body)

    def _dress(self, body: Json, number: int) -> None:
        pick = self.chance
        if number % 2:
            body["location"] = pick.choice(PLACES)
        if number % 3 == 0:
            body["description"] = f"Notes for number {number}.\nBring the figures of last week; the agenda is attached."
        if number % 10 in (1, 4, 7):
            replies = ("needsAction", "accepted", "tentative", "declined")
            guests = pick.sample(GUESTS, pick.randint(1, 3))
            people = [{"email": email, "responseStatus": pick.choice(replies)} for email in guests]
            body["attendees"] = [{"email": self.calendar.id, "responseStatus": "accepted"}, *people]
        if number % 17 == 0:
            body["status"] = "tentative"
        if number % 23 == 0:
            body["transparency"] = "transparent"
        if number % 29 == 0:
            body["visibility"] = "private"

    def series(self, number: int, day: int, *, changed: bool) -> Iterator[Event]:
        """Add a series; `changed` adds an exception and a cancelled occurrence, now and then before their master."""
        master_id = digest("series", self.calendar.id, number)
        start, end = self.timed(day, self.chance.randrange(9 * 60, 16 * 60, 30), 30, self.chance.choice(ZONES))
        body = self.body(master_id, start, end, f"{self.chance.choice(TITLES)} (series {number})")
        body["recurrence"] = [f"RRULE:{RULES[number % len(RULES)]}"]
        self._dress(body, number)
        master = Event(master_id, body)
        exceptions = list(self._exceptions(master)) if changed else []
        if number % 3 == 0:
            yield from (self.put(event_id, one) for event_id, one in exceptions)
            exceptions = []
        yield self.put(master_id, body)
        yield from (self.put(event_id, one) for event_id, one in exceptions)

    def _exceptions(self, master: Event) -> Iterator[tuple[str, Json]]:
        """Yield a moved occurrence and a cancelled one: the second and the third of the rule."""
        step = {"WEEKLY": 7, "DAILY": 1}.get(master.body["recurrence"][0].split("=")[1].split(";")[0], 0)
        if "INTERVAL=2" in master.body["recurrence"][0]:
            step = 14
        first = local_start(master.body["start"])
        second, third = first + timedelta(days=step or 0), first + timedelta(days=2 * step)
        if not step:
            second, third = _month_on(first, 1), _month_on(first, 2)
        moved = instance(master, second)
        moved.body["summary"] += " - moved"
        tz = zone(moved.body["start"]["timeZone"])
        for name in ("start", "end"):
            at = datetime.fromisoformat(moved.body[name]["dateTime"]) + timedelta(hours=2)
            moved.body[name] = {**moved.body[name], "dateTime": show_instant(at, tz)}
        yield moved.id, moved.body
        gone = instance(master, third)
        yield gone.id, {**gone.body, "status": "cancelled"}


Sow = Callable[[Calendar], Sower]


def _month_on(first: datetime, months: int) -> datetime:
    month = first.month - 1 + months
    return first.replace(year=first.year + month // 12, month=month % 12 + 1)


def make_world(accounts: list[str], events: int, seed: int, anchor: date | None = None) -> World:
    """Make a sandbox's data: accounts, their calendars, `events` items on the first account's primary calendar."""
    world = World()
    today = anchor or world.clock.now().date()
    today -= timedelta(days=today.weekday())
    for number, email in enumerate(accounts):
        add_account(world, email, number)
    first = world.accounts[accounts[0]]
    sow = _sowing(world, seed, today)
    sow_many(sow(world.calendars[first.email]), events)
    _team(world, sow, first)
    _shared(world, sow, first)
    _holidays(world, sow, first)
    for email in accounts[1:]:
        sow_many(sow(world.calendars[email]), 8)
        _roster(world, sow, world.accounts[email])
    world.touched.clear()
    return world


def _sowing(world: World, seed: int, today: date) -> Sow:
    def sow(calendar: Calendar) -> Sower:
        base = int(datetime.combine(today - timedelta(days=400), datetime.min.time(), UTC).timestamp() * 1e6)
        return Sower(world, calendar, random.Random(f"{seed}/{calendar.id}"), today, base)

    return sow


def add_account(world: World, email: str, number: int) -> Account:
    """Add an account with its primary calendar."""
    sub = "1" + str(int.from_bytes(email.encode()) % 10**20).zfill(20)
    account = Account(email, sub, email.partition("@")[0].replace(".", " ").capitalize())
    world.accounts[email] = account
    micros = world.clock.next_micros()
    calendar = Calendar(email, email, account.zone, email, primary=True, acl={email: "owner"})
    calendar.version = calendar.updated = micros
    world.calendars[email] = calendar
    reminders = [{"method": "popup", "minutes": 10}]
    world.subscribe(account, calendar, selected=True, colorId="17" if number else "14", defaultReminders=reminders)
    return account


def sow_many(sower: Sower, count: int) -> None:
    """Fill a calendar with exactly so many list items."""
    days = max(45, min(360, count // 8))
    number = made = 0
    while made < count:
        number += 1
        day = sower.chance.randrange(-days // 2, days)
        room = count - made
        if number % 8 == 1:
            changed = room >= 3 and number % 16 == 1
            made += sum(1 for _ in sower.series(number, day, changed=changed))
        else:
            sower.single(number, day)
            made += 1


def _secondary(world: World, owner: str, summary: str, roles: dict[str, str]) -> Calendar:
    calendar_id = f"{digest('calendar', owner, summary)}@group.calendar.google.com"
    calendar = Calendar(calendar_id, summary, "Europe/London", owner, acl=dict(roles))
    calendar.version = calendar.updated = world.clock.next_micros()
    world.calendars[calendar_id] = calendar
    for email in roles:
        if email in world.accounts:
            world.subscribe(world.accounts[email], calendar, selected=True)
    return calendar


def _team(world: World, sow: Sow, first: Account) -> None:
    calendar = _secondary(world, first.email, "Team", {first.email: "owner"})
    calendar.description = "What concerns everybody"
    sow_many(sow(calendar), 12)


def _shared(world: World, sow: Sow, first: Account) -> None:
    roles = {OUTSIDER: "owner", first.email: "reader"}
    sow_many(sow(_secondary(world, OUTSIDER, "Shared (read only)", roles)), 6)


def _roster(world: World, sow: Sow, account: Account) -> None:
    sow_many(sow(_secondary(world, account.email, "Duty roster", {account.email: "owner"})), 10)


def _holidays(world: World, sow: Sow, first: Account) -> None:
    calendar = Calendar(HOLIDAYS, "Holidays in United Kingdom", "Europe/London", "", push=False)
    calendar.acl = {"default": "reader"}
    calendar.version = calendar.updated = world.clock.next_micros()
    world.calendars[HOLIDAYS] = calendar
    world.subscribe(first, calendar)
    sower = sow(calendar)
    for year in range(sower.today.year - 1, sower.today.year + 2):
        for month, day, name in ((1, 1, "New Year's Day"), (12, 25, "Christmas Day"), (12, 26, "Boxing Day")):
            start, end = {"date": f"{year}-{month:02d}-{day:02d}"}, date(year, month, day) + timedelta(days=1)
            event_id = digest("holiday", year, name)
            body = sower.body(event_id, start, {"date": end.isoformat()}, name)
            sower.put(event_id, {**body, "transparency": "transparent", "visibility": "public"})

"""Somebody at both sides: makes, edits and deletes, one act after another, and enters into the books what was taken."""

from __future__ import annotations

import random
import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

from tests.soak.books import Books, Item, Kind, Words
from tests.support.run import Result
from tests.support.sandbox import AdminError, Sandbox
from tests.support.warm import Warm

FIRST = datetime(2027, 3, 1, 12, tzinfo=UTC)
OCCURRENCES = 6
FEW = 8
"""Deletions in Google, of one calendar: more within an hour would wait for somebody, as they should."""
BUSY = 75


class Driver:
    """Drives one profile and its Google; every act is chosen by the seed."""

    def __init__(
        self, google: Sandbox, calendars: dict[str, str], env: dict[str, str], cwd: Path, store: Path, seed: int
    ) -> None:
        self.books = Books()
        self.store = store
        self._google = google
        self._calendars = calendars
        """By name: Google's id."""
        self._env, self._cwd = env, cwd
        self._warm = Warm({name: env[name] for name in env if name == "LD_PRELOAD" or name.startswith("FAKETIME")})
        self._random = random.Random(seed)
        self._made = 0
        self._gone = dict.fromkeys(calendars.values(), 0)

    def act(self) -> None:
        """Do one thing at one side."""
        acts = {
            self._make_here: 3,
            self._make_there: 3,
            self._edit_here: 8,
            self._edit_there: 8,
            self._delete_here: 1,
            self._delete_there: 1,
        }
        self._random.choices(list(acts), list(acts.values()))[0]()

    def close(self) -> None:
        """End the process that commands are forked from."""
        self._warm.close()

    def command(self, *args: str) -> Result:
        """Run a command on the machine that the daemon is on, with its clock."""
        done = self._warm.run(args, env=self._env, cwd=str(self._cwd), timeout=60.0)
        return Result(*done)

    # Here

    def _make_here(self) -> None:
        kind = self._random.choice([Kind.SHARED, Kind.CONTESTED, Kind.MINE, Kind.SERIES])
        name, calendar = self._random.choice(list(self._calendars.items()))
        title, start = self._next()
        args = ["events", "add", name, title, "--start", start.isoformat(), "--for", "45m", "--json"]
        args += ["--repeat", "weekly", "--times", str(OCCURRENCES)] if kind is Kind.SERIES else []
        result = self.command(*args)
        if self._taken(result, "made here"):
            made = result.json()
            self.books.items.append(Item(title, kind, calendar, made["google_ids"][0], made["key"]))

    def _edit_here(self) -> None:
        item = self._any(Kind.SHARED, Kind.CONTESTED, Kind.MINE, Kind.SERIES)
        key = item and self._key(item)
        if not item or not key:
            return
        word, args = self.books.word("here"), ["events", "edit", key]
        original = self._occurrence(item)
        if original:
            args += ["--this", f"{datetime.fromisoformat(original).isoformat()}"]
        if self._taken(self.command(*args, "--description", word), "edited here"):
            self._words(item, original).here = word
            self.books.written_here.append(word)

    def _delete_here(self) -> None:
        item = self._any(Kind.MINE)
        if item and self._taken(self.command("events", "delete", item.key), "deleted here"):
            item.deleted = True

    def _taken(self, result: Result, act: str) -> bool:
        """Tell whether a command did it; the store may be busy, and then it did nothing."""
        if result.code == BUSY:
            self.books.count("told to come later")
            return False
        assert result.code == 0, result
        self.books.count(act)
        return True

    # There

    def _make_there(self) -> None:
        kind = self._random.choice([Kind.SHARED, Kind.CONTESTED, Kind.THEIRS])
        calendar = self._random.choice(list(self._calendars.values()))
        title, start = self._next()
        times = {"start": _at(start), "end": _at(start + timedelta(minutes=45))}
        made = self._google.insert(calendar, {"summary": title, **times})
        self.books.items.append(Item(title, kind, calendar, made["id"]))
        self.books.count("made in Google")

    def _edit_there(self) -> None:
        item = self._any(Kind.SHARED, Kind.CONTESTED, Kind.THEIRS, Kind.SERIES)
        if not item:
            return
        word, original = self.books.word("there"), self._occurrence(item)
        name = f"{item.google_id}_{original}" if original else item.google_id
        field = "description" if item.kind is Kind.CONTESTED else "location"
        try:
            self._google.patch(item.calendar, name, {field: word})
        except AdminError:  # not there yet
            return
        self._words(item, original).there = word
        self.books.count("edited in Google")

    def _delete_there(self) -> None:
        item = self._any(Kind.THEIRS)
        if item and self._gone[item.calendar] < FEW:
            self._google.delete(item.calendar, item.google_id)
            self._gone[item.calendar] += 1
            item.deleted = True
            self.books.count("deleted in Google")

    # Choosing

    def _next(self) -> tuple[str, datetime]:
        self._made += 1
        return f"Soak {self._made:04}", FIRST + timedelta(hours=self._made % 480)

    def _any(self, *kinds: Kind) -> Item | None:
        """Choose an item, lately made ones rather than others."""
        living = self.books.living(*kinds)[-40:]
        return self._random.choice(living) if living else None

    def _occurrence(self, item: Item) -> str:
        """Choose an occurrence of a series, by its original start; empty of what is none."""
        if item.kind is not Kind.SERIES:
            return ""
        number = int(item.title.split()[1])
        start = FIRST + timedelta(hours=number % 480, weeks=self._random.randrange(OCCURRENCES))
        return start.strftime("%Y%m%dT%H%M%SZ")

    def _words(self, item: Item, original: str) -> Words:
        return item.occurrences.setdefault(original, Words()) if original else item.words

    def _key(self, item: Item) -> str:
        """Return an item's key here, once it has one."""
        if not item.key:
            with closing(sqlite3.connect(f"{self.store.as_uri()}?mode=ro", uri=True)) as connection:
                row = connection.execute(
                    "SELECT key FROM event JOIN copy ON copy.event_id = event.id WHERE google_id = ?", (item.google_id,)
                ).fetchone()
            item.key = row[0] if row else ""
        return item.key


def _at(moment: datetime) -> dict[str, str]:
    return {"dateTime": moment.isoformat(), "timeZone": "UTC"}

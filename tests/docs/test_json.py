"""docs/json.md says what the commands really print: the same keys, the same types, everywhere."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.docs.shapes import Shape, Shapes, printed, shapes
from tests.docs.tree import leaves
from tests.support.desk import SUPPORT, WORK, Desk
from tests.support.sandbox import Sandbox
from tests.support.systemctl import systemctl

pytestmark = pytest.mark.timeout(300)  # some fifty processes in a row

WITHOUT = {"sandbox serve", "daemon run"}
"""These say the same with and without --json."""

STORY = """
status
connect --account work@example.com --select primary --select Team
connect --account support@example.com --no-sync --shadow
accounts list
accounts show work
accounts pause work
accounts resume work
accounts export work sealed --passphrase-file passphrase
accounts import sealed --passphrase-file passphrase
calendars list
calendars show Team
calendars refresh
calendars select Shared
calendars select Duty --no-sync
calendars pause Team
calendars resume Team
calendars deselect Shared
calendars add Rooms
calendars mode Team one-way
calendars mode Team two-way --switch
links add Rooms Team
links list
links show Rooms Team
links edit Rooms Team --when-deleted republish
links push-existing Rooms Team --plan backfill.json
apply backfill.json
accounts trust support
links push-existing Rooms Team --yes
links delete Rooms Team
assignees add agent:jane --email jane@example.com --role staff --zone Europe/Berlin
assignees add team:support --member jane
assignees list
assignees show jane
assignees edit jane --role client
calendars assign Team agent:jane
calendars unassign Team agent:jane
assignees delete team:support --yes
sync
status
status --quota
events list --days 60
config show
config get sync.workers
config set sync.workers 8
config unset sync.workers
config path
config validate
profile list
profile show
profile secrets
profile export all.jsonl
daemon install --user --dry-run
profile backup mine.sqlite
help
help exit-codes
help connect
disconnect support --dry-run
disconnect support --yes
disconnect support --yes
""".strip().splitlines()


@dataclass(frozen=True, slots=True)
class Said:
    """One command and its JSON."""

    line: str
    command: str
    value: Any


def of(line: str) -> str:
    """Return the command of a line: the longest beginning that is one."""
    words = line.split()
    return " ".join(words[:2]) if " ".join(words[:2]) in printed() else words[0]


def say(desk: Desk, line: str, code: int = 0) -> Said:
    email = SUPPORT if SUPPORT in line else WORK
    result = desk.run(*line.split(), "--json", env=desk.browser(email))
    assert result.code == code, (line, result)
    return Said(line, of(line), json.loads(result.out))


def told(desk: Desk) -> Iterator[Said]:
    yield say(desk, f"init --vault file --sandbox --sandbox-address {desk.google.root}")
    yield say(desk, f"sandbox env --address {desk.google.root}")
    for line in STORY:
        yield say(desk, line)
    guests = next(row["key"] for row in desk.events("--days", "90") if row["guests"])
    yield say(desk, f"events show {guests}")
    yield from worked(desk)
    yield from reviewed(desk)
    yield say(desk, "daemon status", 3)
    yield under_systemd(desk)
    desk.google.revoke(WORK)
    yield say(desk, "sync", 4)
    yield say(desk, "sync", 4)
    yield say(desk, "calendars refresh work", 4)
    yield say(desk, "profile restore mine.sqlite --yes")
    yield say(desk, "profile delete default --yes --no-revoke")


def under_systemd(desk: Desk) -> Said:
    """The daemon's unit, as a systemd would show it."""
    systemd = systemctl(desk.home / "bin")
    systemd.show(ActiveState="failed", Environment=f"CALSYNCCTL_HOME={desk.home}/calsyncctl")
    stopped = desk.run("daemon", "status", "--json", env=systemd.env)
    assert stopped.code == 3
    return Said("daemon status --json", "daemon status", json.loads(stopped.out))


def worked(desk: Desk) -> Iterator[Said]:
    """An event made here, changed, moved, deleted and brought back."""
    made = say(desk, "events add Rooms Lunch --start 2030-01-07T12:00 --guest guest@example.org --remind 10m --ref a1")
    yield made
    key = made.value["key"]
    yield say(desk, f"events edit {key} --title Dinner")
    yield say(desk, f"events move {key} Team --push")
    yield say(desk, f"events delete {key}")
    yield say(desk, f"events restore {key}")
    yield say(desk, f"events history {key}")
    yield say(desk, "events list --changed-since today")
    yield say(desk, "runs list")
    yield say(desk, f"explain {key}")
    yield say(desk, "explain Team")
    yield say(desk, f"undo {key}")
    run = desk.json("runs", "list", "--kind", "undo")[0]["id"]
    yield say(desk, f"runs show {run}")
    yield say(desk, f"events restore {key}")
    yield say(desk, f"events edit {key} --location Roof")
    edited = desk.json("runs", "list", "--kind", "edit")[0]["id"]
    desk.ok("events", "edit", key, "--location", "Cellar")
    yield say(desk, f"undo {edited} --dry-run")


def reviewed(desk: Desk) -> Iterator[Said]:
    """Differences, held deletions, a refused edit and a conflict, each looked at and decided."""
    team = desk.google.add_calendar(WORK, "Reviewed")
    for number in range(9):
        start, end = (f"2030-01-{number + 10}T{hour}:00:00Z" for hour in ("09", "10"))
        mark = {"calsyncctl_instance": "another00000", "calsyncctl_key": "key", "calsyncctl_id": f"another{number}"}
        event = {"id": f"another{number}", "summary": str(number), "extendedProperties": {"private": mark}}
        desk.google.insert(team, {**event, "start": {"dateTime": start}, "end": {"dateTime": end}})
    desk.ok("calendars", "refresh")
    desk.ok("calendars", "select", "Reviewed")
    desk.google.patch(team, desk.google.listed(team)[0]["id"], {"summary": "Changed"})
    yield say(desk, "reconcile --check", 5)
    yield say(desk, "reconcile --plan changes.json")
    yield say(desk, "apply changes.json")
    for one in desk.google.listed(team):
        desk.google.delete(team, one["id"])
    yield say(desk, "sync --dry-run", 5)
    yield say(desk, "reconcile", 5)
    yield say(desk, "review list")
    (held,) = desk.json("review", "list")
    yield say(desk, f"review show {held['id']}")
    one, other = desk.json("review", "show", held["id"])["events"][:2]
    yield say(desk, f"review release {one['id']} --yes")
    yield say(desk, f"review restore {other['id']}")
    yield say(desk, f"review reject {held['id']}")
    yield from conflicting(desk, team)


def conflicting(desk: Desk, team: str) -> Iterator[Said]:
    key = desk.json("events", "add", "Reviewed", "Lunch", "--start", "2030-02-01 12:00", "--push")["key"]
    desk.google.fault(path="events.patch", status=403, reason="forbidden", count=1)
    desk.run("events", "edit", key, "--title", "Soup", "--push")
    (refused,) = desk.json("review", "list", "--kind", "refused")
    yield say(desk, f"review retry {refused['id']}")
    (there,) = [one for one in desk.google.listed(team) if one["summary"] == "Lunch"]
    desk.google.patch(team, there["id"], {"summary": "Salad"})
    desk.ok("sync")
    (conflict,) = desk.json("review", "list", "--kind", "conflict")
    yield say(desk, f"review show {conflict['id']}")
    yield say(desk, f"events history {key}")


@pytest.fixture(scope="module")
def story(sandbox: Sandbox, tmp_path_factory: pytest.TempPathFactory) -> list[Said]:
    sandbox.reset()
    home: Path = tmp_path_factory.mktemp("story")
    (home / "passphrase").write_text("correct horse battery staple\n")
    return list(told(Desk(home, sandbox)))


def test_everything_that_is_printed_is_as_the_document_says(story: list[Said]) -> None:
    known = shapes()
    for said in story:
        kinds = printed()[said.command]
        faults = [list(known.faults(said.value, kind, said.line)) for kind in kinds if _fits(said.value, kind)]
        assert [] in faults, (said.line, faults)
    assert known.met == set(known.known)


def _fits(value: Any, kind: str) -> bool:
    """Whether a value is of the kind as far as list and schema tell."""
    if kind.startswith("[") or isinstance(value, list):
        return kind.startswith("[") and isinstance(value, list)
    return bool(value["schema"] == f"calsyncctl/{kind}/1")


def test_every_command_is_in_the_document_and_in_the_story(story: list[Said]) -> None:
    commands = {leaf.path for leaf in leaves()}
    assert set(printed()) == commands
    assert {said.command for said in story} == commands - WITHOUT


@pytest.mark.parametrize("name", sorted(shapes().known))
def test_the_example_is_as_its_table_says(name: str) -> None:
    known = shapes()
    example = known.known[name].example
    assert list(known.faults(example, name, name)) == []
    assert [key for key in example if key != "schema"] == list(known.known[name].fields)
    assert example.get("schema", f"calsyncctl/{name}/1") == f"calsyncctl/{name}/1"


def test_an_error_is_as_the_document_of_errors_says(google: Sandbox, tmp_path: Path) -> None:
    result = Desk(tmp_path, google).run("status", "--json")
    said = json.loads(result.err)

    assert (result.code, result.out) == (6, "")
    assert said["schema"] == "calsyncctl/error/1"
    assert list(said["error"]) == ["kind", "what", "what_to_do", "exit_code"]


@pytest.mark.parametrize(
    "value",
    [{"id": 1}, {"id": "1", "at": None}, {"id": 1, "at": "yesterday"}, {"id": 1, "at": None, "more": True}, []],
)
def test_another_key_or_another_type_is_a_fault(value: Any) -> None:
    known = Shapes({"thing": Shape("thing", {"id": "number", "at": "time?"}, {})})
    assert list(known.faults({"id": 1, "at": "2026-11-20T09:00:00Z"}, "thing")) == []
    assert list(known.faults(value, "thing"))

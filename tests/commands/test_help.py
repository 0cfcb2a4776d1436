"""The help: panels at the root, the line for newcomers, and the pages."""

from __future__ import annotations

from pathlib import Path

import pexpect
import pytest

from calsyncctl import errors
from calsyncctl.commands.registry import COMMANDS, load
from calsyncctl.topics import TOPICS, page
from tests.commands.conftest import Cli
from tests.support.terminal import terminal

PANELS = ("BEGIN", "KEEP EQUAL", "LOOK", "ARRANGE", "HOUSE", "Anywhere on the line")


def test_the_command_alone_shows_the_panels_and_the_first_step(cli: Cli) -> None:
    result = cli()

    assert result.code == 0
    assert [title for title in PANELS if title in result.out] == list(PANELS)
    assert result.err == ("Not enabled here: the profile “default” has no configuration. Enable it: calsyncctl init\n")


def test_where_the_profile_is_enabled_the_command_alone_only_shows_the_panels(enabled: Cli) -> None:
    assert enabled().err == ""


def test_every_command_of_the_table_is_there_and_explains_itself() -> None:
    for entry in COMMANDS:
        command = load(entry)
        assert command.help, entry.name
        for name, sub in getattr(command, "commands", {}).items():
            assert sub.help, f"{entry.name} {name}"


def test_help_of_a_command_is_its_own_help(cli: Cli) -> None:
    assert cli("help", "init").out == cli("init", "--help").out


def test_help_of_a_command_comes_as_json_too(cli: Cli) -> None:
    said = cli("help", "init", "--json").json()

    assert (said["schema"], said["topic"]) == ("calsyncctl/help/1", "init")
    assert "--client-secrets FILE" in said["text"]
    assert "╭" not in said["text"]


@pytest.mark.parametrize(
    ("line", "names"),
    [
        ("", "--profile NAME, --color auto|always|never, disconnect"),
        ("init --help", "--client-secrets FILE, --sandbox-address URL"),
        ("calendars --help", "deselect, unassign"),
    ],
)
def test_on_a_narrow_terminal_no_name_is_cut(cli: Cli, line: str, names: str) -> None:
    narrow = cli(*line.split(), env={"COLUMNS": "40"}).out

    assert [name for name in names.split(", ") if name not in narrow] == []
    assert "╭" not in narrow


@pytest.mark.parametrize("line", ["--color never --help", "init --help --color=never", "help init --color never"])
def test_without_colour_help_has_no_codes_on_a_terminal_either(tmp_path: Path, line: str) -> None:
    with terminal(*line.split(), home=tmp_path, env={"NO_COLOR": ""}) as child:
        child.expect(pexpect.EOF)

    assert "Usage" in child.before
    assert "\x1b[" not in child.before


def test_an_unknown_page_is_not_found(cli: Cli) -> None:
    result = cli("help", "weather")

    assert (result.code, result.out) == (3, "")
    assert "calsyncctl help" in result.err


def test_the_page_on_googles_project_warns_of_the_seven_days(cli: Cli) -> None:
    result = cli("help", "google-project")

    assert result.out == page("google-project")
    assert "seven days" in result.out
    assert "Publish app" in result.out


def test_pages_come_as_json_too(cli: Cli) -> None:
    assert cli("help", "exit-codes", "--json").json() == {
        "schema": "calsyncctl/help/1",
        "topic": "exit-codes",
        "text": page("exit-codes"),
    }


def test_the_pages_are_listed(cli: Cli) -> None:
    assert [row["topic"] for row in cli("help", "--json").json()] == list(TOPICS)


def test_the_page_on_exit_codes_names_every_kind_that_a_user_can_meet() -> None:
    text, tree = page("exit-codes"), str(errors.__doc__)
    hidden = {line.split()[1] for line in tree.splitlines() if "never seen by a user" in line}

    missing = [one.kind for one in _family(errors.CalsyncError) if one.__name__ not in hidden]
    assert [kind for kind in missing if f"`{kind}`" not in text] == []


def _family(base: type[errors.CalsyncError]) -> list[type[errors.CalsyncError]]:
    return [base, *(one for sub in base.__subclasses__() for one in _family(sub))]

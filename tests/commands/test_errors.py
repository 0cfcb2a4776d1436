"""What a user reads when something is wrong, and the exit codes."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from calsyncctl import cli as program
from calsyncctl.commands.anywhere import Invocation
from tests.commands.conftest import Cli
from tests.support.run import COMMAND, environment

NOT_ENABLED = "calsyncctl: Not enabled here: the profile “default” has no configuration.\nEnable it: calsyncctl init\n"


@pytest.mark.feature("A6")
@pytest.mark.parametrize(
    "line",
    [
        "connect",
        "accounts list",
        "calendars list",
        "disconnect work@example.com",
        "sync",
        "status",
        "events list",
        "assignees list",
        "config show",
        "config set sync.workers 3",
        "profile show",
    ],
)
def test_before_init_every_command_says_how_to_enable_the_profile(cli: Cli, line: str) -> None:
    result = cli(*line.split())

    assert (result.code, result.out, result.err) == (6, "", NOT_ENABLED)


@pytest.mark.feature("A6")
def test_a_profile_that_is_turned_off_says_so_and_init_turns_it_on_again(enabled: Cli) -> None:
    assert enabled("config", "set", "sync.enabled", "false").code == 0

    off = enabled("status")
    assert off.code == 6
    assert "sync.enabled is false (file)" in off.err
    assert "calsyncctl init" in off.err

    assert enabled("init").code == 0
    assert enabled("status").code == 0


@pytest.mark.feature("A6")
def test_a_variable_turns_a_profile_off_too(enabled: Cli) -> None:
    result = enabled("sync", env={"CALSYNCCTL_SYNC_ENABLED": "false"})

    assert result.code == 6
    assert "CALSYNCCTL_SYNC_ENABLED" in result.err


def test_an_error_with_json_is_one_line_on_stderr_and_stdout_stays_empty(cli: Cli) -> None:
    result = cli("status", "--json")

    assert result.out == ""
    assert result.error == {
        "kind": "not-enabled",
        "what": "Not enabled here: the profile “default” has no configuration.",
        "what_to_do": "Enable it: calsyncctl init",
        "exit_code": 6,
    }


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("statsu", "No such command 'statsu'. Did you mean 'status'?\nSee: calsyncctl --help"),
        ("config shw", "No such command 'shw'. Did you mean 'show'?\nSee: calsyncctl config --help"),
        ("config get", "Missing argument 'NAME'.\nSee: calsyncctl config get --help"),
        (
            "config show --orign",
            "No such option: --orign. Did you mean --origin?\nSee: calsyncctl config show",
        ),
        ("config show --fast", "No such option: --fast.\nSee: calsyncctl config show --help"),
        ("--color blue status", "Invalid value for --color: 'blue' is not one of auto, always, never."),
        ("runs show abc", "Invalid value for 'RUN': it is not a whole number.\nSee: calsyncctl runs show --help"),
        ("runs list --limit 0", "Invalid value for '--limit': it must be 1 or more."),
        ("sandbox serve --port 99999", "Invalid value for '--port': it must be 65535 or less."),
        ("--profile ../x status", "“../x” cannot be a profile's name."),
    ],
)
def test_a_wrong_line_is_one_sentence_and_where_to_look(cli: Cli, line: str, said: str) -> None:
    result = cli(*line.split())

    assert (result.code, result.out) == (2, "")
    assert result.err.startswith(f"calsyncctl: {said}")


def test_a_wrong_line_with_json_is_json_though_it_was_not_parsed(cli: Cli) -> None:
    result = cli("statsu", "--json")

    assert (result.code, result.error["kind"]) == (2, "usage")


@pytest.mark.parametrize(("line", "path"), [("--json", "calsyncctl"), ("--json config", "calsyncctl config")])
def test_who_asks_for_json_gets_no_help_to_read(cli: Cli, line: str, path: str) -> None:
    result = cli(*line.split())

    assert (result.code, result.out) == (2, "")
    assert result.error["what"] == f"{path} needs a command."


def test_a_wrong_choice_is_said_without_a_librarys_words(enabled: Cli) -> None:
    result = enabled("calendars", "list", "--state", "foo")

    assert result.code == 2
    assert "'foo' is not" in result.err
    assert "Value error" not in result.err


def test_a_group_without_a_command_shows_its_help(cli: Cli) -> None:
    result = cli("config")

    assert result.code == 2
    assert "validate" in result.out


def test_a_reader_that_leaves_early_ends_it_without_a_word(enabled: Cli, tmp_path: Path) -> None:
    with subprocess.Popen(
        [str(COMMAND), "config", "show"],
        env=environment(tmp_path),
        stdout=(end := _closed_pipe()),
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        os.close(end)
        _, err = process.communicate(timeout=30)

    assert (process.returncode, err) == (1, "")


def _closed_pipe() -> int:
    reading, writing = os.pipe()
    os.close(reading)
    return writing


def test_a_bug_is_one_sentence_and_its_traceback_is_in_the_log_without_secrets(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    try:
        raise RuntimeError("asked with ya29.a0AfH6SMB-secret and client_secret=GOCSPX-abc")
    except RuntimeError as error:
        code = program.report_bug(error, Invocation({"CALSYNCCTL_HOME": str(tmp_path)}))

    log = (tmp_path / "default" / "state" / "calsyncctl.log").read_text()
    assert code == 1
    assert "Traceback" in log
    assert "Traceback" not in capsys.readouterr().err
    assert "ya29" not in log
    assert "GOCSPX" not in log

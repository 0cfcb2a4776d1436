"""A person at a terminal: questions, Ctrl-C, narrow windows."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pexpect
import pytest

from tests.commands.conftest import Cli
from tests.support.run import COMMAND, environment

Sit = Callable[..., "pexpect.spawn[str]"]
CHANGE = ("config", "set", "instance", "another")


@pytest.fixture
def sit(enabled: Cli, tmp_path: Path) -> Sit:
    def start(*args: str, columns: int = 80, **env: str) -> pexpect.spawn[str]:
        own = {name: value for name, value in environment(tmp_path).items() if name != "COLUMNS"}
        return pexpect.spawn(
            str(COMMAND),
            list(args),
            env={**own, "TERM": "xterm", **env},
            cwd=tmp_path,
            encoding="utf-8",
            timeout=30,
            dimensions=(24, columns),
        )

    return start


def ended(child: pexpect.spawn[str]) -> tuple[int | None, str]:
    """Read to the end; return exit code and what was shown."""
    shown = str(child.read())
    child.close()
    return child.exitstatus, shown


@pytest.mark.parametrize(("answer", "code"), [("y\r", 0), ("yes\r", 0), ("n\r", 1), ("\r", 1), ("\x04", 1)])
def test_a_question_is_asked_and_only_yes_is_yes(sit: Sit, enabled: Cli, answer: str, code: int) -> None:
    child = sit(*CHANGE)
    child.expect(r"Change it\? \[y/N\]: ")
    child.send(answer)

    assert ended(child)[0] == code
    assert (enabled("config", "get", "instance").out == "another\n") is (code == 0)


def test_ctrl_c_at_a_question_ends_it_quietly_and_changes_nothing(sit: Sit, enabled: Cli) -> None:
    child = sit(*CHANGE)
    child.expect(r"\[y/N\]: ")
    child.send("\x03")

    code, shown = ended(child)
    assert code == 130
    assert "Traceback" not in shown
    assert enabled("config", "get", "instance").out != "another\n"


def test_no_input_asks_nothing_even_at_a_terminal(sit: Sit) -> None:
    code, shown = ended(sit("--no-input", *CHANGE))

    assert code == 2
    assert "--yes" in shown


def test_a_table_fits_a_narrow_window(sit: Sit) -> None:
    code, shown = ended(sit("config", "show", columns=46, NO_COLOR="1"))

    assert code == 0
    assert "MEANS" not in shown
    assert max(len(line) for line in shown.splitlines()) <= 46


def test_at_a_terminal_there_is_colour_unless_it_is_not_wanted(sit: Sit) -> None:
    assert "\x1b[" in ended(sit("config", "show"))[1]
    assert "\x1b[" not in ended(sit("config", "show", NO_COLOR="1"))[1]
    assert "\x1b[" not in ended(sit("config", "show", "--color", "never"))[1]
    assert "\x1b[" not in ended(sit("config", "show", TERM="dumb"))[1]


def test_json_is_indented_for_a_person(sit: Sit) -> None:
    assert '\r\n  "name": "sync.workers",' in ended(sit("config", "get", "sync.workers", "--json"))[1]


def test_a_page_of_help_is_drawn(sit: Sit) -> None:
    shown = ended(sit("help", "exit-codes", columns=100))[1]

    assert "| code |" not in shown
    assert "needs-reauth" in shown

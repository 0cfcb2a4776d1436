"""Completion as shells really do it: each shell loads our file, and a TAB offers what it should."""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
from pathlib import Path

import pexpect
import pytest

from calsyncctl.model.people import AssigneeKind
from calsyncctl.store.accounts import add_account
from calsyncctl.store.calendars import add_native
from calsyncctl.store.db import Store, open_store
from calsyncctl.store.people import add_assignee
from tests.commands.conftest import Cli
from tests.support.run import COMMAND, environment, run
from tests.support.tools import need

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "completions"
FISH = {"_CALSYNCCTL_COMPLETE": "complete_fish", "_TYPER_COMPLETE_FISH_ACTION": "get-args"}
TRAP = "\\$(touch trap)"


@pytest.fixture
def home(tmp_path: Path, enabled: Cli) -> Path:
    """A home whose store knows two accounts, calendars with names that shells stumble over, and an assignee."""
    store = open_store(tmp_path / "calsyncctl" / "default" / "calsyncctl.db")
    with store.write():
        for email in ("work@example.com", "support@example.com"):
            _add(store, email)
        for name in ("Team", "Duty roster", "Dutch lessons", TRAP, "It's ours", "*"):
            add_native(store, name, zone="UTC")
        add_assignee(store, AssigneeKind.AGENT, "jane")
    store.close()
    return tmp_path


def _add(store: Store, email: str) -> None:
    add_account(
        store,
        provider="google",
        sub=email,
        email=email,
        owner=None,
        scopes=frozenset(),
        client="c",
        vault="file",
        token_expires=None,
        grant_expires=None,
        now=0,
    )


def bash(line: str, home: Path) -> list[str]:
    """Load the file in bash, split the line as readline does, call the function, return COMPREPLY."""
    words = _bash_words(line)
    script = (
        f"source {shlex.quote(str(FOLDER / 'calsyncctl.bash'))}\n"
        f"COMP_WORDS=({' '.join(map(shlex.quote, words))}); COMP_CWORD={len(words) - 1}\n"
        f'_calsyncctl_completion {shlex.quote(str(COMMAND))}; printf "%s\\n" "${{COMPREPLY[@]}}"'
    )
    done = subprocess.run(
        [need("bash"), "--norc", "-c", script],
        env=environment(home),
        capture_output=True,
        text=True,
        check=True,
        cwd=home,
    )
    assert done.stderr == ""
    return done.stdout.split("\n")[:-1] if done.stdout.strip() else []


def _bash_words(line: str) -> list[str]:
    """Split at spaces that are not escaped, and at colons, which are words of their own."""
    words = line.replace("\\ ", "\0").replace(":", " : ").split(" ")
    kept = [word.replace("\0", "\\ ") for word in words if word]
    return [*kept, ""] if line.endswith(" ") else kept


def test_bash_offers_commands_options_and_values(home: Path) -> None:
    assert bash("calsyncctl conf", home) == ["config"]
    assert bash("calsyncctl config show --or", home) == ["--origin"]
    assert bash("calsyncctl config show --js", home) == ["--json"]
    assert bash("calsyncctl init --vault f", home) == ["file"]
    assert bash("calsyncctl config get sync.w", home) == ["sync.workers"]


def test_bash_offers_live_names_and_escapes_their_spaces(home: Path) -> None:
    assert bash("calsyncctl accounts show w", home) == ["work@example.com"]
    assert bash("calsyncctl calendars show Dut", home) == ["Dutch\\ lessons", "Duty\\ roster"]
    assert bash("calsyncctl calendars show Duty\\ r", home) == ["Duty\\ roster"]


def test_bash_offers_values_of_what_may_stand_anywhere(home: Path) -> None:
    assert bash("calsyncctl --profile d", home) == ["default"]
    assert bash("calsyncctl status --tz Europe/Berl", home) == ["Europe/Berlin"]
    assert bash("calsyncctl status --color n", home) == ["never"]


def test_bash_completes_behind_a_colon_only_what_is_behind_it(home: Path) -> None:
    assert bash("calsyncctl assignees show ag", home) == ["agent:jane"]
    assert bash("calsyncctl assignees show agent:", home) == ["jane"]
    assert bash("calsyncctl assignees show agent:ja", home) == ["jane"]


def test_a_name_that_a_shell_would_obey_is_not_offered(home: Path) -> None:
    offered = bash("calsyncctl calendars show ", home)

    assert offered == ["\\*", "Dutch\\ lessons", "Duty\\ roster", "Team"]
    assert not (home / "trap").exists()


def test_trouble_offers_nothing_and_says_nothing(tmp_path: Path) -> None:
    assert bash("calsyncctl accounts show ", tmp_path) == []
    assert bash("calsyncctl --profile ../x accounts show ", tmp_path) == []


def test_events_are_offered_by_key_with_title_and_start_that_no_shell_obeys(home: Path) -> None:
    add = ("events", "add", "Team", "--json", "--start", "2030-01-07T12:00")
    key, gone = (run(*add, title, home=home).json()["key"] for title in (f"Lunch {TRAP}", "Gone"))
    assert run("events", "delete", gone, home=home).code == 0

    assert bash("calsyncctl events restore ", home) == [gone[:8], key[:8]]
    assert bash(f"calsyncctl events show {key[:4]}", home) == [key[:8]]
    assert bash(f"calsyncctl events show {key[:20]}", home) == [key[:20]]
    assert bash("calsyncctl events show xyz", home) == []
    offered = run(home=home, env=FISH | {"_TYPER_COMPLETE_ARGS": f"calsyncctl events show {key[:5]}"}).out
    assert offered.split() == [key[:8], "Lunch", "touch", "trap", "2030-01-07", "12.00"]


def test_the_chosen_profiles_names_are_offered(home: Path) -> None:
    assert bash("calsyncctl --profile other accounts show ", home) == []


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_the_files_are_good_in_their_shells(shell: str) -> None:
    name = {"bash": "calsyncctl.bash", "zsh": "_calsyncctl", "fish": "calsyncctl.fish"}[shell]

    subprocess.run([need(shell), "-n", str(FOLDER / name)], check=True, env={"PATH": os.environ["PATH"], "HOME": "/"})


def test_the_files_are_what_the_program_makes() -> None:
    subprocess.run([sys.executable, "scripts/completions.py", "--check"], check=True, cwd=ROOT)


def test_fish_offers_commands_and_live_names(home: Path) -> None:
    def fish(line: str) -> list[str]:
        script = f"source {FOLDER / 'calsyncctl.fish'}; complete -C {shlex.quote(line)}"
        done = subprocess.run(
            [need("fish"), "--no-config", "-c", script],
            env=_on_path(home),
            capture_output=True,
            text=True,
            check=True,
            timeout=60,
        )
        return [line.split("\t")[0] for line in done.stdout.splitlines()]

    assert fish("calsyncctl conf") == ["config"]
    assert fish("calsyncctl accounts show w") == ["work@example.com"]
    assert fish("calsyncctl assignees show agent:j") == ["agent:jane"]


def test_zsh_completes_at_the_first_tab_of_a_new_shell(home: Path) -> None:
    assert zsh("calsyncctl conf", home) == "calsyncctl config "


def test_zsh_completes_names_with_spaces_and_colons_and_obeys_none(home: Path) -> None:
    assert zsh("calsyncctl calendars show Duty", home) == "calsyncctl calendars show Duty\\ roster "
    assert zsh("calsyncctl assignees show ag", home) == "calsyncctl assignees show agent:jane "
    zsh("calsyncctl calendars show ", home)
    assert not (home / "trap").exists()


def zsh(line: str, home: Path) -> str:
    """Type a line and a TAB into an interactive zsh that finds our file on its $fpath; return the line then."""
    (home / ".zshrc").write_text(
        f"fpath=({FOLDER} $fpath); autoload -Uz compinit && compinit -u -D; PROMPT='ready> '; setopt no_beep\n"
        "show() { print -r -- \"<<<$BUFFER>>>\" }; zle -N show; bindkey '^O' show\n"
    )
    env = {**_on_path(home), "ZDOTDIR": str(home), "TERM": "dumb"}
    shell = pexpect.spawn(need("zsh"), ["-i"], env=env, cwd=home, encoding="utf-8", timeout=30, dimensions=(24, 200))
    try:
        shell.expect("ready> ")
        shell.send(f"{line}\t\x0f")
        shell.expect("<<<(.*)>>>")
        return str(shell.match.group(1))
    finally:
        shell.close(force=True)


def _on_path(home: Path) -> dict[str, str]:
    return environment(home, {"PATH": f"{COMMAND.parent}:{os.environ['PATH']}"})

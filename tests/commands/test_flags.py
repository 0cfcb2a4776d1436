"""The global flags: anywhere on the line, and never taken from another option's value."""

from __future__ import annotations

from pathlib import Path

import pytest

from calsyncctl import __version__
from tests.commands.conftest import Cli


@pytest.mark.parametrize("line", ["--json config show", "config --json show", "config show --json"])
def test_json_is_understood_anywhere_on_the_line(enabled: Cli, line: str) -> None:
    result = enabled(*line.split())

    assert {row["name"] for row in result.json()} >= {"instance", "sync.enabled"}


def test_nothing_is_a_flag_after_two_dashes(enabled: Cli) -> None:
    result = enabled("config", "set", "--", "brand.name", "--json")

    assert result.code == 0
    assert enabled("config", "get", "brand.name").out == "--json\n"


def test_the_value_of_another_option_is_not_a_flag(cli: Cli) -> None:
    result = cli("init", "--vault", "file", "--client-secrets", "-q")

    assert "The client file -q cannot be read" in result.err


def test_a_profile_is_chosen_by_flag_before_environment(cli: Cli, tmp_path: Path) -> None:
    cli("init", "--vault", "file", "--profile", "one", env={"CALSYNCCTL_PROFILE": "two"})
    cli("init", "--vault", "file", env={"CALSYNCCTL_PROFILE": "two"})

    assert sorted(path.name for path in (tmp_path / "calsyncctl").iterdir()) == ["one", "two"]


def test_profiles_know_nothing_of_each_other(cli: Cli) -> None:
    cli("--profile", "one", "init", "--vault", "file")

    assert cli("--profile", "two", "status").code == 6


def test_what_to_type_next_reaches_the_same_profile(cli: Cli) -> None:
    assert "Enable it: calsyncctl --profile try init\n" in cli("status", "--profile", "try").err
    assert "→ calsyncctl --profile try init\n" in cli("--profile", "try", "profile", "list").err
    assert "Enable it: calsyncctl init\n" in cli("status", env={"CALSYNCCTL_PROFILE": "try"}).err
    assert cli("--profile", "try").err.endswith("Enable it: calsyncctl --profile try init\n")


def test_quiet_leaves_data_and_drops_talk(enabled: Cli) -> None:
    result = enabled("-q", "config", "set", "sync.workers", "7")

    assert (result.code, result.out, result.err) == (0, "", "")


@pytest.mark.parametrize("line", ["--version", "config show --version"])
def test_version_is_answered_anywhere(cli: Cli, line: str) -> None:
    assert cli(*line.split()).out == f"calsyncctl {__version__}\n"


@pytest.mark.parametrize("line", ["--json --version", "--version --json"])
def test_version_is_json_for_who_asks_for_json(cli: Cli, line: str) -> None:
    assert cli(*line.split()).json() == {"schema": "calsyncctl/version/1", "version": __version__}


def test_colour_is_only_used_on_a_terminal_or_when_asked_for(enabled: Cli) -> None:
    assert "\x1b[" not in enabled("config", "show").out
    assert "\x1b[1m" in enabled("config", "show", "--color", "always").out


def test_ascii_means_ascii(enabled: Cli) -> None:
    result = enabled("config", "show", "--ascii")

    assert result.out.isascii()
    assert enabled("--ascii", "config", "set", "sync.workers", "7").err.isascii()


def test_an_unknown_zone_is_refused_by_name(enabled: Cli) -> None:
    result = enabled("status", "--tz", "Berlin")

    assert result.code == 2
    assert "--tz: “Berlin” is not an IANA time zone such as Europe/Berlin.\n--tz takes " in result.err

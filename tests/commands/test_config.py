"""The settings: precedence, checks that name file and key, edits that keep what the operator wrote."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.commands.conftest import Cli


def test_flag_before_variable_before_file_before_default(enabled: Cli) -> None:
    def origin(*flags: str, env: dict[str, str] | None = None) -> str:
        rows = enabled("config", "show", "--json", *flags, env=env).json()
        row = next(row for row in rows if row["name"] == "view.zone")
        return f"{row['value']} from {row['origin']}"

    assert origin() == " from default"
    enabled("config", "set", "view.zone", "Europe/Berlin")
    assert origin() == "Europe/Berlin from file"
    assert origin(env={"CALSYNCCTL_TZ": "Asia/Tokyo"}) == "Asia/Tokyo from CALSYNCCTL_TZ"
    assert origin("--tz", "UTC", env={"CALSYNCCTL_TZ": "Asia/Tokyo"}) == "UTC from flag"


def test_set_get_and_unset(enabled: Cli) -> None:
    assert enabled("config", "set", "sync.workers", "8").err == "✓ sync.workers = 8\n"
    assert enabled("config", "get", "sync.workers").out == "8\n"
    assert enabled("config", "unset", "sync.workers").err == "✓ sync.workers is at its default again: 4.\n"
    assert enabled("config", "get", "sync.workers").out == "4\n"


def test_a_switch_is_shown_as_the_file_has_it(enabled: Cli) -> None:
    assert enabled("config", "set", "sync.enabled", "false").err == "✓ sync.enabled = false\n"
    assert enabled("config", "get", "sync.enabled").out == "false\n"
    assert "False" not in enabled("config", "show").out
    assert enabled("config", "unset", "google.client_secrets").err.endswith("at its default again: nothing.\n")


def test_a_setting_is_an_object_with_a_schema(enabled: Cli) -> None:
    assert enabled("config", "get", "sync.workers", "--json").json() == {
        "schema": "calsyncctl/setting/1",
        "name": "sync.workers",
        "value": 4,
        "origin": "default",
        "default": 4,
        "about": "How many accounts are worked on at the same time.",
    }


def test_an_edit_keeps_comments_order_and_mode(enabled: Cli, config_file: Path) -> None:
    text = config_file.read_text() + "\n# hours of the support desk\n[view]\nzone = 'Europe/Berlin'  # the office\n"
    config_file.write_text(text)

    enabled("config", "set", "view.zone", "Asia/Tokyo")

    assert config_file.read_text() == text.replace("'Europe/Berlin'", '"Asia/Tokyo"')
    assert oct(config_file.stat().st_mode & 0o777) == "0o600"


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("sync.workers many", "sync.workers: “many” is not a number from 1 to 32."),
        ("sync.workers 99", "sync.workers: “99” is not a number from 1 to 32."),
        ("sync.enabled perhaps", "sync.enabled: “perhaps” is neither true nor false."),
        ("vault.backend purse", "vault.backend: “purse” is not one of its values.\nvault.backend takes 'service' | "),
        ("view.zone Berlin", "view.zone: “Berlin” is not an IANA time zone such as Europe/Berlin."),
        ("google.api_root http://example.com", "must begin with https://"),
        ("google.token_uri https://me:pw@example.com/", "must not hold a user name or password"),
        ("google.token_uri example.com", "is not an https:// address"),
        ("daemon.public_url https://x.example/push", "is to be given without /push, which is put behind it"),
        ("daemon.public_url https://x.example/?a=b", "must hold a host and a path at most"),
        ("brand.colour red", "brand.colour: “red” is not a colour such as #1f6feb."),
        ("sync.worker 3", "There is no setting sync.worker.\nDid you mean sync.workers?"),
        ("workers 3", "There is no setting workers.\nDid you mean sync.workers?"),
    ],
)
def test_what_a_setting_does_not_take_is_refused_and_nothing_changes(
    enabled: Cli, config_file: Path, line: str, said: str
) -> None:
    before = config_file.read_text()

    result = enabled("config", "set", *line.split())

    assert (result.code, result.out) == (2, "")
    assert said in result.err
    assert config_file.read_text() == before


@pytest.mark.parametrize(
    "address", ["http://127.0.0.1:9000", "http://localhost:1", "http://[::1]:80", "https://a.example"]
)
def test_plain_http_is_for_this_machine_only(enabled: Cli, address: str) -> None:
    assert enabled("config", "set", "google.api_root", address).code == 0


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("sync = [", "is not TOML"),
        ("[sync]\nworkers = '4'\n", "sync.workers: “4” is not a number from 1 to 32"),
        ("[sync]\nwrokers = 4\n", "there is no setting sync.wrokers.\nDid you mean sync.workers?"),
        ("[snyc]\nenabled = true\n", "there is no setting snyc.enabled.\nDid you mean sync.enabled?"),
        ("sync = 4\n", "there is no setting sync."),
        ("[sync]\nworkers = [4]\n", "sync.workers: “[4]” is not a number"),
    ],
)
def test_a_broken_file_is_named_with_its_key(enabled: Cli, config_file: Path, text: str, said: str) -> None:
    config_file.write_text(text)

    for command in (["status"], ["config", "validate"], ["config", "set", "view.zone", "UTC"], ["init"]):
        result = enabled(*command)
        assert (result.code, result.out) == (1, "")
        assert result.err.startswith(f"calsyncctl: {config_file}")
        assert said in result.err
    assert config_file.read_text() == text


def test_a_file_that_is_not_text_is_named(enabled: Cli, config_file: Path) -> None:
    config_file.write_bytes(b"\xff\xfe")

    assert "is not UTF-8 text" in enabled("status").err


def test_a_broken_variable_is_named(enabled: Cli) -> None:
    result = enabled("status", env={"CALSYNCCTL_SYNC_WORKERS": "x"})

    assert result.code == 1
    assert "CALSYNCCTL_SYNC_WORKERS: “x” is not a number from 1 to 32." in result.err


def test_set_warns_when_a_variable_outranks_the_file(enabled: Cli) -> None:
    result = enabled("config", "set", "sync.workers", "8", env={"CALSYNCCTL_SYNC_WORKERS": "3"})

    assert "CALSYNCCTL_SYNC_WORKERS is set and outranks the file: sync.workers stays 3." in result.err


def test_the_instance_is_changed_only_after_a_yes(enabled: Cli) -> None:
    refused = enabled("config", "set", "instance", "another")

    assert refused.code == 2
    assert "--yes" in refused.err
    assert enabled("config", "set", "instance", "another", "--yes").code == 0


def test_the_path_is_told_before_there_is_a_file(cli: Cli, config_file: Path) -> None:
    assert cli("config", "path").out == f"{config_file}\n"


def test_validate_says_what_is_set(enabled: Cli, config_file: Path) -> None:
    assert enabled("config", "validate", "--json").json() == {
        "schema": "calsyncctl/config-check/1",
        "path": str(config_file),
        "valid": True,
        "set": ["instance", "sync.enabled", "vault.backend"],
    }


def test_profiles_are_listed_also_a_faulty_one(enabled: Cli, tmp_path: Path) -> None:
    enabled("--profile", "off", "init", "--vault", "file")
    enabled("--profile", "off", "config", "set", "sync.enabled", "false")
    (tmp_path / "calsyncctl" / "bad").mkdir()
    (tmp_path / "calsyncctl" / "bad" / "config.toml").write_text("[")

    rows = enabled("profile", "list", "--json").json()

    assert [(row["profile"], row["state"], row["current"]) for row in rows] == [
        ("bad", "faulty", False),
        ("default", "enabled", True),
        ("off", "disabled", False),
    ]


def test_a_profile_is_shown_with_its_places(enabled: Cli, config_file: Path) -> None:
    shown = enabled("profile", "show", "--json").json()

    assert shown["schema"] == "calsyncctl/profile/1"
    assert shown["config_file"] == str(config_file)
    assert shown["vault"] == "file"
    assert enabled("profile", "show", "nowhere").code == 3


def test_where_there_is_no_profile_the_list_says_what_to_do(cli: Cli) -> None:
    result = cli("profile", "list")

    assert (result.code, result.out) == (0, "")
    assert "calsyncctl init" in result.err

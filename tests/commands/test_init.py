"""`init`: a profile is enabled, its secrets placed, its Google app kept; run again, it changes only what is given."""

from __future__ import annotations

import http.server
import json
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.commands.conftest import Cli
from tests.support.run import run

SECRET = "GOCSPX-canary-of-the-client"
CLIENT: dict[str, Any] = {
    "installed": {
        "client_id": "1234-abc.apps.googleusercontent.com",
        "client_secret": SECRET,
        "auth_uri": "https://accounts.google.com/o/oauth2/auth",
        "token_uri": "https://oauth2.googleapis.com/token",
        "redirect_uris": ["http://localhost"],
    }
}


@pytest.fixture
def client_file(tmp_path: Path) -> Path:
    path = tmp_path / "client_secret.json"
    path.write_text(json.dumps(CLIENT))
    return path


@pytest.mark.feature("A6")
def test_init_makes_a_private_profile_with_an_instance_id(enabled: Cli, config_file: Path) -> None:
    assert oct(config_file.stat().st_mode & 0o777) == "0o600"
    assert oct(config_file.parent.stat().st_mode & 0o777) == "0o700"
    assert len(enabled("config", "get", "instance").out.strip()) == 12


def test_a_configuration_that_was_lost_gets_its_instance_back_from_the_store(enabled: Cli, config_file: Path) -> None:
    before = enabled("config", "get", "instance").out
    config_file.unlink()
    enabled("init", "--vault", "file")
    assert enabled("config", "get", "instance").out == before


def test_without_an_instance_nothing_is_done_until_init_has_put_it_back(enabled: Cli, config_file: Path) -> None:
    text = config_file.read_text(encoding="utf-8")
    config_file.write_text("\n".join(line for line in text.splitlines() if not line.startswith("instance")))
    result = enabled("sync")
    assert result.code == 1
    assert "does not say which installation this is" in result.err
    assert enabled("init", "--vault", "file").code == 0
    assert f'"{enabled("config", "get", "instance").out.strip()}"' in text
    assert "does not say" not in enabled("sync").err


def test_init_says_where_secrets_will_live_and_what_comes_next(cli: Cli) -> None:
    result = cli("init", "--vault", "file")

    assert "encrypted file in" in result.out
    assert "help google-project" in result.err


@pytest.mark.feature("A5")
def test_the_clients_id_goes_to_the_settings_and_its_secret_to_the_vault(
    cli: Cli, client_file: Path, tmp_path: Path
) -> None:
    result = cli("init", "--vault", "file", "--client-secrets", str(client_file), "--json")

    assert result.json()["google_app"] == CLIENT["installed"]["client_id"]
    client_file.unlink()
    kept = [path for path in tmp_path.rglob("*") if path.is_file() and SECRET in path.read_text(errors="replace")]
    assert kept == []
    assert SECRET not in result.out + result.err


def test_googles_own_addresses_are_not_written_down(cli: Cli, client_file: Path, config_file: Path) -> None:
    cli("init", "--vault", "file", "--client-secrets", str(client_file))

    assert "_uri" not in config_file.read_text()


def test_init_again_changes_only_what_is_given(enabled: Cli, config_file: Path, client_file: Path) -> None:
    enabled("config", "set", "sync.workers", "2")
    config_file.write_text("# my own remark\n" + config_file.read_text())
    before = config_file.read_text()

    enabled("init")
    assert config_file.read_text() == before

    enabled("init", "--client-secrets", str(client_file))
    after = config_file.read_text()
    assert "# my own remark" in after
    assert "workers = 2" in after
    assert before.split("instance")[1].split("\n")[0] in after


def test_another_google_app_is_taken_only_after_a_yes(cli: Cli, client_file: Path, tmp_path: Path) -> None:
    cli("init", "--vault", "file", "--client-secrets", str(client_file))
    other = json.loads(json.dumps(CLIENT).replace("1234", "5678"))
    (tmp_path / "other.json").write_text(json.dumps(other))
    line = ("init", "--client-secrets", "other.json")

    asked = cli(*line)

    assert (asked.code, asked.out) == (2, "")
    assert "accounts must sign in again" in asked.err
    assert "--yes" in asked.err
    assert cli(*line, "--yes").code == 0


def test_a_file_that_is_no_client_file_changes_nothing(cli: Cli, tmp_path: Path, config_file: Path) -> None:
    (tmp_path / "x.json").write_text('{"web": {"client_id": "1"}}')

    result = cli("init", "--vault", "file", "--client-secrets", "x.json")

    assert result.code == 1
    assert "web application" in result.err
    assert not config_file.exists()


def test_a_client_file_that_a_variable_names_is_shown_and_checked(cli: Cli, client_file: Path) -> None:
    line = ("init", "--vault", "file")

    shown = cli(*line, "--json", env={"CALSYNCCTL_CLIENT_SECRETS": str(client_file)})
    assert shown.json()["google_app"] == str(client_file)

    broken = cli(*line, env={"CALSYNCCTL_CLIENT_SECRETS": "nowhere.json"})
    assert (broken.code, broken.out) == (1, "")
    assert "CALSYNCCTL_CLIENT_SECRETS: The client file nowhere.json cannot be read" in broken.err


def test_a_variable_that_outranks_what_is_written_is_named_and_raises_no_doubt(enabled: Cli, client_file: Path) -> None:
    aimed = {"CALSYNCCTL_GOOGLE_API_ROOT": "http://127.0.0.1:9"}

    result = enabled("init", "--client-secrets", str(client_file), env=aimed)

    assert result.code == 0, result.err
    assert "Another Google" not in result.err
    assert "CALSYNCCTL_GOOGLE_API_ROOT is set and outranks the file: it decides google.api_root." in result.err


@pytest.mark.parametrize("left", [None, b""])
def test_a_store_that_was_lost_is_said_once(enabled: Cli, config_file: Path, left: bytes | None) -> None:
    store = config_file.parent / "calsyncctl.db"
    for path in config_file.parent.glob("calsyncctl.db*"):
        path.unlink()
    if left is not None:
        store.write_bytes(left)

    said = enabled("sync", "-q")

    assert f"The store {store} was not there: a new, empty one was made." in said.err
    assert "was not there" not in enabled("sync").err


def test_a_vault_that_does_not_work_here_is_refused(cli: Cli, config_file: Path) -> None:
    result = cli("init", "--vault", "service")

    assert result.code == 1
    assert not config_file.exists()


def test_without_a_keyring_auto_means_the_encrypted_file(cli: Cli) -> None:
    assert cli("init", "--json").json()["vault"] == "file"


def test_concurrent_inits_agree_on_one_instance(tmp_path: Path) -> None:
    said: list[str] = []
    threads = [
        threading.Thread(
            target=lambda: said.append(run("init", "--vault", "file", "--json", home=tmp_path).json()["instance"])
        )
        for _ in range(3)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)

    assert len(said) == 3
    assert len(set(said)) == 1


class _Info(http.server.BaseHTTPRequestHandler):
    """Answers as a sandbox does about itself."""

    answer: Any = None

    def do_GET(self) -> None:
        body = json.dumps(self.answer).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:
        """Stay quiet."""


@pytest.fixture
def sandbox() -> Iterator[str]:
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), _Info)
    address = f"http://127.0.0.1:{server.server_address[1]}"
    _Info.answer = {
        "client": CLIENT,
        "api_root": address,
        "auth_uri": f"{address}/auth",
        "token_uri": f"{address}/token",
        "revoke_uri": f"{address}/revoke",
        "userinfo_uri": f"{address}/userinfo",
    }
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    yield address
    server.shutdown()
    thread.join()
    server.server_close()


def test_init_sandbox_aims_the_profile_at_it(cli: Cli, sandbox: str) -> None:
    result = cli("--profile", "try", "init", "--vault", "file", "--sandbox", "--sandbox-address", sandbox)

    assert result.code == 0, result.err
    assert cli("--profile", "try", "config", "get", "google.token_uri").out == f"{sandbox}/token\n"
    assert cli("--profile", "try", "config", "get", "google.api_root").out == f"{sandbox}\n"


def test_from_a_sandbox_to_google_the_sandboxs_addresses_go(
    cli: Cli, sandbox: str, client_file: Path, config_file: Path
) -> None:
    cli("init", "--vault", "file", "--sandbox", "--sandbox-address", sandbox)

    asked = cli("init", "--client-secrets", str(client_file))
    assert f"Another Google than before: https://www.googleapis.com instead of {sandbox}." in asked.err

    aside = {"CALSYNCCTL_GOOGLE_API_ROOT": "http://127.0.0.1:9"}  # what is set beside the file changes nothing in it
    assert cli("init", "--client-secrets", str(client_file), "--yes", env=aside).code == 0
    assert sandbox not in config_file.read_text()


def test_a_sandbox_that_is_not_there_is_for_later(cli: Cli) -> None:
    result = cli("init", "--sandbox", "--sandbox-address", "http://127.0.0.1:9")

    assert result.code == 75
    assert "calsyncctl sandbox serve" in result.err


def test_what_is_not_a_sandbox_is_not_believed(cli: Cli, sandbox: str) -> None:
    _Info.answer = {"hello": "world"}

    result = cli("init", "--sandbox", "--sandbox-address", sandbox)

    assert result.code == 2
    assert "is not a sandbox" in result.err


def test_a_sandbox_elsewhere_is_refused(cli: Cli) -> None:
    assert cli("init", "--sandbox", "--sandbox-address", "http://example.com").code == 2


def test_a_lost_vault_is_left_only_with_a_client_file(cli: Cli, client_file: Path) -> None:
    cli("init", "--vault", "file", "--client-secrets", str(client_file))
    cli("config", "set", "vault.backend", "service")

    assert cli("init", "--vault", "file", "--yes").code == 1
    left = cli("init", "--vault", "file", "--client-secrets", str(client_file), "--yes")
    assert (left.code, "The vault service is out of reach: accounts must sign in again." in left.err) == (0, True)

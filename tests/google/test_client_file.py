"""Reading the OAuth client file: a good one, and everything that people give instead."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from calsyncctl.errors import ConfigFault
from calsyncctl.google.client_file import read_client_file

GOOD = {
    "client_id": "1234-desk.apps.googleusercontent.com",
    "project_id": "desk",
    "auth_uri": "https://accounts.google.com/o/oauth2/auth",
    "token_uri": "https://oauth2.googleapis.com/token",
    "client_secret": "GOCSPX-canary",
    "redirect_uris": ["http://localhost"],
}


def written(folder: Path, content: object) -> Path:
    path = folder / "client.json"
    path.write_text(content if isinstance(content, str) else json.dumps(content))
    return path


def fault(path: Path) -> ConfigFault:
    with pytest.raises(ConfigFault) as caught:
        read_client_file(path)
    return caught.value


def test_the_files_own_addresses_are_honoured(tmp_path: Path) -> None:
    client = read_client_file(written(tmp_path, {"installed": GOOD | {"token_uri": "http://127.0.0.1:9000/token"}}))

    assert client.auth_uri == "https://accounts.google.com/o/oauth2/auth"
    assert client.token_uri == "http://127.0.0.1:9000/token"


def test_what_the_file_does_not_name_is_googles(tmp_path: Path) -> None:
    content = {name: value for name, value in GOOD.items() if not name.endswith("_uri")}

    client = read_client_file(written(tmp_path, {"installed": content}))

    assert client.auth_uri == "https://accounts.google.com/o/oauth2/v2/auth"
    assert client.token_uri == "https://oauth2.googleapis.com/token"
    assert client.revoke_uri == "https://oauth2.googleapis.com/revoke"
    assert client.userinfo_uri == "https://openidconnect.googleapis.com/v1/userinfo"


def test_the_secret_is_not_in_the_clients_repr(tmp_path: Path) -> None:
    assert "canary" not in repr(read_client_file(written(tmp_path, {"installed": GOOD})))


def test_a_web_client_is_named_as_such(tmp_path: Path) -> None:
    caught = fault(written(tmp_path, {"web": GOOD}))

    assert "web application" in caught.what
    assert "Desktop app" in caught.what_to_do


def test_a_service_accounts_key_is_named_as_such(tmp_path: Path) -> None:
    assert "service account" in fault(written(tmp_path, {"type": "service_account", "private_key": "x"})).what


def test_a_file_without_the_secret_says_where_to_get_one(tmp_path: Path) -> None:
    content = {name: value for name, value in GOOD.items() if name != "client_secret"}

    caught = fault(written(tmp_path, {"installed": content}))

    assert "no client_secret" in caught.what
    assert "add a new secret" in caught.what_to_do


def test_a_file_that_is_missing_says_so(tmp_path: Path) -> None:
    assert "No such file" in fault(tmp_path / "nowhere.json").what


@pytest.mark.parametrize("content", ["not json", "[]", '"text"', "{}", '{"installed": null}', '{"installed": []}', ""])
def test_another_file_is_not_taken_for_one(tmp_path: Path, content: str) -> None:
    assert "is not a client file" in fault(written(tmp_path, content)).what


def test_a_file_without_the_clients_id_says_so(tmp_path: Path) -> None:
    assert "no client_id" in fault(written(tmp_path, {"installed": GOOD | {"client_id": ""}})).what


def test_a_byte_order_mark_is_passed_over(tmp_path: Path) -> None:
    path = tmp_path / "client.json"
    path.write_text(json.dumps({"installed": GOOD}), encoding="utf-8-sig")

    assert read_client_file(path).client_id == GOOD["client_id"]


@pytest.mark.parametrize("uri", ["http://accounts.example.com/token", "ftp://127.0.0.1/token", "token"])
def test_secrets_go_in_plain_http_to_this_machine_only(tmp_path: Path, uri: str) -> None:
    assert "not https: token_uri" in fault(written(tmp_path, {"installed": GOOD | {"token_uri": uri}})).what


def test_a_broken_file_is_never_quoted(tmp_path: Path) -> None:
    caught = fault(written(tmp_path, '{"installed": {"client_secret": "GOCSPX-canary", "client_id": 5}}'))

    assert caught.__cause__ is None
    assert "canary" not in caught.what + caught.what_to_do

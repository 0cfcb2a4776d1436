"""The sandbox as a process: its line, its client file, its end, its data, its state file."""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import shutil
import signal
import socket
import struct
import subprocess
import sys
import threading
import time
import urllib.request
from pathlib import Path

import pytest

from tests.sandbox.client import Client, refresh, timed
from tests.support.run import run
from tests.support.sandbox import SUPPORT, WORK, AdminError, Sandbox


def test_it_says_where_it_is_and_ends_at_once_leaving_nothing() -> None:
    sandbox = Sandbox(events=5).start()
    file = Path(sandbox.info["client_file"])
    content, mode = json.loads(file.read_text()), file.stat().st_mode & 0o777
    began = time.monotonic()
    code = sandbox.stop()

    assert content == sandbox.info["client"]
    assert (code, mode, file.exists(), file.parent.exists()) == (0, 0o600, False, False)
    assert time.monotonic() - began < 2


def test_ctrl_c_ends_it_just_as_well() -> None:
    sandbox = Sandbox(events=5).start()
    assert sandbox.process is not None
    sandbox.process.send_signal(signal.SIGINT)

    assert sandbox.process.wait(10) == 0
    sandbox.stop()


def test_who_hangs_up_in_the_middle_of_a_request_is_not_worth_a_word() -> None:
    command = [sys.executable, "-m", "calsyncctl.sandbox", "serve", "--port", "0", "--events", "1"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        root = str(json.loads(process.stdout.readline())["api_root"])
        port = int(root.rpartition(":")[2])
        with contextlib.closing(socket.create_connection(("127.0.0.1", port), timeout=10)) as line:
            line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            line.sendall(b"POST /batch HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 10\r\n\r\nhalf")
        with urllib.request.urlopen(f"{root}/sandbox/info", timeout=10) as answer:
            assert answer.status == 200
        process.send_signal(signal.SIGTERM)
        _, err = process.communicate(timeout=20)

    assert err == ""


def test_info_answers_what_was_printed(sandbox: Sandbox) -> None:
    info = sandbox.admin("GET", "/info")

    assert {**info, "pid": sandbox.info["pid"]} == sandbox.info
    assert sandbox.env()["CALSYNCCTL_GOOGLE_API_ROOT"] == info["api_root"]


def test_a_port_in_use_is_one_sentence(sandbox: Sandbox) -> None:
    port = sandbox.root.rpartition(":")[2]
    command = [sys.executable, "-m", "calsyncctl.sandbox", "serve", "--port", port, "--events", "1"]

    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1


@pytest.mark.parametrize(("option", "value"), [("--port", "99999"), ("--port", "-1"), ("--events", "-5")])
def test_a_number_that_cannot_be_is_a_wrong_line(tmp_path: Path, option: str, value: str) -> None:
    refused = run("sandbox", "serve", option, value, home=tmp_path)

    assert (refused.code, option in refused.err, "Traceback" in refused.err) == (2, True, False)


def test_the_command_line_app_serves_and_prints_the_variables(sandbox: Sandbox) -> None:
    command = [sys.executable, "-m", "calsyncctl", "sandbox", "env", "--address", sandbox.root]

    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    lines = [f"export {name}={value}" for name, value in sandbox.env().items()]
    assert done.stdout.splitlines() == lines


def test_the_same_seed_makes_the_same_data_and_another_one_others(sandbox: Sandbox) -> None:
    with Sandbox(events=40, anchor="2026-11-16") as twin, Sandbox(events=40, anchor="2026-11-16", seed=2) as other:
        first, second, third = (one.listed(WORK) for one in (sandbox, twin, other))

    assert first == second
    assert first != third


@pytest.mark.parametrize("events", [0, 3, 400, *(pytest.param(one, marks=pytest.mark.long) for one in (1, 2, 17))])
def test_the_first_calendar_has_exactly_as_many_items_as_asked_for(events: int) -> None:
    with Sandbox(events=events, anchor="2026-11-16") as sandbox:
        assert len(sandbox.listed(WORK)) == events


def test_the_data_has_what_real_calendars_have() -> None:
    with Sandbox(events=400, anchor="2026-11-16") as sandbox:
        items = sandbox.listed(WORK)
    position = {item["id"]: at for at, item in enumerate(items)}
    exceptions = [item for item in items if "recurringEventId" in item]

    assert 0.08 < sum("recurrence" in item for item in items) / 400 < 0.14
    assert 0.2 < sum("attendees" in item for item in items) / 400 < 0.4
    assert any("date" in item.get("start", {}) for item in items)
    assert len({item["start"]["timeZone"] for item in items if "timeZone" in item.get("start", {})}) > 2
    assert any(item["status"] == "cancelled" for item in exceptions)
    assert any(position[item["id"]] < position[item["recurringEventId"]] for item in exceptions)


def test_two_accounts_have_at_least_five_calendars_between_them(sandbox: Sandbox) -> None:
    calendars = [calendar["summary"] for account in sandbox.info["accounts"] for calendar in account["calendars"]]

    assert [account["email"] for account in sandbox.info["accounts"]] == [WORK, SUPPORT]
    assert len(calendars) >= 5


def test_every_exception_of_the_data_is_an_occurrence_of_its_series() -> None:
    with Sandbox(events=200, anchor="2026-11-16") as sandbox, Client(sandbox).sign_in().session as session:
        client = Client(sandbox, session=session).sign_in()
        exceptions = [item for item in sandbox.listed(WORK) if "recurringEventId" in item]
        for item in exceptions:
            path = f"calendars/primary/events/{item['recurringEventId']}/instances"
            found = client.call("GET", path, showDeleted="true")["items"]
            assert item["id"] in {one["id"] for one in found}


def test_a_state_file_keeps_everything_over_a_restart(tmp_path: Path) -> None:
    file = tmp_path / "deep" / "state.json"
    with Sandbox(events=20, state=file) as first:
        client = Client(first).sign_in()
        made = client.insert(timed("Kept", attendees=[{"email": SUPPORT}]))
        _, token = client.all()
        first.settings(page_size=7)
        first.admin("POST", "/groups", {"email": "team@example.com", "members": [SUPPORT]})
    with client.session, Sandbox(events=99, state=file) as second:
        client.sandbox = second
        client.patch(made["id"], {"summary": "Still there"})

        assert [item["summary"] for item in client.changed(token)] == ["Still there"]
        assert len(client.page()["items"]) == 7
        assert refresh(second, client.token).status_code == 200
        assert second.admin("POST", "/groups", {"email": "more@example.com"})["groups"] == {
            "team@example.com": [SUPPORT]
        }
    assert file.stat().st_mode & 0o777 == 0o600


def test_a_file_of_another_kind_is_no_state(tmp_path: Path) -> None:
    file = tmp_path / "state.json"
    file.write_text("[]")
    command = [sys.executable, "-m", "calsyncctl.sandbox", "serve", "--port", "0", "--state", str(file)]

    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert done.returncode == 1
    assert "is no state of a sandbox" in done.stderr
    assert file.read_text() == "[]"


def test_without_the_extra_the_command_says_what_to_install(tmp_path: Path) -> None:
    (tmp_path / "aiohttp.py").write_text("raise ModuleNotFoundError('No module named aiohttp', name='aiohttp')")
    command = [sys.executable, "-m", "calsyncctl", "sandbox", "serve", "--port", "0"]
    environment = {**os.environ, "PYTHONPATH": str(tmp_path)}

    done = subprocess.run(command, capture_output=True, text=True, timeout=60, env=environment)
    assert done.returncode == 2
    assert "pip install 'calsyncctl[sandbox]'" in done.stderr


# -- the admin endpoint ----------------------------------------------------------------------------------------------


def test_reset_begins_again(work: Client) -> None:
    work.insert(timed())
    work.sandbox.reset()

    assert len(work.sandbox.listed(WORK)) == 40
    assert work.raw("GET", "colors").status_code == 401


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("GET", "/nonsense", None, 404),
        ("POST", "/settings", {"page_sise": 1}, 400),
        ("POST", "/settings", {"page_size": "many"}, 400),
        ("POST", "/settings", {"api_enabled": 1}, 400),
        ("POST", "/settings", {"move_id": "maybe"}, 400),
        ("POST", "/accounts/nobody@example.com", {"consent": "allow"}, 404),
        ("POST", f"/accounts/{WORK}", {"consent": "maybe"}, 400),
        ("POST", "/accounts", {"email": WORK}, 400),
        ("GET", "/calendars/nowhere/events", None, 404),
    ],
)
def test_a_wrong_admin_request_is_refused(
    sandbox: Sandbox, method: str, path: str, body: dict[str, object] | None, status: int
) -> None:
    with pytest.raises(AdminError) as refusal:
        sandbox.admin(method, path, body)
    assert refusal.value.status == status


def test_an_added_account_can_sign_in(sandbox: Sandbox) -> None:
    sandbox.add_account("desk@example.com")
    client = Client(sandbox, "desk@example.com").sign_in()

    with client.session:
        assert client.page()["summary"] == "desk@example.com"


def test_no_listening_server_is_a_sentence_for_env() -> None:
    command = [sys.executable, "-m", "calsyncctl", "sandbox", "env", "--address", "http://127.0.0.1:9"]

    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stdout) == (3, "")
    assert "No sandbox answers" in done.stderr


@pytest.mark.long
def test_the_pages_of_a_big_calendar_come_from_ready_bytes() -> None:
    with Sandbox(events=20_000) as sandbox:
        client = Client(sandbox).sign_in()
        with client.session:
            began = time.monotonic()
            sizes = [len(page_text(client, token)) for token in tokens(client)]
            spent = time.monotonic() - began

    assert len(sizes) == 8
    assert spent < 20


def tokens(client: Client) -> list[str]:
    """Page through everything by hand; returns the page tokens, the first one empty."""
    found = [""]
    for _ in range(20):
        token = client.raw("GET", "calendars/primary/events", params=paging(found[-1])).json().get("nextPageToken")
        if not token:
            return found
        found.append(token)
    raise AssertionError("a listing without end")


def page_text(client: Client, token: str) -> str:
    return client.raw("GET", "calendars/primary/events", params=paging(token)).text


def paging(token: str) -> dict[str, str]:
    return {"maxResults": "2500", **({"pageToken": token} if token else {})}


def test_the_command_is_installed() -> None:
    assert shutil.which("calsyncctl", path=str(Path(sys.executable).parent))


def test_it_ends_at_once_also_with_a_request_under_way() -> None:
    sandbox = Sandbox(events=1).start()
    sandbox.fault(path="discovery", delay=30)
    address = f"{sandbox.root}/.well-known/openid-configuration"
    waiting = threading.Thread(target=fetch, args=(address,))
    waiting.start()
    for _ in range(200):
        if sandbox.requests().get("GET discovery"):
            break
    began = time.monotonic()
    code = sandbox.stop()
    waiting.join(10)

    assert (code, waiting.is_alive()) == (0, False)
    assert time.monotonic() - began < 5


def fetch(address: str) -> None:
    with contextlib.suppress(OSError, http.client.HTTPException), urllib.request.urlopen(address, timeout=60) as answer:
        answer.read()

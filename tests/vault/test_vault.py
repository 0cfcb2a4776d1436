"""The door to secrets: named backends, a deadline on every call, troubles in words, nothing shown."""

from __future__ import annotations

import os
import socket
import threading
import time
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from keyring.backend import KeyringBackend
from keyring.errors import InitError, KeyringError, KeyringLocked, PasswordDeleteError

from calsyncctl.errors import CalsyncError, VaultFault
from calsyncctl.vault import vault as module
from calsyncctl.vault.backends import fault_of, find_session_bus, system_backend
from calsyncctl.vault.vault import Vault, choose_backend, open_vault, probe

SECRET = "1//canary-refresh"


class Memory(KeyringBackend):
    """A system's keyring that keeps secrets in memory, and has what troubles a test gives it."""

    priority = 1.0

    def __init__(self, trouble: Callable[[], None] = lambda: None) -> None:
        self.kept: dict[tuple[str, str], str] = {}
        self.trouble = trouble

    def get_password(self, service: str, username: str) -> str | None:
        self.trouble()
        return self.kept.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self.trouble()
        self.kept[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        self.trouble()
        if self.kept.pop((service, username), None) is None:
            raise PasswordDeleteError("not found")


def raising(error: Exception) -> Callable[[], None]:
    def trouble() -> None:
        raise error

    return trouble


def over(keyring: KeyringBackend, deadline: float = 10) -> Vault:
    return Vault("service", "calsyncctl:test", lambda: keyring, deadline)


def fault(vault: Vault) -> VaultFault:
    with pytest.raises(VaultFault) as caught:
        vault.set("refresh:1", SECRET)
    return caught.value


@pytest.fixture
def no_session(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A machine without a session bus, as a server is."""
    monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", f"unix:path={tmp_path}/no-bus")


def test_secrets_are_kept_by_service_and_entry() -> None:
    keyring = Memory()
    vault = over(keyring)
    vault.set("refresh:1", SECRET)

    assert vault.get("refresh:1") == SECRET
    assert keyring.kept == {("calsyncctl:test", "refresh:1"): SECRET}


def test_forgetting_what_is_not_there_is_fine() -> None:
    over(Memory()).delete("refresh:1")


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (KeyringLocked("x"), "is locked"),
        (InitError("x"), "has no keyring"),
        (KeyringError("canary"), "cannot be reached here (KeyringError)"),
        (RuntimeError("canary"), "cannot be reached here (RuntimeError)"),
        (ConnectionRefusedError(111, "canary"), "cannot be reached here (ConnectionRefusedError)"),
    ],
)
def test_every_trouble_of_a_keyring_has_its_sentence(error: Exception, words: str) -> None:
    caught = fault(over(Memory(raising(error))))

    assert words in caught.what
    assert "canary" not in caught.what
    assert "calsyncctl init --vault file" in caught.what_to_do


def test_a_full_disk_is_no_matter_of_owner_and_mode() -> None:
    caught = fault_of("file", OSError(28, "No space left on device"))

    assert caught.what == "The vault cannot be used: No space left on device."
    assert caught.what_to_do == "Make room on that disk, then try again."


def test_a_keyring_that_does_not_answer_is_left_after_the_deadline() -> None:
    never = threading.Event()

    def hang() -> None:
        never.wait(30)

    begun = time.monotonic()
    caught = fault(over(Memory(hang), deadline=0.1))
    never.set()

    assert "did not answer within" in caught.what
    assert time.monotonic() - begun < 5


class Silent:
    """A keyring's trouble: it answers nobody until it is told to, and counts who asks."""

    def __init__(self) -> None:
        self.answer = threading.Event()
        self.asked: list[threading.Thread] = []

    def __call__(self) -> None:
        self.asked.append(threading.current_thread())
        self.answer.wait(30)


def test_while_a_call_waits_for_the_keyring_no_other_is_begun_and_then_all_are_answered() -> None:
    silent = Silent()
    vault = over(Memory(silent), deadline=0.05)
    sentences = {fault(vault).what for _ in range(20)}
    assert (len(silent.asked), len(sentences)) == (1, 1)

    silent.answer.set()
    silent.asked[0].join(10)
    vault.set("refresh:1", SECRET)
    assert vault.get("refresh:1") == SECRET


def test_a_keyring_that_forgot_a_call_is_asked_again_ever_more_rarely(monkeypatch: pytest.MonkeyPatch) -> None:
    silent, clock = Silent(), [1000.0]
    monkeypatch.setattr("calsyncctl.vault.vault.time.monotonic", lambda: clock[0])
    vault = over(Memory(silent), deadline=0.01)
    for _ in range(24 * 60):  # once a minute, for a day
        fault(vault)
        clock[0] += 60.0
    asked = len(silent.asked)
    silent.answer.set()
    assert 5 < asked < 15


def test_a_vault_is_not_touched_before_its_first_use(tmp_path: Path) -> None:
    def load() -> KeyringBackend:
        raise AssertionError("nobody asked")

    assert Vault("service", "calsyncctl:test", load).backend == "service"


def test_the_keyring_is_loaded_once(tmp_path: Path) -> None:
    loads: list[int] = []

    def load() -> KeyringBackend:
        loads.append(1)
        return Memory()

    vault = Vault("service", "calsyncctl:test", load)
    vault.set("a", "1")
    vault.get("a")

    assert loads == [1]


def test_an_unknown_backend_is_refused_with_the_known_ones(tmp_path: Path) -> None:
    with pytest.raises(VaultFault, match="no vault backend “plaintext”") as caught:
        open_vault("plaintext", service="x", directory=tmp_path, key_file=tmp_path, credentials_directory=None)

    assert "service, macos, windows, file" in caught.value.what_to_do


@pytest.mark.parametrize("backend", ["macos", "windows"])
def test_a_keyring_of_another_system_is_not_reached_here(tmp_path: Path, backend: str) -> None:
    vault = open_vault(backend, service="x", directory=tmp_path, key_file=tmp_path, credentials_directory=None)

    with pytest.raises(VaultFault, match="cannot be reached here"):
        vault.get("refresh:1")


@pytest.mark.usefixtures("no_session")
def test_without_a_session_the_secret_service_says_so_quickly(tmp_path: Path) -> None:
    vault = open_vault("service", service="x", directory=tmp_path, key_file=tmp_path, credentials_directory=None)

    assert "The Secret Service cannot be reached here" in fault(vault).what


@pytest.mark.usefixtures("no_session")
def test_a_server_gets_the_encrypted_file() -> None:
    assert choose_backend(service="calsyncctl:test") == "file"


def test_a_key_from_systemd_means_the_encrypted_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "probe", lambda *_, **__: pytest.fail("the system's keyring was asked"))
    (tmp_path / "calsyncctl-key").write_bytes(os.urandom(32))

    assert choose_backend(service="calsyncctl:test", credentials_directory=tmp_path) == "file"


def test_a_keyring_that_swallows_secrets_is_not_chosen(monkeypatch: pytest.MonkeyPatch) -> None:
    class Null(Memory):
        def set_password(self, service: str, username: str, password: str) -> None:
            pass

    monkeypatch.setattr(module, "load_keyring", lambda *_, **__: Null())

    with pytest.raises(VaultFault, match="did not give it back"):
        probe("service", service="calsyncctl:test")
    assert choose_backend(service="calsyncctl:test") == "file"


@pytest.mark.parametrize(("platform", "backend"), [("linux", "service"), ("darwin", "macos"), ("win32", "windows")])
def test_every_system_has_its_keyring(platform: str, backend: str) -> None:
    assert system_backend(platform) == backend


@pytest.fixture
def run_user(tmp_path: Path) -> Iterator[Path]:
    """A `/run/user` with this user's session bus."""
    folder = tmp_path / str(os.getuid())
    folder.mkdir()
    with socket.socket(socket.AF_UNIX) as bus:
        bus.bind(str(folder / "bus"))
        yield tmp_path


def test_a_cron_job_finds_the_session_bus(run_user: Path) -> None:
    environ: dict[str, str] = {}
    find_session_bus(environ, run_user)

    assert environ == {"DBUS_SESSION_BUS_ADDRESS": f"unix:path={run_user}/{os.getuid()}/bus"}


def test_a_named_session_bus_stays(run_user: Path) -> None:
    environ = {"DBUS_SESSION_BUS_ADDRESS": "unix:path=/mine"}
    find_session_bus(environ, run_user)

    assert environ == {"DBUS_SESSION_BUS_ADDRESS": "unix:path=/mine"}


def test_no_bus_is_made_up(tmp_path: Path) -> None:
    environ: dict[str, str] = {}
    find_session_bus(environ, tmp_path)

    assert environ == {}


def test_no_secret_is_in_reprs_messages_or_tracebacks() -> None:
    def trouble() -> None:
        raise KeyringError("no")

    vault = over(Memory(trouble))
    text = repr(vault) + str(vault)
    try:
        vault.set("refresh:1", SECRET)
    except CalsyncError as error:
        text += "".join(traceback.format_exception(error)) + repr(error) + repr(error.args)

    assert SECRET not in text

"""The one door to secrets: a named keyring backend, every call in a worker thread with a deadline.

The deadline is there because a Secret Service without a prompter, or one started by D-Bus without a home, never
answers.
"""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar
from uuid import uuid4

from calsyncctl.errors import CalsyncError, VaultFault
from calsyncctl.vault.backends import NAMES, fault_of, fault_of_silence, load_keyring, system_backend
from calsyncctl.vault.keys import CREDENTIAL

if TYPE_CHECKING:
    from keyring.backend import KeyringBackend

T = TypeVar("T")

DEADLINE = 10.0
"""Seconds that one call may take."""

PROBE_DEADLINE = 5.0
"""Seconds that each call of a probe may take: `init` on a server must not stand still."""

PAUSE = 60.0
"""Seconds without another call after one that got no answer, twice as long for each that waits still."""


class Vault:
    """Secrets by entry name in one keyring; fills `model.secrets.Secrets`."""

    def __init__(
        self, backend: str, service: str, load: Callable[[], KeyringBackend], deadline: float = DEADLINE
    ) -> None:
        self._backend = backend
        self._service = service
        self._load = load
        self._deadline = deadline
        self._keyring: KeyringBackend | None = None
        self._guard = threading.Lock()
        self._stuck: list[threading.Thread] = []
        """Calls that were not waited for any longer; each keeps its thread until the keyring answers."""
        self._next_try = 0.0
        """While there are some: when another call is tried."""

    def __repr__(self) -> str:
        return f"Vault({self._backend!r}, {self._service!r})"

    @property
    def backend(self) -> str:
        """The backend's name."""
        return self._backend

    def get(self, entry: str) -> str | None:
        """Return the secret of an entry, or None.

        Raises:
            VaultFault: if the keyring is locked, missing, silent or damaged.
        """
        return self._in_time(lambda keyring: keyring.get_password(self._service, entry))

    def set(self, entry: str, secret: str) -> None:
        """Keep a secret, durably, replacing an earlier one.

        Raises:
            VaultFault: if the keyring is locked, missing, silent or damaged.
        """
        self._in_time(lambda keyring: keyring.set_password(self._service, entry, secret))

    def delete(self, entry: str) -> None:
        """Forget an entry; forgetting what is not there is fine.

        Raises:
            VaultFault: if the keyring is locked, missing, silent or damaged.
        """
        self._in_time(lambda keyring: _delete(keyring, self._service, entry))

    def _in_time(self, call: Callable[[KeyringBackend], T]) -> T:
        """Run a call beside us and wait for it; a thread that never returns is a daemon and ends with the process."""
        self._require_no_silence()
        answers: queue.SimpleQueue[tuple[T | None, Exception | None]] = queue.SimpleQueue()
        thread = threading.Thread(target=self._work, args=(call, answers), name="vault", daemon=True)
        thread.start()
        try:
            value, error = answers.get(timeout=self._deadline)
        except queue.Empty:
            self._keyring = None
            self._leave(thread)
            raise fault_of_silence(self._backend, self._deadline) from None
        if isinstance(error, CalsyncError):
            raise error
        if error is not None:
            raise fault_of(self._backend, error) from error
        return value  # type: ignore[return-value]  # without an error it is the call's own

    def _require_no_silence(self) -> None:
        """Fail at once while an earlier call waits: whoever comes again and again would leave a thread each time."""
        with self._guard:
            self._stuck = [one for one in self._stuck if one.is_alive()]
            if not self._stuck:
                return
            now = time.monotonic()
            if now < self._next_try:
                raise fault_of_silence(self._backend, self._deadline)
            self._next_try = now + PAUSE * 2.0 ** len(self._stuck)

    def _leave(self, thread: threading.Thread) -> None:
        with self._guard:
            self._stuck.append(thread)
            self._next_try = time.monotonic() + PAUSE * 2.0 ** (len(self._stuck) - 1)

    def _work(
        self, call: Callable[[KeyringBackend], T], answers: queue.SimpleQueue[tuple[T | None, Exception | None]]
    ) -> None:
        try:
            if self._keyring is None:
                self._keyring = self._load()
            answers.put((call(self._keyring), None))
        except Exception as error:
            answers.put((None, error))  # raised again, in words, in the thread that waits


def open_vault(
    backend: str,
    *,
    service: str,
    directory: Path,
    key_file: Path,
    credentials_directory: Path | None,
    deadline: float = DEADLINE,
) -> Vault:
    """Open the vault with exactly this backend; nothing is read, made or asked before the first use.

    `service` names the profile's secrets in the keyring; `directory` and `key_file` matter to the backend `file` only.

    Raises:
        VaultFault: for a backend that is none of `backends.NAMES`.
    """
    if backend not in NAMES:
        raise VaultFault(
            f"There is no vault backend “{backend}”.",
            f"Choose with calsyncctl init --vault, one of: {', '.join(NAMES)}.",
        )
    load = partial(
        load_keyring,
        backend,
        directory=directory,
        key_file=key_file,
        credentials_directory=credentials_directory,
    )
    return Vault(backend, service, load, deadline)


def choose_backend(*, service: str, credentials_directory: Path | None = None, deadline: float = PROBE_DEADLINE) -> str:
    """Choose for `init`: the system's keyring if it really keeps a secret, else the encrypted file.

    Where systemd hands us the file's key, the file is meant. The choice is made once and then written down.
    """
    if credentials_directory is not None and (credentials_directory / CREDENTIAL).exists():
        return "file"
    backend = system_backend()
    try:
        probe(backend, service=service, deadline=deadline)
    except VaultFault:
        return "file"
    return backend


def probe(backend: str, *, service: str, deadline: float = PROBE_DEADLINE) -> None:
    """Keep, read and forget a throw-away secret in a system's keyring.

    Raises:
        VaultFault: with the reason why it cannot be used here.
    """
    nowhere = Path("/nonexistent")
    vault = open_vault(
        backend, service=service, directory=nowhere, key_file=nowhere, credentials_directory=None, deadline=deadline
    )
    entry, secret = f"probe:{uuid4().hex}", uuid4().hex
    vault.set(entry, secret)
    kept = vault.get(entry)
    vault.delete(entry)
    if kept != secret:
        raise VaultFault("The keyring took a secret and did not give it back.", "Use: calsyncctl init --vault file")


def _delete(keyring: KeyringBackend, service: str, entry: str) -> None:
    from keyring.errors import PasswordDeleteError

    if keyring.get_password(service, entry) is None:  # Google's tokens are never empty, so None is "not there"
        return
    try:
        keyring.delete_password(service, entry)
    except PasswordDeleteError:
        if keyring.get_password(service, entry) is not None:  # not another process that was quicker: a refusal
            raise

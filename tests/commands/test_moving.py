"""Secrets on the move: whatever is cut off, all of them are where the configuration says, and the rest is cleared."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from calsyncctl.clock import SystemClock
from calsyncctl.connections.carrying import entries
from calsyncctl.errors import UsageFault, VaultFault
from calsyncctl.flags import Flags
from calsyncctl.model.secrets import Secrets
from calsyncctl.moving import move_secrets
from calsyncctl.runtime import Runtime
from tests.store.build import connected


class Cut(BaseException):
    """The machine went down."""


@dataclass
class Places:
    """The vaults of a machine, which goes down, or refuses, at one of the calls."""

    kept: dict[str, dict[str, str]] = field(default_factory=lambda: {"file": {}, "service": {}})
    ends_at: int = -1
    calls: int = 0
    trouble: BaseException = field(default_factory=Cut)
    forgetful: bool = False
    """Whether what is put into `service` is not given back."""

    def call(self) -> None:
        self.calls += 1
        if self.calls == self.ends_at:
            raise self.trouble


@dataclass
class Place:
    """One vault of a machine."""

    backend: str
    places: Places

    def get(self, entry: str) -> str | None:
        self.places.call()
        secret = self.places.kept[self.backend].get(entry)
        return "else" if secret and self.places.forgetful and self.backend == "service" else secret

    def set(self, entry: str, secret: str) -> None:
        self.places.call()
        self.places.kept[self.backend][entry] = secret

    def delete(self, entry: str) -> None:
        self.places.call()
        self.places.kept[self.backend].pop(entry, None)


class Machine(Runtime):
    """A runtime on a machine with these vaults."""

    places: Places

    def open_vault(self, backend: str, instance: str | None = None, **_: Any) -> Secrets:
        return Place(backend, self.places)

    def choose_vault(self, wish: str) -> str:
        return "service" if wish == "auto" else wish


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A home with one account, its secrets in the file."""
    runtime = machine(tmp_path, Places())
    runtime.paths.make()
    runtime.paths.config_file.write_text('instance = "one"\n[vault]\nbackend = "file"\n')
    with closing(runtime.open_store()) as store:
        connected(store, "work@example.com")
    runtime.let_go()
    return tmp_path


def machine(home: Path, places: Places) -> Machine:
    made = Machine(Flags(), {"CALSYNCCTL_HOME": str(home), "HOME": str(home)}, SystemClock())
    made.places = places
    return made


def filled(home: Path) -> tuple[Places, dict[str, str]]:
    """Return vaults of which the file has every secret, and the secrets."""
    runtime = machine(home, Places())
    secrets = {entry: f"secret of {entry}" for entry in entries(runtime.store)}
    runtime.let_go()
    return Places({"file": dict(secrets), "service": {}}), secrets


def where(home: Path) -> str:
    """Return the vault that the configuration names."""
    return machine(home, Places()).config.settings.vault.backend


def steps(home: Path) -> Iterator[tuple[Places, dict[str, str]]]:
    """Move again and again, cut off one call later each time, until a move gets through."""
    for end in range(1, 60):
        places, secrets = filled(home)
        places.ends_at = end
        runtime = machine(home, places)
        runtime.paths.config_file.write_text('instance = "one"\n[vault]\nbackend = "file"\n')
        try:
            move_secrets(runtime, "service")
        except Cut:
            places.ends_at = -1
            yield places, secrets
        else:
            assert end > 9
            return


def test_a_move_that_is_cut_off_anywhere_loses_nothing_and_can_be_finished(home: Path) -> None:
    for places, secrets in steps(home):
        assert places.kept[where(home)] == secrets
        runtime = machine(home, places)
        moved = move_secrets(runtime, "auto")
        runtime.let_go()

        assert (moved.now, moved.left, where(home)) == ("service", "", "service")
        assert places.kept == {"service": secrets, "file": {}}


def test_a_move_that_was_cut_off_can_be_taken_back(home: Path) -> None:
    for places, secrets in steps(home):
        runtime = machine(home, places)
        move_secrets(runtime, "file")
        runtime.let_go()

        assert places.kept == {"file": secrets, "service": {}}
        assert where(home) == "file"


def test_a_vault_that_does_not_give_back_what_it_is_given_gets_nothing_for_good(home: Path) -> None:
    places, secrets = filled(home)
    places.forgetful = True
    runtime = machine(home, places)

    with pytest.raises(VaultFault, match="does not give back"):
        move_secrets(runtime, "service")
    assert (places.kept["file"], where(home)) == (secrets, "file")


def test_where_a_variable_decides_nothing_is_moved(home: Path) -> None:
    places, secrets = filled(home)
    runtime = machine(home, places)
    runtime.environ = {**runtime.environ, "CALSYNCCTL_VAULT_BACKEND": "file"}

    with pytest.raises(UsageFault, match="CALSYNCCTL_VAULT_BACKEND is set"):
        move_secrets(runtime, "service")
    assert places.kept["file"] == secrets


def test_an_old_vault_that_cannot_be_cleared_is_told_and_cleared_later(home: Path) -> None:
    places, secrets = filled(home)
    places.trouble, places.ends_at = VaultFault("It is locked."), 3 * len(secrets) + 1
    runtime = machine(home, places)

    assert "still in the vault “file”: It is locked." in move_secrets(runtime, "service").left
    assert (places.kept["service"], where(home)) == (secrets, "service")
    again = machine(home, places)
    assert move_secrets(again, "service").left == ""
    again.let_go()
    assert places.kept["file"] == {}

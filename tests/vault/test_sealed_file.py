"""The encrypted file: private, durable, bound to its key and to its entries' names, shared by processes."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from calsyncctl.errors import CalsyncError, Later, VaultFault
from calsyncctl.locks import lock
from calsyncctl.vault import sealed_file
from calsyncctl.vault.vault import Vault, open_vault

SECRET = "1//canary-refresh"


@dataclass(frozen=True)
class Place:
    """Where one vault's files are."""

    root: Path

    @property
    def key_file(self) -> Path:
        return self.root / "config" / "vault.key"

    @property
    def file(self) -> Path:
        return self.root / "vault" / "secrets.json"

    @property
    def content(self) -> dict[str, dict[str, str]]:
        decoded: dict[str, dict[str, str]] = json.loads(self.file.read_text())
        return decoded

    def open(self, credentials: Path | None = None, service: str = "calsyncctl:default") -> Vault:
        return open_vault(
            "file",
            service=service,
            directory=self.root / "vault",
            key_file=self.key_file,
            credentials_directory=credentials,
        )


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path)


def fault(vault: Vault, entry: str = "refresh:1") -> VaultFault:
    with pytest.raises(VaultFault) as caught:
        vault.get(entry)
    assert "canary" not in caught.value.what + caught.value.what_to_do
    return caught.value


def mode(path: Path) -> int:
    return path.stat().st_mode & 0o777


def test_a_secret_is_kept_for_the_next_process(place: Place) -> None:
    place.open().set("refresh:1", SECRET)

    assert place.open().get("refresh:1") == SECRET


def test_an_empty_vault_knows_nothing_and_is_not_created_by_looking(place: Place) -> None:
    assert place.open().get("refresh:1") is None
    assert list(place.root.iterdir()) == []


def test_a_later_secret_replaces_the_earlier(place: Place) -> None:
    place.open().set("refresh:1", "old")
    place.open().set("refresh:1", SECRET)

    assert place.open().get("refresh:1") == SECRET


def test_forgetting_is_final_and_may_be_repeated(place: Place) -> None:
    vault = place.open()
    vault.set("refresh:1", SECRET)
    vault.delete("refresh:1")
    vault.delete("refresh:1")

    assert vault.get("refresh:1") is None
    assert place.content["entries"] == {}


@pytest.mark.parametrize("secret", ["x", "ünïcödé 🗝", "a" * 20_000, "line\nbreak\0nul"])
def test_any_text_comes_back_as_it_was(place: Place, secret: str) -> None:
    place.open().set("refresh:1", secret)

    assert place.open().get("refresh:1") == secret


def test_profiles_do_not_see_each_others_secrets(place: Place) -> None:
    place.open(service="calsyncctl:one").set("refresh:1", SECRET)

    assert place.open(service="calsyncctl:two").get("refresh:1") is None


def test_files_are_private_to_their_owner_whatever_the_umask(place: Place) -> None:
    before = os.umask(0)
    try:
        place.open().set("refresh:1", SECRET)
    finally:
        os.umask(before)

    assert [mode(path) for path in (place.file, place.key_file)] == [0o600, 0o600]
    assert [mode(path.parent) for path in (place.file, place.key_file)] == [0o700, 0o700]


def test_neither_secret_nor_key_lies_in_the_clear(place: Place) -> None:
    place.open().set("refresh:1", SECRET)
    content = place.file.read_bytes()

    assert SECRET.encode() not in content
    assert place.key_file.read_bytes() not in content
    assert len(place.key_file.read_bytes()) == 32


def test_equal_secrets_do_not_look_equal(place: Place) -> None:
    vault = place.open()
    vault.set("refresh:1", SECRET)
    vault.set("refresh:2", SECRET)

    assert len(set(place.content["entries"].values())) == 2


def test_swapped_entries_do_not_open(place: Place) -> None:
    vault = place.open()
    vault.set("refresh:1", SECRET)
    vault.set("refresh:2", "other")
    content = place.content
    one, two = content["entries"]
    content["entries"] = {one: content["entries"][two], two: content["entries"][one]}
    place.file.write_text(json.dumps(content))

    assert "refresh:1 of the vault" in fault(place.open()).what
    assert "was altered" in fault(place.open(), "refresh:2").what


@pytest.mark.parametrize("damage", ["", "AAAA", "not base64!", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"])
def test_an_altered_entry_is_named_and_the_others_still_open(place: Place, damage: str) -> None:
    vault = place.open()
    vault.set("refresh:1", SECRET)
    vault.set("refresh:2", "other")
    content = place.content
    content["entries"]["calsyncctl:default/refresh:1"] = damage
    place.file.write_text(json.dumps(content))

    assert "was altered" in fault(vault).what
    assert vault.get("refresh:2") == "other"


@pytest.mark.parametrize("content", ["", "{", "[]", '{"version": 1}', '{"version": 1, "check": 5, "entries": {}}'])
def test_a_damaged_file_is_said_and_not_overwritten(place: Place, content: str) -> None:
    vault = place.open()
    vault.set("refresh:1", SECRET)
    place.file.write_text(content)

    assert "is damaged" in fault(vault).what
    with pytest.raises(VaultFault):
        vault.set("refresh:2", "other")
    assert place.file.read_text() == content


def test_a_file_of_a_newer_version_is_left_alone(place: Place) -> None:
    place.open().set("refresh:1", SECRET)
    place.file.write_text(json.dumps(place.content | {"version": 2}))

    assert "newer calsyncctl" in fault(place.open()).what


def test_another_key_is_told_from_damage(place: Place) -> None:
    place.open().set("refresh:1", SECRET)
    place.key_file.write_bytes(os.urandom(32))

    assert fault(place.open()).what.startswith(f"The key {place.key_file} is not the one")


def test_with_another_key_nothing_is_overwritten(place: Place) -> None:
    place.open().set("refresh:1", SECRET)
    before = place.file.read_bytes()
    place.key_file.write_bytes(os.urandom(32))

    with pytest.raises(VaultFault):
        place.open().set("refresh:2", "other")
    assert place.file.read_bytes() == before


def test_a_vault_that_vanishes_under_a_process_is_not_taken_for_an_empty_one(place: Place) -> None:
    vault = place.open()
    vault.set("refresh:1", SECRET)
    away = place.file.rename(place.root / "away")
    assert f"The vault {place.file} is gone" in fault(vault).what
    with pytest.raises(VaultFault):
        vault.set("access:1", "no new vault is begun in its place")
    assert not place.file.exists()
    away.rename(place.file)
    assert vault.get("refresh:1") == SECRET


def test_a_key_that_is_gone_is_said_and_no_new_one_is_made(place: Place) -> None:
    place.open().set("refresh:1", SECRET)
    place.key_file.unlink()

    assert "is gone" in fault(place.open()).what
    with pytest.raises(VaultFault, match="is gone"):
        place.open().set("refresh:2", "other")
    assert not place.key_file.exists()


@pytest.mark.parametrize("bits", [0o640, 0o604, 0o620, 0o644])
def test_a_key_that_others_may_read_is_refused(place: Place, bits: int) -> None:
    place.open().set("refresh:1", SECRET)
    place.key_file.chmod(bits)
    error = fault(place.open())

    assert f"(mode {bits:04o})" in error.what
    assert f"chmod 600 {place.key_file}" in error.what_to_do


@pytest.mark.parametrize("size", [0, 31, 33])
def test_a_key_of_another_size_is_refused(place: Place, size: int) -> None:
    place.open().set("refresh:1", SECRET)
    place.key_file.write_bytes(b"k" * size)

    assert f"has {size} bytes instead of 32" in fault(place.open()).what


def test_systemds_credential_comes_before_the_key_file(place: Place) -> None:
    credentials = place.root / "credentials"
    credentials.mkdir()
    (credentials / "calsyncctl-key").write_bytes(os.urandom(32))
    place.open(credentials).set("refresh:1", SECRET)

    assert not place.key_file.exists()
    assert place.open(credentials).get("refresh:1") == SECRET
    assert "is gone" in fault(place.open()).what


def test_a_credentials_folder_without_the_key_leaves_the_key_file(place: Place) -> None:
    place.open(place.root / "credentials").set("refresh:1", SECRET)

    assert place.open().get("refresh:1") == SECRET


def test_a_crash_between_writing_and_renaming_leaves_the_old_content(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    place.open().set("refresh:1", SECRET)

    def crash(path: Path, target: Path) -> Path:
        raise OSError(28, "No space left on device", str(path))

    monkeypatch.setattr(Path, "replace", crash)
    with pytest.raises(VaultFault, match="No space left"):
        place.open().set("refresh:1", "half")

    assert place.open().get("refresh:1") == SECRET
    assert [path.name for path in place.file.parent.glob(".*")] == []


def test_a_process_that_keeps_the_lock_is_named(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    place.open().set("refresh:1", SECRET)
    monkeypatch.setattr(sealed_file, "LOCK_WAIT", 0.05)

    with lock(place.file.with_suffix(".lock"), holder="another", wait=0), pytest.raises(Later, match="another"):
        place.open().set("refresh:1", "other")


def test_two_processes_writing_at_once_lose_nothing(place: Place) -> None:
    """Each writes its own forty entries; the first of them also race for making the key."""
    script = (
        "import sys; from pathlib import Path; from tests.vault.test_sealed_file import Place\n"
        "vault = Place(Path(sys.argv[1])).open()\n"
        "for number in range(40): vault.set(f'{sys.argv[2]}:{number}', f'{sys.argv[2]}-{number}')"
    )
    root = Path(__file__).parents[2]
    writers = [
        subprocess.Popen([sys.executable, "-c", script, str(place.root), name], cwd=root) for name in ("one", "two")
    ]

    assert [writer.wait(60) for writer in writers] == [0, 0]
    assert len(place.content["entries"]) == 80
    assert place.open().get("two:39") == "two-39"


def test_a_folder_that_cannot_be_written_is_said(place: Place) -> None:
    (place.root / "vault").write_text("a file stands in the way")

    with pytest.raises(CalsyncError, match="vault"):
        place.open().set("refresh:1", SECRET)

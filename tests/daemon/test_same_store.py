"""The daemon's store is a file, and only that one, and so is its lock: gone or replaced ends it, out of reach not."""

from __future__ import annotations

from pathlib import Path

import pytest

from calsyncctl.daemon.same_store import SameStore, require_store
from calsyncctl.errors import Later, StoreFault


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "store.sqlite"
    path.write_text("first")
    return path


def test_a_file_that_is_written_to_is_still_the_same(file: Path) -> None:
    same = SameStore(file, file.with_name("lock"))
    file.write_text("and more")
    assert same.fault() is None


def test_a_file_that_is_gone_is_a_fault_of_the_store_until_it_is_back(file: Path) -> None:
    same = SameStore(file, file.with_name("lock"))
    file.rename(file.with_name("aside"))
    assert isinstance(same.fault(), StoreFault)
    with pytest.raises(StoreFault, match="is gone"):
        require_store(file)
    file.with_name("aside").rename(file)
    assert same.fault() is None
    require_store(file)


def test_another_file_in_its_place_is_worth_a_new_start(file: Path) -> None:
    same = SameStore(file, file.with_name("lock"))
    other = file.with_name("other")
    other.write_text("first")
    other.replace(file)
    fault = same.fault()
    assert isinstance(fault, Later)
    assert str(file) in fault.what


def test_a_file_that_cannot_be_looked_at_is_for_others_to_tell(file: Path) -> None:
    same = SameStore(file, file.with_name("lock"))
    file.unlink()
    file.parent.rmdir()
    file.parent.write_text("no folder")
    assert same.fault() is None


def test_a_lock_that_is_gone_or_another_is_worth_a_new_start(file: Path) -> None:
    lock = file.with_name("lock")
    lock.touch()
    same = SameStore(file, lock)
    assert same.fault() is None
    lock.rename(file.with_name("aside"))
    fault = same.fault()
    assert isinstance(fault, Later)
    assert str(lock) in fault.what
    lock.touch()
    assert isinstance(same.fault(), Later)
    file.with_name("aside").replace(lock)
    assert same.fault() is None

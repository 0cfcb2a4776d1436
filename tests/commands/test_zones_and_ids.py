"""The zone that times are shown in; ids that are drawn."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from calsyncctl.ids import base32hex, new_instance, random_keys
from calsyncctl.zones import view_zone


def test_the_configured_zone_outranks_the_machines(tmp_path: Path) -> None:
    assert view_zone("Asia/Tokyo", {"TZ": "Europe/Berlin"}, tmp_path) == ZoneInfo("Asia/Tokyo")
    assert view_zone("", {"TZ": ":Europe/Berlin"}, tmp_path) == ZoneInfo("Europe/Berlin")


def test_the_machines_zone_keeps_its_name_across_a_dst_change(tmp_path: Path) -> None:
    (zones := tmp_path / "zoneinfo" / "Europe").mkdir(parents=True)
    (zones / "Berlin").write_bytes(b"")
    (link := tmp_path / "localtime").symlink_to(zones / "Berlin")

    zone = view_zone("", {}, link)

    assert datetime(2026, 1, 1, tzinfo=zone).utcoffset() != datetime(2026, 7, 1, tzinfo=zone).utcoffset()


@pytest.mark.parametrize("environ", [{}, {"TZ": "CET-1CEST,M3.5.0"}, {"TZ": "../../etc/passwd"}])
def test_a_machine_without_a_named_zone_still_shows_times(tmp_path: Path, environ: dict[str, str]) -> None:
    zone = view_zone("", environ, tmp_path / "nothing")

    assert datetime.now(UTC).astimezone(zone).utcoffset() is not None


def test_base32hex_is_what_google_takes_in_an_events_id() -> None:
    assert base32hex(0, 3) == "000"
    assert base32hex(32**3 - 1, 3) == "vvv"
    assert base32hex(33, 4) == "0011"


def test_ids_are_drawn_long_enough_and_not_twice() -> None:
    keys = set(random_keys(1000))

    assert len(keys) == 1000
    assert all(len(key) == 32 and set(key) <= set("0123456789abcdef") for key in keys)
    assert len(new_instance()) == 12

"""docs/sandbox.md says what is there: no switch, field or address is left out, every test that it names exists."""

from __future__ import annotations

import re
from dataclasses import fields
from pathlib import Path

from calsyncctl.sandbox.admin import ADMIN
from calsyncctl.sandbox.faults import Fault
from calsyncctl.sandbox.switches import Settings

HERE = Path(__file__).parent
TEXT = (HERE.parents[1] / "docs" / "sandbox.md").read_text()
SOURCES = ("documented", "observed", "unconfirmed", "not modelled")


def section(title: str) -> str:
    """Return what stands under a heading, up to the next one."""
    return re.split(r"^#+ ", TEXT.split(f"# {title}\n", 1)[1], maxsplit=1, flags=re.MULTILINE)[0]


def first_cells(text: str) -> set[str]:
    rows = [line.split(" | ")[0] for line in text.splitlines() if line.startswith("| `")]
    return {name for row in rows for name in re.findall(r"`([^`]+)`", row)}


def test_every_switch_is_documented_with_its_default() -> None:
    known = {one.name: one.default for one in fields(Settings)}
    rows = [line.split(" | ") for line in section("Switches").splitlines() if line.startswith("| `")]
    written: dict[str, str] = {}
    for names, defaults, *_ in rows:
        found = re.findall(r"`([^`]+)`", names)
        values = defaults.split(", ") if len(found) > 1 and "," in defaults else [defaults] * len(found)
        written |= dict(zip(found, values, strict=True))

    assert written == {name: plain(value) for name, value in known.items()}


def plain(value: object) -> str:
    if value in (None, ""):
        return "null" if value is None else "none"
    return str(value).lower() if isinstance(value, bool) else f"{value:g}" if isinstance(value, float) else str(value)


def test_every_field_of_a_fault_is_documented() -> None:
    assert first_cells(section("Faults")) == {one.name for one in fields(Fault)} - {"id", "seen", "done"}


def test_every_address_of_the_admin_endpoint_is_documented() -> None:
    text = section("The admin endpoint")
    heads = {re.sub(r"\(\[.*", "", pattern).rstrip("/") for _, pattern, _ in ADMIN} - {"/info"}
    tails = {pattern.rsplit("/", 1)[1] for _, pattern, _ in ADMIN if re.search(r"/[a-z-]+$", pattern)} - {"info"}

    assert [word for word in sorted(heads | tails) if word not in text] == []


def test_every_row_of_the_table_has_a_source_and_its_tests_exist() -> None:
    known = set(
        re.findall(r"^def (test_\w+)", "".join(path.read_text() for path in HERE.glob("test_*.py")), re.MULTILINE)
    )
    rows = [line for line in section("What is modelled").splitlines() if line.startswith("| ") and "**" not in line][2:]

    for row in rows:
        _, sources, tests = row.strip("| ").split(" | ")
        assert set(sources.split(", ")) <= set(SOURCES), row
        assert set(re.findall(r"`(test_\w+)`", tests)) <= known, row
        assert "test_" in tests or sources == "not modelled", row

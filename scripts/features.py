"""Print docs/features.md's rows with what the tests say of each: number of tests, `passed`, `failed` or `none`.

Reads the file that `pytest --features-file` wrote (tests/conftest.py).
"""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path

ROWS = Path(__file__).resolve().parent.parent / "docs" / "features.md"
ROW = re.compile(r"^\| (?P<id>[A-E]\d+) \| (?P<text>.+) \|$", re.MULTILINE)
WIDTH = 88


def verdict(outcomes: list[str]) -> str:
    """Sum up the outcomes of a row's tests."""
    if not outcomes or set(outcomes) == {"skipped"}:
        return "none"
    return "failed" if "failed" in outcomes else "passed"


def main(results: Path) -> int:
    """Print the table; return 1 if a row's test failed."""
    outcomes: dict[str, list[str]] = json.loads(results.read_text())
    verdicts = []
    for row in ROW.finditer(ROWS.read_text()):
        mine = outcomes.pop(row["id"], [])
        verdicts.append(verdict(mine))
        text = row["text"] if len(row["text"]) <= WIDTH else row["text"][: WIDTH - 1] + "…"
        print(f"{row['id']:<4}{len(mine):>4}  {verdicts[-1]:<7} {text}")
    print(f"\n{verdicts.count('passed')} rows passed, {verdicts.count('failed')} failed, {verdicts.count('none')} none")
    if outcomes:
        print(f"Marked in tests but not a row: {', '.join(sorted(outcomes))}")
    return int("failed" in verdicts or bool(outcomes))


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))

"""`make demo` does what the README shows of it."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests.docs.compare import same
from tests.docs.pages import ROOT, blocks, read

SECONDS = 240


@pytest.mark.long
@pytest.mark.timeout(300)
def test_the_demo_ends_well_and_says_what_the_readme_shows() -> None:
    (shown,) = [one.text.splitlines() for one in blocks(read(ROOT / "README.md")) if "1. Enable a profile" in one.text]
    done = subprocess.run(
        [sys.executable, str(ROOT / "scripts" / "demo.py")],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    lines = [line for line in shown if line.strip()]
    assert same([part for line in lines for part in (line, "…")], done.stdout.splitlines()), done.stdout

"""Programs of the machine that some tests need: skipped where they are missing, but never quietly in CI."""

from __future__ import annotations

import os
import shutil

import pytest


def need(program: str) -> str:
    """Return the program's path; skip the test if there is none, and fail it where CI promised to have it."""
    found = shutil.which(program)
    if found:
        return found
    reason = f"{program} is not installed"
    if os.environ.get("CI") == "true":
        pytest.fail(reason)
    pytest.skip(reason)

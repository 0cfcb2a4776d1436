"""Nothing in the repository knows the machine that it was made on."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

from tests.docs.pages import ROOT
from tests.support.tools import need

PLACES = {
    "a folder of one machine": r"(?<![\w.}])/(?:work|root|mnt|srv|Users|home/(?!you\b))/",
    "a file outside the project": r"(?:^|[\s\"'(`])(?:\.\./){1,9}(?:shared|design|reference|tools)\b",
    "a host of packages": r"\b(?:pypi|pythonhosted|npmjs|artifactory|jfrog|nexus)\.[a-z]{2,}|/simple/?$|index-url",
    "an address in a local network": r"\b(?:10\.(?!0\.0\.1\b)\d+|192\.168|172\.(?:1[6-9]|2\d|3[01]))\.\d+\.\d+\b",
}
OWN = Path(__file__).relative_to(ROOT).as_posix()


def tracked() -> list[Path]:
    """Return the files of the repository that are text."""
    if not (ROOT / ".git").exists():
        pytest.skip("not a checkout")
    names = subprocess.run([need("git"), "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    return [ROOT / name for name in names.split("\0") if name and name != OWN and (ROOT / name).is_file()]


@pytest.mark.parametrize("what", PLACES)
def test_no_file_names(what: str) -> None:
    pattern = re.compile(PLACES[what], re.MULTILINE)
    found = []
    for path in tracked():
        text = path.read_text(encoding="utf-8", errors="replace")
        found += [f"{path.relative_to(ROOT)}: {hit[0]}" for hit in pattern.finditer(text)]
    assert found == []


@pytest.mark.parametrize(
    ("what", "text"),
    [
        ("a folder of one machine", "see /srv/project"),
        ("a file outside the project", "see ../reference/page"),
        ("a host of packages", "https://artifactory.example/x"),
        ("an address in a local network", "at 192.168.1.7"),
    ],
)
def test_what_is_looked_for_is_found(what: str, text: str) -> None:
    assert re.search(PLACES[what], text + "/", re.MULTILINE)

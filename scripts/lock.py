"""Write constraints.txt anew: the versions installed in this environment, names and numbers only, no addresses.

Run it with each supported Python (`make lock` in a fresh environment); a package that another Python needs in another
version, or alone, gets a marker by hand.
"""

from __future__ import annotations

import importlib.metadata
import re
from pathlib import Path

TARGET = Path(__file__).resolve().parent.parent / "constraints.txt"
HEADER = "# The versions that `make install` takes and CI proves. Written by `make lock`.\n"
OWN = {"calsyncctl", "pip", "setuptools", "wheel"}


def installed() -> dict[str, str]:
    """Return the installed distributions as normalised name -> version."""
    found = {}
    for distribution in importlib.metadata.distributions():
        name = re.sub(r"[-_.]+", "-", distribution.metadata["Name"]).lower()
        if name not in OWN:
            found[name] = distribution.version
    return found


def kept(text: str) -> dict[str, str]:
    """Return the lines of an earlier file that carry a marker: what other Pythons need."""
    marked = (line for line in text.splitlines() if ";" in line and not line.startswith("#"))
    return {line.split("==")[0]: line for line in marked}


def main() -> None:
    """Write the file."""
    lines = {name: f"{name}=={version}" for name, version in installed().items()}
    if TARGET.exists():
        lines |= kept(TARGET.read_text())
    TARGET.write_text(HEADER + "".join(f"{line}\n" for _, line in sorted(lines.items())))


if __name__ == "__main__":
    main()

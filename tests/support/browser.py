"""A browser for tests, to be named in $BROWSER: `python browser.py EMAIL MODE RECORD ADDRESS`.

It answers the sandbox's consent page at once as this person (`allow` or `deny`), follows the way back to the command,
and appends the address and the page that came last to RECORD. MODE `close` does nothing, as a person who walks away.
"""

from __future__ import annotations

import sys
import urllib.error
import urllib.request
from pathlib import Path
from urllib.parse import quote


def visit(email: str, mode: str, address: str) -> str:
    """Answer the consent page as `email` and return the page at the end of the way."""
    whole = f"{address}&login_hint={quote(email)}&sandbox_auto={mode}"
    try:
        with urllib.request.urlopen(whole, timeout=60) as page:
            return str(page.read().decode())
    except urllib.error.HTTPError as page:
        with page:
            return page.read().decode()


if __name__ == "__main__":
    email, mode, record, address = sys.argv[1:]
    text = "" if mode == "close" else visit(email, mode, address)
    with Path(record).open("a", encoding="utf-8") as file:
        file.write(f"{address}\n{text}\n")

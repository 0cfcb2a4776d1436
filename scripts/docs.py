"""Write what docs/ repeats from the program: the table of settings, and the pages of `calsyncctl help`.

`--check` changes nothing and exits 1 if something is stale.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from calsyncctl.settings import SETTINGS, Setting
from calsyncctl.topics import TOPICS, page

DOCS = Path(__file__).resolve().parent.parent / "docs"
BEGIN, END = "<!-- settings: begin -->\n", "<!-- settings: end -->\n"


def settings_table() -> str:
    """Return the table of settings as Markdown."""
    rows = ["| setting | type | default | what it means | variable |", "|---|---|---|---|---|"]
    return "\n".join([*rows, *(_row(setting) for setting in SETTINGS.values())]) + "\n"


def _row(setting: Setting) -> str:
    kind = setting.type_name.replace("|", "\\|") + (f", {setting.limits}" if setting.limits else "")
    default = str(setting.default).lower() if isinstance(setting.default, bool) else str(setting.default)
    shown = f"`{default}`" if default else "–"
    return f"| `{setting.name}` | {kind} | {shown} | {setting.help} | `{setting.env}` |"


def documents() -> dict[Path, str]:
    """Return every file that is made here, with its text."""
    path = DOCS / "configuration.md"
    text = path.read_text(encoding="utf-8")
    before, _, rest = text.partition(BEGIN)
    _, _, after = rest.partition(END)
    made = {path: f"{before}{BEGIN}{settings_table()}{END}{after}"}
    return made | {DOCS / f"{topic}.md": page(topic) for topic in TOPICS}


def main() -> int:
    """Write the files, or compare them."""
    parser = argparse.ArgumentParser(description="Write the parts of docs/ that the program knows.")
    parser.add_argument("--check", action="store_true", help="change nothing; exit 1 if a file is stale")
    check = parser.parse_args().check
    stale = {path: text for path, text in documents().items() if not path.is_file() or path.read_text("utf-8") != text}
    for path, text in stale.items():
        print(f"{'stale' if check else 'wrote'}: docs/{path.name}", file=sys.stderr)
        if not check:
            path.write_text(text, encoding="utf-8")
    return 1 if check and stale else 0


if __name__ == "__main__":
    sys.exit(main())

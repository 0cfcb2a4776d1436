"""The page that the browser shows after Google's: what really happened, in the operator's name and colour.

Self-contained (no script, nothing loaded from anywhere), light and dark, readable on a telephone.
"""

from __future__ import annotations

import html
import re
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from string import Template
from typing import Final

from calsyncctl.colours import readable_on
from calsyncctl.errors import CalsyncError

DEFAULT_COLOUR: Final = "#1f6feb"
_HEX: Final = re.compile(r"#[0-9a-fA-F]{6}")
_COMMAND: Final = re.compile(r"calsyncctl [a-z-]+(?: (?:google-project|--[a-z-]+|[\w.+-]+@[\w.-]*\w|[A-Z]+))*")

_MARKS: Final = {
    "good": '<path d="M14 24.5l7 7 13.5-15"/>',
    "bad": '<path d="M17 17l14 14M31 17L17 31"/>',
    "note": '<path d="M24 14v12M24 33.5v.2"/>',
}


@dataclass(frozen=True, slots=True)
class ResultPage:
    """The page in one operator's brand: the product's name, its colour (`#RRGGBB`), whom to ask."""

    product: str = "calsyncctl"
    colour: str = DEFAULT_COLOUR
    support: str = ""

    def connected(self, email: str) -> str:
        """Render "connected"; sent only when it is true."""
        return self._render(
            "good", "Connected", f"<strong>{_text(email)}</strong> is connected to {_text(self.product)}.", ""
        )

    def failed(self, error: CalsyncError) -> str:
        """Render what went wrong, in the same words as the terminal."""
        return self._render("bad", "Not connected", _text(error.what), error.what_to_do)

    def stopped(self) -> str:
        """Render that the command ended before the sign-in did."""
        return self._render("bad", "Not connected", "The command was stopped before the sign-in was complete.", "")

    def stray(self) -> str:
        """Render that an answer belongs to another sign-in, an older tab perhaps."""
        text = "This page belongs to another attempt than the one that is under way."
        return self._render("note", "Not this one", text, "Open the newest address from the terminal.")

    def unfinished(self) -> str:
        """Render that the outcome is not known yet."""
        return self._render("note", "Almost there", "Google has answered; the command is still at work.", "")

    def _render(self, mood: str, title: str, text: str, hint: str) -> str:
        colour = self.colour if _HEX.fullmatch(self.colour) else DEFAULT_COLOUR
        return _template().substitute(
            mood=mood,
            mark=_MARKS[mood],
            title=title,
            text=text,
            hint=f'<p class="hint">{_COMMAND.sub(_as_code, _text(hint))}</p>' if hint else "",
            support=f"<p>Questions? {_text(self.support)}</p>" if self.support else "",
            product=_text(self.product),
            initial=_text(self.product.strip()[:1].upper() or "c"),
            colour=colour,
            icon_colour=colour.replace("#", "%23"),
            on_colour=readable_on(colour),
        )


@cache
def _template() -> Template:
    return Template(files("calsyncctl.google").joinpath("pages/result.html").read_text(encoding="utf-8"))


def _text(value: str) -> str:
    return html.escape(value, quote=True)


def _as_code(found: re.Match[str]) -> str:
    words = " ".join(f"<span>{word}</span>" for word in found[0].split())
    return f"<code>{words}</code>"

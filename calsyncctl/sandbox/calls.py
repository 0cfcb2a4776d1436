"""One request to the sandbox and its answer, the same whether it came alone or as a part of a batch."""

from __future__ import annotations

import gzip
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

import msgspec

from calsyncctl.sandbox.refusals import Json, refuse
from calsyncctl.sandbox.shapes import check_types
from calsyncctl.sandbox.state import Account, World

if TYPE_CHECKING:
    from calsyncctl.sandbox.masks import Mask

NO_STORE = "no-cache, no-store, max-age=0, must-revalidate"
PRIVATE = "private, max-age=0, must-revalidate, no-transform"


@dataclass(slots=True)
class Answer:
    """Status, body and headers; `content` wins over `body` when the bytes are ready already."""

    status: int = 200
    body: Json | None = None
    content: bytes | None = None
    headers: dict[str, str] = field(default_factory=dict)
    zipped: bytes | None = None
    indent: int = 0
    """How far `body` is indented: Calendar by one space, the sign-in endpoints by two."""

    def encoded(self) -> bytes:
        """Return the body's bytes, empty without one."""
        if self.content is not None:
            return self.content
        if self.zipped is not None:
            self.content = gzip.decompress(self.zipped)
            return self.content
        return b"" if self.body is None else indented(msgspec.json.encode(self.body), self.indent)


@dataclass(slots=True)
class Call:
    """A Calendar request after routing and authentication."""

    world: World
    account: Account
    verb: str = "GET"
    method: str = ""
    """Google's name of the method, such as `events.list`."""
    params: dict[str, str] = field(default_factory=dict)
    query: list[tuple[str, str]] = field(default_factory=list)
    headers: Mapping[str, str] = field(default_factory=dict)
    content: bytes = b""
    scopes: frozenset[str] = frozenset()
    client_id: str = ""
    part: bool = False
    """Whether it came in a batch."""
    mask: Mask | None = None
    """The compiled `fields` parameter."""
    root: str = "https://www.googleapis.com"
    _values: dict[str, list[str]] = field(init=False)
    """What stands in `query`, by name: a listing asks thirty times."""

    def __post_init__(self) -> None:
        self._values = {}
        for name, value in self.query:
            self._values.setdefault(name, []).append(value)

    def arg(self, name: str, default: str = "") -> str:
        """Return the last value of a query parameter."""
        return self._values[name][-1] if name in self._values else default

    def args(self, name: str) -> list[str]:
        """Return every value of a repeatable query parameter."""
        return self._values.get(name, [])

    def flag(self, name: str) -> bool:
        """Return a boolean query parameter, false by default."""
        return self.arg(name).lower() == "true"

    @property
    def indent(self) -> int:
        """How far the answer is indented: by one space, unless `prettyPrint=false`."""
        return 0 if self.arg("prettyPrint").lower() in ("false", "0") else 1

    def number(self, name: str, default: int, most: int) -> int:
        """Return a positive number, cut to the most that Google serves; 400 for anything else."""
        text = self.arg(name)
        if not text:
            return default
        if not (text.isascii() and text.isdigit()) or int(text) < 1:
            message = f"Invalid value '{text}'. Values must be within the range: [1, {most}]"
            raise refuse("invalidParameter", message, location=name)
        return min(int(text), most)

    def json(self) -> Json:
        """Return the body; 400 `parseError` when it is no JSON object."""
        if not self.content:
            return {}
        try:
            body: Any = msgspec.json.decode(self.content)
        except (msgspec.DecodeError, UnicodeDecodeError):
            raise refuse("parseError") from None
        if not isinstance(body, dict):
            raise refuse("parseError")
        check_types(body)
        return body


def indented(content: bytes, by: int) -> bytes:
    """Return JSON indented as Google does it, with a line end; by nothing = as it is."""
    return msgspec.json.format(content, indent=by) + b"\n" if by else content


def query_pairs(text: str) -> list[tuple[str, str]]:
    """Split a query string, empty values kept."""
    return parse_qsl(text, keep_blank_values=True)


def single(body: Json, etag: str) -> Answer:
    """Answer one resource with its ETag header."""
    return Answer(body=body, headers={"ETag": etag, "Cache-Control": NO_STORE})

"""The batch endpoint: many calls in one multipart request, each with its own status.

Source: workspace/calendar/api/guides/batch, and what googleapiclient.http.BatchHttpRequest sends and expects.
"""

from __future__ import annotations

import re
import secrets
from dataclasses import dataclass
from http import HTTPStatus
from urllib.parse import urlsplit

from multidict import CIMultiDict

from calsyncctl.sandbox.calls import Answer
from calsyncctl.sandbox.refusals import refuse
from calsyncctl.sandbox.router import Incoming, Outcome, dispatch
from calsyncctl.sandbox.service import Service

BOUNDARY = re.compile(r'boundary="?([^";]+)"?', re.IGNORECASE)
BLANK_LINE = re.compile(rb"\r?\n\r?\n")
MOST_CALLS = 1000


@dataclass(slots=True)
class Part:
    """One call of a batch."""

    content_id: str
    incoming: Incoming


def run_batch(service: Service, outer: Incoming) -> Answer:
    """Answer every part; the outer status is 200 whatever the parts say."""
    parts = read_parts(outer)
    if len(parts) > MOST_CALLS:
        raise refuse("badRequest", f"The batch request contains {len(parts)} calls, more than {MOST_CALLS}.")
    outcomes = _carry_out(service, parts)
    boundary = f"batch_{secrets.token_urlsafe(24)}"
    pieces = [_write_part(boundary, part, outcome.answer) for part, outcome in zip(parts, outcomes, strict=True)]
    content = b"".join(pieces) + f"--{boundary}--\r\n".encode()
    return Answer(content=content, headers={"Content-Type": f"multipart/mixed; boundary={boundary}"})


def _carry_out(service: Service, parts: list[Part]) -> list[Outcome]:
    """Run every part, in whichever order; the outcomes stand in the order of the request."""
    settings = service.world.settings
    outcomes: dict[int, Outcome] = {}
    written: set[str] = set()
    order = range(len(parts) - 1, -1, -1) if settings.batch_reversed else range(len(parts))
    for number in order:
        incoming = parts[number].incoming
        writes = incoming.verb in ("PUT", "PATCH", "DELETE")
        if settings.batch_conflicts and writes and incoming.path in written:
            outcomes[number] = Outcome(Answer(409, content=refuse("conflict").content()))
            continue
        if writes:
            written.add(incoming.path)
        outcomes[number] = dispatch(service, incoming)
    return [outcomes[number] for number in range(len(parts))]


def read_parts(outer: Incoming) -> list[Part]:
    """Take a multipart body apart; 400 when it is malformed."""
    match = BOUNDARY.search(outer.headers.get("Content-Type", ""))
    if not match:
        raise refuse("badRequest", "Missing or malformed multipart boundary.")
    marker = b"--" + match.group(1).encode()
    chunks = re.split(rb"(?:^|\r?\n)" + re.escape(marker), outer.content)
    parts = [_read_part(chunk.lstrip(b"\r\n"), outer) for chunk in chunks[1:] if not chunk.startswith(b"--")]
    if not parts:
        raise refuse("badRequest", "The batch request contains no calls.")
    return parts


def _read_part(chunk: bytes, outer: Incoming) -> Part:
    head, _, inner = _cut(chunk)
    top, _, content = _cut(inner)
    line, _, rest = top.partition("\n")
    words = line.split()
    if len(words) < 2:
        raise refuse("badRequest", "Failed to parse batch request.")
    target = urlsplit(words[1])
    headers = CIMultiDict((name, value) for name, value in outer.headers.items() if not _is_content(name))
    headers.update(_headers(rest))
    inner_call = Incoming(words[0].upper(), target.path, target.query, headers, content.rstrip(b"\r\n"), part=True)
    return Part(_headers(head).get("Content-ID", ""), inner_call)


def _cut(chunk: bytes) -> tuple[str, bytes, bytes]:
    found = BLANK_LINE.search(chunk)
    if not found:
        return chunk.decode(errors="replace"), b"", b""
    return chunk[: found.start()].decode(errors="replace"), found.group(), chunk[found.end() :]


def _headers(text: str) -> CIMultiDict[str]:
    pairs = (line.partition(":") for line in text.splitlines() if ":" in line)
    return CIMultiDict((name.strip(), value.strip()) for name, _, value in pairs)


def _is_content(name: str) -> bool:
    return name.lower().startswith("content-") or name.lower() == "accept-encoding"


def _write_part(boundary: str, part: Part, answer: Answer) -> bytes:
    lines = [f"--{boundary}", "Content-Type: application/http"]
    if part.content_id:
        lines.append(f"Content-ID: {_response_id(part.content_id)}")
    phrase = HTTPStatus(answer.status).phrase
    content = answer.encoded()
    headers = {**answer.headers, "Content-Length": str(len(content))}
    if content:
        headers.setdefault("Content-Type", "application/json; charset=UTF-8")
    lines += [
        "",
        f"HTTP/1.1 {answer.status} {phrase}",
        *(f"{name}: {value}" for name, value in headers.items()),
        "",
        "",
    ]
    return "\r\n".join(lines).encode() + content + b"\r\n"


def _response_id(content_id: str) -> str:
    return f"<response-{content_id[1:]}" if content_id.startswith("<") else f"response-{content_id}"

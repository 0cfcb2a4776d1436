"""Many calls in one request, in Google's multipart form: an answer 200 says nothing about its parts.

The library writes and reads the form. Of reads it also sends those parts again, with a new token, that were answered
401; writes are never left to that, since it forgets every answer it has when the second request fails. Every other
status of a part is looked at here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from typing import Any, Final

from googleapiclient.errors import BatchError, HttpError

from calsyncctl.errors import CalsyncError, Gone, Later, Unknown
from calsyncctl.google.answers import About
from calsyncctl.google.client import Client
from calsyncctl.google.transport import Http

SIZE: Final = 50
"""Parts in one request: Google takes 1000, its older pages and good manners say 50."""

Parts = dict[str, bytes | HttpError]


def read_many(
    client: Client, new_batch: Callable[[], Any], requests: Mapping[str, Any], about: About
) -> dict[str, bytes | None]:
    """Execute at most `SIZE` reads as one batch; None for those answered 404 or 410.

    `new_batch` makes an empty BatchHttpRequest at the right address. Parts that failed in passing are sent once more.

    Raises:
        CalsyncError: what a part failed with, if it is neither of these.
    """
    found: dict[str, bytes | None] = {}
    left = dict(requests)
    for tried in (1, 2):
        parts = client.read(_sender(new_batch, left), about)
        trouble = _sort(client, parts, found, about)
        left = {name: request for name, request in left.items() if name not in found}
        if trouble is None:
            return found
        if tried == 2:
            raise trouble
        client.pause(tried, trouble)
    return found


def _sender(new_batch: Callable[[], Any], requests: Mapping[str, Any]) -> Callable[[Http], Parts]:
    def send(http: Http) -> Parts:
        parts: Parts = {}

        def keep(name: str, content: bytes | None, error: HttpError | None) -> None:
            parts[name] = error if error is not None else content or b""

        batch = new_batch()
        for name, request in requests.items():
            batch.add(request, callback=keep, request_id=name)
        try:
            batch.execute(http=http)
        except (BatchError, KeyError, TypeError, ValueError):
            # A part is missing, or the form is broken: the library has no single error for that.
            raise Later("Google's answer to a batch of reads could not be taken apart.") from None
        return parts

    return send


def _sort(client: Client, parts: Parts, found: dict[str, bytes | None], about: About) -> Later | None:
    """Put what is settled into `found`; return the passing trouble of one of the others, if there is any."""
    trouble: Later | None = None
    for name, part in parts.items():
        if not isinstance(part, HttpError):
            found[name] = part
            continue
        error = client.name(part.resp.status, part.resp, part.content, about)
        if isinstance(error, Gone):
            found[name] = None
        elif isinstance(error, Later):
            trouble = error
        else:
            raise error
    return trouble


def write_many(
    client: Client, new_batch: Callable[[], Any], requests: Sequence[Any], about: About
) -> list[bytes | CalsyncError]:
    """Execute at most `SIZE` writes as one batch; return each one's answer, or what it failed with, in order.

    A part without an answer, or with one that says nothing, is `Unknown`. Only parts answered 401, which changed
    nothing, are sent again: once, with a new token.
    """
    parts = _write_once(client, new_batch, requests, about)
    again = [number for number, part in enumerate(parts) if isinstance(part, HttpError) and part.resp.status == 401]
    if again:
        try:
            client.renew()
            renewed = _write_once(client, new_batch, [requests[number] for number in again], about)
        except CalsyncError as error:
            renewed = [error] * len(again)
        for number, part in zip(again, renewed, strict=True):
            parts[number] = part
    return [
        client.name(part.resp.status, part.resp, part.content, about) if isinstance(part, HttpError) else part
        for part in parts
    ]


def _write_once(
    client: Client, new_batch: Callable[[], Any], requests: Sequence[Any], about: About
) -> list[bytes | HttpError | CalsyncError]:
    """Send a batch of writes once. Raises what failed before it left, or what the batch as a whole was refused with."""
    parts: dict[str, tuple[Any, bytes]] = {}

    def send(http: Http) -> None:
        batch = new_batch()
        for number, request in enumerate(requests):
            batch.add(request, request_id=str(number))
        # An answer cut short, or not in the form: what was read so far counts.
        with suppress(BatchError, AttributeError, IndexError, KeyError, TypeError, ValueError):
            batch._execute(http, batch._order, batch._requests)  # `execute` would go on to repeat parts
        parts.update(batch._responses)

    try:
        client.write(send, about)
    except Unknown as error:
        return [error] * len(requests)
    return [_part(parts.get(str(number)), about) for number in range(len(requests))]


def _part(part: tuple[Any, bytes] | None, about: About) -> bytes | HttpError | Unknown:
    if part is None:
        return Unknown(f"Google's answer to a write on {about.thing} of {about.email} did not come.")
    response, content = part
    return content if 200 <= response.status < 300 else HttpError(response, content)

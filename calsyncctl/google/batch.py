"""Many reads in one request, in Google's multipart form: an answer 200 says nothing about its parts.

The library writes and reads the form and renews the token for parts answered 401; every other status of a part is
looked at here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from googleapiclient.errors import BatchError, HttpError

from calsyncctl.errors import Gone, Later
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

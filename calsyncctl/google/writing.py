"""Writes of one account: encoded, sent alone or in batches, and each one's outcome told; nothing is sent twice."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable
from typing import Any, Final

from calsyncctl.errors import CalsyncError, Gone, Invalid, Later, Outdated, Unknown
from calsyncctl.google.answers import About
from calsyncctl.google.batch import SIZE, write_many
from calsyncctl.google.client import Client
from calsyncctl.google.decode import decode_event
from calsyncctl.google.encode import BRAND, insert_body, patch_body, query_of, shape_of
from calsyncctl.google.transport import Http
from calsyncctl.sync.provider import Answer, Delete, Insert, OddItem, Write

_WRITER: Final = "writer"
_log = logging.getLogger(__name__)


class Writer:
    """Sends an account's writes. `events` is the library's resource, `new_batch` makes an empty batch.

    `brand` is the `managed_by` mark that events made here carry.
    """

    def __init__(self, client: Client, events: Any, new_batch: Callable[[], Any], brand: str = BRAND) -> None:
        self._client = client
        self._events = events
        self._new_batch = new_batch
        self._brand = brand

    def write(self, calendar: str, writes: tuple[Write, ...], zone: str | None) -> list[Answer]:
        """Send writes and return their answers in order. `zone` is the calendar's, if it is known.

        After a request that failed as a whole, what is left is not sent: its answers say so.
        """
        about = About(self._client.email, f"the calendar {calendar}", writing=True)
        answers: list[Answer] = []
        size = min(SIZE, self._client.most_parts)
        while len(answers) < len(writes):
            some = writes[len(answers) : len(answers) + size]
            requests = [self._request(calendar, write) for write in some]
            try:
                results = self._send(requests, about)
            except CalsyncError as error:
                answers += [Answer(error=error)] * len(some)
                answers += [Answer(error=_unsent(error))] * (len(writes) - len(answers))
                break
            _log_shapes(requests, results)
            answers += [_answer(write, result, zone) for write, result in zip(some, results, strict=True)]
            if all(isinstance(answer.error, Unknown) for answer in answers[-len(some) :]):
                answers += [Answer(error=_unsent(results[-1]))] * (len(writes) - len(answers))
        return answers

    def _send(self, requests: list[Any], about: About) -> list[bytes | CalsyncError]:
        if len(requests) > 1:
            return write_many(self._client, self._new_batch, requests, about)

        def execute(http: Http) -> bytes:
            content: bytes = requests[0].execute(http=http, num_retries=0)
            return content

        try:
            return [self._client.write(execute, about)]
        except CalsyncError as error:
            return [error]

    def _request(self, calendar: str, write: Write) -> Any:
        if isinstance(write, Insert):
            body = insert_body(write, self._brand)
            return self._events.insert(calendarId=calendar, body=body, **query_of(write, body))
        if isinstance(write, Delete):
            request = self._events.delete(calendarId=calendar, eventId=write.google_id, **query_of(write))
        else:
            body = patch_body(write, self._brand)
            request = self._events.patch(
                calendarId=calendar, eventId=write.google_id, body=body, **query_of(write, body)
            )
        if write.etag is not None:
            request.headers["If-Match"] = write.etag
        return request


def _log_shapes(requests: list[Any], results: list[bytes | CalsyncError]) -> None:
    """Note what the writes were made of that Google did not accept: no other trace of them is left."""
    for request, result in zip(requests, results, strict=True):
        if isinstance(result, Invalid):
            shape = shape_of(json.loads(request.body or "{}"))
            _log.warning("Google did not accept %s %s", request.methodId, json.dumps(shape))


def _answer(write: Write, result: bytes | CalsyncError, zone: str | None) -> Answer:
    """Read what came for a write."""
    if isinstance(result, CalsyncError):
        return Answer(error=_meant(write, result))
    if isinstance(write, Delete):
        return Answer()
    content = write.content if isinstance(write, Insert) else write.after
    # The zone is for times that name none, and ours name theirs: not worth asking for.
    event = decode_event(result, zone or content.when.zone or "UTC", _WRITER)
    if isinstance(event, OddItem):
        return Answer(error=Unknown(f"Google's answer to a write of {write.google_id} could not be read: {event.why}."))
    return Answer(event=event)


def _meant(write: Write, error: CalsyncError) -> CalsyncError:
    """Correct an error that means something else for this write."""
    unconditional = isinstance(write, Insert) or write.etag is None
    if isinstance(error, Outdated) and unconditional:
        # Seen in passing on writes that name no etag (reference of Google's errors: "Precondition check failed").
        return Later("Google was busy with this event.", scope="calendar")
    return error


def _unsent(error: object) -> CalsyncError:
    """Name the failure of writes that were not sent because a request before them failed."""
    if isinstance(error, Unknown):
        return Later(error.what, error.what_to_do, retry_after=error.retry_after, scope=error.scope)
    return error if isinstance(error, CalsyncError) else Later("It was not sent.")


def found_nothing(write: Write, answer: Answer) -> bool:
    """Tell whether a deletion found nothing to delete: as good as done, if the calendar itself is there."""
    return isinstance(write, Delete) and isinstance(answer.error, Gone)

"""Opening and stopping push channels. There is no method that lists them, and none that makes one live longer.

https://developers.google.com/workspace/calendar/api/guides/push
"""

from __future__ import annotations

from typing import Any, Final

import msgspec

from calsyncctl.errors import ConfigFault, Gone, Invalid, Later, Refused
from calsyncctl.google.answers import About
from calsyncctl.google.client import Client
from calsyncctl.google.discovery import resource_of
from calsyncctl.google.transport import Http
from calsyncctl.model.channel import LIFETIME, Opened

_TELLS_NOTHING: Final = "pushNotSupportedForRequestedResource"
_OF_THE_ADDRESS: Final = "push."
"""What the reasons begin with that are about the receiver's address."""


class _Shown(msgspec.Struct, rename="camel"):
    """Google's Channel, as far as it is needed; the end is milliseconds in a string."""

    resource_id: str
    expiration: str = "0"


_decode = msgspec.json.Decoder(_Shown).decode


class Channels:
    """One account's channels."""

    def __init__(self, client: Client, service: Any) -> None:
        self._client = client
        self._service = service

    def open(self, calendar: str | None, channel_id: str, token: str, address: str) -> Opened | None:
        """Ask to be told of a calendar, or of the list; None: Google tells nothing of this one.

        Raises:
            ConfigFault: Google does not take the address.
            Unknown: it may be open; its messages bear an id that nobody knows, and it ends by itself.
        """
        body = {
            "id": channel_id,
            "type": "web_hook",
            "address": address,
            "token": token,
            "params": {"ttl": str(LIFETIME)},
        }
        if calendar is None:
            request = resource_of(self._service, "calendarList").watch(body=body)
        else:
            request = resource_of(self._service, "events").watch(calendarId=calendar, body=body)
        thing = "the list of calendars" if calendar is None else f"the calendar {calendar}"
        try:
            answer = self._send(request, thing)
        except Invalid as error:
            if error.reason == _TELLS_NOTHING:
                return None
            if error.reason.startswith(_OF_THE_ADDRESS):
                raise ConfigFault(
                    f"Google does not send messages to {address} ({error.reason}).",
                    "Check daemon.public_url: it needs https with a certificate that everybody trusts.",
                ) from error
            raise
        return _opened(answer)

    def stop(self, channel_id: str, resource_id: str) -> None:
        """Stop a channel; one that is not there (any more) is stopped.

        One that is not ours to stop, as of a Google app that was exchanged since, ends by itself: its messages are
        strays, and asking for it again would change nothing.
        """
        body = {"id": channel_id, "resourceId": resource_id}
        try:
            self._send(resource_of(self._service, "channels").stop(body=body), "a push channel")
        except (Gone, Refused, Invalid):
            return

    def _send(self, request: Any, thing: str) -> bytes:
        def execute(http: Http) -> bytes:
            content: bytes = request.execute(http=http, num_retries=0)
            return content

        return self._client.write(execute, About(self._client.email, thing, writing=True))


def _opened(answer: bytes) -> Opened:
    try:
        shown = _decode(answer)
        return Opened(shown.resource_id, int(shown.expiration) // 1000)
    except (msgspec.DecodeError, ValueError) as error:
        raise Later("Google's answer to a watch could not be read.") from error

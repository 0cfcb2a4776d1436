"""The Calendar API as Google's own document describes it: the bundled copy, aimed at our address, no network.

Built by `build_from_document` with `rootUrl` set, in tests and in production alike: the client's endpoint option
would move single calls but leave batches going to Google.
"""

from __future__ import annotations

import json
from functools import lru_cache
from typing import Any, Final, NoReturn

from googleapiclient.discovery import build_from_document  # type: ignore[attr-defined]  # missing in its stubs
from googleapiclient.discovery_cache import get_static_doc
from googleapiclient.model import JsonModel

from calsyncctl.errors import Installation

API_ROOT: Final = "https://www.googleapis.com"


class BytesModel(JsonModel):
    """Hands an answer's body on as it came: `decode.py` reads it, several times faster than `json`."""

    def deserialize(self, content: bytes) -> bytes:  # type: ignore[override]  # the stubs have None, of the base
        """Return the body."""
        return content

    @property
    def no_content_response(self) -> bytes:
        """Return the body of a 204: nothing."""
        return b""


class _NoHttp:
    """Stands where a transport would: a request executed past `client.py` fails instead of leaving unsigned."""

    def request(self, *args: object, **keywords: object) -> NoReturn:
        """Refuse."""
        raise AssertionError("requests are executed by google/client.py alone")


@lru_cache(maxsize=8)
def calendar_service(api_root: str = API_ROOT) -> Any:
    """Return the Calendar v3 service, one for all accounts and threads: it has no transport and keeps nothing."""
    return build_from_document(_document(api_root.rstrip("/")), http=_NoHttp(), model=BytesModel())


@lru_cache(maxsize=16)
def resource_of(service: Any, name: str) -> Any:
    """Return one of its resources, such as `events`; made once, since each costs milliseconds and half a megabyte."""
    return getattr(service, name)()


@lru_cache(maxsize=8)
def _document(root: str) -> dict[str, Any]:
    text = get_static_doc("calendar", "v3")
    if text is None:
        raise Installation(
            "The description of the Calendar API is missing from google-api-python-client.",
            "Install that package again, whole.",
        )
    document: dict[str, Any] = json.loads(text)
    document["rootUrl"] = f"{root}/"
    document["baseUrl"] = f"{root}/{document['servicePath']}"
    document.pop("mtlsRootUrl", None)  # else an environment variable could move the address back to Google
    return document

"""Google's description of Calendar v3 with the sandbox's addresses in it, for clients that ask for it at run time."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path
from urllib.parse import unquote

import msgspec

from calsyncctl.sandbox.calls import Answer
from calsyncctl.sandbox.refusals import Json, refuse

PATHS = ("/discovery/v1/apis/calendar/v3/rest", "/$discovery/rest")


def asks_for_discovery(path: str) -> bool:
    """Tell whether a path is one of those where Google keeps the document."""
    return unquote(path) in PATHS


def discovery_document(root: str) -> Answer:
    """Answer the document that comes with google-api-python-client; 404 where that is not installed."""
    package = find_spec("googleapiclient")
    folders = package.submodule_search_locations if package else None
    file = Path(next(iter(folders or ["."]))) / "discovery_cache" / "documents" / "calendar.v3.json"
    if not file.exists():
        return Answer(404, content=refuse("notFound").content())
    document: Json = msgspec.json.decode(file.read_bytes())
    places = {"rootUrl": f"{root}/", "baseUrl": f"{root}/calendar/v3/", "basePath": "/calendar/v3/"}
    return Answer(body={**document, **places, "mtlsRootUrl": f"{root}/"})

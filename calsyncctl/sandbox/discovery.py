"""Google's description of Calendar v3, as it comes with google-api-python-client.

It is served with the sandbox's own addresses for clients that ask for it at run time, and it tells which fields a
`fields` mask may name. Where the library is not installed the sandbox does without both.
"""

from __future__ import annotations

from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import unquote

import msgspec

from calsyncctl.sandbox.calls import Answer
from calsyncctl.sandbox.masks import Mask, parse_mask
from calsyncctl.sandbox.refusals import Json, refuse

PATHS = ("/discovery/v1/apis/calendar/v3/rest", "/$discovery/rest")


def asks_for_discovery(path: str) -> bool:
    """Tell whether a path is one of those where Google keeps the document."""
    return unquote(path) in PATHS


@lru_cache(maxsize=1)
def document() -> Json:
    """Return the document, empty where the library is not installed."""
    package = find_spec("googleapiclient")
    folders = package.submodule_search_locations if package else None
    file = Path(next(iter(folders or ["."]))) / "discovery_cache" / "documents" / "calendar.v3.json"
    return dict(msgspec.json.decode(file.read_bytes())) if file.exists() else {}


def discovery_document(root: str) -> Answer:
    """Answer the document with this server's addresses; 404 where there is none."""
    if not document():
        return Answer(404, content=refuse("notFound").content())
    places = {"rootUrl": f"{root}/", "baseUrl": f"{root}/calendar/v3/", "basePath": "/calendar/v3/"}
    return Answer(body={**document(), **places, "mtlsRootUrl": f"{root}/"})


@lru_cache(maxsize=256)
def mask_for(method: str, text: str) -> Mask:
    """Compile the `fields` of a method; 400 `invalidParameter` for a malformed one or a field it does not have."""
    mask = parse_mask(text)
    group, _, name = method.partition(".")
    described = document().get("resources", {}).get(group, {}).get("methods", {}).get(name, {})
    if "response" in described:
        _check(mask, {"$ref": described["response"]["$ref"]})
    return mask


def _check(mask: Mask, schema: Json) -> None:
    if "$ref" in schema:
        schema = document()["schemas"][schema["$ref"]]
    if "items" in schema:
        _check(mask, schema["items"])
        return
    for name, inner in mask.children.items():
        below = schema.get("properties", {}).get(name) or schema.get("additionalProperties")
        if name != "*" and below is None:
            raise refuse("invalidParameter", f"Invalid field selection {name}", location="fields")
        if below is not None:
            _check(inner, below)

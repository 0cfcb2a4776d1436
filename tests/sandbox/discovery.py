"""Google's own description of Calendar v3, as shipped inside google-api-python-client: what an answer may look like."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any, cast
from urllib.parse import unquote

import googleapiclient
from jsonschema import Draft7Validator, FormatChecker

Json = dict[str, Any]
CHECKER = FormatChecker(formats=())


def _is_date_time(value: object) -> bool:
    return not isinstance(value, str) or datetime.fromisoformat(value).tzinfo is not None


def _is_date(value: object) -> bool:
    return not isinstance(value, str) or bool(date.fromisoformat(value))


CHECKER.checks("date-time", raises=ValueError)(_is_date_time)
CHECKER.checks("date", raises=ValueError)(_is_date)


@lru_cache(maxsize=1)
def document() -> Json:
    """Return the discovery document."""
    folder = Path(googleapiclient.__file__).parent / "discovery_cache" / "documents"
    return cast(Json, json.loads((folder / "calendar.v3.json").read_text()))


@lru_cache(maxsize=1)
def methods() -> dict[str, Json]:
    """Return every method by its short name, such as `events.list`."""
    return dict(_walk(document()))


def _walk(node: Json) -> Iterator[tuple[str, Json]]:
    for method in node.get("methods", {}).values():
        yield method["id"].removeprefix("calendar."), method
    for inner in node.get("resources", {}).values():
        yield from _walk(inner)


def method_of(verb: str, path: str) -> str:
    """Return the method that a request below /calendar/v3/ calls."""
    have = [unquote(part) for part in path.split("/")]
    for name, method in methods().items():
        want = method["path"].split("/")
        same = len(want) == len(have) and all(w == h or w.startswith("{") for w, h in zip(want, have, strict=True))
        if same and method["httpMethod"] == verb and not (name.endswith(".get") and have[-1] in ("watch", "import")):
            return name
    raise LookupError(f"{verb} {path}")


@lru_cache(maxsize=1)
def definitions() -> Json:
    """Return the schemas as JSON Schema, strict: no field that Google does not describe."""
    return {name: _strict(schema) for name, schema in document()["schemas"].items()}


def _strict(node: Json) -> Json:
    """Turn one schema of the document into JSON Schema."""
    if "$ref" in node:
        return {"$ref": f"#/definitions/{node['$ref']}"}
    made: Json = {key: node[key] for key in ("type", "format", "enum") if key in node and node[key] != "any"}
    if "items" in node:
        made["items"] = _strict(node["items"])
    if "additionalProperties" in node:
        made["additionalProperties"] = _strict(node["additionalProperties"])
    if "properties" in node:
        made["properties"] = {name: _strict(one) for name, one in node["properties"].items()}
        made.setdefault("additionalProperties", False)
    return made


def check(method: str, body: Json) -> None:
    """Assert that a 2xx body is what the document says the method answers, kind and required fields included."""
    schema = methods()[method]["response"]["$ref"]
    validator = Draft7Validator(
        {"$ref": f"#/definitions/{schema}", "definitions": definitions()}, format_checker=CHECKER
    )
    problems = [f"{list(one.absolute_path)}: {one.message[:300]}" for one in validator.iter_errors(body)]
    assert problems == [], f"{method}: {problems[:5]}"
    kind = document()["schemas"][schema]["properties"].get("kind", {}).get("default")
    assert body.get("kind") == kind, (method, body.get("kind"))

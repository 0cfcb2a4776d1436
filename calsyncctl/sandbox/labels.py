"""Labels: a calendar's own list of them, and the one that an event carries (`eventLabelVersion=1`).

Source: the discovery document, `LabelProperties`, `eventLabelId` and the parameter `eventLabelVersion`.
"""

from __future__ import annotations

from calsyncctl.sandbox.calls import Call
from calsyncctl.sandbox.refusals import Json, refuse
from calsyncctl.sandbox.state import Calendar, digest

MOST_LABELS = 200
MOST_NAME = 50


def read(sent: Json) -> list[Json] | None:
    """Return the labels that a calendar is given; None when its labels remain as they are."""
    wanted = sent.get("labelProperties")
    if not isinstance(wanted, dict) or not isinstance(wanted.get("eventLabels"), list):
        return None
    found = wanted["eventLabels"]
    if len(found) > MOST_LABELS or not all(isinstance(one, dict) for one in found):
        raise refuse("invalid", "Invalid value for: eventLabels")
    made = [_label(one, number) for number, one in enumerate(found)]
    if len({one["id"] for one in made}) < len(made):
        raise refuse("invalid", "Invalid value for: eventLabels")
    return made


def _label(sent: Json, number: int) -> Json:
    name, color = str(sent.get("name") or ""), sent.get("backgroundColor")
    if not color or len(name) > MOST_NAME:
        raise refuse("required" if not color else "invalid", "Invalid value for: eventLabels")
    label: Json = {"id": str(sent.get("id") or _uuid(name, color, number)), "backgroundColor": str(color)}
    return {**label, "name": name} if name else label


def _uuid(*parts: object) -> str:
    letters = digest("label", *parts).translate(str.maketrans("ghijklmnopqrstuv", "0123456789abcdef")).ljust(32, "0")
    return "-".join((letters[:8], letters[8:12], letters[12:16], letters[16:20], letters[20:32]))


def put(call: Call, calendar: Calendar, body: Json, sent: Json, stored: Json) -> None:
    """Take a write's label: version 0 leaves it as it is; version 1 sets or removes it, and leaves colorId alone."""
    kept = stored.get("eventLabelId")
    if call.arg("eventLabelVersion") == "1":
        kept = sent.get("eventLabelId")
        body.pop("colorId", None)
        body |= {"colorId": stored["colorId"]} if "colorId" in stored else {}
    if kept and kept != stored.get("eventLabelId") and kept not in {one["id"] for one in calendar.labels}:
        raise refuse("invalid", "Invalid value for: eventLabelId")
    if kept:
        body["eventLabelId"] = kept

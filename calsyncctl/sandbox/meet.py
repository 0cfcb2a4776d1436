"""Google Meet links: asked for with `conferenceData.createRequest`, `pending` at first, `success` on a later read."""

from __future__ import annotations

from calsyncctl.sandbox.calls import Call
from calsyncctl.sandbox.refusals import Json
from calsyncctl.sandbox.state import Calendar, Event, World, digest

SOLUTION = {"key": {"type": "hangoutsMeet"}, "name": "Google Meet"}


def ask_for_meet(call: Call, body: Json, sent: Json) -> None:
    """Take `conferenceData` of a write: ignored below conferenceDataVersion 1, null drops the link."""
    if call.arg("conferenceDataVersion") != "1" or "conferenceData" not in sent:
        return
    wanted = sent["conferenceData"]
    if not wanted:
        body.pop("conferenceData", None)
        body.pop("hangoutLink", None)
        return
    request = wanted.get("createRequest")
    known = body.get("conferenceData", {}).get("createRequest", {})
    if not request or not request.get("requestId") or request["requestId"] == known.get("requestId"):
        return
    body["conferenceData"] = {
        "createRequest": {
            "requestId": request["requestId"],
            "conferenceSolutionKey": {"type": "hangoutsMeet"},
            "status": {"statusCode": "pending"},
        }
    }
    if call.world.settings.meet_pending_gets <= 0:
        _succeed(body)


def ripen(world: World, calendar: Calendar, event: Event) -> None:
    """Count a read of a pending Meet; after enough of them it is there."""
    status = event.body.get("conferenceData", {}).get("createRequest", {}).get("status", {})
    if status.get("statusCode") != "pending":
        return
    event.meet_reads += 1
    if event.meet_reads > world.settings.meet_pending_gets:
        event.meet_reads = 0
        _succeed(event.body)
        world.touch(calendar, event)


def _succeed(body: Json) -> None:
    request = body["conferenceData"]["createRequest"]
    letters = digest("meet", request["requestId"], length=10).translate(str.maketrans("0123456789", "wxyzabcdef"))
    code = f"{letters[:3]}-{letters[3:7]}-{letters[7:]}"
    request["status"] = {"statusCode": "success"}
    uri = f"https://meet.google.com/{code}"
    body["conferenceData"] |= {
        "entryPoints": [{"entryPointType": "video", "uri": uri, "label": f"meet.google.com/{code}"}],
        "conferenceSolution": SOLUTION,
        "conferenceId": code,
    }
    body["hangoutLink"] = uri

"""Remarks on requests that Google would take but that lose or double events sooner or later."""

from __future__ import annotations

from collections.abc import Mapping

from calsyncctl.sandbox.tokens import remembered

WRITES = ("events.patch", "events.update", "events.delete")
FIXED = ("singleEvents", "eventTypes")
LONGEST_USER = 40


def remarks(
    name: str, verb: str, pairs: list[tuple[str, str]], headers: Mapping[str, str], content: bytes
) -> list[str]:
    """Return what is suspicious about a request, nothing for a good one."""
    query = dict(pairs)
    found = []
    if name in WRITES and not headers.get("If-Match"):
        found.append("write without If-Match: it overwrites what others changed meanwhile")
    if name == "events.insert" and b'"id"' not in content:
        found.append("insert without a client id: repeating it after a lost answer doubles the event")
    if name == "events.update" and b'"attendees"' not in content:
        found.append("update without attendees: it clears the guest list")
    if "syncToken" in query and "updatedMin" in query:
        found.append("syncToken together with updatedMin")
    if name == "events.list" and _mixes(pairs, query.get("syncToken", "")):
        found.append("other parameters than those that the sync token was made with: undefined at Google")
    if name == "events.list" and "orderBy" in query and "singleEvents" not in query:
        found.append("orderBy in a listing that a sync token is expected of")
    if name == "events.list" and query.get("singleEvents") == "true" and not {"timeMax", "syncToken"} & set(query):
        found.append("singleEvents without timeMax: endless series are expanded")
    if len(query.get("quotaUser", "")) > LONGEST_USER:
        found.append("quotaUser longer than 40 characters")
    if name == "events.insert" and b'"recurringEventId"' in content:
        found.append("insert of an exception: patch the occurrence's own id")
    if verb in ("POST", "PATCH", "PUT") and name.startswith("events.") and "sendNotifications" in query:
        found.append("sendNotifications is deprecated: sendUpdates")
    return found


def _mixes(pairs: list[tuple[str, str]], token: str) -> bool:
    """Tell whether a listing's fixed parameters differ from those that its sync token remembers."""
    kept = remembered(token) if token else None
    if kept is None:
        return False
    return any([value for key, value in pairs if key == name] != kept.get(name, []) for name in FIXED)

"""acl: who may do what with a calendar. A change of somebody's role kills that account's sync tokens of it."""

from __future__ import annotations

from calsyncctl.sandbox.calls import Answer, Call, single
from calsyncctl.sandbox.refusals import Json, refuse
from calsyncctl.sandbox.state import ROLES, Calendar, digest


def list_rules(call: Call) -> Answer:
    """Answer every rule; only owners may look."""
    calendar = _owned(call)
    items = [_rule(calendar, email) for email in calendar.acl]
    return Answer(body={"kind": "calendar#acl", "etag": f'"{digest(str(calendar.acl), length=12)}"', "items": items})


def get(call: Call) -> Answer:
    """Answer one rule."""
    calendar = _owned(call)
    return _answer(calendar, _email(calendar, call.params["ruleId"]))


def insert(call: Call) -> Answer:
    """Share the calendar with somebody, or with everybody (`default`)."""
    calendar = _owned(call)
    sent = call.json()
    scope = sent.get("scope") or {}
    if sent.get("role") not in ROLES or scope.get("type") not in ("default", "user", "group", "domain"):
        raise refuse("required", "Missing role or scope.")
    email = "default" if scope["type"] == "default" else str(scope.get("value") or "").lower()
    _refuse_own(call, email)
    call.world.share(calendar, email, sent["role"])
    account = call.world.accounts.get(email)
    if account and sent["role"] != "none":
        call.world.subscribe(account, calendar)
    return _answer(calendar, email)


def write(call: Call) -> Answer:
    """Change a rule's role (patch and update)."""
    calendar = _owned(call)
    email = _email(calendar, call.params["ruleId"])
    role = call.json().get("role", calendar.acl[email])
    if role not in ROLES:
        raise refuse("invalid", "Invalid role.")
    _refuse_own(call, email)
    call.world.share(calendar, email, role)
    return _answer(calendar, email)


def delete(call: Call) -> Answer:
    """Withdraw a rule."""
    calendar = _owned(call)
    email = _email(calendar, call.params["ruleId"])
    _refuse_own(call, email)
    call.world.share(calendar, email, None)
    return Answer(204)


def _refuse_own(call: Call, email: str) -> None:
    """Refuse to change the caller's own role: nobody shuts themselves out."""
    if email == call.account.email:
        raise refuse("cannotChangeOwnAcl")


def _owned(call: Call) -> Calendar:
    return call.world.calendar(call.params["calendarId"], call.account.email, "owner")


def _email(calendar: Calendar, rule_id: str) -> str:
    email = "default" if rule_id == "default" else rule_id.partition(":")[2]
    if email not in calendar.acl:
        raise refuse("notFound")
    return email


def _rule(calendar: Calendar, email: str) -> Json:
    scope = {"type": "default"} if email == "default" else {"type": "user", "value": email}
    role = calendar.acl.get(email, "none")
    return {
        "kind": "calendar#aclRule",
        "etag": f'"{digest(calendar.id, email, role, length=12)}"',
        "id": "default" if email == "default" else f"user:{email}",
        "scope": scope,
        "role": role,
    }


def _answer(calendar: Calendar, email: str) -> Answer:
    rule = _rule(calendar, email)
    return single(rule, rule["etag"])

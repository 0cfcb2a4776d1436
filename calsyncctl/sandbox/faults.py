"""Faults by rule: which request goes wrong, how often, and how."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from calsyncctl.sandbox.calls import Answer
from calsyncctl.sandbox.refusals import A_REASONS, Json, Refusal, envelope_a, envelope_b, oauth_refusal, refuse

HTML_BODY = b"<!DOCTYPE html>\n<html lang=en><title>Error 502 (Server Error)!!1</title><p><b>502.</b> That's an error."
RPC_STATUS = {
    400: "INVALID_ARGUMENT",
    401: "UNAUTHENTICATED",
    403: "PERMISSION_DENIED",
    404: "NOT_FOUND",
    409: "ABORTED",
    429: "RESOURCE_EXHAUSTED",
    500: "INTERNAL",
    503: "UNAVAILABLE",
}


@dataclass(slots=True)
class Fault:
    """One rule. Empty or null conditions match everything; `count` 0 means for ever."""

    id: int = 0
    method: str | None = None
    """The HTTP verb."""
    path: str | None = None
    """A regular expression searched in the path, or a method's name such as `events.list` or `token`."""
    account: str | None = None
    skip: int = 0
    count: int = 1
    status: int | None = None
    reason: str | None = None
    message: str | None = None
    envelope: str = "A"
    """A, B, oauth, html or none."""
    retry_after: int | str | None = None
    apply: bool = False
    """Carry the request out although its answer is the fault's status."""
    drop: str | None = None
    """`before` or `after` the request was carried out."""
    delay: float | None = None
    drip: float | None = None
    """Seconds between small pieces of the answer."""
    body: str | None = None
    """`truncate`, `html`, `not-json`, `cut` (connection ends within the body) or `empty`."""
    seen: int = field(default=0)
    done: int = field(default=0)

    def matches(self, verb: str, path: str, name: str, account: str) -> bool:
        """Tell whether the rule is about this request, leaving its counts alone."""
        if self.method and self.method.upper() != verb:
            return False
        if self.account and self.account != account:
            return False
        return not self.path or self.path == name or bool(re.search(self.path, path))

    def answer(self) -> Answer:
        """Return the answer that a status fault gives."""
        refusal = self._refusal()
        headers = {**refusal.headers}
        if self.retry_after is not None:
            headers["Retry-After"] = str(self.retry_after)
        if self.envelope == "html":
            return Answer(
                refusal.status, content=HTML_BODY, headers={**headers, "Content-Type": "text/html; charset=UTF-8"}
            )
        if self.envelope == "none":
            return Answer(refusal.status, content=b"", headers=headers)
        return Answer(refusal.status, content=refusal.content(), headers=headers)

    def _refusal(self) -> Refusal:
        status = self.status or 503
        reason = self.reason or "backendError"
        known = reason in A_REASONS
        message = self.message or (A_REASONS[reason][2] if known else reason)
        if self.envelope == "oauth":
            return oauth_refusal(reason, self.message or "", status)
        if self.envelope == "B":
            domain = A_REASONS[reason][1] if known else "global"
            item = {"message": message, "domain": domain, "reason": reason}
            return envelope_b(status, item, message, RPC_STATUS.get(status, "UNKNOWN"))
        return refuse(reason, message, status=status) if known else envelope_a(status, "global", reason, message)


@dataclass(slots=True)
class Faults:
    """The rules in force, first come first served."""

    rules: list[Fault] = field(default_factory=list)
    last_id: int = 0

    def add(self, values: Json) -> int:
        """Take a rule and return its id; TypeError for a field that does not exist."""
        self.last_id += 1
        fault = Fault(**{**values, "id": self.last_id})
        re.compile(fault.path or "")
        self.rules.append(fault)
        return self.last_id

    def strike(self, verb: str, path: str, name: str, account: str) -> Fault | None:
        """Return the rule that hits this request, if any, and count it."""
        for fault in self.rules:
            if not fault.matches(verb, path, name, account) or (fault.count and fault.done >= fault.count):
                continue
            fault.seen += 1
            if fault.seen > fault.skip:
                fault.done += 1
                return fault
        return None


def spoil(answer: Answer, how: str) -> Answer:
    """Return an answer whose body is broken in the way that a rule says."""
    content = answer.encoded()
    if how == "truncate":
        return Answer(answer.status, content=content[: len(content) // 2], headers=answer.headers)
    if how == "empty":
        return Answer(answer.status, content=b"", headers=answer.headers)
    if how == "html":
        return Answer(answer.status, content=HTML_BODY, headers={**answer.headers, "Content-Type": "text/html"})
    if how == "not-json":
        return Answer(answer.status, content=b"not json at all", headers=answer.headers)
    return answer

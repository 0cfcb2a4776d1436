"""The error bodies that Google answers, by status and reason, as the reference wrote them down from captures."""

from __future__ import annotations

from typing import Any

Json = dict[str, Any]

A: dict[tuple[int, str], tuple[str, str, tuple[str, str] | None]] = {
    # (status, reason): domain, message ("" = varies), (locationType, location)
    (400, "timeRangeEmpty"): ("calendar", "The specified time range is empty.", ("parameter", "timeMax")),
    (400, "timeRangeTooLong"): ("calendar", "", ("parameter", "timeMax")),
    (400, "required"): ("global", "", None),
    (400, "invalid"): ("global", "", None),
    (400, "invalidParameter"): ("global", "", None),
    (400, "badRequest"): ("global", "", None),
    (400, "parseError"): ("global", "Parse Error", None),
    (400, "syncTokenWithRequestRestrictions"): (
        "calendar",
        "Sync token cannot be used with other request restrictions.",
        ("parameter", "syncToken"),
    ),
    (400, "syncTokenWithNonDefaultOrdering"): ("calendar", "", ("parameter", "syncToken")),
    (400, "pushNotSupportedForRequestedResource"): (
        "calendar",
        "Push notifications are not supported by this resource.",
        None,
    ),
    (400, "push.webhookUrlNotHttps"): ("global", "WebHook callback must be HTTPS", None),
    (400, "channelIdNotUnique"): ("global", "", None),
    (400, "cannotUseDefaultRemindersAndSpecifyOverride"): (
        "calendar",
        "Cannot specify both default reminders and overrides at the same time.",
        None,
    ),
    (400, "eventTypeRestriction"): ("calendar", "", None),
    (400, "cannotChangeOrganizer"): ("calendar", "", None),
    (403, "cannotChangeOwnAcl"): ("calendar", "", None),
    (403, "userRateLimitExceeded"): ("usageLimits", "User Rate Limit Exceeded", None),
    (403, "rateLimitExceeded"): ("usageLimits", "Rate Limit Exceeded", None),
    (429, "rateLimitExceeded"): ("usageLimits", "Rate Limit Exceeded", None),
    (403, "quotaExceeded"): ("usageLimits", "Calendar usage limits exceeded.", None),
    (403, "forbiddenForNonOrganizer"): (
        "calendar",
        "Shared properties can only be changed by the organizer of the event.",
        None,
    ),
    (403, "requiredAccessLevel"): ("calendar", "", None),
    (403, "notACalendarUser"): ("calendar", "The user must be signed up for Google Calendar.", None),
    (403, "forbidden"): ("global", "", None),
    (404, "notFound"): ("global", "", None),
    (409, "duplicate"): ("global", "The requested identifier already exists.", None),
    (409, "conflict"): ("global", "Conflict", None),
    (410, "fullSyncRequired"): (
        "calendar",
        "Sync token is no longer valid, a full sync is required.",
        ("parameter", "syncToken"),
    ),
    (410, "updatedMinTooLongAgo"): (
        "calendar",
        "The requested minimum modification time lies too far in the past.",
        ("parameter", "updatedMin"),
    ),
    (410, "deleted"): ("global", "Resource has been deleted", None),
    (412, "conditionNotMet"): ("global", "Precondition Failed", ("header", "If-Match")),
    (500, "backendError"): ("global", "Backend Error", None),
    (503, "backendError"): ("global", "Backend Error", None),
}
B_STATUS = {"authError": "UNAUTHENTICATED", "insufficientPermissions": "PERMISSION_DENIED"}
B_STATUS["accessNotConfigured"] = "PERMISSION_DENIED"


def reason_of(body: Json) -> str:
    """Return the reason of a Calendar error body."""
    return str(body["error"]["errors"][0]["reason"])


def check_error(status: int, body: Json) -> str:
    """Assert that a Calendar error body has the reference's form, key order too; return its reason."""
    error, reason = body["error"], reason_of(body)
    assert error["code"] == status
    if "status" in error:
        _check_b(error, reason)
    else:
        _check_a(status, error, reason)
    return reason


def _check_a(status: int, error: Json, reason: str) -> None:
    domain, message, place = A[status, reason]
    item = error["errors"][0]
    assert list(error) == ["errors", "code", "message"]
    assert list(item)[:3] == ["domain", "reason", "message"]
    assert list(item)[3:] in ([], ["locationType", "location"])
    assert item["domain"] == domain
    assert item["message"] == error["message"]
    if message:
        assert item["message"] == message
    if place:
        assert (item["locationType"], item["location"]) == place


def _check_b(error: Json, reason: str) -> None:
    item = error["errors"][0]
    assert list(error)[:4] == ["code", "message", "errors", "status"]
    assert list(item)[:3] == ["message", "domain", "reason"]
    assert error["status"] == B_STATUS.get(reason, error["status"])

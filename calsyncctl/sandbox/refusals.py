"""Every error body that the sandbox answers, by reason: Google's two envelopes and the flat OAuth form.

Envelope A comes from the Calendar backend, B from the front end (authentication, scope, API disabled).
"""

from __future__ import annotations

import json
from typing import Any

Json = dict[str, Any]

A_REASONS: dict[str, tuple[int, str, str, str, str]] = {
    # reason: (status, domain, message, locationType, location)
    "timeRangeEmpty": (400, "calendar", "The specified time range is empty.", "parameter", "timeMax"),
    "timeRangeTooLong": (400, "calendar", "The requested time range is too long.", "parameter", "timeMax"),
    "required": (400, "global", "Required", "", ""),
    "invalid": (400, "global", "Invalid Value", "", ""),
    "invalidParameter": (400, "global", "Invalid parameter value.", "parameter", ""),
    "badRequest": (400, "global", "Bad Request", "", ""),
    "parseError": (400, "global", "Parse Error", "", ""),
    "syncTokenWithRequestRestrictions": (
        400,
        "calendar",
        "Sync token cannot be used with other request restrictions.",
        "parameter",
        "syncToken",
    ),
    "syncTokenWithNonDefaultOrdering": (
        400,
        "calendar",
        "Sync token cannot be used with a non-default ordering.",
        "parameter",
        "syncToken",
    ),
    "pushNotSupportedForRequestedResource": (
        400,
        "calendar",
        "Push notifications are not supported by this resource.",
        "",
        "",
    ),
    "push.webhookUrlNotHttps": (400, "global", "WebHook callback must be HTTPS", "", ""),
    "push.webhookUrlUnauthorized": (401, "global", "Unauthorized WebHook callback channel", "", ""),
    "channelIdNotUnique": (400, "global", "Channel id not unique", "", ""),
    "cannotUseDefaultRemindersAndSpecifyOverride": (
        400,
        "calendar",
        "Cannot specify both default reminders and overrides at the same time.",
        "",
        "",
    ),
    "eventTypeRestriction": (400, "calendar", "The operation is not allowed for this event type.", "", ""),
    "cannotChangeOwnAcl": (403, "calendar", "Cannot change your own access level.", "", ""),
    "cannotChangeOrganizer": (400, "calendar", "Cannot change the organizer of an instance.", "", ""),
    "authError": (401, "global", "Invalid Credentials", "header", "Authorization"),
    "userRateLimitExceeded": (403, "usageLimits", "User Rate Limit Exceeded", "", ""),
    "rateLimitExceeded": (403, "usageLimits", "Rate Limit Exceeded", "", ""),
    "quotaExceeded": (403, "usageLimits", "Calendar usage limits exceeded.", "", ""),
    "dailyLimitExceeded": (403, "usageLimits", "Daily Limit Exceeded", "", ""),
    "forbiddenForNonOrganizer": (
        403,
        "calendar",
        "Shared properties can only be changed by the organizer of the event.",
        "",
        "",
    ),
    "forbiddenForServiceAccounts": (
        403,
        "calendar",
        "Service accounts cannot invite attendees without Domain-Wide Delegation of Authority.",
        "",
        "",
    ),
    "requiredAccessLevel": (403, "calendar", "You need to have writer access to this calendar.", "", ""),
    "notACalendarUser": (403, "calendar", "The user must be signed up for Google Calendar.", "", ""),
    "forbidden": (403, "global", "Forbidden", "", ""),
    "notFound": (404, "global", "Not Found", "", ""),
    "duplicate": (409, "global", "The requested identifier already exists.", "", ""),
    "conflict": (409, "global", "Conflict", "", ""),
    "fullSyncRequired": (
        410,
        "calendar",
        "Sync token is no longer valid, a full sync is required.",
        "parameter",
        "syncToken",
    ),
    "updatedMinTooLongAgo": (
        410,
        "calendar",
        "The requested minimum modification time lies too far in the past.",
        "parameter",
        "updatedMin",
    ),
    "deleted": (410, "global", "Resource has been deleted", "", ""),
    "conditionNotMet": (412, "global", "Precondition Failed", "header", "If-Match"),
    "backendError": (503, "global", "Backend Error", "", ""),
}

UNAUTHENTICATED = (
    "Request had invalid authentication credentials. Expected OAuth 2 access token, login cookie or other valid "
    "authentication credential. See https://developers.google.com/identity/sign-in/web/devconsole-project."
)
NOT_ENABLED = (
    "Google Calendar API has not been used in project {project} before or it is disabled. Enable it by visiting "
    "https://console.developers.google.com/apis/api/calendar-json.googleapis.com/overview?project={project} then "
    "retry. If you enabled this API recently, wait a few minutes for the action to propagate to our systems and retry."
)


class Refusal(Exception):
    """An answer that is an error: raised anywhere below the router, sent by it."""

    def __init__(self, status: int, body: Json, *, indent: int = 1, headers: dict[str, str] | None = None) -> None:
        super().__init__(f"{status} {body}")
        self.status = status
        self.body = body
        self.indent = indent
        self.headers = headers or {}

    def content(self, *, pretty: bool = True) -> bytes:
        """Return the body as it goes over the wire, indented as Google does."""
        if not pretty:
            return json.dumps(self.body, separators=(",", ":"), ensure_ascii=False).encode()
        return json.dumps(self.body, indent=self.indent, ensure_ascii=False).encode() + b"\n"


def refuse(reason: str, message: str = "", *, location: str | None = None, status: int = 0) -> Refusal:
    """Build an envelope A refusal of this reason; message, location and status override the usual ones."""
    usual_status, domain, usual_message, location_type, usual_location = A_REASONS[reason]
    place = usual_location if location is None else location
    return envelope_a(
        status or usual_status,
        domain,
        reason,
        message or usual_message,
        (location_type or "parameter", place) if place else None,
    )


def envelope_a(status: int, domain: str, reason: str, message: str, location: tuple[str, str] | None = None) -> Refusal:
    """Build the Calendar backend's envelope."""
    item: Json = {"domain": domain, "reason": reason, "message": message}
    if location:
        item["locationType"], item["location"] = location
    return Refusal(status, {"error": {"errors": [item], "code": status, "message": message}})


def envelope_b(status: int, item: Json, message: str, rpc_status: str, details: list[Json] | None = None) -> Refusal:
    """Build the front end's envelope: with `status`, and sometimes `details`."""
    error: Json = {"code": status, "message": message, "errors": [item], "status": rpc_status}
    if details:
        error["details"] = details
    return Refusal(status, {"error": error}, indent=2)


def unauthenticated() -> Refusal:
    """Refuse an unknown, expired or missing access token (401, envelope B)."""
    item = {
        "message": "Invalid Credentials",
        "domain": "global",
        "reason": "authError",
        "location": "Authorization",
        "locationType": "header",
    }
    refusal = envelope_b(401, item, UNAUTHENTICATED, "UNAUTHENTICATED")
    refusal.headers["WWW-Authenticate"] = 'Bearer realm="https://accounts.google.com/", error="invalid_token"'
    return refusal


def insufficient_scope(rpc_method: str) -> Refusal:
    """Refuse a call whose token lacks every scope that would do (403, envelope B)."""
    item = {"message": "Insufficient Permission", "domain": "global", "reason": "insufficientPermissions"}
    detail: Json = {
        "@type": "type.googleapis.com/google.rpc.ErrorInfo",
        "reason": "ACCESS_TOKEN_SCOPE_INSUFFICIENT",
        "domain": "googleapis.com",
        "metadata": {"service": "calendar-json.googleapis.com", "method": rpc_method},
    }
    refusal = envelope_b(403, item, "Request had insufficient authentication scopes.", "PERMISSION_DENIED", [detail])
    refusal.headers["WWW-Authenticate"] = 'Bearer realm="https://accounts.google.com/", error="insufficient_scope"'
    return refusal


def not_enabled(project: str) -> Refusal:
    """Refuse everything: the Calendar API is not enabled in the Google project (403, envelope B)."""
    message = NOT_ENABLED.format(project=project)
    item = {
        "message": message,
        "domain": "usageLimits",
        "reason": "accessNotConfigured",
        "extendedHelp": "https://console.developers.google.com",
    }
    return envelope_b(403, item, message, "PERMISSION_DENIED")


def oauth_refusal(error: str, description: str = "", status: int = 400) -> Refusal:
    """Build a flat body of the token, revocation and userinfo endpoints."""
    body = {"error": error, "error_description": description} if description else {"error": error}
    return Refusal(status, body, indent=2)

"""The classifier, with every body that Google's guides and captures show, and those that are not Google's."""

from __future__ import annotations

import json
import socket
import ssl
from collections.abc import Mapping
from typing import Any

import pytest
import urllib3.exceptions as wire
from google.auth.exceptions import RefreshError, TransportError

from calsyncctl.errors import (
    CalsyncError,
    ConnectFault,
    CursorExpired,
    Gone,
    Installation,
    Invalid,
    Later,
    MuchLater,
    NeedsReauth,
    Outdated,
    PageExpired,
    Refused,
    Taken,
)
from calsyncctl.google.answers import About, read_answer, read_retry_after
from calsyncctl.google.errors import SLOWLY, classify, classify_refresh, classify_transport

EMAIL = "work@example.com"


def calendar_body(status: int, reason: str, message: str, *, domain: str = "global", **where: str) -> dict[str, Any]:
    """Envelope A, the Calendar backend's."""
    item = {"domain": domain, "reason": reason, "message": message} | where
    return {"error": {"errors": [item], "code": status, "message": message}}


def front_body(status: int, name: str, message: str, item: dict[str, str], *details: dict[str, Any]) -> dict[str, Any]:
    """Envelope B, the front end's."""
    return {"error": {"code": status, "message": message, "errors": [item], "status": name, "details": list(details)}}


def named(
    status: int, body: object, *, cursor: bool = False, page: bool = False, headers: Mapping[str, str] | None = None
) -> CalsyncError:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    about = About(EMAIL, "the calendar team@example.com", cursor=cursor, page=page)
    return classify(read_answer(status, headers or {}, content), about)


SYNC_TOKEN = {"locationType": "parameter", "location": "syncToken"}

CALENDAR_BODIES = [
    (400, "timeRangeEmpty", "The specified time range is empty.", Invalid),
    (400, "required", "Missing end time.", Invalid),
    (400, "invalid", "Invalid resource id value.", Invalid),
    (400, "invalidParameter", "Invalid value '9999'.", Invalid),
    (400, "pushNotSupportedForRequestedResource", "Push notifications are not supported by this resource.", Invalid),
    (400, "cannotUseDefaultRemindersAndSpecifyOverride", "Cannot specify both.", Invalid),
    (400, "eventTypeRestriction", "Not for this type.", Invalid),
    (400, "parseError", "Parse Error", Invalid),
    (401, "authError", "Invalid Credentials", Later),
    (403, "userRateLimitExceeded", "User Rate Limit Exceeded", Later),
    (403, "rateLimitExceeded", "Rate Limit Exceeded", Later),
    (429, "rateLimitExceeded", "Rate Limit Exceeded", Later),
    (403, "quotaExceeded", "Calendar usage limits exceeded.", MuchLater),
    (403, "dailyLimitExceeded", "Daily Limit Exceeded", Installation),
    (403, "dailyLimitExceededUnreg", "Daily Limit for Unauthenticated Use Exceeded.", Installation),
    (403, "forbiddenForNonOrganizer", "Shared properties can only be changed by the organizer.", Refused),
    (403, "requiredAccessLevel", "You need to have writer access to this calendar.", Refused),
    (403, "forbidden", "Forbidden", Refused),
    (403, "forbiddenForServiceAccounts", "Service accounts cannot invite.", Refused),
    (403, "notACalendarUser", "The user must be signed up for Google Calendar.", ConnectFault),
    (403, "aReasonOfNextYear", "Something new.", Later),
    (404, "notFound", "Not Found", Gone),
    (409, "duplicate", "The requested identifier already exists.", Taken),
    (409, "conflict", "Conflict", Later),
    (410, "fullSyncRequired", "Sync token is no longer valid, a full sync is required.", CursorExpired),
    (410, "updatedMinTooLongAgo", "The requested minimum modification time lies too far in the past.", CursorExpired),
    (410, "deleted", "Resource has been deleted", Gone),
    (412, "conditionNotMet", "Precondition Failed", Outdated),
    (500, "backendError", "Backend Error", Later),
    (503, "backendError", "Backend Error", Later),
]


@pytest.mark.parametrize(("status", "reason", "message", "kind"), CALENDAR_BODIES)
def test_each_body_of_the_calendar_backend_has_its_class(
    status: int, reason: str, message: str, kind: type[CalsyncError]
) -> None:
    assert type(named(status, calendar_body(status, reason, message))) is kind


def test_a_sync_token_that_cannot_be_read_means_a_full_listing_like_a_dead_one() -> None:
    body = calendar_body(400, "invalid", "Invalid sync token value.", **SYNC_TOKEN)

    assert type(named(400, body, cursor=True)) is CursorExpired


def test_the_message_alone_tells_a_bad_sync_token_too() -> None:
    body = calendar_body(400, "invalid", "Invalid sync token value.")

    assert type(named(400, body, cursor=True)) is CursorExpired


def test_a_bare_invalid_beside_a_sync_token_is_about_the_token() -> None:
    assert type(named(400, calendar_body(400, "invalid", "Invalid Value"), cursor=True)) is CursorExpired


def test_another_parameter_that_is_invalid_leaves_the_sync_token_alone() -> None:
    body = calendar_body(400, "invalid", "Invalid value", locationType="parameter", location="maxResults")

    assert type(named(400, body, cursor=True)) is Invalid


def test_a_token_with_forbidden_parameters_is_our_mistake_and_no_reason_for_full_listings() -> None:
    message = "Sync token cannot be used with other request restrictions."
    body = calendar_body(400, "syncTokenWithRequestRestrictions", message, domain="calendar", **SYNC_TOKEN)

    assert type(named(400, body, cursor=True)) is Invalid


@pytest.mark.parametrize(
    "body",
    [
        calendar_body(400, "invalid", "Invalid page token value.", locationType="parameter", location="pageToken"),
        calendar_body(400, "invalid", "Invalid page token value."),
        calendar_body(400, "invalid", "Invalid Value"),
    ],
)
def test_a_refused_page_token_begins_the_listing_again(body: dict[str, Any]) -> None:
    assert type(named(400, body, page=True)) is PageExpired


def test_a_410_without_a_known_reason_is_the_token_where_one_was_sent() -> None:
    assert type(named(410, calendar_body(410, "gone", "Gone"), cursor=True)) is CursorExpired


def test_missing_scopes_ask_for_a_new_sign_in() -> None:
    item = {"message": "Insufficient Permission", "domain": "global", "reason": "insufficientPermissions"}
    detail = {"@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": "ACCESS_TOKEN_SCOPE_INSUFFICIENT"}
    error = named(403, front_body(403, "PERMISSION_DENIED", "Insufficient scopes.", item, detail))

    assert type(error) is NeedsReauth
    assert error.what_to_do == f"Sign in again: calsyncctl connect --account {EMAIL}"


def test_the_reason_is_found_in_the_details_when_the_list_has_none() -> None:
    fault = {
        "code": 403,
        "message": "Disabled.",
        "status": "PERMISSION_DENIED",
        "details": [{"reason": "SERVICE_DISABLED"}],
    }

    assert type(named(403, {"error": fault})) is Installation


def test_an_api_that_is_not_enabled_is_named_with_its_project() -> None:
    message = "Google Calendar API has not been used in project 123 before or it is disabled. Enable it by visiting x."
    item = {"message": message, "domain": "usageLimits", "reason": "accessNotConfigured", "extendedHelp": "https://x"}
    error = named(403, front_body(403, "PERMISSION_DENIED", message, item))

    assert type(error) is Installation
    assert error.what == "The Google Calendar API is not enabled in the Google project 123."
    nameless = named(403, front_body(403, "PERMISSION_DENIED", "", {**item, "message": "Access Not Configured."}))
    assert nameless.what == "The Google Calendar API is not enabled in your Google project."


def test_a_front_end_401_waits_after_the_refresh_did_not_help() -> None:
    item = {"message": "Invalid Credentials", "domain": "global", "reason": "authError", "location": "Authorization"}

    assert type(named(401, front_body(401, "UNAUTHENTICATED", "Invalid credentials.", item))) is Later


@pytest.mark.parametrize(
    ("message", "scope"),
    [
        ("Rate Limit Exceeded", "project"),
        ("Quota exceeded for quota metric 'Queries' and limit 'Queries per minute per user' of service x.", "account"),
    ],
)
def test_a_rate_limit_says_who_must_wait(message: str, scope: str) -> None:
    error = named(429, calendar_body(429, "rateLimitExceeded", message, domain="usageLimits"))

    assert isinstance(error, Later)
    assert error.scope == scope


def test_an_unknown_403_is_tried_again_slowly() -> None:
    error = named(403, calendar_body(403, "aReasonOfNextYear", "Something new."))

    assert isinstance(error, Later)
    assert error.retry_after == SLOWLY


@pytest.mark.parametrize("status", [302, 400, 403, 404, 410, 502])
def test_a_page_that_is_not_from_google_decides_nothing(status: int) -> None:
    assert type(named(status, b"<html><body>Sign in to the guest network</body></html>", cursor=True)) is Later


@pytest.mark.parametrize(
    "content", [b"", b"[]", b'{"ok": true}', b'{"error": 7}', b'{"error":{"errors":"x"}}', b"\xff\xfe"]
)
def test_broken_bodies_decide_nothing(content: bytes) -> None:
    assert type(named(404, content)) is Later


@pytest.mark.parametrize(
    ("status", "code", "kind"),
    [(400, "invalid_grant", NeedsReauth), (401, "invalid_client", Installation), (400, "invalid_token", Invalid)],
)
def test_flat_oauth_bodies_are_read_too(status: int, code: str, kind: type[CalsyncError]) -> None:
    assert type(named(status, {"error": code, "error_description": "Bad Request"})) is kind


def test_retry_after_is_read_in_seconds_and_as_a_date() -> None:
    assert read_retry_after("120", now=0) == 120.0
    assert read_retry_after("Thu, 01 Jan 1970 00:02:00 GMT", now=60) == 60.0
    assert read_retry_after("Thu, 01 Jan 1970 00:00:00 GMT", now=60) == 0.0
    assert read_retry_after("soon", now=0) is None


@pytest.mark.parametrize("text", ["9" * 400, "90000", "Fri, 01 Jan 2038 00:00:00 GMT"])
def test_nobody_waits_longer_than_a_day(text: str) -> None:
    assert read_retry_after(text, now=60) == 24 * 3600.0


def test_retry_after_travels_with_the_error() -> None:
    error = named(503, calendar_body(503, "backendError", "Backend Error"), headers={"retry-after": "7"})

    assert isinstance(error, Later)
    assert error.retry_after == 7.0


REFRESH_ERRORS = [
    (RefreshError("invalid_grant: x", {"error": "invalid_grant"}), NeedsReauth),
    (RefreshError("invalid_scope: x", {"error": "invalid_scope"}), NeedsReauth),
    (RefreshError("invalid_client: x", {"error": "invalid_client"}), Installation),
    (RefreshError("x", {"error": "invalid_request", "error_description": "client_secret is missing."}), Installation),
    (RefreshError("x", {"error": "admin_policy_enforced"}), Refused),
    (RefreshError("x", {"error": "server_error"}, retryable=True), Later),
    (RefreshError("<html>Bad Gateway</html>", retryable=False), Later),
    (RefreshError(("<html>Bad Gateway</html>",)), Later),
    (TransportError(ConnectionRefusedError(111, "refused")), Later),
]


@pytest.mark.parametrize(("error", "kind"), REFRESH_ERRORS)
def test_only_invalid_grant_and_scopes_ask_to_sign_in_again(error: Exception, kind: type[CalsyncError]) -> None:
    assert type(classify_refresh(error, EMAIL)) is kind


TRANSPORT_ERRORS = [
    (wire.SSLError(ssl.SSLCertVerificationError("certificate verify failed: certificate is not yet valid")), "clock"),
    (wire.SSLError(ssl.SSLCertVerificationError("certificate verify failed: self-signed")), "SSL_CERT_FILE"),
    (wire.ProxyError("x", OSError("Tunnel connection failed: 407")), "HTTPS_PROXY"),
    (socket.gaierror(-2, "Name or service not known"), "network"),
    (wire.ProtocolError("Connection aborted.", ConnectionRefusedError()), "network"),
    (wire.ProtocolError("Connection aborted.", ConnectionResetError()), "Try again later"),
    (TimeoutError(), "Try again later"),
]


@pytest.mark.parametrize(("error", "hint"), TRANSPORT_ERRORS)
def test_trouble_on_the_way_is_passing_and_says_what_may_help(error: Exception, hint: str) -> None:
    named = classify_transport(error, "www.googleapis.com")

    assert type(named) is Later
    assert hint in named.what_to_do

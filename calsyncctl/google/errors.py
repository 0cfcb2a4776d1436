"""Every failure of Google, classed once, by status *and* reason, into the errors of calsyncctl.errors.

Three rules stand over the table. A body that is not Google's (a proxy's HTML page, a captive portal) decides nothing:
it is passing trouble whatever its status says. And a 403 whose reason is not known is tried again slowly, never
taken for a refusal: a right that looks lost would put somebody's calendar on hold. And a write that was answered by
nobody, by a proxy or by a server in trouble may have been carried out: its outcome is `Unknown`.

Sources: Google's error guide (workspace/calendar/api/guides/errors), the quota guide, OAuth for installed apps.
"""

from __future__ import annotations

import re
import socket
import ssl
from collections.abc import Callable, Iterator, Mapping
from typing import Final

import urllib3.exceptions as wire

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
    Unknown,
)
from calsyncctl.google.answers import About, Answer

SLOWLY: Final = 1800.0
"""Seconds until a failure that nobody can name is tried again."""
USE_LIMIT_PAUSE: Final = 6 * 3600.0
"""Seconds that an account rests after `quotaExceeded`; Google names no figure, people report hours."""


def classify(answer: Answer, about: About) -> CalsyncError:
    """Name the failure that an answer stands for."""
    error = _named(answer, about)
    doubtful = not answer.from_google or answer.status >= 500 or answer.status == 408 or answer.status < 400
    if about.writing and doubtful and isinstance(error, Later):
        return unknown(error)
    return error


def is_rate(answer: Answer) -> bool:
    """Tell whether Google refused because of too many requests in a minute; use limits and outages are not that."""
    if answer.status == 429:
        return answer.reason not in _BY_REASON or _BY_REASON[answer.reason] in {_user_rate, _project_rate}
    return answer.status == 403 and _BY_REASON.get(answer.reason) in {_user_rate, _project_rate}


def unknown(error: Later) -> Unknown:
    """Say of a failed write that it may have been carried out all the same."""
    return Unknown(error.what, error.what_to_do, retry_after=error.retry_after, scope=error.scope)


def _named(answer: Answer, about: About) -> CalsyncError:
    if not answer.from_google:
        return _not_google(answer, about)
    if answer.status in {403, 429} and answer.reason in _BY_REASON:
        return _BY_REASON[answer.reason](answer, about)
    if answer.status == 403 and answer.reason in _REFUSALS:
        return _refused(answer, about)
    if answer.reason in _CLIENT_REASONS:
        return client_unusable(answer.reason)
    if answer.status >= 500 or answer.status in {408, 429}:
        return _busy(answer, about)
    return _BY_STATUS.get(answer.status, _unknown)(answer, about)


def classify_transport(error: Exception, host: str) -> Later:
    """Name a failure on the way to `host`: urllib3's and the socket's own, requests' too (google-auth, oauthlib).

    All of them pass by themselves; those with a cure that somebody has to apply name it.
    """
    for cause in _causes(error):
        text = str(cause).casefold()
        if isinstance(cause, ssl.SSLError | wire.SSLError) or "certificate verify failed" in text:
            return _untrusted(text, host)
        if isinstance(cause, wire.ProxyError) or type(cause).__name__ == "ProxyError":
            return Later(f"The proxy on the way to {host} does not let it through.", "Check HTTPS_PROXY and NO_PROXY.")
        if isinstance(cause, wire.NameResolutionError | socket.gaierror):
            return Later(f"No such host, or no network: {host}.", "Check the network, then try again.")
        if isinstance(cause, ConnectionRefusedError):
            return Later(f"Nothing answers at {host}.", "Check the network, then try again.")
        if isinstance(cause, wire.ReadTimeoutError | wire.ConnectTimeoutError | TimeoutError) and not isinstance(
            cause, wire.NewConnectionError
        ):
            return Later(f"{host} took too long to answer.")
    return Later(f"The connection to {host} broke off.")


def classify_refresh(error: Exception, email: str, host: str = "oauth2.googleapis.com") -> CalsyncError:
    """Name a failed token refresh: google-auth's RefreshError and TransportError.

    Only `invalid_grant` (and a scope that was never granted) means "sign in again": google-auth's own `retryable`
    is False for outages too.
    """
    body = next((part for part in error.args if isinstance(part, Mapping)), None)
    if body is None:
        if type(error).__name__ == "RefreshError":
            return Later(f"Google's token server did not renew the access of {email}.")
        return classify_transport(error, host)
    reason = str(body.get("error", ""))
    if reason == "invalid_grant":
        return needs_reauth(email, "Google no longer accepts this account's sign-in")
    if reason == "invalid_scope":
        return needs_reauth(email, "Google does not grant what this account once permitted")
    if reason in _CLIENT_REASONS or (
        reason == "invalid_request" and "client_secret" in str(body.get("error_description"))
    ):
        return client_unusable(reason)
    if reason in {"access_denied", "admin_policy_enforced", "org_internal"}:
        return Refused(
            f"The organisation of {email} does not permit this installation ({reason}).",
            "Ask its Google Workspace administrator to allow the app.",
        )
    return Later(f"Google's token server did not renew the access of {email} ({reason or 'no reason given'}).")


def never_left(error: Exception) -> bool:
    """Tell whether a failure on the way is one from before the request left: no connection was made for it."""
    early = (wire.NewConnectionError, wire.ConnectTimeoutError, wire.ProxyError, ssl.SSLCertVerificationError)
    return any(isinstance(cause, early) for cause in _causes(error, context=False))


def _causes(error: BaseException, *, context: bool = True) -> Iterator[BaseException]:
    """Walk from an error to what lies under it: reasons, wrapped arguments, causes; bounded against rings.

    `context` takes in what was being handled when it arose, which may have been another request's failure.
    """
    waiting: list[object] = [error]
    for _ in range(20):
        if not waiting:
            return
        found = waiting.pop(0)
        if isinstance(found, BaseException):
            yield found
            waiting += [getattr(found, "reason", None), *found.args, found.__cause__]
            waiting += [found.__context__] if context else []


def _untrusted(text: str, host: str) -> Later:
    if "not yet valid" in text or "has expired" in text:
        cure = "Check this machine's clock, then try again."
    else:
        cure = "Behind a proxy of your own, name its CA file in SSL_CERT_FILE."
    return Later(f"The certificate of {host} could not be verified.", cure)


def needs_reauth(email: str, why: str) -> NeedsReauth:
    """Say that an account has to be signed in again, and how."""
    return NeedsReauth(f"{why} ({email}).", f"Sign in again: calsyncctl connect --account {email}")


def client_unusable(reason: str) -> Installation:
    """Say that Google does not accept the operator's OAuth client."""
    return Installation(
        f"Google does not accept this installation's OAuth client ({reason}).",
        "Give the right client file: calsyncctl init --client-secrets FILE (see calsyncctl help google-project).",
    )


def _not_google(answer: Answer, about: About) -> Later:
    slow = answer.status < 500 and answer.status not in {408, 429}
    return Later(
        f"The answer {answer.status} for {about.email} did not come from Google: a proxy or an outage stands between.",
        "Try again later; if it stays, check the network, HTTPS_PROXY and NO_PROXY.",
        retry_after=answer.retry_after or (SLOWLY if slow else None),
    )


def _busy(answer: Answer, about: About) -> Later:
    return Later(
        f"Google is having trouble with {about.thing} of {about.email} ({answer.status} {answer.reason}).".replace(
            " )", ")"
        ),
        retry_after=answer.retry_after,
    )


def _user_rate(answer: Answer, about: About) -> Later:
    return Later(f"Google asks to slow down for {about.email}.", retry_after=answer.retry_after)


def _project_rate(answer: Answer, about: About) -> Later:
    # Newer front ends use one reason for both limits; only the text says which was met.
    if "per user" in answer.message.casefold():
        return _user_rate(answer, about)
    return Later("Google asks this installation to slow down.", retry_after=answer.retry_after, scope="project")


def _use_limit(answer: Answer, about: About) -> MuchLater:
    return MuchLater(
        f"{about.email} has reached a use limit of Google Calendar.",
        "Google lifts it after some hours; until then the account waits.",
        retry_after=answer.retry_after or USE_LIMIT_PAUSE,
    )


def _daily(answer: Answer, about: About) -> Installation:
    return Installation(
        "The Google project has used up its requests for today.",
        "Wait until tomorrow (Pacific time), or raise the limit in the Cloud console under Quotas.",
    )


def _not_enabled(answer: Answer, about: About) -> Installation:
    found = re.search(r"\bproject ([\w-]+)", answer.message)
    project = f"the Google project {found[1]}" if found else "your Google project"
    return Installation(
        f"The Google Calendar API is not enabled in {project}.",
        "Enable it in the Cloud console, wait a few minutes, try again (see calsyncctl help google-project).",
    )


def _scopes_missing(answer: Answer, about: About) -> NeedsReauth:
    return needs_reauth(about.email, "A permission that this needs was not given at Google's consent page")


def _no_calendar(answer: Answer, about: About) -> ConnectFault:
    return ConnectFault(
        f"{about.email} has no Google Calendar.",
        "Open calendar.google.com with that account once, or ask its administrator to switch Calendar on.",
    )


def _refused(answer: Answer, about: About) -> Refused:
    said = answer.message.rstrip(".") or answer.reason
    return Refused(
        f"Google does not allow {about.email} to do this on {about.thing}: {said}.",
        "Ask the calendar's owner for the access it needs; it is tried again when the access changes.",
    )


def _unknown_403(answer: Answer, about: About) -> Later:
    named = answer.reason or "no reason given"
    return Later(
        f"Google answered 403 ({named}) for {about.thing} of {about.email}.",
        retry_after=answer.retry_after or SLOWLY,
    )


def _bad_request(answer: Answer, about: About) -> CalsyncError:
    said = answer.message.casefold()
    if answer.reason == "invalid_grant":
        return needs_reauth(about.email, "Google no longer accepts this account's sign-in")
    if about.page and (answer.location == "pageToken" or "page token" in said):
        return PageExpired(f"Google no longer knows the page of {about.thing} that came next.")
    if about.cursor and answer.reason == "invalid" and (answer.location == "syncToken" or "sync token" in said):
        return _cursor_expired(answer, about)
    # Bare "invalid" beside one token and nothing else can only mean that token.
    if answer.reason == "invalid" and not answer.location and said in {"", "invalid", "invalid value", "bad request"}:
        if about.page:
            return PageExpired(f"Google no longer knows the page of {about.thing} that came next.")
        if about.cursor:
            return _cursor_expired(answer, about)
    if about.writing and "conference" in said:
        return _refused(answer, about)  # this calendar has no Meet: the event itself is not to blame
    return Invalid(
        f"Google does not accept the request for {about.thing} of {about.email} "
        f"({answer.reason or answer.status}: {answer.message.rstrip('.') or 'no text'}).",
        "It waits until the event or the calendar changes.",
        reason=answer.reason,
    )


def _cursor_expired(answer: Answer, about: About) -> CursorExpired:
    return CursorExpired(f"The sync token of {about.thing} is no longer valid; a full listing follows.")


def _unauthorised(answer: Answer, about: About) -> Later:
    # Reached only after a refresh and a second try. A dead sign-in shows itself at the refresh, as invalid_grant.
    return Later(
        f"Google does not accept a fresh access token of {about.email} just now.", retry_after=answer.retry_after
    )


def _gone(answer: Answer, about: About) -> Gone:
    return Gone(
        f"{about.thing[:1].upper()}{about.thing[1:]} is not there for {about.email}: deleted, or no longer shared.",
        "Look at what is there: calsyncctl calendars refresh",
    )


def _gone_or_expired(answer: Answer, about: About) -> CalsyncError:
    if answer.reason in {"fullSyncRequired", "updatedMinTooLongAgo"} or (about.cursor and answer.reason != "deleted"):
        return _cursor_expired(answer, about)
    return _gone(answer, about)


def _conflict(answer: Answer, about: About) -> CalsyncError:
    if answer.reason == "duplicate":
        return Taken(f"The id is taken on {about.thing} of {about.email}.")
    return Later(
        f"Google was busy with the same event on {about.thing} of {about.email}.",
        retry_after=answer.retry_after,
        scope="calendar",
    )


def _outdated(answer: Answer, about: About) -> Outdated:
    return Outdated(f"The event on {about.thing} of {about.email} changed in the meantime.")


def _unknown(answer: Answer, about: About) -> Later:
    return Later(
        f"Google gave an answer that was not expected ({answer.status}) for {about.email}.",
        retry_after=answer.retry_after or SLOWLY,
    )


_Maker = Callable[[Answer, About], CalsyncError]

_BY_REASON: Final[dict[str, _Maker]] = {
    "userRateLimitExceeded": _user_rate,
    "rateLimitExceeded": _project_rate,
    "RATE_LIMIT_EXCEEDED": _project_rate,
    "RESOURCE_EXHAUSTED": _project_rate,
    "quotaExceeded": _use_limit,
    "dailyLimitExceeded": _daily,
    "dailyLimitExceededUnreg": _daily,
    "accessNotConfigured": _not_enabled,
    "SERVICE_DISABLED": _not_enabled,
    "insufficientPermissions": _scopes_missing,
    "ACCESS_TOKEN_SCOPE_INSUFFICIENT": _scopes_missing,
    "notACalendarUser": _no_calendar,
}
_REFUSALS: Final = frozenset(
    {
        "forbidden",
        "forbiddenForNonOrganizer",
        "requiredAccessLevel",
        "forbiddenForServiceAccounts",
        "eventTypeRestriction",
    }
)
_CLIENT_REASONS: Final = frozenset({"invalid_client", "unauthorized_client", "deleted_client"})
_BY_STATUS: Final[dict[int, _Maker]] = {
    400: _bad_request,
    401: _unauthorised,
    403: _unknown_403,
    404: _gone,
    409: _conflict,
    410: _gone_or_expired,
    412: _outdated,
}

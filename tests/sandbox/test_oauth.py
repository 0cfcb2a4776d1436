"""Signing in: authorize, token, refresh, revoke, userinfo, and the bodies of what goes wrong."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import parse_qs, urlsplit

import google.auth.jwt
import pytest
import requests

from tests.sandbox.client import (
    AUTH,
    EMAIL,
    REDIRECT,
    Client,
    Refused,
    authorize,
    exchange,
    post_token,
    refresh,
)
from tests.support.sandbox import SUPPORT, WORK, Sandbox

BOTH = ("calendar.events", "calendar.calendarlist.readonly")


def error(answer: requests.Response) -> tuple[int, str, str]:
    body = answer.json()
    assert sorted(body) == ["error", "error_description"]
    return answer.status_code, body["error"], body["error_description"]


def revoke(sandbox: Sandbox, token: str) -> requests.Response:
    return requests.post(sandbox.info["revoke_uri"], data={"token": token}, timeout=30)


def page_of(sandbox: Sandbox, **more: str) -> requests.Response:
    query = {
        "client_id": sandbox.info["client"]["installed"]["client_id"],
        "response_type": "code",
        "redirect_uri": REDIRECT,
        "scope": f"openid {AUTH}calendar.events {AUTH}calendar.calendarlist.readonly",
        "state": "s&1",
        **more,
    }
    return requests.get(sandbox.info["auth_uri"], params=query, allow_redirects=False, timeout=30)


def press(sandbox: Sandbox, page: str, **pressed: Any) -> dict[str, list[str]]:
    """Send the consent page's form as a browser does; returns what the app gets."""
    hidden = dict(re.findall(r'type="hidden" name="([^"]+)" value="([^"]*)"', page))
    form = {name: value.replace("&amp;", "&") for name, value in hidden.items()}
    address = f"{sandbox.root}/o/oauth2/v2/approve"
    answer = requests.post(address, data={**form, **pressed}, allow_redirects=False, timeout=30)
    return parse_qs(urlsplit(answer.headers["Location"]).query)


# -- the consent page ------------------------------------------------------------------------------------------------


def test_the_page_offers_each_account_and_a_box_per_permission(sandbox: Sandbox) -> None:
    page = page_of(sandbox, login_hint=SUPPORT).text

    assert re.findall(r'type="radio" name="sandbox_account" value="([^"]+)"( checked)?', page) == [
        (WORK, ""),
        (SUPPORT, " checked"),
    ]
    assert re.findall(r'type="checkbox" name="sandbox_grant" value="([^"]+)"', page) == [AUTH + name for name in BOTH]


def test_a_single_permission_has_no_box(sandbox: Sandbox) -> None:
    page = page_of(sandbox, scope=f"openid email {AUTH}calendar.events").text

    assert "checkbox" not in page
    assert "View and edit events" in page


def test_allowing_with_one_box_unticked_grants_less(sandbox: Sandbox) -> None:
    page = page_of(sandbox).text

    back = press(sandbox, page, sandbox_action="allow", sandbox_account=WORK, sandbox_grant=[AUTH + "calendar.events"])
    assert back["state"] == ["s&1"]
    assert back["scope"] == [f"openid {AUTH}calendar.events"]


def test_denying_goes_back_with_access_denied(sandbox: Sandbox) -> None:
    back = press(sandbox, page_of(sandbox).text, sandbox_action="deny", sandbox_account=WORK)

    assert back == {"state": ["s&1"], "error": ["access_denied"]}


def test_ticking_nothing_is_a_refusal_without_sign_in_scopes(sandbox: Sandbox) -> None:
    scopes = " ".join(AUTH + name for name in BOTH)
    back = press(sandbox, page_of(sandbox, scope=scopes).text, sandbox_action="allow", sandbox_account=WORK)

    assert back["error"] == ["access_denied"]


@pytest.mark.parametrize(
    ("wrong", "status", "code"),
    [
        ({"client_id": "other"}, 401, "invalid_client"),
        ({"redirect_uri": "https://elsewhere.example.com/"}, 400, "redirect_uri_mismatch"),
        ({"scope": AUTH + "nonsense"}, 400, "invalid_scope"),
        ({"response_type": "token"}, 400, "unsupported_response_type"),
    ],
)
def test_a_wrong_request_stays_on_googles_own_page(
    sandbox: Sandbox, wrong: dict[str, str], status: int, code: str
) -> None:
    page = page_of(sandbox, **wrong)

    assert (page.status_code, code in page.text) == (status, True)


def test_prompt_none_never_shows_a_page(sandbox: Sandbox) -> None:
    assert "error=interaction_required" in page_of(sandbox, prompt="none").headers["Location"]


def test_an_accounts_setting_answers_in_the_users_place(sandbox: Sandbox) -> None:
    sandbox.account(SUPPORT, consent="allow", grant=["calendar.events"])
    allowed = parse_qs(urlsplit(page_of(sandbox).headers["Location"]).query)
    sandbox.account(SUPPORT, consent="deny")
    denied = parse_qs(urlsplit(page_of(sandbox).headers["Location"]).query)

    assert allowed["scope"] == [f"openid {AUTH}calendar.events"]
    assert denied["error"] == ["access_denied"]


# -- codes -----------------------------------------------------------------------------------------------------------


def test_a_code_gives_tokens_the_granted_scopes_and_an_id_token(sandbox: Sandbox) -> None:
    token = exchange(sandbox, *authorize(sandbox, scopes=BOTH)).json()

    claims = google.auth.jwt.decode(token["id_token"], verify=False)
    assert set(token["scope"].split()) == {"openid", EMAIL, *(AUTH + name for name in BOTH)}
    assert (token["token_type"], token["expires_in"]) == ("Bearer", 3599)
    assert (claims["email"], claims["sub"]) == (WORK, sandbox.info["accounts"][0]["sub"])


def test_the_short_name_of_a_sign_in_scope_comes_back_long(sandbox: Sandbox) -> None:
    back, verifier = authorize(sandbox, scope=f"openid email profile {AUTH}calendar")

    assert f"{AUTH}userinfo.profile" in exchange(sandbox, back, verifier).json()["scope"].split()


def test_a_code_works_once(sandbox: Sandbox) -> None:
    back, verifier = authorize(sandbox)
    exchange(sandbox, back, verifier)

    assert error(exchange(sandbox, back, verifier)) == (400, "invalid_grant", "Bad Request")


def test_a_code_does_not_live_long(sandbox: Sandbox) -> None:
    back, verifier = authorize(sandbox)
    sandbox.settings(clock_offset_seconds=3600)

    assert error(exchange(sandbox, back, verifier))[1] == "invalid_grant"


@pytest.mark.parametrize(
    ("wrong", "expected"),
    [
        ({"code": "garbage"}, (400, "invalid_grant", "Malformed auth code.")),
        ({"code_verifier": "x" * 43}, (400, "invalid_grant", "Invalid code verifier.")),
        ({"code_verifier": None}, (400, "invalid_grant", "Missing code verifier.")),
        ({"redirect_uri": "http://127.0.0.1:1/"}, (400, "redirect_uri_mismatch", "Bad Request")),
        ({"client_secret": None}, (400, "invalid_request", "client_secret is missing.")),
        ({"client_secret": "wrong"}, (401, "invalid_client", "Unauthorized")),
        ({"client_id": "wrong"}, (401, "invalid_client", "The OAuth client was not found.")),
        ({"grant_type": "password"}, (400, "unsupported_grant_type", "Invalid grant_type: password")),
    ],
)
def test_a_wrong_exchange_has_googles_body(
    sandbox: Sandbox, wrong: dict[str, Any], expected: tuple[int, str, str]
) -> None:
    assert error(exchange(sandbox, *authorize(sandbox), **wrong)) == expected


def test_the_secret_may_come_by_http_basic(sandbox: Sandbox) -> None:
    client = sandbox.info["client"]["installed"]
    back, verifier = authorize(sandbox)
    form = {"grant_type": "authorization_code", "code": back["code"], "code_verifier": verifier}

    answer = post_token(sandbox, {**form, "redirect_uri": REDIRECT}, (client["client_id"], client["client_secret"]))
    assert answer.status_code == 200


# -- refresh and revoke ----------------------------------------------------------------------------------------------


def test_a_refresh_brings_no_new_refresh_token(work: Client) -> None:
    fresh = refresh(work.sandbox, work.token).json()

    assert sorted(fresh) == ["access_token", "expires_in", "scope", "token_type"]
    assert fresh["access_token"] != work.token["access_token"]


def test_refresh_tokens_may_be_rotated_by_a_switch(work: Client) -> None:
    work.sandbox.settings(rotate_refresh_tokens=True)
    fresh = refresh(work.sandbox, work.token).json()

    assert error(refresh(work.sandbox, work.token))[1] == "invalid_grant"
    assert refresh(work.sandbox, fresh).status_code == 200


def test_a_refresh_for_a_scope_that_was_not_granted_is_refused_or_narrowed(sandbox: Sandbox) -> None:
    sandbox.account(WORK, grant=["calendar.events"])
    token = exchange(sandbox, *authorize(sandbox, scopes=BOTH)).json()
    wide = " ".join(AUTH + name for name in BOTH)

    refused = refresh(sandbox, token, scope=wide)
    sandbox.settings(refresh_wide_scope="narrow")
    narrowed = refresh(sandbox, token, scope=wide)
    assert error(refused) == (400, "invalid_scope", "Bad Request")
    assert narrowed.json()["scope"] == AUTH + "calendar.events"


def test_time_limited_access_ends(sandbox: Sandbox) -> None:
    sandbox.settings(refresh_token_seconds=600)
    token = exchange(sandbox, *authorize(sandbox)).json()
    sandbox.settings(clock_offset_seconds=601)

    assert token["refresh_token_expires_in"] == 600
    assert error(refresh(sandbox, token)) == (400, "invalid_grant", "Token has been expired or revoked.")


def test_beyond_a_hundred_refresh_tokens_the_oldest_stops(sandbox: Sandbox) -> None:
    tokens = [exchange(sandbox, *authorize(sandbox)).json() for _ in range(101)]

    assert [refresh(sandbox, token).status_code for token in tokens[:2]] == [400, 200]


def test_revoking_withdraws_the_whole_grant_and_the_second_time_is_400(work: Client) -> None:
    other = Client(work.sandbox, WORK).sign_in()
    first = revoke(work.sandbox, work.token["access_token"])

    assert (first.status_code, first.json()) == (200, {})
    assert error(revoke(work.sandbox, work.token["refresh_token"])) == (
        400,
        "invalid_token",
        "Token expired or revoked",
    )
    assert error(refresh(work.sandbox, other.token))[1] == "invalid_grant"
    with other.session, pytest.raises(Refused) as refusal:
        other.page()
    assert refusal.value.status == 401


# -- who, and what for -----------------------------------------------------------------------------------------------


def test_userinfo_names_the_user_in_both_forms(work: Client) -> None:
    headers = {"Authorization": f"Bearer {work.token['access_token']}"}
    new = requests.get(work.sandbox.info["userinfo_uri"], headers=headers, timeout=30).json()
    old = requests.get(f"{work.sandbox.root}/oauth2/v2/userinfo", headers=headers, timeout=30).json()

    assert new == {"sub": work.sandbox.info["accounts"][0]["sub"], "email": WORK, "email_verified": True}
    assert old == {"id": new["sub"], "email": WORK, "verified_email": True}


def test_tokeninfo_and_discovery_answer(work: Client) -> None:
    root, token = work.sandbox.root, work.token["access_token"]
    known = requests.get(f"{root}/tokeninfo", params={"access_token": token}, timeout=30).json()
    unknown = requests.get(f"{root}/tokeninfo", params={"access_token": "x"}, timeout=30)
    found = requests.get(f"{root}/.well-known/openid-configuration", timeout=30).json()

    assert (known["email"], known["aud"]) == (WORK, work.sandbox.info["client"]["installed"]["client_id"])
    assert error(unknown)[:2] == (400, "invalid_token")
    assert found["token_endpoint"] == work.sandbox.info["token_uri"]


def test_tokeninfo_takes_a_bearer_header_and_id_tokens_too(work: Client) -> None:
    address = f"{work.sandbox.root}/tokeninfo"
    headers = {"Authorization": f"Bearer {work.token['access_token']}"}
    by_header = requests.post(address, headers=headers, timeout=30).json()
    by_id = requests.get(address, params={"id_token": work.token["id_token"]}, timeout=30).json()
    forged = requests.get(address, params={"id_token": work.token["id_token"] + "x"}, timeout=30)

    assert by_header["email"] == by_id["email"] == WORK
    assert (by_id["email_verified"], forged.status_code) == ("true", 400)


def test_an_id_token_is_signed_by_the_published_key(work: Client) -> None:
    (key,) = requests.get(f"{work.sandbox.root}/oauth2/v3/certs", timeout=30).json()["keys"]

    assert key["kty"] == "RSA"
    assert verified(key, work.token["id_token"])


def verified(key: dict[str, str], token: str) -> bool:
    from base64 import urlsafe_b64decode

    from cryptography.hazmat.primitives.asymmetric import padding, rsa
    from cryptography.hazmat.primitives.hashes import SHA256

    def raw(text: str) -> bytes:
        return urlsafe_b64decode(text + "=" * (-len(text) % 4))

    numbers = rsa.RSAPublicNumbers(int.from_bytes(raw(key["e"])), int.from_bytes(raw(key["n"])))
    head, body, signature = token.split(".")
    numbers.public_key().verify(raw(signature), f"{head}.{body}".encode(), padding.PKCS1v15(), SHA256())
    return True


def test_an_expired_access_token_is_401(work: Client) -> None:
    work.sandbox.expire_access_tokens(WORK)

    with pytest.raises(Refused) as refusal:
        work.page()
    assert (refusal.value.status, refusal.value.reason) == (401, "authError")
    assert refusal.value.body["error"]["status"] == "UNAUTHENTICATED"
    assert 'error="invalid_token"' in refusal.value.headers["WWW-Authenticate"]


def test_access_tokens_live_as_long_as_the_switch_says(sandbox: Sandbox) -> None:
    sandbox.settings(access_token_seconds=5)
    client = Client(sandbox).sign_in()
    sandbox.settings(clock_offset_seconds=6)

    assert client.token["expires_in"] == 5
    with client.session, pytest.raises(Refused) as refusal:
        client.page()
    assert refusal.value.status == 401


def test_a_call_without_its_scope_is_403_with_details(sandbox: Sandbox) -> None:
    client = Client(sandbox, scopes=("calendar.events",)).sign_in()

    with client.session, pytest.raises(Refused) as refusal:
        client.call("GET", "users/me/calendarList")
    detail = refusal.value.body["error"]["details"][0]
    assert (refusal.value.status, refusal.value.reason) == (403, "insufficientPermissions")
    assert detail["reason"] == "ACCESS_TOKEN_SCOPE_INSUFFICIENT"
    assert detail["metadata"]["method"] == "calendar.v3.CalendarList.List"


def test_a_scope_for_owned_calendars_reaches_no_others(sandbox: Sandbox) -> None:
    client = Client(sandbox, scopes=("calendar.events.owned",)).sign_in()

    with client.session:
        assert client.page(sandbox.calendar("Team"))["accessRole"] == "owner"
        with pytest.raises(Refused) as refusal:
            client.page(sandbox.calendar("Shared (read only)"))
    assert refusal.value.reason == "insufficientPermissions"


def test_a_disabled_api_and_a_disabled_calendar_are_told_apart(work: Client) -> None:
    work.sandbox.account(WORK, calendar_enabled=False)
    with pytest.raises(Refused) as no_calendar:
        work.page()
    work.sandbox.settings(api_enabled=False)
    with pytest.raises(Refused) as no_api:
        work.page()

    assert [one.value.status for one in (no_calendar, no_api)] == [403, 403]
    assert [one.value.reason for one in (no_calendar, no_api)] == ["notACalendarUser", "accessNotConfigured"]


# -- older addresses, as published programs still have them -----------------------------------------------------------


@pytest.mark.parametrize("path", ["/o/oauth2/token", "/oauth2/v4/token"])
def test_older_token_addresses_refresh_too(work: Client, path: str) -> None:
    client = work.sandbox.info["client"]["installed"]
    form = {"client_id": client["client_id"], "client_secret": client["client_secret"], "grant_type": "refresh_token"}
    answer = requests.post(
        work.sandbox.root + path, data={**form, "refresh_token": work.token["refresh_token"]}, timeout=30
    )

    assert answer.status_code == 200
    assert answer.text.startswith('{\n  "access_token": "ya29.')


@pytest.mark.parametrize(
    ("path", "names"),
    [
        ("/v1/userinfo", {"sub", "email", "email_verified"}),
        ("/oauth2/v3/userinfo", {"sub", "email", "email_verified"}),
        ("/oauth2/v1/userinfo", {"id", "email", "verified_email"}),
        ("/userinfo/v2/me", {"id", "email", "verified_email"}),
    ],
)
def test_userinfo_has_the_names_of_its_address(work: Client, path: str, names: set[str]) -> None:
    bearer = {"Authorization": f"Bearer {work.token['access_token']}"}

    assert requests.get(work.sandbox.root + path, headers=bearer, timeout=30).json().keys() == names


def test_older_tokeninfo_names_the_user_and_the_client_otherwise(work: Client) -> None:
    query = {"access_token": work.token["access_token"]}
    found = requests.post(f"{work.sandbox.root}/oauth2/v2/tokeninfo", params=query, timeout=30).json()

    assert (found["issued_to"], found["audience"]) == (work.sandbox.info["client"]["installed"]["client_id"],) * 2
    assert found["verified_email"] is True
    assert 0 < found["expires_in"] <= 3599


def test_the_certificate_of_the_client_file_proves_an_id_token(work: Client) -> None:
    certificates = requests.get(
        work.sandbox.info["client"]["installed"]["auth_provider_x509_cert_url"], timeout=30
    ).json()
    claims = google.auth.jwt.decode(work.token["id_token"], certs=certificates)

    assert claims["email"] == WORK

"""Signing in as a whole: address, browser or pasted answer, exchange, the true page; and revoking."""

from __future__ import annotations

import hashlib
import http.client
import logging
import os
import signal
import threading
import traceback
from base64 import urlsafe_b64encode
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest

from calsyncctl.errors import CalsyncError, ConnectFault, Later, UsageFault
from calsyncctl.google.oauth import SignIn, begin_sign_in, revoke
from calsyncctl.google.result_page import ResultPage
from calsyncctl.google.scopes import SCOPES
from calsyncctl.model.account import Grant
from tests.google.stand_in import EMAIL, NOW, SECRET, SUB, Authority, Said, authority, tokens
from tests.support.clocks import StillClock


@pytest.fixture
def google() -> Iterator[Authority]:
    with authority() as stand_in:
        stand_in.say("/token", tokens())
        yield stand_in


@pytest.fixture
def sign_in(google: Authority) -> Iterator[SignIn]:
    begun = begin_sign_in(google.client, login_hint=EMAIL, page=ResultPage(), clock=StillClock(NOW))
    with begun:
        yield begun


def asked(sign_in: SignIn) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(urlsplit(sign_in.url).query).items()}


class Browser(threading.Thread):
    """Goes where Google would send it, and keeps the page it is shown."""

    def __init__(self, sign_in: SignIn, **answer: str) -> None:
        super().__init__(daemon=True)
        self._port = sign_in.port
        self._query = urlencode({"state": asked(sign_in)["state"]} | answer)
        self.status, self.page = 0, ""
        self.start()

    def run(self) -> None:
        with closing(http.client.HTTPConnection("127.0.0.1", self._port, timeout=20)) as connection:
            connection.request("GET", f"/?{self._query}")
            answer = connection.getresponse()
            self.status, self.page = answer.status, answer.read().decode()

    def shown(self) -> str:
        self.join(20)
        return self.page


def fine(grant: Grant) -> None:
    """Complete without a hitch."""


def fails(sign_in: SignIn, complete: Callable[[Grant], None] = fine, timeout: float = 10) -> CalsyncError:
    with pytest.raises(CalsyncError) as caught:
        sign_in.wait(timeout, complete)
    return caught.value


def test_the_address_asks_for_everything_that_a_safe_sign_in_needs(google: Authority, sign_in: SignIn) -> None:
    query = asked(sign_in)

    assert sign_in.url.startswith(f"{google.root}/auth?")
    assert query["redirect_uri"] == f"http://127.0.0.1:{sign_in.port}/"
    assert query["scope"].split() == list(SCOPES)
    assert (query["response_type"], query["code_challenge_method"]) == ("code", "S256")
    assert (query["prompt"], query["access_type"]) == ("consent select_account", "offline")
    assert query["login_hint"] == EMAIL
    assert len(query["state"]) >= 32


def test_googles_own_address_stays_https(google: Authority) -> None:
    client = replace(google.client, auth_uri="https://accounts.google.com/o/oauth2/auth")
    with begin_sign_in(client, login_hint=None, page=ResultPage(), clock=StillClock(NOW)) as begun:
        assert begun.url.startswith("https://accounts.google.com/o/oauth2/auth?")
        assert "login_hint" not in asked(begun)


def test_every_sign_in_has_its_own_state_and_challenge(google: Authority, sign_in: SignIn) -> None:
    with begin_sign_in(google.client, login_hint=None, page=ResultPage(), clock=StillClock(NOW)) as other:
        assert asked(other)["state"] != asked(sign_in)["state"]
        assert asked(other)["code_challenge"] != asked(sign_in)["code_challenge"]


def test_allowing_brings_the_grant(sign_in: SignIn) -> None:
    Browser(sign_in, code="4/0A")

    grant = sign_in.wait(10, fine)

    assert (grant.sub, grant.email, grant.scopes) == (SUB, EMAIL, frozenset(SCOPES))
    assert (grant.access_token, grant.access_expires) == ("ya29.canary-access", NOW + 3599)
    assert (grant.refresh_token, grant.refresh_expires) == ("1//canary-refresh", None)


def test_the_code_is_traded_with_the_verifier_of_the_challenge(google: Authority, sign_in: SignIn) -> None:
    Browser(sign_in, code="4/0A")
    sign_in.wait(10, fine)
    form = google.forms("/token")[0]

    hashed = hashlib.sha256(form["code_verifier"].encode()).digest()
    assert urlsafe_b64encode(hashed).decode().rstrip("=") == asked(sign_in)["code_challenge"]
    assert (form["grant_type"], form["code"], form["client_secret"]) == ("authorization_code", "4/0A", SECRET)
    assert form["redirect_uri"] == asked(sign_in)["redirect_uri"]


def test_the_page_says_connected_only_when_it_is_complete(sign_in: SignIn) -> None:
    browser = Browser(sign_in, code="4/0A")
    seen: list[bool] = []

    sign_in.wait(10, lambda _: seen.append(browser.is_alive() and not browser.page))

    assert seen == [True]
    assert f"<strong>{EMAIL}</strong> is connected" in browser.shown()


def test_what_complete_refuses_the_page_refuses_too(sign_in: SignIn) -> None:
    browser = Browser(sign_in, code="4/0A")

    def other_account(grant: Grant) -> None:
        raise ConnectFault(f"{grant.email} signed in, another was asked for.", "Choose the other.")

    assert fails(sign_in, other_account).what == f"{EMAIL} signed in, another was asked for."
    assert "Not connected" in browser.shown()
    assert "another was asked for." in browser.shown()


def test_refusing_is_said_in_the_terminal_and_in_the_browser(google: Authority, sign_in: SignIn) -> None:
    browser = Browser(sign_in, error="access_denied")

    assert "refused on Google's page" in fails(sign_in).what
    assert "refused on Google&#x27;s page" in browser.shown()
    assert google.forms("/token") == []


@pytest.mark.parametrize("error", ["admin_policy_enforced", "org_internal"])
def test_an_organisations_policy_is_named(sign_in: SignIn, error: str) -> None:
    Browser(sign_in, error=error)

    assert fails(sign_in).what == f"The account's organisation does not permit this app ({error})."


def test_an_unknown_error_is_passed_on_without_its_tricks(sign_in: SignIn) -> None:
    browser = Browser(sign_in, error="odd\x1b[31m<b>thing</b>")

    assert fails(sign_in).what == "Google ended the sign-in (odd31mbthingb)."
    assert "<b>thing" not in browser.shown()


def test_nobody_coming_back_ends_with_what_google_may_be_showing(sign_in: SignIn) -> None:
    error = fails(sign_in, timeout=0.05)

    assert isinstance(error, ConnectFault)
    assert "test-user list" in error.what_to_do
    assert "organisation" in error.what_to_do


def test_an_older_tab_is_mentioned_when_time_is_up(sign_in: SignIn) -> None:
    browser = Browser(sign_in, state="of-an-older-sign-in", code="4/0A")
    browser.shown()

    assert browser.status == 400
    assert "an older tab?" in fails(sign_in, timeout=0.05).what


def test_a_wrong_state_does_not_end_the_right_sign_in(sign_in: SignIn) -> None:
    Browser(sign_in, state="wrong", code="4/0Astolen").shown()
    Browser(sign_in, code="4/0A")

    assert sign_in.wait(10, fine).email == EMAIL


@pytest.mark.parametrize("form", ["http://127.0.0.1:1/?{}", "  http://127.0.0.1:1/?{}\n", "?{}", "{}", "localhost/?{}"])
def test_the_pasted_address_does_it_too(google: Authority, sign_in: SignIn, form: str) -> None:
    query = urlencode({"state": asked(sign_in)["state"], "code": "4/0Apasted", "scope": "openid"})
    threading.Thread(target=sign_in.submit, args=(form.format(query),), daemon=True).start()

    assert sign_in.wait(10, fine).email == EMAIL
    assert google.forms("/token")[0]["code"] == "4/0Apasted"


@pytest.mark.parametrize("text", ["", "4/0Abare", "https://accounts.google.com/o/oauth2/auth", "?state=x", "?code=y"])
def test_another_text_is_sent_back_to_the_prompt(sign_in: SignIn, text: str) -> None:
    with pytest.raises(UsageFault, match="not the address"):
        sign_in.submit(text)


def test_a_pasted_address_of_another_sign_in_is_sent_back_to_the_prompt(sign_in: SignIn) -> None:
    with pytest.raises(UsageFault, match="another sign-in"):
        sign_in.submit("http://127.0.0.1:1/?state=other&code=4/0A")


def test_a_refusal_can_be_pasted(sign_in: SignIn) -> None:
    sign_in.submit(f"?error=access_denied&state={asked(sign_in)['state']}")

    assert "refused" in fails(sign_in).what


def test_control_c_ends_the_wait_at_once(sign_in: SignIn) -> None:
    timer = threading.Timer(0.1, os.kill, (os.getpid(), signal.SIGINT))
    timer.start()

    with pytest.raises(KeyboardInterrupt):
        sign_in.wait(60, fine)


def test_a_browser_that_waits_while_the_command_is_stopped_is_told(sign_in: SignIn) -> None:
    browser = Browser(sign_in, code="4/0A")

    def stop(grant: Grant) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        sign_in.wait(10, stop)
    sign_in.close()

    assert "The command was stopped" in browser.shown()


def test_no_secret_is_in_reprs_errors_or_tracebacks(google: Authority, sign_in: SignIn) -> None:
    google.say("/token", Said(400, {"error": "invalid_grant", "error_description": "4/0Acanary is dead"}))
    Browser(sign_in, code="4/0Acanary")
    error = fails(sign_in)
    text = "".join(traceback.format_exception(error)) + repr(sign_in) + repr(google.client) + repr(vars(sign_in))

    assert "canary" not in text


def test_no_secret_is_in_the_log_at_its_most_talkative(
    sign_in: SignIn, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.DEBUG)
    Browser(sign_in, code="4/0Acanary")
    sign_in.wait(10, fine)

    assert "canary" not in caplog.text
    assert asked(sign_in)["state"] not in caplog.text
    assert capfd.readouterr() == ("", "")


def test_revoking_sends_the_token_and_nothing_else(google: Authority) -> None:
    google.say("/revoke", Said(200, {}))

    revoke(google.client, "1//canary-refresh")

    assert google.forms("/revoke") == [{"token": "1//canary-refresh"}]
    assert "authorization" not in google.asked[0][2]


def test_a_token_that_is_dead_already_is_revoked_enough(google: Authority) -> None:
    google.say("/revoke", Said(400, {"error": "invalid_token", "error_description": "Token expired or revoked"}))

    revoke(google.client, "1//canary-refresh")


@pytest.mark.parametrize("said", [Said(503, "<html>"), Said(500, {"error": "internal_failure"}), Said(429, {})])
def test_revoking_waits_for_better_times(google: Authority, said: Said) -> None:
    google.say("/revoke", said)

    with pytest.raises(Later):
        revoke(google.client, "1//canary-refresh")


def test_revoking_offline_is_for_later(google: Authority) -> None:
    secret = "1//{}".format("canary-refresh")
    with pytest.raises(Later) as caught:
        revoke(replace(google.client, revoke_uri="http://127.0.0.1:9/revoke"), secret)

    assert "canary" not in "".join(traceback.format_exception(caught.value))


def test_a_revocation_that_google_declines_is_not_called_done(google: Authority) -> None:
    google.say("/revoke", Said(400, {"error": "invalid_request"}))

    with pytest.raises(ConnectFault, match="did not take the access back"):
        revoke(google.client, "1//canary-refresh")

"""The code traded for tokens: whatever the token address answers ends in a grant or in one sentence."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from calsyncctl.errors import CalsyncError, ConfigFault, ConnectFault, Installation, Later
from calsyncctl.google.exchange import check_clock, exchange, read_id_token
from calsyncctl.google.scopes import EVENTS, SCOPES
from calsyncctl.google.transport import Pool
from calsyncctl.model.account import Grant, OAuthClient
from tests.google.stand_in import EMAIL, NOW, SUB, Authority, Said, authority, id_token, tokens
from tests.support.clocks import StillClock


@pytest.fixture
def google() -> Iterator[Authority]:
    with authority() as stand_in:
        yield stand_in


def trade(google: Authority, *, client: OAuthClient | None = None, now: int = NOW) -> Grant:
    pool = Pool({})
    try:
        return exchange(
            client or google.client,
            code="4/0Acanary",
            verifier="v" * 64,
            redirect_uri="http://127.0.0.1:1/",
            pool=pool,
            clock=StillClock(now),
        )
    finally:
        pool.clear()


def refusal(google: Authority, said: Said) -> CalsyncError:
    google.say("/token", said)
    with pytest.raises(CalsyncError) as caught:
        trade(google)
    assert "canary" not in caught.value.what + caught.value.what_to_do
    return caught.value


def test_fewer_permissions_than_asked_are_a_grant_of_those(google: Authority) -> None:
    google.say("/token", tokens(scope=f"openid {EVENTS}"))

    assert trade(google).scopes == {"openid", EVENTS}


def test_an_answer_without_scopes_grants_what_was_asked(google: Authority) -> None:
    google.say("/token", tokens(scope=None))

    assert trade(google).scopes == frozenset(SCOPES)


def test_the_lifetime_of_a_time_limited_grant_is_kept(google: Authority) -> None:
    google.say("/token", tokens(refresh_token_expires_in=604_799))

    assert trade(google).refresh_expires == NOW + 604_799


def test_a_lifetime_in_quotes_is_a_number_too(google: Authority) -> None:
    google.say("/token", tokens(expires_in="3599"))

    assert trade(google).access_expires == NOW + 3599


def test_tokens_of_any_length_are_taken(google: Authority) -> None:
    google.say("/token", tokens(access_token="ya29." + "x" * 4000))

    assert len(trade(google).access_token) == 4005


def test_a_grant_without_lasting_access_is_none(google: Authority) -> None:
    assert "no refresh token" in refusal(google, tokens(refresh_token=None)).what


@pytest.mark.parametrize("token", [None, "", "not.a.token", id_token(email=None), id_token(sub="", email="")])
def test_who_it_is_is_asked_where_no_id_token_tells(google: Authority, token: str | None) -> None:
    google.say("/token", tokens(id_token=token))
    google.say("/userinfo", Said(200, {"sub": SUB, "email": EMAIL, "email_verified": True}))

    assert (trade(google).sub, trade(google).email) == (SUB, EMAIL)
    assert google.asked[-1][2]["authorization"] == "Bearer ya29.canary-access"


def test_the_older_userinfo_address_names_the_id_otherwise(google: Authority) -> None:
    google.say("/token", tokens(id_token=None))
    google.say("/userinfo", Said(200, {"id": SUB, "email": EMAIL}))

    assert trade(google).sub == SUB


def test_an_account_that_stays_nameless_is_not_connected(google: Authority) -> None:
    google.say("/userinfo", Said(401, {"error": "invalid_token"}))

    assert "did not say who signed in" in refusal(google, tokens(id_token=None)).what


def test_an_id_token_for_another_client_is_not_believed(google: Authority) -> None:
    assert "another OAuth client" in refusal(google, tokens(id_token=id_token(aud="other"))).what


@pytest.mark.parametrize(
    ("said", "kind", "words"),
    [
        (Said(401, {"error": "invalid_client", "error_description": "Unauthorized"}), Installation, "OAuth client"),
        (Said(401, {"error": "deleted_client"}), Installation, "OAuth client"),
        (Said(400, {"error": "invalid_grant", "error_description": "Bad Request"}), ConnectFault, "used already"),
        (Said(400, {"error": "redirect_uri_mismatch"}), ConnectFault, "back to this machine"),
        (Said(403, {"error": "access_denied"}), ConnectFault, "organisation"),
        (Said(400, {"error": "admin_policy_enforced"}), ConnectFault, "organisation"),
        (Said(400, {"error": "invalid_scope"}), ConnectFault, "(invalid_scope)"),
        (Said(400, "<html>proxy</html>"), Later, "did not come from Google"),
        (Said(200, "<html>portal</html>"), Later, "did not come from Google"),
        (Said(302, "", {"Location": "http://127.0.0.1:9/"}), Later, "did not come from Google"),
        (Said(500, {"error": "internal_failure"}), Later, "having trouble"),
        (Said(502, "<html>"), Later, "having trouble"),
        (Said(429, {}, {"Retry-After": "7"}), Later, "having trouble"),
    ],
)
def test_every_refusal_has_its_sentence(google: Authority, said: Said, kind: type[CalsyncError], words: str) -> None:
    error = refusal(google, said)

    assert type(error) is kind
    assert words in error.what
    assert error.what_to_do
    assert len(google.forms("/token")) == 1


def test_a_missing_client_secret_is_a_matter_of_configuration(google: Authority) -> None:
    error = refusal(google, Said(400, {"error": "invalid_request", "error_description": "client_secret is missing."}))

    assert isinstance(error, ConfigFault)
    assert "help google-project" in error.what_to_do


def test_the_servers_wait_is_kept(google: Authority) -> None:
    error = refusal(google, Said(503, "", {"Retry-After": "7"}))

    assert isinstance(error, Later)
    assert error.retry_after == 7


def test_offline_is_for_later(google: Authority) -> None:
    with pytest.raises(Later, match="Nothing answers at"):
        trade(google, client=replace(google.client, token_uri="http://127.0.0.1:9/token"))


def test_the_secret_never_goes_in_plain_http_beyond_this_machine(google: Authority) -> None:
    with pytest.raises(ConfigFault, match="Plain http"):
        trade(google, client=replace(google.client, token_uri="http://token.example.com/token"))


@pytest.mark.parametrize(
    ("off", "words"),
    [
        (600, "10 minutes ahead of"),
        (-420, "7 minutes behind"),
        (7200, "2 hours ahead of"),
        (-86400 * 365, "365 days behind"),
    ],
)
def test_a_wrong_clock_is_named_with_how_much_and_which_way(google: Authority, off: int, words: str) -> None:
    google.say("/token", tokens())

    with pytest.raises(ConnectFault) as caught:
        trade(google, now=NOW + off)

    assert caught.value.what == f"This machine's clock is {words} Google's."
    assert "timedatectl" in caught.value.what_to_do


@pytest.mark.parametrize("off", [0, 300, -300])
def test_five_minutes_are_forgiven(off: int) -> None:
    check_clock(NOW, NOW + off)


def test_an_id_token_is_read_without_asking_anybody() -> None:
    person = read_id_token(id_token())

    assert (person.sub, person.email, person.iat) == (SUB, EMAIL, NOW)

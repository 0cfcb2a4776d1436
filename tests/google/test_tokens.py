"""Access tokens: used while they last, refreshed in time and once, and what a failed refresh means (C13, C14)."""

from __future__ import annotations

import logging
import threading
import traceback
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field, replace
from email.utils import formatdate
from pathlib import Path

import pytest

from calsyncctl.errors import CalsyncError, Installation, Later, NeedsReauth
from calsyncctl.google.deadline import REAPER
from calsyncctl.google.scopes import SCOPES
from calsyncctl.google.tokens import AccessTokens
from calsyncctl.locks import lock
from calsyncctl.model.account import OAuthClient
from tests.google.server import Trickle
from tests.google.stand_in import EMAIL, NOW, SECRET, SUB, Authority, Said, authority
from tests.support.clocks import StillClock

REFRESH, ACCESS = f"refresh:{SUB}", f"access:{SUB}"


@dataclass
class Desk:
    """Vault, ledger and clock of one account; and in which order they were written."""

    google: Authority
    clock: StillClock = field(default_factory=lambda: StillClock(NOW))
    kept: dict[str, str] = field(default_factory=lambda: {REFRESH: "1//first", ACCESS: "ya29.saved"})
    expires: int | None = NOW + 3000
    grant_expires: int | None = None
    writes: list[str] = field(default_factory=list)

    backend = "file"

    def get(self, entry: str) -> str | None:
        return self.kept.get(entry)

    def set(self, entry: str, secret: str) -> None:
        self.kept[entry] = secret
        self.writes.append(entry.split(":")[0])

    def delete(self, entry: str) -> None:
        self.kept.pop(entry, None)

    def access_expires(self) -> int | None:
        return self.expires

    def refreshed(self, access_expires: int, refresh_expires: int | None) -> None:
        self.expires = access_expires
        self.grant_expires = refresh_expires or self.grant_expires
        self.writes.append("ledger")

    def tokens(
        self, hold: AbstractContextManager[None] | None = None, client: OAuthClient | None = None
    ) -> AccessTokens:
        return AccessTokens(
            client=client or self.google.client,
            sub=SUB,
            email=EMAIL,
            scopes=SCOPES,
            secrets=self,
            ledger=self,
            clock=self.clock,
            lock=lambda: hold or nullcontext(),
        )

    @property
    def refreshes(self) -> int:
        return len(self.google.forms("/token"))


def renewed(token: str = "ya29.new", **more: object) -> Said:
    body: dict[str, object] = {"access_token": token, "expires_in": 3599, "scope": " ".join(SCOPES)}
    return Said(200, body | {"token_type": "Bearer"} | more)


@pytest.fixture
def desk() -> Iterator[Desk]:
    with authority() as google:
        google.say("/token", renewed())
        yield Desk(google)


def failure(desk: Desk, said: Said) -> CalsyncError:
    desk.google.say("/token", said)
    desk.expires = NOW
    with pytest.raises(CalsyncError) as caught:
        desk.tokens().token()
    return caught.value


@pytest.mark.parametrize("left", [300, 301, 3599])
def test_a_token_with_five_minutes_left_is_used_as_it_is(desk: Desk, left: int) -> None:
    desk.expires = NOW + left

    assert desk.tokens().token() == "ya29.saved"
    assert desk.refreshes == 0


@pytest.mark.parametrize("left", [299, 0, -10_000])
def test_a_token_with_less_is_refreshed_first(desk: Desk, left: int) -> None:
    desk.expires = NOW + left

    assert desk.tokens().token() == "ya29.new"
    assert desk.refreshes == 1


@pytest.mark.parametrize(("expires", "saved"), [(None, "ya29.saved"), (NOW + 3000, None)])
def test_a_token_or_expiry_that_is_not_there_means_a_refresh(
    desk: Desk, expires: int | None, saved: str | None
) -> None:
    desk.expires = expires
    desk.kept = {REFRESH: "1//first"} | ({ACCESS: saved} if saved else {})

    assert desk.tokens().token() == "ya29.new"


def test_the_refresh_sends_what_google_asks_for(desk: Desk) -> None:
    desk.expires = NOW
    desk.tokens().token()
    form = desk.google.forms("/token")[0]

    assert (form["grant_type"], form["refresh_token"], form["client_secret"]) == ("refresh_token", "1//first", SECRET)
    assert sorted(form["scope"].split()) == sorted(SCOPES)


def test_the_new_token_and_its_expiry_are_saved_before_it_is_given(desk: Desk) -> None:
    desk.expires = NOW

    desk.tokens().token()

    assert (desk.kept[ACCESS], desk.expires) == ("ya29.new", NOW + 3599)
    assert desk.writes == ["access", "ledger"]


def test_the_old_refresh_token_is_kept_when_none_comes(desk: Desk) -> None:
    desk.expires = NOW

    desk.tokens().token()

    assert desk.kept[REFRESH] == "1//first"


def test_a_new_refresh_token_is_stored_first(desk: Desk) -> None:
    desk.google.say("/token", renewed(refresh_token="1//second", refresh_token_expires_in=604_800))
    desk.expires = NOW

    desk.tokens().token()

    assert desk.kept[REFRESH] == "1//second"
    assert desk.writes == ["refresh", "access", "ledger"]
    assert desk.grant_expires == NOW + 604_800


def test_a_token_in_hand_is_not_looked_up_again_until_its_margin(desk: Desk) -> None:
    tokens = desk.tokens()
    tokens.token()
    desk.kept[ACCESS] = "ya29.other"
    desk.clock.at += 2700

    assert tokens.token() == "ya29.saved"
    desk.clock.at += 1
    assert tokens.token() == "ya29.new"


def test_a_token_that_google_gives_for_four_minutes_is_not_refreshed_at_every_use(desk: Desk) -> None:
    desk.google.say("/token", renewed(expires_in=240))
    desk.expires = NOW
    tokens = desk.tokens()

    assert [tokens.token() for _ in range(5)] == ["ya29.new"] * 5
    assert desk.refreshes == 1


def test_what_google_refused_is_replaced_though_it_looked_fresh(desk: Desk) -> None:
    tokens = desk.tokens()
    refused = tokens.token()

    assert tokens.refresh() == "ya29.new"
    assert refused == "ya29.saved"


def test_a_second_refusal_of_the_same_token_costs_nothing(desk: Desk) -> None:
    tokens = desk.tokens()
    refused = tokens.token()
    tokens.refresh(refused)

    assert tokens.refresh(refused) == "ya29.new"
    assert desk.refreshes == 1


def test_a_refused_token_is_taken_over_from_a_process_that_was_quicker(desk: Desk) -> None:
    tokens = desk.tokens()
    refused = tokens.token()
    desk.kept[ACCESS], desk.expires = "ya29.quicker", NOW + 3599

    assert tokens.refresh(refused) == "ya29.quicker"
    assert desk.refreshes == 0


def at_once(use: Callable[[], None], many: int) -> None:
    with ThreadPoolExecutor(many) as pool:
        for one in [pool.submit(use) for _ in range(many)]:
            one.result(20)


def test_eight_threads_refresh_once(desk: Desk) -> None:
    desk.expires = NOW
    tokens, seen, start = desk.tokens(), [], threading.Barrier(8)

    def use() -> None:
        start.wait(10)
        seen.append(tokens.token())

    at_once(use, 8)

    assert seen == ["ya29.new"] * 8
    assert desk.refreshes == 1


def test_two_processes_refresh_once(desk: Desk, tmp_path: Path) -> None:
    """Two objects with the lock between processes: the second looks again once it has the lock."""
    desk.expires = NOW
    seen: list[str] = []

    def use() -> None:
        own = desk.tokens(lock(tmp_path / "token.lock", holder="a test", wait=10))
        seen.append(own.token())

    at_once(use, 4)

    assert seen == ["ya29.new"] * 4
    assert desk.refreshes == 1


def test_a_withdrawn_permission_asks_for_a_new_sign_in(desk: Desk) -> None:
    error = failure(
        desk, Said(400, {"error": "invalid_grant", "error_description": "Token has been expired or revoked."})
    )

    assert isinstance(error, NeedsReauth)
    assert EMAIL in error.what
    assert error.what_to_do == f"Sign in again: calsyncctl connect --account {EMAIL}"


def test_a_sign_in_that_left_the_vault_asks_for_a_new_one_too(desk: Desk) -> None:
    desk.kept, desk.expires = {}, NOW

    with pytest.raises(NeedsReauth, match="no longer in the vault"):
        desk.tokens().token()
    assert desk.refreshes == 0


def test_a_client_that_google_does_not_know_stops_the_installation(desk: Desk) -> None:
    assert isinstance(failure(desk, Said(401, {"error": "invalid_client"})), Installation)


@pytest.mark.parametrize(
    "said",
    [
        Said(500, {"error": "internal_failure"}),
        Said(502, "<html>Bad Gateway</html>"),
        Said(503, ""),
        Said(429, {"error": "rate_limited"}),
        Said(400, "<html>captive portal</html>"),
        Said(200, "<html>captive portal</html>"),
        Said(200, {"token_type": "Bearer"}),
        Said(400, {"error": "odd_new_code"}),
    ],
)
def test_trouble_on_the_way_never_means_signing_in_again(desk: Desk, said: Said) -> None:
    error = failure(desk, said)

    assert isinstance(error, Later)
    assert desk.refreshes == 1
    assert desk.kept == {REFRESH: "1//first", ACCESS: "ya29.saved"}


def test_the_servers_wait_is_obeyed_upstairs(desk: Desk) -> None:
    error = failure(desk, Said(503, "", {"Retry-After": "11"}))

    assert isinstance(error, Later)
    assert error.retry_after == 11


def test_a_wait_given_as_a_date_counts_from_now(desk: Desk) -> None:
    error = failure(desk, Said(503, "", {"Retry-After": formatdate(NOW + 90, usegmt=True)}))

    assert isinstance(error, Later)
    assert error.retry_after == 90


def test_offline_is_for_later(desk: Desk) -> None:
    desk.expires = NOW
    away = replace(desk.google.client, token_uri="http://127.0.0.1:9/token")

    with pytest.raises(Later):
        desk.tokens(client=away).token()


def test_a_renewal_that_is_cut_off_under_way_is_for_later(desk: Desk) -> None:
    server = Trickle(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n")
    desk.expires = NOW
    tokens = desk.tokens(client=replace(desk.google.client, token_uri=f"http://127.0.0.1:{server.port}/token"))
    with ThreadPoolExecutor(1) as pool:
        asked = pool.submit(tokens.token)
        assert server.said.wait(10)
        REAPER.cut_all()
        with pytest.raises(Later, match=r"broke off\.$"):
            asked.result(10)
    server.close()


def test_after_a_failure_the_next_use_tries_again(desk: Desk) -> None:
    desk.expires = NOW
    desk.google.say("/token", Said(503, ""), renewed())
    tokens = desk.tokens()
    with pytest.raises(Later):
        tokens.token()

    assert tokens.token() == "ya29.new"


def test_no_secret_is_in_the_log_at_its_most_talkative(desk: Desk, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    desk.kept[REFRESH] = "1//canary-refresh"
    desk.google.say("/token", renewed("ya29.canary-new", refresh_token="1//canary-second"))
    desk.expires = NOW

    desk.tokens().token()

    assert caplog.text
    assert "canary" not in caplog.text


def test_no_secret_is_in_reprs_or_tracebacks(desk: Desk) -> None:
    desk.kept[REFRESH] = "1//canary-refresh"
    error = failure(desk, Said(400, {"error": "invalid_grant", "error_description": "1//canary-refresh is dead"}))
    text = "".join(traceback.format_exception(error)) + repr(desk.tokens())

    assert "canary" not in text

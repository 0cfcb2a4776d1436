"""Signing in, refreshing and revoking against the local Google, over HTTP, with its own reading of the rules."""

from __future__ import annotations

import subprocess
import threading
from collections.abc import Iterator
from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path

import pytest

from calsyncctl.clock import SystemClock
from calsyncctl.errors import ConnectFault, Installation, NeedsReauth
from calsyncctl.google.client_file import read_client_file
from calsyncctl.google.oauth import begin_sign_in, revoke
from calsyncctl.google.result_page import ResultPage
from calsyncctl.google.scopes import EVENTS, FREE_BUSY, SCOPES, WORDS, missing
from calsyncctl.google.tokens import AccessTokens
from calsyncctl.model.account import Grant, OAuthClient
from tests.support.browser import visit
from tests.support.sandbox import WORK, Sandbox
from tests.support.tools import need


@pytest.fixture(scope="module")
def running() -> Iterator[Sandbox]:
    with Sandbox(events=1) as sandbox:
        yield sandbox


@pytest.fixture
def sandbox(running: Sandbox) -> Sandbox:
    running.reset()
    return running


@pytest.fixture
def client(sandbox: Sandbox) -> OAuthClient:
    found = read_client_file(Path(str(sandbox.info["client_file"])))
    return replace(found, revoke_uri=str(sandbox.info["revoke_uri"]), userinfo_uri=str(sandbox.info["userinfo_uri"]))


def signed_in(client: OAuthClient, mode: str = "allow") -> tuple[Grant, str]:
    """Sign in as a browser would; the grant, and the page that came last."""
    pages: list[str] = []
    with begin_sign_in(client, login_hint=WORK, page=ResultPage(), clock=SystemClock()) as begun:
        browser = threading.Thread(target=lambda: pages.append(visit(WORK, mode, begun.url)), daemon=True)
        browser.start()
        try:
            grant = begun.wait(30, lambda _: None)
        finally:
            browser.join(30)
    return grant, pages[0]


class Ledger:
    """Secrets and expiries of one account, in memory."""

    backend = "file"

    def __init__(self, grant: Grant) -> None:
        self.kept = {f"refresh:{grant.sub}": grant.refresh_token, f"access:{grant.sub}": grant.access_token}
        self.expires = grant.access_expires

    def get(self, entry: str) -> str | None:
        return self.kept.get(entry)

    def set(self, entry: str, secret: str) -> None:
        self.kept[entry] = secret

    def delete(self, entry: str) -> None:
        self.kept.pop(entry, None)

    def access_expires(self) -> int | None:
        return self.expires

    def refreshed(self, access_expires: int, refresh_expires: int | None) -> None:
        self.expires = access_expires


def tokens_of(client: OAuthClient, grant: Grant) -> tuple[AccessTokens, Ledger]:
    ledger = Ledger(grant)
    tokens = AccessTokens(
        client=client,
        sub=grant.sub,
        email=grant.email,
        scopes=grant.scopes,
        secrets=ledger,
        ledger=ledger,
        clock=SystemClock(),
        lock=nullcontext,
    )
    return tokens, ledger


def test_allowing_everything_brings_the_whole_grant(client: OAuthClient) -> None:
    grant, page = signed_in(client)

    assert (grant.email, grant.scopes) == (WORK, frozenset(SCOPES))
    assert f"<strong>{WORK}</strong> is connected" in page


@pytest.mark.chromium
def test_a_real_browser_comes_back_and_is_shown_the_truth(client: OAuthClient, tmp_path: Path) -> None:
    options = ["--headless", "--no-sandbox", "--disable-gpu", f"--user-data-dir={tmp_path}", "--dump-dom"]
    command = [need("chromium"), *options]
    with begin_sign_in(client, login_hint=WORK, page=ResultPage(), clock=SystemClock()) as begun:
        address = f"{begun.url}&sandbox_auto=allow"
        browser = subprocess.Popen([*command, address], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        grant = begun.wait(60, lambda _: None)
        shown, _ = browser.communicate(timeout=60)

    assert grant.email == WORK
    assert "<h1>Connected</h1>" in shown


def test_an_unticked_box_is_a_smaller_grant_and_can_be_named(sandbox: Sandbox, client: OAuthClient) -> None:
    sandbox.account(WORK, grant=[scope for scope in SCOPES if scope != EVENTS])

    grant, _ = signed_in(client)

    assert missing(grant.scopes) == [WORDS[EVENTS]]


def test_a_smaller_grant_refreshes_with_what_was_granted(sandbox: Sandbox, client: OAuthClient) -> None:
    sandbox.settings(refresh_wide_scope="refuse")
    sandbox.account(WORK, grant=[scope for scope in SCOPES if scope != FREE_BUSY])
    grant, _ = signed_in(client)
    tokens, _ = tokens_of(client, grant)
    tokens.token()

    assert tokens.refresh().startswith("ya29.")


def test_denying_is_a_refusal_on_both_sides(client: OAuthClient) -> None:
    with pytest.raises(ConnectFault, match="refused on Google's page"):
        signed_in(client, "deny")


def test_a_wrong_client_secret_is_found_at_the_exchange(client: OAuthClient) -> None:
    with pytest.raises(Installation, match="OAuth client"):
        signed_in(replace(client, client_secret="GOCSPX-other"))


def test_a_fresh_token_is_used_and_an_old_one_refreshed(client: OAuthClient) -> None:
    grant, _ = signed_in(client)
    fresh, _ = tokens_of(client, grant)
    old, ledger = tokens_of(client, replace(grant, access_expires=0))

    assert fresh.token() == grant.access_token
    assert old.token() != grant.access_token
    assert ledger.kept[f"refresh:{grant.sub}"] == grant.refresh_token


def test_a_rotated_refresh_token_is_the_next_one_used(sandbox: Sandbox, client: OAuthClient) -> None:
    sandbox.settings(rotate_refresh_tokens=True)
    grant, _ = signed_in(client)
    tokens, ledger = tokens_of(client, grant)

    first, second = tokens.refresh(grant.access_token), tokens.refresh()

    assert len({grant.access_token, first, second}) == 3
    assert ledger.kept[f"refresh:{grant.sub}"] != grant.refresh_token


def test_the_seven_days_of_a_test_project_are_kept(sandbox: Sandbox, client: OAuthClient) -> None:
    sandbox.settings(refresh_token_seconds=604_800)

    grant, _ = signed_in(client)

    assert grant.refresh_expires is not None
    assert abs(grant.refresh_expires - SystemClock().now() - 604_800) < 60


def test_a_permission_withdrawn_at_google_asks_for_a_new_sign_in(sandbox: Sandbox, client: OAuthClient) -> None:
    grant, _ = signed_in(client)
    sandbox.revoke(WORK)

    with pytest.raises(NeedsReauth, match=WORK):
        tokens_of(client, grant)[0].refresh(grant.access_token)


def test_revoking_ends_the_grant_and_may_be_repeated(client: OAuthClient) -> None:
    grant, _ = signed_in(client)

    revoke(client, grant.refresh_token)
    revoke(client, grant.refresh_token)

    with pytest.raises(NeedsReauth):
        tokens_of(client, grant)[0].refresh(grant.access_token)

"""Faults by rule, limits, counters, the log and its remarks."""

from __future__ import annotations

from datetime import timedelta
from email.utils import parsedate_to_datetime
from typing import Any

import pytest
import requests

from tests.sandbox.client import Client, Refused, all_day, refresh, timed
from tests.support.sandbox import SUPPORT, WORK


@pytest.mark.parametrize(
    ("status", "reason", "envelope"),
    [
        (500, "backendError", "A"),
        (503, "backendError", "A"),
        (403, "userRateLimitExceeded", "A"),
        (403, "rateLimitExceeded", "B"),
        (429, "rateLimitExceeded", "A"),
        (403, "quotaExceeded", "A"),
        (410, "fullSyncRequired", "A"),
        (409, "conflict", "A"),
    ],
)
def test_any_status_and_reason_in_either_envelope(work: Client, status: int, reason: str, envelope: str) -> None:
    work.sandbox.fault(path="events.list", status=status, reason=reason, envelope=envelope)

    with pytest.raises(Refused) as refusal:
        work.page()
    assert (refusal.value.status, refusal.value.reason) == (status, reason)
    assert ("status" in refusal.value.body["error"]) == (envelope == "B")
    assert work.page()["items"]


def test_a_rule_may_skip_requests_and_strike_several(work: Client) -> None:
    work.sandbox.fault(path="events.list", skip=1, count=2, status=503)

    assert [work.raw("GET", "calendars/primary/events").status_code for _ in range(4)] == [200, 503, 503, 200]


def test_a_rule_may_be_about_one_account_verb_or_path(work: Client, support: Client) -> None:
    work.sandbox.fault(account=SUPPORT, method="GET", path="/events$", count=0, status=500)

    statuses = [
        client.raw("GET", path).status_code
        for client in (work, support)
        for path in ("colors", "calendars/primary/events")
    ]
    assert statuses == [200, 200, 200, 500]


def test_retry_after_comes_only_where_the_rule_has_it(work: Client) -> None:
    work.sandbox.fault(status=429, reason="rateLimitExceeded", retry_after=7)
    work.sandbox.fault(status=429, reason="rateLimitExceeded")

    answers = [work.raw("GET", "colors") for _ in range(2)]
    assert [answer.headers.get("Retry-After") for answer in answers] == ["7", None]


@pytest.mark.parametrize(("drop", "made"), [("before", 0), ("after", 1)])
def test_a_connection_may_end_before_or_after_the_write(work: Client, drop: str, made: int) -> None:
    work.sandbox.fault(path="events.insert", drop=drop)

    with pytest.raises(requests.ConnectionError):
        work.insert(timed("Walrus"))
    assert len(work.all(q="walrus")[0]) == made


def test_a_write_may_be_done_although_its_answer_is_a_503(work: Client) -> None:
    work.sandbox.fault(path="events.insert", status=503, apply=True)

    assert work.raw("POST", "calendars/primary/events", timed("Walrus")).status_code == 503
    assert len(work.all(q="walrus")[0]) == 1


@pytest.mark.parametrize("body", ["truncate", "html", "not-json", "empty"])
def test_a_body_may_be_broken(work: Client, body: str) -> None:
    work.sandbox.fault(path="events.list", body=body)

    answer = work.raw("GET", "calendars/primary/events")
    assert answer.status_code == 200
    with pytest.raises(ValueError):
        answer.json()


def test_a_connection_may_end_within_the_body(work: Client) -> None:
    work.sandbox.fault(path="events.list", body="cut")

    with pytest.raises((requests.exceptions.ChunkedEncodingError, requests.ConnectionError)):
        work.raw("GET", "calendars/primary/events")


def test_an_answer_may_drip_and_is_whole_in_the_end(work: Client) -> None:
    work.sandbox.fault(path="events.list", drip=0.01)

    assert work.page()["kind"] == "calendar#events"


def test_html_and_nothing_instead_of_an_envelope(work: Client) -> None:
    work.sandbox.fault(status=502, envelope="html")
    work.sandbox.fault(status=502, envelope="none")

    first, second = (work.raw("GET", "colors") for _ in range(2))
    assert (first.status_code, first.headers["Content-Type"]) == (502, "text/html; charset=UTF-8")
    assert (second.status_code, second.content) == (502, b"")


def test_the_token_endpoint_has_faults_too(work: Client) -> None:
    work.sandbox.fault(path="token", account=WORK, status=503, envelope="oauth", reason="temporarily_unavailable")

    answers = [refresh(work.sandbox, work.token) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [503, 200]
    assert answers[0].json() == {"error": "temporarily_unavailable"}


def test_a_slow_answer_runs_into_the_clients_timeout(work: Client) -> None:
    work.sandbox.fault(path="colors.get", delay=5)

    address = f"{work.sandbox.root}/calendar/v3/colors"
    headers = {"Authorization": f"Bearer {work.token['access_token']}"}
    with pytest.raises(requests.ReadTimeout):
        requests.get(address, headers=headers, timeout=0.05)


def test_an_unknown_field_in_a_rule_is_refused(work: Client) -> None:
    answer = requests.post(f"{work.sandbox.info['admin']}/faults", json={"statsu": 503}, timeout=30)

    assert answer.status_code == 400


@pytest.mark.parametrize(("status", "reason"), [(403, "userRateLimitExceeded"), (429, "rateLimitExceeded")])
def test_the_limit_per_user_is_a_sliding_minute_in_which_a_patch_counts_three(
    work: Client, status: int, reason: str
) -> None:
    made = work.insert(timed())
    work.sandbox.settings(rate_limit_per_user=5, rate_limit_status=status)
    work.patch(made["id"], {"summary": "x"})
    work.get(made["id"])

    with pytest.raises(Refused) as refusal:
        work.patch(made["id"], {"summary": "y"})
    assert (refusal.value.status, refusal.value.reason) == (status, reason)
    assert "Retry-After" not in refusal.value.headers
    assert work.get(made["id"])["summary"] == "x"
    work.sandbox.settings(clock_offset_seconds=61)
    assert work.patch(made["id"], {"summary": "y"})["summary"] == "y"


def test_the_clock_may_be_skewed_and_the_date_header_with_it(work: Client) -> None:
    now = parsedate_to_datetime(work.raw("GET", "colors").headers["Date"])
    work.sandbox.settings(clock_offset_seconds=-86400)

    then = parsedate_to_datetime(work.raw("GET", "colors").headers["Date"])
    assert timedelta(hours=23) < now - then < timedelta(hours=25)


# -- counters, log, remarks ------------------------------------------------------------------------------------------


def test_counters_count_by_method_and_account(work: Client, support: Client) -> None:
    work.sandbox.reset_counters()
    work.all()
    made = work.insert(timed())
    work.patch(made["id"], {"summary": "x"})
    support.page()

    counters = work.sandbox.counters()
    assert counters["requests"] == {"GET events.list": 2, "POST events.insert": 1, "PATCH events.patch": 1}
    assert counters["by_account"][SUPPORT] == {"GET events.list": 1}
    assert (counters["writes"], counters["units"]) == (2, 6)


def test_what_is_done_over_the_admin_endpoint_is_not_counted(work: Client) -> None:
    work.sandbox.reset_counters()
    work.sandbox.insert(WORK, timed())

    assert work.sandbox.counters()["requests"] == {}


def test_the_log_holds_no_token(work: Client) -> None:
    refresh(work.sandbox, work.token)

    text = str(work.sandbox.log())
    assert all(work.token[name] not in text for name in ("access_token", "refresh_token"))
    assert "'name': 'token'" in text


@pytest.mark.parametrize(
    ("verb", "event", "remark"),
    [
        ("PATCH", {"summary": "x"}, "write without If-Match"),
        ("PUT", all_day(), "update without attendees"),
        ("DELETE", None, "write without If-Match"),
    ],
)
def test_suspicious_writes_are_remarked_on(work: Client, verb: str, event: Any, remark: str) -> None:
    made = work.insert(timed(id="clientid0"))
    work.sandbox.reset_counters()
    work.raw(verb, f"calendars/primary/events/{made['id']}", event)

    (record,) = work.sandbox.admin("GET", "/lint")["suspicious"]
    assert any(one.startswith(remark) for one in record["remarks"])


def test_careful_requests_get_no_remark(work: Client) -> None:
    made = work.insert(timed(id="clientid0"))
    work.patch(made["id"], {"summary": "x"}, headers={"If-Match": made["etag"]})
    work.all(showDeleted="true")

    assert work.sandbox.admin("GET", "/lint")["suspicious"] == []


def test_parameters_that_a_sync_token_was_not_made_with_are_remarked_on(work: Client) -> None:
    _, token = work.all(singleEvents="true", timeMax="2026-12-31T00:00:00Z", timeMin="2026-11-01T00:00:00Z")
    work.sandbox.reset_counters()
    work.page(syncToken=token, singleEvents="true")
    work.page(syncToken=token)

    (record,) = work.sandbox.admin("GET", "/lint")["suspicious"]
    assert "singleEvents" not in record["query"]

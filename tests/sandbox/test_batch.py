"""The batch endpoint: by hand, and as google-api-python-client speaks to it."""

from __future__ import annotations

import re
from typing import Any

import google.oauth2.credentials
import pytest
import requests
from googleapiclient.discovery import build
from googleapiclient.errors import HttpError
from googleapiclient.http import BatchHttpRequest

from tests.sandbox.client import Client, timed
from tests.support.sandbox import WORK


def service(client: Client) -> Any:
    credentials = google.oauth2.credentials.Credentials(client.token["access_token"])
    endpoint = {"api_endpoint": f"{client.sandbox.root}/calendar/v3"}
    return build("calendar", "v3", credentials=credentials, client_options=endpoint, static_discovery=True)


def post(client: Client, body: str, **headers: str) -> requests.Response:
    usual = {
        "Content-Type": "multipart/mixed; boundary=b1",
        "Authorization": f"Bearer {client.token['access_token']}",
    }
    address = f"{client.sandbox.root}/batch/calendar/v3"
    return requests.post(address, data=body.encode(), headers={**usual, **headers}, timeout=30)


def part(line: str, *more: str, content_id: str = "<one>") -> str:
    head = f"--b1\r\nContent-Type: application/http\r\nContent-ID: {content_id}\r\n\r\n{line}\r\n"
    return head + "".join(f"{one}\r\n" for one in more) + "\r\n"


def test_each_part_has_its_own_status_and_the_outer_one_is_200(work: Client) -> None:
    made = work.insert(timed())
    batch: list[tuple[str, Any, Any]] = []
    api = service(work)
    request = BatchHttpRequest(
        callback=lambda name, answer, error: batch.append((name, answer, error)),
        batch_uri=f"{work.sandbox.root}/batch/calendar/v3",
    )
    request.add(api.events().get(calendarId="primary", eventId=made["id"]), request_id="good")
    request.add(api.events().get(calendarId="primary", eventId="unknown"), request_id="bad one")
    request.add(api.events().insert(calendarId="primary", body=timed("By batch")), request_id="write")
    request.execute()
    api.close()

    (good, bad, write) = batch
    assert (good[0], good[1]["etag"], good[2]) == ("good", made["etag"], None)
    assert (bad[0], bad[1], bad[2].status_code) == ("bad one", None, 404)
    assert write[1]["summary"] == "By batch"


def test_every_part_is_counted_for_itself(work: Client) -> None:
    work.sandbox.reset_counters()
    post(work, part("GET /calendar/v3/colors HTTP/1.1") * 3 + "--b1--")

    assert work.sandbox.requests() == {"GET colors.get": 3, "POST batch": 1}


def test_content_ids_are_echoed_and_answers_come_in_order(work: Client) -> None:
    body = part("GET /calendar/v3/colors", content_id="<item1>") + part(
        "GET /calendar/v3/nonsense", content_id="<x%2B2>"
    )
    text = post(work, body + "--b1--").text

    assert text.index("Content-ID: <response-item1>") < text.index("HTTP/1.1 200 OK")
    assert text.index("Content-ID: <response-x%2B2>") < text.index("HTTP/1.1 404 Not Found")


def test_an_inner_authorization_wins_over_the_outer_one(work: Client, support: Client) -> None:
    bearer = f"Authorization: Bearer {support.token['access_token']}"
    body = part("GET /calendar/v3/calendars/primary", bearer) + part("GET /calendar/v3/calendars/primary")
    text = post(work, body + "--b1--").text

    assert text.index('"id": "support@example.com"') < text.index('"id": "work@example.com"')


def test_an_inner_if_match_counts(work: Client) -> None:
    made = work.insert(timed())
    line = f"DELETE /calendar/v3/calendars/primary/events/{made['id']} HTTP/1.1"

    assert "HTTP/1.1 412 Precondition Failed" in post(work, part(line, 'If-Match: "1"') + "--b1--").text
    assert work.get(made["id"])["status"] == "confirmed"


@pytest.mark.parametrize("body", ["", "--b1--", "nonsense"])
def test_a_malformed_batch_is_400(work: Client, body: str) -> None:
    assert post(work, body).status_code == 400


def test_more_than_a_thousand_calls_are_refused(work: Client) -> None:
    assert post(work, part("GET /calendar/v3/colors") * 1001 + "--b1--").status_code == 400


def test_a_fault_may_strike_one_part_or_the_whole(work: Client) -> None:
    work.sandbox.fault(path="colors.get", status=403, reason="rateLimitExceeded")
    one = post(work, part("GET /calendar/v3/colors") * 2 + "--b1--")
    work.sandbox.fault(path="batch", status=503)

    assert (one.status_code, one.text.count("403 Forbidden"), one.text.count("200 OK")) == (200, 1, 1)
    assert post(work, part("GET /calendar/v3/colors") + "--b1--").status_code == 503


def test_googles_client_pages_through_a_listing(work: Client) -> None:
    api = service(work)
    request, seen, token = api.events().list(calendarId=WORK, maxResults=15), 0, None
    for _ in range(10):
        answer = request.execute()
        seen, token = seen + len(answer["items"]), answer.get("nextSyncToken")
        request = api.events().list_next(request, answer)
        if request is None:
            break
    with pytest.raises(HttpError) as refusal:
        api.events().list(calendarId=WORK, syncToken=token, q="x").execute()
    api.close()

    assert seen == 40
    assert refusal.value.status_code == 400


def test_a_client_may_be_built_from_the_sandboxs_own_discovery_document(work: Client) -> None:
    credentials = google.oauth2.credentials.Credentials(work.token["access_token"])
    address = work.sandbox.root + "/$discovery/rest?version={apiVersion}"
    api: Any = build("calendar", "v3", credentials=credentials, discoveryServiceUrl=address, static_discovery=False)
    names: list[str] = []
    batch = api.new_batch_http_request(callback=lambda _, answer, __: names.append(answer["kind"]))
    batch.add(api.colors().get())
    batch.execute()
    listed = api.calendarList().list().execute()
    api.close()

    assert names == ["calendar#colors"]
    assert len(listed["items"]) == 4


def test_a_page_in_a_browser_may_call_from_another_origin(work: Client) -> None:
    answer = requests.options(
        f"{work.sandbox.root}/calendar/v3/colors", headers={"Origin": "http://localhost:3000"}, timeout=30
    )

    assert (answer.status_code, answer.headers["Access-Control-Allow-Origin"]) == (204, "http://localhost:3000")


@pytest.mark.parametrize(
    ("switches", "statuses", "left"),
    [
        ({}, ["200", "200"], "second"),
        ({"batch_reversed": True}, ["200", "200"], "first"),
        ({"batch_conflicts": True}, ["200", "409"], "first"),
    ],
)
def test_the_parts_of_a_batch_may_run_in_another_order_and_clash(
    work: Client, switches: dict[str, bool], statuses: list[str], left: str
) -> None:
    work.sandbox.settings(**switches)
    made = work.insert(timed())
    line = f"PATCH /calendar/v3/calendars/primary/events/{made['id']} HTTP/1.1"
    parts = [part(line, "Content-Type: application/json", "", f'{{"summary": "{one}"}}') for one in ("first", "second")]
    text = post(work, "".join(parts) + "--b1--").text

    assert re.findall(r"HTTP/1.1 (\d+)", text) == statuses
    assert work.get(made["id"])["summary"] == left


def test_a_page_of_another_origin_may_not_steer_the_sandbox(work: Client) -> None:
    address = f"{work.sandbox.info['admin']}/reset"
    answer = requests.post(address, headers={"Origin": "https://elsewhere.example.com"}, timeout=30)

    assert (answer.status_code, "Access-Control-Allow-Origin" in answer.headers) == (403, False)
    assert work.raw("GET", "colors").status_code == 200


def test_working_locations_are_not_written_by_batch(work: Client) -> None:
    times = (
        '"start":{"date":"2026-11-23"},"end":{"date":"2026-11-24"},"visibility":"public","transparency":"transparent"'
    )
    kind = '"eventType":"workingLocation","workingLocationProperties":{"type":"homeOffice","homeOffice":{}}'
    line = "POST /calendar/v3/calendars/primary/events"
    text = post(work, part(line, "Content-Type: application/json", "", f"{{{times},{kind}}}") + "--b1--").text

    assert '"reason": "eventTypeRestriction"' in text

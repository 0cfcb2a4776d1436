"""events.list: pages, tokens, what may go together, what deleted events look like."""

from __future__ import annotations

import pytest

from tests.sandbox.client import Client, Refused, timed
from tests.support.sandbox import WORK

SECOND_OF_SERIES = "RRULE:FREQ=DAILY;COUNT=4"


def test_pages_bring_every_item_once_and_only_the_last_a_sync_token(work: Client) -> None:
    pages = work.pages(maxResults=7)

    ids = [item["id"] for page in pages for item in page["items"]]
    assert len(ids) == len(set(ids)) == 40
    assert ["nextSyncToken" in page for page in pages] == [False] * 5 + [True]


def test_a_page_may_be_empty_and_still_have_a_successor(work: Client) -> None:
    work.sandbox.settings(empty_pages=2, page_size=15)

    pages = work.pages(maxResults=2500)

    assert [len(page["items"]) for page in pages] == [15, 0, 15, 0, 10]


def test_an_unchanged_calendar_answers_an_incremental_list_without_items(work: Client) -> None:
    _, token = work.all()

    assert work.changed(token) == []


def test_an_incremental_list_brings_what_changed_and_nothing_else(work: Client) -> None:
    items, token = work.all(maxResults=2500)
    single = next(item for item in items if "recurrence" not in item and "recurringEventId" not in item)
    work.sandbox.patch(WORK, single["id"], {"summary": "Changed by hand"})
    made = work.sandbox.insert(WORK, timed("Made by hand"))

    changed = {item["id"]: item["summary"] for item in work.changed(token)}
    assert changed == {single["id"]: "Changed by hand", made["id"]: "Made by hand"}


def test_an_event_that_changed_twice_comes_once_in_its_last_state(work: Client) -> None:
    _, token = work.all()
    made = work.insert(timed("First"))
    work.patch(made["id"], {"summary": "Second"})

    assert [item["summary"] for item in work.changed(token)] == ["Second"]


def test_a_change_while_paging_comes_with_the_next_incremental_list(work: Client) -> None:
    first = work.page(maxResults=20)
    changed = first["items"][0]["id"]
    work.sandbox.patch(WORK, changed, {"summary": "Meanwhile"})
    last = work.page(maxResults=20, pageToken=first["nextPageToken"])

    assert [item["id"] for item in work.changed(last["nextSyncToken"])] == [changed]


def test_an_incremental_list_is_paged_too(work: Client) -> None:
    _, token = work.all()
    for number in range(5):
        work.insert(timed(f"Number {number}"))

    pages = work.pages(syncToken=token, maxResults=2)

    assert [len(page["items"]) for page in pages] == [2, 2, 1]
    assert work.changed(pages[-1]["nextSyncToken"]) == []


def test_a_deleted_event_comes_as_little_more_than_its_id_to_an_incremental_list(work: Client) -> None:
    made = work.insert(timed())
    _, token = work.all()
    work.delete(made["id"])

    (tombstone,) = work.changed(token)
    assert tombstone == {
        "kind": "calendar#event",
        "id": made["id"],
        "status": "cancelled",
        "etag": tombstone["etag"],
    }


def test_the_organizers_deleted_event_keeps_its_details_with_show_deleted(work: Client) -> None:
    made = work.insert(timed("Recoverable"))
    _, token = work.all(showDeleted="true")
    work.delete(made["id"])

    (tombstone,) = work.changed(token, showDeleted="true")
    assert (tombstone["status"], tombstone["summary"]) == ("cancelled", "Recoverable")


def test_a_switch_makes_every_tombstone_thin(work: Client) -> None:
    work.sandbox.settings(thin_tombstones=True)
    made = work.insert(timed("Gone"))
    _, token = work.all(showDeleted="true")
    work.delete(made["id"])

    (tombstone,) = work.changed(token, showDeleted="true")
    assert sorted(tombstone) == ["etag", "id", "kind", "status"]


def test_a_full_list_leaves_deleted_events_out_unless_asked(work: Client) -> None:
    made = work.insert(timed())
    work.delete(made["id"])

    plain, _ = work.all()
    deleted, _ = work.all(showDeleted="true")
    assert made["id"] not in {item["id"] for item in plain}
    assert made["id"] in {item["id"] for item in deleted}


def test_a_cancelled_occurrence_comes_with_its_living_series_also_without_show_deleted(work: Client) -> None:
    series = work.insert(timed(recurrence=[SECOND_OF_SERIES]))
    work.delete(f"{series['id']}_20261124T100000Z")

    (gone,) = [item for item in work.all()[0] if item.get("recurringEventId") == series["id"]]
    assert sorted(gone) == ["etag", "id", "kind", "originalStartTime", "recurringEventId", "status"]
    assert gone["originalStartTime"] == {"dateTime": "2026-11-24T10:00:00Z", "timeZone": "Europe/London"}


@pytest.mark.parametrize(
    "restriction",
    [
        {"iCalUID": "x"},
        {"privateExtendedProperty": "a=b"},
        {"q": "x"},
        {"sharedExtendedProperty": "a=b"},
        {"timeMin": "2026-01-01T00:00:00Z"},
        {"timeMax": "2026-01-01T00:00:00Z"},
        {"updatedMin": "2026-01-01T00:00:00Z"},
        {"showDeleted": "false"},
    ],
)
def test_a_sync_token_goes_with_no_other_restriction(work: Client, restriction: dict[str, str]) -> None:
    _, token = work.all()

    with pytest.raises(Refused) as refused:
        work.page(syncToken=token, **restriction)
    assert (refused.value.status, refused.value.reason) == (400, "syncTokenWithRequestRestrictions")


def test_a_sync_token_goes_with_no_ordering(work: Client) -> None:
    _, token = work.all()

    with pytest.raises(Refused) as refused:
        work.page(syncToken=token, orderBy="updated")
    assert (refused.value.status, refused.value.reason) == (400, "syncTokenWithNonDefaultOrdering")


def test_garbage_for_a_sync_token_is_400_and_no_410(work: Client) -> None:
    with pytest.raises(Refused) as refused:
        work.page(syncToken="CPDAlvWDx70CEPDAlvWDx70CGAU=")
    assert (refused.value.status, refused.value.reason) == (400, "invalid")


def test_another_calendars_token_is_400(work: Client) -> None:
    _, token = work.all(work.sandbox.calendar("Team"))

    with pytest.raises(Refused) as refused:
        work.page(syncToken=token)
    assert (refused.value.status, refused.value.reason) == (400, "invalid")


def test_an_expired_sync_token_is_410_full_sync_required(work: Client) -> None:
    _, token = work.all()
    work.sandbox.expire_sync_tokens(WORK)

    with pytest.raises(Refused) as refused:
        work.page(syncToken=token)
    assert (refused.value.status, refused.value.reason) == (410, "fullSyncRequired")


def test_a_changed_role_kills_the_sync_token_of_that_calendar(work: Client) -> None:
    team = work.sandbox.calendar("Shared (read only)")
    _, token = work.all(team)
    work.sandbox.share(team, WORK, "writer")

    with pytest.raises(Refused) as refused:
        work.page(team, syncToken=token)
    assert refused.value.status == 410
    assert work.page(team)["accessRole"] == "writer"


def test_a_page_token_belongs_to_its_own_query(work: Client) -> None:
    first = work.page(maxResults=5)

    with pytest.raises(Refused) as refused:
        work.page(maxResults=5, q="x", pageToken=first["nextPageToken"])
    assert (refused.value.status, refused.value.reason) == (400, "invalid")


def test_page_tokens_can_be_made_to_expire(work: Client) -> None:
    first = work.page(maxResults=5)
    work.sandbox.expire_sync_tokens(WORK, pages=True)

    with pytest.raises(Refused) as refused:
        work.page(maxResults=5, pageToken=first["nextPageToken"])
    assert refused.value.status == 400


def test_the_window_bounds_are_exclusive(work: Client) -> None:
    team = work.sandbox.add_calendar(WORK, "Window")
    work.insert(timed("Ten to eleven"), team)

    def seen(low: str, high: str) -> int:
        return len(work.all(team, timeMin=f"2026-11-23T{low}:00Z", timeMax=f"2026-11-23T{high}:00Z")[0])

    assert [seen("09:00", "10:00"), seen("09:00", "10:01"), seen("11:00", "12:00"), seen("10:59", "12:00")] == [
        0,
        1,
        0,
        1,
    ]


def test_an_empty_window_is_refused(work: Client) -> None:
    with pytest.raises(Refused) as refused:
        work.page(timeMin="2026-11-23T10:00:00Z", timeMax="2026-11-23T10:00:00Z")
    assert (refused.value.status, refused.value.reason) == (400, "timeRangeEmpty")


def test_updated_min_brings_deletions_and_may_lie_too_far_back(work: Client) -> None:
    made = work.insert(timed())
    work.delete(made["id"])

    assert made["id"] in {item["id"] for item in work.all(updatedMin=made["updated"])[0]}
    with pytest.raises(Refused) as refused:
        work.page(updatedMin="2020-01-01T00:00:00Z")
    assert (refused.value.status, refused.value.reason) == (410, "updatedMinTooLongAgo")


def test_ordering_by_start_needs_single_events_and_gives_no_sync_token(work: Client) -> None:
    with pytest.raises(Refused) as refused:
        work.page(orderBy="startTime")
    assert refused.value.status == 400

    items, token = work.all(orderBy="startTime", singleEvents="true", maxResults=50)
    starts = [item["start"].get("dateTime", item["start"].get("date")) for item in items]
    assert starts == sorted(starts)
    assert token == ""


def test_single_events_expands_series_and_shows_no_master(work: Client) -> None:
    team = work.sandbox.add_calendar(WORK, "Expanded")
    series = work.insert(timed(recurrence=[SECOND_OF_SERIES]), team)
    work.patch(f"{series['id']}_20261124T100000Z", {"summary": "Moved"}, team)
    work.delete(f"{series['id']}_20261125T100000Z", team)

    items, _ = work.all(team, singleEvents="true", orderBy="startTime")
    assert [(item["summary"], item["originalStartTime"]["dateTime"][:10]) for item in items] == [
        ("Meeting", "2026-11-23"),
        ("Moved", "2026-11-24"),
        ("Meeting", "2026-11-26"),
    ]


def test_times_come_in_the_zone_that_was_asked_for(work: Client) -> None:
    team = work.sandbox.add_calendar(WORK, "Zones")
    work.insert(timed(), team)

    (item,) = work.all(team, timeZone="Asia/Tokyo")[0]
    assert item["start"] == {"dateTime": "2026-11-23T19:00:00+09:00", "timeZone": "Europe/London"}


def test_private_properties_find_an_event_again(work: Client) -> None:
    made = work.insert(timed(extendedProperties={"private": {"managed_by": "somebody", "key": "k1"}}))

    found, _ = work.all(privateExtendedProperty=["managed_by=somebody", "key=k1"])
    assert [item["id"] for item in found] == [made["id"]]
    assert work.all(privateExtendedProperty=["managed_by=somebody", "key=k2"])[0] == []


def test_search_and_event_types_choose(work: Client) -> None:
    made = work.insert(timed("A peculiar walrus"))

    assert [item["id"] for item in work.all(q="WALRUS")[0]] == [made["id"]]
    assert work.all(q="walrus", eventTypes="focusTime")[0] == []


def test_a_field_mask_leaves_only_what_it_names(work: Client) -> None:
    page = work.page(fields="nextPageToken,items(id,start/dateTime)", maxResults=3)

    assert sorted(page) == ["items", "nextPageToken"]
    assert {name for item in page["items"] for name in item} <= {"id", "start"}
    assert all(set(item.get("start", {})) <= {"dateTime"} for item in page["items"])


@pytest.mark.parametrize("mask", ["items(nonsense)", "nonsense", "items/start/nonsense", "items(id", "items(id))", ","])
def test_a_mask_with_a_field_that_does_not_exist_is_refused(work: Client, mask: str) -> None:
    with pytest.raises(Refused) as refused:
        work.page(fields=mask)
    assert (refused.value.status, refused.value.reason) == (400, "invalidParameter")


@pytest.mark.parametrize(
    "mask", ["*", "items/*", "items(extendedProperties/private/anything)", "items/attendees(email,self),kind"]
)
def test_masks_take_stars_and_free_names(work: Client, mask: str) -> None:
    assert work.page(fields=mask)["items"]


def test_an_address_too_long_may_come_as_post_with_an_override(work: Client) -> None:
    answer = work.raw(
        "POST",
        "calendars/primary/events",
        headers={"X-HTTP-Method-Override": "GET", "Content-Type": "application/x-www-form-urlencoded"},
        data={"maxResults": 3},
    )

    assert (answer.status_code, len(answer.json()["items"])) == (200, 3)


def test_with_mere_free_busy_access_details_are_hidden(work: Client) -> None:
    team = work.sandbox.calendar("Team")
    work.sandbox.add_account("visitor@example.com")
    work.sandbox.share(team, "visitor@example.com", "freeBusyReader")
    visitor = Client(work.sandbox, "visitor@example.com").sign_in()

    page = visitor.page(team, timeMin="2026-11-01T00:00:00Z", timeMax="2027-01-01T00:00:00Z")
    visitor.session.close()
    assert page["accessRole"] == "freeBusyReader"
    assert page["items"]
    assert all("summary" not in item and "recurrence" not in item for item in page["items"])


def test_incremental_answers_may_come_out_of_order(work: Client) -> None:
    _, token = work.all()
    made = [work.insert(timed(f"{number}"))["id"] for number in range(8)]
    work.sandbox.settings(scramble=True)

    ids = [item["id"] for item in work.changed(token)]
    assert sorted(ids) == sorted(made)
    assert ids != made

"""Which permissions are asked for, and how a missing one is named."""

from __future__ import annotations

from googleapiclient.discovery_cache import get_static_doc

from calsyncctl.google.scopes import CALENDAR_LIST, EVENTS, FREE_BUSY, REQUIRED, SCOPES, WORDS, missing


def test_nothing_is_missing_when_everything_was_granted() -> None:
    assert missing(SCOPES) == []


def test_an_unticked_box_is_named_in_words() -> None:
    granted = set(SCOPES) - {EVENTS}

    assert missing(granted) == ["view and edit events on your calendars"]


def test_the_missing_ones_come_in_the_consent_pages_order() -> None:
    assert missing([]) == [WORDS[CALENDAR_LIST], WORDS[EVENTS]]


def test_an_account_is_of_use_without_free_and_busy() -> None:
    assert missing(set(SCOPES) - {FREE_BUSY}) == []


def test_a_wider_permission_stands_for_the_narrow_ones() -> None:
    assert missing(["https://www.googleapis.com/auth/calendar"], (*REQUIRED, FREE_BUSY)) == []


def test_reading_everything_does_not_permit_editing() -> None:
    assert missing(["https://www.googleapis.com/auth/calendar.readonly"]) == [WORDS[EVENTS]]


def test_every_calendar_permission_is_one_that_googles_own_document_knows() -> None:
    document = str(get_static_doc("calendar", "v3"))

    assert all(scope in document for scope in (CALENDAR_LIST, EVENTS, FREE_BUSY))

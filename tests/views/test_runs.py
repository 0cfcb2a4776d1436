"""Runs and undoing as people read them: counts in words, fields from → to, what stays."""

from __future__ import annotations

from msgspec.structs import replace

from calsyncctl.model.history import Action, Counts, FieldChange, Lost, Run, Version
from calsyncctl.sync.takeback import Kept
from calsyncctl.views.history import history_rows
from calsyncctl.views.runs import RunEntry, RunEvent, entry_text, run_row
from calsyncctl.views.undone import stays_text

RUN = Run(id=7, kind="sync", author="google", account_id=1, started=0, ended=1, outcome="done")


def version(author: str = "google", **more: object) -> Version:
    return Version(
        event_id=1,
        version=2,
        run_id=7,
        calendar_id=1,
        at=0,
        author=author,
        action=Action.CHANGED,
        why="agent:jane undid run 3" if author == "undo" else "Google says so",
        changes=(FieldChange("summary", "Lunch", "Salad"),),
        **more,  # type: ignore[arg-type]
    )


def test_a_run_says_its_counts_in_words_and_what_it_took_back() -> None:
    counts = Counts(new=1200, changed=1, updated=2)
    done = Run(id=9, kind="undo", author="agent:jane", account_id=1, started=0, counts=counts, undoes=7)

    row = run_row(done, {1: "work@example.com"}, [11])

    assert row.what == "1,200 new, 1 changed, 2 changed in Google, takes back run 7, taken back by run 11"
    assert (row.account, row.outcome, row.ended) == ("work@example.com", "under way", None)


def test_a_change_says_from_and_to_the_value_not_chosen_and_who_stands_behind() -> None:
    lost = (Lost("location", "Roof", "Garden"), Lost("deleted", True, False))
    conflict, undone = history_rows([version(lost=lost), version("undo")])

    assert conflict.what == "title: “Lunch” → “Salad”; not chosen, location: “Roof”; not chosen: its deletion"
    assert undone.what == "title: “Lunch” → “Salad” (agent:jane undid run 3)"


def test_what_google_notes_about_people_for_itself_is_no_news() -> None:
    noted = FieldChange("organizer_self", False, True)
    alone, beside = history_rows(replace(version(), changes=(noted, *more)) for more in ((), version().changes))

    assert alone.what == "Google says so"
    assert beside.what == "title: “Lunch” → “Salad”"
    assert [one.field for one in beside.changes] == ["organizer_self", "summary"]


def test_a_run_whole_names_each_event_its_mails_and_its_error() -> None:
    (change,) = history_rows([version()])
    failed = Run(id=7, kind="sync", author="google", account_id=1, started=0, outcome="failed", mails=3, error="Away.")
    row = run_row(failed, {}, [])
    many = tuple(RunEvent("4f3a" * 8, "Salad", "Team", 1, change) for _ in range(51))

    text = entry_text(RunEntry(row, many, ()), lambda _: "then")

    assert "run 7: sync by google, then, failed" in text
    assert "3 asked Google to mail guests\n! Away." in text
    assert "  4f3a4f3a  Salad (Team), changed: title: “Lunch” → “Salad”" in text
    assert text.endswith("… and 1 more; --json tells them all")
    assert "Sent to Google" not in text


def test_what_stays_is_said_as_a_field_or_as_a_fate() -> None:
    assert stays_text(Kept("summary", "Soup")) == "title: “Soup”"
    assert stays_text(Kept("deleted", True)) == "it was deleted since"
    assert stays_text(Kept("deleted", False)) == "it was changed since, so it stays"

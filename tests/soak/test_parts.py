"""The soak's own judgement: it sees what is lost, doubled, unlike or leaking, and nothing where all is well."""

from __future__ import annotations

import os
import threading
from contextlib import ExitStack, closing
from dataclasses import replace
from pathlib import Path

from calsyncctl.store.db import open_store
from tests.soak.books import Books, Item, Kind, Words
from tests.soak.comparing import Seen, differences
from tests.soak.gauge import Sample, faults, handles, look

TEAM = "team"
LUNCH = Seen("g1", "Lunch", "", "here-1", "there-2", "20270301T120000Z")


def judged(kind: Kind, here: list[Seen], there: list[Seen], *, words: Words | None = None, past: str = "") -> list[str]:
    item = Item("Lunch", kind, TEAM, "g1", words=words or Words("here-1", "there-2"))
    return differences(Books([item]), {TEAM: here}, {TEAM: there}, past)


def test_where_both_sides_say_what_was_written_nothing_is_wrong() -> None:
    assert judged(Kind.SHARED, [LUNCH], [LUNCH]) == []


def test_a_lost_event_is_seen_on_either_side_and_on_both() -> None:
    assert judged(Kind.SHARED, [LUNCH], [])
    assert judged(Kind.SHARED, [], [LUNCH])
    assert judged(Kind.SHARED, [], [])


def test_a_doubled_event_is_seen_though_both_sides_agree() -> None:
    twice = [LUNCH, replace(LUNCH, google_id="g2")]
    assert judged(Kind.SHARED, twice, twice) == [
        "('Lunch', '') is here 2 times",
        "('Lunch', '') is in Google 2 times",
    ]


def test_a_lost_edit_is_seen_though_both_sides_agree() -> None:
    older = [replace(LUNCH, location="there-1")]
    assert len(judged(Kind.SHARED, older, older)) == 2


def test_a_conflict_may_end_either_way_if_the_other_value_is_in_the_history() -> None:
    either = [replace(LUNCH, description="there-2", location="")]
    assert judged(Kind.CONTESTED, either, either, past="here-1") == []
    assert judged(Kind.CONTESTED, either, either)
    neither = [replace(LUNCH, description="there-1", location="")]
    assert judged(Kind.CONTESTED, neither, neither, past="here-1 there-2")


def test_what_was_deleted_must_be_gone() -> None:
    books = Books([Item("Lunch", Kind.MINE, TEAM, "g1", deleted=True)])
    assert differences(books, {TEAM: []}, {TEAM: []}, "") == []
    assert len(differences(books, {TEAM: [LUNCH]}, {TEAM: [LUNCH]}, "")) == 2


def test_an_occurrence_counts_for_itself() -> None:
    series = Item("Lunch", Kind.SERIES, TEAM, "g1", occurrences={"20270308T120000Z": Words("here-3", "")})
    whole = replace(LUNCH, description="", location="")
    one = Seen("g1_2", "Lunch", "20270308T120000Z", "here-3", "", "20270308T120000Z")
    assert differences(Books([series]), {TEAM: [whole, one]}, {TEAM: [whole, one]}, "") == []
    assert differences(Books([series]), {TEAM: [whole]}, {TEAM: [whole]}, "")


def test_an_edit_that_is_not_in_the_history_is_seen() -> None:
    books = Books(written_here=["here-1", "here-2"])
    assert differences(books, {}, {}, "… here-2 …") == ["here-1 was written here and is not in the history"]


def samples(*kilobytes: int, handles: int = 30) -> list[Sample]:
    return [Sample(60.0 * number, size, handles) for number, size in enumerate(kilobytes)]


def test_memory_that_wavers_is_well_and_memory_that_climbs_is_not() -> None:
    wavering = samples(*(60_000 + 900 * (number % 3) for number in range(10)))
    climbing = samples(*(60_000 + 1_500 * number for number in range(10)))
    assert faults(wavering) == []
    assert "memory grew by 6000 KB" in faults(climbing)[0]


def test_caches_that_fill_and_then_are_full_are_no_leak() -> None:
    filling = samples(72_900, 75_700, 76_700, 77_600, 79_300, 80_300, 80_300, 80_700, 81_200, 81_200)
    leaking = samples(72_900, 75_700, 76_700, 77_600, 79_300, 80_300, 82_300, 84_300, 86_300, 88_300)
    assert faults(filling) == []
    assert "memory grew by 8000 KB" in faults(leaking)[0]


def test_a_single_leap_of_memory_is_no_climb() -> None:
    assert faults(samples(60_000, *[63_000] * 9)) == []


def test_handles_that_pile_up_are_seen() -> None:
    piling = [Sample(float(number), 60_000, 10 + number) for number in range(10)]
    assert faults(piling) == ["file handles went from 14 to 19, the store's not counted"]
    assert faults(samples(*[60_000] * 5, handles=10) + samples(*[60_000] * 5, handles=12)) == []


def test_threads_that_open_the_store_late_are_no_leak_and_more_than_each_of_them_needs_is_one() -> None:
    late = [Sample(float(number), 60_000, 10, 5 if number < 7 else 33, threads=11) for number in range(10)]
    assert faults(late) == []
    leaking = [replace(one, on_store=34) if one.at > 7 else one for one in late]
    assert faults(leaking) == ["34 handles on the store, 11 threads"]


def test_handles_on_the_store_its_log_and_its_index_are_told_from_all_others(tmp_path: Path) -> None:
    store = tmp_path / "calsyncctl.db"
    own, others = handles(os.getpid(), store)
    with ExitStack() as opened:
        for name in ("calsyncctl.db", "calsyncctl.db-wal", "calsyncctl.db-shm", "calsyncctl.db-old", "calsyncctl.log"):
            opened.enter_context((tmp_path / name).open("w"))
        store.unlink()
        assert handles(os.getpid(), store) == (own + 3, others + 2)
    assert handles(os.getpid(), store) == (own, others)


def test_a_look_at_a_process_counts_each_connection_to_the_store_and_each_thread(tmp_path: Path) -> None:
    store, over = tmp_path / "calsyncctl.db", threading.Event()
    with closing(open_store(store)), closing(open_store(store)):
        before = look(os.getpid(), 0.0, store)
        thread = threading.Thread(target=over.wait, args=(30,))
        thread.start()
        after = look(os.getpid(), 1.0, store)
        over.set()
        thread.join()
    assert before.on_store == 5  # two files, two logs, one index
    assert (after.handles, after.on_store, after.threads) == (before.handles, 5, before.threads + 1)
    assert after.kilobytes > 1_000

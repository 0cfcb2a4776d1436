"""The console: data on stdout, talk on stderr; for people, in a pipe, as JSON."""

from __future__ import annotations

import io
import json
from dataclasses import dataclass
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from calsyncctl.console import Column, Console, moment
from calsyncctl.errors import Later, UsageFault
from calsyncctl.flags import Color, Flags
from calsyncctl.layout import state_style


@dataclass(frozen=True, slots=True)
class Row:
    name: str
    state: str = "selected"
    primary: bool = False
    seen: datetime | None = None
    assignees: tuple[str, ...] = ()


COLUMNS = (Column("name", "NAME", flexible=True), Column("state", "STATE", style=state_style), Column("seen", "SEEN"))
ROWS = [Row("Work", seen=datetime(2026, 7, 1, 8, 30, tzinfo=UTC)), Row("Team", "paused")]


class Terminal(io.StringIO):
    """A file that says it is a terminal."""

    def isatty(self) -> bool:
        return True


class Heard:
    """A console, and what was written to its two ends."""

    def __init__(self, *, terminal: bool = False, environ: dict[str, str] | None = None, **flags: object) -> None:
        self.out, self.err = (Terminal(), Terminal()) if terminal else (io.StringIO(), io.StringIO())
        self.console = Console(
            Flags(**flags),  # type: ignore[arg-type]
            zone=lambda: ZoneInfo("Europe/Berlin"),
            environ=environ or {},
            out=self.out,
            err=self.err,
        )


def test_a_table_in_a_pipe_is_plain_columns_with_times_in_the_zone() -> None:
    heard = Heard()

    heard.console.table(ROWS, COLUMNS)

    assert heard.out.getvalue() == (
        "NAME  STATE     SEEN\n"
        "Work  selected  2026-07-01 10:30 CEST\n"
        "Team  paused    –\n"
    )  # fmt: skip


def test_a_rare_column_is_there_only_if_a_row_has_something_in_it() -> None:
    columns = (Column("name", "NAME"), Column("primary", "PRIMARY", rare=True))
    without, with_it = Heard(), Heard()
    without.console.table([Row("Work")], columns)
    with_it.console.table([Row("Work"), Row("Team", primary=True)], columns)
    assert "PRIMARY" not in without.out.getvalue()
    assert "PRIMARY" in with_it.out.getvalue()


def test_a_table_on_a_terminal_is_coloured_unless_the_user_says_no() -> None:
    heard = Heard(terminal=True)
    heard.console.table(ROWS, COLUMNS)
    assert "\x1b[32mselected\x1b[0m" in heard.out.getvalue()

    for plain in (Heard(terminal=True, environ={"NO_COLOR": "1"}), Heard(terminal=True, color=Color.NEVER)):
        plain.console.table(ROWS, COLUMNS)
        assert "\x1b[" not in plain.out.getvalue()


def test_as_json_a_list_is_a_bare_array_and_times_are_rfc_3339() -> None:
    heard = Heard(json=True)

    heard.console.table(ROWS[:1], COLUMNS)

    assert json.loads(heard.out.getvalue()) == [
        {"name": "Work", "state": "selected", "primary": False, "seen": "2026-07-01T08:30:00Z", "assignees": []}
    ]


def test_where_there_is_nothing_people_read_what_to_do_and_scripts_an_empty_array() -> None:
    people, script = Heard(), Heard(json=True)

    for heard in (people, script):
        heard.console.table([], COLUMNS, empty="No calendar is selected.", hint="calsyncctl calendars select")

    assert (people.out.getvalue(), script.out.getvalue()) == ("", "[]\n")
    assert people.err.getvalue() == "No calendar is selected.\n→ calsyncctl calendars select\n"


def test_a_record_is_lines_or_an_object_with_a_schema() -> None:
    people, script = Heard(), Heard(json=True)
    columns = (Column("name", "Name"), Column("primary", "Primary"), Column("assignees", "Serves"))

    for heard in (people, script):
        heard.console.record(Row("Work", assignees=("agent:desk", "team:support")), columns, schema="calendar")

    assert people.out.getvalue() == "Name     Work\nPrimary  no\nServes   agent:desk, team:support\n"
    assert json.loads(script.out.getvalue())["schema"] == "calsyncctl/calendar/1"


def test_talk_goes_to_stderr_and_only_warnings_survive_quiet_and_json() -> None:
    for heard in (Heard(quiet=True), Heard(json=True)):
        heard.console.say("working")
        heard.console.done("done", hint="next")
        heard.console.warn("careful")
        assert (heard.out.getvalue(), heard.err.getvalue()) == ("", "! careful\n")


def test_what_google_says_cannot_steer_the_terminal() -> None:
    heard = Heard()

    heard.console.table([Row("\x1b[31mred\x07\u202egpj [link=x]y[/oops]\n2")], COLUMNS[:1])

    assert heard.out.getvalue() == "NAME\n\ufffd[31mred\ufffd\ufffdgpj [link=x]y[/oops] 2\n"


def test_markup_of_rich_is_shown_not_obeyed() -> None:
    from rich.text import Text

    heard = Heard()

    heard.console.render(Text("[bold]x[/oops]"))

    assert heard.out.getvalue() == "[bold]x[/oops]\n"


def test_a_question_without_a_terminal_names_the_option() -> None:
    with pytest.raises(UsageFault) as caught:
        Heard().console.confirm("Disconnect?", yes=False)

    assert "--yes" in caught.value.what_to_do
    Heard().console.confirm("Disconnect?", yes=True)


def test_an_error_is_two_lines_or_one_of_json() -> None:
    people, script = Heard(), Heard(json=True)

    for heard in (people, script):
        heard.console.error(Later("Google is out of reach.", "Try later."))

    assert people.err.getvalue() == "calsyncctl: Google is out of reach.\nTry later.\n"
    assert json.loads(script.err.getvalue())["error"]["exit_code"] == 75


def test_ascii_replaces_what_ascii_has_not() -> None:
    heard = Heard(ascii=True)

    heard.console.done("Größe “x”", hint="weiter…")

    assert heard.err.getvalue() == '+ Gr??e "x"\n-> weiter...\n'


def test_progress_is_drawn_on_a_terminal_and_silent_elsewhere() -> None:
    drawn, silent = Heard(terminal=True, environ={"TERM": "xterm"}), Heard()

    for heard in (drawn, silent):
        with heard.console.progress() as progress:
            progress.started("1", "[Work]")
            progress.advanced("1", "2,500 events")
            progress.finished("1", "5,000 events")

    assert "[Work]" in drawn.err.getvalue()
    assert "5,000 events" in drawn.err.getvalue()
    assert silent.err.getvalue() == ""


def test_a_page_of_markdown_is_drawn_on_a_terminal_and_raw_in_a_pipe() -> None:
    drawn, raw = Heard(terminal=True), Heard()

    for heard in (drawn, raw):
        heard.console.markdown(Row("x"), "# Title\n\n- one\n", schema="help")

    assert raw.out.getvalue() == "# Title\n\n- one\n"
    assert "# Title" not in drawn.out.getvalue()


def test_a_moment_is_aware() -> None:
    assert moment(0) == datetime(1970, 1, 1, tzinfo=UTC)
    assert moment(None) is None


EVIL = "Team\x1b[31m\x07\u202e\nrm"


@pytest.mark.parametrize("say", ["say", "done", "hint", "warn", "detail"])
def test_whatever_a_name_holds_the_terminal_is_not_steered_by_talk(say: str) -> None:
    heard = Heard(verbose=True)

    getattr(heard.console, say)(f"“{EVIL}” is selected.")

    assert heard.err.getvalue().count("\n") == 1
    assert not {"\x1b", "\x07", "\u202e"} & set(heard.err.getvalue())


def test_whatever_a_name_holds_an_error_stays_two_lines() -> None:
    heard = Heard()

    heard.console.error(UsageFault(f"“{EVIL}” is taken.", f"Not “{EVIL}”."))

    assert heard.err.getvalue().count("\n") == 2
    assert "\x1b" not in heard.err.getvalue()


def test_where_the_output_cannot_say_a_letter_json_escapes_it() -> None:
    written = io.BytesIO()
    console = Console(Flags(json=True), out=io.TextIOWrapper(written, encoding="latin-1", write_through=True))

    console.table([Row("会議")], COLUMNS)

    assert json.loads(written.getvalue())[0]["name"] == "会議"


def test_a_warning_names_the_profile_in_what_it_says_to_type() -> None:
    heard = Heard(profile="b")

    heard.console.warn("Sign in again: calsyncctl connect --account work@example.com")

    assert "calsyncctl --profile b connect" in heard.err.getvalue()

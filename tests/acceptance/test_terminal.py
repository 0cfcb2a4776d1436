"""At a terminal: the picker, a pasted answer, Ctrl-C; and headless over SSH."""

from __future__ import annotations

import json
import re
import signal
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from subprocess import Popen
from typing import TYPE_CHECKING

import pytest

from tests.support.desk import SUPPORT, WORK, Desk
from tests.support.run import start
from tests.support.terminal import terminal

if TYPE_CHECKING:
    import pexpect

ADDRESS = r"(http://127\.0\.0\.1:\d+/o/oauth2/\S+)"


def consented(address: str) -> str:
    """Consent on another machine, whose browser ends on a page that does not load; return that page's address."""

    class Stop(urllib.request.HTTPRedirectHandler):
        def redirect_request(self, *args: object) -> None:
            return None

    try:
        urllib.request.build_opener(Stop).open(f"{address}&sandbox_auto=allow", timeout=30)
    except urllib.error.HTTPError as answer:
        with answer:
            return str(answer.headers["Location"])
    raise AssertionError("the consent page did not lead anywhere")


def ended(child: pexpect.spawn) -> int | None:
    """Wait for the end and return the exit code, or minus the signal."""
    import pexpect

    child.expect(pexpect.EOF)
    child.close()
    return child.exitstatus if child.signalstatus is None else -int(child.signalstatus)


def wait_until(true: Callable[[], bool]) -> None:
    """Look again and again, for half a minute at most."""
    deadline = time.monotonic() + 30
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def hit(process: Popen[str]) -> int | None:
    """Press Ctrl-C once more; return the exit code if it has ended already."""
    process.send_signal(signal.SIGINT)
    return process.poll()


@pytest.mark.feature("C1", "A9")
def test_the_picker_takes_numbers_and_the_first_sync_shows_its_progress(desk: Desk) -> None:
    with terminal("connect", home=desk.home, env=desk.browser()) as child:
        child.expect("Sync which")
        child.sendline("9")
        child.expect("is not one of 1 to 4")
        child.sendline("1,4")
        child.expect(r"56 new, 0 changed, 0 deleted")
        assert ended(child) == 0

    assert {one["name"] for one in desk.json("calendars", "list", "--state", "selected")} == {WORK, "Team"}


@pytest.mark.feature("B4")
def test_pushing_what_is_here_asks_and_shows_its_progress(desk: Desk) -> None:
    desk.google.add_calendar(WORK, "Front")
    desk.connected("--select", "Front", "--no-sync")
    desk.ok("calendars", "add", "Reception")
    desk.ok("events", "add", "Reception", "Visit", "--start", "2025-01-06 09:00")
    desk.ok("links", "add", "Reception", "Front")

    with terminal("links", "push-existing", "Reception", "Front", home=desk.home) as child:
        child.expect("Send 1 event of “Reception” to “Front” in Google")
        child.sendline("y")
        child.expect("1 sent")
        assert ended(child) == 0
    assert len(desk.google.listed(desk.calendar("Front")["google_id"])) == 1


@pytest.mark.feature("B7")
@pytest.mark.parametrize("again", ["mode", "select"])
def test_a_warning_and_a_yes_turn_one_way_off_and_unlock_two_way(desk: Desk, again: str) -> None:
    desk.connected("--no-sync")
    desk.ok("calendars", "select", "Team", "--mode", "one-way", "--no-sync")
    if again == "select":
        desk.ok("calendars", "deselect", "Team")
    line = {"mode": ("mode", "Team", "two-way"), "select": ("select", "Team", "--mode", "two-way", "--no-sync")}[again]

    for answer, mode, code in (("n", "one-way", 1), ("y", "two-way", 0)):
        with terminal("calendars", *line, home=desk.home) as child:
            child.expect("What somebody changes or deletes in Google")
            child.expect("Turn one-way off and let “Team” sync both ways")
            child.sendline(answer)
            assert ended(child) == code
        assert desk.calendar("Team")["mode"] == mode


@pytest.mark.feature("C3")
def test_an_empty_answer_skips_the_choice(desk: Desk) -> None:
    with terminal("connect", home=desk.home, env=desk.browser()) as child:
        child.expect("Sync which")
        child.sendline("")
        child.expect("No calendar is selected yet")
        assert ended(child) == 0

    assert desk.account()["state"] == "pending"


@pytest.mark.feature("E15")
def test_without_a_browser_the_answer_comes_to_the_forwarded_port(desk: Desk) -> None:
    with terminal("connect", "--no-browser", "--no-sync", "--select", "Team", home=desk.home) as child:
        child.expect(ADDRESS)
        address = child.match.group(1)
        child.expect(r"ssh -L (\d+):127\.0\.0\.1:(\d+) ")
        desk.google.browser()(address)
        child.expect(f"Connected: {WORK}")
        assert ended(child) == 0

    assert desk.calendar("Team")["state"] == "selected"


@pytest.mark.feature("E15")
def test_the_answer_can_be_pasted_and_a_slip_is_forgiven(desk: Desk) -> None:
    with terminal("connect", "--no-browser", "--no-sync", home=desk.home) as child:
        child.expect(ADDRESS)
        address = child.match.group(1)
        child.expect("paste that page's address here")
        child.sendline("what now?")
        child.expect("This is not the address.*Copy it from the browser")
        child.expect("Paste it here")
        child.sendline(consented(address))
        child.expect(f"Connected: {WORK}")
        child.expect("Sync which")
        child.sendline("4")
        assert ended(child) == 0

    assert desk.calendar("Team")["state"] == "selected"


def test_ctrl_c_while_waiting_leaves_nothing_behind(desk: Desk) -> None:
    with terminal("connect", "--no-browser", home=desk.home) as child:
        child.expect("paste that page's address here")
        child.sendintr()
        assert ended(child) == 130

    assert desk.json("accounts", "list") == []


def test_ctrl_c_while_the_sign_in_is_tried_out_leaves_nothing_behind(desk: Desk) -> None:
    desk.google.fault(path="calendarList.list", delay=5, count=1)
    with terminal("connect", home=desk.home, env=desk.browser()) as child:
        wait_until(lambda: desk.google.admin("GET", "/faults")["faults"][0]["done"] == 1)
        child.sendintr()
        assert ended(child) == 130

    assert desk.json("accounts", "list") == []
    wait_until(desk.record.exists)
    assert "Not connected" in desk.record.read_text()


def test_ctrl_c_during_a_first_sync_is_followed_by_one_that_goes_on(desk: Desk) -> None:
    desk.connected("--select", "primary", "--no-sync")
    desk.google.fault(path="events.list", delay=5, count=1)
    with terminal("sync", home=desk.home) as child:
        child.expect(WORK)
        child.sendintr()
        assert ended(child) == 130

    desk.google.clear_faults()
    desk.ok("sync")
    assert desk.calendar(WORK)["events"] > 40


def test_ctrl_c_says_what_became_of_what_was_begun(desk: Desk) -> None:
    desk.connected("--select", "primary", "--no-sync")
    desk.google.fault(path="events.list", delay=5, count=1)
    with start("sync", "--json", home=desk.home) as process:
        wait_until(lambda: "GET events.list" in desk.google.requests())
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=30)

    error = json.loads(err)["error"]
    assert (process.returncode, out, error["kind"], error["exit_code"]) == (130, "", "interrupted", 130)
    assert "calsyncctl sync" in error["what_to_do"]


def test_ctrl_c_again_and_again_ends_at_once_without_a_traceback(desk: Desk) -> None:
    desk.connected("--select", "primary", "--no-sync")
    desk.connected("--select", "primary", "--no-sync", email=SUPPORT)
    desk.google.fault(path="events.list", delay=20, count=2)
    with start("sync", home=desk.home) as process:
        wait_until(lambda: desk.google.requests().get("GET events.list") == 2)
        begun = time.monotonic()
        wait_until(lambda: hit(process) is not None)
        out, err = process.communicate(timeout=30)

    assert (process.returncode, out, err) == (-signal.SIGINT, "", "")
    assert time.monotonic() - begun < 15
    desk.google.clear_faults()
    assert len(desk.json("sync")["calendars"]) == 2


def test_disconnect_asks_and_no_means_no(desk: Desk) -> None:
    desk.connected("--no-sync")
    with terminal("disconnect", "work", home=desk.home) as child:
        child.expect("Disconnect work@example.com")
        child.sendline("n")
        assert ended(child) == 1

    assert desk.account()["state"] == "pending"


@pytest.mark.feature("A16")
def test_a_passphrase_is_asked_twice_and_not_shown(desk: Desk) -> None:
    desk.connected("--no-sync")
    with terminal("accounts", "export", "work", "sealed", home=desk.home) as child:
        for _ in range(2):
            child.expect("assphrase|The same again")
            child.waitnoecho()
            child.sendline("secret words")
        child.expect("is sealed in sealed")
        assert ended(child) == 0
        assert not re.search("secret words", str(child.before))


def test_a_terminated_connect_ends_at_once(desk: Desk) -> None:
    with terminal("connect", "--no-browser", home=desk.home) as child:
        child.expect("paste that page's address here")
        child.kill(signal.SIGTERM)
        assert ended(child) in (-signal.SIGTERM, 143)

    assert desk.json("accounts", "list") == []


def test_a_wish_for_one_account_suggests_it_on_googles_page(desk: Desk) -> None:
    with terminal("connect", "--no-browser", "--account", SUPPORT, home=desk.home) as child:
        child.expect(ADDRESS)
        assert "login_hint=support%40example.com" in child.match.group(1)

"""One copy of an event in sentences: how it stands, by which rule, what waits, who is mailed, what is in the way."""

from __future__ import annotations

from datetime import datetime

import msgspec

from calsyncctl.health.explaining.explanation import Asking, Finding, Line, Todo, called, finding, told
from calsyncctl.health.explaining.gathered import GONE, EventFacts, Standing
from calsyncctl.health.explaining.trouble import trouble_of
from calsyncctl.model.copy import CopyState
from calsyncctl.model.fields import value_of
from calsyncctl.model.wording import named, short
from calsyncctl.store.deletions import DELETIONS
from calsyncctl.store.shades import SHADOW
from calsyncctl.sync.choice import Policy
from calsyncctl.sync.policy import WhenGone
from calsyncctl.sync.provider import Delete, Insert, Patch
from calsyncctl.sync.pushing.loops import LOOP
from calsyncctl.sync.pushing.outgoing import Step

_POLICY = {
    Policy.GOOGLE_WINS: "where both sides change a field, Google's value stands",
    Policy.LOCAL_WINS: "where both sides change a field, the one of here stands",
    Policy.OURS: "what is made here stands, Google's changes of it are written back",
    Policy.THEIRS: "Google's word stands",
}


def where(asking: Asking, facts: EventFacts, one: Standing) -> Line:
    """Tell where a copy is, how it stands, and by which rule."""
    how = f"{one.place} ({one.calendar.mode or 'not synced'})"
    if one.copy.state is CopyState.LEAVING:
        return told("leaving", f"It leaves {how}: the event lives on elsewhere, and is deleted there.")
    if facts.event.deleted is not None:
        return told("still-there", f"It still stands on {how}, as far as is known.")
    if one.is_home:
        return told("home", f"It lives on {how}: {_state(asking, facts, one)}. {_rule(one)}")
    if one.link is None:
        return told("left-behind", f"It also stands on {how}, and no link keeps it up to date there any more.")
    state = f"{_state(asking, facts, one)}. {_rule(one)}"
    return told("link", f"The link from “{facts.home.name}” keeps it on {how}, too: {state}")


def _state(asking: Asking, facts: EventFacts, one: Standing) -> str:
    copy = one.copy
    if copy.state is CopyState.STALE or copy.hold == DELETIONS:
        return "it was deleted there in Google"
    if copy.state is CopyState.PLANNED:
        return "it is not known to be there yet"
    heard = f"; changed there last on {asking.when(_instant(copy.updated))}" if copy.updated else ""
    if copy.base_version == facts.event.version and copy.sent_version is None:
        return f"both sides agree (version {facts.event.version}{heard})"
    agreed = "nothing yet" if copy.base_version is None else f"version {copy.base_version}"
    return f"both sides agreed on {agreed}, here it is version {facts.event.version} by now{heard}"


def _instant(updated: str) -> int:
    return int(datetime.fromisoformat(updated).timestamp())


def _rule(one: Standing) -> str:
    rules = one.outgoing.duty.stand.rules
    if not rules.pushes:
        return f"Nothing goes from here to Google: {rules.refused}."
    gone = "it is deleted here, too" if rules.when_gone is WhenGone.DELETE else "it lives on here"
    return f"The rule: {_POLICY[rules.policy]}; deleted there, {gone}."


# What may be the answer


def findings(asking: Asking, facts: EventFacts, one: Standing) -> list[Finding]:
    """Return what is to be said of a copy that is not simply agreed on, the gravest first."""
    if one.copy.state in GONE:
        return []
    found = [_held(facts, one), _hindered(asking, facts, one)]
    found += [_waiting(asking, facts, one) or _idle(facts, one)]
    return [each for each in found if each is not None]


def _held(facts: EventFacts, one: Standing) -> Finding | None:
    copy, name = one.copy, called(facts.event)
    if copy.hold is None:
        return None
    reason = (copy.reason or "").rstrip(".")
    if copy.hold == DELETIONS:
        return _held_deletion(facts, one, reason)
    if copy.hold == SHADOW:
        trust = Todo(f"calsyncctl accounts trust {_email(one)}", "lets everything go that waits for this account")
        text = f"What was changed of {name} is kept back: {reason}."
        return finding(told("held-shadow", text, copy.since), trust, waits=True)
    todo = (
        Todo(f"calsyncctl review retry h{copy.id}", "sends it once more"),
        Todo(f"calsyncctl review reject h{copy.id}", "takes it back: Google's value stands"),
    )
    what = {
        LOOP: f"{name} is not written to {one.place} any more, for it kept changing by itself",
    }.get(copy.hold, f"{name} could not be written to {one.place}")
    return finding(_by_link(facts, one, f"held-{copy.hold}", f"{what}: {reason}.", copy.since), *todo, waits=True)


def _held_deletion(facts: EventFacts, one: Standing, reason: str) -> Finding:
    name = called(facts.event)
    if not reason:
        text = f"Google deleted {name} on {one.place}; whether it goes here, too, the next sync decides."
        return finding(told("held-undecided", text, one.copy.since), waits=True)
    text = f"Google deleted {name} on {one.place}, and many others with it: {reason}. It stays until somebody decides."
    todo = (
        Todo(f"calsyncctl review release h{one.copy.id}", "deletes it here, too"),
        Todo(f"calsyncctl review reject h{one.copy.id}", "brings it back in Google"),
        Todo(f"calsyncctl review show d{one.calendar.id}", "shows all that wait with it"),
    )
    return finding(told("held-deletions", text, one.copy.since), *todo, waits=True)


def _by_link(facts: EventFacts, one: Standing, code: str, text: str, since: int | None) -> Line:
    """Say whose fault it is where a link's copy is in trouble: its other copies go on."""
    if one.link is None:
        return told(code, text, since)
    other = "; its other copies go on" if len(facts.standings) > 1 else ""
    return told("link-failed", f"The link from “{facts.home.name}” fails here{other}: {text}", since)


def _hindered(asking: Asking, facts: EventFacts, one: Standing) -> Finding | None:
    """Say what keeps a copy's whole calendar from being synced; of the home calendar that hides it, event.py tells."""
    trouble = trouble_of(asking, one.calendar, one.account)
    if trouble is None or (one.link is None and not one.is_home):
        return None
    text = trouble.sentences(asking, f"meanwhile nothing of {called(facts.event)} comes from there or goes there")
    line = _by_link(facts, one, trouble.code, text, trouble.since)
    return finding(line, *trouble.todo, waits=True)


def _waiting(asking: Asking, facts: EventFacts, one: Standing) -> Finding | None:
    copy, name = one.copy, called(facts.event)
    if one.outgoing.step is Step.READ:
        text = (
            f"A change of {name} was sent to {one.place} and no answer came: {asking.next_sync} reads first what "
            "became of it, so it is never sent twice."
        )
        return finding(told("unanswered", text), _sync(one), waits=True)
    if copy.due is None or copy.hold is not None:
        return None
    what = _asked(one)
    if what is None:
        return None
    text = f"{name} waits for {one.place}: {what}, {_until(asking, one, copy.due)}."
    return finding(told("waiting", text, copy.due or None), _sync(one), waits=True)


def _until(asking: Asking, one: Standing, due: int) -> str:
    """Say when what waits is sent."""
    trouble = trouble_of(asking, one.calendar, one.account)
    if trouble is not None and not trouble.passes:
        return "once that is seen to"
    later = max(due, (trouble.until or 0) if trouble is not None else 0)
    return f"not before {asking.when(later)}" if later > asking.now else f"{asking.soon}"


def _sync(one: Standing) -> Todo:
    return Todo(f"calsyncctl sync --calendar {one.calendar.typed}", "sends it now")


def _asked(one: Standing) -> str | None:
    """Say what a copy that is due asks of Google, as the push will decide it."""
    step, write, refused = one.outgoing.step, one.outgoing.write, one.outgoing.duty.stand.rules.refused
    if isinstance(write, Insert):
        return "it is to be made there"
    if isinstance(write, Delete):
        return "it is to be deleted there" if one.copy.master_google_id is None else "it is to be cancelled there"
    if isinstance(write, Patch) and write.before is None:
        return "it is to come back there" if write.revive else "all that it says is to be written there"
    if isinstance(write, Patch):
        return "; ".join(_both(write, field) for field in sorted(write.fields)) or "it is to be changed there"
    if step is Step.WAIT and one.copy.state is CopyState.LEAVING:
        return "it is deleted there once it stands at its new home"
    return {
        Step.LOOK: "Google is still making its video call",
        Step.HOLD: f"{refused}, so it will be held until the right is there",
        Step.RETURN: f"{refused}, so Google's value will return and ours is kept in the history",
        Step.WAIT: "what it belongs to has to be written first",
    }.get(step)


def _both(write: Patch, field: str) -> str:
    here, there = (short(_plain(value_of(content, field))) for content in (write.after, write.before))
    return f"{named(field)} is {here} here and was {there} in Google last"


def _plain(value: object) -> object:
    return msgspec.to_builtins(value)


def _idle(facts: EventFacts, one: Standing) -> Finding | None:
    """Say of a copy that nothing waits for and that is yet not as the event is."""
    name = called(facts.event)
    if facts.event.deleted is not None or one.copy.hold is not None:
        return None
    if one.copy.state is CopyState.STALE:
        text = (
            f"{name} was deleted in Google on {one.place}, and lives on here, as the rule for that calendar says: "
            "it is made afresh there with its next change."
        )
        again = Todo(f"calsyncctl events edit {facts.key} --description TEXT", "any change brings it back there")
        gone = Todo(f"calsyncctl events delete {facts.key}", "deletes it here, too")
        return finding(told("stale", text), again, gone, waits=True)
    return None


# Beside what waits


def kept_back(one: Standing) -> Line | None:
    """Tell what a hold keeps from Google: both sides' last words, as the push would send them."""
    if one.copy.hold is None or one.copy.hold == DELETIONS:
        return None
    what = _asked(one)
    return None if what is None else told("kept-back", f"Kept back from {one.place}: {what}.", one.copy.since)


def mail(asking: Asking, one: Standing) -> Line | None:
    """Tell whom Google will mail about what waits for a copy, and why nobody."""
    write = one.outgoing.write
    if write is None or one.copy.hold is not None or not _has_guests(one):
        return None
    if write.mail != "none":
        whom = "guests without Google Calendar" if write.mail == "externalOnly" else "all guests"
        return told("mails", f"Google will mail {whom} about it: a person changed it here within the last 24 hours.")
    why = one.unmailed or "the setting sync.mail is none"
    return told("mails-nobody", f"Nobody will be mailed about it: {why}.")


def _has_guests(one: Standing) -> bool:
    content = one.outgoing.duty.known.event.content
    return content is not None and bool(content.body.attendees)


def _email(one: Standing) -> str:
    return one.account.email if one.account is not None else ""

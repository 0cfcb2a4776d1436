"""The status page: what needs you first, then figures, accounts and calendars; the facts of `calsyncctl status`.

Self-contained (no script, nothing loaded from anywhere), in the operator's name and colour, light and dark, readable
on a telephone. It asks for itself again every so often.
"""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from importlib.resources import files
from string import Template

from calsyncctl.colours import readable_on
from calsyncctl.daemon.presence import Told
from calsyncctl.daemon.shown import Shown
from calsyncctl.health.needs import Need
from calsyncctl.health.snapshot import AccountFacts, CalendarFacts
from calsyncctl.layout import STATE_STYLES, printable
from calsyncctl.settings import BrandSettings

REFRESH = 20
"""Seconds after which a browser asks for the page again."""
MOST = 300
"""Calendars that are shown, those in trouble first."""
_TONES = {"green": "good", "yellow": "note", "red": "bad"}
_MARKS = {
    "good": '<path d="M14 24.5l7 7 13.5-15"/>',
    "bad": '<path d="M17 17l14 14M31 17L17 31"/>',
    "note": '<path d="M24 13v13M24 34v.2"/>',
}
_SPANS = ((86_400, "day"), (3600, "hour"), (60, "minute"))
_COMMAND = re.compile(r"\bcalsyncctl [^(),:;]*[^(),:; ]")


@dataclass(frozen=True, slots=True)
class Look:
    """How it is to look: the brand, how a time is shown, and how a command is to be typed."""

    brand: BrandSettings
    when: Callable[[datetime | None], str]
    typed: Callable[[str], str]


def page(shown: Shown, look: Look) -> str:
    """Draw the page."""
    mood, title = _headline(shown)
    daemon, tone = _daemon(shown.told)
    colour = look.brand.colour
    return _template().substitute(
        mood=mood,
        mark=_MARKS["good" if mood == "good" else "bad" if shown.told.wrong else "note"],
        title=title,
        refresh=REFRESH,
        product=_text(look.brand.name),
        initial=_text(look.brand.name.strip()[:1].upper() or "c"),
        colour=colour,
        icon_colour=colour.replace("#", "%23"),
        on_colour=readable_on(colour),
        profile=_text(shown.profile),
        daemon=_text(daemon),
        daemon_tone=tone,
        summary=_summary(shown),
        needs=_things(shown.needs, shown, look),
        passing=_section("Should pass by itself", _passing(shown, look)),
        tiles="".join(_tiles(shown)),
        accounts=_section("Accounts", _list(_account(one, shown) for one in shown.facts.accounts)),
        calendars=_section("Calendars", _calendars(shown)),
        footer=_footer(shown, look),
    )


def _headline(shown: Shown) -> tuple[str, str]:
    """Return the mood and the first words."""
    if shown.told.wrong:
        return "bad", "The daemon cannot work"
    if not shown.told.enabled:
        return "note", "Sync is turned off"
    if not shown.needs and shown.told.notes:
        return "note", "Not everything is as it was set"
    if not shown.needs:
        return "good", "Everything is in step"
    many = "One thing needs you" if len(shown.needs) == 1 else f"{len(shown.needs)} things need you"
    return ("bad" if any(one.kind in {"needs-reauth", "failing", "hold"} for one in shown.needs) else "note"), many


def _daemon(told: Told) -> tuple[str, str]:
    if told.wrong:
        return "in trouble", "bad"
    if not told.enabled:
        return "rests", "note"
    return ("at work", "good") if told.ready else ("begins", "note")


def _summary(shown: Shown) -> str:
    if shown.told.wrong:
        return _text(shown.told.wrong)
    last = shown.facts.last_success
    ago = f"Last success {_ago(last, shown)}" if last else "No success yet"
    stands = f"{_many(shown.synced, 'calendar')} in sync, {_many(shown.waiting, 'change')} waiting to be sent."
    return "<br>".join((f"{ago}. {stands}", *map(_text, shown.told.notes)))


def _things(things: Iterable[Need], shown: Shown, look: Look) -> str:
    items = [_thing(one, shown, look) for one in things]
    return f'<ol class="things">{"".join(items)}</ol>' if items else ""


def _thing(one: Need, shown: Shown, look: Look) -> str:
    told = [f"since {look.when(one.since)}"] if one.since else []
    told += [f"tried again {look.when(one.until)}"] if one.until else []
    more = f' <span class="soft">{_text("; ".join(told))}</span>' if told else ""
    return f"<li><p>{_text(one.what)}{more}</p>{_to_type(look.typed(one.what_to_do))}</li>"


def _to_type(text: str) -> str:
    """Mark the commands of a sentence, each so that it can be taken as it is."""
    parts, at = [], 0
    for found in _COMMAND.finditer(text):
        parts += [_between(text[at : found.start()]), f"<code>{_text(found[0])}</code>"]
        at = found.end()
    return " ".join(filter(None, [*parts, _between(text[at:])]))


def _between(text: str) -> str:
    words = text.strip(" (),:;.")
    return f'<span class="soft">{_text(words)}</span>' if words else ""


def _passing(shown: Shown, look: Look) -> str:
    items = _things(shown.passing, shown, look)
    stretched = shown.ahead.stretch if shown.ahead is not None else 1.0
    if stretched > 1:
        items += f'<p class="soft">Polls are stretched {stretched:.1f} times, so that the day’s quota lasts.</p>'
    return f'<div class="passing">{items}</div>' if items else ""


def _tiles(shown: Shown) -> Iterable[str]:
    held = sum(shown.held.values())
    yield _tile(f"{shown.synced:,}", "calendars in sync")
    yield _tile(f"{shown.waiting:,}", "waiting to be sent")
    yield _tile(f"{held:,}", "on hold", "note" if held else "")
    conflicts = shown.facts.review.conflicts
    yield _tile(f"{conflicts:,}", "conflicts", "note" if conflicts else "")
    if shown.channels.heard or shown.channels.silent:
        silent = f", {shown.channels.silent:,} silent" if shown.channels.silent else ""
        yield _tile(f"{len(shown.channels.calendars):,}", f"live from Google{silent}")
    if shown.quota is not None:
        today = shown.quota.today
        used = today.spent / today.limit if today.limit else 0.0
        meter = f'<meter min="0" max="1" high="0.8" value="{min(1.0, used):.4f}">{used:.0%}</meter>'
        yield _tile(f"{used:.1%}", "of the day’s quota", more=meter)


def _tile(figure: str, meaning: str, tone: str = "", more: str = "") -> str:
    return f'<div class="card tile {tone}"><b>{figure}</b><span>{meaning}</span>{more}</div>'


def _account(one: AccountFacts, shown: Shown) -> str:
    ends = ""
    if one.sign_in_ends is not None:
        days = max(0, round((one.sign_in_ends - shown.facts.now).total_seconds() / 86_400))
        ends = f", sign-in ends in {_many(days, 'day')}"
    shadow = '<span class="chip note">shadow</span>' if one.shadow else ""
    return (
        f'<li><span class="name">{_text(one.email)}<small>{_text(one.owner or "")}</small></span>'
        f'<span class="kind">{shadow}</span>{_chip(one.state)}'
        f'<span class="fresh">{one.selected} of {_many(one.calendars, "calendar")}{ends}</span></li>'
    )


def _calendars(shown: Shown) -> str:
    hidden = {"available", "disconnected"}
    taking_part = [one for one in shown.facts.calendars if one.state not in hidden and one.account is not None]
    taking_part.sort(key=lambda one: (not one.reason, shown.state_of(one) == "selected", one.name.casefold()))
    left = len(taking_part) - MOST
    more = f'<p class="more">and {left:,} more: calsyncctl calendars list</p>' if left > 0 else ""
    return _list(_calendar(one, shown) for one in taking_part[:MOST]) + more


def _calendar(one: CalendarFacts, shown: Shown) -> str:
    failing = "tried again" if one.until else "failing"
    state = shown.state_of(one)
    state = failing if one.reason and state == "selected" else state
    fresh = _ago(one.last_success, shown) if one.last_success else "first sync under way" if one.listing else "not yet"
    live = '<span class="live" title="Google tells of changes at once">live</span> · ' if _live(one, shown) else ""
    return (
        f'<li><span class="name">{_text(one.name)}<small>{_text(one.account or "")}</small></span>'
        f'<span class="kind soft">{_text(one.mode or "")}</span>{_chip(state)}'
        f'<span class="fresh">{live}{fresh}</span></li>'
    )


def _live(one: CalendarFacts, shown: Shown) -> bool:
    return one.id in shown.channels.calendars and shown.state_of(one) == "selected"


def _chip(state: str) -> str:
    words = {"selected": "in sync", "needs-reauth": "sign in again", "hold": "on hold"}
    tone = {"failing": "bad", "tried again": "note"}.get(state) or _TONES.get(STATE_STYLES.get(state, ""), "")
    return f'<span><span class="chip {tone}">{_text(words.get(state, state))}</span></span>'


def _list(items: Iterable[str]) -> str:
    kept = "".join(items)
    return f'<ul class="rows">{kept}</ul>' if kept else ""


def _section(title: str, inner: str) -> str:
    return f'<section><h2>{title}</h2><div class="card">{inner}</div></section>' if inner else ""


def _footer(shown: Shown, look: Look) -> str:
    told = shown.told
    since = datetime.fromtimestamp(told.since, shown.facts.now.tzinfo)
    return (
        f"calsyncctl {_text(told.version)}, running since {_text(look.when(since))}<br>"
        f"As of {_text(look.when(shown.facts.now))}; this page renews itself every {REFRESH} seconds."
    )


def _ago(time: datetime | None, shown: Shown) -> str:
    """Say how long ago, in words that fit a narrow screen; the exact time stands in the element."""
    if time is None:
        return "–"
    seconds = max(0, int((shown.facts.now - time).total_seconds()))
    span = next(((length, name) for length, name in _SPANS if seconds >= length), (1, "second"))
    words = f"{_many(seconds // span[0], span[1])} ago" if seconds >= 5 else "just now"
    return f'<time datetime="{time.isoformat()}" title="{time.isoformat()}">{words}</time>'


def _many(count: int, noun: str) -> str:
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


@cache
def _template() -> Template:
    return Template(files("calsyncctl.daemon").joinpath("pages/status.html").read_text(encoding="utf-8"))


def _text(value: str) -> str:
    return html.escape(printable(value), quote=True)

"""Guest lists, merged person by person and trait by trait: two people invited on two sides are both invited. Pure."""

from __future__ import annotations

from typing import Final, NamedTuple

from msgspec import to_builtins
from msgspec.structs import replace

from calsyncctl.model.event import Attendee
from calsyncctl.model.fields import NOTHING
from calsyncctl.model.history import Lost
from calsyncctl.sync.choice import Fate, Five, Policy, choose

Guests = tuple[Attendee, ...]

TRAITS: Final = ("name", "reply", "optional", "comment", "extra_guests")
"""What is merged of a person; who organizes, and whose calendar it is, Google alone says."""


class MergedGuests(NamedTuple):
    """The list as it is to be, whether Google is to be told, and whether something was not chosen."""

    guests: Guests
    pending: bool
    loses: bool


def merge_guests(five: Five, policy: Policy) -> MergedGuests:
    """Merge five states of a guest list."""
    states = [None if state is NOTHING else _by_address(state) for state in five]
    addresses = sorted({address for state in (five.here, five.there) for address in _by_address(state)})
    merged = [_merge_person(address, states, policy) for address in addresses]
    return MergedGuests(
        guests=tuple(person for person, _, _ in merged if person is not None),
        pending=any(pending for _, pending, _ in merged),
        loses=any(loses for _, _, loses in merged),
    )


def lost_guests(chosen: Guests, here: Guests, there: Guests) -> Lost:
    """Name the list that a conflict did not choose in whole: Google's where ours stands, ours otherwise."""
    return Lost("attendees", to_builtins(there if chosen == here else here), to_builtins(chosen))


def _by_address(guests: Guests) -> dict[str, Attendee]:
    return {guest.email.strip().casefold(): guest for guest in guests}


def _merge_person(
    address: str, states: list[dict[str, Attendee] | None], policy: Policy
) -> tuple[Attendee | None, bool, bool]:
    """Return the person as invited (None: not any more), whether Google is to be told, whether something was lost."""
    fate, loses = choose("guest", Five(*(NOTHING if state is None else address in state for state in states)), policy)
    people = Five(*(NOTHING if state is None else state.get(address, NOTHING) for state in states))
    here, there = people.here, people.there
    if here is NOTHING or there is NOTHING:
        present = there if fate is Fate.TAKE else here
        return None if present is NOTHING else present, fate is Fate.PUSH, loses
    person, pending = there, False
    for trait in TRAITS:
        values = Five(*(NOTHING if state is NOTHING else getattr(state, trait) for state in people))
        fate, lost = choose(trait, values, policy)
        if fate is not Fate.TAKE:
            person = replace(person, **{trait: values.here})
        pending, loses = pending or fate is Fate.PUSH, loses or lost
    return person, pending, loses

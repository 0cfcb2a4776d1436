"""Which JSON type each field of a request body has, over all resources: what never fits is refused at the door."""

from __future__ import annotations

from calsyncctl.sandbox.refusals import Json, refuse

_OBJECTS = (
    "start end reminders extendedProperties conferenceData organizer creator source scope params originalStartTime"
)
_LISTS = "attendees eventLabels recurrence attachments defaultReminders items"
_FLAGS = "guestsCanInviteOthers guestsCanModify guestsCanSeeOtherGuests anyoneCanAddSelf hidden selected"
_TEXTS = (
    "iCalUID summaryOverride colorId backgroundColor foregroundColor role address token type resourceId timeZone "
    "timeMin timeMax status eventType visibility transparency recurringEventId"
)
TYPES: dict[str, type] = {
    **dict.fromkeys(_OBJECTS.split(), dict),
    **dict.fromkeys(_LISTS.split(), list),
    **dict.fromkeys(_FLAGS.split(), bool),
    **dict.fromkeys(_TEXTS.split(), str),
    "sequence": int,
    "calendarExpansionMax": int,
    "groupExpansionMax": int,
}


def check_types(sent: Json) -> None:
    """Refuse fields of a JSON type that they never have (400 `invalid`); null is as good as absent."""
    for name, value in sent.items():
        kind = TYPES.get(name)
        if kind is None or value is None:
            continue
        if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
            raise refuse("invalid", f"Invalid value for: {name}")

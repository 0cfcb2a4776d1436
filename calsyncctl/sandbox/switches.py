"""The switches of a running sandbox. Where Google is unconfirmed, each way has one (docs/sandbox.md lists them)."""

from __future__ import annotations

from dataclasses import dataclass, fields

from calsyncctl.sandbox.refusals import Json, refuse

CHOICES: dict[str, tuple[object, ...]] = {
    "import_existing": ("update", "refuse"),
    "write_gone": ("404", "410"),
    "guest_edits": ("refuse", "local"),
    "exceptions_after_change": ("lose-unfitting", "lose-all", "keep"),
    "move_id": ("keep", "new"),
    "default_reminders_form": ("useDefault", "overrides"),
    "refresh_wide_scope": ("refuse", "narrow"),
    "rate_limit_status": (403, 429),
}


@dataclass(slots=True)
class Settings:
    """The switches that POST /sandbox/settings turns. Where Google is unconfirmed, each way has one."""

    access_token_seconds: int = 3599
    refresh_token_seconds: int | None = None
    rotate_refresh_tokens: bool = False
    page_size: int | None = None
    empty_pages: int = 0
    """Every n-th page of a list comes empty, with a next token; 0 = never."""
    api_enabled: bool = True
    clock_offset_seconds: float = 0.0
    thin_tombstones: bool = False
    """Id-only tombstones everywhere, also where Google keeps details."""
    scramble: bool = False
    """Incremental answers in an order of their own: an exception may precede its master."""
    undelete: bool = True
    """`status: confirmed` on a tombstone brings it back; else 403 `forbidden`."""
    import_existing: str = "update"
    """`update` in place or `refuse` with 409 an import whose iCalUID exists."""
    write_gone: str = "404"
    """What a write to an event gone for good answers: `404` or `410`."""
    guest_edits: str = "refuse"
    """A guest's change to shared fields: `refuse` with 403, or keep `local`."""
    exceptions_after_change: str = "lose-unfitting"
    """What a series' new start or rule does to its exceptions: `lose-unfitting`, `lose-all` or `keep`."""
    move_id: str = "keep"
    """Whether an event that moves keeps its id, or gets a `new` one."""
    sync_token_seconds: int = 0
    """Age at which a sync token is dead; 0 = never."""
    sync_error_location: bool = True
    """Whether the 400s about sync tokens name the parameter."""
    revoke_body: str = "{}"
    """The body of a revocation that worked."""
    freebusy_days: int = 92
    any_redirect: bool = False
    """Take redirect addresses beside loopback ones, as a web client's would be."""
    consent_error: str = ""
    """An error that the consent page shows instead of itself, such as `admin_policy_enforced`."""
    trim_strings: bool = True
    order_by_token: bool = False
    """Whether a list with orderBy still ends with a nextSyncToken."""
    default_reminders_form: str = "useDefault"
    """How all-day events with default reminders come back: `useDefault` or `overrides`."""
    refresh_wide_scope: str = "refuse"
    """A refresh that names an un-granted scope: `refuse` with invalid_scope, or `narrow` the answer."""
    batch_reversed: bool = False
    """Carry the parts of a batch out from the last to the first; answers stay in order."""
    batch_conflicts: bool = False
    """Refuse the second write to one event within a batch with 409 `conflict`."""
    rate_limit_per_user: int = 0
    """Quota units per minute and account; Google's is 600; 0 = not enforced."""
    rate_limit_per_project: int = 0
    rate_limit_status: int = 403
    max_channel_seconds: int = 604800
    https_only_channels: bool = False
    sync_before_answer: bool = False
    """Send a new channel's `sync` message before the watch answer."""
    push_lose_every: int = 0
    """Every n-th push message is lost; 0 = none."""
    push_twice: bool = False
    push_retry_seconds: float = 1.0
    meet_pending_gets: int = 1
    """How many reads a new Meet stays `pending`."""

    def paging(self) -> tuple[object, ...]:
        """Return the switches that a page of events depends on."""
        return (self.page_size, self.empty_pages, self.thin_tombstones, self.scramble, self.order_by_token)

    def change(self, values: Json) -> None:
        """Set the named switches; 400 for a name that does not exist."""
        known = {each.name: each.default for each in fields(self)}
        unknown = set(values) - set(known)
        if unknown:
            raise refuse("badRequest", f"No such setting: {', '.join(sorted(unknown))}.")
        for name, value in values.items():
            if not _fits(known[name], value) or value not in CHOICES.get(name, (value,)):
                raise refuse("badRequest", f"{name} does not take {value!r}.")
        for name, value in values.items():
            setattr(self, name, value)


def _fits(default: object, value: object) -> bool:
    """Tell whether a value is of the kind that a switch has; those that default to null take whole numbers, too."""
    if default is None or value is None:
        return default is None and (value is None or (isinstance(value, int) and not isinstance(value, bool)))
    if isinstance(default, float):
        return isinstance(value, (int, float)) and not isinstance(value, bool)
    return type(value) is type(default)

"""The columns of the lists: which facts people see, in which order, and what goes first on a narrow terminal."""

from __future__ import annotations

from calsyncctl.layout import Column, state_style

ACCOUNTS = (
    Column("email", "ACCOUNT", flexible=True),
    Column("state", "STATE", style=state_style),
    Column("shadow", "SHADOW", drop=5, rare=True),
    Column("owner", "OWNER", drop=2),
    Column("selected", "SELECTED", right=True, drop=1),
    Column("calendars", "CALENDARS", right=True, drop=3),
    Column("last_success", "LAST SUCCESS", drop=4),
)

ACCOUNT = (
    Column("email", "Account"),
    Column("id", "Number", show=lambda value: f"#{value}"),
    Column("owner", "Owner"),
    Column("state", "State", style=state_style),
    Column("reason", "Reason"),
    Column("since", "Since"),
    Column("calendars", "Calendars"),
    Column("selected", "Selected"),
    Column("last_success", "Last success"),
    Column("sign_in_ends", "Sign-in ends"),
    Column("vault", "Secrets kept in"),
    Column("shadow", "Shadow"),
    Column("kept_back", "Kept back"),
)

CHOICES = (
    Column("name", "NAME", flexible=True),
    Column("primary", "PRIMARY"),
    Column("writable", "WRITABLE"),
    Column("state", "STATE", style=state_style),
)

CALENDARS = (
    Column("name", "NAME", flexible=True),
    Column("account", "ACCOUNT", flexible=True),
    Column("primary", "PRIMARY", drop=6),
    Column("writable", "WRITABLE", drop=5),
    Column("state", "STATE", style=state_style),
    Column("mode", "MODE", drop=3),
    Column("assignees", "ASSIGNED TO", flexible=True, drop=4),
    Column("events", "EVENTS", right=True, drop=1),
    Column("last_success", "LAST SUCCESS", drop=7),
)

CALENDAR = (
    Column("name", "Calendar"),
    Column("id", "Number", show=lambda value: f"#{value}"),
    Column("account", "Account"),
    Column("kind", "Kind"),
    Column("google_id", "Google id"),
    Column("primary", "Primary"),
    Column("writable", "Writable"),
    Column("access", "Access role"),
    Column("zone", "Time zone"),
    Column("state", "State", style=state_style),
    Column("reason", "Reason"),
    Column("since", "Since"),
    Column("mode", "Mode"),
    Column("assignees", "Assigned to"),
    Column("events", "Events"),
    Column("unreadable", "Not readable"),
    Column("last_success", "Last success"),
)

ASSIGNEES = (
    Column("label", "ASSIGNEE", flexible=True),
    Column("email", "E-MAIL", flexible=True, drop=2),
    Column("role", "ROLE", drop=3),
    Column("zone", "TIME ZONE", drop=4),
    Column("members", "MEMBERS", flexible=True, drop=1),
    Column("calendars", "CALENDARS", flexible=True),
)

ASSIGNEE = (
    Column("label", "Assignee"),
    Column("email", "E-mail"),
    Column("role", "Role"),
    Column("zone", "Time zone"),
    Column("members", "Members"),
    Column("calendars", "Calendars"),
)

SYNCED = (
    Column("name", "CALENDAR", flexible=True),
    Column("account", "ACCOUNT", flexible=True, drop=2),
    Column("new", "NEW", right=True),
    Column("changed", "CHANGED", right=True),
    Column("deleted", "DELETED", right=True),
    Column("sent", "SENT", right=True),
    Column("unchanged", "UNCHANGED", right=True, drop=1),
    Column("result", "RESULT", flexible=True),
)

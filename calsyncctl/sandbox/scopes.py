"""Google's Calendar permissions: which exist, what the consent page calls them, which method each allows.

Source: the discovery document (`methods.*.scopes`); tests compare this table with the one in google-api-python-client.
"""

from __future__ import annotations

PREFIX = "https://www.googleapis.com/auth/"
SIGN_IN = {"openid": "openid", "email": PREFIX + "userinfo.email", "profile": PREFIX + "userinfo.profile"}
SIGN_IN_SCOPES = frozenset(SIGN_IN.values())

NAMES = {
    "calendar": "See, edit, share, and permanently delete all the calendars you can access",
    "calendar.readonly": "See and download any calendar you can access",
    "calendar.events": "View and edit events on all your calendars",
    "calendar.events.owned": "See, create, change, and delete events on calendars you own",
    "calendar.events.readonly": "View events on all your calendars",
    "calendar.events.owned.readonly": "See the events on calendars you own",
    "calendar.events.public.readonly": "See the events on public calendars",
    "calendar.events.freebusy": "See the availability on calendars you have access to",
    "calendar.freebusy": "View your availability in your calendars",
    "calendar.calendarlist": "See, add, and remove calendars you are subscribed to",
    "calendar.calendarlist.readonly": "See the list of calendars you are subscribed to",
    "calendar.calendars": "See and change the properties of calendars, and create secondary calendars",
    "calendar.calendars.readonly": "See the title, description, default time zone, and other properties of calendars",
    "calendar.app.created": "Make secondary calendars, and see, create, change, and delete events on them",
    "calendar.settings.readonly": "View your Calendar settings",
    "calendar.settings": "View and change your Calendar settings",
    "calendar.acls": "See and change the sharing permissions of calendars you own",
    "calendar.acls.readonly": "See the sharing permissions of calendars you own",
}

_EVENTS_READ = (
    "calendar calendar.readonly calendar.events calendar.events.readonly calendar.events.owned "
    "calendar.events.owned.readonly calendar.events.public.readonly calendar.events.freebusy calendar.app.created"
)
_EVENTS_WRITE = "calendar calendar.events calendar.events.owned calendar.app.created"
_LIST_READ = "calendar calendar.readonly calendar.calendarlist calendar.calendarlist.readonly"
_LIST_WRITE = "calendar calendar.calendarlist"
_CALENDARS_WRITE = "calendar calendar.calendars calendar.app.created"
_ACL_READ = "calendar calendar.acls calendar.acls.readonly"
_ACL_WRITE = "calendar calendar.acls"
_SETTINGS = "calendar calendar.readonly calendar.settings calendar.settings.readonly"

METHOD_SCOPES: dict[str, str] = {
    "calendarList.list": _LIST_READ,
    "calendarList.get": _LIST_READ + " calendar.app.created",
    "calendarList.insert": _LIST_WRITE,
    "calendarList.patch": _LIST_WRITE + " calendar.app.created",
    "calendarList.update": _LIST_WRITE + " calendar.app.created",
    "calendarList.delete": _LIST_WRITE + " calendar.app.created",
    "calendarList.watch": _LIST_READ,
    "calendars.get": "calendar calendar.readonly calendar.calendars calendar.calendars.readonly calendar.app.created",
    "calendars.insert": _CALENDARS_WRITE,
    "calendars.patch": _CALENDARS_WRITE,
    "calendars.update": _CALENDARS_WRITE,
    "calendars.delete": _CALENDARS_WRITE,
    "calendars.clear": "calendar calendar.calendars",
    "calendars.transferOwnership": "calendar calendar.calendars",
    "events.list": _EVENTS_READ,
    "events.get": _EVENTS_READ,
    "events.instances": _EVENTS_READ,
    "events.watch": _EVENTS_READ,
    "events.insert": _EVENTS_WRITE,
    "events.import": _EVENTS_WRITE,
    "events.quickAdd": _EVENTS_WRITE,
    "events.patch": _EVENTS_WRITE,
    "events.update": _EVENTS_WRITE,
    "events.delete": _EVENTS_WRITE,
    "events.move": "calendar calendar.events calendar.events.owned",
    "freebusy.query": "calendar calendar.readonly calendar.freebusy calendar.events.freebusy",
    "channels.stop": (
        "calendar calendar.readonly calendar.events calendar.events.readonly calendar.events.owned "
        "calendar.events.owned.readonly calendar.events.public.readonly calendar.events.freebusy calendar.app.created "
        "calendar.calendarlist calendar.calendarlist.readonly calendar.settings calendar.settings.readonly "
        "calendar.acls calendar.acls.readonly"
    ),
    "colors.get": (
        "calendar calendar.readonly calendar.app.created calendar.events.owned calendar.events.owned.readonly "
        "calendar.events.public.readonly calendar.events.freebusy calendar.calendarlist calendar.calendarlist.readonly"
    ),
    "settings.list": _SETTINGS,
    "settings.get": _SETTINGS,
    "settings.watch": _SETTINGS,
    "acl.list": _ACL_READ,
    "acl.get": _ACL_READ + " calendar.readonly",
    "acl.insert": _ACL_WRITE,
    "acl.patch": _ACL_WRITE,
    "acl.update": _ACL_WRITE,
    "acl.delete": _ACL_WRITE,
    "acl.watch": _ACL_READ,
}


def long_form(scope: str) -> str:
    """Return the name under which Google grants a scope (`email` becomes its long form)."""
    return SIGN_IN.get(scope, scope)


def is_known(scope: str) -> bool:
    """Tell whether Google knows this scope (as far as the sandbox goes)."""
    return long_form(scope) in SIGN_IN_SCOPES or scope.removeprefix(PREFIX) in NAMES


def allows(method: str, granted: frozenset[str]) -> bool:
    """Tell whether a token with these scopes may call a Calendar method, such as `events.list`."""
    return any(PREFIX + short in granted for short in METHOD_SCOPES[method].split())

"""Push channels: watch and stop. What changed is told by really POSTing to the receiver (see `pushing`)."""

from __future__ import annotations

from urllib.parse import urlsplit

from calsyncctl.sandbox.calls import Answer, Call
from calsyncctl.sandbox.refusals import Json, refuse
from calsyncctl.sandbox.state import digest
from calsyncctl.sandbox.watching import Channel

DEFAULT_SECONDS = 604_800
LOOPBACK = ("127.0.0.1", "::1", "localhost")


def watch(call: Call) -> Answer:
    """Open a channel; its `sync` message goes out at once, maybe before this answer arrives."""
    sent = call.json()
    channels = call.world.channels
    channel_id, address = str(sent.get("id") or ""), str(sent.get("address") or "")
    if not channel_id or sent.get("type") not in ("web_hook", "webhook"):
        raise refuse("required", "Required")
    if len(channel_id) > 64 or len(str(sent.get("token") or "")) > 256:
        raise refuse("invalid", "Invalid channel id or token.")
    _check_address(call, address)
    if channel_id in channels.ever:
        raise refuse("channelIdNotUnique", f"Channel id {channel_id} not unique")
    resource, uri = _resource(call)
    now = call.world.clock.seconds()
    channel = Channel(
        id=channel_id,
        resource_id=digest("resource", resource, call.account.email, length=26),
        resource=resource,
        resource_uri=uri,
        address=address,
        email=call.account.email,
        client_id=call.client_id,
        expires=now + _lifetime(call, sent, now),
        token=str(sent.get("token") or ""),
    )
    channels.living[channel_id] = channel
    channels.ever.add(channel_id)
    channels.waiting.append((channel, "sync"))
    return Answer(body=_shown(channel))


def _shown(channel: Channel) -> Json:
    shown: Json = {
        "kind": "api#channel",
        "id": channel.id,
        "resourceId": channel.resource_id,
        "resourceUri": channel.resource_uri,
        "expiration": str(int(channel.expires * 1000)),
    }
    return {**shown, "token": channel.token} if channel.token else shown


def _check_address(call: Call, address: str) -> None:
    parts = urlsplit(address)
    plain_allowed = not call.world.settings.https_only_channels and parts.hostname in LOOPBACK
    if parts.scheme != "https" and not plain_allowed:
        raise refuse("push.webhookUrlNotHttps")


def _lifetime(call: Call, sent: Json, now: float) -> float:
    """Return a channel's seconds: the strictest of expiration, ttl and our own limit."""
    limits = [float(call.world.settings.max_channel_seconds)]
    try:
        if sent.get("expiration"):
            limits.append(float(sent["expiration"]) / 1000 - now)
        ttl = (sent.get("params") or {}).get("ttl")
        limits.append(float(ttl) if ttl else DEFAULT_SECONDS)
    except (ValueError, TypeError):
        raise refuse("invalid", "Invalid channel expiration.") from None
    return max(min(limits), 1.0)


def _resource(call: Call) -> tuple[str, str]:
    kind = call.method.partition(".")[0]
    if kind in ("calendarList", "settings"):
        prefix = "list" if kind == "calendarList" else "settings"
        return f"{prefix}:{call.account.email}", f"{call.root}/calendar/v3/users/me/{kind}?alt=json"
    calendar = call.world.calendar(call.params["calendarId"], call.account.email)
    if not calendar.push:
        raise refuse("pushNotSupportedForRequestedResource")
    resource = calendar.id if kind == "events" else f"acl:{calendar.id}"
    return resource, f"{call.root}/calendar/v3/calendars/{calendar.id}/{kind}?alt=json"


def stop(call: Call) -> Answer:
    """Close a channel; 404 for one that is unknown, expired, or somebody else's."""
    sent = call.json()
    channel = call.world.channels.living.get(str(sent.get("id") or ""))
    if channel is None or channel.resource_id != sent.get("resourceId") or channel.email != call.account.email:
        raise refuse("notFound", f"Channel '{sent.get('id')}' not found for project")
    del call.world.channels.living[channel.id]
    return Answer(204)

"""The consent page: which account, a tick box per permission, Allow, Deny; and the ways past it for scripts."""

from __future__ import annotations

from html import escape
from importlib.resources import files
from string import Template

from calsyncctl.sandbox.calls import Answer
from calsyncctl.sandbox.oauth import OAuth, check_request, grant_code, send_back
from calsyncctl.sandbox.refusals import Refusal
from calsyncctl.sandbox.scopes import NAMES, PREFIX, SIGN_IN_SCOPES, long_form
from calsyncctl.sandbox.state import Account

SELECT_ALL = """<label class="row"><input type="checkbox" id="all"
 onclick="for (const box of document.getElementsByName('sandbox_grant')) box.checked = this.checked">
<span>Select all</span></label>"""
HTML = {"Content-Type": "text/html; charset=utf-8", "Cache-Control": "no-store"}


def authorize(oauth: OAuth, query: dict[str, str]) -> Answer:
    """Show the page, or go back at once where a script asked for it (`sandbox_auto`, or the account's setting)."""
    try:
        scopes = check_request(oauth, query)
    except Refusal as refusal:
        return _error_page(refusal)
    if query.get("prompt") == "none":
        return send_back(query, {"error": "interaction_required"})
    account = _hinted(oauth, query.get("login_hint", "")) or _answering_by_itself(oauth)
    mode = query.get("sandbox_auto") or (account.consent if account else "ask")
    if mode in ("allow", "deny"):
        account = account or next(iter(oauth.world.accounts.values()))
        return _decided(oauth, account, query, scopes, allow=mode == "allow")
    return _page(oauth, query, scopes, account)


def approve(oauth: OAuth, form: list[tuple[str, str]]) -> Answer:
    """Take the page's form and go back to the app."""
    query = {name: value for name, value in form if not name.startswith("sandbox_")}
    chosen = {name: value for name, value in form if name.startswith("sandbox_")}
    ticked = {value for name, value in form if name == "sandbox_grant"}
    try:
        scopes = check_request(oauth, query)
    except Refusal as refusal:
        return _error_page(refusal)
    account = oauth.world.accounts.get(chosen.get("sandbox_account", ""))
    if chosen.get("sandbox_action") != "allow" or account is None:
        return send_back(query, {"error": "access_denied"})
    optional = _optional(scopes)
    granted = [scope for scope in scopes if scope not in optional or scope in ticked]
    return grant_code(oauth, account, query, granted)


def _hinted(oauth: OAuth, hint: str) -> Account | None:
    return next((one for one in oauth.world.accounts.values() if hint in (one.email, one.sub)), None)


def _answering_by_itself(oauth: OAuth) -> Account | None:
    return next((one for one in oauth.world.accounts.values() if one.consent != "ask"), None)


def _decided(oauth: OAuth, account: Account, query: dict[str, str], scopes: list[str], *, allow: bool) -> Answer:
    if not allow:
        return send_back(query, {"error": "access_denied"})
    wanted = None if account.grant is None else {_full(name) for name in account.grant}
    granted = [scope for scope in scopes if wanted is None or scope in wanted or scope in SIGN_IN_SCOPES]
    return grant_code(oauth, account, query, granted)


def _full(name: str) -> str:
    return PREFIX + name if name in NAMES else long_form(name)


def _optional(scopes: list[str]) -> list[str]:
    """Return the scopes that have a tick box: none when only one beside the sign-in ones is asked for."""
    others = [scope for scope in scopes if scope not in SIGN_IN_SCOPES]
    return others if len(others) > 1 else []


def _page(oauth: OAuth, query: dict[str, str], scopes: list[str], hinted: Account | None) -> Answer:
    chosen = hinted or next(iter(oauth.world.accounts.values()))
    accounts = "".join(
        f'<label class="row"><input type="radio" name="sandbox_account" value="{escape(one.email)}"'
        f"{' checked' if one is chosen else ''}><span>{escape(one.name)}"
        f"<small>{escape(one.email)}</small></span></label>"
        for one in oauth.world.accounts.values()
    )
    boxes = _optional(scopes)
    rows = SELECT_ALL if boxes else ""
    rows += "".join(_row(scope, boxed=scope in boxes) for scope in scopes if scope not in SIGN_IN_SCOPES)
    hidden = "".join(
        f'<input type="hidden" name="{escape(name)}" value="{escape(value)}">' for name, value in query.items()
    )
    text = Template(files("calsyncctl.sandbox").joinpath("consent.html").read_text(encoding="utf-8"))
    page = text.substitute(accounts=accounts, permissions=rows, hidden=hidden)
    return Answer(content=page.encode(), headers=dict(HTML))


def _row(scope: str, *, boxed: bool) -> str:
    name = escape(NAMES[scope.removeprefix(PREFIX)])
    box = f'<input type="checkbox" name="sandbox_grant" value="{escape(scope)}">' if boxed else "<i>•</i>"
    return f'<label class="row">{box}<span>{name}<small>{escape(scope)}</small></span></label>'


def _error_page(refusal: Refusal) -> Answer:
    """Show an error on Google's own page: it never reaches the app."""
    error, text = refusal.body["error"], refusal.body.get("error_description", "")
    page = (
        "<!doctype html><html lang=en><meta charset=utf-8><title>Error</title><body style='font-family:sans-serif'>"
        f"<h1>Access blocked: Authorization Error</h1><p>{escape(text)}</p>"
        f"<p>Error {refusal.status}: {escape(error)}</p></body></html>"
    )
    return Answer(refusal.status, content=page.encode(), headers=dict(HTML))

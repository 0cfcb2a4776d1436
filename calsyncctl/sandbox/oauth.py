"""OAuth 2.0 for installed apps, from Google's side: authorize, token, revoke, userinfo, tokeninfo, discovery.

Revoking any token withdraws the user's whole grant to the project, as Google's revocation page says.
"""

from __future__ import annotations

import hashlib
import secrets
from base64 import b64decode, urlsafe_b64encode
from dataclasses import dataclass, field
from urllib.parse import unquote, urlencode, urlsplit

from calsyncctl.sandbox.calls import Answer
from calsyncctl.sandbox.clock import Clock
from calsyncctl.sandbox.refusals import Json, oauth_refusal, unauthenticated
from calsyncctl.sandbox.scopes import PREFIX, SIGN_IN_SCOPES, is_known, long_form
from calsyncctl.sandbox.signing import Signer
from calsyncctl.sandbox.state import Account, World

CODE_SECONDS = 600
MOST_REFRESH_TOKENS = 100
LOOPBACK = ("127.0.0.1", "::1", "localhost")


@dataclass(slots=True, frozen=True)
class Client:
    """The desktop client that the sandbox's Google project has."""

    client_id: str = "100200300400-sandbox.apps.googleusercontent.com"
    secret: str = "GOCSPX-sandbox-not-confidential"
    project: str = "calsyncctl-sandbox"


@dataclass(slots=True)
class Code:
    """An authorization code, good for one exchange."""

    email: str
    scopes: frozenset[str]
    redirect_uri: str
    challenge: str
    challenge_method: str
    nonce: str
    expires: float
    used: bool = False


@dataclass(slots=True)
class Access:
    """What a token permits: for refresh tokens `refresh` is the token itself."""

    email: str
    scopes: frozenset[str]
    refresh: str
    expires: float | None
    issued: float


@dataclass(slots=True)
class OAuth:
    """Every code and token given out."""

    world: World
    issuer: str = ""
    client: Client = field(default_factory=Client)
    signer: Signer = field(default_factory=Signer)
    codes: dict[str, Code] = field(default_factory=dict)
    access: dict[str, Access] = field(default_factory=dict)
    refresh: dict[str, Access] = field(default_factory=dict)

    @property
    def clock(self) -> Clock:
        """The world's clock."""
        return self.world.clock

    def check(self, authorization: str) -> Access:
        """Return what the bearer token of an Authorization header permits; 401 otherwise."""
        kind, _, token = authorization.partition(" ")
        found = self.access.get(token.strip()) if kind.lower() == "bearer" else None
        if found is None or (found.expires or 0) <= self.clock.seconds():
            raise unauthenticated()
        return found

    def revoke_account(self, email: str) -> None:
        """Withdraw an account's whole grant."""
        self.codes = {key: code for key, code in self.codes.items() if code.email != email}
        self.access = {key: one for key, one in self.access.items() if one.email != email}
        self.refresh = {key: one for key, one in self.refresh.items() if one.email != email}

    def expire_access_tokens(self, email: str) -> None:
        """Let every access token of an account end now; its refresh tokens live."""
        for one in self.access.values():
            if one.email == email:
                one.expires = self.clock.seconds()

    def email_of(self, form: dict[str, str]) -> str:
        """Return whose token or code a form speaks of, empty when unknown."""
        token = form.get("refresh_token") or form.get("token") or ""
        found = self.refresh.get(token) or self.access.get(token)
        code = self.codes.get(form.get("code", ""))
        return found.email if found else code.email if code else ""


def asked_scopes(query: dict[str, str]) -> list[str]:
    """Return the scopes of an authorization request in their long form, each once; 400 for unknown ones."""
    names = query.get("scope", "").split()
    wrong = [name for name in names if not is_known(name)]
    if wrong or not names:
        text = f"Some requested scopes were invalid. {{invalid=[{', '.join(wrong)}]}}" if wrong else "Missing scope."
        raise oauth_refusal("invalid_scope" if wrong else "invalid_request", text)
    return list(dict.fromkeys(long_form(name) for name in names))


def check_request(oauth: OAuth, query: dict[str, str]) -> list[str]:
    """Check an authorization request and return its scopes; what is wrong Google shows on its own page."""
    if oauth.world.settings.consent_error:
        raise oauth_refusal(oauth.world.settings.consent_error, "The app is not permitted.", 403)
    if query.get("client_id") != oauth.client.client_id:
        raise oauth_refusal("invalid_client", "The OAuth client was not found.", 401)
    if query.get("response_type") != "code":
        raise oauth_refusal("unsupported_response_type", "Invalid response_type.")
    target = urlsplit(query.get("redirect_uri", ""))
    loopback = target.scheme == "http" and target.hostname in LOOPBACK
    if not loopback and not (oauth.world.settings.any_redirect and target.scheme in ("http", "https")):
        raise oauth_refusal("redirect_uri_mismatch", "The redirect URI is not registered for this client.")
    if query.get("code_challenge_method", "plain") not in ("S256", "plain"):
        raise oauth_refusal("invalid_request", "Invalid code_challenge_method.")
    return asked_scopes(query)


def grant_code(oauth: OAuth, account: Account, query: dict[str, str], granted: list[str]) -> Answer:
    """Send the browser back with a code, or with `access_denied` when nothing was granted."""
    if not granted:
        return send_back(query, {"error": "access_denied"})
    code = "4/0A" + secrets.token_urlsafe(48)
    oauth.codes[code] = Code(
        account.email,
        frozenset(granted),
        query["redirect_uri"],
        query.get("code_challenge", ""),
        query.get("code_challenge_method", "plain"),
        query.get("nonce", ""),
        oauth.clock.seconds() + CODE_SECONDS,
    )
    more = {"code": code, "scope": " ".join(granted), "authuser": "0", "prompt": query.get("prompt") or "none"}
    return send_back(query, more)


def send_back(query: dict[str, str], values: dict[str, str]) -> Answer:
    """Redirect to the app's loopback address."""
    target = urlsplit(query["redirect_uri"])
    state = {"state": query["state"]} if "state" in query else {}
    old = f"{target.query}&" if target.query else ""
    place = target._replace(path=target.path or "/", query=old + urlencode({**state, **values}))
    return Answer(302, headers={"Location": place.geturl(), "Cache-Control": "no-store"}, content=b"")


def token(oauth: OAuth, form: dict[str, str], authorization: str) -> Answer:
    """Answer the token endpoint: a code exchanged, or a token refreshed."""
    _check_client(oauth, form, authorization)
    kind = form.get("grant_type", "")
    if kind == "authorization_code":
        return _exchange(oauth, form)
    if kind == "refresh_token":
        return _refresh(oauth, form)
    if not kind:
        raise oauth_refusal("invalid_request", "Required parameter is missing: grant_type")
    raise oauth_refusal("unsupported_grant_type", f"Invalid grant_type: {kind}")


def _check_client(oauth: OAuth, form: dict[str, str], authorization: str) -> None:
    """Check the client's id and secret, sent by HTTP Basic or in the form."""
    client_id, secret = form.get("client_id", ""), form.get("client_secret", "")
    if authorization.lower().startswith("basic "):
        try:
            pair = b64decode(authorization[6:], validate=True).decode()
        except ValueError:
            raise oauth_refusal("invalid_request", "Malformed Authorization header.") from None
        client_id, _, secret = (unquote(part) for part in pair.partition(":"))
    if client_id != oauth.client.client_id:
        raise oauth_refusal("invalid_client", "The OAuth client was not found.", 401)
    if not secret:
        raise oauth_refusal("invalid_request", "client_secret is missing.")
    if secret != oauth.client.secret:
        raise oauth_refusal("invalid_client", "Unauthorized", 401)


def _exchange(oauth: OAuth, form: dict[str, str]) -> Answer:
    code = oauth.codes.get(form.get("code", ""))
    if code is None:
        raise oauth_refusal("invalid_grant", "Malformed auth code.")
    if code.used or code.expires <= oauth.clock.seconds():
        raise oauth_refusal("invalid_grant", "Bad Request")
    if form.get("redirect_uri") != code.redirect_uri:
        raise oauth_refusal("redirect_uri_mismatch", "Bad Request")
    _check_verifier(code, form.get("code_verifier", ""))
    code.used = True
    refresh = _new_refresh_token(oauth, code.email, code.scopes)
    body = _new_access(oauth, code.email, code.scopes, refresh)
    body["refresh_token"] = refresh
    if oauth.world.settings.refresh_token_seconds is not None:
        body["refresh_token_expires_in"] = oauth.world.settings.refresh_token_seconds
    if code.scopes & SIGN_IN_SCOPES:
        body["id_token"] = _id_token(oauth, code, body["access_token"])
    return _token_answer(body)


def _check_verifier(code: Code, verifier: str) -> None:
    if not code.challenge:
        return
    if not verifier:
        raise oauth_refusal("invalid_grant", "Missing code verifier.")
    if code.challenge_method == "S256":
        hashed = hashlib.sha256(verifier.encode()).digest()
        verifier = urlsafe_b64encode(hashed).decode().rstrip("=")
    if verifier != code.challenge:
        raise oauth_refusal("invalid_grant", "Invalid code verifier.")


def _new_refresh_token(oauth: OAuth, email: str, scopes: frozenset[str]) -> str:
    """Give out a refresh token; beyond a hundred per account the oldest stops without notice."""
    token_text = "1//0" + secrets.token_urlsafe(64)
    lifetime = oauth.world.settings.refresh_token_seconds
    now = oauth.clock.seconds()
    oauth.refresh[token_text] = Access(email, scopes, token_text, now + lifetime if lifetime is not None else None, now)
    mine = [key for key, one in oauth.refresh.items() if one.email == email]
    for oldest in mine[:-MOST_REFRESH_TOKENS]:
        del oauth.refresh[oldest]
    return token_text


def _new_access(oauth: OAuth, email: str, scopes: frozenset[str], refresh: str) -> Json:
    text = "ya29.a0" + secrets.token_urlsafe(120)
    seconds = oauth.world.settings.access_token_seconds
    now = oauth.clock.seconds()
    oauth.access[text] = Access(email, scopes, refresh, now + seconds, now)
    return {"access_token": text, "expires_in": seconds, "scope": " ".join(sorted(scopes)), "token_type": "Bearer"}


def _refresh(oauth: OAuth, form: dict[str, str]) -> Answer:
    found = oauth.refresh.get(form.get("refresh_token", ""))
    now = oauth.clock.seconds()
    if found is None or (found.expires is not None and found.expires <= now):
        raise oauth_refusal("invalid_grant", "Token has been expired or revoked.")
    wanted = frozenset(long_form(name) for name in form.get("scope", "").split()) or found.scopes
    if not wanted <= found.scopes:
        if oauth.world.settings.refresh_wide_scope == "refuse":
            raise oauth_refusal("invalid_scope", "Bad Request")
        wanted &= found.scopes
    body = _new_access(oauth, found.email, wanted, found.refresh)
    if oauth.world.settings.rotate_refresh_tokens:
        body["refresh_token"] = _new_refresh_token(oauth, found.email, found.scopes)
        del oauth.refresh[found.refresh]
    return _token_answer(body)


def _token_answer(body: Json) -> Answer:
    return Answer(body=body, headers={"Cache-Control": "no-store", "Pragma": "no-cache"})


def _id_token(oauth: OAuth, code: Code, access_token: str) -> str:
    now = int(oauth.clock.seconds())
    half = hashlib.sha256(access_token.encode()).digest()[:16]
    claims: Json = {
        "iss": "https://accounts.google.com",
        "azp": oauth.client.client_id,
        "aud": oauth.client.client_id,
        **_identity(oauth.world.accounts[code.email], code.scopes),
        "at_hash": urlsafe_b64encode(half).decode().rstrip("="),
        "iat": now,
        "exp": now + 3600,
    }
    if code.nonce:
        claims["nonce"] = code.nonce
    return oauth.signer.sign(claims)


def _identity(account: Account, scopes: frozenset[str]) -> Json:
    who: Json = {"sub": account.sub}
    if PREFIX + "userinfo.email" in scopes:
        who |= {"email": account.email, "email_verified": True}
    if PREFIX + "userinfo.profile" in scopes:
        who["name"] = account.name
    return who


def revoke(oauth: OAuth, form: dict[str, str]) -> Answer:
    """Withdraw the whole grant of the account that a token belongs to; 400 `invalid_token` the second time."""
    text = form.get("token", "")
    found = oauth.refresh.get(text) or oauth.access.get(text)
    if found is None or (found.expires is not None and found.expires <= oauth.clock.seconds()):
        raise oauth_refusal("invalid_token", "Token expired or revoked")
    oauth.revoke_account(found.email)
    return Answer(content=oauth.world.settings.revoke_body.encode())


def userinfo(oauth: OAuth, authorization: str, *, older: bool = False) -> Answer:
    """Answer who the token belongs to; the v2 address names the fields otherwise."""
    access = oauth.check(authorization)
    if not access.scopes & SIGN_IN_SCOPES:
        raise unauthenticated()
    who = _identity(oauth.world.accounts[access.email], access.scopes)
    if older:
        who["id"] = who.pop("sub")
        if "email_verified" in who:
            who["verified_email"] = who.pop("email_verified")
    return Answer(body=who)


def tokeninfo(oauth: OAuth, query: dict[str, str], authorization: str = "", *, older: bool = False) -> Answer:
    """Answer what an access token is good for, or what an id token says; older addresses name the fields otherwise."""
    if query.get("id_token"):
        claims = oauth.signer.read(query["id_token"])
        if claims is None:
            raise oauth_refusal("invalid_token", "Invalid Value")
        return Answer(body={name: _as_text(value) for name, value in claims.items()})
    found = oauth.access.get(query.get("access_token") or authorization.partition(" ")[2])
    now = oauth.clock.seconds()
    if found is None or (found.expires or 0) <= now:
        raise oauth_refusal("invalid_token", "Invalid Value")
    who = _identity(oauth.world.accounts[found.email], found.scopes)
    client = oauth.client.client_id
    if older:
        who["user_id"] = who.pop("sub")
        if "email_verified" in who:
            who["verified_email"] = who.pop("email_verified")
        left = int((found.expires or 0) - now)
        about = {"scope": " ".join(sorted(found.scopes)), "expires_in": left, "access_type": "offline"}
        return Answer(body={"issued_to": client, "audience": client, **who, **about})
    body: Json = {
        "azp": client,
        "aud": client,
        **who,
        "scope": " ".join(sorted(found.scopes)),
        "access_type": "offline",
    }
    body |= {"exp": int(found.expires or 0), "expires_in": int((found.expires or 0) - now)}
    return Answer(body={name: _as_text(value) for name, value in body.items()})


def _as_text(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def discovery(oauth: OAuth) -> Answer:
    """Answer the OIDC discovery document, with the sandbox's own addresses."""
    root = oauth.issuer
    return Answer(
        body={
            "issuer": "https://accounts.google.com",
            "authorization_endpoint": f"{root}/o/oauth2/v2/auth",
            "token_endpoint": f"{root}/token",
            "userinfo_endpoint": f"{root}/v1/userinfo",
            "revocation_endpoint": f"{root}/revoke",
            "jwks_uri": f"{root}/oauth2/v3/certs",
            "response_types_supported": ["code"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["RS256"],
            "scopes_supported": ["openid", "email", "profile"],
            "token_endpoint_auth_methods_supported": ["client_secret_post", "client_secret_basic"],
            "code_challenge_methods_supported": ["plain", "S256"],
            "grant_types_supported": ["authorization_code", "refresh_token"],
        }
    )

"""The key that id tokens are signed with: made when the first one is needed, published like Google's."""

from __future__ import annotations

from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import msgspec

from calsyncctl.sandbox.refusals import Json

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

KEY_ID = "sandbox-1"


@dataclass(slots=True)
class Signer:
    """Signs JSON Web Tokens by RS256."""

    _key: RSAPrivateKey | None = None
    _certificate: str | None = None

    def sign(self, claims: Json) -> str:
        """Return the claims as a signed token."""
        from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15  # noqa: PLC0415 - 50 ms
        from cryptography.hazmat.primitives.hashes import SHA256  # noqa: PLC0415

        header = {"alg": "RS256", "kid": KEY_ID, "typ": "JWT"}
        text = ".".join(_packed(msgspec.json.encode(part)) for part in (header, claims))
        return f"{text}.{_packed(self._private_key().sign(text.encode(), PKCS1v15(), SHA256()))}"

    def read(self, token: str) -> Json | None:
        """Return the claims of a token that was signed here, None for any other."""
        try:
            claims = msgspec.json.decode(urlsafe_b64decode(token.split(".")[1] + "=="), type=dict[str, Any])
        except (IndexError, ValueError, msgspec.MsgspecError):
            return None
        # RS256 signs the same text to the same signature.
        return claims if self.sign(claims) == token else None

    def published(self) -> Json:
        """Return the public key as a JSON Web Key set."""
        numbers = self._private_key().public_key().public_numbers()
        key = {"kty": "RSA", "use": "sig", "alg": "RS256", "kid": KEY_ID}
        key |= {"n": _packed(numbers.n.to_bytes(256)), "e": _packed(numbers.e.to_bytes(3))}
        return {"keys": [key]}

    def certificates(self) -> Json:
        """Return the public key in the older form: a self-signed certificate (PEM) by key id."""
        from cryptography.hazmat.primitives.hashes import SHA256  # noqa: PLC0415

        from calsyncctl.sandbox.certificates import begun, pem, subject  # noqa: PLC0415

        if self._certificate is None:
            key = self._private_key()
            builder = begun(KEY_ID).issuer_name(subject(KEY_ID)).public_key(key.public_key())
            self._certificate = pem(builder.sign(key, SHA256()))
        return {KEY_ID: self._certificate}

    def _private_key(self) -> RSAPrivateKey:
        if self._key is None:
            from cryptography.hazmat.primitives.asymmetric import rsa  # noqa: PLC0415

            self._key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        return self._key


def _packed(raw: bytes) -> str:
    return urlsafe_b64encode(raw).decode().rstrip("=")

"""A certificate authority of the sandbox's own, so that push messages can go to https receivers on this machine."""

from __future__ import annotations

import ssl
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from typing import TYPE_CHECKING

from calsyncctl.sandbox.refusals import Json

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
    from cryptography.x509 import Certificate, CertificateBuilder, GeneralName, KeyUsage, Name

DAYS = 30
NAME = "calsyncctl sandbox"


@dataclass(slots=True)
class Authority:
    """Makes certificates for receivers; its own key is made when first needed."""

    _key: EllipticCurvePrivateKey | None = None
    _certificate: Certificate | None = None
    _context: ssl.SSLContext | None = None

    def trust(self) -> ssl.SSLContext:
        """Return a context that trusts this authority and nobody else, host names checked, strict by RFC 5280."""
        if self._context is None:
            self._context = ssl.create_default_context(cadata=pem(self._own()[1]))
            self._context.verify_flags |= ssl.VERIFY_X509_STRICT  # the default from Python 3.13 on
        return self._context

    def issue(self, hosts: list[str]) -> Json:
        """Return a new certificate for these hosts, its key, and the authority's certificate, all PEM."""
        from cryptography.hazmat.primitives import hashes, serialization  # noqa: PLC0415 - rarely needed
        from cryptography.hazmat.primitives.asymmetric import ec  # noqa: PLC0415
        from cryptography.x509 import (  # noqa: PLC0415
            AuthorityKeyIdentifier,
            ExtendedKeyUsage,
            SubjectAlternativeName,
        )
        from cryptography.x509.oid import ExtendedKeyUsageOID  # noqa: PLC0415

        own_key, own = self._own()
        key = ec.generate_private_key(ec.SECP256R1())
        builder = begun(hosts[0]).issuer_name(own.subject).public_key(key.public_key())
        for extension in (
            SubjectAlternativeName([_name(host) for host in hosts]),
            AuthorityKeyIdentifier.from_issuer_public_key(own_key.public_key()),
            ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]),
        ):
            builder = builder.add_extension(extension, critical=False)
        made = builder.sign(own_key, hashes.SHA256())
        form = serialization.PrivateFormat.PKCS8
        secret = key.private_bytes(serialization.Encoding.PEM, form, serialization.NoEncryption()).decode()
        return {"certificate": pem(made), "key": secret, "ca": pem(own)}

    def _own(self) -> tuple[EllipticCurvePrivateKey, Certificate]:
        from cryptography.hazmat.primitives import hashes  # noqa: PLC0415
        from cryptography.hazmat.primitives.asymmetric import ec  # noqa: PLC0415
        from cryptography.x509 import BasicConstraints, SubjectKeyIdentifier  # noqa: PLC0415

        if self._key is None or self._certificate is None:
            self._key = ec.generate_private_key(ec.SECP256R1())
            builder = begun(NAME).issuer_name(subject(NAME)).public_key(self._key.public_key())
            builder = builder.add_extension(BasicConstraints(ca=True, path_length=0), critical=True)
            builder = builder.add_extension(_signs_certificates(), critical=True)
            named = SubjectKeyIdentifier.from_public_key(self._key.public_key())
            self._certificate = builder.add_extension(named, critical=False).sign(self._key, hashes.SHA256())
        return self._key, self._certificate


def begun(name: str) -> CertificateBuilder:
    """Return a certificate in the making: its name, its number and its days."""
    from cryptography import x509  # noqa: PLC0415

    now = datetime.now(UTC)
    builder = x509.CertificateBuilder().subject_name(subject(name)).serial_number(x509.random_serial_number())
    return builder.not_valid_before(now - timedelta(days=1)).not_valid_after(now + timedelta(days=DAYS))


def _signs_certificates() -> KeyUsage:
    from cryptography.x509 import KeyUsage  # noqa: PLC0415

    return KeyUsage(
        digital_signature=False,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=True,
        crl_sign=True,
        encipher_only=False,
        decipher_only=False,
    )


def subject(name: str) -> Name:
    """Return a distinguished name that has nothing but a common name."""
    from cryptography import x509  # noqa: PLC0415

    return x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])


def _name(host: str) -> GeneralName:
    from cryptography.x509 import DNSName, IPAddress  # noqa: PLC0415

    try:
        return IPAddress(ip_address(host))
    except ValueError:
        return DNSName(host)


def pem(certificate: Certificate) -> str:
    """Return a certificate as PEM text."""
    from cryptography.hazmat.primitives.serialization import Encoding  # noqa: PLC0415

    return certificate.public_bytes(Encoding.PEM).decode()

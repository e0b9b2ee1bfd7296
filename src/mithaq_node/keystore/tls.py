"""The node's TLS certificate: self-signed, for one key, pinned by the counterpart; it opens a door and proves nobody.

CA:FALSE, because the server refuses a pinned certificate that calls itself an authority, and because nothing may be
issued under it. Who says something is decided by signatures over what is said.
"""

import ipaddress
from datetime import UTC, datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from mithaq.moments import Moment

_YEARS = timedelta(days=10 * 365)
_BACKDATED = timedelta(days=1)
"""Two ministries' clocks differ; a certificate of this minute must be valid on both."""


def self_signed(domain: str, hosts: tuple[str, ...], now: Moment) -> tuple[bytes, bytes]:
    """A new P-256 key (PKCS#8, PEM) and its certificate (PEM) for `hosts`, names or addresses."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, f"{domain} mithaq"[:64])])
    moment = datetime.fromtimestamp(now.seconds, UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(moment - _BACKDATED)
        .not_valid_after(moment + _YEARS)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(
            x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH]), critical=False
        )
        .add_extension(x509.SubjectAlternativeName([_alternative(host) for host in hosts]), critical=False)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return private, certificate.public_bytes(serialization.Encoding.PEM)


def pin(certificate: bytes) -> bytes:
    """SHA-256 of the certificate's public key (SPKI, RFC 7469 section 2.4): what a key-set names."""
    public = x509.load_pem_x509_certificate(certificate).public_key()
    digest = hashes.Hash(hashes.SHA256())
    digest.update(public.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo))
    return digest.finalize()


def _alternative(host: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(host))
    except ValueError:
        return x509.DNSName(host)

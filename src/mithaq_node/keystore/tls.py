"""The node's TLS certificate: self-signed, for one key, pinned by the counterpart; it opens a door and proves nobody.

CA:FALSE, because the server refuses a pinned certificate that calls itself an authority, and because nothing may be
issued under it. Who says something is decided by signatures over what is said.
"""

import contextlib
import hashlib
import ipaddress
import os
import stat
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from mithaq.errors import Refusal
from mithaq.moments import Moment

_MEMORY = (Path("/dev/shm"),)
"""Folders whose files are never written to a disk (Linux)."""
_YEARS = timedelta(days=10 * 365)
_BACKDATED = timedelta(days=1)
"""Two ministries' clocks differ; a certificate of this minute must be valid on both."""


def self_signed(domain: str, hosts: tuple[str, ...], now: Moment, password: str) -> tuple[bytes, bytes]:
    """A new P-256 key (PKCS#8, PEM, under `password`) and its certificate (PEM) for `hosts`, names or addresses."""
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
    encryption = serialization.BestAvailableEncryption(password.encode())
    private = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, encryption)
    return private, certificate.public_bytes(serialization.Encoding.PEM)


def opened(keys: Path, name: str, password: str) -> Path:
    """The key in the file `keys`/`name`, opened into a file that lies in memory alone; `close` removes it.

    The server of the door does not read encrypted keys, so what it reads must never reach a disk. Where this system has
    no such folder the file stands beside the encrypted one, as private as that.
    """
    private = serialization.load_pem_private_key((keys / name).read_bytes(), password.encode())
    plain = private.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    memory = next((each for each in _MEMORY if each.is_dir()), keys)
    mine = memory / f"mithaq-{os.getuid()}-{hashlib.sha256(str(keys.resolve()).encode()).hexdigest()[:16]}"
    with contextlib.suppress(FileExistsError):
        mine.mkdir(mode=0o700)
    if mine.is_symlink() or mine.stat().st_uid != os.getuid() or stat.S_IMODE(mine.stat().st_mode) & 0o077:
        raise Refusal("keystore.readable-by-others", file=mine.name)
    file = mine / name
    file.unlink(missing_ok=True)
    with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as written:
        written.write(plain)
    return file


def close(file: Path) -> None:
    """Remove what `opened` made."""
    file.unlink(missing_ok=True)
    with contextlib.suppress(OSError):
        file.parent.rmdir()


def hosts(certificate: bytes) -> tuple[str, ...]:
    """The names and addresses that a certificate (PEM) was made for."""
    found = x509.load_pem_x509_certificate(certificate).extensions.get_extension_for_class(x509.SubjectAlternativeName)
    return tuple(str(each.value) for each in found.value)


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

"""A real directory for tests: Debian's slapd, with a folder of its own, on loopback, over TLS and plain."""

import datetime
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

PROGRAM = Path("/usr/sbin/slapd")
_SCHEMAS = Path("/etc/ldap/schema")
_MODULES = Path("/usr/lib/ldap")
BASE = "ou=people,dc=meadow,dc=example"
SERVICE = "cn=mithaq,dc=meadow,dc=example"
SERVICE_PASSWORD = "looks officers up"
PASSWORDS = {"b.watch": "the password of the directory", "twin": "one of two"}

_SETTINGS = """\
include {schemas}/core.schema
include {schemas}/cosine.schema
include {schemas}/inetorgperson.schema
pidfile {folder}/slapd.pid
modulepath {modules}
moduleload back_mdb
TLSCertificateFile {folder}/server.pem
TLSCertificateKeyFile {folder}/server.key
database mdb
suffix "dc=meadow,dc=example"
rootdn "cn=admin,dc=meadow,dc=example"
directory {folder}/data
access to attrs=userPassword by anonymous auth by * none
access to * by dn.exact="{service}" read by anonymous auth by * none
"""

_ENTRIES = """\
dn: dc=meadow,dc=example
objectClass: domain
dc: meadow

dn: {service}
objectClass: applicationProcess
objectClass: simpleSecurityObject
cn: mithaq
userPassword: {service_password}

dn: {base}
objectClass: organizationalUnit
ou: people

dn: ou=other,{base}
objectClass: organizationalUnit
ou: other
"""

_PERSON = """
dn: uid={name},{place}
objectClass: inetOrgPerson
uid: {name}
cn: {name}
sn: desk
userPassword: {password}
"""


class NotToBeHad(Exception):
    """Why there is no directory here."""


@dataclass
class Directory:
    """A running directory."""

    plain: str
    tls: str
    ca: Path
    process: "subprocess.Popen[bytes]"

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait(10)


@contextmanager
def running() -> Iterator[Directory]:
    """A directory with one officer in it and a name that two entries share; raises `NotToBeHad`."""
    if not PROGRAM.exists():
        raise NotToBeHad(f"{PROGRAM} is not installed, and only root may install it (apt install slapd)")
    folder = Path(tempfile.mkdtemp(prefix="mithaq-slapd-", dir="/tmp"))
    try:
        directory = _start(folder)
        try:
            yield directory
        finally:
            directory.stop()
    finally:
        shutil.rmtree(folder)


def _start(folder: Path) -> Directory:
    (folder / "data").mkdir()
    _certify(folder)
    settings = folder / "slapd.conf"
    settings.write_text(_SETTINGS.format(schemas=_SCHEMAS, modules=_MODULES, folder=folder, service=SERVICE))
    people = [("b.watch", BASE), ("twin", BASE), ("twin", f"ou=other,{BASE}")]
    persons = (_PERSON.format(name=name, place=place, password=PASSWORDS[name]) for name, place in people)
    entries = _ENTRIES.format(service=SERVICE, service_password=SERVICE_PASSWORD, base=BASE) + "".join(persons)
    subprocess.run(
        ["/usr/sbin/slapadd", "-f", settings], input=entries.encode(), check=True, capture_output=True, timeout=30
    )
    plain, tls = _free_port(), _free_port()
    addresses = f"ldap://127.0.0.1:{plain} ldaps://127.0.0.1:{tls}"
    process = subprocess.Popen(
        [PROGRAM, "-h", addresses, "-f", settings, "-d", "0"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    directory = Directory(f"ldap://127.0.0.1:{plain}", f"ldaps://127.0.0.1:{tls}", folder / "ca.pem", process)
    _wait(process, plain)
    return directory


def _wait(process: "subprocess.Popen[bytes]", port: int) -> None:
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline and process.poll() is None:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    process.kill()
    raise AssertionError("slapd did not answer")


def _certify(folder: Path) -> None:
    """A certificate for 127.0.0.1, from an authority of its own."""
    authority, server = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    issuer = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "directory authority of the tests")])
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "directory of the tests")])
    now = datetime.datetime.now(datetime.UTC)

    def made(name: x509.Name, key: ec.EllipticCurvePublicKey, extension: x509.ExtensionType) -> bytes:
        builder = x509.CertificateBuilder(issuer, name, key, x509.random_serial_number())
        builder = builder.not_valid_before(now - datetime.timedelta(days=1))
        builder = builder.not_valid_after(now + datetime.timedelta(days=2)).add_extension(extension, critical=True)
        return builder.sign(authority, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)

    names = x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))])
    (folder / "ca.pem").write_bytes(made(issuer, authority.public_key(), x509.BasicConstraints(True, 0)))
    (folder / "server.pem").write_bytes(made(subject, server.public_key(), names))
    (folder / "server.key").write_bytes(
        server.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])

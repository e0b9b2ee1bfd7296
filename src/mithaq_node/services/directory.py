"""The party's own directory (LDAP): whether it lets somebody in with a password, and whether it answers at all.

It is asked for nothing else. Who is an officer, in which role and with which key, this node's operator says, because a
group in a directory is in the hands of whoever administers the directory. Nothing is sent before the connection is TLS;
only on this machine itself may it stay plain.
"""

import ssl
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings

from mithaq.errors import Refusal
from mithaq_node.settings.node import Directory

with warnings.catch_warnings():
    # ldap3 2.9.1 asks pyasn1 for names that it calls old; they are there in the version that the lock holds.
    warnings.simplefilter("ignore", DeprecationWarning)
    import ldap3
    from ldap3.core.exceptions import LDAPException
    from ldap3.utils.conv import escape_filter_chars

PATIENCE = 5
"""Seconds for the connection, and again for each answer."""
HERE = {"localhost", "127.0.0.1", "::1"}
"""Where a plain line reaches nobody else."""


def lets_in(name: str, password: str) -> bool:
    """Whether exactly one entry has this name and opens with the password. Refuses a directory that does not answer
    (`signin.directory-silent`)."""
    directory: Directory | None = settings.NODE.directory
    if directory is None or not password:  # with no password a directory lets anybody in, as nobody (RFC 4513, 5.1.2)
        return False
    with _asked(directory) as connection:
        entry = _entry(directory, connection, name)
        return entry is not None and bool(connection.rebind(user=entry, password=password))


def reach(directory: Directory) -> None:
    """Look whether the directory answers and lets this node look officers up; refuses one that does not."""
    with _asked(directory) as connection:
        _entry(directory, connection, "mithaq-doctor")


@contextmanager
def _asked(directory: Directory) -> Iterator[Any]:
    """A connection that may look officers up; every failure of the line or of the own account is one refusal."""
    try:
        connection = ldap3.Connection(
            _server(directory), **_account(directory), receive_timeout=PATIENCE, auto_referrals=False
        )
        try:
            connection.open()
            if directory.url.startswith("ldap://") and urlsplit(directory.url).hostname not in HERE:
                connection.start_tls()
            if not connection.bind():
                raise Refusal("signin.directory-silent", reason=str(connection.result.get("description", "")))
            yield connection
        finally:
            line = connection.socket
            connection.unbind()
            if line is not None:  # a line that could not be opened is left to us
                line.close()
    except (LDAPException, OSError, ssl.SSLError) as error:
        raise Refusal("signin.directory-silent", reason=str(error)[:200]) from error


def _server(directory: Directory) -> Any:
    parts = urlsplit(directory.url)
    tls = ldap3.Tls(
        validate=ssl.CERT_REQUIRED,
        version=ssl.PROTOCOL_TLS_CLIENT,
        ca_certs_file=str(directory.ca) if directory.ca else None,
    )
    over_tls = parts.scheme == "ldaps"
    return ldap3.Server(
        parts.hostname,
        port=parts.port or (636 if over_tls else 389),
        use_ssl=over_tls,
        tls=tls,
        connect_timeout=PATIENCE,
        get_info=ldap3.NONE,
    )


def _account(directory: Directory) -> dict[str, Any]:
    if directory.bind_password_file is None:
        return {}
    password = directory.bind_password_file.read_text(encoding="utf-8").rstrip("\n")
    return {"user": directory.bind, "password": password}


def _entry(directory: Directory, connection: Any, name: str) -> str | None:
    """The one entry of that name; None where there is none, or more than one."""
    connection.search(
        directory.base, f"({directory.attribute}={escape_filter_chars(name)})", attributes=[], size_limit=2
    )
    found = [each["dn"] for each in connection.response or () if each.get("type") == "searchResEntry"]
    return found[0] if len(found) == 1 else None

"""One-use tickets that open a desk of the demonstration already signed in.

The console of the demonstration and the node share a secret in the node's data folder. A ticket names an officer's
account, dies after two minutes, and is spent by creating a file with its number, which can succeed only once whoever
tries. A node whose instrument is not a demonstration's has no door that reads tickets.

    payload = {"exp": seconds, "nonce": hex, "user": name}
    base64url(payload) "." base64url(HMAC-SHA256(secret, "mithaq/ticket/v1\\0" + payload))
"""

import base64
import binascii
import contextlib
import hashlib
import hmac
import os
import secrets
from pathlib import Path

import msgspec

from mithaq import canonical
from mithaq.errors import Refusal

SECRET_BYTES = 32
LIFETIME = 120
"""Seconds from making a ticket to its end."""

_CONTEXT = b"mithaq/ticket/v1\0"


class Ticket(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a ticket says: whom it signs in, until when (Unix seconds), and its number."""

    exp: int
    nonce: str
    user: str


def secret(data: Path) -> bytes:
    """The secret of this data folder, made at the first call by whichever of node and console comes first."""
    path = data / "demo-secret"
    fresh = data / f".demo-secret-{secrets.token_hex(8)}"
    if not path.exists():
        descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(secrets.token_bytes(SECRET_BYTES))
        with contextlib.suppress(FileExistsError):
            os.link(fresh, path)
        fresh.unlink()
    return path.read_bytes()


def issue(*, user: str, secret: bytes, now: int) -> str:
    """A ticket for the account `user`, good once until `now` + `LIFETIME`."""
    payload = canonical.encode({"exp": now + LIFETIME, "nonce": secrets.token_hex(16), "user": user})
    return f"{_text(payload)}.{_text(_mac(payload, secret))}"


def redeem(*, ticket: str, secret: bytes, now: int, data: Path) -> str:
    """The account that a ticket signs in. Spends it; refuses one that is forged, too late or spent."""
    payload_text, _, mac_text = ticket.partition(".")
    try:
        payload, mac = _bytes(payload_text), _bytes(mac_text)
    except (binascii.Error, ValueError) as error:
        raise Refusal("ticket.forged") from error
    if not hmac.compare_digest(mac, _mac(payload, secret)):
        raise Refusal("ticket.forged")
    opened = msgspec.json.decode(payload, type=Ticket)
    if opened.exp < now:
        raise Refusal("ticket.expired")
    _spend(data / "demo-tickets", opened.nonce)
    return opened.user


def _spend(folder: Path, nonce: str) -> None:
    folder.mkdir(mode=0o700, exist_ok=True)
    try:
        (folder / nonce).touch(mode=0o600, exist_ok=False)
    except FileExistsError as error:
        raise Refusal("ticket.spent") from error


def _mac(payload: bytes, secret: bytes) -> bytes:
    return hmac.new(secret, _CONTEXT + payload, hashlib.sha256).digest()


def _text(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def _bytes(text: str) -> bytes:
    return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)

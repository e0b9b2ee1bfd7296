"""Officers of this party: who may sign in, with which role, and under which key name they sign."""

import os

from django.contrib.auth.hashers import make_password

from mithaq.errors import Refusal
from mithaq.notices.registering import possession
from mithaq.signing import PrivateKey
from mithaq_node import queries
from mithaq_node.keystore import wrapping
from mithaq_node.services import storage
from mithaq_node.store.models import Officer, Role

SHORTEST_SECRET = 12
LONGEST_NAME = 80


def create_officer(*, name: str, role: str, secret: str, authority: str = "") -> Officer:
    """A new officer with a new signing key under `secret`, their password. The key counts once a key-set names it.

    Refuses an unknown role or authority, a name that is taken or odd, and a password shorter than twelve characters.
    """
    party = queries.own_party()
    if role not in Role.values:
        raise Refusal("officer.unknown-role", role=role[:40])
    if authority and authority not in {each.id for each in party.authorities}:
        raise Refusal("officer.unknown-authority", authority=authority[:80])
    if not name or name != name.strip() or len(name) > LONGEST_NAME or not name.isprintable():
        raise Refusal("officer.bad-name", name=name[:LONGEST_NAME])
    check_secret(secret)
    key = PrivateKey.from_seed(os.urandom(32))
    with storage.durable():
        if Officer.objects.filter(name=name).exists():
            raise Refusal("officer.name-taken", name=name)
        key_name = f"{party.domain}/officer/{Officer.objects.count() + 1}"
        return Officer.objects.create(
            name=name,
            role=role,
            authority=authority,
            password=make_password(secret),
            key_name=key_name,
            public_key=key.public,
            possession=possession(key_name, "officer", key),
            wrapped_key=_wrapped(key, secret),
        )


def change_secret(*, officer: Officer, secret: str, new_secret: str) -> None:
    """Put the officer's key under a new password; the old one opens it first."""
    key = open_key(officer=officer, secret=secret)
    check_secret(new_secret)
    officer.wrapped_key = _wrapped(key, new_secret)
    officer.password = make_password(new_secret)
    with storage.durable():
        officer.save(update_fields=["wrapped_key", "password"])


def disable(*, officer: Officer) -> None:
    """The officer is out at once, live sessions included; their key is revoked by the next key-set."""
    officer.is_active = False
    with storage.durable():
        officer.save(update_fields=["is_active"])


def open_key(*, officer: Officer, secret: str) -> PrivateKey:
    """The officer's private key, for one signature; refuses a wrong password."""
    return wrapping.unwrap(bytes(officer.wrapped_key), secret)


def check_secret(secret: str) -> None:
    """Refuse a password that would not hold: it is all that stands between a stolen file and a signature."""
    if len(secret) < SHORTEST_SECRET:
        raise Refusal("officer.weak-secret", shortest=SHORTEST_SECRET)


def _wrapped(key: PrivateKey, secret: str) -> bytes:
    salt, nonce = os.urandom(wrapping.SALT_BYTES), os.urandom(wrapping.NONCE_BYTES)
    return wrapping.wrap(key.seed, secret, salt=salt, nonce=nonce)

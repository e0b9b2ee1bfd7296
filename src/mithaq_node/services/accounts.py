"""Officers of this party: who may sign in, with which role, and under which key name they sign."""

from contextlib import AbstractContextManager

from django.contrib.auth.hashers import make_password

from mithaq.errors import Refusal
from mithaq_node import queries
from mithaq_node.keystore import chamber
from mithaq_node.keystore.chamber import OfficerKey
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
    with storage.durable():
        if Officer.objects.filter(name=name).exists():
            raise Refusal("officer.name-taken", name=name)
        key_name = f"{party.domain}/officer/{Officer.objects.count() + 1}"
        made = chamber.make(key_name, secret)
        return Officer.objects.create(
            name=name,
            role=role,
            authority=authority,
            password=make_password(secret),
            key_name=key_name,
            public_key=made.public,
            possession=made.possession,
            wrapped_key=made.wrapped,
        )


def change_secret(*, officer: Officer, secret: str, new_secret: str) -> None:
    """Put the officer's key under a new password; the old one opens it first."""
    check_secret(new_secret)
    officer.wrapped_key = chamber.rewrap(officer.key_name, bytes(officer.wrapped_key), secret, new_secret)
    officer.password = make_password(new_secret)
    with storage.durable():
        officer.save(update_fields=["wrapped_key", "password"])


def disable(*, officer: Officer) -> None:
    """The officer is out at once, live sessions included; their key is revoked by the next key-set."""
    officer.is_active = False
    with storage.durable():
        officer.save(update_fields=["is_active"])


def open_key(*, officer: Officer, secret: str, log: str) -> AbstractContextManager[OfficerKey]:
    """The officer's key, opened in the signing chamber for one text of `log`; refuses a wrong password."""
    return chamber.opened(officer.key_name, bytes(officer.wrapped_key), secret, log)


def check_secret(secret: str) -> None:
    """Refuse a password that would not hold: it is all that stands between a stolen file and a signature."""
    if len(secret) < SHORTEST_SECRET:
        raise Refusal("officer.weak-secret", shortest=SHORTEST_SECRET)

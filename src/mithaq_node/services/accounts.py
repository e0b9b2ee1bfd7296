"""Officers of this party: who may sign in, with which role, and under which key name they sign.

An officer whom the party's own directory (LDAP) knows signs in with the directory's password, which this node never
keeps. The signing key is always under a password that only the officer gives, at every signature: were it the
directory's, whoever resets a password there could sign here.
"""

from contextlib import AbstractContextManager

from django.conf import settings
from django.contrib.auth.hashers import make_password

from mithaq.errors import Refusal
from mithaq_node import queries
from mithaq_node.keystore import chamber
from mithaq_node.keystore.chamber import OfficerKey
from mithaq_node.services import account_log, rings, sequencing, storage
from mithaq_node.store import log as record
from mithaq_node.store.models import AccountDeed, AccountEvent, Officer, Role, Session

SHORTEST_SECRET = 12
LONGEST_NAME = 80


def create_officer(*, name: str, role: str, secret: str, authority: str = "", directory: str = "") -> Officer:
    """A new officer with a new signing key under `secret`. The key counts once a key-set names it.

    `secret` is the password to sign in with too, unless the party's directory knows the officer as `directory`.

    Refuses an unknown role or authority, a name that is taken or odd, a password shorter than twelve characters, and a
    directory's name where the node asks no directory.
    """
    party = queries.own_party()
    if role not in Role.values:
        raise Refusal("officer.unknown-role", role=role[:40])
    if authority and authority not in {each.id for each in party.authorities}:
        raise Refusal("officer.unknown-authority", authority=authority[:80])
    for each in (name, directory or name):
        if not each or each != each.strip() or len(each) > LONGEST_NAME or not each.isprintable():
            raise Refusal("officer.bad-name", name=each[:LONGEST_NAME])
    if directory and settings.NODE.directory is None:
        raise Refusal("signin.no-directory")
    check_secret(secret)
    with storage.durable():
        if Officer.objects.filter(name=name).exists():
            raise Refusal("officer.name-taken", name=name)
        if directory and Officer.objects.filter(directory=directory).exists():
            raise Refusal("officer.name-taken", name=directory)
        key_name = f"{party.domain}/officer/{Officer.objects.count() + 1}"
        key = chamber.make(key_name, secret)
        made = Officer.objects.create(
            name=name,
            role=role,
            authority=authority,
            directory=directory,
            password=make_password(None if directory else secret),
            key_name=key_name,
            public_key=key.public,
            possession=key.possession,
            wrapped_key=key.wrapped,
        )
        account_log.note(made, AccountDeed.MADE, by_operator=True)
    return made


def forget_all() -> None:
    """Drop every officer of a node that was never made whole; a database that is no file of its folder may hold one."""
    with storage.durable():
        AccountEvent.objects.all().delete()
        Officer.objects.all().delete()


def change_secret(*, officer: Officer, secret: str, new_secret: str) -> None:
    """Put the officer's key under a new password; the old one opens it first. Every session of the officer ends."""
    check_secret(new_secret)
    officer.wrapped_key = chamber.rewrap(officer.key_name, bytes(officer.wrapped_key), secret, new_secret)
    if not officer.directory:
        officer.password = make_password(new_secret)
    with storage.durable():
        officer.save(update_fields=["wrapped_key", "password"])
        account_log.note(officer, AccountDeed.PASSWORD, by_operator=True)
        end_sessions(officer)


def disable(*, officer: Officer) -> None:
    """The officer is out at once, live sessions included; their key is revoked by the next key-set."""
    officer.is_active = False
    with storage.durable():
        officer.save(update_fields=["is_active"])
        account_log.note(officer, AccountDeed.DISABLED, by_operator=True)
        end_sessions(officer)


def enable(*, officer: Officer) -> None:
    """Let an officer in again. Refuses one whose key a key-set has ended, because it stays so: make a new officer."""
    if _is_revoked(officer):
        raise Refusal("officer.key-revoked", officer=officer.name)
    officer.is_active = True
    with storage.durable():
        officer.save(update_fields=["is_active"])
        account_log.note(officer, AccountDeed.ENABLED, by_operator=True)


def shut_out_revoked() -> None:
    """Disable every officer whose key this party's log has ended; a key-set that was drafted elsewhere does it too."""
    for officer in Officer.objects.filter(is_active=True):
        if _is_revoked(officer):
            disable(officer=officer)


def end_sessions(officer: Officer) -> None:
    """End every session of the officer: the next request of each finds nobody, and what streams to it ends."""
    Session.objects.filter(officer=officer).delete()


def _is_revoked(officer: Officer) -> bool:
    conn, engine = sequencing.reader()
    log = record.find(conn, engine, sequencing.own_origin())
    if log is None:
        return False
    held = rings.ring_of(conn, engine, queries.first(), log).named(officer.key_name)
    return bool(held) and all(key.until <= log.size for key in held)


def open_key(*, officer: Officer, secret: str, log: str) -> AbstractContextManager[OfficerKey]:
    """The officer's key, opened in the signing chamber for one text of `log`; refuses a wrong password."""
    return chamber.opened(officer.key_name, bytes(officer.wrapped_key), secret, log)


def check_secret(secret: str) -> None:
    """Refuse a password that would not hold: it is all that stands between a stolen file and a signature."""
    if len(secret) < SHORTEST_SECRET:
        raise Refusal("officer.weak-secret", shortest=SHORTEST_SECRET)

"""The secret of an officer's own address of the calendar, for programs that cannot sign in as people do.

Who has it reads the calendar as that officer does, and nothing else. It ends with the account, with another one in its
place, or when the officer stops it; only a digest is kept.
"""

import secrets
from hashlib import sha256

from mithaq.moments import Moment
from mithaq_node.services import storage
from mithaq_node.services.clock import as_datetime
from mithaq_node.store.models import FeedKey, Officer


def make(officer: Officer, now: Moment) -> str:
    """A new secret in place of any before; it is shown this once."""
    secret = secrets.token_urlsafe(32)
    with storage.durable():
        FeedKey.objects.update_or_create(
            officer=officer, defaults={"digest": _digest(secret), "made_at": as_datetime(now)}
        )
    return secret


def stop(officer: Officer) -> None:
    """From now on the officer has no such address."""
    with storage.durable():
        FeedKey.objects.filter(officer=officer).delete()


def made_at(officer: Officer) -> str:
    """When the officer's secret was made; empty where there is none."""
    found = FeedKey.objects.filter(officer=officer).first()
    return str(Moment(int(found.made_at.timestamp()))) if found else ""


def officer_of(secret: str) -> Officer | None:
    """Whose secret this is; None where it is nobody's, or the account is shut."""
    found = FeedKey.objects.filter(digest=_digest(secret)).select_related("officer").first()
    return found.officer if found and found.officer.is_active else None


def _digest(secret: str) -> str:
    return sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()

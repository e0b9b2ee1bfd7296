"""Secrets with which programs act as an officer does, within named scopes and until they expire.

The operator makes one by command for one officer; it is shown that once and only a digest is kept. What it opens is
never more than the officer's role opens at the desk, and it ends with the account.
"""

import secrets
from collections.abc import Collection, Iterable
from datetime import UTC, datetime, timedelta
from hashlib import sha256

from mithaq.errors import Refusal
from mithaq.formats.rest import operations
from mithaq_node.services import clock, storage
from mithaq_node.services.pace import Pace
from mithaq_node.services.roles import READERS
from mithaq_node.store.models import AccessToken, Officer

READ_FEATURES = "read:features"
SCOPES = frozenset({READ_FEATURES, *operations.SCOPES})
LONGEST = 366
"""Days after which a token is over at the latest."""

_PREFIX = "mithaq_"
"""By which a secret that lies somewhere is known for what it is."""
_pace = Pace(a_second=50, at_once=1_000)


def make(*, officer: Officer, scopes: Iterable[str], label: str, days: int) -> tuple[AccessToken, str]:
    """A new token of an officer and its secret, which nobody can ask for again."""
    wanted = sorted(set(scopes))
    for scope in wanted:
        if scope not in SCOPES:
            raise Refusal("token.unknown-scope", scope=scope[:80], known=", ".join(sorted(SCOPES)))
    if not wanted:
        raise Refusal("token.unknown-scope", scope="", known=", ".join(sorted(SCOPES)))
    if not 1 <= days <= LONGEST:
        raise Refusal("token.bad-term", days=days, most=LONGEST)
    if not officer.is_active:
        raise Refusal("officer.not-active", officer=officer.name)
    secret, now = _PREFIX + secrets.token_urlsafe(32), _now()
    with storage.durable():
        made = AccessToken.objects.create(
            officer=officer,
            scopes=" ".join(wanted),
            label=label[:60],
            digest=_digest(secret),
            made_at=now,
            expires_at=now + timedelta(days=days),
        )
    return made, secret


def only_reader() -> Officer:
    """The one officer who reads notices; refuses to choose where there are several, or none (`token.whose`)."""
    found = list(Officer.objects.filter(is_active=True, role__in=READERS).order_by("pk")[:2])
    if len(found) != 1:
        raise Refusal("token.whose")
    return found[0]


def revoke(number: int) -> AccessToken:
    """From now on the token of this number opens nothing; refuses one that is not there (`token.no-such`)."""
    found = AccessToken.objects.filter(pk=number).select_related("officer").first()
    if found is None:
        raise Refusal("token.no-such", number=number)
    if found.ended_at is None:
        with storage.durable():
            found.ended_at = _now()
            found.save(update_fields=["ended_at"])
    return found


def opened(secret: str, any_of: Collection[str]) -> AccessToken:
    """The token, with its officer. Refuses a secret that is nobody's or over, that has none of these scopes (where any
    are named), or that asks too often."""
    found = AccessToken.objects.filter(digest=_digest(secret)).select_related("officer").first() if secret else None
    if found is None:
        raise Refusal("token.unknown" if secret else "token.missing")
    if found.ended_at is not None or not found.officer.is_active:
        raise Refusal("token.revoked")
    if found.expires_at <= _now():
        raise Refusal("token.expired")
    if any_of and not scopes(found).intersection(any_of):
        raise Refusal("token.wrong-scope", scope=", ".join(any_of))
    wait = _pace.take(str(found.pk), clock.of_machine())
    if wait:
        raise Refusal("token.too-many", seconds=wait)
    return found


def scopes(token: AccessToken) -> frozenset[str]:
    """What the token opens."""
    return frozenset(token.scopes.split())


def state(token: AccessToken) -> str:
    """`active`, `expired` or `revoked`."""
    if token.ended_at is not None or not token.officer.is_active:
        return "revoked"
    return "expired" if token.expires_at <= _now() else "active"


def _now() -> datetime:
    """Of the machine's clock: no story's time opens a door longer."""
    return datetime.fromtimestamp(clock.of_machine(), UTC)


def _digest(secret: str) -> str:
    return sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()

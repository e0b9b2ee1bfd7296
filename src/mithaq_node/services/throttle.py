"""How often a sign-in may fail before the door waits.

Three counts over the last five minutes, none of which lasts longer:

    one name from one address    5     somebody guesses one officer's password
    one name from anywhere      20     many machines guess it together
    one address                 50     somebody walks through the list of names

The second and third do not hold an officer at an address from which that officer signed in during the last thirty days:
nobody can lock a desk out from another machine. An attempt is counted before the password is looked at, and forgotten
when it was right, so that a hundred attempts at once are counted too. Failures are rows, because several processes
serve one node and the operator lifts a wait by command (`mithaq officer unlock`).
"""

import hashlib
import hmac
import math
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import QuerySet

from mithaq.errors import Refusal
from mithaq_node.services import account_log, clock, storage
from mithaq_node.services.clock import as_datetime
from mithaq_node.store.models import AccountDeed, AccountEvent, FailedSignIn, Officer

WINDOW = 300
"""Seconds after which a failure is forgotten."""

PER_DESK = 5
PER_NAME = 20
PER_ADDRESS = 50
KNOWN_FOR = timedelta(days=30)


def attempt(name: str, address: str) -> FailedSignIn:
    """Count an attempt; refuses it, with the minutes left, after too many. What is given back can be withdrawn."""
    now = datetime.fromtimestamp(clock.of_machine(), as_datetime(clock.now()).tzinfo)
    with storage.durable():
        FailedSignIn.objects.filter(at__lte=now - timedelta(seconds=WINDOW)).delete()
        wait = _wait(name, address, now)
        if wait:
            raise Refusal("signin.too-many", minutes=math.ceil(wait / 60))
        return FailedSignIn.objects.create(name=_digest(name), address=address[:64], at=now)


def withdraw(attempted: FailedSignIn) -> None:
    """Count one attempt no longer: it did not fail by its password. What failed before stays."""
    attempted.delete()


def succeeded(name: str, address: str) -> None:
    """Forget what failed with this name at this address."""
    FailedSignIn.objects.filter(name=_digest(name), address=address[:64]).delete()


def lift(*, officer: Officer) -> None:
    """The operator's command: forget every failure with this name, wherever it was made."""
    with storage.durable():
        FailedSignIn.objects.filter(name=_digest(officer.name)).delete()
        account_log.note(officer, AccountDeed.WAIT_LIFTED, by_operator=True)


def _wait(name: str, address: str, now: datetime) -> float:
    """Seconds until another attempt may be made; 0 when it may be made now."""
    failed, digest, here = FailedSignIn.objects.order_by("-at"), _digest(name), address[:64]
    waits = [_left(failed.filter(name=digest, address=here), PER_DESK, now)]
    if not _is_known(name, here, now):
        waits.append(_left(failed.filter(name=digest), PER_NAME, now))
        waits.append(_left(failed.filter(address=here), PER_ADDRESS, now))
    return max(waits)


def _left(failed: "QuerySet[FailedSignIn]", limit: int, now: datetime) -> float:
    """Seconds until fewer than `limit` of these stand within the window."""
    latest = failed[limit - 1 : limit].first()
    return 0 if latest is None else WINDOW - (now - latest.at).total_seconds()


def _is_known(name: str, address: str, now: datetime) -> bool:
    return AccountEvent.objects.filter(
        officer__name=name, deed=AccountDeed.SIGNED_IN, address=address, at__gte=now - KNOWN_FOR
    ).exists()


def _digest(name: str) -> str:
    return hmac.new(
        str(settings.SECRET_KEY).encode(), b"mithaq/signin/v1\0" + name.encode(), hashlib.sha256
    ).hexdigest()

"""Changing the internal order of this party: its desks, its routing rules, its registry's pattern."""

import msgspec
from django.conf import settings
from django.db.utils import IntegrityError

from mithaq.errors import Refusal
from mithaq.moments import Moment
from mithaq.notices import desks
from mithaq.notices.desks import Arrangement
from mithaq_node import queries
from mithaq_node.queries import inside
from mithaq_node.services import storage
from mithaq_node.services.clock import as_datetime
from mithaq_node.store.models import ArrangementRow, Officer


def arrange(*, arrangement: Arrangement, seen: int, by: Officer | None, now: Moment) -> int:
    """Put a new arrangement in force; its version. `seen` is the version that it was made from, `by` is nobody where
    the shell changes it.

    Refuses what `mithaq.notices.desks.check` refuses, an officer whom nobody knows, a desk that is taken away while a
    matter is in its hands, and a change of a version that is no longer the last.
    """
    desks.check(arrangement, queries.law(), settings.NODE.party)
    _check_officers(arrangement)
    _check_hands(arrangement)
    try:
        with storage.durable():
            if inside.version() != seen:
                raise Refusal("desks.changed-meanwhile")
            ArrangementRow.objects.create(
                version=seen + 1, at=as_datetime(now), by=by, document=msgspec.json.encode(arrangement).decode()
            )
    except IntegrityError as error:
        raise Refusal("desks.changed-meanwhile") from error
    return seen + 1


def _check_officers(arrangement: Arrangement) -> None:
    named = {name for desk in arrangement.desks for name in desk.officers}
    known = set(Officer.objects.filter(name__in=named).values_list("name", flat=True))
    if named - known:
        raise Refusal("officer.unknown", name=min(named - known)[:80])


def _check_hands(arrangement: Arrangement) -> None:
    ids = {desk.id for desk in arrangement.desks}
    for held in inside.in_hand():
        if held.desk and held.desk not in ids:
            raise Refusal("desks.has-matters", desk=held.desk, number=held.matter)

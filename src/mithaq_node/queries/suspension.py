"""Whether the instrument is suspended, for whoever looks at a page: by which version, since when, and what goes on."""

from dataclasses import dataclass

from mithaq.notices import numbers, suspending
from mithaq.notices.suspending import Standstill
from mithaq_node.queries import instrument, ledgers


@dataclass(frozen=True, slots=True)
class Suspended:
    """A suspension as it stands at a moment."""

    version: int
    grounds: tuple[str, ...]
    since: str
    """The instant before which it stops nothing."""
    until: str
    """Empty where it says none."""
    keeps: tuple[str, ...]
    """The kinds that go on."""
    is_ahead: bool
    """Whether its instant has not come yet."""
    is_resumed: bool
    """Whether this party is under a later version already, and clocks stand until every other is, too."""
    stand_since: str
    """From when clocks stand for everybody; empty while they run."""


def suspended(now: str) -> Suspended | None:
    """What a page says at `now` in its head; None where nothing is suspended."""
    laws = instrument.versions().laws
    if all(law.suspension is None for law in laws):
        return None
    law = instrument.law()
    here = suspending.is_sound(law) and law.suspension is not None
    known = here and law.suspension is not None and not (law.suspension.until and law.suspension.until <= now)
    standing = _standing(now)
    said = law if known else next((each for each in laws if standing and each.version == standing.version), None)
    if said is None or said.suspension is None:
        return None
    stated = said.suspension
    return Suspended(
        version=said.version,
        grounds=tuple(stated.grounds),
        since=stated.since,
        until=stated.until,
        keeps=tuple(stated.keeps),
        is_ahead=now < stated.since,
        is_resumed=said is not law,
        stand_since=standing.begin if standing else "",
    )


def _standing(now: str) -> Standstill | None:
    """The standstill of the audience of all at `now`."""
    found = ledgers.book().standstills.get(numbers.ALL, ())
    return next((each for each in found if each.begin <= now and (not each.end or now < each.end)), None)

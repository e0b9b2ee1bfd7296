"""Whether the instrument is suspended, for whoever looks at a page: by which version, since when, and what goes on."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import takewhile

from mithaq.instrument.law import Law
from mithaq.notices import numbers, suspending
from mithaq.notices.suspending import Standstill
from mithaq_node.queries import instrument, ledgers


@dataclass(frozen=True, slots=True)
class Stands:
    """Since when the clocks of what a party owes another stand."""

    owing: str
    owed: str
    """Empty where there are only two."""
    since: str
    """Empty while they run."""


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
    """Whether this party is under a later version already, and what others owe it stands until they know of it."""
    stands: tuple[Stands, ...]
    """What this party owes, and what it is owed; empty while all that runs."""
    run_again: bool
    """Whether all that runs because this party or those it deals with went on to another version."""


def suspended(now: str) -> Suspended | None:
    """What a page says at `now` in its head; None where nothing is suspended."""
    laws = instrument.versions().laws
    if all(law.suspension is None for law in laws):
        return None
    law = instrument.law()
    here = suspending.is_sound(law) and law.suspension is not None
    known = here and law.suspension is not None and not (law.suspension.until and law.suspension.until <= now)
    standing = _standing(now)
    said = law if known else next((law for law in laws if law.version in {each.version for each in standing}), None)
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
        stands=_stands(standing),
        run_again=not standing and _ran_out(laws, said, now),
    )


def _standing(now: str) -> tuple[Standstill, ...]:
    """Of the audience of all, what stands at `now` of what this party owes and is owed."""
    return tuple(each for each in _ours() if each.begin <= now and (not each.end or now < each.end))


def _ran_out(laws: Sequence[Law], said: Law, now: str) -> bool:
    """Whether clocks stood by this version, or by one before it with which it goes on, and do not any more, though
    that version would let them."""
    earlier = (law for law in reversed(laws) if law.version <= said.version)
    row = {law.version: law.suspension.until for law in takewhile(suspending.is_sound, earlier) if law.suspension}
    over = (each for each in _ours() if each.version in row and each.end and each.end <= now)
    return any(each.end != row[each.version] for each in over)


def _ours() -> tuple[Standstill, ...]:
    """The standstills of what this party owes and is owed, of the kinds that go on in no version."""
    own = instrument.own_party().code
    found = ledgers.book().standstills.get(numbers.ALL, ())
    return tuple(each for each in found if own in (each.owing, each.owed) and not each.only)


def _stands(standing: tuple[Standstill, ...]) -> tuple[Stands, ...]:
    """What this party owes in front of what it is owed; nothing where nothing stands."""
    own, *others = (each.code for each in instrument.parties())
    since = {(each.owing, each.owed): each.begin for each in standing}
    pairs = [*((own, other) for other in others), *((other, own) for other in others)]
    found = (Stands(owing, owed if others[1:] else "", since.get((owing, owed), "")) for owing, owed in pairs)
    return tuple(found) if standing else ()

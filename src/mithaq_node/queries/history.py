"""The versions of the instrument as this party came to them: which bound whom from when to when."""

from collections.abc import Iterator
from dataclasses import dataclass

from mithaq.instrument import amending, changes
from mithaq.instrument.amending import Sort
from mithaq.instrument.changes import Difference
from mithaq.instrument.sealing import Sealed
from mithaq.notices import numbers
from mithaq.notices.logs import Entered
from mithaq.notices.suspending import Standstill
from mithaq_node.queries import instrument, ledgers


@dataclass(frozen=True, slots=True)
class Stay:
    """How long a party was under a version: since the leaf with this spoken number, until its next one."""

    party: str
    number: str
    since: str
    until: str
    """Empty while it is."""


@dataclass(frozen=True, slots=True)
class Version:
    """A version, and who was under it when. `place` counts versions and mended words from 1, as they were entered."""

    place: int
    sealed: Sealed
    sort: Sort | None
    """What it changed of the one before; None of the first."""
    stays: tuple[Stay, ...]
    """This party's first."""
    stood: tuple[Standstill, ...]
    """When deadlines among all stand or stood under it, party by party."""


@dataclass(frozen=True, slots=True)
class Standing:
    """Under which version a party is now: its place among those here; 0 for one that is not here, None before any."""

    party: str
    place: int | None
    since: str
    number: str


def versions() -> tuple[Version, ...]:
    """Every version entered here, the first in front."""
    known = instrument.entered()
    stays = tuple(_stays(known))
    still = ledgers.book().standstills.get(numbers.ALL, ())
    return tuple(
        Version(
            place,
            each,
            _sort(known, place),
            tuple(stay for at, stay in stays if at == place),
            tuple(span for span in still if span.version == each.law.version and not span.only),
        )
        for place, each in enumerate(known, 1)
    )


def standings() -> tuple[Standing, ...]:
    """Every party's, this one's first."""
    known = instrument.entered()
    last = {place_stay[1].party: place_stay for place_stay in _stays(known)}
    found = []
    for party in instrument.parties():
        place, stay = last.get(party.code, (None, None))
        found.append(Standing(party.code, place, stay.since if stay else "", stay.number if stay else ""))
    return tuple(found)


def difference(before: int, after: int) -> Difference | None:
    """What differs between the versions at two places; None where there are no such."""
    known = instrument.entered()
    if not (1 <= before <= len(known) and 1 <= after <= len(known)):
        return None
    return changes.diff(known[before - 1], known[after - 1])


def _sort(known: tuple[Sealed, ...], place: int) -> Sort | None:
    return amending.sort_of(changes.diff(known[place - 2], known[place - 1])) if place > 1 else None


def _stays(known: tuple[Sealed, ...]) -> Iterator[tuple[int, Stay]]:
    """Each with the place of its version, party by party, in the order of entering."""
    said = ledgers.roll().entered()
    for party in instrument.parties():
        ours = [each for each in said if each.party == party.code and numbers.audience_of(each.log) == numbers.ALL]
        ours.sort(key=lambda each: numbers.running(each.log, each.index))
        fresh = [each for at, each in enumerate(ours) if at == 0 or _named(each) != _named(ours[at - 1])]
        ends = [*(each.at for each in fresh[1:]), ""]
        for each, until in zip(fresh, ends, strict=False):  # a party that has entered none has no end either
            number = numbers.spoken_in(each.party, each.log, each.index)
            yield _place(known, each), Stay(each.party, number, each.at, until)


def _named(said: Entered) -> tuple[str, str]:
    return said.law, said.words


def _place(known: tuple[Sealed, ...], said: Entered) -> int:
    """The place of the version that a leaf names; under words that are not here, that of its law; 0 for no such."""
    exact = [at for at, each in enumerate(known, 1) if (each.law_digest, each.words_digest) == _named(said)]
    law = [at for at, each in enumerate(known, 1) if each.law_digest == said.law]
    return (exact or law or [0])[0]

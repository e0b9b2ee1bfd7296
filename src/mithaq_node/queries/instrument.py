"""The instrument of this node as its files and its own log say now: law, words and the seals of the parties.

The files change rarely (a seal is added, a version is entered), so they are read again only when one of them has
changed. Which version binds this party is said by the last `instrument` leaf of its log, never by a file.
"""

import threading
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from django.conf import settings

from mithaq.errors import Refusal
from mithaq.instrument import alternat
from mithaq.instrument.law import Law, Party
from mithaq.instrument.sealing import Sealed
from mithaq.instrument.words import Words
from mithaq.notices.envelope import Leaf
from mithaq.notices.versions import Versions
from mithaq_files.held import Held
from mithaq_node.store.models import LogRow

_making = threading.Lock()


@cache
def _at(folder: Path) -> Held:
    return Held(folder)


def _here() -> Held:
    with _making:
        return _at(settings.NODE.folder)


def held() -> tuple[Sealed, ...]:
    """Every version that this node holds, the first in front; refuses what `mithaq_files.instrument.read_served`
    refuses."""
    return _here().read()


def entered() -> tuple[Sealed, ...]:
    """The versions that bind or bound this party, the first in front: what stands in exports and cases."""
    known = held()
    binding = _binding(known)
    return known[: next(place for place, each in enumerate(known, 1) if each is binding)]


@dataclass(frozen=True, slots=True)
class Unheld:
    """A party is under a version that is not in this node's folder: what it has made under it waits."""

    party: str
    law: str
    """Digest of the version."""


def unheld() -> tuple[Unheld, ...]:
    """The parties, this one too after a backup from before, that are under a version which is not held here."""
    known = versions()
    rows = LogRow.objects.exclude(in_force="").values_list("origin", "in_force")
    found = ((known.first.party_of(origin), law) for origin, law in rows if not known.holds(law))
    return tuple(dict.fromkeys(Unheld(party.code, law) for party, law in sorted(found, key=str) if party is not None))


def versions() -> Versions:
    """The laws that this node holds, as folds and judges ask for them."""
    return _here().versions()


def law_of(leaf: Leaf | None) -> Law:
    """The law that a leaf was made under and is read by for ever; the served one where that is not held."""
    return versions().law_of(leaf) or law()


def first() -> Law:
    """The law that the record began with: its root keys are where every chain of keys begins."""
    return versions().first


def sealed() -> Sealed:
    """The version that binds this party, with its seals: the one that its own log entered last.

    Refuses (`instrument.version-not-held`) where the log has entered one that is not in the node's folder.
    """
    return _binding(held())


def _binding(known: tuple[Sealed, ...]) -> Sealed:
    if len(known) == 1:
        return known[0]
    entered = set(LogRow.objects.filter(own=True).exclude(in_force="").values_list("in_force", flat=True))
    if missing := entered - {each.law_digest for each in known}:
        raise Refusal("instrument.version-not-held", law=min(missing))
    return next((each for each in reversed(known) if each.law_digest in entered), known[0])


def standing() -> tuple[tuple[Sealed, ...], Sealed]:
    """What this node holds, and which of it binds this party, as of one moment: a version may be entered between two
    questions."""
    known = held()
    return known, _binding(known)


def law() -> Law:
    return sealed().law


def words() -> Words:
    return sealed().words


def earlier_words() -> tuple[Words, ...]:
    """The words of the versions before the served one, the latest in front."""
    return tuple(each.words for each in reversed(entered()[:-1]))


def words_of(law: Law) -> tuple[Words, ...]:
    """The words of a law that this party has entered, as they were last mended, in front of the served ones and of
    those before: a correction made later may say what that law's words do not hold."""
    own = [each.words for each in reversed(entered()) if each.law == law][:1]
    return (*own, words(), *earlier_words())


def own_party() -> Party:
    """The party whose node this is; refuses a node of a party that the law does not know."""
    party = law().party(settings.NODE.party)
    if party is None:
        raise Refusal("instrument.unknown-party", party=settings.NODE.party)
    return party


def parties() -> tuple[Party, ...]:
    """Every party, this node's own first: on its own node a party stands first (alternat)."""
    known = {party.code: party for party in law().parties}
    return tuple(known[code] for code in alternat.own_first(sorted(known), settings.NODE.party))

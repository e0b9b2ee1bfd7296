"""The ledger of this process: folded from the record as it grows, never stored (docs/decisions/0006).

What was judged of single leaves is kept from one process to the next (docs/decisions/0202).
Every thread of the process reads the same book. Whoever asks first after the logs have grown feeds the new leaves and
parts, the others wait for that moment; a book itself is a value and is read without a lock.
"""

import threading
from collections.abc import Collection, Mapping
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.conf import settings

from mithaq.instrument.law import Law
from mithaq.instrument.sealing import Sealed
from mithaq.notices import epochs, numbers, quarters
from mithaq.notices.book import Book, Notice
from mithaq.notices.conformance import law_digest
from mithaq.notices.cuts import common_cut
from mithaq.notices.fields.times import is_moment
from mithaq.notices.judged import Known
from mithaq.notices.ledger import Ledger
from mithaq.notices.logs import Entered
from mithaq.notices.uncollected import uncollected
from mithaq.notices.versions import Versions
from mithaq_node.queries import instrument, rolls
from mithaq_node.queries.register import Register
from mithaq_node.store import judgements

if TYPE_CHECKING:
    from mithaq_node.queries.layers import Layers

Asked = tuple[tuple[str, int], ...]
"""A cut as the key of what is kept of it."""

_MOST_BOOKS = 4
"""Each may be as large as the whole record."""
_FEW = 1_000
"""Leaves that are judged again in a tenth of a second."""
_WORTH = 1.1
"""By how much more must be judged than is kept, before it is kept anew."""


class Roll:
    """The ledger of one instrument, and how far it has been fed. `law` is the version that binds this party."""

    def __init__(self, law: Law, versions: Versions) -> None:
        self._law, self._versions = law, versions
        self._laws = tuple(law_digest(each) for each in versions.laws)
        self._lock = threading.Lock()
        self._begin()

    def _begin(self) -> None:
        self._ledger = Ledger(self._versions)
        self._fed: dict[str, int] = {}
        self._without_facts: dict[str, set[int]] = {}
        self._book: Book | None = None
        self._books: dict[Asked, Book] = {}
        """The books of earlier cuts that were asked for last, the latest at the end."""
        self._register = Register(self._law, self._versions)
        self._unregistered: frozenset[str] | None = None
        """Notices that have moved since the register was asked for last; None for all."""
        self._layers: Layers | None = None
        self._unlayered: frozenset[str] | None = None
        """The same of the layers."""
        self._known: Known = {}
        """What an earlier process of this node has judged of the logs, while they are taken from their beginning."""
        self._kept = 0
        """Of how many leaves that which is kept speaks, as far as this process knows."""

    def let_go(self) -> None:
        """Hold nothing any more. Whoever still asks has everything folded again."""
        with self._lock:
            self._ledger.take_apart()
            self._begin()

    def book(self) -> Book:
        """What the record says now."""
        with self._lock:
            return self._made()

    def layers(self) -> "Layers":
        """What the record says now, as programs of maps ask for it; made when the first of them asks."""
        with self._lock:
            from mithaq_node.queries.layers import Layers  # and with it shapely, which only programs of maps need

            book = self._moved()
            self._layers = self._layers or Layers(self._law)
            self._layers.move(book, self._unlayered)
            self._unlayered = frozenset()
            return self._layers

    def register(self) -> Register:
        """What the record says now, as lists and maps ask for it."""
        with self._lock:
            book = self._moved()
            self._register.move(book, self._unregistered)
            self._unregistered = frozenset()
            return self._register

    def _moved(self) -> Book:
        """The book of now; which notices it has moved is noted for each who is told of them."""
        book, moved = self._made(), self._ledger.moved()
        if moved is None:
            self._unregistered = self._unlayered = None
        else:
            self._unregistered = None if self._unregistered is None else self._unregistered | moved
            self._unlayered = None if self._unlayered is None else self._unlayered | moved
        return book

    @uncollected()  # once for all of it: what is made meanwhile is looked through once, at the end
    def _made(self) -> Book:
        self._feed()
        if self._book is None:
            self._book = self._ledger.book()
            self._keep(sum(self._fed.values()))
        return self._book

    def book_at(self, cut: Mapping[str, int], *, apart: bool = False) -> Book:
        """What the record says at an earlier cut; one that holds more than the last one asked for goes on from it, one
        asked for `apart` leaves that as it is (`Ledger.book`). Asking twice costs once."""
        asked = tuple(sorted(cut.items()))
        with self._lock, uncollected():
            self._feed()
            found = self._books.pop(asked, None) or self._ledger.book(dict(cut), apart=apart)
            self._keep(sum(cut.values()))
            self._books[asked] = found
            while len(self._books) > _MOST_BOOKS:
                del self._books[next(iter(self._books))]
            return found

    def sizes(self) -> Mapping[str, int]:
        with self._lock:
            self._feed()
            return self._ledger.sizes()

    def entered(self) -> tuple[Entered, ...]:
        """Every version that a party has put in force for itself, log by log."""
        self.book()
        with self._lock:
            return self._ledger.entered()

    def seen(self, said: Entered, party: str) -> tuple[str, str]:
        """Between which moments a version was entered, by the receipts of `party` (`Ledger.seen`)."""
        with self._lock:
            return self._ledger.seen(said, party)

    def in_force(self) -> Mapping[str, str]:
        """Origin to the digest of the version that binds its party (`Ledger.in_force`)."""
        with self._lock:
            self._made()
            return self._ledger.in_force()

    def _feed(self) -> None:
        """Take what the logs hold beyond what was taken. Whoever asks for whatever takes it, and the book that was made
        before is none any more."""
        if not self._fed:
            self._known = judgements.load(settings.NODE.folder, _own_key(), self._laws)
            self._kept = sum(each.size for each in self._known.values())
        for log in rolls.logs(self._law):
            start = self._fed.get(log.origin, 0)
            waiting = self._without_facts.setdefault(log.origin, set())
            if start < log.size:
                leaves = (leaf for _, leaf in rolls.leaves(log, start, log.size))
                self._ledger.add_all(log.origin, start, leaves, self._known.get(log.origin))
                self._fed[log.origin] = self._ledger.size(log.origin)
                waiting.update(self._ledger.with_facts(log.origin, start))
                self._book = None
            for index, body in rolls.facts(log, waiting).items():
                self._ledger.add_facts(log.origin, index, body)
                waiting.discard(index)
                self._book = None
                self._books = {cut: book for cut, book in self._books.items() if dict(cut).get(log.origin, 0) <= index}

    def _keep(self, judged: int) -> None:
        """Keep for the next process what was judged of so many leaves, when that is a good deal more than is kept."""
        if judged >= max(self._kept * _WORTH, _FEW):
            self._kept = judged
            judgements.keep(settings.NODE.folder, _own_key(), self._laws, self._ledger.judged())


def _own_key() -> bytes:
    """What of this node authenticates what it keeps for itself."""
    return str(settings.SECRET_KEY).encode()


Key = tuple[Path, str]
"""A node's folder and the digests of the laws it holds, last the one that binds it and its words: a process serves one
node, tests several."""

_rolls: dict[Key, Roll] = {}
_rolls_lock = threading.Lock()


def roll() -> Roll:
    """The ledger of the law that this node serves."""
    known_as, sealed = standing()
    with _rolls_lock:
        known = _rolls.get(known_as)
        if known is None:
            for each in [each for each in _rolls if each[0] == known_as[0]]:
                _rolls.pop(each).let_go()  # a version was entered: everything is folded again under it
            known = _rolls[known_as] = Roll(sealed.law, instrument.versions())
        return known


def entered_elsewhere(law: str) -> tuple[Entered, ...]:
    """Where other parties have put the version with this digest in force, wherever they stand since."""
    return tuple(each for each in roll().entered() if each.law == law and each.party != settings.NODE.party)


def past_is_judged_at(law: str, now: str) -> str:
    """The moment as of which the version with this digest may change nothing past: `now`, or when another party first
    entered it.

    Its own word for that counts between our last receipt of its log before that leaf and the first one with it: nobody
    makes a day that is past come again by one leaf.
    """
    return min([now, *(_entered_at(each, now) for each in entered_elsewhere(law))])


def _entered_at(said: Entered, now: str) -> str:
    before, after = roll().seen(said, settings.NODE.party)
    latest = after or now
    return min(max(said.at, before), latest) if is_moment(said.at) else latest


def is_comparable(cut: Mapping[str, int]) -> bool:
    """Whether every version that something in a cut depends on is held here."""
    return not roll().book_at(cut).unjudged


def book() -> Book:
    """What the record says now, as far as this node holds it."""
    return roll().book()


def register() -> Register:
    """The register of the watch room, as far as this node holds the record."""
    return roll().register()


def layers() -> "Layers":
    """The layers of accounts, as far as this node holds the record."""
    return roll().layers()


def notice(number: str) -> Notice | None:
    """The notice of a spoken number, or None where that leaf is none (a receipt, a key-set)."""
    return book().notices.get(number)


def named(wanted: Collection[tuple[str, str]]) -> Mapping[tuple[str, str], Notice]:
    """The notices of these names (log and identifier), as far as they are here; looks at the record once."""
    if not wanted:
        return {}
    ids = {id for _, id in wanted}
    found = (each for each in book().notices.values() if each.leaf and each.leaf.header.id in ids)
    return {name: each for each in found if each.leaf and (name := (each.log, each.leaf.header.id)) in wanted}


def cut_of_both(audience: str = numbers.ALL) -> dict[str, int]:
    """Per log of an audience, the size that every other party of it has cosigned: as far as all hold the same."""
    law = instrument.law()
    sizes = {origin: size for origin, size in roll().sizes().items() if numbers.audience_of(origin) == audience}
    return common_cut(law, sizes, rolls.cosigned(law))


def digest_at(cut: Mapping[str, int]) -> str:
    """The digest of the state at a cut, hex."""
    return _digest_at(key(), tuple(sorted(cut.items())))


def rules_at(cut: Mapping[str, int]) -> int:
    """The version of the rules by which the state at a cut is folded."""
    return roll().book_at(cut).rules


def figures_at(cut: Mapping[str, int], day: str) -> Mapping[str, Any]:
    """The figures of the quarter that begins on `day`, at a cut; refuses a cut beyond what is held."""
    return _figures_at(key(), tuple(sorted(cut.items())), day)


def key() -> Key:
    """Which record is meant: what is kept of one is kept under this."""
    return standing()[0]


def standing() -> tuple[Key, Sealed]:
    """The key, and the version that binds this party, as of one moment: what is made of the version is kept under this
    key and no other."""
    held, binding = instrument.standing()
    digests = (*(each.law_digest for each in held), binding.law_digest, binding.words_digest)
    return (settings.NODE.folder, " ".join(digests)), binding


@lru_cache(maxsize=64)
def _digest_at(key: Key, cut: tuple[tuple[str, int], ...]) -> str:
    return roll().book_at(dict(cut)).digest()


@lru_cache(maxsize=64)
def _figures_at(key: Key, cut: tuple[tuple[str, int], ...], day: str) -> Mapping[str, Any]:
    return quarters.figures(roll().book_at(dict(cut)), instrument.law(), day)


def up_to(cut: Mapping[str, int]) -> tuple[str, ...]:
    """A cut as people say it: the spoken number of the last leaf of each log, `IQ 412-3`; a later epoch after an
    earlier."""
    law = instrument.law()
    in_order = sorted(cut, key=lambda origin: (origin.rpartition("/")[0], epochs.of(origin)))
    said = ((law.party_of(origin), origin, cut[origin]) for origin in in_order if cut[origin])
    return tuple(numbers.spoken_in(party.code, origin, size - 1) for party, origin, size in said if party is not None)

"""The instrument of this node as its files say now: law, words and the seals of the parties.

The files change rarely (a seal is added, words are mended), so they are read again only when one of them has changed.
"""

import threading
from pathlib import Path

from django.conf import settings

from mithaq.errors import Refusal
from mithaq.instrument import alternat
from mithaq.instrument.law import Law, Party
from mithaq.instrument.sealing import LAW_FILE, LAW_NOTE, WORDS_FILE, WORDS_NOTE, Sealed
from mithaq.instrument.words import Words
from mithaq_files.instrument import read_served

Stamp = tuple[tuple[int, int], ...]


class _Reader:
    """Holds the last instrument read from a folder, and the stamps of its files at that time."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._known: tuple[Path, Stamp, Sealed] | None = None

    def read(self, folder: Path) -> Sealed:
        stamp = _stamp(folder)
        with self._lock:
            if self._known is None or self._known[:2] != (folder, stamp):
                self._known = (folder, stamp, read_served(folder))
            return self._known[2]


_reader = _Reader()


def sealed() -> Sealed:
    """The instrument with its seals; refuses what `mithaq_files.instrument.read_served` refuses."""
    return _reader.read(settings.NODE.instrument)


def law() -> Law:
    return sealed().law


def words() -> Words:
    return sealed().words


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


def _stamp(folder: Path) -> Stamp:
    files = (folder / name for name in (LAW_FILE, WORDS_FILE, LAW_NOTE, WORDS_NOTE))
    known = (file.stat() if file.exists() else None for file in files)
    return tuple((0, 0) if each is None else (each.st_mtime_ns, each.st_size) for each in known)

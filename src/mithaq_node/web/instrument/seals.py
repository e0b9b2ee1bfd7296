"""What stands under an instrument: each party's root keys, and which of them verify under the law and under the words.

`Sealed` already says whether a party's threshold is reached. This says it key by key, so that a reader can compare a
fingerprint with the one the other side reads out, and it does so by verifying every signature again from the bytes.
"""

from dataclasses import dataclass

from mithaq.instrument.law import Party
from mithaq.instrument.sealing import Sealed, law_text, roots_fingerprint, words_text
from mithaq.record import note


@dataclass(frozen=True)
class Root:
    """A root key of a party: its name, its key ID (hex), and whether its signatures are there and verify."""

    name: str
    key_id: str
    law: bool
    words: bool


@dataclass(frozen=True)
class Seal:
    """A party's seal: its root keys, how many of them make it, and whether they did."""

    party: Party
    roots: tuple[Root, ...]
    threshold: int
    fingerprint: str
    law: bool
    words: bool

    @property
    def complete(self) -> bool:
        return self.law and self.words


def seals(sealed: Sealed, parties: tuple[Party, ...]) -> tuple[Seal, ...]:
    """The seal of each of `parties`, in their order, every signature verified now."""
    law = _verified(sealed.law_note, law_text(sealed.law, sealed.law_bytes), parties)
    words = _verified(sealed.words_note, words_text(sealed.law, sealed.law_bytes, sealed.words_bytes), parties)
    return tuple(_seal(party, law, words) for party in parties)


def _verified(signed: bytes | None, text: bytes, parties: tuple[Party, ...]) -> frozenset[str]:
    """The verifier keys, of any party, whose signature under the note verifies over `text`."""
    if signed is None:
        return frozenset()
    _, signatures = note.split(signed)
    roots = [note.Verifier.parse(vkey) for party in parties for vkey in party.roots]
    return frozenset(root.vkey() for root in roots for each in signatures if root.verifies(text, each))


def _seal(party: Party, law: frozenset[str], words: frozenset[str]) -> Seal:
    roots = tuple(_root(vkey, law, words) for vkey in party.roots)
    return Seal(
        party=party,
        roots=roots,
        threshold=party.threshold,
        fingerprint=roots_fingerprint(party.roots),
        law=_reached(party, sum(root.law for root in roots)),
        words=_reached(party, sum(root.words for root in roots)),
    )


def _reached(party: Party, found: int) -> bool:
    return found >= party.threshold > 0


def _root(vkey: str, law: frozenset[str], words: frozenset[str]) -> Root:
    verifier = note.Verifier.parse(vkey)
    return Root(verifier.name, verifier.key_id.hex(), vkey in law, vkey in words)

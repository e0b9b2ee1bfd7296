"""The chain from root keys to the keys of one log, as a file carries it along: key-set leaves, and who signed them.

The number of root keys that make a party's seal stands in the law. When the law lies in the same file, or a trusted one
in another of the paths, its root keys count; a file alone is trusted when most of the root keys of the party that were
named with `--trust` have signed its key-sets, since a threshold that came with the file proves nothing.

A chain begins with the root keys in the first version of the instrument. A later version that is trusted vouches for
the chain only where it names the same root keys: a change of root keys can be replayed under a first version that is
forged, since what the genuine root keys signed of it does not say what went before.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from mithaq.errors import Refusal
from mithaq.instrument.sealing import Sealed
from mithaq.notices import envelope
from mithaq.notices.envelope import KeySet, Roots, key_set_text
from mithaq.notices.keys import KeyRing, signatures_of
from mithaq.record import note
from mithaq_files.trust import Trust


@dataclass(frozen=True)
class Laws:
    """The sealed versions at hand for a file: those that lie in it, and those of each of the other files."""

    own: Sequence[Sealed] = ()
    beside: Sequence[Sequence[Sealed]] = ()

    def of(self, origin: str, trust: Trust) -> Sequence[Sealed]:
        """The versions under which the log's keys are judged: the file's own, or those of the first other file that
        are trusted for the log. What else lies beside a file says nothing of it."""
        return self.own or next((each for each in self.beside if vouch(each, origin, trust)), ())

    def named(self, digest: str) -> Sealed | None:
        """The version with this digest, wherever it lies."""
        laws = (each for file in (self.own, *self.beside) for each in file)
        return next((each for each in laws if each.law_digest == digest), None)


@dataclass(frozen=True)
class KeyChain:
    """The key-sets of the log `origin` with their indexes, the root keys that came along, and the law if at hand."""

    origin: str
    keysets: Sequence[tuple[int, bytes]]
    given: Roots
    versions: Sequence[Sealed] = ()
    """The versions of the instrument that know the log."""

    @classmethod
    def under(
        cls, versions: Sequence[Sealed], origin: str, keysets: Sequence[tuple[int, bytes]], given: Roots
    ) -> "KeyChain":
        """The chain under those of `versions` that know the log, if there are any."""
        return cls(origin, keysets, given, _knowing(versions, origin))

    @property
    def sealed(self) -> Sealed | None:
        """The first version of the instrument, whose root keys the chain begins with."""
        return self.versions[0] if self.versions else None

    @property
    def party(self) -> str:
        """The code of the log's party; empty without the law."""
        party = self.sealed.law.party_of(self.origin) if self.sealed else None
        return party.code if party else ""

    def ring(self) -> KeyRing:
        """The keys after the last key-set; refuses a chain that does not begin at entry 0 or does not follow."""
        return self._rings()[-1]

    def roots(self) -> list[Roots]:
        """The root keys that the key-sets have put in force, one after the other; refuses what `ring` refuses."""
        return [ring.roots for ring in self._rings() if ring.roots is not None]

    def _rings(self) -> list[KeyRing]:
        if not self.keysets or self.keysets[0][0] != 0:
            raise Refusal("verify.no-key-set", log=self.origin[:200])
        rings, roots = [KeyRing()], self._roots()
        for index, encoded in self.keysets:
            leaf = envelope.parse(encoded)
            if leaf.header.log != self.origin:
                raise Refusal("verify.no-key-set", log=self.origin[:200])
            rings.append(rings[-1].apply(leaf, index, roots))
        return rings

    def is_trusted(self, trust: Trust) -> bool:
        """Whether the law, or the key-sets where no law is at hand, are signed by what was named."""
        if self.versions:
            return vouch(self.versions, self.origin, trust)
        return all(self._is_signed(change, trust) for change in self._changes_under_given())

    def _changes_under_given(self) -> Iterator[KeySet | None]:
        """The changes that only the root keys which came along have judged: up to the first that brings others, which
        count from there on as the signers of that change have said."""
        for _, encoded in self.keysets:
            change = envelope.parse(encoded).header.keyset
            yield change
            if change is not None and change.roots is not None:
                return

    def _is_signed(self, change: KeySet | None, trust: Trust) -> bool:
        if change is None:
            return False
        domain = self.origin.split("/", 1)[0]
        return trust.names_signers(key_set_text(self.origin, change), signatures_of(change), domain)

    def _roots(self) -> Roots:
        return (self.sealed and _roots_in(self.sealed, self.origin)) or self.given


def vouch(versions: Sequence[Sealed], origin: str, trust: Trust) -> bool:
    """Whether the root keys that the log begins with, those in the first of `versions`, are those of a trusted one."""
    known = _knowing(versions, origin)
    return any(
        each.in_force
        and _roots_in(each, origin) == _roots_in(known[0], origin)
        and (trust.names_law(each.law_bytes) or _seals(each, origin, trust))
        for each in known
    )


def _knowing(versions: Sequence[Sealed], origin: str) -> Sequence[Sealed]:
    return [each for each in versions if each.law.party_of(origin)]


def _roots_in(sealed: Sealed, origin: str) -> Roots | None:
    party = sealed.law.party_of(origin)
    return Roots(keys=party.roots, threshold=party.threshold) if party else None


def _seals(sealed: Sealed, origin: str, trust: Trust) -> bool:
    """Whether the root keys that were named for the log's party sealed the law."""
    if sealed.law_note is None:
        return False
    text, signatures = note.split(sealed.law_note)
    return trust.names_signers(text, signatures, origin.split("/", 1)[0])

"""The chain from root keys to the keys of one log, as a file carries it along: key-set leaves, and who signed them.

The number of root keys that make a party's seal stands in the law. When the law is at hand (an export or a case among
the paths), its root keys count; a file alone is trusted when most of the root keys of the party that were named with
`--trust` have signed its first key-set, since a threshold that came with the file proves nothing.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from mithaq.errors import Refusal
from mithaq.instrument.sealing import Sealed
from mithaq.notices import envelope
from mithaq.notices.envelope import Roots, key_set_text
from mithaq.notices.keys import KeyRing, signatures_of
from mithaq.record import note
from mithaq_files.trust import Trust


@dataclass(frozen=True)
class KeyChain:
    """The key-sets of the log `origin` with their indexes, the root keys that came along, and the law if at hand."""

    origin: str
    keysets: Sequence[tuple[int, bytes]]
    given: Roots
    sealed: Sealed | None
    """The first version of the instrument, whose root keys the chain begins with."""
    later: Sequence[Sealed] = ()

    @classmethod
    def under(
        cls, laws: Sequence[Sealed], origin: str, keysets: Sequence[tuple[int, bytes]], given: Roots
    ) -> "KeyChain":
        """The chain under the one of `laws` that knows the log, if there is one."""
        known = [each for each in laws if each.law.party_of(origin)]
        return cls(origin, keysets, given, known[0] if known else None, known[1:])

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
        """Whether the law, or the first key-set where no law is at hand, is signed by what was named."""
        if self.sealed is not None:
            return any(
                each.in_force and (trust.names_law(each.law_bytes) or seals(each, self.party, trust))
                for each in (self.sealed, *self.later)
            )
        first = envelope.parse(self.keysets[0][1])
        change = first.header.keyset
        if change is None:
            return False
        signatures = signatures_of(change)
        return trust.names_signers(key_set_text(self.origin, change), signatures, self.origin.split("/", 1)[0])

    def _roots(self) -> Roots:
        party = self.sealed.law.party_of(self.origin) if self.sealed else None
        return Roots(keys=party.roots, threshold=party.threshold) if party else self.given


def seals(sealed: Sealed, party: str, trust: Trust) -> bool:
    """Whether the root keys that were named for `party` sealed the law."""
    known = sealed.law.party(party)
    if sealed.law_note is None or known is None:
        return False
    text, signatures = note.split(sealed.law_note)
    return trust.names_signers(text, signatures, known.domain)

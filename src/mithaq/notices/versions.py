"""The versions of one instrument, and which of them binds a party at a place in its log.

Nothing switches at an instant. A party's version in force at a position is the one that the last `instrument` leaf
before it in the *same* log put in force; every leaf names the version that it was made under, and is judged by that
version for ever. An `instrument` leaf is itself made under the version before it, and never leads back to an earlier
one. Two parties may thus stand under two versions for a while; a notice may refer to none that was made under a later
version than its own, so that a party enters a new version before it answers anything made under it.

A version counts once every party has sealed it. Whoever holds the record holds its versions; a leaf that puts one in
force which is not held here is taken, and what follows it cannot be judged until that version is at hand.
"""

from collections.abc import Iterable, Mapping
from functools import cached_property

from mithaq.errors import Refusal
from mithaq.instrument.law import Law, Limits, widest
from mithaq.notices.conformance import LawJudge, Verdict, judges_of
from mithaq.notices.envelope import Header, Leaf
from mithaq.notices.keys import KeyRing
from mithaq.notices.release import Verifies
from mithaq.notices.retention import Terms
from mithaq.record.note import Verifier

NONE = ""
"""The version in force before a log's first `instrument` leaf: a leaf there is judged by the version it names."""

NOT_HELD = "leaf.version-not-held"
"""What is said of a leaf under a version in force that is not held here: it waits, and says nothing until it is."""

_HINDER_NOTHING = frozenset({NOT_HELD, "leaf.repeated-id"})


class Versions:
    """The sealed versions of one instrument that are held, with the law they began with."""

    def __init__(self, first: Law, *later: Law) -> None:
        """Refuses a version of another instrument, of other parties or audiences, without a retention class
        that there was, or that does not follow."""
        for before, after in zip((first, *later), later, strict=False):
            _check_follows(before, after)
        self.first = first
        self.laws = (first, *later)
        self._judges: Mapping[str, LawJudge] = {judges_of(law).digest: judges_of(law) for law in self.laws}

    @classmethod
    def of(cls, law: "Law | Versions") -> "Versions":
        """A law alone is an instrument of one version."""
        return law if isinstance(law, Versions) else cls(law)

    @cached_property
    def limits(self) -> Limits:
        """The bounds of what is carried: none is narrower than in any version held, because what was made under each is
        still carried."""
        return widest(self.laws)

    @cached_property
    def suspends(self) -> bool:
        """Whether a version held is a suspension."""
        return any(law.suspension is not None for law in self.laws)

    def judge_of(self, digest: str) -> LawJudge:
        """The judge of the version with this digest; of the first one where it is not held."""
        return self._judges.get(digest) or judges_of(self.first)

    def terms_of(self, digest: str) -> Terms:
        """The retention terms of the version with this digest; of the first one where it is not held."""
        return self.judge_of(digest).terms

    def law_of(self, leaf: Leaf | None) -> Law | None:
        """The law that a leaf was made under and is read by for ever; None where it is not held."""
        return self._judges[leaf.header.law].law if leaf is not None and self.holds(leaf.header.law) else None

    def holds(self, digest: str) -> bool:
        """Whether the version with this digest is held."""
        return digest in self._judges

    def judge(
        self,
        leaf: Leaf,
        index: int,
        facts: bytes | None,
        ring: KeyRing,
        in_force: str,
        verifies: Verifies = Verifier.verifies,
    ) -> Verdict:
        """Why `leaf` does not conform at `index`, where `in_force` binds its party; see `conformance.judge`. Officers'
        signatures are for `verifies` to judge."""
        header = leaf.header
        if header.law == in_force and not self.holds(in_force):
            waits = Refusal(NOT_HELD, found=in_force[:64])
            return (waits, *judges_of(self.first).judge_waiting(leaf, index, ring))
        verdict = self.judge_of(header.law).judge(leaf, index, facts, ring, verifies)
        if in_force not in (NONE, header.law) and self.holds(header.law):
            verdict += (Refusal("leaf.other-law", found=header.law[:64]),)
        if header.instrument is not None:
            verdict += self._judge_entry(header, in_force)
        return verdict

    @staticmethod
    def enters(leaf: Leaf, codes: Iterable[str]) -> bool:
        """Whether `leaf`, of which `codes` were found, puts the version in force that it names. The door and the fold
        both ask this. One made under a version that is not held does: whoever is two versions behind waits for both. A
        repeated identifier does not keep it from it, because the door does not know the others."""
        return leaf.header.instrument is not None and _HINDER_NOTHING.issuperset(codes)

    def is_later(self, digest: str, than: str) -> bool:
        """Whether both versions are held and the first is the later one."""
        return self.number_of(digest) > self.number_of(than) > 0

    def _judge_entry(self, header: Header, in_force: str) -> Verdict:
        entered = header.instrument.law if header.instrument else NONE
        if in_force == NONE:
            return () if entered == header.law else (Refusal("instrument.not-begun", found=entered[:64]),)
        if self.is_later(in_force, entered):
            return (Refusal("instrument.not-later", found=entered[:64]),)
        return ()

    def number_of(self, digest: str) -> int:
        """The number of the version with this digest; 0 where it is not held."""
        judge = self._judges.get(digest)
        return judge.law.version if judge else 0


def _check_follows(before: Law, after: Law) -> None:
    if after.id != before.id or after.version <= before.version:
        raise Refusal("instrument.not-later", found=f"{after.id} {after.version}"[:64])
    kept = [(party.code, party.domain) for party in before.parties]  # their order, too: figures call them by place
    if [(party.code, party.domain) for party in after.parties] != kept or after.audiences != before.audiences:
        raise Refusal("instrument.other-parties", found=after.id[:64])
    dropped = sorted({each.id for each in before.retention} - {each.id for each in after.retention})
    if dropped:  # its parts are still kept, and an erasure names their class
        raise Refusal("instrument.class-dropped", retention=dropped[0][:40])

"""Whether a leaf conforms: to its form, to the law it names, to its kind, and to the rules of release.

What does not conform is kept, proven and shown; it stands in no state and starts one clock (DESIGN section 2, number
6). Every fold judges for itself; the list in a receipt is only the receiver's claim. Judging needs the leaf, its
position, its facts when they are at hand, and the keys in force there; it needs neither other leaves nor the erasable
parts, so the verdict on a leaf never changes. What needs other leaves (moments that go backwards, references) the
ledger judges.

The judge of a law is made once; a notice then costs some tens of microseconds and one verification a signature.
"""

from collections.abc import Collection
from functools import cached_property
from hashlib import sha256
from typing import Any

from mithaq import canonical
from mithaq.errors import Refusal
from mithaq.instrument.law import Kind, Law
from mithaq.notices import epochs, evidence, roles, suspending
from mithaq.notices.drafting import permitted_releases
from mithaq.notices.envelope import Erased, Header, KeySet, Leaf, Roots
from mithaq.notices.fields import Judge, judge_for
from mithaq.notices.fields.attachments import ATTACHMENT
from mithaq.notices.fields.links import LINK
from mithaq.notices.fields.paragraphs import PARAGRAPHS
from mithaq.notices.fields.references import is_notice_id
from mithaq.notices.fields.texts import TEXT
from mithaq.notices.fields.times import is_moment
from mithaq.notices.kept import judge_kept
from mithaq.notices.keys import KeyRing, check_signed
from mithaq.notices.parts import FACTS
from mithaq.notices.release import Verifies, judge_release
from mithaq.notices.restraint import refused_kinds
from mithaq.notices.retention import Terms
from mithaq.record.note import Verifier

MOST_REFERENCES = 16
_WORDS = frozenset({TEXT.name, PARAGRAPHS.name, LINK.name})
"""Field types in which officers write."""

Verdict = tuple[Refusal, ...]
_NONE: frozenset[str] = frozenset()


def judge(leaf: Leaf, index: int, facts: bytes | None, law: Law, ring: KeyRing) -> Verdict:
    """Why the leaf at `index` does not conform to `law`; empty when it does.

    `facts` is the body of part 0, or None when it is not at hand (then everything else is judged); `ring` holds the
    keys of the leaf's party as they were before this leaf.
    """
    return judges_of(law).judge(leaf, index, facts, ring)


def law_digest(law: Law) -> str:
    """The digest by which leaves name this law: hex SHA-256 of its canonical bytes."""
    return judges_of(law).digest


class KindJudge:
    """What a kind demands of its notices, looked up once."""

    def __init__(self, kind: Kind, law: Law) -> None:
        self.kind = kind
        self.releases = permitted_releases(kind)
        self.must_refer = kind.role in roles.MUST_REFER
        self.may_refer = bool(kind.refers)
        self.classes = frozenset(field.part for field in kind.fields) | {FACTS}
        self.copies = kind.role == roles.SEALS
        self.has_pictures = any(field.type == ATTACHMENT for field in kind.fields)
        self.text_classes = frozenset(field.part for field in kind.fields if field.type in _WORDS)
        self._fields: dict[str, dict[str, Judge]] = {each: {} for each in self.classes}
        self._required: dict[str, tuple[str, ...]] = {}
        self._needed: dict[str, frozenset[str]] = {}
        for field in kind.fields:
            self._fields[field.part][field.name] = judge_for(field, law)
        for each in self.classes:
            self._required[each] = tuple(field.name for field in kind.fields if field.required and field.part == each)
            self._needed[each] = frozenset(self._required[each])

    def judge_facts(self, facts: bytes, classes: Collection[str]) -> Verdict:
        """Why the facts are not what the kind asks for, by themselves and beside the other parts of their leaf."""
        try:
            values = canonical.decode_judged(facts)
        except Refusal as refusal:
            return (refusal,)
        return self.judge_stated(values, classes)

    def judge_stated(self, values: Any, classes: Collection[str]) -> Verdict:
        """`judge_facts` of facts that were decoded already; the door and the fold both ask this."""
        return self.judge_values(FACTS, values) or evidence.judge(self.kind, values, classes)

    def judge_body(self, retention: str, body: bytes) -> Verdict:
        """Why the body of a part is not what the kind asks for in this retention class."""
        try:
            values = canonical.decode_judged(body)
        except Refusal as refusal:
            return (refusal,)
        return self.judge_values(retention, values)

    def judge_values(self, retention: str, values: Any) -> Verdict:
        """`judge_body` of a body that was decoded already."""
        if type(values) is not dict:
            return (Refusal("part.not-an-object", retention=retention),)
        fields = self._fields.get(retention, {})
        refusals = []
        if not self._needed.get(retention, _NONE) <= values.keys():
            missing = (name for name in self._required[retention] if name not in values)
            refusals += [Refusal("field.required", field=name) for name in missing]
        for name, value in values.items():
            check = fields.get(name)
            if check is None:
                refusals.append(Refusal("field.unknown", kind=self.kind.name, field=name[:80]))
                continue
            try:
                check(value)
            except Refusal as refusal:
                refusals.append(refusal)
        return tuple(refusals)


class LawJudge:
    """The judge of one law. A kind beyond restraint is none, whoever sealed it: its notices do not conform."""

    def __init__(self, law: Law) -> None:
        self.law = law
        self._beyond = refused_kinds(law)
        self.kinds = {kind.name: KindJudge(kind, law) for kind in law.kinds if kind.name not in self._beyond}
        self.terms = Terms(law)
        self._precedence = frozenset(law.precedence)
        self._roots = {party.code: Roots(keys=party.roots, threshold=party.threshold) for party in law.parties}
        self._parties: dict[str, str | None] = {}

    @cached_property
    def digest(self) -> str:
        return sha256(canonical.encode_trusted(self.law)).hexdigest()

    def party_of(self, log: str) -> str | None:
        """The code of the party whose log this is; None when it is no log of this law."""
        if log not in self._parties:
            party = self.law.party_of(log)
            self._parties[log] = party.code if party else None
        return self._parties[log]

    def judge(
        self, leaf: Leaf, index: int, facts: bytes | None, ring: KeyRing, verifies: Verifies = Verifier.verifies
    ) -> Verdict:
        header = leaf.header
        verdict = self._judge_form(header)
        carried = roles.MACHINE_KINDS.get(header.kind)
        if carried is not None:
            return verdict + self._judge_machine(leaf, index, carried, ring)
        kind = self.kinds.get(header.kind)
        if kind is None:
            return (*verdict, self._beyond.get(header.kind, Refusal("leaf.unknown-kind", kind=header.kind[:80])))
        verdict += self._judge_notice(header, kind)
        if not any(refusal.code == "leaf.release-not-permitted" for refusal in verdict):
            verdict += judge_release(leaf, index, ring, verifies)
        if facts is not None and not kind.copies:
            verdict += kind.judge_facts(facts, [part.retention for part in header.parts])
        return verdict

    def judge_waiting(self, leaf: Leaf, index: int, ring: KeyRing) -> Verdict:
        """Why a leaf does not conform whatever version it was made under: that one is not held. Its moment is judged
        now, because what follows in its log is put behind it, and one that names a version to put in force does so."""
        entering = self._judge_entering(leaf, index, ring) if leaf.header.instrument is not None else ()
        return (*self._judge_header(leaf.header), *entering)

    def _judge_entering(self, leaf: Leaf, index: int, ring: KeyRing) -> Verdict:
        carried = roles.MACHINE_KINDS[roles.INSTRUMENT]
        if leaf.header.kind != roles.INSTRUMENT:
            return (Refusal("leaf.wrong-content", kind=leaf.header.kind[:80]),)
        return self._judge_machine(leaf, index, carried, ring)

    def _judge_header(self, header: Header) -> list[Refusal]:
        """What every version asks of a header alike."""
        refusals: list[Refusal] = []
        if self.party_of(header.log) is None:
            refusals.append(Refusal("leaf.foreign-log", log=header.log[:200]))
        if not is_moment(header.at):
            refusals.append(Refusal("leaf.bad-moment", found=header.at[:40]))
        if not is_notice_id(header.id):
            refusals.append(Refusal("leaf.bad-id", found=header.id[:40]))
        return refusals

    def _judge_form(self, header: Header) -> Verdict:
        refusals = self._judge_header(header)
        if header.law != self.digest:
            refusals.append(Refusal("leaf.other-law", found=header.law[:64]))
        if header.precedence not in self._precedence:
            refusals.append(Refusal("leaf.unknown-precedence", precedence=header.precedence[:40]))
        return tuple(refusals)

    def _judge_machine(self, leaf: Leaf, index: int, carried: str, ring: KeyRing) -> Verdict:
        header = leaf.header
        try:
            epochs.check(header.log, header.keyset, index)
        except Refusal as refusal:
            return (refusal,)
        if _carried_by(header) != [carried] or header.parts or header.re or header.kept:
            return (Refusal("leaf.wrong-content", kind=header.kind),)
        verdict = judge_release(leaf, 0, ring) if header.release == "machine" else (Refusal("leaf.machine-signed"),)
        if header.keyset is not None and not verdict:
            return self._judge_key_set(header.log, header.keyset, ring)
        if header.erased is not None:
            return self._judge_erased(header, header.erased) or verdict
        return verdict

    def _judge_key_set(self, log: str, change: KeySet, ring: KeyRing) -> Verdict:
        party = self.party_of(log)
        if party is None:
            return ()
        try:
            check_signed(change, log, ring.roots or self._roots[party])
        except Refusal as refusal:
            return (refusal,)
        return ()

    def _judge_erased(self, header: Header, erased: list[Erased]) -> Verdict:
        """What an `erased` leaf may name: erasable classes of the law, in logs of its audience, each once, in order."""
        places = [(each.log, each.retention) for each in erased]
        if not places or sorted(set(places)) != places:
            return (Refusal("erased.wrong-order"),)
        audience = header.log.rsplit("/", 2)[-2:-1]
        for log, retention in places:
            if self.party_of(log) is None or log.rsplit("/", 2)[-2:-1] != audience:
                return (Refusal("erased.foreign-log", log=log[:120]),)
            if retention not in self.terms.days:
                return (Refusal("erased.unknown-class", retention=retention[:40]),)
        return ()

    def _judge_notice(self, header: Header, kind: KindJudge) -> Verdict:
        refusals: list[Refusal] = []
        if _carried_by(header):
            refusals.append(Refusal("leaf.wrong-content", kind=header.kind))
        if header.release not in kind.releases:
            refusals.append(Refusal("leaf.release-not-permitted", kind=header.kind, release=header.release[:40]))
        refusals += self._judge_parts(header, kind)
        refusals += self._judge_references(header, kind)
        refusals += judge_kept(header, kind.text_classes, kind.has_pictures)
        law = self.law
        suspended = suspending.stops(law, kind.kind, header.precedence, header.at) if law.suspension else None
        return tuple(refusals) if suspended is None else (*refusals, suspended)

    def _judge_parts(self, header: Header, kind: KindJudge) -> list[Refusal]:
        classes = [part.retention for part in header.parts]
        if classes[:1] != [FACTS] or len(set(classes)) != len(classes):
            return [Refusal("part.wrong-order")]
        refusals = []
        if not kind.copies and not kind.classes.issuperset(classes):
            unknown = sorted(set(classes) - kind.classes)[0]
            refusals.append(Refusal("part.unknown-class", kind=header.kind, retention=unknown[:40]))
        for part in header.parts:
            if not 2 <= part.n <= self.law.limits.part:
                limit = self.law.limits.part
                refusals.append(Refusal("part.too-large", retention=part.retention[:40], limit=limit, found=part.n))
        return refusals

    def _judge_references(self, header: Header, kind: KindJudge) -> list[Refusal]:
        if not header.re:
            return [Refusal("reference.none", kind=header.kind)] if kind.must_refer else []
        if not kind.may_refer:
            return [Refusal("reference.not-permitted", kind=header.kind)]
        if len(header.re) > MOST_REFERENCES:
            return [Refusal("reference.too-many", limit=MOST_REFERENCES, found=len(header.re))]
        audience = header.log.rsplit("/", 2)[-2:-1]
        for reference in header.re:
            if self.party_of(reference.log) is None or reference.log.rsplit("/", 2)[-2:-1] != audience:
                return [Refusal("reference.foreign-log", log=reference.log[:120])]
        return []


_judges: dict[int, LawJudge] = {}
_MOST_JUDGES = 64


def judges_of(law: Law) -> LawJudge:
    """The judge of a law, made at its first use and kept while the law is the same value in memory."""
    found = _judges.get(id(law))
    if found is None or found.law is not law:
        if len(_judges) >= _MOST_JUDGES:
            _judges.clear()
        found = _judges[id(law)] = LawJudge(law)
    return found


def judge_part(retention: str, body: bytes, kind: str, law: Law) -> Verdict:
    """Why the body of an erasable part is not what its kind asks for; shown beside it, never part of a state."""
    found = judges_of(law).kinds.get(kind)
    if found is None:
        return (Refusal("leaf.unknown-kind", kind=kind[:80]),)
    return () if found.copies else found.judge_body(retention, body)


_CARRIED = tuple(roles.MACHINE_KINDS.values())


def _carried_by(header: Header) -> list[str]:
    return [name for name in _CARRIED if getattr(header, name) is not None]

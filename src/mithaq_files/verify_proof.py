"""Verify the proof file of one notice: the entry, its path to a signed head, and the chain from root keys to that head.

The number of root keys that make a party's seal stands in the law. When the law is at hand (an export among the paths),
its root keys count; a proof file alone is GENUINE when most of the root keys of the party that were named with
`--trust` have signed its first key-set, since a threshold that came with the file proves nothing.
"""

from collections.abc import Sequence

from mithaq.errors import Refusal
from mithaq.instrument.law import Law
from mithaq.instrument.sealing import Sealed
from mithaq.notices import conformance, envelope, numbers
from mithaq.notices.envelope import Leaf, Roots, key_set_text
from mithaq.notices.keys import KeyRing, signatures_of
from mithaq.notices.parts import check_part
from mithaq.notices.release import judge_release
from mithaq.record import checkpoint, note
from mithaq.record.proof import Proof
from mithaq_files import evidence
from mithaq_files.evidence import Evidence
from mithaq_files.trust import Trust
from mithaq_files.verdict import Break, LogFound, Subject, Verdict
from mithaq_files.verify_export import seals


def verify(path: str, proof: Proof, trust: Trust, laws: Sequence[Sealed]) -> Subject:
    """The verdict on a proof file; `laws` are the sealed laws at hand."""
    try:
        shown = evidence.of(proof)
    except Refusal as refusal:
        return Subject(path, Verdict.UNUSABLE, False, reason=refusal)
    try:
        return _judge(path, proof, shown, trust, laws)
    except Refusal as refusal:
        return Subject(path, Verdict.BROKEN, False, breaks=(Break("", proof.index, refusal),))


def _judge(path: str, proof: Proof, shown: Evidence, trust: Trust, laws: Sequence[Sealed]) -> Subject:
    leaf = envelope.parse(shown.entry)
    origin = leaf.header.log
    sealed = next((each for each in laws if each.law.party_of(origin) is not None), None)
    ring = _ring(shown, _roots(shown, origin, sealed), origin)
    size = checkpoint.parse(note.text_of(proof.signed)).size
    head, _ = proof.verify(shown.entry, ring.log_verifiers(size))
    if head.origin != origin:
        raise Refusal("verify.foreign-log", log=head.origin[:200], folder=origin)
    if shown.facts is not None:
        if not leaf.header.parts:
            raise Refusal("part.other-body", index=proof.index, part=0)
        check_part(leaf.header.parts[0], *shown.facts, proof.index, 0)
    trusted = _is_trusted(shown, trust, sealed, origin)
    party = sealed.law.party_of(origin) if sealed else None
    code = party.code if party else ""
    number = numbers.spoken(code or "entry", proof.index)
    found = LogFound(path, origin, code, head.size, head.root.hex(), trusted, facts_held=int(shown.facts is not None))
    verdict = Verdict.GENUINE if trusted else Verdict.INTACT
    facts = shown.facts[1] if shown.facts else None
    refusals = _conformance(leaf, proof.index, facts, sealed.law if sealed else None, ring)
    demo = sealed is not None and sealed.law.demo
    return Subject(
        path,
        verdict,
        trusted,
        demo=demo,
        law=sealed.law_digest if sealed else leaf.header.law,
        logs=(found,),
        nonconforming=tuple((number, refusal.code) for refusal in refusals),
        kept=tuple((number, each.finding, each.reason, each.n) for each in leaf.header.kept if not refusals),
        remarks=() if sealed else (f"{number} was made under the law {leaf.header.law}, which is not at hand",),
    )


def _roots(shown: Evidence, origin: str, sealed: Sealed | None) -> Roots:
    party = sealed.law.party_of(origin) if sealed else None
    return Roots(keys=party.roots, threshold=party.threshold) if party else shown.roots


def _ring(shown: Evidence, roots: Roots, origin: str) -> KeyRing:
    if not shown.keysets or shown.keysets[0][0] != 0:
        raise Refusal("verify.no-key-set", log=origin)
    ring = KeyRing()
    for index, encoded in shown.keysets:
        leaf = envelope.parse(encoded)
        if leaf.header.log != origin:
            raise Refusal("verify.no-key-set", log=origin)
        ring = ring.apply(leaf, index, roots)
    return ring


def _is_trusted(shown: Evidence, trust: Trust, sealed: Sealed | None, origin: str) -> bool:
    if sealed is not None:
        party = sealed.law.party_of(origin)
        named = party is not None and seals(sealed, party, trust)
        return sealed.in_force and (trust.names_law(sealed.law_bytes) or named)
    first = envelope.parse(shown.keysets[0][1])
    change = first.header.keyset
    if change is None:
        return False
    return trust.names_signers(key_set_text(origin, change), signatures_of(change), origin.split("/", 1)[0])


def _conformance(leaf: Leaf, index: int, facts: bytes | None, law: Law | None, ring: KeyRing) -> tuple[Refusal, ...]:
    if law is not None:
        return conformance.judge(leaf, index, facts, law, ring)
    return judge_release(leaf, index, ring) if leaf.header.parts else ()

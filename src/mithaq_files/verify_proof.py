"""Verify the proof file of one notice: the entry, its path to a signed head, and the keys that signed it."""

from mithaq.errors import Refusal
from mithaq.instrument.law import Law
from mithaq.notices import conformance, envelope, numbers
from mithaq.notices.envelope import Leaf
from mithaq.notices.keys import KeyRing
from mithaq.notices.parts import check_part
from mithaq.notices.release import judge_release
from mithaq.record import checkpoint, note
from mithaq.record.proof import Proof
from mithaq_files import evidence
from mithaq_files.evidence import Evidence
from mithaq_files.key_chain import KeyChain, Laws
from mithaq_files.trust import Trust
from mithaq_files.verdict import Break, LogFound, Subject, Verdict


def verify(path: str, proof: Proof, trust: Trust, laws: Laws) -> Subject:
    """The verdict on a proof file; `laws` are the sealed laws at hand."""
    try:
        shown = evidence.of(proof)
    except Refusal as refusal:
        return Subject(path, Verdict.UNUSABLE, False, reason=refusal)
    try:
        return _judge(path, proof, shown, trust, laws)
    except Refusal as refusal:
        return Subject(path, Verdict.BROKEN, False, breaks=(Break("", proof.index, refusal),))


def _judge(path: str, proof: Proof, shown: Evidence, trust: Trust, laws: Laws) -> Subject:
    leaf = envelope.parse(shown.entry)
    origin = leaf.header.log
    chain = KeyChain.under(laws.of(origin, trust), origin, shown.keysets, shown.roots)
    ring, sealed = chain.ring(), chain.sealed
    size = checkpoint.parse(note.text_of(proof.signed)).size
    head, _ = proof.verify(shown.entry, ring.log_verifiers(size))
    if head.origin != origin:
        raise Refusal("verify.foreign-log", log=head.origin[:200], folder=origin)
    if shown.facts is not None:
        if not leaf.header.parts:
            raise Refusal("part.other-body", index=proof.index, part=0)
        check_part(leaf.header.parts[0], *shown.facts, proof.index, 0)
    for place, salt, body in shown.parts:
        refs = leaf.header.parts
        if not 0 < place < len(refs):
            raise Refusal("part.other-body", index=proof.index, part=place)
        check_part(refs[place], salt, body, proof.index, place)
    trusted = chain.is_trusted(trust)
    number = numbers.spoken_in(chain.party or "entry", origin, proof.index)
    facts = shown.facts[1] if shown.facts else None
    under = laws.named(leaf.header.law)
    marked = sealed or under
    refusals = _conformance(leaf, proof.index, facts, under.law if under else None, ring)
    return Subject(
        path,
        Verdict.GENUINE if trusted else Verdict.INTACT,
        trusted,
        demo=marked is not None and marked.law.demo,
        exercise=marked is not None and marked.law.exercise,
        law=leaf.header.law,
        logs=(
            LogFound(path, origin, chain.party, head.size, head.root.hex(), trusted, facts_held=int(facts is not None)),
        ),
        nonconforming=tuple((number, refusal) for refusal in refusals),
        kept=tuple((number, each.finding, each.reason, each.n) for each in leaf.header.kept if not refusals),
        remarks=() if under else (f"{number} was made under the law {leaf.header.law}, which is not at hand",),
    )


def _conformance(leaf: Leaf, index: int, facts: bytes | None, law: Law | None, ring: KeyRing) -> tuple[Refusal, ...]:
    if law is not None:
        return conformance.judge(leaf, index, facts, law, ring)
    return judge_release(leaf, index, ring) if leaf.header.parts else ()

"""Verify a case: the sealed instrument in it, and every proof under it.

What case.json says beside the law, and what case.pdf shows, are for reading; nothing proves them but the proofs.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress

from mithaq.errors import Refusal
from mithaq.instrument.sealing import Sealed
from mithaq.notices import envelope
from mithaq.notices.envelope import Roots
from mithaq.record import proof
from mithaq_files import evidence, held, verify_proof
from mithaq_files.case import Case
from mithaq_files.key_chain import KeyChain, Laws
from mithaq_files.trust import Trust
from mithaq_files.verdict import Break, Subject, Verdict
from mithaq_files.verify_export import judge_instrument, roots_unknown


def verify(path: str, case: Case, trust: Trust) -> Subject:
    """The verdict on a case: that of its instrument and of its worst proof."""
    try:
        versions = held.from_files(case.instrument)
        held.laws_of(versions)
    except Refusal as refusal:
        return _broken(path, [Break("instrument", None, refusal)])
    breaks = [each for version in versions for each in judge_instrument(version)]
    breaks += roots_unknown(versions, _roots(case, versions))
    sealed = versions[-1]
    if sealed.law_digest != case.said.law:
        breaks.append(Break("instrument", None, Refusal("case.other-law", law=case.said.law[:64])))
    proven = [_proven(name, encoded, trust, versions) for name, encoded in sorted(case.proofs.items())]
    breaks += _breaks(proven)
    if breaks:
        return _broken(path, breaks)
    trusted = all(each.trusted for each in proven)
    said = case.said
    return Subject(
        path,
        Verdict.GENUINE if trusted else Verdict.INTACT,
        trusted,
        demo=sealed.law.demo,
        exercise=sealed.law.exercise,
        is_case=True,
        law=sealed.law_digest,
        fingerprint=sealed.fingerprint,
        logs=tuple({log.origin: log for each in proven for log in each.logs}.values()),
        nonconforming=tuple(line for each in proven for line in each.nonconforming),
        remarks=(
            f"{said.by} says that it made this at {said.at} of the incident {said.incident}: {len(proven)} proofs",
            f"disclosed beside the facts: {', '.join(said.disclosed) or 'nothing'}",
        ),
    )


def _roots(case: Case, versions: Sequence[Sealed]) -> Mapping[str, Sequence[Roots]]:
    """The root keys that the key-sets in its proofs have put in force, by party."""
    found: dict[str, list[Roots]] = {}
    for encoded in case.proofs.values():
        with suppress(Refusal):  # its own verdict says so
            shown = evidence.of(proof.parse(encoded))
            chain = KeyChain.under(versions, envelope.parse(shown.entry).header.log, shown.keysets, shown.roots)
            found.setdefault(chain.party, []).extend(chain.roots())
    return found


def _proven(name: str, encoded: bytes, trust: Trust, versions: Sequence[Sealed]) -> Subject:
    try:
        return verify_proof.verify(name, proof.parse(encoded), trust, Laws(own=versions))
    except Refusal as refusal:
        return Subject(name, Verdict.UNUSABLE, False, reason=refusal)


def _breaks(proven: Sequence[Subject]) -> Iterator[Break]:
    for each in proven:
        if each.reason is not None:
            yield Break(each.path, None, each.reason)
        for broken in each.breaks:
            yield Break(each.path, broken.entry, broken.refusal)


def _broken(path: str, breaks: Sequence[Break]) -> Subject:
    return Subject(path, Verdict.BROKEN, False, breaks=tuple(breaks), is_case=True)

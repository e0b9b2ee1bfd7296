"""What a leaf may refer to: one that stands before it in the record as its party has it, and of what role."""

from collections.abc import Mapping

from mithaq.errors import Refusal
from mithaq.instrument.law import Kind
from mithaq.notices import joint, roles
from mithaq.notices.entry import Entry
from mithaq.notices.envelope import Reference
from mithaq.notices.logs import Log
from mithaq.notices.release import officers


def resolve(entry: Entry, reference: Reference, log: Log, logs: Mapping[str, Log]) -> bool:
    """Tie `entry` of `log` to what it refers to, and judge whether it may; False where the reference has to wait."""
    target = _find(reference, entry, log, logs)
    if target is None:
        if reference.log in log.waits:
            return False
        entry.verdict += (Refusal("reference.not-covered", log=reference.log[:120], id=reference.id[:40]),)
        return True
    entry.refers += (target,)
    if isinstance(target.referred_by, list):
        target.referred_by.append(entry)
    else:
        target.referred_by = [entry]
    entry.order = (max(entry.order[0], target.order[0] + 1), *entry.order[1:])
    entry.verdict += _judge_version(entry, target)
    if entry.kind is not None:
        entry.verdict += _judge_target(entry, entry.kind, target)
    return True


def _judge_version(entry: Entry, target: Entry) -> tuple[Refusal, ...]:
    """Why `entry` may not refer to `target`: its party had not entered the version that `target` was made under."""
    if entry.law.version < target.law.version:
        return (Refusal("reference.later-law", number=target.number),)
    return ()


def _find(reference: Reference, entry: Entry, log: Log, logs: Mapping[str, Log]) -> Entry | None:
    target = logs.get(reference.log)
    if target is None:
        return None
    below = entry.index if target is log else log.covers.get(reference.log, 0)
    index = target.ids.get(reference.id, below)
    return target.entries[index] if index < below else None


def _judge_target(entry: Entry, kind: Kind, target: Entry) -> tuple[Refusal, ...]:
    """Why `entry` may not refer to `target`; empty when it may."""
    if roles.NONCONFORMING not in kind.refers and target.role not in kind.refers:
        return (Refusal("reference.wrong-role", kind=kind.name, role=target.role or "none"),)
    if (kind.role in roles.OWN_ONLY or joint.is_review(kind)) and target.party != entry.party:
        return (Refusal("reference.not-own", number=target.number),)
    if (kind.role in roles.OTHERS_ONLY or joint.is_assent(kind)) and target.party == entry.party:
        return (Refusal("reference.own", number=target.number),)
    if joint.is_assent(kind) and not joint.is_proposal(target.kind):
        return (Refusal("seal.not-joint", number=target.number),)
    return ()


def judge_seal(entry: Entry) -> tuple[Refusal, ...]:
    """Why a notice that seals another does not: it must repeat its commitments, and another officer must sign it."""
    leaf = entry.source.leaf
    if leaf is None:
        return ()
    signed = set(officers(leaf))
    for target in entry.refers:
        if target.source.leaf is None:
            continue
        if leaf.header.parts != target.source.leaf.header.parts:
            return (Refusal("seal.other-commitments", number=target.number),)
        if not signed.isdisjoint(officers(target.source.leaf)):
            return (Refusal("seal.same-officer", number=target.number),)
    return ()

"""Compare two exports log by log, the same up to where and from which entry on not; and two cases, entry by entry."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from mithaq.record import checkpoint, merkle, note, proof, reconcile, tiles
from mithaq_files import evidence
from mithaq_files.case import Case
from mithaq_files.export import Export, ExportedLog

Outcome = reconcile.Same | reconcile.Fork | reconcile.Strangers


def compare(ours: Export, theirs: Export) -> Iterator[tuple[str, Outcome]]:
    """For each log that stands in both, by its folder: what the comparison finds. Entries are hashed again for it."""
    others = {log.name: log for log in theirs.logs}
    for log in ours.logs:
        if log.name in others:
            yield log.name, reconcile.compare(_holding(log), _holding(others[log.name]))


def only_in_one(ours: Export, theirs: Export) -> tuple[str, ...]:
    """The logs that stand in one of the two exports alone."""
    return tuple(sorted({log.name for log in ours.logs} ^ {log.name for log in theirs.logs}))


@dataclass(frozen=True)
class CasesCompared:
    """Two cases: what contradicts between them, and what only stands in one."""

    contradictions: tuple[str, ...]
    differences: tuple[str, ...]


def compare_cases(ours: Case, theirs: Case) -> CasesCompared:
    """Name what differs. Entries, facts and disclosed parts of one place must be one; heads must be able to be one."""
    contradictions, differences = list[str](), list[str]()
    if ours.said.law != theirs.said.law:
        contradictions.append(f"two laws: {ours.said.law} and {theirs.said.law}")
    for name in ("incident", "by", "at", "language", "disclosed"):
        first, second = getattr(ours.said, name), getattr(theirs.said, name)
        if first != second:
            differences.append(f"{name}: {_said(first)} and {_said(second)}")
    for name in sorted(ours.proofs.keys() | theirs.proofs.keys()):
        if name not in ours.proofs or name not in theirs.proofs:
            differences.append(f"{name}: only in {'A' if name in ours.proofs else 'B'}")
        else:
            _compare_proofs(name, ours.proofs[name], theirs.proofs[name], contradictions, differences)
    return CasesCompared(tuple(contradictions), tuple(dict.fromkeys(differences)))


def _compare_proofs(name: str, ours: bytes, theirs: bytes, contradictions: list[str], differences: list[str]) -> None:
    first, second = proof.parse(ours), proof.parse(theirs)
    mine, other = evidence.of(first), evidence.of(second)
    heads = [checkpoint.parse(note.text_of(each.signed)) for each in (first, second)]
    if first.index != second.index or mine.entry != other.entry:
        contradictions.append(f"{name}: two entries")
    if reconcile.is_fork(*heads):
        contradictions.append(f"{heads[0].origin}: two roots at {heads[0].size}")
    elif heads[0].size != heads[1].size:
        differences.append(f"{heads[0].origin}: heads of {heads[0].size} and of {heads[1].size} entries")
    bodies = [{0: each.facts, **{n: (s, b) for n, s, b in each.parts}} for each in (mine, other)]
    for number in sorted(bodies[0].keys() | bodies[1].keys()):
        held = [each.get(number) for each in bodies]
        if None not in held and held[0] != held[1]:
            contradictions.append(f"{name}: two bodies of part {number}")
        elif held[0] != held[1]:
            differences.append(f"{name}: part {number} only in {'A' if held[0] else 'B'}")


def _said(value: str | list[str]) -> str:
    return value if isinstance(value, str) else ", ".join(value) or "nothing"


def _holding(log: ExportedLog) -> reconcile.Holding:
    signed = log.signed()
    head = checkpoint.parse(note.text_of(signed))
    return reconcile.Holding(head, signed, _hashed(log, head.size))


def _hashed(log: ExportedLog, size: int) -> merkle.Subtree:
    @cache
    def tree() -> merkle.Tree:
        entries = (entry for bundle in tiles.bundles_of(size) for entry in log.entries(bundle))
        return merkle.Tree(map(merkle.leaf_hash, entries))

    return lambda start, end: tree().subtree(start, end)

"""Verify paths (exports, proofs, evidence of forks, cases, couriers) against what the caller trusts beforehand."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from mithaq.errors import Refusal
from mithaq.instrument.sealing import Sealed
from mithaq.record import proof, reconcile
from mithaq.record.proof import Proof
from mithaq_files import (
    case,
    comparing,
    export,
    fork_file,
    held,
    sealed,
    verify_case,
    verify_courier,
    verify_export,
    verify_fork,
    verify_proof,
)
from mithaq_files.case import Case
from mithaq_files.export import Export
from mithaq_files.fork_file import ForkFile
from mithaq_files.key_chain import Laws
from mithaq_files.trust import Trust
from mithaq_files.verdict import Break, Report, Subject, Verdict

Progress = Callable[[str], None]
"""Called with each path before it is judged."""


def verify(paths: Sequence[Path], trust: Trust, progress: Progress = lambda path: None) -> Report:
    """The report on `paths`. A trusted law in an export or a case serves the files beside it, and two exports that
    hold one log differently are both broken."""
    found = [_open(path) for path in paths]
    exports = [each for each in found if isinstance(each, Export)]
    laws = Laws(beside=list(_laws([each.instrument for each in found if isinstance(each, Export | Case)])))
    subjects: list[Subject] = []
    for path, each in zip(paths, found, strict=True):
        progress(str(path))
        if isinstance(each, Refusal):
            subjects.append(Subject(str(path), Verdict.UNUSABLE, False, reason=each))
        elif isinstance(each, Proof):
            subjects.append(verify_proof.verify(str(path), each, trust, laws))
        elif isinstance(each, ForkFile):
            subjects.append(verify_fork.verify(str(path), each, trust, laws))
        elif isinstance(each, Path):
            subjects.append(verify_courier.verify(each, trust, laws))
        elif isinstance(each, Case):
            subjects.append(verify_case.verify(str(path), each, trust))
        else:
            subjects.append(verify_export.verify(each, trust))
    if len(exports) > 1 and all(subject.verdict is not Verdict.BROKEN for subject in subjects):
        subjects += _forks(exports)
    return Report(tuple(subjects))


def _open(path: Path) -> Export | Proof | ForkFile | Case | Path | Refusal:
    """What the path holds; the path of a courier itself, which is read only as it is judged."""
    try:
        if path.is_dir():
            return export.read(path)
        if path.is_file() and verify_courier.is_one(path):
            return path
        content = export.read_file(path, case.MOST_BYTES)
        if content.startswith(sealed.FIRST_BYTES):
            raise Refusal("courier.still-sealed", file=path.name)
        if content.startswith(case.FIRST_BYTES):
            return case.parse(content)
        return fork_file.parse(content) if content.startswith(fork_file.FIRST_LINE) else proof.parse(content)
    except Refusal as refusal:
        return refusal


def _laws(instruments: Sequence[Mapping[str, bytes]]) -> Iterator[Sequence[Sealed]]:
    for each in instruments:
        with suppress(Refusal):  # its own verdict says so
            versions = held.from_files(each)
            held.laws_of(versions)
            yield versions


def _forks(exports: Sequence[Export]) -> Iterator[Subject]:
    first = exports[0]
    for other in exports[1:]:
        for name, outcome in comparing.compare(first, other):
            if isinstance(outcome, reconcile.Fork):
                refusal = Refusal("verify.fork", log=name, entry=outcome.index)
                broken = Break(name, outcome.index, refusal)
                yield Subject(f"{first.path} | {other.path}", Verdict.BROKEN, False, breaks=(broken,))

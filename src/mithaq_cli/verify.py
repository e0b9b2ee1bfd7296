"""`mithaq verify`: check exports and proof files with neither a node, a database nor a network."""

import json
import sys
from collections.abc import Iterator
from dataclasses import asdict, replace
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console

from mithaq.errors import Refusal
from mithaq.moments import Moment
from mithaq_cli.refusing import tell
from mithaq_files import trust as trusting
from mithaq_files import verifying
from mithaq_files.refusals import sentence
from mithaq_files.verdict import Break, ForkFound, LogFound, Report, Subject, not_shown

DEMONSTRATION = "Demonstration. Not a document of any government."
EXERCISE = "EXERCISE. Nothing in here is real."

Paths = Annotated[
    list[Path], typer.Argument(help="Exports, proof files, evidence of forks, cases, opened couriers.", metavar="PATH…")
]
Named = Annotated[
    str,
    typer.Option(
        "--trust",
        metavar="FILE|FINGERPRINT",
        help="Root keys that you trust (a file, one verifier key a line), or the law: at least 32 hex digits of its "
        "digest, or its fingerprint of 30 digits.",
    ),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON document.")]


def verify(paths: Paths, trust: Named = "", as_json: AsJson = False) -> None:
    """Check a record from outside.

    The first line is the verdict: GENUINE (signed by keys you named), INTACT (consistent under keys that came with the
    file), BROKEN (the first differing entry is named) or UNUSABLE. The exit status is 0, 0, 1 or 2.
    """
    named = trusting.read(trust) if trust else trusting.Trust()
    with Console(stderr=True).status("reading") as status:
        report = verifying.verify(paths, named, lambda path: status.update(f"checking {path}"))
    for subject in report.subjects:
        if subject.reason is not None:
            tell(subject.reason)
    sys.stdout.write(json.dumps(as_document(report), ensure_ascii=False) + "\n" if as_json else as_text(report))
    raise typer.Exit(report.verdict.exit_code)


def as_document(report: Report) -> dict[str, Any]:
    """The report as a JSON value."""
    return {
        "verdict": report.verdict.value,
        "trusted": report.trusted,
        "paths": [_subject_document(subject) for subject in report.subjects],
        "not_shown": list(not_shown(report)),
    }


def as_text(report: Report) -> str:
    """The report to be read: the verdict on the first line."""
    lines = [report.verdict.value]
    for subject in report.subjects:
        lines += ["", subject.path, *(f"  {line}" for line in _subject_lines(subject))]
    lines += ["", "Not shown by this:", *(f"  - {line}" for line in not_shown(report))]
    return "\n".join(lines) + "\n"


def _subject_document(subject: Subject) -> dict[str, Any]:
    document = asdict(replace(subject, breaks=(), reason=None, nonconforming=()))
    document["nonconforming"] = [[number, refusal.code] for number, refusal in subject.nonconforming]
    document["verdict"] = subject.verdict.value
    document["breaks"] = [
        {"log": each.log, "entry": each.entry, "until": each.until, **_refusal_document(each.refusal)}
        for each in subject.breaks
    ]
    document["reason"] = _refusal_document(subject.reason) if subject.reason else None
    return document


def _refusal_document(refusal: Refusal) -> dict[str, Any]:
    return {"code": refusal.code, "data": dict(refusal.data), "says": sentence(refusal, "en")}


def _subject_lines(subject: Subject) -> Iterator[str]:
    if subject.demo:
        yield DEMONSTRATION
    if subject.exercise:
        yield EXERCISE
    if subject.reason is not None:
        yield f"UNUSABLE: {sentence(subject.reason, 'en')}"
    for each in subject.breaks:
        yield f"BROKEN {_where(each)}: {sentence(each.refusal, 'en')} [{each.refusal.code}]"
    if subject.law:
        yield f"law {subject.law}" + (f", fingerprint {subject.fingerprint}" if subject.fingerprint else "")
    if subject.fork is not None:
        yield from _fork_lines(subject.fork)
    for log in subject.logs:
        yield from _log_lines(log)
    for number, refusal in subject.nonconforming:
        yield f"{number} does not conform: {sentence(refusal, 'en')} [{refusal.code}]"
    for number, finding, reason, n in subject.kept:
        yield f"{number} was released over a finding of the linter: {n} x {finding} kept as {reason}"
    for agreement in subject.agreements:
        outcome = {True: "is the digest computed here", False: "DIFFERS from the digest computed here"}
        held = "could not be computed here" if agreement.holds is None else outcome[agreement.holds]
        yield f"{agreement.number} states the digest {agreement.digest}: {held}"
    for erasure in subject.erasures:
        early = ", before its term was over" if erasure.early else ""
        yield f"{erasure.number} states that {erasure.retention} of {erasure.log} below {erasure.size} is erased{early}"
    yield from subject.remarks


def _where(broken: Break) -> str:
    if broken.entry is None:
        return broken.log
    place = (
        f"at entry {broken.entry}"
        if broken.until in (None, broken.entry)
        else (f"at an entry from {broken.entry} to {broken.until}")
    )
    return f"{place} of {broken.log}" if broken.log else place


def _fork_lines(fork: ForkFound) -> Iterator[str]:
    yield f"A FORK IS SHOWN: the key of {fork.origin} signed two histories, which part at an entry below {fork.below}"
    for size, root in zip(fork.sizes, fork.roots, strict=True):
        yield f"  a head of {size} entries, root {root}"


def _log_lines(log: LogFound) -> Iterator[str]:
    keys = "keys you named" if log.trusted else "keys that came with it"
    yield f"{log.origin}: {log.size} entries, root {log.root}, under {keys}"
    for name, seconds in log.cosigned:
        yield f"  cosigned by {name} at {Moment(seconds)}"
    if log.facts_held or log.facts_missing:
        yield f"  facts: {log.facts_held} held to their commitments, {log.facts_missing} not here"
    if log.receipts or log.receipts_beyond:
        yield f"  receipts: {log.receipts} fit the other log, {log.receipts_beyond} reach beyond what is here"

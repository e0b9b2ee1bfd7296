"""What a verification finds: the four verdicts, breaks with the entry they begin at, and what is told of each log."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum

from mithaq.errors import Refusal


class Verdict(StrEnum):
    """GENUINE: signed by keys that were named. INTACT: consistent under keys that came along. BROKEN: something
    contradicts; the first differing entry is named. UNUSABLE: there is nothing that could be judged."""

    GENUINE = "GENUINE"
    INTACT = "INTACT"
    BROKEN = "BROKEN"
    UNUSABLE = "UNUSABLE"

    @property
    def exit_code(self) -> int:
        return {Verdict.BROKEN: 1, Verdict.UNUSABLE: 2}.get(self, 0)


_WORST_FIRST = (Verdict.BROKEN, Verdict.UNUSABLE, Verdict.INTACT, Verdict.GENUINE)


@dataclass(frozen=True)
class Break:
    """A contradiction: the log it is in, the first entry that differs (None when it is in no entry), and why.

    `until` is set when the first differing entry is only known to lie from `entry` up to this one, both included.
    """

    log: str
    entry: int | None
    refusal: Refusal
    until: int | None = None


@dataclass(frozen=True)
class LogFound:
    """What was found out about one log that holds together."""

    name: str
    origin: str
    party: str
    size: int
    root: str
    trusted: bool
    cosigned: tuple[tuple[str, int], ...] = ()
    """(key name, seconds since 1970) of each cosignature that verified."""
    facts_held: int = 0
    facts_missing: int = 0
    receipts: int = 0
    """Receipts in this log that were held against the other log."""
    receipts_beyond: int = 0
    """Receipts of more, or of another log, than is here."""


@dataclass(frozen=True)
class ForkFound:
    """A fork that a file shows: the log whose key signed two heads that cannot both be true."""

    origin: str
    party: str
    """Empty when the law is not at hand."""
    below: int
    """The two histories part at an entry below this one."""
    sizes: tuple[int, int]
    roots: tuple[str, str]


@dataclass(frozen=True)
class AgreementFound:
    """An agreement leaf held against the state computed here; `holds` is None when it could not be computed."""

    number: str
    digest: str
    holds: bool | None


@dataclass(frozen=True)
class ErasureFound:
    """A statement of a party that it holds no part of a class below `size` of `log` any more."""

    number: str
    at: str
    log: str
    retention: str
    size: int
    early: bool
    """Whether the entries here say that a term it names was not over."""


@dataclass(frozen=True)
class Subject:
    """One path that was verified."""

    path: str
    verdict: Verdict
    trusted: bool
    demo: bool = False
    exercise: bool = False
    breaks: tuple[Break, ...] = ()
    reason: Refusal | None = None
    """Why it is unusable."""
    law: str = ""
    """The digest of the law, hex, when one came along."""
    fingerprint: str = ""
    logs: tuple[LogFound, ...] = ()
    nonconforming: tuple[tuple[str, Refusal], ...] = ()
    """(spoken number, why) of notices that do not conform."""
    kept: tuple[tuple[str, str, str, int], ...] = ()
    """(spoken number, finding, reason, passages) of notices that were released over a finding of the linter."""
    agreements: tuple[AgreementFound, ...] = ()
    erasures: tuple[ErasureFound, ...] = ()
    remarks: tuple[str, ...] = ()
    is_case: bool = False
    fork: ForkFound | None = None
    """What evidence of a fork shows."""


@dataclass(frozen=True)
class Report:
    """The verdict over all paths: the worst of them."""

    subjects: tuple[Subject, ...]
    verdict: Verdict = field(init=False)
    trusted: bool = field(init=False)

    def __post_init__(self) -> None:
        found = {subject.verdict for subject in self.subjects}
        object.__setattr__(self, "verdict", next(verdict for verdict in _WORST_FIRST if verdict in found))
        object.__setattr__(self, "trusted", all(subject.trusted for subject in self.subjects))


def first(breaks: Iterable[Break]) -> tuple[Break, ...]:
    """The breaks in the order in which they are told: those that name an entry first, in each log the lowest first."""
    return tuple(sorted(breaks, key=lambda each: (each.entry is None, each.log, each.entry or 0)))


_OF_EVERY_FILE = (
    "that what a notice says is true: it shows who stated what, not what happened",
    "that everything that should have been told was told: what was never entered leaves no trace here",
    "that a stated moment is right: it is a statement of the party that wrote it, a cosignature's of the cosigner",
    "that a person read a notice, unless a signed acknowledgement says so",
    "which person stands behind an officer's key: each party keeps that for itself",
    "what came after the heads shown here",
    "that a party has erased what it states to have erased, and that no copy of it is kept elsewhere",
)
_OF_PARTS = "parts other than the facts: texts, exact places and attachments are not in it"
_OF_FORKS = (
    "which of the two histories is the right one, if either is",
    "why there are two: a node set back to an old copy, a stolen key and intent look the same",
)
_KEYS_NOT_NAMED = "that the keys are those of the parties: they came with the file; name them with --trust"


_OF_CASES = "that case.pdf says what the proofs say: it is drawn for reading, and only the proofs are signed"


def not_shown(report: Report) -> tuple[str, ...]:
    """What no verification of these files shows; it stands at the end of every verdict."""
    forks = [subject for subject in report.subjects if subject.fork is not None]
    told = list(_OF_EVERY_FILE) + ([_OF_PARTS] if len(forks) < len(report.subjects) else [])
    told += _OF_FORKS if forks else ()
    told += [_OF_CASES] if any(subject.is_case for subject in report.subjects) else []
    return tuple(told if report.trusted else [_KEYS_NOT_NAMED, *told])

"""Reports to the committee: what the record says at a cut of commitments, clocks, and everything that is still open.

A report is a function of the book, the law and one moment, and the moment is a function of the cut (`as_of`). So
whoever holds the cut makes the same report, whenever it is asked for. What the cut holds counts, whatever moment it
states; the moment says only how much time has gone by, for clocks that run, days due and what has slowed down. Rows
hold codes, numbers and canonical moments alone; `figures` gives them as plain values, and words are for whoever prints
them.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from enum import StrEnum
from typing import Any

from mithaq.followup import commitments, meetings, texts
from mithaq.followup.commitments import COMMITTEE, EVER, Agreement, Column, Slowdown, Standing
from mithaq.followup.meetings import Decision
from mithaq.instrument.law import Law
from mithaq.notices import compliance, epochs
from mithaq.notices.book import UNKNOWN, Book, Clock, Notice
from mithaq.notices.clocks import Display, clock_display, seconds_stood
from mithaq.notices.compliance import Group, Grouping, Timeliness
from mithaq.notices.incidents import State
from mithaq.notices.numbers import ALL as EVERYONE
from mithaq.notices.scores import FULL
from mithaq.notices.suspending import Standstill

COMMITTEE_KEY = "committee"
"""The committee's column in `figures`, where no key is empty."""

_OPEN = {Display.MISSED: "missed", Display.RUNNING: "running", Display.STANDS: "standing"}
_SETTLED = frozenset({State.CLOSED, State.DIFFER, State.WITHDRAWN})


class Paper(StrEnum):
    """Which report is asked for."""

    IMPLEMENTATION = "implementation"
    COMPLIANCE = "compliance"
    OPEN_ITEMS = "open-items"
    AGENDA = "agenda"


@dataclass(frozen=True, slots=True)
class Line:
    """A commitment as it stands: the score of each column, a party's code or `COMMITTEE`; None where one is empty."""

    id: str
    article: str
    due: str
    scores: Mapping[str, int | None]
    differs: bool
    slowdown: Slowdown | None
    statements: int
    """How many notices about it every addressee has."""

    @property
    def unscored(self) -> bool:
        return all(score is None for score in self.scores.values())


@dataclass(frozen=True, slots=True)
class Measure:
    """What a meeting decided, as it stands: the score that each party gives it, None where it has said none."""

    number: str
    matter: str
    owner: str
    office: str
    """Which office of the owner carries it out; empty where the decision names none."""
    due: str
    scores: Mapping[str, int | None]
    differs: bool
    overdue: bool

    @property
    def done(self) -> bool:
        """Whether every party says that it is carried out in full."""
        return all(score == FULL for score in self.scores.values())


@dataclass(frozen=True, slots=True)
class Implementation:
    """How far the commitments are carried out, in the order of the law."""

    lines: tuple[Line, ...]
    columns: Mapping[str, Column]
    agreement: Agreement


@dataclass(frozen=True, slots=True)
class Keeping:
    """How the parties keep their clocks: altogether, and by each grouping."""

    totals: Mapping[str, Timeliness]
    groups: Mapping[Grouping, tuple[Group, ...]]


@dataclass(frozen=True, slots=True)
class OpenClock:
    """A clock that somebody still owes, or whose time is disputed."""

    id: str
    notice: str
    party: str
    started: str
    due: str
    """Empty while it stands and nobody knows until when."""
    state: str
    """`missed`, `running`, `standing` or `disputed`."""
    stood: int = 0
    """Seconds that have not counted for it, because the instrument was suspended."""


@dataclass(frozen=True, slots=True)
class OpenIncident:
    """An incident that is neither closed nor withdrawn."""

    number: str
    kind: str
    party: str
    opened: str
    state: str
    differs: bool


@dataclass(frozen=True, slots=True)
class OpenNotice:
    """A notice that waits for something: a joint text for a seal, a single release for its review, another for an
    answer to its faults."""

    number: str
    kind: str
    party: str
    at: str


@dataclass(frozen=True, slots=True)
class OpenText:
    """A common text that nobody has put forward to be sealed yet: the version that stands, and whose acceptance of a
    paragraph or more is awaited; nobody's once it is frozen."""

    number: str
    matter: str
    party: str
    version: int
    awaited: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class OpenItems:
    """Everything that is open, each list in the order in which it presses."""

    clocks: tuple[OpenClock, ...]
    incidents: tuple[OpenIncident, ...]
    texts: tuple[OpenText, ...]
    proposals: tuple[OpenNotice, ...]
    reviews: tuple[OpenNotice, ...]
    nonconforming: tuple[OpenNotice, ...]
    differing: tuple[Line, ...]
    slow: tuple[Line, ...]
    unscored: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class Point:
    """One point of an agenda: what is to be talked about, and why."""

    about: str
    """`commitment`, `decision`, `text`, `proposal`, `incident` or `clock`."""
    name: str
    """The identifier of the commitment or the clock, the spoken number of the notice."""
    party: str
    """Who owes the clocks or the decision, whose version of the text stands, who opened the incident; empty for a
    commitment."""
    reasons: tuple[str, ...]
    """Of `differs`, `slow`, `unscored`, `unfinished`, `overdue`, `unaccepted`, `frozen`, `unsealed`, `unsatisfactory`,
    `missed`, `disputed`."""
    count: int = 1
    """How many clocks it stands for."""


@dataclass(frozen=True, slots=True)
class Report:
    """A report; what its paper does not speak of is None."""

    paper: Paper
    at: str
    parties: tuple[str, ...]
    implementation: Implementation | None = None
    measures: tuple[Measure, ...] | None = None
    """What meetings decided; in papers of what is open, only what is not done."""
    keeping: Keeping | None = None
    open: OpenItems | None = None
    agenda: tuple[Point, ...] | None = None
    standstills: tuple[Standstill, ...] = ()
    """The times until its moment in which deadlines among all parties stood, because the instrument was suspended."""


def as_of(book: Book, law: Law) -> str:
    """The moment of a report: the earliest of those that the parties have come to, so that none moves it on alone.

    A party has come to the moment of the last conforming leaf of its newest log; one without any does not count. Before
    all of them, the beginning of the day on which the law was signed.
    """
    newest: dict[str, tuple[int, str]] = {}
    for origin, moment in book.reached.items():
        party = law.party_of(origin)
        if party is not None:
            newest[party.code] = max(newest.get(party.code, (0, "")), (epochs.of(origin), moment))
    return min((moment for _, moment in newest.values()), default=f"{law.signing.day}T00:00:00Z")


def report(paper: Paper, book: Book, law: Law, parties: Iterable[str], at: str) -> Report:
    """The report of a book at the moment `at`; `parties` in the order in which they are to be named."""
    still = tuple(each for each in book.standstills.get(EVERYONE, ()) if each.begin <= at and not each.only)
    return replace(_report(paper, book, law, tuple(parties), at), standstills=still)


def _report(paper: Paper, book: Book, law: Law, order: tuple[str, ...], at: str) -> Report:
    if paper is Paper.COMPLIANCE:
        return Report(paper, at, order, keeping=_keeping(book, law, order, at))
    standings = commitments.standings(book, law, f"{law.signing.day}T00:00:00Z")
    carried = implementation(standings, order, at)
    decided = measures(meetings.decisions(meetings.meetings(book, law)), order, at)
    if paper is Paper.IMPLEMENTATION:
        return Report(paper, at, order, implementation=carried, measures=decided)
    found, left = open_items(book, law, carried.lines, at), tuple(each for each in decided if not each.done)
    if paper is Paper.OPEN_ITEMS:
        return Report(paper, at, order, open=found, measures=left)
    points = agenda(carried.lines, left, found)
    return Report(paper, at, order, implementation=carried, open=found, measures=left, agenda=points)


def implementation(standings: Sequence[Standing], parties: Sequence[str], at: str) -> Implementation:
    """How far the commitments are carried out at a moment."""
    columns = (*parties, COMMITTEE)
    return Implementation(
        lines=tuple(_line(each, parties, at) for each in standings),
        columns={name: commitments.column(standings, name, EVER) for name in columns},
        agreement=commitments.agreement(standings, parties, EVER),
    )


def measures(decided: Iterable[Decision], parties: Sequence[str], at: str) -> tuple[Measure, ...]:
    """What was decided as it stands at a moment, in the order of the record."""
    return tuple(
        Measure(
            number=each.number,
            matter=each.facts["matter"],
            owner=next(iter(each.standing.commitment.owners), ""),
            office=each.facts.get("authority", ""),
            due=each.facts["due"],
            scores={party: each.standing.score(party, EVER) for party in parties},
            differs=each.standing.differs(parties, EVER),
            overdue=meetings.is_overdue(each, parties, at, EVER),
        )
        for each in decided
    )


def open_items(book: Book, law: Law, lines: Sequence[Line], at: str) -> OpenItems:
    """What is open at a moment."""
    reviews = (book.notices[number] for number, each in book.reviews.items() if each.done is None)
    proposals = (book.notices[text.number] for text in book.joint.values() if text.is_open)
    faulty = (each for each in book.nonconforming.values() if each.withdrawn_by is None)
    return OpenItems(
        clocks=tuple(_open_clocks(book, at)),
        incidents=tuple(_open_incidents(book)),
        texts=tuple(_open_texts(book, law)),
        proposals=_waiting(proposals),
        reviews=_waiting(reviews),
        nonconforming=_waiting(faulty),
        differing=tuple(line for line in lines if line.differs),
        slow=tuple(line for line in lines if line.slowdown is not None),
        unscored=tuple(line for line in lines if line.unscored),
    )


def agenda(lines: Sequence[Line], left: Sequence[Measure], found: OpenItems) -> tuple[Point, ...]:
    """What the next meeting may talk about: commitments in the order of the law, decisions that are not done, then
    texts, incidents and clocks."""
    overdue = (each for each in found.clocks if each.state in ("missed", "disputed"))
    clocks = Counter((each.id, each.party, each.state) for each in overdue)
    return (
        *(Point("commitment", line.id, "", reasons) for line in lines if (reasons := tuple(_reasons(line)))),
        *(Point("decision", each.number, each.owner, tuple(_left(each))) for each in left),
        *(
            Point("text", each.number, each.party, ("unaccepted" if each.awaited else "frozen",))
            for each in found.texts
        ),
        *(Point("proposal", each.number, each.party, ("unsealed",)) for each in found.proposals),
        *(Point("incident", each.number, each.party, why) for each in found.incidents if (why := _why(each))),
        *(Point("clock", id, party, (state,), count) for (id, party, state), count in sorted(clocks.items())),
    )


def figures(found: Report) -> dict[str, Any]:
    """A report as plain values for programs: codes, whole numbers, canonical moments; None where nothing is said."""
    said: dict[str, Any] = {"paper": found.paper.value, "at": found.at}
    if found.standstills:
        said["standstills"] = [_still_figures(each) for each in found.standstills]
    if found.implementation is not None:
        said |= _implementation_figures(found.implementation)
    if found.measures is not None:
        said["measures"] = [asdict(each) for each in found.measures]
    if found.keeping is not None:
        said["clocks"] = {party: asdict(each) for party, each in found.keeping.totals.items()}
        said["by"] = {
            by.value: {group.key: {party: asdict(each) for party, each in group.parties.items()} for group in groups}
            for by, groups in found.keeping.groups.items()
        }
    if found.open is not None:
        said["open"] = {
            "clocks": [asdict(each) for each in found.open.clocks],
            "incidents": [asdict(each) for each in found.open.incidents],
            "texts": [asdict(each) for each in found.open.texts],
            "proposals": [each.number for each in found.open.proposals],
            "reviews": [each.number for each in found.open.reviews],
            "nonconforming": [each.number for each in found.open.nonconforming],
            "differing": [each.id for each in found.open.differing],
            "slow": [each.id for each in found.open.slow],
            "unscored": [each.id for each in found.open.unscored],
        }
    if found.agenda is not None:
        said["agenda"] = [asdict(each) | {"reasons": list(each.reasons)} for each in found.agenda]
    return said


def _still_figures(found: Standstill) -> dict[str, Any]:
    """Who owes whom what stood; `end` is empty while nobody knows it."""
    parties = {"owing": found.owing, "owed": found.owed}
    return {"version": found.version, **parties, "begin": found.begin, "end": found.end}


def _implementation_figures(carried: Implementation) -> dict[str, Any]:
    columns = {
        _key(name): {"counts": list(each.counts), "unscored": each.unscored, "percent": each.whole_percent}
        for name, each in carried.columns.items()
    }
    agreed = {"equal": carried.agreement.equal, "compared": carried.agreement.compared}
    return {"columns": columns, "agreement": agreed, "commitments": [_line_figures(each) for each in carried.lines]}


def _line_figures(line: Line) -> dict[str, Any]:
    slow = line.slowdown
    return {
        "id": line.id,
        "article": line.article,
        "due": line.due,
        "scores": {_key(name): score for name, score in line.scores.items()},
        "differs": line.differs,
        "slow": slow is not None,
        "quiet_since": slow.quiet_since if slow else "",
        "expected": slow.expected if slow else None,
        "statements": line.statements,
    }


def _reasons(line: Line) -> Iterator[str]:
    found = {"differs": line.differs, "slow": line.slowdown is not None, "unscored": line.unscored}
    return (name for name, holds in found.items() if holds)


def _left(measure: Measure) -> Iterator[str]:
    yield "overdue" if measure.overdue else "unfinished"
    if measure.differs:
        yield "differs"


def _lacking(text: OpenText) -> str:
    return "unaccepted" if text.awaited else "frozen"


def _why(incident: OpenIncident) -> tuple[str, ...]:
    found = {"differs": incident.differs, "unsatisfactory": incident.state == State.UNSATISFACTORY}
    return tuple(name for name, holds in found.items() if holds)


def _line(standing: Standing, parties: Sequence[str], at: str) -> Line:
    promise = standing.commitment
    return Line(
        id=promise.id,
        article=promise.article,
        due=promise.due,
        scores={name: standing.score(name, EVER) for name in (*parties, COMMITTEE)},
        differs=standing.differs(parties, EVER),
        slowdown=standing.slowdown(at, EVER),
        statements=sum(1 for each in standing.statements if each.had),
    )


def _keeping(book: Book, law: Law, parties: Sequence[str], at: str) -> Keeping:
    owed: dict[str, list[Clock]] = {party: [] for party in parties}
    for clock in book.started.values():
        if clock.party in owed:
            owed[clock.party].append(clock)
    return Keeping(
        totals={party: compliance.timeliness(clocks, at) for party, clocks in owed.items()},
        groups={by: compliance.grouped(book, law, by, at, parties) for by in Grouping},
    )


def _open_clocks(book: Book, at: str) -> Iterator[OpenClock]:
    """Missed and running ones, the one due first in front, then those whose time is disputed."""
    for clock in book.running:
        yield _open_clock(clock, _OPEN[clock_display(clock, at)], at)
    for clock in book.clocks:
        if clock.disputed and not clock.voided:
            yield _open_clock(clock, "disputed", at)


def _open_clock(clock: Clock, state: str, at: str) -> OpenClock:
    due = "" if clock.due == UNKNOWN else clock.due
    return OpenClock(clock.id, clock.notice, clock.party, clock.started, due, state, seconds_stood(clock, at))


def _open_incidents(book: Book) -> Iterator[OpenIncident]:
    """The one whose first notice is the oldest in front; that notice is also what it is called by."""
    waiting = (each for each in book.incidents.values() if each.state not in _SETTLED)
    for each in sorted(waiting, key=lambda each: each.notices[0].order):
        first = each.notices[0]
        yield OpenIncident(each.number, first.kind, first.party, first.at, each.state, bool(each.differences))


def _open_texts(book: Book, law: Law) -> Iterator[OpenText]:
    for text in texts.texts(book, law):
        if text.state in (texts.State.OPEN, texts.State.FROZEN):
            last = text.last
            awaited = tuple(party for party in sorted(text.parties) if not last.is_accepted_by(party))
            yield OpenText(text.number, text.matter, last.notice.party, last.place, awaited)


def _waiting(notices: Iterable[Notice]) -> tuple[OpenNotice, ...]:
    return tuple(
        OpenNotice(each.number, each.kind, each.party, each.at) for each in sorted(notices, key=lambda each: each.order)
    )


def _key(column: str) -> str:
    return column or COMMITTEE_KEY

"""Pairs of notices of two parties: those that may be of one incident, and what both have said of any.

What was said stands in the record and is cheap to ask. What is proposed is computed when somebody asks, by one thread
beside those that answer, and needs the extra `analysis`; without it the pages show what was said and propose nothing.
A page waits for it no longer than `PATIENCE`. Then it shows what was computed last, up to which cut, and that it is
being computed anew.
"""

import threading
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

from mithaq.errors import Refusal
from mithaq.instrument.law import Kind, Law
from mithaq.instrument.statement import Statement
from mithaq.notices import incidents, matches
from mithaq.notices.book import Book, Incident, Notice, Stated
from mithaq.notices.matches import Standing
from mithaq.notices.thread import rules_of
from mithaq.prevention.pairs import Index, Pair, spoken_of
from mithaq_node.queries import instrument, ledgers

if TYPE_CHECKING:
    from mithaq.analysis.matching import Reason
    from mithaq.prevention.proposals import Proposal
    from mithaq.prevention.proposals import Standing as Proposing

MOST_LINES = 200
"""Shown of a group; counted and chosen from are all."""
PATIENCE = 1.5
"""Seconds that a page waits for what is being computed."""


@dataclass(frozen=True, slots=True)
class Line:
    """Two notices beside each other: this party's own first, where one of them is its own."""

    ours: Notice
    theirs: Notice
    reasons: tuple["Reason", ...]
    """In what they agree and differ; empty where one of them cannot be compared, and where nobody asked yet."""
    turned: bool
    """Whether the reasons name the other notice first."""
    band: str = ""
    """`propose` or `ask`; empty for a pair of which somebody has spoken."""
    standing: Standing | None = None
    """What the record says of it; None where nobody has spoken."""
    words: tuple[Statement, ...] = ()
    """The latest word of each party that has spoken, in the order of the record."""

    def awaits(self, party: str) -> bool:
        """Whether a party has one of the notices and has not spoken."""
        return self.ours.party == party and all(each.party != party for each in self.words)


@dataclass(frozen=True, slots=True)
class Group:
    """Pairs with which the same is to be done."""

    lines: tuple[Line, ...]
    """The first of them, at most `MOST_LINES`, with their reasons."""
    total: int
    """How many there are."""


@dataclass(frozen=True, slots=True)
class Computed:
    """How far what is proposed and asked goes."""

    is_installed: bool
    """Whether this node can propose at all."""
    is_current: bool
    """Whether it is of the record as it is now; otherwise it is being computed anew."""
    up_to: tuple[str, ...]
    """The spoken number of the last leaf of each log that it is of; empty where nothing has been computed yet."""


@dataclass(frozen=True, slots=True)
class Pairs:
    """Every pair of the book, by what is to be done with it; the surest or latest first."""

    proposed: Group
    asked: Group
    asserted: Group
    """One party has confirmed, the other has not spoken; those that await this party's word first."""
    confirmed: Group
    denied: Group
    computed: Computed


@dataclass(frozen=True)
class Beside:
    """An incident and another of which both parties have said that the two are one."""

    line: Line
    incident: Incident
    """The other one."""
    own: Incident
    """The one whose page it is."""

    @cached_property
    def accounts(self) -> Mapping[str, Mapping[str, Stated]]:
        """Each party's account, from the incident that it told of."""
        of_pair = {self.line.ours.party: self.line.ours.thread, self.line.theirs.party: self.line.theirs.thread}
        held = {each.number: each for each in (self.own, self.incident)}
        found = {party: held[thread].accounts.get(party) for party, thread in of_pair.items() if thread in held}
        return {party: account for party, account in found.items() if account}

    @cached_property
    def differing(self) -> frozenset[str]:
        """The fields that the two accounts state differently."""
        compared = rules_of(instrument.law()).compared
        return frozenset(each.field for each in incidents.differences(self.accounts, compared))


@dataclass(frozen=True, slots=True)
class _Said:
    """The pairs of a book of which somebody has spoken."""

    book: Book
    lines: tuple[Line, ...]
    """In the order of their keys, without reasons: most are never shown."""
    explained: dict[tuple[str, str], Line] = field(default_factory=dict)
    """Those that were shown, with their reasons."""


@dataclass(frozen=True, slots=True)
class _Found:
    """What was computed last, and of which book."""

    book: Book | None = None
    proposals: "tuple[Proposal, ...]" = ()


class _Follower:
    """What is known of the pairs of one law, kept up with the book. What was said never waits for what is computed."""

    def __init__(self, law: Law) -> None:
        self._law = law
        self._indexing = threading.Lock()
        self._index = Index(law)
        self._said: _Said | None = None
        self._ordering = threading.Lock()
        self._wanted = ledgers.book()
        self._found = _Found()
        self._worker = ThreadPoolExecutor(1, thread_name_prefix="pairs")
        self._running: Future[None] | None = None

    def book(self) -> Book:
        """What the record says now; what is computed next is of it. Taken in turn, so that no older book follows."""
        with self._ordering:
            self._wanted = ledgers.book()
            return self._wanted

    @cached_property
    def _proposing(self) -> "Proposing | None":
        return _proposing(self._law)

    def said(self, book: Book) -> tuple[Line, ...]:
        """The pairs of which somebody has spoken, without reasons."""
        return self._said_in(book).lines

    def explained(self, book: Book, line: Line) -> Line:
        """A line with its reasons."""
        if line.standing is None or self._proposing is None:
            return line
        known, numbers = self._said_in(book).explained, (line.ours.number, line.theirs.number)
        if numbers not in known:
            known[numbers] = replace(line, reasons=self._proposing.alike(line.ours, line.theirs))
        return known[numbers]

    def find(self, book: Book, reference: Mapping[str, str]) -> Notice | None:
        """The notice of a reference, where it is here and stands."""
        with self._indexing:
            self._index.follow(book)
            return self._index.find(book, matches.named(reference))

    def proposed(self) -> _Found | None:
        """What is proposed and asked, of the book that was taken last or, where that takes long, of an earlier one;
        None where this node has not what it takes."""
        if self._proposing is None:
            return None
        until = time.monotonic() + PATIENCE
        while self._found.book is not self._wanted:
            try:
                self._run(self._proposing).result(max(0, until - time.monotonic()))
            except TimeoutError:
                break
        return self._found

    def _run(self, proposing: "Proposing") -> Future[None]:
        """The computing that is at work; begun where none is."""
        with self._ordering:
            if self._running is None or self._running.done():
                self._running = self._worker.submit(self._compute, proposing, self._wanted)
            return self._running

    def _compute(self, proposing: "Proposing", book: Book) -> None:
        self._found = _Found(book, proposing.at(book))

    def _said_in(self, book: Book) -> _Said:
        with self._indexing:
            if self._said is None or self._said.book is not book:
                self._said = _Said(book, tuple(map(_said, spoken_of(book, self._index))))
            return self._said


_followers: dict[ledgers.Key, _Follower] = {}


def _follow() -> _Follower:
    key, sealed = ledgers.standing()
    return _followers.get(key) or _followers.setdefault(key, _Follower(sealed.law))


class _Every:
    """All pairs of the record as it is now, before anything is left out; reasons are made for what is shown."""

    def __init__(self) -> None:
        self._follower = _follow()
        self._book = self._follower.book()
        self._said = sorted(self._follower.said(self._book), key=_latest, reverse=True)
        found = self._follower.proposed()
        self.computed = _computed(found, self._book)
        spoken = {frozenset((each.ours.number, each.theirs.number)) for each in self._said}
        lines = (_proposed(self._book, each) for each in (found.proposals if found else ()))
        self._new = [each for each in lines if each and frozenset((each.ours.number, each.theirs.number)) not in spoken]

    def that_stand(self, *standings: Standing) -> list[Line]:
        """What was said, the latest first."""
        return [each for each in self._said if each.standing in standings]

    def in_band(self, band: str) -> list[Line]:
        """What nobody has spoken of, the surest first."""
        return [each for each in self._new if each.band == band]

    @property
    def asserted(self) -> list[Line]:
        own = instrument.own_party().code
        return sorted(self.that_stand(Standing.ASSERTED), key=lambda each: not each.awaits(own))

    @property
    def confirmed(self) -> list[Line]:
        return self.that_stand(Standing.CONFIRMED)

    @property
    def denied(self) -> list[Line]:
        return self.that_stand(Standing.DENIED, Standing.DISPUTED)

    @property
    def open(self) -> list[Line]:
        """What one party has confirmed, then what nobody has spoken of."""
        return [*self.asserted, *self.in_band("propose"), *self.in_band("ask")]

    def group(self, lines: Sequence[Line], most: int | None = None) -> Group:
        """The first of some, with their reasons; `MOST_LINES` unless fewer are wanted."""
        shown = lines[: MOST_LINES if most is None else most]
        return Group(tuple(self._follower.explained(self._book, each) for each in shown), len(lines))


def pairs() -> Pairs:
    """Everything proposed, asked, said and settled."""
    every = _Every()
    return Pairs(
        proposed=every.group(every.in_band("propose")),
        asked=every.group(every.in_band("ask")),
        asserted=every.group(every.asserted),
        confirmed=every.group(every.confirmed),
        denied=every.group(every.denied),
        computed=every.computed,
    )


def said() -> tuple[Line, ...]:
    """Every pair of which somebody has spoken, in the order of their keys and without reasons; computes nothing."""
    return _follow().said(ledgers.book())


def awaited(most: int) -> tuple[Group, Computed]:
    """What wants an officer's eye, what the other side has confirmed first; the first `most` of all."""
    every, own = _Every(), instrument.own_party().code
    return every.group([each for each in every.open if each.awaits(own)], most), every.computed


def with_incident(number: str) -> tuple[Group, Computed]:
    """What is proposed, asked or said of the notices of an incident, for its page; settled pairs last."""
    every = _Every()
    lines = (*every.open, *every.confirmed, *every.denied)
    return every.group([each for each in lines if number in (each.ours.thread, each.theirs.thread)]), every.computed


def beside(incident: Incident) -> Beside | None:
    """The incident that both parties have said to be the same as this one; the first where there are more. It reads the
    record alone and computes nothing."""
    book = ledgers.book()
    for line in _follow().said(book):
        threads = line.ours.thread, line.theirs.thread
        if line.standing is Standing.CONFIRMED and incident.number in threads:
            other = book.incidents.get(next((each for each in threads if each != incident.number), ""))
            if other is not None:
                return Beside(line, other, incident)
    return None


def kinds(law: Law) -> tuple[Kind | None, Kind | None]:
    """The kinds with which an officer confirms and denies a pair; None where the instrument has none."""
    confirming, denying = (
        next((each for each in law.kinds if facet in each.facets), None)
        for facet in (matches.CONFIRMED, matches.DENIED)
    )
    return confirming, denying


def require_own_pair(kind: Kind, content: Mapping[str, Any]) -> None:
    """Refuse a draft that would say of a pair what nobody could hear: the first notice is not this party's, the second
    not another's, or one of them can never be matched. A pair that is not whole yet is left to the compiler."""
    if set(kind.facets).isdisjoint(matches.WORDS) or not {matches.OURS, matches.THEIRS} <= content.keys():
        return
    matches.check_own(content[matches.OURS], content[matches.THEIRS], instrument.own_party().domain)
    book = ledgers.book()
    for name in (matches.OURS, matches.THEIRS):
        found = _follow().find(book, content[name])
        defined = instrument.law_of(found.leaf).kind(found.kind) if found else None
        if found is None or defined is None or matches.SIGHTING not in defined.facets:
            raise Refusal("match.never-paired", field=name, number=found.number if found else content[name]["id"])


def _proposing(law: Law) -> "Proposing | None":
    try:
        from mithaq.prevention.proposals import Standing as Proposing
    except ModuleNotFoundError as error:
        if error.name != "numpy":
            raise
        return None
    return Proposing(law)


def _computed(found: _Found | None, book: Book) -> Computed:
    if found is None:
        return Computed(is_installed=False, is_current=True, up_to=())
    return Computed(
        is_installed=True,
        is_current=found.book is book,
        up_to=ledgers.up_to(found.book.cut) if found.book else (),
    )


def _proposed(book: Book, proposal: "Proposal") -> Line | None:
    """A proposal as a line; None where it was made of an earlier book and one of the two has fallen or the two are
    linked since."""
    first, second = book.notices.get(proposal.first), book.notices.get(proposal.second)
    if first is None or second is None or first.thread == second.thread or first.withdrawn_by or second.withdrawn_by:
        return None
    turned = second.party == instrument.own_party().code
    ours, theirs = (second, first) if turned else (first, second)
    return Line(ours, theirs, proposal.reasons, turned, proposal.band.value)


def _said(pair: Pair) -> Line:
    first, second = sorted(pair.notices, key=lambda each: each.party)
    turned = second.party == instrument.own_party().code
    ours, theirs = (second, first) if turned else (first, second)
    words = tuple(sorted(pair.match.said.values(), key=lambda each: each.order))
    return Line(ours, theirs, (), turned, standing=pair.standing, words=words)


def _latest(line: Line) -> tuple[int, str, int]:
    return line.words[-1].order

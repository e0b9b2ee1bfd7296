"""Every thread of a ledger, folded, and what is summed up over them. Only those that were touched are folded again."""

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from mithaq.activities import plans
from mithaq.corridors import clearance, crossings, flows, segments, suspensions
from mithaq.notices import matches, roles
from mithaq.notices.book import (
    Agreed,
    Book,
    Clock,
    Compliance,
    Cut,
    Erasure,
    Incident,
    Notice,
    Review,
    Waiting,
    due_first,
    row,
)
from mithaq.notices.cuts import audience_of
from mithaq.notices.entry import Entry
from mithaq.notices.facets import Facets
from mithaq.notices.joint import JointText
from mithaq.notices.layers import Grouped, Growing
from mithaq.notices.suspending import Standstill
from mithaq.notices.thread import FACET_FOLDS, Folded, fold, row_keys


class Threads:
    """What a ledger has folded so far."""

    def __init__(self, highest: str) -> None:
        self._highest = highest
        """The precedence of what must not wait."""
        self.waiting: list[Waiting] = []
        self.agreements: dict[str, Agreed] = {}
        self.erasures: list[Erasure] = []
        self.unjudged: list[str] = []
        """Notices made under a version in force that is not held here, or that entered one while clocks may stand."""
        self.moved: set[str] | None = None
        """Numbers of the notices whose threads were folded again since somebody asked; None before anybody has."""
        self._members: dict[Entry, list[Entry]] = {}
        self._touched: set[Entry] = set()
        self._folded: dict[Entry, Folded] = {}
        self._notices: Growing[str, Notice] = Growing()
        self._by_kind: Grouped[str, str, Notice] = Grouped()
        self._incidents: Growing[str, Incident] = Growing()
        self._clocks: Growing[tuple[str, str, str], Clock] = Growing()
        self._running: dict[tuple[str, str, str], Clock] = {}
        self._pressing: dict[str, Notice] = {}
        self._compliance: dict[tuple[str, str], Counter[str]] = {}
        self._reviews: Growing[str, Review] = Growing()
        self._joint: dict[str, JointText] = {}
        self._nonconforming: Growing[str, Notice] = Growing()
        self._rows: Growing[str, bytes] = Growing()
        self._summed: set[str] = set()
        """The keys of the rows that are no thread's and no facet's."""
        self._counted: Counter[tuple[str, str]] = Counter()
        self._incomplete: dict[str, None] = {}
        self._facets = Facets(FACET_FOLDS)
        self._still: Mapping[str, tuple[Standstill, ...]] = {}

    def take(self, entry: Entry) -> None:
        """Put a new entry into the thread of the notices it refers to, which may join several threads into one."""
        header = entry.source.leaf.header if entry.source.leaf else None
        if header is not None and header.kind in roles.MACHINE_KINDS and not entry.verdict:
            return
        self._members[entry] = [entry]
        self._touched.add(entry)
        for target in entry.refers:
            if _root(target) in self._members:
                self._join(_root(target), _root(entry))

    def touch(self, entry: Entry) -> None:
        root = _root(entry)
        if root in self._members:
            self._touched.add(root)

    def stand(self, still: Mapping[str, tuple[Standstill, ...]]) -> None:
        """From when until when clocks stand, audience by audience. Where that has changed, every thread is folded again
        in which a clock ran then."""
        before, after = (
            {(audience, each) for audience, found in known.items() for each in found} for known in (self._still, still)
        )
        self._still = still
        if before != after:
            since = min(each.begin for _, each in before ^ after)
            folded = self._folded.items()
            self._touched.update(root for root, each in folded if any(_ran(clock, since) for clock in each.clocks))

    def _join(self, one: Entry, other: Entry) -> None:
        if one is other:
            return
        if len(self._members[one]) < len(self._members[other]):
            one, other = other, one
        other.thread = one
        self._members[one] += self._members.pop(other)
        self._touched.discard(other)
        self._touched.add(one)
        self._remove(self._folded.pop(other, None))

    def book(self, cut: Cut, reached: Mapping[str, str], version: int) -> Book:
        self._fold_threads()
        self._fold_facets()
        waiting = tuple(sorted(self.waiting))
        compliance = {key: _compliance(counter) for key, counter in sorted(self._compliance.items()) if counter.total()}
        self._sum_up(compliance, waiting)
        return Book(
            cut=cut,
            reached=reached,
            rules=version,
            notices=self._notices.snapshot(),
            incidents=self._incidents.snapshot(),
            crossings={(key[0], key[1], key[2]): state for key, state in self._facets.states(crossings.FACET).items()},
            segments={(key[0], key[1], key[2]): state for key, state in self._facets.states(segments.FACET).items()},
            clearances={key[0]: state for key, state in self._facets.states(clearance.FACET).items()},
            foreseen={(key[0], key[1], key[2]): each for key, each in self._facets.states(suspensions.FACET).items()},
            flows={(key[0], key[1], key[2]): state for key, state in self._facets.states(flows.FACET).items()},
            plans={key[0]: plan for key, plan in self._facets.states(plans.FACET).items()},
            matches={(key[0], key[1]): match for key, match in self._facets.states(matches.FACET).items()},
            nonconforming=self._nonconforming.snapshot(),
            waiting=waiting,
            reviews=self._reviews.snapshot(),
            joint=dict(self._joint),
            compliance=compliance,
            agreements=dict(self.agreements),
            counted={key: count for key, count in self._counted.items() if count},
            incomplete=tuple(sorted({*self._incomplete, *self.unjudged})),
            unjudged=tuple(self.unjudged),
            erasures=tuple(self.erasures),
            started=self._clocks.snapshot(),
            standstills=self._still,
            running=tuple(sorted(self._running.values(), key=due_first)),
            pressing=tuple(sorted(self._pressing.values(), key=lambda notice: notice.order)),
            state_rows=self._rows.snapshot(),
            by_kind=self._by_kind.snapshot(),
        )

    def _sum_up(self, compliance: Mapping[tuple[str, str], Compliance], waiting: Iterable[Waiting]) -> None:
        """The rows that are sums over threads, in place of those of the last book."""
        rows = dict(row(f"compliance/{party}/{id}", _count_row(each)) for (party, id), each in compliance.items())
        rows |= dict(row(f"waiting/{each.number}/{each.log}/{each.wants}", {}) for each in waiting)
        rows |= dict(
            row(each.key(audience), {"begin": each.begin, "end": each.end or None})
            for audience, found in self._still.items()
            for each in found
        )
        for key in self._summed - rows.keys():
            self._rows.drop(key)
        for key, encoded in rows.items():
            self._rows[key] = encoded
        self._summed = set(rows)

    def _fold_threads(self) -> None:
        if self._folded:
            for root in self._touched:
                self._remove(self._folded.pop(root, None))
        notices: dict[str, Notice] = {}
        made: dict[str, bytes] = {}
        for root in self._touched:
            still = self._still.get(audience_of(root.origin), ()) if self._still else ()
            folded, rows = fold(self._members[root], still)
            self._insert(root, folded)
            made.update(rows)
            for notice in folded.notices:
                notices[notice.number] = notice
        self._show(notices)
        self._rows.update(made)
        self._touched.clear()

    def _remove(self, folded: Folded | None) -> None:
        if folded is None:
            return
        if self.moved is not None:
            self.moved.update([notice.number for notice in folded.notices])
        for notice in folded.notices:
            self._notices.drop(notice.number)
            self._by_kind.drop(notice.kind, notice.number)
            self._nonconforming.drop(notice.number)
            self._pressing.pop(notice.number, None)
        if folded.incident is not None:
            self._incidents.drop(folded.incident.number)
        for clock in folded.clocks:
            self._clocks.drop(_key(clock))
            self._running.pop(_key(clock), None)
            self._count(clock, -1)
        for review in folded.reviews:
            self._reviews.drop(review.notice)
        for text in folded.joint:
            self._joint.pop(text.number, None)
        for key in row_keys(folded):
            self._rows.drop(key)
        for number in folded.incomplete:
            self._incomplete.pop(number, None)
        self._counted.subtract(folded.counted)
        for facet, facet_key, statement in folded.statements:
            self._facets.drop(facet, facet_key, statement.number)

    def _show(self, notices: Mapping[str, Notice]) -> None:
        """Take in many notices at once."""
        self._notices.update(notices)
        if self.moved is not None:
            self.moved.update(notices)
        kinds: dict[str, dict[str, Notice]] = {}
        for number, notice in notices.items():
            found = kinds.get(notice.kind)
            if found is None:
                found = kinds[notice.kind] = {}
            found[number] = notice
            if notice.refusals:
                self._nonconforming[number] = notice
            if notice.precedence == self._highest and notice.is_unopened:
                self._pressing[number] = notice
        for kind, found in kinds.items():
            self._by_kind.update(kind, found)

    def _insert(self, root: Entry, folded: Folded) -> None:
        """Take in what a thread says beside its notices."""
        self._folded[root] = folded
        if folded.incident is not None:
            self._incidents[folded.incident.number] = folded.incident
        for clock in folded.clocks:
            self._clocks[_key(clock)] = clock
            self._count(clock, 1)
            if clock.is_running:
                self._running[_key(clock)] = clock
        for review in folded.reviews:
            self._reviews[review.notice] = review
        for text in folded.joint:
            self._joint[text.number] = text
        for number in folded.incomplete:
            self._incomplete[number] = None
        for counted in folded.counted:
            self._counted[counted] += 1
        for facet, facet_key, statement in folded.statements:
            self._facets.add(facet, facet_key, statement)

    def _count(self, clock: Clock, by: int) -> None:
        """How each party met each clock, by one rule: what is voided counts nowhere."""
        if not clock.voided:
            key = clock.party, clock.id
            found = self._compliance.get(key)
            if found is None:
                found = self._compliance[key] = Counter()
            found[_outcome(clock)] += by

    def _fold_facets(self) -> None:
        for key, encoded in self._facets.fold():
            if encoded is None:
                self._rows.drop(key)
            else:
                self._rows[key] = encoded


def _root(entry: Entry) -> Entry:
    """The entry that stands for the thread; the way to it is shortened in passing."""
    root = entry
    while root.thread is not None:
        root = root.thread
    while entry.thread is not None:
        entry.thread, entry = root, entry.thread
    return root


def _key(clock: Clock) -> tuple[str, str, str]:
    return clock.notice, clock.id, clock.party


def _ran(clock: Clock, since: str) -> bool:
    """Whether time after `since` may count for a clock: it was neither due by then nor answered."""
    answered = "" if clock.stopped is None else max(clock.stopped, clock.answer_received or "")
    return clock.due > since and (not answered or answered > since)


def _compliance(counter: Counter[str]) -> Compliance:
    """What is disputed is neither met nor late."""
    return Compliance(started=counter.total(), **{outcome: count for outcome, count in counter.items() if count})


def _outcome(clock: Clock) -> str:
    if clock.stopped is None:
        return "open"
    if clock.disputed:
        return "disputed"
    return "met" if clock.stopped <= clock.due else "late"


def _count_row(each: Compliance) -> Mapping[str, Any]:
    counts = {"disputed": each.disputed, "late": each.late, "met": each.met, "open": each.open}
    return {"started": each.started, **counts}

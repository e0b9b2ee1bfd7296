"""The fold of one thread: the notices that refer to each other, in the order of the record.

It reads roles, facets and coded facts; it never reads the name of a kind, a text, or the clock on the wall. The
result is replaced as a whole whenever a leaf joins the thread or a receipt moves one of its notices.
"""

from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any

from mithaq import moments
from mithaq.activities import plans
from mithaq.corridors import clearance, crossings, flows, segments, suspensions
from mithaq.instrument.law import Clock as ClockRule
from mithaq.instrument.law import Law, Party
from mithaq.instrument.statement import Statement
from mithaq.notices import clocks, incidents, joint, matches, roles, suspending
from mithaq.notices.book import Clock, Incident, Ladder, Notice, Review, Stated, Step, Stood, Value, row
from mithaq.notices.entry import Entry
from mithaq.notices.incidents import State
from mithaq.notices.joint import JointText
from mithaq.notices.suspending import Standstill
from mithaq.notices.versions import NOT_HELD

FACET_FOLDS: Mapping[str, Any] = {
    **{fold.FACET: fold for fold in (crossings, suspensions, segments, clearance, flows)},
    **dict.fromkeys((plans.FACET, *plans.STEPS), plans),
    **dict.fromkeys((matches.FACET, *matches.WORDS), matches),
}
"""Facet to the fold that reads it; what a fold makes of its facets stands under its own, `FACET`."""

_OPENING = frozenset({roles.OPENS, roles.ASKS})
_ACCOUNTS = frozenset({roles.OPENS, roles.ADDS, roles.ANSWERS})
_ANSWERING = frozenset({roles.ANSWERS, roles.REFUSES, roles.JUDGES, roles.SEALS})
_REOPENING = frozenset({State.ACKNOWLEDGED, State.UNSATISFACTORY, State.MEASURES})


class Rules:
    """What folding asks of one version of the law, looked up once. What a notice starts keeps to its version's."""

    def __init__(self, law: Law) -> None:
        self.law = law
        self.parties: Mapping[str, Party] = {party.code: party for party in law.parties}
        self.skew = law.limits.skew
        self.review_minutes = law.limits.review
        self.clocks_of: dict[str, list[ClockRule]] = {}
        self.nonconformance = [rule for rule in law.clocks if rule.start == clocks.NONCONFORMANCE]
        self.fields: dict[str, dict[str, tuple[str, str]]] = {}
        for kind in law.kinds:
            self.clocks_of[kind.name] = [rule for rule in law.clocks if kind.name in rule.kinds]
            self.fields[kind.name] = {field.name: (field.type, field.codes) for field in kind.fields}
        self.compared = frozenset(
            name
            for fields in self.fields.values()
            for name, (type_name, _) in fields.items()
            if type_name in incidents.COMPARED_TYPES
        )


class Folded(Value, frozen=True):
    """What a thread adds to the book."""

    notices: tuple[Notice, ...]
    incident: Incident | None
    clocks: tuple[Clock, ...]
    reviews: tuple[Review, ...]
    joint: tuple[JointText, ...]
    statements: tuple[tuple[str, tuple[str, ...], Statement], ...]
    """(facet, key, statement)."""
    counted: tuple[tuple[str, str], ...]
    """(party, kind) of each conforming notice."""
    incomplete: tuple[str, ...]


Rows = Iterable[tuple[str, bytes]]
"""The state rows of a thread; `Folded` does not hold them twice."""


_rules: dict[int, Rules] = {}
_MOST_RULES = 64


def rules_of(law: Law) -> Rules:
    """The rules of a law, made at its first use and kept while the law is the same value in memory."""
    found = _rules.get(id(law))
    if found is None or found.law is not law:
        if len(_rules) >= _MOST_RULES:
            _rules.clear()
        found = _rules[id(law)] = Rules(law)
    return found


def fold(members: Iterable[Entry], still: Sequence[Standstill] = ()) -> tuple[Folded, Rows]:
    """The thread of `members`, in whatever order they come; `still` are the times in which clocks of their audience
    stand."""
    folded = _Thread(sorted(members, key=lambda entry: entry.order), still).folded()
    return folded, _rows(folded)


def corrected(
    facts: Mapping[str, Any], law: Law, kind: str, corrections: Iterable[tuple[Law, str, Mapping[str, Any] | None]]
) -> Mapping[str, Any]:
    """The facts of a notice of this law and kind with the same-named fields of corrections in place of the first ones;
    each correction is its law, its kind and its facts, in the order of the record."""
    fields, made = rules_of(law).fields.get(kind, {}), dict(facts)
    for other, name, said in corrections:
        theirs = rules_of(other).fields.get(name, {})
        for field, value in (said or {}).items():
            if field in fields and fields[field] == theirs.get(field) and field not in incidents.NEVER_COMPARED:
                made[field] = value
    return made


class _Thread:
    def __init__(self, members: Sequence[Entry], still: Sequence[Standstill]) -> None:
        self.members = members
        self.still = still
        self.standing = [entry for entry in members if entry.kind is not None and not entry.refusals]
        self.withdrawn = self._withdrawals()
        self.active = [entry for entry in self.standing if entry not in self.withdrawn]
        self.corrections = self._corrections()
        self.facts = {entry: self._corrected(entry) for entry in self.standing}

    def folded(self) -> Folded:
        started = self._clocks()
        reviews = self._reviews()
        texts = tuple([self._joint(entry) for entry in self.standing if joint.is_proposal(entry.kind)])
        notices = tuple([self._notice(entry) for entry in self.members])
        incident = self._incident(notices, started)
        return Folded(
            notices=notices,
            incident=incident,
            clocks=started,
            reviews=reviews,
            joint=texts,
            statements=tuple(self._statements()),
            counted=tuple([_counted(entry.party, entry.kind.name) for entry in self.standing if entry.kind]),
            incomplete=tuple(
                [
                    entry.number
                    for entry in self.members
                    if entry.source.facts is None and entry.kind and entry.counts_facts and not entry.verdict
                ]
            ),
        )

    def _withdrawals(self) -> dict[Entry, Entry]:
        """Withdrawn notice to the first notice that withdraws it."""
        found: dict[Entry, Entry] = {}
        for entry in self.standing:
            if entry.role == roles.WITHDRAWS:
                for target in entry.refers:
                    found.setdefault(target, entry)
        return found

    def _corrections(self) -> dict[Entry, list[Entry]]:
        found: dict[Entry, list[Entry]] = {}
        for entry in self.active:
            if entry.role == roles.CORRECTS:
                for target in entry.refers:
                    found.setdefault(target, []).append(entry)
        return found

    def _corrected(self, entry: Entry) -> Mapping[str, Any] | None:
        """The facts with the same-named fields of later corrections in place of the first ones."""
        facts = entry.source.facts if entry.counts_facts else None
        corrections = self.corrections.get(entry)
        if facts is None or not corrections:
            return facts
        name = entry.kind.name if entry.kind else ""
        theirs = ((each.law, each.kind.name if each.kind else "", each.facts) for each in corrections)
        return corrected(facts, entry.law, name, theirs)

    def _statements(self) -> Iterable[tuple[str, tuple[str, ...], Statement]]:
        for entry in self.active:
            facts = self.facts[entry]
            if facts is None or entry.kind is None or not entry.kind.facets:
                continue
            for facet in entry.kind.facets:
                if facet in FACET_FOLDS and entry.role != roles.CORRECTS:
                    refers = tuple(target.number for target in entry.refers)
                    statement = Statement(entry.party, entry.number, entry.at, entry.order, facts, facet, refers)
                    for key in FACET_FOLDS[facet].keys(statement):
                        yield FACET_FOLDS[facet].FACET, key, statement

    def _reviews(self) -> tuple[Review, ...]:
        return tuple(
            [
                self._review(entry)
                for entry in self.standing
                if entry.source.leaf and entry.source.leaf.header.release == "one" and entry.role != roles.SEALS
            ]
        )

    def _review(self, entry: Entry) -> Review:
        seconds = moments.parse(entry.at).seconds + rules_of(entry.law).review_minutes * moments.MINUTE
        done = next((later for later in self.active if joint.is_review(later.kind) and entry in later.refers), None)
        by, at = (done.number, done.at) if done else (None, None)
        return Review(entry.number, entry.party, moments.format(moments.nearest(seconds)), by, at)

    def _joint(self, entry: Entry) -> JointText:
        """Who has sealed a proposal. Only what came before a withdrawal of it counts."""
        withdrawn = self.withdrawn.get(entry)
        assents: dict[str, str] = {}
        for later in self.active:
            sealed = joint.is_assent(later.kind) and entry in later.refers
            if sealed and (withdrawn is None or later.order < withdrawn.order):
                assents.setdefault(later.party, later.number)
        return JointText(entry.number, entry.party, entry.addressees, assents, withdrawn is not None)

    def _clocks(self) -> tuple[Clock, ...]:
        found: list[Clock] = []
        for entry in self.members:
            rules = rules_of(entry.law)
            if any(each.code == NOT_HELD for each in entry.refusals):
                applying = []  # whether it conforms shows once its version is at hand
            elif entry.refusals:
                applying = rules.nonconformance
            else:
                applying = rules.clocks_of.get(entry.kind.name, []) if entry.kind else []
            for rule in applying:
                if rule.precedence and self._precedence(entry) not in rule.precedence:
                    continue
                found += (
                    self._told(entry, rule) if rule.start.startswith(clocks.BEFORE) else self._clocks_of(entry, rule)
                )
        return tuple(found)

    def _told(self, entry: Entry, rule: ClockRule) -> Iterable[Clock]:
        """The clock that asks whether a notice came early enough before an instant that it states. It is decided as
        soon as the facts count: every addressee has them then, and the last receipt is when all had been told."""
        instant = _instant(self.facts.get(entry), rule.start.removeprefix(clocks.BEFORE), "from")
        told = max(entry.readable.values(), key=lambda step: (step.at, step.log), default=None)
        if instant is None or told is None:
            return
        due = clocks.due(rule, instant, rules_of(entry.law).parties[entry.party])
        voided = entry in self.withdrawn
        yield Clock(
            id=rule.id,
            notice=entry.number,
            party=entry.party,
            started=entry.at,
            start=entry.sealed,
            due=due,
            stopped=None if voided else told.at,
            stopped_by=None if voided else entry.number,
            voided=voided,
        )

    def _precedence(self, entry: Entry) -> str:
        return entry.source.leaf.header.precedence if entry.source.leaf else ""

    def _clocks_of(self, entry: Entry, rule: ClockRule) -> Iterable[Clock]:
        obliged = (entry.party,) if rule.obliged == clocks.SENDER else entry.addressees
        for party in obliged:
            start = self._start(entry, rule, party)
            if start is not None:
                yield self._clock(entry, rule, party, start)

    def _start(self, entry: Entry, rule: ClockRule, party: str) -> Step | None:
        """The leaf and the instant that start the clock for `party`; None while there is none."""
        if rule.start.startswith(clocks.STATED):
            instant = _instant(self.facts.get(entry), rule.start.removeprefix(clocks.STATED), "until")
            return Step(entry.origin, entry.index, instant) if instant is not None else None
        steps = entry.readable if rule.start == clocks.RECEIPT else entry.delivered
        if party != entry.party:
            return steps.get(party)
        return min(steps.values(), key=lambda step: (step.at, step.log), default=None)

    def _clock(self, entry: Entry, rule: ClockRule, party: str, start: Step) -> Clock:
        rules = rules_of(entry.law)
        obliged, still = rules.parties[party], self._still(entry, party)
        answer = self._answer(entry, rule, party)
        if answer is None:
            found, voided = clocks.deadline(rule, start.at, obliged, still), entry in self.withdrawn
            return Clock(
                rule.id,
                entry.number,
                party,
                start.at,
                start,
                found.due,
                voided=voided,
                stood=found.stood,
                left=found.left,
            )
        asker = entry.party if party != entry.party else min(entry.delivered, default="")
        receipt = answer.delivered.get(asker)
        received = receipt.at if receipt else None
        last = max(answer.at, received or answer.at)
        found = clocks.deadline(rule, start.at, obliged, [each for each in still if each[0] < last])
        return Clock(
            id=rule.id,
            notice=entry.number,
            party=party,
            started=start.at,
            start=start,
            due=found.due,
            stopped=answer.at,
            stopped_by=answer.number,
            answer_received=received,
            disputed=clocks.is_disputed(answer.at, received, found.due, rules.skew),
            stood=found.stood,
            left=found.left,
        )

    def _still(self, entry: Entry, party: str) -> list[Stood]:
        """The times that do not count for what a notice starts for `party`: those in which its kind does not go on."""
        if not self.still:
            return []
        kind = entry.source.leaf.header.kind if entry.source.leaf else ""
        owed = (entry.party,) if party != entry.party else entry.addressees
        return suspending.not_counted(self.still, kind, party, owed)

    def _answer(self, entry: Entry, rule: ClockRule, party: str) -> Entry | None:
        """The first notice of `party` with an answering role that refers to `entry`, at once or through others."""
        if not entry.referred_by:
            return None
        reaching, frontier = set[Entry](), [entry]
        while frontier:
            for later in frontier.pop().referred_by:
                if later not in reaching:
                    reaching.add(later)
                    frontier.append(later)
        return next(
            (
                later
                for later in self.active
                if later.party == party
                and later.role in rule.answered_by
                and later in reaching
                and not joint.is_review(later.kind)
            ),
            None,
        )

    def _notice(self, entry: Entry) -> Notice:
        leaf = entry.source.leaf
        withdrawn = self.withdrawn.get(entry)
        return Notice(
            entry.number,
            entry.origin,
            entry.index,
            entry.party,
            entry.order,
            leaf,
            entry.source.encoded,
            leaf.header.kind if leaf else "",
            entry.role,
            entry.at,
            leaf.header.precedence if leaf else "",
            leaf.header.release if leaf else "",
            facts=self.facts.get(entry),
            stated=entry.source.facts,
            refusals=entry.refusals,
            refers=tuple([target.number for target in entry.refers]),
            thread=self.members[0].number,
            ladder={party: self._ladder(entry, party) for party in entry.addressees},
            corrected_by=tuple([correction.number for correction in self.corrections.get(entry, ())]),
            withdrawn_by=withdrawn.number if withdrawn else None,
        )

    def _ladder(self, entry: Entry, party: str) -> Ladder:
        if not entry.referred_by:
            return Ladder(entry.sealed, entry.delivered.get(party), entry.readable.get(party))
        replies = [later for later in entry.referred_by if later.party == party and not later.refusals]
        opened = min(replies, key=lambda later: later.order, default=None)
        answers = [later for later in replies if later.role in _ANSWERING and later not in self.withdrawn]
        answered = min(answers, key=lambda later: later.order, default=None)
        return Ladder(
            sealed=entry.sealed,
            delivered=entry.delivered.get(party),
            readable=entry.readable.get(party),
            opened=opened.sealed if opened else None,
            answered=answered.sealed if answered else None,
            referred=max((later.order for later in replies), default=None),
        )

    def _incident(self, notices: tuple[Notice, ...], started: tuple[Clock, ...]) -> Incident | None:
        openers = [entry for entry in self.standing if entry.role in _OPENING]
        if not openers:
            return None
        accounts = self._accounts()
        differing = incidents.differences(accounts, rules_of(openers[0].law).compared)
        state, closed_by = self._state(openers, incidents.disagree(accounts, differing))
        return Incident(
            number=notices[0].number,
            state=state,
            party=openers[0].party,
            opened_at=openers[0].at,
            notices=notices,
            accounts=accounts,
            differences=differing,
            clocks=started,
            closed_by=closed_by,
        )

    def _accounts(self) -> dict[str, dict[str, Stated]]:
        """Party to field to what it states last, for every party that gave an account."""
        accounts: dict[str, dict[str, Stated]] = {}
        for entry in self.active:
            facts = self.facts[entry]
            if entry.role in _ACCOUNTS and facts:
                account = accounts.setdefault(entry.party, {})
                account.update({name: Stated(value, entry.number) for name, value in facts.items()})
        return accounts

    def _state(self, openers: Sequence[Entry], differ: bool) -> tuple[State, frozenset[str]]:
        """Where the incident stands, and whose closings count."""
        first = openers[0].order
        parties = frozenset((openers[0].party, *openers[0].addressees))
        state, closed_by = State.REPORTED, frozenset[str]()
        for entry in self.active:
            if entry.order <= first:
                continue
            move = self._move(entry)
            if entry.role == roles.WITHDRAWS and self._all_withdrawn(openers, entry):
                move = incidents.Move.WITHDRAW
            if entry.role == roles.CLOSES:
                closed_by |= {entry.party}
                move = incidents.closing_move(closed_by, parties, differ)
            state = incidents.moved(state, move)
            if state in _REOPENING and entry.role != roles.CLOSES:
                closed_by = frozenset()
        return state, closed_by

    def _all_withdrawn(self, openers: Sequence[Entry], by: Entry) -> bool:
        """Whether every notice that opened the incident is withdrawn, the last of them at the latest by `by`."""
        found = [self.withdrawn.get(opener) for opener in openers]
        return all(each is not None and each.order <= by.order for each in found)

    def _move(self, entry: Entry) -> incidents.Move | None:
        answers_itself = entry.role in _ANSWERING and all(target.party == entry.party for target in entry.refers)
        if answers_itself:
            return None
        asked = any(target.role == roles.ASKS and target.party != entry.party for target in entry.refers)
        return incidents.move_of(entry.role, self.facts[entry], asked=asked)


def _instant(facts: Mapping[str, Any] | None, field: str, end: str) -> str | None:
    """The instant that a field states; of an interval, the end of it that is named."""
    value = (facts or {}).get(field)
    instant = value[end] if isinstance(value, dict) else value
    return instant if isinstance(instant, str) else None


@lru_cache(maxsize=4_096)
def _counted(party: str, kind: str) -> tuple[str, str]:
    """One pair for all notices of a party and a kind."""
    return party, kind


def row_keys(folded: Folded) -> list[str]:
    """The keys of the state rows of a thread, in the order in which `fold` gives the rows."""
    keys = [f"notice/{notice.number}" for notice in folded.notices]
    keys += [f"clock/{clock.notice}/{clock.id}/{clock.party}" for clock in folded.clocks]
    keys += [f"review/{review.notice}" for review in folded.reviews]
    keys += [f"joint/{text.number}" for text in folded.joint]
    keys += [f"incident/{folded.incident.number}"] if folded.incident is not None else []
    return keys


def _rows(folded: Folded) -> Rows:
    values = [_notice_row(notice) for notice in folded.notices]
    values += [_clock_row(clock) for clock in folded.clocks]
    values += [_review_row(review) for review in folded.reviews]
    values += [_joint_row(text) for text in folded.joint]
    values += [_incident_row(folded.incident)] if folded.incident is not None else []
    return map(row, row_keys(folded), values)


def _notice_row(notice: Notice) -> Mapping[str, Any]:
    return {
        "facts": notice.facts,
        "ladder": {party: _ladder_row(ladder) for party, ladder in notice.ladder.items()},
        "order": notice.order[0],
        "refers": notice.refers,
        "refusals": sorted({refusal.code for refusal in notice.refusals}) if notice.refusals else (),
        "thread": notice.thread,
        "withdrawn": notice.withdrawn_by,
    }


def _ladder_row(ladder: Ladder) -> Mapping[str, Any]:
    steps = {}
    if ladder.delivered is not None:
        steps["delivered"] = _step_row(ladder.delivered)
    if ladder.readable is not None:
        steps["readable"] = _step_row(ladder.readable)
    if ladder.opened is not None:
        steps["opened"] = _step_row(ladder.opened)
    if ladder.answered is not None:
        steps["answered"] = _step_row(ladder.answered)
    return steps


def _step_row(step: Step) -> tuple[str, int]:
    return step.log, step.index


def _clock_row(clock: Clock) -> Mapping[str, Any]:
    """What a suspension did to a clock stands in its row only where it did something."""
    standing = {"stood": [(begin, end or None) for begin, end in clock.stood]} if clock.stood else {}
    return (
        standing
        | ({"left": clock.left} if clock.has_no_due else {})
        | {
            "disputed": clock.disputed,
            "due": None if clock.has_no_due else clock.due,
            "received": clock.answer_received,
            "started": clock.started,
            "stopped": clock.stopped,
            "stopped_by": clock.stopped_by,
            "voided": clock.voided,
        }
    )


def _review_row(review: Review) -> Mapping[str, Any]:
    return {"done": review.done, "due": review.due}


def _joint_row(text: JointText) -> Mapping[str, Any]:
    return {"assents": text.assents, "withdrawn": text.withdrawn}


def _incident_row(incident: Incident) -> Mapping[str, Any]:
    accounts = {
        party: {name: [stated.value, stated.number] for name, stated in account.items()}
        for party, account in incident.accounts.items()
    }
    return {
        "accounts": accounts,
        "differences": [difference.field for difference in incident.differences],
        "notices": [notice.number for notice in incident.notices],
        "state": incident.state,
    }

"""The fold of one thread: the notices that refer to each other, in the order of the record.

It reads roles, facets and coded facts; it never reads the name of a kind, a text, or the clock on the wall. The
result is replaced as a whole whenever a leaf joins the thread or a receipt moves one of its notices.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any

from mithaq import moments
from mithaq.activities import plans
from mithaq.corridors import clearance, crossings, flows, segments, suspensions
from mithaq.errors import Refusal
from mithaq.instrument.law import Clock as ClockRule
from mithaq.instrument.law import Kind, Law, Party
from mithaq.instrument.statement import Statement
from mithaq.notices import clocks, incidents, joint, matches, roles, suspending
from mithaq.notices.book import Clock, Incident, Ladder, Notice, Review, Stated, Step, Stood, Value, row
from mithaq.notices.entry import Entry, Order
from mithaq.notices.envelope import Leaf
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
_NEVER: Mapping[Entry, Entry] = {}
_NOTHING: Mapping[Entry, Sequence[Entry]] = {}


class KindRules:
    """What folding asks of one kind, looked up once."""

    __slots__ = ("clocks", "fields", "folds", "is_proposal")

    def __init__(self, kind: Kind, law: Law) -> None:
        self.clocks = [rule for rule in law.clocks if kind.name in rule.kinds]
        self.fields = {field.name: (field.type, field.codes) for field in kind.fields}
        facets = kind.facets if kind.role != roles.CORRECTS else ()  # a correction says nothing of its own
        self.folds = [(facet, FACET_FOLDS[facet]) for facet in facets if facet in FACET_FOLDS]
        self.is_proposal = joint.is_proposal(kind)


class Rules:
    """What folding asks of one version of the law, looked up once. What a notice starts keeps to its version's."""

    def __init__(self, law: Law) -> None:
        self.law = law
        self.parties: Mapping[str, Party] = {party.code: party for party in law.parties}
        self.skew = law.limits.skew
        self.review_minutes = law.limits.review
        self.nonconformance = [rule for rule in law.clocks if rule.start == clocks.NONCONFORMANCE]
        self.kinds = {kind.name: KindRules(kind, law) for kind in law.kinds}
        self.compared = frozenset(
            name
            for kind in self.kinds.values()
            for name, (type_name, _) in kind.fields.items()
            if type_name in incidents.COMPARED_TYPES
        )


Said = tuple[str, tuple[str, ...], Statement]
"""A facet, a key of it, and what is said under it."""


class Folded(Value, frozen=True):
    """What a thread adds to the book."""

    notices: tuple[Notice, ...]
    incident: Incident | None
    clocks: tuple[Clock, ...]
    reviews: tuple[Review, ...]
    joint: tuple[JointText, ...]
    statements: tuple[Said, ...]
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


def fold(members: Collection[Entry], still: Sequence[Standstill] = ()) -> tuple[Folded, Rows]:
    """The thread of `members`, in whatever order they come; `still` are the times in which clocks of their audience
    stand."""
    folded = _Thread(sorted(members, key=_order) if len(members) > 1 else [*members], still).folded()
    return folded, _rows(folded)


def _order(entry: Entry) -> Order:
    return entry.order


def corrected(
    facts: Mapping[str, Any], law: Law, kind: str, corrections: Iterable[tuple[Law, str, Mapping[str, Any] | None]]
) -> Mapping[str, Any]:
    """The facts of a notice of this law and kind with the same-named fields of corrections in place of the first ones;
    each correction is its law, its kind and its facts, in the order of the record."""
    fields, made = _fields(law, kind), dict(facts)
    for other, name, said in corrections:
        theirs = _fields(other, name)
        for field, value in (said or {}).items():
            if field in fields and fields[field] == theirs.get(field) and field not in incidents.NEVER_COMPARED:
                made[field] = value
    return made


def _fields(law: Law, kind: str) -> Mapping[str, tuple[str, str]]:
    """Name to type and coded list of the fields of a kind; none of one that the law does not have."""
    found = rules_of(law).kinds.get(kind)
    return found.fields if found is not None else {}


class _Thread:
    """The notices of one thread. Most threads are one notice to which nothing refers, so what only some roles bring
    about is not looked for where nobody has them."""

    __slots__ = ("active", "corrections", "facts", "members", "refusals", "roles", "standing", "still", "withdrawn")

    def __init__(self, members: Sequence[Entry], still: Sequence[Standstill]) -> None:
        self.members = members
        self.still = still
        self.refusals: list[tuple[Refusal, ...]] = []
        self.standing: list[Entry] = []
        self.roles: set[str] = set()
        for entry in members:
            refusals = entry.refusals
            self.refusals.append(refusals)
            if not refusals and entry.kind is not None:
                self.standing.append(entry)
                self.roles.add(entry.kind.role)
        self.withdrawn = self._withdrawals() if roles.WITHDRAWS in self.roles else _NEVER
        self.active = (
            [entry for entry in self.standing if entry not in self.withdrawn] if self.withdrawn else self.standing
        )
        self.corrections = self._corrections() if roles.CORRECTS in self.roles else _NOTHING
        self.facts: dict[Entry, Mapping[str, Any] | None] = {}
        for entry in self.standing:
            self.facts[entry] = self._corrected(entry)

    def folded(self) -> Folded:
        notices: list[Notice] = []
        started: list[Clock] = []
        incomplete: list[str] = []
        for entry, refusals in zip(self.members, self.refusals, strict=True):
            notices.append(self._notice(entry, refusals))
            for rule in _applying(entry, refusals):
                started += self._started(entry, rule)
            if entry.source.facts is None and entry.kind and entry.counts_facts and not entry.verdict:
                incomplete.append(entry.number)
        reviews: list[Review] = []
        texts: list[JointText] = []
        counted: list[tuple[str, str]] = []
        statements: list[Said] = []
        for entry in self.standing:
            leaf, kind = entry.source.leaf, entry.kind
            assert leaf is not None
            assert kind is not None
            counted.append(_counted(entry.party, kind.name))
            rules = rules_of(entry.law).kinds[kind.name]
            if rules.is_proposal:
                texts.append(self._joint(entry))
            if leaf.header.release == "one" and kind.role != roles.SEALS:
                reviews.append(self._review(entry))
            if rules.folds and entry not in self.withdrawn:
                statements += self._statements(entry, rules)
        shown, clocks = tuple(notices), tuple(started)
        return Folded(
            shown,
            None if self.roles.isdisjoint(_OPENING) else self._incident(shown, clocks),
            clocks,
            tuple(reviews),
            tuple(texts),
            tuple(statements),
            tuple(counted),
            tuple(incomplete),
        )

    def _withdrawals(self) -> Mapping[Entry, Entry]:
        """Withdrawn notice to the first notice that withdraws it."""
        found: dict[Entry, Entry] = {}
        for entry in self.standing:
            if entry.role == roles.WITHDRAWS:
                for target in entry.refers:
                    found.setdefault(target, entry)
        return found

    def _corrections(self) -> Mapping[Entry, Sequence[Entry]]:
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

    def _statements(self, entry: Entry, rules: KindRules) -> Iterable[Said]:
        facts = self.facts[entry]
        if facts is None:
            return ()
        refers = tuple([target.number for target in entry.refers])
        found: list[Said] = []
        for facet, fold in rules.folds:
            statement = Statement(entry.party, entry.number, entry.at, entry.order, facts, facet, refers)
            found += [(fold.FACET, key, statement) for key in fold.keys(statement)]
        return found

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

    def _started(self, entry: Entry, rule: ClockRule) -> Iterable[Clock]:
        """The clocks that a notice starts by a rule."""
        if rule.precedence and self._precedence(entry) not in rule.precedence:
            return ()
        return self._told(entry, rule) if rule.start.startswith(clocks.BEFORE) else self._clocks_of(entry, rule)

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

    def _notice(self, entry: Entry, refusals: tuple[Refusal, ...]) -> Notice:
        source, withdrawn = entry.source, self.withdrawn.get(entry)
        leaf = source.leaf
        kind, precedence, release = _said_by(leaf)
        return Notice(
            entry.number,
            entry.origin,
            entry.index,
            entry.party,
            entry.order,
            leaf,
            source.encoded,
            kind,
            entry.kind.role if entry.kind else "",
            entry.sealed.at,
            precedence,
            release,
            self.facts.get(entry),
            source.facts,
            refusals,
            tuple([target.number for target in entry.refers]) if entry.refers else (),
            self.members[0].number,
            {party: self._ladder(entry, party) for party in entry.addressees},
            tuple([correction.number for correction in self.corrections.get(entry, ())]),
            withdrawn.number if withdrawn else None,
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

    def _incident(self, notices: tuple[Notice, ...], started: tuple[Clock, ...]) -> Incident:
        openers = [entry for entry in self.standing if entry.role in _OPENING]
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


def _applying(entry: Entry, refusals: Sequence[Refusal]) -> Sequence[ClockRule]:
    """The rules of the clocks that a notice may start."""
    rules = rules_of(entry.law)
    if refusals:
        # whether it conforms shows once its version is at hand
        return () if any(each.code == NOT_HELD for each in refusals) else rules.nonconformance
    return rules.kinds[entry.kind.name].clocks if entry.kind else ()


def _said_by(leaf: Leaf | None) -> tuple[str, str, str]:
    """Kind, precedence and form of release that a leaf states."""
    if leaf is None:
        return "", "", ""
    header = leaf.header
    return header.kind, header.precedence, header.release


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
    """The keys of the state rows of a thread."""
    return [key for key, _, _ in _said_in_rows(folded)]


def _rows(folded: Folded) -> Rows:
    return [row(key, make(value)) for key, make, value in _said_in_rows(folded)]


def _said_in_rows(folded: Folded) -> list[tuple[str, Callable[[Any], Mapping[str, Any]], Any]]:
    """Of every state row of a thread its key, and what makes it of which value."""
    found: list[tuple[str, Callable[[Any], Mapping[str, Any]], Any]] = []
    for notice in folded.notices:
        found.append((f"notice/{notice.number}", _notice_row, notice))
    for clock in folded.clocks:
        found.append((f"clock/{clock.notice}/{clock.id}/{clock.party}", _clock_row, clock))
    for review in folded.reviews:
        found.append((f"review/{review.notice}", _review_row, review))
    for text in folded.joint:
        found.append((f"joint/{text.number}", _joint_row, text))
    if folded.incident is not None:
        found.append((f"incident/{folded.incident.number}", _incident_row, folded.incident))
    return found


def _notice_row(notice: Notice) -> Mapping[str, Any]:
    ladders = {}
    for party, ladder in notice.ladder.items():
        ladders[party] = _ladder_row(ladder)
    return {
        "facts": notice.facts,
        "ladder": ladders,
        "order": notice.order[0],
        "refers": notice.refers,
        "refusals": sorted({refusal.code for refusal in notice.refusals}) if notice.refusals else (),
        "thread": notice.thread,
        "withdrawn": notice.withdrawn_by,
    }


def _ladder_row(ladder: Ladder) -> Mapping[str, tuple[str, int]]:
    """The leaves that prove the steps."""
    steps = {}
    if (step := ladder.delivered) is not None:
        steps["delivered"] = step.log, step.index
    if (step := ladder.readable) is not None:
        steps["readable"] = step.log, step.index
    if (step := ladder.opened) is not None:
        steps["opened"] = step.log, step.index
    if (step := ladder.answered) is not None:
        steps["answered"] = step.log, step.index
    return steps


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

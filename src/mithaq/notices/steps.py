"""What a party may do next in an incident, and what would follow from it.

`may_refer` is the law alone: whether a notice of a kind may point at another notice. `steps` is sense on top of it: of
what the law permits, what somebody would want to do now, each with the one notice that it would point at.

    acknowledges    another party's notice to which this party has not referred yet
    answers         another party's question of the same family that has no answer, or whose answer did not satisfy;
                    another party's first notice, while this party has not answered it
    refuses         another party's question without an answer
    judges          another party's answer to this party, once
    asks            another party's notice; a question that nobody judges may be about the own one
    adds            the first notice of the incident, at any time
    closes          while this party has not closed: first the other's closing, else the first notice
    joint           the version on the table, else the first notice; its questions and reports are whole texts
    seals           another party's joint text that is open

A family is what kinds share before the first dot of their names: a reply belongs to the requests of its family where it
has any. Corrections and withdrawals are steps of a single notice and not of the incident. When the incident has ended,
only joint reports and seals are left.

`effect` says what a step would do: which running clocks it stops, which it starts, and where the incident would stand.
It holds when the other side has received it; a judgement and an addition depend on what they will say.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from mithaq.instrument.law import Clock as ClockRule
from mithaq.instrument.law import Kind, Law
from mithaq.notices import clocks, incidents, joint, roles
from mithaq.notices.book import Book, Clock, Incident, Notice
from mithaq.notices.incidents import FINAL, State
from mithaq.notices.joint import JointText

ORDER = (
    roles.ACKNOWLEDGES,
    roles.ANSWERS,
    roles.SEALS,
    roles.REFUSES,
    roles.JUDGES,
    roles.ASKS,
    roles.ADDS,
    roles.ASSESSES,
    roles.CLOSES,
)
"""What the other side waits for first, then what may be added, then the end."""

_BACK = frozenset({roles.CORRECTS, roles.WITHDRAWS})
_AFTER = frozenset({roles.ASSESSES, roles.SEALS})
"""What both sides may still do together when the incident has ended."""
_CERTAIN = frozenset({roles.ACKNOWLEDGES, roles.ASKS, roles.ANSWERS, roles.REFUSES, roles.SEALS})


@dataclass(frozen=True, slots=True)
class Start:
    """A clock that a notice starts: its rule, and who then owes."""

    rule: ClockRule
    party: str

    @property
    def seconds(self) -> int:
        return self.rule.minutes * 60


@dataclass(frozen=True, slots=True)
class Effect:
    """What a step does, once the other side has received it."""

    stops: tuple[Clock, ...]
    starts: tuple[Start, ...]
    state: State | None
    """Where the incident then stands; None where it stays as it is, or where that depends on what the notice says."""


@dataclass(frozen=True, slots=True)
class NextStep:
    """A kind that this party may file now, the notice that it points at, and what follows."""

    kind: Kind
    target: Notice
    effect: Effect


def may_refer(kind: Kind, target: Notice, own: str) -> bool:
    """Whether the law lets an officer of the party `own` point at `target` with a notice of `kind`."""
    if kind.release == "machine" or joint.is_review(kind) or not kind.refers:
        return False
    if target.role not in kind.refers and not (roles.NONCONFORMING in kind.refers and target.refusals):
        return False
    if kind.role in roles.OWN_ONLY:
        return target.party == own and target.withdrawn_by is None
    if kind.role in roles.OTHERS_ONLY or kind.role == roles.ANSWERS or joint.is_assent(kind):
        return target.party != own
    return True


def steps(book: Book, law: Law, incident: Incident, own: str) -> tuple[NextStep, ...]:
    """What the party `own` may do now in an incident, each kind once, in `ORDER`."""
    view = _View(book, law, incident, own)
    found = ((kind, view.target(kind)) for kind in law.kinds if incident.state not in FINAL or kind.role in _AFTER)
    offered = [NextStep(kind, target, view.effect(kind, target)) for kind, target in found if target is not None]
    return tuple(sorted(offered, key=lambda step: _rank(step.kind)))


class _View:
    """One incident as a party sees it."""

    def __init__(self, book: Book, law: Law, incident: Incident, own: str) -> None:
        self.law, self.incident, self.own = law, incident, own
        self.by_number: Mapping[str, Notice] = {each.number: each for each in incident.notices}
        self.texts: Mapping[str, JointText] = {
            each.number: book.joint[each.number] for each in incident.notices if each.number in book.joint
        }
        self.rules = {rule.id: rule for rule in law.clocks}

    def target(self, kind: Kind) -> Notice | None:
        """The notice that a notice of `kind` would point at now; None where there is no sense in one."""
        if kind.role in _BACK:
            return None
        able = [
            each
            for each in self.incident.notices
            if each.withdrawn_by is None and each.conforms and may_refer(kind, each, self.own)
        ]
        if joint.is_proposal(kind):
            return self._on_the_table(kind, able) or self._first(able)
        match kind.role:
            case roles.ADDS:
                return self._first(able)
            case roles.CLOSES:
                return None if self.own in self.incident.closed_by else self._closing(able)
        return next((each for each in reversed(able) if self._has_sense(kind, each)), None)

    def effect(self, kind: Kind, target: Notice) -> Effect:
        """What a notice of `kind` that points at `target` would do."""
        reached = {target.number, *self._before(target)}
        stops = tuple(
            clock
            for clock in self.incident.clocks
            if clock.party == self.own
            and clock.stopped is None
            and not clock.voided
            and clock.notice in reached
            and clock.id in self.rules
            and kind.role in self.rules[clock.id].answered_by
        )
        return Effect(stops, tuple(self._starts(kind)), self._state(kind, target))

    def _first(self, able: Sequence[Notice]) -> Notice | None:
        """The first notice that opened the incident, where it can be pointed at; else the latest that can."""
        openers = (each for each in able if each.role in (roles.OPENS, roles.ASKS))
        return next(openers, able[-1] if able else None)

    def _closing(self, able: Sequence[Notice]) -> Notice | None:
        theirs = [each for each in able if each.role == roles.CLOSES and each.party != self.own]
        return theirs[-1] if theirs and self.incident.closed_by else self._first(able)

    def _on_the_table(self, kind: Kind, able: Sequence[Notice]) -> Notice | None:
        """The version of this joint text that is open, which another version would refer to."""
        versions = (each for each in reversed(able) if each.kind == kind.name)
        return next((each for each in versions if self.texts[each.number].is_open), None)

    def _has_sense(self, kind: Kind, target: Notice) -> bool:
        ladder = target.ladder.get(self.own)
        match kind.role:
            case roles.ACKNOWLEDGES:
                return ladder is not None and ladder.opened is None
            case roles.ANSWERS | roles.REFUSES:
                disliked = self.incident.state == State.UNSATISFACTORY
                open_question = ladder is not None and (ladder.answered is None or disliked)
                return open_question and self._is_of_its_family(kind, target)
            case roles.JUDGES:
                ours = any(self.by_number[each].party == self.own for each in target.refers if each in self.by_number)
                unjudged = ladder is not None and ladder.answered is None
                return ours and unjudged and self._is_of_its_family(kind, target)
            case roles.ASKS:
                return target.party != self.own or not self._is_judged(kind)
            case roles.SEALS:
                text = self.texts.get(target.number)
                return text is not None and text.is_open and self.own in text.awaited and self.own not in text.assents
        return True

    def _is_of_its_family(self, kind: Kind, target: Notice) -> bool:
        """Whether an answer or a judgement belongs to what it would point at."""
        relatives = {each.name for each in self.law.kinds if each.role == target.role and _are_related(each, kind)}
        return not relatives or target.kind in relatives

    def _is_judged(self, kind: Kind) -> bool:
        return any(each.role == roles.JUDGES and _are_related(each, kind) for each in self.law.kinds)

    def _before(self, notice: Notice) -> Iterator[str]:
        """The numbers of everything that a notice reaches by its references, at once or through others."""
        seen, frontier = set[str](), [*notice.refers]
        while frontier:
            number = frontier.pop()
            if number not in seen and number in self.by_number:
                seen.add(number)
                frontier += self.by_number[number].refers
                yield number

    def _starts(self, kind: Kind) -> Iterator[Start]:
        for rule in self.law.clocks:
            if kind.name in rule.kinds and (not rule.precedence or kind.precedence in rule.precedence):
                ladders = self.incident.notices[0].ladder
                others = sorted({*ladders, self.incident.notices[0].party} - {self.own})
                for party in (self.own,) if rule.obliged == clocks.SENDER else others:
                    yield Start(rule, party)

    def _state(self, kind: Kind, target: Notice) -> State | None:
        incident, state = self.incident, State(self.incident.state)
        if kind.role == roles.CLOSES:
            parties = frozenset({incident.notices[0].party, *incident.notices[0].ladder})
            differ = incidents.disagree(incident.accounts, incident.differences)
            move: incidents.Move | None = incidents.closing_move(incident.closed_by | {self.own}, parties, differ)
        elif kind.role in _CERTAIN:
            asked = target.role == roles.ASKS and target.party != self.own
            move = incidents.move_of(kind.role, None, asked=asked)
        else:
            move = None
        after = incidents.moved(state, move)
        return None if after is state else after


def _are_related(one: Kind, other: Kind) -> bool:
    return one.name.partition(".")[0] == other.name.partition(".")[0]


def _rank(kind: Kind) -> int:
    return ORDER.index(kind.role) if kind.role in ORDER else len(ORDER)

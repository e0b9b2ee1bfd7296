"""Desks within one party, and the rules by which a notice comes to one of them.

A party's own affair: the instrument names the authorities, each party sets desks under its own. Nothing here travels,
enters a leaf or is read by a fold, and another arrangement changes no byte of the record.

The rules are read from the first to the last, and the first that fits decides. A rule fits when each of its lists is
empty or holds what the notice is of: its kind, the sector in which it lies, its precedence, the crossing that it names.
A notice that says nothing of a place has that of the first notice of its thread. What no rule fits goes to the main
desk, and says so: `Routed.rule` is then 0.
"""

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import msgspec

from mithaq.calendars import CALENDARS
from mithaq.errors import Refusal
from mithaq.instrument.law import Law
from mithaq.notices import registry
from mithaq.notices.book import Notice
from mithaq.notices.fields.sites import sector_of

MOST_DESKS, MOST_RULES, LONGEST_NAME = 100, 500, 80
LONGEST_STEP = 24 * 60
_ID = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")


class _Value(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A value of an arrangement; what is not known is refused."""


class Desk(_Value, frozen=True):
    """A desk under an authority of this party. `officers` are the names of those who sit at it."""

    id: str
    authority: str
    name: str
    officers: list[str] = []


class Rule(_Value, frozen=True):
    """What comes to a desk: an empty list fits everything."""

    desk: str
    kinds: list[str] = []
    sectors: list[str] = []
    precedence: list[str] = []
    crossings: list[str] = []


class Arrangement(_Value, frozen=True):
    """A party's internal order: its desks, the main one among them, its rules, and what it does by itself."""

    desks: list[Desk] = []
    main: str = ""
    rules: list[Rule] = []
    registry: str = ""
    """The pattern of this party's own registry numbers (`mithaq.notices.registry`); empty where they are typed."""
    calendar: str = "gregorian"
    """The calendar whose year stands in those numbers."""
    step: int = 5
    """Minutes after which the next authority is called for a notice that rings (`mithaq.notices.ringing`)."""
    public: bool = False
    """Whether this node shows anybody, without a sign-in, what both sides say of the crossings in kinds of notice that
    the instrument calls public."""
    alerts: bool = False
    """Whether it shows anybody, as messages of CAP, what this party told all others of dangers to the public."""

    def desk(self, id: str) -> Desk | None:
        """The desk of this identifier."""
        return next((each for each in self.desks if each.id == id), None)

    def desks_of(self, officer: str, authority: str = "") -> frozenset[str]:
        """The desks at which an officer sits; where none is named, those of the officer's authority."""
        named = frozenset(each.id for each in self.desks if officer in each.officers)
        return named or frozenset(each.id for each in self.desks if authority and each.authority == authority)


@dataclass(frozen=True, slots=True)
class Subject:
    """What a notice is of, as far as rules ask."""

    kind: str
    precedence: str
    sector: str = ""
    crossing: str = ""


@dataclass(frozen=True, slots=True)
class Routed:
    """Where a notice goes: a desk, and the number of the rule from 1; 0 where none fitted and it is the main desk."""

    desk: str
    rule: int


def read(encoded: bytes, law: Law, own: str) -> Arrangement:
    """An arrangement of the party `own` from its JSON; refuses (`desks.…`) what `check` refuses, and what is none."""
    try:
        arrangement = msgspec.json.decode(encoded, type=Arrangement)
    except (msgspec.DecodeError, RecursionError) as error:
        raise Refusal("desks.unreadable", reason=str(error)[:200]) from error
    check(arrangement, law, own)
    return arrangement


def check(arrangement: Arrangement, law: Law, own: str) -> None:
    """Refuse an arrangement that does not hold together, or that names what the law does not."""
    party = law.party(own)
    authorities = {each.id for each in party.authorities} if party else set()
    ids = [each.id for each in arrangement.desks]
    if len(ids) > MOST_DESKS or len(arrangement.rules) > MOST_RULES:
        raise Refusal("desks.too-many", desks=MOST_DESKS, rules=MOST_RULES)
    for desk in arrangement.desks:
        _check_desk(desk, authorities)
    if len(set(ids)) != len(ids):
        raise Refusal("desks.twice", desk=next(each for each in ids if ids.count(each) > 1))
    if ids and arrangement.main not in ids:
        raise Refusal("desks.no-main")
    for number, rule in enumerate(arrangement.rules, 1):
        _check_rule(rule, number, set(ids), law)
    registry.check_pattern(arrangement.registry)
    if arrangement.calendar not in CALENDARS:
        raise Refusal("calendar.unknown", calendar=arrangement.calendar[:20])
    if not 1 <= arrangement.step <= LONGEST_STEP:
        raise Refusal("desks.bad-step", most=LONGEST_STEP)


def subject_of(notice: Notice, first: Notice | None, law: Law) -> Subject:
    """What a notice is of; `first` is the first notice of its thread, which says where when it says nothing itself."""
    sector, crossing = _where(notice, law)
    if not sector and not crossing and first is not None:
        sector, crossing = _where(first, law)
    return Subject(notice.kind, notice.precedence, sector, crossing)


def route(arrangement: Arrangement, subject: Subject) -> Routed | None:
    """The desk of a notice; None where the party has no desks."""
    if not arrangement.desks:
        return None
    fitting = (number for number, rule in enumerate(arrangement.rules, 1) if _fits(rule, subject))
    number = next(fitting, 0)
    return Routed(arrangement.rules[number - 1].desk if number else arrangement.main, number)


def free_id(authority: str, taken: Collection[str]) -> str:
    """An identifier for a new desk of an authority: `border-guard-1`, or the next number that is free."""
    return next(name for number in range(1, len(taken) + 2) if (name := f"{authority}-{number}") not in taken)


def _check_desk(desk: Desk, authorities: Collection[str]) -> None:
    if not _ID.fullmatch(desk.id) or len(desk.id) > LONGEST_NAME:
        raise Refusal("desks.bad-id", desk=desk.id[:LONGEST_NAME])
    if desk.authority not in authorities:
        raise Refusal("officer.unknown-authority", authority=desk.authority[:80])
    if not desk.name.strip() or len(desk.name) > LONGEST_NAME or not registry.is_one_line(desk.name):
        raise Refusal("desks.bad-name", limit=LONGEST_NAME)


def _check_rule(rule: Rule, number: int, desks: Collection[str], law: Law) -> None:
    known: Mapping[str, tuple[list[str], Collection[str]]] = {
        "desk": ([rule.desk], desks),
        "kinds": (rule.kinds, {each.name for each in law.kinds}),
        "sectors": (rule.sectors, {each.id for each in law.sectors}),
        "precedence": (rule.precedence, set(law.precedence)),
        "crossings": (rule.crossings, {each.id for each in law.crossings}),
    }
    for what, (named, there) in known.items():
        for each in named:
            if each not in there:
                raise Refusal("desks.unknown-in-rule", rule=number, what=what, name=each[:80])


def _fits(rule: Rule, subject: Subject) -> bool:
    asked: Iterable[tuple[list[str], str]] = (
        (rule.kinds, subject.kind),
        (rule.sectors, subject.sector),
        (rule.precedence, subject.precedence),
        (rule.crossings, subject.crossing),
    )
    return all(not named or said in named for named, said in asked)


def _where(notice: Notice, law: Law) -> tuple[str, str]:
    """Sector and crossing that a notice states, each empty where it states none; a crossing lies in its sector."""
    sector = crossing = ""
    for type, value in _sites(notice, law):
        if type == "crossing":
            crossing = crossing or str(value)
        elif type == "sector":
            sector = sector or str(value)
        elif isinstance(value, Mapping):
            crossing = crossing or str(value.get("crossing", ""))
            sector = sector or sector_of(value, law) or ""
    lies = next((each.sector for each in law.crossings if each.id == crossing), "")
    return sector or lies, crossing


def _sites(notice: Notice, law: Law) -> Iterator[tuple[str, Any]]:
    """Type and value of the fields that say where; of a notice that does not conform, nothing is taken at its word."""
    kind, said = law.kind(notice.kind), notice.stated or notice.facts
    if kind is None or not said or not notice.conforms:
        return
    for field in kind.fields:
        if field.type in ("place", "sector", "crossing") and field.name in said:
            yield field.type, said[field.name]

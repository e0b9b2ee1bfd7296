"""What this party keeps for itself: where a matter belongs, who has it in hand, remarks, registry numbers.

For pages of this party's own officers alone. Nothing that makes what leaves the node may ask here
(`tests/architecture/test_inside.py`).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

import msgspec
from django.db.models import Max, QuerySet

from mithaq.moments import Moment
from mithaq.notices import desks, registry
from mithaq.notices.book import Book, Notice
from mithaq.notices.desks import Arrangement, Routed
from mithaq_node.queries import instrument, ledgers
from mithaq_node.store.models import (
    ArrangementRow,
    AssignmentRow,
    EscalationRow,
    Officer,
    RegistrationRow,
    RemarkRow,
)


@dataclass(frozen=True, slots=True)
class Held:
    """A matter in somebody's hands: a desk's, an officer's, or an officer's at a desk."""

    matter: str
    desk: str
    officer: str
    since: str
    by: str
    """Who gave it, or took it."""


@dataclass(frozen=True, slots=True)
class Remark:
    """A remark of one of our officers."""

    id: int
    about: str
    text: str
    author: str
    at: str
    asks: bool
    settles: int | None
    """The remark that it settles."""
    settled: bool

    @property
    def is_open(self) -> bool:
        return self.asks and not self.settled


@dataclass(frozen=True, slots=True)
class Handing:
    """A change of hands, as history shows it."""

    deed: str
    desk: str
    officer: str
    by: str
    at: str


@dataclass(frozen=True, slots=True)
class Registration:
    """A registry number that a notice was given."""

    about: str
    number: str
    by: str
    at: str


@dataclass(frozen=True, slots=True)
class Call:
    """A step of the escalation of a notice that rang."""

    step: int
    authority: str
    at: str


@dataclass(frozen=True, slots=True)
class Place:
    """Where a matter is: its desk, whether a rule or somebody sent it there, and the officer who has it."""

    desk: str
    name: str
    """The desk's name; its identifier where the desk is no more."""
    routed: Routed | None
    """What the rules say; None where there are no desks."""
    given: bool
    """Whether somebody gave it to this desk, whatever the rules say."""
    officer: str

    @property
    def by_no_rule(self) -> bool:
        """Whether it is at the main desk because no rule fitted it."""
        return not self.given and self.routed is not None and self.routed.rule == 0


@dataclass(frozen=True, slots=True)
class Sheet:
    """Everything internal about one notice or one incident."""

    number: str
    matter: str
    place: Place
    step: int
    """The number of the last change of hands, which a form brings back."""
    history: tuple[Handing, ...]
    remarks: tuple[Remark, ...]
    registrations: tuple[Registration, ...]
    """Of this number, the latest first."""
    calls: tuple[Call, ...]

    @property
    def registry(self) -> str:
        return self.registrations[0].number if self.registrations else ""

    @property
    def open(self) -> tuple[Remark, ...]:
        """The remarks that nobody has settled."""
        return tuple(each for each in self.remarks if each.is_open)

    @property
    def is_in_hand(self) -> bool:
        """Whether somebody took it, or gave it to somebody or to a desk."""
        return self.place.given or bool(self.place.officer)


class Desks:
    """Where matters are, for lists: the rows are read once, each matter is placed when it is asked for."""

    def __init__(self) -> None:
        self._book, self._law = ledgers.book(), instrument.law()
        self.arrangement = arrangement()
        self._held = {each.matter: each for each in in_hand()}
        self._numbers: Mapping[str, str] | None = None

    def place(self, number: str) -> Place:
        """Where the matter of a notice is."""
        notice = self._book.notices.get(number)
        held = self._held.get(notice.thread if notice else number)
        routed = _route(self.arrangement, notice, self._book) if notice else None
        desk = held.desk if held and held.desk else routed.desk if routed else ""
        known = self.arrangement.desk(desk)
        return Place(
            desk, known.name if known else desk, routed, bool(held and held.desk), held.officer if held else ""
        )

    def is_at(self, number: str, wanted: frozenset[str], officer: str = "") -> bool:
        """Whether the matter of a notice is at one of these desks, or in the hands of this officer."""
        place = self.place(number)
        return place.desk in wanted or bool(officer and place.officer == officer)

    def registry(self, number: str) -> str:
        """The registry number of a notice; empty where it has none."""
        if self._numbers is None:
            rows = RegistrationRow.objects.order_by("pk").values_list("about", "number")
            self._numbers = dict(rows)
        return self._numbers.get(number, "")


def arrangement() -> Arrangement:
    """The internal order as it stands; without any change, no desk and no rule."""
    row = ArrangementRow.objects.order_by("-version").first()
    return msgspec.json.decode(row.document, type=Arrangement) if row else Arrangement()


def version() -> int:
    """The number of the last change of the internal order."""
    return ArrangementRow.objects.aggregate(last=Max("version"))["last"] or 0


def desks_of(officer: Officer) -> frozenset[str]:
    """The desks at which an officer sits; empty for one who serves the whole party."""
    return arrangement().desks_of(officer.name, officer.authority)


def sheet(number: str, thread: Iterable[str] = ()) -> Sheet:
    """What is kept inside about a notice; with `thread`, the numbers of an incident's notices, of them all."""
    notice = ledgers.notice(number)
    matter = notice.thread if notice else number
    numbers = {number, *thread}
    last = last_handing(matter)
    return Sheet(
        number=number,
        matter=matter,
        place=Desks().place(number),
        step=last.step if last else 0,
        history=tuple(_handing(row) for row in _handings().filter(matter=matter)),
        remarks=_remarks(RemarkRow.objects.filter(about__in=numbers)),
        registrations=tuple(
            Registration(row.about, row.number, row.by.name, moment_of(row.at))
            for row in RegistrationRow.objects.filter(about=number).select_related("by").order_by("-pk")
        ),
        calls=calls(numbers),
    )


def last_handing(matter: str) -> AssignmentRow | None:
    """The last change of hands of a matter."""
    return AssignmentRow.objects.filter(matter=matter).select_related("by", "officer").order_by("-step").first()


def in_hand() -> tuple[Held, ...]:
    """Every matter in somebody's hands, the longest first: for lists and for the hand-over of a shift."""
    latest: dict[str, AssignmentRow] = {row.matter: row for row in _handings()}
    return tuple(
        Held(row.matter, row.desk, row.officer.name if row.officer else "", moment_of(row.at), row.by.name)
        for row in sorted(latest.values(), key=lambda row: (row.at, row.pk))
        if row.officer or row.desk
    )


def open_remarks() -> tuple[Remark, ...]:
    """Every remark that nobody has settled, the oldest first: for the hand-over of a shift."""
    return _remarks(RemarkRow.objects.filter(asks=True, settled_by__isnull=True))


def calls(numbers: Iterable[str]) -> tuple[Call, ...]:
    """The steps of the escalation of these notices, in order."""
    rows = EscalationRow.objects.filter(about__in=set(numbers)).order_by("at", "step")
    return tuple(Call(row.step, row.authority, moment_of(row.at)) for row in rows)


def registry_of(number: str) -> str:
    """The registry number that a notice has now; empty where it has none."""
    return RegistrationRow.objects.filter(about=number).order_by("-pk").values_list("number", flat=True).first() or ""


def registered(text: str) -> tuple[Registration, ...]:
    """The notices whose registry number this is, in any digits; a number that was replaced finds its notice too."""
    rows = RegistrationRow.objects.filter(key=registry.key(text)[:120]).select_related("by").order_by("pk")
    found = {row.about: Registration(row.about, row.number, row.by.name, moment_of(row.at)) for row in rows}
    return tuple(found.values())


def givable() -> tuple[Officer, ...]:
    """The officers to whom a matter may be given, by name."""
    return tuple(Officer.objects.filter(is_active=True, role__in=("duty", "releasing", "secretariat")).order_by("name"))


def moment_of(at: datetime) -> str:
    """The canonical spelling of a row's moment."""
    return str(Moment(int(at.timestamp())))


def _route(order: Arrangement, notice: Notice, book: Book) -> Routed | None:
    return desks.route(order, desks.subject_of(notice, book.notices.get(notice.thread), instrument.law()))


def _handings() -> "QuerySet[AssignmentRow]":
    return AssignmentRow.objects.select_related("by", "officer").order_by("matter", "step")


def _handing(row: AssignmentRow) -> Handing:
    return Handing(row.deed, row.desk, row.officer.name if row.officer else "", row.by.name, moment_of(row.at))


def _remarks(rows: "QuerySet[RemarkRow]") -> tuple[Remark, ...]:
    found = rows.select_related("by", "settled_by").order_by("at", "pk")
    return tuple(
        Remark(
            id=row.pk,
            about=row.about,
            text=row.text,
            author=row.by.name,
            at=moment_of(row.at),
            asks=row.asks,
            settles=row.settles_id,
            settled=hasattr(row, "settled_by"),
        )
        for row in found
    )

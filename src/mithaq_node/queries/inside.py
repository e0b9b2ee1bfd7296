"""What this party keeps for itself: where a matter belongs, who has it in hand, remarks, registry numbers.

For pages of this party's own officers alone. Nothing that makes what leaves the node may ask here
(`tests/architecture/test_inside.py`).
"""

import threading
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import msgspec
from django.conf import settings
from django.db.models import Max, QuerySet

from mithaq.instrument import words
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
    TickRow,
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
class Item:
    """An item of a checklist: its key in the words of the instrument, and who ticked it when."""

    item: str
    done: bool
    by: str
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
    checklist: tuple[Item, ...]
    """What this desk goes through for the notice; empty where its kind has no checklist."""

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


class _Kept:
    """Who has what in hand, and the registry numbers, of one node, as far as rows were read: they are only added, so
    what was read stays true and only the last ones are asked for again."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._hands: dict[str, AssignmentRow] = {}
        self._numbers: dict[str, RegistrationRow] = {}
        self._read = [0, 0]

    def hands(self) -> Mapping[str, AssignmentRow]:
        """The last change of hands of every matter."""
        with self._lock:
            for row in AssignmentRow.objects.filter(pk__gt=self._read[0] - _AGAIN).order_by("pk"):
                known = self._hands.get(row.matter)
                if known is None or known.step < row.step:
                    self._hands[row.matter] = row
                self._read[0] = max(self._read[0], row.pk)
            return dict(self._hands)

    def numbers(self) -> Mapping[str, RegistrationRow]:
        """The registry number of every notice that has one."""
        with self._lock:
            for row in RegistrationRow.objects.filter(pk__gt=self._read[1] - _AGAIN).order_by("pk"):
                known = self._numbers.get(row.about)
                if known is None or known.pk < row.pk:
                    self._numbers[row.about] = row
                self._read[1] = max(self._read[1], row.pk)
            return dict(self._numbers)


_AGAIN = 64
"""Rows that are read again: on PostgreSQL one may be committed after others that were numbered later."""

_kept: dict[Path, _Kept] = {}
"""A node's folder to what was read of it: a process serves one, tests several."""


def _rows() -> _Kept:
    return _kept.setdefault(settings.NODE.folder, _Kept())


def _officers() -> Mapping[int, str]:
    return dict(Officer.objects.values_list("pk", "name"))


class Desks:
    """Where matters are, for lists."""

    def __init__(self) -> None:
        self._book, self._officers = ledgers.book(), _officers()
        self.arrangement = arrangement()
        self._hands, self._numbers = _rows().hands(), _rows().numbers()

    def place(self, number: str) -> Place:
        """Where the matter of a notice is."""
        notice = self._book.notices.get(number)
        hand = self._hands.get(notice.thread if notice else number)
        routed = _route(self.arrangement, notice, self._book) if notice else None
        desk = hand.desk if hand and hand.desk else routed.desk if routed else ""
        known = self.arrangement.desk(desk)
        officer = self._officers.get(hand.officer_id or 0, "") if hand else ""
        return Place(desk, known.name if known else desk, routed, bool(hand and hand.desk), officer)

    def is_at(self, number: str, wanted: frozenset[str], officer: str = "") -> bool:
        """Whether the matter of a notice is at one of these desks, or in the hands of this officer."""
        place = self.place(number)
        return place.desk in wanted or bool(officer and place.officer == officer)

    def registry(self, number: str) -> str:
        """The registry number of a notice; empty where it has none."""
        found = self._numbers.get(number)
        return found.number if found else ""


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
        checklist=checklist(number),
    )


def checklist(number: str) -> tuple[Item, ...]:
    """The checklist of this desk for a notice, as far as it is ticked."""
    notice = ledgers.notice(number)
    if notice is None:
        return ()
    side = words.SENDER if notice.party == settings.NODE.party else words.ADDRESSEE
    rows = TickRow.objects.filter(about=number).select_related("by").order_by("pk")
    last = {row.item: row for row in rows}
    return tuple(
        Item(key, last[key].done, last[key].by.name, moment_of(last[key].at))
        if key in last
        else Item(key, False, "", "")
        for key in words.checklist(instrument.words(), notice.kind, side)
    )


def last_handing(matter: str) -> AssignmentRow | None:
    """The last change of hands of a matter."""
    return AssignmentRow.objects.filter(matter=matter).select_related("by", "officer").order_by("-step").first()


def in_hand() -> tuple[Held, ...]:
    """Every matter in somebody's hands, the longest first: for lists and for the hand-over of a shift."""
    names = _officers()
    rows = sorted(_rows().hands().values(), key=lambda row: (row.at, row.pk))
    return tuple(
        Held(row.matter, row.desk, names.get(row.officer_id or 0, ""), moment_of(row.at), names.get(row.by_id, ""))
        for row in rows
        if row.officer_id or row.desk
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

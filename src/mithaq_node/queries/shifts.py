"""Who is on duty, what a shift leaves to the next, and the papers that officers of this party signed about it."""

from collections.abc import Iterator
from dataclasses import dataclass

from django.conf import settings

from mithaq.errors import Refusal
from mithaq.notices import handover, watchlog
from mithaq.notices.book import Book
from mithaq.notices.handover import Handing, Item, Look, Taking, What
from mithaq.record import note
from mithaq_node.queries import inside, instrument, ledgers
from mithaq_node.store.models import Draft, DraftState, HandingRow, Officer, ShiftRow, WatchLineRow

PAGE = 50


@dataclass(frozen=True, slots=True)
class HandedOver:
    """What the officer of a shift signed at its end."""

    said: Handing
    look: Look
    signed: bytes

    @property
    def digest(self) -> str:
        """The digest by which a taking-over names it."""
        return handover.digest(note.text_of(self.signed))


@dataclass(frozen=True, slots=True)
class Shift:
    """A shift of this desk, with the paper that began it."""

    number: int
    officer: Officer
    said: Taking
    look: Look
    signed: bytes
    before: Taking | None
    """The paper with which the shift before began."""
    officer_before: Officer | None
    handed: HandedOver | None
    """What that officer had signed, when this one took over."""

    @property
    def changed(self) -> handover.Change | None:
        """What changed between the two signatures; None where there are not two."""
        return handover.difference(self.handed.look, self.look) if self.handed else None


@dataclass(frozen=True, slots=True)
class OnDuty:
    """The officer on duty now."""

    shift: int
    officer: Officer
    since: str
    silent: str
    """Why no alarm can be heard here, as the officer stated; empty where one was heard."""
    handed: HandedOver | None
    """What the officer has signed to hand over, where nobody has taken over yet."""


def on_duty() -> OnDuty | None:
    """Whoever took over last; None before the first shift of this node."""
    row = ShiftRow.objects.select_related("officer").order_by("-number").first()
    if row is None:
        return None
    return OnDuty(row.number, row.officer, row.at, row.silent, _last_handing(row.number))


@dataclass(frozen=True, slots=True)
class Present:
    """What there is to hand over at this moment, and where in record and watch log that is."""

    look: Look
    cut: dict[str, int]
    chain: bytes
    """The chained digest of the watch log up to `look.lines`."""


def present() -> Present:
    """What there is to hand over, as this node holds it."""
    book, last = ledgers.book(), WatchLineRow.objects.order_by("-number").first()
    rows = Draft.objects.exclude(state=DraftState.RELEASED).values_list("pk", "kind", "state")
    drafts = (Item(What.DRAFT, pk, kind, str(settings.NODE.party), state) for pk, kind, state in rows)
    return Present(
        look=Look(handover.ordered([*_left(book), *drafts, *_inside(book)]), last.number if last else 0),
        cut=dict(sorted(book.cut.items())),
        chain=bytes(last.chain) if last else watchlog.START,
    )


def shift(number: int) -> Shift:
    """A shift of this desk; refuses one that there was not (`shift.unknown`)."""
    row = ShiftRow.objects.select_related("officer").filter(number=number).first()
    if row is None:
        raise Refusal("shift.unknown", number=number)
    return _shift(row)


def shifts(before: int | None = None) -> tuple[Shift, ...]:
    """The last shifts that began before the one numbered `before`, the latest first; at most `PAGE`."""
    rows = ShiftRow.objects.select_related("officer").order_by("-number")
    chosen = rows if before is None else rows.filter(number__lt=before)
    return tuple(_shift(row) for row in chosen[:PAGE])


_latest: tuple[Book, tuple[Item, ...]] | None = None
"""What was found in the book that was asked last: a book is a value."""


def _left(book: Book) -> tuple[Item, ...]:
    global _latest
    known = _latest
    if known is None or known[0] is not book:
        found = handover.left(book, instrument.law(), str(settings.NODE.party))
        known = _latest = book, found
    return known[1]


def _inside(book: Book) -> Iterator[Item]:
    """What our officers keep for themselves: open remarks, and matters in hand."""
    own, order = str(settings.NODE.party), inside.arrangement()
    for remark in inside.open_remarks():
        yield Item(What.REMARK, remark.about, _kind(book, remark.about), own)
    for held in inside.in_hand():
        desk = order.desk(held.desk)
        holder = held.officer or (desk.name if desk else held.desk)
        yield Item(What.IN_HAND, held.matter, _kind(book, held.matter), own, holder)


def _kind(book: Book, number: str) -> str:
    found = book.notices.get(number)
    return found.kind if found else ""


def _last_handing(shift: int) -> HandedOver | None:
    row = HandingRow.objects.filter(shift_id=shift).order_by("-pk").first()
    return _handed(row) if row else None


def _handed(row: HandingRow) -> HandedOver:
    said = handover.read(bytes(row.paper), Handing)
    return HandedOver(said, Look(handover.items_of(bytes(row.items)), said.lines), bytes(row.paper))


def _shift(row: ShiftRow) -> Shift:
    said = handover.read(bytes(row.paper), Taking)
    earlier = ShiftRow.objects.select_related("officer").filter(number=row.number - 1).first()
    handings = (_handed(each) for each in HandingRow.objects.filter(shift_id=row.number - 1))
    named = said.handed.text if said.handed else ""
    return Shift(
        number=row.number,
        officer=row.officer,
        said=said,
        look=Look(handover.items_of(bytes(row.items)), said.lines),
        signed=bytes(row.paper),
        before=handover.read(bytes(earlier.paper), Taking) if earlier else None,
        officer_before=earlier.officer if earlier else None,
        handed=next((each for each in handings if each.digest == named), None),
    )

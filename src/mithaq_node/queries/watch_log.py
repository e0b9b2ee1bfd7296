"""The watch log of this desk, by day and by words."""

from dataclasses import dataclass

from django.db.models import Q, QuerySet

from mithaq import moments
from mithaq.errors import Refusal
from mithaq.notices.watchlog import CALLS, Line
from mithaq_node.queries import instrument
from mithaq_node.store.models import Officer, WatchLineRow

MOST_LINES = 500

Rows = QuerySet[WatchLineRow]


@dataclass(frozen=True, slots=True)
class LineView:
    """A line with its officer, and the lines that put it right."""

    line: Line
    officer: Officer
    chain: bytes
    corrected_by: tuple[int, ...]

    @property
    def is_call(self) -> bool:
        return self.line.kind in CALLS


def on_day(iso_day: str, words: str = "") -> tuple[LineView, ...]:
    """The lines whose stated moment falls on a Gregorian day of this party's civil time, in the order of that moment;
    only those that hold `words`, where any are given."""
    start = moments.from_civil(iso_day, "00:00", instrument.own_party().utc_offset)
    end = moments.Moment(start.seconds + 86_400)
    rows = WatchLineRow.objects.filter(at__gte=str(start), at__lt=str(end)).order_by("at", "number")
    return _views(_holding(rows, words))


def holding(words: str) -> tuple[LineView, ...]:
    """The lines of any day that hold `words`, the latest first; at most `MOST_LINES`."""
    return _views(_holding(WatchLineRow.objects.order_by("-at", "-number"), words)[:MOST_LINES])


def since(instant: str) -> tuple[LineView, ...]:
    """The lines that were written since an instant, the last one first; at most `MOST_LINES`."""
    return _views(WatchLineRow.objects.filter(written__gte=instant).order_by("-number")[:MOST_LINES])


def between(first: int, last: int) -> tuple[LineView, ...]:
    """The lines with these numbers, both included, in their order."""
    return _views(WatchLineRow.objects.filter(number__gte=first, number__lte=last).order_by("number"))


def line(number: int) -> LineView:
    """One line; refuses a number that is not there (`watchlog.unknown`)."""
    found = _views(WatchLineRow.objects.filter(number=number))
    if not found:
        raise Refusal("watchlog.unknown", number=number)
    return found[0]


def line_of(row: WatchLineRow) -> Line:
    """A row as the line whose digest it holds."""
    return Line(
        number=row.number,
        at=row.at,
        written=row.written,
        by=row.officer.key_name,
        kind=row.kind,
        text=row.text,
        office=row.office,
        subject=row.subject,
        corrects=row.corrects_id or 0,
        kept=row.kept,
    )


def _holding(rows: Rows, words: str) -> Rows:
    for word in words.split():
        rows = rows.filter(Q(text__icontains=word) | Q(subject__icontains=word))
    return rows


def _views(rows: Rows) -> tuple[LineView, ...]:
    found = list(rows.select_related("officer").prefetch_related("corrections"))
    return tuple(
        LineView(
            line_of(row),
            row.officer,
            bytes(row.chain),
            tuple(sorted(each.number for each in row.corrections.all())),
        )
        for row in found
    )

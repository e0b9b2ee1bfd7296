"""What every collection of features has: rows, geometry and properties that mean the same in all of them."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from mithaq.errors import Refusal
from mithaq.formats.asked import Query
from mithaq.formats.openapi import Described, Property
from mithaq.instrument import words as sealed_words
from mithaq.instrument.law import Law
from mithaq.instrument.words import Words
from mithaq.moments import Moment
from mithaq.notices import numbers
from mithaq.notices.book import Book, Notice
from mithaq_node.queries import drawn, geometry, layers, ledgers
from mithaq_node.queries.geometry import Geometry
from mithaq_node.queries.layers import Key, Page, Row, Rows

Said = dict[str, Any]


MICRO = 1_000_000


@dataclass(frozen=True)
class Collection:
    """Features of one type of geometry, and how they are made."""

    described: Described
    is_of_law: bool
    """Whether it says no more than the instrument and the crossings' board, which observers see too."""
    rows: Callable[[], Rows]
    draw: Callable[[Row], Geometry | None]
    say: Callable[[Row], Said]
    tests: layers.Tests

    def page(self, query: Query, after: Key | None, most: int) -> Page:
        """The rows that were asked for; every name in the query's properties is one of `tests`."""
        return self.rows().page(query, after, most, self.tests, self.draw)

    def get(self, id: str) -> Row:
        """The row of a stable identifier; refuses one that there is none of (`ogc.no-feature`)."""
        found = self.rows().get(id)
        if found is None:
            raise Refusal("ogc.no-feature", collection=self.described.id, name=id[:80])
        return found

    def feature(self, row: Row) -> Said:
        """A row as a feature of GeoJSON."""
        return {"type": "Feature", "id": row.id, "geometry": self.draw(row), "properties": self.say(row)}


SORTS = {
    drawn.POINTS: "stated as a position or a crossing",
    drawn.LINES: "stated as a kilometre along the line",
    drawn.AREAS: "stated as a cell, an area or a sector",
    layers.UNPLACED: "without a position that the instrument knows",
}


OF_PLACE = (
    Property("place_form", "string", "The form in which the place was stated.", filters=True),
    Property("place_name", "string", "The sector, crossing, kilometre or pillar that was named."),
    Property("sector", "string", "The sector in which it lies.", filters=True),
    Property("accuracy_m", "integer", "Metres by which what is drawn may be off; 0 for ground drawn as it was named."),
    Property("position", "string", "`stated`, or `derived` from the instrument's line, sectors and crossings."),
)


PERIOD = Property(
    "period", "string", "From when until when, UTC: `[from, until)`, or `[from, until]` with its last instant."
)


PRECISION = Property("time_precision", "string", "How fine the time may be stated: second, minute or hour.")


TIME = Property("time", "string", "When it happened, UTC; empty where a period was stated.", "date-time")
"""Only instants are of a type that clients know as a time: what they ask of one they send as an overlap, which is the
same for an instant and not for a period."""


MARKED = (
    Property("audience", "string", "Between whom it was told: `all` parties, or some of them."),
    Property("mark", "string", "`exercise` or `demonstration`; empty where it is real."),
)


PARTY = Property("party", "string", "Whose account or statement it is.", filters=True)


NUMBER = Property("number", "string", "The spoken number.", filters=True)


class Followed:
    """Rows that are made anew when the book has changed."""

    def __init__(self, make: Callable[[Book], Iterable[Row]]) -> None:
        self._make = make
        self._made: tuple[Book, Rows] | None = None

    def __call__(self) -> Rows:
        book = ledgers.book()
        if self._made is None or self._made[0] is not book:
            self._made = book, Rows(self._make(book))
        return self._made[1]


def geometry_of(place: Mapping[str, Any] | None, law: Law) -> Geometry | None:
    shape = drawn.drawn(place, law) if place else None
    return shape.geometry if shape else None


def say_place(place: Mapping[str, Any] | None, law: Law) -> Said:
    shape = drawn.drawn(place, law) if place else None
    form = place.get("form") if place else None
    named = place.get({"kilometre": "km"}.get(str(form), str(form))) if place else None
    return {
        "place_form": form,
        "place_name": None if named is None else str(named),
        "sector": geometry.sector_of(place, law) or None if place else None,
        "accuracy_m": shape.accuracy if shape else None,
        "position": None if shape is None else "derived" if shape.is_derived else "stated",
    }


def period(row: Row) -> str | None:
    """`[from, until)`, or `[from, until]` where the last instant belongs to it. Written so that no client takes the
    beginning of it for the whole."""
    if row.first is None or row.last is None:
        return None
    is_open = row.last % MICRO != 0
    first, last = Moment(row.first // MICRO), Moment((row.last + is_open) // MICRO)
    return f"[{first}, {last}{')' if is_open else ']'}"


def instant(row: Row) -> str | None:
    return str(Moment(row.first // MICRO)) if row.first is not None and row.first == row.last else None


def names_of(area: str, law: Law) -> tuple[Property, ...]:
    return tuple(Property(f"{area}_{each}", "string", f"Its name in the language {each}.") for each in law.languages)


def names(area: str, id: str, law: Law, words: Words) -> Said:
    return {f"{area}_{each}": _label(words, f"{area}.{id}", each) for each in law.languages}


def _label(words: Words, key: str, language: str) -> str | None:
    try:
        return sealed_words.label(words, key, language)
    except Refusal:
        return None


def marks(notice: Notice, law: Law) -> Said:
    return {"audience": numbers.audience_of(notice.log), "mark": mark(law)}


def mark(law: Law) -> str:
    return "exercise" if law.exercise else "demonstration" if law.demo else ""


def slug(number: str) -> str:
    return number.replace(" ", "-")


def boolean(value: bool) -> str:
    return "true" if value else "false"

"""Activities that either side announced."""

from collections.abc import Iterable
from functools import partial

from mithaq.formats.openapi import Described, Property
from mithaq.instrument.law import Law
from mithaq.instrument.words import Words
from mithaq.notices.book import Book
from mithaq_node.queries import activities, drawn, layers
from mithaq_node.queries.activities import Activity
from mithaq_node.queries.features.shared import (
    MARKED,
    MICRO,
    NUMBER,
    OF_PLACE,
    PARTY,
    PERIOD,
    PRECISION,
    SORTS,
    Collection,
    Followed,
    Said,
    geometry_of,
    marks,
    names,
    names_of,
    period,
    say_place,
    slug,
)
from mithaq_node.queries.layers import Row


def collections(law: Law, words: Words) -> Iterable[Collection]:
    properties = (
        NUMBER,
        PARTY,
        Property("kind", "string", "The kind of notice that announced it.", filters=True),
        *names_of("kind", law),
        Property("activity", "string", "What is planned, by its code.", filters=True),
        Property("scale", "string", "The band of scale, by its code."),
        Property("state", "string", "How far it has come, as its own side says.", filters=True),
        PERIOD,
        PRECISION,
        *OF_PLACE,
        *MARKED,
    )
    tests: layers.Tests = {
        "number": lambda row: str(row.source.number),
        "party": lambda row: str(row.source.party),
        "kind": lambda row: str(row.source.kind),
        "activity": lambda row: str(row.source.facts.get("activity", "")),
        "state": lambda row: str(row.source.state),
        "place_form": lambda row: str(row.source.facts["place"]["form"]),
        "sector": lambda row: str(row.source.sector),
    }

    def say(row: Row) -> Said:
        each: Activity = row.source
        return {
            "number": each.number,
            "party": each.party,
            "kind": each.kind,
            **names("kind", each.kind, law, words),
            "activity": each.facts.get("activity"),
            "scale": each.facts.get("scale"),
            "state": str(each.state),
            "period": period(row),
            "time_precision": layers.floor_of(each.kind, "period", law),
            **say_place(each.facts["place"], law),
            **marks(each.notice, law),
        }

    def rows(sort: str, book: Book) -> Iterable[Row]:
        for each in activities.activities():
            shape = drawn.drawn(each.facts["place"], law)
            if (shape.sort if shape else layers.UNPLACED) == sort:
                yield Row(
                    (*each.notice.order, ""),
                    slug(each.number),
                    shape.bounds if shape else None,
                    each.time.start.seconds * MICRO,
                    each.time.end.seconds * MICRO - 1,
                    each,
                )

    for sort, said in SORTS.items():
        described = Described(
            f"activities-{sort}",
            f"Activities: {sort}",
            f"Activities that either side announced, {said}.",
            drawn.TYPES.get(sort, ""),
            properties,
            True,
        )
        yield Collection(
            described,
            False,
            Followed(partial(rows, sort)),
            lambda row: geometry_of(row.source.facts["place"], law),
            say,
            tests,
        )

"""Pairs of notices of two parties that one of them has spoken of."""

from collections.abc import Iterable, Mapping

from mithaq.formats.openapi import Described, Property
from mithaq.instrument.law import Law
from mithaq.notices.book import Book, Notice, Stated
from mithaq_node.queries import layers, pairs
from mithaq_node.queries.features.differing import (
    compared_by,
    differing,
    of_differences,
    say_differences,
    several,
    spots_of,
)
from mithaq_node.queries.features.shared import (
    MARKED,
    PERIOD,
    Collection,
    Followed,
    Said,
    boolean,
    marks,
    period,
    slug,
)
from mithaq_node.queries.layers import Row
from mithaq_node.queries.pairs import Line


def collection(law: Law) -> Collection:
    compared = compared_by(law)
    properties = (
        Property("standing", "string", "What the parties have said of the pair.", filters=True),
        Property("first", "string", "The spoken number of one notice.", filters=True),
        Property("first_party", "string", "Whose it is."),
        Property("second", "string", "The spoken number of the other.", filters=True),
        Property("second_party", "string", "Whose it is."),
        PERIOD,
        *of_differences(compared),
        *MARKED,
    )
    described = Described(
        "pairs",
        "Pairs of notices that a party has spoken of",
        "Two notices of two parties that one of them says are, or are not, of one incident. Nothing is proposed here.",
        "MultiPoint",
        properties,
        True,
    )
    tests: layers.Tests = {
        "standing": lambda row: str(row.source.standing),
        "first": lambda row: _in_order(row.source)[0].number,
        "second": lambda row: _in_order(row.source)[1].number,
        "differs": lambda row: boolean(bool(differing(_accounts_of(row.source), law))),
    }

    def say(row: Row) -> Said:
        first, second = _in_order(row.source)
        accounts = _accounts_of(row.source)
        return {
            "standing": str(row.source.standing),
            "first": first.number,
            "first_party": first.party,
            "second": second.number,
            "second_party": second.party,
            "period": period(row),
            **say_differences(accounts, differing(accounts, law), compared, law),
            **marks(first, law),
        }

    def rows(book: Book) -> Iterable[Row]:
        for line in pairs.said():
            first, second = _in_order(line)
            accounts = _accounts_of(line)
            found = (layers.stated_time(each, layers.times_of(law)) for each in accounts.values())
            times = [each for each in found if each]
            yield Row(
                (*first.order, second.number),
                f"{slug(first.number)}.{slug(second.number)}",
                layers.around(spots_of(accounts, law)),
                min(each.first for each in times) if times else None,
                max(each.last for each in times) if times else None,
                line,
            )

    return Collection(
        described,
        False,
        Followed(rows),
        lambda row: several(spots_of(_accounts_of(row.source), law)),
        say,
        tests,
    )


def _in_order(line: Line) -> tuple[Notice, Notice]:
    """Both notices in the order of their parties, which is the same on both sides."""
    first, second = sorted((line.ours, line.theirs), key=lambda each: each.party)
    return first, second


def _accounts_of(line: Line) -> Mapping[str, Mapping[str, Stated]]:
    """What each of the two notices states."""
    return {
        each.party: {name: Stated(value, each.number) for name, value in (each.facts or each.stated or {}).items()}
        for each in _in_order(line)
    }

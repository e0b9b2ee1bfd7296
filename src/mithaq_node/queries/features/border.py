"""What the instrument says of the border, and what each side states of its crossings."""

from collections.abc import Iterable, Mapping
from typing import Any

from mithaq import moments
from mithaq.formats.openapi import Described, Property
from mithaq.instrument.law import Crossing, Law, Sector
from mithaq.instrument.statement import Statement
from mithaq.instrument.words import Words
from mithaq.notices.book import Book
from mithaq_node.queries import drawn, geometry, layers
from mithaq_node.queries.features.shared import (
    MARKED,
    MICRO,
    NUMBER,
    PARTY,
    Collection,
    Followed,
    Said,
    boolean,
    mark,
    names,
    names_of,
)
from mithaq_node.queries.layers import Row


def crossings(law: Law, words: Words) -> Collection:
    properties = (
        Property("crossing", "string", "Its identifier in the instrument.", filters=True),
        *names_of("crossing", law),
        Property("sector", "string", "Its sector.", filters=True),
        Property("metre", "integer", "Metres along the line."),
        Property("carries", "string", "The kinds of traffic that it carries, with commas between."),
        Property("mismatch", "boolean", "Whether the sides state different things of any traffic.", filters=True),
        Property("accuracy_m", "integer", "Metres by which the position may be off."),
        Property("standing", "string", "How its position stands in the instrument: agreed, reported or example."),
        *MARKED[1:],
    )
    described = Described("crossings", "Crossings", "The crossings of the instrument.", "Point", properties, False)

    def say(row: Row) -> Said:
        each, mismatch = _crossing(row)
        return {
            "crossing": each.id,
            **names("crossing", each.id, law, words),
            "sector": each.sector,
            "metre": each.metre,
            "carries": ",".join(each.carries),
            "mismatch": mismatch,
            "accuracy_m": each.accuracy,
            "standing": each.mark,
            "mark": mark(law),
        }

    def rows(book: Book) -> Iterable[Row]:
        differing = {crossing for (crossing, _, _), state in book.crossings.items() if state.mismatch}
        for each in law.crossings:
            source = each, each.id in differing
            yield Row((each.metre, each.id, 0, ""), each.id, (*each.at, *each.at), None, None, source)

    tests: layers.Tests = {
        "crossing": lambda row: str(_crossing(row)[0].id),
        "sector": lambda row: str(_crossing(row)[0].sector),
        "mismatch": lambda row: boolean(_crossing(row)[1]),
    }
    return Collection(described, True, Followed(rows), lambda row: geometry.point(_crossing(row)[0].at), say, tests)


def _crossing(row: Row) -> tuple[Crossing, bool]:
    """A crossing, and whether the sides state different things of any traffic there."""
    found: tuple[Crossing, bool] = row.source
    return found


def statements(law: Law, words: Words) -> Collection:
    properties = (
        NUMBER,
        PARTY,
        Property("crossing", "string", "The crossing's identifier.", filters=True),
        *names_of("crossing", law),
        Property("direction", "string", "For which direction, by its code.", filters=True),
        Property("traffic", "string", "For which traffic, by its code.", filters=True),
        Property("state", "string", "What this side states, by its code.", filters=True),
        Property("reason", "string", "Why, by its code."),
        Property("time", "string", "When it was stated, UTC.", "date-time"),
        Property("period", "string", "Since when and until when, as far as it was stated: `[since, until)`."),
        Property("mismatch", "boolean", "Whether another side states something else.", filters=True),
        Property("accuracy_m", "integer", "Metres by which the position may be off."),
        *MARKED[1:],
    )
    described = Described(
        "crossing-statements",
        "What each side states of the crossings",
        "For each side, crossing, direction and kind of traffic the statement that stands; never merged.",
        "Point",
        properties,
        True,
    )
    known = {each.id: each for each in law.crossings}

    def rows(book: Book) -> Iterable[Row]:
        for (crossing, direction, traffic), state in book.crossings.items():
            if crossing not in known:
                continue
            for party, said in state.statements.items():
                at, told = known[crossing].at, moments.parse(said.at).seconds * MICRO
                name = f"{crossing}.{direction}.{traffic}.{party}"
                yield Row((*said.order, name), name, (*at, *at), told, told, (state, said, party))

    def say(row: Row) -> Said:
        state, said, party = row.source
        facts: Mapping[str, Any] = said.facts
        return {
            "number": said.number,
            "party": party,
            "crossing": state.crossing,
            **names("crossing", state.crossing, law, words),
            "direction": state.direction,
            "traffic": state.traffic,
            "state": facts["state"],
            "reason": facts.get("reason"),
            "time": said.at,
            "period": f"[{facts.get('since', '..')}, {facts.get('until', '..')})",
            "mismatch": state.mismatch,
            "accuracy_m": known[state.crossing].accuracy,
            "mark": mark(law),
        }

    def said_of(row: Row) -> Statement:
        found: Statement = row.source[1]
        return found

    tests: layers.Tests = {
        "number": lambda row: said_of(row).number,
        "party": lambda row: str(row.source[2]),
        "crossing": lambda row: str(row.source[0].crossing),
        "direction": lambda row: str(row.source[0].direction),
        "traffic": lambda row: str(row.source[0].traffic),
        "state": lambda row: str(said_of(row).facts["state"]),
        "mismatch": lambda row: boolean(row.source[0].mismatch),
    }
    return Collection(
        described,
        True,
        Followed(rows),
        lambda row: geometry.point(known[row.source[0].crossing].at),
        say,
        tests,
    )


def sectors(law: Law, words: Words) -> Collection:
    properties = (
        Property("sector", "string", "Its identifier in the instrument.", filters=True),
        *names_of("sector", law),
        Property("start_m", "integer", "Where along the line it begins, in metres."),
        Property("end_m", "integer", "Where it ends."),
        Property("standing", "string", "How it stands in the instrument: agreed, reported or example."),
        *MARKED[1:],
    )
    described = Described("sectors", "Sectors", "The sectors of the instrument.", "MultiPolygon", properties, False)

    def shape(each: Sector) -> drawn.Drawn:
        return drawn.Drawn(drawn.AREAS, tuple(each.area), 0, False)

    def rows(book: Book) -> Iterable[Row]:
        for each in law.sectors:
            yield Row((each.start, each.id, 0, ""), each.id, shape(each).bounds, None, None, each)

    def say(row: Row) -> Said:
        each: Sector = row.source
        return {
            "sector": each.id,
            **names("sector", each.id, law, words),
            "start_m": each.start,
            "end_m": each.end,
            "standing": each.mark,
            "mark": mark(law),
        }

    tests: layers.Tests = {"sector": lambda row: str(row.source.id)}
    return Collection(described, True, Followed(rows), lambda row: shape(row.source).geometry, say, tests)


def line(law: Law) -> Collection:
    properties = (
        Property("length_m", "integer", "Its length in metres."),
        Property("accuracy_m", "integer", "Metres by which it may be off."),
        Property("origin", "string", "Where it comes from."),
        Property("version", "string", "Which version of that."),
        Property("standing", "string", "How it stands in the instrument: agreed, reported or example."),
        *MARKED[1:],
    )
    described = Described(
        "line",
        "The line that places are named by",
        "For naming places, with its own accuracy; no delimitation and no claim of anybody.",
        "LineString",
        properties,
        False,
    )
    shape = drawn.Drawn(drawn.LINES, ((tuple(law.line.points),),), law.line.accuracy, False)

    def say(row: Row) -> Said:
        return {
            "length_m": law.line.length,
            "accuracy_m": law.line.accuracy,
            "origin": law.line.origin,
            "version": law.line.version,
            "standing": law.line.mark,
            "mark": mark(law),
        }

    def rows(book: Book) -> Iterable[Row]:
        yield Row((0, "", 0, ""), "line", shape.bounds, None, None, law.line)

    return Collection(described, True, Followed(rows), lambda row: shape.geometry, say, {})

"""The record and the law as collections of features for programs of maps: each of one type of geometry.

Both sides' accounts stand beside each other and are never merged. What a feature says is coded and the same for every
reader; names come from the sealed words, in every language of the instrument. Only facts are here, never a text or an
exact place that stands in an erasable part.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache, partial
from typing import Any

from mithaq import moments, places
from mithaq.errors import Refusal
from mithaq.formats.asked import Query
from mithaq.formats.openapi import Described, Property
from mithaq.instrument import words as sealed_words
from mithaq.instrument.law import Crossing, Law, Sector
from mithaq.instrument.statement import Statement
from mithaq.moments import Moment
from mithaq.notices import incidents, matches, numbers
from mithaq.notices.book import Book, Incident, Notice, Stated
from mithaq.notices.thread import rules_of
from mithaq_node.queries import activities, drawn, geometry, instrument, layers, ledgers, pairs
from mithaq_node.queries.activities import Activity
from mithaq_node.queries.geometry import Geometry
from mithaq_node.queries.layers import Key, Page, Row, Rows, Told
from mithaq_node.queries.pairs import Line

Said = dict[str, Any]
_MICRO = 1_000_000


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


def collections() -> Mapping[str, Collection]:
    """Every collection by its identifier, in the order in which they are listed."""
    return _collections(ledgers.key())


def collection(id: str) -> Collection:
    """One of them; refuses a name that is none (`ogc.no-collection`)."""
    found = collections().get(id)
    if found is None:
        raise Refusal("ogc.no-collection", name=id[:80])
    return found


@lru_cache(maxsize=2)
def _collections(key: ledgers.Key) -> Mapping[str, Collection]:
    law = instrument.law()
    made = [
        *_accounts(law),
        _two(law),
        _pairs(law),
        *_activities(law),
        _crossings(law),
        _crossing_statements(law),
        _sectors(law),
        _line(law),
    ]
    return {each.described.id: each for each in made}


_SORT_SAID = {
    drawn.POINTS: "stated as a position or a crossing",
    drawn.LINES: "stated as a kilometre along the line",
    drawn.AREAS: "stated as a cell, an area or a sector",
    layers.UNPLACED: "without a position that the instrument knows",
}
_OF_PLACE = (
    Property("place_form", "string", "The form in which the place was stated.", filters=True),
    Property("place_name", "string", "The sector, crossing, kilometre or pillar that was named."),
    Property("sector", "string", "The sector in which it lies.", filters=True),
    Property("accuracy_m", "integer", "Metres by which what is drawn may be off; 0 for ground drawn as it was named."),
    Property("position", "string", "`stated`, or `derived` from the instrument's line, sectors and crossings."),
)
_PERIOD = Property(
    "period", "string", "From when until when, UTC: `[from, until)`, or `[from, until]` with its last instant."
)
_PRECISION = Property("time_precision", "string", "How fine the time may be stated: second, minute or hour.")
_TIME = Property("time", "string", "When it happened, UTC; empty where a period was stated.", "date-time")
"""Only instants are of a type that clients know as a time: what they ask of one they send as an overlap, which is the
same for an instant and not for a period."""
_MARKED = (
    Property("audience", "string", "Between whom it was told: `all` parties, or some of them."),
    Property("mark", "string", "`exercise` or `demonstration`; empty where it is real."),
)
_PARTY = Property("party", "string", "Whose account or statement it is.", filters=True)
_NUMBER = Property("number", "string", "The spoken number.", filters=True)


def _accounts(law: Law) -> Iterable[Collection]:
    properties = (
        _NUMBER,
        Property("notice", "string", "The spoken number of the notice that states the place, or else the time."),
        _PARTY,
        Property("kind", "string", "The kind of the incident's first notice.", filters=True),
        *_names_of("kind", law),
        Property("state", "string", "Where the incident stands.", filters=True),
        _TIME,
        _PERIOD,
        _PRECISION,
        Property("time_of", "string", "The field that states the time."),
        *_OF_PLACE,
        Property("differs", "boolean", "Whether the sides' accounts of this incident differ.", filters=True),
        Property("differences", "string", "The fields that they state differently, with commas between."),
        *_MARKED,
    )
    tests: layers.Tests = {
        "number": lambda row: str(row.source.incident.number),
        "party": lambda row: str(row.source.party),
        "kind": lambda row: _first(row.source.incident).kind,
        "state": lambda row: str(row.source.incident.state),
        "place_form": lambda row: str((row.source.place or {}).get("form", "")),
        "sector": lambda row: geometry.sector_of(row.source.place, law) if row.source.place else "",
        "differs": lambda row: _boolean(bool(row.source.incident.differences)),
    }
    for sort, said in _SORT_SAID.items():
        title = f"Accounts: {sort}"
        described = Described(
            f"accounts-{sort}",
            title,
            f"Each side's own account of each incident, {said}; never merged.",
            drawn.TYPES.get(sort, ""),
            properties,
            True,
        )
        rows = partial(_layer, sort)
        yield Collection(described, False, rows, partial(_draw_told, law), partial(_say_told, law), tests)


def _layer(name: str) -> Rows:
    return ledgers.layers().rows(name)


def _draw_told(law: Law, row: Row) -> Geometry | None:
    told: Told = row.source
    return _drawn(told.place, law)


def _drawn(place: Mapping[str, Any] | None, law: Law) -> Geometry | None:
    shape = drawn.drawn(place, law) if place else None
    return shape.geometry if shape else None


def _say_told(law: Law, row: Row) -> Said:
    told: Told = row.source
    incident, account = told.incident, told.incident.accounts[told.party]
    time = layers.stated_time(account, layers.times_of(law))
    place = account.get("place")
    number = place.number if place else time.number if time else ""
    kind = _kind_of(incident, time.number if time else "")
    return {
        "number": incident.number,
        "notice": number,
        "party": told.party,
        "kind": _first(incident).kind,
        **_names("kind", _first(incident).kind, law),
        "state": incident.state,
        "time": _instant(row),
        "period": _period(row) if row.first != row.last else None,
        "time_precision": layers.floor_of(kind, time.field, law) if time else None,
        "time_of": time.field if time else None,
        **_say_place(told.place, law),
        "differs": bool(incident.differences),
        "differences": ",".join(each.field for each in incident.differences),
        **_marks(_first(incident), law),
    }


def _kind_of(incident: Incident, number: str) -> str:
    return next((each.kind for each in incident.notices if each.number == number), "")


def _first(incident: Incident) -> Notice:
    return next((each for each in incident.notices if each.number == incident.number), incident.notices[0])


def _two(law: Law) -> Collection:
    compared = _compared(law)
    properties = (
        _NUMBER,
        Property("kind", "string", "The kind of the incident's first notice.", filters=True),
        *_names_of("kind", law),
        Property("state", "string", "Where the incident stands.", filters=True),
        _PERIOD,
        *_of_differences(compared),
        *_MARKED,
    )
    described = Described(
        "two-accounts",
        "Incidents that both sides tell of",
        "A position for each side that states one of the same incident, and how their accounts differ.",
        "MultiPoint",
        properties,
        True,
    )
    tests: layers.Tests = {
        "number": lambda row: str(row.source.number),
        "kind": lambda row: _first(row.source).kind,
        "state": lambda row: str(row.source.state),
        "differs": lambda row: _boolean(bool(row.source.differences)),
    }

    def say(row: Row) -> Said:
        incident: Incident = row.source
        return {
            "number": incident.number,
            "kind": _first(incident).kind,
            **_names("kind", _first(incident).kind, law),
            "state": incident.state,
            "period": _period(row),
            **_say_differences(incident.accounts, {each.field for each in incident.differences}, compared, law),
            **_marks(_first(incident), law),
        }

    return Collection(
        described,
        False,
        partial(_layer, layers.TWO),
        lambda row: _several(_spots(row.source.accounts, law)),
        say,
        tests,
    )


def _pairs(law: Law) -> Collection:
    compared = _compared(law)
    properties = (
        Property("standing", "string", "What the parties have said of the pair.", filters=True),
        Property("first", "string", "The spoken number of one notice.", filters=True),
        Property("first_party", "string", "Whose it is."),
        Property("second", "string", "The spoken number of the other.", filters=True),
        Property("second_party", "string", "Whose it is."),
        _PERIOD,
        *_of_differences(compared),
        *_MARKED,
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
        "differs": lambda row: _boolean(bool(_differing(_accounts_of(row.source), law))),
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
            "period": _period(row),
            **_say_differences(accounts, _differing(accounts, law), compared, law),
            **_marks(first, law),
        }

    def rows(book: Book) -> Iterable[Row]:
        for line in pairs.said():
            first, second = _in_order(line)
            accounts = _accounts_of(line)
            found = (layers.stated_time(each, layers.times_of(law)) for each in accounts.values())
            times = [each for each in found if each]
            yield Row(
                (*first.order, second.number),
                f"{_slug(first.number)}.{_slug(second.number)}",
                layers.around(_spots(accounts, law)),
                min(each.first for each in times) if times else None,
                max(each.last for each in times) if times else None,
                line,
            )

    return Collection(
        described,
        False,
        _follow("pairs", rows),
        lambda row: _several(_spots(_accounts_of(row.source), law)),
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


def _differing(accounts: Mapping[str, Mapping[str, Stated]], law: Law) -> set[str]:
    return {each.field for each in incidents.differences(accounts, rules_of(law).compared)}


def _activities(law: Law) -> Iterable[Collection]:
    properties = (
        _NUMBER,
        _PARTY,
        Property("kind", "string", "The kind of notice that announced it.", filters=True),
        *_names_of("kind", law),
        Property("activity", "string", "What is planned, by its code.", filters=True),
        Property("scale", "string", "The band of scale, by its code."),
        Property("state", "string", "How far it has come, as its own side says.", filters=True),
        _PERIOD,
        _PRECISION,
        *_OF_PLACE,
        *_MARKED,
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
            **_names("kind", each.kind, law),
            "activity": each.facts.get("activity"),
            "scale": each.facts.get("scale"),
            "state": str(each.state),
            "period": _period(row),
            "time_precision": layers.floor_of(each.kind, "period", law),
            **_say_place(each.facts["place"], law),
            **_marks(each.notice, law),
        }

    def rows(sort: str, book: Book) -> Iterable[Row]:
        for each in activities.activities():
            shape = drawn.drawn(each.facts["place"], law)
            if (shape.sort if shape else layers.UNPLACED) == sort:
                yield Row(
                    (*each.notice.order, ""),
                    _slug(each.number),
                    shape.bounds if shape else None,
                    each.time.start.seconds * _MICRO,
                    each.time.end.seconds * _MICRO - 1,
                    each,
                )

    for sort, said in _SORT_SAID.items():
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
            _follow(described.id, partial(rows, sort)),
            lambda row: _drawn(row.source.facts["place"], law),
            say,
            tests,
        )


def _crossings(law: Law) -> Collection:
    properties = (
        Property("crossing", "string", "Its identifier in the instrument.", filters=True),
        *_names_of("crossing", law),
        Property("sector", "string", "Its sector.", filters=True),
        Property("metre", "integer", "Metres along the line."),
        Property("carries", "string", "The kinds of traffic that it carries, with commas between."),
        Property("mismatch", "boolean", "Whether the sides state different things of any traffic.", filters=True),
        Property("accuracy_m", "integer", "Metres by which the position may be off."),
        Property("standing", "string", "How its position stands in the instrument: agreed, reported or example."),
        *_MARKED[1:],
    )
    described = Described("crossings", "Crossings", "The crossings of the instrument.", "Point", properties, False)

    def mismatch(crossing: Crossing) -> bool:
        return any(state.mismatch for key, state in ledgers.book().crossings.items() if key[0] == crossing.id)

    def say(row: Row) -> Said:
        each: Crossing = row.source
        return {
            "crossing": each.id,
            **_names("crossing", each.id, law),
            "sector": each.sector,
            "metre": each.metre,
            "carries": ",".join(each.carries),
            "mismatch": mismatch(each),
            "accuracy_m": each.accuracy,
            "standing": each.mark,
            "mark": _mark(law),
        }

    def rows(book: Book) -> Iterable[Row]:
        for each in law.crossings:
            yield Row((each.metre, each.id, 0, ""), each.id, (*each.at, *each.at), None, None, each)

    tests: layers.Tests = {
        "crossing": lambda row: str(row.source.id),
        "sector": lambda row: str(row.source.sector),
        "mismatch": lambda row: _boolean(mismatch(row.source)),
    }
    return Collection(
        described, True, _follow("crossings", rows), lambda row: geometry.point(row.source.at), say, tests
    )


def _crossing_statements(law: Law) -> Collection:
    properties = (
        _NUMBER,
        _PARTY,
        Property("crossing", "string", "The crossing's identifier.", filters=True),
        *_names_of("crossing", law),
        Property("direction", "string", "For which direction, by its code.", filters=True),
        Property("traffic", "string", "For which traffic, by its code.", filters=True),
        Property("state", "string", "What this side states, by its code.", filters=True),
        Property("reason", "string", "Why, by its code."),
        Property("time", "string", "When it was stated, UTC.", "date-time"),
        Property("period", "string", "Since when and until when, as far as it was stated: `[since, until)`."),
        Property("mismatch", "boolean", "Whether another side states something else.", filters=True),
        Property("accuracy_m", "integer", "Metres by which the position may be off."),
        *_MARKED[1:],
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
                at, told = known[crossing].at, moments.parse(said.at).seconds * _MICRO
                name = f"{crossing}.{direction}.{traffic}.{party}"
                yield Row((*said.order, name), name, (*at, *at), told, told, (state, said, party))

    def say(row: Row) -> Said:
        state, said, party = row.source
        facts: Mapping[str, Any] = said.facts
        return {
            "number": said.number,
            "party": party,
            "crossing": state.crossing,
            **_names("crossing", state.crossing, law),
            "direction": state.direction,
            "traffic": state.traffic,
            "state": facts["state"],
            "reason": facts.get("reason"),
            "time": said.at,
            "period": f"[{facts.get('since', '..')}, {facts.get('until', '..')})",
            "mismatch": state.mismatch,
            "accuracy_m": known[state.crossing].accuracy,
            "mark": _mark(law),
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
        "mismatch": lambda row: _boolean(row.source[0].mismatch),
    }
    return Collection(
        described,
        True,
        _follow("crossing-statements", rows),
        lambda row: geometry.point(known[row.source[0].crossing].at),
        say,
        tests,
    )


def _sectors(law: Law) -> Collection:
    properties = (
        Property("sector", "string", "Its identifier in the instrument.", filters=True),
        *_names_of("sector", law),
        Property("start_m", "integer", "Where along the line it begins, in metres."),
        Property("end_m", "integer", "Where it ends."),
        Property("standing", "string", "How it stands in the instrument: agreed, reported or example."),
        *_MARKED[1:],
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
            **_names("sector", each.id, law),
            "start_m": each.start,
            "end_m": each.end,
            "standing": each.mark,
            "mark": _mark(law),
        }

    tests: layers.Tests = {"sector": lambda row: str(row.source.id)}
    return Collection(described, True, _follow("sectors", rows), lambda row: shape(row.source).geometry, say, tests)


def _line(law: Law) -> Collection:
    properties = (
        Property("length_m", "integer", "Its length in metres."),
        Property("accuracy_m", "integer", "Metres by which it may be off."),
        Property("origin", "string", "Where it comes from."),
        Property("version", "string", "Which version of that."),
        Property("standing", "string", "How it stands in the instrument: agreed, reported or example."),
        *_MARKED[1:],
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
            "mark": _mark(law),
        }

    def rows(book: Book) -> Iterable[Row]:
        yield Row((0, "", 0, ""), "line", shape.bounds, None, None, law.line)

    return Collection(described, True, _follow("line", rows), lambda row: shape.geometry, say, {})


class _Followed:
    """Rows that are made anew when the book has changed."""

    def __init__(self, make: Callable[[Book], Iterable[Row]]) -> None:
        self._make = make
        self._made: tuple[Book, Rows] | None = None

    def __call__(self) -> Rows:
        book = ledgers.book()
        if self._made is None or self._made[0] is not book:
            self._made = book, Rows(self._make(book))
        return self._made[1]


def _follow(name: str, make: Callable[[Book], Iterable[Row]]) -> Callable[[], Rows]:
    return _Followed(make)


def _compared(law: Law) -> tuple[str, ...]:
    """The fields that accounts of what happened are compared by: those of kinds whose notices can be paired."""
    compared = rules_of(law).compared - incidents.NEVER_COMPARED
    named = (field.name for kind in law.kinds if matches.SIGHTING in kind.facets for field in kind.fields)
    return tuple(name for name in dict.fromkeys(named) if name in compared)


def _of_differences(compared: Iterable[str]) -> tuple[Property, ...]:
    return (
        Property("differs", "boolean", "Whether the two accounts differ.", filters=True),
        Property("differences", "string", "The fields that they state differently, with commas between."),
        *(Property(f"differs_{name}", "boolean", f"Whether they state `{name}` differently.") for name in compared),
        Property("distance_m", "integer", "Metres between the two positions, whose accuracies it does not consider."),
        Property("apart_s", "integer", "Seconds between the beginnings of the two times."),
    )


def _say_differences(
    accounts: Mapping[str, Mapping[str, Stated]], differing: set[str], compared: Iterable[str], law: Law
) -> Said:
    spots = _spots(accounts, law)
    found = [layers.stated_time(each, layers.times_of(law)) for each in accounts.values()]
    times = [each.first for each in found if each]
    return {
        "differs": bool(differing),
        "differences": ",".join(sorted(differing)),
        **{f"differs_{name}": name in differing for name in compared},
        "distance_m": places.distance(spots[0], spots[1]) if len(spots) == 2 else None,
        "apart_s": (max(times) - min(times)) // _MICRO if len(times) > 1 else None,
    }


def _spots(accounts: Mapping[str, Mapping[str, Stated]], law: Law) -> list[tuple[int, int]]:
    """The position of each account that states one, in the order of the parties."""
    stated = (layers.place_of(account["place"].value) for _, account in sorted(accounts.items()) if "place" in account)
    spots = (geometry.spot(place, law) for place in stated if place)
    return [(lon, lat) for lon, lat in (spot for spot in spots if spot)]


def _several(spots: Iterable[tuple[int, int]]) -> Geometry | None:
    positions = [geometry.degrees(spot) for spot in spots]
    return {"type": "MultiPoint", "coordinates": positions} if positions else None


def _say_place(place: Mapping[str, Any] | None, law: Law) -> Said:
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


def _period(row: Row) -> str | None:
    """`[from, until)`, or `[from, until]` where the last instant belongs to it. Written so that no client takes the
    beginning of it for the whole."""
    if row.first is None or row.last is None:
        return None
    is_open = row.last % _MICRO != 0
    first, last = Moment(row.first // _MICRO), Moment((row.last + is_open) // _MICRO)
    return f"[{first}, {last}{')' if is_open else ']'}"


def _instant(row: Row) -> str | None:
    return str(Moment(row.first // _MICRO)) if row.first is not None and row.first == row.last else None


def _names_of(area: str, law: Law) -> tuple[Property, ...]:
    return tuple(Property(f"{area}_{each}", "string", f"Its name in the language {each}.") for each in law.languages)


def _names(area: str, id: str, law: Law) -> Said:
    return {f"{area}_{each}": _label(f"{area}.{id}", each) for each in law.languages}


def _label(key: str, language: str) -> str | None:
    try:
        return sealed_words.label(instrument.words(), key, language)
    except Refusal:
        return None


def _marks(notice: Notice, law: Law) -> Said:
    return {"audience": numbers.audience_of(notice.log), "mark": _mark(law)}


def _mark(law: Law) -> str:
    return "exercise" if law.exercise else "demonstration" if law.demo else ""


def _slug(number: str) -> str:
    return number.replace(" ", "-")


def _boolean(value: bool) -> str:
    return "true" if value else "false"

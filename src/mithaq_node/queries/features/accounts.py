"""Each side's account of each incident, and incidents that both sides tell of."""

from collections.abc import Iterable
from functools import cache, partial

from mithaq.formats.openapi import Described, Property
from mithaq.instrument.law import Law
from mithaq.instrument.words import Words
from mithaq.notices.book import Incident, Notice
from mithaq_node.queries import drawn, geometry, layers, ledgers
from mithaq_node.queries.features.differing import compared_by, of_differences, say_differences, several, spots_of
from mithaq_node.queries.features.shared import (
    MARKED,
    NUMBER,
    OF_PLACE,
    PARTY,
    PERIOD,
    PRECISION,
    SORTS,
    TIME,
    Collection,
    Said,
    boolean,
    geometry_of,
    instant,
    marks,
    names,
    names_of,
    period,
    say_place,
)
from mithaq_node.queries.geometry import Geometry
from mithaq_node.queries.layers import Row, Rows, Told


def collections(law: Law, words: Words) -> Iterable[Collection]:
    properties = (
        NUMBER,
        Property("notice", "string", "The spoken number of the notice that states the place, or else the time."),
        PARTY,
        Property("kind", "string", "The kind of the incident's first notice.", filters=True),
        *names_of("kind", law),
        Property("state", "string", "Where the incident stands.", filters=True),
        TIME,
        PERIOD,
        PRECISION,
        Property("time_of", "string", "The field that states the time."),
        *OF_PLACE,
        Property("differs", "boolean", "Whether the sides' accounts of this incident differ.", filters=True),
        Property("differences", "string", "The fields that they state differently, with commas between."),
        *MARKED,
    )
    tests: layers.Tests = {
        "number": lambda row: str(row.source.incident.number),
        "party": lambda row: str(row.source.party),
        "kind": lambda row: _first(row.source.incident).kind,
        "state": lambda row: str(row.source.incident.state),
        "place_form": lambda row: str((row.source.place or {}).get("form", "")),
        "sector": lambda row: geometry.sector_of(row.source.place, law) if row.source.place else "",
        "differs": lambda row: boolean(bool(row.source.incident.differences)),
    }
    for sort, said in SORTS.items():
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
        yield Collection(described, False, rows, partial(_draw_told, law), _Saying(law, words), tests)


def _layer(name: str) -> Rows:
    return ledgers.layers().rows(name)


def _draw_told(law: Law, row: Row) -> Geometry | None:
    told: Told = row.source
    return geometry_of(told.place, law)


class _Saying:
    """What is said of an account; what is the same for many is looked up once."""

    def __init__(self, law: Law, words: Words) -> None:
        self._law, self._times = law, layers.times_of(law)
        self._names = cache(lambda kind: names("kind", kind, law, words))
        self._floor = cache(lambda kind, field: layers.floor_of(kind, field, law))

    def __call__(self, row: Row) -> Said:
        told: Told = row.source
        incident, account = told.incident, told.incident.accounts[told.party]
        time = layers.stated_time(account, self._times)
        place, first = account.get("place"), _first(incident)
        stated = time.number if time else ""
        return {
            "number": incident.number,
            "notice": place.number if place else stated,
            "party": told.party,
            "kind": first.kind,
            **self._names(first.kind),
            "state": incident.state,
            "time": instant(row),
            "period": period(row) if row.first != row.last else None,
            "time_precision": self._floor(_kind_of(incident, stated), time.field) if time else None,
            "time_of": time.field if time else None,
            **say_place(told.place, self._law),
            "differs": bool(incident.differences),
            "differences": ",".join([each.field for each in incident.differences]),
            **marks(first, self._law),
        }


def _kind_of(incident: Incident, number: str) -> str:
    return next((each.kind for each in incident.notices if each.number == number), "")


def _first(incident: Incident) -> Notice:
    return next((each for each in incident.notices if each.number == incident.number), incident.notices[0])


def two(law: Law, words: Words) -> Collection:
    compared = compared_by(law)
    properties = (
        NUMBER,
        Property("kind", "string", "The kind of the incident's first notice.", filters=True),
        *names_of("kind", law),
        Property("state", "string", "Where the incident stands.", filters=True),
        PERIOD,
        *of_differences(compared),
        *MARKED,
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
        "differs": lambda row: boolean(bool(row.source.differences)),
    }

    def say(row: Row) -> Said:
        incident: Incident = row.source
        return {
            "number": incident.number,
            "kind": _first(incident).kind,
            **names("kind", _first(incident).kind, law, words),
            "state": incident.state,
            "period": period(row),
            **say_differences(incident.accounts, {each.field for each in incident.differences}, compared, law),
            **marks(_first(incident), law),
        }

    return Collection(
        described,
        False,
        partial(_layer, layers.TWO),
        lambda row: several(spots_of(row.source.accounts, law)),
        say,
        tests,
    )

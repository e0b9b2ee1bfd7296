"""The book's notices as the reports that matching compares: what was seen, where, when, how precisely stated.

Which kinds may be matched is data: they have the facet `sighting` (`mithaq.notices.roles`). A report is the first
notice by which a party opened an incident, with its corrections, once every party has its facts. Read of it are the
code of the event, place and time with the precision in which they were stated, the weight that its party gives it, and
the number of animals. The number of people is never read, and a kind about people is refused
(`mithaq.analysis.people`).

An incident of which two parties have given accounts is linked already: somebody referred to the other's notice. It is
compared with nothing.

A notice keeps to the law under which it was sealed, and is read here by the one in force: what was stated of a sector
or crossing that is no more has no position, and is left out.
"""

from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import Any, Final

from mithaq import moments, places
from mithaq.analysis.matching import MISSING, Place, Report, Time
from mithaq.analysis.matching.reports import LAST_MOMENT, MOST_COUNTED, MOST_SEVERE
from mithaq.instrument.law import Kind, Law
from mithaq.notices import matches, numbers, roles
from mithaq.notices.book import Book, Incident, Notice

_STATED: Final = {"place", "happened"}
_EVENTS: Final = ("event", "hazard")
_TIMES: Final[Mapping[str, Time]] = {"hour": Time.HOUR, "minute": Time.HOUR, "second": Time.HOUR}
"""How precisely a field states a moment, by its floor; one without a floor is as precise."""
_CLOSE, _NEAR = 4_000, 16_000
"""Metres: a place that is known so well is a position, one known so well near a place; any other is in its sector."""

Seat = tuple[str, str]
"""An audience, and a party of it."""
_Seen = tuple[Seat, tuple[int, str, int], Report]
"""Whose report, where it stands in the record, and the report."""


class Reader:
    """Notices of one law as reports."""

    def __init__(self, law: Law) -> None:
        self.law = law
        self._kinds: Mapping[str, Kind] = {each.name: each for each in law.kinds if matches.SIGHTING in each.facets}
        self._read: dict[str, tuple[Incident, tuple[_Seen, ...]]] = {}
        """What was read of each incident; one that did not change is the same value in the next book."""

    def reports(self, book: Book) -> dict[Seat, list[Report]]:
        """The reports of each party in each audience, in the order of the record."""
        found: dict[Seat, list[_Seen]] = {}
        read = {}
        for number, incident in book.incidents.items():
            known = self._read.get(number)
            read[number] = known if known and known[0] is incident else (incident, tuple(self._seen(incident)))
            for seen in read[number][1]:
                found.setdefault(seen[0], []).append(seen)
        self._read = read
        return {seat: [each for _, _, each in sorted(said)] for seat, said in sorted(found.items())}

    def _seen(self, incident: Incident) -> Iterator[_Seen]:
        """The reports of an incident that only one party has told of."""
        if len(incident.accounts) > 1:
            return
        for notice in self.openers(incident):
            report = self.report(notice)
            if report is not None:
                yield seat_of(notice), notice.order, report

    def openers(self, incident: Incident) -> Iterator[Notice]:
        """The first standing notice of each party that opened an incident and may be matched."""
        seen: set[str] = set()
        for notice in incident.notices:
            stands = notice.conforms and notice.withdrawn_by is None and notice.facts is not None
            if stands and notice.role == roles.OPENS and notice.party not in seen:
                seen.add(notice.party)
                if notice.kind in self._kinds:
                    yield notice

    def report(self, notice: Notice) -> Report | None:
        """A notice as a report; None where it is not of such a kind, and where it cannot be compared: it states no
        position that this law knows, as by a boundary pillar, or a moment a lifetime away."""
        kind, facts = self._kinds.get(notice.kind), notice.facts
        if kind is None or facts is None or not _STATED.issubset(facts):
            return None
        where, moment = self._position(facts["place"]), moments.parse(facts["happened"]).seconds
        if where is None or not 0 <= moment <= LAST_MOMENT:
            return None
        (lon, lat), place = where
        code = next((str(facts[name]) for name in _EVENTS if name in facts), kind.name)
        return Report(
            id=notice.number,
            lon=lon,
            lat=lat,
            place=place,
            moment=moment,
            time=_precision(kind),
            category=(kind.name.partition(".")[0], kind.name, code),
            severity=self._severity(kind, facts.get("impact")),
            counted=min(sum(facts["livestock"].values()), MOST_COUNTED) if "livestock" in facts else MISSING,
            kind=kind.name,
        )

    def _severity(self, kind: Kind, impact: Any) -> int:
        """The place of a code in its list, which goes from the least to the gravest."""
        codes = next((self.law.codes.get(field.codes, []) for field in kind.fields if field.name == "impact"), [])
        return min(codes.index(impact) + 1, MOST_SEVERE) if impact in codes else MISSING

    def _position(self, place: Mapping[str, Any]) -> tuple[places.Position, Place] | None:
        """The position that stands for a place, and how precisely it was stated; None where the law knows none."""
        line = self.law.line
        match place["form"]:
            case "sector":
                middle = self._middles.get(place["sector"])
                return (middle, Place.SECTOR) if middle else None
            case "kilometre":
                return self._course.at(min(int(place["km"]) * 1_000, line.length)), _class_of(line.accuracy)
            case "crossing":
                return self._crossings.get(place["crossing"])
            case "cell":
                return places.Cell(place["lon"], place["lat"], place["size"]).centre, _class_of(place["size"] // 2)
            case "point":
                return (place["lon"], place["lat"]), _class_of(place["accuracy"])
            case "area":
                return _of_area([(lon, lat) for lon, lat in place["ring"]])
        return None

    @cached_property
    def _course(self) -> places.Course:
        line = self.law.line
        return places.Course(tuple(line.points), line.length, line.accuracy)

    @cached_property
    def _middles(self) -> Mapping[str, places.Position]:
        """The middle of each sector's stretch of the line."""
        return {each.id: self._course.at((each.start + each.end) // 2) for each in self.law.sectors}

    @cached_property
    def _crossings(self) -> Mapping[str, tuple[places.Position, Place]]:
        return {each.id: (each.at, _class_of(each.accuracy)) for each in self.law.crossings}


def seat_of(notice: Notice) -> Seat:
    """The audience of a notice's log, and its party."""
    return numbers.audience_of(notice.log), notice.party


def _precision(kind: Kind) -> Time:
    floor = next((field.floor for field in kind.fields if field.name == "happened"), "")
    return _TIMES.get(floor, Time.HOUR)


def _class_of(metres: int) -> Place:
    """How precisely a place is stated that is known to so many metres."""
    return Place.EXACT if metres <= _CLOSE else Place.NEAR if metres <= _NEAR else Place.SECTOR


def _of_area(ring: list[places.Position]) -> tuple[places.Position, Place]:
    """The middle of an area's corners, and how far the furthest of them lies from it."""
    middle = sum(lon for lon, _ in ring) // len(ring), sum(lat for _, lat in ring) // len(ring)
    return middle, _class_of(max(places.distance_mm(middle, each) for each in ring) // 1_000)

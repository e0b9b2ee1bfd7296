"""An example schedule (GTFS) for an instrument's crossings, stations and stretches, so that its alerts can be tried.

    python -m tools.example_gtfs iraq-iran-2025 FILE.zip --day 2030-01-01

No operator runs anything of it, and it says so in the agency's name and in feed_info. A crossing and a station are
stops, a stretch of rail or road is a route with one trip a day each way; times follow from the length of the drawn
path. A crossing that no stretch leads to is a station (location type 1), at which nothing calls. The bytes are the same
for the same instrument and day.
"""

import argparse
import csv
import io
import math
import zipfile
from collections.abc import Iterable, Iterator, Sequence, Set
from datetime import date, timedelta
from pathlib import Path

from mithaq.instrument.law import Law, Position, Segment
from mithaq.instrument.words import Words
from mithaq_files.instrument import compile_folder, shipped

AGENCY = "EXAMPLE - no real operator (Mithaq demonstration)"
ADDRESS = "https://example.org/"
_MICRO = 1_000_000
_DAYS = 365
_KILOMETRES_AN_HOUR = 60
_RAIL, _BUS = "2", "3"

Row = Sequence[str]
Stop = tuple[str, str, Position]
"""Identifier, key of the label, position."""


def example(law: Law, words: Words, day: date) -> bytes:
    """The zip of the schedule, valid for a year from `day`."""
    lines = {segment.id: _stops_of(segment, law) for segment in law.segments}
    stops = {stop[0]: stop for line in lines.values() for stop in line}
    stops |= {each.id: (each.id, f"crossing.{each.id}", each.at) for each in law.crossings}
    tables: dict[str, Iterable[Row]] = {
        "agency.txt": _agency(),
        "feed_info.txt": _feed_info(law, day),
        "calendar.txt": _calendar(day),
        "stops.txt": _stops(stops.values(), {stop[0] for line in lines.values() for stop in line}, words),
        "routes.txt": _routes(law, words),
        "trips.txt": _trips(law),
        "stop_times.txt": _stop_times(lines),
        "translations.txt": _translations(stops.values(), law, words),
    }
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, rows in tables.items():
            archive.writestr(zipfile.ZipInfo(name, (2030, 1, 1, 0, 0, 0)), _csv(rows))
    return made.getvalue()


def _stops_of(segment: Segment, law: Law) -> list[Stop]:
    """The stops of a stretch in order: its ends, which may be crossings, and its stations between them."""
    crossings = {each.at: each.id for each in law.crossings}
    gaps, path = len(segment.stations) + 1, segment.path
    stations = [
        (station.id, f"station.{station.id}", _between(path[0], path[-1], place, gaps))
        for place, station in enumerate(segment.stations, 1)
    ]
    ends = [
        (crossings[at], f"crossing.{crossings[at]}", at)
        if at in crossings
        else (f"{segment.id}-{side}", f"segment.{segment.id}", at)
        for side, at in (("start", path[0]), ("end", path[-1]))
    ]
    return [ends[0], *stations, ends[1]]


def _between(one: Position, other: Position, place: int, gaps: int) -> Position:
    return one[0] + (other[0] - one[0]) * place // gaps, one[1] + (other[1] - one[1]) * place // gaps


def _agency() -> Iterator[Row]:
    yield ("agency_id", "agency_name", "agency_url", "agency_timezone", "agency_lang", "agency_email")
    yield ("example", AGENCY, ADDRESS, "Asia/Baghdad", "en", "nobody@example.org")


def _feed_info(law: Law, day: date) -> Iterator[Row]:
    yield (
        "feed_publisher_name", "feed_publisher_url", "feed_lang", "default_lang", "feed_start_date", "feed_end_date",
        "feed_version", "feed_contact_email",
    )  # fmt: skip
    start, end = _compact(day), _compact(day + timedelta(days=_DAYS))
    yield (AGENCY, ADDRESS, "mul", "en", start, end, f"example-{law.id}-{law.version}", "nobody@example.org")


def _calendar(day: date) -> Iterator[Row]:
    days = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
    yield ("service_id", *days, "start_date", "end_date")
    yield ("daily", *("1" for _ in days), _compact(day), _compact(day + timedelta(days=_DAYS)))


def _stops(stops: Iterable[Stop], served: Set[str], words: Words) -> Iterator[Row]:
    yield ("stop_id", "stop_name", "stop_lat", "stop_lon", "location_type")
    for id, key, (lon, lat) in stops:
        name, sort = words.labels[key]["en"] + _end(id, key), "0" if id in served else "1"
        yield (id, name, f"{lat / _MICRO:.6f}", f"{lon / _MICRO:.6f}", sort)


def _routes(law: Law, words: Words) -> Iterator[Row]:
    yield ("route_id", "agency_id", "route_long_name", "route_type")
    for segment in law.segments:
        name = f"Example: {words.labels[f'segment.{segment.id}']['en']} ({', '.join(segment.modes)})"
        yield (segment.id, "example", name, _RAIL if "rail" in segment.modes else _BUS)


def _trips(law: Law) -> Iterator[Row]:
    yield ("route_id", "service_id", "trip_id", "direction_id")
    for segment in law.segments:
        for direction in ("0", "1"):
            yield (segment.id, "daily", f"{segment.id}-{direction}", direction)


def _stop_times(lines: dict[str, list[Stop]]) -> Iterator[Row]:
    yield ("trip_id", "arrival_time", "departure_time", "stop_id", "stop_sequence", "timepoint")
    for segment, stops in lines.items():
        for direction, line in (("0", stops), ("1", stops[::-1])):
            minute = 8 * 60
            for turn, stop in enumerate(line):
                minute += _minutes(line[turn - 1][2], stop[2]) if turn else 0
                at = f"{minute // 60:02}:{minute % 60:02}:00"
                yield (f"{segment}-{direction}", at, at, stop[0], str(turn + 1), "0")


def _translations(stops: Iterable[Stop], law: Law, words: Words) -> Iterator[Row]:
    yield ("table_name", "field_name", "language", "translation", "record_id")
    for id, key, _ in stops:
        for language in law.languages:
            yield ("stops", "stop_name", language, words.labels[key][language] + _end(id, key), id)


def _end(id: str, key: str) -> str:
    """What tells the two ends of a stretch apart, in every script."""
    return {"start": " [1]", "end": " [2]"}[id.rpartition("-")[2]] if key.startswith("segment.") else ""


def _minutes(one: Position, other: Position) -> int:
    """Minutes between two positions at an even speed; a flat earth will do for an example."""
    east = (other[0] - one[0]) * math.cos(math.radians(one[1] / _MICRO))
    kilometres = math.hypot(east, other[1] - one[1]) / _MICRO * 111.2
    return max(2, round(kilometres / _KILOMETRES_AN_HOUR * 60))


def _compact(day: date) -> str:
    return day.isoformat().replace("-", "")


def _csv(rows: Iterable[Row]) -> str:
    written = io.StringIO()
    csv.writer(written, lineterminator="\r\n").writerows(rows)
    return written.getvalue()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("instrument", help="the name of a shipped instrument")
    parser.add_argument("file", type=Path)
    parser.add_argument("--day", type=date.fromisoformat, required=True, help="the first day of the year it is for")
    asked = parser.parse_args()
    compiled = compile_folder(shipped(asked.instrument))
    asked.file.write_bytes(example(compiled.law, compiled.words, asked.day))
    print(f"{asked.file}: an example schedule, which nobody runs")


if __name__ == "__main__":
    main()

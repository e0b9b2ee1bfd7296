"""What the map asks of a long record, beside PostGIS with the same points: a box and a time, and counts by cell.

    python -m benchmarks.map_queries --points 1000000 [--json]

*The points*: incidents of two sides along a border of a thousand kilometres, half of them around forty places, over
three years; the same to both. *Ours* is what answers a request, without the request: `queries.layers.Rows.page` for
500 features in the order of the record (it says too how many there are in all, which PostGIS is not asked), and
`mithaq.cells.Pyramid.counted`, which the watch room's map draws from, for a tile of zoom 8 in sixteen cells. *Theirs*
is a table with `geometry(Point, 4326)` and GiST over geometry and time (btree_gist), over geometry, and a B-tree over
time, analysed, in memory, asked by prepared statements over a socket. Every answer is compared. PostGIS is not
installed by this; without it the benchmark says so.
"""

import argparse
import json
import os
import random
import statistics
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import django
import psycopg

from mithaq import cells
from mithaq.cells import Box, Pyramid
from mithaq.formats import asked
from mithaq.formats.asked import Query, Span
from tests import postgresql

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.django_settings")
django.setup()

from mithaq_node.queries.layers import Row, Rows  # noqa: E402  # it names models, which Django must be ready for

FEATURES = 500
ZOOM = 8
_TILE = 4
"""Cells along a tile."""
_ASKED = 100
_DAYS = 1_095
_SECOND = 1_000_000
_BEGAN = 1_900_000_000
_LINE = ((44_800_000, 37_000_000), (45_600_000, 35_200_000), (46_000_000, 33_000_000), (48_400_000, 30_000_000))
_MEMORY = "-c shared_buffers=1GB -c work_mem=64MB -c maintenance_work_mem=512MB -c jit=off"
_TABLE = """
CREATE EXTENSION postgis; CREATE EXTENSION btree_gist;
CREATE TABLE point (
  id bigint PRIMARY KEY, party text, kind text, state text, at timestamptz, lon int, lat int,
  geom geometry(Point, 4326) GENERATED ALWAYS AS (ST_SetSRID(ST_MakePoint(lon / 1e6, lat / 1e6), 4326)) STORED
)"""
_COPY = "COPY point (id, party, kind, state, at, lon, lat) FROM STDIN"
_INDICES = """
CREATE INDEX point_where_when ON point USING gist (geom, at);
CREATE INDEX point_where ON point USING gist (geom);
CREATE INDEX point_when ON point (at)"""
_INSIDE = (
    "geom && ST_MakeEnvelope(%(west)s / 1e6, %(south)s / 1e6, %(east)s / 1e6, %(north)s / 1e6, 4326)"
    " AND lon BETWEEN %(west)s AND %(east)s AND lat BETWEEN %(south)s AND %(north)s"
)
"""In the box, and to the last digit: `&&` compares boxes of single precision."""
_FOUND = (
    "SELECT id, party, kind, state, at, lon, lat FROM point"
    f" WHERE {_INSIDE} AND at BETWEEN to_timestamp(%(first)s) AND to_timestamp(%(last)s) ORDER BY id LIMIT {FEATURES}"
)
_COUNTED = (
    f"SELECT party, lon / %(side)s, lat / %(side)s, count(*), sum(lon), sum(lat) FROM point"
    f" WHERE {_INSIDE} AND state = 'open' GROUP BY 1, 2, 3"
)


@dataclass(frozen=True, slots=True)
class Point:
    """An account of an incident."""

    number: int
    party: str
    kind: str
    state: str
    at: int
    """Seconds since 1970."""
    lon: int
    lat: int


@dataclass(frozen=True)
class Asked:
    """A part of the map, and a time for those who ask for one; seconds since 1970."""

    box: Box
    first: int = 0
    last: int = 0

    @property
    def named(self) -> dict[str, int]:
        """As the statements name it."""
        names = zip(("west", "south", "east", "north"), self.box, strict=True)
        return {**dict(names), "first": self.first, "last": self.last, "side": cells.side(ZOOM)}


@dataclass(frozen=True)
class Found:
    """Milliseconds at the median, ours and theirs, and how much there was to answer."""

    points: int
    features_ms: float
    features_theirs_ms: float
    cells_ms: float
    cells_theirs_ms: float
    points_of_a_tile: int


def points(count: int) -> list[Point]:
    """The same points in every run."""
    draw = random.Random(7)  # a script, no secret
    places = [_beside(draw, 0.6) for _ in range(40)]
    made = []
    for number in range(count):
        lon, lat = draw.choice(places) if number % 2 else _beside(draw, 0.8)
        lon, lat = round(draw.gauss(lon, 40_000)), round(draw.gauss(lat, 40_000))
        kind = draw.choice(("incident.initial", "incident.fire", "crossing.inadvertent", "mine.found"))
        state = "open" if draw.random() < 0.7 else "closed"
        at = _BEGAN + draw.randrange(_DAYS * 86_400)
        made.append(Point(number, "AB"[number // 3 % 2], kind, state, at, lon, lat))
    return made


def _beside(draw: random.Random, degrees: float) -> tuple[int, int]:
    """A position within some degrees of the line."""
    (west, north), (east, south) = draw.choice(list(pairwise(_LINE)))
    part, off = draw.random(), draw.uniform(-degrees, degrees) * 1e6
    return round(west + part * (east - west) + off), round(north + part * (south - north) + off / 2)


def rows_of(made: Sequence[Point]) -> Rows:
    """The layer that a program of maps reads."""
    return Rows(
        Row(
            (each.number, each.party, 0, ""), str(each.number), (each.lon, each.lat, each.lon, each.lat),
            each.at * _SECOND, each.at * _SECOND, each,
        )
        for each in made
    )  # fmt: skip


def pyramid_of(made: Sequence[Point]) -> Pyramid:
    """The counts that the watch room's map draws from."""
    pyramid = Pyramid()
    for each in made:
        pyramid.add(str(each.number), (each.state, each.kind), [(each.party, each.lon, each.lat)])
    return pyramid


def places_and_times(made: Sequence[Point], rows: Rows) -> list[Asked]:
    """Boxes of half a degree, each with a time that is doubled until there are 500 features in it."""
    draw, chosen = random.Random(11), []
    for _ in range(_ASKED):
        middle = draw.choice(made)
        box = middle.lon - 250_000, middle.lat - 250_000, middle.lon + 250_000, middle.lat + 250_000
        width = 43_200
        while width < _DAYS * 86_400:
            each = Asked(box, middle.at - width, middle.at + width)
            if _page(rows, each).matched >= FEATURES:
                break
            width *= 2
        chosen.append(each)
    return chosen


def tiles(made: Sequence[Point]) -> list[Asked]:
    """Tiles of the zoom in which points lie, those with many more often."""
    draw, wide = random.Random(13), _TILE * cells.side(ZOOM)
    corners = ((each.lon // wide * wide, each.lat // wide * wide) for each in draw.choices(made, k=_ASKED))
    return [Asked((lon, lat, lon + wide - 1, lat + wide - 1)) for lon, lat in corners]


@contextmanager
def postgis(made: Sequence[Point]) -> Iterator[psycopg.Connection]:
    """A server with the points; raises `postgresql.NotToBeHad` where there is no PostGIS."""
    with postgresql.running(_MEMORY) as server, psycopg.connect(server.url(server.create()), autocommit=True) as conn:
        try:
            conn.execute(_TABLE)
        except psycopg.errors.FeatureNotSupported as error:
            raise postgresql.NotToBeHad("PostGIS is not installed (Debian: postgresql-15-postgis-3)") from error
        with conn.cursor() as cursor, cursor.copy(_COPY) as copy:
            for each in made:
                at = time.strftime("%Y-%m-%d %H:%M:%S+00", time.gmtime(each.at))
                copy.write_row((each.number, each.party, each.kind, each.state, at, each.lon, each.lat))
        conn.execute(_INDICES)
        conn.execute("VACUUM ANALYZE point")
        yield conn


def measure(count: int) -> Found:
    """Both questions to both, every answer compared; raises `postgresql.NotToBeHad`."""
    made = points(count)
    with postgis(made) as conn:
        rows, pyramid = rows_of(made), pyramid_of(made)
        areas, parts = places_and_times(made, rows), tiles(made)
        theirs, theirs_ms = _timed(areas, lambda each: _ask(conn, _FOUND, each))
        ours, ours_ms = _timed(areas, lambda each: _page(rows, each).rows)
        for there, here in zip(theirs, ours, strict=True):
            assert [row[0] for row in there] == [row.source.number for row in here]
        counts, counts_ms = _timed(parts, lambda each: _ask(conn, _COUNTED, each))
        sums, sums_ms = _timed(parts, lambda each: pyramid.counted(ZOOM, each.box, _is_open).sums)
        for there, here in zip(counts, sums, strict=True):
            assert {(row[0], (row[1], row[2])): (row[3], row[4], row[5]) for row in there} == {
                name: (each.count, each.lon, each.lat) for name, each in here.items()
            }
    held = statistics.median(sum(row[3] for row in each) for each in counts)
    return Found(count, ours_ms, theirs_ms, sums_ms, counts_ms, round(held))


def _page(rows: Rows, each: Asked) -> Any:
    query = Query(asked.Box(*each.box), Span(each.first * _SECOND, each.last * _SECOND))
    return rows.page(query, None, FEATURES, {}, lambda row: None)


def _ask(conn: psycopg.Connection, statement: str, each: Asked) -> list[tuple[Any, ...]]:
    return conn.execute(statement, each.named, prepare=True).fetchall()


def _is_open(profile: Any) -> bool:
    return bool(profile[0] == "open")


def _timed(questions: Sequence[Asked], act: Callable[[Asked], Any]) -> tuple[list[Any], float]:
    """The answers, and the milliseconds of one at the median; each question is asked twice, the second time counts."""
    for each in questions:
        act(each)
    answers, spent = [], []
    for each in questions:
        began = time.perf_counter()
        answers.append(act(each))
        spent.append(1_000 * (time.perf_counter() - began))
    return answers, statistics.median(spent)


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.map_queries", description=__doc__.split("\n")[0])
    parser.add_argument("--points", type=int, default=100_000)
    parser.add_argument("--json", action="store_true")
    wanted = parser.parse_args()
    try:
        found = measure(wanted.points)
    except postgresql.NotToBeHad as why:
        sys.stdout.write(f"not measured: {why}\n")
        return 0
    said = {
        f"box and time, {FEATURES} features of {found.points:,} points, ms": found.features_ms,
        "the same from PostGIS, ms": found.features_theirs_ms,
        "ours beside it": found.features_ms / found.features_theirs_ms,
        f"counts of a tile of zoom {ZOOM} ({found.points_of_a_tile:,} points), ms": found.cells_ms,
        "the same from PostGIS, counted, ms": found.cells_theirs_ms,
        "ours beside that": found.cells_ms / found.cells_theirs_ms,
    }
    shown = json.dumps(said) if wanted.json else "\n".join(f"{name:<58}{value:10.3f}" for name, value in said.items())
    sys.stdout.write(shown + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())

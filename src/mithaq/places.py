"""Places as a notice states them: positions, kilometres along the line, sectors, cells, each with its accuracy.

Positions are (longitude, latitude) in integer microdegrees of WGS 84, lengths integer metres. All arithmetic is on
integers, sines and cosines included, so two nodes get the same metre on every machine. Over the tens of kilometres that
matter beside a border, lengths agree with the geodesic to one part in a thousand, far inside the accuracy of any
line we are given.

Two things are never said. On which side of the line a point lies: that is not for a program to decide. And nothing
finer than the accuracy of what it was derived from: a kilometre is "about km 530", and a distance from the line is
answered yes, no, or too close to say.
"""

import re
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from functools import cached_property, lru_cache
from itertools import pairwise
from math import isqrt

from mithaq import calendars
from mithaq.errors import Refusal

Position = tuple[int, int]
Ring = Sequence[Position]
Polygon = Sequence[Ring]

SMALLEST_CELL = 2_000
"""Metres: no cell of a precision floor is smaller (DESIGN section 2, number 11)."""

_DEGREE = 1_000_000
_UNIT = 10**12
_PI = 3_141_592_653_590
_GRID_STEP = 1_000
_STEPS = (1_000, 2_000, 5_000, 10_000, 20_000, 50_000)
_ABOUT = {
    "ar": "نحو الكيلومتر {km}",
    "fa": "حدود کیلومتر {km}",
    "ckb": "نزیکەی کیلۆمەتری {km}",
    "en": "about km {km}",
}


class Answer(Enum):
    """What can honestly be said of a distance."""

    YES = "yes"
    NO = "no"
    TOO_CLOSE = "too-close-to-say"


@dataclass(frozen=True, slots=True)
class Stated:
    """A position as someone wrote it, with the accuracy in metres that its notation can carry."""

    position: Position
    accuracy: int


@dataclass(frozen=True, slots=True)
class Nearest:
    """The point of a line nearest to a position: metres along the line, metres away, and the accuracy of both."""

    metre: int
    distance: int
    accuracy: int


@dataclass(frozen=True, order=True, slots=True)
class Cell:
    """A cell of the fixed grid: its south-west corner in microdegrees, and its least side in metres."""

    lon: int
    lat: int
    size: int

    @property
    def ring(self) -> tuple[Position, ...]:
        """The closed outline, counter-clockwise from the south-west corner."""
        east, north = self.lon + _width(self.lat, self.size), self.lat + _height(self.size)
        corners = ((self.lon, self.lat), (east, self.lat), (east, north), (self.lon, north))
        return (*corners, corners[0])

    @property
    def centre(self) -> Position:
        return self.lon + _width(self.lat, self.size) // 2, self.lat + _height(self.size) // 2


@dataclass(frozen=True)
class Course:
    """A line measured along itself, `length` metres from first point to last, known to `accuracy` metres.

    The stated length stands: metres between its points are stretched evenly to meet it.
    """

    points: tuple[Position, ...]
    length: int
    accuracy: int

    def __post_init__(self) -> None:
        if len(self.points) < 2 or self.length <= 0 or self.accuracy < 0:
            raise Refusal("place.not-a-line", points=len(self.points))

    @cached_property
    def _reached(self) -> tuple[int, ...]:
        """Metres along the line at each of its points."""
        run = [0]
        for start, end in pairwise(self.points):
            run.append(run[-1] + distance_mm(start, end))
        if run[-1] == 0:
            raise Refusal("place.not-a-line", points=len(self.points))
        return tuple(each * self.length // run[-1] for each in run)

    def nearest(self, position: Position) -> Nearest:
        """The place on the line nearest to a position; which side of it the position lies on is not said."""
        best: tuple[int, int, int] | None = None
        for least, index in self._by_latitude(position[1]):
            if best is not None and least > best[0]:
                break
            away, part = _foot(position, self.points[index], self.points[index + 1])
            found = away, index, part
            best = found if best is None or found[:2] < best[:2] else best
        away, index, part = best or (0, 0, 0)
        span = self._reached[index + 1] - self._reached[index]
        return Nearest(self._reached[index] + span * part // _DEGREE, away // 1_000, self.accuracy)

    def _by_latitude(self, lat: int) -> list[tuple[int, int]]:
        """The segments by the millimetres that each is at least away, because it lies so far to the north or south."""
        least = (
            max(south - lat, lat - north, 0) * _LEAST_NORTHWARD - (north - south) * _NORTHWARD_RANGE
            for south, north in self._spans
        )
        return sorted((away // 1_000_000 - _ROUNDED, index) for index, away in enumerate(least))

    @cached_property
    def _spans(self) -> tuple[tuple[int, int], ...]:
        """The latitudes between which each segment lies."""
        return tuple((min(start[1], end[1]), max(start[1], end[1])) for start, end in pairwise(self.points))

    def at(self, metre: int) -> Position:
        """The position `metre` metres along the line."""
        if not 0 <= metre <= self.length:
            raise Refusal("place.off-the-line", metre=metre, length=self.length)
        index = min(bisect_right(self._reached, metre), len(self.points) - 1) - 1
        start, end = self.points[index], self.points[index + 1]
        span = max(self._reached[index + 1] - self._reached[index], 1)
        part = metre - self._reached[index]
        return start[0] + (end[0] - start[0]) * part // span, start[1] + (end[1] - start[1]) * part // span


def measure(points: Sequence[Position]) -> int:
    """The length in metres of a line through `points`."""
    return sum(distance_mm(start, end) for start, end in pairwise(points)) // 1_000


def distance(first: Position, second: Position) -> int:
    """Metres between two positions that lie within some hundred kilometres of each other."""
    return distance_mm(first, second) // 1_000


def distance_mm(first: Position, second: Position) -> int:
    """Millimetres between two positions that lie within some hundred kilometres of each other."""
    east, north = _offset(first, second)
    return isqrt(east * east + north * north)


def kilometre(metre: int) -> int:
    """The kilometre along the line in which a metre lies, rounded to the nearest."""
    return (metre + 500) // 1_000


def about(metre: int, accuracy: int) -> int:
    """The kilometre along the line that may be said of a metre known to `accuracy` metres, rounded to that reach."""
    step = next((step for step in _STEPS if step >= 2 * accuracy), 100_000)
    return (metre + step // 2) // step * step // 1_000


def neutral(metre: int, accuracy: int, language: str) -> str:
    """The neutral name of a place on the line: "about km 530", in the reader's language and digits."""
    return _ABOUT[language].format(km=calendars.digits(str(about(metre, accuracy)), language))


def within(distance: int, limit: int, accuracy: int) -> Answer:
    """Whether a distance known to `accuracy` metres is at most `limit` metres."""
    if distance + accuracy <= limit:
        return Answer.YES
    if distance - accuracy > limit:
        return Answer.NO
    return Answer.TOO_CLOSE


def contains(polygons: Sequence[Polygon], position: Position) -> bool:
    """Whether a position lies in one of the polygons (outline first, holes after); shared edges belong to one side."""
    return any(sum(_crossings(ring, position) for ring in polygon) % 2 == 1 for polygon in polygons)


def crosses_itself(ring: Ring) -> bool:
    """Whether the outline of an area, by its corners and not closed, meets itself anywhere but where one side ends and
    the next begins: such corners state no one area."""
    sides = list(pairwise((*ring, ring[0])))
    last = len(sides) - 1
    for index, side in enumerate(sides):
        if _turns_back(side, sides[(index + 1) % len(sides)]):
            return True
        beyond = range(index + 2, last if index == 0 else last + 1)
        if any(_touch(side, sides[other]) for other in beyond):
            return True
    return False


def sector_of(position: Position, areas: Mapping[str, Sequence[Polygon]]) -> str | None:
    """The first sector, in the order given, whose area holds the position."""
    return next((sector for sector, polygons in areas.items() if contains(polygons, position)), None)


def sector_at(metre: int, stretches: Mapping[str, tuple[int, int]]) -> str | None:
    """The sector whose stretch of the line (start, end in metres) holds a metre; the last end belongs to its sector."""
    for sector, (start, end) in stretches.items():
        if start <= metre < end:
            return sector
    return next((sector for sector, (_, end) in stretches.items() if metre == end), None)


def cell_of(position: Position, size: int = SMALLEST_CELL) -> Cell:
    """The cell of the fixed grid that holds a position; both its sides are at least `size` metres."""
    if size < SMALLEST_CELL:
        raise Refusal("place.cell-too-small", size=size, least=SMALLEST_CELL)
    lon, lat = check_position(position)
    south = lat // _height(size) * _height(size)
    if not -80 * _DEGREE <= south <= 80 * _DEGREE:
        raise Refusal("place.out-of-range", lon=lon, lat=lat)
    width = _width(south, size)
    return Cell(lon // width * width, south, size)


def check_position(position: Position) -> Position:
    """The position itself, if it lies on the globe."""
    lon, lat = position
    if abs(lon) > 180 * _DEGREE or abs(lat) > 90 * _DEGREE:
        raise Refusal("place.out-of-range", lon=lon, lat=lat)
    return position


_NUMBER = r"(\d{1,3}(?:[.٫]\d{1,8})?)"
_DMS = re.compile(
    rf"{_NUMBER}\s*[°º]?\s*(?:{_NUMBER}\s*['’′]\s*)?(?:{_NUMBER}\s*(?:[\"”″]|''|’’)\s*)?([NSEW])", re.ASCII
)
_SPACED = re.compile(r"(\d{1,3}) (\d{1,2}) (\d{1,2}(?:[.٫]\d{1,8})?) ?([NSEW])", re.ASCII)
_DIRECTION_MARKS = dict.fromkeys(map(ord, "\u200e\u200f\u061c\u2066\u2067\u2068\u2069\u202a\u202b\u202c\u202d\u202e"))
_DECIMAL = re.compile(r"([+-]?\d{1,3}(?:[.٫]\d{1,8})?)\s*[,،;\s]\s*([+-]?\d{1,3}(?:[.٫]\d{1,8})?)", re.ASCII)
_METRES_A_DEGREE = 111_320
_LEAST_NORTHWARD, _NORTHWARD_RANGE, _ROUNDED = 109_000_000, 1_500_000, 4
"""Nanometres of a microdegree of latitude: fewer than it has anywhere by as much as it differs over the globe; by how
much it differs at most; and the millimetres that are lost to rounding."""


def plain(text: str) -> str:
    """What was typed or pasted as a position, in ASCII digits and capitals, spaces made plain and marks of direction
    left out: a page written from right to left puts them around coordinates, and nobody sees what he copies."""
    return " ".join(calendars.parse_digits(text).translate(_DIRECTION_MARKS).upper().split())


def parse_position(text: str) -> Stated:
    """A position written by hand, with the accuracy that its last digit can carry.

    Either two decimal numbers, latitude first (ISO 6709), or two angles in degrees, minutes and seconds, each with its
    letter N, S, E or W, in any order, with signs or with spaces between. Arabic-Indic and Persian digits are read too.
    Refuses the rest (`place.not-a-position`).
    """
    written = plain(text)
    angles = _angles(written)
    if angles:
        read = {("lat" if angle[4] in "NS" else "lon"): _angle(angle) for angle in angles}
    elif pair := _DECIMAL.fullmatch(written):
        read = {"lat": _decimal(pair[1]), "lon": _decimal(pair[2])}
    else:
        read = {}
    if set(read) != {"lat", "lon"}:
        raise Refusal("place.not-a-position", found=text[:60])
    (lon, lon_step), (lat, lat_step) = read["lon"], read["lat"]
    coarsest = max(lon_step, lat_step)
    return Stated(check_position((lon, lat)), max(1, (coarsest * _METRES_A_DEGREE + _DEGREE) // (2 * _DEGREE)))


def _angles(written: str) -> list[re.Match[str]]:
    """Both angles of a position, and nothing beside them; none where it is not written so."""
    for notation in (_DMS, _SPACED):
        angles = list(notation.finditer(written))
        if len(angles) == 2 and not notation.sub("", written).strip(" ,،;"):
            return angles
    return []


def _angle(angle: re.Match[str]) -> tuple[int, int]:
    """Microdegrees and the step of the last digit, of degrees, minutes and seconds with a letter."""
    total, step = 0, _DEGREE
    for number, scale in ((angle[1], 1), (angle[2], 60), (angle[3], 3600)):
        if number is None:
            continue
        value, digit = _decimal(number)
        if scale > 1 and value >= 60 * _DEGREE:
            raise Refusal("place.not-a-position", found=angle[0])
        total, step = total + (value + scale // 2) // scale, max(1, digit // scale)
    return (-total if angle[4] in "SW" else total), step


def _decimal(number: str) -> tuple[int, int]:
    """Microdegrees and the step of the last digit, of a decimal number."""
    sign, digits = (-1, number[1:]) if number[:1] == "-" else (1, number.lstrip("+"))
    whole, _, part = digits.replace("٫", ".").partition(".")
    micro = int(whole) * _DEGREE + int(part[:6].ljust(6, "0"))
    return sign * micro, max(1, _DEGREE // 10 ** len(part))


def _offset(first: Position, second: Position) -> tuple[int, int]:
    """Millimetres east and north from one position to another, at the scale of the latitude between them."""
    eastward, northward = scale((first[1] + second[1]) // 2)
    return (second[0] - first[0]) * eastward // 1_000_000, (second[1] - first[1]) * northward // 1_000_000


def scale(lat: int) -> tuple[int, int]:
    """Nanometres in a microdegree of longitude and of latitude, at a latitude in microdegrees from 0 to 90 degrees on
    either side, by the usual series for the ellipsoid of WGS 84."""
    angle = lat * _PI // (180 * _DEGREE)
    once = _cosine(angle)
    twice = 2 * once * once // _UNIT - _UNIT
    thrice = (2 * twice - _UNIT) * once // _UNIT
    eastward = (111_412_840 * once - 93_500 * thrice) // _UNIT
    northward = (111_132_954 * _UNIT - 559_822 * twice) // _UNIT
    return eastward, northward


def _cosine(angle: int) -> int:
    """The cosine of an angle up to a quarter turn, both in units of 10^-12, by its series."""
    square = angle * angle // _UNIT
    term = total = _UNIT
    for count in range(1, 12):
        term = -term * square // (_UNIT * (2 * count - 1) * (2 * count))
        total += term
    return total


def _foot(position: Position, start: Position, end: Position) -> tuple[int, int]:
    """Millimetres from a position to a segment, and how far along it the foot lies, in millionths."""
    (east, north), (to_east, to_north) = _offset(start, end), _offset(start, position)
    square = east * east + north * north
    part = 0 if square == 0 else min(_DEGREE, max(0, (to_east * east + to_north * north) * _DEGREE // square))
    away_east, away_north = to_east - east * part // _DEGREE, to_north - north * part // _DEGREE
    return isqrt(away_east * away_east + away_north * away_north), part


_Side = tuple[Position, Position]


def _turn(start: Position, end: Position, position: Position) -> int:
    """Above zero when a position lies to the left of the way from start to end, below when to the right."""
    return (end[0] - start[0]) * (position[1] - start[1]) - (end[1] - start[1]) * (position[0] - start[0])


def _turns_back(side: _Side, following: _Side) -> bool:
    """Whether a side runs back along the one before it."""
    (start, corner), (_, end) = side, following
    back = (corner[0] - start[0]) * (end[0] - corner[0]) + (corner[1] - start[1]) * (end[1] - corner[1]) < 0
    return back and _turn(start, corner, end) == 0


def _touch(one: _Side, other: _Side) -> bool:
    """Whether two sides have a point in common."""
    turns = [_turn(*one, position) for position in other], [_turn(*other, position) for position in one]
    if all(min(pair) < 0 < max(pair) for pair in turns):
        return True
    found = ((side, position) for side, ends in ((one, other), (other, one)) for position in ends)
    return any(_turn(*side, position) == 0 and _is_between(side, position) for side, position in found)


def _is_between(side: _Side, position: Position) -> bool:
    (west, east), (south, north) = (sorted(each) for each in zip(*side, strict=True))
    return west <= position[0] <= east and south <= position[1] <= north


def _crossings(ring: Ring, position: Position) -> int:
    """How many edges of a ring a ray from the position to the east crosses."""
    lon, lat = position
    count = 0
    for (lon_a, lat_a), (lon_b, lat_b) in zip(ring, (*ring[1:], ring[0]), strict=True):
        if (lat_a > lat) == (lat_b > lat):
            continue
        turn = (lon_b - lon_a) * (lat - lat_a) - (lon - lon_a) * (lat_b - lat_a)
        count += (turn > 0) == (lat_b > lat_a)
    return count


def _height(size: int) -> int:
    """Microdegrees of latitude that are at least `size` metres everywhere on the globe."""
    return _rounded_up(size * _DEGREE * 1_000, 110_567_000)


@lru_cache(maxsize=4_096)
def _width(south: int, size: int) -> int:
    """Microdegrees of longitude that are at least `size` metres along the whole row of cells that starts at `south`."""
    furthest = max(abs(south), abs(south + _height(size)))
    return _rounded_up(size * _DEGREE * 1_000, scale(furthest)[0])


def _rounded_up(dividend: int, divisor: int) -> int:
    return -(-dividend // (divisor * _GRID_STEP)) * _GRID_STEP

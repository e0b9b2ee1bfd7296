"""What a program asks of a collection of features (OGC API - Features, Part 1, 1.0.1), read exactly or refused.

Positions are integer microdegrees (longitude, latitude; WGS 84), instants integer microseconds since 1970. A box or a
time that cannot be read is refused (`ogc.bad-parameter`), never ignored: clients do not filter again.
"""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal, InvalidOperation, localcontext

from mithaq.errors import Refusal

MOST = 1_000
"""Features on one page."""
USUAL = 100

Bounds = tuple[int, int, int, int]
"""West, south, east and north of a feature in microdegrees; no feature runs over the antimeridian."""

_DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,6})?(Z|[+-]\d\d:\d\d)", re.ASCII)
_NUMBER = re.compile(r"[+-]?\d{1,12}(\.\d{0,30})?([eE][+-]?\d{1,2})?", re.ASCII)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_MILLION = Decimal(1_000_000)


@dataclass(frozen=True, slots=True)
class Box:
    """A bounding box asked for, in whole microdegrees, the unit of every position: rounded inwards, it holds the same
    positions as what was written."""

    west: int
    south: int
    east: int
    north: int
    wraps: bool = False
    """Whether it runs over the antimeridian."""

    @property
    def parts(self) -> "tuple[Box, ...]":
        """The same as one box or two, none of which runs over the antimeridian."""
        if not self.wraps:
            return (self,)
        return Box(self.west, self.south, 180_000_000, self.north), Box(-180_000_000, self.south, self.east, self.north)

    def meets(self, found: Bounds) -> bool:
        """Whether it shares a position with what lies within `found`, if that fills it."""
        west, south, east, north = found
        if south > self.north or north < self.south:
            return False
        if self.wraps:
            return east >= self.west or west <= self.east
        return west <= self.east and east >= self.west

    def holds(self, found: Bounds) -> bool:
        """Whether all of `found` lies within it."""
        west, south, east, north = found
        return any(
            part.west <= west and east <= part.east and part.south <= south and north <= part.north
            for part in self.parts
        )


@dataclass(frozen=True, slots=True)
class Span:
    """A time asked for, from its first microsecond to its last; None where it is open."""

    first: int | None
    last: int | None

    def meets(self, first: int, last: int) -> bool:
        """Whether what lasts from `first` to `last` shares an instant with it."""
        return (self.first is None or last >= self.first) and (self.last is None or first <= self.last)


@dataclass(frozen=True, slots=True)
class Query:
    """Which features are asked for; what is not given chooses nothing."""

    box: Box | None = None
    span: Span | None = None
    equal: tuple[tuple[str, str], ...] = ()
    """Property and value as it was written."""

    @property
    def is_all(self) -> bool:
        return self.box is None and self.span is None and not self.equal


def limit(text: str) -> int:
    """How many features a page has at most; more than `MOST` is `MOST`."""
    if not (text.isascii() and text.isdigit()) or not text.strip("0"):
        raise _bad("limit", text)
    return MOST if len(text.lstrip("0")) > 6 else min(int(text), MOST)


def box(text: str) -> Box:
    """A bounding box of four numbers in CRS84, or of six, whose heights say nothing of features without one."""
    parts = text.split(",")
    if len(parts) not in (4, 6):
        raise _bad("bbox", text)
    numbers = [_number(part, text) for part in parts]
    west, south, east, north = (numbers[each] for each in ((0, 1, 2, 3) if len(parts) == 4 else (0, 1, 3, 4)))
    if not -90 <= south <= north <= 90 or not (-180 <= west <= 180 and -180 <= east <= 180):
        raise _bad("bbox", text)
    up, down = "ROUND_CEILING", "ROUND_FLOOR"
    return Box(_micro(west, up), _micro(south, up), _micro(east, down), _micro(north, down), west > east)


def span(text: str) -> Span:
    """An instant or an interval, whose ends may be open (`..` or nothing); a day is all its instants, in UTC."""
    start, slash, end = text.upper().partition("/")
    if not slash:
        return Span(*_instants(start, text))
    if start in ("", "..") and end in ("", ".."):
        raise _bad("datetime", text)
    first = None if start in ("", "..") else _instants(start, text)[0]
    last = None if end in ("", "..") else _instants(end, text)[1]
    if first is not None and last is not None and first > last:
        raise _bad("datetime", text)
    return Span(first, last)


def _instants(written: str, text: str) -> tuple[int, int]:
    is_day = _DAY.fullmatch(written) is not None
    if not is_day and not _INSTANT.fullmatch(written):
        raise _bad("datetime", text)
    try:
        read = datetime.fromisoformat(f"{written}T00:00:00Z" if is_day else written)
    except ValueError as error:
        raise _bad("datetime", text) from error
    first = (read - _EPOCH) // _MICROSECOND
    return first, first + (86_400_000_000 - 1 if is_day else 0)


def _number(part: str, text: str) -> Decimal:
    if not _NUMBER.fullmatch(part.strip(" ")):
        raise _bad("bbox", text)
    try:
        return Decimal(part.strip(" "))
    except InvalidOperation as error:
        raise _bad("bbox", text) from error


def _micro(degrees: Decimal, rounding: str) -> int:
    with localcontext() as context:
        context.prec = 60
        return int((degrees * _MILLION).to_integral_value(rounding))


def _bad(name: str, value: str) -> Refusal:
    return Refusal("ogc.bad-parameter", name=name, value=value[:80])

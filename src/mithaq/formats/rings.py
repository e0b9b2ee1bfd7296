"""Outlines as programs of alerts take them: closed, simple, and of at most some hundreds of corners.

What does not fit is made wider and never narrower: a ring that crosses itself, or has too many corners, becomes its
convex hull, and a hull with too many corners the box around it. So whoever was inside still is.
"""

from collections.abc import Sequence
from functools import lru_cache

from mithaq import places
from mithaq.places import Position, Ring

MOST_CORNERS = 300


def outline(ring: Ring) -> tuple[Position, ...]:
    """A closed ring around all that `ring` encloses: itself where it can be; empty where it encloses nothing."""
    return _outline(tuple((lon, lat) for lon, lat in ring))


@lru_cache(maxsize=512)
def _outline(ring: tuple[Position, ...]) -> tuple[Position, ...]:
    corners = _without_repeats(ring)
    if 3 <= len(corners) <= MOST_CORNERS and _is_simple(corners):
        return (*corners, corners[0])
    hull = _hull(corners)
    if len(hull) < 3:
        return ()
    corners = hull if len(hull) <= MOST_CORNERS else _box(hull)
    return (*corners, corners[0])


def _is_simple(corners: Sequence[Position]) -> bool:
    """Whether the ring through these corners, the last joined to the first, touches itself nowhere."""
    return len(set(corners)) == len(corners) and not places.crosses_itself(corners)


def _without_repeats(ring: Sequence[Position]) -> tuple[Position, ...]:
    """The corners, without those that only repeat the one before; the last is not the first."""
    corners = [each for place, each in enumerate(ring) if place == 0 or each != ring[place - 1]]
    while len(corners) > 1 and corners[-1] == corners[0]:
        corners.pop()
    return tuple(corners)


def _side(start: Position, end: Position, point: Position) -> int:
    """Positive where `point` lies to the left of the way from `start` to `end`, 0 on it."""
    return (end[0] - start[0]) * (point[1] - start[1]) - (end[1] - start[1]) * (point[0] - start[0])


def _hull(points: Sequence[Position]) -> tuple[Position, ...]:
    """The corners of the convex hull, counter-clockwise (Andrew's monotone chain)."""
    ordered = sorted(set(points))
    below, above = _chain(ordered), _chain(ordered[::-1])
    return (*below[:-1], *above[:-1])


def _chain(ordered: Sequence[Position]) -> list[Position]:
    chain: list[Position] = []
    for point in ordered:
        while len(chain) > 1 and _side(chain[-2], chain[-1], point) <= 0:
            chain.pop()
        chain.append(point)
    return chain


def _box(points: Sequence[Position]) -> tuple[Position, ...]:
    lons, lats = zip(*points, strict=True)
    west, south, east, north = min(lons), min(lats), max(lons), max(lats)
    return (west, south), (east, south), (east, north), (west, north)

"""Where activities lie, drawn in a frame: outlines in whole steps of the frame, for pages without map and script.

What is known only to an accuracy is drawn as wide as that. The line is drawn as the instrument has it, with the sectors
and crossings that lie in the frame; nothing says on which side anything lies.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import cos, radians

from shapely import LineString, MultiPolygon, Point, Polygon, affinity, box
from shapely.geometry.base import BaseGeometry

from mithaq import places
from mithaq.activities.extents import Extent, Ground

WIDTH, HEIGHT = 640, 400
_METRES_A_MICRODEGREE = 0.111_320
_LEAST_METRES = 6_000
_MARGIN = 1.5
_ROUND_LENGTHS = (1, 2, 5, 10, 20, 50, 100, 200, 500)

Path = str
"""Path data of SVG, in steps of the frame."""


@dataclass(frozen=True, slots=True)
class Drawing:
    """A frame of 640 by 400 steps and what lies in it."""

    places: tuple[Path, ...]
    """One for each place asked for, in that order."""
    shared: Path
    """The ground that two of them share as stated; empty where none is known."""
    line: Path
    sectors: tuple[Path, ...]
    crossings: tuple[tuple[str, int, int], ...]
    """Identifier and where it is."""
    bar: tuple[int, int]
    """A length in whole kilometres, and the steps that it takes."""


def draw(ground: Ground, extents: Sequence[Extent], rings: Iterable[places.Ring] = ()) -> Drawing:
    """The frame around some places and the ground that they share."""
    frame = _Frame.around(extents)
    shared = MultiPolygon([Polygon(ring) for ring in rings])
    law = ground.law
    sectors = (MultiPolygon([(polygon[0], list(polygon[1:])) for polygon in each.area]) for each in law.sectors)
    stand = ((each.id, *frame.step(each.at)) for each in law.crossings)
    return Drawing(
        places=tuple(frame.path(each.shape, each.accuracy) for each in extents),
        shared=frame.path(shared, 0) if not shared.is_empty else "",
        line=frame.path(LineString(law.line.points), 0),
        sectors=tuple(path for each in sectors if (path := frame.path(each, 0))),
        crossings=tuple((id, east, down) for id, east, down in stand if 0 <= east <= WIDTH and 0 <= down <= HEIGHT),
        bar=frame.bar(),
    )


def square_kilometres(rings: Iterable[places.Ring]) -> int:
    """How much ground some outlines hold, rounded to whole square kilometres and at least one."""
    total = 0.0
    for ring in rings:
        shape = Polygon(ring)
        total += shape.area * _METRES_A_MICRODEGREE**2 * _narrowing(shape.centroid.y) / 1_000_000
    return max(1, round(total))


@dataclass(frozen=True, slots=True)
class _Frame:
    """From microdegrees to steps: east of `west`, down from `north`."""

    west: float
    north: float
    wide: float
    """Metres in a microdegree of longitude here."""
    scale: float
    """Steps in a metre."""

    @classmethod
    def around(cls, extents: Sequence[Extent]) -> "_Frame":
        boxes = [each.box for each in extents]
        west, south = min(each[0] for each in boxes), min(each[1] for each in boxes)
        east, north = max(each[2] for each in boxes), max(each[3] for each in boxes)
        wide = _METRES_A_MICRODEGREE * _narrowing((south + north) / 2)
        across = max((east - west) * wide, _LEAST_METRES) * _MARGIN
        tall = max((north - south) * _METRES_A_MICRODEGREE, _LEAST_METRES) * _MARGIN
        scale = min(WIDTH / across, HEIGHT / tall)
        return cls(
            (east + west) / 2 - WIDTH / scale / wide / 2,
            (south + north) / 2 + HEIGHT / scale / _METRES_A_MICRODEGREE / 2,
            wide,
            scale,
        )

    def step(self, position: places.Position) -> tuple[int, int]:
        east = (position[0] - self.west) * self.wide * self.scale
        down = (self.north - position[1]) * _METRES_A_MICRODEGREE * self.scale
        return round(east), round(down)

    def path(self, shape: BaseGeometry, accuracy: int) -> Path:
        """The outline in the frame, widened by an accuracy in metres; empty where it lies outside."""
        metres = affinity.affine_transform(
            shape,
            [self.wide, 0, 0, -_METRES_A_MICRODEGREE, -self.west * self.wide, self.north * _METRES_A_MICRODEGREE],
        )
        widened = metres.buffer(accuracy) if accuracy else metres
        stepped = affinity.scale(widened, self.scale, self.scale, origin=(0, 0))
        around = box(-WIDTH, -HEIGHT, 2 * WIDTH, 2 * HEIGHT)
        return "".join(_path(each) for each in _parts(stepped.intersection(around)))

    def bar(self) -> tuple[int, int]:
        """The longest round length that takes no more than a third of the frame."""
        fitting = [each for each in _ROUND_LENGTHS if each * 1_000 * self.scale <= WIDTH / 3]
        kilometres = fitting[-1] if fitting else _ROUND_LENGTHS[0]
        return kilometres, round(kilometres * 1_000 * self.scale)


def _parts(shape: BaseGeometry) -> list[BaseGeometry]:
    return [each for each in getattr(shape, "geoms", [shape]) if not each.is_empty]


def _path(shape: BaseGeometry) -> Path:
    if isinstance(shape, Polygon):
        return "".join(f"{_through(ring.coords)}Z" for ring in (shape.exterior, *shape.interiors))
    if isinstance(shape, Point):
        return f"M{round(shape.x)} {round(shape.y)}h0"
    return _through(shape.coords) if isinstance(shape, LineString) else ""


def _through(coords: Iterable[tuple[float, ...]]) -> Path:
    return "M" + "L".join(f"{round(east)} {round(down)}" for east, down, *_ in coords)


def _narrowing(lat: float) -> float:
    return max(0.1, cos(radians(lat / 1_000_000)))

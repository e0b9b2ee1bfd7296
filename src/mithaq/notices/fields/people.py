"""What may be counted, as lists that no instrument can widen.

People are counted, never listed. The categories are age bands, civilian or official, and the role in traffic; origin,
faith, language, party and group are not there and cannot be added by an instrument, only by changing this file, which
every other node, `instrument check` and `mithaq verify` also carry.
"""

from collections.abc import Mapping
from typing import Final

PEOPLE: Final = (
    "adult",
    "child",
    "civilian",
    "crew",
    "driver",
    "injured",
    "official",
    "older",
    "passenger",
    "pedestrian",
    "pilgrim",
)

COUNTABLE: Final[Mapping[str, frozenset[str]]] = {
    "people": frozenset(PEOPLE),
    "livestock": frozenset({"buffalo", "camels", "cattle", "equines", "goats", "poultry", "sheep", "other"}),
    "flow": frozenset({"cars", "coaches", "lorries", "passengers", "pedestrians", "pilgrims", "trains"}),
    "side": frozenset({"first", "second", "third", "fourth"}),
    "objects": frozenset({"mine", "unexploded", "vessel", "vehicle", "aircraft", "building"}),
}
"""Coded lists that a `counts` field may use, and every code each may hold."""

"""Positions as the military grid writes them (MGRS, NGA.STND.0037): `38S MB 44156 84466`.

A reference names a square, not a point. What is stated is its middle, with half the diagonal as accuracy; from then on
it is a position like any other, and the field's floor decides how coarse it becomes.
"""

import re

import mgrs

from mithaq import places

_REFERENCE = re.compile(r"([0-9]{1,2})\s*([C-HJ-NP-X])\s*([A-HJ-NP-Z]{2})\s*([0-9]+)(?:\s+([0-9]+))?")
_FINEST = 5
"""Digits of one coordinate at which the square is one metre wide."""
_DEGREE = 1_000_000


def position(text: str) -> places.Stated | None:
    """The position of a reference, digits of any language; None where `text` is no reference, or of no square."""
    found = _REFERENCE.fullmatch(places.plain(text))
    if found is None:
        return None
    zone, band, square, easting, northing = found.groups()
    if northing is None:
        easting, northing = easting[: len(easting) // 2], easting[len(easting) // 2 :]
    if len(easting) != len(northing) or len(easting) > _FINEST:
        return None
    side = 10 ** (_FINEST - len(easting))
    try:  # of a square wider than a metre, the package answers the middle
        latitude, longitude = mgrs.MGRS().toLatLon(f"{zone}{band}{square}{easting}{northing}")
    except mgrs.core.MGRSError:
        return None
    at = places.check_position((round(longitude * _DEGREE), round(latitude * _DEGREE)))
    return places.Stated(at, max(1, -(-side * 7_072 // 10_000)))

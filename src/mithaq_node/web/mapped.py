"""The frame of a map: what its template and its script ask of a page."""

import json
from typing import Any

from django.templatetags.static import static

from mithaq_node import queries
from mithaq_node.web.reader import Reader

GEOJSON = "application/geo+json"


def frame(reader: Reader, features: str) -> dict[str, Any]:
    """What `watch/map.html` shows around a map of the features at an address."""
    parties = {
        party.code: {"code": party.code, "shape": party.shape, "place": place}
        for place, party in zip((-1, 1, -2, 2), queries.parties(), strict=False)
    }
    return {
        "parties": json.dumps(parties),
        "basemap": static("basemap/"),
        "accuracy": reader.law.line.accuracy,
        "features": features,
    }

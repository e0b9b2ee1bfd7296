"""A node with accounts of both sides in every form of place, and tokens to read them with."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from django.db import connections
from django.test import Client

from mithaq.notices.envelope import Reference
from mithaq_node.services import accounts, tokens
from mithaq_node.store.models import Officer
from tests.mithaq_node import announcing, meadow
from tests.mithaq_node import pair as pairs
from tests.mithaq_node.meadow import INCIDENT, SECRET
from tests.mithaq_node.pair import Pair

WORKS: dict[str, Any] = {
    "activity": "demining",
    "place": {"form": "kilometre", "km": 40},
    "distance": "under-2-km",
    "period": {"from": "2030-05-20T05:00:00Z", "until": "2030-05-22T05:00:00Z"},
}
BRIDGE: dict[str, Any] = {"crossing": "bridge", "direction": ["to-ml"], "traffic": ["passengers"], "reason": "weather"}
CORNER = {
    "form": "area",
    "ring": [[0, 0], [54_000, 0], [54_000, 19_000], [18_000, 19_000], [18_000, 76_000], [0, 76_000]],
}
"""An area like the letter L, whose corners lie on the grid."""
PLACES = (
    {"form": "sector", "sector": "A"},
    {"form": "kilometre", "km": 20},
    {"form": "crossing", "crossing": "bridge"},
    {"form": "cell", "lon": -54_000, "lat": 646_000, "size": 2_000},
    CORNER,
)


@dataclass
class Border:
    """A node, its officers, and what stands on its record."""

    officers: dict[str, Officer]

    def token(self, role: str = "duty", days: int = 30) -> str:
        return tokens.make(officer=self.officers[role], scopes=["read:features"], label="a map", days=days)[1]

    def get(self, address: str, token: str | None = None, **query: Any) -> Any:
        """What a program gets that brings a token."""
        bearer = {"Authorization": f"Bearer {token or self._token}"}
        return Client().get(f"/ogc/{address}", query, headers=bearer)

    def __post_init__(self) -> None:
        self._token = self.token()


def _tell(pair: Pair) -> None:
    """Two incidents of the Meadow in each form of place, accounts of the River of two of them, one without a place, an
    incident of its own that it says is one with the fourth, plans of both, and what
    both say of the bridge."""
    sides = {"ML": pair.ml, "RL": pair.rl}

    def tell(party: str, number: int, name: str, content: dict[str, Any], *refers: int) -> None:
        seat, first = sides[party].seat, sides["ML"].seat
        references = [Reference(log=first.origin, id=pairs.identity("ML", each)) for each in refers]
        row = pairs.notice(seat, number, pair.now, content, name=name, references=references)
        pairs.release(sides[party], [row])

    for number in range(10):
        hour = f"2030-05-{1 + number:02}T10:00:00Z"
        tell("ML", number, "incident.initial", {**INCIDENT, "happened": hour, "place": PLACES[number % 5]})
    tell("ML", 20, "works.planned", {**WORKS, "place": CORNER})
    tell("ML", 21, "crossing.status", {**BRIDGE, "state": "open"})
    pair.settle()
    cell = {"form": "cell", "lon": 18_000, "lat": 152_000, "size": 2_000}
    tell("RL", 1, "incident.update", {"happened": "2030-05-01T12:00:00Z", "place": cell, "progress": "information"}, 0)
    tell("RL", 5, "incident.update", {"happened": "2030-05-02T10:00:00Z", "progress": "information"}, 1)
    tell("RL", 2, "incident.initial", {**INCIDENT, "place": cell})
    named = {"ours": ("RL", 2), "theirs": ("ML", 3)}
    words = {
        name: {"log": sides[party].seat.origin, "id": pairs.identity(party, each)}
        for name, (party, each) in named.items()
    }
    tell("RL", 6, "match.confirmed", words)
    tell("RL", 3, "works.planned", WORKS)
    tell("RL", 4, "crossing.status", {**BRIDGE, "state": "closed"})
    pair.settle()


@pytest.fixture(scope="module")
def border(tmp_path_factory: pytest.TempPathFactory, django_db_blocker: Any) -> Iterator[Border]:
    """Ten incidents of the one side, an answer and a report of the other, plans, and a crossing in dispute."""
    with django_db_blocker.unblock():
        made = Pair(tmp_path_factory.mktemp("border"), instrument=announcing.instrument())
        made.settle()
        _tell(made)
        node = made.nodes[0]
        with meadow.standing_on(node):
            officers = {
                role: accounts.create_officer(name=f"the {role}", role=role, secret=SECRET)
                for role in ("duty", "observer", "operator")
            }
            yield Border(officers)
            connections["default"].close()
        made.close()

"""Two nodes that hold each other's first leaves, once on each engine."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.mithaq_node import pair as pairs
from tests.mithaq_node.pair import Pair
from tests.mithaq_node.setback import SetBack


@pytest.fixture
def pair(engine: str, tmp_path: Path, request: pytest.FixtureRequest, django_db_blocker: Any) -> Iterator[Pair]:
    """Both nodes on the engine under test."""
    names: list[str] = []
    with django_db_blocker.unblock():
        if engine == "sqlite":
            made = Pair(tmp_path)
        else:
            server = request.getfixturevalue("postgresql_server")
            names = [server.create(pairs.template(server)) for _ in range(2)]
            made = Pair(tmp_path, [server.url(name) for name in names])
    made.settle()
    yield made
    made.close()
    for name in names:
        server.drop(name)


@pytest.fixture
def setback(pair: Pair, engine: str, request: pytest.FixtureRequest) -> Iterator[SetBack]:
    """The Meadow's node, to be set back to an earlier moment."""
    server = None if engine == "sqlite" else request.getfixturevalue("postgresql_server")
    made = SetBack(pair, server)
    yield made
    made.forget()

"""A node to be set back, once on each engine."""

from collections.abc import Iterator

import pytest

from tests.mithaq_node.pair import Pair
from tests.mithaq_node.setback import SetBack


@pytest.fixture
def setback(pair: Pair, engine: str, request: pytest.FixtureRequest) -> Iterator[SetBack]:
    """The Meadow's node, to be set back to an earlier moment."""
    server = None if engine == "sqlite" else request.getfixturevalue("postgresql_server")
    made = SetBack(pair, server)
    yield made
    made.forget()

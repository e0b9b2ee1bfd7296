"""A database with its tables, once on each engine."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.mithaq_node import pair


@pytest.fixture
def tables(engine: str, request: pytest.FixtureRequest, django_db_blocker: Any) -> Iterator[str]:
    """What stands under `database` in a node's settings; a PostgreSQL one is a copy of one that was migrated."""
    with django_db_blocker.unblock():
        if engine == "sqlite":
            yield "sqlite"
            return
        server = request.getfixturevalue("postgresql_server")
        name = server.create(pair.template(server))
    yield server.url(name)
    server.drop(name)

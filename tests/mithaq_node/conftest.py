"""Founded nodes for tests that need rows: once on each engine."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import pytest

from mithaq_node.services.holdings import Holdings
from mithaq_node.settings.node import Node
from mithaq_node.store.models import Officer
from tests import postgresql
from tests.mithaq_node import meadow
from tests.mithaq_node.pair import Pair


@pytest.fixture
def tables(engine: str, request: pytest.FixtureRequest, django_db_blocker: Any) -> Iterator[str]:
    """As `database`, with every table of this version and no row."""
    if engine == "sqlite":
        yield "sqlite"
        return
    server: postgresql.Server = request.getfixturevalue("postgresql_server")
    with django_db_blocker.unblock():
        name = server.create(meadow.template(server))
    yield server.url(name)
    server.drop(name)


@pytest.fixture
def node(tables: str, tmp_path: Path, django_db_blocker: Any) -> Iterator[Node]:
    """The node of the Meadow, under the sealed instrument, with Django standing on it; nothing logged yet."""
    settings = meadow.settings_of(tmp_path / "ML", "ML", tables)
    meadow.found(settings)
    with django_db_blocker.unblock(), meadow.standing_on(settings):
        yield settings


@pytest.fixture
def officers(node: Node) -> dict[str, Officer]:
    """Officers of the Meadow, whose keys stand in leaf 0; the instrument is in force."""
    made = meadow.officers()
    meadow.enter("ML")
    return made


@pytest.fixture
def pair(engine: str, tmp_path: Path, request: pytest.FixtureRequest, django_db_blocker: Any) -> Iterator[Pair]:
    """Two nodes that hold each other's first leaves, on the engine under test."""
    names: list[str] = []
    with django_db_blocker.unblock():
        if engine == "sqlite":
            made = Pair(tmp_path)
        else:
            server = request.getfixturevalue("postgresql_server")
            names = [server.create(meadow.template(server)) for _ in range(2)]
            made = Pair(tmp_path, [server.url(name) for name in names])
    made.settle()
    yield made
    made.close()
    for name in names:
        server.drop(name)


Standing = Callable[[Holdings], AbstractContextManager[None]]


@pytest.fixture
def standing(django_db_blocker: Any) -> Iterator[Standing]:
    """`with standing(pair.ml): …`: Django on that node of a pair."""

    def stand(holdings: Holdings) -> AbstractContextManager[None]:
        seat = holdings.seat
        return meadow.standing_on(meadow.settings_of(seat.folder, seat.party, seat.database))

    with django_db_blocker.unblock():
        yield stand

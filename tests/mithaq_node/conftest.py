"""A founded node for tests that need rows: once on each engine."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from mithaq_node.settings.node import Node
from mithaq_node.store.models import Officer
from tests.mithaq_node import meadow


@pytest.fixture
def node(database: str, tmp_path: Path, django_db_blocker: Any) -> Iterator[Node]:
    """The node of the Meadow, under the sealed instrument, with Django standing on it; nothing logged yet."""
    settings = meadow.settings_of(tmp_path / "ML", "ML", database)
    meadow.found(settings)
    with django_db_blocker.unblock(), meadow.standing_on(settings):
        yield settings


@pytest.fixture
def officers(node: Node) -> dict[str, Officer]:
    """Officers of the Meadow, whose keys stand in leaf 0; the instrument is in force."""
    made = meadow.officers()
    meadow.enter("ML")
    return made

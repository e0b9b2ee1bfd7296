"""Nodes that serve, over loopback TLS and under load, are ended outright with all their processes (`kill -9`), again
and again; what a desk was told is logged is there, nothing has forked, and both come to hold the same."""

import os
import random
import signal
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests import postgresql
from tests.mithaq_cli.feeding import Feed, Said, check
from tests.mithaq_cli.two_nodes import NodeFolder, pair
from tests.mithaq_node import meadow

KILLS = 25


@pytest.fixture
def nodes(engine: str, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[dict[str, NodeFolder]]:
    """Both nodes, made and paired, each on a database of its own."""
    if engine == "sqlite":
        with pair(tmp_path) as made:
            yield made
        return
    server: postgresql.Server = request.getfixturevalue("postgresql_server")
    databases = {party: server.create() for party in meadow.PARTIES}
    with pair(tmp_path, {party: server.url(name) for party, name in databases.items()}) as made:
        yield made
    for name in databases.values():
        server.drop(name)


@dataclass
class Killing:
    """What the machines were told, node by node, over all that happened to them."""

    nodes: dict[str, NodeFolder]
    drawn: random.Random
    said: dict[str, list[Said]] = field(default_factory=lambda: {"ML": [], "RL": []})

    def turn(self, number: int) -> None:
        """Both are fed for a while; then one, or both, and one feed, or both, are gone at the same moment."""
        feeds = {party: Feed(node, (number + 1) * 1_000_000) for party, node in self.nodes.items()}
        for each in feeds.values():
            each.start()
        for each in feeds.values():
            each.wait(self.drawn.randint(1, 60))
        doomed = self.drawn.choice((["ML"], ["RL"], ["ML", "RL"]))
        for party in doomed:
            os.killpg(self.nodes[party].running.pid, signal.SIGKILL)
        for party, each in feeds.items():
            self.said[party] += each.kill()
        for party in doomed:
            self.nodes[party].kill()
            self.nodes[party].start()


@pytest.mark.long
def test_serving_nodes_that_are_killed_under_load_lose_nothing(
    nodes: dict[str, NodeFolder], record_property: Callable[[str, object], None]
) -> None:
    killing = Killing(nodes, random.Random(3))
    with nodes["ML"].serving(), nodes["RL"].serving():
        for number in range(KILLS):
            killing.turn(number)
        check(nodes, killing.said)
    for node in nodes.values():
        assert node.mithaq("fsck")["verdict"] == "SOUND"
    told = {party: len(said) for party, said in killing.said.items()}
    record_property("done", f"{KILLS} kills, {told} notices told as logged")

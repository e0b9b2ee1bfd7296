"""Nodes that serve, over loopback TLS and under load, are ended outright with all their processes (`kill -9`), again
and again; what a desk was told is logged is there, nothing has forked, and both come to hold the same."""

import os
import random
import signal
import struct
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from mithaq.record.checkpoint import Checkpoint
from mithaq_node.services import clock, seat
from mithaq_node.services.holdings import Holdings
from mithaq_node.store import log as record
from tests import postgresql
from tests.mithaq_cli.two_nodes import NodeFolder, pair, until
from tests.mithaq_node import meadow
from tests.mithaq_node.pair import feed, release

KILLS = 25
_SAID = struct.Struct(">Q32s")


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
class Feed:
    """A machine's feed into one node, in a process of its own: what it was told is logged, it says."""

    node: NodeFolder
    first: int
    pid: int = 0
    source: int = 0
    heard: bytes = b""

    def start(self) -> None:
        self.source, sink = os.pipe()
        self.pid = os.fork()
        if self.pid == 0:
            os.close(self.source)
            with suppress(BaseException):
                self._write(sink)
            os._exit(1)
        os.close(sink)

    def _write(self, sink: int) -> None:
        holdings = Holdings(seat.take(self.node.data, {}))
        for number in range(self.first, self.first + 1_000_000):
            log = release(holdings, [feed(holdings.seat, number, clock.now())]).log
            os.write(sink, _SAID.pack(log.size, log.frontier.root()))

    def wait(self, words: int) -> None:
        """Until it has said so many."""
        while len(self.heard) < words * _SAID.size and (more := os.read(self.source, 4_096)):
            self.heard += more

    def kill(self) -> list[tuple[int, bytes]]:
        """End it outright; every size and root that it was told."""
        os.kill(self.pid, signal.SIGKILL)
        os.waitpid(self.pid, 0)
        while more := os.read(self.source, 4_096):
            self.heard += more
        os.close(self.source)
        whole = len(self.heard) // _SAID.size * _SAID.size
        return list(_SAID.iter_unpack(self.heard[:whole]))


@dataclass
class Killing:
    """What the machines were told, node by node, over all that happened to them."""

    nodes: dict[str, NodeFolder]
    drawn: random.Random
    said: dict[str, list[tuple[int, bytes]]] = field(default_factory=lambda: {"ML": [], "RL": []})

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

    def check(self) -> None:
        """Everything that was told is there, and everything is at both."""
        with closing(_holdings(self.nodes["ML"])) as ml, closing(_holdings(self.nodes["RL"])) as rl:
            until(lambda: _head(ml, rl) == rl.own().head and _head(rl, ml) == ml.own().head, 180)
            for party, holdings in (("ML", ml), ("RL", rl)):
                own = holdings.own()
                tree = record.Tree(holdings.conn, holdings.engine, own.id)
                assert self.said[party]
                assert [size for size, root in self.said[party] if tree.root(size) != root] == []
                assert holdings.doubt() is None
                assert holdings.theirs(next(iter(holdings.seat.peers.values()))).frozen == ""


@pytest.mark.long
def test_serving_nodes_that_are_killed_under_load_lose_nothing(
    nodes: dict[str, NodeFolder], record_property: Callable[[str, object], None]
) -> None:
    killing = Killing(nodes, random.Random(3))
    with nodes["ML"].serving(), nodes["RL"].serving():
        for number in range(KILLS):
            killing.turn(number)
        killing.check()
    for node in nodes.values():
        assert node.mithaq("fsck")["verdict"] == "SOUND"
    told = {party: len(said) for party, said in killing.said.items()}
    record_property("done", f"{KILLS} kills, {told} notices told as logged")


def _holdings(node: NodeFolder) -> Holdings:
    return Holdings(seat.take(node.data, {}))


def _head(holder: Holdings, of: Holdings) -> Checkpoint:
    return record.read(holder.conn, holder.engine, of.seat.origin).head

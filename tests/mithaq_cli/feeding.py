"""Machines that feed nodes from processes of their own, and the proof that what they were told is logged is there."""

import os
import signal
import struct
import time
from collections.abc import Iterable
from contextlib import closing, suppress
from dataclasses import dataclass

from mithaq.record.checkpoint import Checkpoint
from mithaq_node.services import clock, seat
from mithaq_node.services.holdings import Holdings
from mithaq_node.store import failures
from mithaq_node.store import log as record
from tests.mithaq_cli.two_nodes import NodeFolder, until
from tests.mithaq_node.pair import feed, release

Said = tuple[int, bytes]
"""Size and root of a log, as somebody was told that they are durable."""

_SAID = struct.Struct(">Q32s")
_AGAIN = 0.05


@dataclass
class Feed:
    """A machine's feed into one node, in a process of its own: what it was told is logged, it says.

    One that is `lasting` opens the record again when the database fails it, and feeds something else: of what failed it
    does not know whether it is logged.
    """

    node: NodeFolder
    first: int
    lasting: bool = False
    pid: int = 0
    source: int = 0
    heard: bytes = b""

    def start(self) -> None:
        self.source, sink = os.pipe()
        self.pid = os.fork()
        if self.pid == 0:
            os.close(self.source)
            with suppress(BaseException):
                self._write(sink, iter(range(self.first, self.first + 1_000_000)))
            os._exit(1)
        os.close(sink)

    def _write(self, sink: int, numbers: Iterable[int]) -> None:
        while True:
            try:
                self._feed(sink, numbers)
            except failures.FAILURES:
                if not self.lasting:
                    raise
                time.sleep(_AGAIN)

    def _feed(self, sink: int, numbers: Iterable[int]) -> None:
        with closing(holdings_of(self.node)) as holdings:
            for number in numbers:
                log = release(holdings, [feed(holdings.seat, number, clock.now())]).log
                os.write(sink, _SAID.pack(log.size, log.frontier.root()))

    def wait(self, words: int) -> None:
        """Until it has said so many."""
        while len(self.heard) < words * _SAID.size and (more := os.read(self.source, 4_096)):
            self.heard += more

    def kill(self) -> list[Said]:
        """End it outright; every size and root that it was told."""
        os.kill(self.pid, signal.SIGKILL)
        os.waitpid(self.pid, 0)
        while more := os.read(self.source, 4_096):
            self.heard += more
        os.close(self.source)
        whole = len(self.heard) // _SAID.size * _SAID.size
        return list(_SAID.iter_unpack(self.heard[:whole]))


def check(nodes: dict[str, NodeFolder], said: dict[str, list[Said]], seconds: float = 180) -> None:
    """Everything that was told is there, everything is at both, and nothing was stopped; both serve."""
    with closing(holdings_of(nodes["ML"])) as ml, closing(holdings_of(nodes["RL"])) as rl:
        until(lambda: head(ml, rl) == rl.own().head and head(rl, ml) == ml.own().head, seconds)
        for party, holdings in (("ML", ml), ("RL", rl)):
            own = holdings.own()
            tree = record.Tree(holdings.conn, holdings.engine, own.id)
            assert said[party]
            assert [size for size, root in said[party] if tree.root(size) != root] == []
            assert holdings.doubt() is None
            assert holdings.theirs(next(iter(holdings.seat.peers.values()))).frozen == ""


def holdings_of(node: NodeFolder) -> Holdings:
    """A view of the node's record for this process."""
    return Holdings(seat.take(node.data, {}))


def head(holder: Holdings, of: Holdings) -> Checkpoint:
    """The head of the log of `of` as `holder` holds it."""
    return record.read(holder.conn, holder.engine, of.seat.origin).head

"""Setting a node back: its store as it was, with or without its fence; and a counterpart that uses the occasion."""

import shutil
import sqlite3
from dataclasses import dataclass, field, replace

from psycopg.conninfo import conninfo_to_dict

from mithaq.exchange import delivery
from mithaq.exchange.answer import Answer
from mithaq.exchange.delivery import Delivery
from mithaq.exchange.session import Link
from mithaq.record import checkpoint, merkle, note
from mithaq.record.checkpoint import Checkpoint
from mithaq.record.note import Verifier
from mithaq_node.services import receiving
from mithaq_node.services.holdings import Holdings
from mithaq_node.store import log as record
from tests import postgresql
from tests.mithaq_node.pair import NOW, Pair, notice


@dataclass
class SetBack:
    """What the Meadow's node was at one moment, to be put back later."""

    pair: Pair
    server: postgresql.Server | None
    sizes_of_old: dict[str, int] = field(default_factory=dict)
    leaves_of_old: list[bytes] = field(default_factory=list)
    """Every leaf that the node had ever logged when it was set back."""
    _kept: str = ""

    def remember(self) -> None:
        """Take the backup."""
        ml = self.pair.ml
        self.sizes_of_old = dict(record.sizes(ml.conn, ml.engine))
        fence = self.pair.fence_folder("ML")
        shutil.copytree(fence, fence.with_name("fence-old"))
        if self.server is None:
            self._kept = str(ml.seat.folder / "old.sqlite3")
            with sqlite3.connect(self._kept) as old:
                ml.conn.backup(old)  # type: ignore[attr-defined]  # it is SQLite's
            old.close()
            return
        ml.close()
        self._kept = self.server.create(str(conninfo_to_dict(ml.seat.database)["dbname"]))
        self.pair.ml = Holdings(ml.seat)

    def restore(self, with_fence: bool = False) -> None:
        """Put the backup in the place of what has become of it since."""
        ml = self.pair.ml
        self.leaves_of_old = record.read_entries(ml.conn, ml.engine, ml.own(), 0, ml.own().size)
        ml.close()
        seat = ml.seat
        if self.server is None:
            for suffix in ("-wal", "-shm"):
                (seat.folder / f"node.sqlite3{suffix}").unlink(missing_ok=True)
            shutil.copyfile(self._kept, seat.folder / "node.sqlite3")
        else:
            seat = replace(seat, database=self.server.url(self._kept))
        if with_fence:
            fence = self.pair.fence_folder("ML")
            shutil.rmtree(fence)
            shutil.copytree(fence.with_name("fence-old"), fence)
        self.pair.ml = Holdings(seat)
        self.pair.links["ML"] = Link()

    def forget(self) -> None:
        if self.server is not None and self._kept:
            self.server.drop(self._kept)

    def fork(self, size: int, count: int) -> "Forked":
        """The River's log from `size` on as it never was, signed with its real key."""
        rl = self.pair.rl
        leaves = record.read_entries(rl.conn, rl.engine, rl.own(), 0, size)
        leaves += [notice(rl.seat, 900 + number)[0] for number in range(count)]
        tree = merkle.Tree(map(merkle.leaf_hash, leaves))
        head = Checkpoint(rl.seat.origin, len(leaves), tree.root())
        sent = Delivery(
            rl.seat.origin,
            size,
            size,
            len(leaves),
            0,
            str(NOW),
            merkle.consistency_proof(size, len(leaves), tree.subtree),
            checkpoint.sign(head, rl.seat.keys.log),
            b"",
            tuple(leaves[size:]),
        )
        return Forked(self.pair, sent)


@dataclass
class Forked:
    """A delivery of another history."""

    pair: Pair
    sent: Delivery

    @property
    def verifier(self) -> Verifier:
        return Verifier(self.sent.log, note.ED25519, self.pair.rl.seat.keys.log.public)

    def deliver(self) -> Answer:
        ml = self.pair.ml
        return receiving.receive(ml, ml.seat.peers["RL"], delivery.encode(self.sent), NOW)

"""The one party that breaks the rules: it has its own keys and its own node, and nobody else's.

It forks (two faces of one log, each of which keeps all the rules, shown to whomever it likes), lies in its log
(backdates, logs bytes that are no leaf, receipts what is not there), floods, replays, and withholds.
"""

import sqlite3
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from random import Random
from typing import Any, Protocol

from mithaq.errors import Refusal
from mithaq.exchange import delivery, requests
from mithaq.instrument.law import Limits
from mithaq.moments import Moment
from mithaq.notices.envelope import Header, Receipt, text_of
from mithaq.notices.keys import expected_name
from mithaq_node.services import calling
from mithaq_node.store import log as record
from tests.simulation import parties
from tests.simulation.clear import SQLITE
from tests.simulation.node import Node, authority

_FLOOD = 12


class Seen(Protocol):
    """A request that went over the line."""

    body: bytes


class Adversary:
    """What the operator of a dishonest node does beside running it."""

    def __init__(self, node: Node, chance: Random) -> None:
        self.node, self.party = node, node.party
        self.twin: Node | None = None
        self._chance = chance

    def fork(self, folder: Path, twin: Callable[[Node, bytes, Path], Node]) -> str | None:
        """From here on there are two nodes with this party's keys."""
        if self.twin is not None or self.node.disk.conn.in_transaction:
            return None
        beside = folder / f"{self.party}-twin"
        self.node.copy_fence(beside)
        self.twin = twin(self.node, self.node.disk.image(), beside)
        self.twin.offset = self.node.offset
        self.twin.start()
        return f"{self.party} at {self._own(self.node).size}"

    def lie(self, node: Node) -> str | None:
        """Log something that no honest node logs."""
        log = self._own(node)
        what = self._chance.choice(("backdated", "no-leaf", "receipt", "other-log"))
        leaf = getattr(self, f"_{what.replace('-', '_')}")(node, log)
        if not node.up or node.disk.conn.in_transaction:
            return None
        try:
            with SQLITE.transaction(node.disk.conn):
                locked = record.lock(node.disk.conn, SQLITE, log.origin)
                record.extend(node.disk.conn, SQLITE, locked, [leaf], locked.last_at, [])
        except sqlite3.Error:  # its disk is full
            return None
        return f"{node} {what} {log.size}"

    def junk(self, seen: Iterable[Seen]) -> Iterator[bytes]:
        """Bodies of requests that mean nothing, or nearly nothing."""
        known = [each.body for each in seen] or [b"mithaq/delivery/v1\n"]
        for _ in range(_FLOOD):
            body = bytearray(self._chance.choice(known))
            for _ in range(self._chance.randint(1, 4)):
                body[self._chance.randrange(len(body))] = self._chance.randrange(256)
            yield bytes(body[: self._chance.randint(1, len(body))] if self._chance.random() < 0.5 else body)

    def signed(self, body: bytes, to: str, at: int) -> dict[str, str]:
        """The header fields of a request of this party's, properly signed."""
        return requests.sign(
            "POST",
            authority(to),
            calling.DELIVER,
            body,
            key=parties.key(self.party, "node"),
            name=expected_name("node", self.node.origin),
            created=at,
            nonce=self._chance.randbytes(requests.NONCE_BYTES),
        )

    def without_parts(self, body: bytes) -> bytes:
        """The same delivery, its parts and its cosignatures kept back."""
        try:
            sent = delivery.decode(body, Limits())
        except Refusal:
            return body
        return delivery.encode(replace(sent, parts=(), cosignatures=b""))

    def forged(self, body: bytes) -> bytes:
        """A delivery of another party's, changed where nothing but the signature on its head protects it."""
        try:
            sent = delivery.decode(body, Limits())
        except Refusal:
            return body
        junk = tuple(self._chance.randbytes(32) for _ in range(len(sent.proof) or self._chance.randint(1, 3)))
        changes: tuple[dict[str, Any], ...] = (
            {"proof": junk},
            {"checkpoint": sent.checkpoint[:-5] + b"AAA=\n"},
            {"cosignatures": b""},
            {"held": sent.held + self._chance.randint(1, 9)},
            {"entries": sent.entries[::-1]},
            {"parts": ()},
        )
        return delivery.encode(replace(sent, **self._chance.choice(changes)))

    def _own(self, node: Node) -> record.Log:
        return record.read(node.disk.conn, SQLITE, node.origin)

    def _backdated(self, node: Node, log: record.Log) -> bytes:
        row = parties.count(node.compact, self.party, Moment(1_900_000_000), self._chance.randbytes(16), 1)
        return row[0]

    def _no_leaf(self, _node: Node, _log: record.Log) -> bytes:
        return self._chance.randbytes(self._chance.randint(0, 200))

    def _other_log(self, node: Node, _log: record.Log) -> bytes:
        other = self._chance.choice([party for party in node.compact.parties if party != self.party])
        return parties.count(node.compact, other, node.now, self._chance.randbytes(16), 2)[0]

    def _receipt(self, node: Node, log: record.Log) -> bytes:
        other = self._chance.choice([party for party in node.compact.parties if party != self.party])
        size = self._chance.randint(0, 40)
        receipt = Receipt(log=node.compact.origin(other), size=size, root=parties.base64(self._chance.randbytes(32)))
        return text_of(self._header(node, log, receipt=receipt))

    def _header(self, node: Node, log: record.Log, **carried: Any) -> Header:
        at = max(str(node.now), log.last_at)
        identity = self._chance.randbytes(16).hex()
        return Header(at=at, id=identity, kind="receipt", law=node.compact.digest, log=log.origin, **carried)

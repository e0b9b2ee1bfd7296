"""Two nodes of the fictional neighbours with real folders, databases, fences and keys; a line between them in memory.

The officers' keys are held here, so that a notice is released without a desk. The line can lose, repeat and change what
it carries; everything at its ends is the code that a node runs.
"""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import msgspec

from mithaq.errors import Refusal
from mithaq.exchange import answer, requests
from mithaq.exchange.answer import Answer
from mithaq.exchange.requests import Request
from mithaq.exchange.session import Link
from mithaq.instrument.law import Law
from mithaq.instrument.sealing import Sealed
from mithaq.moments import Moment
from mithaq.notices import drafting
from mithaq.notices.envelope import Header, InForce, Kept, KeySet, Reference, key_set_text, text_of
from mithaq.notices.keys import expected_name, with_signatures
from mithaq.notices.parts import Part
from mithaq.notices.registering import registration
from mithaq.record import note
from mithaq.signing import PrivateKey
from mithaq_node.services import delivering, mirroring, pairing, receiving, seat
from mithaq_node.services.calling import OWN_LOG, LineDown, path_of
from mithaq_node.services.holdings import Holdings
from mithaq_node.services.outgoing import Ahead
from mithaq_node.services.seat import Counterpart, Seat
from mithaq_node.settings import node as settings
from mithaq_node.settings.node import Node
from mithaq_node.store import log as record
from tests.mithaq_node import meadow

NOW = meadow.NOW
Row = tuple[bytes, tuple[Part, ...]]
"""A leaf and its parts."""


@cache
def officer_key(party: str, number: int) -> PrivateKey:
    """The key of an officer: the same in every run."""
    return PrivateKey.from_seed(hashlib.sha256(f"test officer {party} {number}".encode()).digest())


def found(folder: Path, party: str, port: int, database: str = "sqlite", instrument: Sealed | None = None) -> Node:
    """A founded node; a PostgreSQL database is expected to have its tables."""
    node = meadow.settings_of(folder, party, database, peer_port=port)
    meadow.found(node, instrument)
    if database == "sqlite":
        meadow.migrate(node)
    return node


def introduce(first: Node, second: Node, law: Law | None = None) -> None:
    """Give each the other's card, as pairing does."""
    law = law or meadow.sealed().law
    for node, other in ((first, second), (second, first)):
        card = pairing.read_card(encoded=other.own_card.read_bytes(), law=law, own_party=node.party)
        pairing.keep(node=settings.read(node.folder, {}), card=card)


def enter(taken: Seat, now: Moment = NOW) -> None:
    """Leaf 0 and leaf 1 of a node's log, by its root key."""
    holdings = Holdings(taken)
    leaves = [key_set(taken, now), in_force(taken, now)]
    with taken.engine.transaction(holdings.conn):
        record.append(holdings.conn, taken.engine, taken.origin, leaves)
    holdings.close()


def key_set(taken: Seat, now: Moment = NOW) -> bytes:
    """The first leaf: the node's keys and two officers, signed by the root."""
    domain = taken.origin.split("/")[0]
    named = {role: getattr(taken.keys, role) for role in ("log", "cosigner", "node", "body")}
    keys = [registration(expected_name(role, taken.origin), role, key).key for role, key in named.items()]
    keys += [registration(f"{domain}/officer/{n}", "officer", officer_key(taken.party, n)).key for n in (1, 2)]
    change = KeySet(version=1, add=keys)
    text = key_set_text(taken.origin, change)
    signed = with_signatures(change, [note.sign(text, *meadow.root(taken.party))])
    return text_of(_machine(taken, now, "key-set", keyset=signed))


def key_set_header(taken: Seat, change: KeySet, now: Moment = NOW) -> Header:
    """The header of a later key-set."""
    identity = hashlib.sha256(f"{taken.party} key-set {change.version}".encode()).hexdigest()[:32]
    return Header(at=str(now), id=identity, kind="key-set", law=taken.law_digest, log=taken.origin, keyset=change)


def in_force(taken: Seat, now: Moment = NOW) -> bytes:
    """The leaf that says the instrument binds this party."""
    return text_of(_machine(taken, now, "instrument", instrument=InForce(law=taken.law_digest, words="0" * 64)))


def notice(
    taken: Seat,
    number: int,
    now: Moment = NOW,
    content: Mapping[str, Any] | None = None,
    precedence: str | None = None,
    name: str = "incident.initial",
    kept: Sequence[Kept] = (),
    references: Sequence[Reference] = (),
) -> Row:
    """A released notice, an incident unless said otherwise: compiled by the law of the seat, signed by two officers.
    `number` makes its id and salts."""
    known, parts = compiled(taken, name, content or meadow.INCIDENT, number, now, precedence, references)
    header = msgspec.structs.replace(known, release="two")
    domain, at = taken.origin.split("/")[0], str(now)
    filed = drafting.sign_filing(header, at, f"{domain}/officer/1", officer_key(taken.party, 1))
    return drafting.sign_release(filed, at, f"{domain}/officer/2", officer_key(taken.party, 2), kept), parts


def feed(taken: Seat, number: int, now: Moment = NOW) -> Row:
    """A count as a machine feed states it: compiled by the law, signed by nobody. `number` makes its id and salts."""
    header, parts = compiled(taken, "flow.count", meadow.FLOW, number, now)
    return drafting.machine_leaf(header), parts


def identity(party: str, number: int) -> str:
    """The id that a notice of this number has."""
    return hashlib.sha256(f"id {party} {number}".encode()).hexdigest()[:32]


def compiled(
    taken: Seat,
    kind: str,
    content: Mapping[str, Any],
    number: int,
    now: Moment,
    precedence: str | None = None,
    references: Sequence[Reference] = (),
) -> tuple[Header, tuple[Part, ...]]:
    """A header and its parts by the law of the seat, signed by nobody yet."""
    known = taken.law.kind(kind)
    assert known is not None
    salts = (hashlib.sha256(f"{taken.party} {number} {place}".encode()).digest() for place in range(8))
    parts = drafting.compile_draft(taken.law, known, content, salts)
    header = drafting.header_for(
        taken.law,
        known,
        parts,
        law_digest=taken.law_digest,
        log=taken.origin,
        id=identity(taken.party, number),
        at=str(now),
        precedence=precedence,
        re=references,
    )
    return header, parts


def release(holdings: Holdings, rows: Sequence[Row]) -> record.Appended:
    """Append notices to our own log in one transaction."""
    leaves, parts = [leaf for leaf, _ in rows], [each for _, each in rows]
    with holdings.engine.transaction(holdings.conn):
        return record.append(holdings.conn, holdings.engine, holdings.seat.origin, leaves, parts)


def _machine(taken: Seat, now: Moment, kind: str, **carried: Any) -> Header:
    identity = hashlib.sha256(f"{taken.party} {kind}".encode()).hexdigest()[:32]
    return Header(at=str(now), id=identity, kind=kind, law=taken.law_digest, log=taken.origin, **carried)


class Pair:
    """Two seats, `ml` and `rl`, and a line between them that does as it is told."""

    def __init__(
        self, folder: Path, databases: Sequence[str] = ("sqlite", "sqlite"), instrument: Sealed | None = None
    ) -> None:
        self.nodes = [
            found(folder / party, party, 9000 + n, databases[n], instrument) for n, party in enumerate(meadow.PARTIES)
        ]
        introduce(self.nodes[0], self.nodes[1], instrument.law if instrument else None)
        self._folder = folder
        self.ml, self.rl = (Holdings(seat.take(node.folder, {})) for node in self.nodes)
        self.links = {"ML": Link(), "RL": Link()}
        self.aheads = {"ML": Ahead(), "RL": Ahead()}
        self.damage: Callable[[bytes], bytes] = lambda body: body
        self.tamper: Callable[[bytes], bytes] = lambda body: body
        """What the line makes of answers."""
        self.lose_request = self.lose_answer = False
        self.carried: list[bytes] = []
        self.now = NOW
        for holdings in (self.ml, self.rl):
            enter(holdings.seat)

    def send(self, sender: Holdings) -> Link:
        """One delivery of `sender` to the other, whether due or not."""
        receiver, peer = self._ends(sender)
        link = delivering.refresh(sender, peer, self.links[sender.seat.party], sender.own())
        after = delivering.send(sender, peer, link, self._carry(receiver), self.now)
        self.links[sender.seat.party] = after
        return after

    def step(self, sender: Holdings) -> Link:
        """What the worker of `sender` does when it looks, later than any pause."""
        receiver, peer = self._ends(sender)
        link = replace(self.links[sender.seat.party], not_before=0.0)
        ahead = self.aheads[sender.seat.party]
        after, _ = delivering.step(sender, peer, link, self._carry(receiver), self.now, ahead)
        self.links[sender.seat.party] = after
        return after

    def settle(self) -> None:
        """Deliver both ways until nobody has anything to send at once."""
        for _ in range(12):
            busy = False
            for holdings in (self.ml, self.rl):
                _, peer = self._ends(holdings)
                own = holdings.own()
                link = delivering.refresh(holdings, peer, self.links[holdings.seat.party], own)
                if own.size > link.held or link.missing:
                    self.send(holdings)
                    busy = True
            if not busy:
                return
        raise AssertionError("the two nodes do not come to rest")

    def settle_by_steps(self) -> None:
        """Let both workers look until neither has anything to do at once; recovery is part of it."""
        for _ in range(30):
            before = len(self.carried)
            for holdings in (self.ml, self.rl):
                link = self.step(holdings)
                if link.missing:
                    self.send(holdings)
            if len(self.carried) == before and not self.behind():
                return
            self.now = Moment(self.now.seconds + 3)
        raise AssertionError("the two nodes do not come to rest")

    def behind(self) -> bool:
        """Whether a log of one is not wholly at the other."""
        return any(self.copy_of(each).head != each.own().head for each in (self.ml, self.rl))

    def line(self, sender: Holdings) -> tuple[Counterpart, delivering.Carry]:
        """The other side as `sender` calls it."""
        receiver, peer = self._ends(sender)
        return peer, self._carry(receiver)

    def fence_folder(self, party: str) -> Path:
        return self._folder / f"fence-{party}"

    def copy_of(self, holdings: Holdings) -> record.Log:
        """What the other holds of `holdings`' own log."""
        other, _ = self._ends(holdings)
        return record.read(other.conn, other.engine, holdings.seat.origin)

    def close(self) -> None:
        self.ml.close()
        self.rl.close()

    def _ends(self, sender: Holdings) -> tuple[Holdings, Counterpart]:
        receiver = self.rl if sender is self.ml else self.ml
        return receiver, sender.seat.peers[receiver.seat.party]

    def _carry(self, receiver: Holdings) -> delivering.Carry:
        sender = receiver.seat.peers[next(iter(receiver.seat.peers))]

        def carry(body: bytes, fields: Mapping[str, str]) -> bytes:
            if self.lose_request:
                raise LineDown("link.down")
            self.carried.append(body)
            self.aheads[sender.party].make()
            headers = {name.lower(): value for name, value in fields.items()}
            called = receiver.seat.authority or f"localhost:{self.nodes[0].peer_port}"
            try:
                requests.verify(Request("POST", called, path_of(body), headers, body), receiver.node_verifier(sender))
            except Refusal as refusal:
                return answer.encode(Answer(refusal.code, 0, str(self.now), dict(refusal.data)))
            if path_of(body) == OWN_LOG:
                said = mirroring.give(receiver, sender, body, self.now)
            else:
                said = answer.encode(receiving.receive(receiver, sender, self.damage(body), self.now))
            if self.lose_answer:
                raise LineDown("link.down")
            return self.tamper(said)

        return carry

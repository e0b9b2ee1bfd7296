"""One party's node: its durable state, and the process that runs on it until it crashes.

The process is what `mithaq serve` starts, without threads: the door with its own view of the record, one worker a
counterpart with another, and the desk that writes. Between two port calls nothing of another thread comes in, except
while a request is on the line, when anything may.
"""

import io
import logging
import shutil
import sqlite3
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any, Protocol

from mithaq.errors import Fault, Refusal
from mithaq.exchange import session
from mithaq.exchange.session import Link
from mithaq.moments import Moment
from mithaq.notices.keys import KeyRing, expected_name
from mithaq.record import note
from mithaq_node.keystore.custody import Keys
from mithaq_node.peer.door import Door
from mithaq_node.services import calling, delivering, rings, sequencing
from mithaq_node.services.holdings import Holdings
from mithaq_node.services.outgoing import Ahead
from mithaq_node.services.recovering import RESTORED
from mithaq_node.services.seat import Counterpart, Seat
from mithaq_node.store import engine as engines
from mithaq_node.store import fence as fences
from mithaq_node.store import log as record
from mithaq_node.store.fence import Fence
from tests.simulation import parties
from tests.simulation.clear import SQLITE
from tests.simulation.disk import Disk
from tests.simulation.parties import Compact, Row
from tests.simulation.ports import Crash, Life, PortConnection, PortFence, PortKey

FAILED = b"Internal Server Error"
"""What a caller gets from a door whose code raised: no answer."""


@dataclass(frozen=True)
class Standing:
    """What a new leaf of a log has to fit: its moment and index, the version in force, the keys."""

    at: Moment
    index: int
    compact: Compact
    ring: KeyRing


Compose = Callable[[Standing], Row]
"""Makes the leaf that fits."""


class Watching(Protocol):
    """What is told as it happens."""

    def signing(self, node: "Node", role: str, message: bytes) -> None: ...
    def passed(self, node: "Node", port: str) -> None: ...
    def restored(self, node: "Node") -> None: ...


@dataclass(frozen=True)
class _SimulatedSeat(Seat):
    opened: Callable[[], Any] = lambda: None

    def connect(self) -> Any:
        return self.opened()


@dataclass
class Worker:
    """The loop to one counterpart, as a value between two of its steps."""

    holdings: Holdings
    link: Link
    ahead: Ahead = field(default_factory=Ahead)


@dataclass
class Process:
    """What lives in memory and dies with a crash."""

    life: Life
    seat: Seat
    door: Door
    workers: dict[str, Worker] = field(default_factory=dict)


class Node:
    """A party's node. `honest` is false for one whose operator breaks the rules."""

    def __init__(
        self,
        compact: Compact,
        party: str,
        folder: Path,
        disk: Disk,
        chance: Random,
        clock: Callable[[], int],
        watch: Watching,
        engine: engines.Engine = SQLITE,
        honest: bool = True,
        name: str = "",
    ) -> None:
        self.compact, self.party, self.folder, self.honest, self.name = compact, party, folder, honest, name or party
        self.origin = compact.origin(party)
        self.disk = disk
        self.offset = 0
        self.knows_amendment = False
        """Whether the sealed later version has been put on this machine."""
        self.process: Process | None = None
        self._chance, self._clock, self._watch, self._engine = chance, clock, watch, engine

    def __repr__(self) -> str:
        return self.name

    @property
    def now(self) -> Moment:
        """What this machine's clock says."""
        return Moment(self._clock() + self.offset)

    @property
    def up(self) -> bool:
        return self.process is not None

    def found(self) -> None:
        """Set the fence, as founding a node does."""
        Fence(self.folder).begin(self.origin)

    def start(self, doom: tuple[int, bool, float | None] | None = None) -> None:
        """Start the process on what is durable; it can die in this too: `doom` is what `Life.end_in` takes."""

        def deed() -> None:
            life = Life(self, lambda port: self._watch.passed(self, port))
            if doom is not None:
                life.end_in(*doom)
            seat = self._seat(life)
            self.process = Process(life, seat, Door(seat, lambda: self.now))
            for party in seat.peers:
                self.process.workers[party] = self._worker(seat, party)

        self.run(deed)

    def run(self, deed: Callable[[], Any]) -> Any:
        """Do something that runs in this node's process; None when it died in it."""
        try:
            return deed()
        except Crash as crash:
            if crash.life.owner is not self:
                raise
            if self.process is None or self.process.life is crash.life:
                self.stop(crash.torn)
            return None

    def stop(self, torn: float | None = None) -> None:
        """The process ends at once; only what is durable stays (`torn`: see `Disk.lose_power`)."""
        if self.process is not None:
            self.process.life.dead = True
        self.process = None
        self.disk.lose_power(torn)

    def restore(self, image: bytes, told: bool) -> None:
        """Put a backup in the place of the disk; `told` when it is done as `mithaq restore` does it."""
        self.stop()
        self.disk.restore(image)
        if told:
            conn = self.disk.conn
            record.mark_unsure(conn, SQLITE, record.read(conn, SQLITE, self.origin), RESTORED)
        self._watch.restored(self)

    def deny(self) -> None:
        """Make a node sure again that has noticed that it should not be: its operator knows better."""
        self.stop()
        conn = self.disk.conn
        own = record.mark_unsure(conn, SQLITE, record.read(conn, SQLITE, self.origin), "")
        fence = Fence(self.folder)
        fence.compare_and_swap(fence.read(self.origin), own.head)
        self.start()

    def close(self) -> None:
        self.disk.close()

    def publish(self, compose: Compose) -> int | None:
        """Log what `compose` makes, as the desk does; its index, or None where that failed."""

        def deed() -> int | None:
            assert self.process is not None
            conn, engine = self.process.seat.connect(), self._engine
            try:
                with engine.transaction(conn):
                    fence = self.process.seat.fence.read(self.origin)
                    own = record.lock(conn, engine, self.origin)
                    fences.standing(own.head, fence, sequencing.root_of(conn, engine, own), own.unsure)
                    log = sequencing.OpenLog(conn, engine, own, self.now)
                    ring = rings.ring_of(conn, engine, self.compact.law, own)
                    standing = Standing(log.at, log.size, self.compact.in_force(own.in_force), ring)
                    leaf, parts = compose(standing)
                    return record.append(conn, engine, self.origin, [leaf], [parts]).first
            except (Refusal, sqlite3.Error):
                return None

        found: int | None = self.run(deed)
        return found

    def step(self, party: str, carry: delivering.Carry, force: bool = False) -> None:
        """One step of the loop to `party`: what is due, or a delivery in any case when `force`."""
        self.run(lambda: self._step(party, carry, force))

    def _step(self, party: str, carry: delivering.Carry, force: bool) -> None:
        process = self.process
        assert process is not None
        worker, peer = process.workers[party], process.seat.peers[party]

        def waiting(body: bytes, fields: Mapping[str, str]) -> bytes:
            worker.ahead.make()
            return carry(body, fields)

        try:
            if force and worker.holdings.doubt() is None:
                own = worker.holdings.own()
                link = delivering.refresh(worker.holdings, peer, worker.link, own)
                worker.link = delivering.send(worker.holdings, peer, link, waiting, self.now, ahead=worker.ahead)
            else:
                step = delivering.step(worker.holdings, peer, worker.link, waiting, self.now, worker.ahead)
                worker.link, _ = step
        except (Fault, Exception):
            failed = session.failed(worker.link, "link.fault", self.now.seconds)
            process.workers[party] = self._worker(process.seat, party)
            process.workers[party].link = failed

    def receive(self, body: bytes, fields: Mapping[str, str], authority: str) -> bytes | None:
        """What the door answers to a request; None when the process died of it or was not there."""
        if self.process is None:
            return None
        door = self.process.door
        answer: bytes | None = self.run(lambda: _posted(door, body, fields, authority))
        return answer

    def holdings(self) -> Holdings:
        """A view of the record for a use case of its own, such as a courier."""
        assert self.process is not None
        return Holdings(self.process.seat)

    def copy_fence(self, to: Path) -> None:
        shutil.copytree(self.folder, to)

    def _worker(self, seat: Seat, party: str) -> Worker:
        holdings = Holdings(seat)
        return Worker(holdings, delivering.load(holdings, seat.peers[party]))

    def _seat(self, life: Life) -> Seat:
        return _SimulatedSeat(
            party=self.party,
            law=self.compact.law,
            law_digest=self.compact.digest,
            origin=self.origin,
            keys=self._keys(life),
            engine=self._engine,
            database="sqlite",
            folder=self.folder,
            fence=PortFence(self.folder, life),
            authority=authority(self.party),
            peers={code: _counterpart(self.compact, code) for code in self.compact.parties if code != self.party},
            draw=self._chance.randbytes,
            later=(self.compact.amended.law,) if self.knows_amendment and self.compact.amended else (),
            opened=lambda: PortConnection(self.disk, life),
        )

    def _keys(self, life: Life) -> Keys:
        held = {role: self._keys_of(role, life) for role in ("log", "cosigner", "node", "body")}
        return Keys(*(first for first, *_ in held.values()), older={role: tuple(held[role][1:]) for role in held})

    def _keys_of(self, role: str, life: Life) -> list[PortKey]:
        numbers = range(1, 1 + (parties.MOST_KEYS if role in parties.ROTATED else 1))
        signing = self._signing(role)
        return [PortKey.of(parties.node_key(self.party, role, number), life, signing) for number in numbers]

    def _signing(self, role: str) -> Callable[[bytes], None]:
        return lambda message: self._watch.signing(self, role, message)


def authority(party: str) -> str:
    """Host and port of a party's door."""
    return f"{party.lower()}.example:9000"


def _counterpart(compact: Compact, party: str) -> Counterpart:
    origin = compact.origin(party)
    verifier = note.Verifier(expected_name("node", origin), note.ED25519, parties.key(party, "node").public)
    return Counterpart(party, origin, f"https://{authority(party)}", verifier, "")


def _posted(door: Door, body: bytes, fields: Mapping[str, str], authority: str) -> bytes:
    environ = {
        "REQUEST_METHOD": "POST",
        "PATH_INFO": calling.path_of(body),
        "CONTENT_LENGTH": str(len(body)),
        "HTTP_HOST": authority,
        "wsgi.input": io.BytesIO(body),
        **{f"HTTP_{name.upper().replace('-', '_')}": value for name, value in fields.items()},
    }
    try:
        return b"".join(door(environ, lambda _status, _headers: None))
    except Exception:
        logging.getLogger("mithaq.simulation").debug("the door raised", exc_info=True)
        return FAILED

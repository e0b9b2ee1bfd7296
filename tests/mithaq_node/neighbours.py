"""Three fictional neighbours under one instrument: Meadow, River and Hill, with an audience of two of them."""

import io
from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from pathlib import Path

import msgspec

from mithaq import canonical
from mithaq.exchange.session import Link
from mithaq.instrument import sealing
from mithaq.instrument.law import Law, Observer
from mithaq.instrument.sealing import Sealed
from mithaq.instrument.words import Words
from mithaq.record import note
from mithaq_node.peer.door import Door
from mithaq_node.services import delivering, seat
from mithaq_node.services.calling import LineDown, path_of
from mithaq_node.services.holdings import Holdings
from mithaq_node.services.recovering import RESTORED
from mithaq_node.services.seat import Seat
from mithaq_node.store import log as record
from tests.mithaq_node import meadow, pair

PARTIES = {**meadow.PARTIES, "HL": "hl.mithaq.example"}
UPLANDS = ("ML", "HL")
AUDIENCE = "uplands"
"""The audience that River is not in, and its members."""
OBSERVER = "far-off"


@cache
def sealed(observer: str = "") -> Sealed:
    """The instrument of the three, sealed by all, with an audience `uplands` of two; `observer` is the key of one."""
    two = meadow.unsealed()
    words = msgspec.json.decode(two.words_bytes, type=Words)
    labels = {**words.labels, "authority.HL.watch": words.labels["authority.ML.watch"]}
    law = canonical.encode(_law(two.law, observer))
    held = Sealed.open(law, canonical.encode(msgspec.structs.replace(words, labels=labels)))
    for party in PARTIES:
        held = sealing.seal(held, party, *meadow.root(party))
    return held


def _law(two: Law, observer: str) -> Law:
    name, key = meadow.root("HL")
    third = msgspec.structs.replace(
        two.parties[0],
        code="HL",
        domain=PARTIES["HL"],
        name=dict.fromkeys(two.languages, "Hill"),
        short=dict.fromkeys(two.languages, "Hill"),
        colour="#7a5c00",
        shape="circle",
        roots=[note.Verifier(name, note.ED25519, key.public).vkey()],
    )
    return msgspec.structs.replace(
        two,
        parties=[*two.parties, third],
        audiences={"all": list(PARTIES), AUDIENCE: list(UPLANDS)},
        observers=[_observer(two, observer)] if observer else [],
    )


def _observer(two: Law, key: str) -> Observer:
    return Observer(id=OBSERVER, name=dict.fromkeys(two.languages, "Far-off observer"), key=key, mark="example")


class Neighbours:
    """Three seats and the lines between their doors, each of which can be cut."""

    def __init__(
        self, folder: Path, instrument: Sealed | None = None, databases: Mapping[str, str] | None = None
    ) -> None:
        instrument = instrument or sealed()
        self.now = meadow.NOW
        self.nodes = {
            party: pair.found(folder / party, party, 9100 + place, (databases or {}).get(party, "sqlite"), instrument)
            for place, party in enumerate(PARTIES)
        }
        for first in self.nodes.values():
            for second in self.nodes.values():
                if first.party < second.party:
                    pair.introduce(first, second, instrument.law)
        self.seats: Mapping[str, Seat] = {party: seat.take(node.folder, {}) for party, node in self.nodes.items()}
        self.at = {party: Holdings(taken) for party, taken in self.seats.items()}
        self.uplands = {party: Holdings(seat.take(self.nodes[party].folder, {}, AUDIENCE)) for party in UPLANDS}
        self.doors = {
            party: Door(taken, lambda: self.now, [self.uplands[party].seat] if party in UPLANDS else [])
            for party, taken in self.seats.items()
        }
        self.links: dict[tuple[str, str, str], Link] = {}
        self.carried: list[tuple[str, bytes]] = []
        """To whom, and the body of the request."""
        self.cut: set[tuple[str, str]] = set()
        for taken in self.seats.values():
            pair.enter(taken)

    def send(self, sender: str, to: str, face: Holdings | None = None) -> Link:
        """One delivery of `sender` to `to`, whether due or not; `face` is another store of the sender's."""
        holdings = face or self.at[sender]
        peer = holdings.seat.peers[to]
        audience = holdings.seat.audience
        link = replace(self.links.get((sender, to, audience), Link()), not_before=0.0)
        link = delivering.refresh(holdings, peer, link, holdings.own())

        def carry(body: bytes, fields: Mapping[str, str]) -> bytes:
            if (sender, to) in self.cut:
                raise LineDown("link.down")
            self.carried.append((to, body))
            return posted(self.doors[to], path_of(body, audience), body, {**fields, "Host": peer.authority})

        after = delivering.send(holdings, peer, link, carry, self.now)
        self.links[sender, to, audience] = after
        return after

    def step(self, sender: str, to: str, face: Holdings) -> Link:
        """What the worker of `sender` does when it looks, later than any pause; recovery is part of it."""
        peer = face.seat.peers[to]

        def carry(body: bytes, fields: Mapping[str, str]) -> bytes:
            path = path_of(body, face.seat.audience)
            return posted(self.doors[to], path, body, {**fields, "Host": peer.authority})

        link = delivering.load(face, peer)
        for _ in range(4):
            link, _ = delivering.step(face, peer, replace(link, not_before=0.0), carry, self.now)
        return link

    def set_back(self, party: str, image: bytes) -> None:
        """Restore an earlier database of a party, as `mithaq restore` does: its logs are UNSURE, its fence stays."""
        self.at[party].close()
        self.uplands[party].close()
        folder = self.nodes[party].folder
        for file in folder.glob("node.sqlite3*"):
            file.unlink()
        (folder / "node.sqlite3").write_bytes(image)
        first, *others = seat.take_all(folder, {})
        self.at[party], self.uplands[party] = Holdings(first), Holdings(others[0])
        for holdings in (self.at[party], self.uplands[party]):
            with holdings.engine.transaction(holdings.conn):
                record.mark_unsure(holdings.conn, holdings.engine, holdings.own(), RESTORED)
        self.doors[party] = Door(first, lambda: self.now, others)

    def settle(self, rounds: int = 4) -> None:
        """Everybody delivers to everybody, some times over."""
        for _ in range(rounds):
            for sender in PARTIES:
                for to in PARTIES:
                    if sender != to:
                        self.send(sender, to)

    def close(self) -> None:
        behind = (holdings for door in self.doors.values() for holdings in door._holdings.values())
        for holdings in (*self.at.values(), *self.uplands.values(), *behind):
            holdings.close()


def posted(door: Door, path: str, body: bytes, fields: Mapping[str, str]) -> bytes:
    environ = {f"HTTP_{name.upper().replace('-', '_')}": value for name, value in fields.items()}
    environ |= {"REQUEST_METHOD": "POST", "PATH_INFO": path, "CONTENT_LENGTH": str(len(body))}
    return b"".join(door({**environ, "wsgi.input": io.BytesIO(body)}, lambda _status, _headers: None))

"""A node at work, as the exchange needs it: the law it sits under, its keys, its store and fence, its counterparts.

Made once per process from the data folder. Nothing here needs Django set up, so the counterpart's door and the delivery
worker start fast and stay small.
"""

import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from urllib.parse import urlsplit

import msgspec

from mithaq.errors import Refusal
from mithaq.instrument.law import Law, Limits
from mithaq.notices import numbers
from mithaq.notices.conformance import law_digest
from mithaq.notices.keys import expected_name
from mithaq.notices.versions import Versions
from mithaq.record.note import Verifier
from mithaq.signing import PrivateKey
from mithaq_files.held import Held
from mithaq_node.keystore import custody, vault
from mithaq_node.keystore.custody import Keys
from mithaq_node.settings import node as settings
from mithaq_node.settings.node import WitnessAt
from mithaq_node.store import engine as engines
from mithaq_node.store import epochs, fences
from mithaq_node.store.engine import Connection, Engine
from mithaq_node.store.fence import Fence


@dataclass(frozen=True)
class Counterpart:
    """Another party: its log, its door, and the key that signs its requests until its key-set has been seen."""

    party: str
    origin: str
    url: str
    node: Verifier
    certificate: str
    """PEM of the pinned certificate of its door."""
    body: str = ""
    """The age recipient of its card, to which a courier is sealed until its key-set has been seen."""

    @property
    def authority(self) -> str:
        """Host and port as they stand in a request."""
        return urlsplit(self.url).netloc.lower()


@dataclass(frozen=True)
class Seat:
    """One party's node in one audience: its log there, and its counterparts in it. `law` is the instrument's first
    version, `later` are those sealed since. `authority` is the host and port under which counterparts call its door;
    `draw` gives so many random bytes."""

    party: str
    law: Law
    law_digest: str
    origin: str
    keys: Keys
    engine: Engine
    database: str
    folder: Path
    fence: Fence
    authority: str
    peers: Mapping[str, Counterpart]
    demo_clock: Path | None = None
    draw: Callable[[int], bytes] = secrets.token_bytes
    later: Sequence[Law] = ()
    witnesses: Sequence[WitnessAt] = ()
    """Where the observers of the instrument take heads."""
    held: Held | None = None
    """The versions as the node's folder says now; None where `later` says all."""

    @property
    def versions(self) -> Versions:
        """Every sealed version of the instrument that this node holds. One that is entered while this process runs is
        among them at the next look."""
        return self._first_and_later if self.held is None else self.held.versions()

    @cached_property
    def _first_and_later(self) -> Versions:
        return Versions(self.law, *self.later)

    @property
    def limits(self) -> Limits:
        """The bounds of what is carried."""
        return self.versions.limits

    @property
    def audience(self) -> str:
        """The audience of this seat's log."""
        return numbers.audience_of(self.origin)

    @property
    def cosigner(self) -> str:
        """The name of the key that cosigns the others' checkpoints."""
        return expected_name("cosigner", self.origin)

    @property
    def node(self) -> str:
        """The name of the key that signs requests."""
        return expected_name("node", self.origin)

    def key(self, role: str, public: bytes) -> PrivateKey:
        """Our key of a role with this public half; one that was made after this process began is read now."""
        found = self.keys.of(role, public) or custody.load(self.folder / "keys").of(role, public)
        if found is None:
            raise Refusal("keystore.other-key", role=role)
        return found

    def connect(self) -> Connection:
        """A connection of its own for one thread."""
        return engines.open(self.database, self.folder / "node.sqlite3")

    def peer_of_key(self, name: str) -> Counterpart:
        """The counterpart whose node key has this name; refuses a stranger's."""
        for peer in self.peers.values():
            if peer.node.name == name:
                return peer
        raise Refusal("request.unknown-key", key=name[:200])


class _Card(msgspec.Struct):
    party: str
    node: str
    certificate: str
    url: str
    body: str = ""


def take(folder: Path, environment: Mapping[str, str], audience: str = numbers.ALL) -> Seat:
    """The seat in one audience of the node in `folder`; refuses a node without sealed instrument, keys or readable
    cards, and an audience that its party is not in."""
    node = settings.read(folder, environment)
    held = Held(node.folder)
    law = held.read()[0].law
    members = law.audiences.get(audience, [])
    if node.party not in members:
        raise Refusal("node.unknown-audience", audience=audience[:40])
    origin = law.origin(node.party, audience, epochs.current(node.epochs, node.party, audience))
    own = _card(node.own_card) if node.own_card.exists() else None
    return Seat(
        party=node.party,
        law=law,
        law_digest=law_digest(law),
        origin=origin,
        keys=custody.load(node.keys),
        engine=engines.of(node.engine, vault.at(node)),
        database=node.database,
        folder=node.folder,
        fence=fences.at(node.fence),
        authority=urlsplit(own.url).netloc.lower() if own else "",
        peers={peer.party: _counterpart(node, law, peer, audience) for peer in node.peers if peer.party in members},
        demo_clock=node.demo_clock,
        witnesses=node.witnesses if audience == numbers.ALL else (),
        held=held,
    )


def take_all(folder: Path, environment: Mapping[str, str]) -> tuple[Seat, ...]:
    """The seats of the node in every audience of its party, that of all first."""
    first = take(folder, environment)
    return (first, *(take(folder, environment, each) for each in first.law.audiences_of(first.party)[1:]))


def _counterpart(node: settings.Node, law: Law, peer: settings.Peer, audience: str) -> Counterpart:
    card = _card(node.cards / f"{peer.party}.json")
    origin = law.origin(peer.party, audience, epochs.current(node.epochs, peer.party, audience))
    verifier = Verifier.parse(card.node)
    if card.party != peer.party or verifier.name != expected_name("node", origin):
        raise Refusal("card.unknown-party", party=card.party[:8])
    return Counterpart(peer.party, origin, peer.url.rstrip("/"), verifier, card.certificate, card.body)


def _card(path: Path) -> _Card:
    try:
        return msgspec.json.decode(path.read_bytes(), type=_Card)
    except (OSError, msgspec.DecodeError) as error:
        raise Refusal("card.not-a-card", reason=str(error)[:200]) from error

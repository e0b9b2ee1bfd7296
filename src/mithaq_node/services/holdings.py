"""One thread's view of the record: its connection, and what need not be read twice (keys, perfect subtrees).

Holds too how a head becomes signable: commit, move the fence, sign. `secure` is the only way to a signature.
"""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass

from mithaq.errors import Refusal
from mithaq.exchange.accept import Held
from mithaq.exchange.receipts import Owed
from mithaq.notices import envelope
from mithaq.notices.envelope import Roots
from mithaq.notices.keys import KeyRing
from mithaq.record import checkpoint, note
from mithaq.record.checkpoint import Checkpoint
from mithaq.record.note import Verifier
from mithaq.signing import PrivateKey
from mithaq_node.services.seat import Counterpart, Seat
from mithaq_node.store import erasures
from mithaq_node.store import log as record
from mithaq_node.store.fence import Fence, Move, Moved, Standing, standing
from mithaq_node.store.log import Log, Tree

_MOST_SIGNED = 16

Cosigned = tuple[Log, bytes]
"""Our copy of a counterpart's log, and our cosignature line on its newest head; empty when we have not cosigned it."""

Fenced = tuple[Log, Checkpoint | None]
"""Our copy of a counterpart's log, and where its fence stands."""


@dataclass(frozen=True)
class Look:
    """Our log and, by party, our copies, and where their fences stood before they were read."""

    fence: Checkpoint | None
    own: Log
    copies: Mapping[str, Fenced]


class Holdings:
    """The logs of `seat` through one connection, for one thread."""

    def __init__(self, seat: Seat) -> None:
        self.seat = seat
        self.engine = seat.engine
        self.conn = seat.connect()
        self._rings: dict[int, tuple[int, KeyRing]] = {}
        self._trees: dict[int, Tree] = {}
        self._fenced: Checkpoint | None = None
        """A fence that our store was found to reach; the store only grows, so it still does."""
        self._signed: dict[Checkpoint, bytes] = {}
        for origin, own in ((seat.origin, True), *((peer.origin, False) for peer in seat.peers.values())):
            if record.find(self.conn, self.engine, origin) is None:
                record.create(self.conn, self.engine, origin, own)

    def close(self) -> None:
        """Give the connection back."""
        self.conn.close()

    def own(self) -> Log:
        """Our own log."""
        return record.read(self.conn, self.engine, self.seat.origin)

    def theirs(self, peer: Counterpart) -> Log:
        """Our copy of a counterpart's log."""
        return record.read(self.conn, self.engine, peer.origin)

    def both(self, peer: Counterpart) -> tuple[Log, Log]:
        """Our own log and our copy of a counterpart's, at one moment."""
        own, theirs = record.read_all(self.conn, self.engine, self.seat.origin, peer.origin)
        return own, theirs

    def tree(self, log: Log) -> Tree:
        """The tree of `log`, for proofs and earlier roots."""
        tree = self._trees.get(log.id)
        if tree is None:
            tree = self._trees[log.id] = Tree(self.conn, self.engine, log.id)
        tree.learn(log.frontier)
        return tree

    def root_at(self, log: Log, size: int) -> bytes:
        """The root of `log` at `size`."""
        return log.frontier.root() if size == log.size else self.tree(log).root(size)

    def ring(self, log: Log) -> KeyRing:
        """The keys of the log's party as its stored key-sets say."""
        size, ring = self._rings.get(log.id, (0, KeyRing()))
        if size < log.size:
            party = self.seat.law.party_of(log.origin)
            roots = Roots(keys=party.roots, threshold=party.threshold) if party else Roots(keys=[], threshold=1)
            for index, leaf in record.key_sets(self.conn, self.engine, log, size):
                ring = _applied(ring, leaf, index, roots)
            self._rings[log.id] = (log.size, ring)
        return ring

    def remember(self, log: Log, ring: KeyRing) -> None:
        """Take `ring` for the keys of `log` as it stands in the store; spares reading them."""
        self._rings[log.id] = (log.size, ring)

    def held(self, log: Log, wanted: tuple[int, ...] = ()) -> Held:
        """Our copy as the judge of a delivery sees it, with the stored leaves `wanted`."""
        leaves = {index: record.read_entries(self.conn, self.engine, log, index, index + 1)[0] for index in wanted}
        return Held(
            origin=log.origin,
            frontier=log.frontier,
            root_at=lambda size: self.root_at(log, size),
            last_at=log.last_at,
            ring=self.ring(log),
            owed=Owed.decode(log.owed),
            leaves=leaves,
            erased=erasures.below(self.conn, self.engine, log.id),
            frozen=log.frozen,
            in_force=log.in_force,
        )

    def node_verifier(self, peer: Counterpart) -> Verifier:
        """The key that signs the counterpart's requests: its key-set's, or before that its card's."""
        ring = self.ring(self.theirs(peer))
        return ring.node if ring.keys else peer.node

    def check_fence(self, own: Log, fence: Checkpoint | None) -> Standing:
        """How our log stands to the fence; refuses when signing could make a fork (the node is UNSURE)."""
        if not own.unsure and fence is not None and fence == self._fenced and fence.size < own.size:
            return Standing.AHEAD
        found = standing(own.head, fence, lambda size: self.root_at(own, size), own.unsure)
        self._fenced = fence
        return found

    def doubt(self) -> Refusal | None:
        """Why this node is UNSURE and signs nothing; None while it is sure."""
        fence = self.seat.fence.read(self.seat.origin)
        return self.doubt_about(self.own(), fence)  # read after the fence, as in `secure`

    def doubt_about(self, own: Log, fence: Checkpoint | None) -> Refusal | None:
        """`doubt`, of our log as it was read after the fence."""
        try:
            self.check_fence(own, fence)
        except Refusal as refusal:
            return refusal
        return None

    def secure(self) -> Log:
        """Our log as it stands, with the fence moved up to it; what this returns may be signed."""
        while True:
            fence = self.seat.fence.read(self.seat.origin)
            own = self.own()  # read after the fence, so that a healthy store is never behind it
            try:
                self.let_past(own, fence, ())
            except Moved:
                continue
            return own

    def look(self) -> Look:
        """Our log and our copies at one moment, and the fences as they stood before."""
        origins = self.seat.origin, *(peer.origin for peer in self.seat.peers.values())
        fence, *fenced = self.seat.fence.read_all(*origins)
        own, *copies = record.read_all(self.conn, self.engine, *origins)
        return Look(fence, own, dict(zip(self.seat.peers, zip(copies, fenced, strict=True), strict=True)))

    def secure_all(self, look: Look | None = None) -> tuple[Log, Mapping[str, Cosigned]]:
        """`secure`, and in the same write the fences of our copies over the heads that we have cosigned.

        The copies are by party, each with our cosignature line, which may be shown then. `look` spares the first one.
        """
        while True:
            seen = look or self.look()
            copies = {party: (copy, self._our_cosignature(copy)) for party, (copy, _) in seen.copies.items()}
            try:
                self.let_past(seen.own, seen.fence, [seen.copies[party] for party, (_, line) in copies.items() if line])
            except Moved:
                look = None
                continue
            return seen.own, copies

    def _our_cosignature(self, theirs: Log) -> bytes:
        """Our cosignature line on the newest head of a copy; empty when we have not cosigned it."""
        name = self.seat.cosigner.encode()
        lines = record.cosignatures(self.conn, self.engine, theirs, theirs.size)
        return b"".join(line for line in lines if line.split(b" ", 2)[1] == name)

    def let_past(self, own: Log, fence: Checkpoint | None, copies: Sequence[Fenced]) -> None:
        """Move our fence from `fence` over `own`, and those of `copies` from where each stands; raises `Moved`."""
        moves = [move for copy, fenced in copies if (move := _over_copy(copy, fenced)) is not None]
        if self.check_fence(own, fence) is Standing.AHEAD:
            moves.append(Move(fence, own.head))
        if moves:
            self.seat.fence.move(*moves)

    def signed(self, own: Log, size: int) -> bytes:
        """The signed checkpoint of our log at `size`, at or below a head that was secured, with its cosignatures."""
        signed = self.sign(Checkpoint(own.origin, size, self.root_at(own, size)), own)
        return signed + b"".join(record.cosignatures(self.conn, self.engine, own, size))

    def cosigned(self, theirs: Log) -> bytes:
        """The newest checkpoint of a copy as its log signed it, with every cosignature that is known.

        Our own is among them once the fence has let it past (`secure`).
        """
        text, signatures = note.split(theirs.note)
        lines = map(note.parse_line, record.cosignatures(self.conn, self.engine, theirs, theirs.size))
        shown = [line for line in lines if line.name != self.seat.cosigner or self._is_past(theirs)]
        return note.join(text, dict.fromkeys((*signatures, *shown)))

    def _is_past(self, theirs: Log) -> bool:
        try:
            fence = self.seat.fence.read(theirs.origin)
        except Refusal:
            return False
        return fence is not None and fence.size >= theirs.size

    def sign(self, head: Checkpoint, own: Log | None = None) -> bytes:
        """The signed note of a head of ours that the fence has let past; `own` is as for `key`."""
        known = self._signed.get(head)
        if known is None:
            if len(self._signed) > _MOST_SIGNED:
                self._signed.clear()
            known = self._signed[head] = checkpoint.sign(head, self.key("log", head.size, own))
        return known

    def key(self, role: str, size: int | None = None, own: Log | None = None) -> PrivateKey:
        """Our key of a role that counts for the last of the first `size` leaves of our log, or for its last one.

        Before the first key-set it is the newest. Refuses (`keystore.other-key`) when this node does not hold it. `own`
        is our log where it has just been read.
        """
        own = own or self.own()
        counting = self.ring(own).counting(role, max(own.size if size is None else size, 1) - 1)
        return self.seat.key(role, counting[-1].public) if counting else self.seat.keys.all(role)[0]


def secure_copy(fence: Fence, theirs: Log) -> None:
    """Move the fence of our copy of a counterpart's log over its head, before our cosignature of that is shown."""
    while (move := _over_copy(theirs, fence.read(theirs.origin))) is not None:
        with suppress(Moved):
            fence.move(move)


def _over_copy(theirs: Log, fenced: Checkpoint | None) -> Move | None:
    if fenced is not None and fenced.size >= theirs.size:
        return None
    return Move(fenced, theirs.head, _by_its_log(theirs))


def _by_its_log(theirs: Log) -> bytes:
    """The newest signed checkpoint of a copy, under its log's own signatures alone."""
    text, signatures = note.split(theirs.note)
    return note.join(text, [signature for signature in signatures if signature.name == theirs.origin])


def _applied(ring: KeyRing, leaf: bytes, index: int, roots: Roots) -> KeyRing:
    try:
        return ring.apply(envelope.parse(leaf), index, roots)
    except Refusal:  # a key-set that does not count changes nothing; it is shown as not conforming
        return ring

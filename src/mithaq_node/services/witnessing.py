"""Our log before an observer's witness: it cosigns our head, and shows which heads it has seen of everybody's log.

Of our own log it may hold more than we do. Then our key signed that head, and our store, fence and all, was set back
behind the program's back; so the fence is moved there, and the node is UNSURE until it has read its log back from a
counterpart, as after any restore (`services.recovering`). A head of ours that contradicts our store stops it in the
same way. Of a counterpart's log a head that contradicts our copy is a fork, however the witness came by it: its own
signature shows it (`services.third_parties`).

A witness decides nothing and holds nothing up: while it cannot be reached, everything goes on without its cosignature.
"""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol

from mithaq.errors import Refusal
from mithaq.exchange.accept import verified_cosignatures
from mithaq.instrument.law import Law
from mithaq.moments import Moment
from mithaq.record import checkpoint, note, witness
from mithaq.record.checkpoint import Checkpoint
from mithaq.record.note import Verifier
from mithaq_node.services import third_parties
from mithaq_node.services.holdings import Holdings
from mithaq_node.services.recovering import DIFFERS
from mithaq_node.store import log as record
from mithaq_node.store.fence import Moved
from mithaq_node.store.log import Log


class Calls(Protocol):
    """What carries a call to a witness and brings back status and body."""

    def get(self, path: str) -> tuple[int, bytes]: ...
    def post(self, path: str, body: bytes) -> tuple[int, bytes]: ...


@dataclass(frozen=True)
class Standing:
    """How one observer stands: the size of our log that it cosigned last, and of how many logs it showed a head."""

    cosigned: int
    shown: int


def verifier(law: Law, observer: str) -> Verifier:
    """The key with which an observer cosigns; refuses one that the law does not name."""
    found = next((each for each in law.observers if each.id == observer), None)
    if found is None:
        raise Refusal("witness.unknown-observer", observer=observer[:80])
    return Verifier.parse(found.key)


def step(holdings: Holdings, observer: str, calls: Calls, now: Moment) -> Standing:
    """Show the witness our newest head where it has not cosigned it, and look at what it holds of everybody's log.

    Raises what `calls` raises, and refuses what the witness refuses (`witness.…`).
    """
    key = verifier(holdings.seat.law, observer)
    shown = _look(holdings, calls, now)
    cosigned = _cosigned(holdings, key)
    if holdings.doubt() is None and holdings.own().size > cosigned:
        cosigned = _ask(holdings, key, calls, cosigned)
    return Standing(cosigned, shown)


def _cosigned(holdings: Holdings, key: Verifier) -> int:
    return record.cosigned_sizes(holdings.conn, holdings.engine, holdings.own()).get(key.name, 0)


def _ask(holdings: Holdings, key: Verifier, calls: Calls, old: int) -> int:
    """Ask for the cosignature of our newest head; the size that is cosigned then."""
    own = holdings.secure()
    head = Checkpoint(own.origin, own.size, holdings.root_at(own, own.size))
    status, body = calls.post("add-checkpoint", _request(holdings, own, head, old))
    if status == 409 and 0 <= (held := _size(body)) <= own.size and held != old:
        status, body = calls.post("add-checkpoint", _request(holdings, own, head, held))
    if status != 200:
        raise Refusal("witness.refused", status=status)
    signatures = verified_cosignatures(body, head, key)
    if not signatures:
        raise Refusal("cosignature.bad-signature", name=key.name)
    with holdings.engine.transaction(holdings.conn):
        for each in signatures:
            record.add_cosignature(holdings.conn, holdings.engine, own, head.size, each.name, each.line())
    return head.size


def _request(holdings: Holdings, own: Log, head: Checkpoint, old: int) -> bytes:
    proof = holdings.tree(own).consistency(old, head.size) if old else ()
    return witness.Request(old, proof, holdings.sign(head)).encode()


def _size(body: bytes) -> int:
    word = body.strip()
    return int(word) if word.isdigit() and len(word) < 19 else -1


def _look(holdings: Holdings, calls: Calls, now: Moment) -> int:
    """Compare every head that the witness shows with what we hold; how many it showed."""
    others = list(_shown(calls, (peer.origin for peer in holdings.seat.peers.values())))
    third_parties.hear(holdings, others, now)
    ours = list(_shown(calls, (holdings.seat.origin,)))
    for signed in ours:
        _compare_own(holdings, signed, now)
    return len(others) + len(ours)


def _shown(calls: Calls, origins: Iterable[str]) -> Iterable[bytes]:
    for origin in origins:
        status, body = calls.get(f"{hashlib.sha256(origin.encode()).hexdigest()}/checkpoint")
        if status == 200:
            yield body


def _compare_own(holdings: Holdings, signed: bytes, now: Moment) -> None:
    """Take a head of our own log for what it is, if our key signed it: agreed, ahead of us, or another history."""
    own = holdings.own()
    keys = [Verifier(own.origin, note.ED25519, each.public) for each in holdings.seat.keys.all("log")]
    try:
        head, _ = checkpoint.open(signed, keys)
    except Refusal:  # not of our making: it says nothing about us
        return
    if head.origin != own.origin or head.extensions:
        return
    if head.size > own.size:
        _fence_in(holdings, head)
    elif own.unsure != DIFFERS and head.size and holdings.root_at(own, head.size) != head.root:
        with holdings.engine.transaction(holdings.conn):
            locked = record.lock(holdings.conn, holdings.engine, own.origin)
            data = {"log": own.origin, "size": head.size}
            record.keep_evidence(
                holdings.conn, holdings.engine, locked, str(now), "fence.mirror-differs", data, signed, b""
            )
            record.mark_unsure(holdings.conn, holdings.engine, locked, DIFFERS)


def _fence_in(holdings: Holdings, head: Checkpoint) -> None:
    """Our key signed `head`, which our store does not reach: it is the newest head that the fence knows of now."""
    fence = holdings.seat.fence.read(head.origin)
    if fence is not None and fence.size < head.size:
        try:
            holdings.seat.fence.compare_and_swap(fence, head)
        except Moved:  # somebody of ours went on meanwhile; the next look compares again
            return

"""How an UNSURE node becomes sure again: it reads its own log back from a counterpart, and compares.

A node is UNSURE when its store is behind its fence or differs from it, when the fence is missing, when it was restored
from a backup, or when a counterpart showed a head that our key signed and our store does not reach. Then it signs
nothing at all: no checkpoint, no receipt, no cosignature, no notice. It goes on storing what comes.

One step asks one mirror for what follows our store, judges it (`mithaq.exchange.refill`), and stores it in one
transaction, together with what hangs on it: parts, the cosignature, what our own receipts had said, and the end of
drafts whose notices turned out to stand in the log. The node is sure again in the transaction in which store, fence and
this mirror agree: the store reaches the mirror's head, and the fence. A fence ahead of every mirror that can be reached
waits here; the other way out is a new epoch (docs/spec/recovery.md).
"""

from dataclasses import dataclass, replace

from mithaq.errors import Refusal
from mithaq.exchange import accept, answer, mirror, refill, session
from mithaq.exchange.answer import MOST_MISSING
from mithaq.exchange.mirror import Mirror, OwnLog
from mithaq.exchange.receipts import Owed
from mithaq.exchange.refill import Contradiction, Refill
from mithaq.exchange.session import Link
from mithaq.moments import Moment
from mithaq.record import note
from mithaq.record.checkpoint import Checkpoint
from mithaq.record.note import Verifier
from mithaq_node.services.calling import Carry, LineDown, answered, signed_fields
from mithaq_node.services.holdings import Holdings
from mithaq_node.services.seat import Counterpart
from mithaq_node.store import log as record
from mithaq_node.store.fence import Moved, standing
from mithaq_node.store.log import Log

BEHIND, DIFFERS, RESTORED = "fence.mirror-ahead", "fence.mirror-differs", "fence.restored"
"""The marks that our own log can carry (`store.log.mark_unsure`), which are the codes they are refused with."""

_ALARMS = frozenset({"delivery.fork", "delivery.not-consistent", "link.frozen"})
"""What a counterpart answers when our deliveries contradict what it holds of us."""


@dataclass(frozen=True)
class _Stored:
    """What one step did: our log after it, and why it may still not be signed (None: it may)."""

    own: Log
    doubt: Refusal | None


def is_called_for(link: Link) -> bool:
    """Whether the counterpart has said something that our own log, as it holds it, must be compared for."""
    return link.beyond > 0 or link.code in _ALARMS


def step(holdings: Holdings, peer: Counterpart, link: Link, carry: Carry, now: Moment, new_fence: bool = False) -> Link:
    """Ask `peer` once for our own log and take what it gives; every failure becomes a state of the link.

    `new_fence` sets a fence where there is none, once this mirror agrees: only an operator may ask for it.
    """
    own = holdings.own()
    missing = Owed.decode(own.owed).missing[:MOST_MISSING]
    request = mirror.encode_request(OwnLog(own.origin, own.size, missing, str(now)))
    try:
        encoded = carry(request, signed_fields(holdings, peer, request, link, now.seconds + link.clock))
        if encoded.startswith(answer.FIRST_LINE):
            return answered(link, answer.decode(encoded, holdings.seat.limits), own.size, now)
        given = mirror.decode(encoded, holdings.seat.limits)
        judged = _judged(holdings, own, given, missing)
        asked_in_vain = bool(missing) and not judged.is_news
        stored = _store(holdings, peer, own, judged, asked_in_vain, new_fence, now)
    except LineDown as down:
        return session.failed(link, str(down) or "link.down", now.seconds)
    except Contradiction as found:
        _stop(holdings, own, found, mirror.encode(replace(given, parts=())), now)
        return replace(session.failed(link, found.code, now.seconds), beyond=0)
    except Refusal as refusal:
        return replace(session.failed(link, refusal.code, now.seconds), beyond=0)
    if judged.is_news or (stored.doubt is None and _was_unsure(own, stored)):
        return replace(link, beyond=0, failures=0, not_before=now.seconds, code="")
    code = "mirror.agrees" if stored.doubt is None else _waiting(stored.doubt)
    return replace(session.failed(link, code, now.seconds), beyond=0)


def _was_unsure(before: Log, stored: _Stored) -> bool:
    return bool(before.unsure) and not stored.own.unsure


def _waiting(doubt: Refusal) -> str:
    """Nothing more came, and the fence is still ahead: this mirror cannot help."""
    return "fence.ahead-of-mirrors" if doubt.code == "fence.store-behind" else doubt.code


def _judged(holdings: Holdings, own: Log, given: Mirror, missing: tuple[tuple[int, int], ...]) -> Refill:
    wanted = refill.wanted_leaves(given, own.size, missing)
    ours = [Verifier(own.origin, note.ED25519, each.public) for each in holdings.seat.keys.all("log")]
    text, signatures = note.split(given.checkpoint) if given.checkpoint else (b"", ())
    key = next((each for each in ours if any(each.verifies(text, line) for line in signatures)), ours[0])
    return refill.judge(given, holdings.held(own, wanted), holdings.seat.versions, key)


def _store(
    holdings: Holdings,
    peer: Counterpart,
    before: Log,
    judged: Refill,
    asked_in_vain: bool,
    new_fence: bool,
    now: Moment,
) -> _Stored:
    conn, engine, fences = holdings.conn, holdings.engine, holdings.seat.fence
    fence = fences.read(before.origin)
    with engine.transaction(conn):
        copies = [
            record.lock(conn, engine, origin)
            for origin in sorted(judged.receipts)
            if record.find(conn, engine, origin) is not None
        ]
        own = record.lock(conn, engine, before.origin)
        if (own.size, own.owed, own.unsure) != (before.size, before.owed, before.unsure):
            raise Refusal("delivery.busy", log=own.origin)
        for copy in copies:
            said = Owed.decode(copy.owed).as_receipted(judged.receipts[copy.origin])
            record.owe(conn, engine, copy, said.encode())
        after = _extended(holdings, peer, own, judged, now)
        doubt = _doubt(judged, fence, new_fence)
        if doubt is None and (not judged.missing or asked_in_vain):
            after = record.mark_unsure(conn, engine, after, "")
        elif judged.head.size > own.size and not own.unsure:
            after = record.mark_unsure(conn, engine, after, BEHIND)
    if fence is None and new_fence and doubt is None:
        try:
            fences.compare_and_swap(None, after.head)
        except Moved as error:
            raise Refusal("node.fence-moved", log=after.origin) from error
    if doubt is None and after.unsure:
        doubt = Refusal(after.unsure, log=after.origin, size=after.size)
    return _Stored(after, doubt)


def _extended(holdings: Holdings, peer: Counterpart, own: Log, judged: Refill, now: Moment) -> Log:
    """Our log with what the mirror gave, and the mirror's cosignature."""
    conn, engine = holdings.conn, holdings.engine
    verified: tuple[note.Signature, ...] = ()
    if judged.is_complete and judged.head.size:
        lines = b"".join(signature.line() for signature in judged.others)
        ring = holdings.ring(holdings.theirs(peer))
        verified = accept.verified_cosignatures(lines, judged.head, ring.cosigner) if ring.keys else ()
    is_newest = bool(verified) and judged.head.size > _size_of(own.note)
    after = record.extend(
        conn,
        engine,
        own,
        judged.entries,
        judged.last_at,
        judged.key_sets,
        note=judged.note if is_newest else None,
        owed=Owed(missing=judged.missing).encode(),
        in_force=judged.in_force,
    )
    record.hold_parts(conn, engine, after, judged.parts, max(str(now), judged.last_at))
    record.drop_drafts(conn, engine, judged.ids)
    for signature in verified:
        record.add_cosignature(conn, engine, after, judged.head.size, signature.name, signature.line())
    return after


def _doubt(judged: Refill, fence: Checkpoint | None, new_fence: bool) -> Refusal | None:
    """Why store, fence and this mirror do not agree, as far as they can be compared; None when they do."""
    reached = Checkpoint(judged.before.origin, judged.frontier.size, judged.frontier.root())
    if not judged.is_complete:
        return Refusal(BEHIND, log=reached.origin, size=reached.size)
    if fence is None and new_fence:
        return None
    try:
        standing(reached, fence, judged.root_at)
    except Refusal as refusal:
        return refusal
    return None


def _stop(holdings: Holdings, before: Log, found: Contradiction, given: bytes, now: Moment) -> None:
    """Our key signed another history than the stored one: keep the proof, and sign nothing more."""
    conn, engine = holdings.conn, holdings.engine
    with engine.transaction(conn):
        own = record.lock(conn, engine, before.origin)
        if own.unsure != DIFFERS:
            record.keep_evidence(conn, engine, own, str(now), found.code, found.data, found.signed, given)
            record.mark_unsure(conn, engine, own, DIFFERS)


def _size_of(signed: bytes) -> int:
    return int(signed.split(b"\n", 2)[1]) if signed else 0

"""What a counterpart sends enters the record: judged, stored with its receipt in one transaction, then answered.

The judge runs outside the transaction, because verifying thousands of signatures must not keep officers from releasing;
the transaction then only goes through if our copy is still what was judged against. Order: commit leaves, parts,
receipt and cosignature; move the fence over the receipt; sign; answer. Nothing is acknowledged before it is durable.

While the node is UNSURE (store and fence do not agree) it stores what comes, but neither receipts nor cosigns.
"""

from dataclasses import dataclass, replace

from mithaq.errors import Refusal
from mithaq.exchange import accept, answer, delivery, receipts
from mithaq.exchange.accept import Acceptance, Broken
from mithaq.exchange.answer import Answer
from mithaq.exchange.delivery import Delivery
from mithaq.exchange.receipts import Owed
from mithaq.exchange.session import Link
from mithaq.moments import Moment
from mithaq.notices.envelope import Header, Receipt, text_of
from mithaq.notices.keys import KeyRing
from mithaq.notices.uncollected import uncollected
from mithaq.record import cosign, fork
from mithaq.record.checkpoint import Checkpoint
from mithaq.record.note import Signature
from mithaq_node.services import outgoing, stopping, third_parties, verifying
from mithaq_node.services.holdings import Holdings
from mithaq_node.services.seat import Counterpart
from mithaq_node.store import erasures, failures
from mithaq_node.store import log as record
from mithaq_node.store.fence import Moved
from mithaq_node.store.log import LinkRow, Log

_MOST_ATTEMPTS = 4
_SIGNED = frozenset({"delivery.fork", "delivery.not-consistent"})
"""What `Broken` says of a head under which the log's signature was found good."""
_ANSWER_BUDGET = 1_048_576
"""Bytes of our own news that ride on an answer; more goes by our own delivery."""


@dataclass(frozen=True)
class Cosigned:
    """Cosignature lines of a counterpart on our checkpoint of `size`, unverified."""

    size: int
    lines: bytes


@dataclass(frozen=True)
class Fences:
    """Where the fences stand of our copy and of our own log."""

    theirs: Checkpoint | None
    own: Checkpoint | None


@dataclass(frozen=True)
class Judged:
    """What a delivery was judged against: the size of our log, our copy, and the fences, read before both."""

    own: int
    theirs: Log
    fences: Fences


@dataclass(frozen=True)
class Taken:
    """What the delivery `sent` did here. `own` is our log after it, `sure` whether we may sign."""

    sent: Delivery
    acceptance: Acceptance
    own: Log
    owed: Owed
    sure: bool
    cosignature: Signature | None


@uncollected()
def receive(holdings: Holdings, peer: Counterpart, encoded: bytes, now: Moment, vouched: bool = True) -> Answer:
    """Take a delivery from `peer` and make the answer to it. Refusals become answers, never exceptions.

    `vouched` says whether the counterpart's own signed request brought it; a file may come from anybody.
    So does a full disk; of our database's other troubles the counterpart learns no more than that they are.
    """
    try:
        return answer_to(holdings, take_encoded(holdings, peer, encoded, now, vouched), now)
    except Refusal as refusal:
        return refused(holdings, peer, refusal, now)
    except failures.FAILURES as error:
        return Answer(failures.refused(error).code, holdings.theirs(peer).size, str(now))


def take_encoded(holdings: Holdings, peer: Counterpart, encoded: bytes, now: Moment, vouched: bool = True) -> Taken:
    """Judge and store an encoded delivery of `peer`, as `take` does."""
    sent = delivery.decode(encoded, holdings.seat.limits)
    return take(holdings, peer, sent, Cosigned(sent.held, sent.cosignatures), now, vouched=vouched)


def refused(holdings: Holdings, peer: Counterpart, refusal: Refusal, now: Moment) -> Answer:
    """The answer to a delivery that was refused: why, and how much of the sender's log is held."""
    return Answer(refusal.code, holdings.theirs(peer).size, str(now), dict(refusal.data))


@uncollected()
def take(
    holdings: Holdings,
    peer: Counterpart,
    sent: Delivery,
    cosigned: Cosigned,
    now: Moment,
    link: LinkRow | None = None,
    vouched: bool = True,
) -> Taken:
    """Judge and store what `sent` brings, our receipt for it, and their cosignature; durable when this returns.

    `link` is kept in the same transaction when given. Broken cryptography freezes the link and is kept as evidence; of
    what is not `vouched` for only a fork that shows itself, because anybody can damage a file or make one up.
    """
    for _ in range(_MOST_ATTEMPTS):
        fences = Fences(*holdings.seat.fence.read_all(peer.origin, holdings.seat.origin))
        own, theirs = holdings.both(peer)
        owed = Owed.decode(theirs.owed)
        wanted = accept.wanted_leaves(sent, theirs.size, owed)
        try:
            acceptance = accept.judge(
                sent, holdings.held(theirs, wanted), holdings.seat.versions, verifying.on_every_core
            )
            _check_copy(holdings, acceptance, fences.theirs)
        except Broken as broken:
            if not vouched and not _shows_itself(holdings, theirs, broken, sent):
                raise Refusal(broken.code, **broken.data) from broken
            stopping.stop(holdings, theirs, broken, sent, now)
            raise
        taken = _store(holdings, peer, sent, Judged(own.size, theirs, fences), acceptance, cosigned, now, link)
        if taken is not None:
            if len(holdings.seat.peers) > 1 or holdings.seat.law.observers:
                third_parties.hear(holdings, (sent.checkpoint, *sent.heads), now)
            return taken
    raise Refusal("delivery.busy", log=sent.log)


def keep_cosignature(holdings: Holdings, own: Log, ring: KeyRing, cosigned: Cosigned, secured: int) -> bytes | None:
    """Keep a counterpart's cosignature on our log, if it is one; in the transaction that is open.

    Returns the signed checkpoint that it belongs to, if that is the newest; signed only up to the size `secured`, where
    the fence stands.
    """
    if not cosigned.lines or not ring.keys or not 0 < cosigned.size <= own.size:
        return None
    head = Checkpoint(own.origin, cosigned.size, holdings.root_at(own, cosigned.size))
    verified = accept.verified_cosignatures(cosigned.lines, head, ring.cosigner)
    for signature in verified:
        record.add_cosignature(holdings.conn, holdings.engine, own, head.size, signature.name, signature.line())
    return holdings.sign(head, own) if verified and _size_of(own.note) < head.size <= secured else None


def _size_of(signed: bytes) -> int:
    """The size in a signed checkpoint of our own making; 0 when there is none."""
    return int(signed.split(b"\n", 2)[1]) if signed else 0


def _store(
    holdings: Holdings,
    peer: Counterpart,
    sent: Delivery,
    judged: Judged,
    acceptance: Acceptance,
    cosigned: Cosigned,
    now: Moment,
    link: LinkRow | None,
) -> Taken | None:
    """One transaction; None when our copy is no longer what was judged against, or what we say is erased of it.

    Nothing is signed for a copy that is not steady (a restored one that does not reach yet what we once said we
    hold), nor for one who says they hold more of our log than there is: then it is we who were set back.

    An answer that we took (`link`) is answered by our next delivery, which moves the fences (`outgoing.secured`).
    """
    conn, engine, seat, before = holdings.conn, holdings.engine, holdings.seat, judged.theirs
    fence, fenced = judged.fences.own, judged.fences.theirs
    said = max(Owed.decode(before.owed).covered, fenced.size if fenced else 0)
    with engine.transaction(conn):
        theirs, own = record.lock_all(conn, engine, before.origin, seat.origin)
        if (theirs.size, theirs.owed, theirs.frozen) != (before.size, before.owed, before.frozen):
            return None
        if own.size != judged.own and erasures.below(conn, engine, theirs.id) != acceptance.before.erased:
            return None
        ring = holdings.ring(own)
        sure = acceptance.size >= said and cosigned.size <= own.size and _is_sure(holdings, own, fence)
        owed, leaves = _receipts(holdings, own, acceptance, now) if sure else (acceptance.owed, ())
        theirs = _keep(holdings, theirs, acceptance, owed, max(str(now), own.last_at))
        cosignature = _cosign(holdings, own, theirs, acceptance, now) if sure else None
        signed = keep_cosignature(holdings, own, acceptance.ring, cosigned, fence.size if fence and sure else 0)
        if leaves:
            own = record.append_to(conn, engine, own, leaves, note=signed).log
        elif signed:
            record.note_checkpoint(conn, engine, own, signed)
        row = link or _heard(record.read_link(conn, engine, peer.party, own), cosigned.size, own, now, sure)
        record.write_link(conn, engine, peer.party, own, row)
    holdings.remember(theirs, acceptance.ring)
    holdings.remember(own, ring)  # a receipt names no keys
    if sure and link is None:
        copies = [(theirs, fenced)] if cosignature is not None else []
        try:
            holdings.let_past(own, fence, copies)
        except Moved:
            own, _ = holdings.secure_all()
    return Taken(sent, acceptance, own, owed, sure, cosignature)


def _heard(row: LinkRow, held: int, own: Log, now: Moment, sure: bool) -> LinkRow:
    """The link after they called on us: what they say they hold, and that our answer carries the rest."""
    known = max(row.held, min(held, own.size))
    if not sure or known == own.size:
        return replace(row, held=known, heard=str(now))
    return replace(row, held=known, heard=str(now), carried=own.size, carried_at=now.seconds)


def _check_copy(holdings: Holdings, acceptance: Acceptance, fence: Checkpoint | None) -> None:
    """Stop a log that does not lead to the head which our fence says we have cosigned."""
    if fence is None or acceptance.size < fence.size:
        return
    if _root(holdings, acceptance, fence.size) != fence.root:
        raise Broken("delivery.fork", log=fence.origin, size=fence.size)


def _is_sure(holdings: Holdings, own: Log, fence: Checkpoint | None) -> bool:
    try:
        holdings.check_fence(own, fence)
    except Refusal:
        return False
    return True


def _keep(holdings: Holdings, theirs: Log, acceptance: Acceptance, owed: Owed, at: str) -> Log:
    conn, engine = holdings.conn, holdings.engine
    newest = acceptance.checkpoint.size >= theirs.size
    after = record.extend(
        conn,
        engine,
        theirs,
        acceptance.entries,
        acceptance.last_at,
        acceptance.key_sets,
        note=acceptance.note if newest else theirs.note,
        owed=owed.encode(),
        in_force=acceptance.in_force,
        growth=acceptance.growth,
    )
    record.hold_parts(conn, engine, theirs, acceptance.parts, at)
    return after


def _receipts(holdings: Holdings, own: Log, acceptance: Acceptance, now: Moment) -> tuple[Owed, tuple[bytes, ...]]:
    """The receipt leaves that are due, and what is owed after them. None before our own key-set stands in our log."""
    owed = acceptance.owed
    leaves: list[bytes] = []
    if own.size == 0:
        return owed, ()
    at = max(str(now), own.last_at)
    while True:
        header = Header(
            at=at,
            id=holdings.seat.draw(16).hex(),
            kind="receipt",
            law=own.in_force or holdings.seat.law_digest,
            log=own.origin,
        )
        due = receipts.next_receipt(
            owed,
            acceptance.checkpoint.origin,
            acceptance.size,
            lambda size: _root(holdings, acceptance, size),
            receipts.room(header),
        )
        if due is None:
            return owed, tuple(leaves)
        receipt, owed = due
        leaves.append(_leaf(header, receipt))


def _leaf(header: Header, receipt: Receipt) -> bytes:
    return text_of(
        Header(at=header.at, id=header.id, kind=header.kind, law=header.law, log=header.log, receipt=receipt)
    )


def _root(holdings: Holdings, acceptance: Acceptance, size: int) -> bytes:
    """The root of the counterpart's log at `size`, which may lie among leaves that are not stored yet."""
    if size == acceptance.size:
        return acceptance.frontier.root()
    before = acceptance.before
    if size <= before.size:
        return before.root_at(size)
    return before.frontier.extend(acceptance.growth.leaf_hashes[: size - before.size]).root()


def _cosign(holdings: Holdings, own: Log, theirs: Log, acceptance: Acceptance, now: Moment) -> Signature | None:
    """Our cosignature of their newest head, kept in the transaction that stores what it covers."""
    head = acceptance.checkpoint
    if head.size != acceptance.size or head.size == 0:
        return None
    seat = holdings.seat
    signature = cosign.cosign(head.text(), seat.cosigner, holdings.key("cosigner", own=own), now.seconds)
    record.add_cosignature(holdings.conn, holdings.engine, theirs, head.size, signature.name, signature.line())
    return signature


def answer_to(holdings: Holdings, taken: Taken, now: Moment) -> Answer:
    """The answer to a delivery that was taken: how far we are, our cosignature, and what is new in our own log."""
    held = min(taken.sent.held, taken.own.size)
    carried = b""
    if taken.sure and held < taken.own.size:
        link = Link(held=held, budget=_ANSWER_BUDGET)
        holding = outgoing.Holding(taken.acceptance.size, b"")
        carried = outgoing.prepare(holdings, taken.own, link, holding, now).encoded
    return Answer(
        answer.OK,
        taken.acceptance.size,
        str(now),
        missing=taken.owed.missing[: answer.MOST_MISSING],
        cosignatures=taken.cosignature.line() if taken.cosignature else b"",
        delivery=carried,
    )


def _shows_itself(holdings: Holdings, theirs: Log, broken: Broken, sent: Delivery) -> bool:
    """Whether two heads that the log signed contradict each other, whoever brought the second one."""
    if broken.code not in _SIGNED or not theirs.note:
        return False
    return fork.show(theirs.note, sent.checkpoint, sent.old, sent.proof, holdings.tree(theirs).subtree) is not None

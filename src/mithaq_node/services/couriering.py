"""The exchange by files that people carry: the same deliveries, judged, stored and answered as over a line.

`pack` writes what a counterpart lacks, as far as it has said what it holds; packing again gives the same until it says
more. `unpack` takes such a file and writes the answer, which is carried back; unpacking the answer moves the link. A
file that comes late or twice finds everything held and changes nothing.

A file is opened twice: once to know whose it is and that it is whole, and then to take what is in it. It is read from a
copy in this node's folder, so that both times it is the same. Nobody but the counterpart's node can make one that is
taken: the node's key signs the file, as it signs requests.
"""

import hashlib
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

from mithaq import recipients
from mithaq.errors import Refusal
from mithaq.exchange import answer, courier, delivery, outbox
from mithaq.exchange.answer import Answer
from mithaq.exchange.courier import Courier, Header, Reading
from mithaq.exchange.session import FIRST_BUDGET, Link
from mithaq.moments import Moment
from mithaq.notices import numbers
from mithaq.notices.envelope import Roots
from mithaq.record import note
from mithaq.record.merkle import Frontier
from mithaq_files import sealed
from mithaq_node.services import delivering, outgoing, receiving
from mithaq_node.services.holdings import Holdings
from mithaq_node.services.receiving import Taken
from mithaq_node.services.seat import Counterpart
from mithaq_node.store import couriers, failures
from mithaq_node.store import log as record
from mithaq_node.store.couriers import IN, OUT, Carried
from mithaq_node.store.log import Log

_FOLDER, _WAITING = "courier", "waiting"
_FRAME = 4
_OUT_OF_TURN = "courier.chunk-missing"

Feed = Callable[[Reading], None]
"""Feeds the content of a courier, whole, to one that reads it."""


@dataclass(frozen=True)
class Packed:
    """The files that were written, and which leaves [begins, ends) of our log they carry."""

    files: tuple[Path, ...]
    log: str
    begins: int
    ends: int


@dataclass(frozen=True)
class Took:
    """What a courier did here: `said` is our answer to it, or theirs when it was one."""

    header: Header
    said: Answer
    is_answer: bool


@dataclass(frozen=True)
class Unpacked:
    """What a file did here, and the answer file that was written; None when it was an answer itself."""

    took: Took
    answered: Path | None


def counterpart(holdings: Holdings, party: str) -> Counterpart:
    """The counterpart of this code; refuses one that this node has no card of."""
    peer = holdings.seat.peers.get(party)
    if peer is None:
        raise Refusal("courier.unknown-party", party=party[:8])
    return peer


def pack(holdings: Holdings, peer: Counterpart, out: Path, now: Moment, chunk: int | None = None) -> Packed:
    """Write what `peer` lacks of our log as `out`, sealed to it; as several files `out.001` … of at most `chunk` bytes
    each when given. Refuses while the link is stopped or this node is UNSURE."""
    packing = _Packing(holdings, peer, now, _room(holdings, chunk))
    files: list[Path] = []
    while not files or not packing.done:
        path = out if chunk is None else out.with_name(f"{out.name}.{len(files) + 1:03}")
        sealed.write(path, _recipient(holdings, peer), packing.file(len(files) + 1))
        files.append(path)
    _note(holdings, peer, OUT, Carried(str(now), packing.begins, packing.own.size))
    return Packed(tuple(files), packing.own.origin, packing.begins, packing.own.size)


def unpack(holdings: Holdings, file: Path, now: Moment, answer_to: Path | None = None) -> list[Unpacked]:
    """Take a courier file and write the answer to it (`answer_to`, or beside it with `.answer` behind its name), and
    then those files that came before their turn and can be taken now.

    A file whose turn has not come is kept and refused with `courier.chunk-missing`. A refusal of what is in it is
    raised after the answer that says so has been written.
    """
    folder = holdings.seat.folder / numbers.caller(_FOLDER, holdings.seat.audience)
    with suppress(FileExistsError):
        folder.mkdir(mode=0o700)
    target, copied = answer_to or file.with_name(f"{file.name}.answer"), folder / f"{_digest(str(file).encode())}.age"
    try:
        sealed.copy(file, copied)
        done = [_unpack(holdings, copied, now, target)]
        while waiting := _next_waiting(holdings, folder / _WAITING):
            done.append(_unpack(holdings, waiting, now, target))
            waiting.unlink()
    finally:
        copied.unlink(missing_ok=True)
    return done


def take(holdings: Holdings, feed: Feed, now: Moment) -> Took:
    """Judge and take the courier that `feed` feeds, twice.

    One that continues beyond what is held is taken as a refusal, so that its sender learns by the answer where to go
    on; but a file whose turn has not come, because one before it is missing, is refused.
    """
    most = holdings.seat.limits.delivery + answer.MOST_HEADER + delivery.MOST_NOTE + 2 * _FRAME
    reading = Reading(most)
    feed(reading)
    header = reading.end().header
    peer = _admit(holdings, reading.end())
    taking = _Taking(holdings, peer, now)
    try:
        _require_held(holdings, peer, header)
    except Refusal as refusal:
        if refusal.code == _OUT_OF_TURN:
            raise
        return Took(header, receiving.refused(holdings, peer, refusal, now), False)
    feed(Reading(most, taking.take))
    said = taking.said()
    _note(holdings, peer, IN, Carried(str(now), header.needs.size, holdings.theirs(peer).size))
    return Took(header, said, taking.is_answer)


def answer_file(holdings: Holdings, peer: Counterpart, said: Answer, now: Moment) -> Iterator[bytes]:
    """The content of the file that carries our answer back."""
    own = holdings.own()
    begins = ends = own.size
    if said.delivery:
        carried = delivery.decode(said.delivery, holdings.seat.limits)
        begins, ends = carried.start, own.size
    header = _header(holdings, peer, own, Frontier.at(begins, holdings.tree(own).subtree), (begins, ends), 1, now)
    return courier.contents(header, [answer.encode(said)], _signer(holdings))


class _Packing:
    """The deliveries that bring a counterpart up to date, in order, spread over files."""

    def __init__(self, holdings: Holdings, peer: Counterpart, now: Moment, room: int | None) -> None:
        self.own, self._holding = outgoing.secured(holdings, peer)
        if frozen := holdings.theirs(peer).frozen:
            raise Refusal("link.frozen", log=peer.origin, reason=frozen)
        self._holdings, self._peer, self._now, self._room = holdings, peer, now, room
        known = delivering.refresh(holdings, peer, delivering.load(holdings, peer), self.own)
        self._link = replace(known, held=min(known.held, self.own.size), budget=FIRST_BUDGET)
        self.begins = self._link.held

    @property
    def done(self) -> bool:
        return self._link.held == self.own.size and not self._link.missing

    def file(self, number: int) -> Iterator[bytes]:
        """The content of the next file."""
        needs = Frontier.at(self._link.held, self._holdings.tree(self.own).subtree)
        span = self.begins, self.own.size
        header = _header(self._holdings, self._peer, self.own, needs, span, number, self._now)
        room = None if self._room is None else self._room - len(header.encode()) - courier.MOST_SIGNATURE
        return courier.contents(header, self._deliveries(room), _signer(self._holdings))

    def _deliveries(self, room: int | None) -> Iterator[bytes]:
        least = _least(self._holdings)
        first = True
        while first or not (self.done or (room is not None and room < least)):
            budget = FIRST_BUDGET if room is None else min(FIRST_BUDGET, room)
            prepared = self._prepared(replace(self._link, budget=budget))
            self._link = replace(self._link, held=prepared.plan.end, missing=prepared.left)
            room = None if room is None else room - len(prepared.encoded) - _FRAME
            first = False
            yield prepared.encoded

    def _prepared(self, link: Link) -> outgoing.Prepared:
        return outgoing.prepare(self._holdings, self.own, link, self._holding, self._now)


class _Taking:
    """Takes the blocks of one courier; after a refusal the others are left."""

    def __init__(self, holdings: Holdings, peer: Counterpart, now: Moment) -> None:
        self._holdings, self._peer, self._now = holdings, peer, now
        self._taken: Taken | None = None
        self._said: Answer | None = None
        self.is_answer = False

    def take(self, header: Header, block: bytes) -> None:
        """Take the next block."""
        if self._said is not None:
            return
        try:
            if block.startswith(answer.FIRST_LINE):
                self.is_answer = True
                self._said = self._conclude(header, answer.decode(block, self._holdings.seat.limits))
            else:
                self._taken = receiving.take_encoded(self._holdings, self._peer, block, self._now)
        except Refusal as refusal:
            if self.is_answer:
                raise
            self._said = receiving.refused(self._holdings, self._peer, refusal, self._now)
        except failures.FAILURES as error:
            raise failures.refused(error) from error

    def said(self) -> Answer:
        """The answer to everything that was taken, or the one that came."""
        if self._said is None and self._taken is not None:
            self._said = receiving.answer_to(self._holdings, self._taken, self._now)
        if self._said is None:
            raise Refusal("courier.damaged", reason="nothing in it")
        return self._said

    def _conclude(self, header: Header, said: Answer) -> Answer:
        """An answer older than what we hold of its sender tells nothing of where it is now."""
        own = self._holdings.secure()
        link = delivering.load(self._holdings, self._peer)
        if header.ends >= self._holdings.theirs(self._peer).size:
            delivering.conclude(self._holdings, self._peer, own, link, said, self._now)
        return said


def _unpack(holdings: Holdings, file: Path, now: Moment, target: Path) -> Unpacked:
    def feed(reading: Reading) -> None:
        sealed.read(file, _identities(holdings), reading.feed)

    try:
        done = take(holdings, feed, now)
    except Refusal as refusal:
        if refusal.code == _OUT_OF_TURN:
            _keep_waiting(file)
        raise
    if done.is_answer:
        return Unpacked(done, None)
    peer = counterpart(holdings, done.header.sender)
    sealed.write(target, _recipient(holdings, peer), answer_file(holdings, peer, done.said, now))
    if not done.said.ok:
        raise Refusal(done.said.code, **done.said.data)
    return Unpacked(done, target)


def _admit(holdings: Holdings, found: Courier) -> Counterpart:
    """Whose courier it is; refuses one that is not for us, not of a counterpart, or not signed by its node."""
    header, seat = found.header, holdings.seat
    if header.receiver != seat.party:
        raise Refusal("courier.other-receiver", found=header.receiver[:8], expected=seat.party)
    if header.log.split("/")[1:2] != [seat.law.id]:
        raise Refusal("courier.other-instrument", log=header.log[:200], served=seat.law.id)
    peer = counterpart(holdings, header.sender)
    if header.log != peer.origin:
        raise Refusal("delivery.other-log", log=header.log[:200], expected=peer.origin)
    if not found.is_signed_by(holdings.node_verifier(peer)):
        raise Refusal("courier.other-sender", party=header.sender[:8])
    return peer


def _require_held(holdings: Holdings, peer: Counterpart, header: Header) -> None:
    """Refuse a courier that continues beyond what we hold of its sender's log."""
    held = holdings.theirs(peer).size
    if header.begins > held:
        raise Refusal("courier.prerequisite-missing", log=header.log, needs=header.begins, held=held)
    if header.needs.size > held:
        number, needs = header.number, header.needs.size
        raise Refusal("courier.chunk-missing", log=header.log, number=number, needs=needs, held=held)


def _header(
    holdings: Holdings,
    peer: Counterpart,
    own: Log,
    needs: Frontier,
    span: tuple[int, int],
    number: int,
    now: Moment,
) -> Header:
    seat = holdings.seat
    party = seat.law.party(seat.party)
    return Header(
        sender=seat.party,
        receiver=peer.party,
        log=own.origin,
        needs=needs,
        begins=span[0],
        ends=span[1],
        number=number,
        time=str(now),
        keysets=record.key_sets(holdings.conn, holdings.engine, own),
        roots=Roots(keys=list(party.roots), threshold=party.threshold) if party else Roots(keys=[], threshold=1),
    )


def _signer(holdings: Holdings) -> courier.Sign:
    return lambda text: note.sign(text, holdings.seat.node, holdings.seat.keys.node)


def _recipient(holdings: Holdings, peer: Counterpart) -> str:
    """To what a courier to `peer` is sealed: the body key of its key-set, or before that of its card."""
    ring = holdings.ring(holdings.theirs(peer))
    if ring.keys:
        return recipients.recipient(ring.body)
    if not peer.body:
        raise Refusal("courier.no-body-key", party=peer.party)
    return peer.body


def _least(holdings: Holdings) -> int:
    """The room that the smallest useful delivery may take: one leaf, or one part."""
    return holdings.seat.limits.part + 2 * outbox.HEADROOM


def _room(holdings: Holdings, chunk: int | None) -> int | None:
    """What content a file of `chunk` bytes has room for; refuses one too small for a leaf and a part."""
    if chunk is None:
        return None
    sets = record.key_sets(holdings.conn, holdings.engine, holdings.own())
    header = outbox.HEADROOM + sum(2 * len(leaf) for _, leaf in sets)
    least = _least(holdings) + header + courier.MOST_SIGNATURE
    if sealed.room(chunk) < least:
        raise Refusal("courier.chunk-too-small", found=chunk, least=least + 2 * sealed.OVERHEAD)
    return sealed.room(chunk)


def _keep_waiting(file: Path) -> None:
    """Keep a file that came before its turn, still sealed."""
    folder = file.parent / _WAITING if file.parent.name != _WAITING else file.parent
    with suppress(FileExistsError):
        folder.mkdir(mode=0o700)
    sealed.copy(file, folder / f"{_digest(file.read_bytes())}.age")


def _identities(holdings: Holdings) -> list[str]:
    """What opens a file for us: a courier may be on its way while the body key changes."""
    return [recipients.identity(key) for key in holdings.seat.keys.all("body")]


def _note(holdings: Holdings, peer: Counterpart, way: str, carried: Carried) -> None:
    """Let the desk know what the last courier carried; it shows those of the logs for all."""
    if holdings.seat.audience == numbers.ALL:
        with holdings.engine.transaction(holdings.conn):
            couriers.note(holdings.conn, holdings.engine, peer.party, way, carried)


def _next_waiting(holdings: Holdings, folder: Path) -> Path | None:
    """A file that was kept and whose turn has come; those that can never be taken any more are let go."""
    for file in sorted(folder.glob("*.age")) if folder.is_dir() else ():
        reading = Reading(holdings.seat.limits.delivery + answer.MOST_HEADER + delivery.MOST_NOTE)
        try:
            sealed.read(file, _identities(holdings), reading.feed)
            _require_held(holdings, _admit(holdings, reading.end()), reading.end().header)
        except Refusal as refusal:
            if refusal.code != _OUT_OF_TURN:
                file.unlink()
            continue
        return file
    return None


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()[:32]

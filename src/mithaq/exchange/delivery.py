"""A delivery: what one party pushes to another about its own log. Over a line and on a memory stick, the same bytes.

    mithaq/delivery/v1
    {"from":i,"held":h,"log":origin,"old":n,"parts":k,"proof":p,"size":n,"time":"…Z"}
    p x 32 bytes      proof that the tree of `old` is a prefix of that of `size`
    u32 length        the signed checkpoint of `size`, with the cosignatures known
    u32 length        the sender's cosignature lines on the receiver's checkpoint of size `held` (may be empty)
    heads x u32 length, a signed checkpoint of a third party's log that the sender holds
    size - from x     u16 length, leaf
    k x               u64 index, u8 part number, 32 bytes salt, u32 length, body

Between two parties there are no third ones, and the header then has no member `heads`. Numbers are unsigned and
big-endian. `docs/spec/delivery.md` is the specification. Decoding compares every count and
length with the bytes at hand and the limits of the instrument before it makes anything of them; it judges no signature.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from struct import Struct

import msgspec

from mithaq import canonical
from mithaq.errors import Refusal
from mithaq.exchange import wire
from mithaq.instrument.law import Limits
from mithaq.notices.parts import SALT_BYTES, Part
from mithaq.record.merkle import HASH_BYTES, MOST_PROOF

FIRST_LINE = b"mithaq/delivery/v1\n"
MOST_HEADER = 4_096
MOST_NOTE = 65_536
MOST_HEADS = 64
_ENTRY = Struct(">H")
_PART = Struct(f">QB{SALT_BYTES}sI")
_ENTRY_OVERHEAD = _ENTRY.size
_PART_OVERHEAD = _PART.size


class SentPart(msgspec.Struct, frozen=True, gc=False):
    """A part as it travels: where it belongs, salt and body. Its retention class stands in the leaf."""

    index: int
    number: int
    salt: bytes
    body: bytes


class HeldPart(msgspec.Struct, frozen=True, gc=False):
    """A part as it is kept: checked against the leaf at `index`, which says its retention class."""

    index: int
    number: int
    part: Part

    def sent(self) -> SentPart:
        """The part as it travels."""
        return SentPart(self.index, self.number, self.part.salt, self.part.body)


@dataclass(frozen=True, slots=True)
class Delivery:
    """Leaves [start, size) of `log` under a signed checkpoint, and parts of any of its leaves."""

    log: str
    start: int
    old: int
    size: int
    held: int
    """The size of the receiver's log that the sender holds, durably."""
    time: str
    """The sender's clock when it was made; display and clock comparison only."""
    proof: tuple[bytes, ...]
    checkpoint: bytes
    cosignatures: bytes
    entries: tuple[bytes, ...]
    parts: tuple[SentPart, ...] = ()
    heads: tuple[bytes, ...] = ()
    """The newest heads of third parties' logs that the sender holds, with the cosignatures it knows."""


class _Header(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, omit_defaults=True):
    start: int = msgspec.field(name="from")
    heads: int = 0
    held: int
    log: str
    old: int
    parts: int
    proof: int
    size: int
    time: str


_decoder = msgspec.json.Decoder(_Header)


def encode(delivery: Delivery, cargo: bytes | None = None) -> bytes:
    """The bytes of a delivery; `cargo` is what `encode_cargo` made of its leaves and parts, where that is at hand."""
    header = _Header(
        start=delivery.start,
        heads=len(delivery.heads),
        held=delivery.held,
        log=delivery.log,
        old=delivery.old,
        parts=len(delivery.parts),
        proof=len(delivery.proof),
        size=delivery.size,
        time=delivery.time,
    )
    pieces = [FIRST_LINE, canonical.encode_trusted(header), b"\n", *delivery.proof]
    pieces += (wire.block(4, delivery.checkpoint), wire.block(4, delivery.cosignatures))
    pieces += (wire.block(4, head) for head in delivery.heads)
    pieces.append(encode_cargo(delivery.entries, delivery.parts) if cargo is None else cargo)
    return b"".join(pieces)


def encode_cargo(entries: Iterable[bytes], parts: Iterable[SentPart]) -> bytes:
    """Leaves and parts as they travel, behind each other: all of a delivery that does not hang on when it is sent."""
    return b"".join((*encode_entries(entries), *encode_parts(parts)))


def encode_entries(entries: Iterable[bytes]) -> list[bytes]:
    """Leaves as they travel: each behind its length."""
    pieces: list[bytes] = []
    for entry in entries:
        pieces += (_ENTRY.pack(len(entry)), entry)
    return pieces


def encode_parts(parts: Iterable[SentPart]) -> list[bytes]:
    """Parts as they travel: each behind its place, its salt and its length."""
    pieces: list[bytes] = []
    for part in parts:
        pieces += (_PART.pack(part.index, part.number, part.salt, len(part.body)), part.body)
    return pieces


def decode(encoded: bytes, limits: Limits) -> Delivery:
    """The delivery in `encoded`; refuses what is malformed, truncated, or beyond the instrument's limits."""
    if len(encoded) > limits.delivery:
        raise Refusal("delivery.too-large", limit=limits.delivery, found=len(encoded))
    reader = wire.Reader(encoded, "delivery")
    header = reader.header(FIRST_LINE, _decoder, MOST_HEADER)
    _check_counts(header, limits)
    proof = tuple(reader.take(HASH_BYTES) for _ in range(header.proof))
    checkpoint, cosignatures = reader.block(4, MOST_NOTE), reader.block(4, MOST_NOTE)
    heads = tuple(reader.block(4, MOST_NOTE) for _ in range(header.heads))
    entries = read_entries(reader, header.size - header.start, header.parts)
    parts = read_parts(reader, header.parts, limits)
    reader.end()
    return Delivery(
        header.log,
        header.start,
        header.old,
        header.size,
        header.held,
        header.time,
        proof,
        checkpoint,
        cosignatures,
        entries,
        parts,
        heads,
    )


def read_entries(reader: wire.Reader, count: int, parts: int) -> tuple[bytes, ...]:
    """The next `count` leaves, behind which `parts` parts follow; refuses counts that the bytes at hand cannot hold."""
    if count * _ENTRY_OVERHEAD + parts * _PART_OVERHEAD > reader.left:
        raise reader.truncated(count * _ENTRY_OVERHEAD)
    fields, take = reader.fields, reader.take
    return tuple([take(fields(_ENTRY)[0]) for _ in range(count)])


def read_parts(reader: wire.Reader, count: int, limits: Limits) -> tuple[SentPart, ...]:
    """The next `count` parts."""
    return tuple([_part(reader, limits.part) for _ in range(count)])


def leaf_cost(length: int) -> int:
    """How many bytes of a delivery a leaf takes."""
    return length + _ENTRY_OVERHEAD


def body_cost(length: int) -> int:
    """How many bytes of a delivery a body takes, with its place and salt."""
    return length + _PART_OVERHEAD


def _check_counts(header: _Header, limits: Limits) -> None:
    numbers = (header.start, header.heads, header.held, header.old, header.parts, header.proof, header.size)
    if min(numbers) < 0 or max(numbers) > canonical.SAFE_INTEGER or not header.start <= header.size >= header.old:
        raise Refusal("delivery.bad-header", reason="impossible sizes")
    if header.proof > MOST_PROOF + 1:
        raise Refusal("delivery.bad-header", reason="proof too long")
    if header.heads > MOST_HEADS:
        raise Refusal("delivery.bad-header", reason="too many heads")
    if header.size - header.start > limits.leaves:
        raise Refusal("delivery.too-many-leaves", limit=limits.leaves, found=header.size - header.start)


def _part(reader: wire.Reader, limit: int) -> SentPart:
    index, number, salt, length = reader.fields(_PART)
    return SentPart(index, number, salt, reader.bounded(length, limit))

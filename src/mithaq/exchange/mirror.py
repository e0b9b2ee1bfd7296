"""What a party may read back from another: its own log, as the other holds it. For recovery, and nothing else.

The request:

    mithaq/own-log/v1
    {"from":i,"log":origin,"missing":[[i,p],…],"time":"…Z"}

The answer, which is an ordinary answer (`mithaq.exchange.answer`) when the request is refused:

    mithaq/mirror/v1
    {"from":i,"held":n,"log":origin,"parts":k,"proof":p,"time":"…Z","to":j}
    p x 32 bytes      proof that the tree of `to` is a prefix of that of `held`
    u32 length        the signed checkpoint of `held`, with the holder's cosignature; empty when `held` is 0
    to - from x       u16 length, leaf
    k x               u64 index, u8 part number, 32 bytes salt, u32 length, body

`docs/spec/recovery.md` is the specification. As with deliveries, every count and length is compared with the bytes at
hand and the limits of the instrument before anything is made of it, and no signature is judged here.
"""

from dataclasses import dataclass

import msgspec

from mithaq import canonical
from mithaq.errors import Refusal
from mithaq.exchange import delivery, wire
from mithaq.exchange.answer import MOST_MISSING
from mithaq.exchange.delivery import SentPart
from mithaq.exchange.receipts import Place
from mithaq.instrument.law import Limits
from mithaq.record.merkle import HASH_BYTES, MOST_PROOF

REQUEST_LINE = b"mithaq/own-log/v1\n"
FIRST_LINE = b"mithaq/mirror/v1\n"
MOST_REQUEST = 65_536


@dataclass(frozen=True, slots=True)
class OwnLog:
    """The request: leaves of `log` from `start` on, and the parts at the places `missing`."""

    log: str
    start: int
    missing: tuple[Place, ...]
    time: str


@dataclass(frozen=True, slots=True)
class Mirror:
    """Leaves [start, end) of `log` out of the `held` ones that the answering party holds, and parts of its leaves."""

    log: str
    start: int
    end: int
    held: int
    time: str
    proof: tuple[bytes, ...]
    checkpoint: bytes
    entries: tuple[bytes, ...]
    parts: tuple[SentPart, ...] = ()


class _Request(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    start: int = msgspec.field(name="from")
    log: str
    missing: list[tuple[int, int]]
    time: str


class _Header(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    start: int = msgspec.field(name="from")
    held: int
    log: str
    parts: int
    proof: int
    time: str
    end: int = msgspec.field(name="to")


_request_decoder = msgspec.json.Decoder(_Request)
_decoder = msgspec.json.Decoder(_Header)


def encode_request(request: OwnLog) -> bytes:
    """The bytes of a request."""
    header = _Request(
        start=request.start, log=request.log, missing=list(request.missing[:MOST_MISSING]), time=request.time
    )
    return REQUEST_LINE + canonical.encode(header) + b"\n"


def decode_request(encoded: bytes) -> OwnLog:
    """The request in `encoded`; refuses what is malformed."""
    reader = wire.Reader(encoded, "mirror")
    header = reader.header(REQUEST_LINE, _request_decoder, MOST_REQUEST)
    reader.end()
    numbers = [header.start, *(number for place in header.missing for number in place)]
    if min(numbers) < 0 or max(numbers) > canonical.SAFE_INTEGER or len(header.missing) > MOST_MISSING:
        raise Refusal("mirror.bad-header", reason="impossible numbers")
    return OwnLog(header.log, header.start, tuple(header.missing), header.time)


def encode(mirror: Mirror) -> bytes:
    """The bytes of an answer."""
    header = _Header(
        start=mirror.start,
        held=mirror.held,
        log=mirror.log,
        parts=len(mirror.parts),
        proof=len(mirror.proof),
        time=mirror.time,
        end=mirror.end,
    )
    pieces = [FIRST_LINE, canonical.encode_trusted(header), b"\n", *mirror.proof, wire.block(4, mirror.checkpoint)]
    pieces += delivery.encode_entries(mirror.entries)
    pieces += delivery.encode_parts(mirror.parts)
    return b"".join(pieces)


def decode(encoded: bytes, limits: Limits) -> Mirror:
    """The answer in `encoded`; refuses what is malformed, truncated, or beyond the instrument's limits."""
    if len(encoded) > limits.delivery + delivery.MOST_NOTE:
        raise Refusal("mirror.too-large", limit=limits.delivery, found=len(encoded))
    reader = wire.Reader(encoded, "mirror")
    header = reader.header(FIRST_LINE, _decoder, delivery.MOST_HEADER)
    numbers = (header.start, header.held, header.parts, header.proof, header.end)
    if min(numbers) < 0 or max(numbers) > canonical.SAFE_INTEGER or not header.start <= header.end <= header.held:
        raise Refusal("mirror.bad-header", reason="impossible sizes")
    if header.proof > MOST_PROOF + 1 or header.end - header.start > limits.leaves:
        raise Refusal("mirror.bad-header", reason="too many hashes or leaves")
    proof = tuple(reader.take(HASH_BYTES) for _ in range(header.proof))
    checkpoint = reader.block(4, delivery.MOST_NOTE)
    entries = delivery.read_entries(reader, header.end - header.start, header.parts)
    parts = delivery.read_parts(reader, header.parts, limits)
    reader.end()
    return Mirror(header.log, header.start, header.end, header.held, header.time, proof, checkpoint, entries, parts)

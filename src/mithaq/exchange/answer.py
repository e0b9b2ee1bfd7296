"""The answer to a delivery: how far we hold your log, what is missing, our cosignature, and what is new in ours.

    mithaq/answer/v1
    {"code":"ok","data":{},"held":n,"missing":[[i,p],…],"time":"…Z"}
    u32 length        cosignature lines on your checkpoint of size `held` (may be empty)
    u32 length        a delivery of our own new leaves (the receipt is among them), or nothing

`code` is `ok` or the code of a refusal, with its named data. An answer is itself resumable: `held` says where to go on.
"""

from dataclasses import dataclass, field

import msgspec

from mithaq import canonical
from mithaq.errors import Datum, Refusal
from mithaq.exchange import wire
from mithaq.exchange.delivery import MOST_NOTE
from mithaq.instrument.law import Limits

FIRST_LINE = b"mithaq/answer/v1\n"
OK = "ok"
MOST_MISSING = 1_024
"""So many missing parts are named in one answer; the rest in the next."""
MOST_HEADER = 65_536


@dataclass(frozen=True, slots=True)
class Answer:
    """What the receiver says. `delivery` are the bytes of a delivery the other way, or empty."""

    code: str
    held: int
    time: str
    data: dict[str, Datum] = field(default_factory=dict)
    missing: tuple[tuple[int, int], ...] = ()
    """(index, part number) of parts of your log that we do not hold, lowest first, at most `MOST_MISSING`."""
    cosignatures: bytes = b""
    delivery: bytes = b""

    @property
    def ok(self) -> bool:
        return self.code == OK


class _Header(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    code: str
    data: dict[str, str | int | bool | None]
    held: int
    missing: list[tuple[int, int]]
    time: str


_decoder = msgspec.json.Decoder(_Header)


def encode(answer: Answer) -> bytes:
    """The bytes of an answer."""
    header = _Header(
        code=answer.code,
        data=dict(answer.data),
        held=answer.held,
        missing=list(answer.missing[:MOST_MISSING]),
        time=answer.time,
    )
    line = canonical.encode(header)
    return b"".join((FIRST_LINE, line, b"\n", wire.block(4, answer.cosignatures), wire.block(4, answer.delivery)))


def decode(encoded: bytes, limits: Limits) -> Answer:
    """The answer in `encoded`; refuses what is malformed, truncated, or beyond the instrument's limits."""
    if len(encoded) > limits.delivery + MOST_HEADER + MOST_NOTE:
        raise Refusal("answer.too-large", limit=limits.delivery, found=len(encoded))
    reader = wire.Reader(encoded, "answer")
    header = reader.header(FIRST_LINE, _decoder, MOST_HEADER)
    if not 0 <= header.held <= canonical.SAFE_INTEGER or len(header.missing) > MOST_MISSING:
        raise Refusal("answer.bad-header", reason="impossible sizes")
    cosignatures, delivery = reader.block(4, MOST_NOTE), reader.block(4, limits.delivery)
    reader.end()
    return Answer(
        header.code, header.held, header.time, dict(header.data), tuple(header.missing), cosignatures, delivery
    )

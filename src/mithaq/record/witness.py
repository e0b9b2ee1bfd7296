"""Judging an `add-checkpoint` request (C2SP tlog-witness) without doing anything.

    old <size>
    <base64 hash>             (none to 63 lines)

    <the signed checkpoint>

The caller keeps the head it last cosigned, hands it in, and on an accepted answer stores the new head *before* it
answers; the check and the store must be one atomic step. Status numbers are those of the specification:

    404 unknown origin      403 no trusted signature, or one that fails      400 malformed, or old > new
    409 old is not the size last cosigned (the body says which)      422 the proof does not hold, or another root
"""

from base64 import b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from mithaq.errors import Refusal
from mithaq.record import checkpoint, merkle, note
from mithaq.record.checkpoint import Checkpoint

SIZE_TYPE = "text/x.tlog.size"
MOST_BYTES = 1 << 20


@dataclass(frozen=True, slots=True)
class Request:
    """A parsed request: the size that the asker believes was cosigned last, the proof from it, the signed head."""

    old: int
    proof: tuple[bytes, ...]
    signed: bytes

    def encode(self) -> bytes:
        """The body of the request."""
        return b"old %d\n" % self.old + b"".join(b64encode(each) + b"\n" for each in self.proof) + b"\n" + self.signed


@dataclass(frozen=True, slots=True)
class Accepted:
    """The head may be stored and its `text` cosigned."""

    head: Checkpoint
    text: bytes


@dataclass(frozen=True, slots=True)
class Rejected:
    """The answer's status and refusal. `conflict` is the size held, for the body of a 409; `evidence` is set when the
    log signed the head, which is then worth keeping."""

    status: int
    refusal: Refusal
    conflict: int | None = None
    evidence: bytes | None = None


def parse(body: bytes) -> Request:
    """The request in `body`; refuses every other spelling of it."""
    if len(body) > MOST_BYTES:
        raise Refusal("witness.malformed")
    head, separator, signed = body.partition(b"\n\n")
    first, *lines = head.split(b"\n")
    word = first.removeprefix(b"old ")
    if not separator or not first.startswith(b"old ") or len(lines) > merkle.MOST_PROOF:
        raise Refusal("witness.malformed")
    if not word.isdigit() or len(word) > 19 or str(int(word)).encode() != word:
        raise Refusal("witness.malformed")
    proof = tuple(note.decode_base64(line) for line in lines)
    if any(len(each) != merkle.HASH_BYTES for each in proof):
        raise Refusal("witness.malformed")
    return Request(int(word), proof, signed)


def judge(
    body: bytes, logs: Mapping[str, Sequence[note.Verifier]], held: Mapping[str, Checkpoint]
) -> Accepted | Rejected:
    """What to answer to `body`: `logs` gives the keys of each known origin, `held` the head last cosigned, if any."""
    try:
        request = parse(body)
        head = checkpoint.parse(note.text_of(request.signed))
    except Refusal as refusal:
        return Rejected(400, refusal)
    if head.origin not in logs:
        return Rejected(404, Refusal("witness.unknown-log", log=head.origin))
    try:
        opened = note.open(request.signed, logs[head.origin])
    except Refusal as refusal:  # a signature line that cannot be read is one that fails
        return Rejected(403, refusal)
    last = held.get(head.origin) or Checkpoint(head.origin, 0, merkle.EMPTY_ROOT)
    return _judge_growth(request, head, opened.text, last)


def _judge_growth(request: Request, head: Checkpoint, text: bytes, last: Checkpoint) -> Accepted | Rejected:
    signed, old, new = request.signed, request.old, head.size
    if old > new:
        return Rejected(400, Refusal("witness.shrinks", old=old, new=new), evidence=signed)
    if old != last.size:
        refusal = Refusal("witness.other-size", old=old, held=last.size)
        return Rejected(409, refusal, conflict=last.size, evidence=signed)
    if old == new and head.root != last.root:
        return Rejected(422, Refusal("witness.other-root", size=new), evidence=signed)
    if not merkle.verify_consistency(old, new, last.root, head.root, request.proof):
        return Rejected(422, Refusal("witness.bad-proof", old=old, new=new), evidence=signed)
    return Accepted(head, text)

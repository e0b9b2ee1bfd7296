"""Proof files (C2SP tlog-proof): that one entry stands in a log, in a file that can be shown alone.

    c2sp.org/tlog-proof@v1
    extra <base64>            (optional; nothing that is trusted)
    index <n>
    <base64 hash>             (one a line, nearest the entry first)

    <the signed checkpoint>

The entry itself is not in the file; whoever shows it brings it along.
"""

from base64 import b64encode
from collections.abc import Iterable
from dataclasses import dataclass

from mithaq.errors import Refusal
from mithaq.record import checkpoint, merkle, note

FIRST_LINE = b"c2sp.org/tlog-proof@v1\n"
MOST_BYTES = 1 << 20


@dataclass(frozen=True, slots=True)
class Proof:
    """The position of an entry, its audit path, and the signed checkpoint; `extra` is carried, not proven."""

    index: int
    hashes: tuple[bytes, ...]
    signed: bytes
    extra: bytes | None = None

    def encode(self) -> bytes:
        """The bytes of the file."""
        extra = b"" if self.extra is None else b"extra " + b64encode(self.extra) + b"\n"
        hashes = b"".join(b64encode(each) + b"\n" for each in self.hashes)
        return FIRST_LINE + extra + b"index %d\n" % self.index + hashes + b"\n" + self.signed

    def verify(self, entry: bytes, verifiers: Iterable[note.Verifier]) -> tuple[checkpoint.Checkpoint, note.Opened]:
        """The checkpoint under which `entry` is proven; refuses when a signature or the path does not hold."""
        head, opened = checkpoint.open(self.signed, verifiers)
        if not merkle.verify_inclusion(self.index, head.size, merkle.leaf_hash(entry), self.hashes, head.root):
            raise Refusal("proof.does-not-hold", index=self.index, size=head.size)
        return head, opened


def parse(encoded: bytes) -> Proof:
    """The proof in a file; refuses every other spelling of it."""
    if len(encoded) > MOST_BYTES or not encoded.startswith(FIRST_LINE):
        raise Refusal("proof.malformed")
    head, separator, signed = encoded[len(FIRST_LINE) :].partition(b"\n\n")
    lines = head.split(b"\n")
    extra = note.decode_base64(lines.pop(0)[6:]) if lines[0].startswith(b"extra ") else None
    index = lines.pop(0) if lines else b""
    if not separator or len(lines) > merkle.MOST_PROOF:
        raise Refusal("proof.malformed")
    note.split(signed)
    hashes = tuple(note.decode_base64(line) for line in lines)
    if any(len(each) != merkle.HASH_BYTES for each in hashes):
        raise Refusal("proof.malformed")
    return Proof(_index(index), hashes, signed, extra)


def _index(line: bytes) -> int:
    word = line.removeprefix(b"index ")
    if not line.startswith(b"index ") or not word.isdigit() or len(word) > 19 or str(int(word)).encode() != word:
        raise Refusal("proof.malformed")
    return int(word)

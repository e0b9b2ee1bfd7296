"""Checkpoints (C2SP tlog-checkpoint): the head of a log as the text of a signed note.

    <origin>
    <size in decimal>
    <base64 of the root>

The log's key signs it under the origin as its name. Extension lines are read, since other logs have them, but no log of
an instrument carries any.
"""

from base64 import b64encode
from collections.abc import Iterable
from dataclasses import dataclass

from mithaq.errors import Refusal
from mithaq.record import merkle, note
from mithaq.signing import PrivateKey

LARGEST = 2**63 - 1


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """The head of the log `origin`: its number of entries and the root over them."""

    origin: str
    size: int
    root: bytes
    extensions: tuple[str, ...] = ()

    def text(self) -> bytes:
        """The text that is signed."""
        lines = (self.origin, str(self.size), b64encode(self.root).decode(), *self.extensions)
        return "".join(f"{line}\n" for line in lines).encode()


def parse(text: bytes) -> Checkpoint:
    """The checkpoint with this text; refuses every other spelling of it."""
    note.check_text(text)
    origin, *rest = text.decode()[:-1].split("\n")
    if len(rest) < 2 or not origin or not all(rest):
        raise Refusal("checkpoint.malformed")
    size, root = rest[0], note.decode_base64(rest[1].encode())
    if not (size.isascii() and size.isdigit()) or str(int(size[:20])) != size or int(size) > LARGEST:
        raise Refusal("checkpoint.bad-size", size=size[:40])
    if len(root) != merkle.HASH_BYTES:
        raise Refusal("checkpoint.bad-root", found=len(root))
    return Checkpoint(origin, int(size), root, tuple(rest[2:]))


def sign(checkpoint: Checkpoint, key: PrivateKey) -> bytes:
    """The signed note of a checkpoint by its log's key, whose name is the origin."""
    text = checkpoint.text()
    return note.join(text, [note.sign(text, checkpoint.origin, key)])


def open(signed: bytes, verifiers: Iterable[note.Verifier]) -> tuple[Checkpoint, note.Opened]:
    """The checkpoint in a note that at least one of `verifiers` signed, and whose signatures verified."""
    opened = note.open(signed, verifiers)
    return parse(opened.text), opened

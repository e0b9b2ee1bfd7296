"""Evidence of a fork as a file that can be shown to anyone (docs/spec/export.md, "Evidence of a fork").

    mithaq/evidence/v1
    {canonical JSON}

It carries the two signed heads, what each says of one earlier size, and the key-sets under which the log's key signed
them. Nothing in it is believed for standing there, except who noticed it and when, which is a statement of that party.
"""

from base64 import b64encode
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import msgspec

from mithaq import canonical
from mithaq.errors import Refusal
from mithaq.notices.envelope import Roots
from mithaq.record import note
from mithaq.record.fork import Past, ShownFork

FIRST_LINE = b"mithaq/evidence/v1\n"
MOST_BYTES = 1 << 20


class Noticed(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Who noticed it, when, and as what: a statement, not proven by the file."""

    at: str
    by: str
    code: str


class _File(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    heads: tuple[str, str]
    keysets: list[tuple[int, str]]
    noticed: Noticed
    pasts: tuple[str, str]
    proofs: tuple[list[str], list[str]]
    roots: Roots
    size: int


_decoder = msgspec.json.Decoder(_File)


@dataclass(frozen=True)
class ForkFile:
    """A shown fork with the key-sets of the log (each with its index) and the root keys that signed them."""

    shown: ShownFork
    keysets: Sequence[tuple[int, bytes]]
    roots: Roots
    noticed: Noticed

    def encode(self) -> bytes:
        """The bytes of the file."""
        pasts = self.shown.pasts
        value = _File(
            heads=_words(self.shown.heads),
            keysets=[(index, _word(leaf)) for index, leaf in self.keysets],
            noticed=self.noticed,
            pasts=_words(past.root for past in pasts),
            proofs=([*map(_word, pasts[0].proof)], [*map(_word, pasts[1].proof)]),
            roots=self.roots,
            size=self.shown.size,
        )
        return FIRST_LINE + canonical.encode(value) + b"\n"


def parse(encoded: bytes) -> ForkFile:
    """The evidence in a file; refuses every other spelling of it."""
    line = encoded.removeprefix(FIRST_LINE)
    if len(encoded) > MOST_BYTES or line == encoded or line[-1:] != b"\n":
        raise Refusal("fork.malformed")
    try:
        found = _decoder.decode(line[:-1])
    except (msgspec.DecodeError, UnicodeError) as error:
        raise Refusal("fork.malformed") from error
    heads = _bytes(found.heads[0]), _bytes(found.heads[1])
    first, second = (Past(_bytes(found.pasts[at]), tuple(map(_bytes, found.proofs[at]))) for at in (0, 1))
    shown = ShownFork(heads, found.size, (first, second))
    keysets = [(index, _bytes(word)) for index, word in found.keysets]
    known = ForkFile(shown, keysets, found.roots, found.noticed)
    if known.encode() != encoded:
        raise Refusal("fork.malformed")
    return known


def _words(contents: Iterable[bytes]) -> tuple[str, str]:
    first, second = map(_word, contents)
    return first, second


def _word(content: bytes) -> str:
    return b64encode(content).decode()


def _bytes(word: str) -> bytes:
    return note.decode_base64(word.encode())

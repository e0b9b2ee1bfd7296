"""A courier: deliveries, or the answer to them, as the content of one file that a person carries to the other side.

    mithaq/courier/v1
    {"begins":n,"ends":n,"from":P,"keysets":[[i,leaf],…],"log":origin,"needs":{"frontier":[hash,…],"size":n},
     "number":i,"roots":{…},"time":"…Z","to":P}                         on one line
    k x               u32 length above 0, a delivery or an answer, byte for byte as over a line
    u32 0
    u32 length        the signature line of the sender's node over the hash of everything before

The header states what the receiver must hold beforehand: the sender's log up to `needs`, whose right edge it names, so
that a third can check the file without that log. Of several files that belong together each is whole: `begins` and
`ends` are those of them all, `number` counts them. `docs/spec/courier.md` is the specification.

The content is read as it comes, because a file may hold months; no more than one block is in memory at a time.
"""

import hashlib
from base64 import b64encode
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

import msgspec

from mithaq import canonical
from mithaq.errors import Refusal
from mithaq.exchange import wire
from mithaq.notices.envelope import Roots
from mithaq.record import note
from mithaq.record.merkle import Frontier

FIRST_LINE = b"mithaq/courier/v1\n"
MOST_HEADER = 4_194_304
MOST_SIGNATURE = 1_024
_LENGTH = 4


@dataclass(frozen=True)
class Header:
    """Who sends what to whom, and what the receiver must hold to take it."""

    sender: str
    receiver: str
    log: str
    """The origin of the sender's own log, of which everything in the file tells."""
    needs: Frontier
    """The sender's log as the receiver must hold it already."""
    begins: int
    """What the first of the files that belong together needs."""
    ends: int
    """The size of the log that all of them together bring the receiver to."""
    number: int
    """Which of them this is, from 1."""
    time: str
    """The sender's clock; display only."""
    keysets: Sequence[tuple[int, bytes]]
    """Every key-set leaf of the log below `ends`, with its index: for whoever checks the file without the log."""
    roots: Roots

    def encode(self) -> bytes:
        """The two lines at the start of the content."""
        value = _Header(
            begins=self.begins,
            ends=self.ends,
            sender=self.sender,
            keysets=[(index, _word(leaf)) for index, leaf in self.keysets],
            log=self.log,
            needs=_Needs(frontier=[_word(each) for each in self.needs.hashes], size=self.needs.size),
            number=self.number,
            roots=self.roots,
            time=self.time,
            receiver=self.receiver,
        )
        return FIRST_LINE + canonical.encode(value) + b"\n"


class _Needs(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    frontier: list[str]
    size: int


class _Header(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    begins: int
    ends: int
    sender: str = msgspec.field(name="from")
    keysets: list[tuple[int, str]]
    log: str
    needs: _Needs
    number: int
    roots: Roots
    time: str
    receiver: str = msgspec.field(name="to")


_decoder = msgspec.json.Decoder(_Header)

Sign = Callable[[bytes], note.Signature]
Take = Callable[[Header, bytes], None]
"""Is given each block of a courier in its order."""


def contents(header: Header, blocks: Iterable[bytes], sign: Sign) -> Iterator[bytes]:
    """The content of a courier, piece by piece; `sign` signs a text with the key of the sender's node."""
    hashed = hashlib.sha256()
    for piece in _unsigned(header, blocks):
        hashed.update(piece)
        yield piece
    yield wire.block(_LENGTH, sign(_signed_text(hashed.digest())).line())


@dataclass(frozen=True)
class Courier:
    """What the end of a courier tells: its header, and the node's signature over everything."""

    header: Header
    text: bytes
    signature: note.Signature

    def is_signed_by(self, verifier: note.Verifier) -> bool:
        """Whether the file is as the owner of this key made it."""
        return verifier.verifies(self.text, self.signature)


class Reading:
    """Reads a courier's content as it comes: `feed` it in pieces of any length, then `end` it.

    Each block is given to `take` as soon as it is there, before the signature at the end is known: whoever acts on
    blocks reads twice. Refuses with `courier.damaged` what is malformed, cut short, or longer than it says.
    """

    def __init__(self, most_block: int, take: Take = lambda header, block: None) -> None:
        self._most_block, self._take = most_block, take
        self._left = bytearray()
        self._hashed = hashlib.sha256()
        self._header: Header | None = None
        self._signing = False
        self._end: Courier | None = None

    def feed(self, piece: bytes) -> None:
        """The next bytes of the content."""
        self._left += piece
        while self._step():
            pass

    def end(self) -> Courier:
        """What the whole content was; refuses one that is not whole."""
        if self._end is None:
            raise Refusal("courier.damaged", reason="it ends before its end")
        return self._end

    def _step(self) -> bool:
        """Take one more element if it is there whole."""
        if self._end is not None:
            if self._left:
                raise Refusal("courier.damaged", reason="bytes after the end")
            return False
        return self._read_header() if self._header is None else self._read_block(self._header)

    def _read_header(self) -> bool:
        head = bytes(self._left[: len(FIRST_LINE)])
        if not FIRST_LINE.startswith(head):
            raise Refusal("courier.other-format")
        end = self._left.find(b"\n", len(FIRST_LINE))
        if end < 0:
            if len(self._left) > MOST_HEADER:
                raise Refusal("courier.damaged", reason="no second line")
            return False
        self._header = _read(bytes(self._left[len(FIRST_LINE) : end]))
        self._drop(end + 1)
        return True

    def _read_block(self, header: Header) -> bool:
        if len(self._left) < _LENGTH:
            return False
        length = int.from_bytes(self._left[:_LENGTH], "big")
        if length > (MOST_SIGNATURE if self._signing else self._most_block):
            raise Refusal("courier.damaged", reason=f"a block of {length} bytes")
        if len(self._left) < _LENGTH + length:
            return False
        block = bytes(self._left[_LENGTH : _LENGTH + length])
        if self._signing:
            self._end = Courier(header, _signed_text(self._hashed.digest()), note.parse_line(block))
        elif length:
            self._take(header, block)
        self._signing = not length
        self._drop(_LENGTH + length)
        return True

    def _drop(self, count: int) -> None:
        self._hashed.update(self._left[:count])
        del self._left[:count]


def _unsigned(header: Header, blocks: Iterable[bytes]) -> Iterator[bytes]:
    yield header.encode()
    for block in blocks:
        yield wire.block(_LENGTH, block)
    yield wire.block(_LENGTH, b"")


def _signed_text(digest: bytes) -> bytes:
    return FIRST_LINE + b64encode(digest) + b"\n"


def _read(line: bytes) -> Header:
    try:
        found = _decoder.decode(line)
        needs = Frontier.decode(found.needs.size.to_bytes(8, "big") + b"".join(map(_bytes, found.needs.frontier)))
        header = Header(
            found.sender,
            found.receiver,
            found.log,
            needs,
            found.begins,
            found.ends,
            found.number,
            found.time,
            [(index, _bytes(word)) for index, word in found.keysets],
            found.roots,
        )
        spelt = header.encode()
    except (msgspec.DecodeError, UnicodeError, RecursionError, OverflowError) as error:
        raise Refusal("courier.damaged", reason=str(error)[:200]) from error
    except Refusal as refusal:
        raise Refusal("courier.damaged", reason=refusal.code) from refusal
    if spelt != FIRST_LINE + line + b"\n" or not 0 <= header.begins <= needs.size <= header.ends or header.number < 1:
        raise Refusal("courier.damaged", reason="another spelling, or impossible numbers")
    return header


def _word(content: bytes) -> str:
    return b64encode(content).decode()


def _bytes(word: str) -> bytes:
    return note.decode_base64(word.encode())

"""The fence: the newest head of our own log, kept on another device than the data and outside its backups.

Signing two heads that do not extend each other is the one mistake a log can never take back, and restoring yesterday's
backup is the ordinary way to make it. So the order is: commit leaves, move the fence, sign, publish; and nothing is
signed unless the store reaches the fence. A fence moves by compare-and-swap only.

The same for a counterpart's log of which we cosign heads: its fence is the largest head that we have cosigned, kept
as its log signed it, so that a restored node neither cosigns another history nor lacks the proof that there is one.

All heads of a node stand in one file, each the text of a checkpoint or a signed one under its origin, so that one write
lets several past: what a delivery does to our own log and to the copy that we cosign is one move. A move writes a new
file, forces it to the device, renames it over the old one and forces the folder, under a lock that dies with its
process.
"""

import fcntl
import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

import msgspec

from mithaq.errors import Refusal
from mithaq.record import checkpoint, note
from mithaq.record.checkpoint import Checkpoint
from mithaq.record.merkle import EMPTY_ROOT

_FILE = "heads"
_decoder = msgspec.json.Decoder(dict[str, str])

RootAt = Callable[[int], bytes]
"""The root of the stored tree at a size that it has reached."""


class Moved(Exception):
    """The fence was not where the caller thought: somebody else moved it."""


class Standing(Enum):
    """How store and fence stand to each other."""

    SURE = "sure"
    """They are equal: sign."""
    AHEAD = "ahead"
    """The store extends the fence: nothing beyond the fence was signed, so the fence is moved first."""


@dataclass(frozen=True, slots=True)
class Move:
    """A head to be let past, and the one that it takes the place of. `signed` is the note of `new`, where it is to be
    kept as it was signed."""

    expected: Checkpoint | None
    new: Checkpoint
    signed: bytes = b""

    @property
    def kept(self) -> bytes:
        """What the fence is to keep."""
        return self.signed or self.new.text()


class Fence:
    """The heads in one folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._path = str(folder / _FILE)
        self._file: tuple[bytes, Mapping[str, bytes]] = (b"", {})
        self._last: dict[str, tuple[bytes, Checkpoint]] = {}

    def read(self, origin: str) -> Checkpoint | None:
        """The head that was last let past, or None when there never was one."""
        return self.read_all(origin)[0]

    def read_all(self, *origins: str) -> tuple[Checkpoint | None, ...]:
        """`read` of several logs, at one look."""
        kept = self._kept(origins)
        return tuple(self.parsed(origin, kept[origin]) if origin in kept else None for origin in origins)

    def parsed(self, origin: str, kept: bytes) -> Checkpoint:
        """The head in `kept`, which is what stands in the fence of `origin`."""
        known = self._last.get(origin)
        if known is not None and known[0] == kept:
            return known[1]
        head = checkpoint.parse(note.split(kept)[0] if b"\n\n" in kept else kept)
        if head.origin != origin:
            raise Refusal("fence.other-log", log=origin, found=head.origin)
        self._last[origin] = kept, head
        return head

    def read_signed(self, origin: str) -> bytes | None:
        """`read`, as it is kept: the text of the head, under its log's signature where that was given."""
        return self._kept((origin,)).get(origin)

    def begin(self, origin: str) -> None:
        """Set the fence of a log that is being founded, before its first leaf; one that stands is left alone."""
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise Refusal("fence.unwritable", log=origin, reason=str(error)) from error
        with suppress(Moved):
            self.compare_and_swap(None, Checkpoint(origin, 0, EMPTY_ROOT))

    def compare_and_swap(self, expected: Checkpoint | None, new: Checkpoint, signed: bytes = b"") -> None:
        """`move` of one head."""
        self.move(Move(expected, new, signed))

    def move(self, *moves: Move) -> None:
        """Put every new head in the place of the one expected, durably, in one write; none of them, and `Moved`, when
        another head stands in one of the places."""
        origins = tuple(each.new.origin for each in moves)
        with self._locked(origins[0]):
            kept = self._kept(origins)
            self._check(moves, kept)
            self._write({**kept, **{each.new.origin: each.kept for each in moves}}, origins[0])

    def _check(self, moves: tuple[Move, ...], kept: Mapping[str, bytes]) -> None:
        for each in moves:
            standing = kept.get(each.new.origin)
            if (None if standing is None else self.parsed(each.new.origin, standing)) != each.expected:
                raise Moved

    def _kept(self, origins: tuple[str, ...]) -> Mapping[str, bytes]:
        """What is kept under each origin, `origins` among them if they are there."""
        encoded = self._read(origins[0])
        known, kept = self._file
        if encoded != known:
            try:
                kept = {origin: text.encode() for origin, text in _decoder.decode(encoded).items()} if encoded else {}
            except (msgspec.DecodeError, UnicodeError) as error:
                raise Refusal("fence.unreadable", log=origins[0], reason=str(error)) from error
            self._file = encoded, kept
        return kept

    def _read(self, origin: str) -> bytes:
        """The file, empty when there is none."""
        try:
            file = os.open(self._path, os.O_RDONLY)
            try:
                encoded = os.read(file, os.fstat(file).st_size)
            finally:
                os.close(file)
        except FileNotFoundError:
            return b""
        except OSError as error:
            raise Refusal("fence.unreadable", log=origin, reason=str(error)) from error
        if not encoded:
            raise Refusal("fence.unreadable", log=origin, reason="an empty file")
        return encoded

    def _write(self, kept: Mapping[str, bytes], origin: str) -> None:
        encoded = msgspec.json.encode({each: text.decode() for each, text in kept.items()})
        try:
            file = os.open(f"{self._path}.new", os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
            try:
                _write_all(file, encoded)
                os.fsync(file)
            finally:
                os.close(file)
            os.replace(f"{self._path}.new", self._path)  # noqa: PTH105  # on the way of every notice
            folder = os.open(self._folder, os.O_RDONLY)
            try:
                os.fsync(folder)
            finally:
                os.close(folder)
        except OSError as error:
            raise Refusal("fence.unwritable", log=origin, reason=str(error)) from error

    @contextmanager
    def _locked(self, origin: str) -> Iterator[None]:
        try:
            lock = os.open(f"{self._path}.lock", os.O_RDWR | os.O_CREAT, 0o600)
        except OSError as error:
            raise Refusal("fence.unwritable", log=origin, reason=str(error)) from error
        try:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield
        finally:
            os.close(lock)


def _write_all(file: int, text: bytes) -> None:
    """Write `text` whole: on a device that fills up, the first write may take only a part and say nothing."""
    while text:
        text = text[os.write(file, text) :]


def standing(store: Checkpoint, fence: Checkpoint | None, root_at: RootAt, unsure: str = "") -> Standing:
    """How the store's head stands to the fence; refuses every case in which signing could make a fork.

    `unsure` is the mark on the log itself, which a restore sets and a mirror's confirmation takes away.

    Codes: `fence.missing` (a fence stands from the day a node is founded), `fence.store-behind` (a restored or lost
    store), `fence.store-differs`
    (the store holds other leaves below the fence).
    """
    if unsure:
        raise Refusal(unsure, log=store.origin, size=store.size)
    if fence is None:
        raise Refusal("fence.missing", log=store.origin, size=store.size)
    if store.size < fence.size:
        raise Refusal("fence.store-behind", log=store.origin, size=store.size, fence=fence.size)
    if root_at(fence.size) != fence.root:
        raise Refusal("fence.store-differs", log=store.origin, size=store.size, fence=fence.size)
    return Standing.SURE if store.size == fence.size else Standing.AHEAD

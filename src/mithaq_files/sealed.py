"""Files sealed to one party's body key: the age format (C2SP age v1), with one X25519 recipient.

What is sealed is made and read piece by piece, so that a file may be larger than memory. A file is written under
another name, forced to the device, and then given its name: it is there whole, or not at all.
"""

import errno
import os
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import IO

import pyrage

from mithaq.errors import Refusal

FIRST_BYTES = b"age-encryption.org/v1\n"
OVERHEAD = 1_024
"""More than the header of such a file takes."""
_PER_CHUNK, _CHUNK = 16, 65_536
_PIECE = 262_144


def room(size: int) -> int:
    """How many bytes can be sealed in a file of `size` bytes."""
    inside = size - OVERHEAD
    return inside - _PER_CHUNK * (inside // _CHUNK + 1)


def write(path: Path, recipient: str, content: Iterable[bytes]) -> int:
    """Seal `content` to `recipient` (`age1…`) as `path`; how many bytes the file has. Replaces a file of that name."""
    fresh = path.with_name(f".{path.name}.new")
    try:
        with fresh.open("wb") as file:
            _seal(recipient, content, file)
            file.flush()
            os.fsync(file.fileno())
            size = file.tell()
        fresh.replace(path)
    except OSError as error:
        raise _unwritable(path, error) from error
    finally:
        fresh.unlink(missing_ok=True)
    return size


def read(path: Path, identities: Iterable[str], feed: Callable[[bytes], None]) -> None:
    """Open `path` with one of `identities` (`AGE-SECRET-KEY-1…`) and give `feed` what is in it, in pieces."""
    sink, held = _Sink(feed), [pyrage.x25519.Identity.from_str(each) for each in identities]
    try:
        with path.open("rb") as file:
            if file.read(len(FIRST_BYTES)) != FIRST_BYTES:
                raise Refusal("courier.other-format", file=path.name)
            file.seek(0)
            pyrage.decrypt_io(file, sink, held)
        sink.hand_on()
    except pyrage.DecryptError as error:
        if "No matching keys" in str(error):
            raise Refusal("courier.not-for-us", file=path.name) from error
        raise Refusal("courier.damaged", reason=str(error)) from error
    except OSError as error:
        if sink.failure is None and error.errno is None:  # what age itself says of bytes that were changed
            raise Refusal("courier.damaged", reason=str(error)) from error
        raise sink.failure or _unreadable(path, error) from error


def copy(source: Path, target: Path) -> None:
    """Put the file as it stands now at a place of ours: a stick can be pulled out while it is read."""
    try:
        with source.open("rb") as found, target.open("wb") as kept:
            while piece := found.read(_PIECE):
                _kept(kept, target, piece)
    except OSError as error:
        raise _unreadable(source, error) from error


def _kept(file: IO[bytes], path: Path, piece: bytes) -> None:
    try:
        file.write(piece)
        file.flush()
    except OSError as error:
        raise _unwritable(path, error) from error


def _seal(recipient: str, content: Iterable[bytes], file: IO[bytes]) -> None:
    source, sink = _Source(iter(content)), _Kept(file)
    try:
        pyrage.encrypt_io(source, sink, [pyrage.x25519.Recipient.from_str(recipient)])
    except pyrage.EncryptError:
        if failure := source.failure or sink.failure:
            raise failure from None
        raise


def _unreadable(path: Path, error: OSError) -> Refusal:
    return Refusal("courier.unreadable", file=str(path), reason=error.strerror or str(error))


def _unwritable(path: Path, error: OSError) -> Refusal:
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return Refusal("courier.full", file=str(path))
    return Refusal("courier.unwritable", file=str(path), reason=error.strerror or str(error))


class _Source:
    """What is to be sealed, as a file that is read. age wraps what is raised in it, so it is kept here too."""

    def __init__(self, pieces: Iterator[bytes]) -> None:
        self._pieces, self._piece, self._at = pieces, b"", 0
        self.failure: Exception | None = None

    def read(self, most: int = -1) -> bytes:
        while self._at == len(self._piece):
            try:
                self._piece, self._at = next(self._pieces), 0
            except StopIteration:
                return b""
            except Exception as error:
                self.failure = error
                raise
        taken = self._piece[self._at : len(self._piece) if most < 0 else self._at + most]
        self._at += len(taken)
        return taken


class _Kept:
    """The file that sealed bytes go to; keeps why they could not."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self.failure: Exception | None = None

    def write(self, piece: bytes) -> int:
        try:
            return self._file.write(piece)
        except OSError as error:
            self.failure = error
            raise

    def flush(self) -> None:
        self._file.flush()


class _Sink:
    """What was sealed, as a file that is written; handed on in larger pieces."""

    def __init__(self, feed: Callable[[bytes], None]) -> None:
        self._feed, self._held = feed, bytearray()
        self.failure: Exception | None = None

    def write(self, piece: bytes) -> int:
        self._held += piece
        if len(self._held) >= _PIECE:
            self.hand_on()
        return len(piece)

    def flush(self) -> None:
        """age may flush before the end; what is left is handed on then."""

    def hand_on(self) -> None:
        held = bytes(self._held)
        self._held.clear()
        try:
            self._feed(held)
        except OSError as error:
            self.failure = error
            raise

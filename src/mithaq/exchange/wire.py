"""Reading length-prefixed bytes without believing the lengths.

Nothing is allocated on the word of a counterpart: a count or a length is compared with the bytes that are really there
before anything is made of it.
"""

from struct import Struct
from typing import Any, TypeVar

import msgspec

from mithaq import canonical
from mithaq.errors import Refusal

Header = TypeVar("Header")


class Reader:
    """A position in `encoded`; every step refuses with `<area>.truncated` when the bytes are not there."""

    def __init__(self, encoded: bytes, area: str) -> None:
        self._encoded, self._area, self._at = encoded, area, 0

    @property
    def left(self) -> int:
        """How many bytes have not been read."""
        return len(self._encoded) - self._at

    def truncated(self, needed: int) -> Refusal:
        """The refusal that says that `needed` bytes are not there."""
        return Refusal(f"{self._area}.truncated", needed=needed, found=self.left)

    def take(self, length: int) -> bytes:
        """The next `length` bytes."""
        start = self._at
        end = start + length
        if end > len(self._encoded):
            raise self.truncated(length)
        self._at = end
        return self._encoded[start:end]

    def fields(self, layout: Struct) -> tuple[Any, ...]:
        """The next fields of fixed widths."""
        start = self._at
        end = start + layout.size
        if end > len(self._encoded):
            raise self.truncated(layout.size)
        self._at = end
        return layout.unpack_from(self._encoded, start)

    def number(self, width: int) -> int:
        """The next `width` bytes as an unsigned big-endian number."""
        return int.from_bytes(self.take(width), "big")

    def block(self, width: int, limit: int) -> bytes:
        """Bytes under a length of `width` bytes, which may not exceed `limit`."""
        return self.bounded(self.number(width), limit)

    def bounded(self, length: int, limit: int) -> bytes:
        """The next `length` bytes, a length that was read and may not exceed `limit`."""
        if length > limit:
            raise Refusal(f"{self._area}.block-too-large", limit=limit, found=length)
        return self.take(length)

    def header(self, first: bytes, decoder: "msgspec.json.Decoder[Header]", limit: int) -> Header:
        """The two lines at the start: `first`, then canonical JSON of at most `limit` bytes."""
        if self._encoded[: len(first)] != first:
            raise Refusal(f"{self._area}.other-format")
        end = self._encoded.find(b"\n", len(first), len(first) + limit + 1)
        if end < 0:
            raise Refusal(f"{self._area}.bad-header", reason="no second line")
        line, self._at = self._encoded[len(first) : end], end + 1
        try:
            header = decoder.decode(line)
        except (msgspec.DecodeError, UnicodeError, RecursionError) as error:
            raise Refusal(f"{self._area}.bad-header", reason=str(error)) from error
        if canonical.encode_trusted(header) != line:
            raise Refusal(f"{self._area}.bad-header", reason="not canonical")
        return header

    def end(self) -> None:
        """Refuse bytes after the end."""
        if self.left:
            raise Refusal(f"{self._area}.trailing-bytes", found=self.left)


def block(width: int, content: bytes) -> bytes:
    """`content` under its length, big-endian in `width` bytes."""
    return len(content).to_bytes(width, "big") + content

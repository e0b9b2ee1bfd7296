"""Tiles (C2SP tlog-tiles): a log as static files, 256 hashes or 256 entries to a file.

A hash tile at level l holds, for each of 256 neighbouring subtrees of 256^l leaves, its root; an entry bundle holds the
same 256 entries as a tile at level 0, each behind its length in two bytes. The last, incomplete tile of a level stands
beside its path in a folder `.p` under its width. Partial tiles are not hashed into the level above.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from mithaq.errors import Refusal
from mithaq.record import merkle

WIDTH: Final = 256
MOST_LEVEL: Final = 63
MOST_ENTRY: Final = 0xFFFF

_PATH = re.compile(r"tile/(entries|0|[1-9]\d?)/((?:x\d{3}/)*\d{3})(?:\.p/([1-9]\d{0,2}))?")


@dataclass(frozen=True, slots=True)
class Tile:
    """One tile: `level` 0 to 63, or None for a bundle of entries; its number; how many of the 256 it holds."""

    level: int | None
    number: int
    width: int = WIDTH

    @property
    def path(self) -> str:
        """The path of the file below the log's folder."""
        level = "entries" if self.level is None else str(self.level)
        partial = "" if self.width == WIDTH else f".p/{self.width}"
        return f"tile/{level}/{number_path(self.number)}{partial}"


def number_path(number: int) -> str:
    """A tile's number in groups of three digits, all but the last behind an `x`: 1234067 is `x001/x234/067`."""
    digits = str(number)
    digits = digits.zfill(-(-len(digits) // 3) * 3)
    groups = [digits[at : at + 3] for at in range(0, len(digits), 3)]
    return "/".join([f"x{group}" for group in groups[:-1]] + groups[-1:])


def path(level: int, number: int, width: int = WIDTH) -> str:
    """The path of a hash tile."""
    return Tile(level, number, width).path


def entries_path(number: int, width: int = WIDTH) -> str:
    """The path of a bundle of entries."""
    return Tile(None, number, width).path


def parse_path(found: str) -> Tile:
    """The tile with this path; refuses every path that `Tile.path` does not write."""
    match = _PATH.fullmatch(found)
    if match is None or len(found) > 60:
        raise Refusal("tile.bad-path", path=found[:200])
    level, number, width = match.groups()
    tile = Tile(
        None if level == "entries" else int(level),
        int(number.replace("x", "").replace("/", "")),
        int(width or WIDTH),
    )
    if tile.path != found or (tile.level or 0) > MOST_LEVEL:
        raise Refusal("tile.bad-path", path=found[:200])
    return tile


def tiles_of(size: int) -> Iterator[Tile]:
    """Every hash tile of a log of `size` entries, level by level, full ones before the partial one."""
    level, nodes = 0, size
    while nodes:
        yield from _row(level, nodes)
        level, nodes = level + 1, nodes // WIDTH


def bundles_of(size: int) -> Iterator[Tile]:
    """Every entry bundle of a log of `size` entries."""
    yield from _row(None, size)


def hash_tile(tile: Tile, subtree: merkle.Subtree) -> bytes:
    """The bytes of a hash tile, its hashes in order."""
    span = WIDTH ** (tile.level or 0)
    first = tile.number * WIDTH
    return b"".join(subtree(each * span, (each + 1) * span) for each in range(first, first + tile.width))


def entry_bundle(entries: Iterable[bytes]) -> bytes:
    """The bytes of a bundle of up to 256 entries."""
    encoded = bytearray()
    for entry in entries:
        if len(entry) > MOST_ENTRY:
            raise Refusal("tile.entry-too-large", limit=MOST_ENTRY, found=len(entry))
        encoded += len(entry).to_bytes(2, "big") + entry
    return bytes(encoded)


def parse_entry_bundle(encoded: bytes, width: int) -> list[bytes]:
    """The `width` entries of a bundle; refuses one that is cut short or goes on behind its last entry."""
    entries: list[bytes] = []
    at = 0
    for _ in range(width):
        start = at + 2
        at = start + int.from_bytes(encoded[at:start], "big")
        if start > len(encoded) or at > len(encoded):
            raise Refusal("tile.truncated", expected=width, found=len(entries))
        entries.append(encoded[start:at])
    if at != len(encoded):
        raise Refusal("tile.trailing-bytes", expected=at, found=len(encoded))
    return entries


def parse_hash_tile(encoded: bytes, width: int) -> Sequence[bytes]:
    """The `width` hashes of a tile."""
    if len(encoded) != width * merkle.HASH_BYTES:
        raise Refusal("tile.wrong-length", expected=width * merkle.HASH_BYTES, found=len(encoded))
    return [encoded[at : at + merkle.HASH_BYTES] for at in range(0, len(encoded), merkle.HASH_BYTES)]


def _row(level: int | None, nodes: int) -> Iterator[Tile]:
    full, rest = divmod(nodes, WIDTH)
    yield from (Tile(level, number) for number in range(full))
    if rest:
        yield Tile(level, full, rest)

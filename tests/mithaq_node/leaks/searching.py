"""Looking for marked strings in bytes: as they are, in other spellings, and within whatever is packed in them."""

import base64
import re
import zlib
from collections.abc import Iterable, Iterator
from urllib.parse import quote

_DEEPEST = 6
_MOST = 64 * 1024 * 1024
_BASE64 = re.compile(rb"[A-Za-z0-9+/_-]{16,}={0,2}")
_HEX = re.compile(rb"(?:[0-9a-f]{2}){12,}|(?:[0-9A-F]{2}){12,}")
_ZLIB = re.compile(rb"\x78[\x01\x5e\x9c\xda]")


def found(data: bytes, marks: Iterable[str]) -> set[str]:
    """Those of `marks` that stand somewhere in `data`, in any of the spellings that this module knows."""
    wanted = {mark: spellings(mark) for mark in marks}
    seen: set[str] = set()
    for layer in layers(data):
        plain = layer.lower()
        seen |= {mark for mark, needles in wanted.items() if any(needle in plain for needle in needles)}
    return seen


def spellings(mark: str) -> frozenset[bytes]:
    """The bytes that a text may be written as, in small letters: UTF-8 and UTF-16, escaped in JSON, HTML and addresses;
    base64 and hexadecimal are undone by `layers`."""
    escaped = "".join(f"\\u{ord(letter):04x}" if ord(letter) > 127 else letter for letter in mark)
    entities = "".join(f"&#{ord(letter)};" if ord(letter) > 127 else letter for letter in mark)
    texts = (mark, escaped, entities, quote(mark))
    encoded = {text.encode() for text in texts} | {mark.encode("utf-16-le"), mark.encode("utf-16-be")}
    return frozenset(each.lower() for each in encoded)


def layers(data: bytes, depth: int = 0) -> Iterator[bytes]:
    """The bytes themselves, and everything packed in them: gzip, zlib, zip, base64 at any offset, hexadecimal."""
    yield data
    if depth < _DEEPEST:
        for inner in _within(data):
            yield from layers(inner, depth + 1)


def _within(data: bytes) -> Iterator[bytes]:
    for place in _places(data, b"\x1f\x8b\x08"):
        yield from _inflated(data[place:], 31)
    for match in _ZLIB.finditer(data):
        yield from _inflated(data[match.start() :], 15)
    for place in _places(data, b"PK\x03\x04"):
        if data[place + 8 : place + 10] == b"\x08\x00":
            names = int.from_bytes(data[place + 26 : place + 28], "little")
            extra = int.from_bytes(data[place + 28 : place + 30], "little")
            yield from _inflated(data[place + 30 + names + extra :], -15)
    for match in _BASE64.finditer(data):
        text = match[0].rstrip(b"=").translate(bytes.maketrans(b"-_", b"+/"))
        for offset in range(4):
            cut = text[offset:]
            yield base64.b64decode(cut[: len(cut) // 4 * 4] + _rest(cut))
    for match in _HEX.finditer(data):
        yield bytes.fromhex(match[0].decode())


def _rest(text: bytes) -> bytes:
    """The last, unfilled group of a base64 text, filled up."""
    left = text[len(text) // 4 * 4 :]
    return left + b"=" * (4 - len(left)) if len(left) > 1 else b""


def _inflated(data: bytes, window: int) -> Iterator[bytes]:
    try:
        unpacked = zlib.decompressobj(window).decompress(data, _MOST)
    except zlib.error:
        return
    if unpacked:
        yield unpacked


def _places(data: bytes, magic: bytes) -> Iterator[int]:
    at = data.find(magic)
    while at >= 0:
        yield at
        at = data.find(magic, at + 1)

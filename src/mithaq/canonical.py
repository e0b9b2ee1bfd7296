"""The one byte form of a JSON value: RFC 8785, restricted to ASCII keys and integers.

With only ASCII keys, sorting by code point and by UTF-16 unit agree, and with only integers up to 2^53 - 1 no number
formatting is left to chance, so msgspec's sorted encoding gives exactly the bytes of RFC 8785 (section 3.2), forty
times faster than a general encoder. `decode` accepts a value only in that form: duplicate keys, unsafe numbers,
white space and escapes that need not be there all fail the comparison with their own re-encoding.
"""

from typing import Any

import msgspec

from mithaq.errors import Refusal

SAFE_INTEGER = 2**53 - 1
_DEPTH = 32

_encoder = msgspec.json.Encoder(order="sorted")
_decoder = msgspec.json.Decoder()
_SHORT = {b"\\u0008": b"\\b", b"\\u000c": b"\\f"}


def encode(value: Any) -> bytes:
    """The canonical bytes of `value`: None, bool, int, str, list, tuple, dict, or a msgspec Struct of them."""
    _check(msgspec.to_builtins(value) if isinstance(value, msgspec.Struct) else value, 0)
    return encode_trusted(value)


def encode_trusted(value: Any) -> bytes:
    """`encode` for a value whose types already guarantee ASCII keys and safe integers."""
    try:
        encoded = _encoder.encode(value)
    except (msgspec.EncodeError, TypeError, ValueError, UnicodeError) as error:
        raise Refusal("canonical.not-encodable", reason=str(error)) from error
    if b"\\u00" in encoded:
        encoded = _short_escapes(encoded)
    return encoded


def decode(encoded: bytes) -> Any:
    """The value whose canonical form is `encoded`; refuses every other spelling of it."""
    value = decode_judged(encoded)
    _check(value, 0)
    return value


def decode_judged(encoded: bytes) -> Any:
    """`decode` for a reader that judges every key and number itself: only their spelling is held to the form."""
    try:
        value = _decoder.decode(encoded)
    except (msgspec.DecodeError, UnicodeError, RecursionError) as error:
        raise Refusal("canonical.not-json", reason=str(error)) from error
    if encode_trusted(value) != encoded:
        raise Refusal("canonical.not-canonical")
    return value


def _check(value: Any, depth: int) -> None:
    if depth > _DEPTH:
        raise Refusal("canonical.too-deep", limit=_DEPTH)
    match value:
        case None | bool() | str():
            return
        case int():
            if abs(value) > SAFE_INTEGER:
                raise Refusal("canonical.unsafe-integer", value=str(value))
        case list() | tuple():
            for item in value:
                _check(item, depth + 1)
        case dict():
            for key, item in value.items():
                if not isinstance(key, str) or not key.isascii():
                    raise Refusal("canonical.key-not-ascii", key=str(key))
                _check(item, depth + 1)
        case _:
            raise Refusal("canonical.not-encodable", reason=type(value).__name__)


def _short_escapes(encoded: bytes) -> bytes:
    """RFC 8785 section 3.2.2.2 writes backspace and form feed short where msgspec writes them long."""
    out, start = bytearray(), 0
    while (at := encoded.find(b"\\", start)) >= 0:
        out += encoded[start:at]
        escape = encoded[at : at + 6]
        if escape in _SHORT:
            out += _SHORT[escape]
            start = at + 6
        else:
            length = 6 if escape[1:2] == b"u" else 2
            out += encoded[at : at + length]
            start = at + length
    return bytes(out + encoded[start:])

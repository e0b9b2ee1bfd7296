"""`attachment`: one picture, in a part of its own class that travels last, and nowhere else.

    {"data":"/9j/4AAQ…","form":"jpeg"}

`data` is the whole file in base64. The only form is a plain JPEG: baseline, one scan, with no segment that pictures do
not need. There is no room in it for the camera's name, a position, a thumbnail of what was cropped away, a comment or a
profile, and nothing may stand behind its end, so that an accepting node can see at once that it was re-encoded
(ITU-T T.81, annex B). What the picture shows nobody can judge here: whoever releases it is asked
(`mithaq.notices.kept`).
"""

from base64 import b64decode, b64encode
from binascii import Error
from typing import Any, Final

from mithaq.errors import Refusal
from mithaq.instrument.law import Field, Law
from mithaq.notices.fields.field_type import FieldType, Judge, Schema, as_it_is, closed_object, has_keys, wrong_type

ATTACHMENT: Final = "attachment"
"""The retention class in which attachments travel, and no other field."""
FORM: Final = "jpeg"
MOST_SIDE: Final = 2_000
"""Pixels of the longer side."""
MOST_ATTACHMENT: Final = 1_000_000
"""Bytes, whatever an instrument says."""

_KEYS = frozenset({"data", "form"})
_START, _END, _SCAN = 0xD8, 0xD9, 0xDA
_BASELINE = 0xC0
_JFIF = 0xE0
_TABLES = frozenset({0xC4, 0xDB, 0xDD})
"""Huffman tables, quantisation tables, restart interval."""
_JFIF_LENGTH = 16
"""Of the JFIF segment that holds no thumbnail."""
_FRAME_LENGTH = 8
_IN_A_SCAN = frozenset({0x00, *range(0xD0, 0xD8)})
"""What may follow FF within a scan: a stuffed zero, or a restart."""


def picture(value: Any) -> bytes | None:
    """The file in a value of this type; None where there is none."""
    data = value.get("data") if type(value) is dict else None
    if type(data) is not str:
        return None
    try:
        found = b64decode(data, validate=True)
    except (Error, ValueError):
        return None
    return found if b64encode(found).decode() == data else None


def value_of(encoded: bytes) -> dict[str, str]:
    """The value that holds this file."""
    return {"data": b64encode(encoded).decode(), "form": FORM}


def size_of(encoded: bytes) -> tuple[int, int] | None:
    """Width and height of a plain JPEG as described above; None for any other bytes."""
    if encoded[:2] != bytes((0xFF, _START)) or encoded[-2:] != bytes((0xFF, _END)):
        return None
    size, at = None, 2
    while at + 4 <= len(encoded) and encoded[at] == 0xFF:
        marker, length = encoded[at + 1], int.from_bytes(encoded[at + 2 : at + 4], "big")
        body = encoded[at + 4 : at + 2 + length]
        if length < 2 or len(body) != length - 2:
            return None
        at += 2 + length
        if marker == _SCAN:
            return size if _is_one_scan(encoded[at:-2]) else None
        if marker == _BASELINE and size is None and len(body) >= _FRAME_LENGTH:
            size = int.from_bytes(body[3:5], "big"), int.from_bytes(body[1:3], "big")
        elif marker not in _TABLES and (marker, length) != (_JFIF, _JFIF_LENGTH):
            return None
    return None


def _is_one_scan(scanned: bytes) -> bool:
    at = scanned.find(0xFF)
    while 0 <= at < len(scanned) - 1:
        if scanned[at + 1] not in _IN_A_SCAN:
            return False
        at = scanned.find(0xFF, at + 2)
    return bool(scanned) and at < 0


def _judge(field: Field, law: Law) -> Judge:
    def judge(value: Any) -> None:
        if not has_keys(value, _KEYS) or type(value["data"]) is not str:
            raise wrong_type(field, ATTACHMENT)
        found = picture(value) if value["form"] == FORM else None
        if found is None:
            raise Refusal("field.not-a-plain-picture", field=field.name)
        if len(found) > field.limit:
            raise Refusal("field.picture-too-large", field=field.name, limit=field.limit, found=len(found))
        size = size_of(found)
        if size is None:
            raise Refusal("field.not-a-plain-picture", field=field.name)
        if not 0 < min(size) <= max(size) <= MOST_SIDE:
            raise Refusal("field.picture-too-wide", field=field.name, limit=MOST_SIDE, found=max(size))

    return judge


def _schema(field: Field, law: Law) -> Schema:
    data = {"type": "string", "minLength": 1, "maxLength": -(-field.limit // 3) * 4}
    return closed_object({"form": {"const": FORM}, "data": data})


PICTURE = FieldType(ATTACHMENT, _judge, _schema, as_it_is, in_facts=False, limited=True, schema_is_exact=False)

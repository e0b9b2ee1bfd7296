"""`reference`: another notice of the audience, by its log and its identifier. It names a notice, never a person or
file."""

from typing import Any

from mithaq.errors import Refusal
from mithaq.instrument.law import Field, Law
from mithaq.notices.fields.field_type import FieldType, Judge, Schema, as_it_is, closed_object, has_keys, wrong_type

_KEYS = frozenset({"log", "id"})
ID_LENGTH = 32
_HEX = frozenset("0123456789abcdef")


def is_notice_id(value: Any) -> bool:
    """Whether `value` is a notice's identifier: 128 bits as 32 lower-case hexadecimal digits."""
    return type(value) is str and len(value) == ID_LENGTH and _HEX.issuperset(value)


def _judge(field: Field, law: Law) -> Judge:
    def judge(value: Any) -> None:
        if not has_keys(value, _KEYS) or not is_notice_id(value["id"]) or type(value["log"]) is not str:
            raise wrong_type(field, "reference")
        if law.party_of(value["log"]) is None:
            raise Refusal("reference.foreign-log", log=value["log"][:120])

    return judge


def _schema(field: Field, law: Law) -> Schema:
    length = {"minLength": ID_LENGTH, "maxLength": ID_LENGTH}
    return closed_object({"log": {"type": "string", "minLength": 1}, "id": {"type": "string"} | length})


REFERENCE = FieldType("reference", _judge, _schema, as_it_is, schema_is_exact=False)

"""`commitment`: one commitment of the instrument, by its identifier."""

from typing import Any

from mithaq.errors import Refusal
from mithaq.instrument.law import Field, Law
from mithaq.notices.fields.field_type import FieldType, Judge, Schema, as_it_is, wrong_type


def _judge(field: Field, law: Law) -> Judge:
    known = frozenset(each.id for each in law.commitments)

    def judge(value: Any) -> None:
        if type(value) is not str:
            raise wrong_type(field, "commitment")
        if value not in known:
            raise Refusal("field.not-listed", field=field.name, list="commitments", found=value[:40])

    return judge


def _schema(field: Field, law: Law) -> Schema:
    return {"enum": [each.id for each in law.commitments]}


COMMITMENT = FieldType("commitment", _judge, _schema, as_it_is)

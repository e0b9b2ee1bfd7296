"""`quantity`: a whole number within stated bounds, in a stated unit. Its bound keeps telephone numbers out."""

from typing import Any

from mithaq.errors import Refusal
from mithaq.instrument.law import Field, Law
from mithaq.notices.fields.field_type import FieldType, Judge, Schema, as_it_is, is_integer, wrong_type

MOST_QUANTITY = 10_000_000


def _judge(field: Field, law: Law) -> Judge:
    lowest, highest = field.lowest, field.limit

    def judge(value: Any) -> None:
        if not is_integer(value):
            raise wrong_type(field, "quantity")
        if not lowest <= value <= highest:
            raise Refusal("field.out-of-range", field=field.name, lowest=lowest, highest=highest)

    return judge


def _schema(field: Field, law: Law) -> Schema:
    return {"type": "integer", "minimum": field.lowest, "maximum": field.limit}


QUANTITY = FieldType("quantity", _judge, _schema, as_it_is, limited=True)

"""Coded types: `code`, `codes` and `counts`, whose values come from the lists in the instrument.

A coded value is stored once and read in every language. Counts say how many of each category and nothing about any
one; what may be counted is fixed in `people.py`.
"""

from typing import Any

from mithaq.errors import Refusal
from mithaq.instrument.law import Field, Law
from mithaq.notices.fields.field_type import FieldType, Judge, Schema, as_it_is, is_integer, wrong_type

MOST_COUNT = 10_000_000
"""Above the largest flow in a season, below every telephone and document number."""


def _listed(field: Field, law: Law) -> frozenset[str]:
    return frozenset(law.codes.get(field.codes, ()))


def _judge_code(field: Field, law: Law) -> Judge:
    codes = _listed(field, law)

    def judge(value: Any) -> None:
        if type(value) is not str:
            raise wrong_type(field, "code")
        if value not in codes:
            raise Refusal("field.not-listed", field=field.name, list=field.codes, found=value[:60])

    return judge


def _judge_codes(field: Field, law: Law) -> Judge:
    judge_code = _judge_code(field, law)

    def judge(value: Any) -> None:
        if type(value) is not list or not value:
            raise wrong_type(field, "codes")
        for code in value:
            judge_code(code)
        if value != sorted(set(value)):
            raise Refusal("field.not-sorted", field=field.name)
        if field.limit and len(value) > field.limit:
            raise Refusal("field.too-many", field=field.name, limit=field.limit, found=len(value))

    return judge


def _judge_counts(field: Field, law: Law) -> Judge:
    judge_code = _judge_code(field, law)
    most = field.limit or MOST_COUNT

    def judge(value: Any) -> None:
        if type(value) is not dict or not value:
            raise wrong_type(field, "counts")
        for code, count in value.items():
            judge_code(code)
            if not is_integer(count):
                raise wrong_type(field, "counts")
            if not 0 <= count <= most:
                raise Refusal("field.out-of-range", field=field.name, lowest=0, highest=most)

    return judge


def _code_schema(field: Field, law: Law) -> Schema:
    return {"enum": sorted(_listed(field, law))}


def _codes_schema(field: Field, law: Law) -> Schema:
    schema = {"type": "array", "items": _code_schema(field, law), "minItems": 1, "uniqueItems": True}
    return schema | ({"maxItems": field.limit} if field.limit else {})


def _counts_schema(field: Field, law: Law) -> Schema:
    count = {"type": "integer", "minimum": 0, "maximum": field.limit or MOST_COUNT}
    return {
        "type": "object",
        "properties": dict.fromkeys(sorted(_listed(field, law)), count),
        "additionalProperties": False,
        "minProperties": 1,
    }


def _sorted_codes(value: Any, field: Field, law: Law) -> Any:
    is_list_of_text = type(value) is list and all(type(code) is str for code in value)
    return sorted(set(value)) if is_list_of_text else value


CODE = FieldType("code", _judge_code, _code_schema, as_it_is, listed=True)
CODES = FieldType("codes", _judge_codes, _codes_schema, _sorted_codes, listed=True, schema_is_exact=False)
COUNTS = FieldType("counts", _judge_counts, _counts_schema, as_it_is, listed=True)

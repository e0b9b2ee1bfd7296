"""The closed list of field types: all that a kind of notice can be made of.

There is no type for a name, a document number, a telephone, a plate, a face or an identifier of a person, and there is
no way for an instrument to add one. What may be counted about people is one fixed list (`people.py`).
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final

from mithaq.errors import Refusal
from mithaq.instrument.law import Field, Kind, Law
from mithaq.notices.fields.attachments import PICTURE
from mithaq.notices.fields.coded import CODE, CODES, COUNTS
from mithaq.notices.fields.commitments import COMMITMENT
from mithaq.notices.fields.field_type import FieldType, Judge, Schema, closed_object
from mithaq.notices.fields.links import LINK
from mithaq.notices.fields.paragraphs import EXTENT, PARAGRAPHS
from mithaq.notices.fields.quantities import QUANTITY
from mithaq.notices.fields.references import REFERENCE
from mithaq.notices.fields.sites import CROSSING, PLACE, SECTOR
from mithaq.notices.fields.texts import PHRASE, TEXT
from mithaq.notices.fields.times import DAY, INTERVAL, MOMENT

TYPES: Final[Mapping[str, FieldType]] = MappingProxyType(
    {
        each.name: each
        for each in (
            MOMENT,
            INTERVAL,
            DAY,
            PLACE,
            SECTOR,
            CROSSING,
            COMMITMENT,
            CODE,
            CODES,
            COUNTS,
            QUANTITY,
            REFERENCE,
            PHRASE,
            TEXT,
            LINK,
            PARAGRAPHS,
            EXTENT,
            PICTURE,
        )
    }
)
"""Name to type. Nothing registers here at run time."""


def type_of(field: Field) -> FieldType:
    """The type of a field; refuses one that is not in the closed list."""
    found = TYPES.get(field.type)
    if found is None:
        raise Refusal("field.unknown-type", field=field.name, type=field.type[:40])
    return found


def judge_for(field: Field, law: Law) -> Judge:
    """The judge of a field's values: call it with a decoded JSON value; it raises a `Refusal` when that does not
    fit."""
    return type_of(field).judge(field, law)


def check_field(value: Any, field: Field, law: Law) -> None:
    """Refuse a value that is not of the field's type, list, bounds or floor."""
    judge_for(field, law)(value)


def coarsen_field(value: Any, field: Field, law: Law) -> Any:
    """The value made no finer than the field's floor; one that is not of the type comes back for the judge to
    refuse."""
    return type_of(field).coarsen(value, field, law)


def part_schema(kind: Kind, part: str, law: Law) -> Schema:
    """The JSON Schema (2020-12) of one part of a kind's notices: `facts`, or a retention class."""
    fields = [field for field in kind.fields if field.part == part]
    schema = closed_object(
        {field.name: type_of(field).schema(field, law) for field in fields},
        sorted(field.name for field in fields if field.required),
    )
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": f"{kind.name} {part}"} | schema


__all__ = [
    "TYPES",
    "FieldType",
    "Judge",
    "Schema",
    "check_field",
    "coarsen_field",
    "judge_for",
    "part_schema",
    "type_of",
]

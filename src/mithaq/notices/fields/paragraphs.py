"""`paragraphs` and `extent`: a whole text in every authentic language, and which of its numbered paragraphs are meant.

    {"ar":["…","…"],"fa":["…","…"]}      every authentic language of the instrument, and the same number of paragraphs
    {"numbers":[1,3],"of":7}             the first and the third of seven paragraphs

Paragraphs are numbered from 1; the same number is the same paragraph in every language. A paragraph is one line. The
words stand in an erasable part; an extent says numbers alone and is a fact.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from mithaq.errors import Refusal
from mithaq.instrument.law import Field, Law
from mithaq.notices.fields.field_type import (
    FieldType,
    Judge,
    Schema,
    as_it_is,
    closed_object,
    has_keys,
    is_integer,
    wrong_type,
)
from mithaq.notices.fields.texts import has_hidden

MOST_PARAGRAPHS: Final = 120
MOST_CHARACTERS: Final = 16_000
"""Of one language, whatever an instrument says."""

Words = Mapping[str, Sequence[str]]
"""A whole text: language to its paragraphs."""

_EXTENT = frozenset({"numbers", "of"})


def _judge_paragraphs(field: Field, law: Law) -> Judge:
    languages = frozenset(law.authentic)

    def judge(value: Any) -> None:
        if type(value) is not dict or not all(_is_list_of_text(each) for each in value.values()):
            raise wrong_type(field, "paragraphs")
        if value.keys() != languages:
            raise Refusal("field.other-languages", field=field.name, languages=" ".join(sorted(languages)))
        counts = {len(each) for each in value.values()}
        if len(counts) > 1:
            raise Refusal("field.paragraphs-differ", field=field.name, fewest=min(counts), most=max(counts))
        if max(counts) > MOST_PARAGRAPHS:
            raise Refusal("field.too-many", field=field.name, limit=MOST_PARAGRAPHS, found=max(counts))
        for each in value.values():
            _require_lines(field, each)

    return judge


def _require_lines(field: Field, lines: Sequence[str]) -> None:
    if not lines or any(not line or line != line.strip() for line in lines):
        raise Refusal("field.empty", field=field.name)
    if any(len(line.splitlines()) > 1 or has_hidden(line) for line in lines):
        raise Refusal("field.hidden-character", field=field.name)
    found = sum(map(len, lines))
    if found > field.limit:
        raise Refusal("field.too-long", field=field.name, limit=field.limit, found=found)


def _is_list_of_text(value: Any) -> bool:
    return type(value) is list and all(type(each) is str for each in value)


def _judge_extent(field: Field, law: Law) -> Judge:
    def judge(value: Any) -> None:
        if not has_keys(value, _EXTENT) or not is_integer(value["of"]) or not _are_integers(value["numbers"]):
            raise wrong_type(field, "extent")
        numbers, of = value["numbers"], value["of"]
        if not 1 <= of <= field.limit:
            raise Refusal("field.out-of-range", field=field.name, lowest=1, highest=field.limit)
        if not numbers or numbers != sorted(set(numbers)):
            raise Refusal("field.not-sorted", field=field.name)
        if not 1 <= numbers[0] <= numbers[-1] <= of:
            raise Refusal("field.out-of-range", field=field.name, lowest=1, highest=of)

    return judge


def _are_integers(value: Any) -> bool:
    return type(value) is list and all(is_integer(each) for each in value)


def whole(value: Any) -> Iterable[tuple[str, Sequence[str]]]:
    """Language and paragraphs of a value of the type, in the order of the languages; nothing of any other value."""
    if type(value) is dict and all(_is_list_of_text(each) for each in value.values()):
        yield from sorted(value.items())


def _paragraphs_schema(field: Field, law: Law) -> Schema:
    line = {"type": "string", "minLength": 1, "maxLength": field.limit}
    lines = {"type": "array", "items": line, "minItems": 1, "maxItems": MOST_PARAGRAPHS}
    return closed_object(dict.fromkeys(sorted(law.authentic), lines))


def _extent_schema(field: Field, law: Law) -> Schema:
    number = {"type": "integer", "minimum": 1, "maximum": field.limit}
    return closed_object(
        {"of": number, "numbers": {"type": "array", "items": number, "minItems": 1, "uniqueItems": True}}
    )


PARAGRAPHS = FieldType(
    "paragraphs", _judge_paragraphs, _paragraphs_schema, as_it_is, in_facts=False, limited=True, schema_is_exact=False
)
EXTENT = FieldType("extent", _judge_extent, _extent_schema, as_it_is, limited=True, schema_is_exact=False)

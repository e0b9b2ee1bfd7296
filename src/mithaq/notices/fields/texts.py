"""`text` and `phrase`: what an officer writes, and what he picks.

A text has a language and a length, stands in an erasable part, is shown as written and never folded or translated by a
machine. A phrase is a code of the kind's phrase list with values for its slots; a slot holds a number, a moment, a day,
or an identifier out of the law, so a phrase can be a fact.
"""

import re
from typing import Any

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
from mithaq.notices.fields.quantities import MOST_QUANTITY
from mithaq.notices.fields.times import is_day, is_moment

MOST_SLOTS = 6
_TEXT = frozenset({"lang", "text"})
_PHRASE = frozenset({"phrase", "slots"})
_SLOT_NAME = re.compile(r"[a-z][a-z_]{0,19}")
_HIDDEN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ufeff]")
"""A character that nobody sees: a control character but tabulator and line feed, or one that turns the direction."""


def has_hidden(text: str) -> bool:
    """Whether characters stand in `text` that are not seen and may show it in another order than it is read."""
    return _HIDDEN.search(text) is not None


def _judge_text(field: Field, law: Law) -> Judge:
    languages = frozenset(law.languages)

    def judge(value: Any) -> None:
        if not has_keys(value, _TEXT) or type(value["text"]) is not str or type(value["lang"]) is not str:
            raise wrong_type(field, "text")
        if value["lang"] not in languages:
            raise Refusal("field.other-language", field=field.name, found=value["lang"][:20])
        if not value["text"].strip():
            raise Refusal("field.empty", field=field.name)
        if len(value["text"]) > field.limit:
            raise Refusal("field.too-long", field=field.name, limit=field.limit, found=len(value["text"]))
        if has_hidden(value["text"]):
            raise Refusal("field.hidden-character", field=field.name)

    return judge


def _judge_phrase(field: Field, law: Law) -> Judge:
    phrases = frozenset(law.codes.get(field.codes, ()))
    known = {sector.id for sector in law.sectors} | {crossing.id for crossing in law.crossings}
    known |= {code for codes in law.codes.values() for code in codes}

    def fits(value: Any) -> bool:
        if is_integer(value):
            return bool(0 <= value <= MOST_QUANTITY)
        return type(value) is str and (value in known or is_moment(value) or is_day(value))

    def judge(value: Any) -> None:
        if not has_keys(value, _PHRASE) or type(value["slots"]) is not dict:
            raise wrong_type(field, "phrase")
        if type(value["phrase"]) is not str or value["phrase"] not in phrases:
            raise Refusal("field.not-listed", field=field.name, list=field.codes, found=str(value["phrase"])[:60])
        if len(value["slots"]) > MOST_SLOTS:
            raise Refusal("field.too-many", field=field.name, limit=MOST_SLOTS, found=len(value["slots"]))
        for name, slot in value["slots"].items():
            if not _SLOT_NAME.fullmatch(name) or not fits(slot):
                raise Refusal("field.bad-slot", field=field.name, slot=name[:40])

    return judge


def _text_schema(field: Field, law: Law) -> Schema:
    text = {"type": "string", "minLength": 1, "maxLength": field.limit}
    return closed_object({"lang": {"enum": sorted(law.languages)}, "text": text})


def _phrase_schema(field: Field, law: Law) -> Schema:
    slots = {"type": "object", "maxProperties": MOST_SLOTS, "additionalProperties": {"type": ["integer", "string"]}}
    return closed_object({"phrase": {"enum": sorted(law.codes.get(field.codes, ()))}, "slots": slots})


TEXT = FieldType("text", _judge_text, _text_schema, as_it_is, in_facts=False, limited=True, schema_is_exact=False)
PHRASE = FieldType("phrase", _judge_phrase, _phrase_schema, as_it_is, listed=True, schema_is_exact=False)

"""Types of time: `moment`, `interval` and `day`.

A moment is `YYYY-MM-DDTHH:MM:SSZ`. A field with the floor `hour` or `minute` holds only full hours or minutes; the
compiler rounds down, the end of an interval up, so that the stated interval contains the real one.
"""

from datetime import date, datetime
from typing import Any

from mithaq import moments
from mithaq.errors import Refusal
from mithaq.instrument.law import Field, Law
from mithaq.notices.fields.field_type import FieldType, Judge, Schema, as_it_is, closed_object, has_keys, wrong_type

_ENDINGS = {"hour": ":00:00Z", "minute": ":00Z", "": "Z"}
_INTERVAL = frozenset({"from", "until"})
_MOMENT_SHAPE = {"type": "string", "minLength": 20, "maxLength": 20}
_DAY_SHAPE = {"type": "string", "minLength": 10, "maxLength": 10}


def is_moment(text: Any) -> bool:
    """Whether `text` is an instant in its one spelling."""
    if type(text) is not str or len(text) != 20 or not text.isascii() or text[19] != "Z" or text[10] != "T":
        return False
    if not text[13] == text[16] == ":" or not text[4] == text[7] == "-":
        return False
    try:
        datetime.fromisoformat(text)
    except ValueError:
        return False
    return True


def is_day(text: Any) -> bool:
    """Whether `text` is a Gregorian day in its one spelling."""
    if type(text) is not str or len(text) != 10 or not text.isascii() or text[4] != "-" or text[7] != "-":
        return False
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True


def _judge_moment(field: Field, law: Law) -> Judge:
    ending = _ENDINGS[field.floor]

    def judge(value: Any) -> None:
        if not is_moment(value):
            raise wrong_type(field, "moment")
        if not value.endswith(ending):
            raise Refusal("field.too-fine", field=field.name, floor=field.floor)

    return judge


def _judge_interval(field: Field, law: Law) -> Judge:
    judge_moment = _judge_moment(field, law)

    def judge(value: Any) -> None:
        if not has_keys(value, _INTERVAL):
            raise wrong_type(field, "interval")
        judge_moment(value["from"])
        judge_moment(value["until"])
        if value["from"] >= value["until"]:
            raise Refusal("field.ends-before-start", field=field.name, start=value["from"], end=value["until"])

    return judge


def _judge_day(field: Field, law: Law) -> Judge:
    def judge(value: Any) -> None:
        if not is_day(value):
            raise wrong_type(field, "day")

    return judge


def _coarsen_moment(value: Any, field: Field, law: Law) -> Any:
    if not field.floor or not is_moment(value):
        return value
    return moments.format(moments.coarsen(moments.parse(value), field.floor))


def _coarsen_interval(value: Any, field: Field, law: Law) -> Any:
    if not field.floor or not has_keys(value, _INTERVAL) or not all(map(is_moment, value.values())):
        return value
    unit = moments.FLOORS[field.floor]
    end = moments.parse(value["until"]).seconds
    return {
        "from": _coarsen_moment(value["from"], field, law),
        "until": moments.format(moments.Moment(end + -end % unit)),
    }


def _moment_schema(field: Field, law: Law) -> Schema:
    return dict(_MOMENT_SHAPE)


def _interval_schema(field: Field, law: Law) -> Schema:
    return closed_object({"from": dict(_MOMENT_SHAPE), "until": dict(_MOMENT_SHAPE)})


def _day_schema(field: Field, law: Law) -> Schema:
    return dict(_DAY_SHAPE)


MOMENT = FieldType(
    "moment", _judge_moment, _moment_schema, _coarsen_moment, floors=("minute", "hour"), schema_is_exact=False
)
INTERVAL = FieldType(
    "interval", _judge_interval, _interval_schema, _coarsen_interval, floors=("minute", "hour"), schema_is_exact=False
)
DAY = FieldType("day", _judge_day, _day_schema, as_it_is, schema_is_exact=False)

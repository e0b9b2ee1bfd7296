"""What a field type is: a name, a judge, a coarsener, the parts it may stand in, and its JSON Schema.

A judge is made once for a field of a law and then called for every notice, so that judging a value costs no look-up in
the law. It returns nothing when the value fits and raises a `Refusal` that names the field otherwise.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from mithaq.errors import Refusal
from mithaq.instrument.law import Field, Law

Judge = Callable[[Any], None]
Schema = dict[str, Any]


@dataclass(frozen=True)
class FieldType:
    """One of the closed list of types that a kind's fields may have."""

    name: str
    judge: Callable[[Field, Law], Judge]
    """Makes the judge of this field under this law."""
    schema: Callable[[Field, Law], Schema]
    """The JSON Schema of this field's value: no `format` and no `pattern`."""
    coarsen: Callable[[Any, Field, Law], Any]
    """The value made no finer than the field's floor; a value that has no floor comes back as it is."""
    in_facts: bool = True
    """Whether the type may stand in the `facts` part, which is folded and never erased."""
    floors: tuple[str, ...] = ()
    """The floors of precision that a field of this type may name, finest first; empty when it takes none."""
    listed: bool = False
    """Whether the field names a coded list."""
    limited: bool = False
    """Whether the field must state a limit."""
    schema_is_exact: bool = True
    """Whether the JSON Schema accepts exactly what the judge accepts; False where the judge refuses more."""


def as_it_is(value: Any, field: Field, law: Law) -> Any:
    """The coarsener of types that have no floor."""
    return value


def wrong_type(field: Field, expected: str) -> Refusal:
    """The refusal of a value that has another shape than its type."""
    return Refusal("field.type", field=field.name, expected=expected)


def is_integer(value: Any) -> bool:
    """Whether a decoded JSON value is an integer; true and false are none."""
    return type(value) is int


def has_keys(value: Any, keys: frozenset[str]) -> bool:
    """Whether a decoded JSON value is an object with exactly these keys."""
    return type(value) is dict and value.keys() == keys


def closed_object(properties: Mapping[str, Schema], required: list[str] | None = None) -> Schema:
    """The schema of an object that has these properties and no others; all required unless told."""
    return {
        "type": "object",
        "properties": dict(properties),
        "required": sorted(properties) if required is None else required,
        "additionalProperties": False,
    }

"""What differs between two versions of an instrument: law and words apart, field by field, texts word by word."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Any, Protocol

import msgspec

from mithaq.instrument.law import Law
from mithaq.instrument.words import Words

_NAMES = ("id", "code", "name", "number", "party", "day")
"""The fields by which the items of a list are known, so that inserting one does not shift all the others."""


class Instrument(Protocol):
    """Compiled or sealed: whatever has a law and words."""

    @property
    def law(self) -> Law: ...

    @property
    def words(self) -> Words: ...


@dataclass(frozen=True)
class Run:
    """Some words of a text: `kept`, `added` or `removed`."""

    what: str
    text: str


@dataclass(frozen=True)
class Change:
    """One field that differs. `before` is None where it was added, `after` where it was removed.

    `runs` is there when both are texts: what was kept, removed and added, in reading order.
    """

    path: str
    before: Any
    after: Any
    runs: tuple[Run, ...] = ()


@dataclass(frozen=True)
class Difference:
    """All that differs. Only a change of law needs every party's seal on a new law."""

    law: tuple[Change, ...]
    words: tuple[Change, ...]

    def __bool__(self) -> bool:
        return bool(self.law or self.words)


def diff(before: Instrument, after: Instrument) -> Difference:
    """What changed from one instrument to the other."""
    return Difference(tuple(_changes(before.law, after.law)), tuple(_changes(before.words, after.words)))


def word_runs(before: str, after: str) -> tuple[Run, ...]:
    """Two texts compared word by word."""
    old, new = before.split(), after.split()
    runs: list[Run] = []
    for what, a, b, c, d in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if what == "equal":
            runs.append(Run("kept", " ".join(old[a:b])))
            continue
        if b > a:
            runs.append(Run("removed", " ".join(old[a:b])))
        if d > c:
            runs.append(Run("added", " ".join(new[c:d])))
    return tuple(runs)


def _changes(before: Law | Words, after: Law | Words) -> Iterator[Change]:
    yield from _compare("", before, after)


def _compare(path: str, before: Any, after: Any) -> Iterator[Change]:
    """What differs at a place. A field that is not written has its default, so that a clock which stops counting
    working time is seen to count all time, and not to lose a word."""
    if before == after:
        return
    if isinstance(before, msgspec.Struct) and type(before) is type(after):
        yield from _compare_items(path, _fields(before), _fields(after), ".")
    elif isinstance(before, dict) and isinstance(after, dict):
        yield from _compare_items(path, before, after, ".")
    elif (old := _named(before, after)) is not None and (new := _named(after, before)) is not None:
        yield from _compare_items(path, old, new, "")
        if list(old) != list(new) and old.keys() == new.keys():
            yield _change(path, list(old), list(new))
    elif isinstance(before, str) and isinstance(after, str):
        yield Change(path, before, after, word_runs(before, after))
    else:
        yield _change(path, before, after)


def _compare_items(path: str, before: Mapping[str, Any], after: Mapping[str, Any], joint: str) -> Iterator[Change]:
    for key in [*before, *(key for key in after if key not in before)]:
        inner = f"{path}{joint}{key}".removeprefix(".")
        if key not in after:
            yield _change(inner, before[key], None)
        elif key not in before:
            yield _change(inner, None, after[key])
        else:
            yield from _compare(inner, before[key], after[key])


def _change(path: str, before: Any, after: Any) -> Change:
    return Change(path, msgspec.to_builtins(before), msgspec.to_builtins(after))


def _fields(value: msgspec.Struct) -> dict[str, Any]:
    """The fields by the names under which they are written."""
    return {field.encode_name: getattr(value, field.name) for field in msgspec.structs.fields(value)}


def _named(value: Any, other: Any) -> dict[str, Any] | None:
    """A list of things by their names, `[name]`; None for any other value or when names are missing or doubled. No
    things at all are a list of the `other` one's."""
    if not isinstance(value, list) or not isinstance(other, list):
        return None
    if not value and other:
        return {} if _named(other, other) is not None else None
    items = [_fields(item) if isinstance(item, msgspec.Struct) else item for item in value]
    if not items or not all(isinstance(item, dict) for item in items):
        return None
    key = next((name for name in _NAMES if all(isinstance(item.get(name), str) for item in items)), None)
    if key is None:
        return None
    named = {f"[{item[key]}]": thing for item, thing in zip(items, value, strict=True)}
    return named if len(named) == len(value) else None

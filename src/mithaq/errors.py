"""Refusals and faults: what others may do wrong, and what must never happen.

A *refusal* answers bad input of a counterpart, an officer or a file. It carries a stable code and named data, never a
sentence: the same refusal is shown in four languages and sent on the wire. The sentences stand beside the code in
`refusals/<area>.yaml`; a test holds the two together.

A *fault* is a broken promise inside the program itself. It says what was expected, what was found, and what the
operator can do.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

Datum = str | int | bool | None


class _Whole(Exception):
    """An exception that is copied, and sent to another process, as it stands, whatever its constructor takes."""

    def __reduce__(self) -> tuple[Callable[..., Any], tuple[Any, ...], dict[str, Any]]:
        return Exception.__new__, (type(self), *self.args), self.__dict__


class Refusal(_Whole):
    """Input that is not accepted: `code` is `area.reason`, `data` names what was found."""

    def __init__(self, code: str, **data: Datum) -> None:
        super().__init__(code, data)
        self.code = code
        self.data: Mapping[str, Datum] = data

    def __str__(self) -> str:
        named = " ".join(f"{name}={value!r}" for name, value in self.data.items())
        return f"{self.code} {named}".rstrip()

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Refusal) and (self.code, self.data) == (other.code, other.data)

    def __hash__(self) -> int:
        return hash((self.code, tuple(sorted(self.data.items(), key=lambda item: item[0]))))


@dataclass(frozen=True)
class Finding:
    """One thing wrong in a folder or file that is being checked: where it stands, and why it is refused."""

    file: str
    path: str
    code: str
    data: Mapping[str, Datum] = field(default_factory=dict)


class Fault(_Whole):
    """A broken promise inside the program: what was expected, what was found, what the operator can do."""

    def __init__(self, expected: str, found: str, remedy: str) -> None:
        super().__init__(f"expected {expected}; found {found}; {remedy}")
        self.expected, self.found, self.remedy = expected, found, remedy

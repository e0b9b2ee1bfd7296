"""Spoken numbers: how two desks, a printed page and a voice on the telephone name the same notice.

`IQ 1204-7` is the notice at index 1203 of IQ's log: party code, running number from 1, and a check digit (Luhn, modulo
10, over the digits of the running number), so that one wrong or two swapped digits are noticed. A party has a log for
each audience; one for fewer than all is named after the party: `IQ.north 12-5`.
"""

import re
from functools import lru_cache
from typing import NamedTuple

from mithaq.errors import Refusal
from mithaq.notices import epochs

ALL = "all"
"""The audience of every party, which is not said."""
EPOCH = 100_000_000
"""From one epoch of a log to the next the running number jumps by so much, so that no number ever names two notices."""

_DIGITS = {ord(digit): str(value) for block in ("٠١٢٣٤٥٦٧٨٩", "۰۱۲۳۴۵۶۷۸۹") for value, digit in enumerate(block)}
_SPOKEN = re.compile(
    r"([A-Za-z]{2,8})(?:\.([A-Za-z0-9]+(?:[._-][A-Za-z0-9]+)*)(?=[\s:]))?[\s:]*([0-9]{1,15})(?:\s*[-‐‑‒–−]\s*([0-9]))?"
)
_DIRECTION_MARKS = dict.fromkeys(map(ord, "\u200e\u200f\u061c\u2066\u2067\u2068\u2069\u202a\u202b\u202c"))
_LUHN_DOUBLED = (0, 2, 4, 6, 8, 1, 3, 5, 7, 9)


class Number(NamedTuple):
    """What a spoken number says: whose log, the running index in it, and for which audience that log is."""

    party: str
    running: int
    audience: str = ALL


def check_digit(number: int) -> int:
    """The Luhn check digit of a running number."""
    total = 0
    while number:
        number, four = divmod(number, 10_000)
        total += _luhn_sum(four)
    return -total % 10


@lru_cache(maxsize=10_000)
def _luhn_sum(four: int) -> int:
    """What four digits add, the last of them doubled: an even number of digits, so that they may stand anywhere."""
    digits = map(int, f"{four:04}")
    return sum(_LUHN_DOUBLED[digit] if place % 2 else digit for place, digit in enumerate(digits))


def spoken(party: str, index: int, audience: str = ALL) -> str:
    """The spoken number of the leaf with the running index `index` of the log of `party` for an audience."""
    return f"{caller(party, audience)} {index + 1}-{check_digit(index + 1)}"


def caller(party: str, audience: str = ALL) -> str:
    """How the log of a party for an audience is called: `IQ`, `IQ.north`."""
    return party if audience == ALL else f"{party}.{audience}"


def audience_of(log: str) -> str:
    """The audience of the log with this origin."""
    return log.split("/")[2] if log.count("/") == 3 else ALL


def running(log: str, index: int) -> int:
    """The running index of a leaf over all epochs of its party's log: `index` itself in the first one."""
    return (epochs.of(log) - 1) * EPOCH + index


def place(number: int) -> tuple[int, int]:
    """Epoch and index of a running index."""
    return number // EPOCH + 1, number % EPOCH


def spoken_in(party: str, log: str, index: int) -> str:
    """The spoken number of the leaf at `index` of the log `log` of `party`."""
    return spoken(party, running(log, index), audience_of(log))


def parse(text: str) -> Number:
    """What a spoken number says as a person types it.

    Takes Arabic-Indic and Persian digits, either case, and a number without its check digit; refuses a check digit that
    does not fit.
    """
    match = _SPOKEN.fullmatch(text.translate(_DIRECTION_MARKS).translate(_DIGITS).strip())
    if match is None or int(match[3]) == 0:
        raise Refusal("number.not-a-number", text=text[:40])
    number = int(match[3])
    if match[4] is not None and int(match[4]) != check_digit(number):
        raise Refusal("number.wrong-check-digit", number=number, found=int(match[4]))
    return Number(match[1].upper(), number - 1, match[2] or ALL)

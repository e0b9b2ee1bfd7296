"""Spoken numbers: how two desks, a printed page and a voice on the telephone name the same notice.

`IQ 1204-7` is the notice at index 1203 of IQ's log: party code, running number from 1, and a check digit (Luhn, modulo
10, over the digits of the running number), so that one wrong or two swapped digits are noticed.
"""

import re

from mithaq.errors import Refusal
from mithaq.notices import epochs

EPOCH = 100_000_000
"""From one epoch of a log to the next the running number jumps by so much, so that no number ever names two notices."""

_DIGITS = {ord(digit): str(value) for block in ("٠١٢٣٤٥٦٧٨٩", "۰۱۲۳۴۵۶۷۸۹") for value, digit in enumerate(block)}
_SPOKEN = re.compile(r"([A-Za-z]{2,8})[\s:]*([0-9]{1,15})(?:\s*[-‐‑‒–−]\s*([0-9]))?")
_DIRECTION_MARKS = dict.fromkeys(map(ord, "\u200e\u200f\u061c\u2066\u2067\u2068\u2069\u202a\u202b\u202c"))
_LUHN_DOUBLED = (0, 2, 4, 6, 8, 1, 3, 5, 7, 9)


def check_digit(number: int) -> int:
    """The Luhn check digit of a running number."""
    total = 0
    for place, digit in enumerate(reversed(str(number))):
        total += _LUHN_DOUBLED[int(digit)] if place % 2 == 0 else int(digit)
    return -total % 10


def spoken(party: str, index: int) -> str:
    """The spoken number of the leaf with the running index `index` of the log of `party`."""
    return f"{party} {index + 1}-{check_digit(index + 1)}"


def running(log: str, index: int) -> int:
    """The running index of a leaf over all epochs of its party's log: `index` itself in the first one."""
    return (epochs.of(log) - 1) * EPOCH + index


def place(number: int) -> tuple[int, int]:
    """Epoch and index of a running index."""
    return number // EPOCH + 1, number % EPOCH


def spoken_in(party: str, log: str, index: int) -> str:
    """The spoken number of the leaf at `index` of the log `log` of `party`."""
    return spoken(party, running(log, index))


def parse(text: str) -> tuple[str, int]:
    """Party code and running index of a spoken number as a person types it.

    Takes Arabic-Indic and Persian digits, either case, and a number without its check digit; refuses a check digit that
    does not fit.
    """
    match = _SPOKEN.fullmatch(text.translate(_DIRECTION_MARKS).translate(_DIGITS).strip())
    if match is None or int(match[2]) == 0:
        raise Refusal("number.not-a-number", text=text[:40])
    number = int(match[2])
    if match[3] is not None and int(match[3]) != check_digit(number):
        raise Refusal("number.wrong-check-digit", number=number, found=int(match[3]))
    return match[1].upper(), number - 1

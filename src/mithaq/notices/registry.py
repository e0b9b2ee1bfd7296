"""A party's own registry numbers: what its registry calls a notice, beside the number that both sides speak.

Each party keeps its own, by its own custom; the other side never sees it. It is typed, or made by a pattern with
`{running}` and, where it begins again each year, `{year}`: `{year}/{running}` makes `1404/37`.
"""

import re
import unicodedata

from mithaq.calendars import parse_digits
from mithaq.errors import Refusal

LONGEST = 60
_SLOT = re.compile(r"\{([^{}]*)\}")
_JOINERS = dict.fromkeys(map(ord, "\u200c\u200d"))
_MARKS = dict.fromkeys(map(ord, "\u200e\u200f\u061c\u2066\u2067\u2068\u2069\u202a\u202b\u202c\u202d\u202e"))


def check_pattern(pattern: str) -> None:
    """Refuse (`registry.bad-pattern`) a pattern that does not hold `{running}` once, or that holds another slot than
    `{year}`. An empty one is none."""
    slots = _SLOT.findall(pattern)
    rest = _SLOT.sub("", pattern)
    known = slots.count("running") == 1 and slots.count("year") <= 1 and set(slots) <= {"running", "year"}
    if pattern and (not known or "{" in rest or "}" in rest or not is_one_line(pattern) or len(pattern) > LONGEST):
        raise Refusal("registry.bad-pattern", pattern=pattern[:LONGEST])


def made(pattern: str, year: int, running: int) -> str:
    """The number that a pattern makes, in ASCII digits."""
    return pattern.replace("{year}", str(year)).replace("{running}", str(running))


def typed(text: str) -> str:
    """A registry number as an officer typed it; refuses (`registry.bad-number`) what is none: empty, too long, or
    not in one line."""
    number = text.translate(_MARKS).strip()
    if not number or len(number) > LONGEST or not is_one_line(number):
        raise Refusal("registry.bad-number", limit=LONGEST)
    return number


def is_one_line(text: str) -> bool:
    """Whether a text is one line of letters that are seen, joiners aside, which Persian and Sorani write with."""
    return text.translate(_JOINERS).isprintable()


def key(text: str) -> str:
    """Under what a registry number is found: digits of any language, either case, spaces and marks of direction aside,
    are the same."""
    plain = unicodedata.normalize("NFKC", parse_digits(text.translate(_MARKS)))
    return "".join(plain.split()).casefold()

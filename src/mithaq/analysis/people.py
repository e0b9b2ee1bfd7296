"""Which notices analysis never takes: those about people, and whole families of kinds to be sure.

What befell someone is answered by the other party; it is never matched, scanned or counted into a warning (DESIGN
section 11). The families stand here, in code, so that no instrument and no new kind of a family can open them.
"""

import re

FAMILIES = frozenset({"assistance", "crossing", "flow"})
"""The first word of a kind's name: help that was asked for, who crossed and how many, and by which way they may."""

_WORD = re.compile(r"[a-z]+")


def is_about_people(kind: str) -> bool:
    """Whether a kind is of such a family, in whatever case and with whatever sign between its words."""
    first = _WORD.search(kind.lower())
    return first is not None and first[0] in FAMILIES

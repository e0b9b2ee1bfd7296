"""One party's statement under the instrument, as plain values: what folds over crossings, flows and plans read.

Such folds know no notice: they take statements in the order of the record and give what each party says now.
"""

from collections.abc import Mapping
from typing import Any

import msgspec


class Statement(msgspec.Struct, frozen=True, gc=False):
    """Who said it, under which spoken number, when, where in the order of the record, and the coded facts."""

    party: str
    number: str
    at: str
    order: tuple[int, str, int]
    facts: Mapping[str, Any]
    facet: str = ""
    """The facet of its kind for which it is read here."""
    refers: tuple[str, ...] = ()
    """Spoken numbers of the notices that it refers to."""

"""With what one looks for gatherings: what one instrument's desk may set, within bounds that stand here.

A setting is a party's own. It decides what its desk is warned of and nothing else: no notice, no clock, no state of the
record depends on it. Every look names its settings, so the other party makes the same look with them.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Final

from mithaq.errors import Refusal

BOUNDS: Final[Mapping[str, tuple[int, int]]] = {
    "recurrence": (30, 3_650),
    "history": (90, 1_095),
    "longest": (2, 28),
    "widest": (0, 2_000),
}
"""The least and the most of what can be set: days, days, days, kilometres."""
_FEW_DRAWS, _SELDOM_BY_FEW = 999, 500


@dataclass(frozen=True, slots=True)
class Settings:
    """With what one looks; every one is part of the result."""

    history: int = 365
    """Days before the look from which cases count."""
    longest: int = 14
    """Days of the longest cluster."""
    recurrence: int = 365
    """A warning is what chance makes once in so many days, with a look every day: about one a year is false."""
    replicates: int = _FEW_DRAWS
    enough: int = 2
    """So many draws as surprising as the record or more end the draws: it is no warning any more."""
    seed: int = 1
    widest: int = 0
    """Kilometres along the line, from the middle of the first sector of a cluster to that of the last; 0 where only the
    share of all cases bounds it."""

    def numbers(self) -> Mapping[str, int]:
        """Every setting by its name, in one order."""
        return asdict(self)


DAILY: Final = Settings()


def chosen(*, recurrence: int, history: int, longest: int, widest: int) -> Settings:
    """The settings that an officer chose, with as many draws as so seldom a thing takes to be seen.

    Refuses numbers outside their bounds (`warning.bad-setting`), with the least and the most.
    """
    given = {"recurrence": recurrence, "history": history, "longest": longest, "widest": widest}
    for name, value in given.items():
        least, most = BOUNDS[name]
        if not least <= value <= most:
            raise Refusal("warning.bad-setting", setting=name, found=value, least=least, most=most)
    draws = _FEW_DRAWS if recurrence <= _SELDOM_BY_FEW else 10 * (_FEW_DRAWS + 1) - 1
    return Settings(
        history=history,
        longest=longest,
        recurrence=recurrence,
        replicates=draws,
        enough=(draws + 1) // recurrence,
        widest=widest,
    )

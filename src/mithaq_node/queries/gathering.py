"""Where incidents gather, as one looks today; computed when somebody asks, once for each book and day.

It needs the extra `analysis`; without it nothing is computed, and the page says so.
"""

import threading
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from mithaq import moments
from mithaq.activities.drawing import Drawing, Path, draw
from mithaq.activities.extents import Ground
from mithaq.instrument.law import Law
from mithaq.notices.book import Book
from mithaq_node.queries import instrument, ledgers

if TYPE_CHECKING:
    from mithaq.prevention.gathering import Look


@dataclass(frozen=True)
class Gathering:
    """A look, and the line with its sectors."""

    look: "Look"
    drawing: Drawing
    warned: tuple[Path, ...]
    """The sectors of the drawing of which something is warned."""

    @property
    def most(self) -> int:
        """The cases of the sector and week that has most."""
        return max((max(each.weeks) for each in self.look.lines), default=0)


_lock = threading.Lock()
_last: tuple[Book, date, Gathering] | None = None


def gathering(now: str) -> Gathering | None:
    """What gathers, all days counted in UTC so that both nodes count alike; None where this node cannot tell."""
    global _last
    book, day = ledgers.book(), date.fromisoformat(moments.civil_day(moments.parse(now), 0))
    with _lock:
        if _last is None or _last[0] is not book or _last[1] != day:
            found = _found(instrument.law(), book, day)
            if found is None:
                return None
            _last = book, day, found
        return _last[2]


def _found(law: Law, book: Book, day: date) -> Gathering | None:
    try:
        from mithaq.prevention.gathering import look
    except ModuleNotFoundError as error:
        if error.name != "numpy":
            raise
        return None
    seen = look(law, book, day)
    warned = {sector for each in seen.warnings if isinstance(each.where, tuple) for sector in each.where}
    ground = Ground(law)
    extents = (ground.extent({"form": "sector", "sector": each.id}) for each in law.sectors)
    drawing = draw(ground, [each for each in extents if each is not None])
    return Gathering(
        look=seen,
        drawing=drawing,
        warned=tuple(path for each, path in zip(law.sectors, drawing.places, strict=True) if each.id in warned),
    )

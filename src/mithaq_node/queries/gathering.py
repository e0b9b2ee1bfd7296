"""Where incidents gather, as one looks today; computed when somebody asks, once for each book and day.

What has not changed since the last book is not read again. It needs the extra `analysis`; without it nothing is
computed, and the page says so.
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
from mithaq.prevention.settings import Settings
from mithaq_node.queries import ledgers, warned

if TYPE_CHECKING:
    from mithaq.prevention.gathering import Look, Looks


@dataclass(frozen=True)
class Gathering:
    """A look, and the line with its sectors."""

    day: date
    """On which one looks, in UTC."""
    look: "Look"
    drawing: Drawing
    warned: tuple[Path, ...]
    """The sectors of the drawing of which something is warned."""

    @property
    def most(self) -> int:
        """The cases of the sector and week that has most."""
        return max((max(each.weeks) for each in self.look.lines), default=0)

    @property
    def up_to(self) -> tuple[str, ...]:
        """The cut of the look as people say it."""
        return ledgers.up_to(self.look.cut)


class _Follower:
    """What is known of the gatherings of one law, kept up with the book."""

    def __init__(self, law: Law, looks: "Looks") -> None:
        self._law, self._looks = law, looks
        self._lock = threading.Lock()
        self._last: tuple[Book, date, Settings, Gathering] | None = None
        ground = Ground(law)
        extents = (ground.extent({"form": "sector", "sector": each.id}) for each in law.sectors)
        self._drawing = draw(ground, [each for each in extents if each is not None])

    def at(self, book: Book, day: date, settings: Settings) -> Gathering:
        """What gathers at a book, as one looks on a day."""
        with self._lock:
            if self._last is None or self._last[0] is not book or self._last[1:3] != (day, settings):
                self._last = book, day, settings, self._found(day, self._looks.at(book, day, settings))
            return self._last[3]

    def volume(self, book: Book, day: date, settings: Settings) -> tuple[int, ...]:
        """The cases that a look counts, each as the number of its sector along the line."""
        with self._lock:
            return self._looks.volume(book, day, settings)

    def _found(self, day: date, look: "Look") -> Gathering:
        warned = {sector for each in look.warnings if isinstance(each.where, tuple) for sector in each.where}
        drawn = zip(self._law.sectors, self._drawing.places, strict=True)
        return Gathering(day, look, self._drawing, tuple(path for each, path in drawn if each.id in warned))


_followers: dict[ledgers.Key, _Follower] = {}


def gathering(now: str) -> Gathering | None:
    """What gathers, looked at with this party's settings, all days counted in UTC so that both nodes count alike; None
    where this node cannot tell.
    """
    follower = _follower()
    return follower.at(ledgers.book(), day_of(now), warned.settings()) if follower else None


def volume(now: str, settings: Settings) -> tuple[int, ...] | None:
    """The cases that a look with these settings counts, each as the number of its sector along the line; None where
    this node cannot tell."""
    follower = _follower()
    return follower.volume(ledgers.book(), day_of(now), settings) if follower else None


def can_tell() -> bool:
    """Whether this node can tell what gathers."""
    return _follower() is not None


def day_of(now: str) -> date:
    """The day of a moment, in UTC."""
    return date.fromisoformat(moments.civil_day(moments.parse(now), 0))


def _follower() -> _Follower | None:
    key, sealed = ledgers.standing()
    follower = _followers.get(key) or _following(sealed.law)
    return _followers.setdefault(key, follower) if follower else None


def _following(law: Law) -> _Follower | None:
    try:
        from mithaq.prevention.gathering import Looks
    except ModuleNotFoundError as error:
        if error.name != "numpy":
            raise
        return None
    return _Follower(law, Looks(law))

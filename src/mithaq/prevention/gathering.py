"""Where and when incidents of the record gather: one look at the whole line, the same on both nodes.

    cases       one for each incident of which some party has told by a kind with the facet `sighting`: its sector, and
                the day of what happened as the first of them states it. Notices that refer to each other are one
                incident; so are two that both parties have confirmed to be one
    scan        space-time permutation over stretches of neighbouring sectors and windows that end with the day before
                the look (`mithaq.analysis.clusters`)
    warnings    what would come about by chance once in `recurrence` days or less often, told as sectors and a week; a
                warning holds for a week, so what the looks of the last seven days find is found again, from the record
                as it stands: a notice that came late since, was withdrawn or paired makes and unmakes warnings of the
                days before (docs/decisions/0173)

A warning says that reports gather, and nothing of why, of whom, or of what comes next. It raises no notice and no
alarm. Kinds about people are refused, whatever facet an instrument gives them.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property, lru_cache
from typing import Any, Final

from mithaq import canonical
from mithaq.analysis.clusters import asking, null_years, tables, zones
from mithaq.analysis.clusters.study import refuse_people, study
from mithaq.analysis.clusters.warnings import SHORTEST, Warning, week_around
from mithaq.instrument.law import Law
from mithaq.notices.book import Book, Incident
from mithaq.notices.fields.sites import sector_of
from mithaq.notices.matches import Standing as Word
from mithaq.prevention.pairs import Index, spoken_of
from mithaq.prevention.settings import DAILY, Settings
from mithaq.prevention.sightings import Reader

METHOD: Final = 2
"""Changes whenever the same book could give another look."""
WEEKS: Final = 13
"""Shown of each sector."""
_THOUSAND, _MILLION = 1_000, 1_000_000


@dataclass(frozen=True, slots=True)
class Case:
    """One incident as it is counted."""

    number: str
    """Spoken number of the incident, the first where there are two of one."""
    kind: str
    sector: str
    day: date


@dataclass(frozen=True, slots=True)
class Line:
    """A sector: what was seen in its last week beside what was to be expected, and its last weeks."""

    sector: str
    observed: int
    expected: int
    """In thousandths: its share of all cases times the cases of that week everywhere."""
    weeks: tuple[int, ...]
    """Cases of each week, the latest last."""


@dataclass(frozen=True)
class Look:
    """What one look found."""

    settings: Settings
    cut: Mapping[str, int]
    first: date
    last: date
    cases: int
    without_sector: int
    """Incidents that state no sector which the law in force knows, and are not counted."""
    lines: tuple[Line, ...]
    """In the order of the sectors along the line."""
    warnings: tuple[Warning, ...]
    """Those of the latest look first, of each look the most surprising; no two share a sector."""

    @property
    def method(self) -> int:
        """By which version of the method it was made."""
        return METHOD

    def encoded(self) -> bytes:
        """Canonical bytes, which two nodes can compare."""
        said = self.settings
        head = [self.method, *said.numbers().values()]
        lines = [[each.sector, each.observed, each.expected, list(each.weeks)] for each in self.lines]
        return canonical.encode_trusted(
            [head, dict(self.cut), self.last.isoformat(), self.cases, lines, [_row(each) for each in self.warnings]]
        )


def look(law: Law, book: Book, day: date, settings: Settings = DAILY) -> Look:
    """What gathers as one looks on a day: whole days before it are counted. Refuses a kind about people
    (`scan.about-people`).
    """
    return Looks(law).at(book, day, settings)


def by_chance(line: tuple[zones.Place, ...], volume: Sequence[int], settings: Settings, number: int) -> int:
    """How many warnings a year without any clustering gives: the year `number`, of as many cases as `volume` has for
    the days that a look counts, each in the sector of one of them, on days that have nothing to do with it. One that
    goes on counts once.
    """
    return null_years.alarms(
        line,
        volume,
        history=settings.history,
        asked=_asked(settings),
        recurrence=settings.recurrence,
        holds=SHORTEST,
        number=number,
    )


class Looks:
    """The looks of one law, kept up as the book grows: what an incident tells is read once."""

    def __init__(self, law: Law) -> None:
        self.law = law
        self._reader = Reader(law)
        self._index = Index(law)
        self._read: dict[str, tuple[Incident, _Told | None]] = {}
        """What was read of each incident; one that did not change is the same value in the next book."""

    def at(self, book: Book, day: date, settings: Settings = DAILY) -> Look:
        """The look of a day; see `look`."""
        first, last = day - timedelta(days=settings.history), day - timedelta(days=1)
        known = self.cases(book, first - timedelta(days=SHORTEST - 1), last)
        every = [each for each in known if first <= each.day]
        counted = [each for each in every if each.sector]
        return Look(
            settings=settings,
            cut=book.cut,
            first=first,
            last=last,
            cases=len(counted),
            without_sector=len(every) - len(counted),
            lines=tuple(_lines(self.law, counted, last)),
            warnings=tuple(_holding(self.law, known, day, settings)),
        )

    def volume(self, book: Book, day: date, settings: Settings) -> tuple[int, ...]:
        """The cases that a look of a day counts, each as the number of its sector along the line: what `by_chance`
        takes."""
        known = self.cases(book, day - timedelta(days=settings.history), day - timedelta(days=1))
        index = {each.id: number for number, each in enumerate(self.law.sectors)}
        return tuple(index[each.sector] for each in known if each.sector)

    def cases(self, book: Book, first: date = date.min, last: date = date.max) -> tuple[Case, ...]:
        """Every incident of these days that counts, once, in the order of the record. Two that are one are of the day
        that stands first in the record."""
        self._follow(book)
        ones = self._ones(book)
        among = [
            (incident.notices[0].order, number, told)
            for number, (incident, told) in self._read.items()
            if told is not None and (first <= told.day <= last or number in ones)
        ]
        found: dict[str, Case] = {}
        for _, number, told in sorted(among, key=lambda each: each[0]):
            if (one := ones.get(number, number)) not in found:
                found[one] = Case(number, told.kind, told.sector if first <= told.day <= last else "", told.day)
        return tuple(each for each in found.values() if first <= each.day <= last)

    def _follow(self, book: Book) -> None:
        read = {}
        for number, incident in book.incidents.items():
            known = self._read.get(number)
            read[number] = known if known and known[0] is incident else (incident, self._told(incident))
        self._read = read

    def _told(self, incident: Incident) -> "_Told | None":
        opener = next(self._reader.openers(incident), None)
        if opener is None or opener.facts is None or "happened" not in opener.facts:
            return None
        refuse_people([opener.kind])
        day = date.fromisoformat(str(opener.facts["happened"])[:10])
        return _Told(self.law, opener.kind, day, opener.facts.get("place"))

    def _ones(self, book: Book) -> Mapping[str, str]:
        """Each incident that both parties have confirmed to be one with another, to one of them that stands for all."""
        ones: dict[str, str] = {}
        for pair in spoken_of(book, self._index) if book.matches else ():
            if pair.standing is Word.CONFIRMED:
                first, second = (_end(ones, each.thread) for each in pair.notices)
                ones |= {first: first, second: first}
        return {each: _end(ones, each) for each in ones}


@dataclass(frozen=True)
class _Told:
    """What the first of those who tell of an incident states."""

    law: Law
    kind: str
    day: date
    place: Mapping[str, Any] | None

    @cached_property
    def sector(self) -> str:
        """Asked of incidents of the days that count alone; empty where the law in force knows none."""
        return sector_of(self.place, self.law) or "" if self.place else ""


def _end(ones: Mapping[str, str], each: str) -> str:
    """Where a chain of incidents that are one ends."""
    while ones.get(each, each) != each:
        each = ones[each]
    return each


def _lines(law: Law, counted: Sequence[Case], last: date) -> Iterator[Line]:
    this_week = sum(_week(each, last) == 0 for each in counted)
    for sector in law.sectors:
        own = [_week(each, last) for each in counted if each.sector == sector.id]
        weeks = tuple(own.count(back) for back in reversed(range(WEEKS)))
        share = len(own) * this_week * _THOUSAND
        yield Line(sector.id, weeks[-1], share // len(counted) if counted else 0, weeks)


def _week(case: Case, last: date) -> int:
    """How many weeks before the last one a case lies."""
    return (last - case.day).days // SHORTEST


def line_of(law: Law) -> tuple[zones.Place, ...]:
    """The sectors as places of a scan along the line: each at its middle, in metres."""
    return tuple(zones.Place(each.id, (each.start + each.end) // 2) for each in law.sectors)


def _holding(law: Law, known: Sequence[Case], day: date, settings: Settings) -> Iterator[Warning]:
    """The warnings of the looks of seven days, but those of places of which a later look warns too."""
    line = line_of(law)
    taken: set[str] = set()
    for back in range(SHORTEST):
        first, last = (day - timedelta(days=back + before) for before in (settings.history, 1))
        counted = tuple(each for each in known if each.sector and first <= each.day <= last)
        for warning in _warnings(line, counted, (first, last), settings):
            where = set(warning.where) if isinstance(warning.where, tuple) else set()
            if taken.isdisjoint(where):
                taken |= where
                yield warning


@lru_cache(maxsize=4 * SHORTEST)
def _warnings(
    line: tuple[zones.Place, ...], counted: tuple[Case, ...], span: tuple[date, date], settings: Settings
) -> tuple[Warning, ...]:
    """What one look found; remembered, since the looks of other days change only when one of their cases does."""
    if not counted:
        return ()
    rows: list[tables.Row] = [{"place": each.sector, "date": each.day.isoformat()} for each in counted]
    found = asking.scan(study(rows, line, span=span), _asked(settings))
    rare = (each for each in found.clusters if (each.recurrence_days or 0) >= settings.recurrence)
    return () if found.stopped else tuple(_warning(each) for each in rare)


def _asked(settings: Settings) -> asking.Asked:
    return asking.Asked(
        along=True,
        prospective=True,
        max_radius_km=settings.widest / 2 or None,  # a stretch is as long as a circle is wide
        max_intervals=settings.longest,
        replicates=settings.replicates,
        seed=settings.seed,
        stop_at=settings.enough,
        stop_on_ties=True,
    )


def _warning(found: asking.Cluster) -> Warning:
    first, last = week_around(found.first, found.last)
    return Warning(
        where=found.members,
        first=first,
        last=last,
        observed=found.observed,
        expected=found.expected,
        p=found.p,
        recurrence_days=found.recurrence_days or 0,
    )


def _row(warning: Warning) -> Sequence[Any]:
    where = list(warning.where) if isinstance(warning.where, tuple) else []
    chance = [round(warning.expected * _THOUSAND), round(warning.p * _MILLION), warning.recurrence_days]
    return [where, warning.first.isoformat(), warning.last.isoformat(), warning.observed, *chance]

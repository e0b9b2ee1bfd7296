"""Where and when incidents of the record gather: one look at the whole line, the same on both nodes.

    cases       one for each incident of which some party has told by a kind with the facet `sighting`: its sector, and
                the day of what happened as the first of them states it. Notices that refer to each other are one
                incident; so are two that both parties have confirmed to be one
    scan        space-time permutation over stretches of neighbouring sectors and windows that end with the day before
                the look (`mithaq.analysis.clusters`)
    warnings    what would come about by chance once in `recurrence` days or less often, told as sectors and a week; a
                warning holds for a week, so what the looks of the last seven days found is found again

A warning says that reports gather, and nothing of why, of whom, or of what comes next. It raises no notice and no
alarm. Kinds about people are refused, whatever facet an instrument gives them.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from typing import Any, Final

from mithaq import canonical
from mithaq.analysis.clusters import asking, tables, zones
from mithaq.analysis.clusters.study import refuse_people, study
from mithaq.analysis.clusters.warnings import SHORTEST, Warning, week_around
from mithaq.instrument.law import Law
from mithaq.notices import matches
from mithaq.notices.book import Book, Incident
from mithaq.notices.fields.sites import sector_of
from mithaq.notices.matches import Standing as Word
from mithaq.prevention.sightings import Reader

METHOD: Final = 1
"""Changes whenever the same book could give another look."""
WEEKS: Final = 13
"""Shown of each sector."""
_THOUSAND, _MILLION = 1_000, 1_000_000


@dataclass(frozen=True, slots=True)
class Settings:
    """With what one looks; every one is part of the result."""

    history: int = 365
    """Days before the look from which cases count."""
    longest: int = 14
    """Days of the longest cluster."""
    recurrence: int = 365
    """A warning is what chance makes once in so many days, with a look every day: about one a year is false."""
    replicates: int = 999
    enough: int = 2
    """So many draws more surprising than the record end the draws: it is no warning any more."""
    seed: int = 1


DAILY: Final = Settings()


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
    """Incidents that state no sector and are not counted."""
    lines: tuple[Line, ...]
    """In the order of the sectors along the line."""
    warnings: tuple[Warning, ...]
    """Those of the latest look first, of each look the most surprising; no two share a sector."""

    def encoded(self) -> bytes:
        """Canonical bytes, which two nodes can compare."""
        said = self.settings
        head = [METHOD, said.history, said.longest, said.recurrence, said.replicates, said.enough, said.seed]
        lines = [[each.sector, each.observed, each.expected, list(each.weeks)] for each in self.lines]
        return canonical.encode_trusted(
            [head, dict(self.cut), self.last.isoformat(), self.cases, lines, [_row(each) for each in self.warnings]]
        )


def look(law: Law, book: Book, day: date, settings: Settings = DAILY) -> Look:
    """What gathers as one looks on a day: whole days before it are counted. Refuses a kind about people
    (`scan.about-people`).
    """
    first, last = day - timedelta(days=settings.history), day - timedelta(days=1)
    known = cases(law, book)
    every = [each for each in known if first <= each.day <= last]
    counted = [each for each in every if each.sector]
    return Look(
        settings=settings,
        cut=book.cut,
        first=first,
        last=last,
        cases=len(counted),
        without_sector=len(every) - len(counted),
        lines=tuple(_lines(law, counted, last)),
        warnings=tuple(_holding(law, known, day, settings)),
    )


def cases(law: Law, book: Book) -> tuple[Case, ...]:
    """Every incident that counts, once, in the order of the record."""
    reader, ones = Reader(law), _ones(law, book)
    found: dict[str, Case] = {}
    for incident in sorted(book.incidents.values(), key=lambda each: each.notices[0].order):
        number = ones.get(incident.number, incident.number)
        case = None if number in found else _case(law, reader, incident, number)
        if case is not None:
            found[number] = case
    return tuple(found.values())


def _case(law: Law, reader: Reader, incident: Incident, number: str) -> Case | None:
    opener = next(reader.openers(incident), None)
    if opener is None or opener.facts is None:
        return None
    refuse_people([opener.kind])
    return Case(
        number=number,
        kind=opener.kind,
        sector=sector_of(opener.facts["place"], law) or "",
        day=date.fromisoformat(str(opener.facts["happened"])[:10]),
    )


def _ones(law: Law, book: Book) -> Mapping[str, str]:
    """Each incident that both parties have confirmed to be one with another, to one number for all of them."""
    ones: dict[str, str] = {}
    for pair in matches.pairs(book, matches.Index(law)) if book.matches else ():
        if pair.standing is Word.CONFIRMED:
            first, second = (ones.get(each.thread, each.thread) for each in pair.notices)
            ones |= {each: first for each, one in ones.items() if one == second} | {second: first, first: first}
    return ones


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


def _holding(law: Law, known: Sequence[Case], day: date, settings: Settings) -> Iterator[Warning]:
    """The warnings of the looks of seven days, but those of places of which a later look warns too."""
    line = tuple(zones.Place(each.id, (each.start + each.end) // 2) for each in law.sectors)
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
    asked = asking.Asked(
        along=True,
        prospective=True,
        max_intervals=settings.longest,
        replicates=settings.replicates,
        seed=settings.seed,
        stop_at=settings.enough,
    )
    found = asking.scan(study(rows, line, span=span), asked).clusters
    return tuple(_warning(each) for each in found if (each.recurrence_days or 0) >= settings.recurrence)


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

"""Flows: what was forecast and counted, where forecasts are above a capacity, and the seasons."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.conf import settings

from mithaq import moments
from mithaq.corridors import flows as folds
from mithaq.corridors.flows import CapacityWarning, Flow, SeasonLine
from mithaq.corridors.tables import CAPACITY, KEY, Place, Terms, fold_word
from mithaq.instrument.law import Kind
from mithaq_node.queries import instrument, ledgers
from mithaq_node.store.models import Draft, DraftState

MOST_DAYS = 120
"""Days with figures on a page, crossing by crossing and direction by direction."""
PILGRIMS = "pilgrims"


@dataclass(frozen=True, slots=True)
class Season:
    """One season: the sums of each source, and the largest of them."""

    year: int
    lines: tuple[SeasonLine, ...]

    @property
    def most(self) -> int:
        return max((line.total for line in self.lines), default=0)


@dataclass(frozen=True, slots=True)
class Figures:
    """What the page of flows shows."""

    warnings: tuple[CapacityWarning, ...]
    seasons: tuple[int, ...]
    """The years of which anything was counted, the latest first."""
    season: Season | None
    days: tuple[Flow, ...]
    """The latest first."""
    more: int
    """How many days there are beyond those."""


def figures(now: str, crossing: str = "", year: int | None = None) -> Figures:
    """The flows as of `now`, of one crossing where one is named; the season of `year`, or the latest."""
    book, offset = ledgers.book(), instrument.own_party().hijri_offset
    chosen = [flow for flow in book.flows.values() if crossing in ("", flow.crossing)]
    years = {found for flow in chosen if flow.counts(folds.COUNT) and (found := folds.season_of(flow.day, offset))}
    asked = year if year in years else max(years, default=None)
    latest = sorted(chosen, key=lambda flow: (flow.day, flow.crossing, flow.direction), reverse=True)
    today = moments.civil_day(moments.parse(now), instrument.own_party().utc_offset)
    return Figures(
        warnings=folds.capacity_warnings(chosen, book.crossings.values(), today),
        seasons=tuple(sorted(years, reverse=True)),
        season=Season(asked, folds.season(chosen, asked, PILGRIMS, offset)) if asked else None,
        days=tuple(latest[:MOST_DAYS]),
        more=len(latest[MOST_DAYS:]),
    )


def kind_of_officers() -> Kind | None:
    """The kind of notice by which officers tell figures; None where the instrument has none."""
    found = (kind for kind in instrument.law().kinds if folds.FACET in kind.facets and kind.release != "machine")
    return next(found, None)


def terms(kind: Kind) -> Terms:
    """The words that a table may use: codes of the instrument, and its labels in every language."""
    sealed = instrument.sealed()
    fields = {field.name: field for field in kind.fields}
    lists = {name: fields[name].codes for name in ("direction", "stage", "source") if name in fields}
    categories = sealed.law.codes.get(fields["counts"].codes, [])

    def words(keys: Mapping[str, str]) -> dict[str, str]:
        """Every label of the keys, and the code itself, to the code."""
        found = {fold_word(text): code for code, key in keys.items() for text in sealed.words.labels[key].values()}
        return found | {fold_word(code): code for code in keys}

    named = {name: f"field.{kind.name}.{name}" for name in (*KEY, CAPACITY) if name in fields}
    values: dict[str, Mapping[str, str]] = {
        name: words({code: f"code.{codes}.{code}" for code in sealed.law.codes[codes]}) for name, codes in lists.items()
    }
    values["crossing"] = words({each.id: f"crossing.{each.id}" for each in sealed.law.crossings})
    return Terms(
        columns=words({code: f"code.{fields['counts'].codes}.{code}" for code in categories}) | words(named),
        values=values,
        categories=frozenset(categories),
        hijri_offset=instrument.own_party().hijri_offset,
    )


def stated() -> Mapping[Place, Mapping[str, int]]:
    """What this party has told so far."""
    own = str(settings.NODE.party)
    return {
        (flow.crossing, flow.day, flow.direction, stage, source): said.facts["counts"]
        for flow in ledgers.book().flows.values()
        for (party, stage, source), said in flow.statements.items()
        if party == own
    }


def drafted(kind: Kind) -> list[dict[str, Any]]:
    """What stands in the drafts of a kind that have not left."""
    waiting = Draft.objects.filter(kind=kind.name).exclude(state=DraftState.RELEASED)
    return list(waiting.values_list("content", flat=True))


def rows(crossing: str = "") -> Iterator[tuple[str | int, ...]]:
    """Every figure as a row of a table, its heading in front: the columns that an import reads, then who told it."""
    categories = sorted(instrument.law().codes.get("flow", []))
    yield (*KEY, CAPACITY, *categories, "party", "number")
    for _, flow in sorted(ledgers.book().flows.items()):
        if crossing not in ("", flow.crossing):
            continue
        for (party, stage, source), said in sorted(flow.statements.items()):
            counts = [said.facts["counts"].get(name, "") for name in categories]
            place = (flow.crossing, flow.day, flow.direction, stage, source)
            yield (*place, said.facts.get(CAPACITY, ""), *counts, party, said.number)

"""Earlier commitments and decisions as this node's record has them, and what of a table was entered already."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from mithaq import canonical
from mithaq.errors import Refusal
from mithaq.followup import earlier
from mithaq.followup.commitments import Column
from mithaq.followup.earlier import Entry
from mithaq.instrument.law import Kind
from mithaq.notices.parts import FACTS
from mithaq_node.queries import incidents, instrument, ledgers
from mithaq_node.queries.incidents import NoticeView
from mithaq_node.store.models import Draft, DraftState

MOST_SHOWN = 40
"""Entries on a page with their words."""


@dataclass(frozen=True, slots=True)
class Shown:
    """A page of entries with their words, the latest day first."""

    entries: tuple[tuple[Entry, NoticeView], ...]
    page: int
    """From 1."""
    pages: int
    total: int
    figures: Column | None
    """How the commitments that all have sealed stood; None of decisions."""


@dataclass(frozen=True, slots=True)
class Entered:
    """What was entered already, by its coded facts; words are read only of what says the same in those."""

    _kind: Kind
    _numbers: Mapping[bytes, list[str]]
    _now: str

    def number(self, content: Mapping[str, Any]) -> str:
        """The spoken number of the entry that says just this; empty where there is none."""
        names = [field.name for field in self._kind.fields if field.part == FACTS and field.name in content]
        for number in self._numbers.get(canonical.encode({name: content[name] for name in names}), ()):
            said = {field.name: value for field, value in incidents.notice(number, self._now).rows}
            if said == content:
                return number
        return ""


def kind_of(facet: str) -> Kind:
    """The kind by which such an entry is made; refuses where the law in force has none (`earlier.no-kind`)."""
    found = earlier.kind_of(instrument.law(), facet)
    if found is None:
        raise Refusal("earlier.no-kind")
    return found


def is_offered(facet: str) -> bool:
    """Whether the law in force has a kind for it."""
    return earlier.kind_of(instrument.law(), facet) is not None


def every(facet: str) -> tuple[Entry, ...]:
    """Every entry, the latest day first."""
    return earlier.latest_first(earlier.entries(ledgers.book(), instrument.law(), facet))


def shown(facet: str, page: int, now: str) -> Shown:
    """A page of the entries with their words; the last one where there are not so many pages."""
    found = every(facet)
    pages = max(1, -(-len(found) // MOST_SHOWN))
    page = min(max(1, page), pages)
    chosen = found[(page - 1) * MOST_SHOWN : page * MOST_SHOWN]
    return Shown(
        entries=tuple((each, incidents.notice(each.number, now)) for each in chosen),
        page=page,
        pages=pages,
        total=len(found),
        figures=earlier.sealed_column(found) if facet == earlier.COMMITMENT else None,
    )


def entered(kind: Kind, now: str) -> Entered:
    """What this party has entered by notices of a kind, and not taken back."""
    own, numbers = instrument.own_party().code, dict[bytes, list[str]]()
    for facet in earlier.FACETS:
        if facet not in kind.facets:
            continue
        for each in earlier.entries(ledgers.book(), instrument.law(), facet):
            if each.notice.party == own and not each.is_withdrawn:
                numbers.setdefault(canonical.encode(dict(each.notice.facts or {})), []).append(each.number)
    return Entered(kind, numbers, now)


def drafted(kind: Kind) -> list[dict[str, Any]]:
    """What stands in the drafts of a kind that have not left."""
    waiting = Draft.objects.filter(kind=kind.name).exclude(state=DraftState.RELEASED)
    return list(waiting.values_list("content", flat=True))

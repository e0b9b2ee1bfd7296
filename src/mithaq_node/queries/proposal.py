"""The new version of the instrument that is proposed here: what differs, and what it does to each running clock."""

from dataclasses import dataclass

from django.conf import settings

from mithaq import moments
from mithaq.errors import Refusal
from mithaq.instrument import amending, changes
from mithaq.instrument.amending import Sort
from mithaq.instrument.changes import Difference
from mithaq.instrument.sealing import Sealed
from mithaq.notices import amended
from mithaq.notices.amended import Effect
from mithaq_files.instrument import is_sealed_folder, read_served
from mithaq_node.queries import instrument, ledgers


@dataclass(frozen=True, slots=True)
class Proposal:
    """A proposed version against the one that is served."""

    sealed: Sealed
    sort: Sort
    difference: Difference
    effects: tuple[Effect, ...]
    """On every running clock, the one due first in front."""
    refused: Refusal | None
    """Why it cannot be sealed any more, such as that a day it changes is past by now."""


def is_proposed() -> bool:
    """Whether a new version lies here."""
    return is_sealed_folder(settings.NODE.proposed)


def proposal(now: str) -> Proposal:
    """The proposed version at `now`; refuses where there is none (`instrument.none-proposed`), and what cannot be
    read."""
    if not is_proposed():
        raise Refusal("instrument.none-proposed")
    served, proposed = instrument.sealed(), read_served(settings.NODE.proposed)
    found, book = changes.diff(served, proposed), ledgers.book()
    return Proposal(
        sealed=proposed,
        sort=amending.sort_of(found),
        difference=found,
        effects=amended.effects(
            book.running,
            served.law,
            proposed.law,
            lambda number: book.notices[number].kind,
            lambda number: instrument.law_of(book.notices[number].leaf),
            now,
        ),
        refused=_refused(served, proposed, now),
    )


def _refused(served: Sealed, proposed: Sealed, now: str) -> Refusal | None:
    as_of = moments.parse(ledgers.past_is_judged_at(proposed.law_digest, now))
    try:
        amending.require_nothing_past(served.law, proposed.law, moments.civil_day(as_of, 0))
    except Refusal as refusal:
        return refusal
    return None

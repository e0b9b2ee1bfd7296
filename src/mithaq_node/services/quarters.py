"""Proposing a quarter's figures: computed at the common cut, drafted as a joint text, signed like any other notice."""

from mithaq.errors import Refusal
from mithaq.moments import Moment
from mithaq.notices import quarters
from mithaq_node import queries
from mithaq_node.queries import ledgers
from mithaq_node.queries import quarters as figures
from mithaq_node.services import drafting
from mithaq_node.store.models import Draft, Officer


def propose(*, day: str, officer: Officer, now: Moment) -> Draft:
    """A draft that states the figures of the quarter beginning on `day`, at the cut that both sides have cosigned.

    Refuses a day on which no quarter begins, a quarter that is not over, and a law without a kind for it (`quarter.…`).
    """
    kind = figures.kind_of(queries.law())
    if kind is None:
        raise Refusal("quarter.no-kind")
    if quarters.period(day)["until"] > str(now):
        raise Refusal("quarter.not-over", day=day)
    content = ledgers.figures_at(ledgers.cut_of_both(), day)
    return drafting.save_draft(officer=officer, kind=kind.name, content=content, now=now)

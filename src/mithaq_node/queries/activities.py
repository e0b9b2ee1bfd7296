"""Planned activities of both sides, and which of them get in each other's way."""

from collections.abc import Iterator
from dataclasses import dataclass

from mithaq.activities.conflicts import Conflict, Plans, period
from mithaq.activities.plans import Plan
from mithaq.errors import Refusal
from mithaq.notices import numbers
from mithaq_node.queries import instrument, ledgers


@dataclass(frozen=True, slots=True)
class Meeting:
    """A plan, and another that shares its ground and its time, or may."""

    plan: Plan
    conflict: Conflict


def meetings(number: str = "") -> tuple[Meeting, ...]:
    """Every two plans that stand and meet, each pair once; of one plan only where its spoken number is given.

    Refuses a number under which no plan stands (`activity.no-plan`).
    """
    standing = ledgers.book().plans
    plans = Plans.of(standing.values(), instrument.law())
    if number:
        spoken = numbers.spoken(*numbers.parse(number))
        if spoken not in standing:
            raise Refusal("activity.no-plan", number=spoken)
        return tuple(_of(standing[spoken], plans))
    seen = (found for plan in standing.values() for found in _of(plan, plans))
    return tuple(found for found in seen if found.plan.number < found.conflict.plan.number)


def _of(plan: Plan, plans: Plans) -> Iterator[Meeting]:
    for conflict in plans.conflicts(plan.facts["place"], period(plan), but=plan.number):
        yield Meeting(plan, conflict)

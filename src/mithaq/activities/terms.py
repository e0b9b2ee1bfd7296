"""What the instrument asks of a planned activity: that it is told of in time, and that there are no more than agreed.

Both are said, never enforced: a notice that comes too late still leaves, and everybody sees that it came too late. How
near an activity is to the line is known only as well as its place and the line are, so a period that applies near the
line may be too close to say.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from mithaq import moments, places
from mithaq.activities.plans import Plan
from mithaq.instrument.law import Announcing, Law, NoticePeriod, Quota
from mithaq.moments import Moment
from mithaq.places import Answer

if TYPE_CHECKING:
    from mithaq.activities.extents import Ground


class Told(StrEnum):
    """Whether an activity was told of in time."""

    IN_TIME = "in-time"
    TOO_LATE = "too-late"
    TOO_CLOSE = "too-close-to-say"
    """It depends on how near the line is, which the places do not say well enough."""
    FREE = "free"
    """The instrument sets no period for it."""


@dataclass(frozen=True, slots=True)
class Telling:
    """How long before it begins an activity was told of, and how long the instrument asks for."""

    told: Told
    given: int
    """Seconds from the announcement to the beginning; negative when it had begun."""
    period: NoticePeriod | None
    """The period that decided; None where none applies."""

    @property
    def asked(self) -> int:
        """Seconds that the instrument asks for."""
        return self.period.minutes * moments.MINUTE if self.period else 0


@dataclass(frozen=True, slots=True)
class Use:
    """How much of a quota one party has used in a year."""

    quota: Quota
    party: str
    year: int
    used: int

    @property
    def left(self) -> int:
        return max(self.quota.most - self.used, 0)

    @property
    def is_over(self) -> bool:
        return self.used > self.quota.most


def telling(kind: str, facts: Mapping[str, Any], told_at: str, ground: "Ground") -> Telling:
    """How an activity with these facts, of this kind, told of at an instant, stands to the notice periods."""
    start = moments.parse(facts["period"]["from"])
    given = start.seconds - moments.parse(told_at).seconds
    applying = [
        (answer, period) for period in _periods(ground.law) if (answer := _applies(period, kind, facts, ground))
    ]
    sure = max((period for answer, period in applying if answer is Answer.YES), key=_length, default=None)
    unsure = max((period for _, period in applying), key=_length, default=None)
    if sure is not None and given < _length(sure):
        return Telling(Told.TOO_LATE, given, sure)
    if unsure is not None and given < _length(unsure):
        return Telling(Told.TOO_CLOSE, given, unsure)
    return Telling(Told.IN_TIME if sure or unsure else Told.FREE, given, sure or unsure)


def uses(plans: Iterable[tuple[str, Plan]], law: Law, year: int) -> tuple[Use, ...]:
    """What each party has used of each quota in a Gregorian year, of plans with their kinds; parties in the order of
    the law, also those that used nothing."""
    begun = [(kind, plan) for kind, plan in plans if year_of(plan, law) == year]
    quotas = law.announcing.quotas if law.announcing else ()
    return tuple(
        Use(
            quota,
            party.code,
            year,
            sum(plan.party == party.code and _counts(quota, kind, plan) for kind, plan in begun),
        )
        for quota in quotas
        for party in law.parties
    )


def year_of(plan: Plan, law: Law) -> int:
    """The Gregorian year, in its party's civil time, in which a plan begins."""
    party = law.party(plan.party)
    offset = party.utc_offset if party else 0
    return int(moments.civil_day(moments.parse(plan.facts["period"]["from"]), offset)[:4])


def calendar_due(announcing: Announcing, year: int) -> str:
    """The day, `YYYY-MM-DD`, by which the activities of a year are told; empty where the instrument asks for none."""
    return date.fromisoformat(f"{year - 1}-{announcing.calendar}").isoformat() if announcing.calendar else ""


def earliest_start(kind: str, facts: Mapping[str, Any], now: Moment, ground: "Ground") -> Moment:
    """The first instant at which an activity told of at `now` may begin without being too late."""
    sure = [
        period.minutes * moments.MINUTE
        for period in _periods(ground.law)
        if _applies(period, kind, facts, ground) is Answer.YES
    ]
    return Moment(now.seconds + max(sure, default=0))


def _periods(law: Law) -> Iterable[NoticePeriod]:
    return law.announcing.periods if law.announcing else ()


def _length(period: NoticePeriod) -> int:
    return period.minutes * moments.MINUTE


def _applies(period: NoticePeriod, kind: str, facts: Mapping[str, Any], ground: "Ground") -> Answer | None:
    """Whether a period applies: yes, too close to say, or None for no."""
    if kind not in period.kinds or (period.scales and facts.get("scale") not in period.scales):
        return None
    if not period.within:
        return Answer.YES
    away, accuracy = ground.distance(facts["place"])
    answer = places.within(away, period.within, accuracy)
    return None if answer is Answer.NO else answer


def _counts(quota: Quota, kind: str, plan: Plan) -> bool:
    return kind in quota.kinds and (not quota.scales or plan.facts.get("scale") in quota.scales)

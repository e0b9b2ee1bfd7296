"""Whether planned activities get in each other's way: the same ground at the same time, before a plan is released and
when one arrives.

Answers are advice to people and no state: nothing is stopped by them and neither side is told to give way.
"""

from bisect import bisect_left, insort
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from mithaq import moments, places
from mithaq.activities.extents import Box, Extent, Ground, share_ground, shared_rings
from mithaq.activities.plans import Plan, State
from mithaq.instrument.law import Law
from mithaq.moments import Interval, Moment
from mithaq.places import Answer


@dataclass(frozen=True, slots=True)
class Conflict:
    """A plan that another one gets in the way of, or may."""

    plan: Plan
    answer: Answer
    """Yes, or too close to say; a plan that is surely clear of it is no conflict."""
    shared: Interval
    """The time that both state."""
    rings: tuple[places.Ring, ...]
    """The ground that both state, where both state areas."""


@dataclass(frozen=True, slots=True)
class _Kept:
    plan: Plan
    time: Interval
    ground: Extent
    box: Box


@dataclass
class Plans:
    """Plans that stand, to be asked which of them an activity would meet.

    Plans are kept by how long they last, in powers of two, and within that by when they start: of every length only
    those need a look that start no longer before the activity than they last.
    """

    ground: Ground
    _kept: dict[str, _Kept] = field(default_factory=dict)
    _starts: dict[int, list[tuple[int, str, _Kept]]] = field(default_factory=dict)

    @classmethod
    def of(cls, plans: Iterable[Plan], law: Law) -> "Plans":
        """All of `plans`."""
        kept = cls(Ground(law))
        for plan in plans:
            kept.add(plan)
        return kept

    def add(self, plan: Plan) -> None:
        """Keep one more plan; a pillar has no position, so such a plan meets nothing, and neither does what has
        ended."""
        if plan.state is State.ENDED:
            return
        ground = self.ground.extent(plan.facts["place"])
        if ground is None:
            return
        kept = _Kept(plan, period(plan), ground, ground.box)
        self._kept[plan.number] = kept
        insort(self._starts.setdefault(_length(kept.time), []), (kept.time.start.seconds, plan.number, kept))

    def drop(self, number: str) -> None:
        """A plan that was withdrawn."""
        kept = self._kept.pop(number, None)
        if kept is not None:
            self._starts[_length(kept.time)].remove((kept.time.start.seconds, number, kept))

    def conflicts(self, place: Mapping[str, Any], time: Interval, but: str = "") -> tuple[Conflict, ...]:
        """The plans, except `but`, that share ground and time with an activity, or may; the earliest first."""
        ground = self.ground.extent(place)
        if ground is None:
            return ()
        met = (self._met(ground, time, kept) for kept in self._near(ground.box, time) if kept.plan.number != but)
        found = [conflict for conflict in met if conflict is not None]
        return tuple(sorted(found, key=lambda conflict: (conflict.shared.start, conflict.plan.number)))

    def free_from(self, place: Mapping[str, Any], time: Interval, but: str = "") -> Moment:
        """The earliest start, not before the activity's own, from which it would meet no plan for as long as it lasts.

        Until the first of those it meets has ended, every later start meets that one too.
        """
        lasts = time.end.seconds - time.start.seconds
        while met := self.conflicts(place, time, but):
            start = min(period(conflict.plan).end.seconds for conflict in met)
            time = Interval(Moment(start), Moment(start + lasts))
        return time.start

    def free_until(self, place: Mapping[str, Any], time: Interval, not_before: Moment, but: str = "") -> Moment | None:
        """The latest start, not after the activity's own and not before `not_before`, with which it would meet no plan
        for as long as it lasts; None where every such start meets one.

        As long as it ends after the last of those it meets has begun, it meets that one too.
        """
        lasts = time.end.seconds - time.start.seconds
        while time.start >= not_before:
            met = self.conflicts(place, time, but)
            if not met:
                return time.start
            start = max(period(conflict.plan).start.seconds for conflict in met) - lasts
            if start < not_before.seconds:
                return None
            time = Interval(Moment(start), Moment(start + lasts))
        return None

    def within(self, box: Box, time: Interval, but: str = "") -> tuple[Extent, ...]:
        """The ground of every plan, except `but`, that lasts at that time and may reach into a box."""
        near = (kept for kept in self._near(box, time) if kept.plan.number != but and kept.time.overlaps(time))
        return tuple(kept.ground for kept in near)

    def _near(self, box: Box, time: Interval) -> Iterator[_Kept]:
        west, south, east, north = box
        for length, starts in self._starts.items():
            first = bisect_left(starts, (time.start.seconds - 2**length,))
            last = bisect_left(starts, (time.end.seconds,))
            for _, _, kept in starts[first:last]:
                theirs = kept.box
                if theirs[0] <= east and west <= theirs[2] and theirs[1] <= north and south <= theirs[3]:
                    yield kept

    def _met(self, ground: Extent, time: Interval, kept: _Kept) -> Conflict | None:
        if not time.overlaps(kept.time):
            return None
        answer = share_ground(ground, kept.ground)
        if answer is Answer.NO:
            return None
        shared = Interval(max(time.start, kept.time.start), min(time.end, kept.time.end))
        return Conflict(kept.plan, answer, shared, shared_rings(ground, kept.ground))


def period(plan: Plan) -> Interval:
    """The time that a plan states."""
    stated = plan.facts["period"]
    return moments.interval(stated["from"], stated["until"])


def _length(time: Interval) -> int:
    """The power of two, in seconds, that is at least as long as a time."""
    return (time.end.seconds - time.start.seconds - 1).bit_length()

"""What a new version of the instrument does to each running clock, as it is told before anybody signs.

A clock keeps the rules it started under (docs/spec/folds.md, "Versions of the instrument"): it stays due when it was,
unless the version suspends or resumes. Beside that stands when it would be due had it begun under the new version, so
that everybody sees what changes for the next one like it.

Nobody knows beforehand when all will have entered a version. What is told of a suspension or a resumption is therefore
what it would do if all had it at the moment of looking: the earliest that can be.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from mithaq import moments
from mithaq.instrument.law import Clock as ClockRule
from mithaq.instrument.law import Law
from mithaq.notices import clocks, suspending
from mithaq.notices.book import UNKNOWN, Clock, Stood

KindOf = Callable[[str], str]
"""The spoken number of a notice to the name of its kind."""

LawOf = Callable[[str], Law]
"""The spoken number of a notice to the version that it was made under, whose rules its clocks keep."""


@dataclass(frozen=True, slots=True)
class Effect:
    """A running clock, and the day that one begun at its start would be due under the new version."""

    clock: Clock
    due_before: str
    """When it would be due if nothing were ever suspended."""
    due_after: str
    """The same of one begun at its start under the new version; empty where that has no such clock."""
    moved: str
    """When this one itself is due if all have the version now; `UNKNOWN` where nobody can tell."""
    left: int = 0
    """Seconds that it will have left then, where nobody can tell."""

    @property
    def changes(self) -> bool:
        """Whether the next one like it would be due at another moment, or not at all."""
        return self.due_after != self.due_before

    @property
    def moves(self) -> bool:
        """Whether this one itself comes to be due at another moment."""
        return self.moved != self.clock.due

    @property
    def stands(self) -> bool:
        """Whether this one itself stands, and nobody can tell until when."""
        return self.moved == UNKNOWN


def effects(
    running: Iterable[Clock], before: Law, after: Law, kind_of: KindOf, law_of: LawOf, now: str
) -> tuple[Effect, ...]:
    """The effect of `after`, if all had it `now`, on each of the clocks that run while `before` binds, in their
    order."""
    new = {rule.id: rule for rule in after.clocks}
    found = []
    for clock in running:
        law = law_of(clock.notice)
        rule, owing = next((each for each in law.clocks if each.id == clock.id), None), law.party(clock.party)
        plain = clocks.due(rule, clock.started, owing) if rule and owing and clock.stood else clock.due
        due_after = _due_after(clock, plain, rule, new.get(clock.id), after)
        if rule is None or owing is None or before == after:
            found.append(Effect(clock, plain, due_after, clock.due, clock.left))
            continue
        still = _still(clock, before, after, kind_of(clock.notice), now)
        moved = clocks.deadline(rule, clock.started, owing, still) if still != list(clock.stood) else None
        due, left = (moved.due, moved.left) if moved else (clock.due, clock.left)
        found.append(Effect(clock, plain, due_after, due, left))
    return tuple(found)


def _still(clock: Clock, before: Law, after: Law, kind: str, now: str) -> list[Stood]:
    """The times that do not count for a clock: what has begun until now, which a suspension that the new version goes
    on with does not break off, and what that adds."""
    begun = [each for each in clock.stood if each[0] < now]
    stated = after.suspension
    if stated is None or not suspending.stops_clocks(after, kind):
        return [(begin, min(end or now, now)) for begin, end in begun]
    last = stated.until if suspending.stops_clocks(before, kind) else now
    still = [(begin, min(filter(None, (end, last and max(last, now))), default="")) for begin, end in begun]
    begin = max([stated.since, now, *(end for _, end in still)])
    return still if still and not still[-1][1] else [*still, *_span(begin, stated.until)]


def _span(begin: str, end: str) -> list[Stood]:
    return [(begin, end)] if not end or begin < end else []


def _due_after(clock: Clock, due: str, old: ClockRule | None, new: ClockRule | None, law: Law) -> str:
    obliged = law.party(clock.party)
    if new is None or obliged is None:
        return ""
    if not new.start.startswith(clocks.BEFORE):
        return clocks.due(new, clock.started, obliged)
    if old is None or old.start != new.start:
        return ""
    instant = moments.add_minutes(moments.parse(due), old.minutes)
    return clocks.due(new, moments.format(instant), obliged)

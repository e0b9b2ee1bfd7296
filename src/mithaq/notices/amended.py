"""What a new version of the instrument does to each running clock, as it is told before anybody signs.

A clock keeps the rules it started under (docs/spec/folds.md, "Versions of the instrument"): it stays due when it was.
Beside that stands when it would be due had it begun under the new version, so that everybody sees what changes for the
next one like it.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from mithaq import moments
from mithaq.instrument.law import Clock as ClockRule
from mithaq.instrument.law import Law
from mithaq.notices import clocks
from mithaq.notices.book import Clock


@dataclass(frozen=True, slots=True)
class Effect:
    """A running clock, and the day that one begun at its start would be due under the new version."""

    clock: Clock
    due_after: str
    """Empty where the new version has no such clock."""

    @property
    def changes(self) -> bool:
        """Whether the next one like it would be due at another moment, or not at all."""
        return self.due_after != self.clock.due


def effects(running: Iterable[Clock], before: Law, after: Law) -> tuple[Effect, ...]:
    """The effect of `after` on each of the clocks that run under `before`, in their order."""
    old, new = ({rule.id: rule for rule in law.clocks} for law in (before, after))
    return tuple(Effect(each, _due_after(each, old.get(each.id), new.get(each.id), after)) for each in running)


def _due_after(clock: Clock, old: ClockRule | None, new: ClockRule | None, law: Law) -> str:
    obliged = law.party(clock.party)
    if new is None or obliged is None:
        return ""
    if not new.start.startswith(clocks.BEFORE):
        return clocks.due(new, clock.started, obliged)
    if old is None or old.start != new.start:
        return ""
    instant = moments.add_minutes(moments.parse(clock.due), old.minutes)
    return clocks.due(new, moments.format(instant), obliged)

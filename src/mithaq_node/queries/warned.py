"""The ledger of warnings as a page reads it: what was shown, what became of it, and with what one looked since when."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property

from mithaq.analysis.clusters.warnings import Warning
from mithaq.prevention.settings import DAILY, Settings, chosen
from mithaq.prevention.warned import Held, Outcome, Tally, tally
from mithaq_node.queries import inside, ledgers
from mithaq_node.store.models import LookRow, LookSettingRow, OutcomeRow, WarnedRow

HEADING = (
    "number", "shown_at", "cut", "method", "settings", "sectors", "first", "last", "expires", "observed", "expected",
    "p", "recurrence", "outcome", "about", "judged_by", "judged_at",
)  # fmt: skip
"""The columns of the table that can be taken away."""


@dataclass(frozen=True, slots=True)
class Shown:
    """A warning as it was shown."""

    warning: Warning
    at: str
    """When, as ISO 8601."""
    cut: Mapping[str, int]
    method: int
    settings: Mapping[str, int]

    @property
    def up_to(self) -> tuple[str, ...]:
        """The cut as people say it."""
        return ledgers.up_to(self.cut)


@dataclass(frozen=True, slots=True)
class Judged:
    """A judgement of what became of an episode."""

    outcome: Outcome
    about: str
    """The spoken number of a notice that shows it, or empty."""
    by: str
    role: str
    at: str


@dataclass(frozen=True)
class Episode:
    """A warning with all that went on from it, and every judgement of it."""

    number: int
    shown: tuple[Shown, ...]
    """The first of them is what the ledger calls the warning."""
    history: tuple[Judged, ...]
    """The latest last."""

    @property
    def first(self) -> Shown:
        """The warning when it was first shown."""
        return self.shown[0]

    @property
    def judged(self) -> Judged | None:
        """What counts: the latest judgement."""
        return self.history[-1] if self.history else None

    @cached_property
    def held(self) -> Held:
        """Its sectors and its end."""
        sectors = {sector for each in self.shown for sector in _sectors(each.warning)}
        return Held(self.number, frozenset(sectors), max(each.warning.expires for each in self.shown))

    @property
    def expires(self) -> date:
        """The first day on which nothing of it holds any more."""
        return self.held.expires


@dataclass(frozen=True, slots=True)
class Change:
    """A change of the settings."""

    settings: Settings
    by: str
    role: str
    at: str


def settings() -> Settings:
    """With what this node looks now."""
    row = LookSettingRow.objects.order_by("-pk").first()
    return _settings(row) if row else DAILY


def changes() -> tuple[Change, ...]:
    """Every change of the settings, the latest first; before the first one looked as the program does by itself."""
    rows = LookSettingRow.objects.select_related("by").order_by("-pk")
    return tuple(Change(_settings(row), row.by.name, row.by.role, inside.moment_of(row.at)) for row in rows)


def episodes() -> tuple[Episode, ...]:
    """Every warning that this node has shown, the latest first."""
    shown: dict[int, list[Shown]] = {}
    for row in WarnedRow.objects.select_related("look").order_by("pk"):
        shown.setdefault(row.opens_id or row.pk, []).append(_shown(row))
    judged: dict[int, list[Judged]] = {}
    for said in OutcomeRow.objects.select_related("by").order_by("pk"):
        judged.setdefault(said.warned_id, []).append(_judged(said))
    return tuple(
        Episode(number, tuple(rows), tuple(judged.get(number, ()))) for number, rows in reversed(shown.items())
    )


def episode(number: int) -> Episode | None:
    """The warning of this number; None where none has it."""
    return next((each for each in episodes() if each.number == number), None)


def held() -> tuple[Held, ...]:
    """The episodes as the next look asks of them, the first shown first."""
    return tuple(each.held for each in reversed(episodes()))


def days_looked() -> int:
    """On how many days this node has looked."""
    return LookRow.objects.values("day").distinct().count()


def counted(of: Sequence[Episode]) -> Tally:
    """How they turned out."""
    return tally([each.judged.outcome if each.judged else None for each in of], days_looked())


def rows() -> list[tuple[str, ...]]:
    """The ledger as a table: a row for each warning as it was shown, with the latest judgement of its episode."""
    return [HEADING, *(_row(each, shown) for each in reversed(episodes()) for shown in each.shown)]


def _row(each: Episode, shown: Shown) -> tuple[str, ...]:
    said, warning = each.judged, shown.warning
    judged = (said.outcome.value, said.about, said.role, said.at) if said else ("", "", "", "")
    return (
        str(each.number), shown.at, _as_json(shown.cut), str(shown.method), _as_json(shown.settings),
        " ".join(_sectors(warning)), warning.first.isoformat(), warning.last.isoformat(), warning.expires.isoformat(),
        str(warning.observed), f"{warning.expected:.3f}", f"{warning.p:.6f}", str(warning.recurrence_days), *judged,
    )  # fmt: skip


def _as_json(numbers: Mapping[str, int]) -> str:
    return json.dumps(numbers, separators=(",", ":"))


def _sectors(warning: Warning) -> tuple[str, ...]:
    return warning.where if isinstance(warning.where, tuple) else ()


def _settings(row: LookSettingRow) -> Settings:
    return chosen(recurrence=row.recurrence, history=row.history, longest=row.longest, widest=row.widest)


def _shown(row: WarnedRow) -> Shown:
    warning = Warning(
        where=tuple(row.sectors.split()),
        first=date.fromisoformat(row.first),
        last=date.fromisoformat(row.last),
        observed=row.observed,
        expected=row.expected / 1_000,
        p=row.p / 1_000_000,
        recurrence_days=row.recurrence,
    )
    look = row.look
    return Shown(warning, inside.moment_of(look.at), json.loads(look.cut), look.method, json.loads(look.settings))


def _judged(row: OutcomeRow) -> Judged:
    return Judged(Outcome(row.outcome), row.about, row.by.name, row.by.role, inside.moment_of(row.at))

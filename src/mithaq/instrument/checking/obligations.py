"""What is owed: kinds, clocks, notice periods, suspension, retention and the lists of codes."""

from collections.abc import Iterator

from mithaq import moments
from mithaq.errors import Refusal
from mithaq.instrument.checking.days import day_faults
from mithaq.instrument.checking.fault import Fault
from mithaq.instrument.law import Announcing, Clock, Kind, Law, NoticePeriod, Quota

FLOORS = ("", "hour", "minute", "second", "exact", "cell", "kilometre", "sector")
GROUNDS = ("consent", "emergency", "force-majeure", "renegotiation", "technical")
"""Why an instrument may be suspended. None of them says whose doing it is."""
_LONGEST_SUSPENSION = 3_660 * moments.DAY
"""Seconds; whoever wants it longer resumes and suspends again, or ends the instrument."""
FACTS = "facts"
PLANS_ACTIVITY = "activity"
"""The facet of kinds that plan an activity."""


def suspension(law: Law) -> Iterator[Fault]:
    """A suspension: grounds of the closed list, instants in order, and kinds that exist."""
    stated = law.suspension
    if stated is None:
        return
    if not stated.grounds:
        yield "suspension.grounds", "instrument.missing-key", {"key": "grounds"}
    for ground in stated.grounds:
        if ground not in GROUNDS:
            yield "suspension.grounds", "instrument.unknown-ground", {"found": ground}
    for name in stated.keeps:
        if law.kind(name) is None:
            yield "suspension.keeps", "instrument.unknown-kind", {"kind": name}
    try:
        since = moments.parse(stated.since)
        until = moments.interval(stated.since, stated.until).end if stated.until else since
    except Refusal as refusal:
        yield "suspension", refusal.code, dict(refusal.data)
        return
    if until.seconds - since.seconds > _LONGEST_SUSPENSION:
        most = _LONGEST_SUSPENSION // moments.DAY
        yield "suspension.until", "instrument.suspension-too-long", {"until": stated.until, "most": most}


def kinds(law: Law) -> Iterator[Fault]:
    """Kinds whose precedence, retention, codes or floors the law does not have, or whose floor is too fine."""
    if not law.kinds:
        yield "kinds", "instrument.missing-key", {"key": "kinds"}
    classes = {retention.id for retention in law.retention}
    for index, kind in enumerate(law.kinds):
        if kind.precedence not in law.precedence:
            yield f"kinds[{index}].precedence", "instrument.unknown-precedence", {"precedence": kind.precedence}
        for place, field in enumerate(kind.fields):
            path = f"kinds[{index}].fields[{place}]"
            if field.part not in classes:
                yield f"{path}.part", "instrument.unknown-retention", {"retention": field.part}
            if field.codes and field.codes not in law.codes:
                yield f"{path}.codes", "instrument.unknown-codes", {"codes": field.codes}
            if field.floor not in FLOORS:
                yield f"{path}.floor", "instrument.unknown-floor", {"floor": field.floor}
            if kind.security and field.floor in ("exact", "minute", "second"):
                yield f"{path}.floor", "instrument.floor-too-fine", {"kind": kind.name, "floor": field.floor}


def clocks(law: Law) -> Iterator[Fault]:
    """Clocks that never start, never stop, or are owed by nobody."""
    kinds = {kind.name: kind for kind in law.kinds}
    for index, clock in enumerate(law.clocks):
        path = f"clocks[{index}]"
        yield from _clock_terms(clock, path, law)
        started: list[Kind] = []
        for name in clock.kinds:
            if name in kinds:
                started.append(kinds[name])
            else:
                yield f"{path}.kinds", "instrument.unknown-kind", {"kind": name}
        yield from _clock_start(clock, path, started)
        if not clock.start.startswith("before:"):
            yield from _clock_stop(clock, path, started, law.kinds)


def _clock_terms(clock: Clock, path: str, law: Law) -> Iterator[Fault]:
    if clock.minutes < 1:
        yield f"{path}.minutes", "instrument.too-small", {"found": clock.minutes, "least": 1}
    if clock.obliged not in ("addressee", "sender"):
        yield f"{path}.obliged", "instrument.unknown-obliged", {"found": clock.obliged}
    if clock.calendar not in ("continuous", "working"):
        yield f"{path}.calendar", "instrument.unknown-calendar", {"found": clock.calendar}
    for precedence in clock.precedence:
        if precedence not in law.precedence:
            yield f"{path}.precedence", "instrument.unknown-precedence", {"precedence": precedence}


def _clock_start(clock: Clock, path: str, started: list[Kind]) -> Iterator[Fault]:
    stated, _, name = clock.start.partition(":")
    if clock.start == "nonconformance":
        if clock.kinds:
            yield f"{path}.kinds", "instrument.clock-names-kinds", {"clock": clock.id}
        return
    if not clock.kinds:
        yield f"{path}.kinds", "instrument.clock-never-starts", {"clock": clock.id}
    if stated == "stated":
        for kind in started:
            if not any(field.name == name and field.type in ("moment", "interval", "day") for field in kind.fields):
                yield f"{path}.start", "instrument.clock-states-nothing", {"kind": kind.name, "field": name}
    elif stated == "before":
        yield from _clock_before(clock, path, name, started)
    elif clock.start != "receipt":
        yield f"{path}.start", "instrument.clock-never-starts", {"clock": clock.id}


def _clock_before(clock: Clock, path: str, name: str, started: list[Kind]) -> Iterator[Fault]:
    """A clock that runs out before an instant: whoever states that instant owes it, and the receipts stop it."""
    for kind in started:
        if not any(field.name == name and field.type in ("moment", "interval") for field in kind.fields):
            yield f"{path}.start", "instrument.clock-states-nothing", {"kind": kind.name, "field": name}
    if clock.obliged != "sender":
        yield f"{path}.obliged", "instrument.unknown-obliged", {"found": clock.obliged}
    if clock.calendar != "continuous":
        yield f"{path}.calendar", "instrument.unknown-calendar", {"found": clock.calendar}
    if clock.answered_by:
        yield f"{path}.answered_by", "instrument.clock-never-stops", {"clock": clock.id, "kind": ""}


def _clock_stop(clock: Clock, path: str, started: list[Kind], kinds: list[Kind]) -> Iterator[Fault]:
    """A clock stops at a notice of a role in `answered_by` that may refer to the notice that started it."""
    stopping = [kind for kind in kinds if kind.role in clock.answered_by]
    for role in clock.answered_by:
        if not any(kind.role == role for kind in kinds):
            yield f"{path}.answered_by", "instrument.unknown-role", {"role": role}
    if not stopping:
        yield f"{path}.answered_by", "instrument.clock-never-stops", {"clock": clock.id, "kind": ""}
    for kind in started:
        if stopping and not any(kind.role in each.refers for each in stopping):
            yield f"{path}.answered_by", "instrument.clock-never-stops", {"clock": clock.id, "kind": kind.name}


def announcing(law: Law) -> Iterator[Fault]:
    """Notice periods and quotas: each of kinds that plan, and of bands of scale that the law has."""
    if law.announcing is None:
        return
    planning = {kind.name for kind in law.kinds if PLANS_ACTIVITY in kind.facets}
    scales = set(law.codes.get("scale", []))
    rules: list[tuple[str, NoticePeriod | Quota, int]] = []
    rules += [(f"announcing.periods[{i}]", each, each.minutes) for i, each in enumerate(law.announcing.periods)]
    rules += [(f"announcing.quotas[{i}]", each, each.most) for i, each in enumerate(law.announcing.quotas)]
    for path, rule, number in rules:
        if number < 0:
            yield path, "instrument.too-small", {"found": number, "least": 0}
        for name in rule.kinds:
            if name not in planning:
                yield f"{path}.kinds", "instrument.unknown-kind", {"kind": name}
        for scale in rule.scales:
            if scale not in scales:
                yield f"{path}.scales", "instrument.unknown-code", {"code": scale, "list": "scale"}
    yield from _calendar(law.announcing, law)


def _calendar(announcing: Announcing, law: Law) -> Iterator[Fault]:
    if announcing.calendar:
        # A day of every year, so not the 29th of February.
        yield from day_faults("announcing.calendar", f"2023-{announcing.calendar}")
    named = announcing.calendar_kind
    if bool(named) != bool(announcing.calendar) or (named and law.kind(named) is None):
        yield "announcing.calendar_kind", "instrument.unknown-kind", {"kind": named}


def retention(law: Law) -> Iterator[Fault]:
    """Classes of retention: the facts stay for ever, every other class ends."""
    if not any(retention.id == FACTS for retention in law.retention):
        yield "retention", "instrument.no-facts-class", {}
    for index, retention in enumerate(law.retention):
        if (retention.days == 0) != (retention.id == FACTS) or retention.days < 0:
            yield f"retention[{index}].days", "instrument.bad-retention", {"retention": retention.id}


def codes(law: Law) -> Iterator[Fault]:
    """Lists of codes that are empty, and traffic at a crossing that no list has."""
    for name, codes in law.codes.items():
        if not codes:
            yield f"codes.{name}", "instrument.empty-list", {"name": name}
    traffic = law.codes.get("traffic", [])
    for index, crossing in enumerate(law.crossings):
        for code in crossing.carries:
            if traffic and code not in traffic:
                yield f"crossings[{index}].carries", "instrument.unknown-code", {"code": code, "list": "traffic"}

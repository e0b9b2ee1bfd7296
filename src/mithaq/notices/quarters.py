"""A quarter's figures of both sides, as a function of a cut: what a joint text states and every holder computes again.

The figures count, party by party and by one rule, the clocks that started in the quarter by how they stood at its end,
the incidents that were first told of in it, and what officers released. They say of which cut they are: the epoch and
the size of each party's log for all. A quarter is three Gregorian months in UTC, as everywhere in the record.

Parties are called by their place in the law (`first`, `second`, …), so that one kind serves every instrument. Nothing
here knows "now": a clock that no notice had stopped within the cut was missed when it was due within the quarter, and
was still running otherwise.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from mithaq import moments
from mithaq.errors import Refusal
from mithaq.instrument.law import Kind, Law
from mithaq.notices import epochs, kept, numbers
from mithaq.notices.book import Book, Clock, Cut
from mithaq.notices.compliance import timeliness

FACET: Final = "quarter"
"""The facet of a kind whose notices state a quarter's figures."""

SIDE: Final = "side"
"""The coded list by which a kind counts for each party."""
SIDES: Final = ("first", "second", "third", "fourth")
"""What a party is called in the figures, by its place in the law."""

FIGURES: Final = ("started", "met", "late", "missed", "running", "disputed", "opened", "released", "over_finding")
"""The fields that are counted, in the order in which two statements are compared."""

_ENDS: Final = {"01": "04", "04": "07", "07": "10", "10": "01"}


@dataclass(frozen=True, slots=True)
class Difference:
    """The first figure in which a statement differs from what is computed: the field, the party, both numbers."""

    field: str
    party: str
    stated: int
    computed: int


def is_quarterly(kind: Kind | None) -> bool:
    """Whether notices of the kind state a quarter's figures."""
    return kind is not None and FACET in kind.facets


def first_day(instant: str) -> str:
    """The first day of the quarter in which a canonical moment lies."""
    month = (int(instant[5:7]) - 1) // 3 * 3 + 1
    return f"{instant[:4]}-{month:02}-01"


def period(day: str) -> dict[str, str]:
    """The interval of the quarter that begins on `day`; refuses a day on which none begins (`quarter.none`)."""
    ends = _ENDS.get(day[5:7]) if day[4:5] + day[7:] == "--01" else None
    if ends is None:
        raise Refusal("quarter.none", day=day[:20])
    year = int(day[:4]) + (ends == "01")
    period = {"from": f"{day}T00:00:00Z", "until": f"{year:04}-{ends}-01T00:00:00Z"}
    moments.interval(period["from"], period["until"])
    return period


def last_day(day: str) -> str:
    """The last day of the quarter that begins on `day`."""
    until = moments.parse(period(day)["until"])
    return moments.civil_day(moments.add_minutes(until, -1), 0)


def ended(book: Book, now: str) -> tuple[str, ...]:
    """The first days of the quarters that are over at `now`, from that of the first notice on, the latest first."""
    days: list[str] = []
    day = first_day(book.in_order[0].at) if book.in_order and book.in_order[0].at else now[:10]
    while day < now[:10] and period(day)["until"] <= now:
        days.append(day)
        day = period(day)["until"][:10]
    return tuple(reversed(days))


def figures(book: Book, law: Law, day: str) -> dict[str, Any]:
    """The facts that state the quarter beginning on `day` as the book of a cut has it."""
    found = period(day)
    by_party = sides(law)
    counted: dict[str, Counter[str]] = {name: Counter() for name in FIGURES}
    for party, side in by_party.items():
        clocks = _clocks(book, party, found)
        stood = timeliness(clocks, found["until"])
        for name in ("started", "met", "late", "missed", "disputed"):
            counted[name][side] = getattr(stood, name)
        counted["running"][side] = stood.running + stood.standing  # what is suspended is not decided either
    for incident in book.incidents.values():
        if _within(incident.opened_at, found) and incident.party in by_party:
            counted["opened"][by_party[incident.party]] += 1
    for tally in kept.tallies(book.in_order, by_party):
        if tally.first_day == day:
            counted["released"][by_party[tally.party]] = tally.released
            counted["over_finding"][by_party[tally.party]] = tally.over
    said = {name: {side: counts[side] for side in by_party.values()} for name, counts in counted.items()}
    return {"period": found, **_places(book.cut, law, by_party), **said}


def cut_of(facts: Mapping[str, Any], law: Law, held: Cut) -> dict[str, int]:
    """The cut that a statement of figures says it is of, out of what is `held`; closed epochs are whole.

    Refuses a statement of more than is held (`ledger.beyond-held`).
    """
    said, cut = sides(law), {}
    for origin, size in held.items():
        party = law.party_of(origin)
        if party is None or numbers.audience_of(origin) != numbers.ALL:
            continue
        epoch = facts["epochs"].get(said[party.code], 1)
        if epochs.of(origin) < epoch:
            cut[origin] = size
        elif epochs.of(origin) == epoch:
            cut[origin] = facts["sizes"].get(said[party.code], 0)
            if cut[origin] > size:
                raise Refusal("ledger.beyond-held", log=origin, held=size, wanted=cut[origin])
    return cut


def first_difference(stated: Mapping[str, Any], computed: Mapping[str, Any], law: Law) -> Difference | None:
    """Where two statements of the same cut differ first, in the order of `FIGURES` and of the parties."""
    for name in FIGURES:
        for party, side in sides(law).items():
            one, other = stated.get(name, {}).get(side, 0), computed.get(name, {}).get(side, 0)
            if one != other:
                return Difference(name, party, one, other)
    return None


def sides(law: Law) -> dict[str, str]:
    """Party to what it is called in the figures (`SIDES`); a law has no more than four parties for all."""
    return dict(zip((party.code for party in law.parties), SIDES, strict=False))


def _places(cut: Cut, law: Law, by_party: Mapping[str, str]) -> dict[str, dict[str, int]]:
    """How much of each party's log the figures are of: its epoch, and the size of that log."""
    latest = dict.fromkeys(by_party.values(), (1, 0))
    for origin, size in cut.items():
        party = law.party_of(origin)
        if party is not None and numbers.audience_of(origin) == numbers.ALL and size:
            latest[by_party[party.code]] = max(latest[by_party[party.code]], (epochs.of(origin), size))
    return {
        "epochs": {side: epoch for side, (epoch, _) in latest.items()},
        "sizes": {side: size for side, (_, size) in latest.items()},
    }


def _clocks(book: Book, party: str, found: Mapping[str, str]) -> Iterator[Clock]:
    return (clock for clock in book.clocks if clock.party == party and _within(clock.started, found))


def _within(instant: str, found: Mapping[str, str]) -> bool:
    return found["from"] <= instant < found["until"]

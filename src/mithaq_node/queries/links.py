"""The link to each counterpart: when it was last heard, how much each side holds of the other, whether it stands."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from django.conf import settings

from mithaq import moments
from mithaq.notices import numbers
from mithaq_node.queries import instrument, rolls
from mithaq_node.store import couriers
from mithaq_node.store.models import CourierRow, EvidenceRow, LinkRow

CONTRADICTIONS = frozenset({"delivery.fork", "delivery.not-consistent"})
"""Why a link was stopped when two signed heads of one log cannot both be true."""

QUIET_AFTER = 180
"""Seconds without a word from the counterpart after which the link is shown as silent; its heartbeat comes sooner."""


@dataclass(frozen=True, slots=True)
class Stop:
    """Why a link was stopped, and when; the evidence lies in the store."""

    code: str
    at: str


@dataclass(frozen=True, slots=True)
class ByCourier:
    """What one courier carried: when it was packed or taken in, and its first and last entry as spoken numbers."""

    at: str
    size: int
    first: str
    last: str
    """Empty, like `first`, when it carried no entry: only parts, or the word that there is nothing new."""


@dataclass(frozen=True, slots=True)
class LinkState:
    """What this node knows of its link to one counterpart."""

    party: str
    heard: str
    """The instant at which it was last heard; empty when it never was."""
    silent_for: int
    """Seconds since then; 0 when it never was."""
    ours: int
    """Leaves in our own log."""
    held: int
    """How many of them the counterpart holds, by its own word."""
    theirs: int
    """Leaves of its log that we hold."""
    stopped: Stop | None
    brought: ByCourier | None = None
    """The last courier from this counterpart that was taken in."""
    sent: ByCourier | None = None
    """The last courier to it that was packed."""
    audience: str = ""
    """The audience of both logs; empty for that of all."""

    @property
    def couriers(self) -> tuple[tuple[str, ByCourier], ...]:
        """The last couriers, the later one first."""
        found = ((way, each) for way, each in ((couriers.IN, self.brought), (couriers.OUT, self.sent)) if each)
        return tuple(sorted(found, key=lambda each: each[1].at, reverse=True))

    @property
    def sent_has_arrived(self) -> bool:
        """Whether the counterpart has said that it holds what the last courier to it carried."""
        return self.sent is not None and self.held >= self.sent.size

    @property
    def state(self) -> str:
        """`stopped`, `never`, `silent`, `behind` or `level`."""
        if self.stopped is not None:
            return "stopped"
        if not self.heard:
            return "never"
        if self.silent_for > QUIET_AFTER:
            return "silent"
        return "behind" if self.held < self.ours else "level"


@dataclass(frozen=True, slots=True)
class StoppedLink:
    """A counterpart whose link is stopped, for the alarm on every page."""

    party: str
    stop: Stop

    @property
    def is_contradiction(self) -> bool:
        """Whether their key signed two histories; otherwise what came was not signed by it at all."""
        return self.stop.code in CONTRADICTIONS


def stopped() -> tuple[StoppedLink, ...]:
    """The links that are stopped, by party; each stands alone, the others and our own log go on."""
    law = instrument.law()
    found = ((log.party, _stop(log)) for log in rolls.logs(law))
    return tuple(StoppedLink(party, stop) for party, stop in sorted(found, key=lambda each: each[0]) if stop)


def links(now: str) -> tuple[LinkState, ...]:
    """The links to every counterpart as of `now`: in the audience of all, and in each smaller one that has begun."""
    law = instrument.law()
    logs = {log.origin: log for log in rolls.logs(law)}
    rows = {(row.party, row.log_id): row for row in LinkRow.objects.all()}
    carried = {(row.party, row.way): row for row in CourierRow.objects.all()}
    states = []
    for audience in rolls.audiences_of_own(law):
        ours = logs.get(rolls.origin_of(law, settings.NODE.party, audience))
        for party in law.audiences[audience]:
            theirs = logs.get(rolls.origin_of(law, party, audience))
            begun = audience == numbers.ALL or any(log is not None and log.size for log in (ours, theirs))
            if party != settings.NODE.party and begun:
                row = rows.get((party, ours.row)) if ours else None
                state = _state(party, audience, row, ours, theirs, now)
                states.append(_with_couriers(state, carried, ours, theirs) if audience == numbers.ALL else state)
    return tuple(states)


def _state(
    party: str, audience: str, row: LinkRow | None, ours: rolls.Log | None, theirs: rolls.Log | None, now: str
) -> LinkState:
    heard = row.heard if row else ""
    since = moments.parse(now).seconds - moments.parse(heard).seconds if heard else 0
    return LinkState(
        party=party,
        heard=heard,
        silent_for=max(since, 0),
        ours=ours.size if ours else 0,
        held=row.held if row else 0,
        theirs=theirs.size if theirs else 0,
        stopped=_stop(theirs),
        audience="" if audience == numbers.ALL else audience,
    )


def _with_couriers(
    state: LinkState, carried: Mapping[tuple[str, str], CourierRow], ours: rolls.Log | None, theirs: rolls.Log | None
) -> LinkState:
    return replace(
        state,
        brought=_by_courier(carried.get((state.party, couriers.IN)), state.party, theirs),
        sent=_by_courier(carried.get((state.party, couriers.OUT)), settings.NODE.party, ours),
    )


def _by_courier(row: CourierRow | None, party: str, log: rolls.Log | None) -> ByCourier | None:
    if row is None or log is None:
        return None
    first, last = (
        (numbers.spoken_in(party, log.origin, row.start), numbers.spoken_in(party, log.origin, row.size - 1))
        if row.start < row.size
        else ("", "")
    )
    return ByCourier(row.at, row.size, first, last)


def _stop(log: rolls.Log | None) -> Stop | None:
    if log is None or not log.frozen:
        return None
    row = EvidenceRow.objects.filter(log_id=log.row).order_by("pk").last()
    return Stop(log.frozen, row.at if row else "")

"""The record as its rows stand now: sizes of logs, leaves, parts, heads, and the cursor that pages ask for.

Pages read through Django's models; nothing here writes. What is hot (append, accept) is `store.log`.
"""

import hashlib
import itertools
from collections.abc import Iterable, Mapping, Set
from dataclasses import dataclass
from functools import cache

from django.conf import settings
from django.db import connection

from mithaq.errors import Refusal
from mithaq.instrument.law import Law
from mithaq.notices import numbers
from mithaq.notices.parts import FACTS
from mithaq.record import checkpoint, note
from mithaq_node.queries import reading
from mithaq_node.store import bodies, epochs, volumes
from mithaq_node.store import log as record
from mithaq_node.store.models import (
    ArrangementRow,
    AssignmentRow,
    CosignatureRow,
    Draft,
    DraftState,
    EscalationRow,
    EvidenceRow,
    HandingRow,
    LinkRow,
    LogRow,
    LookSettingRow,
    OutcomeRow,
    PartRow,
    RegistrationRow,
    RemarkRow,
    ShiftRow,
    TickRow,
    WarnedRow,
    WatchLineRow,
)

_INSIDE = (
    ArrangementRow, AssignmentRow, EscalationRow, RegistrationRow, RemarkRow, TickRow,
    ShiftRow, HandingRow, WatchLineRow, LookSettingRow, OutcomeRow, WarnedRow,
)  # fmt: skip
"""What this party keeps for itself: rows that are only added, so the last one tells whether anything is new."""


@dataclass(frozen=True, slots=True)
class Log:
    """A log that this node keeps or mirrors."""

    row: int
    origin: str
    party: str
    own: bool
    size: int
    root: bytes
    head: bytes
    """The newest signed checkpoint at hand, as a note; empty before the first."""
    frozen: str
    """Why its link is stopped; empty while it runs."""

    @property
    def name(self) -> str:
        """How the log is called in addresses, and in an export: `IQ-all-1`."""
        *_, audience, epoch = self.origin.split("/")
        return f"{self.party}-{audience}-{epoch}"

    @property
    def head_size(self) -> int:
        """The size that the newest signed checkpoint speaks of."""
        return checkpoint.parse(note.split(self.head)[0]).size if self.head else 0


@dataclass(frozen=True, slots=True)
class Held:
    """A part of a notice that this node holds: its number in the leaf, its class, and its exact bytes."""

    number: int
    retention: str
    body: bytes


def logs(law: Law) -> tuple[Log, ...]:
    """Every log of the instrument, by origin."""
    rows = LogRow.objects.order_by("origin")
    found = ((row, law.party_of(row.origin)) for row in rows)
    return tuple(
        Log(row.pk, row.origin, party.code, row.own, row.size, bytes(row.root), bytes(row.note), row.frozen)
        for row, party in found
        if party is not None
    )


def origin_of(law: Law, party: str, audience: str = numbers.ALL) -> str:
    """The origin under which a party's log for an audience is written now."""
    return law.origin(party, audience, epochs.current(settings.NODE.epochs, party, audience))


def origins_of_own(law: Law) -> tuple[str, ...]:
    """The origins of this party's logs: one for each audience that it is in, that of all first."""
    return tuple(origin_of(law, settings.NODE.party, audience) for audience in audiences_of_own(law))


def audiences_of_own(law: Law) -> tuple[str, ...]:
    """The audiences that this party is in, that of all first."""
    return law.audiences_of(settings.NODE.party)


def located(law: Law, party: str, number: int, audience: str = numbers.ALL) -> tuple[Log, int]:
    """The log of a party that holds the leaf with this running index, and its index there."""
    epoch, index = numbers.place(number)
    return _known(law, law.origin(party, audience, epoch)), index


def log_of(law: Law, party: str) -> Log:
    """The log of a party in the audience of all as it is written now; refuses one that this node does not hold."""
    return _known(law, origin_of(law, party))


def _known(law: Law, origin: str) -> Log:
    found = next((log for log in logs(law) if log.origin == origin), None)
    if found is None:
        raise Refusal("log.unknown", log=origin)
    return found


def named(law: Law, name: str) -> Log:
    """The log of this name; refuses one that this node does not hold."""
    found = next((log for log in logs(law) if log.name == name), None)
    if found is None:
        raise Refusal("log.unknown", log=name[:200])
    return found


def leaves(log: Log, start: int, end: int) -> Iterable[tuple[int, bytes]]:
    """Index and bytes of the leaves [start, end)."""
    reader = reading.reader()
    pages = (record.read_indexed(*reader, log.row, at, min(at + _PAGE, end)) for at in range(start, end, _PAGE))
    return itertools.chain.from_iterable(pages)


_PAGE = 2_048
"""Leaves that are read at a time."""
_FEW = 500
"""Leaves that are asked for by their indexes; more by the range in which they lie."""


def facts(log: Log, indexes: Iterable[int]) -> Mapping[int, bytes]:
    """The bodies of part 0 that are at hand of the leaves at `indexes`."""
    chosen = sorted(indexes)
    if not chosen:
        return {}
    rows = PartRow.objects.filter(log_id=log.row, number=0, retention=FACTS)
    few = len(chosen) <= _FEW  # of which one that never comes would otherwise have all since read again and again
    rows = rows.filter(index__in=chosen) if few else rows.filter(index__gte=chosen[0], index__lte=chosen[-1])
    wanted = set(chosen)
    found = {index: bytes(body) for index, body in rows.values_list("index", "body") if index in wanted}
    return found if len(found) == len(wanted) else {**_sealed(log, wanted.difference(found)), **found}


def _sealed(log: Log, wanted: Set[int]) -> Mapping[int, bytes]:
    """The facts of leaves that lie in volumes, volume after volume."""
    reader, found = reading.reader(), dict[int, bytes]()
    if volumes.count(*reader, log.row):
        for number in sorted({index // volumes.TILE for index in wanted}):
            sealed = volumes.facts(*reader, log.row, number * volumes.TILE, (number + 1) * volumes.TILE)
            found.update((index, each.part.body) for (index, _), each in sealed.items() if index in wanted)
    return found


def parts(log: Log, index: int) -> tuple[Held, ...]:
    """The parts at hand of one leaf, by number."""
    held = bodies.read(*reading.reader(), log.row, index, index + 1)
    return tuple(Held(each.number, each.part.retention, each.part.body) for each in held)


def cosigned(law: Law) -> Mapping[tuple[str, str], int]:
    """(origin, party) to the largest size of that log which the party's cosigner has signed."""
    return _largest({f"{party.domain}/{law.id}/cosigner": party.code for party in law.parties})


def observed(law: Law) -> Mapping[tuple[str, str], int]:
    """(origin, observer) to the largest size of that log whose head the observer has signed; it holds no entry."""
    return _largest({observer.key.split("+", 1)[0]: observer.id for observer in law.observers})


_NEWEST = 64
"""Cosignatures of a log among which those of its cosigners are looked for first."""


def _largest(named: Mapping[str, str]) -> Mapping[tuple[str, str], int]:
    """(origin, what a cosigner's key name stands for) to the largest size that it has signed.

    A cosignature is kept for every head, so only the newest are read, and more where a cosigner is behind them.
    """
    largest: dict[tuple[str, str], int] = {}
    for log, origin in LogRow.objects.values_list("pk", "origin"):
        rows = CosignatureRow.objects.filter(log_id=log).order_by("-size").values_list("name", "size")
        signed: dict[str, int] = {}
        newest = list(rows[:_NEWEST])
        for name, size in newest:
            signed.setdefault(name, size)
        for name, stands_for in named.items():
            if name.partition("/")[0] == origin.partition("/")[0]:
                continue  # nobody cosigns its own log
            if name not in signed and len(newest) == _NEWEST:
                signed.update(rows.filter(name=name)[:1])
            if name in signed:
                largest[origin, stands_for] = signed[name]
    return largest


@cache
def _state() -> str:
    """One statement for all that the cursor stands for, as rows of text; both engines read it."""
    name = {model: model._meta.db_table for model in (LogRow, LinkRow, EvidenceRow, Draft, *_INSIDE)}
    text = "SELECT '{}', {}, CAST({} AS text), CAST({} AS text) FROM {}".format
    rows = [
        text("log", "CAST(id AS text)", "size", "frozen", name[LogRow]),
        text("link", "party", "log_id", "held", name[LinkRow]),
        text("evidence", "''", "COUNT(*)", "0", name[EvidenceRow]),
        # Those released are counted by the log, so that this looks at no more than what is being worked on.
        text("drafts", "state", "COUNT(*)", "SUM(revision)", name[Draft]) + _UNRELEASED,
        text("changed", "state", "MAX(changed_at)", "0", name[Draft]) + _UNRELEASED,
        *(text(name[table], "''", f"MAX({table._meta.pk.column})", "0", name[table]) for table in _INSIDE),
    ]
    return " UNION ALL ".join(rows)


_UNRELEASED = (
    " WHERE state IN ("
    + ", ".join(f"'{state}'" for state in DraftState.values if state != DraftState.RELEASED)
    + ") GROUP BY state"
)


def cursor() -> str:
    """A few bytes that change whenever something on a page may have: logs, links, drafts, shifts, the watch log.

    Every open page asks for them several times a second, so it is one statement, and none that Django must write.
    """
    with connection.cursor() as asked:
        asked.execute(_state())
        return hashlib.sha256(repr(sorted(map(str, asked.fetchall()))).encode()).hexdigest()[:16]


def find(law: Law, text: str) -> str:
    """The spoken number in `text`, as a person typed it, with its check digit.

    Takes digits of any of the four languages, with or without check digit. Refuses what is no number, a party that is
    not of this instrument, and a number that this node does not hold.
    """
    number = numbers.parse(text)
    if law.party(number.party) is None:
        raise Refusal("desk.unknown-party", party=number.party)
    log, place = located(law, *number)
    if place >= log.size:
        raise Refusal("desk.not-held", number=numbers.spoken(*number))
    return numbers.spoken(*number)

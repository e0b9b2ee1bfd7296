"""Entering a new version of the instrument: from its leaf on it binds this party, and this node serves it.

Three steps, each of which may be the last one before the power goes; the next call finishes what is left.

1. The version is laid beside those that are held (`mithaq_files.held`), whole or not at all. It binds nobody yet.
2. In one transaction, an `instrument` leaf goes into every log that this party has begun. That is the change: what
   serves it reads the log (`mithaq_node.queries.instrument`).
3. The proposal is taken away.

What the other parties have made under it meanwhile was kept as it came, and is folded anew under the version that it
names (docs/spec/folds.md, "Versions of the instrument").
"""

from contextlib import ExitStack
from dataclasses import dataclass

from django.conf import settings

from mithaq.errors import Refusal
from mithaq.instrument import amending, changes
from mithaq.instrument.sealing import Sealed
from mithaq.moments import Moment
from mithaq.notices import envelope
from mithaq.notices.envelope import Header, InForce, text_of
from mithaq.notices.versions import Versions
from mithaq_files import held
from mithaq_files.instrument import is_sealed_folder, read_served
from mithaq_node import queries
from mithaq_node.queries import ledgers, rolls
from mithaq_node.services import drafting, entering, proposing, rings, sequencing
from mithaq_node.services.sequencing import Entry, OpenLog
from mithaq_node.store import log as record

_PAGE = 512
_MEMBER = b'"instrument":{'


@dataclass(frozen=True)
class ChangedOver:
    """The version that binds this party now, and the spoken numbers of the leaves that say so."""

    version: Sealed
    leaves: tuple[str, ...]


def enter(*, now: Moment) -> ChangedOver:
    """Enter the version that is proposed here; what an interrupted call has done already is not done again.

    Refuses where nothing is proposed, a party's seal is missing or its term is over; one that was sealed by other root
    keys than those in force (`instrument.other-roots`); one that is not the next (`instrument.not-next`) or does not
    follow the one served; and one that changes what is past (`mithaq.instrument.amending`).
    """
    proposing.recover(settings.NODE.proposed)
    if not is_sealed_folder(settings.NODE.proposed):
        raise Refusal("instrument.none-proposed")
    version = read_served(settings.NODE.proposed)
    said = InForce(law=version.law_digest, words=version.words_digest)
    bound = _binding()
    if bound != said:
        _require_enterable(version, now)
    _hold(version, bound)
    leaves = _log(said, now)
    proposing.drop()
    return ChangedOver(version, leaves)


def entered_in(log: record.Log) -> InForce | None:
    """What the last `instrument` leaf of a log put in force; None before there is one."""
    conn, engine = sequencing.reader()
    for end in range(log.size, 0, -_PAGE):
        leaves = record.read_entries(conn, engine, log, max(0, end - _PAGE), end)
        for leaf in reversed(leaves):
            if _MEMBER in leaf and (said := _instrument_of(leaf)) is not None:
                return said
    return None


def _binding() -> InForce:
    """What this party's log for all put in force last; refuses a log that has not begun."""
    origin = sequencing.own_origin()
    log = record.find(*sequencing.reader(), origin)
    said = entered_in(log) if log is not None else None
    if said is None:
        raise Refusal("instrument.none-entered", log=origin)
    return said


def _hold(version: Sealed, bound: InForce) -> None:
    """Lay the version beside those that are held. One that an interrupted call left there, and that was given up since
    for this one, never bound anybody and goes."""
    known = queries.held()
    if any(_is_same(version, each) for each in known):
        return
    if len(known) > 1 and InForce(law=known[-1].law_digest, words=known[-1].words_digest) != bound:
        held.take_back(settings.NODE.folder)
    held.add(settings.NODE.folder, version)


def _is_same(one: Sealed, other: Sealed) -> bool:
    return one.law_bytes == other.law_bytes and one.words_bytes == other.words_bytes


def _require_enterable(version: Sealed, now: Moment) -> None:
    served = queries.sealed()
    version.require_in_force(now)
    if version.law.demo and not settings.NODE.demo:
        raise Refusal("node.demo-instrument", instrument=version.law.id)
    if not changes.diff(served, version):
        raise Refusal("instrument.nothing-differs")
    if version.law_bytes != served.law_bytes:
        amending.require_next(served.law, version.law)
        Versions(served.law, version.law)
    proposing.require_timely(served, version, now)
    _require_roots(version)


def _require_roots(version: Sealed) -> None:
    """Its seals are judged under the root keys that it names itself, so those must be the ones in force. A party that
    has entered the version said under its own log that they were, whatever it has changed since."""
    conn, engine = sequencing.reader()
    entered = {each.party for each in ledgers.entered_elsewhere(version.law_digest)}
    for party in version.law.parties:
        if party.code in entered:
            continue
        log = record.find(conn, engine, rolls.origin_of(queries.first(), party.code))
        origin = queries.first().origin(party.code)
        given = (rings.ring_of(conn, engine, queries.first(), log).roots if log else None) or rings.roots_of(
            queries.first(), origin
        )
        if list(given.keys) != list(party.roots) or given.threshold != party.threshold:
            raise Refusal("instrument.other-roots", party=party.code)


def _log(said: InForce, now: Moment) -> tuple[str, ...]:
    """A leaf in every log of this party that has begun and is not under the version yet, all of them or none."""
    law = queries.first()
    origins = {each: sequencing.own_origin(each) for each in law.audiences_of(settings.NODE.party)}
    conn, engine = sequencing.reader()
    known = {name: record.find(conn, engine, origin) for name, origin in origins.items()}
    wanted = [name for name, log in known.items() if log is not None and log.in_force and entered_in(log) != said]
    leaves = []
    with ExitStack() as opened:
        for name in wanted:
            log = opened.enter_context(sequencing.open_log(origin=origins[name], now=now))
            leaves.append(sequencing.spoken(origins[name], _append(log, origins[name], said)))
    return tuple(leaves)


def _append(log: OpenLog, origin: str, said: InForce) -> int:
    header = Header(
        at=str(log.at),
        id=drafting.new_id(),
        kind=entering.INSTRUMENT,
        law=log.in_force,
        log=origin,
        instrument=said,
    )
    return log.append(Entry(text_of(header), ()))


def _instrument_of(leaf: bytes) -> InForce | None:
    try:
        return envelope.parse(leaf).header.instrument
    except Refusal:
        return None

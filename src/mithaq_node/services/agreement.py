"""The agreement leaf: this party's digest of the state at the common cut, daily and on request.

Two nodes that state equal digests for equal cuts see the same incidents, clocks and crossings. An agreement is itself a
leaf, and so is the receipt for it; a new one is stated only when something else has been added since the last, or both
sides would agree about agreements for ever.
"""

from collections.abc import Mapping

from django.conf import settings

from mithaq.errors import Refusal
from mithaq.moments import Moment
from mithaq.notices import numbers
from mithaq.notices.envelope import Agreement, Header, parse, text_of
from mithaq_node import queries
from mithaq_node.queries import ledgers
from mithaq_node.services import drafting, sequencing
from mithaq_node.services.sequencing import Entry
from mithaq_node.store import log as record

KIND = "agreement"
_PAGE = 512


def publish_all(*, now: Moment) -> tuple[str, ...]:
    """`publish` for every audience of this party; the leaves' spoken numbers."""
    audiences = queries.law().audiences_of(settings.NODE.party)
    return tuple(number for each in audiences if (number := publish(now=now, audience=each)) is not None)


def publish(*, now: Moment, audience: str = numbers.ALL) -> str | None:
    """State the digest at the common cut of an audience; the leaf's spoken number, or None when there is nothing new to
    state."""
    instrument, origin = queries.sealed(), sequencing.own_origin(audience)
    cut = {each: size for each, size in ledgers.cut_of_both(audience).items() if size}
    if not cut or not adds_content(cut, _last_cut(origin)) or not ledgers.is_comparable(cut):
        return None
    digest = ledgers.digest_at(cut)
    with sequencing.open_log(origin=origin, now=now) as log:
        header = Header(
            at=str(log.at),
            id=drafting.new_id(),
            kind=KIND,
            law=instrument.law_digest,
            log=origin,
            agreement=Agreement(cut=sorted(cut.items()), digest=digest, rules=ledgers.rules_at(cut)),
        )
        index = log.append(Entry(text_of(header), ()))
    return sequencing.spoken(origin, index)


def adds_content(cut: Mapping[str, int], last: Mapping[str, int]) -> bool:
    """Whether a log holds between `last` and `cut` anything but receipts and agreements."""
    return any(_has_content(origin, last.get(origin, 0), size) for origin, size in cut.items())


def _has_content(origin: str, start: int, end: int) -> bool:
    conn, engine = sequencing.reader()
    log = record.find(conn, engine, origin)
    if log is None:
        return False
    for at in range(start, end, _PAGE):
        for leaf in record.read_entries(conn, engine, log, at, min(at + _PAGE, end)):
            if _is_content(leaf):
                return True
    return False


def _is_content(leaf: bytes) -> bool:
    try:
        header = parse(leaf).header
    except Refusal:  # a counterpart's leaf that is none stands in its log all the same, and in our state as such
        return True
    return header.receipt is None and header.agreement is None


def _last_cut(origin: str) -> Mapping[str, int]:
    """The cut of this party's newest agreement, looked for backwards from the end of its log."""
    conn, engine = sequencing.reader()
    log = record.find(conn, engine, origin)
    end = log.size if log is not None else 0
    while log is not None and end > 0:
        start = max(0, end - _PAGE)
        for leaf in reversed(record.read_entries(conn, engine, log, start, end)):
            agreed = parse(leaf).header.agreement
            if agreed is not None:
                return dict(agreed.cut)
        end = start
    return {}

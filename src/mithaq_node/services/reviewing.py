"""Review: the second officer confirms a notice that one officer released alone.

The review is a notice of its own whose role is to seal: it refers to the notice, repeats its commitments, and the same
parts travel with it, so the counterpart needs no special case to check what was confirmed.
"""

from mithaq.errors import Refusal
from mithaq.instrument.law import Kind, Law
from mithaq.moments import Moment
from mithaq.notices import joint, numbers
from mithaq.notices.drafting import header_for, sign_release
from mithaq.notices.envelope import Leaf, Reference, parse
from mithaq.notices.parts import Part
from mithaq.notices.release import officers
from mithaq_node import queries
from mithaq_node.services import accounts, drafting, sequencing
from mithaq_node.services.moves import Deed, check_officer
from mithaq_node.services.sequencing import Entry
from mithaq_node.store import log as record
from mithaq_node.store.models import Officer


def review(*, number: str, officer: Officer, secret: str, now: Moment) -> str:
    """Confirm our own notice `number`, released by one officer; the review's spoken number.

    Refuses a notice that two officers released, and the officer who released it.
    """
    check_officer(officer, Deed.RELEASE)
    instrument = queries.sealed()
    instrument.require_in_force(now)
    reviewed_in, index = _located(instrument.law, number)
    origin = sequencing.own_origin(numbers.audience_of(reviewed_in))
    opened = accounts.open_key(officer=officer, secret=secret, log=origin)
    with opened as key, sequencing.open_log(origin=origin, now=now) as log:
        reviewed, parts = _read(reviewed_in, index)
        if officer.key_name in officers(reviewed):
            raise Refusal("leaf.same-officer", name=officer.key_name)
        header = header_for(
            instrument.law,
            review_kind(instrument.law),
            parts,
            law_digest=instrument.law_digest,
            log=origin,
            id=drafting.new_id(),
            at=str(log.at),
            release="one",
            precedence=reviewed.header.precedence,
            re=[Reference(log=reviewed_in, id=reviewed.header.id)],
        )
        written = log.append(Entry(sign_release(header, str(log.at), officer.key_name, key), parts))
    return sequencing.spoken(origin, written)


def review_kind(law: Law) -> Kind:
    """The kind by which this law confirms a single release."""
    found = next((kind for kind in law.kinds if joint.is_review(kind)), None)
    if found is None:
        raise Refusal("draft.no-review-kind")
    return found


def _located(law: Law, number: str) -> tuple[str, int]:
    party, running, audience = numbers.parse(number)
    epoch, index = numbers.place(running)
    if party != queries.own_party().code:
        raise Refusal("draft.not-our-notice", number=number[:40])
    return law.origin(party, audience, epoch), index


def _read(origin: str, index: int) -> tuple[Leaf, tuple[Part, ...]]:
    conn, engine = sequencing.reader()
    log = record.read(conn, engine, origin)
    found = record.read_entries(conn, engine, log, index, index + 1)
    if not found:
        raise Refusal("node.no-entry", log=origin, index=index)
    leaf = parse(found[0])
    if leaf.header.release != "one":
        raise Refusal("draft.needs-no-review", release=leaf.header.release)
    held = record.read_parts(conn, engine, log, index, index + 1)
    if len(held) != len(leaf.header.parts):
        raise Refusal("draft.parts-erased", index=index)
    return leaf, tuple(part.part for part in held)

"""Assent: this party's seal on a joint text of another, which carries the same parts under the same commitments.

Nothing is compiled: the parts are those that the proposal brought, salts included, as they lie in the record. The seal
is filed by one officer and released by another like any notice that takes two (`filing`, `releasing`).
"""

from collections.abc import Iterable

from mithaq import canonical
from mithaq.errors import Refusal
from mithaq.notices.book import Notice
from mithaq.notices.envelope import Reference
from mithaq.notices.parts import Part
from mithaq_node import queries
from mithaq_node.queries import ledgers
from mithaq_node.services import recounting, sequencing, texting
from mithaq_node.store import log as record


def repeated(references: Iterable[Reference]) -> tuple[Part, ...]:
    """The parts of the one joint text that is referred to.

    Refuses anything but one open proposal of another party (`seal.…`), a text of which a part is not held here, and
    figures of a quarter that this node computes otherwise (`quarter.…`).
    """
    found = _proposal(list(references))
    assert found.leaf is not None
    conn, engine = sequencing.reader()
    held = record.read_parts(conn, engine, record.read(conn, engine, found.log), found.index, found.index + 1)
    if len(held) != len(found.leaf.header.parts):
        raise Refusal("draft.parts-erased", index=found.index)
    recounting.require_equal(queries.law_of(found.leaf).kind(found.kind), canonical.decode(held[0].part.body))
    return tuple(each.part for each in held)


def _proposal(references: list[Reference]) -> Notice:
    if len(references) != 1:
        raise Refusal("seal.one-text", found=len(references))
    book, wanted = ledgers.book(), references[0]
    notice = next(
        (each for each in book.in_order if each.leaf and (each.log, each.leaf.header.id) == (wanted.log, wanted.id)),
        None,
    )
    if notice is None:
        raise Refusal("reference.not-covered", log=wanted.log[:120], id=wanted.id[:40])
    text, own = book.joint.get(notice.number), queries.own_party().code
    if text is None or notice.party == own:
        raise Refusal("seal.not-joint", number=notice.number)
    if not text.is_open or own in text.assents:
        raise Refusal("seal.not-open", number=notice.number)
    texting.require_sealable(notice)
    return notice

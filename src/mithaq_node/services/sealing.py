"""Seals as they arrive: a party's root keys signed elsewhere, and the notes come here by any road.

When the last seal is there the instrument is in force, and this party's log says so (`entering`).
"""

from django.conf import settings

from mithaq.errors import Refusal
from mithaq.instrument.sealing import Sealed
from mithaq.notices.restraint import require_restraint
from mithaq.record import note
from mithaq_files.instrument import write_sealed
from mithaq_node import queries


def adopt(*, law_note: bytes, words_note: bytes) -> Sealed:
    """Keep these seals beside those that are there; refuses seals of other bytes and forged ones.

    Seals only gather: a note that lacks a seal we hold does not take it away.
    """
    held = queries.sealed()
    joined = Sealed.open(
        held.law_bytes,
        held.words_bytes,
        _joined(held.law_note, law_note),
        _joined(held.words_note, words_note),
    )
    if joined.law.demo and not settings.NODE.demo:
        raise Refusal("node.demo-instrument", instrument=joined.law.id)
    require_restraint(joined.law)
    write_sealed(settings.NODE.instrument, joined)
    return queries.sealed()


def _joined(held: bytes | None, arrived: bytes) -> bytes:
    if held is None:
        return arrived
    text, known = note.split(held)
    other, new = note.split(arrived)
    if other != text:
        raise Refusal("instrument.seal-of-another")
    return note.join(text, (*known, *(signature for signature in new if signature not in known)))

"""Opened courier files of the fictional north, to be verified and damaged."""

from itertools import pairwise

from mithaq.exchange import courier, delivery
from mithaq.exchange.courier import Header
from mithaq.exchange.delivery import Delivery, SentPart
from mithaq.notices.envelope import Roots
from mithaq.record import merkle, note
from mithaq.record.merkle import Frontier
from tests.mithaq_files import border
from tests.mithaq_files.border import Log


def sent(log: Log, start: int, size: int) -> bytes:
    """The delivery of leaves [start, size) with all their parts."""
    parts = [
        SentPart(start + offset, number, part.salt, part.body)
        for offset, each in enumerate(log.parts[start:size])
        for number, part in enumerate(each)
    ]
    proof = merkle.consistency_proof(start, size, log.tree.subtree)
    entries = tuple(log.entries[start:size])
    return delivery.encode(
        Delivery(log.origin, start, start, size, 0, log.at(), proof, log.head(size), b"", entries, tuple(parts))
    )


def header(log: Log, needs: int) -> Header:
    keysets = [(index, entry) for index, entry in enumerate(log.entries) if log.header_at(index).keyset]
    return Header(
        sender="NA",
        receiver="SA",
        log=log.origin,
        needs=Frontier.at(needs, log.tree.subtree),
        begins=needs,
        ends=len(log.entries),
        number=1,
        time=log.at(),
        keysets=keysets,
        roots=Roots(keys=border.root_keys("NA"), threshold=2),
    )


def content(log: Log, *sizes: int, blocks: tuple[bytes, ...] | None = None, said: Header | None = None) -> bytes:
    """A courier's content that brings its receiver from the first of `sizes` to the last, delivery by delivery."""
    carried = blocks or tuple(sent(log, start, size) for start, size in pairwise(sizes))
    return b"".join(courier.contents(said or header(log, sizes[0]), carried, signed_by(log)))


def signed_by(log: Log) -> courier.Sign:
    name = f"{log.domain}/node"
    return lambda text: note.sign(text, name, border.private(name))

"""Deriving every tree of a store anew from its leaves, and every commitment from its parts."""

from mithaq.errors import Refusal
from mithaq.exchange.delivery import HeldPart
from mithaq.notices import envelope
from mithaq.notices.parts import check_part
from mithaq.record import merkle
from mithaq.record.merkle import Frontier
from mithaq_node.store import log as record
from mithaq_node.store.engine import Connection, Engine
from mithaq_node.store.log import Log

_PAGE = 1_024


def require_sound(conn: Connection, engine: Engine) -> tuple[Log, ...]:
    """Every log of the store; refuses (`backup.not-sound`) one that its leaves and parts do not give."""
    found = record.logs(conn, engine)
    for log in found:
        _require_tree(conn, engine, log)
    return found


def _require_tree(conn: Connection, engine: Engine, log: Log) -> None:
    frontier = Frontier()
    for start in range(0, log.size, _PAGE):
        end = min(start + _PAGE, log.size)
        leaves = record.read_entries(conn, engine, log, start, end)
        if len(leaves) != end - start:
            raise Refusal("backup.not-sound", log=log.origin, index=start)
        frontier = frontier.extend(map(merkle.leaf_hash, leaves))
        for held in record.read_parts(conn, engine, log, start, end):
            _require_part(log, leaves[held.index - start], held)
    if frontier.encode() != log.frontier.encode():
        raise Refusal("backup.not-sound", log=log.origin, index=log.size)


def _require_part(log: Log, leaf: bytes, held: HeldPart) -> None:
    refs = envelope.parse(leaf).header.parts
    if held.number >= len(refs):
        raise Refusal("backup.not-sound", log=log.origin, index=held.index)
    check_part(refs[held.number], held.part.salt, held.part.body, held.index, held.number)

"""Sealed volumes: leaves and facts of a full tile of a log, compressed into one row in the place of some five hundred.

A volume is written, read back and held to its tile in the transaction that lets the rows go, so that a machine that
stops in it has one or the other. The hashes stay in the tile, so proofs cost what they did; every reader here takes the
rows first and from volumes what is not in rows. Not in a volume: erasable parts, which stay rows under their own keys
and go as they went before; leaves that an index of the store names (key-sets, erasures), which stay rows *too*, because
joins and triggers look for them; the newest leaves.

A tile some of whose facts have not arrived is left as it is, and so is one that holds more than a reader of one leaf
should have to unpack. The triggers let a row go only where a volume of its tile stands, and let a volume in only where
the tile has its root (`store.append_only`); what they cannot see is whether the volume holds the same bytes. `seal`
looks.
"""

import threading
import zlib
from collections import OrderedDict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

import msgspec

from mithaq.errors import Fault, Refusal
from mithaq.exchange.delivery import HeldPart
from mithaq.notices import envelope
from mithaq.notices.parts import FACTS, SALT_BYTES, Part, check_part
from mithaq.record import merkle
from mithaq_node.store.engine import Connection, Engine

TILE = 256
"""Entries of a tile of level 0, and of a volume."""
_LEVEL = 6
_MOST = 64 * 1024 * 1024
"""Bytes that a volume may have unpacked: 256 leaves of 4 KiB and their facts are a few."""
FULLEST = 8 * 1024 * 1024
"""Bytes of leaves and facts that a tile may have to be sealed; a reader of one leaf unpacks them all."""
_REMEMBERED = 32 * 1024 * 1024
"""Bytes of leaves and facts that are kept unpacked: whoever reads one leaf mostly reads its neighbours."""
_FACTS = "number = 0 AND retention = 'facts' AND month = ''"
_INDEXED = (
    '(EXISTS (SELECT 1 FROM key_set WHERE key_set.log_id = entry.log_id AND key_set."index" = entry."index")'
    ' OR EXISTS (SELECT 1 FROM erasure WHERE erasure.by_log_id = entry.log_id AND erasure.by_index = entry."index"))'
)


class Volume(msgspec.Struct, frozen=True, array_like=True):
    """What a volume holds. `facts[n]` is the place of a leaf in the tile, whose facts are `bodies[n]` under the n-th
    salt of 32 bytes in `salts`."""

    leaves: list[bytes]
    facts: list[int]
    bodies: list[bytes]
    salts: bytes

    def parts(self, first: int) -> Iterator[HeldPart]:
        """Its facts as parts, where its first leaf has the index `first`."""
        for nth, (place, body) in enumerate(zip(self.facts, self.bodies, strict=True)):
            salt = self.salts[nth * SALT_BYTES : (nth + 1) * SALT_BYTES]
            yield HeldPart(first + place, 0, Part(FACTS, salt, body))

    @property
    def weight(self) -> int:
        """Bytes of its leaves and facts."""
        return sum(map(len, self.leaves)) + sum(map(len, self.bodies)) + len(self.salts)


_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(Volume).decode


def pack(volume: Volume) -> bytes:
    """The bytes of a volume: zlib over MessagePack."""
    return zlib.compress(_encode(volume), _LEVEL)


def unpack(packed: bytes) -> Volume | None:
    """The volume in `packed`; None where there is none."""
    try:
        inflating = zlib.decompressobj()
        plain = inflating.decompress(packed, _MOST)
        found = _decode(plain)
    except (zlib.error, msgspec.DecodeError):
        return None
    whole = inflating.eof and len(found.leaves) == TILE and all(place < TILE for place in found.facts)
    fits = len(found.facts) == len(found.bodies) and len(found.salts) == SALT_BYTES * len(found.bodies)
    return found if whole and fits else None


class Unpacked:
    """The volumes that were asked for last, unpacked, of `most` bytes together; for every thread."""

    def __init__(self, most: int) -> None:
        self._most, self._weight = most, 0
        self._kept: OrderedDict[bytes, Volume] = OrderedDict()
        self._lock = threading.Lock()

    def of(self, packed: bytes) -> Volume | None:
        """What `unpack` gives."""
        with self._lock:
            if packed in self._kept:
                self._kept.move_to_end(packed)
                return self._kept[packed]
        found = unpack(packed)
        if found is not None:
            self._keep(packed, found)
        return found

    def _keep(self, packed: bytes, volume: Volume) -> None:
        with self._lock:
            if packed in self._kept:  # another thread was quicker
                return
            self._kept[packed] = volume
            self._weight += len(packed) + volume.weight
            while self._weight > self._most:
                gone, light = self._kept.popitem(last=False)
                self._weight -= len(gone) + light.weight


_unpacked = Unpacked(_REMEMBERED)


def read(conn: Connection, engine: Engine, log_id: int, start: int, end: int) -> Iterator[tuple[int, Volume]]:
    """The volumes that hold something of [start, end), each with the index of its first leaf, in order.

    Refuses one that cannot be read (`volume.damaged`), with its log and number.
    """
    rows = engine.execute(
        conn,
        "SELECT number, packed FROM volume WHERE log_id = ? AND number >= ? AND number < ? ORDER BY number",
        (log_id, start // TILE, -(-end // TILE)),
    ).fetchall()
    for number, packed in rows:
        volume = _unpacked.of(bytes(packed))
        if volume is None:
            raise Refusal("volume.damaged", log=_origin(conn, engine, log_id), number=number)
        yield number * TILE, volume


def leaves(conn: Connection, engine: Engine, log_id: int, start: int, end: int) -> Mapping[int, bytes]:
    """Index and bytes of the leaves of [start, end) that lie in volumes."""
    return {
        first + place: leaf
        for first, volume in read(conn, engine, log_id, start, end)
        for place, leaf in enumerate(volume.leaves)
        if start <= first + place < end
    }


def facts(conn: Connection, engine: Engine, log_id: int, start: int, end: int) -> Mapping[tuple[int, int], HeldPart]:
    """The facts of the leaves [start, end) that lie in volumes, by index and number."""
    return {
        (each.index, each.number): each
        for first, volume in read(conn, engine, log_id, start, end)
        for each in volume.parts(first)
        if start <= each.index < end
    }


def unsealed(conn: Connection, engine: Engine, log_id: int, below: int) -> Sequence[int]:
    """The numbers of the full tiles below the tile `below` that are in no volume."""
    rows = engine.execute(
        conn,
        "SELECT number FROM tile WHERE log_id = ? AND level = 0 AND number < ?"
        " AND number NOT IN (SELECT number FROM volume WHERE log_id = ?) ORDER BY number",
        (log_id, below, log_id),
    ).fetchall()
    return [number for (number,) in rows]


def count(conn: Connection, engine: Engine, log_id: int) -> int:
    """How many volumes a log has."""
    (found,) = engine.execute(conn, "SELECT count(*) FROM volume WHERE log_id = ?", (log_id,)).fetchone()
    return int(found)


def seal(conn: Connection, engine: Engine, log_id: int, number: int) -> bool:
    """Put the tile `number`, which is in no volume, into one and let its rows go, in the transaction that is open.

    False, and nothing done, where facts of it have not arrived or it has more than `FULLEST` bytes. Refuses (`fsck.…`,
    `part.…`) leaves and facts that are not those of the tile: they stay as they are.
    """
    start, end = number * TILE, (number + 1) * TILE
    if _weight(conn, engine, log_id, start, end) > FULLEST:
        return False
    held = _leaves(conn, engine, log_id, number)
    rows = engine.execute(
        conn,
        f'SELECT "index", salt, body FROM part WHERE log_id = ? AND "index" >= ? AND "index" < ? AND {_FACTS}'
        ' ORDER BY "index"',
        (log_id, start, end),
    ).fetchall()
    found = {index: Part(FACTS, bytes(salt), bytes(body)) for index, salt, body in rows}
    if not _has_all_facts(held, start, found):
        return False
    volume = Volume(
        held,
        [index - start for index in found],
        [part.body for part in found.values()],
        b"".join(part.salt for part in found.values()),
    )
    _write(conn, engine, log_id, number, volume)
    place = (log_id, start, end)
    engine.execute(conn, f'DELETE FROM part WHERE log_id = ? AND "index" >= ? AND "index" < ? AND {_FACTS}', place)
    engine.execute(
        conn, f'DELETE FROM entry WHERE log_id = ? AND "index" >= ? AND "index" < ? AND NOT {_INDEXED}', place
    )
    return True


@contextmanager
def stand_in(conn: Connection, engine: Engine, *, not_there: bool) -> Iterator[None]:
    """Where rows of a schema that knew no volumes are read (`not_there`), an empty table in the place of theirs."""
    if not_there:
        engine.execute(conn, "CREATE TEMPORARY TABLE volume (log_id bigint, number bigint, packed text)")
    yield
    if not_there:
        engine.execute(conn, "DROP TABLE volume")


def compact(conn: Connection, engine: Engine) -> None:
    """Give back to the disk what the rows that went have left. Every page is written anew; nobody writes meanwhile."""
    if engine.name == "sqlite":
        conn.execute("VACUUM")
        conn.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    else:
        for table in ("entry", "part", "volume"):
            conn.execute(f"VACUUM (FULL) {table}")


def _weight(conn: Connection, engine: Engine, log_id: int, start: int, end: int) -> int:
    """Bytes of the leaves of [start, end) and of their facts, as the rows say."""
    (found,) = engine.execute(
        conn,
        'SELECT (SELECT coalesce(sum(length(leaf)), 0) FROM entry WHERE log_id = ? AND "index" >= ? AND "index" < ?)'
        " + (SELECT coalesce(sum(length(body)), 0) FROM part"
        f' WHERE log_id = ? AND "index" >= ? AND "index" < ? AND {_FACTS})',
        (log_id, start, end) * 2,
    ).fetchone()
    return int(found)


def _leaves(conn: Connection, engine: Engine, log_id: int, number: int) -> list[bytes]:
    """The leaves of a tile as its rows hold them, held to the tile."""
    query = "SELECT hashes, root FROM tile WHERE log_id = ? AND level = 0 AND number = ?"
    hashes, root = engine.execute(conn, query, (log_id, number)).fetchone()
    rows = engine.execute(
        conn,
        'SELECT leaf FROM entry WHERE log_id = ? AND "index" >= ? AND "index" < ? ORDER BY "index"',
        (log_id, number * TILE, (number + 1) * TILE),
    ).fetchall()
    held = [bytes(leaf) for (leaf,) in rows]
    found = [merkle.leaf_hash(leaf) for leaf in held]
    if b"".join(found) != bytes(hashes) or merkle.Frontier().extend(found).root() != bytes(root):
        raise Refusal("fsck.other-tile", log=_origin(conn, engine, log_id), level=0, number=number)
    return held


def _origin(conn: Connection, engine: Engine, log_id: int) -> str:
    (origin,) = engine.execute(conn, "SELECT origin FROM log WHERE id = ?", (log_id,)).fetchone()
    return str(origin)


def _has_all_facts(held: Sequence[bytes], start: int, found: Mapping[int, Part]) -> bool:
    """Whether the facts of every leaf that names some are at hand; refuses facts that the leaf does not commit to."""
    for index, leaf in enumerate(held, start):
        try:
            refs = envelope.parse(leaf).header.parts
        except Refusal:
            continue  # one bad leaf stands in the record as it came
        if not refs or refs[0].retention != FACTS:
            continue
        part = found.get(index)
        if part is None:
            return False
        check_part(refs[0], part.salt, part.body, index, 0)
    return True


def _write(conn: Connection, engine: Engine, log_id: int, number: int, volume: Volume) -> None:
    query = "SELECT root FROM tile WHERE log_id = ? AND level = 0 AND number = ?"
    (root,) = engine.execute(conn, query, (log_id, number)).fetchone()
    engine.execute(
        conn,
        "INSERT INTO volume (log_id, number, root, packed) VALUES (?, ?, ?, ?)",
        (log_id, number, bytes(root), pack(volume)),
    )
    query = "SELECT packed FROM volume WHERE log_id = ? AND number = ?"
    (stored,) = engine.execute(conn, query, (log_id, number)).fetchone()
    if unpack(bytes(stored)) != volume:
        raise Fault("a volume to read back as it was written", "other bytes", "check the disk, then restart the node")

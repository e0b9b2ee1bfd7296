"""Every tree of a store hashed again from its leaves, row by row, and roots of earlier sizes on the way.

Memory stays bounded by a page of rows, however long a log is. What is compared: each leaf with its stored hash, each
full tile with the hashes below it, the stored edge and root of the tree with what the leaves give.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256

from mithaq.errors import Refusal
from mithaq.record.merkle import Frontier
from mithaq_node.store import volumes
from mithaq_node.store.engine import Connection, Engine
from mithaq_node.store.log import Log, Tree, leaf_hashes
from mithaq_node.store.volumes import TILE

PAGE = 16 * TILE
"""Rows read at a time: whole tiles, so that each is hashed from one page."""

Tell = Callable[[int], None]
"""Told how many entries have been gone through since it was told last."""


@dataclass(frozen=True, slots=True)
class Difference:
    """Something stored that is not what the leaves give; `entry` is the first that differs, None where it is none."""

    log: str
    entry: int | None
    refusal: Refusal


def retrace(conn: Connection, engine: Engine, log: Log, tell: Tell) -> Iterator[Difference]:
    """What differs in the tree of `log`, the lowest entry first; after a missing entry nothing further is compared."""
    tiles, rest = _Tiles(conn, engine, log), list[bytes]()
    for start in range(0, log.size, PAGE):
        end = min(start + PAGE, log.size)
        try:
            indexes, leaves, stored, twice = _page(conn, engine, log, start, end)
        except Refusal as refusal:
            yield Difference(log.origin, int(str(refusal.data["number"])) * TILE, refusal)
            return
        for index in twice:
            yield Difference(log.origin, index, Refusal("fsck.other-leaf", log=log.origin, index=index))
        if indexes != list(range(start, end)):
            known = set(indexes)
            missing = next(index for index in range(start, end) if index not in known)
            yield Difference(log.origin, missing, Refusal("fsck.no-entry", log=log.origin, index=missing))
            return
        hashes = [sha256(b"\0" + leaf).digest() for leaf in leaves]
        if hashes != stored:
            for index, (found, kept) in enumerate(zip(hashes, stored, strict=True), start):
                if found != kept:
                    yield Difference(log.origin, index, Refusal("fsck.other-leaf", log=log.origin, index=index))
        for at in range(0, len(hashes) - TILE + 1, TILE):
            yield from tiles.add(hashes[at : at + TILE], stored[at : at + TILE])
        rest = hashes[len(hashes) // TILE * TILE :]
        tell(end - start)
    yield from tiles.surplus()
    edge = Frontier(tiles.edge.size * TILE, tiles.edge.hashes).extend(rest)
    if edge != log.frontier or edge.root() != _root(conn, engine, log):
        yield Difference(log.origin, None, Refusal("fsck.other-root", log=log.origin, size=log.size))
    if _beyond(conn, engine, log):
        yield Difference(log.origin, log.size, Refusal("fsck.beyond-the-end", log=log.origin, size=log.size))


class Roots:
    """Roots of one log at sizes that are asked for in growing order; an earlier one costs a look-up of its own."""

    def __init__(self, conn: Connection, engine: Engine, log: Log) -> None:
        self._conn, self._engine, self._log = conn, engine, log
        self._tiles = Frontier()
        """The tree over the roots of full tiles."""
        self._row: list[bytes] = []
        """The leaf hashes of the tile that is not full yet."""
        self._at = Frontier()

    def at(self, size: int) -> bytes:
        """The root at `size`, which is at most the log's."""
        if size < self._at.size:
            return Tree(self._conn, self._engine, self._log.id).root(size)
        full = size // TILE
        if full > self._tiles.size:
            self._to_tile(full)
        start = full * TILE
        if size > start and not self._row:
            end = min(start + TILE, self._log.size)
            self._row = leaf_hashes(self._conn, self._engine, self._log.id, start, end)
        self._at = self._at.extend(self._row[self._at.size - start : size - start])
        return self._at.root()

    def _to_tile(self, full: int) -> None:
        rows = self._engine.execute(
            self._conn,
            "SELECT root FROM tile WHERE log_id = ? AND level = 0 AND number >= ? AND number < ? ORDER BY number",
            (self._log.id, self._tiles.size, full),
        ).fetchall()
        self._tiles = self._tiles.extend(bytes(root) for (root,) in rows)
        self._at, self._row = Frontier(full * TILE, self._tiles.hashes), []


class _Tiles:
    """The tiles of a log as its leaves give them, held to those that are stored; one row of each level is kept."""

    def __init__(self, conn: Connection, engine: Engine, log: Log) -> None:
        self._conn, self._engine, self._log = conn, engine, log
        self._rows: list[list[bytes]] = []
        """Per level, the roots of its tiles that no tile above covers yet."""
        self._counts: list[int] = []
        self.edge = Frontier()
        """The tree over the roots of the tiles of level 0."""

    def add(self, hashes: Sequence[bytes], stored: Sequence[bytes] = (), level: int = 0) -> Iterator[Difference]:
        """The next full tile of a level, by its hashes. A tile of the hashes `stored` with the leaves is no difference
        of its own: the leaf that differs from them is named already."""
        if level == len(self._rows):
            self._rows.append([])
            self._counts.append(0)
        number, root = self._counts[level], perfect_root(hashes)
        self._counts[level] += 1
        if level == 0:
            self.edge = self.edge.extend([root])
        kept = self._stored(level, number)
        if kept != (b"".join(hashes), root) and (not stored or kept != (b"".join(stored), perfect_root(stored))):
            index = number * int(TILE ** (level + 1))
            refusal = Refusal("fsck.other-tile", log=self._log.origin, level=level, number=number)
            yield Difference(self._log.origin, index, refusal)
        self._rows[level].append(root)
        if len(self._rows[level]) == TILE:
            row, self._rows[level] = self._rows[level], []
            yield from self.add(row, level=level + 1)

    def surplus(self) -> Iterator[Difference]:
        """Whether more tiles are stored than the log has."""
        query = "SELECT count(*) FROM tile WHERE log_id = ?"
        (stored,) = self._engine.execute(self._conn, query, (self._log.id,)).fetchone()
        if stored > sum(self._counts):
            refusal = Refusal("fsck.surplus-tiles", log=self._log.origin, found=stored, expected=sum(self._counts))
            yield Difference(self._log.origin, None, refusal)

    def _stored(self, level: int, number: int) -> tuple[bytes, bytes] | None:
        query = "SELECT hashes, root FROM tile WHERE log_id = ? AND level = ? AND number = ?"
        row = self._engine.execute(self._conn, query, (self._log.id, level, number)).fetchone()
        return (bytes(row[0]), bytes(row[1])) if row else None


def perfect_root(hashes: Sequence[bytes]) -> bytes:
    """The root over as many hashes as a power of two, a level at a time."""
    row = list(hashes)
    while len(row) > 1:
        pairs = iter(row)
        row = [sha256(b"\x01" + left + right).digest() for left, right in zip(pairs, pairs, strict=True)]
    return row[0]


def _page(
    conn: Connection, engine: Engine, log: Log, start: int, end: int
) -> tuple[list[int], list[bytes], list[bytes], list[int]]:
    """Indexes, leaves and stored hashes of [start, end), `start` that of a tile; and where row and volume differ."""
    rows = engine.execute(
        conn,
        'SELECT "index", leaf, hash FROM entry WHERE log_id = ? AND "index" >= ? AND "index" < ? ORDER BY "index"',
        (log.id, start, end),
    ).fetchall()
    sealed = list(volumes.read(conn, engine, log.id, start, end))
    if not sealed:
        return [row[0] for row in rows], [row[1] for row in rows], [row[2] for row in rows], []
    found, twice = {index: (bytes(leaf), bytes(kept)) for index, leaf, kept in rows}, list[int]()
    for first, volume in sealed:
        kept = leaf_hashes(conn, engine, log.id, first, first + TILE)
        for index, (leaf, stored) in enumerate(zip(volume.leaves, kept, strict=False), first):
            if found.setdefault(index, (leaf, stored))[0] != leaf:
                twice.append(index)
    indexes = sorted(found)
    return indexes, [found[index][0] for index in indexes], [found[index][1] for index in indexes], twice


def _root(conn: Connection, engine: Engine, log: Log) -> bytes:
    (root,) = engine.execute(conn, "SELECT root FROM log WHERE id = ?", (log.id,)).fetchone()
    return bytes(root)


def _beyond(conn: Connection, engine: Engine, log: Log) -> bool:
    """Whether a leaf is stored at or behind the end of the log."""
    query = 'SELECT 1 FROM entry WHERE log_id = ? AND ("index" >= ? OR "index" < 0) LIMIT 1'
    return engine.execute(conn, query, (log.id, log.size)).fetchone() is not None

"""The hot path of the record, in SQL by hand: sequence our leaves, hold a counterpart's, prove either.

Every function runs inside the transaction that its caller opened, on a DB-API connection and an `Engine`; nothing here
commits, signs or moves the fence. What makes a number gap-free: `lock` is the first statement of every writing
transaction and keeps the log's row until the end, so sizes are read and written by one writer at a time.

Stored bytes are read back and hashed again before they enter the tree, so that what a proof says is what a reader will
be given (a bit flipped between the two is otherwise proven and wrong for ever). Full tiles are written when a row of
256 hashes is complete; their roots make proofs over old entries cheap.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

from mithaq import canonical
from mithaq.errors import Fault, Refusal
from mithaq.exchange.delivery import HeldPart
from mithaq.notices import envelope
from mithaq.notices.envelope import Leaf
from mithaq.notices.parts import Part, check_part
from mithaq.record import merkle
from mithaq.record.checkpoint import Checkpoint
from mithaq.record.merkle import Frontier, Growth
from mithaq_node.store import bodies, erasures, volumes
from mithaq_node.store.engine import Connection, Engine
from mithaq_node.store.volumes import TILE

_TILE_BITS = 8
_MONTH = len("YYYY-MM")
_ENTRY = (("log_id", "int8"), ("index", "int8"), ("leaf", "bytea"), ("hash", "bytea"))
_TILE = (("log_id", "int8"), ("level", "int2"), ("number", "int8"), ("hashes", "bytea"), ("root", "bytea"))
_LOG = "id, origin, own, frontier, last_at, note, owed, frozen, unsure, in_force"


@dataclass(frozen=True, slots=True)
class Log:
    """A log as its row stands: identity, tree, newest signed checkpoint, and what receipts for it still owe."""

    id: int
    origin: str
    own: bool
    frontier: Frontier
    last_at: str
    note: bytes = b""
    owed: bytes = b""
    frozen: str = ""
    unsure: str = ""
    """Of our own log: code of the refusal that keeps it from being signed until a mirror has confirmed it."""
    in_force: str = ""
    """The digest of the version of the instrument that binds its party from the next leaf on; empty before any."""

    @property
    def size(self) -> int:
        return self.frontier.size

    @property
    def head(self) -> Checkpoint:
        """The head, unsigned."""
        return Checkpoint(self.origin, self.frontier.size, self.frontier.root())


@dataclass(frozen=True, slots=True)
class Appended:
    """What an append did: the log before it, the log after it, and so the index of its first leaf."""

    before: Log
    log: Log

    @property
    def first(self) -> int:
        return self.before.size


def create(conn: Connection, engine: Engine, origin: str, own: bool) -> Log:
    """The log `origin`, made empty if it is not there."""
    engine.execute(
        conn,
        "INSERT INTO log (origin, own, size, root, frontier, last_at, note, owed, frozen, unsure)"
        " VALUES (?, ?, 0, ?, ?, '', ?, ?, '', '') ON CONFLICT (origin) DO NOTHING",
        (origin, own, merkle.EMPTY_ROOT, Frontier().encode(), b"", b""),
    )
    return read(conn, engine, origin)


def find(conn: Connection, engine: Engine, origin: str) -> Log | None:
    """The log `origin`, or None."""
    return _log(engine.execute(conn, f"SELECT {_LOG} FROM log WHERE origin = ?", (origin,)).fetchone())


def read(conn: Connection, engine: Engine, origin: str) -> Log:
    """The log `origin`; refuses one that this node does not keep."""
    return _known(find(conn, engine, origin), origin)


def lock(conn: Connection, engine: Engine, origin: str) -> Log:
    """`read`, keeping every other writer of this log out until the transaction ends."""
    row = engine.execute(conn, f"SELECT {_LOG} FROM log WHERE origin = ?{engine.locking}", (origin,)).fetchone()
    return _known(_log(row), origin)


def read_all(conn: Connection, engine: Engine, *origins: str, locking: str = "") -> tuple[Log, ...]:
    """The logs `origins`, in this order, as they stand at one moment; refuses one that this node does not keep."""
    text = f"SELECT {_LOG} FROM log WHERE origin IN ({', '.join('?' * len(origins))}){locking}"
    found = {log.origin: log for row in engine.execute(conn, text, origins).fetchall() if (log := _log(row))}
    return tuple(_known(found.get(origin), origin) for origin in origins)


def lock_all(conn: Connection, engine: Engine, *origins: str) -> tuple[Log, ...]:
    """`lock` of several logs, copies first and our own last: all who lock several do it in this order."""
    return read_all(conn, engine, *origins, locking=engine.locking and f" ORDER BY own, origin{engine.locking}")


def logs(conn: Connection, engine: Engine) -> tuple[Log, ...]:
    """Every log of this node, by origin."""
    rows = engine.execute(conn, f"SELECT {_LOG} FROM log ORDER BY origin").fetchall()
    return tuple(log for row in rows if (log := _log(row)))


def sizes(conn: Connection, engine: Engine) -> Mapping[str, int]:
    """The cursor that pages and folds follow: origin to size."""
    return dict(engine.execute(conn, "SELECT origin, size FROM log ORDER BY origin").fetchall())


def append(
    conn: Connection, engine: Engine, origin: str, leaves: Sequence[bytes], parts: Sequence[Sequence[Part]] = ()
) -> Appended:
    """Sequence `leaves` at the end of our own log `origin`, with the parts of each (`parts[i]` belong to `leaves[i]`).

    Refuses a leaf that is not one, is of another log, has an `at` before the log's last one, or commits to other parts
    than those given. Nothing is published by it: the caller commits, then moves the fence, then signs.
    """
    return append_to(conn, engine, lock(conn, engine, origin), leaves, parts)


def append_to(
    conn: Connection,
    engine: Engine,
    log: Log,
    leaves: Sequence[bytes],
    parts: Sequence[Sequence[Part]] = (),
    note: bytes | None = None,
) -> Appended:
    """`append` to a log that this transaction has locked already; `note` becomes its newest signed checkpoint."""
    if not log.own:
        raise Refusal("log.not-ours", log=log.origin)
    last_at, in_force, key_sets, rows = log.last_at, log.in_force, [], list[HeldPart]()
    for offset, encoded in enumerate(leaves):
        leaf = envelope.parse(encoded)
        last_at = _check_next(leaf, log.origin, last_at)
        index = log.size + offset
        rows += _held_parts(index, leaf, parts[offset] if offset < len(parts) else ())
        if leaf.header.keyset is not None:
            key_sets.append(index)
        if leaf.header.instrument is not None:
            in_force = leaf.header.instrument.law
    after = extend(conn, engine, log, leaves, last_at, key_sets, note, in_force=in_force)
    bodies.store(conn, engine, log.id, rows, last_at[:_MONTH])
    return Appended(log, after)


def extend(
    conn: Connection,
    engine: Engine,
    log: Log,
    leaves: Sequence[bytes],
    last_at: str,
    key_sets: Iterable[int],
    note: bytes | None = None,
    owed: bytes | None = None,
    in_force: str | None = None,
    growth: Growth | None = None,
) -> Log:
    """Store `leaves` at the end of a locked log and carry its tree forward over what was stored.

    `growth` is what the leaves do to the tree, where the caller has worked that out for the log as it stands.
    """
    if growth is None or growth.before != log.frontier:
        growth = log.frontier.grow(map(merkle.leaf_hash, leaves))
    hashes = growth.leaf_hashes
    rows = [(log.id, log.size + offset, leaf, hashes[offset]) for offset, leaf in enumerate(leaves)]
    engine.insert(conn, "entry", _ENTRY, rows)
    _check_stored(conn, engine, log, hashes)
    frontier = growth.after
    after = replace(
        log,
        frontier=frontier,
        last_at=last_at,
        note=log.note if note is None else note,
        owed=log.owed if owed is None else owed,
        in_force=log.in_force if in_force is None else in_force,
    )
    if log.own:
        _note_erasures(conn, engine, log, leaves)
    for index in key_sets:
        engine.execute(conn, 'INSERT INTO key_set (log_id, "index") VALUES (?, ?)', (log.id, index))
    _fill_tiles(conn, engine, log, growth)
    engine.execute(
        conn,
        "UPDATE log SET size = ?, root = ?, frontier = ?, last_at = ?, note = ?, owed = ?, in_force = ? WHERE id = ?",
        (frontier.size, frontier.root(), frontier.encode(), last_at, after.note, after.owed, after.in_force, log.id),
    )
    return after


def hold_parts(conn: Connection, engine: Engine, log: Log, parts: Sequence[HeldPart], at: str) -> None:
    """Store parts whose leaves are stored; the caller has checked them against the commitments. `at` is now."""
    bodies.store(conn, engine, log.id, parts, at[:_MONTH])


def note_checkpoint(conn: Connection, engine: Engine, log: Log, note: bytes) -> None:
    """Keep `note` as the newest signed checkpoint of `log`."""
    engine.execute(conn, "UPDATE log SET note = ? WHERE id = ?", (note, log.id))


def freeze(conn: Connection, engine: Engine, log: Log, code: str) -> None:
    """Say on the log that its link is stopped, and why."""
    engine.execute(conn, "UPDATE log SET frozen = ? WHERE id = ?", (code, log.id))


def mark_unsure(conn: Connection, engine: Engine, log: Log, code: str) -> Log:
    """Say on our own log why nothing of it may be signed, or with an empty code that it may be again."""
    engine.execute(conn, "UPDATE log SET unsure = ? WHERE id = ?", (code, log.id))
    return replace(log, unsure=code)


def bind(conn: Connection, engine: Engine, log: Log, in_force: str) -> Log:
    """Say of a log which version of the instrument binds its party from its next leaf on."""
    engine.execute(conn, "UPDATE log SET in_force = ? WHERE id = ?", (in_force, log.id))
    return replace(log, in_force=in_force)


def owe(conn: Connection, engine: Engine, log: Log, owed: bytes) -> Log:
    """Keep what is owed about `log`: by our receipts for another's, by mirrors for our own."""
    engine.execute(conn, "UPDATE log SET owed = ? WHERE id = ?", (owed, log.id))
    return replace(log, owed=owed)


def drop_drafts(conn: Connection, engine: Engine, ids: Sequence[str]) -> None:
    """Forget drafts whose notices turned out to stand in the log: they must not be released a second time."""
    for id_ in ids:
        engine.execute(conn, "DELETE FROM store_draftpart WHERE draft_id = ?", (id_,))
        engine.execute(conn, "DELETE FROM store_draft WHERE id = ?", (id_,))


def keep_evidence(
    conn: Connection,
    engine: Engine,
    log: Log,
    at: str,
    code: str,
    data: Mapping[str, Any],
    theirs: bytes,
    delivery: bytes,
) -> None:
    """Keep both signed heads and the delivery that showed them."""
    engine.execute(
        conn,
        "INSERT INTO evidence (log_id, at, code, data, ours, theirs, delivery) VALUES (?, ?, ?, ?, ?, ?, ?)",
        (log.id, at, code, canonical.encode(dict(data)), log.note, theirs, delivery),
    )


@dataclass(frozen=True, slots=True)
class Evidence:
    """Why a link was stopped, as it was kept: `ours` is the head that we held, `theirs` the one that came."""

    at: str
    code: str
    ours: bytes
    theirs: bytes
    delivery: bytes


def read_evidence(conn: Connection, engine: Engine, log: Log) -> tuple[Evidence, ...]:
    """What was kept each time the link of `log` was stopped, the latest first."""
    rows = engine.execute(
        conn, "SELECT at, code, ours, theirs, delivery FROM evidence WHERE log_id = ? ORDER BY id DESC", (log.id,)
    ).fetchall()
    return tuple(Evidence(at, code, bytes(ours), bytes(theirs), bytes(sent)) for at, code, ours, theirs, sent in rows)


def add_cosignature(conn: Connection, engine: Engine, log: Log, size: int, name: str, line: bytes) -> None:
    """Keep a verified cosignature line on the checkpoint of `size`; the first one of a name and size stays."""
    engine.execute(
        conn,
        "INSERT INTO cosignature (log_id, size, name, line) VALUES (?, ?, ?, ?)"
        " ON CONFLICT (log_id, size, name) DO NOTHING",
        (log.id, size, name, line),
    )


def cosignatures(conn: Connection, engine: Engine, log: Log, size: int) -> tuple[bytes, ...]:
    """The cosignature lines on the checkpoint of `size`, by name."""
    rows = engine.execute(
        conn, "SELECT line FROM cosignature WHERE log_id = ? AND size = ? ORDER BY name", (log.id, size)
    ).fetchall()
    return tuple(bytes(line) for (line,) in rows)


def cosigned_sizes(conn: Connection, engine: Engine, log: Log) -> Mapping[str, int]:
    """Per cosigner, the largest size of `log` that it has cosigned."""
    return dict(
        engine.execute(
            conn, "SELECT name, max(size) FROM cosignature WHERE log_id = ? GROUP BY name", (log.id,)
        ).fetchall()
    )


@dataclass(frozen=True, slots=True)
class LinkRow:
    """What the row of a link says: see `mithaq_node.store.record.LinkRow`."""

    held: int = 0
    heard: str = ""
    carried: int = 0
    carried_at: int = 0
    state: bytes = b""


def read_link(conn: Connection, engine: Engine, party: str, log: Log) -> LinkRow:
    """The link to `party` about our `log`; a fresh one when there is none yet."""
    row = engine.execute(
        conn,
        "SELECT held, heard, carried, carried_at, state FROM link WHERE party = ? AND log_id = ?",
        (party, log.id),
    ).fetchone()
    if row is None:
        return LinkRow()
    held, heard, carried, carried_at, state = row
    return LinkRow(held, heard, carried, carried_at, bytes(state))


def write_link(conn: Connection, engine: Engine, party: str, log: Log, link: LinkRow) -> None:
    """Keep the link to `party` about our `log`."""
    engine.execute(
        conn,
        "INSERT INTO link (party, log_id, held, heard, carried, carried_at, state) VALUES (?, ?, ?, ?, ?, ?, ?)"
        " ON CONFLICT (party, log_id) DO UPDATE SET held = excluded.held, heard = excluded.heard,"
        " carried = excluded.carried, carried_at = excluded.carried_at, state = excluded.state",
        (party, log.id, link.held, link.heard, link.carried, link.carried_at, link.state),
    )


def key_sets(conn: Connection, engine: Engine, log: Log, since: int = 0) -> list[tuple[int, bytes]]:
    """Index and bytes of the log's key-set leaves from `since` on."""
    rows = engine.execute(
        conn,
        'SELECT e."index", e.leaf FROM key_set k JOIN entry e ON e.log_id = k.log_id AND e."index" = k."index"'
        ' WHERE k.log_id = ? AND k."index" >= ? ORDER BY k."index"',
        (log.id, since),
    ).fetchall()
    return [(index, bytes(leaf)) for index, leaf in rows]


def read_entries(conn: Connection, engine: Engine, log: Log, start: int, end: int) -> list[bytes]:
    """The leaves [start, end)."""
    rows = engine.execute(
        conn,
        'SELECT leaf FROM entry WHERE log_id = ? AND "index" >= ? AND "index" < ? ORDER BY "index"',
        (log.id, start, end),
    ).fetchall()
    if len(rows) < end - start:  # none of them is in a volume, or there are no more
        return [leaf for _, leaf in read_indexed(conn, engine, log.id, start, end)]
    return [bytes(leaf) for (leaf,) in rows]


def read_indexed(conn: Connection, engine: Engine, log_id: int, start: int, end: int) -> list[tuple[int, bytes]]:
    """Index and bytes of the leaves [start, end), in order."""
    rows = engine.execute(
        conn,
        'SELECT "index", leaf FROM entry WHERE log_id = ? AND "index" >= ? AND "index" < ? ORDER BY "index"',
        (log_id, start, end),
    ).fetchall()
    found = [(index, bytes(leaf)) for index, leaf in rows]
    sealed = volumes.leaves(conn, engine, log_id, start, end) if len(found) < end - start else {}
    return sorted({**sealed, **dict(found)}.items()) if sealed else found


def leaf_hashes(conn: Connection, engine: Engine, log_id: int, start: int, end: int) -> list[bytes]:
    """The hashes of the leaves [start, end), which lie in one tile: beside the leaves, or where those are in a volume
    in the tile."""
    rows = engine.execute(
        conn,
        'SELECT hash FROM entry WHERE log_id = ? AND "index" >= ? AND "index" < ? ORDER BY "index"',
        (log_id, start, end),
    ).fetchall()
    if len(rows) == end - start:
        return [bytes(value) for (value,) in rows]
    query = "SELECT hashes FROM tile WHERE log_id = ? AND level = 0 AND number = ?"
    tile = engine.execute(conn, query, (log_id, start // TILE)).fetchone()
    hashes, first = bytes(tile[0]) if tile else b"", start // TILE * TILE
    return [hashes[at * 32 : at * 32 + 32] for at in range(start - first, min(end - first, len(hashes) // 32))]


def read_parts(conn: Connection, engine: Engine, log: Log, start: int, end: int) -> list[HeldPart]:
    """The parts held of the leaves [start, end), by index and number."""
    return bodies.read(conn, engine, log.id, start, end)


def part_sizes(
    conn: Connection, engine: Engine, log: Log, start: int, end: int
) -> list[tuple[tuple[int, int], str, int]]:
    """Place, retention class and length of the parts held of the leaves [start, end), bodies not read."""
    return bodies.sizes(conn, engine, log.id, start, end)


def read_part(conn: Connection, engine: Engine, log: Log, index: int, number: int) -> Part | None:
    """One part, or None when it is not held."""
    return bodies.read_one(conn, engine, log.id, index, number)


class Tree:
    """The tree of one log as its rows hold it: `subtree` is what proofs are made of.

    Perfect subtrees never change once they are complete, so those asked for are remembered (bounded).
    """

    _MOST = 20_000

    def __init__(self, conn: Connection, engine: Engine, log_id: int) -> None:
        self._conn, self._engine, self._log_id = conn, engine, log_id
        self._known: dict[tuple[int, int], bytes] = {}

    def subtree(self, start: int, end: int) -> bytes:
        """The root over leaves [start, end), a perfect aligned subtree of stored leaves."""
        known = self._known.get((start, end))
        if known is None:
            known = merkle.Frontier().extend(self._row(start, end)).root()
            self._remember(start, end, known)
        return known

    def _remember(self, start: int, end: int, known: bytes) -> None:
        if len(self._known) >= self._MOST:
            self._known.clear()
        self._known[start, end] = known

    def learn(self, frontier: Frontier) -> None:
        """Take the perfect subtrees of the tree as it stands; spares reading them for the next proof."""
        start = 0
        for bit, known in zip(_bits(frontier.size), frontier.hashes, strict=True):
            self._remember(start, start + bit, known)
            start += bit

    def root(self, size: int) -> bytes:
        """The root of the tree at `size`."""
        return merkle.range_root(0, size, self.subtree)

    def inclusion(self, index: int, size: int) -> tuple[bytes, ...]:
        """The proof that leaf `index` is in the tree of `size`."""
        return merkle.inclusion_proof(index, size, self.subtree)

    def consistency(self, old: int, new: int) -> tuple[bytes, ...]:
        """The proof that the tree of `old` is a prefix of that of `new`."""
        return merkle.consistency_proof(old, new, self.subtree)

    def _row(self, start: int, end: int) -> list[bytes]:
        """Hashes whose tree is the subtree: roots of full tiles as high as they fit, or else leaf hashes."""
        if end - start < TILE:
            hashes = leaf_hashes(self._conn, self._engine, self._log_id, start, end)
            expected = end - start
        else:
            level = ((end - start).bit_length() - 1) // 8 - 1
            width = int(TILE ** (level + 1))
            rows = self._engine.execute(
                self._conn,
                "SELECT root FROM tile WHERE log_id = ? AND level = ? AND number >= ? AND number < ? ORDER BY number",
                (self._log_id, level, start // width, end // width),
            ).fetchall()
            hashes = [bytes(value) for (value,) in rows]
            expected = (end - start) // width
        if len(hashes) != expected:
            raise Fault(f"{expected} hashes over [{start}, {end})", str(len(hashes)), "run mithaq fsck")
        return hashes


def _bits(size: int) -> Iterable[int]:
    """The powers of two that make up `size`, largest first."""
    return (1 << bit for bit in reversed(range(size.bit_length())) if size >> bit & 1)


@lru_cache(maxsize=64)
def _frontier(encoded: bytes) -> Frontier:
    return Frontier.decode(encoded)


def _log(row: Any) -> Log | None:
    if row is None:
        return None
    id_, origin, own, frontier, last_at, note, owed, *said = row
    return Log(id_, origin, bool(own), _frontier(bytes(frontier)), last_at, bytes(note), bytes(owed), *said)


def _known(log: Log | None, origin: str) -> Log:
    if log is None:
        raise Refusal("log.unknown", log=origin)
    return log


def _check_next(leaf: Leaf, origin: str, last_at: str) -> str:
    if leaf.header.log != origin:
        raise Refusal("log.other-log", found=leaf.header.log, expected=origin)
    if leaf.header.at < last_at:
        raise Refusal("log.earlier-than-before", found=leaf.header.at, before=last_at)
    return leaf.header.at


def _held_parts(index: int, leaf: Leaf, parts: Sequence[Part]) -> list[HeldPart]:
    if len(parts) != len(leaf.header.parts):
        raise Refusal("log.other-parts", index=index, expected=len(leaf.header.parts), found=len(parts))
    held = []
    for number, (ref, part) in enumerate(zip(leaf.header.parts, parts, strict=True)):
        check_part(ref, part.salt, part.body, index, number)
        held.append(HeldPart(index, number, part))
    return held


def _note_erasures(conn: Connection, engine: Engine, log: Log, leaves: Sequence[bytes]) -> None:
    """Index what new leaves of our own state to be erased; refilled ones too."""
    for offset, leaf in enumerate(leaves):
        for said in erasures.said_in(leaf):
            about = log if said.log == log.origin else create(conn, engine, said.log, own=False)
            erasures.note(conn, engine, log.id, log.size + offset, about.id, said)


def _check_stored(conn: Connection, engine: Engine, log: Log, hashes: Sequence[bytes]) -> None:
    stored = read_entries(conn, engine, log, log.size, log.size + len(hashes))
    if [merkle.leaf_hash(leaf) for leaf in stored] != list(hashes):
        raise Fault("stored leaves to read back as written", "other bytes", "check the disk, then restart the node")


def _fill_tiles(conn: Connection, engine: Engine, log: Log, growth: Growth) -> None:
    """Write the tiles that became full as the log grew, lowest level first."""
    level, before, now = 0, growth.before.size, growth.after.size
    while now // TILE > before // TILE:
        below = [*_begun_tile(conn, engine, log, level, before), *growth.completed[level * _TILE_BITS]]
        first, roots = before // TILE, growth.completed[(level + 1) * _TILE_BITS]
        rows = [
            (log.id, level, first + at, b"".join(below[at * TILE : (at + 1) * TILE]), root)
            for at, root in enumerate(roots)
        ]
        engine.insert(conn, "tile", _TILE, rows)
        level, before, now = level + 1, before // TILE, now // TILE


def _begun_tile(conn: Connection, engine: Engine, log: Log, level: int, count: int) -> list[bytes]:
    """The hashes that were there already, when a level had `count`, of its tile that was not full: leaf hashes, or the
    roots of the tiles below."""
    start = count // TILE * TILE
    if level == 0:
        query = 'SELECT hash FROM entry WHERE log_id = ? AND "index" >= ? AND "index" < ? ORDER BY "index"'
        parameters: tuple[int, ...] = (log.id, start, count)
    else:
        query = "SELECT root FROM tile WHERE log_id = ? AND level = ? AND number >= ? AND number < ? ORDER BY number"
        parameters = (log.id, level - 1, start, count)
    rows = engine.execute(conn, query, parameters).fetchall()
    return [bytes(value) for (value,) in rows]

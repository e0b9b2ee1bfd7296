"""Everything that a store holds, derived again from the leaves and compared: `mithaq fsck`.

One moment of the database is read, while the node runs or rests, and nothing is written. Stage by stage:

1. trees: every leaf hashed again, against its hash, the tiles, the edge and the root (`mithaq_node.store.retracing`);
2. leaves: the index of key-sets, every part against its commitment, and which parts are not there: of our own log none
   but those that we state to have erased, of another's exactly those that our receipts still owe;
3. signatures: every officer's signature. One that does not verify is no fault of the store, and is counted only;
4. heads: the newest head under the log's key, and every cosignature over the root at its size;
5. receipts: the root that each receipt states, against the log it is about;
6. fences: our own log and the heads that we have cosigned, against what was let past;
7. state: the digest of every agreement, folded again. It needs the state of all notices in memory at once.
"""

import time
from array import array
from base64 import b64encode
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field

from mithaq.errors import Refusal
from mithaq.exchange.receipts import Owed
from mithaq.instrument.law import Law
from mithaq.notices import envelope
from mithaq.notices.envelope import Leaf, Receipt
from mithaq.notices.keys import KeyRing
from mithaq.notices.ledger import Ledger
from mithaq.notices.parts import FACTS, check_part
from mithaq.notices.release import judge_release
from mithaq.notices.versions import Versions
from mithaq.record import checkpoint, note
from mithaq.record.checkpoint import Checkpoint
from mithaq_node.services import rings
from mithaq_node.store import log as record
from mithaq_node.store.engine import Connection, Engine
from mithaq_node.store.fence import Fence, standing
from mithaq_node.store.log import Log, Tree
from mithaq_node.store.retracing import Difference, Roots, Tell, retrace
from mithaq_node.store.volumes import TILE

_PAGE = 512
MOST_TOLD = 20
"""Differences told of one stage; the rest are counted."""
MOST_FOLDED = 200_000
"""Entries up to which the state is folded without being asked for: a book of them fits in a gigabyte."""


@dataclass
class Stage:
    """One stage: how much it went through, how long it took, and what it found."""

    name: str
    counted: int = 0
    seconds: float = 0.0
    differences: list[Difference] = field(default_factory=list)
    untold: int = 0
    remarks: list[str] = field(default_factory=list)

    def found(self, difference: Difference) -> None:
        if len(self.differences) < MOST_TOLD:
            self.differences.append(difference)
        else:
            self.untold += 1


@dataclass(frozen=True)
class Report:
    """What was found, stage by stage."""

    stages: tuple[Stage, ...]

    @property
    def sound(self) -> bool:
        return not any(stage.differences for stage in self.stages)

    @property
    def first(self) -> Difference | None:
        """The first difference, an entry before what is in none."""
        found = [difference for stage in self.stages for difference in stage.differences]
        return min(found, key=lambda each: (each.entry is None, each.entry or 0), default=None)


Progress = Callable[[str, int], None]
"""Told the stage and how many things it has gone through since it was told last."""


def check(
    conn: Connection,
    engine: Engine,
    law: Law | Versions,
    fence: Fence,
    *,
    state: bool | None = None,
    progress: Progress = lambda stage, count: None,
) -> Report:
    """Derive everything again. `state` says whether to fold; None leaves it to the number of entries."""
    fences = {log.origin: fence.read_signed(log.origin) for log in record.logs(conn, engine)}
    with engine.snapshot(conn):
        logs = record.logs(conn, engine)
        laws = Versions.of(law)
        store = _Store(conn, engine, laws, logs, {log.origin: _ring(conn, engine, laws.first, log) for log in logs})
        stages = [
            _staged("trees", store.trees, progress),
        ]
        if any(each.refusal.code == "volume.damaged" for each in stages[0].differences):
            remark = "not looked at: a volume cannot be read"
            names = ("leaves", "signatures", "heads", "receipts", "fences", "state")
            return Report((*stages, *(Stage(name, remarks=[remark]) for name in names)))
        stages += [
            _staged("leaves", store.leaves, progress),
            _staged("signatures", store.signatures, progress),
            _staged("heads", store.heads, progress),
            _staged("receipts", store.receipts, progress),
            _staged("fences", lambda tell: store.fences(fence, fences, tell), progress),
        ]
        entries = sum(log.size for log in store.logs)
        if state or (state is None and entries <= MOST_FOLDED):
            stages.append(_staged("state", store.state, progress))
        else:
            stages.append(Stage("state", remarks=[f"not folded: {entries} entries; --state folds them in memory"]))
    return Report(tuple(stages))


Found = Iterator[Difference | str]
"""What a stage yields: differences, and remarks that are none."""


def _staged(name: str, run: Callable[[Tell], Found], progress: Progress) -> Stage:
    stage, began = Stage(name), time.perf_counter()

    def tell(count: int) -> None:
        stage.counted += count
        progress(name, count)

    for each in _until_damage(run(tell)):
        if isinstance(each, str):
            stage.remarks.append(each)
        else:
            stage.found(each)
    stage.seconds = time.perf_counter() - began
    return stage


def _until_damage(found: Found) -> Found:
    """What a stage yields, up to a volume that cannot be read: that is its last difference."""
    try:
        yield from found
    except Refusal as refusal:
        if refusal.code != "volume.damaged":
            raise
        yield Difference(str(refusal.data["log"]), int(str(refusal.data["number"])) * TILE, refusal)
        yield "not looked at further: a volume cannot be read"


@dataclass(frozen=True)
class _Store:
    """One moment of a store, and the keys that its logs name."""

    conn: Connection
    engine: Engine
    laws: Versions
    logs: tuple[Log, ...]
    rings: dict[str, KeyRing]

    # The stages

    def trees(self, tell: Tell) -> Found:
        for log in self.logs:
            yield from retrace(self.conn, self.engine, log, tell)

    def leaves(self, tell: Tell) -> Found:
        erased = self._erased()
        for log in self.logs:
            absent = _Absent()
            named = {index for index, _ in record.key_sets(self.conn, self.engine, log)}
            for start, leaves in self._pages(log):
                for index, leaf in enumerate(leaves, start):
                    if (leaf is not None and leaf.header.keyset is not None) is not (index in named):
                        refusal = Refusal("fsck.key-set-index", log=log.origin, index=index)
                        yield Difference(log.origin, index, refusal)
                yield from self._parts(log, start, leaves, absent)
                tell(len(leaves))
            yield from self._absent(log, absent, erased)

    def signatures(self, tell: Tell) -> Found:
        for log in self.logs:
            ring, wrong, made = self.rings.get(log.origin, KeyRing()), 0, 0
            for start, leaves in self._pages(log):
                for index, leaf in enumerate(leaves, start):
                    if leaf is not None and leaf.header.release != "machine":
                        made += len(leaf.signatures) + (leaf.header.filed is not None)
                        wrong += bool(judge_release(leaf, index, ring))
                tell(len(leaves))
            yield f"{log.origin}: {made} signatures of officers, {wrong} notices not released as they say"

    def heads(self, tell: Tell) -> Found:
        keys = [key.verifier for ring in self.rings.values() for key in ring.keys.values() if key.role == "cosigner"]
        keys += [note.Verifier.parse(observer.key) for law in self.laws.laws for observer in law.observers]
        known = {(each.name, each.key_id): each for each in keys}
        for log in self.logs:
            if log.note:
                yield from self._head(log)
            roots = Roots(self.conn, self.engine, log)
            for size, line in self._cosignatures(log):
                signature = note.parse_line(line)
                verifier = known.get((signature.name, signature.key_id))
                head = Checkpoint(log.origin, size, roots.at(size)) if size <= log.size else None
                if verifier is None or head is None or not verifier.verifies(head.text(), signature):
                    refusal = Refusal("fsck.cosignature", log=log.origin, size=size, name=signature.name[:200])
                    yield Difference(log.origin, None, refusal)
                tell(1)

    def receipts(self, tell: Tell) -> Found:
        by_origin = {log.origin: log for log in self.logs}
        for log in self.logs:
            roots: dict[str, Roots] = {}
            for index, receipt in self._receipts(log):
                about = by_origin.get(receipt.log)
                if about is None or receipt.size > about.size:
                    if log.own:
                        refusal = Refusal("fsck.receipt-beyond", log=receipt.log[:200], size=receipt.size)
                        yield Difference(log.origin, index, refusal)
                    continue
                walk = roots.setdefault(about.origin, Roots(self.conn, self.engine, about))
                if b64encode(walk.at(receipt.size)).decode() != receipt.root:
                    refusal = Refusal("fsck.receipt", log=about.origin, size=receipt.size)
                    yield Difference(log.origin, index, refusal)
                tell(1)

    def fences(self, fence: Fence, kept: Mapping[str, bytes | None], tell: Tell) -> Found:
        """`kept` was read before the store was, so that a healthy store is never behind it."""
        for log in self.logs:
            signed = kept.get(log.origin)
            known = fence.parsed(log.origin, signed) if signed is not None else None
            if known is None and not log.own:
                continue
            try:
                standing(log.head, known, Tree(self.conn, self.engine, log.id).root, log.unsure)
            except Refusal as refusal:
                yield Difference(log.origin, None, refusal)
            tell(1)

    def state(self, tell: Tell) -> Found:
        ledger, agreements = Ledger(self.laws), list[tuple[Log, int, Leaf]]()
        for log in self.logs:
            for start, leaves, encoded in self._raw_pages(log):
                facts = record.read_parts(self.conn, self.engine, log, start, start + len(leaves))
                for index, leaf in enumerate(leaves, start):
                    ledger.add(log.origin, index, leaf or encoded[index - start])
                    if leaf is not None and leaf.header.agreement is not None:
                        agreements.append((log, index, leaf))
                for each in facts:
                    if each.number == 0 and each.part.retention == FACTS:
                        ledger.add_facts(log.origin, each.index, each.part.body)
                tell(len(leaves))
        for log, index, leaf in agreements:
            yield from _agreement(ledger, log, index, leaf)

    # What they read

    def _pages(self, log: Log) -> Iterator[tuple[int, list[Leaf | None]]]:
        for start, leaves, _ in self._raw_pages(log):
            yield start, leaves

    def _raw_pages(self, log: Log) -> Iterator[tuple[int, list[Leaf | None], Sequence[bytes]]]:
        for start in range(0, log.size, _PAGE):
            encoded = record.read_entries(self.conn, self.engine, log, start, min(start + _PAGE, log.size))
            yield start, [_leaf(each) for each in encoded], encoded

    def _erased(self) -> dict[tuple[str, str], int]:
        """(log, class) to the size below which we state to hold no part of that class any more."""
        found: dict[tuple[str, str], int] = {}
        for log in self.logs:
            if log.own:
                for _, leaf in self._leaves_with(log, b'"erased":['):
                    for said in leaf.header.erased or ():
                        place = (said.log, said.retention)
                        found[place] = max(said.size, found.get(place, 0))
        return found

    def _receipts(self, log: Log) -> Iterator[tuple[int, Receipt]]:
        for index, leaf in self._leaves_with(log, b'"receipt":{'):
            if leaf.header.receipt is not None:
                yield index, leaf.header.receipt

    def _leaves_with(self, log: Log, word: bytes) -> Iterator[tuple[int, Leaf]]:
        """The leaves that may hold a member of the header; others are not parsed."""
        for start in range(0, log.size, _PAGE):
            encoded = record.read_entries(self.conn, self.engine, log, start, min(start + _PAGE, log.size))
            for index, each in enumerate(encoded, start):
                leaf = _leaf(each) if word in each else None
                if leaf is not None:
                    yield index, leaf

    def _parts(self, log: Log, start: int, leaves: Sequence[Leaf | None], absent: "_Absent") -> Found:
        held = record.read_parts(self.conn, self.engine, log, start, start + len(leaves))
        parts = {(each.index, each.number): each.part for each in held}
        for index, leaf in enumerate(leaves, start):
            for number, ref in enumerate(leaf.header.parts if leaf else ()):
                part = parts.pop((index, number), None)
                if part is None:
                    absent.add(index, number, ref.retention)
                    continue
                try:
                    check_part(ref, part.salt, part.body, index, number)
                except Refusal as refusal:
                    yield Difference(log.origin, index, refusal)
        for index, number in sorted(parts):
            yield Difference(
                log.origin, index, Refusal("fsck.part-of-nothing", log=log.origin, index=index, part=number)
            )

    def _absent(self, log: Log, absent: "_Absent", erased: Mapping[tuple[str, str], int]) -> Found:
        owed = set() if log.own else set(Owed.decode(log.owed).missing)
        for index, number in absent.places(lambda retention: erased.get((log.origin, retention), 0)):
            if (index, number) in owed:
                owed.remove((index, number))
            else:
                refusal = Refusal("fsck.no-part", log=log.origin, index=index, part=number)
                yield Difference(log.origin, index, refusal)
        for index, number in sorted(owed):
            yield Difference(log.origin, index, Refusal("fsck.owed", log=log.origin, index=index, part=number))

    def _head(self, log: Log) -> Found:
        try:
            head = checkpoint.parse(note.text_of(log.note))
            if head.origin != log.origin or head.size > log.size:
                raise Refusal("fsck.head", log=log.origin, size=head.size)
            checkpoint.open(log.note, self.rings.get(log.origin, KeyRing()).log_verifiers(head.size))
            if Tree(self.conn, self.engine, log.id).root(head.size) != head.root:
                raise Refusal("fsck.head", log=log.origin, size=head.size)
        except Refusal as refusal:
            yield Difference(log.origin, None, refusal)

    def _cosignatures(self, log: Log) -> Iterator[tuple[int, bytes]]:
        size = -1
        while True:
            rows = self.engine.execute(
                self.conn,
                "SELECT size, line FROM cosignature WHERE log_id = ? AND size > ? ORDER BY size, name LIMIT 2000",
                (log.id, size),
            ).fetchall()
            whole = [row for row in rows if len(rows) < 2000 or row[0] != rows[-1][0]] or rows
            for size, line in whole:
                yield size, bytes(line)
            if len(rows) < 2000:
                return


class _Absent:
    """The places of parts that are not held, eight bytes each."""

    def __init__(self) -> None:
        self._places: dict[str, array[int]] = {}

    def add(self, index: int, number: int, retention: str) -> None:
        self._places.setdefault(retention, array("Q")).append(index << 8 | number)

    def places(self, below: Callable[[str], int]) -> Iterator[tuple[int, int]]:
        """Those not below the size that counts for their class, the lowest first in each class."""
        for retention, places in self._places.items():
            start = below(retention)
            yield from ((place >> 8, place & 0xFF) for place in places if place >> 8 >= start)


def _ring(conn: Connection, engine: Engine, law: Law, log: Log) -> KeyRing:
    """The keys of a log; a key-set that does not count changes nothing."""
    ring, roots = KeyRing(), rings.roots_of(law, log.origin)
    for index, leaf in record.key_sets(conn, engine, log):
        with suppress(Refusal):
            ring = ring.apply(envelope.parse(leaf), index, roots)
    return ring


def _agreement(ledger: Ledger, log: Log, index: int, leaf: Leaf) -> Found:
    said = leaf.header.agreement
    assert said is not None
    try:
        book = ledger.book(dict(said.cut))
    except Refusal:
        yield f"entry {index} of {log.origin}: an agreement at a cut that is not held here"
        return
    if said.rules != book.rules:
        yield f"entry {index} of {log.origin}: an agreement by other rules"
    elif book.incomplete:
        yield f"entry {index} of {log.origin}: an agreement over facts that are not all held here"
    elif book.digest() != said.digest:
        yield Difference(log.origin, index, Refusal("fsck.digest", log=log.origin, index=index))


def _leaf(encoded: bytes) -> Leaf | None:
    """The leaf in an entry; what is none is kept all the same, and is the concern of no stage."""
    try:
        return envelope.parse(encoded)
    except Refusal:
        return None

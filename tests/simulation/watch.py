"""What must always hold, held against every node after every step.

The watch stands beside the nodes, not in them: it sees what is signed as it is signed, what is answered as it leaves,
and reads the stores without passing through a port. Each promise has a name, and a broken one is a `Violation` of it.

=====================  ==============================================================================================
acknowledged-lost      what an answer said is held, or a release said is logged, is not there (any more)
acknowledged-early     an answer said so before it was durable
fence-skipped          a head was signed that the fence does not reach
cosignature-unfenced   a cosignature was shown of a head that its fence does not reach
fork                   an honest log signed two heads of which neither extends the other
cosigned-fork          an honest node cosigned two heads of one log of which neither extends the other, or a head of an
                       honest log that this log never signed
mirror-differs         a copy of an honest log is no prefix of what that log signed
unsure-signed          a node signed, cosigned or receipted while store and fence did not agree
receipt-not-durable    a receipt covers leaves or parts that its writer does not hold
receipt-idle           a receipt was written that says nothing new
honest-nonconforming   a notice of an honest party does not conform
honest-link-stopped    an honest node stopped the link to an honest one
not-healed             the line is whole, everybody is up, and still something is not delivered, or never rests
digest-differs         two honest nodes compute different states at the common cut
fork-without-evidence  a log forked in front of an honest node, which has no two signed heads to show for it
=====================  ==============================================================================================
"""

from base64 import b64decode
from collections.abc import Mapping
from dataclasses import dataclass, field

from mithaq.errors import Refusal
from mithaq.exchange import answer as answers
from mithaq.exchange import delivery, mirror
from mithaq.exchange.receipts import UNANSWERED_KINDS, Owed
from mithaq.notices import envelope
from mithaq.notices.book import Book
from mithaq.notices.envelope import Agreement, Receipt
from mithaq.notices.keys import expected_name
from mithaq.notices.ledger import Ledger
from mithaq.notices.versions import Versions
from mithaq.record import checkpoint, merkle, note
from mithaq.record.checkpoint import Checkpoint
from mithaq.record.merkle import Frontier
from mithaq_node.store import log as record
from mithaq_node.store.fence import Fence
from tests.simulation.clear import SQLITE
from tests.simulation.node import Node
from tests.simulation.parties import Compact

_COSIGNED = b"cosignature/v1\ntime "


class Violation(BaseException):
    """A promise that did not hold. Not an `Exception`, so that no code of a node can take it for a bad day."""

    def __init__(self, invariant: str, detail: str) -> None:
        super().__init__(f"{invariant}: {detail}")
        self.invariant = invariant


@dataclass
class _Log:
    """What the world knows of an honest log: the leaves below the largest head that it signed."""

    hashes: list[bytes] = field(default_factory=list)
    roots: dict[int, bytes] = field(default_factory=dict)
    cosigned: int = 0
    """The largest size that an honest node has cosigned."""


@dataclass
class _Store:
    """How far a node's own log and copies have been looked at since its disk was last replaced."""

    looked: dict[str, int] = field(default_factory=dict)
    at_least: dict[str, int] = field(default_factory=dict)
    """Per log, the size that this node has said it holds."""
    changes: tuple[object, int] = (None, -1)
    """The connection and its count of changes when it was last looked at."""


class Watch:
    """Holds every honest node to its promises."""

    def __init__(self, compact: Compact) -> None:
        self._compact = compact
        self._logs = {compact.origin(party): _Log() for party in compact.parties}
        self._cosigned: dict[tuple[str, str], dict[int, bytes]] = {}
        self._stores: dict[str, _Store] = {}
        self._receipted: dict[str, int] = {}
        self._honest: set[str] = set()
        self._agreements: list[tuple[str, Agreement]] = []

    def join(self, node: Node) -> None:
        """Watch this node too."""
        self._stores[node.name] = _Store()
        if node.honest:
            self._honest.add(node.origin)

    # As it happens

    def passed(self, node: Node, port: str) -> None:
        """A port call was done."""

    def signing(self, node: Node, role: str, message: bytes) -> None:
        """A key of `node` is about to sign `message`."""
        if not node.honest or role == "node":
            return
        self._check_sure(node)
        if role == "log":
            self._signs_head(node, checkpoint.parse(message))
        elif role == "cosigner":
            self._cosigns(node, checkpoint.parse(message.removeprefix(_COSIGNED).split(b"\n", 1)[1]))

    def answered(self, node: Node, sender: str, encoded: bytes) -> None:
        """An answer of `node` to `sender` leaves it."""
        if not node.honest:
            return
        try:
            if encoded.startswith(mirror.FIRST_LINE):
                self._shows_note(node, mirror.decode(encoded, self._compact.law.limits).checkpoint)
                return
            said = answers.decode(encoded, self._compact.law.limits)
        except Refusal:
            return
        if said.ok:
            if node.disk.conn.in_transaction:
                raise Violation("acknowledged-early", f"{node} answers {sender} {said.held} inside a transaction")
            self._says_it_holds(node, self._compact.origin(sender), said.held)
            if said.cosignatures:
                self._shows(node, self._compact.origin(sender), said.held)

    def delivers(self, node: Node, to: str, body: bytes) -> None:
        """A request of `node` to `to` leaves it."""
        if not node.honest:
            return
        try:
            sent = delivery.decode(body, self._compact.law.limits)
        except Refusal:  # a request for its own log
            return
        if sent.cosignatures:
            self._shows(node, self._compact.origin(to), sent.held)
        for told in sent.heads:
            self._shows_note(node, told)

    def released(self, node: Node, index: int) -> None:
        """The desk of `node` was told that its notice is logged."""
        if node.honest:
            self._says_it_holds(node, node.origin, index + 1)

    def restored(self, node: Node) -> None:
        """The disk of `node` was replaced by a backup: what it said before, it need not hold until it is healed."""
        self._stores[node.name] = _Store()

    def _says_it_holds(self, node: Node, origin: str, size: int) -> None:
        kept = self._stores[node.name].at_least
        kept[origin] = max(size, kept.get(origin, 0))
        self._check_kept(node)

    def _check_sure(self, node: Node) -> None:
        fence = Fence(node.folder).read(node.origin)
        own = record.read(node.disk.conn, SQLITE, node.origin)
        if fence is None or own.size < fence.size or own.unsure:
            behind = f"{own.size} leaves, its fence at {fence and fence.size}"
            raise Violation("unsure-signed", f"{node} signs with {behind} {own.unsure}")

    def _signs_head(self, node: Node, head: Checkpoint) -> None:
        fence = Fence(node.folder).read(node.origin)
        if fence is None or fence.size < head.size:
            raise Violation("fence-skipped", f"{node} signs {head.size}, the fence is at {fence and fence.size}")
        log = self._logs[head.origin]
        known = log.roots.get(head.size)
        if known is None:
            known = self._grow(node, log, head)
        if known != head.root:
            raise Violation("fork", f"{node} signs another head of {head.size}")

    def _grow(self, node: Node, log: _Log, head: Checkpoint) -> bytes:
        """The root at `head.size` of the leaves that were signed so far and, beyond them, of those in the store."""
        stored = _hashes(node, head.origin, 0, head.size)
        shorter = min(len(stored), len(log.hashes))
        if stored[:shorter] != log.hashes[:shorter]:
            raise Violation("fork", f"{node} signs {head.size} over other leaves than it signed before")
        if len(stored) > len(log.hashes):
            log.hashes = stored
        root = Frontier().extend(log.hashes[: head.size]).root()
        log.roots[head.size] = root
        return root

    def _cosigns(self, node: Node, head: Checkpoint) -> None:
        if head.origin in self._honest:
            if self._root(head.origin, head.size) != head.root:
                raise Violation("cosigned-fork", f"{node} cosigns a head of {head.origin} that it never signed")
            log = self._logs[head.origin]
            log.cosigned = max(log.cosigned, head.size)

    def _shows(self, node: Node, origin: str, size: int) -> None:
        """A cosignature of `node` on the head of `size` leaves it; one that never did (a crash) binds nobody."""
        self._check_past(node, origin, size)
        known = self._cosigned.setdefault((node.name, origin), {})
        held = _hashes(node, origin, 0, size)
        for earlier, root in known.items():
            if earlier <= size and _root_of(held, earlier) != root:
                raise Violation("cosigned-fork", f"{node} cosigned {earlier} and {size} of {origin}")
        known[size] = _root_of(held, size)

    def _shows_note(self, node: Node, signed: bytes) -> None:
        """A head of another's log leaves `node`, perhaps under its cosignature."""
        if not signed:
            return
        text, lines = note.split(signed)
        head = checkpoint.parse(text)
        if any(line.name == expected_name("cosigner", node.origin) for line in lines):
            self._check_past(node, head.origin, head.size)

    def _check_past(self, node: Node, origin: str, size: int) -> None:
        fence = Fence(node.folder).read(origin)
        if fence is None or fence.size < size:
            at = fence and fence.size
            raise Violation("cosignature-unfenced", f"{node} shows {size} of {origin}, the fence is at {at}")

    def _root(self, origin: str, size: int) -> bytes | None:
        log = self._logs[origin]
        if size not in log.roots and size <= len(log.hashes):
            log.roots[size] = Frontier().extend(log.hashes[:size]).root()
        return log.roots.get(size)

    # After every step

    def check(self, node: Node) -> None:
        """Look at what is new in the store of `node`."""
        if not node.honest:
            return
        if node.disk.conn.in_transaction:
            raise Violation("acknowledged-early", f"{node} left a transaction open")
        store = self._stores[node.name]
        changes = node.disk.conn, node.disk.conn.total_changes
        if store.changes == changes:
            return
        self._check_kept(node)
        for log in record.logs(node.disk.conn, SQLITE):
            before = store.looked.get(log.origin, 0)
            if log.size != before:
                self._check_leaves(node, log, before)
                store.looked[log.origin] = log.size
            if log.frozen and log.origin in self._honest:
                raise Violation("honest-link-stopped", f"{node} stopped the link to {log.origin}: {log.frozen}")
        store.changes = changes

    def _check_kept(self, node: Node) -> None:
        sizes = record.sizes(node.disk.conn, SQLITE)
        for origin, size in self._stores[node.name].at_least.items():
            if sizes.get(origin, 0) < size:
                raise Violation("acknowledged-lost", f"{node} said it holds {size} of {origin}: {sizes.get(origin, 0)}")

    def _check_leaves(self, node: Node, log: record.Log, before: int) -> None:
        conn = node.disk.conn
        stored = _hashes(node, log.origin, before, log.size)
        if log.origin in self._honest:
            known = self._logs[log.origin].hashes[before : log.size]
            shorter = min(len(stored), len(known))
            if stored[:shorter] != known[:shorter]:
                raise Violation("mirror-differs", f"{node} holds other leaves of {log.origin} from {before} on")
            if not log.own and len(known) < len(stored):
                raise Violation("mirror-differs", f"{node} holds {log.size} of {log.origin}, which signed less")
        if log.own:
            already = self._receipted.get(log.origin, 0)
            for index in range(max(before, already), log.size):
                leaf = record.read_entries(conn, SQLITE, log, index, index + 1)[0]
                receipt = envelope.parse(leaf).header.receipt
                if receipt is not None:
                    self._check_receipt(node, log, index, receipt)
            self._receipted[log.origin] = max(already, log.size)

    def _check_receipt(self, node: Node, own: record.Log, index: int, receipt: Receipt) -> None:
        conn = node.disk.conn
        held = record.read(conn, SQLITE, receipt.log)
        leaves = record.read_entries(conn, SQLITE, held, 0, receipt.size)
        root = Frontier().extend(map(merkle.leaf_hash, leaves)).root()
        if len(leaves) < receipt.size or root != b64decode(receipt.root):
            raise Violation("receipt-not-durable", f"{node} {index}: covers {receipt.size}, holds {len(leaves)}")
        places = {(part.index, part.number) for part in record.read_parts(conn, SQLITE, held, 0, receipt.size)}
        for number, leaf in enumerate(leaves):
            for part in range(_parts(leaf)):
                if (number, part) not in places and (number, part) not in receipt.missing:
                    raise Violation("receipt-not-durable", f"{node} {index}: part {part} of {number} is not there")
        self._check_says_something(node, own, index, receipt, leaves)

    def _check_says_something(
        self, node: Node, own: record.Log, index: int, receipt: Receipt, leaves: list[bytes]
    ) -> None:
        last = _last_receipt(node, own, index, receipt.log)
        since = last.size if last else 0
        news = any(_kind(leaf) not in UNANSWERED_KINDS for leaf in leaves[since:])
        arrived = last is not None and set(last.missing) - set(receipt.missing)
        if not news and not arrived and not receipt.nonconforming:
            raise Violation("receipt-idle", f"{node} {index}: nothing new in {receipt.log} from {since} on")

    def cosigned(self, origin: str) -> int:
        """The largest size of an honest log that an honest node has cosigned: so much of it can never be lost."""
        return self._logs[origin].cosigned

    def agreed(self, node: Node, said: Agreement) -> None:
        """The party of `node` logged the digest of its state."""
        if node.honest:
            self._agreements.append((node.name, said))

    # When the world is whole again

    def check_whole(self, nodes: list[Node], faces: Mapping[str, list[Node]]) -> None:
        """Everybody up, everything delivered: the honest agree, and forks have left evidence."""
        for origin, twins in faces.items():
            if len(twins) > 1:
                self._check_evidence(nodes, origin, twins)
        self._check_digests(nodes)
        self._check_agreements(nodes)

    def _check_evidence(self, nodes: list[Node], origin: str, twins: list[Node]) -> None:
        branches = [_hashes(twin, origin, 0, 1 << 30) for twin in twins]
        common = _common(branches)
        if any(len(branch) == common for branch in branches):
            return
        for node in nodes:
            log = record.read(node.disk.conn, SQLITE, origin)
            shown = node.disk.conn.execute(
                "SELECT code, ours, theirs FROM evidence WHERE log_id = ? ORDER BY id", (log.id,)
            ).fetchall()
            if not log.frozen or not shown:
                raise Violation("fork-without-evidence", f"{node} saw {origin} part at {common}: {log.frozen!r}")
            if any(code == "delivery.fork" and not self._contradict(branches, *heads) for code, *heads in shown):
                raise Violation("fork-without-evidence", f"{node} keeps heads of {origin} that agree")

    def _contradict(self, branches: list[list[bytes]], *signed: bytes) -> bool:
        """Whether two signed heads are of different branches."""
        heads = [checkpoint.parse(each[: each.index(b"\n\n") + 1]) for each in signed if each]
        return len(heads) == 2 and not any(
            all(head.size <= len(branch) and _root_of(branch, head.size) == head.root for head in heads)
            for branch in branches
        )

    def _check_digests(self, nodes: list[Node]) -> None:
        if len(nodes) < 2:
            return
        cut = {
            origin: _common([_hashes(node, origin, 0, 1 << 30) for node in nodes])
            for origin in map(self._compact.origin, self._compact.parties)
        }
        books = {node.name: book_at(self._compact, node, cut) for node in nodes}
        digests = {name: book.digest() for name, book in books.items() if not self._lacks_facts(name, book)}
        if len(set(digests.values())) > 1:
            raise Violation("digest-differs", f"{digests} at {cut}")

    def _check_agreements(self, nodes: list[Node]) -> None:
        """What an honest party once stated of a cut, everybody computes who holds that cut."""
        for name, said in self._agreements:
            for node in nodes:
                sizes = record.sizes(node.disk.conn, SQLITE)
                if all(size <= sizes[origin] for origin, size in said.cut):
                    book = book_at(self._compact, node, dict(said.cut))
                    if not self._lacks_facts(node.name, book) and book.digest() != said.digest:
                        raise Violation("digest-differs", f"{name} said {said.digest} at {said.cut}, {node} not")

    def _lacks_facts(self, name: str, book: Book) -> bool:
        """Whether a book is not comparable, and says so: a restored node to which the dishonest party does not give
        again what it gave once."""
        for notice in book.nonconforming.values():
            if notice.log in self._honest:
                raise Violation("honest-nonconforming", f"{name} {notice.number}: {notice.refusals}")
        for number in book.incomplete:
            if book.notices[number].log in self._honest:
                raise Violation("not-healed", f"{name} lacks the facts of {number}")
        return bool(book.incomplete)


def missing_of(node: Node, origin: str) -> Owed:
    """What `node` still lacks of the log `origin`, and what its receipts owe."""
    return Owed.decode(record.read(node.disk.conn, SQLITE, origin).owed)


def book_at(compact: Compact, node: Node, cut: Mapping[str, int]) -> Book:
    """What `node` computes at a cut, from what it holds."""
    assert compact.amended is not None
    ledger = Ledger(Versions(compact.law, compact.amended.law))
    for origin, size in cut.items():
        log = record.read(node.disk.conn, SQLITE, origin)
        for index, leaf in enumerate(record.read_entries(node.disk.conn, SQLITE, log, 0, size)):
            ledger.add(origin, index, leaf)
        for part in record.read_parts(node.disk.conn, SQLITE, log, 0, size):
            if part.number == 0:
                ledger.add_facts(origin, part.index, part.part.body)
    return ledger.book()


def _hashes(node: Node, origin: str, start: int, end: int) -> list[bytes]:
    rows = node.disk.conn.execute(
        'SELECT e.hash FROM entry e JOIN log l ON l.id = e.log_id WHERE l.origin = ? AND e."index" >= ?'
        ' AND e."index" < ? ORDER BY e."index"',
        (origin, start, end),
    )
    return [bytes(each) for (each,) in rows]


def _common(branches: list[list[bytes]]) -> int:
    """How many leaves all of them begin with."""
    size = min(map(len, branches))
    return next((index for index in range(size) if len({branch[index] for branch in branches}) > 1), size)


def _root_of(hashes: list[bytes], size: int) -> bytes:
    return Frontier().extend(hashes[:size]).root()


def _parts(leaf: bytes) -> int:
    try:
        return len(envelope.parse(leaf).header.parts)
    except Refusal:
        return 0


def _kind(leaf: bytes) -> str | None:
    try:
        return envelope.parse(leaf).header.kind
    except Refusal:
        return None


def _last_receipt(node: Node, own: record.Log, before: int, log: str) -> Receipt | None:
    for leaf in reversed(record.read_entries(node.disk.conn, SQLITE, own, 0, before)):
        receipt = envelope.parse(leaf).header.receipt
        if receipt is not None and receipt.log == log:
            return receipt
    return None

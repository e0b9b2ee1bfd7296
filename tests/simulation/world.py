"""One run: everything that happens between some nodes, drawn from one seed, and then the healing.

First come events, some ordinary (a notice is logged, a link's loop looks around, time passes) and some hostile (a line
is cut one way, a process dies at its n-th port call, a disk fills up, a clock jumps, a backup is restored, a courier
comes late and twice, one party forks its own log). Then everything is repaired, and must come to rest in bounded time.
"""

import hashlib
import shutil
import sqlite3
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache, lru_cache
from pathlib import Path
from random import Random

from mithaq import signing
from mithaq.errors import Refusal
from mithaq.exchange import answer
from mithaq.exchange.session import Link, Next, next_step
from mithaq.notices.envelope import Agreement, Header, KeySet, Reference, parse
from mithaq_node.services import delivering, outgoing, receiving
from mithaq_node.services.delivering import LineDown
from mithaq_node.store import engine as engines
from mithaq_node.store import log as record
from mithaq_node.store.fence import Fence
from tests.simulation import disk, parties
from tests.simulation.adversary import Adversary
from tests.simulation.clear import SQLITE
from tests.simulation.node import FAILED, Compose, Node, Standing, authority
from tests.simulation.parties import Compact, Row
from tests.simulation.watch import Violation, Watch, book_at, missing_of

ROUNDS = 60
"""Rounds of two minutes in which a whole world comes to rest."""
_LONGEST_TRACE = 400


@dataclass(frozen=True)
class Plan:
    """What a run is made of; the planted faults change it."""

    steps: int = 60
    engine: engines.Engine = SQLITE


@dataclass(frozen=True)
class Run:
    """How a run ended. `trace` holds its last events, `digest` all of them."""

    seed: int
    nodes: int
    events: int
    digest: str
    trace: tuple[str, ...]
    counts: Mapping[str, int]
    invariant: str = ""
    """The promise that was broken; empty when all were held."""
    detail: str = ""


@dataclass
class Request:
    """A request that was on the line: to whom, with what, and the authority it was signed for."""

    sender: str
    to: str
    body: bytes
    fields: Mapping[str, str]


@dataclass
class Courier:
    """A delivery on its way in somebody's bag, or the answer to one."""

    sender: str
    to: str
    body: bytes
    is_answer: bool = False


@dataclass
class Story:
    """What happened, for whoever has to understand it."""

    lines: list[str] = field(default_factory=list)
    counts: dict[str, int] = field(default_factory=dict)

    def tell(self, what: str, line: str) -> None:
        self.counts[what] = self.counts.get(what, 0) + 1
        self.lines.append(line)

    def digest(self) -> str:
        return hashlib.sha256("\n".join(self.lines).encode()).hexdigest()


class World:
    """The nodes of one run, the lines between them, and the time."""

    def __init__(self, seed: int, plan: Plan, folder: Path) -> None:
        self.seed, self.plan, self.folder = seed, plan, folder
        self.chance = Random(f"mithaq simulation {seed}")
        self.time = parties.START.seconds
        self.story = Story()
        self.compact = parties.compact(self.chance.choice((2, 2, 2, 3, 3, 4, 5)))
        self.watch = Watch(self.compact)
        self.on_files = self.chance.random() < 0.15
        self.nodes = [self._make(party) for party in self.compact.parties]
        self.adversary = self._adversary()
        for node in self.nodes:
            self.watch.join(node)
            node.found()
            node.start()
        self.cut: set[tuple[str, str]] = set()
        self.late: list[Request] = []
        self.bags: list[Courier] = []
        self.seen: list[Request] = []
        self.backups: dict[str, list[bytes]] = {node.name: [] for node in self.nodes}
        self.depth = 0

    def close(self) -> None:
        for node in self.everybody:
            node.close()

    @property
    def everybody(self) -> list[Node]:
        """Every node, the second face of a forking one included."""
        twins = [self.adversary.twin] if self.adversary and self.adversary.twin else []
        return [*self.nodes, *twins]

    @property
    def honest(self) -> list[Node]:
        return [node for node in self.nodes if node.honest]

    def node(self, party: str) -> Node:
        """The node of a party; of one with two faces, either."""
        faces = [node for node in self.everybody if node.party == party]
        return faces[0] if len(faces) == 1 else self.chance.choice(faces)

    def _make(self, party: str) -> Node:
        store = self._disk(founded(self.compact, party), party)
        folder = self.folder / party
        return Node(
            self.compact, party, folder, store, self.chance, lambda: self.time, self.watch, engine=self.plan.engine
        )

    def _disk(self, image: bytes, name: str) -> disk.Disk:
        return disk.Device(image, self.folder / f"disk-{name}") if self.on_files else disk.Memory(image)

    def _adversary(self) -> Adversary | None:
        if self.chance.random() >= 0.4:
            return None
        node = self.chance.choice(self.nodes)
        node.honest = False
        return Adversary(node, self.chance)

    # The run

    def live(self) -> None:
        """All events, then the healing."""
        for _ in range(self.plan.steps):
            self.event()
            self.look()
        self.heal()

    def event(self) -> None:
        """One thing happens."""
        choices = _EVENTS if self.adversary is None else (*_EVENTS, *_HOSTILE)
        name, _ = self.chance.choices(choices, [weight for _, weight in choices])[0]
        done = getattr(self, f"_{name}")()
        if done is not None:
            self.story.tell(name.replace("_", " "), f"{self.time - parties.START.seconds:>7} {name} {done}".rstrip())

    def look(self) -> None:
        """The promises, against every node."""
        for node in self.honest:
            self.watch.check(node)

    # What happens: ordinary

    def _publish(self) -> str | None:
        node = self.chance.choice(self.everybody)
        if not node.up:
            return None
        what, compose = self._notice(node)
        return f"{node} {what} {self._log(node, compose)}"

    def _log(self, node: Node, compose: Compose) -> int | None:
        index = node.publish(compose)
        if index is not None:
            self.watch.released(node, index)
        return index

    def _notice(self, node: Node) -> tuple[str, Compose]:
        identity, draw = self.chance.randbytes(16), self.chance.random()
        if draw < 0.7:
            number = self.chance.randrange(500)
            return "count", lambda here: parties.count(here.compact, node.party, here.at, identity, number)
        to = self._to_be_opened(node) if draw > 0.85 else None
        if to is not None:
            return self._acknowledgement(node, to, identity)
        text = "example " * 20 if self.chance.random() < 0.5 else ""

        def incident(here: Standing) -> Row:
            """Under the amendment, which suspends incidents, a count in its place."""
            if here.compact.law.suspension is not None:
                return parties.count(here.compact, node.party, here.at, identity, len(text))
            officers = parties.officers_of(here.ring)
            return parties.incident(here.compact, node.party, here.at, identity, officers, text)

        return "incident", incident

    def _acknowledgement(self, node: Node, to: Header, identity: bytes) -> tuple[str, Compose]:
        """What opens a notice; where that was made under a later version, this party's own entry of it first."""

        def compose(here: Standing) -> Row:
            if self.compact.in_force(to.law) is not here.compact and to.law != self.compact.digest:
                return parties.instrument(here.compact, node.party, here.at, identity, to.law)
            reference = Reference(log=to.log, id=to.id)
            officers = parties.officers_of(here.ring)
            return parties.acknowledgement(here.compact, node.party, here.at, identity, officers, reference)

        return "acknowledgement", compose

    def _to_be_opened(self, node: Node) -> Header | None:
        """A notice of an honest party that this node has receipted."""
        honest = {each.origin for each in self.honest}
        logs = [log for log in record.logs(node.disk.conn, SQLITE) if not log.own and log.origin in honest]
        log = self.chance.choice(logs) if logs else None
        covered = min(log.size, missing_of(node, log.origin).covered) if log else 0
        if log is None or covered <= 2:
            return None
        index = self.chance.randrange(2, covered)
        header = parse(record.read_entries(node.disk.conn, SQLITE, log, index, index + 1)[0]).header
        return header if header.parts and not header.re else None

    def _agree(self) -> str | None:
        """A party states its digest at the common cut; with two parties each holds all the cosignatures for it."""
        node = self.chance.choice(self.nodes)
        logs = record.logs(node.disk.conn, SQLITE)
        cut = {log.origin: max(record.cosigned_sizes(node.disk.conn, SQLITE, log).values(), default=0) for log in logs}
        if (
            not node.up
            or len(self.nodes) > 2
            or not all(cut.values())
            or any(cut[log.origin] > log.size for log in logs)
        ):
            return None
        book, identity = book_at(self.compact, node, cut), self.chance.randbytes(16)
        if book.incomplete:
            return None
        said = Agreement(cut=sorted(cut.items()), digest=book.digest(), rules=book.rules)
        index = self._log(node, lambda here: parties.agreement(here.compact, node.party, here.at, identity, said))
        if index is not None:
            self.watch.agreed(node, said)
        return f"{node} {index} at {sorted(cut.values())}"

    def _amend(self) -> str | None:
        """A node gets the sealed amendment, or its party enters it."""
        node, amended = self.chance.choice(self.nodes), self.compact.amended
        if not node.up or amended is None:
            return None
        if not node.knows_amendment:
            node.knows_amendment = True
            node.stop()
            node.start()
            return f"{node} holds the second version"
        identity = self.chance.randbytes(16)
        entered = self._log(
            node, lambda here: parties.instrument(here.compact, node.party, here.at, identity, amended.digest)
        )
        return f"{node} enters the second version: {entered}"

    def _step(self) -> str | None:
        sender, to = self._two()
        if not sender.up:
            return None
        sender.step(to, self.carry(sender, to), force=self.chance.random() < 0.3)
        return f"{sender}>{to} {self._link(sender, to)}"

    def _link(self, sender: Node, to: str) -> str:
        if sender.process is None:
            return "died"
        link = sender.process.workers[to].link
        return f"{link.held} {link.code}"

    def _two(self) -> tuple[Node, str]:
        sender = self.chance.choice(self.everybody)
        return sender, self.chance.choice([party for party in self.compact.parties if party != sender.party])

    def _time(self) -> str:
        passed = self.chance.choice((1, 3, 30, 61, 125, 600))
        self.time += passed
        return f"+{passed}"

    def _rotate(self) -> str | None:
        """An officer comes and another goes; or the node's own key of a role is followed by the next one."""
        node = self.chance.choice(self.honest)
        if not node.up:
            return None
        identity, role = self.chance.randbytes(16), self.chance.choice(("officer", *parties.ROTATED))

        def compose(here: Standing) -> Row:
            change = self._change(here, node.party, role)
            return parties.signed_key_set(here.compact, node.party, here.at, identity, change), ()

        return f"{node} {role} {self._log(node, compose)}"

    def _change(self, here: Standing, party: str, role: str) -> KeySet:
        change = parties.next_key(here.ring, role, party, here.index) if role in parties.ROTATED else None
        return change or parties.next_officer(here.ring, party, here.index)

    # What happens: the line

    def carry(self, sender: Node, to: str) -> delivering.Carry:
        """The line from `sender` to `to`, as it is now."""

        def carry(body: bytes, fields: Mapping[str, str]) -> bytes:
            self.watch.delivers(sender, to, body)
            request = Request(sender.party, to, body, fields)
            self.seen = [*self.seen[-20:], request]
            return self._on_the_line(request, sender)

        return carry

    def _on_the_line(self, request: Request, sender: Node) -> bytes:
        fate = self.chance.random()
        self._meanwhile()
        if (request.sender, request.to) in self.cut or fate < 0.06:
            raise LineDown("link.down")
        if fate < 0.12:
            self.late.append(request)
            raise LineDown("link.down")
        body = self._flipped(request.body) if fate < 0.16 else request.body
        answered = self._arrive(Request(request.sender, request.to, body, request.fields))
        if fate > 0.94:
            self.late.append(request)
        if answered is None or (request.to, request.sender) in self.cut or 0.16 < fate < 0.22:
            raise LineDown("link.down")
        self._meanwhile()
        return answered

    def _meanwhile(self) -> None:
        """While a request is on the line, something else may happen."""
        if self.depth < 2 and self.chance.random() < 0.15:
            self.depth += 1
            try:
                self.event()
            finally:
                self.depth -= 1

    def _arrive(self, request: Request) -> bytes | None:
        node = self.node(request.to)
        answered = node.receive(request.body, request.fields, authority(request.to))
        if answered is not None:
            self.watch.answered(node, request.sender, answered)
        return None if answered == FAILED else answered

    def _flipped(self, body: bytes) -> bytes:
        place = self.chance.randrange(len(body))
        return body[:place] + bytes([body[place] ^ 1 << self.chance.randrange(8)]) + body[place + 1 :]

    def _late(self) -> str | None:
        if not self.late:
            return None
        request = self.late.pop(self.chance.randrange(len(self.late)))
        self._arrive(request)
        return f"{request.sender}>{request.to}"

    def _pack(self) -> str | None:
        sender, to = self._two()
        if not sender.up:
            return None

        def deed() -> None:
            holdings = sender.holdings()
            peer = holdings.seat.peers[to]
            own, theirs = outgoing.secured(holdings, peer)
            link = Link(held=self.chance.choice((0, delivering.load(holdings, peer).held)))
            made = outgoing.prepare(holdings, own, link, theirs, sender.now)
            self.watch.delivers(sender, to, made.encoded)
            self.bags.append(Courier(sender.party, to, made.encoded))

        try:
            sender.run(deed)
        except (Refusal, sqlite3.Error):
            return f"{sender}>{to} could not"
        return f"{sender}>{to}"

    def _unpack(self) -> str | None:
        if not self.bags:
            return None
        bag = self.chance.choice(self.bags)
        if self.chance.random() < 0.6:
            self.bags.remove(bag)
        node = self.node(bag.to)
        if not node.up:
            return None
        try:
            node.run(lambda: self._open_bag(node, bag))
        except (Refusal, sqlite3.Error) as refusal:
            return f"{bag.sender}>{bag.to} {refusal}"
        return f"{bag.sender}>{bag.to} {'answer' if bag.is_answer else 'delivery'}"

    def _open_bag(self, node: Node, bag: Courier) -> None:
        holdings = node.holdings()
        peer = holdings.seat.peers[bag.sender]
        if bag.is_answer:
            said = answer.decode(bag.body, holdings.seat.law.limits)
            link = delivering.load(holdings, peer)
            delivering.conclude(holdings, peer, holdings.secure(), link, said, node.now, vouched=False)
            return
        encoded = answer.encode(receiving.receive(holdings, peer, bag.body, node.now, vouched=False))
        self.watch.answered(node, bag.sender, encoded)
        self.bags.append(Courier(bag.to, bag.sender, encoded, is_answer=True))

    # What happens: hostile to everybody

    def _cut(self) -> str:
        sender, to = self._two()
        self.cut.add((sender.party, to))
        if self.chance.random() < 0.5:
            self.cut.add((to, sender.party))
        return f"{sender}>{to}"

    def _mend(self) -> str | None:
        if not self.cut:
            return None
        mended = self.chance.choice(sorted(self.cut))
        self.cut.discard(mended)
        return ">".join(mended)

    def _doom(self) -> str | None:
        node = self.chance.choice(self.everybody)
        if node.process is None:
            return None
        calls, after, torn = self._doomed(node, 90)
        node.process.life.end_in(calls, after, torn)
        how = f"within a commit ({torn:.2f})" if torn is not None else "after" if after else "before"
        return f"{node} {how} {calls} calls"

    def _doomed(self, node: Node, most: int) -> tuple[int, bool, float | None]:
        """When and how a process is to die; see `Life.end_in`."""
        calls, after, torn = self.chance.randint(1, most), self.chance.random() < 0.5, self.chance.random()
        return calls, after, torn if node.disk.can_tear and self.chance.random() < 0.5 else None

    def _start(self) -> str | None:
        down = [node for node in self.everybody if not node.up]
        if not down:
            return None
        node = self.chance.choice(down)
        if self.chance.random() < 0.3:  # and dies again while it starts, or soon after
            node.start(self._doomed(node, 30))
        else:
            node.start()
        return f"{node}{'' if node.up else ' died again'}"

    def _fill(self) -> str:
        node = self.chance.choice(self.everybody)
        node.disk.fill()
        return f"{node}"

    def _empty(self) -> str:
        node = self.chance.choice(self.everybody)
        node.disk.empty()
        return f"{node}"

    def _jump(self) -> str:
        node = self.chance.choice(self.everybody)
        node.offset += self.chance.choice((-40_000_000, -90_000, -4_000, -400, -5, 5, 400, 4_000, 90_000, 40_000_000))
        return f"{node} {node.offset}"

    def _backup(self) -> str | None:
        node = self.chance.choice(self.nodes)
        if node.disk.conn.in_transaction:
            return None
        self.backups[node.name].append(node.disk.image())
        return f"{node}"

    def _restore(self) -> str | None:
        node = self.chance.choice(self.honest)
        kept = self.backups[node.name]
        if not kept or self.depth:
            return None
        image, told = self.chance.choice(kept), self.chance.random() < 0.5
        node.restore(image, told)
        self.backups[node.name] = [each for each in kept if each is not image]
        return f"{node} {'told' if told else 'behind its back'}"

    # What happens: the work of one party against the others

    def _fork(self) -> str | None:
        assert self.adversary is not None
        return self.adversary.fork(self.folder, self._twin)

    def _twin(self, node: Node, image: bytes, folder: Path) -> Node:
        twin = Node(
            self.compact,
            node.party,
            folder,
            self._disk(image, f"{node.party}-twin"),
            self.chance,
            lambda: self.time,
            self.watch,
            engine=self.plan.engine,
            honest=False,
            name=f"{node.party}*",
        )
        self.watch.join(twin)
        return twin

    def _lie(self) -> str | None:
        assert self.adversary is not None
        return self.adversary.lie(self.node(self.adversary.party))

    def _flood(self) -> str | None:
        assert self.adversary is not None
        to = self.chance.choice([party for party in self.compact.parties if party != self.adversary.party])
        for body in self.adversary.junk(self.seen):
            fields = self.adversary.signed(body, to, self.time)
            self._arrive(Request(self.adversary.party, to, body, fields))
        return f"{self.adversary.party}>{to}"

    def _smuggle(self) -> str | None:
        """The adversary puts a courier's file together from what others once sent, and hands it on in their name."""
        assert self.adversary is not None
        if not self.seen:
            return None
        known = self.chance.choice(self.seen)
        self.bags.append(Courier(known.sender, known.to, self.adversary.forged(known.body)))
        return f"{known.sender}>{known.to}"

    def _replay(self) -> str | None:
        if not self.seen:
            return None
        request = self.chance.choice(self.seen)
        self._arrive(request)
        return f"{request.sender}>{request.to}"

    def _withhold(self) -> str | None:
        """The adversary sends leaves without their parts, or keeps its cosignature back."""
        assert self.adversary is not None
        sender = self.node(self.adversary.party)
        to = self.chance.choice([party for party in self.compact.parties if party != sender.party])
        if not sender.up:
            return None
        whole = self.carry(sender, to)

        def stripped(body: bytes, _fields: Mapping[str, str]) -> bytes:
            assert self.adversary is not None
            less = self.adversary.without_parts(body)
            return whole(less, self.adversary.signed(less, to, self.time))

        sender.step(to, stripped, force=True)
        return f"{sender}>{to}"

    # Healing

    def heal(self) -> None:
        """Everything is repaired; in bounded time nobody has anything left to say, and all agree."""
        self.cut.clear()
        self.late.clear()
        self.depth = 2
        for node in self.everybody:
            node.disk.empty()
            if node.process is not None:
                node.process.life.spare()
        for _ in range(ROUNDS):
            self.time += 125
            for node in self.everybody:
                if not node.up:
                    node.start()
                for to in node.compact.parties:
                    if to != node.party and node.up:
                        node.step(to, self._good_line(node, to))
            self.look()
            if self._rests():
                break
        else:
            raise Violation("not-healed", "; ".join(self._unrest()))
        if self.adversary is not None:
            self._confront()
        self.look()
        faces = {node.origin: [each for each in self.everybody if each.party == node.party] for node in self.nodes}
        self.watch.check_whole(self.honest, faces)
        self.story.tell("healed", "healed")

    def _good_line(self, sender: Node, to: str) -> delivering.Carry:
        def carry(body: bytes, fields: Mapping[str, str]) -> bytes:
            self.watch.delivers(sender, to, body)
            answered = self._arrive(Request(sender.party, to, body, fields))
            if answered is None:
                raise LineDown("link.down")
            return answered

        return carry

    def _rests(self) -> bool:
        return not self._unrest()

    def _unrest(self) -> list[str]:
        """What is not delivered between honest nodes."""
        found = []
        for node in self.honest:
            own = record.read(node.disk.conn, SQLITE, node.origin)
            if self._waits_for_ever(node, own):
                continue
            if own.unsure or own.size < self.watch.cosigned(node.origin):
                found.append(f"{node} has {own.size} of its leaves {own.unsure}")
            for other in self.honest:
                if other is node:
                    continue
                copy = record.read(other.disk.conn, SQLITE, node.origin)
                owed = missing_of(other, node.origin)
                if copy.size != own.size or owed.missing:
                    found.append(f"{other} holds {copy.size} of {own.size} of {node}, lacks {owed.missing[:3]}")
                elif node.process is None or self._has_work(node, other.party, own.size):
                    found.append(f"{node}>{other} has something to say: {self._link(node, other.party)}")
        return found

    def _waits_for_ever(self, node: Node, own: record.Log) -> bool:
        """Whether this node signed what no honest one ever held, and lost it: then only a new epoch helps."""
        fence = Fence(node.folder).read(node.origin)
        copies = (record.read(each.disk.conn, SQLITE, node.origin).size for each in self.nodes if each is not node)
        return fence is not None and own.size < fence.size and max(copies) < fence.size

    def _has_work(self, node: Node, to: str, size: int) -> bool:
        assert node.process is not None
        link = node.process.workers[to].link
        return next_step(link, size, node.now.seconds)[0] is Next.SEND and (link.held < size or bool(link.missing))

    def _confront(self) -> None:
        """Both faces of a forked log are shown to everybody."""
        assert self.adversary is not None
        for _ in range(2):
            for face in [node for node in self.everybody if node.party == self.adversary.party]:
                face.deny()
                for node in self.honest:
                    for _ in range(3):
                        face.step(node.party, self._good_line(face, node.party), force=True)


_EVENTS = (
    ("publish", 22),
    ("step", 34),
    ("time", 10),
    ("late", 6),
    ("pack", 4),
    ("unpack", 6),
    ("cut", 3),
    ("mend", 4),
    ("doom", 6),
    ("start", 10),
    ("fill", 1),
    ("empty", 2),
    ("jump", 4),
    ("backup", 4),
    ("restore", 3),
    ("rotate", 3),
    ("amend", 6),
    ("agree", 2),
)
_HOSTILE = (("fork", 1), ("lie", 4), ("flood", 1), ("replay", 3), ("smuggle", 4), ("withhold", 3))


def run(seed: int, plan: Plan | None = None) -> Run:
    """One run from its seed; a broken promise is in what is returned."""
    folder = Path(tempfile.mkdtemp(prefix="mithaq-simulation-", dir=_memory()))
    world = World(seed, plan or Plan(), folder)
    violation = None
    try:
        with quickened():
            world.live()
    except Violation as found:
        violation = found
    except BaseException as error:
        error.add_note("\n".join((*world.story.lines[-25:], f"seed {seed}")))
        raise
    finally:
        world.close()
        shutil.rmtree(folder)
    story = world.story
    return Run(
        seed,
        len(world.compact.parties),
        len(story.lines),
        story.digest(),
        tuple(story.lines[-_LONGEST_TRACE:]),
        dict(story.counts),
        violation.invariant if violation else "",
        str(violation or ""),
    )


def report(run: Run, lines: int) -> str:
    """What happened in a run, and the command that shows it again."""
    told = "\n".join(f"  {line}" for line in run.trace[-lines:])
    ended = f"FAILED: {run.detail}" if run.invariant else "held"
    return f"seed {run.seed}, {run.nodes} nodes, {run.events} events\n{told}\n{ended}\n  {replay(run.seed)}\n\n"


def replay(seed: int) -> str:
    """The command that runs a seed again."""
    return f"python -m tests.simulation --seeds 1 --from {seed} --trace"


@contextmanager
def quickened() -> Iterator[None]:
    """Verify each signature once a run, whoever asks: the answer is a function of the bytes."""
    real = signing.verifies
    signing.verifies = lru_cache(maxsize=100_000)(real)
    try:
        yield
    finally:
        signing.verifies = real


@cache
def _memory() -> str | None:
    """A folder in memory for the fences, where this machine has one."""
    return "/dev/shm" if Path("/dev/shm").is_dir() else None


@cache
def founded(compact: Compact, party: str) -> bytes:
    """The disk of a party that has logged its first two leaves."""
    empty = disk.Memory(disk.blank())
    origin = compact.origin(party)
    record.create(empty.conn, SQLITE, origin, own=True)
    for other in compact.parties:
        if other != party:
            record.create(empty.conn, SQLITE, compact.origin(other), own=False)
    with SQLITE.transaction(empty.conn):
        record.append(empty.conn, SQLITE, origin, parties.first_leaves(compact, party))
    image = empty.image()
    empty.close()
    return image

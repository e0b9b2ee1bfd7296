"""The ledger: every party's leaves and facts in, the book of any cut out.

Rules (docs/spec/folds.md; version 1):

- A cut is a size per log. Leaves enter in the order of their log.
- number(entry) = 1 + the largest number of: the previous entry of its log, every entry its references name, every entry
  its receipt covers. The order of the record is (number, origin, index).
- A receipt counts when it names another log of the audience, covers no less than the one before, and carries the root
  of that log at its size. One that covers more than the cut holds waits, visibly, and covers nothing until the cut
  holds it.
- A reference counts when it names a leaf that stood before it in the sender's own log, or below what the sender's
  earlier receipts cover. While a receipt of the sender waits, so does a reference into that log; otherwise it does
  not conform.
- The facts of a notice count once every other party's receipts cover it and no longer list part 0 missing, on the
  sender's side too.
- What does not conform stands in no state and starts the non-conformance clock.

`book` folds only the threads that leaves or receipts have touched since the last call; a property test holds it to what
folding everything from nothing gives.
"""

from collections.abc import Iterable, Sequence
from sys import intern

from mithaq import canonical
from mithaq.errors import Fault, Refusal
from mithaq.instrument.law import Law
from mithaq.notices import epochs, numbers, references, roles, taking_effect
from mithaq.notices.book import (
    Agreed,
    Book,
    Cut,
    Step,
    Waiting,
)
from mithaq.notices.conformance import KindJudge, LawJudge, judges_of
from mithaq.notices.cuts import audience_of, holds
from mithaq.notices.entry import NOBODY, Entry, Source
from mithaq.notices.envelope import Header, Leaf, Roots, kept, recalled
from mithaq.notices.envelope import parse as parse_leaf
from mithaq.notices.judged import Judged, Known
from mithaq.notices.keys import KeyRing
from mithaq.notices.logs import Entered, Log
from mithaq.notices.parts import FACTS
from mithaq.notices.receiving import Receiving, receipt_of
from mithaq.notices.threads import Threads
from mithaq.notices.uncollected import uncollected
from mithaq.notices.versions import NONE, Versions
from mithaq.record import merkle


class Ledger:
    """The record under one instrument as it is known here, and its state. Feed it in the order of each log; ask for a
    book."""

    def __init__(self, law: Law | Versions) -> None:
        self._versions = Versions.of(law)
        self.law = law = self._versions.first
        self._judge: LawJudge = judges_of(law)
        self._roots = {party.code: Roots(keys=party.roots, threshold=party.threshold) for party in law.parties}
        self._logs: dict[str, Log] = {}
        self._facts: dict[tuple[str, int], bytes] = {}
        self._state = Threads(self.law.precedence[0])
        self._receiving = Receiving(self._versions, self._logs, self._state)
        self._anew = True
        """Whether everything was folded since it was last asked what has moved."""
        self._earlier: Ledger | None = None
        """The ledger of a cut that grows, the common one, from which the next of more leaves goes on."""

    @property
    def versions(self) -> tuple[Law, ...]:
        """The versions of the instrument that are held, in their order."""
        return self._versions.laws

    def add(self, origin: str, index: int, leaf: bytes | Leaf) -> None:
        """Take the leaf at `index` of the log `origin`. Bytes that are no leaf are taken too, and do not conform.

        Refuses a log that is not of this law; a gap or a repetition is a fault of the caller.
        """
        log = self._log(origin)
        if index != len(log.sources):
            raise Fault(f"leaf {len(log.sources)} of {origin}", f"leaf {index}", "feed the ledger in log order")
        log.sources.append(_source(leaf))

    @uncollected()
    def add_all(self, origin: str, start: int, leaves: Iterable[bytes], judged: Judged | None = None) -> None:
        """`add` of every next leaf of the log `origin`, the first of them at `start`. Of a log's beginning `judged` may
        say what was found before: then those leaves are not judged again; nothing else follows from it."""
        log = self._log(origin)
        if start != len(log.sources):
            raise Fault(f"leaf {len(log.sources)} of {origin}", f"leaf {start}", "feed the ledger in log order")
        taken = list(leaves)
        log.sources += self._known(log, taken, judged) if judged is not None and start == 0 else []
        log.sources += [_source(leaf) for leaf in taken[len(log.sources) - start :]]

    def _known(self, log: Log, taken: Sequence[bytes], judged: Judged) -> list[Source]:
        """Those of `taken`, the first leaves of `log`, that were judged before."""
        hashes = [merkle.leaf_hash(leaf) for leaf in taken]
        tree = judged.tree_of(log.origin, hashes)
        if tree is None:
            return []
        log.tree = tree
        found = zip(range(tree.size), taken, hashes, strict=False)
        return [
            _source(leaf) if index in judged.again else Source(leaf, recalled(leaf), hash, verdict=())
            for index, leaf, hash in found
        ]

    def with_facts(self, origin: str, start: int) -> list[int]:
        """The indexes of the leaves of a log, from `start` on, that commit to facts."""
        sources = self._log(origin).sources
        return [index for index in range(start, len(sources)) if _has_facts(sources[index])]

    def judged(self) -> Known:
        """What was found by now of the beginning of every log that `Judged` may speak of."""
        first = {origin: log for origin, log in self._logs.items() if epochs.before(origin) is None}
        return {origin: log.judged() for origin, log in first.items()}

    def add_facts(self, origin: str, index: int, facts: bytes) -> None:
        """Take the facts (the body of part 0) of the leaf at `index`; the commitment was checked at the door."""
        self._facts[origin, index] = facts
        self._arrived(origin, index)
        if self._earlier is not None:
            self._earlier._arrived(origin, index)

    def _arrived(self, origin: str, index: int) -> None:
        log = self._log(origin)
        if index < len(log.entries):
            entry = log.entries[index]
            header = entry.source.leaf.header if entry.source.leaf is not None else None
            if header is not None and header.parts:
                self._read_facts(entry, header, self._judge_of(header).kinds.get(header.kind))
            self._state.touch(entry)

    def sizes(self) -> dict[str, int]:
        """Origin to the number of leaves taken."""
        return {origin: len(log.sources) for origin, log in self._logs.items()}

    def size(self, origin: str) -> int:
        """The number of leaves taken of a log."""
        return len(self._log(origin).sources)

    def ring(self, origin: str) -> KeyRing:
        """The keys of a log's party after every leaf taken into the book so far."""
        return self._log(origin).ring

    def entered(self) -> tuple[Entered, ...]:
        """The versions that the parties have entered, as far as taken into the book so far: log by log, in their
        order."""
        return tuple(each for _, log in sorted(self._logs.items()) for each in log.entered)

    def seen(self, said: Entered, party: str) -> tuple[str, str]:
        """Between which moments a version was entered, by what `party` receipted of that log: that of its last receipt
        without the leaf, and of its first one with it. Empty where there is none."""
        return taking_effect.seen(said, party, self._logs.values())

    def in_force(self) -> dict[str, str]:
        """Origin to the digest of the version that binds its party after every leaf taken into the book so far; none
        for a log that has put none in force."""
        return {origin: log.in_force for origin, log in self._logs.items() if log.in_force != NONE}

    @uncollected()
    def book(self, cut: Cut | None = None, *, apart: bool = False) -> Book:
        """What the record says at `cut`: origin to size; everything taken so far when None.

        Refuses a cut beyond what is held. A cut other than everything goes on from the one asked for before where it
        holds all of that, and is folded from nothing where it does not. An older cut than that, and one asked for
        `apart`, is folded from nothing and leaves it as it is: nobody who looks back makes the next one start again.
        """
        if cut is None or dict(cut) == self.sizes():
            self._advance()
            logs = self._logs.values()
            self._state.stand(taking_effect.standstills(self._versions, logs))
            reached = {origin: log.reached_at for origin, log in sorted(self._logs.items()) if log.reached_at}
            return self._state.book(self.sizes(), reached, taking_effect.rules(self._versions, logs))
        restricted = self._restricted(cut, apart=apart)
        book = restricted.book()
        if restricted is not self._earlier:
            restricted.take_apart()
        return book

    def moved(self) -> frozenset[str] | None:
        """Numbers of the notices whose threads the books since the last call folded again; None when that is all."""
        moved, self._state.moved = self._state.moved, set()
        anew, self._anew = self._anew, False
        return None if anew or moved is None else frozenset(moved)

    def take_apart(self) -> None:
        """Let go of what it holds: entries refer to each other, and no collector looks for them (`uncollected`).
        It is of no use after that; the books that it gave are."""
        if self._earlier is not None:
            self._earlier.take_apart()
        self._untie()

    def _untie(self) -> None:
        for log in self._logs.values():
            for entry in log.entries:
                entry.refers, entry.referred_by, entry.thread = (), (), None

    def _restricted(self, cut: Cut, *, apart: bool) -> "Ledger":
        """A ledger of only the leaves in `cut`. It shares what was judged already."""
        for origin, size in cut.items():
            held = len(self._log(origin).sources)
            if not 0 <= size <= held:
                raise Refusal("ledger.beyond-held", log=origin, held=held, wanted=size)
        before = self._earlier.sizes() if self._earlier is not None else {}
        if not apart and self._earlier is not None and holds(cut, before):
            restricted = self._earlier
        else:
            restricted = Ledger(self._versions)
            restricted._facts = self._facts
            if not apart and not holds(before, cut):
                if self._earlier is not None:
                    self._earlier.take_apart()
                self._earlier = restricted
        for origin, size in cut.items():
            log = restricted._log(origin)
            log.sources += self._logs[origin].sources[len(log.sources) : size]
        return restricted

    def _log(self, origin: str) -> Log:
        log = self._logs.get(origin)
        if log is None:
            party = self._judge.party_of(origin)
            audience = self.law.audiences.get(audience_of(origin), [])
            if party is None or party not in audience:
                raise Refusal("ledger.foreign-log", log=origin[:200])
            others = tuple(sorted(code for code in audience if code != party))
            log = self._logs[origin] = Log(origin, party, others)
        return log

    # Taking leaves into the order of the record

    def _advance(self) -> None:
        if any(self._has_arrived(log) for log in self._logs.values()):
            self._start_again()
        logs = [self._logs[origin] for origin in sorted(self._logs)]
        while True:
            while sum(self._take_ready(log) for log in logs):
                pass
            blocked = [log for log in logs if len(log.entries) < len(log.sources)]
            if not blocked:
                return
            beyond = [log for log in blocked if self._is_beyond(log)]
            self._take((beyond or blocked)[0])

    def _has_arrived(self, log: Log) -> bool:
        """Whether a leaf for which a receipt of `log` waited has been added since."""
        return any(
            target in self._logs and len(self._logs[target].sources) >= size for target, size in log.waits.items()
        )

    def _start_again(self) -> None:
        self._state, self._anew = Threads(self.law.precedence[0]), True
        self._receiving = Receiving(self._versions, self._logs, self._state)
        self._untie()
        for log in self._logs.values():
            fresh = Log(log.origin, log.party, log.others, log.sources, tree=log.tree)
            self._logs[log.origin] = fresh

    def _take_ready(self, log: Log) -> bool:
        """Take every next leaf of `log` whose receipt covers only leaves already taken; whether there was any."""
        taken = False
        while len(log.entries) < len(log.sources) and self._is_ready(log):
            self._take(log)
            taken = True
        return taken

    def _is_ready(self, log: Log) -> bool:
        needed = self._needed(log)
        if needed is None:
            return True
        origin, size = needed
        target = self._logs.get(origin)
        if target is None or size > len(target.sources):
            return False
        receipt = receipt_of(log.sources[len(log.entries)])
        return size <= len(target.entries) or (
            receipt is not None and not self._receiving.has_root(log, len(log.entries), receipt, target)
        )

    def _needed(self, log: Log) -> tuple[str, int] | None:
        """What must be taken before the next leaf of `log`: another log up to a size, or nothing."""
        source = log.sources[len(log.entries)]
        receipt = source.leaf.header.receipt if source.leaf is not None else None
        if receipt is not None:
            return (receipt.log, receipt.size) if self._receiving.is_of_another(receipt.log, log) else None
        if log.entries:
            return None
        change = source.leaf.header.keyset if source.leaf is not None else None
        epoch = change.epoch if change is not None else None
        return (epoch.log, epoch.size) if epoch is not None and epoch.log == epochs.before(log.origin) else None

    def _is_beyond(self, log: Log) -> bool:
        needed = self._needed(log)
        assert needed is not None
        origin, size = needed
        return origin not in self._logs or size > len(self._logs[origin].sources)

    def _take(self, log: Log) -> None:
        entries, origin = log.entries, log.origin
        index = len(entries)
        source = log.sources[index]
        before = entries[-1].order[0] if index else 0
        header = source.leaf.header if source.leaf is not None else None
        judge = self._judge_of(header)
        found = judge.kinds.get(header.kind) if header is not None else None
        kind = found.kind if found is not None else None
        first, audience = log.called
        number, order = numbers.spoken(log.party, first + index, audience), (before + 1, origin, index)
        sealed = Step(origin, index, header.at if header is not None else "")
        said = origin, index, log.party, number, source, kind, order, log.others, judge.law, sealed
        entry = Entry(*said, NOBODY, NOBODY)
        entries.append(entry)
        if source.verdict is None:
            assert source.leaf is not None
            source.verdict = self._versions.judge(source.leaf, index, None, log.ring, log.in_force)
            source.leaf = kept(source.leaf)
        entry.verdict = source.verdict
        if header is not None:
            if header.law == log.in_force and header.law != judge.digest:  # nor is it held, or it would be its judge's
                self._state.unjudged.append(number)
            self._place(entry, header, log)
            if kind is None or entry.verdict:  # a notice that conforms carries nothing for the ledger
                self._machine(entry, header, log)
            if not entry.verdict:
                log.reached_at = header.at
            if header.parts:
                self._read_facts(entry, header, found)
        self._state.take(entry)

    def _judge_of(self, header: Header | None) -> LawJudge:
        """The judge of the version that a leaf was made under."""
        return self._versions.judge_of(header.law) if header else self._judge

    def _place(self, entry: Entry, header: Header, log: Log) -> None:
        """Judge what only the whole log shows, and resolve the references."""
        if header.log != log.origin:
            entry.verdict += (Refusal("leaf.other-log", log=header.log[:200]),)
        if header.at < log.last_at:
            entry.verdict += (Refusal("leaf.earlier-than-before", found=header.at[:40], before=log.last_at),)
        elif not entry.verdict or not any(refusal.code == "leaf.bad-moment" for refusal in entry.verdict):
            log.last_at = header.at
        if log.ids.setdefault(header.id, entry.index) != entry.index:
            entry.verdict += (Refusal("leaf.repeated-id", id=header.id[:40]),)
        for reference in header.re:
            if not references.resolve(entry, reference, log, self._logs):
                self._state.waiting.append(Waiting(entry.number, reference.log, reference.id))
        if entry.kind is not None and entry.kind.role == roles.SEALS and not entry.verdict:
            entry.verdict += references.judge_seal(entry)

    # Machine leaves

    def _machine(self, entry: Entry, header: Header, log: Log) -> None:
        if header.keyset is not None and header.log == log.origin and entry.source.leaf is not None:
            try:
                log.ring = log.ring.apply(entry.source.leaf, entry.index, self._roots[log.party])
            except Refusal as refusal:
                if refusal.code not in {each.code for each in entry.verdict}:
                    entry.verdict += (refusal,)
        leaf, said = entry.source.leaf, header.instrument
        if said is not None and leaf is not None and self._versions.enters(leaf, (each.code for each in entry.verdict)):
            log.in_force = said.law
            log.entered.append(Entered(log.party, log.origin, entry.index, header.at, said.law, said.words))
            if self._versions.suspends and not self._versions.holds(said.law):
                self._state.unjudged.append(entry.number)  # it may have resumed: what stands is not known here
        if entry.verdict:
            return
        if header.keyset is not None and header.keyset.epoch is not None:
            entry.verdict += self._receiving.succeed(entry, header.keyset.epoch, log)
        elif header.receipt is not None:
            entry.verdict += self._receiving.receive(entry, header.receipt, log)
        elif header.agreement is not None:
            stated = header.agreement
            cut, at = dict(stated.cut), header.at
            self._state.agreements[numbers.caller(log.party, audience_of(log.origin) or numbers.ALL)] = Agreed(
                log.party, entry.number, cut, stated.digest, stated.rules, at
            )
        elif header.erased is not None:
            entry.verdict += self._receiving.erase(entry, header.erased, log)

    def _read_facts(self, entry: Entry, header: Header, kind: KindJudge | None) -> None:
        source = entry.source
        body = None if source.facts_verdict is not None else self._facts.pop((entry.origin, entry.index), None)
        if body is None:
            return
        try:
            facts = canonical.decode_judged(body)
        except Refusal as refusal:
            source.facts_verdict = (refusal,)
            return
        classes = [part.retention for part in header.parts]
        source.facts_verdict = () if kind is None or kind.copies else kind.judge_stated(facts, classes)
        if type(facts) is dict:
            for name, value in facts.items():
                if type(value) is str and len(value) <= _SHORT:
                    facts[name] = intern(value)
            source.facts = facts


def _source(leaf: bytes | Leaf) -> Source:
    if isinstance(leaf, Leaf):
        return Source(leaf.encoded, leaf, merkle.leaf_hash(leaf.encoded))
    try:
        return Source(leaf, parse_leaf(leaf), merkle.leaf_hash(leaf))
    except Refusal as refusal:
        return Source(leaf, None, merkle.leaf_hash(leaf), verdict=(refusal,))


def _has_facts(source: Source) -> bool:
    parts = source.leaf.header.parts if source.leaf else []
    return bool(parts) and parts[0].retention == FACTS


_SHORT = 32
"""Characters of a stated value that is likely to be a code, and to be stated again and again."""

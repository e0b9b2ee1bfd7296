"""How far each party has the logs of the others: what receipts cover, what was erased since, and what a new epoch takes
over from the closed one."""

from base64 import b64encode
from collections.abc import Mapping

from mithaq.errors import Refusal
from mithaq.notices.book import Erasure, Waiting
from mithaq.notices.conformance import judges_of
from mithaq.notices.cuts import audience_of
from mithaq.notices.entry import Entry, Source
from mithaq.notices.envelope import Epoch, Erased, Receipt
from mithaq.notices.logs import Log
from mithaq.notices.threads import Threads
from mithaq.notices.versions import Versions
from mithaq.record import merkle


class Receiving:
    """What the leaves of nodes change in the logs of one ledger."""

    def __init__(self, versions: Versions, logs: Mapping[str, Log], state: Threads) -> None:
        self._versions = versions
        self._party_of = judges_of(versions.first).party_of
        self._logs = logs
        self._state = state

    def has_root(self, log: Log, index: int, receipt: Receipt, target: Log) -> bool:
        """Whether the receipt at `index` of `log`, its next, carries the root of the leaves it covers.

        Nobody can know a root before its leaves, so of receipts that each cover the other, one has another root; it is
        refused and holds nothing up.
        """
        before = log.covers.get(receipt.log, 0)
        if log.reached[0] != index:
            frontier = log.frontiers.get(receipt.log, merkle.Frontier())
            hashes = (source.hash for source in target.sources[before : receipt.size])
            log.reached = index, frontier.extend(hashes)
        return b64encode(log.reached[1].root()).decode() == receipt.root

    def is_of_another(self, origin: str, log: Log) -> bool:
        """Whether `origin` is the log of another party in the same audience."""
        return self._party_of(origin) in log.others and audience_of(origin) == audience_of(log.origin)

    def succeed(self, entry: Entry, epoch: Epoch, log: Log) -> tuple[Refusal, ...]:
        """Go on in a new epoch from where the closed log ended: what it had covered stays covered."""
        closed = self._logs.get(epoch.log)
        if closed is None or len(closed.entries) < epoch.size:
            return (Refusal("epoch.not-held", log=epoch.log, size=epoch.size),)
        frontier = merkle.Frontier().extend(source.hash for source in closed.sources[: epoch.size])
        if b64encode(frontier.root()).decode() != epoch.root:
            return (Refusal("epoch.other-root", log=epoch.log, size=epoch.size),)
        log.covers, log.in_force = {**closed.covers, closed.origin: epoch.size}, closed.in_force
        log.frontiers, log.erased = dict(closed.frontiers), dict(closed.erased)
        log.outstanding = {
            origin: {index: set(lacking) for index, lacking in each.items()}
            for origin, each in closed.outstanding.items()
        }
        if epoch.size:
            entry.order = (max(entry.order[0], closed.entries[epoch.size - 1].order[0] + 1), *entry.order[1:])
        return ()

    def receive(self, entry: Entry, receipt: Receipt, log: Log) -> tuple[Refusal, ...]:
        """Move the ladder of everything a receipt newly covers or completes; refusals when it does not count."""
        before = log.covers.get(receipt.log, 0)
        if not self.is_of_another(receipt.log, log):
            return (Refusal("receipt.foreign-log", log=receipt.log[:200]),)
        if receipt.size < before:
            return (Refusal("receipt.smaller", size=receipt.size, before=before),)
        target = self._logs.get(receipt.log)
        if target is None or receipt.size > len(target.sources):
            log.waits[receipt.log] = min(receipt.size, log.waits.get(receipt.log, receipt.size))
            self._state.waiting.append(Waiting(entry.number, receipt.log, str(receipt.size)))
            return ()
        if not self.has_root(log, entry.index, receipt, target):
            return (Refusal("receipt.other-root", log=receipt.log, size=receipt.size),)
        if receipt.size > len(target.entries):
            return (Refusal("receipt.impossible", log=receipt.log, size=receipt.size),)
        log.frontiers[receipt.log], log.covers[receipt.log] = log.reached[1], receipt.size
        if receipt.size:
            entry.order = (max(entry.order[0], target.entries[receipt.size - 1].order[0] + 1), *entry.order[1:])
        self._cover(entry, receipt, log, target.entries, before)
        return ()

    def erase(self, entry: Entry, statements: list[Erased], log: Log) -> tuple[Refusal, ...]:
        """Note what a party states to have erased; refusals when it names what it cannot have held, or says it anew.

        Nothing that is state follows from it: the digest before and after is equal.
        """
        for said in statements:
            before = log.erased.get((said.log, said.retention), 0)
            held = entry.index if said.log == log.origin else log.covers.get(said.log, 0)
            if said.size <= before:
                return (Refusal("erased.smaller", size=said.size, before=before),)
            if said.size > held and said.log not in log.waits:
                return (Refusal("erased.not-covered", log=said.log, size=said.size, held=held),)
        for said in statements:
            place = said.log, said.retention
            since, log.erased[place] = log.erased.get(place, 0), said.size
            self._state.erasures.append(Erasure(log.party, entry.number, entry.at, *place, said.size, since))
        return ()

    def _gone(self, target: Entry, log: Log) -> set[int]:
        """The parts of `target` that the party of `log` has erased by its own word: they are never readable after."""
        if target.source.leaf is None:
            return _NONE
        header = target.source.leaf.header
        terms = self._versions.judge_of(header.law).terms
        return {
            number
            for number, ref in enumerate(header.parts)
            if target.index < log.erased.get((target.origin, terms.kept(ref.retention, number)), 0)
        }

    def _cover(self, entry: Entry, receipt: Receipt, log: Log, covered: list[Entry], before: int) -> None:
        party, step = log.party, entry.sealed
        alone, held = {party: step}, frozenset({party})
        outstanding = log.outstanding.setdefault(receipt.log, {})
        missing: dict[int, set[int]] = {}
        for index, part in receipt.missing:
            missing.setdefault(index, set()).add(part)
        for index in [*outstanding, *range(before, receipt.size)]:
            target = covered[index]
            if party not in target.delivered:
                target.delivered = {**target.delivered, party: step} if target.delivered else alone
            lacking = missing.get(index, _NONE)
            if log.erased:
                lacking = lacking | self._gone(target, log)
            if lacking:
                lacking = lacking & outstanding.get(index, _parts(target))
            if 0 not in lacking:
                target.facts_held = target.facts_held | held if target.facts_held else held
            if lacking:
                outstanding[index] = lacking
            else:
                outstanding.pop(index, None)
                if party not in target.readable:
                    target.readable = {**target.readable, party: step} if target.readable else alone
            self._state.touch(target)


_NONE: set[int] = set()


def _parts(entry: Entry) -> set[int]:
    """The numbers of the parts that a leaf names."""
    return set(range(len(entry.source.leaf.header.parts))) if entry.source.leaf else set()


def receipt_of(source: Source) -> Receipt | None:
    """The receipt that a leaf carries."""
    return source.leaf.header.receipt if source.leaf else None

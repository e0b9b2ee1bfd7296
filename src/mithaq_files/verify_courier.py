"""Verify the opened content of a courier file (docs/spec/courier.md): that it continues a log as its key signed it.

The file is read as it comes, once, since nothing is done with it but to judge it. What it needs beforehand is taken at
its word (the right edge of the tree), so the verdict is on what the file adds to that.
"""

from pathlib import Path

from mithaq.errors import Refusal
from mithaq.exchange import answer, courier, delivery
from mithaq.exchange.courier import Header, Reading
from mithaq.exchange.delivery import Delivery
from mithaq.instrument.law import Limits
from mithaq.notices import envelope
from mithaq.notices.keys import KeyRing
from mithaq.notices.parts import check_part
from mithaq.record import checkpoint, merkle
from mithaq.record.merkle import Frontier
from mithaq_files.key_chain import KeyChain, Laws
from mithaq_files.trust import Trust
from mithaq_files.verdict import Break, LogFound, Subject, Verdict

_ANY = Limits(part=1 << 30, delivery=1 << 30, leaves=1 << 20)
"""A verifier does not hold a file to the limits of an instrument; only to what it can bear."""
_PIECE = 262_144


def is_one(path: Path) -> bool:
    """Whether the file says that it is a courier's content; refuses one that cannot be read."""
    try:
        with path.open("rb") as file:
            return file.read(len(courier.FIRST_LINE)) == courier.FIRST_LINE
    except OSError as error:
        raise Refusal("export.cannot-read", path=str(path), reason=error.strerror or str(error)) from error


def verify(path: Path, trust: Trust, laws: Laws) -> Subject:
    """The verdict on a courier's content; `laws` are the sealed laws at hand."""
    judging = _Judging(laws, trust)
    reading = Reading(_ANY.delivery, judging.take)
    try:
        with path.open("rb") as file:
            while piece := file.read(_PIECE):
                reading.feed(piece)
        found = reading.end()
        chain, ring = judging.known(found.header)
        if not found.is_signed_by(ring.node):
            raise Refusal("courier.other-sender", party=found.header.sender[:8])
    except Refusal as refusal:
        log, entry = judging.log, judging.frontier.size if judging.log else None
        return Subject(str(path), Verdict.BROKEN, False, breaks=(Break(log, entry, refusal),))
    trusted = chain.is_trusted(trust)
    head = judging.frontier
    facts, needed = judging.facts, found.header.needs.size
    shown = LogFound(str(path), found.header.log, chain.party, head.size, head.root().hex(), trusted, facts_held=facts)
    return Subject(
        str(path),
        Verdict.GENUINE if trusted else Verdict.INTACT,
        trusted,
        demo=chain.sealed is not None and chain.sealed.law.demo,
        exercise=chain.sealed is not None and chain.sealed.law.exercise,
        law=chain.sealed.law_digest if chain.sealed else "",
        logs=(shown,),
        remarks=(
            f"from {found.header.sender} to {found.header.receiver}, entries {needed} to {head.size}",
            *([f"the first {needed} entries are not in it; that it continues them is shown"] if needed else []),
        ),
    )


class _Judging:
    """Judges the deliveries of one courier in their order."""

    def __init__(self, laws: Laws, trust: Trust) -> None:
        self._laws, self._trust = laws, trust
        self._known: tuple[KeyChain, KeyRing] | None = None
        self.log = ""
        self.frontier = Frontier()
        self.facts = 0

    def known(self, header: Header) -> tuple[KeyChain, KeyRing]:
        """The keys of the log as the file carries them along."""
        if self._known is None:
            versions = self._laws.of(header.log, self._trust)
            chain = KeyChain.under(versions, header.log, header.keysets, header.roots)
            self._known = chain, chain.ring()
            self.log, self.frontier = header.log, header.needs
        return self._known

    def take(self, header: Header, block: bytes) -> None:
        """Judge the next block."""
        _, ring = self.known(header)
        encoded = answer.decode(block, _ANY).delivery if block.startswith(answer.FIRST_LINE) else block
        if encoded:
            self._judge(delivery.decode(encoded, _ANY), ring)

    def _judge(self, sent: Delivery, ring: KeyRing) -> None:
        if sent.log != self.log:
            raise Refusal("delivery.other-log", log=sent.log[:200], expected=self.log)
        if sent.start != self.frontier.size:
            raise Refusal("delivery.gap", log=sent.log, start=sent.start, held=self.frontier.size)
        head, _ = checkpoint.open(sent.checkpoint, ring.log_verifiers(sent.size))
        after = self.frontier.extend(map(merkle.leaf_hash, sent.entries))
        if (head.origin, head.size) != (self.log, after.size) or head.extensions:
            raise Refusal("delivery.other-checkpoint", log=sent.log, found=head.size, expected=after.size)
        if head.root != after.root():
            raise Refusal("delivery.other-leaves", log=sent.log, size=head.size)
        self._check_parts(sent)
        self.frontier = after

    def _check_parts(self, sent: Delivery) -> None:
        """Parts of leaves that came before this delivery are held to nothing here: their leaves are elsewhere."""
        for part in sent.parts:
            if part.index >= sent.size:
                raise Refusal("part.other-body", index=part.index, part=part.number)
            if part.index >= sent.start:
                refs = envelope.parse(sent.entries[part.index - sent.start]).header.parts
                if part.number >= len(refs):
                    raise Refusal("part.other-body", index=part.index, part=part.number)
                check_part(refs[part.number], part.salt, part.body, part.index, part.number)
                self.facts += part.number == 0

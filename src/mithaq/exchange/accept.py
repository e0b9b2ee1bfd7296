"""Whether what a counterpart delivered may enter our copy of its log, and what then changes. No I/O, no clock.

The rules, in their order:

1. A link that is stopped accepts nothing (`link.frozen`).
2. Key-set leaves among the new leaves are folded first, because they say who signs. The first leaf of a log is its
   first key-set, signed by the root threshold of the law; whoever holds the law needs nothing else to trust.
3. The checkpoint carries a verified signature of the log key in force at its last leaf, and names the log and size of
   the delivery. A bad signature is *broken*.
4. A checkpoint no larger than what we hold must be one of our own copy's heads; another root is a fork: *broken*.
5. A larger one must join what we hold without a gap, and the proof must show that it extends what we hold (else
   *broken*); and the leaves must hash to it (else the delivery is refused, nothing is stopped: the leaves are wrong,
   not the log).
6. Everything that stands behind such a checkpoint is kept. A leaf that does not conform is kept too, and named in the
   next receipt. A part that no leaf commits to is dropped, and so is one that we have stated to have erased.

*Broken* stops the link and is kept as evidence; every other refusal is answered and may be mended by sending again.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial

import msgspec

from mithaq.errors import Refusal
from mithaq.exchange.delivery import Delivery, HeldPart, SentPart
from mithaq.exchange.receipts import Claim, Owed, Place
from mithaq.instrument.law import Law
from mithaq.notices import envelope, signatures
from mithaq.notices.envelope import Leaf, PartRef, Roots
from mithaq.notices.keys import KeyRing
from mithaq.notices.parts import FACTS, Part, is_committed
from mithaq.notices.release import Verifies
from mithaq.notices.signatures import Together, VerifyAll
from mithaq.notices.versions import NONE, Versions
from mithaq.record import checkpoint, merkle, note
from mithaq.record.checkpoint import Checkpoint
from mithaq.record.merkle import Frontier, Growth


class Broken(Refusal):
    """Broken cryptography: the only thing that stops a link. The shell keeps both heads as evidence."""


@dataclass(frozen=True)
class Held:
    """Our copy of a counterpart's log, as far as judging a delivery needs it."""

    origin: str
    frontier: Frontier
    root_at: Callable[[int], bytes]
    """The root of our copy at any size up to its own."""
    last_at: str = ""
    ring: KeyRing = field(default_factory=KeyRing)
    owed: Owed = field(default_factory=Owed)
    leaves: Mapping[int, bytes] = field(default_factory=dict)
    """The stored leaves to which the delivery brings parts that are missing here."""
    erased: Mapping[str, int] = field(default_factory=dict)
    """Retention class to the size of this log below which we have stated to hold no part of the class any more."""
    frozen: str = ""
    in_force: str = NONE
    """The digest of the version that binds the party from the next leaf on."""

    @property
    def size(self) -> int:
        return self.frontier.size


@dataclass(frozen=True)
class Acceptance:
    """What changes in our copy: everything to be stored in one transaction."""

    before: Held
    checkpoint: Checkpoint
    note: bytes
    entries: tuple[bytes, ...]
    """The new leaves, from the size held before."""
    growth: Growth
    """What they do to the tree."""
    last_at: str
    in_force: str
    key_sets: tuple[int, ...]
    parts: tuple[HeldPart, ...]
    owed: Owed
    ring: KeyRing
    dropped: int
    """How many parts no leaf asked for."""

    @property
    def frontier(self) -> Frontier:
        """The tree after the new leaves."""
        return self.growth.after

    @property
    def size(self) -> int:
        return self.frontier.size

    @property
    def is_news(self) -> bool:
        """Whether there is a leaf or a part to store."""
        return bool(self.entries or self.parts)


Wanted = tuple[PartRef, str]
"""What a leaf says of a part, and the class by which it is kept."""


class ReadLeaf(msgspec.Struct, frozen=True):
    """A new leaf, read or not: one that cannot be read is kept all the same, with the refusal that says why."""

    index: int
    leaf: Leaf | None
    refusal: Refusal | None


def judge(
    delivery: Delivery, held: Held, law: Law | Versions, verify_all: VerifyAll = signatures.one_by_one
) -> Acceptance:
    """What `delivery` changes in the copy `held` under `law`; raises `Refusal`, `Broken` where the link must stop.

    Officers' signatures are verified together, by `verify_all`.
    """
    if held.frozen:
        raise Refusal("link.frozen", log=held.origin, reason=held.frozen)
    if delivery.log != held.origin:
        raise Refusal("delivery.other-log", log=delivery.log, expected=held.origin)
    versions = Versions.of(law)
    fresh = _new_entries(delivery, held)
    read = [read_leaf(held.size + offset, entry) for offset, entry in enumerate(fresh)]
    roots = roots_of(versions.first, held.origin)
    ring = fold_keys(held, read, roots)
    head = _open_checkpoint(delivery, ring)
    growth = _check_tree(delivery, held, head, fresh)
    kept = kept_places(held, read, versions)
    arrived, dropped = match_parts(delivery.parts, held, kept, versions)
    conformance, together = partial(_conformance, held, read, arrived, versions, roots, ring), Together(verify_all)
    claims, last_at, in_force = conformance(together.taken)
    if not together.are_good():
        claims, last_at, in_force = conformance(together.known)
    return Acceptance(
        before=held,
        checkpoint=head,
        note=delivery.checkpoint,
        entries=fresh,
        growth=growth,
        last_at=last_at,
        in_force=in_force,
        key_sets=tuple(each.index for each in read if each.leaf and each.leaf.header.keyset is not None),
        parts=tuple(arrived.values()),
        owed=_owed(held, read, kept, arrived, claims),
        ring=ring,
        dropped=dropped,
    )


def wanted_leaves(delivery: Delivery, size: int, owed: Owed) -> tuple[int, ...]:
    """Which stored leaves (below `size`) the judge needs to see, because missing parts of them are in the delivery."""
    missing = set(owed.missing)
    return tuple(sorted({part.index for part in delivery.parts if (part.index, part.number) in missing}))


def verified_cosignatures(lines: bytes, head: Checkpoint, verifier: note.Verifier) -> tuple[note.Signature, ...]:
    """Those of the signature lines that are the cosigner's over `head`; others are no concern of ours."""
    text = head.text()
    signatures = [note.parse_line(line + b"\n") for line in lines.split(b"\n") if line]
    return tuple(signature for signature in signatures if verifier.verifies(text, signature))


def _new_entries(delivery: Delivery, held: Held) -> tuple[bytes, ...]:
    if delivery.size <= held.size:
        return ()
    if max(delivery.start, delivery.old) > held.size:
        raise Refusal("delivery.gap", log=held.origin, start=delivery.start, held=held.size)
    return delivery.entries[held.size - delivery.start :]


def read_leaf(index: int, entry: bytes) -> ReadLeaf:
    """The entry at `index`, read if it can be."""
    try:
        return ReadLeaf(index, envelope.parse(entry), None)
    except Refusal as refusal:
        return ReadLeaf(index, None, refusal)


def roots_of(law: Law, origin: str) -> Roots:
    """The root keys that the law gives the party of a log; refuses a log of no party."""
    party = law.party_of(origin)
    if party is None:
        raise Refusal("delivery.foreign-log", log=origin)
    return Roots(keys=party.roots, threshold=party.threshold)


def fold_keys(held: Held, read: Sequence[ReadLeaf], roots: Roots) -> KeyRing:
    """The keys after the new leaves. A later key-set that does not count is a leaf that does not conform."""
    ring = held.ring
    for each in read:
        if each.leaf is not None and each.leaf.header.keyset is not None and each.leaf.header.log == held.origin:
            try:
                ring = ring.apply(each.leaf, each.index, roots)
            except Refusal as refusal:
                if each.index == 0:
                    raise Refusal("delivery.no-first-key-set", log=held.origin, reason=refusal.code) from refusal
    if not ring.keys:
        raise Refusal("delivery.no-first-key-set", log=held.origin, reason="keys.not-a-key-set")
    return ring


def _open_checkpoint(delivery: Delivery, ring: KeyRing) -> Checkpoint:
    try:
        head, _ = checkpoint.open(delivery.checkpoint, ring.log_verifiers(delivery.size))
    except Refusal as refusal:
        raise Broken("delivery.bad-checkpoint", log=delivery.log, reason=refusal.code) from refusal
    if (head.origin, head.size) != (delivery.log, delivery.size) or head.extensions:
        raise Refusal("delivery.other-checkpoint", log=delivery.log, found=head.size, expected=delivery.size)
    return head


def _check_tree(delivery: Delivery, held: Held, head: Checkpoint, fresh: Sequence[bytes]) -> Growth:
    if head.size <= held.size:
        if held.root_at(head.size) != head.root:
            raise Broken("delivery.fork", log=held.origin, size=head.size)
        return held.frontier.grow(())
    if not merkle.verify_consistency(delivery.old, head.size, held.root_at(delivery.old), head.root, delivery.proof):
        raise Broken("delivery.not-consistent", log=held.origin, size=head.size, held=held.size)
    growth = held.frontier.grow(map(merkle.leaf_hash, fresh))
    if growth.after.root() != head.root:
        raise Refusal("delivery.other-leaves", log=held.origin, size=head.size)
    return growth


def match_parts(
    sent: Sequence[SentPart], held: Held, kept: Mapping[Place, Wanted], versions: Versions
) -> tuple[dict[Place, HeldPart], int]:
    """The parts that a leaf commits to and that are missing, by place; and how many of those sent are not. `kept` are
    those of the new leaves (`kept_places`)."""
    wanted = {**kept, **_late_places(held, versions)}
    arrived: dict[Place, HeldPart] = {}
    for part in sent:
        place = (part.index, part.number)
        found = wanted.get(place)
        if found is not None and place not in arrived and is_committed(found[0], part.salt, part.body):
            arrived[place] = HeldPart(part.index, part.number, Part(found[1], part.salt, part.body))
    return arrived, len(sent) - len(arrived)


def kept_places(held: Held, read: Sequence[ReadLeaf], versions: Versions) -> dict[Place, Wanted]:
    """The parts of new leaves, but for those that our own log says we hold no more: they are neither wanted nor
    missing."""
    erased = held.erased
    return {
        place: wanted
        for each in read
        if each.leaf is not None
        for place, wanted in _parts_of(each.index, each.leaf, versions)
        if place[0] >= erased.get(wanted[1], 0)
    }


def _late_places(held: Held, versions: Versions) -> dict[Place, Wanted]:
    """The parts of stored leaves that are missing here."""
    missing = set(held.owed.missing)
    return {
        place: wanted
        for index, encoded in held.leaves.items()
        for place, wanted in _parts_of(index, envelope.parse(encoded), versions)
        if place in missing
    }


def _parts_of(index: int, leaf: Leaf, versions: Versions) -> list[tuple[Place, Wanted]]:
    kept = versions.terms_of(leaf.header.law).kept
    return [((index, number), (ref, kept(ref.retention, number))) for number, ref in enumerate(leaf.header.parts)]


def _conformance(
    held: Held,
    read: Sequence[ReadLeaf],
    arrived: Mapping[Place, HeldPart],
    versions: Versions,
    roots: Roots,
    ring_after: KeyRing,
    verifies: Verifies,
) -> tuple[list[Claim], str, str]:
    """What does not conform among the new leaves and among the facts that arrived late; the latest `at`, and the
    version in force behind them."""
    claims = _late_claims(held, arrived, versions, ring_after, verifies)
    ring, last_at, in_force = held.ring, held.last_at, held.in_force
    for each in read:
        if each.leaf is None:
            claims.append((each.index, each.refusal.code if each.refusal else "leaf.not-a-notice"))
            continue
        header = each.leaf.header
        facts = arrived.get((each.index, 0)) if header.parts else None
        body = facts.part.body if facts is not None and facts.part.retention == FACTS else None
        codes = [refusal.code for refusal in versions.judge(each.leaf, each.index, body, ring, in_force, verifies)]
        if header.log != held.origin:
            codes.append("leaf.other-log")
        if header.at < last_at:
            codes.append("leaf.earlier-than-before")
        elif "leaf.bad-moment" not in codes:
            last_at = header.at
        if header.keyset is not None and header.log == held.origin:
            try:
                ring = ring.apply(each.leaf, each.index, roots)
            except Refusal as refusal:
                codes.append(refusal.code)
        if header.instrument is not None and versions.enters(each.leaf, codes):
            in_force = header.instrument.law
        claims += [(each.index, code) for code in dict.fromkeys(codes)]
    return claims, last_at, in_force


def _late_claims(
    held: Held, arrived: Mapping[Place, HeldPart], versions: Versions, ring: KeyRing, verifies: Verifies
) -> list[Claim]:
    """What facts that arrive after their leaf add to the findings about it."""
    claims: list[Claim] = []
    for (index, number), late in arrived.items():
        if index < held.size and number == 0 and late.part.retention == FACTS:
            leaf = envelope.parse(held.leaves[index])
            judge = versions.judge_of(leaf.header.law).judge
            before = {refusal.code for refusal in judge(leaf, index, None, ring, verifies)}
            found = judge(leaf, index, late.part.body, ring, verifies)
            claims += [(index, code) for code in dict.fromkeys(each.code for each in found) if code not in before]
    return sorted(claims)


def _owed(
    held: Held,
    read: Sequence[ReadLeaf],
    kept: Mapping[Place, Wanted],
    arrived: Mapping[Place, HeldPart],
    claims: list[Claim],
) -> Owed:
    owed = held.owed
    after = owed.with_leaves((each.index, each.leaf.header.kind if each.leaf else None) for each in read)
    missing = [place for place in (*owed.missing, *kept) if place not in arrived]
    named_before = {each.index for each in read if each.index < owed.covered}
    fresh = [claim for claim in claims if claim[0] not in named_before]
    return replace(after, missing=tuple(missing), claims=tuple(sorted([*owed.claims, *fresh])))

"""Verify an export folder: everything in it that can contradict anything else is held against it.

In this order (docs/spec/export.md, "Verification"): the seals under the law; the kinds under the fences of
`mithaq.notices.restraint`; for each log its tiles against its entries, the key-sets under the root keys, the head's
signature and cosignatures, the facts against their commitments; the receipts of each log against the other logs. What
holds is then folded, to name notices that do not conform and to compute the digest that each agreement states.
"""

from base64 import b64encode
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from mithaq.errors import Finding, Refusal
from mithaq.instrument import sealing
from mithaq.instrument.law import Law, Party
from mithaq.instrument.sealing import Sealed
from mithaq.notices import envelope, numbers, restraint, retention
from mithaq.notices.book import Erasure
from mithaq.notices.envelope import Leaf, Receipt, Roots
from mithaq.notices.keys import KeyRing
from mithaq.notices.ledger import Ledger
from mithaq.notices.parts import FACTS, check_part
from mithaq.notices.versions import Versions
from mithaq.record import checkpoint, cosign, merkle, note, tiles
from mithaq.record.checkpoint import Checkpoint
from mithaq_files import export, held
from mithaq_files.export import Export, ExportedLog, Facts
from mithaq_files.key_chain import vouch
from mithaq_files.trust import Trust
from mithaq_files.verdict import AgreementFound, Break, ErasureFound, LogFound, Subject, Verdict, first


@dataclass
class _Log:
    """One log as far as it could be read."""

    exported: ExportedLog
    head: Checkpoint
    signed: bytes
    party: Party
    entries: list[bytes] = field(default_factory=list)
    leaves: list[Leaf | None] = field(default_factory=list)
    facts: list[Facts | None] = field(default_factory=list)
    tree: merkle.Tree = field(default_factory=merkle.Tree)
    ring: KeyRing = field(default_factory=KeyRing)
    roots: list[Roots] = field(default_factory=list)
    """The root keys that its key-sets have put in force, one after the other."""
    breaks: list[Break] = field(default_factory=list)
    cosigned: tuple[tuple[str, int], ...] = ()
    receipts: int = 0
    receipts_beyond: int = 0

    def broken(self, entry: int | None, refusal: Refusal, until: int | None = None) -> None:
        self.breaks.append(Break(self.exported.name, entry, refusal, until))

    @property
    def whole(self) -> bool:
        return len(self.entries) == self.head.size


def verify(found: Export, trust: Trust) -> Subject:
    """The verdict on an export folder, and what it was made from."""
    if sealing.LAW_FILE not in found.instrument:
        missing = Refusal("export.file-missing", path=f"{export.INSTRUMENT}/{sealing.LAW_FILE}")
        return Subject(str(found.path), Verdict.UNUSABLE, False, reason=missing)
    try:
        versions = held.from_files(found.instrument)
        laws = held.laws_of(versions)
    except Refusal as refusal:
        return _broken(found, [Break(export.INSTRUMENT, None, refusal)])
    sealed = versions[0]
    breaks = [each for version in versions for each in judge_instrument(version)]
    logs: list[_Log] = []
    for exported in found.logs:
        try:
            logs.append(_read(exported, laws))
        except Refusal as refusal:
            breaks.append(Break(exported.name, None, refusal))
    for log in logs:
        _check_heads(log, logs, sealed.law)
    by_origin = {log.head.origin: log for log in logs}
    for log in logs:
        _check_receipts(log, by_origin)
    past: dict[str, list[Roots]] = {}
    for log in logs:
        breaks += log.breaks
        past.setdefault(log.party.code, []).extend(log.roots)
    breaks += roots_unknown(versions, past)
    return _told(found, versions, logs, breaks, trust)


def _broken(found: Export, breaks: Sequence[Break]) -> Subject:
    return Subject(str(found.path), Verdict.BROKEN, False, breaks=first(breaks))


def judge_instrument(sealed: Sealed) -> Iterator[Break]:
    """What breaks a sealed instrument: a party that has not sealed it, or kinds that the fences refuse."""
    if not sealed.in_force:
        unsealed = ", ".join(sorted({party.code for party in sealed.law.parties} - sealed.sealed_by))
        yield Break(export.INSTRUMENT, None, Refusal("instrument.not-sealed", parties=unsealed))
    for fault in restraint.check_kinds(sealed.law):
        yield Break(export.INSTRUMENT, None, _of(fault))


def roots_unknown(versions: Sequence[Sealed], past: Mapping[str, Sequence[Roots]]) -> Iterator[Break]:
    """The later versions that name other root keys of a party than the first one, or its key-sets (`past`), do: seals
    made with them prove nothing of it."""
    first = {party.code: Roots(keys=party.roots, threshold=party.threshold) for party in versions[0].law.parties}
    for version in versions[1:]:
        for party in version.law.parties:
            if Roots(keys=party.roots, threshold=party.threshold) not in (first[party.code], *past.get(party.code, ())):
                yield Break(export.INSTRUMENT, None, Refusal("instrument.other-roots", party=party.code))


def _of(fault: Finding) -> Refusal:
    return Refusal(fault.code, **fault.data)


# One log


def _read(exported: ExportedLog, laws: Versions) -> _Log:
    signed = exported.signed()
    head = checkpoint.parse(note.text_of(signed))
    party = laws.first.party(exported.party)
    if party is None or exported.name not in _folders(laws.first, party, head.origin):
        raise Refusal("verify.foreign-log", log=head.origin[:200], folder=exported.name)
    if head.extensions:
        raise Refusal("verify.extended-head", log=head.origin)
    log = _Log(exported, head, signed, party)
    _read_entries(log)
    _check_tiles(log)
    _check_leaves(log, laws)
    _check_facts(log)
    return log


def _folders(law: Law, party: Party, origin: str) -> Iterator[str]:
    """The folder in which the log of `party` with this origin stands; none when it is no log of this law."""
    *_, audience, epoch = origin.rsplit("/", 2)
    known = party.code in law.audiences.get(audience, ())
    if known and epoch.isascii() and epoch.isdigit() and law.origin(party.code, audience, int(epoch)) == origin:
        yield f"{party.code}-{audience}-{epoch}"


def _read_entries(log: _Log) -> None:
    for bundle in tiles.bundles_of(log.head.size):
        try:
            log.entries += log.exported.entries(bundle)
        except Refusal as refusal:
            log.broken(len(log.entries), refusal)
            break
    for entry in log.entries:
        log.tree.append(merkle.leaf_hash(entry))
        log.leaves.append(_leaf(entry))


def _leaf(entry: bytes) -> Leaf | None:
    """The leaf in an entry; what is none is kept all the same, and does not conform."""
    try:
        return envelope.parse(entry)
    except Refusal:
        return None


def _check_tiles(log: _Log) -> None:
    for tile in tiles.tiles_of(log.head.size):
        span = tiles.WIDTH ** (tile.level or 0)
        try:
            stored = log.exported.tile(tile)
        except Refusal as refusal:
            log.broken(tile.number * tiles.WIDTH * span, refusal)
            continue
        for at, found in enumerate(stored, tile.number * tiles.WIDTH):
            if (at + 1) * span <= len(log.tree) and log.tree.subtree(at * span, (at + 1) * span) != found:
                log.broken(at * span, Refusal("verify.entry-differs", log=log.head.origin, path=tile.path))
                break
    if log.whole and log.tree.root() != log.head.root and not log.breaks:
        log.broken(0, Refusal("verify.other-root", log=log.head.origin), until=log.head.size - 1)


def _check_leaves(log: _Log, laws: Versions) -> None:
    """Fold the key-sets, and hold leaves 0 and 1 to what they must be. A later key-set that does not follow changes
    nothing, as in every fold."""
    roots = Roots(keys=log.party.roots, threshold=log.party.threshold)
    for index, leaf in enumerate(log.leaves):
        if leaf is None or leaf.header.log != log.head.origin:
            if index == 0:
                log.broken(0, Refusal("verify.no-key-set", log=log.head.origin))
        elif leaf.header.keyset is not None or index == 0:
            try:
                log.ring = log.ring.apply(leaf, index, roots)
                log.roots += [log.ring.roots] if log.ring.roots else []
            except Refusal as refusal:
                if index == 0:
                    log.broken(0, refusal)
    second = log.leaves[1] if len(log.leaves) > 1 else None
    named = second.header.instrument if second else None
    if len(log.leaves) > 1 and (named is None or not laws.holds(named.law)):
        log.broken(1, Refusal("verify.other-instrument", log=log.head.origin))


def _check_facts(log: _Log) -> None:
    for bundle in tiles.bundles_of(log.head.size):
        start = bundle.number * tiles.WIDTH
        try:
            log.facts += log.exported.facts(bundle)
        except Refusal as refusal:
            log.broken(start, refusal)
            log.facts += [None] * bundle.width
    for index, (leaf, facts) in enumerate(zip(log.leaves, log.facts, strict=False)):
        if facts is None:
            continue
        try:
            if leaf is None or not leaf.header.parts or leaf.header.parts[0].retention != FACTS:
                raise Refusal("part.other-body", index=index, part=0)
            check_part(leaf.header.parts[0], *facts, index, 0)
        except Refusal as refusal:
            log.broken(index, refusal)


# Logs against each other


def _check_heads(log: _Log, logs: Sequence[_Log], law: Law) -> None:
    others = [each for each in logs if each.party.code != log.party.code]
    try:
        observers = [note.Verifier.parse(each.key) for each in law.observers]
        cosigners = {each.name: each for each in observers}
        cosigners |= {each.ring.cosigner.name: each.ring.cosigner for each in others if _has(each.ring, "cosigner")}
        own = log.ring.log_verifier
        opened = note.open(log.signed, [own, *cosigners.values()])
        if own.name != log.head.origin or own.name not in opened.names:
            raise Refusal("note.no-known-signature")
        _check_keys(log.exported.keys(), own, cosigners)
    except Refusal as refusal:
        log.broken(None, refusal)
        return
    log.cosigned = tuple((each.name, cosign.moment(each)) for each in opened.verified if each.name in cosigners)


def _has(ring: KeyRing, role: str) -> bool:
    return any(key.role == role for key in ring.keys.values())


def _check_keys(listed: Sequence[note.Verifier], own: note.Verifier, cosigners: Mapping[str, note.Verifier]) -> None:
    """The `keys` file is for verifiers that know only C2SP: it may not lead them to other keys than the key-sets do."""
    known = {own.name: own, **cosigners}
    for verifier in listed:
        if verifier != known.get(verifier.name, verifier):
            raise Refusal("verify.other-keys", name=verifier.name)
    if own not in listed:
        raise Refusal("verify.other-keys", name=own.name)


def _receipts(log: _Log) -> Iterator[tuple[int, Receipt]]:
    for index, leaf in enumerate(log.leaves):
        if leaf is not None and leaf.header.receipt is not None:
            yield index, leaf.header.receipt


def _check_receipts(log: _Log, logs: Mapping[str, _Log]) -> None:
    """A receipt says which root another log had at a size: a statement from outside, which that log's own key cannot
    mend. The first that does not fit bounds where the histories part; one that contradicts a later receipt of its own
    log is false itself."""
    agreed: dict[str, int] = {}
    parted: set[str] = set()
    for index, receipt in _receipts(log):
        other = logs.get(receipt.log)
        if other is None or other is log or receipt.size > len(other.tree):
            log.receipts_beyond += 1
            continue
        log.receipts += 1
        if b64encode(other.tree.root(receipt.size)).decode() == receipt.root:
            agreed[receipt.log] = max(receipt.size, agreed.get(receipt.log, 0))
        elif receipt.size <= agreed.get(receipt.log, 0):
            log.broken(index, Refusal("verify.false-receipt", log=receipt.log, size=receipt.size))
        elif receipt.log not in parted and not other.breaks:
            parted.add(receipt.log)
            refusal = Refusal("verify.receipt-differs", log=receipt.log, receipt=log.head.origin, size=receipt.size)
            other.broken(agreed.get(receipt.log, 0), refusal, until=max(0, receipt.size - 1))


# What is told


def _told(
    found: Export, versions: Sequence[Sealed], logs: Sequence[_Log], breaks: Sequence[Break], trust: Trust
) -> Subject:
    sealed = versions[-1]
    named = any(trust.names_law(each.law_bytes) for each in versions)
    told = tuple(_log_found(log, vouch(versions, log.head.origin, trust)) for log in logs)
    all_trusted = bool(told) and all(each.trusted for each in told)
    verdict = Verdict.BROKEN if breaks else Verdict.GENUINE if all_trusted else Verdict.INTACT
    subject = Subject(
        str(found.path),
        verdict,
        all_trusted and not breaks,
        demo=sealed.law.demo,
        exercise=sealed.law.exercise,
        breaks=first(breaks),
        law=sealed.law_digest,
        fingerprint=sealed.fingerprint,
        logs=told,
        remarks=tuple(_remarks(versions, logs, trust, named)),
    )
    return subject if breaks else _with_folds(subject, held.laws_of(versions), logs)


def _log_found(log: _Log, trusted: bool) -> LogFound:
    committed = [bool(leaf and leaf.header.parts) for leaf in log.leaves]
    held = sum(each is not None for each in log.facts)
    return LogFound(
        log.exported.name,
        log.head.origin,
        log.party.code,
        log.head.size,
        log.head.root.hex(),
        trusted,
        log.cosigned,
        held,
        sum(committed) - held,
        log.receipts,
        log.receipts_beyond,
    )


def _remarks(versions: Sequence[Sealed], logs: Sequence[_Log], trust: Trust, named: bool) -> Iterator[str]:
    if (trust.digest or trust.spoken) and not named:
        yield "the law in this export is not the one named with --trust"
    sealed, known = versions[-1], {each.law_digest for each in versions}
    for log in logs:
        said = (leaf.header.instrument for leaf in log.leaves if leaf is not None)
        for law in dict.fromkeys(each.law for each in said if each is not None and each.law not in known):
            yield f"{log.head.origin} goes on under the law {law}, which is not in this export"
    here = {log.party.code for log in logs}
    audiences = {numbers.audience_of(log.head.origin) for log in logs}
    for party in sealed.law.parties:
        if party.code not in here and audiences & set(sealed.law.audiences_of(party.code)):
            yield f"no log of {party.code} is in this export: its cosignatures and receipts could not be checked"


def _fed(law: Versions, logs: Sequence[_Log]) -> Ledger:
    ledger = Ledger(law)
    for log in logs:
        for index, (entry, leaf) in enumerate(zip(log.entries, log.leaves, strict=True)):
            ledger.add(log.head.origin, index, leaf or entry)
            facts = log.facts[index]
            if facts is not None:
                ledger.add_facts(log.head.origin, index, facts[1])
    return ledger


def _with_folds(subject: Subject, laws: Versions, logs: Sequence[_Log]) -> Subject:
    """What only a fold of the entries can tell."""
    ledger = _fed(laws, logs)
    book, terms_of, law = ledger.book(), laws.terms_of, laws.first
    nonconforming = tuple(
        (number, refusal) for number, each in sorted(book.nonconforming.items()) for refusal in each.refusals
    )

    def early(erasure: Erasure) -> bool:
        return retention.is_early(erasure, book, law, terms_of)

    erasures = tuple(
        ErasureFound(
            each.number, each.at, each.log, each.retention, each.size, retention.is_early(each, book, law, terms_of)
        )
        for each in book.erasures
    )
    kept = tuple(
        (each.number, stays.finding, stays.reason, stays.n)
        for each in book.in_order
        if each.conforms and each.leaf
        for stays in each.leaf.header.kept
    )
    agreements = tuple(_agreements(ledger, logs))
    return replace(subject, nonconforming=nonconforming, kept=kept, agreements=agreements, erasures=erasures)


def _agreements(ledger: Ledger, logs: Sequence[_Log]) -> Iterator[AgreementFound]:
    for log in logs:
        for index, leaf in enumerate(log.leaves):
            said = leaf.header.agreement if leaf else None
            if said is not None:
                number = numbers.spoken_in(log.party.code, log.head.origin, index)
                yield AgreementFound(number, said.digest, _holds(ledger, dict(said.cut), said.digest, said.rules))


def _holds(ledger: Ledger, cut: Mapping[str, int], digest: str, rules: int) -> bool | None:
    try:
        book = ledger.book(cut)
    except Refusal:
        return None
    return None if book.incomplete or rules != book.rules else book.digest() == digest

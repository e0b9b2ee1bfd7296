"""The first leaves of a party's log, its keys and the instrument that binds it; and every later change of its keys.

Leaf 0 is the first key-set and leaf 1 the instrument (docs/spec/keys.md). Root keys never come near a node: it drafts
the change as a text, the holders of the root keys sign that text elsewhere, and the signed note is entered here. The
text says nothing of the leaf it will become, so it may come back after any other leaves (docs/decisions/0051).
"""

from collections.abc import Iterator, Sequence

import msgspec
from django.conf import settings

from mithaq.errors import Refusal
from mithaq.moments import Moment
from mithaq.notices import numbers, registering
from mithaq.notices.envelope import (
    MOST_BYTES,
    Epoch,
    Header,
    InForce,
    KeySet,
    Revocation,
    Roots,
    RootSignature,
    parse,
    text_of,
)
from mithaq.notices.keys import KeyRing, expected_name, key_of, signatures_of, with_signatures
from mithaq.notices.registering import Draft, Registered, registration
from mithaq.record import note
from mithaq_node import queries
from mithaq_node.keystore import custody, tls
from mithaq_node.services import accounts, drafting, rings, sequencing
from mithaq_node.services.sequencing import Entry
from mithaq_node.store import log as record
from mithaq_node.store.models import Officer

KEY_SET, INSTRUMENT = "key-set", "instrument"
_SIGNATURE_LETTERS = 92
"""Base64 of a key ID and an Ed25519 signature: what each root key adds to the leaf, beside its name."""


def draft_key_set(
    *, revoke: Sequence[Revocation] = (), roots: Roots | None = None, audience: str = numbers.ALL
) -> bytes:
    """The file of this party's next key-set in an audience (`mithaq.notices.registering`), for its root keys to sign.

    It registers the keys of this node and its officers that the log lacks, replaces those of the node that were
    changed, revokes the keys of disabled officers and those in `revoke`, and puts `roots` in place of the root keys.
    Refuses (`keyset.nothing-to-change`) when the log says already what is so. More keys than fit one leaf wait for the
    next one.
    """
    origin = sequencing.own_origin(audience)
    ring, size = ring_of_own(origin)
    wanted = [each for each in _present(origin) if note.decode_base64(each.key.key.encode()) not in ring.keys]
    standing = {key.name for key in ring.keys.values() if key.until > size}
    replaced = standing.intersection(each.key.name for each in wanted)
    ending = dict.fromkeys((*_disabled(ring), *sorted(replaced)), size)
    ending |= {each.name: each.since for each in revoke}
    if not wanted and not ending and roots is None:
        raise Refusal("keyset.nothing-to-change")
    revocations = [Revocation(name=name, since=since) for name, since in ending.items()]
    change = KeySet(version=ring.version + 1, revoke=revocations, roots=roots)
    return _fitting(origin, change, wanted, ring.roots).encode()


def enter_key_set(*, signed: bytes, now: Moment) -> str:
    """Log a key-set that the root keys have signed; its spoken number. Refuses what every reader would refuse."""
    draft = registering.read(signed)
    audience = numbers.audience_of(draft.log)
    origin = sequencing.own_origin(audience if audience in queries.law().audiences else numbers.ALL)
    if draft.log != origin:
        raise Refusal("keyset.other-log", log=draft.log[:200])
    with sequencing.open_log(origin=origin, now=now) as log:
        ring, size = ring_of_own(origin)
        roots = ring.roots or rings.roots_of(queries.first(), origin)
        leaf = text_of(_leaf(str(log.at), origin, _without_strangers(draft, roots)))
        ring.apply(parse(leaf), size, roots)
        index = log.append(Entry(leaf, ()))
    accounts.shut_out_revoked()
    return sequencing.spoken(origin, index)


def enter_instrument(*, now: Moment, audience: str = numbers.ALL) -> str:
    """Log for an audience that the instrument binds this party from here on; refuses one that is not in force, and a
    second time."""
    instrument = queries.sealed()
    instrument.require_in_force(now)
    if instrument.law.demo and not settings.NODE.demo:
        raise Refusal("node.demo-instrument", instrument=instrument.law.id)
    origin = sequencing.own_origin(audience)
    with sequencing.open_log(origin=origin, now=now) as log:
        if log.size == 0:
            raise Refusal("keyset.missing", log=origin)
        if log.size > 1:
            raise Refusal("node.entered-already", log=origin)
        header = Header(
            at=str(log.at),
            id=drafting.new_id(),
            kind=INSTRUMENT,
            law=instrument.law_digest,
            log=origin,
            instrument=InForce(law=instrument.law_digest, words=instrument.words_digest),
        )
        index = log.append(Entry(text_of(header), ()))
    return sequencing.spoken(origin, index)


def draft_first(origin: str, epoch: Epoch) -> bytes:
    """The file of the first key-set of a log that begins a new epoch, for the root keys to sign."""
    return _fitting(origin, KeySet(version=1, epoch=epoch), list(_present(origin)), None).encode()


def enter_first(*, signed: bytes, now: Moment) -> None:
    """Log the first key-set of a log that begins a new epoch; what an earlier attempt logged is left as it is."""
    draft = registering.read(signed)
    with sequencing.open_log(origin=draft.log, now=now) as log:
        if log.size:
            return
        roots = rings.roots_of(queries.first(), draft.log)
        leaf = text_of(_leaf(str(log.at), draft.log, _without_strangers(draft, roots)))
        KeyRing().apply(parse(leaf), 0, roots)
        log.append(Entry(leaf, ()))


def ring_of_own(origin: str) -> tuple[KeyRing, int]:
    """The keys as this party's log says now, and the log's size."""
    conn, engine = sequencing.reader()
    log = record.find(conn, engine, origin)
    return (rings.ring_of(conn, engine, queries.first(), log), log.size) if log else (KeyRing(), 0)


def _leaf(at: str, origin: str, change: KeySet) -> Header:
    law = queries.sealed().law_digest
    return Header(at=at, id=drafting.new_id(), kind=KEY_SET, law=law, log=origin, keyset=change)


def _without_strangers(draft: Draft, roots: Roots) -> KeySet:
    """The change with the signatures that root keys made, and no other line."""
    vkeys = (*roots.keys, *(draft.change.roots.keys if draft.change.roots else ()))
    known = [note.Verifier.parse(vkey) for vkey in vkeys]
    lines = (each for each in signatures_of(draft.change) if any(root.verifies(draft.text, each) for root in known))
    return with_signatures(draft.change, lines)


def _fitting(origin: str, change: KeySet, wanted: list[Registered], roots: Roots | None) -> Draft:
    """The draft with as many of the wanted keys as its leaf holds once all of `roots` (or the law's) have signed."""
    signers = [*(roots or rings.roots_of(queries.first(), origin)).keys, *(change.roots.keys if change.roots else ())]
    while _size_when_signed(draft := registering.draft(origin, change, wanted), signers) > MOST_BYTES:
        wanted.pop()
    return draft


def _size_when_signed(draft: Draft, signers: Sequence[str]) -> int:
    """Bytes of the leaf once every one of the root keys `signers` has signed."""
    lines = [RootSignature(by=vkey.split("+", 1)[0], sig="A" * _SIGNATURE_LETTERS) for vkey in signers]
    return len(text_of(_leaf("2000-01-01T00:00:00Z", draft.log, msgspec.structs.replace(draft.change, signed=lines))))


def _present(origin: str) -> Iterator[Registered]:
    """The keys that this node and its active officers sign with now."""
    folder = settings.NODE.keys
    held = custody.load(folder)
    for role in custody.SEEDS:
        yield registration(expected_name(role, origin), role, getattr(held, role))
    certificate = (folder / custody.TLS_CERTIFICATE).read_bytes()
    yield Registered(key_of(expected_name("tls", origin), "tls", tls.pin(certificate)), b"")
    for officer in Officer.objects.filter(is_active=True).order_by("pk"):
        yield Registered(key_of(officer.key_name, "officer", bytes(officer.public_key)), bytes(officer.possession))


def _disabled(ring: KeyRing) -> tuple[str, ...]:
    current = set(ring.officers)
    gone = Officer.objects.filter(is_active=False).values_list("key_name", flat=True)
    return tuple(sorted(current.intersection(gone)))

"""The first leaves of a party's log: its keys, then the instrument that binds it from here on.

Leaf 0 is the first key-set and leaf 1 the instrument (docs/spec/keys.md). Root keys never come near a node: it drafts
the change as a text, the holders of the root keys sign that text elsewhere, and the signed note is entered here.
"""

from collections.abc import Iterator

from django.conf import settings

from mithaq import recipients
from mithaq.errors import Refusal
from mithaq.moments import Moment
from mithaq.notices import numbers
from mithaq.notices.envelope import Header, InForce, Key, KeySet, Revocation, parse, text_of
from mithaq.notices.keys import KeyRing, expected_name, key_of
from mithaq_node import queries
from mithaq_node.keystore import custody, tls
from mithaq_node.services import drafting, rings, sequencing
from mithaq_node.services.sequencing import Entry
from mithaq_node.store import log as record
from mithaq_node.store.models import Officer

KEY_SET, INSTRUMENT = "key-set", "instrument"
_MOST_KEYS = 24
"""Keys in one key-set leaf: what fits its 4 KiB beside the longest names and the signatures of the roots."""


def draft_key_set(*, now: Moment) -> bytes:
    """The text of this party's next key-set: keys of the node and of officers that the log lacks, and revocations.

    Refuses (`keyset.nothing-to-change`) when the log says already what is so. More keys than fit one leaf wait for the
    next one.
    """
    instrument = queries.sealed()
    origin = sequencing.own_origin()
    ring, size = _ring(origin)
    add = tuple(key for key in _present(origin) if key.name not in ring.keys)[:_MOST_KEYS]
    revoke = tuple(Revocation(name=name, since=size) for name in _disabled(ring))
    if not add and not revoke:
        raise Refusal("keyset.nothing-to-change")
    return text_of(
        Header(
            at=str(now),
            id=drafting.new_id(),
            kind=KEY_SET,
            law=instrument.law_digest,
            log=origin,
            keyset=KeySet(version=ring.version + 1, add=list(add), revoke=list(revoke)),
        )
    )


def enter_key_set(*, signed: bytes, now: Moment) -> str:
    """Log a key-set that the root keys have signed; its spoken number. Refuses what every reader would refuse."""
    leaf = parse(signed)
    origin = sequencing.own_origin()
    if leaf.header.log != origin or leaf.header.law != queries.sealed().law_digest:
        raise Refusal("keyset.other-log", log=leaf.header.log[:200])
    with sequencing.open_log(origin=origin, now=now) as log:
        if log.last_at > leaf.header.at:
            raise Refusal("keyset.drafted-too-early", drafted=leaf.header.at, last=log.last_at)
        ring, size = _ring(origin)
        ring.apply(leaf, size, rings.roots_of(queries.law(), origin))
        index = log.append(Entry(signed, ()))
    return numbers.spoken(queries.own_party().code, index)


def enter_instrument(*, now: Moment) -> str:
    """Log that the instrument binds this party from here on; refuses one that is not in force, and a second time."""
    instrument = queries.sealed()
    instrument.require_in_force(now)
    if instrument.law.demo and not settings.NODE.demo:
        raise Refusal("node.demo-instrument", instrument=instrument.law.id)
    origin = sequencing.own_origin()
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
    return numbers.spoken(queries.own_party().code, index)


def _ring(origin: str) -> tuple[KeyRing, int]:
    """The keys as this party's log says now, and the log's size."""
    conn, engine = sequencing.reader()
    log = record.find(conn, engine, origin)
    return (rings.ring_of(conn, engine, queries.law(), log), log.size) if log else (KeyRing(), 0)


def _present(origin: str) -> Iterator[Key]:
    """The keys that this node and its active officers sign with now."""
    folder = settings.NODE.keys
    held = custody.load(folder)
    for role, key in (("log", held.log), ("cosigner", held.cosigner), ("node", held.node)):
        yield key_of(expected_name(role, origin), role, key.public)
    yield key_of(expected_name("body", origin), "body", recipients.body_key(held.body))
    certificate = (folder / custody.TLS_CERTIFICATE).read_bytes()
    yield key_of(expected_name("tls", origin), "tls", tls.pin(certificate))
    for officer in Officer.objects.filter(is_active=True).order_by("pk"):
        yield key_of(officer.key_name, "officer", bytes(officer.public_key))


def _disabled(ring: KeyRing) -> tuple[str, ...]:
    current = set(ring.officers)
    gone = Officer.objects.filter(is_active=False).values_list("key_name", flat=True)
    return tuple(sorted(current.intersection(gone)))

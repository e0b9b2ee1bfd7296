"""Two to five fictional neighbours under one law, their keys, their first leaves and what they tell each other."""

import hashlib
from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

import msgspec

from mithaq.instrument.law import Law, Party, Suspension
from mithaq.moments import Moment
from mithaq.notices import drafting
from mithaq.notices.conformance import law_digest
from mithaq.notices.envelope import Agreement, Header, InForce, KeySet, Reference, Revocation, key_set_text, text_of
from mithaq.notices.keys import KeyRing, expected_name, key_of, with_signatures
from mithaq.notices.parts import Part
from mithaq.record import note
from mithaq.signing import PrivateKey
from tests.mithaq_node import meadow

START = meadow.NOW
CODES = ("ML", "RL", "DL", "HL", "SL")
OFFICERS = 3
"""Officers with keys from the start; later ones come by rotation."""
ROTATED = ("log", "cosigner", "node")
"""Roles of a node of which the next key comes by rotation."""
MOST_KEYS = 5
"""Keys of such a role that a node holds from the start; what it signs with is what its own log names."""

_MOST_LEAVES = 8
"""Leaves in a delivery: few, so that a backlog is longer, and the next one is made while one is on its way."""


@dataclass(frozen=True, eq=False)
class Compact:
    """What a number of parties have sealed with each other."""

    law: Law
    digest: str
    parties: tuple[str, ...]
    amended: "Compact | None" = None
    """The version that they have sealed since, which each enters when it gets to it."""

    def in_force(self, digest: str) -> "Compact":
        """The version with this digest."""
        return self.amended if self.amended is not None and digest == self.amended.digest else self

    def origin(self, party: str) -> str:
        return self.law.origin(party)


@cache
def compact(parties: int) -> Compact:
    """The test instrument with so many parties."""
    base = meadow.sealed().law
    codes = CODES[:parties]
    members = [_member(base, code) for code in codes]
    limits = msgspec.structs.replace(base.limits, leaves=_MOST_LEAVES)
    law = msgspec.structs.replace(base, parties=members, audiences={"all": list(codes)}, limits=limits)
    later = _amended(law)
    return Compact(law, law_digest(law), codes, Compact(later, law_digest(later), codes))


def _amended(law: Law) -> Law:
    """The next version: every clock runs half as long, one kind is told no more, and all but counts is suspended."""
    clocks = [msgspec.structs.replace(clock, minutes=clock.minutes // 2) for clock in law.clocks]
    kinds = [kind for kind in law.kinds if kind.name != "humanitarian.hazard"]
    stated = Suspension(grounds=["consent"], since="2030-01-01T00:00:00Z", keeps=["flow.count"], mark="example")
    changed = {"version": law.version + 1, "rules": 2, "clocks": clocks, "kinds": kinds, "suspension": stated}
    return msgspec.structs.replace(law, **changed)


def _member(base: Law, code: str) -> Party:
    known = base.party(code) or base.parties[0]
    vkey = note.Verifier(root_name(code), note.ED25519, root_key(code).public).vkey()
    return msgspec.structs.replace(known, code=code, domain=domain(code), roots=[vkey], threshold=1)


def domain(party: str) -> str:
    return f"{party.lower()}.mithaq.example"


def root_name(party: str) -> str:
    return f"{domain(party)}/root/1"


@cache
def key(party: str, role: str) -> PrivateKey:
    """The key of a party for a role, such as `log` or `officer 2`: the same in every run."""
    return PrivateKey.from_seed(hashlib.sha256(f"simulated {party} {role}".encode()).digest())


def node_key(party: str, role: str, number: int) -> PrivateKey:
    """The key of a node's role that came as number so and so, from 1."""
    return key(party, role if number == 1 else f"{role} {number}")


def root_key(party: str) -> PrivateKey:
    return key(party, "root")


@cache
def first_leaves(made: Compact, party: str) -> tuple[bytes, bytes]:
    """The party's first key-set and its statement that the instrument binds it."""
    origin = made.origin(party)
    roles = ("log", "cosigner", "node")
    keys = [key_of(expected_name(role, origin), role, key(party, role).public) for role in roles]
    keys += [_officer(party, number) for number in range(1, OFFICERS + 1)]
    keyset = KeySet(version=1, add=keys)
    in_force = InForce(law=made.digest, words="0" * 64)
    second = text_of(_machine(made, party, START, bytes(15) + b"\1", "instrument", instrument=in_force))
    return signed_key_set(made, party, START, bytes(16), keyset), second


def signed_key_set(made: Compact, party: str, at: Moment, identity: bytes, change: KeySet) -> bytes:
    """A key-set leaf with the signature of the party's root."""
    text = key_set_text(made.origin(party), change)
    signed = with_signatures(change, [note.sign(text, root_name(party), root_key(party))])
    return text_of(_machine(made, party, at, identity, "key-set", keyset=signed))


def instrument(made: Compact, party: str, at: Moment, identity: bytes, law: str) -> "Row":
    """The leaf by which the version with the digest `law` binds the party from there on."""
    entered = InForce(law=law, words="0" * 64)
    return text_of(_machine(made, party, at, identity, "instrument", instrument=entered)), ()


def next_officer(ring: KeyRing, party: str, size: int) -> KeySet:
    """The change by which the next officer comes and the first one goes."""
    leave, _ = officers_of(ring)
    enter = 1 + sum(key.role == "officer" for key in ring.keys.values())
    gone = Revocation(name=officer_name(party, leave), since=size)
    return KeySet(version=ring.version + 1, add=[_officer(party, enter)], revoke=[gone])


def next_key(ring: KeyRing, role: str, party: str, size: int) -> KeySet | None:
    """The change by which the next key of a node's role comes and the one before it goes; None after the last one."""
    name, held = expected_name(role, ring.log), len(ring.named(expected_name(role, ring.log)))
    if held == MOST_KEYS:
        return None
    fresh = key_of(name, role, node_key(party, role, held + 1).public)
    return KeySet(version=ring.version + 1, add=[fresh], revoke=[Revocation(name=name, since=size)])


def officers_of(ring: KeyRing) -> tuple[int, int]:
    """Two officers whose keys count now."""
    first, second, *_ = sorted(int(name.rsplit("/", 1)[1]) for name in ring.officers)
    return first, second


def officer_name(party: str, number: int) -> str:
    return f"{domain(party)}/officer/{number}"


def _officer(party: str, number: int) -> Any:
    return key_of(officer_name(party, number), "officer", key(party, f"officer {number}").public)


def _machine(made: Compact, party: str, at: Moment, identity: bytes, kind: str, **carried: Any) -> Header:
    return Header(at=str(at), id=identity.hex(), kind=kind, law=made.digest, log=made.origin(party), **carried)


Row = tuple[bytes, tuple[Part, ...]]
"""A leaf and its parts."""


def count(made: Compact, party: str, at: Moment, identity: bytes, number: int) -> Row:
    """A day's count at the crossing, from a machine feed."""
    content = {**meadow.FLOW, "counts": {"passengers": number}}
    header, parts = _drafted(made, party, at, identity, "flow.count", content)
    return drafting.machine_leaf(header), parts


def incident(made: Compact, party: str, at: Moment, identity: bytes, officers: tuple[int, int], text: str = "") -> Row:
    """An incident that two officers release."""
    content = {**meadow.INCIDENT, "account": {"lang": "en", "text": text}} if text else meadow.INCIDENT
    header, parts = _drafted(made, party, at, identity, "incident.initial", content)
    return _released(header, party, at, officers), parts


def acknowledgement(
    made: Compact, party: str, at: Moment, identity: bytes, officers: tuple[int, int], to: Reference
) -> Row:
    """One party has opened what the other told."""
    header, parts = _drafted(made, party, at, identity, "acknowledgement", {"handling": "seen"}, to)
    return _released(header, party, at, officers), parts


def agreement(made: Compact, party: str, at: Moment, identity: bytes, said: Agreement) -> Row:
    """The party's digest of the state at a cut."""
    return text_of(_machine(made, party, at, identity, "agreement", agreement=said)), ()


def base64(content: bytes) -> str:
    return b64encode(content).decode()


def _drafted(
    made: Compact, party: str, at: Moment, identity: bytes, name: str, content: Mapping[str, Any], *to: Reference
) -> tuple[Header, tuple[Part, ...]]:
    kind = made.law.kind(name)
    assert kind is not None
    salts = (hashlib.sha256(identity + bytes([place])).digest() for place in range(8))
    parts = drafting.compile_draft(made.law, kind, content, salts)
    return (
        drafting.header_for(
            made.law,
            kind,
            parts,
            law_digest=made.digest,
            log=made.origin(party),
            id=identity.hex(),
            at=str(at),
            re=to,
        ),
        parts,
    )


def _released(header: Header, party: str, at: Moment, officers: tuple[int, int]) -> bytes:
    first, second = officers
    if header.release == "two":
        name = officer_name(party, first)
        header = drafting.sign_filing(header, str(at), name, key(party, f"officer {first}"))
    return drafting.sign_release(header, str(at), officer_name(party, second), key(party, f"officer {second}"))

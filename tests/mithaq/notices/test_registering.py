"""A key-set on its way to the root keys and back: exact, and no key in it without proof that it is held."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mithaq import canonical
from mithaq.errors import Refusal
from mithaq.notices import registering
from mithaq.notices.envelope import KeySet, Revocation, Roots, parse, text_of
from mithaq.notices.keys import expected_name, key_of
from mithaq.notices.registering import Draft, Registered, possession, registration
from tests.mithaq.notices.border import Border, private_key

SIDE = Border().pair[0]
LOG, DOMAIN = SIDE.origin, SIDE.domain
OFFICER, BODY = f"{DOMAIN}/officer/9", f"{DOMAIN}/body"
PIN = Registered(key_of(f"{DOMAIN}/tls", "tls", bytes(32)), b"")


def drafted(*registered: Registered, **change: object) -> Draft:
    return registering.draft(LOG, KeySet(version=4, **change), list(registered))  # type: ignore[arg-type]  # one of the fields


def officer() -> Registered:
    return registration(OFFICER, "officer", private_key("nine"))


def test_a_draft_reads_back_with_and_without_signatures() -> None:
    draft = drafted(officer(), PIN, revoke=[Revocation(name="x", since=3)])
    assert registering.read(draft.encode()) == draft
    signed = registering.sign(draft, "root", private_key("root"))
    assert registering.read(signed.encode()) == signed
    assert signed.text == draft.text
    assert registering.sign(signed, "root", private_key("root")) == signed


def test_what_the_roots_signed_is_what_the_leaf_says() -> None:
    border = Border()
    here, _ = border.pair
    here.begin()
    border.book()
    ring, party = border.ledger.ring(here.origin), border.law.party(here.code)
    assert party is not None
    draft = registering.draft(here.origin, KeySet(version=2), [officer()])
    for vkey in party.roots:
        name = vkey.split("+", 1)[0]
        draft = registering.sign(draft, name, private_key(name))
    leaf = parse(text_of(here.header("key-set", keyset=registering.read(draft.encode()).change)))
    roots = Roots(keys=party.roots, threshold=party.threshold)
    assert ring.apply(leaf, 5, roots).verifier(OFFICER, 5) is not None


def test_another_spelling_is_refused() -> None:
    good = drafted(officer()).encode()
    for bad in (b"", good[:-1], good + b"\n", b" " + good, good.replace(b'"version":4', b'"version":04'), good * 400):
        with pytest.raises(Refusal, match=r"keys\.not-a-key-set"):
            registering.read(bad)


@pytest.mark.parametrize(
    "registered",
    [
        Registered(officer().key, b""),
        Registered(officer().key, possession(OFFICER, "officer", private_key("somebody else"))),
        Registered(officer().key, possession(f"{DOMAIN}/officer/8", "officer", private_key("nine"))),
        Registered(officer().key, possession(OFFICER, "node", private_key("nine"))),
        Registered(registration(BODY, "body", private_key("nine")).key, possession(BODY, "body", private_key("other"))),
        Registered(registration(BODY, "body", private_key("nine")).key, b"\1" * 96),
        Registered(registration(BODY, "body", private_key("nine")).key, b"\1" * 40),
        Registered(PIN.key, bytes(64)),
    ],
)
def test_it_refuses_a_key_that_is_not_shown_to_be_held(registered: Registered) -> None:
    with pytest.raises(Refusal, match=r"keys\.not-held"):
        registering.read(drafted(registered).encode())


@pytest.mark.parametrize("public", [bytes(32), b"\1" + bytes(31), b"\xff" * 32, b"short"])
def test_it_refuses_a_key_that_is_no_sound_point(public: bytes) -> None:
    with pytest.raises(Refusal, match=r"signing\.bad-public-key"):
        registering.read(drafted(Registered(key_of(OFFICER, "officer", public), bytes(64))).encode())


@given(st.binary(min_size=32, max_size=32), st.sampled_from(["log", "cosigner", "node", "body", "officer"]), st.data())
def test_one_changed_bit_of_a_proof_proves_nothing(seed: bytes, role: str, data: st.DataObject) -> None:
    name = expected_name(role, LOG) + ("7" if role == "officer" else "")
    good = registration(name, role, private_key(seed.hex()))
    registering.check_held(good.key, good.proof)
    at = data.draw(st.integers(0, len(good.proof) * 8 - 1))
    proof = bytearray(good.proof)
    proof[at // 8] ^= 1 << at % 8
    with pytest.raises(Refusal, match=r"keys\.not-held"):
        registering.check_held(good.key, bytes(proof))


@given(st.binary(max_size=400))
def test_any_bytes_are_refused_by_code(content: bytes) -> None:
    with pytest.raises(Refusal):
        registering.read(content)


@given(
    st.recursive(
        st.none() | st.integers() | st.text(), lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner)
    )
)
def test_any_values_in_its_places_are_refused_by_code(value: object) -> None:
    try:
        encoded = canonical.encode({"change": {"version": 1, "add": value}, "log": LOG, "proofs": {}}) + b"\n"
    except Refusal:
        return
    if value != []:
        with pytest.raises(Refusal):
            registering.read(encoded)


def test_a_proof_that_is_no_base64_is_refused_by_code() -> None:
    draft = msgspec.structs.replace(drafted(officer()), proofs={OFFICER: "?"})
    with pytest.raises(Refusal):
        registering.read(draft.encode())

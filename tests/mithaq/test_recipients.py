"""The key to which bodies are sealed: age reads it, its owner can sign for it, and no weak one is taken."""

import pyrage
import pytest
from hypothesis import given
from hypothesis import strategies as st
from nacl.bindings import crypto_scalarmult_base

from mithaq import recipients
from mithaq.errors import Refusal
from mithaq.signing import PrivateKey

PRIME = 2**255 - 19
SEEDS = st.binary(min_size=32, max_size=32)
LOW_ORDER = [
    0,
    1,
    325606250916557431795983626356110631294008115727848805560023387167927233504,
    39382357235489614581723060781553021112529911719440698176882885853963445705823,
    PRIME - 1,
]


@given(SEEDS, st.binary(max_size=200))
def test_age_seals_to_the_recipient_and_opens_with_the_identity(seed: bytes, body: bytes) -> None:
    key = PrivateKey.from_seed(seed)
    named = pyrage.x25519.Recipient.from_str(recipients.recipient(recipients.body_key(key)))
    opened = pyrage.x25519.Identity.from_str(recipients.identity(key))
    assert pyrage.decrypt(pyrage.encrypt(body, [named]), [opened]) == body


@given(SEEDS)
def test_age_writes_the_same_names(seed: bytes) -> None:
    key = PrivateKey.from_seed(seed)
    identity = pyrage.x25519.Identity.from_str(recipients.identity(key))
    assert str(identity) == recipients.identity(key)
    assert str(identity.to_public()) == recipients.recipient(recipients.body_key(key))


@given(SEEDS)
def test_an_honest_key_is_taken(seed: bytes) -> None:
    recipients.check_body_key(crypto_scalarmult_base(seed))


@pytest.mark.parametrize("number", LOW_ORDER)
def test_it_refuses_a_point_of_low_order(number: int) -> None:
    with pytest.raises(Refusal, match=r"signing\.bad-public-key"):
        recipients.check_body_key(number.to_bytes(32, "little"))


@pytest.mark.parametrize("number", [PRIME, PRIME + 1, PRIME + 9, 2**255 - 1, 2**255 + 9, 2**256 - 1])
def test_it_refuses_a_number_that_is_not_canonical(number: int) -> None:
    with pytest.raises(Refusal, match=r"signing\.bad-public-key"):
        recipients.check_body_key(number.to_bytes(32, "little"))


@pytest.mark.parametrize("public", [b"", bytes(31), b"\x09" + bytes(32)])
def test_it_refuses_another_length(public: bytes) -> None:
    with pytest.raises(Refusal, match=r"signing\.bad-public-key"):
        recipients.check_body_key(public)


def test_a_key_that_is_no_point_has_no_body_key() -> None:
    with pytest.raises(Refusal, match=r"signing\.bad-public-key"):
        recipients.body_key_of(b"\xff" * 32)

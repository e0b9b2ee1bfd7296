"""A key opens under its own secret and its own name, and nothing else."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mithaq.errors import Refusal
from mithaq_node.keystore.wrapping import MEMORY_KIB, NONCE_BYTES, PASSES, SALT_BYTES, unwrap, wrap

SEED, SALT, NONCE = bytes(range(32)), b"s" * SALT_BYTES, b"n" * NONCE_BYTES
SECRET, NAME = "گذرواژه‌ای بلند", "ml.mithaq.example/officer/3"
CHEAP = (1, 8)


@pytest.fixture(scope="module")
def wrapped() -> bytes:
    return wrap(SEED, SECRET, NAME, salt=SALT, nonce=NONCE, cost=(PASSES, MEMORY_KIB))


def test_a_key_costs_what_the_standard_recommends() -> None:
    assert (PASSES, MEMORY_KIB) == (
        3,
        64 * 1024,
    )  # RFC 9106, section 4, the second option; read before tests made it cheap


def test_the_password_opens_it(wrapped: bytes) -> None:
    assert unwrap(wrapped, SECRET, NAME) == SEED


def test_the_seed_does_not_stand_in_it(wrapped: bytes) -> None:
    assert SEED not in wrapped


def test_it_refuses_another_password(wrapped: bytes) -> None:
    with pytest.raises(Refusal, match=r"keystore\.wrong-secret"):
        unwrap(wrapped, SECRET + " ", NAME)


def test_it_refuses_the_box_of_another_name(wrapped: bytes) -> None:
    with pytest.raises(Refusal, match=r"keystore\.wrong-secret"):
        unwrap(wrapped, SECRET, "rl.mithaq.example/officer/3")


@pytest.mark.parametrize("broken", [b"", b"\x01", b"\x02" * 60, b"\x02\0\0\0\x03\xff\xff\xff\xff" + bytes(80)])
def test_it_refuses_what_is_no_box_without_spending_memory_on_it(broken: bytes) -> None:
    with pytest.raises(Refusal, match=r"keystore\.damaged"):
        unwrap(broken, SECRET, NAME)


@settings(max_examples=40)
@given(st.data())
def test_a_box_with_one_changed_bit_never_opens(data: st.DataObject) -> None:
    box = bytearray(wrap(SEED, SECRET, NAME, salt=SALT, nonce=NONCE, cost=CHEAP))
    at = data.draw(st.integers(9 * 8, len(box) * 8 - 1))  # the first nine bytes are the version and the costs
    box[at // 8] ^= 1 << at % 8
    with pytest.raises(Refusal, match=r"keystore\.wrong-secret"):
        unwrap(bytes(box), SECRET, NAME)

"""An officer's key opens under the officer's own password and nothing else."""

import pytest

from mithaq.errors import Refusal
from mithaq_node.keystore.wrapping import NONCE_BYTES, SALT_BYTES, unwrap, wrap

SEED, SALT, NONCE = bytes(range(32)), b"s" * SALT_BYTES, b"n" * NONCE_BYTES
SECRET = "گذرواژه‌ای بلند"


@pytest.fixture(scope="module")
def wrapped() -> bytes:
    return wrap(SEED, SECRET, salt=SALT, nonce=NONCE)


def test_the_password_opens_it(wrapped: bytes) -> None:
    assert unwrap(wrapped, SECRET).seed == SEED


def test_the_seed_does_not_stand_in_it(wrapped: bytes) -> None:
    assert SEED not in wrapped


def test_it_refuses_another_password(wrapped: bytes) -> None:
    with pytest.raises(Refusal, match=r"officer\.wrong-secret"):
        unwrap(wrapped, SECRET + " ")


def test_it_refuses_a_changed_box(wrapped: bytes) -> None:
    with pytest.raises(Refusal, match=r"officer\.wrong-secret"):
        unwrap(wrapped[:-1] + bytes([wrapped[-1] ^ 1]), SECRET)


@pytest.mark.parametrize("broken", [b"", b"\x02", b"\x01" * 60, b"\x01\0\0\0\x03\xff\xff\xff\xff" + bytes(80)])
def test_it_refuses_what_is_no_box_without_spending_memory_on_it(broken: bytes) -> None:
    with pytest.raises(Refusal, match=r"keystore\.damaged"):
        unwrap(broken, SECRET)

"""Spoken numbers: said, misheard, typed in other digits."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mithaq.errors import Refusal
from mithaq.notices import numbers


def test_the_number_of_the_page() -> None:
    assert numbers.spoken("IQ", 1203) == "IQ 1204-7"


@given(st.integers(0, 10**9))
def test_what_is_said_is_found_again(index: int) -> None:
    assert numbers.parse(numbers.spoken("IR", index)) == ("IR", index)


@given(st.integers(0, 10**6), st.integers(1, 9))
def test_one_wrong_digit_is_noticed(index: int, shift: int) -> None:
    said = str(index + 1)
    wrong = str((int(said[-1]) + shift) % 10)
    number = int(said[:-1] + wrong)
    if number:
        with pytest.raises(Refusal, match=r"number\.wrong-check-digit"):
            numbers.parse(f"IQ {number}-{numbers.check_digit(index + 1)}")


@pytest.mark.parametrize("typed", ["iq 1204-7", "IQ ۱۲۰۴-۷", "IQ ١٢٠٤‑٧", " IQ1204 ", "\u2067IQ 1204-7\u2069"])
def test_a_person_may_type_it_in_many_ways(typed: str) -> None:
    assert numbers.parse(typed) == ("IQ", 1203)


@pytest.mark.parametrize("typed", ["", "1204", "IQ", "IQ 0-0", "IQ 12a", "IQ 1204-7 or so"])
def test_it_refuses_what_is_no_number(typed: str) -> None:
    with pytest.raises(Refusal, match=r"number\.not-a-number"):
        numbers.parse(typed)

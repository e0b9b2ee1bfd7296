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
    assert numbers.parse(numbers.spoken("IR", index)) == numbers.Number("IR", index)


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
    assert numbers.parse(typed) == numbers.Number("IQ", 1203)


def test_a_log_for_fewer_than_all_is_said_with_its_audience() -> None:
    spoken = numbers.spoken_in("IQ", "iq.example/x-2031/north-2/1", 11)
    assert spoken == "IQ.north-2 12-5"
    for typed in (spoken, "iq.north-2 12", "IQ.north-2:12-5", "IQ.north-2 ۱۲"):
        assert numbers.parse(typed) == numbers.Number("IQ", 11, "north-2")
    assert numbers.spoken_in("IQ", "iq.example/x-2031/all/2", 11) == numbers.spoken("IQ", numbers.EPOCH + 11)


@pytest.mark.parametrize("typed", ["", "1204", "IQ", "IQ 0-0", "IQ 12a", "IQ 1204-7 or so"])
def test_it_refuses_what_is_no_number(typed: str) -> None:
    with pytest.raises(Refusal, match=r"number\.not-a-number"):
        numbers.parse(typed)

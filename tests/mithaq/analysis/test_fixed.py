"""Logarithms and exponentials in whole numbers: near the truth, and the same wherever they are computed."""

import math
from hashlib import sha256

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mithaq.analysis import fixed


@given(st.integers(1, 2**63 - 1))
def test_a_logarithm_is_within_one_unit_of_the_truth(number: int):
    assert abs(int(fixed.ln([number])[0]) - math.log(number) * fixed.ONE) <= 1.5


@given(st.integers(1, 2**63 - 1), st.integers(20, 48))
def test_a_logarithm_with_fewer_bits_is_the_same_number_rounded(number: int, fraction: int):
    assert abs(int(fixed.ln([number], fraction)[0]) / (1 << fraction) - math.log(number)) <= 2.0**-fraction + 2e-12


@given(st.integers(0, 40 * fixed.ONE))
def test_an_exponential_is_near_the_truth(number: int):
    assert abs(int(fixed.exp_of_minus([number])[0]) / fixed.ONE - math.exp(-number / fixed.ONE)) <= 2.0**-29


def test_the_bytes_are_these_on_every_machine():
    numbers = np.arange(1, 2_000_000, 997, dtype=np.int64) ** 2
    made = fixed.ln(numbers).tobytes() + fixed.exp_of_minus(numbers << 10).tobytes()
    assert sha256(made).hexdigest() == "dfcaf62814566b4b53d4e8a7a79812d71ccbb4d2d498fef4aef836b35a4a3f9c"


def test_it_refuses_the_logarithm_of_nothing_and_the_exponential_of_less():
    with pytest.raises(ValueError):
        fixed.ln([0])
    with pytest.raises(ValueError):
        fixed.exp_of_minus([-1])


def test_a_sum_is_taken_in_the_order_of_the_index():
    values = np.array([1e16, 1.0, -1e16, 1.0] * 1000)
    one_by_one = 0.0
    for each in values.tolist():
        one_by_one += each
    assert fixed.total(values) == one_by_one
    assert fixed.totals(np.zeros(4000, dtype=np.int64), values, 1)[0] == one_by_one
    assert fixed.total(np.zeros(0)) == 0.0

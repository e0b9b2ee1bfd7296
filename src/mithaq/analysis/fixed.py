"""Numbers that are the same on every machine: logarithms and exponentials in fixed point, and sums in one order.

The logarithm of a C library, or of a processor's vector unit, may differ in its last bit from that of another, and a
sum of floating numbers depends on the order of its terms. What two nodes must agree on byte for byte is therefore made
of integers only. The tables are computed here from series in whole numbers; nothing is read from a library.

A fixed-point number here is an integer in units of 2**-40 (`ONE` is 1). Natural logarithms lie within 44 of zero, so a
logarithm may be multiplied by a count up to 130,000 before 64 bits are too few; beyond that, ask for fewer `fraction`
bits: with 30 of them counts up to 100,000,000 fit.
"""

import numpy as np
import numpy.typing as npt

Integers = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

FRACTION = 40
ONE = 1 << FRACTION

_INNER = 50  # bits after the point while computing: ten more than are given
_STEPS = 10  # a table of 2**10 entries, and what is left over is below 2**-10
_MANTISSA = 40
_EXP_BITS = 31


def ln(values: npt.ArrayLike, fraction: int = FRACTION) -> Integers:
    """The natural logarithm of whole numbers above zero, in units of 2**-fraction (at most 48), within one such unit.

    Of a ratio take the difference: `ln(a) - ln(b)`. Raises ValueError where a number is not above zero: a count of zero
    is the caller's case to decide (`c ln c` is 0 there).
    """
    numbers = np.asarray(values, dtype=np.int64)
    if numbers.size and int(numbers.min()) <= 0:
        raise ValueError("a logarithm is asked of numbers above zero")
    exponent = _magnitude(numbers)
    lower, upper = np.maximum(_MANTISSA - exponent, 0), np.maximum(exponent - _MANTISSA, 0)
    mantissa = (numbers << lower) >> upper
    index = (mantissa >> (_MANTISSA - _STEPS)) - (1 << _STEPS)
    left = mantissa - ((index + (1 << _STEPS)) << (_MANTISSA - _STEPS))
    r1 = (left << (_INNER + _STEPS - _MANTISSA)) // (index + (1 << _STEPS))
    short = r1 >> 20
    r2 = (r1 * short) >> 30
    r3 = (r2 * short) >> 30
    r4 = (r3 * short) >> 30
    inner = exponent * _LN2 + _LN_TABLE[index] + r1 - (r2 >> 1) + r3 // 3 - (r4 >> 2)
    return _rounded(inner, _INNER - fraction)


def exp_of_minus(values: npt.ArrayLike) -> Integers:
    """e to the power of minus x, in units of 2**-40, for x in the same units; within 2**-29 of the truth.

    Raises ValueError where x is below zero.
    """
    numbers = np.asarray(values, dtype=np.int64)
    if numbers.size and int(numbers.min()) < 0:
        raise ValueError("exp_of_minus takes what is not below zero")
    halvings = numbers // _LN2_GIVEN
    rest = numbers - halvings * _LN2_GIVEN
    index = rest >> (FRACTION - _STEPS)
    s1 = rest - (index << (FRACTION - _STEPS))
    s2 = (s1 * (s1 >> 10)) >> (FRACTION - 10)
    s3 = (s2 * (s1 >> 10)) >> (FRACTION - 10)
    series = (ONE - s1 + (s2 >> 1) - s3 // 6) >> (FRACTION - _EXP_BITS)
    product: Integers = (_EXP_TABLE[index] * series) >> (2 * _EXP_BITS - FRACTION)
    found: Integers = product >> np.minimum(halvings, 62)
    return found


def total(values: Floats) -> float:
    """The sum of floating numbers, added one by one in the order of their index.

    `numpy.sum` adds in blocks whose size depends on the machine; the last of the running sums does not. Whole numbers
    need no such care.
    """
    return float(np.cumsum(values)[-1]) if len(values) else 0.0


def totals(keys: Integers, values: Floats, length: int) -> Floats:
    """For each key below `length`, the sum of its values, added in the order of their index."""
    found: Floats = np.bincount(keys, weights=values, minlength=length).astype(np.float64, copy=False)
    return found


def _magnitude(numbers: Integers) -> Integers:
    """The position of the highest bit that is set, found by halving the width: 0 for 1, 62 for the largest."""
    exponent = np.zeros_like(numbers)
    left = numbers.copy()
    for width in (32, 16, 8, 4, 2, 1):
        step = (left >= (1 << width)).astype(np.int64) * width
        exponent += step
        left >>= step
    return exponent


def _rounded(values: Integers, bits: int) -> Integers:
    found: Integers = (values + (1 << (bits - 1))) >> bits
    return found


def _scaled_ln(numerator: int, denominator: int, bits: int) -> int:
    """ln(numerator / denominator) for a ratio from 1 to 2, by the series of the inverse hyperbolic tangent."""
    extra = bits + 16
    first = ((numerator - denominator) << extra) // (numerator + denominator)
    square = (first * first) >> extra
    found, term, odd = 0, first, 1
    while term:
        found += term // odd
        term = (term * square) >> extra
        odd += 2
    return (2 * found + (1 << 15)) >> 16


def _scaled_exp_of_minus(numerator: int, denominator: int, bits: int) -> int:
    """e to the power of minus numerator / denominator, by its series."""
    extra = bits + 16
    found, term, step = 0, 1 << extra, 1
    while term:
        found += term if step % 2 else -term
        term = term * numerator // (denominator * step)
        step += 1
    return (found + (1 << 15)) >> 16


_LN2 = _scaled_ln(2, 1, _INNER)
_LN2_GIVEN = _scaled_ln(2, 1, FRACTION)
_LN_TABLE: Integers = np.array([_scaled_ln((1 << _STEPS) + i, 1 << _STEPS, _INNER) for i in range(1 << _STEPS)])
_EXP_TABLE: Integers = np.array([_scaled_exp_of_minus(i, 1 << _STEPS, _EXP_BITS) for i in range(1 << _STEPS)])

"""The bytes of deliveries and answers: what is written reads back, and nothing else is read."""

from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mithaq.errors import Refusal
from mithaq.exchange import answer, delivery
from mithaq.exchange.answer import Answer
from mithaq.exchange.delivery import Delivery, SentPart
from mithaq.instrument.law import Limits

GOLDEN = Path(__file__).parents[2] / "golden" / "exchange"
LIMITS = Limits()
SIZES = st.integers(0, 2**40)
HASHES = st.binary(min_size=32, max_size=32)
PARTS = st.builds(SentPart, SIZES, st.integers(0, 255), HASHES, st.binary(max_size=200))


def example() -> Delivery:
    """The delivery of the golden file: two leaves, one part, a proof of two hashes."""
    return Delivery(
        log="na.example/example-2031/all/1",
        start=3,
        old=3,
        size=5,
        held=7,
        time="2031-03-01T00:00:00Z",
        proof=(b"\1" * 32, b"\2" * 32),
        checkpoint=b"a checkpoint\n",
        cosignatures=b"a cosignature\n",
        entries=(b"the first leaf", b"the second leaf"),
        parts=(SentPart(4, 0, b"\3" * 32, b'{"count":1}'),),
    )


def answered() -> Answer:
    """The answer of the golden file: one part missing, and a delivery the other way."""
    carried = delivery.encode(replace(example(), parts=()))
    return Answer("ok", 5, "2031-03-01T00:00:01Z", {}, ((4, 1),), b"a cosignature\n", carried)


@st.composite
def deliveries(draw: st.DrawFn) -> Delivery:
    start, entries = draw(SIZES), tuple(draw(st.lists(st.binary(max_size=300), max_size=5)))
    return Delivery(
        log=draw(st.text(max_size=60)),
        start=start,
        old=draw(st.integers(0, start)),
        size=start + len(entries),
        held=draw(SIZES),
        time="2031-03-01T00:00:00Z",
        proof=tuple(draw(st.lists(HASHES, max_size=5))),
        checkpoint=draw(st.binary(max_size=300)),
        cosignatures=draw(st.binary(max_size=100)),
        entries=entries,
        parts=tuple(draw(st.lists(PARTS, max_size=4))),
        heads=tuple(draw(st.lists(st.binary(max_size=200), max_size=3))),
    )


@settings(max_examples=100)
@given(deliveries())
def test_a_delivery_reads_back_as_it_was_written(sent: Delivery) -> None:
    assert delivery.decode(delivery.encode(sent), LIMITS) == sent


@pytest.mark.parametrize("name", ["delivery", "answer"])
def test_the_bytes_are_those_of_the_golden_files(name: str) -> None:
    made = delivery.encode(example()) if name == "delivery" else answer.encode(answered())
    assert made == (GOLDEN / f"{name}.bin").read_bytes()
    read = delivery.decode(made, LIMITS) if name == "delivery" else answer.decode(made, LIMITS)
    assert read == (example() if name == "delivery" else answered())


def test_without_a_third_party_the_header_says_nothing_of_heads_and_no_other_spelling_of_that_is_read() -> None:
    made = delivery.encode(example())
    assert b'"heads"' not in made
    with pytest.raises(Refusal) as caught:
        delivery.decode(made.replace(b'"from":3,', b'"from":3,"heads":0,'), LIMITS)
    assert caught.value.code == "delivery.bad-header"


def test_it_refuses_more_heads_than_there_are_logs_to_speak_of() -> None:
    many = replace(example(), heads=(b"a head\n",) * (delivery.MOST_HEADS + 1))
    with pytest.raises(Refusal) as caught:
        delivery.decode(delivery.encode(many), LIMITS)
    assert caught.value.code == "delivery.bad-header"


@pytest.mark.parametrize("encoded", [delivery.encode(example()), answer.encode(answered())])
def test_it_refuses_every_truncation_and_every_addition(encoded: bytes) -> None:
    decode = delivery.decode if encoded.startswith(delivery.FIRST_LINE) else answer.decode
    for length in range(len(encoded)):
        with pytest.raises(Refusal):
            decode(encoded[:length], LIMITS)
    with pytest.raises(Refusal, match="trailing-bytes"):
        decode(encoded + b"\0", LIMITS)


@settings(max_examples=200)
@given(st.binary(max_size=400), st.booleans())
def test_any_bytes_are_read_or_refused_and_nothing_else_happens(noise: bytes, headed: bool) -> None:
    for decode, first in ((delivery.decode, delivery.FIRST_LINE), (answer.decode, answer.FIRST_LINE)):
        with suppress(Refusal):
            decode(first + noise if headed else noise, LIMITS)


@settings(max_examples=100)
@given(st.integers(0, 600), st.integers(1, 255))
def test_a_flipped_byte_is_read_or_refused(at: int, flip: int) -> None:
    encoded = bytearray(delivery.encode(example()))
    encoded[at % len(encoded)] ^= flip
    with suppress(Refusal):
        assert delivery.decode(bytes(encoded), LIMITS) != example()


@pytest.mark.parametrize(
    ("found", "put", "code"),
    [
        (b'"parts":1', b'"parts":4000000000', "delivery.truncated"),
        (b'"size":5', b'"size":8000', "delivery.truncated"),
        (b'"size":5', b'"size":9000', "delivery.too-many-leaves"),
        (b'"size":5', b'"size":2', "delivery.bad-header"),
        (b'"old":3', b'"old":-3', "delivery.bad-header"),
        (b'"proof":2', b'"proof":500', "delivery.bad-header"),
        (b'"held":7', b'"held": 7', "delivery.bad-header"),
        (b'"held":7', b'"extra":1,"held":7', "delivery.bad-header"),
        (b'"held":7', b'"held":7,"held":7', "delivery.bad-header"),
        (b"mithaq/delivery/v1", b"mithaq/delivery/v2", "delivery.other-format"),
    ],
)
def test_what_a_header_claims_is_checked_before_anything_is_made_of_it(found: bytes, put: bytes, code: str) -> None:
    encoded = delivery.encode(example())
    assert found in encoded
    with pytest.raises(Refusal) as refused:
        delivery.decode(encoded.replace(found, put, 1), LIMITS)
    assert refused.value.code == code


def test_it_refuses_what_is_larger_than_the_instrument_allows() -> None:
    with pytest.raises(Refusal, match=r"delivery\.too-large"):
        delivery.decode(delivery.encode(example()), Limits(delivery=100))
    with pytest.raises(Refusal, match=r"delivery\.block-too-large"):
        delivery.decode(delivery.encode(example()), Limits(part=10))
    with pytest.raises(Refusal, match=r"answer\.block-too-large"):
        answer.decode(answer.encode(answered()), Limits(delivery=100))


def test_an_answer_names_only_so_many_missing_parts() -> None:
    missing = tuple((index, 0) for index in range(answer.MOST_MISSING + 5))
    read = answer.decode(answer.encode(replace(answered(), missing=missing)), LIMITS)
    assert read.missing == missing[: answer.MOST_MISSING]


if __name__ == "__main__":
    GOLDEN.mkdir(parents=True, exist_ok=True)
    (GOLDEN / "delivery.bin").write_bytes(delivery.encode(example()))
    (GOLDEN / "answer.bin").write_bytes(answer.encode(answered()))

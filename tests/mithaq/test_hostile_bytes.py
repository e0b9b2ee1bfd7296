"""Whatever a counterpart, a file or a keyboard brings: every reader of the core gives a value or a typed refusal.

Small input stays small work: nothing is allocated on the word of a length, nothing recurses as deep as its sender
likes (the bombs in `tests/strategies`). Readers of the record itself are in `record/test_parsers`.
"""

import tracemalloc
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mithaq import calendars, canonical, moments, places
from mithaq.errors import Refusal
from mithaq.exchange import answer, courier, delivery, mirror, requests
from mithaq.instrument import law, sealing
from mithaq.instrument.sealing import Sealed
from mithaq.notices import conformance, envelope, numbers, registering
from mithaq.notices.keys import KeyRing
from mithaq.record.note import ED25519, Verifier
from mithaq.signing import PrivateKey
from tests.mithaq_node import meadow
from tests.strategies import BOMBS, damaged

GOLDEN = Path(__file__).parents[1] / "golden"
LIMITS = law.Limits()
KEY = PrivateKey.from_seed(b"\x09" * 32)
MEADOW = meadow.sealed()
INCIDENT = canonical.encode(
    {"happened": "2030-05-02T10:00:00Z", "nature": "fire", "place": {"form": "sector", "sector": "A"}}
)
LEAF = (GOLDEN / "notices" / "leaf-two.txt").read_bytes()

SENT = delivery.decode((GOLDEN / "exchange" / "delivery.bin").read_bytes(), LIMITS)
ASKED = mirror.encode_request(mirror.OwnLog(SENT.log, 2, ((1, 0), (1, 1)), SENT.time))
GIVEN = mirror.encode(
    mirror.Mirror(
        SENT.log, SENT.start, SENT.size, SENT.size, SENT.time, SENT.proof, SENT.checkpoint, SENT.entries, SENT.parts
    )
)
REGISTERED = registering.registration("a.example/node", "node", KEY)
DRAFT = registering.draft("a.example/x/all/1", envelope.KeySet(version=1), [REGISTERED]).encode()
VKEY = Verifier("a.example/node", ED25519, KEY.public).vkey().encode()


def read_courier(found: bytes) -> courier.Courier:
    reading = courier.Reading(LIMITS.delivery)
    reading.feed(found)
    return reading.end()


READERS: dict[str, tuple[Callable[[bytes], Any], bytes]] = {
    "canonical": (canonical.decode, MEADOW.words_bytes[:4_000]),
    "canonical judged": (canonical.decode_judged, INCIDENT),
    "leaf of two": (envelope.parse, LEAF),
    "leaf of a key-set": (envelope.parse, (GOLDEN / "notices" / "leaf-key-set.txt").read_bytes()),
    "leaf of a receipt": (envelope.parse, (GOLDEN / "notices" / "leaf-receipt.txt").read_bytes()),
    "delivery": (lambda found: delivery.decode(found, LIMITS), (GOLDEN / "exchange" / "delivery.bin").read_bytes()),
    "answer": (lambda found: answer.decode(found, LIMITS), (GOLDEN / "exchange" / "answer.bin").read_bytes()),
    "courier": (read_courier, (GOLDEN / "exchange" / "courier.bin").read_bytes()),
    "own-log request": (mirror.decode_request, ASKED),
    "mirror": (lambda found: mirror.decode(found, LIMITS), GIVEN),
    "key-set draft": (registering.read, DRAFT),
    "verifier key": (lambda found: Verifier.parse(found.decode("latin-1")), VKEY),
    "law": (sealing.read_law, canonical.encode(MEADOW.law)),
    "words": (sealing.read_words, MEADOW.words_bytes),
    "moment": (lambda found: moments.parse(found.decode("latin-1")), b"2030-05-02T10:00:00Z"),
    "day": (lambda found: moments.parse_day(found.decode("latin-1")), b"2030-05-02"),
    "position": (lambda found: places.parse_position(found.decode(errors="replace")), b"33 12' 30\" N 44 05' 10\" E"),
    "decimal position": (lambda found: places.parse_position(found.decode(errors="replace")), b"33.125, 44.5"),
    "spoken number": (lambda found: numbers.parse(found.decode(errors="replace")), b"ML 1204-7"),
    "digits": (lambda found: calendars.parse_digits(found.decode(errors="replace")), "۱۴۰۴/۰۵/۲۰".encode()),
}


@pytest.mark.parametrize("name", READERS)
@settings(max_examples=120)
@given(data=st.data())
def test_any_bytes_give_a_value_or_a_refusal(name: str, data: st.DataObject) -> None:
    read, good = READERS[name]
    with suppress(Refusal):
        read(data.draw(damaged(good)))


@pytest.mark.parametrize("bomb", BOMBS, ids=range(len(BOMBS)))
@pytest.mark.parametrize("name", READERS)
def test_a_small_bomb_stays_small(name: str, bomb: bytes) -> None:
    read, good = READERS[name]
    tracemalloc.start()
    try:
        for found in (bomb, bomb + good, good + bomb, good[: len(good) // 2] + bomb):
            with suppress(Refusal):
                read(found)
        assert tracemalloc.get_traced_memory()[1] < 4_000_000 + 40 * len(good)
    finally:
        tracemalloc.stop()


@settings(max_examples=150)
@given(body=damaged(INCIDENT))
def test_any_facts_are_judged_never_raised(body: bytes) -> None:
    leaf = envelope.parse(LEAF)
    for refusal in conformance.judge(leaf, 5, body, MEADOW.law, KeyRing()):
        assert refusal.code.count(".") == 1


@settings(max_examples=100)
@given(name=st.sampled_from(sorted(MEADOW.files())), data=st.data())
def test_a_sealed_instrument_with_any_damaged_file_is_refused_or_not_in_force(name: str, data: st.DataObject) -> None:
    files = MEADOW.files()
    found = data.draw(damaged(files[name]))
    try:
        opened = Sealed.from_files({**files, name: found})
    except Refusal:
        return
    assert found == files[name] or not opened.in_force


REQUEST = requests.sign(
    "POST", "b.example", "/deliver", b"body", key=KEY, name="a.example/node", created=1_904_000_000, nonce=b"\1" * 16
)


@settings(max_examples=150)
@given(field=st.sampled_from(sorted(REQUEST)), data=st.data())
def test_a_request_with_any_damaged_field_is_refused(field: str, data: st.DataObject) -> None:
    value = data.draw(damaged(REQUEST[field].encode())).decode("latin-1")
    headers: Mapping[str, str] = {name.lower(): text for name, text in {**REQUEST, field: value}.items()}
    request = requests.Request("POST", "b.example", "/deliver", headers, b"body")
    verifier = Verifier("a.example/node", ED25519, KEY.public)
    if value == REQUEST[field]:
        assert requests.verify(request, verifier).created == 1_904_000_000
        return
    with pytest.raises(Refusal):
        requests.verify(request, verifier)


LOW_ORDER = [
    "0100000000000000000000000000000000000000000000000000000000000000",
    "0000000000000000000000000000000000000000000000000000000000000000",
    "0000000000000000000000000000000000000000000000000000000000000080",
    "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
    "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85",
    "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
    "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa",
    "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "0100000000000000000000000000000000000000000000000000000000000080",
]
"""The points of order 1, 2, 4 and 8 on Ed25519, and spellings of them that are not canonical (RFC 8032, 5.1.3)."""


@pytest.mark.parametrize("point", LOW_ORDER)
def test_no_key_is_a_point_that_signs_for_everything(point: str) -> None:
    key = Verifier("k", ED25519, bytes.fromhex(point))
    with pytest.raises(Refusal) as refused:
        Verifier.parse(key.vkey())
    assert refused.value.code == "signing.bad-public-key"

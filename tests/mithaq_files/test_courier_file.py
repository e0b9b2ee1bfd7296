"""What an opened courier shows by itself, and how each damage of it is called by both verifiers."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mithaq.errors import Refusal
from mithaq.exchange import answer, delivery
from mithaq.exchange.answer import Answer
from mithaq.exchange.courier import Reading
from mithaq.instrument.law import Limits
from mithaq.record.merkle import Frontier
from mithaq_files import trust, verifying
from mithaq_files.trust import Trust
from mithaq_files.verdict import Verdict
from tests.mithaq_files import border, couriers, damage
from tests.mithaq_files.border import Border, Log
from tests.mithaq_files.test_verifying import second_opinion
from tests.strategies import damaged

Make = Callable[[Log], bytes]
GOLDEN = (Path(__file__).parents[1] / "golden" / "exchange" / "courier.bin").read_bytes()


@pytest.fixture
def kept() -> Border:
    return damage.told()


def written(content: bytes, folder: Path) -> Path:
    path = folder / "opened"
    path.write_bytes(content)
    return path


def resent(log: Log, **changed: object) -> bytes:
    """One delivery of everything, changed."""
    found = delivery.decode(couriers.sent(log, 0, len(log.entries)), Limits())
    return couriers.content(log, 0, blocks=(delivery.encode(replace(found, **changed)),))  # type: ignore[arg-type]  # a field


def without_frontier(log: Log) -> bytes:
    said = replace(couriers.header(log, 4), needs=Frontier(4, (bytes(32),)))
    return couriers.content(log, 4, len(log.entries), said=said)


def with_another_leaf(log: Log) -> bytes:
    return resent(log, entries=(*log.entries[:-1], log.entries[-1] + b" "))


def with_another_part(log: Log) -> bytes:
    found = delivery.decode(couriers.sent(log, 0, len(log.entries)), Limits())
    part = msgspec.structs.replace(found.parts[0], body=found.parts[0].body + b" ")
    return resent(log, parts=(part, *found.parts[1:]))


def under_another_checkpoint(log: Log) -> bytes:
    return resent(log, checkpoint=log.head(3))


def with_a_bad_signature(log: Log) -> bytes:
    return resent(log, checkpoint=log.head().replace(b"\xe2\x80\x94", b"\xe2\x80\x94", 1)[:-6] + b"AAA=\n")


def with_a_gap(log: Log) -> bytes:
    size = len(log.entries)
    return couriers.content(log, 0, blocks=(couriers.sent(log, 0, 2), couriers.sent(log, 3, size)))


def signed_by_another(log: Log) -> bytes:
    whole = couriers.content(log, 0, len(log.entries))
    return whole.replace(b'"to":"SA"', b'"to":"XA"')


def cut_short(log: Log) -> bytes:
    return couriers.content(log, 0, len(log.entries))[:-10]


def with_more_behind(log: Log) -> bytes:
    return couriers.content(log, 0, len(log.entries)) + b"x"


def without_key_sets(log: Log) -> bytes:
    return couriers.content(log, 0, len(log.entries), said=replace(couriers.header(log, 0), keysets=[]))


DAMAGES: list[Make] = [
    without_frontier, with_another_leaf, with_another_part, under_another_checkpoint, with_a_bad_signature, with_a_gap,
    signed_by_another, cut_short, with_more_behind, without_key_sets,
]  # fmt: skip


@pytest.mark.parametrize("sizes", [(0, 9), (0, 3, 9), (4, 6, 9), (8, 9), (9, 9)], ids=str)
def test_what_it_adds_is_checked_from_any_size_on(
    kept: Border, sizes: tuple[int, ...], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = written(couriers.content(kept.north, *sizes), tmp_path)
    report = verifying.verify([path], Trust())
    assert report.verdict is Verdict.INTACT
    assert second_opinion(str(path), capsys=capsys) == ("INTACT", 0)
    (log,) = report.subjects[0].logs
    assert (log.origin, log.size, log.root) == (kept.north.origin, 9, kept.north.tree.root(9).hex())


def test_it_is_genuine_under_root_keys_or_a_law_that_were_named(
    kept: Border, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path, roots = written(couriers.content(kept.north, 4, 9), tmp_path), tmp_path / "roots"
    roots.write_text("".join(f"{vkey}\n" for vkey in border.root_keys("NA")))
    assert verifying.verify([path], trust.read(str(roots))).verdict is Verdict.GENUINE
    assert second_opinion(str(path), "--trust", str(roots), capsys=capsys) == ("GENUINE", 0)
    out, law = kept.write(tmp_path / "export"), kept.sealed.law_digest
    assert verifying.verify([out, path], trust.read(law)).verdict is Verdict.GENUINE
    assert second_opinion(str(out), str(path), "--trust", law, capsys=capsys) == ("GENUINE", 0)


def test_an_answer_file_is_checked_by_the_delivery_in_it(
    kept: Border, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    said = Answer(answer.OK, 9, kept.north.at(), delivery=couriers.sent(kept.north, 2, 9))
    path = written(couriers.content(kept.north, 2, blocks=(answer.encode(said),)), tmp_path)
    assert verifying.verify([path], Trust()).verdict is Verdict.INTACT
    assert second_opinion(str(path), capsys=capsys) == ("INTACT", 0)
    nothing = written(couriers.content(kept.north, 2, blocks=(answer.encode(replace(said, delivery=b"")),)), tmp_path)
    assert verifying.verify([nothing], Trust()).verdict is Verdict.INTACT
    assert second_opinion(str(nothing), capsys=capsys) == ("INTACT", 0)
    said = replace(said, delivery=couriers.sent(kept.north, 3, 9))
    path = written(couriers.content(kept.north, 2, blocks=(answer.encode(said),)), tmp_path)
    assert verifying.verify([path], Trust()).verdict is Verdict.BROKEN
    assert second_opinion(str(path), capsys=capsys) == ("BROKEN", 1)


@pytest.mark.parametrize("make", DAMAGES, ids=lambda make: make.__name__)
def test_each_damage_is_called_broken_by_both_verifiers(
    make: Make, kept: Border, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = written(make(kept.north), tmp_path)
    assert verifying.verify([path], Trust()).verdict is Verdict.BROKEN
    assert second_opinion(str(path), capsys=capsys) == ("BROKEN", 1)


@settings(max_examples=80, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_any_damage_to_it_has_the_same_verdict_from_both(
    data: st.DataObject, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    found = data.draw(damaged(GOLDEN))
    path = written(found, tmp_path)
    verdict = verifying.verify([path], Trust()).verdict
    assert (verdict is Verdict.INTACT) is (found == GOLDEN)
    assert second_opinion(str(path), capsys=capsys)[0] == verdict.name


@settings(max_examples=80, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_any_damage_to_what_its_sender_signs_has_the_same_verdict_from_both(
    data: st.DataObject, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The sender itself packs a delivery that is none: nothing but the verifier stands between it and a lie."""
    log = damage.told().north
    block = data.draw(damaged(couriers.sent(log, 7, 9)).filter(bool))
    path = written(couriers.content(log, 7, blocks=(block,)), tmp_path)
    verdict = verifying.verify([path], Trust()).verdict
    assert second_opinion(str(path), capsys=capsys)[0] == verdict.name


def test_a_file_that_is_still_sealed_says_so(tmp_path: Path) -> None:
    path = written(b"age-encryption.org/v1\n-> X25519 x\n", tmp_path)
    (subject,) = verifying.verify([path], Trust()).subjects
    assert subject.reason == Refusal("courier.still-sealed", file=path.name)


@pytest.mark.parametrize("length", [1, 7, 4_096])
def test_it_is_read_in_pieces_of_any_length(kept: Border, length: int) -> None:
    whole, found = couriers.content(kept.north, 0, 3, 9), list[bytes]()
    reading = Reading(1 << 20, lambda header, block: found.append(block))
    for at in range(0, len(whole), length):
        reading.feed(whole[at : at + length])
    assert reading.end().header == couriers.header(kept.north, 0)
    assert found == [couriers.sent(kept.north, 0, 3), couriers.sent(kept.north, 3, 9)]


def test_its_bytes_are_those_of_the_golden_file(kept: Border) -> None:
    assert couriers.content(kept.north, 7, 8, 9) == GOLDEN


def test_every_cut_of_it_is_refused(kept: Border) -> None:
    whole = couriers.content(kept.north, 7, 9)
    for end in range(0, len(whole), 13):
        reading = Reading(1 << 20)
        reading.feed(whole[:end])
        with pytest.raises(Refusal, match=r"courier\.damaged"):
            reading.end()


@pytest.mark.parametrize("spoilt", [b'"number":1', b'"begins":7', b'"size":7'])
def test_a_header_that_says_the_impossible_is_refused(kept: Border, spoilt: bytes) -> None:
    whole = couriers.content(kept.north, 7, 9)
    for wrong in (b"-1", b"9007199254740993", b"1e3", b'"7"', b"18446744073709551616"):
        reading = Reading(1 << 20)
        with pytest.raises(Refusal, match=r"courier\.damaged"):
            reading.feed(whole.replace(spoilt, spoilt.split(b":")[0] + b":" + wrong, 1))


def test_a_block_is_not_waited_for_beyond_its_limit(kept: Border) -> None:
    whole = couriers.content(kept.north, 0, 9)
    with pytest.raises(Refusal, match=r"courier\.damaged"):
        Reading(100).feed(whole)

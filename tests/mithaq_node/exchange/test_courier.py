"""The exchange by files that people carry: the same notices with the same guarantees, in any order, late and twice."""

import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from mithaq import recipients
from mithaq.errors import Refusal
from mithaq.exchange.courier import FIRST_LINE
from mithaq.signing import PrivateKey
from mithaq_files import sealed
from mithaq_node.services import couriering, delivering
from mithaq_node.services.couriering import Packed, Unpacked
from mithaq_node.services.holdings import Holdings
from mithaq_node.store import log as record
from tests.mithaq_node import meadow, room
from tests.mithaq_node.exchange.test_exchange import receipts_of, same_log
from tests.mithaq_node.pair import NOW, Pair, notice, release

SMALLEST = 360_000
ON_FILES = pytest.mark.parametrize("engine", ["sqlite"])
"""For what is refused before the store is asked."""


def pack(sender: Holdings, out: Path, chunk: int | None = None) -> Packed:
    return couriering.pack(sender, next(iter(sender.seat.peers.values())), out, NOW, chunk)


def unpack(receiver: Holdings, file: Path) -> Unpacked:
    return couriering.unpack(receiver, file, NOW)[-1]


def round_trip(sender: Holdings, receiver: Holdings, folder: Path) -> None:
    """A courier there and its answer back."""
    pack(sender, folder / "there")
    unpack(receiver, folder / "there")
    unpack(sender, folder / "there.answer")


def held_by_them(sender: Holdings) -> int:
    return delivering.load(sender, next(iter(sender.seat.peers.values()))).held


def code_of(receiver: Holdings, file: Path) -> str:
    with pytest.raises(Refusal) as refused:
        unpack(receiver, file)
    return refused.value.code


def opened(holdings: Holdings, file: Path) -> bytes:
    pieces: list[bytes] = []
    sealed.read(file, [recipients.identity(holdings.seat.keys.body)], pieces.append)
    return b"".join(pieces)


def resealed(holdings: Holdings, content: bytes, out: Path) -> Path:
    """A file sealed to the node of `holdings` by whoever knows its public key."""
    sealed.write(out, recipients.recipient(recipients.body_key(holdings.seat.keys.body)), [content])
    return out


def test_a_notice_is_delivered_and_receipted_by_a_file_there_and_a_file_back(pair: Pair, tmp_path: Path) -> None:
    release(pair.ml, [notice(pair.ml.seat, 1)])
    round_trip(pair.ml, pair.rl, tmp_path)
    assert same_log(pair, pair.ml)
    assert same_log(pair, pair.rl)
    last = receipts_of(pair.rl)[-1]
    assert (last.size, last.missing, last.nonconforming) == (pair.ml.own().size, [], [])
    assert held_by_them(pair.ml) == pair.ml.own().size
    assert record.cosigned_sizes(pair.ml.conn, pair.ml.engine, pair.ml.own()) == {
        pair.rl.seat.cosigner: pair.ml.own().size
    }


def test_a_pair_that_never_had_a_line_begins_by_courier(pair: Pair, tmp_path: Path) -> None:
    """The pair fixture has talked before; what a fresh node is told is everything from its first leaf on."""
    pair.links["ML"] = replace(pair.links["ML"], held=0)
    with pair.ml.engine.transaction(pair.ml.conn):
        record.write_link(pair.ml.conn, pair.ml.engine, "RL", pair.ml.own(), record.LinkRow())
    packed = pack(pair.ml, tmp_path / "all")
    assert (packed.begins, packed.ends) == (0, pair.ml.own().size)
    assert unpack(pair.rl, tmp_path / "all").took.said.ok


def test_a_courier_that_comes_late_or_twice_changes_nothing(pair: Pair, tmp_path: Path) -> None:
    release(pair.ml, [notice(pair.ml.seat, 1)])
    round_trip(pair.ml, pair.rl, tmp_path)
    heads = pair.rl.own().head, pair.copy_of(pair.ml).head
    unpack(pair.rl, tmp_path / "there")
    assert (pair.rl.own().head, pair.copy_of(pair.ml).head) == heads
    release(pair.ml, [notice(pair.ml.seat, 2)])
    pair.settle()
    heads = pair.rl.own().head, pair.copy_of(pair.ml).head
    unpack(pair.rl, tmp_path / "there")
    assert (pair.rl.own().head, pair.copy_of(pair.ml).head) == heads


def test_an_answer_that_comes_late_does_not_set_the_link_back(pair: Pair, tmp_path: Path) -> None:
    release(pair.ml, [notice(pair.ml.seat, 1)])
    pack(pair.ml, tmp_path / "there")
    unpack(pair.rl, tmp_path / "there")
    release(pair.ml, [notice(pair.ml.seat, 2)])
    pair.settle()
    held = held_by_them(pair.ml)
    assert held == pair.ml.own().size
    unpack(pair.ml, tmp_path / "there.answer")
    assert held_by_them(pair.ml) == held


def test_packing_again_gives_the_same_until_an_answer_has_come(pair: Pair, tmp_path: Path) -> None:
    release(pair.ml, [notice(pair.ml.seat, 1)])
    first, second = pack(pair.ml, tmp_path / "a"), pack(pair.ml, tmp_path / "b")
    assert (first.begins, first.ends) == (second.begins, second.ends)
    unpack(pair.rl, tmp_path / "b")
    unpack(pair.ml, tmp_path / "b.answer")
    assert pack(pair.ml, tmp_path / "c").begins == first.ends


def test_couriers_cross_each_other(pair: Pair, tmp_path: Path) -> None:
    release(pair.ml, [notice(pair.ml.seat, 1)])
    release(pair.rl, [notice(pair.rl.seat, 1)])
    for sender, name in ((pair.ml, "from-ml"), (pair.rl, "from-rl")):
        pack(sender, tmp_path / name)
    unpack(pair.rl, tmp_path / "from-ml")
    unpack(pair.ml, tmp_path / "from-rl")
    unpack(pair.ml, tmp_path / "from-ml.answer")
    unpack(pair.rl, tmp_path / "from-rl.answer")
    round_trip(pair.ml, pair.rl, tmp_path)
    round_trip(pair.rl, pair.ml, tmp_path)
    assert same_log(pair, pair.ml)
    assert same_log(pair, pair.rl)


@pytest.fixture
def chunks(pair: Pair, tmp_path: Path) -> list[Path]:
    """More than one small stick can carry."""
    for start in range(0, 1_200, 400):
        release(pair.ml, [notice(pair.ml.seat, start + n) for n in range(400)])
    files = pack(pair.ml, tmp_path / "stick", SMALLEST).files
    assert len(files) > 2
    assert all(file.stat().st_size <= SMALLEST for file in files)
    return list(files)


def test_small_sticks_are_taken_in_any_order(pair: Pair, chunks: list[Path]) -> None:
    for file in reversed(chunks[1:]):
        assert code_of(pair.rl, file) == "courier.chunk-missing"
    done = couriering.unpack(pair.rl, chunks[0], NOW)
    assert len(done) == len(chunks)
    assert same_log(pair, pair.ml)
    assert receipts_of(pair.rl)[-1].missing == []
    unpack(pair.ml, chunks[0].with_name("stick.001.answer"))
    assert held_by_them(pair.ml) == pair.ml.own().size
    assert not list((pair.rl.seat.folder / "courier" / "waiting").iterdir())
    assert unpack(pair.rl, chunks[1]).took.said.ok  # and once more


@ON_FILES
def test_a_stick_with_less_room_than_one_entry_may_need_is_refused(pair: Pair, tmp_path: Path) -> None:
    with pytest.raises(Refusal, match=r"courier\.chunk-too-small"):
        pack(pair.ml, tmp_path / "stick", 100_000)


@ON_FILES
def test_a_file_for_another_party_does_not_open(pair: Pair, tmp_path: Path) -> None:
    pack(pair.ml, tmp_path / "there")
    assert code_of(pair.ml, tmp_path / "there") == "courier.not-for-us"


@ON_FILES
def test_a_file_of_another_party_is_refused_even_where_it_opens(pair: Pair, tmp_path: Path) -> None:
    pack(pair.ml, tmp_path / "there")
    content = opened(pair.rl, tmp_path / "there")
    assert code_of(pair.ml, resealed(pair.ml, content, tmp_path / "x")) == "courier.other-receiver"


@ON_FILES
def test_whoever_knows_our_public_key_cannot_make_a_courier(pair: Pair, tmp_path: Path) -> None:
    """Else a stranger's bad checkpoint would stop the link."""
    release(pair.ml, [notice(pair.ml.seat, 1)])
    pack(pair.ml, tmp_path / "there")
    content = opened(pair.rl, tmp_path / "there")
    forged = content.replace(b"mithaq/notice/v1", b"mithaq/notice/v2")
    assert code_of(pair.rl, resealed(pair.rl, forged, tmp_path / "x")) == "courier.other-sender"
    assert not pair.copy_of(pair.ml).frozen


@ON_FILES
def test_a_courier_of_another_instrument_is_refused(pair: Pair, tmp_path: Path) -> None:
    pack(pair.ml, tmp_path / "there")
    content = opened(pair.rl, tmp_path / "there").replace(meadow.NAME.encode(), b"meadow-river-2031")
    assert code_of(pair.rl, resealed(pair.rl, content, tmp_path / "x")) == "courier.other-instrument"


def test_a_courier_that_continues_beyond_what_is_held_says_what_it_needs_and_the_answer_mends_it(
    pair: Pair, tmp_path: Path
) -> None:
    before = pair.copy_of(pair.ml).size
    release(pair.ml, [notice(pair.ml.seat, 1)])
    with pair.ml.engine.transaction(pair.ml.conn):  # ML believes that they hold it
        record.write_link(pair.ml.conn, pair.ml.engine, "RL", pair.ml.own(), record.LinkRow(held=pair.ml.own().size))
    release(pair.ml, [notice(pair.ml.seat, 2)])
    pack(pair.ml, tmp_path / "there")
    with pytest.raises(Refusal) as refused:
        unpack(pair.rl, tmp_path / "there")
    assert refused.value == Refusal(
        "courier.prerequisite-missing", log=pair.ml.seat.origin, needs=before + 1, held=before
    )
    unpack(pair.ml, tmp_path / "there.answer")
    assert held_by_them(pair.ml) == before
    round_trip(pair.ml, pair.rl, tmp_path)
    assert same_log(pair, pair.ml)


@ON_FILES
@pytest.mark.parametrize("at", [10, 300, 2_000, -1])
def test_a_damaged_file_is_refused_and_nothing_of_it_is_taken(pair: Pair, tmp_path: Path, at: int) -> None:
    release(pair.ml, [notice(pair.ml.seat, 1)])
    pack(pair.ml, tmp_path / "there")
    content = bytearray((tmp_path / "there").read_bytes())
    before = pair.copy_of(pair.ml)
    content[at] ^= 1
    (tmp_path / "there").write_bytes(content)
    assert code_of(pair.rl, tmp_path / "there") in (
        "courier.damaged", "courier.not-for-us", "courier.other-format",
    )  # fmt: skip
    (tmp_path / "there").write_bytes(content[:at])
    assert code_of(pair.rl, tmp_path / "there") in ("courier.damaged", "courier.other-format")
    assert pair.copy_of(pair.ml) == before


@ON_FILES
def test_a_file_that_is_not_there_and_one_that_is_no_courier_are_refused_by_name(pair: Pair, tmp_path: Path) -> None:
    assert code_of(pair.rl, tmp_path / "nothing") == "courier.unreadable"
    (tmp_path / "picture").write_bytes(b"\x89PNG" + bytes(100))
    assert code_of(pair.rl, tmp_path / "picture") == "courier.other-format"
    assert code_of(pair.rl, resealed(pair.rl, b"hello", tmp_path / "x")) == "courier.other-format"


@ON_FILES
def test_a_full_stick_is_said_and_leaves_no_half_file(pair: Pair, tmp_path: Path) -> None:
    with room.device(tmp_path / "stick", 1) as stick:
        stick.fill()
        before = list(stick.folder.iterdir())
        with pytest.raises(Refusal, match=r"courier\.full"):
            pack(pair.ml, stick.folder / "there")
        assert list(stick.folder.iterdir()) == before
        stick.make()
        assert pack(pair.ml, stick.folder / "there").files


def test_a_stopped_link_is_not_gone_around_by_courier(pair: Pair, tmp_path: Path) -> None:
    pack(pair.ml, tmp_path / "there")
    copy = pair.copy_of(pair.ml)
    with pair.rl.engine.transaction(pair.rl.conn):
        record.freeze(pair.rl.conn, pair.rl.engine, copy, "delivery.fork")
    assert code_of(pair.rl, tmp_path / "there") == "link.frozen"
    with pytest.raises(Refusal, match=r"link\.frozen"):
        pack(pair.rl, tmp_path / "back")


@ON_FILES
def test_the_age_program_opens_a_courier(pair: Pair, tmp_path: Path) -> None:
    if shutil.which("age") is None:
        pytest.skip("the program age is not installed here (Debian: apt-get install age)")
    release(pair.ml, [notice(pair.ml.seat, 1)])
    pack(pair.ml, tmp_path / "there")
    (tmp_path / "key").write_text(recipients.identity(pair.rl.seat.keys.body) + "\n")
    command = ["age", "--decrypt", "--identity", "key", "--output", "plain", "there"]
    subprocess.run(command, cwd=tmp_path, check=True)
    plain = (tmp_path / "plain").read_bytes()
    assert plain.startswith(FIRST_LINE)
    assert plain == opened(pair.rl, tmp_path / "there")


@ON_FILES
def test_a_lost_body_key_opens_nothing(pair: Pair, tmp_path: Path) -> None:
    pack(pair.ml, tmp_path / "there")
    other = recipients.identity(PrivateKey.from_seed(bytes(32)))
    with pytest.raises(Refusal, match=r"courier\.not-for-us"):
        sealed.read(tmp_path / "there", [other], lambda piece: None)

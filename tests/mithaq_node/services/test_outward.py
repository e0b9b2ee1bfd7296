"""What leaves the node for an auditor: the same files in a folder and in an archive, and the proof of one notice."""

import io
import tarfile
from contextlib import closing
from pathlib import Path

import pytest

from mithaq.errors import Refusal
from mithaq.record import note
from mithaq.record.checkpoint import Checkpoint
from mithaq_files import export, verifying
from mithaq_files.trust import Trust
from mithaq_files.verdict import Verdict
from mithaq_node import queries
from mithaq_node.services import outward
from mithaq_node.services.outward import Archive
from tests.mithaq_node import meadow
from tests.mithaq_node.conftest import Standing
from tests.mithaq_node.pair import Pair, notice, release

ROOTS = Trust(roots=frozenset(key for party in meadow.sealed().law.parties for key in party.roots))


@pytest.fixture
def told(pair: Pair) -> Pair:
    """Two nodes of which each has told the other something."""
    release(pair.ml, [notice(pair.ml.seat, number) for number in range(3)])
    release(pair.rl, [notice(pair.rl.seat, number) for number in range(2)])
    pair.settle()
    return pair


def unpacked(archive: Archive, folder: Path) -> Path:
    """The folder that an archive unpacks into."""
    with closing(archive), tarfile.open(fileobj=io.BytesIO(b"".join(archive))) as tar:
        tar.extractall(folder, filter="data")
    return folder / archive.name


def files(folder: Path) -> dict[str, bytes]:
    return {each.relative_to(folder).as_posix(): each.read_bytes() for each in folder.rglob("*") if each.is_file()}


def test_the_archive_holds_what_the_command_writes_and_both_are_genuine(
    told: Pair, standing: Standing, tmp_path: Path
) -> None:
    with standing(told.ml):
        export.write(tmp_path / "folder", queries.sealed().files(), outward.sources(), demo=False)
        out = unpacked(outward.archive(), tmp_path)
    assert out.name == "meadow-river-2030-ML"
    assert files(out) == files(tmp_path / "folder")
    assert verifying.verify([out], Trust()).verdict is Verdict.INTACT
    assert verifying.verify([out], ROOTS).verdict is Verdict.GENUINE


def test_the_same_record_is_the_same_archive_byte_for_byte(told: Pair, standing: Standing) -> None:
    def made() -> bytes:
        with closing(outward.archive()) as archive:
            return b"".join(archive)

    with standing(told.rl):
        assert made() == made()


def test_one_log_alone_is_genuine_without_the_other(told: Pair, standing: Standing, tmp_path: Path) -> None:
    with standing(told.ml):
        out = unpacked(outward.archive(only="RL-all-1"), tmp_path)
    assert out.name == "meadow-river-2030-RL-all-1"
    assert [each.name for each in export.read(out).logs] == ["RL-all-1"]
    assert verifying.verify([out], ROOTS).verdict is Verdict.GENUINE


@pytest.mark.parametrize("name", ["NA-all-1", "ML-all-2", "../ML-all-1"])
def test_it_refuses_to_export_a_log_it_does_not_hold(told: Pair, standing: Standing, name: str) -> None:
    with standing(told.ml), pytest.raises(Refusal, match=r"log\.unknown"):
        outward.archive(only=name)


def test_the_proof_of_a_notice_of_either_side_is_genuine(told: Pair, standing: Standing, tmp_path: Path) -> None:
    with standing(told.ml):
        for number in ("ML 3-4", "RL 3-4", "ML 1-8"):
            path = tmp_path / number
            path.write_bytes(outward.proof(number=number))
            assert verifying.verify([path], ROOTS).verdict is Verdict.GENUINE, number


@pytest.mark.parametrize(
    ("number", "code"),
    [
        ("ML 4000-6", "node.no-entry"),
        ("XX 1-8", "instrument.unknown-party"),
        ("ML 3-5", "number.wrong-check-digit"),
        ("three", "number.not-a-number"),
    ],
)
def test_it_refuses_the_proof_of_what_it_does_not_hold(told: Pair, standing: Standing, number: str, code: str) -> None:
    with standing(told.ml), pytest.raises(Refusal) as refused:
        outward.proof(number=number)
    assert refused.value.code == code


def test_an_export_moves_the_fence_over_the_head_that_it_signs(told: Pair, standing: Standing) -> None:
    seat = told.ml.seat
    release(told.ml, [notice(seat, 9)])
    head = told.ml.own().head
    assert seat.fence.read(seat.origin) != head
    with standing(told.ml):
        outward.sources()
    assert seat.fence.read(seat.origin) == head


def test_an_export_moves_the_fence_over_the_head_whose_cosignature_it_shows(
    told: Pair, standing: Standing, tmp_path: Path
) -> None:
    fence, origin = told.ml.seat.fence, told.rl.seat.origin
    release(told.ml, [notice(told.ml.seat, 9)])
    told.send(told.ml)
    head = told.copy_of(told.rl).head
    assert fence.read(origin) != head
    with standing(told.ml):
        out = unpacked(outward.archive(only="RL-all-1"), tmp_path)
    shown = next(path for path in out.rglob("checkpoint")).read_bytes()
    assert told.ml.seat.cosigner in [line.name for line in note.split(shown)[1]]
    assert fence.read(origin) == head


def test_a_store_behind_its_fence_exports_nothing(told: Pair, standing: Standing) -> None:
    seat, head = told.ml.seat, told.ml.own().head
    seat.fence.compare_and_swap(seat.fence.read(seat.origin), Checkpoint(seat.origin, head.size + 1, bytes(32)))
    with standing(told.ml), pytest.raises(Refusal, match=r"fence\.store-behind"):
        outward.archive()

"""The fence: it moves by compare-and-swap, survives a crash at any point, and says when signing could make a fork."""

import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import msgspec
import pytest

from mithaq.errors import Refusal
from mithaq.record import checkpoint
from mithaq.record.checkpoint import Checkpoint
from mithaq.record.merkle import EMPTY_ROOT
from mithaq.signing import PrivateKey
from mithaq_node.store.fence import Fence, Move, Moved, Standing, standing
from mithaq_node.store.fence_table import TableFence

LOG = "na.example/example-2031/all/1"


COPY = "rl.example/example-2031/all/1"


def head(size: int, root: bytes = b"\1" * 32, origin: str = LOG) -> Checkpoint:
    return Checkpoint(origin, size, root)


@pytest.fixture
def fence(tmp_path: Path) -> Fence:
    made = Fence(tmp_path / "fence")
    made.begin(LOG)
    return made


@pytest.fixture
def wherever(database: str, tmp_path: Path) -> Iterator[Fence]:
    """A fence in a folder, then one in a database."""
    made = Fence(tmp_path / "fence") if database == "sqlite" else TableFence(database)
    made.begin(LOG)
    yield made
    if isinstance(made, TableFence):
        made.close()


def test_a_fence_begins_at_nothing_and_only_once(wherever: Fence) -> None:
    assert wherever.read(LOG) == Checkpoint(LOG, 0, EMPTY_ROOT)
    wherever.compare_and_swap(wherever.read(LOG), head(4))
    wherever.begin(LOG)
    assert wherever.read(LOG) == head(4)


def test_it_moves_only_from_where_the_caller_thinks_it_is(wherever: Fence) -> None:
    start = wherever.read(LOG)
    wherever.compare_and_swap(start, head(1))
    with pytest.raises(Moved):
        wherever.compare_and_swap(start, head(2))
    assert wherever.read(LOG) == head(1)


def test_several_heads_are_let_past_together_or_none_of_them(wherever: Fence) -> None:
    start, copy = wherever.read(LOG), head(3, origin=COPY)
    wherever.move(Move(start, head(1)), Move(None, copy))
    assert wherever.read_all(COPY, LOG) == (copy, head(1))
    later = head(5, origin=COPY)
    for moves in (
        (Move(head(1), head(2)), Move(None, later)),
        (Move(start, head(2)), Move(copy, later)),
        (Move(copy, later), Move(start, head(2))),
    ):
        with pytest.raises(Moved):
            wherever.move(*moves)
        assert wherever.read_all(LOG, COPY) == (head(1), copy)
    wherever.move(Move(head(1), head(2)), Move(copy, later, later.text()))
    assert wherever.read_all(LOG, COPY) == (head(2), later)


def test_who_moves_one_head_loses_no_move_of_another(database: str, tmp_path: Path) -> None:
    """Two processes, each with a fence of its own in mind, move different heads in turn and at once."""
    fences = [Fence(tmp_path / "fence") if database == "sqlite" else TableFence(database) for _ in range(2)]
    logs = (LOG, COPY)
    for fence, origin in zip(fences, logs, strict=True):
        fence.begin(origin)

    def go_on(fence: Fence, origin: str) -> None:
        for size in range(1, 26):
            fence.compare_and_swap(fence.read(origin), head(size, origin=origin))

    threads = [threading.Thread(target=go_on, args=each) for each in zip(fences, logs, strict=True)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert fences[0].read_all(*logs) == (head(25), head(25, origin=COPY))
    for fence in fences:
        if isinstance(fence, TableFence):
            fence.close()


def test_of_many_who_move_it_at_once_exactly_one_does(wherever: Fence) -> None:
    start, won = wherever.read(LOG), []

    def move(number: int) -> None:
        try:
            wherever.compare_and_swap(start, head(number))
            won.append(number)
        except Moved:
            pass

    threads = [threading.Thread(target=move, args=(number,)) for number in range(1, 9)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(won) == 1
    assert wherever.read(LOG) == head(won[0])


def test_a_crash_before_the_rename_leaves_the_old_head(fence: Fence, tmp_path: Path) -> None:
    fence.compare_and_swap(fence.read(LOG), head(7))
    (path,) = [each for each in (tmp_path / "fence").iterdir() if not each.suffix]
    path.with_suffix(".new").write_bytes(b"half a he")
    assert Fence(tmp_path / "fence").read(LOG) == head(7)
    fence.compare_and_swap(head(7), head(8))
    assert fence.read(LOG) == head(8)


def test_a_damaged_fence_and_that_of_another_log_are_refused(fence: Fence, tmp_path: Path) -> None:
    (path,) = [each for each in (tmp_path / "fence").iterdir() if not each.suffix]
    other = Checkpoint("another.example/log", 1, b"\2" * 32).text().decode()
    path.write_bytes(msgspec.json.encode({LOG: other}))
    with pytest.raises(Refusal, match=r"fence\.other-log"):
        fence.read(LOG)
    for damaged in (b"\0", b"", b'{"cut off', b"[]", b'{"log":"\xff"}'):
        path.write_bytes(damaged)
        with pytest.raises(Refusal, match=r"fence\.unreadable") as refused:
            fence.read(LOG)
        assert refused.value.data["log"] == LOG
        with pytest.raises(Refusal, match=r"fence\.unreadable"):
            fence.compare_and_swap(None, head(1))


def test_heads_that_are_taken_away_while_it_runs_are_none_and_no_memory(fence: Fence, tmp_path: Path) -> None:
    fence.compare_and_swap(fence.read(LOG), head(7))
    (tmp_path / "fence" / "heads").unlink()
    assert fence.read(LOG) is None


@pytest.mark.parametrize("name", ["heads.lock", "heads.new"])
def test_what_stands_in_the_way_of_a_move_is_a_refusal_that_names_the_log(tmp_path: Path, name: str) -> None:
    (tmp_path / name).mkdir()
    with pytest.raises(Refusal, match=r"fence\.unwritable") as refused:
        Fence(tmp_path).compare_and_swap(None, head(1))
    assert refused.value.data["log"] == LOG


def test_a_folder_that_cannot_be_written_is_a_refusal(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(Refusal, match=r"fence\.(unwritable|unreadable)"):
        Fence(tmp_path / "file").begin(LOG)


def test_equal_is_sure_and_beyond_is_ahead() -> None:
    assert standing(head(3), head(3), lambda _: b"\1" * 32) is Standing.SURE
    assert standing(head(5), head(3), lambda _: b"\1" * 32) is Standing.AHEAD


@pytest.mark.parametrize(
    ("store", "fence", "code"),
    [
        (head(3), None, "fence.missing"),
        (head(0), None, "fence.missing"),
        (head(2), head(3), "fence.store-behind"),
        (head(3), head(3, b"\2" * 32), "fence.store-differs"),
        (head(9), head(3, b"\2" * 32), "fence.store-differs"),
    ],
)
def test_whatever_could_make_a_fork_is_unsure(store: Checkpoint, fence: Checkpoint | None, code: str) -> None:
    with pytest.raises(Refusal) as refused:
        standing(store, fence, lambda _: b"\1" * 32)
    assert refused.value.code == code


def test_only_its_owner_reads_a_fence_and_all_heads_stand_in_one_file(tmp_path: Path) -> None:
    folder = tmp_path / "deep" / "below"
    Fence(folder).begin(LOG)
    Fence(folder).begin(COPY)
    (kept,) = [path for path in folder.iterdir() if path.suffix != ".lock"]
    assert kept.stat().st_mode & 0o777 == 0o600
    assert kept.name == "heads"
    assert Fence(folder).read(LOG) == Checkpoint(LOG, 0, EMPTY_ROOT)


def test_the_store_is_asked_for_its_root_at_the_fence() -> None:
    asked = []

    def root_at(size: int) -> bytes:
        asked.append(size)
        return b"\1" * 32

    assert standing(head(7, b"\7" * 32), head(3), root_at) is Standing.AHEAD
    assert asked == [3]


def test_a_head_is_kept_as_it_was_signed_where_that_is_given(wherever: Fence) -> None:
    key = PrivateKey.from_seed(b"k" * 32)
    signed = checkpoint.sign(head(4), key)
    wherever.compare_and_swap(wherever.read(LOG), head(4), signed)
    assert wherever.read(LOG) == head(4)
    assert wherever.read_signed(LOG) == signed
    wherever.compare_and_swap(head(4), head(5))
    assert wherever.read_signed(LOG) == head(5).text()


def test_a_database_without_fences_has_none_and_one_that_is_gone_is_a_refusal(database: str) -> None:
    if database == "sqlite":
        gone = TableFence("postgresql:///none?host=/nowhere")
        with pytest.raises(Refusal, match=r"fence\.unreadable"):
            gone.read(LOG)
        with pytest.raises(Refusal, match=r"fence\.unwritable"):
            gone.begin(LOG)
        return
    with closing(TableFence(database)) as fence:
        assert fence.read(LOG) is None

"""What a node has judged, kept for its next process: trusted only where it is its own and still holds."""

import stat
from pathlib import Path

import pytest

from mithaq.notices.judged import Judged
from mithaq_node.store import judgements

KEY, LAWS = b"a node's own key", ("a" * 64,)
KNOWN = {
    "ml.example/law/all/1": Judged(3, b"\1" * 32, frozenset({0, 2})),
    "rl.example/law/all/1": Judged(2, b"\2" * 32),
}


@pytest.fixture
def kept(tmp_path: Path) -> Path:
    judgements.keep(tmp_path, KEY, LAWS, KNOWN)
    return tmp_path


def test_what_was_kept_is_there_for_the_next_process(kept: Path):
    assert judgements.load(kept, KEY, LAWS) == KNOWN


def test_only_its_owner_can_read_it_and_nothing_lies_beside_it(kept: Path):
    (file,) = kept.iterdir()
    assert (file.name, stat.S_IMODE(file.stat().st_mode)) == (judgements.FILE, 0o600)


def test_a_log_of_which_nothing_was_judged_is_not_named(tmp_path: Path):
    judgements.keep(tmp_path, KEY, LAWS, {"ml.example/law/all/1": Judged(0, b"\1" * 32)})
    assert judgements.load(tmp_path, KEY, LAWS) == {}


def test_it_takes_the_place_of_what_was_kept_before(kept: Path):
    judgements.keep(kept, KEY, LAWS, {})
    assert judgements.load(kept, KEY, LAWS) == {}


def test_where_nothing_was_kept_nothing_is_known(tmp_path: Path):
    assert judgements.load(tmp_path, KEY, LAWS) == {}


def test_what_another_node_kept_says_nothing(kept: Path):
    assert judgements.load(kept, b"another node's key", LAWS) == {}


def test_what_was_judged_under_another_law_says_nothing(kept: Path):
    assert judgements.load(kept, KEY, (*LAWS, "b" * 64)) == {}


def test_what_other_code_has_judged_says_nothing(kept: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(judgements, "_code", lambda: "other")
    assert judgements.load(kept, KEY, LAWS) == {}


def test_any_byte_changed_makes_it_say_nothing(kept: Path):
    file = kept / judgements.FILE
    whole = file.read_bytes()
    for place in range(0, len(whole), 7):
        file.write_bytes(whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :])
        assert judgements.load(kept, KEY, LAWS) == {}, place


@pytest.mark.parametrize("content", [b"", b"\n", b"{}\n\n", b"\x80", b"x" * 100])
def test_a_file_of_something_else_says_nothing(kept: Path, content: bytes):
    (kept / judgements.FILE).write_bytes(content)
    assert judgements.load(kept, KEY, LAWS) == {}


def test_half_a_file_and_one_with_more_behind_it_say_nothing(kept: Path):
    file = kept / judgements.FILE
    whole = file.read_bytes()
    for content in (whole[: len(whole) // 2], whole + b"more", whole + whole):
        file.write_bytes(content)
        assert judgements.load(kept, KEY, LAWS) == {}


def test_a_folder_that_takes_no_file_keeps_nothing(tmp_path: Path):
    judgements.keep(tmp_path / "none", KEY, LAWS, KNOWN)
    assert not list(tmp_path.iterdir())

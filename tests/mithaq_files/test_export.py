"""Writing an export: whole or not at all, and byte for byte the same in every release."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from mithaq.errors import Refusal
from mithaq_files import export, verifying
from mithaq_files.trust import Trust
from mithaq_files.verdict import Verdict
from tests.mithaq_files import border, damage

GOLDEN = Path(__file__).parents[1] / "golden" / "export"


def files(folder: Path) -> dict[str, bytes]:
    return {each.relative_to(folder).as_posix(): each.read_bytes() for each in folder.rglob("*") if each.is_file()}


def test_the_export_has_not_changed(tmp_path: Path) -> None:
    """A new form of export is a new format: an auditor's old verifier must be told."""
    demo = border.told(border.seal(border.law(demo=True))).write(tmp_path / "export")
    assert files(demo) == files(GOLDEN)


def test_the_golden_export_still_verifies() -> None:
    assert verifying.verify([GOLDEN], Trust()).verdict is Verdict.INTACT


def test_a_demonstration_says_so_in_its_own_file(tmp_path: Path) -> None:
    assert "Not a document of any government" in (GOLDEN / export.DEMONSTRATION).read_text("utf-8")
    assert export.DEMONSTRATION not in files(damage.told().write(tmp_path / "export"))


def test_it_overwrites_nothing(tmp_path: Path) -> None:
    with pytest.raises(Refusal, match=r"export\.exists"):
        damage.told().write(tmp_path)


def sources() -> list[export.LogSource]:
    kept = damage.told()
    return [kept.north.source(kept.south), kept.south.source(kept.north)]


def test_a_source_with_too_few_entries_leaves_nothing_behind(tmp_path: Path) -> None:
    north, south = sources()
    with pytest.raises(Refusal, match=r"export\.entries-missing"):
        export.write(tmp_path / "out", {}, [north, replace(south, entries=[b"one"])], demo=False)
    assert list(tmp_path.iterdir()) == []


def test_a_full_disk_is_a_refusal_and_leaves_nothing_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The disk is full after five files, as the operating system would say it."""
    write, written = Path.write_bytes, []

    def until_full(path: Path, content: bytes) -> int:
        written.append(path)
        if len(written) > 5:
            raise OSError(28, "No space left on device")
        return write(path, content)

    monkeypatch.setattr(Path, "write_bytes", until_full)
    with pytest.raises(Refusal, match=r"export\.cannot-write.*No space left"):
        export.write(tmp_path / "out", {}, sources(), demo=False)
    assert list(tmp_path.iterdir()) == []


def test_what_was_left_unfinished_by_a_killed_export_is_replaced(tmp_path: Path) -> None:
    unfinished = tmp_path / "out.unfinished"
    unfinished.mkdir()
    (unfinished / "stale").write_bytes(b"")
    export.write(tmp_path / "out", {}, sources(), demo=False)
    assert [each.name for each in tmp_path.iterdir()] == ["out"]
    assert "stale" not in files(tmp_path / "out")


def test_it_tells_how_far_it_is(tmp_path: Path) -> None:
    told: list[tuple[int, int]] = []
    export.write(tmp_path / "out", {}, sources(), demo=False, progress=lambda done, total: told.append((done, total)))
    assert told == [(9, 17), (17, 17)]


def test_a_bundle_of_facts_reads_back(tmp_path: Path) -> None:
    facts = [(bytes(32), b"{}"), None, (bytes(range(32)), b'{"a":1}')]
    encoded = export.facts_bundle(facts)
    assert export.parse_facts_bundle(encoded, 3) == facts


@pytest.mark.parametrize(
    "spoil",
    [
        lambda good: good[:-1],
        lambda good: good + b"\0",
        lambda good: good[:3],
        lambda good: b"\0\0\0\x05short" + good[42:],
        lambda good: b"\xff\xff\xff\xff" + good[4:],
    ],
)
def test_it_refuses_a_bundle_of_facts_of_another_shape(spoil: Callable[[bytes], bytes]) -> None:
    good = export.facts_bundle([(bytes(32), b"{}"), None])
    with pytest.raises(Refusal, match=r"tile\."):
        export.parse_facts_bundle(spoil(good), 2)


def test_it_reads_no_file_of_any_size(tmp_path: Path) -> None:
    path = tmp_path / "large"
    path.write_bytes(bytes(100))
    with pytest.raises(Refusal, match=r"export\.file-too-large"):
        export.read_file(path, 99)

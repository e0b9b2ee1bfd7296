"""Evidence of a fork, shown alone: what it shows, what spoils it, and that both verifiers agree."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from mithaq.errors import Refusal
from mithaq.notices.envelope import Roots
from mithaq.record import fork, merkle
from mithaq.record.fork import Past, ShownFork
from mithaq_files import fork_file, trust, verifying
from mithaq_files.fork_file import ForkFile, Noticed
from mithaq_files.trust import Trust
from mithaq_files.verdict import Verdict, not_shown
from tests.mithaq_files import border, damage
from tests.mithaq_files.border import Border
from tests.mithaq_files.test_verifying import second_opinion

Spoil = Callable[[ForkFile, Border], ForkFile]


def shown_by(kept: Border, size: int = 9) -> ForkFile:
    """The north signs a second history, of `size` entries, which the south shows."""
    north = kept.north
    forked = merkle.Tree(merkle.leaf_hash(b"another history") for _ in range(size))
    signed = _signed(kept, forked)
    proof = merkle.consistency_proof(min(size, 9), size, forked.subtree)
    shown = fork.show(north.head(), signed, min(size, 9), proof, north.tree.subtree)
    assert shown is not None
    noticed = Noticed("2025-08-11T01:00:00Z", "SA", "delivery.fork")
    return ForkFile(shown, [(0, north.entries[0])], Roots(keys=border.root_keys("NA"), threshold=2), noticed)


def _signed(kept: Border, tree: merkle.Tree) -> bytes:
    other = border.Log(kept.sealed, "NA", tree=tree)
    return other.head(len(tree))


@pytest.fixture
def kept() -> Border:
    return damage.told()


def written(found: ForkFile | bytes, folder: Path) -> Path:
    path = folder / "evidence"
    path.write_bytes(found if isinstance(found, bytes) else found.encode())
    return path


@pytest.mark.parametrize("size", [3, 9, 12], ids=["a shorter history", "one as long", "a longer one"])
def test_alone_it_shows_the_fork_under_keys_that_came_with_it(
    kept: Border, size: int, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = written(shown_by(kept, size), tmp_path)
    report = verifying.verify([path], Trust())
    assert report.verdict is Verdict.INTACT
    found = report.subjects[0].fork
    assert found is not None
    assert (found.origin, found.sizes, found.below) == (kept.north.origin, (9, size), min(size, 9))
    assert second_opinion(str(path), capsys=capsys) == ("INTACT", 0)
    assert any("which of the two histories" in line for line in not_shown(report))


def test_it_is_genuine_under_the_root_keys_or_the_law_that_were_named(
    kept: Border, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path, roots = written(shown_by(kept), tmp_path), tmp_path / "roots"
    roots.write_text("".join(f"{vkey}\n" for vkey in border.root_keys("NA")))
    assert verifying.verify([path], trust.read(str(roots))).verdict is Verdict.GENUINE
    assert second_opinion(str(path), "--trust", str(roots), capsys=capsys) == ("GENUINE", 0)
    out, named = kept.write(tmp_path / "export"), kept.sealed.law_digest
    assert verifying.verify([out, path], trust.read(named)).verdict is Verdict.GENUINE
    assert second_opinion(str(out), str(path), "--trust", named, capsys=capsys) == ("GENUINE", 0)


def with_one_head_twice(found: ForkFile, kept: Border) -> ForkFile:
    head, past = found.shown.heads[0], found.shown.pasts[0]
    return replace(found, shown=ShownFork((head, head), found.shown.size, (past, past)))


def with_an_older_head_of_the_same_history(found: ForkFile, kept: Border) -> ForkFile:
    north = kept.north
    past = Past(north.tree.root(5), merkle.consistency_proof(5, 9, north.tree.subtree))
    claimed = Past(b"\1" * 32, ())
    return replace(found, shown=ShownFork((north.head(), north.head(5)), 5, (past, claimed)))


def with_a_head_of_the_other_party(found: ForkFile, kept: Border) -> ForkFile:
    return replace(found, shown=replace(found.shown, heads=(found.shown.heads[0], kept.south.head())))


def with_another_past(found: ForkFile, kept: Border) -> ForkFile:
    first, second = found.shown.pasts
    return replace(found, shown=replace(found.shown, pasts=(first, replace(second, root=bytes(32)))))


def with_the_key_set_of_the_other_party(found: ForkFile, kept: Border) -> ForkFile:
    return replace(found, keysets=[(0, kept.south.entries[0])])


def without_key_sets(found: ForkFile, kept: Border) -> ForkFile:
    return replace(found, keysets=[])


def with_too_few_roots(found: ForkFile, kept: Border) -> ForkFile:
    return replace(found, roots=Roots(keys=found.roots.keys, threshold=3))


def with_a_forged_signature(found: ForkFile, kept: Border) -> ForkFile:
    first, second = found.shown.heads
    return replace(found, shown=replace(found.shown, heads=(first, second.replace(b"\n9\n", b"\n8\n"))))


SPOILED: list[Spoil] = [
    with_one_head_twice,
    with_an_older_head_of_the_same_history,
    with_a_head_of_the_other_party,
    with_another_past,
    with_the_key_set_of_the_other_party,
    without_key_sets,
    with_too_few_roots,
    with_a_forged_signature,
]


@pytest.mark.parametrize("spoil", SPOILED, ids=lambda each: each.__name__)
def test_it_is_broken_when_it_does_not_show_a_fork(
    spoil: Spoil, kept: Border, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = written(spoil(shown_by(kept), kept), tmp_path)
    assert verifying.verify([path], Trust()).verdict is Verdict.BROKEN
    assert second_opinion(str(path), capsys=capsys) == ("BROKEN", 1)


@pytest.mark.parametrize(
    "spoil",
    [
        lambda content: content[:-1],
        lambda content: content + b"\n",
        lambda content: content.replace(b'{"heads', b'{ "heads'),
        lambda content: content.replace(b'"size":9', b'"size":"9"'),
        lambda content: content.replace(b'"noticed"', b'"noted"'),
        lambda content: content.replace(b"==", b"=", 1),
        lambda content: content[:200],
    ],
)
def test_what_cannot_be_read_is_unusable(
    spoil: Callable[[bytes], bytes], kept: Border, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    content = spoil(shown_by(kept).encode())
    with pytest.raises(Refusal):
        fork_file.parse(content)
    path = written(content, tmp_path)
    assert verifying.verify([path], Trust()).verdict is Verdict.UNUSABLE
    assert second_opinion(str(path), capsys=capsys) == ("UNUSABLE", 2)


def test_it_carries_what_it_was_given(kept: Border) -> None:
    given = shown_by(kept, 12)
    assert fork_file.parse(given.encode()) == given

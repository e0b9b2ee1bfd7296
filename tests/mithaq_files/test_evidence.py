"""The proof of one notice, shown alone: what it shows, what spoils it, and that both verifiers agree."""

from base64 import b64decode, b64encode
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from mithaq import canonical
from mithaq.errors import Refusal
from mithaq.notices.envelope import Roots
from mithaq.record import merkle, proof
from mithaq.record.proof import Proof
from mithaq_files import evidence, trust, verifying
from mithaq_files.evidence import Evidence
from mithaq_files.trust import Trust
from mithaq_files.verdict import Verdict
from tests.mithaq_files import border, damage
from tests.mithaq_files.border import Border
from tests.mithaq_files.test_verifying import second_opinion

INDEX = 2


def evidence_of(kept: Border) -> Evidence:
    north = kept.north
    part = north.parts[INDEX][0]
    roots = Roots(keys=border.root_keys("NA"), threshold=2)
    return Evidence(north.entries[INDEX], [(0, north.entries[0])], roots, (part.salt, part.body))


def proof_of(kept: Border, shown: Evidence) -> Proof:
    north = kept.north
    hashes = merkle.inclusion_proof(INDEX, len(north.entries), north.tree.subtree)
    return proof.parse(evidence.encode(INDEX, hashes, north.head(), shown))


@pytest.fixture
def kept() -> Border:
    return damage.told()


@pytest.fixture
def good(kept: Border, tmp_path: Path) -> Path:
    return written(proof_of(kept, evidence_of(kept)), tmp_path)


def written(shown: Proof, folder: Path) -> Path:
    path = folder / "notice.proof"
    path.write_bytes(shown.encode())
    return path


def test_it_is_less_than_four_kibibytes(good: Path) -> None:
    assert good.stat().st_size < 4096


def test_in_a_log_of_a_million_entries_it_is_less_than_that_without_its_leaf(kept: Border) -> None:
    """Keys, facts, head, cosignature and twenty hashes: what the leaf adds is up to its party."""
    shown = evidence_of(kept)
    cosigned = kept.north.head() + kept.south.cosigned(kept.north.head(), border.START).line()
    whole = replace(proof_of(kept, shown), hashes=(bytes(32),) * 20, signed=cosigned).encode()
    leaf = len(b64encode(b64encode(shown.entry)))
    assert 2_500 < len(whole) - leaf < 4_096


def test_it_carries_what_it_was_given(kept: Border) -> None:
    given = evidence_of(kept)
    found = evidence.of(proof_of(kept, given))
    assert (found.entry, list(found.keysets), found.roots, found.facts) == (
        given.entry, list(given.keysets), given.roots, given.facts
    )  # fmt: skip


def test_alone_it_is_intact(good: Path, capsys: pytest.CaptureFixture[str]) -> None:
    report = verifying.verify([good], Trust())
    assert report.verdict is Verdict.INTACT
    assert report.subjects[0].nonconforming == ()
    assert second_opinion(str(good), capsys=capsys) == ("INTACT", 0)


@pytest.mark.parametrize(
    "named, verdict",
    [
        (border.root_keys("NA"), Verdict.GENUINE),
        (border.root_keys("NA")[:2], Verdict.GENUINE),
        (border.root_keys("NA")[2:], Verdict.INTACT),
        (border.root_keys("SA"), Verdict.INTACT),
    ],
    ids=["all", "those that signed", "one that did not", "of the other party"],
)
def test_it_is_genuine_under_root_keys_that_were_named(
    good: Path, tmp_path: Path, named: list[str], verdict: Verdict, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "roots"
    path.write_text("".join(f"{vkey}\n" for vkey in named))
    assert verifying.verify([good], trust.read(str(path))).verdict is verdict
    assert second_opinion(str(good), "--trust", str(path), capsys=capsys) == (verdict, 0)


def test_with_an_export_beside_it_the_law_says_which_roots_count(
    good: Path, kept: Border, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = kept.write(tmp_path / "export")
    named = kept.sealed.law_digest
    report = verifying.verify([out, good], trust.read(named))
    assert [subject.verdict for subject in report.subjects] == [Verdict.GENUINE, Verdict.GENUINE]
    assert second_opinion(str(out), str(good), "--trust", named, capsys=capsys) == ("GENUINE", 0)


def with_other_entry(shown: Evidence, kept: Border) -> Evidence:
    return replace(shown, entry=kept.north.entries[4])


def with_other_facts(shown: Evidence, kept: Border) -> Evidence:
    assert shown.facts is not None
    return replace(shown, facts=(shown.facts[0], shown.facts[1].replace(b"fire", b"wave")))


def without_key_sets(shown: Evidence, kept: Border) -> Evidence:
    return replace(shown, keysets=[])


def with_the_key_set_of_the_other(shown: Evidence, kept: Border) -> Evidence:
    return replace(shown, keysets=[(0, kept.south.entries[0])])


def with_too_few_roots(shown: Evidence, kept: Border) -> Evidence:
    return replace(shown, roots=Roots(keys=shown.roots.keys, threshold=3))


SPOILED = [
    with_other_entry,
    with_other_facts,
    without_key_sets,
    with_the_key_set_of_the_other,
    with_too_few_roots,
]


@pytest.mark.parametrize("spoil", SPOILED, ids=lambda each: each.__name__)
def test_it_is_broken_when_what_it_carries_contradicts(
    spoil: Callable[[Evidence, Border], Evidence], kept: Border, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = written(proof_of(kept, spoil(evidence_of(kept), kept)), tmp_path)
    assert verifying.verify([path], Trust()).verdict is Verdict.BROKEN
    assert second_opinion(str(path), capsys=capsys) == ("BROKEN", 1)


@pytest.mark.parametrize("which", ["index", "path", "head", "origin"])
def test_it_is_broken_when_the_proof_does_not_hold(
    which: str, kept: Border, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    shown = proof_of(kept, evidence_of(kept))
    spoiled = {
        "index": replace(shown, index=3),
        "path": replace(shown, hashes=(*shown.hashes[:-1], bytes(32))),
        "head": replace(shown, signed=shown.signed.replace(b"/all/1\n9\n", b"/all/1\n8\n")),
        "origin": replace(shown, signed=kept.south.head()),
    }[which]
    path = written(spoiled, tmp_path)
    assert verifying.verify([path], Trust()).verdict is Verdict.BROKEN
    assert second_opinion(str(path), capsys=capsys) == ("BROKEN", 1)


def test_a_proof_of_another_log_without_the_entry_is_unusable(
    kept: Border, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    shown = replace(proof_of(kept, evidence_of(kept)), extra=None)
    with pytest.raises(Refusal, match=r"proof\.no-evidence"):
        evidence.of(shown)
    path = written(shown, tmp_path)
    assert verifying.verify([path], Trust()).verdict is Verdict.UNUSABLE
    assert second_opinion(str(path), capsys=capsys) == ("UNUSABLE", 2)


@pytest.mark.parametrize("extra", [b"{}", b"[]", b"\xff", b'{"entry":"AA=="}'])
def test_extra_of_another_shape_is_no_evidence(extra: bytes, kept: Border) -> None:
    with pytest.raises(Refusal, match=r"proof\.no-evidence"):
        evidence.of(replace(proof_of(kept, evidence_of(kept)), extra=extra))


def test_what_it_carries_is_canonical_json(kept: Border) -> None:
    extra = evidence_of(kept).encode()
    document = canonical.decode(extra)
    assert sorted(document) == ["entry", "facts", "keysets", "roots"]
    assert b64decode(document["entry"]) == kept.north.entries[INDEX]

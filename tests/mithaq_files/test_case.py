"""A case shown alone: what it shows, what spoils it, what two of them differ in, and that both verifiers agree."""

import zipfile
from collections.abc import Callable, Sequence
from dataclasses import replace
from io import BytesIO
from pathlib import Path

import msgspec
import pytest

from mithaq import canonical
from mithaq.errors import Refusal
from mithaq.notices.envelope import Roots
from mithaq.record import merkle
from mithaq_files import case, comparing, evidence, trust, verifying
from mithaq_files.case import Case, Said
from mithaq_files.evidence import Evidence
from mithaq_files.trust import Trust
from mithaq_files.verdict import Verdict, not_shown
from tests.mithaq_files import border
from tests.mithaq_files.border import Border, Log
from tests.mithaq_files.test_verifying import second_opinion

REMARK = {"lang": "en", "text": "Example: seen from the tower."}


@pytest.fixture
def kept() -> Border:
    made = border.told(border.seal(border.law()))
    made.north.notice("incident", {"place": "S1", "cause": "fire", "remark": REMARK})
    return made


def proof_of(
    log: Log,
    index: int,
    *,
    disclosed: bool = True,
    size: int | None = None,
    keysets: Sequence[tuple[int, bytes]] = (),
) -> bytes:
    parts = log.parts[index]
    shown = Evidence(
        log.entries[index],
        keysets or [(0, log.entries[0])],
        Roots(keys=border.root_keys(log.party), threshold=2),
        (parts[0].salt, parts[0].body) if parts else None,
        [(number, part.salt, part.body) for number, part in enumerate(parts) if number and disclosed],
    )
    end = len(log.entries) if size is None else size
    hashes = merkle.inclusion_proof(index, end, log.tree.subtree)
    return evidence.encode(index, hashes, log.head(end), shown)


def case_of(kept: Border, *, disclosed: bool = True) -> Case:
    north, south = kept.north, kept.south
    last = len(north.entries) - 1
    places = [(north, 0), (north, 2), (north, last), (south, 0), (south, 2), (south, 3)]
    proofs = {
        case.proof_name(f"{log.party}-all-1", index): proof_of(log, index, disclosed=disclosed) for log, index in places
    }
    said = Said(law=kept.sealed.law_digest, at="2025-08-12T00:00:00Z", by="NA", incident="NA 3-4", language="en")
    return Case(said, kept.sealed.files(), proofs)


def encoded(found: Case) -> bytes:
    return case.encode(found, b"%PDF", b"# a verifier", demo=False)


def written(content: bytes, folder: Path) -> Path:
    path = folder / "case.zip"
    path.write_bytes(content)
    return path


def test_alone_it_is_intact_and_it_says_that_the_paper_proves_nothing(
    kept: Border, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = written(encoded(case_of(kept)), tmp_path)
    report = verifying.verify([path], Trust())
    assert report.verdict is Verdict.INTACT, report
    assert [log.party for log in report.subjects[0].logs] == ["NA", "SA"]
    assert any("case.pdf" in line for line in not_shown(report))
    assert second_opinion(str(path), capsys=capsys) == ("INTACT", 0)


def test_it_is_genuine_under_the_law_that_was_named(
    kept: Border, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path, named = written(encoded(case_of(kept)), tmp_path), kept.sealed.law_digest
    assert verifying.verify([path], trust.read(named)).verdict is Verdict.GENUINE
    assert second_opinion(str(path), "--trust", named, capsys=capsys) == ("GENUINE", 0)


def test_equal_cases_are_equal_bytes_and_are_read_as_they_were_written(kept: Border) -> None:
    found = case_of(kept)
    assert encoded(found) == encoded(found)
    assert case.parse(encoded(found)) == found


def with_another_body(found: Case, kept: Border) -> Case:
    name = max(found.proofs)
    name = case.proof_name("NA-all-1", len(kept.north.entries) - 1)
    parts = kept.north.parts[-1]
    kept.north.parts[-1] = (parts[0], msgspec.structs.replace(parts[1], body=parts[1].body.replace(b"tower", b"river")))
    return replace(found, proofs={**found.proofs, name: proof_of(kept.north, len(kept.north.entries) - 1)})


def with_another_entry(found: Case, kept: Border) -> Case:
    name = case.proof_name("NA-all-1", 2)
    return replace(found, proofs={**found.proofs, name: found.proofs[name].replace(b"index 2", b"index 4")})


def with_an_unreadable_proof(found: Case, kept: Border) -> Case:
    return replace(found, proofs={**found.proofs, "NA-all-1-9.tlog-proof": b"nothing"})


def with_the_name_of_another_law(found: Case, kept: Border) -> Case:
    return replace(found, said=Said(law="0" * 64))


def with_an_instrument_that_nobody_sealed(found: Case, kept: Border) -> Case:
    return replace(found, instrument={n: c for n, c in found.instrument.items() if "law.note" not in n})


SPOILED = [
    with_another_body,
    with_another_entry,
    with_an_unreadable_proof,
    with_the_name_of_another_law,
    with_an_instrument_that_nobody_sealed,
]


@pytest.mark.parametrize("spoil", SPOILED, ids=lambda each: each.__name__)
def test_it_is_broken_when_something_in_it_contradicts(
    spoil: Callable[[Case, Border], Case], kept: Border, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = written(encoded(spoil(case_of(kept), kept)), tmp_path)
    assert verifying.verify([path], Trust()).verdict is Verdict.BROKEN
    assert second_opinion(str(path), capsys=capsys) == ("BROKEN", 1)


def _rezipped(content: bytes, **members: bytes | None) -> bytes:
    held, out = BytesIO(content), BytesIO()
    with zipfile.ZipFile(held) as old, zipfile.ZipFile(out, "w") as new:
        for name in old.namelist():
            kept = members.get(name.replace(".", "_"), old.read(name))
            if kept is not None:
                new.writestr(name, kept)
    return out.getvalue()


UNREADABLE: list[Callable[[bytes], bytes]] = [
    lambda content: content[:300],
    lambda content: b"PK\x03\x04 and nothing more",
    lambda content: encoded(replace(case.parse(content), proofs={})),
    lambda content: _rezipped(content, case_json=None),
    lambda content: _rezipped(content, case_json=b"{}"),
    lambda content: _rezipped(content, case_json=b"{ }"),
    lambda content: _rezipped(content, case_json=b"\xff"),
    lambda content: _rezipped(content, case_json=canonical.encode({"at": "now"})),
]


@pytest.mark.parametrize("spoil", UNREADABLE)
def test_what_cannot_be_read_is_unusable(
    spoil: Callable[[bytes], bytes], kept: Border, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    content = spoil(encoded(case_of(kept)))
    with pytest.raises(Refusal):
        case.parse(content)
    path = written(content, tmp_path)
    assert verifying.verify([path], Trust()).verdict is Verdict.UNUSABLE
    assert second_opinion(str(path), capsys=capsys) == ("UNUSABLE", 2)


def test_two_members_of_one_name_are_no_case(kept: Border) -> None:
    held = BytesIO(encoded(case_of(kept)))
    with zipfile.ZipFile(held, "a") as zipped, pytest.warns(UserWarning, match="Duplicate"):
        zipped.writestr(case.SAID, b"{}")
    with pytest.raises(Refusal, match=r"case\.malformed"):
        case.parse(held.getvalue())


def test_it_lets_nobody_unpack_more_than_it_may_hold(kept: Border, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(case, "MOST_BYTES", 1_000)
    with pytest.raises(Refusal, match=r"export\.file-too-large"):
        case.parse(encoded(case_of(kept)))


def test_two_cases_of_one_incident_contradict_each_other_in_nothing(kept: Border) -> None:
    ours, theirs = case_of(kept), case_of(kept, disclosed=False)
    theirs = replace(theirs, said=Said(law=ours.said.law, at="2025-08-13T00:00:00Z", by="SA", incident="NA 3-4"))
    del theirs.proofs["SA-all-1-3.tlog-proof"]  # type: ignore[attr-defined]  # a dictionary here
    found = comparing.compare_cases(ours, theirs)
    assert found.contradictions == ()
    last = len(kept.north.entries) - 1
    assert "SA-all-1-3.tlog-proof: only in A" in found.differences
    assert f"NA-all-1-{last}.tlog-proof: part 1 only in A" in found.differences
    assert "by: NA and SA" in found.differences


def test_an_older_head_of_the_same_log_is_a_difference_and_no_contradiction(kept: Border) -> None:
    ours, name = case_of(kept), "NA-all-1-2.tlog-proof"
    theirs = replace(ours, proofs={**ours.proofs, name: proof_of(kept.north, 2, size=5)})
    found = comparing.compare_cases(ours, theirs)
    assert found.contradictions == ()
    assert f"{kept.north.origin}: heads of {len(kept.north.entries)} and of 5 entries" in found.differences


def test_two_histories_and_two_laws_are_contradictions(kept: Border) -> None:
    other = border.opened(kept.sealed)
    for _ in range(len(kept.north.entries) - 2):
        other.north.notice("incident", {"place": "S1", "cause": "flood"})
    name = "NA-all-1-2.tlog-proof"
    ours = case_of(kept)
    theirs = Case(Said(law="0" * 64), ours.instrument, {**ours.proofs, name: proof_of(other.north, 2)})
    found = comparing.compare_cases(ours, theirs).contradictions
    assert f"{name}: two entries" in found
    assert f"{kept.north.origin}: two roots at {len(kept.north.entries)}" in found
    assert any(line.startswith("two laws") for line in found)

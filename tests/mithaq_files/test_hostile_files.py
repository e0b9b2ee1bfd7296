"""Files from strangers: any damage to any file of an export or an instrument has a verdict, never a traceback."""

import shutil
import tracemalloc
import zipfile
from functools import cache
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mithaq.instrument.compiling import check
from mithaq_files import instrument, verifying
from mithaq_files.trust import Trust
from mithaq_files.verdict import Verdict
from tests.mithaq_files import border, damage, test_case, test_evidence, test_fork_file
from tests.mithaq_files.test_verifying import second_opinion
from tests.strategies import damaged

EXPORT = Path(__file__).parents[1] / "golden" / "export"
FOLDER = Path(__file__).parents[2] / "instruments" / "meadow-river-2030"
ANYWHERE = settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
SPOKEN = {"DEMONSTRATION.txt"}
"""What no signature covers: it is for people to read. Signatures may be fewer or twice, and `keys` lack a name."""


@ANYWHERE
@given(
    name=st.sampled_from(sorted(str(path.relative_to(EXPORT)) for path in EXPORT.rglob("*") if path.is_file())),
    data=st.data(),
)
def test_any_damage_to_any_file_of_an_export_has_a_verdict(
    name: str, data: st.DataObject, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "export"
    shutil.copytree(EXPORT, out)
    try:
        good = (out / name).read_bytes()
        (out / name).write_bytes(found := data.draw(damaged(good)))
        verdict = verifying.verify([out], Trust()).verdict
        second, status = second_opinion(str(out), capsys=capsys)
    finally:
        shutil.rmtree(out)
    assert second == verdict.name
    assert status == {"GENUINE": 0, "INTACT": 0, "BROKEN": 1, "UNUSABLE": 2}[second]
    if found != good and name not in SPOKEN and not name.endswith(("/keys", "/checkpoint", ".note")):
        assert verdict in (Verdict.BROKEN, Verdict.UNUSABLE)


FILES = instrument.read_folder(FOLDER)


@settings(max_examples=60)
@given(name=st.sampled_from(sorted(FILES)), data=st.data())
def test_any_damage_to_any_file_of_an_instrument_is_a_finding_with_its_file(name: str, data: st.DataObject) -> None:
    found = data.draw(damaged(FILES[name]))
    for finding in check({**FILES, name: found}, instrument.library()):
        assert finding.file
        assert finding.code.count(".") == 1


def _case() -> bytes:
    kept = border.told(border.seal(border.law()))
    kept.north.notice("incident", {"place": "S1", "cause": "fire", "remark": test_case.REMARK})
    return test_case.encoded(test_case.case_of(kept))


@cache
def single_files() -> dict[str, bytes]:
    """A good file of each form that is one file."""
    kept = damage.told()
    return {
        "case": _case(),
        "evidence": test_fork_file.shown_by(kept).encode(),
        "proof": test_evidence.proof_of(kept, test_evidence.evidence_of(kept)).encode(),
    }


@pytest.mark.parametrize("form", ["case", "evidence", "proof"])
@ANYWHERE
@given(data=st.data())
def test_any_damage_to_a_file_has_a_verdict_from_both(
    form: str, data: st.DataObject, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Of what nobody signed, the standalone verifier reads only what it compares: it lets another spelling be."""
    path = tmp_path / "file"
    path.write_bytes(data.draw(damaged(single_files()[form])))
    verdict = verifying.verify([path], Trust()).verdict
    second, _ = second_opinion(str(path), capsys=capsys)
    assert second in Verdict.__members__
    assert form != "case" or second == verdict.name


def test_a_case_with_any_byte_changed_has_the_same_verdict_from_both(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A changed byte can end within what is compressed, where the decompressor itself gives up."""
    path, good = tmp_path / "file", single_files()["case"]
    for at in range(0, len(good), 211):
        path.write_bytes(good[:at] + bytes([good[at] ^ 0x55]) + good[at + 1 :])
        verdict = verifying.verify([path], Trust()).verdict
        assert second_opinion(str(path), capsys=capsys)[0] == verdict.name, at


def test_a_bomb_in_a_case_is_not_unpacked(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "file"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as zipped, zipped.open("proofs/big", "w") as member:
        for _ in range(300):
            member.write(bytes(1 << 20))
    assert path.stat().st_size < 1 << 20
    tracemalloc.start()
    try:
        assert verifying.verify([path], Trust()).verdict is Verdict.UNUSABLE
        assert second_opinion(str(path), capsys=capsys) == ("UNUSABLE", 2)
        assert tracemalloc.get_traced_memory()[1] < 8_000_000
    finally:
        tracemalloc.stop()

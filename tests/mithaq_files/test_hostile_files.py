"""Files from strangers: any damage to any file of an export or an instrument has a verdict, never a traceback."""

import shutil
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mithaq.instrument.compiling import check
from mithaq_files import instrument, verifying
from mithaq_files.trust import Trust
from mithaq_files.verdict import Verdict
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

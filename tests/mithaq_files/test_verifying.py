"""Verification from outside: what each damage is called, what is trusted, and that the second verifier agrees."""

import importlib.util
import io
import json
import re
import shutil
import subprocess
import sys
from contextlib import redirect_stdout
from pathlib import Path
from types import ModuleType

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mithaq.errors import Refusal
from mithaq.instrument import sealing
from mithaq.notices import restraint
from mithaq.notices.envelope import Agreement, Erased, Kept
from mithaq.notices.fields import TYPES
from mithaq.record import note
from mithaq_cli.verify import as_document, as_text
from mithaq_files import trust, verifying
from mithaq_files.trust import Trust
from mithaq_files.verdict import Report, Verdict
from tests.mithaq_files import border, damage
from tests.mithaq_files.damage import CASES, Case

ROOT = Path(__file__).parents[2]
STANDALONE = ROOT / "tools" / "verify.py"


def verify(path: Path, named: Trust = Trust()) -> Report:
    return verifying.verify([path], named)


def second_opinion(*arguments: str, capsys: pytest.CaptureFixture[str]) -> tuple[str, int]:
    """What tools/verify.py says, run afresh in this process: the verdict and the exit status."""
    capsys.readouterr()
    status = int(standalone().main(list(arguments)))
    return capsys.readouterr().out.split("\n")[0], status


def standalone() -> ModuleType:
    """tools/verify.py, loaded afresh."""
    spec = importlib.util.spec_from_file_location("standalone_verify", STANDALONE)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_each_damage_is_called_by_its_name_by_both_verifiers(
    case: Case, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = case.make(tmp_path / "export")
    report = verify(path)
    (subject,) = report.subjects
    assert report.verdict == case.verdict, subject
    first = subject.breaks[0] if subject.breaks else None
    if case.entry is not None:
        assert first is not None
        assert (first.log, first.entry, first.until) == case.entry
    if case.code:
        assert (first.refusal if first else subject.reason or Refusal("")).code == case.code
    assert second_opinion(str(path), capsys=capsys) == (case.verdict, report.verdict.exit_code)


@pytest.fixture
def good(tmp_path: Path) -> Path:
    return damage.told().write(tmp_path / "good")


def roots_file(folder: Path, *vkeys: str) -> Path:
    path = folder / "roots"
    path.write_text("".join(f"{vkey}\n" for vkey in vkeys))
    return path


NORTH_ROOTS, SOUTH_ROOTS = border.root_keys("NA"), border.root_keys("SA")
STRANGE = note.Verifier("north.example/root/9", note.ED25519, border.private("stranger").public).vkey()


@pytest.mark.parametrize(
    "named, genuine",
    [
        ([*NORTH_ROOTS, *SOUTH_ROOTS], True),
        ([*NORTH_ROOTS[:2], *SOUTH_ROOTS[:2]], True),
        ([NORTH_ROOTS[0], SOUTH_ROOTS[0]], True),
        (NORTH_ROOTS, False),
        ([NORTH_ROOTS[2], *SOUTH_ROOTS], False),
        ([NORTH_ROOTS[0], STRANGE, *SOUTH_ROOTS], False),
        ([STRANGE], False),
    ],
    ids=[
        "all",
        "those that sealed",
        "one each",
        "of one party",
        "one that did not seal",
        "half strangers",
        "strangers",
    ],
)
def test_it_is_genuine_only_under_the_keys_that_were_named(
    good: Path, tmp_path: Path, named: list[str], genuine: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    path = roots_file(tmp_path, *named)
    report = verify(good, trust.read(str(path)))
    assert (report.verdict, report.trusted) == (Verdict.GENUINE if genuine else Verdict.INTACT, genuine)
    assert second_opinion(str(good), "--trust", str(path), capsys=capsys)[0] == report.verdict


def test_a_law_of_the_thief_of_one_root_key_is_not_genuine(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """He writes a law in which his one key is enough; the verifier named three."""
    original = border.law()
    parties = [msgspec.structs.replace(party, threshold=1) for party in original.parties]
    forged = border.told(border.seal(msgspec.structs.replace(original, parties=parties), (0,)))
    out = forged.write(tmp_path / "forged")
    path = roots_file(tmp_path, *NORTH_ROOTS, *SOUTH_ROOTS)
    assert verify(out, trust.read(str(path))).verdict is Verdict.INTACT
    assert second_opinion(str(out), "--trust", str(path), capsys=capsys) == ("INTACT", 0)


@pytest.mark.parametrize("how", ["whole digest", "32 digits", "fingerprint", "fingerprint without spaces"])
def test_it_is_genuine_under_the_law_that_was_named(good: Path, how: str, capsys: pytest.CaptureFixture[str]) -> None:
    law = (good / "instrument/law.json").read_bytes()
    named = {
        "whole digest": sealing.digest(law),
        "32 digits": sealing.digest(law)[:32],
        "fingerprint": sealing.fingerprint(law),
        "fingerprint without spaces": sealing.fingerprint(law).replace(" ", ""),
    }[how]
    assert verify(good, trust.read(named)).verdict is Verdict.GENUINE
    assert second_opinion(str(good), "--trust", named, capsys=capsys) == ("GENUINE", 0)
    other = named[:-1] + ("1" if named[-1] == "0" else "0")
    assert verify(good, trust.read(other)).verdict is Verdict.INTACT
    assert second_opinion(str(good), "--trust", other, capsys=capsys) == ("INTACT", 0)


@pytest.mark.parametrize("named", ["0" * 31, "nothing", "0" * 65, "g" * 32])
def test_it_refuses_to_trust_what_names_nothing(named: str) -> None:
    with pytest.raises(Refusal, match=r"verify\.bad-trust"):
        trust.read(named)


def test_it_lists_what_does_not_conform_without_calling_the_record_broken(tmp_path: Path) -> None:
    kept = damage.told()
    damage.forged_officer(kept)
    report = verify(kept.write(tmp_path / "export"))
    told = as_document(report)["paths"][0]["nonconforming"]
    assert ["NA 10-9", "leaf.bad-signature"] in told
    said = [line for line in as_text(report).splitlines() if "does not conform" in line]
    assert len(said) == len(told)
    assert not any("?" in line for line in said)


def kept_over(out: Path, *stays: Kept) -> Path:
    """An export whose last notice of the north says what was kept of its text."""
    kept = damage.told()
    remark = {"lang": "fa", "text": "example"}
    kept.north.notice("incident", {"place": "S1", "cause": "fire", "remark": remark}, kept=stays)
    return kept.write(out)


def test_both_verifiers_take_what_was_kept_and_the_first_tells_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    stays = [Kept(finding="text.long-number", reason="quantity", n=2), Kept(finding="text.name", reason="place", n=1)]
    out = kept_over(tmp_path / "export", *stays)
    (subject,) = verify(out).subjects
    assert (subject.verdict, subject.nonconforming) == (Verdict.INTACT, ())
    assert [each[1:] for each in subject.kept] == [("text.long-number", "quantity", 2), ("text.name", "place", 1)]
    assert {each[0][:2] for each in subject.kept} == {"NA"}
    assert second_opinion(str(out), capsys=capsys) == ("INTACT", 0)


@pytest.mark.parametrize(
    ("stays", "code"),
    [
        (Kept(finding="text.name", reason="because", n=1), "leaf.kept-unknown"),
        (Kept(finding="text.hunch", reason="place", n=1), "leaf.kept-unknown"),
        (Kept(finding="text.name", reason="place", n=21), "leaf.kept-wrong-form"),
    ],
)
def test_a_reason_beyond_the_list_does_not_conform_and_breaks_nothing(
    stays: Kept, code: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = kept_over(tmp_path / "export", stays)
    (subject,) = verify(out).subjects
    assert (subject.verdict, subject.kept) == (Verdict.INTACT, ())
    assert [found.code for _, found in subject.nonconforming] == [code]
    assert second_opinion(str(out), capsys=capsys) == ("INTACT", 0)


def test_it_computes_the_digest_that_an_agreement_states(tmp_path: Path) -> None:
    kept = damage.told()
    cut = sorted({kept.north.origin: 5, kept.south.origin: 4}.items())
    kept.south.machine("agreement", agreement=Agreement(cut=cut, digest="0" * 64, rules=1))
    (subject,) = verify(kept.write(tmp_path / "export")).subjects
    assert [(each.number[:2], each.holds) for each in subject.agreements] == [("NA", True), ("SA", False)]
    assert subject.verdict is Verdict.INTACT


def test_it_tells_what_was_erased_and_whether_too_early_and_breaks_nothing_for_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    kept = damage.told()
    remark = {"lang": "en", "text": "example"}
    size = kept.north.notice("incident", {"place": "S1", "cause": "fire", "remark": remark}) + 1
    kept.south.receipt(kept.north)
    erased = [Erased(retention="text", log=kept.north.origin, size=size)]
    kept.south.machine("erased", erased=erased)
    out = kept.write(tmp_path / "export")
    (subject,) = verify(out).subjects
    assert [(each.log, each.size, each.early) for each in subject.erasures] == [(kept.north.origin, size, True)]
    assert (subject.nonconforming, subject.verdict) == ((), Verdict.INTACT)
    assert second_opinion(str(out), capsys=capsys) == ("INTACT", 0)


def test_two_exports_that_hold_one_log_differently_are_broken(
    good: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    sealed = border.seal(border.law())
    other = border.opened(sealed)
    for content in ({"place": "S1", "cause": "flood"}, {"place": "S1", "cause": "fire"}):
        other.north.notice("incident", content)
    second = other.write(tmp_path / "second")
    assert verify(second).verdict is Verdict.INTACT
    report = verifying.verify([good, second], Trust())
    assert report.verdict is Verdict.BROKEN
    assert report.subjects[-1].breaks[0].entry == 2
    assert second_opinion(str(good), str(second), capsys=capsys) == ("BROKEN", 1)


def test_the_worst_of_several_paths_counts(good: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    missing = tmp_path / "missing"
    assert verifying.verify([good, missing], Trust()).verdict is Verdict.UNUSABLE
    assert second_opinion(str(good), str(missing), capsys=capsys) == ("UNUSABLE", 2)


COVERED = ["tile/entries/000.p/9", "tile/0/000.p/9", "facts/000.p/9", "checkpoint", "keys"]


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return damage.told().write(tmp_path_factory.mktemp("template") / "good")


@settings(max_examples=60)
@given(data=st.data())
def test_no_altered_byte_goes_unnoticed(
    template: Path, data: st.DataObject, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Except in the name or key ID of a cosignature: that only makes it a line of someone unknown."""
    folder = tmp_path_factory.mktemp("flip") / "export"
    shutil.copytree(template, folder)
    path = folder / "NA-all-1" / data.draw(st.sampled_from(COVERED))
    content = bytearray(path.read_bytes())
    at = data.draw(st.integers(0, len(content) - 1))
    content[at] ^= 1 << data.draw(st.integers(0, 7))
    path.write_bytes(content)
    verdict = verify(folder).verdict
    if path.name == "checkpoint" and at >= bytes(content).rindex("—".encode()[:1]):
        assert verdict in (Verdict.BROKEN, Verdict.INTACT)
    else:
        assert verdict is Verdict.BROKEN
    with redirect_stdout(io.StringIO()) as said:
        standalone().main([str(folder)])
    assert said.getvalue().split("\n", 1)[0] == verdict


def test_the_fences_are_the_same_in_the_program_the_specification_and_the_second_verifier() -> None:
    second = standalone()
    assert second.FORBIDDEN == restraint.FORBIDDEN
    assert set(TYPES) == second.TYPES
    page = (ROOT / "docs/spec/export.md").read_text("utf-8")
    rule = page.split("\n2. ")[1].split("\n   A law with a `suspension`")[0]
    assert set(re.findall(r"`([a-z]+)`", rule)) == restraint.FORBIDDEN | set(TYPES)


def test_the_second_verifier_is_one_file_that_knows_nothing_of_the_first(good: Path) -> None:
    source = STANDALONE.read_text()
    assert len(source.splitlines()) <= 300
    assert "mithaq_" not in source
    assert "import mithaq" not in source
    assert "from mithaq" not in source
    alone = subprocess.run(
        [sys.executable, "-P", STANDALONE, good, "--json"], capture_output=True, cwd="/", env={}, check=True
    )
    document = json.loads(alone.stdout)
    assert (document["verdict"], document["trusted"]) == ("INTACT", False)

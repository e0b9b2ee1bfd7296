"""`mithaq instrument`: from a folder that people write to one that both parties have sealed."""

import json
import shutil
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from mithaq.record.note import COSIGNATURE, Verifier
from mithaq_cli.main import app
from mithaq_files.instrument import write_sealed
from tests.mithaq.instrument.folders import FICTIONAL, INSTRUMENTS, REAL
from tests.mithaq_cli.typed import typed
from tests.mithaq_node import meadow, neighbours
from tests.papers import Paper

PERSON_WANTED = """\
name: person.wanted
version: 1
role: opens
facets: []
release: two
precedence: priority
refers: []
fields:
  - {name: family_name, type: name, part: facts, required: true}
"""


@pytest.fixture
def run(monkeypatch):
    """Run a command and give its result; the shell speaks English."""
    monkeypatch.setenv("LC_ALL", "en_GB.UTF-8")
    return lambda *arguments: CliRunner().invoke(app, ["instrument", *map(str, arguments)])


@pytest.fixture
def written(tmp_path):
    """A copy of the fictional instrument to change and seal."""
    return shutil.copytree(INSTRUMENTS / FICTIONAL, tmp_path / "written")


def with_roots(run: Callable[..., Any], written: Path, tmp_path: Path) -> None:
    for party in ("ML", "RL"):
        made = run("roots", written, "--party", party, "--keys", tmp_path / party)
        assert made.exit_code == 0, made.output


@pytest.mark.parametrize("name", [FICTIONAL, REAL])
def test_the_shipped_instruments_check_clean(run, name):
    result = run("check", INSTRUMENTS / name, "--json")
    assert result.exit_code == 0
    assert json.loads(result.stdout) == {"findings": [], "ok": True}


def test_check_names_file_path_and_reason_on_stderr_and_exits_1(run, written):
    main = written / "instrument.yaml"
    main.write_text(main.read_text("utf-8").replace("minutes: 2880", "minutes: 0"), "utf-8")
    result = run("check", written)
    assert result.exit_code == 1
    assert result.stdout == ""
    assert "instrument.yaml: clocks[0].minutes: instrument.too-small: 0 is less than 1." in result.stderr
    (finding,) = json.loads(run("check", written, "--json").stdout)["findings"]
    assert (finding["file"], finding["path"]) == ("instrument.yaml", "clocks[0].minutes")
    assert finding["reason"] == "0 is less than 1."


def test_a_finding_is_said_in_the_language_of_the_shell(run, written, monkeypatch):
    main = written / "instrument.yaml"
    main.write_text(main.read_text("utf-8").replace("minutes: 2880", "minutes: 0"), "utf-8")
    monkeypatch.setenv("LC_ALL", "fa_IR.UTF-8")
    assert "0 از 1 کمتر است." in run("check", written).stderr


def test_a_kind_that_seeks_a_person_is_refused_by_check_and_cannot_be_sealed(run, written, tmp_path):
    with_roots(run, written, tmp_path)
    kind = written / "kinds" / "person.wanted"
    kind.mkdir(parents=True)
    texts = "{ar: x, fa: x, ckb: x, en: x}"
    (kind / "kind.yaml").write_text(PERSON_WANTED, "utf-8")
    (kind / "words.yaml").write_text(
        f"title: {texts}\nhint: {texts}\nfields:\n  family_name:\n    label: {texts}\n    hint: {texts}\n", "utf-8"
    )
    (kind / "symbol.svg").write_text('<svg viewBox="0 0 24 24"><path d="M4 4h16v16H4z"/></svg>', "utf-8")
    main = written / "instrument.yaml"
    listed = main.read_text("utf-8").replace("kinds:\n", "kinds:\n  - {name: person.wanted, mark: example}\n", 1)
    main.write_text(listed, "utf-8")
    result = run("check", written, "--json")
    assert result.exit_code == 1
    found = {(each["file"], each["code"]) for each in json.loads(result.stdout)["findings"]}
    assert {file for file, _ in found} == {"kinds/person.wanted/kind.yaml"}
    assert len({code for _, code in found}) >= 2  # its name, and the type of its field
    sealed = run("seal", written, "--root", tmp_path / "ML" / "root-1.key", "--out", tmp_path / "out")
    assert sealed.exit_code == 2
    assert sealed.stderr.startswith("instrument.faulty:")
    assert not (tmp_path / "out").exists()


def test_it_comes_into_force_when_the_second_party_seals(run, written, tmp_path):
    with_roots(run, written, tmp_path)
    out = tmp_path / "out"
    first = run("seal", written, "--root", tmp_path / "ML" / "root-1.key", "--out", out, "--json")
    assert json.loads(first.stdout)["sealed_by"] == ["ML"]
    half = run("verify", out, "--json")
    assert half.exit_code == 1
    assert json.loads(half.stdout)["code"] == "instrument.not-sealed"
    assert "instrument.not-sealed" in half.stderr
    second = run("seal", out, "--root", tmp_path / "RL" / "root-1.key", "--json")
    assert json.loads(second.stdout)["in_force"] is True
    whole = run("verify", out, "--json")
    assert whole.exit_code == 0
    values = json.loads(whole.stdout)
    assert values["code"] == "ok"
    assert values["sealed_by"] == ["ML", "RL"]
    assert json.loads(run("show", out, "--json").stdout)["fingerprint"] == values["fingerprint"]


def test_an_exercise_is_made_of_a_sealed_instrument_and_sealed_by_both_again(run, written, tmp_path):
    with_roots(run, written, tmp_path)
    real, out = tmp_path / "real", tmp_path / "exercise"
    for target in (("--out", real), ()):
        party = "ML" if target else "RL"
        run("seal", written if target else real, "--root", tmp_path / party / "root-1.key", *target)
    assert run("verify", real).exit_code == 0
    made = run("exercise", real, "--out", out, "--json")
    assert (made.exit_code, json.loads(made.stdout)["exercise"]) == (0, True)
    assert run("verify", out).exit_code == 1
    for party in ("ML", "RL"):
        assert run("seal", out, "--root", tmp_path / party / "root-1.key").exit_code == 0
    assert run("verify", out).exit_code == 0
    shown = run("show", out)
    assert "exercise" in shown.stdout.splitlines()[1]
    again = run("exercise", out, "--out", tmp_path / "twice")
    assert (again.exit_code, again.stderr.split(":")[0]) == (2, "instrument.exercise-already")
    taken = run("exercise", real, "--out", out)
    assert (taken.exit_code, taken.stderr.split(":")[0]) == (2, "instrument.another-in-folder")


def test_an_instrument_whose_term_is_over_is_not_in_force_whoever_has_sealed_it(run, written, tmp_path):
    main = written / "instrument.yaml"
    main.write_text(main.read_text() + "until: 2020-12-31\n")
    with_roots(run, written, tmp_path)
    run("seal", written, "--root", tmp_path / "ML/root-1.key", "--out", tmp_path / "sealed")
    done = run("seal", tmp_path / "sealed", "--root", tmp_path / "RL/root-1.key")
    assert "sealed by ML, RL: not in force" in done.stdout
    checked = run("verify", tmp_path / "sealed")
    assert (checked.exit_code, checked.stderr.split(":")[0]) == (1, "instrument.expired")
    assert "sealed by ML, RL: not in force" in checked.stdout
    assert json.loads(run("verify", tmp_path / "sealed", "--json").stdout)["in_force"] is False


def test_both_parties_compile_the_same_law_from_their_own_copies(run, written, tmp_path):
    with_roots(run, written, tmp_path)
    theirs = shutil.copytree(written, tmp_path / "theirs")
    ours, other = (json.loads(run("show", folder, "--json").stdout) for folder in (written, theirs))
    assert ours == other


def test_a_changed_byte_of_a_sealed_law_is_refused(run, written, tmp_path):
    with_roots(run, written, tmp_path)
    out = tmp_path / "out"
    run("seal", written, "--root", tmp_path / "ML" / "root-1.key", "--out", out)
    law = out / "law.json"
    law.write_bytes(law.read_bytes().replace(b'"minutes":2880', b'"minutes":2881'))
    result = run("verify", out)
    assert result.exit_code == 2
    assert result.stderr.startswith("instrument.seal-of-another:")


def test_mended_words_need_new_seals_and_leave_the_law_sealed(run, written, tmp_path):
    with_roots(run, written, tmp_path)
    out = tmp_path / "out"
    for party in ("ML", "RL"):
        run("seal", written, "--root", tmp_path / party / "root-1.key", "--out", out)
    words = written / "words.yaml"
    words.write_text(words.read_text("utf-8").replace("en: Flash", "en: Lightning"), "utf-8")
    differing = run("diff", out, written, "--json")
    assert differing.exit_code == 1
    assert json.loads(differing.stdout)["law"] == []
    once = json.loads(run("seal", written, "--root", tmp_path / "ML" / "root-1.key", "--out", out, "--json").stdout)
    assert once["sealed_by"] == ["ML"]
    assert json.loads(run("seal", out, "--root", tmp_path / "RL" / "root-1.key", "--json").stdout)["in_force"] is True


def test_a_folder_of_another_instrument_is_not_overwritten(run, written, tmp_path):
    with_roots(run, written, tmp_path)
    out, key = tmp_path / "out", tmp_path / "ML" / "root-1.key"
    run("seal", written, "--root", key, "--out", out)
    before = (out / "law.json").read_bytes()
    main = written / "instrument.yaml"
    main.write_text(main.read_text("utf-8").replace("version: 1\n", "version: 2\n", 1), "utf-8")
    result = run("seal", written, "--root", key, "--out", out)
    assert result.exit_code == 2
    assert result.stderr.startswith("instrument.another-in-folder:")
    assert (out / "law.json").read_bytes() == before


def test_root_keys_are_for_their_owner_alone_and_never_replaced(run, written, tmp_path):
    with_roots(run, written, tmp_path)
    key = tmp_path / "ML" / "root-1.key"
    assert stat.S_IMODE(key.stat().st_mode) == 0o600
    before = key.read_bytes()
    again = run("roots", written, "--party", "ML", "--keys", tmp_path / "ML")
    assert again.exit_code == 2
    assert again.stderr.startswith("root.exists:")
    assert key.read_bytes() == before
    assert run("roots", written, "--party", "XX", "--keys", tmp_path / "XX").exit_code == 2


def test_a_new_instrument_checks_clean_and_differs_only_in_its_name(run, tmp_path):
    made = run("new", tmp_path / "new", "--id", "hill-valley-2031")
    assert made.exit_code == 0
    assert run("check", tmp_path / "new").exit_code == 0
    differing = run("diff", tmp_path / "new", INSTRUMENTS / FICTIONAL)
    assert differing.stdout == "law: id: [-hill-valley-2031-] {+meadow-river-2030+}\n"
    assert run("new", tmp_path / "new", "--id", "other").exit_code == 2
    assert run("new", tmp_path / "else", "--id", "No Spaces").exit_code == 2


def test_nothing_differs_between_an_instrument_and_itself(run):
    result = run("diff", INSTRUMENTS / REAL, INSTRUMENTS / REAL)
    assert (result.exit_code, result.stdout) == (0, "nothing differs\n")


@pytest.mark.parametrize("command", ["check", "show", "verify"])
def test_a_folder_that_is_not_there_is_refused(run, tmp_path, command):
    result = run(command, tmp_path / "nowhere")
    assert result.exit_code == 2
    assert result.stderr.startswith("instrument.")


@pytest.mark.runs("docs/how-to/write-an-instrument.md")
def test_every_command_of_the_how_to_page_does_what_it_says(paper: Paper, tmp_path, monkeypatch):
    monkeypatch.setenv("LC_ALL", "en_GB.UTF-8")
    monkeypatch.chdir(tmp_path)
    said = [typed(command) for command in paper.commands()]
    assert len(said) >= 9
    assert "in force" in said[-1]


def test_show_names_the_smaller_audiences_and_the_observers(run: Callable[..., Any], tmp_path: Path) -> None:
    name, key = meadow.root("observer")
    vkey = Verifier(name, COSIGNATURE, key.public).vkey()
    write_sealed(tmp_path / "sealed", neighbours.sealed(vkey))
    shown = json.loads(run("show", tmp_path / "sealed", "--json").stdout)
    assert shown["audiences"]["uplands"] == ["ML", "HL"]
    assert shown["observers"] == {neighbours.OBSERVER: vkey}
    assert f"observer {neighbours.OBSERVER}: {name}" in run("show", tmp_path / "sealed").stdout

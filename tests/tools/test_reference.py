"""The reference of an operator says what the program says."""

import re
from pathlib import Path

import pytest

from mithaq.errors import Refusal
from mithaq_cli.main import COMMANDS
from mithaq_files.refusals import sentences
from mithaq_node.settings import node as settings
from tools import reference

SOURCES = reference.ROOT / "src"


def test_the_pages_say_what_the_program_says() -> None:
    assert reference.main(["check"]) == 0


def test_a_page_that_says_something_else_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys) -> None:
    monkeypatch.setattr(reference, "FOLDER", tmp_path / "reference")
    assert reference.main(["check"]) == 1
    assert reference.main(["write"]) == 0
    assert reference.main(["check"]) == 0
    (tmp_path / "reference" / "settings.md").write_text("old", "utf-8")
    assert reference.main(["check"]) == 1
    assert capsys.readouterr().out.endswith("settings.md: not as the program says\n")
    assert reference.main(["read"]) == 2


def test_every_line_that_the_file_may_hold_is_said_and_no_other() -> None:
    page = reference.settings_page()
    said = set(re.findall(r"^\| `([a-z_]+)` \|", page.partition("## `[[peers]]`")[0], re.MULTILINE))
    taken = {name for name in said | {"folder", "engine"} if not _is_unknown(name)}
    assert said == taken
    assert {f"[[{name}]]" in page or f"[{name}]" in page for name in reference.TABLES} == {True}


def _is_unknown(name: str) -> bool:
    try:
        settings.parse(Path("/srv/mithaq"), {"party": "ML", "fence": "fence", name: object()})
    except Refusal as refusal:
        return refusal.code == "settings.unknown"
    return False


def test_what_is_said_of_a_line_that_is_left_out_is_what_is_read() -> None:
    page = reference.settings_page()
    assert "| `idle_minutes` | whole number | `480` |" in page
    assert "| `metrics` | list of addresses or networks | none |" in page
    assert "| `body_keys` | folder or file | `fence/body-keys` |" in page


def test_every_variable_that_the_program_reads_is_said() -> None:
    page = reference.settings_page()
    read = {each for file in SOURCES.rglob("*.py") for each in re.findall(r"MITHAQ_[A-Z_]+", file.read_text("utf-8"))}
    assert len(read) > 8
    assert {each for each in read if f"`{each}`" not in page} == reference.ITS_OWN


def test_every_command_and_every_code_has_its_place() -> None:
    commands, refusals = reference.commands_page(), reference.refusals_page()
    assert [name for name in COMMANDS if f"### `mithaq {name}" not in commands] == []
    assert "### `mithaq keys root new`" in commands
    assert [code for code in sentences() if f"| `{code}` |" not in refusals] == []

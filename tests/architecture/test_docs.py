"""What the papers promise is there: their links lead somewhere, and what they show in blocks is run by a test."""

import ast
import re
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import typer

from mithaq_cli.main import app
from mithaq_node.wiring.findings import FINDINGS
from tests import papers

ROOT = Path(__file__).resolve().parents[2]
PAPERS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
_LINK = re.compile(r"\]\(([^)#\s]+)(?:#[^)]*)?\)")


def _named(path: Path) -> str:
    return str(path.relative_to(ROOT))


@pytest.mark.parametrize("paper", PAPERS, ids=_named)
def test_every_link_between_papers_leads_somewhere(paper: Path):
    targets = [link for link in _LINK.findall(paper.read_text("utf-8")) if "://" not in link]
    assert [link for link in targets if not (paper.parent / link).exists()] == []


@pytest.mark.parametrize("folder", ["tutorial", "how-to", "reference", "analysis", "for-officers"])
def test_every_page_for_readers_stands_in_the_index(folder: str):
    index = ROOT / "docs" / "README.md"
    linked = {(index.parent / link).resolve() for link in _LINK.findall(index.read_text("utf-8"))}
    pages = set((index.parent / folder).glob("*.md"))
    assert pages
    assert pages - linked == set()


def _marks() -> list[tuple[str, tuple[str, ...]]]:
    """The test and what it names, of every mark `runs` in the tests; read without importing any."""
    found = []
    for path in (ROOT / "tests").rglob("test_*.py"):
        text = path.read_text("utf-8")
        functions = ast.walk(ast.parse(text)) if "mark.runs(" in text else ()
        for function in functions:
            if isinstance(function, ast.FunctionDef):
                for mark in function.decorator_list:
                    if isinstance(mark, ast.Call) and ast.unparse(mark.func) == "pytest.mark.runs":
                        assert "paper" in {each.arg for each in function.args.args}, f"{path}: {function.name}"
                        said = tuple(ast.literal_eval(each) for each in mark.args)
                        found.append((f"{path.relative_to(ROOT)}::{function.name}", said))
    return found


def test_every_block_that_a_paper_shows_is_run_by_a_test():
    run = {block for _, said in _marks() for block in papers.named(*said)}
    shown = [block for page in papers.papers() for block in papers.blocks(page)]
    assert len(shown) > 80
    assert [str(block) for block in shown if block not in run] == []


def test_no_paper_hides_a_command_in_lines_that_are_only_indented():
    programs = {papers.words(command)[0] for page in papers.papers() for block in papers.blocks(page)
                if block.language in ("console", "sh") for command in papers.split(block.text)}  # fmt: skip
    assert {"mithaq", "./run", "curl", "python"} <= programs
    hidden = [
        f"{page}: {line}"
        for page in papers.papers()
        for line in papers.indented(page)
        if line.split()[0] in (programs | {"$"}) and not page.startswith("docs/evidence/")
    ]
    assert hidden == []


_INLINE = re.compile(r"`(mithaq [^`]+)`")


@pytest.mark.parametrize("page", papers.papers())
def test_every_command_that_is_named_in_a_sentence_is_known_with_its_options(page: str):
    text = re.sub(r"^ *```.*?^ *```", "", (ROOT / page).read_text("utf-8"), flags=re.MULTILINE | re.DOTALL)
    unknown = []
    for command in _INLINE.findall(text):
        words = command.split()[1:]
        plain: list[str] = []
        while words and re.fullmatch("[a-z]+(-[a-z]+)*", words[0]) and words[0] in _subcommands(tuple(plain)):
            plain.append(words.pop(0))
        wrong = bool(words and _subcommands(tuple(plain)) and not words[0].startswith("-"))
        wrong |= not set(re.findall(r"(?<!\S)--[a-z-]+", command)) <= _options(tuple(plain))
        if wrong:
            unknown.append(command)
    assert unknown == []


@pytest.mark.parametrize("page", papers.papers())
def test_every_finding_variable_and_file_that_is_named_is_there(page: str):
    text = (ROOT / page).read_text("utf-8")
    findings = {f"mithaq.{each}" for each in re.findall(r"`(?:mithaq\.)?([EW]\d{3})`", text)}
    assert findings <= set(FINDINGS)
    assert set(re.findall(r"`(MITHAQ_[A-Z_]+)`", text)) <= _variables()
    folders = "src|tests|tools|docs|benchmarks|conformance|deployment|instruments"
    files = re.findall(rf"`((?:{folders})/[\w./-]+)`", text)
    assert page == "CHANGELOG.md" or [each for each in files if not (ROOT / each).exists()] == []


@cache
def _variables() -> frozenset[str]:
    sources = (ROOT / "src").rglob("*.py")
    return frozenset(each for file in sources for each in re.findall("MITHAQ_[A-Z_]+", file.read_text("utf-8")))


@pytest.mark.parametrize(
    ("paper", "heads"), [("design/threat-model.md", ("who", "threat")), ("restraint.md", ("misuse",))]
)
def test_every_protection_that_is_promised_names_the_tests_that_hold_it(paper: str, heads: tuple[str, ...]):
    tests = {path.name for path in (ROOT / "tests").rglob("test_*.py")}
    rows = [line for line in (ROOT / "docs" / paper).read_text("utf-8").splitlines() if line.startswith("| ")]
    promised = [
        row for row in rows if row.count(" | ") >= 2 and not row.startswith(tuple(f"| {head} |" for head in heads))
    ]
    promised = [row for row in promised if set(row) - set("|- ")]
    named = {row.split(" | ")[0]: re.findall(r"`(?:[a-z_]+/)*(test_[a-z_]+\.py)`", row) for row in promised}
    assert len(named) > 15
    assert [row for row, found in named.items() if not found] == []
    assert {each for found in named.values() for each in found} - tests == set()


@cache
def _command(words: tuple[str, ...]) -> Any:
    found: Any = typer.main.get_command(app)
    for word in words:
        found = found.get_command(typer.Context(found), word)
    return found


@cache
def _subcommands(words: tuple[str, ...]) -> frozenset[str]:
    """What may follow a command as the name of another."""
    found = _command(words)
    return frozenset(found.list_commands(typer.Context(found)) if hasattr(found, "list_commands") else ())


@cache
def _options(words: tuple[str, ...]) -> frozenset[str]:
    """What may be given to a command by name."""
    named = (param for param in _command(words).params)
    return frozenset(("--help", *(option for each in named for option in (*each.opts, *each.secondary_opts))))

"""What the papers promise is there: their links lead somewhere, and the commands they show are known."""

import re
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PAPERS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
_LINK = re.compile(r"\]\(([^)#\s]+)(?:#[^)]*)?\)")
_PROMPT = re.compile(r"^[A-Z]*\$ ")
"""Bare, or with the machine on which the command is given."""
_BLOCK = re.compile(r"^ *```(?:console|sh)\n(.*?)^ *```", re.MULTILINE | re.DOTALL)

_INDENTED = re.compile(r"^    (?=(?:mithaq|\./run) )(.*)", re.MULTILINE)


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


@pytest.mark.parametrize("paper", PAPERS, ids=_named)
def test_every_command_that_is_shown_is_known(paper: Path):
    unknown = []
    for words in _commands(paper.read_text("utf-8")):
        if words[0] == "./run":
            known = set(re.findall(r"^([a-z]+)\)$", (ROOT / "run").read_text(), re.MULTILINE))
            if len(words) > 1 and words[1] not in known:
                unknown.append(" ".join(words))
        elif not all(word in _help(tuple(words[1:at])) for at, word in enumerate(words[1:], 1)):
            unknown.append(" ".join(words))
    assert unknown == []


def _commands(text: str) -> list[list[str]]:
    """The leading plain words of every `mithaq …` and `./run …` line: `mithaq record export --out X` is three."""
    found = []
    for block in [*_BLOCK.findall(text), *_INDENTED.findall(text)]:
        for line in block.splitlines():
            words = _PROMPT.sub("", line.strip()).split()
            if words and words[0] in ("mithaq", "./run"):
                plain = [words[0]]
                for word in words[1 : 3 if words[0] == "mithaq" else 2]:
                    if not re.fullmatch("[a-z]+", word):
                        break
                    plain.append(word)
                found.append(plain[:2] if plain[1:2] in (["verify"], ["pair"]) else plain)
    return found


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
def _help(command: tuple[str, ...]) -> str:
    """The help of a command; what it names may follow it. A command without subcommands takes anything."""
    done = subprocess.run(
        [sys.executable, "-m", "mithaq_cli", *command, "--help"], capture_output=True, text=True, check=False
    )
    return done.stdout

"""What the papers show in blocks, and the tests that run it.

A test says which blocks it runs, and takes them from the page and from nowhere else, so whoever changes a page changes
what is tested:

    @pytest.mark.runs("docs/how-to/erase.md", "mithaq erase")
    def test_…(paper: Paper) -> None:
        for command in paper.commands(fill={"/srv/mithaq": str(node.folder)}):
            …

Without beginnings the mark names every block of the page. A test that passes without having taken every command of what
it names fails (`tests/conftest.py`), and so does the architecture when a paper has a block that no test names
(`tests/architecture/test_docs.py`).
"""

import re
import shlex
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
_FENCE = re.compile(r"^( *)```(\w*)$")
_PROMPT = re.compile(r"^[A-Z]*\$ ")
"""Bare, or with the machine on which the command is given."""
_HEREDOC = re.compile(r"<<'?(\w+)'?")


def papers() -> list[str]:
    """Every page in Markdown that this repository shows anybody, by its path from the root."""
    shown = [*ROOT.glob("*.md")]
    for folder in ("docs", "instruments", "conformance", "deployment", "benchmarks", "src"):
        shown += (ROOT / folder).rglob("*.md")
    return sorted(str(path.relative_to(ROOT)) for path in shown)


@dataclass(frozen=True)
class Block:
    """What stands between two fences."""

    page: str
    line: int
    language: str
    text: str

    def __str__(self) -> str:
        return f"{self.page}:{self.line}: {self.text.splitlines()[0]}"

    def begins(self, beginning: str) -> bool:
        """Whether its first line begins so, with or without the prompt."""
        return self.text.startswith(beginning) or _PROMPT.sub("", self.text).startswith(beginning)


def blocks(page: str) -> list[Block]:
    """The fenced blocks of a page, in order, without their indentation."""
    found: list[Block] = []
    opened: tuple[int, str, str, list[str]] | None = None
    for number, line in enumerate((ROOT / page).read_text("utf-8").splitlines(), 1):
        fence = _FENCE.match(line)
        if opened is None and fence:
            opened = number, fence[1], fence[2], []
        elif opened and line == f"{opened[1]}```":
            found.append(Block(page, opened[0], opened[2], "".join(f"{each}\n" for each in opened[3])))
            opened = None
        elif opened:
            opened[3].append(line.removeprefix(opened[1]))
    assert opened is None, f"{page}:{opened}: a block without an end"
    return found


def indented(page: str) -> list[str]:
    """The lines of a page that are set as they stand because they are indented, outside of fences and lists."""
    found: list[str] = []
    fenced, before, listed = False, "", False
    for line in (ROOT / page).read_text("utf-8").splitlines():
        if _FENCE.match(line):
            fenced = not fenced
        elif not fenced:
            if line and not line.startswith(" "):
                listed = re.match(r"([-*]|\d+\.) ", line) is not None
            if line.startswith("    ") and not listed and (not before.strip() or before.startswith("    ")):
                found.append(line.strip())
        before = line
    return found


def split(text: str) -> list[str]:
    """The commands of a block, without prompts; a backslash at the end of a line and a here-document go on."""
    found: list[str] = []
    until = ""
    for line in text.splitlines():
        if until or (found and found[-1].endswith("\\")):
            found[-1] += f"\n{line}"
            until = "" if line == until else until
        elif line:
            found.append(_PROMPT.sub("", line))
            heredoc = _HEREDOC.search(line)
            until = heredoc[1] if heredoc else ""
    return found


def words(command: str) -> list[str]:
    """A command as a program gets it: quotes, comments and the ends of lines are the shell's."""
    return shlex.split(command.replace("\\\n", " "), comments=True)


@dataclass
class Paper:
    """The blocks that a test has said it runs."""

    named: list[Block]
    taken: set[Block] = field(default_factory=set)

    def commands(self, *beginnings: str, fill: Mapping[str, str] | None = None) -> Iterator[str]:
        """The commands of the blocks that begin so, or of all, one by one; a block is taken when its last was run."""
        for block in self._those(beginnings):
            yield from split(filled(block.text, fill))
            self.taken.add(block)

    def text(self, beginning: str = "", fill: Mapping[str, str] | None = None) -> str:
        """The one block that begins so, whole."""
        (found,) = self.texts(beginning, fill=fill)
        return found

    def texts(self, *beginnings: str, fill: Mapping[str, str] | None = None) -> list[str]:
        """The blocks that begin so, or all, each of them whole."""
        found = self._those(beginnings)
        self.taken.update(found)
        return [filled(each.text, fill) for each in found]

    def left(self) -> list[str]:
        """What was named and not taken."""
        return [str(each) for each in self.named if each not in self.taken]

    def _those(self, beginnings: Iterable[str]) -> list[Block]:
        found = [each for each in self.named if not beginnings or any(map(each.begins, beginnings))]
        assert found, f"no block begins with {beginnings}"
        return found


def filled(text: str, fill: Mapping[str, str] | None) -> str:
    """A text with what stands for something put in, the longest first."""
    for name in sorted(fill or {}, key=len, reverse=True):
        text = text.replace(name, (fill or {})[name])
    return text


def named(page: str, *beginnings: str) -> list[Block]:
    """The blocks that a mark names."""
    every = blocks(page)
    if not beginnings:
        return every
    gone = [beginning for beginning in beginnings if not any(each.begins(beginning) for each in every)]
    assert gone == [], f"{page}: no block begins with {gone}"
    return [each for each in every if any(map(each.begins, beginnings))]


def of(marks: Iterable[tuple[str, ...]]) -> Paper:
    """What the marks of a test name, in their order."""
    return Paper([block for mark in marks for block in named(*mark)])

"""The officer's guide: one text in each language, from which the page and `docs/for-officers/` are both made.

A chapter begins with `## id | Title`; `![caption](name)` names its picture, and `[[label]]` stands for what the pages
say there: the English string of a template, which the reader meets in his own language. So a label that is renamed
without its guide fails a test (`tests/mithaq_node/web/test_guide.py`), and a translation that is mended is mended here.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib import resources

from markdown_it import MarkdownIt

LANGUAGES = ("ar", "fa", "ckb", "en")
LABEL = re.compile(r"\[\[(.+?)\]\]")
_CHAPTER = re.compile(r"^## ([a-z-]+) \| (.+)$", re.MULTILINE)
_PICTURE = re.compile(r"^!\[(.+)\]\(([a-z]+)\)\n+", re.MULTILINE)

Say = Callable[[str], str]
"""What the pages say in a language for an English string."""


@dataclass(frozen=True)
class Chapter:
    """A chapter; `text` is Markdown with its labels said, `picture` the name of its picture or empty."""

    id: str
    title: str
    text: str
    picture: str = ""
    caption: str = ""

    @property
    def html(self) -> str:
        """The chapter as markup. Markup in the text itself is shown, not obeyed."""
        drawn: str = MarkdownIt("commonmark", {"html": False}).render(self.text)
        return drawn.replace("<code>", '<code dir="ltr">')


@dataclass(frozen=True)
class Guide:
    """The whole guide in one language."""

    title: str
    lead: str
    chapters: tuple[Chapter, ...]


def source(language: str) -> str:
    """The text of the guide in a language, its labels unsaid."""
    return (resources.files(__package__) / "guide" / f"{language}.md").read_text("utf-8")


def guide(language: str, say: Say) -> Guide:
    """The guide in a language, with what the pages say there."""
    head, *parts = _CHAPTER.split(LABEL.sub(lambda label: say(label[1]), source(language)))
    title, _, lead = head.strip().partition("\n")
    return Guide(title.removeprefix("# "), lead.strip(), tuple(_chapters(parts)))


def _chapters(parts: list[str]) -> Iterator[Chapter]:
    for name, title, text in zip(parts[::3], parts[1::3], parts[2::3], strict=True):
        picture = _PICTURE.search(text)
        rest = _PICTURE.sub("", text).strip()
        yield Chapter(name, title, rest, picture[2] if picture else "", picture[1] if picture else "")

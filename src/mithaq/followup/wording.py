"""What differs between two versions of a joint text: paragraph by paragraph, and within a paragraph word by word.

A paragraph is a line with something on it. Paragraphs that are equal in both versions are lined up first; what stands
between them is paired in its order, and what then has no partner was added or removed. Nothing is guessed about
meaning: a paragraph that was moved is removed in one place and added in another.
"""

import re
from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from enum import StrEnum
from itertools import zip_longest
from typing import Final

_WORDS: Final = re.compile(r"\s+|\S+")


class Fate(StrEnum):
    """What became of some words from one version to the other."""

    KEPT = "kept"
    REMOVED = "removed"
    ADDED = "added"


@dataclass(frozen=True, slots=True)
class Run:
    """Words that follow each other and share one fate, with the spaces between them as written."""

    fate: Fate
    words: str


@dataclass(frozen=True, slots=True)
class Pair:
    """A paragraph in both versions; None where one of them has no such paragraph."""

    before: str | None
    after: str | None

    @property
    def is_kept(self) -> bool:
        """Whether it stands in both, word for word."""
        return self.before == self.after

    @property
    def runs(self) -> tuple[Run, ...]:
        """The words in the order in which they are read: what was removed stands before what took its place."""
        return tuple(_runs(_WORDS.findall(self.before or ""), _WORDS.findall(self.after or "")))


def paragraphs(text: str) -> tuple[str, ...]:
    """The paragraphs of a text, without the spaces around them."""
    return tuple(line.strip() for line in text.splitlines() if line.strip())


def compare(before: Sequence[str], after: Sequence[str]) -> tuple[Pair, ...]:
    """The paragraphs of both versions beside each other, none left out, each side in its own order."""
    return tuple(
        Pair(None if one is None else before[one], None if other is None else after[other])
        for one, other in lined_up(before, after)
    )


def lined_up(before: Sequence[Hashable], after: Sequence[Hashable]) -> Iterator[tuple[int | None, int | None]]:
    """The places of paragraphs that stand beside each other, from 0; None where one version has none there."""
    for _, i, j, k, m in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        yield from zip_longest(range(i, j), range(k, m))


def _runs(before: Sequence[str], after: Sequence[str]) -> Iterator[Run]:
    for what, i, j, k, m in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if what == "equal":
            yield Run(Fate.KEPT, "".join(before[i:j]))
            continue
        if i < j:
            yield Run(Fate.REMOVED, "".join(before[i:j]))
        if k < m:
            yield Run(Fate.ADDED, "".join(after[k:m]))

"""A paper in the words of one reader, before anybody has chosen the form of its file: headings, tables, texts."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Cell:
    """What stands in a place of a table; a whole number also as itself, for programs that reckon."""

    text: str
    number: int | None = None


@dataclass(frozen=True, slots=True)
class Table:
    """A table under its heading. `widths` are the shares of its columns."""

    title: str
    head: tuple[str, ...]
    widths: tuple[int, ...]
    rows: tuple[tuple[Cell, ...], ...]
    lead: str = ""
    empty: str = ""
    """What is said where there is no row."""
    more: str = ""
    """What is said of the rows that are not here."""


@dataclass(frozen=True, slots=True)
class Passage:
    """Paragraphs under a heading."""

    title: str
    paragraphs: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Printed:
    """A whole paper in one language."""

    language: str
    right_to_left: bool
    marks: tuple[str, ...]
    """What stands at the head of every page: that it is an exercise, a demonstration."""
    over: str
    title: str
    cut: str
    """The cut, which stands at the foot of every page."""
    at: str
    """The moment that it is as of, canonical: for a form of file that wants one of its own."""
    lines: tuple[str, ...]
    sections: tuple[Table | Passage, ...]

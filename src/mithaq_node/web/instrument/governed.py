"""What an article governs, as links within the page: `kind:crossing.status` becomes its label and its place."""

from dataclasses import dataclass

from mithaq.instrument.law import Article

LABELS = {
    "kind": "kind.{}",
    "clock": "clock.{}",
    "sector": "sector.{}",
    "crossing": "crossing.{}",
    "notice-period": "notice-period.{}",
    "quota": "quota.{}",
    "segment": "segment.{}",
    "corridor": "corridor.{}",
    "retention": "class.{}",
    "class": "class.{}",
}
"""Sorts of things that the sealed words have a label for."""


@dataclass(frozen=True)
class Governed:
    """One thing that an article governs: its sort, its identifier, the label's key, and its place on the page."""

    sort: str
    name: str
    label: str
    place: str


def governed(article: Article) -> tuple[Governed, ...]:
    """What the article says it governs, in its order."""
    return tuple(_governed(reference) for reference in article.governs)


def _governed(reference: str) -> Governed:
    sort, _, name = reference.partition(":")
    return Governed(sort, name, LABELS.get(sort, "").format(name), place(sort, name))


def place(sort: str, name: str) -> str:
    """The identifier on the page of a thing of this sort."""
    return f"{sort}-{name.replace('.', '-')}" if name else sort

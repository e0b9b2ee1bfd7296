"""What officers say of the words on the pages, for whoever looks after the words."""

from collections.abc import Iterator
from dataclasses import dataclass

from mithaq_node.store.models import WordRemark


@dataclass(frozen=True)
class Remark:
    """One remark. `at` is ISO 8601, `page` the name of an address, `by` the name that its officer signs in with."""

    number: int
    at: str
    language: str
    page: str
    word: str
    suggestion: str
    by: str


def remarks(language: str = "") -> Iterator[Remark]:
    """The remarks on one language, or on all, the oldest first."""
    found = WordRemark.objects.select_related("officer").order_by("pk")
    for row in found.filter(language=language) if language else found:
        at = f"{row.at:%Y-%m-%dT%H:%M:%SZ}"
        yield Remark(row.pk, at, row.language, row.page, row.word, row.suggestion, row.officer.name)

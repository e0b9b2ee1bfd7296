"""Keeping what an officer says of a word on a page, and dropping it once the words are mended.

Only the word, what it should be, the language and the name of the page are kept, with who said it and when. The form is
open to everybody who signs in, so it is bounded: per officer and day, and in all.
"""

import unicodedata
from collections.abc import Iterable
from datetime import datetime, timedelta

from mithaq.errors import Refusal
from mithaq_node.services import storage
from mithaq_node.store.models import Officer, WordRemark
from mithaq_node.store.wording import LANGUAGES, LONGEST

A_DAY = timedelta(days=1)
MOST_A_DAY = 40
"""Remarks of one officer within a day: more than anybody reads pages for, fewer than fill a disk."""
MOST = 5_000
"""Remarks that a node keeps; then the operator exports and drops some."""
_NOT_PLAIN = {"Cc", "Cf", "Co", "Cs", "Zl", "Zp"}
_JOINERS = "\u200c\u200d"
"""Controls that belong to the spelling of Persian and Sorani."""


def keep(*, officer: Officer, language: str, page: str, word: str, suggestion: str, now: datetime) -> WordRemark:
    """Keep one remark.

    Refuses an empty or long word, characters that are not seen, a language that is not ours, and more than a day or the
    node has room for.
    """
    if language not in LANGUAGES:
        raise Refusal("wording.unknown-language", language=language[:20])
    word, suggestion = _plain(word), _plain(suggestion)
    if not word:
        raise Refusal("wording.no-word")
    with storage.durable():
        if WordRemark.objects.filter(officer=officer, at__gt=now - A_DAY).count() >= MOST_A_DAY:
            raise Refusal("wording.too-many", limit=MOST_A_DAY)
        if WordRemark.objects.count() >= MOST:
            raise Refusal("wording.no-room", limit=MOST)
        return WordRemark.objects.create(
            officer=officer, at=now, language=language, page=page[:80], word=word, suggestion=suggestion
        )


def drop(numbers: Iterable[int]) -> int:
    """Drop remarks that are done with; how many there were."""
    with storage.durable():
        dropped, _ = WordRemark.objects.filter(pk__in=list(numbers)).delete()
        return dropped


def _plain(text: str) -> str:
    found = " ".join(text.split())
    if len(found) > LONGEST:
        raise Refusal("wording.too-long", limit=LONGEST)
    if any(unicodedata.category(each) in _NOT_PLAIN and each not in _JOINERS for each in found):
        raise Refusal("wording.not-plain")
    return found

"""A fingerprint in words: twelve for the digest and a thirteenth that notices a slip, from 256 of a language.

Two people compare a fingerprint by reading it to each other. Each language has a list of 256 short words
(`fingerprints/<language>.txt`, read by `mithaq_files.fingerprints`), so a word is one byte of the digest: the same
digest gives the words of the same places in every list, and two readers choose the language they share. A word is told
by its first four letters, and one wrong letter makes no other word.
"""

import hashlib
import unicodedata
from collections.abc import Mapping, Sequence

from mithaq.errors import Refusal

LIST_LENGTH = 256
DIGEST_WORDS = 12
"""96 bits: nobody makes another document with the fingerprint of a given one."""
WORDS = DIGEST_WORDS + 1
TOLD_BY = 4
"""Letters by which a word of a list is told from every other."""
_PREFIX = b"mithaq/fingerprint-words/v1\0"
_SAME = str.maketrans({"أ": "ا", "إ": "ا", "آ": "ا", "ك": "ک", "ي": "ی", "ى": "ی", "ة": "ه", "ؤ": "و", "ئ": "ی"})
"""Letters that keyboards and hands write differently in one word."""

Lists = Mapping[str, Sequence[str]]
"""Language to its 256 words."""


def places(document: bytes) -> tuple[int, ...]:
    """The places in the lists, 0 to 255, of the thirteen words of a document."""
    said = hashlib.sha256(_PREFIX + document).digest()[:DIGEST_WORDS]
    return (*said, _check(said))


def in_words(document: bytes, words: Sequence[str]) -> str:
    """The fingerprint of `document` in the language whose list is `words`."""
    return " ".join(words[place] for place in places(document))


def check(document: bytes, said: str, lists: Lists) -> None:
    """Refuse words that somebody read out, in any one of the languages, when they are not those of `document`.

    A slip is told from a difference: another number of words, a word of no list, or words that do not fit their own
    last one are `fingerprint.misread`; only what was read without a slip and differs is `fingerprint.differs`.
    """
    if read(said, lists) != places(document):
        raise Refusal("fingerprint.differs")


def read(said: str, lists: Lists) -> tuple[int, ...]:
    """The places of the words that somebody read out; refuses what is misread, and names the first strange word."""
    spoken = [_letters(word) for word in said.split()]
    if len(spoken) != WORDS:
        raise Refusal("fingerprint.misread", found=len(spoken), expected=WORDS, word="")
    known = [{_letters(word): place for place, word in enumerate(words)} for words in lists.values()]
    best = max(known, key=lambda each: sum(word in each for word in spoken))
    for word in spoken:
        if word not in best:
            raise Refusal("fingerprint.misread", found=len(spoken), expected=WORDS, word=word[:40])
    found = tuple(best[word] for word in spoken)
    if found[-1] != _check(bytes(found[:-1])):
        raise Refusal("fingerprint.misread", found=len(spoken), expected=WORDS, word="")
    return found


def _check(said: bytes) -> int:
    return hashlib.sha256(_PREFIX + b"check\0" + said).digest()[0]


def _letters(word: str) -> str:
    """A word as it is compared: without case, vowel signs and invisible signs."""
    plain = unicodedata.normalize("NFD", word.casefold())
    kept = (each for each in plain if unicodedata.category(each) not in ("Cf", "Mn"))
    return unicodedata.normalize("NFC", "".join(kept)).translate(_SAME)

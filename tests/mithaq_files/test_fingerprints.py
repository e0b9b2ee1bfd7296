"""Words that two people can read to each other over a bad line, in any of four languages."""

import hashlib
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mithaq import fingerprints
from mithaq.errors import Refusal
from mithaq_files.fingerprints import in_words, lists

LANGUAGES = ("ar", "fa", "ckb", "en")
DOCUMENTS = st.binary(max_size=40)
UNWANTED = {
    "en": "allah bible blood bomb cross crown curse dead death devil enemy eternal faith flag god gun heaven hell holy "
    "imam islam jihad kill king kurd martyr mosque party persian pig pray priest saint shia slave soldier sunni sword "
    "traitor tribe victory war weapon wine",
    "ar": "الله رب نبي إمام شيخ سيد مسجد كنيسة صلاة جهاد شهيد حرب عدو سلاح سيف بندقية قنبلة دم موت شيطان كافر سني شيعي "
    "كردي عربي فارسي عجمي قبيلة عشيرة حزب علم راية ملك عبد خنزير كلب حمار خمر خائن نصر",
    "fa": "خدا پیامبر امام شیخ سید مسجد کلیسا نماز جهاد شهید جنگ دشمن سلاح شمشیر تفنگ بمب خون مرگ شیطان کافر سنی شیعه "
    "کرد عرب عجم فارس قبیله عشیره حزب پرچم شاه بنده خوک سگ خر شراب خائن پیروزی",
    "ckb": "خودا پێغەمبەر ئیمام شێخ سەید مزگەوت کڵێسا نوێژ جیهاد شەهید جەنگ شەڕ دوژمن چەک شمشێر تفەنگ بۆمب خوێن مردن "
    "شەیتان کافر سوننە شیعە کورد عەرەب فارس عەجەم هۆز عەشیرەت حیزب ئاڵا پاشا بەندە بەراز سەگ کەر شەراب خائین سەرکەوتن",
}
"""Faith, people, war, party and insult: none of them belongs in what two officers read to each other."""


@pytest.fixture(params=LANGUAGES)
def language(request: pytest.FixtureRequest) -> str:
    name: str = request.param
    return name


def letters(word: str) -> str:
    return fingerprints._letters(word)


def test_a_list_has_a_word_for_every_byte(language: str) -> None:
    words = lists()[language]
    assert len(words) == fingerprints.LIST_LENGTH
    assert len({letters(word) for word in words}) == fingerprints.LIST_LENGTH


def test_words_are_short_and_plainly_written(language: str) -> None:
    script = "LATIN SMALL" if language == "en" else "ARABIC LETTER"
    for word in lists()[language]:
        assert unicodedata.normalize("NFC", word) == word
        assert 2 <= len(word) <= 12
        assert all(unicodedata.name(each).startswith(script) for each in word), word


def test_a_word_is_told_by_its_first_letters_and_none_begins_another(language: str) -> None:
    words = [letters(word) for word in lists()[language]]
    assert len({word[: fingerprints.TOLD_BY] for word in words}) == len(words)
    assert [(a, b) for a in words for b in words if a != b and b.startswith(a)] == []


def test_one_wrong_letter_makes_no_other_word(language: str) -> None:
    words = [letters(word) for word in lists()[language]]
    near = [(a, b) for place, a in enumerate(words) for b in words[place + 1 :] if is_one_letter_off(a, b)]
    assert near == []


def is_one_letter_off(a: str, b: str) -> bool:
    short, long = sorted((a, b), key=len)
    if len(long) - len(short) > 1:
        return False
    same = next((i for i, (x, y) in enumerate(zip(short, long, strict=False)) if x != y), len(short))
    return short[same:] == long[same + 1 :] or short[same + 1 :] == long[same + 1 :]


def test_no_word_offends_or_takes_a_side(language: str) -> None:
    unwanted = {letters(word) for word in UNWANTED[language].split()}
    assert [word for word in lists()[language] if letters(word) in unwanted] == []


@given(DOCUMENTS, st.sampled_from(LANGUAGES))
def test_what_is_read_out_in_any_language_is_understood_in_every_other(document: bytes, language: str) -> None:
    said = in_words(document)[language]
    assert fingerprints.read(said, lists()) == fingerprints.places(document)
    fingerprints.check(document, said.upper(), lists())


@given(DOCUMENTS, DOCUMENTS)
def test_another_document_has_other_words(document: bytes, other: bytes) -> None:
    if document != other:
        with pytest.raises(Refusal, match=r"fingerprint\.differs"):
            fingerprints.check(document, in_words(other)["fa"], lists())


@given(DOCUMENTS, st.sampled_from(LANGUAGES), st.data())
def test_a_slip_is_never_taken_for_a_match_and_nearly_always_told_as_one(
    document: bytes, language: str, data: st.DataObject
) -> None:
    words = in_words(document)[language].split()
    at = data.draw(st.integers(0, 12))
    words[at] = data.draw(st.sampled_from([word for word in lists()[language] if word != words[at]]))
    with pytest.raises(Refusal, match=r"fingerprint\.(misread|differs)"):
        fingerprints.check(document, " ".join(words), lists())


@pytest.mark.parametrize("change", ["one less", "one more", "a strange word", "two languages", "the last one"])
def test_a_misreading_is_told_from_a_difference(change: str) -> None:
    words = in_words(b"card")["en"].split()
    last = next(word for word in lists()["en"] if word != words[-1])
    told = {
        "one less": words[:-1],
        "one more": [*words, words[0]],
        "a strange word": ["strange", *words[1:]],
        "two languages": [in_words(b"card")["ar"].split()[0], *words[1:]],
        "the last one": [*words[:-1], last],
    }[change]
    with pytest.raises(Refusal, match=r"fingerprint\.misread"):
        fingerprints.check(b"card", " ".join(told), lists())


def test_letters_that_keyboards_write_differently_are_the_same() -> None:
    said = in_words(b"card")["fa"]
    fingerprints.check(b"card", said.replace("ک", "ك").replace("ی", "ي").replace("آ", "ا"), lists())


def test_the_words_have_not_changed() -> None:
    """Two sides with different lists could not compare: a changed word is a new version of the lists."""
    assert fingerprints.places(b"mithaq") == (229, 168, 136, 149, 69, 145, 231, 195, 114, 195, 251, 88, 10)
    said = "tile potato nest palace fabric otter tomato sesame lavender sesame window gravel basket"
    assert in_words(b"mithaq")["en"] == said
    whole = "\n".join(word for language in LANGUAGES for word in lists()[language])
    known = "287912c691b6fd3d08e8d0da2f414014cb2d2653b97cf45d6de6b0cd9ed46004"
    assert hashlib.sha256(whole.encode()).hexdigest() == known

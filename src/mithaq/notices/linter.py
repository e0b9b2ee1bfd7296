"""The linter of free text: passages that look like what no notice may hold, before anything is released.

No text is released while it finds one for which the releasing officer has not signed a reason (`mithaq.notices.kept`).
It finds forms, not meanings: runs of digits in any script,
telephone and document numbers, plates, mail and web addresses, positions, and names after a form of address. It does
not find a name that stands by itself, and whoever wants to type around it can; `docs/restraint.md` says so.
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

LONGEST_RUN = 6
"""Digits in a row, separators passed over, that are still taken for a quantity."""


@dataclass(frozen=True, slots=True, order=True)
class Passage:
    """A passage that must go or be answered for: `text[start:end]`, and the code that says why (`text.…`)."""

    start: int
    end: int
    code: str


_SEPARATOR = r"(?:[,،٬٫'’·]|[\s\-‐‑–—./()_\u200c\u200e\u200f]{0,2})"
_THOUSANDS = re.compile(r"[1-9]\d{0,2}(?:([,،٬'’])\d{3})(?:\1\d{3})*")
_ARABIC_LETTER = r"[\u0621-\u064a\u067e\u0686\u0698\u06a9\u06af\u06cc\u06c6\u06d5\u06ce\u06b5\u0695]"
_DATE = re.compile(r"\d{4}[-/.]\d{1,2}[-/.]\d{1,2}|\d{1,2}[-/.]\d{1,2}[-/.]\d{4}")
_RUN = re.compile(rf"\+?\d(?:{_SEPARATOR}\d){{{LONGEST_RUN},}}")
_RULES = (
    ("text.mail-address", re.compile(r"[\w.+-]+\s?(?:@|\(at\)|\[at\])\s?[\w-]+(?:\.[\w-]+)+")),
    (
        "text.web-address",
        re.compile(r"(?:https?://|www\.)\S+|\b[\w-]+\.(?:com|net|org|info|io|me|iq|ir)\b", re.IGNORECASE),
    ),
    ("text.account-name", re.compile(r"(?<![\w.])@\w{3,}")),
    ("text.document-number", re.compile(r"\b[A-Za-z]{1,2}[\s-]?\d{6,9}\b")),
    ("text.plate", re.compile(rf"\b\d{{2}}\s?{_ARABIC_LETTER}\s?\d{{3}}(?:\s?[-–|]?\s?(?:ایران|إيران)?\s?\d{{2}})?")),
    ("text.plate", re.compile(rf"(?:\b[A-Z]|{_ARABIC_LETTER})\s?[-–]?\s?\d{{5}}\b|\b\d{{2}}\s[A-Z]\s\d{{4,5}}\b")),
    ("text.position", re.compile(r"\d{1,3}[.٫,]\d{3,}\s*°?\s*[NSEWnsew]?\s*[,،;/ ]\s*\d{1,3}[.٫,]\d{3,}")),
    ("text.position", re.compile(r"\d{1,3}\s*°\s*\d{1,2}\s*['’′]")),
    ("text.position", re.compile(r"\b\d{2}[C-HJ-NP-X]\s?[A-HJ-NP-Z]{2}\s?\d{2,5}\s?\d{2,5}\b")),
    (
        "text.name",
        re.compile(
            r"(?:\b(?:Mr|Mrs|Ms|Dr|Sheikh|Haji|Sayyid|Captain|Colonel|General|Lieutenant|Sergeant)\.?"
            r"|\b(?:[وفبك]?ال|و?لل)(?:سيدة|سيد|شيخ|حاج|دكتور|عقيد|عميد|نقيب|ملازم|مدعو)|\b[وفبك]?(?:اسمها|اسمه)"
            r"|\b(?:آقای|خانم|حاج|شیخ|سید|دکتر|سرهنگ|سروان|ستوان|سرگرد|به نام|بنام)"
            r"|\b(?:بەڕێز|کاک|خاتوو|شێخ|مامۆستا|دکتۆر|عەقید|بەناوی|ناوی))"
            rf"\s+(?:[A-Z][a-z]+|{_ARABIC_LETTER}{{2,}})"
        ),
    ),
)


def lint(text: str) -> tuple[Passage, ...]:
    """Every such passage of `text`, in order; overlapping finds are reported once."""
    plain = _with_plain_digits(text)
    found = sorted([*_finds(plain), *_runs(plain)], key=lambda passage: (passage.start, -passage.end))
    kept: list[Passage] = []
    for passage in found:
        if not kept or passage.start >= kept[-1].end:
            kept.append(passage)
    return tuple(kept)


def _finds(plain: str) -> Iterator[Passage]:
    for code, rule in _RULES:
        for match in rule.finditer(plain):
            yield Passage(match.start(), match.end(), code)


def _runs(plain: str) -> Iterator[Passage]:
    dates = [match.span() for match in _DATE.finditer(plain)]
    for match in _RUN.finditer(plain):
        if any(start <= match.start() and match.end() <= end for start, end in dates):
            continue
        if _THOUSANDS.fullmatch(match[0]):
            continue
        digits = re.sub(r"\D", "", match[0])
        is_telephone = match[0].startswith("+") or (digits[0] == "0" and len(digits) >= 9)
        yield Passage(match.start(), match.end(), "text.telephone" if is_telephone else "text.long-number")


def _with_plain_digits(text: str) -> str:
    """The text with every decimal digit of any script in ASCII; positions stay as they are."""
    return "".join(
        str(unicodedata.decimal(char)) if unicodedata.decimal(char, None) is not None else char for char in text
    )

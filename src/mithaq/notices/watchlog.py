"""The watch log: what the officers of one desk write down, line by line, and how the lines hang together.

A line is never changed. What was wrong is put right by a new line that names the old one. Each line's digest covers the
one before it, so a hand-over that names the last one (`mithaq.notices.handover`) holds every line up to there: one that
was changed, taken out or put in later no longer fits. Like the hand-over it is a party's own paper and never travels.
"""

import hashlib

import msgspec

from mithaq import canonical
from mithaq.errors import Refusal
from mithaq.notices import linter
from mithaq.notices.fields.texts import has_hidden
from mithaq.notices.linter import Passage

NOTE, CALL_TO_US, CALL_TO_THEM = "note", "call-to-us", "call-to-them"
CALLS = frozenset({CALL_TO_US, CALL_TO_THEM})
KINDS = (NOTE, CALL_TO_US, CALL_TO_THEM)
LONGEST_TEXT, LONGEST_SUBJECT, LONGEST_REASON, LONGEST_REMARK = 1_000, 120, 200, 2_000

START = bytes(32)
"""What the first line's digest covers in the place of one before it."""

_DOMAIN = b"mithaq/watch-line/v1\0"


class Line(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A line as it was written."""

    number: int
    """From 1, without a gap."""
    at: str
    """The moment of what happened, as the officer states it."""
    written: str
    """The moment at which the node took the line."""
    by: str
    """The key name of whoever wrote it."""
    kind: str
    text: str
    office: str = ""
    """Of a call: the counterpart's authority, `IR/border-guard`."""
    subject: str = ""
    """Of a call: what it was about."""
    corrects: int = 0
    """Number of the line that this one puts right; 0 where it does not."""
    kept: int = 0
    """How many passages the linter found and the officer kept."""


def chained(before: bytes, line: Line) -> bytes:
    """The digest of a line after the line with the digest `before`."""
    return hashlib.sha256(_DOMAIN + before + canonical.encode(line)).digest()


def check(line: Line) -> None:
    """Refuse a line that says nothing or too much, a call without office and subject, and a moment yet to come."""
    if line.kind not in KINDS:
        raise Refusal("watchlog.unknown-kind", kind=line.kind[:40])
    if line.at > line.written:
        raise Refusal("watchlog.not-yet", at=line.at)
    is_call = line.kind in CALLS
    if is_call is not bool(line.office) or is_call is not bool(line.subject):
        raise Refusal("watchlog.call-incomplete")
    check_text(line.text, LONGEST_TEXT)
    if is_call:
        check_text(line.subject, LONGEST_SUBJECT)


def check_text(text: str, limit: int) -> None:
    """Refuse a text that is empty, too long, or holds a character that nobody sees."""
    if not text.strip():
        raise Refusal("watchlog.empty")
    if len(text) > limit:
        raise Refusal("watchlog.too-long", limit=limit, found=len(text))
    if has_hidden(text):
        raise Refusal("watchlog.hidden-character")


def passages(line: Line) -> tuple[Passage, ...]:
    """What the linter finds in the words of a line."""
    return (*linter.lint(line.subject), *linter.lint(line.text))

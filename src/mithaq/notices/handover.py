"""The hand-over of a shift: what one officer leaves to the next, and what each of them signs.

A party's own paper: it is kept on its node and no part of the record. What is left is a list of items (what rings, what
is owed, what waits), sorted and in the one byte form. The officer who goes signs a text that names the digest of that
list, the cut of the record it was drawn from, how far the watch log went, and his remarks. The officer who comes signs
a second text of the same form over the list as *he* saw it; it names the first text by its digest, or says why there is
none, and how the sound test ended. So each signs what he looked at, at his own moment, as the two officers of a notice
do (docs/decisions/0003), and what changed between the two is the difference of two signed lists.

    mithaq/handing-over/v1          mithaq/taking-over/v1
    canonical JSON                  canonical JSON
"""

import hashlib
from collections.abc import Iterable
from enum import StrEnum
from typing import TypeVar

import msgspec

from mithaq import canonical
from mithaq.errors import Refusal
from mithaq.instrument.law import Law
from mithaq.notices import ringing, roles
from mithaq.notices.book import Book, Notice
from mithaq.notices.incidents import State
from mithaq.record import note
from mithaq.signing import Signer

HANDING_LINE, TAKING_LINE = b"mithaq/handing-over/v1\n", b"mithaq/taking-over/v1\n"
_WAIT_FOR_AN_ANSWER = frozenset({roles.OPENS, roles.ASKS})
_ENDED = frozenset({State.CLOSED, State.DIFFER, State.WITHDRAWN})


class What(StrEnum):
    """What an item is, in the order in which an officer must know it."""

    RINGS = "rings"
    """A notice of the highest precedence that nobody here has acknowledged."""
    CLOCK = "clock"
    """A deadline that runs or was missed."""
    REVIEW = "review"
    """A notice that one officer released and nobody has reviewed."""
    UNANSWERED = "unanswered"
    """A notice that somebody has received and not answered."""
    UNRECEIVED = "unreceived"
    """A notice of ours for which no receipt has come back."""
    DRAFT = "draft"
    """A notice of ours that has not left."""
    REMARK = "remark"
    """A notice on which a remark of ours stays open."""
    IN_HAND = "in-hand"
    """A matter that an officer or a desk of ours has in hand."""


_ORDER = {what: place for place, what in enumerate(What)}


class Item(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One thing that is left to the next officer."""

    what: str
    of: str
    """Spoken number of the notice; of a draft its identifier."""
    name: str
    """The clock, or the kind of the notice or draft."""
    party: str
    """Who owes it or, where it rings, who sent it."""
    state: str = ""
    """When it is due; of a draft its state; of a matter who has it in hand."""


class Look(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What an officer looked at before signing: the list, and how far the watch log went."""

    items: tuple[Item, ...]
    lines: int
    """Number of the last line of the watch log; 0 before the first."""


class Change(msgspec.Struct, frozen=True):
    """What lies between two looks."""

    new: tuple[Item, ...]
    gone: tuple[Item, ...]
    lines: int
    """How many lines were added to the watch log."""

    def __bool__(self) -> bool:
        return bool(self.new or self.gone or self.lines)


class Sound(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """How the sound test ended: heard so many times, or the stated reason why nothing can be heard."""

    heard: int = 0
    silent: str = ""


class Absence(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An officer who did not hand over, and why, as the one who takes over states it."""

    by: str
    reason: str


class Handed(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The text of the officer who goes, by its digest."""

    by: str
    text: str
    """SHA-256 of the signed text, hex."""


class Text(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """What both texts say."""

    at: str
    by: str
    """The key name of the officer who signs."""
    cut: dict[str, int]
    items: str
    """SHA-256 of the canonical list, hex."""
    lines: int
    """Number of the last line of the watch log."""
    chain: str
    """The chained digest of the watch log up to that line, hex (`mithaq.notices.watchlog`)."""
    log: str
    """The origin of this party's log for all."""
    shift: int
    """The shift that ends or begins; the first is 1."""
    remark: str = ""


class Handing(Text, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """What the officer who goes signs, at the end of the shift `shift`."""


class Taking(Text, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """What the officer who comes signs, at the beginning of the shift `shift`. Neither `handed` nor `absent` stands in
    the first shift of a node."""

    sound: Sound
    handed: Handed | None = None
    absent: Absence | None = None


AnyText = TypeVar("AnyText", bound=Text)
_LINES: dict[type[Text], bytes] = {Handing: HANDING_LINE, Taking: TAKING_LINE}


def left(book: Book, law: Law, own: str, drafts: Iterable[Item] = ()) -> tuple[Item, ...]:
    """What the book and the drafts of the party `own` leave to its next officer, sorted."""
    found = [Item(What.RINGS, each.number, each.kind, each.party) for each in ringing.ringing(book, law, own)]
    found += [
        Item(What.CLOCK, each.notice, each.id, each.party, each.due)
        for each in book.clocks
        if each.stopped is None and not each.voided
    ]
    found += [
        Item(What.REVIEW, each.notice, book.notices[each.notice].kind, each.party, each.due)
        for each in book.reviews.values()
        if each.done is None and each.notice in book.notices
    ]
    for notice in book.in_order:
        found += _awaited(book, notice, own)
    return ordered([*found, *drafts])


def ordered(items: Iterable[Item]) -> tuple[Item, ...]:
    """The items as they stand in a list: by what they are, what is due first in front."""
    return tuple(
        sorted(set(items), key=lambda each: (_ORDER[What(each.what)], each.state, each.of, each.name, each.party))
    )


def difference(before: Look, after: Look) -> Change:
    """What came and what went from one look to a later one."""
    known, now = set(before.items), set(after.items)
    return Change(
        new=tuple(each for each in after.items if each not in known),
        gone=tuple(each for each in before.items if each not in now),
        lines=max(after.lines - before.lines, 0),
    )


def encoded(items: tuple[Item, ...]) -> bytes:
    """The canonical bytes of a list."""
    return canonical.encode([msgspec.to_builtins(each) for each in items])


def digest(content: bytes) -> str:
    """SHA-256, hex: of a list's canonical bytes, or of a signed text."""
    return hashlib.sha256(content).hexdigest()


def items_of(content: bytes) -> tuple[Item, ...]:
    """The list with these canonical bytes; refuses other bytes (`shift.bad-list`)."""
    try:
        found = tuple(msgspec.convert(canonical.decode(content), list[Item]))
        if ordered(found) == found:
            return found
    except (Refusal, msgspec.ValidationError, ValueError) as error:
        raise Refusal("shift.bad-list") from error
    raise Refusal("shift.bad-list")


def text_of(said: Text) -> bytes:
    """The bytes that are signed."""
    return _LINES[type(said)] + canonical.encode(said) + b"\n"


def sign(said: Text, key: Signer) -> bytes:
    """The text with the signature of the officer it names, as a signed note."""
    text = text_of(said)
    return note.join(text, [note.sign(text, said.by, key)])


def read(signed: bytes, form: type[AnyText]) -> AnyText:
    """A signed text; refuses what is none of this form (`shift.bad-text`). Whether its signature holds is another
    question."""
    try:
        return _read(note.text_of(signed), form)
    except Refusal as refusal:
        raise Refusal("shift.bad-text", reason=refusal.code) from refusal


def check_signable(text: bytes, name: str, log: str) -> None:
    """Refuse (`officer.not-to-be-signed`) a text that is no hand-over or taking-over by the officer `name` at the desk
    of the party whose log is `log`."""
    form = Handing if text.startswith(HANDING_LINE) else Taking
    try:
        said: Text = _read(text, form)
    except Refusal as refusal:
        raise Refusal("officer.not-to-be-signed", name=name, reason=refusal.code) from refusal
    if said.by != name or said.log != log or name.split("/", 1)[0] != log.split("/", 1)[0]:
        raise Refusal("officer.not-to-be-signed", name=name, reason="leaf.other-log")


def is_of_a_shift(text: bytes) -> bool:
    """Whether a text begins as one of the two does."""
    return text.startswith((HANDING_LINE, TAKING_LINE))


def _read(text: bytes, form: type[AnyText]) -> AnyText:
    line = _LINES[form]
    if not text.startswith(line):
        raise Refusal("shift.other-form")
    try:
        said = msgspec.convert(canonical.decode(text.removeprefix(line).removesuffix(b"\n")), form)
    except msgspec.ValidationError as error:
        raise Refusal("shift.other-form") from error
    if text_of(said) != text:
        raise Refusal("canonical.not-canonical")
    return said


def _awaited(book: Book, notice: Notice, own: str) -> list[Item]:
    """What is still awaited for a notice: its receipt, or an answer to it."""
    if notice.withdrawn_by is not None or not notice.conforms:
        return []
    found: list[Item] = []
    for addressee, ladder in notice.ladder.items():
        if ladder.delivered is None:
            found += [Item(What.UNRECEIVED, notice.number, notice.kind, addressee)] if notice.party == own else []
        elif ladder.answered is None and notice.role in _WAIT_FOR_AN_ANSWER and not _has_ended(book, notice):
            found.append(Item(What.UNANSWERED, notice.number, notice.kind, addressee))
    return found


def _has_ended(book: Book, notice: Notice) -> bool:
    incident = book.incidents.get(notice.thread)
    return incident is not None and incident.state in _ENDED

"""Passages that the linter finds and that leave all the same, because the releasing officer signs a reason for each.

The linter knows forms, not meanings: a run of digits may be a quantity, a title may belong to an office, a town may be
called after a sheikh. So a text in which it finds something may be filed, but not released until every passage is gone
or answered for. The answer is a reason of the closed list below, never words: it says what the passage *is*, and no
reason says "all the same". What is always reworded has no reason at all. The header counts the answers by finding and
reason (`kept`), under the releasing officer's signature, for both parties and the auditor (docs/spec/leaf.md, "Kept").

A picture asks one question of its own: is a person recognisable in it? No program answers that. It is released only
when the officer has stated that nobody is; a picture for which no such statement stands in the header does not conform.

Conformance looks at that list alone, never at the text: a text is erased one day, and linters differ from release to
release, but the verdict on a leaf stays.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from hashlib import sha256
from types import MappingProxyType
from typing import Any, Final

from mithaq import canonical
from mithaq.errors import Refusal
from mithaq.instrument.law import Field, Kind
from mithaq.notices import roles
from mithaq.notices.book import Notice
from mithaq.notices.envelope import Header, Kept
from mithaq.notices.fields import attachments
from mithaq.notices.fields.attachments import ATTACHMENT
from mithaq.notices.fields.links import LINK, path_of
from mithaq.notices.fields.paragraphs import PARAGRAPHS, whole
from mithaq.notices.fields.texts import TEXT
from mithaq.notices.linter import Passage, lint
from mithaq.notices.parts import Part

PICTURE: Final = "attachment.picture"
"""The finding that every picture is."""

REASONS: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        PICTURE: ("nobody-recognisable",),
        "text.account-name": (),
        "text.document-number": ("reference",),
        "text.long-number": ("quantity", "reference"),
        "text.mail-address": (),
        "text.name": ("office", "place"),
        "text.plate": ("quantity", "reference"),
        "text.position": ("quantity",),
        "text.telephone": ("emergency-line", "quantity", "reference"),
        "text.web-address": (),
    }
)
"""Finding of the linter to the reasons for which such a passage may stay.

`quantity`: it counts or measures things. `reference`: it numbers an article, a law, or a paper between the parties.
`office`: an office or a unit, not a person. `place`: the name of a place. `emergency-line`: a public telephone for
emergencies. Addresses have none: what stands behind one cannot be read here, and may be anything.
`nobody-recognisable`: whoever released the picture looked at it at full size and found no person who could be known.
"""

MOST_KEPT: Final = 20
"""Passages kept in one notice; with more of them the text has to be reworded."""


_QUARTERS = (("01-01", "03-31"), ("04-01", "06-30"), ("07-01", "09-30"), ("10-01", "12-31"))
"""First and last day of each quarter."""


@dataclass(frozen=True, slots=True)
class Question:
    """A passage in a text field, or a picture, for which the releasing officer must answer."""

    field: str
    text: str
    """The whole text of the field, or one of its paragraphs; of a picture its bytes in base64."""
    passage: Passage
    """Of a picture, an empty one at its beginning."""

    @property
    def id(self) -> str:
        """Sixteen hex digits for this passage of this very text, or for this very picture: an answer cannot be meant
        for another."""
        place = f"{self.field}\0{self.passage.start}\0{self.passage.end}\0{self.text}"
        return sha256(place.encode()).hexdigest()[:16]

    @property
    def is_of_a_picture(self) -> bool:
        """Whether it asks about a picture, and not about a passage of a text."""
        return self.finding == PICTURE

    @property
    def finding(self) -> str:
        """The linter's code (`text.…`), or that of a picture."""
        return self.passage.code

    @property
    def words(self) -> str:
        """The passage as it stands in the text."""
        return self.text[self.passage.start : self.passage.end]

    @property
    def reasons(self) -> tuple[str, ...]:
        """Why it may stay; empty when it must be reworded."""
        return REASONS[self.finding]


def questions(kind: Kind, parts: Iterable[Part]) -> tuple[Question, ...]:
    """Every passage that the linter finds in the compiled parts of a notice of `kind`, and every picture, in the order
    of its fields."""
    bodies = {part.retention: canonical.decode(part.body) for part in parts}
    said = ((field, bodies.get(field.part, {}).get(field.name)) for field in kind.fields)
    return tuple(question for field, value in said for question in asked_by(field, value))


def asked_by(field: Field, value: Any) -> tuple[Question, ...]:
    """The questions of one value; none unless it is a text or a picture. What came from elsewhere may be anything."""
    if field.type == ATTACHMENT and attachments.picture(value) is not None:
        return (Question(field.name, value["data"], Passage(0, 0, PICTURE)),)
    if field.type == LINK.name:
        return _asked_by_link(field, value)
    if field.type == PARAGRAPHS.name:
        lines = dict.fromkeys(line for _, written in whole(value) for line in written)  # one that repeats asks once
        return tuple(Question(field.name, line, passage) for line in lines for passage in lint(line))
    text = value.get("text") if field.type == TEXT.name and isinstance(value, dict) else None
    return tuple(Question(field.name, text, passage) for passage in lint(text)) if isinstance(text, str) else ()


def _asked_by_link(field: Field, value: Any) -> tuple[Question, ...]:
    """What the linter finds behind the host of a link; that it is an address, its field has said."""
    path = path_of(value) or ""
    start = len(value) - len(path) if path else 0
    found = (Passage(start + each.start, start + each.end, each.code) for each in lint(path))
    return tuple(Question(field.name, value, passage) for passage in found)


def settle(asked: Iterable[Question], answers: Mapping[str, str]) -> list[Kept]:
    """What the header says of the passages that stay; `answers` maps the id of each question to its reason.

    Refuses a passage without a reason (`release.passage-open`), one that no reason lets stay
    (`release.must-be-reworded`), a reason that is not one of the finding's (`release.reason-not-admitted`), an answer
    to a question that this text does not ask (`release.other-text`), and too many of them (`release.too-many-kept`).
    """
    found = tuple(asked)
    if not answers.keys() <= {question.id for question in found}:
        raise Refusal("release.other-text")
    if len(found) > MOST_KEPT:
        raise Refusal("release.too-many-kept", limit=MOST_KEPT, found=len(found))
    for question in found:
        _require_answer(question, answers, sum(each.id not in answers for each in found))
    counted = Counter((question.finding, answers[question.id]) for question in found)
    return [Kept(finding=finding, reason=reason, n=n) for (finding, reason), n in sorted(counted.items())]


def answers_in_order(asked: Iterable[Question], given: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Answers given as (finding, reason), one a passage, in the order in which the passages stand.

    Refuses an answer to which no passage is left (`release.no-such-passage`).
    """
    open_questions = list(asked)
    answers = {}
    for finding, reason in given:
        question = next((each for each in open_questions if each.finding == finding), None)
        if question is None:
            raise Refusal("release.no-such-passage", finding=finding[:40])
        open_questions.remove(question)
        answers[question.id] = reason
    return answers


def of_texts(header: Header) -> tuple[Kept, ...]:
    """The passages of texts that stay, and why."""
    return tuple(each for each in header.kept if each.finding != PICTURE)


def of_pictures(header: Header) -> tuple[Kept, ...]:
    """What the releasing officer stated of the pictures."""
    return tuple(each for each in header.kept if each.finding == PICTURE)


def unanswered(asked: Iterable[Question], kept: Iterable[Kept]) -> int:
    """How many passages a reader's own linter finds for which the header of the notice gives no reason."""
    answered: Counter[str] = Counter()
    for each in kept:
        answered[each.finding] += each.n
    return (Counter(question.finding for question in asked) - answered).total()


@dataclass(frozen=True, slots=True)
class Tally:
    """What one party's officers released in one quarter (of Gregorian months, by the header's `at` in UTC)."""

    first_day: str
    last_day: str
    party: str
    released: int
    """Notices released by officers, reviews not counted."""
    over: int
    """Those of them in which a passage was kept."""
    passages: tuple[Kept, ...]
    """The passages kept in all of them, by finding and reason."""


def tallies(notices: Iterable[Notice], parties: Iterable[str]) -> tuple[Tally, ...]:
    """One row for each quarter in which anybody released anything and each party, the latest quarter first.
    Pictures are not counted: every one of them is asked about.

    One rule for every party: only headers are read, of notices that conform, and a party that released nothing in a
    quarter has its row too.
    """
    counted = [each for each in notices if each.conforms and each.release != "machine" and each.role != roles.SEALS]
    quarters: dict[tuple[int, int], dict[str, list[Notice]]] = {}
    for each in counted:
        year, month = int(each.at[:4]), int(each.at[5:7])
        quarters.setdefault((year, (month - 1) // 3), {}).setdefault(each.party, []).append(each)
    codes = tuple(parties)
    return tuple(
        _tally(*quarter, party, by_party.get(party, []))
        for quarter, by_party in sorted(quarters.items(), reverse=True)
        for party in codes
    )


def _tally(year: int, quarter: int, party: str, released: list[Notice]) -> Tally:
    counted: Counter[tuple[str, str]] = Counter()
    over = 0
    for each in released:
        stays = of_texts(each.leaf.header) if each.leaf else ()
        over += bool(stays)
        for kept in stays:
            counted[kept.finding, kept.reason] += kept.n
    first, last = _QUARTERS[quarter]
    passages = tuple(Kept(finding=finding, reason=reason, n=n) for (finding, reason), n in sorted(counted.items()))
    return Tally(f"{year:04}-{first}", f"{year:04}-{last}", party, len(released), over, passages)


def judge_kept(header: Header, text_classes: frozenset[str], has_pictures: bool = False) -> tuple[Refusal, ...]:
    """Why the `kept` of a header does not conform; `text_classes` are the retention classes in which its kind has
    texts, and `has_pictures` says whether it has attachments."""
    classes = {part.retention for part in header.parts}
    pictured = has_pictures and ATTACHMENT in classes
    if pictured and all(each.finding != PICTURE for each in header.kept):
        return (Refusal("leaf.picture-unanswered", kind=header.kind[:80]),)
    if not header.kept:
        return ()
    may_keep = {PICTURE: pictured}
    has_text = not text_classes.isdisjoint(classes)
    if header.release == "machine" or not all(may_keep.get(each.finding, has_text) for each in header.kept):
        return (Refusal("leaf.kept-not-permitted", kind=header.kind[:80]),)
    for each in header.kept:
        if each.reason not in REASONS.get(each.finding, ()):
            return (Refusal("leaf.kept-unknown", finding=each.finding[:40], reason=each.reason[:40]),)
    places = [(each.finding, each.reason) for each in header.kept]
    counts = [each.n for each in header.kept]
    if places != sorted(set(places)) or min(counts) < 1 or sum(counts) > MOST_KEPT:
        return (Refusal("leaf.kept-wrong-form", limit=MOST_KEPT),)
    return ()


def _require_answer(question: Question, answers: Mapping[str, str], still_open: int) -> None:
    if not question.reasons:
        raise Refusal("release.must-be-reworded", field=question.field, finding=question.finding)
    reason = answers.get(question.id)
    if reason is None:
        raise Refusal("release.passage-open", field=question.field, finding=question.finding, open=still_open)
    if reason not in question.reasons:
        raise Refusal("release.reason-not-admitted", field=question.field, finding=question.finding, reason=reason[:40])

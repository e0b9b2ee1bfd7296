"""Common texts: whole versions, who accepted which paragraphs, and from when a text is frozen, as a function of the
book.

A version that refers to none opens a text under its own spoken number; another version refers to one of the same text,
and the last one stands. Whoever proposes a version accepts all of it. The other parties accept paragraphs of the
version that stands, each time in all its languages; once every other party has accepted all of them the text is
frozen, and nothing that comes later in the order of the record changes it. Then one notice puts it forward as a joint
text under the commitments of the frozen version, and is sealed like any other (`mithaq.notices.joint`).

The fold reads headers and coded facts alone, so both sides freeze the same text also where words are erased. What says
nothing in this order is kept and named with the reason (`Void`); nothing is lost.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final

from mithaq.errors import Refusal
from mithaq.followup import wording
from mithaq.instrument.law import Kind, Law
from mithaq.notices.book import Book, Notice
from mithaq.notices.fields.paragraphs import PARAGRAPHS, Words
from mithaq.notices.joint import JointText

DRAFTED: Final = "text-draft"
ACCEPTED: Final = "text-acceptance"
FINAL: Final = "text-final"
"""The facets of the kinds of which common texts are made."""

MATTER: Final = "matter"
"""The field that says what kind of text it is."""
EXTENT: Final = "accepted"
"""The field of an acceptance that says which paragraphs."""


class State(StrEnum):
    """Where a text stands."""

    OPEN = "open"
    """A version stands that not all have accepted."""
    FROZEN = "frozen"
    """Every paragraph is accepted by all; nobody has put it forward to be sealed."""
    PROPOSED = "proposed"
    """It is put forward, and not all have sealed it."""
    SEALED = "sealed"
    WITHDRAWN = "withdrawn"
    """Every version was taken back before the text was frozen."""


@dataclass(frozen=True, slots=True)
class Version:
    """A whole version of a text, and which of its paragraphs the others have accepted."""

    notice: Notice
    place: int
    """1 for the first version of the text, in the order of the record."""
    after: str
    """Spoken number of the version that it refers to; empty for the first."""
    accepted: Mapping[str, frozenset[int]]
    """Party to the numbers of the paragraphs that it accepted, without the party that proposed the version."""
    of: Mapping[str, int]
    """Party to how many paragraphs it says that the version has."""
    withdrawn: bool

    @property
    def number(self) -> str:
        return self.notice.number

    def is_accepted_by(self, party: str) -> bool:
        """Whether this party accepts every paragraph."""
        return party == self.notice.party or len(self.accepted.get(party, ())) == self.of.get(party, -1)

    def accepts(self, party: str, paragraph: int) -> bool:
        """Whether this party accepts the paragraph of this number."""
        return party == self.notice.party or paragraph in self.accepted.get(party, ())


@dataclass(frozen=True, slots=True)
class Void:
    """A notice about a text that says nothing there, and why (`version.…`)."""

    notice: Notice
    refusal: Refusal


@dataclass(frozen=True, slots=True)
class CommonText:
    """A text with all its versions, in the order of the record."""

    versions: tuple[Version, ...]
    state: State
    last: Version
    """The version that stands: the frozen one, else the last that was not taken back, else the last."""
    final: Notice | None
    """The notice that puts the frozen version forward."""
    joint: JointText | None
    """How far that is sealed."""
    void: tuple[Void, ...]
    about: tuple[str, ...]
    """Spoken numbers of what the first version refers to, such as the call of a meeting."""

    @property
    def number(self) -> str:
        return self.versions[0].number

    @property
    def matter(self) -> str:
        """The code of the kind of text, as the version that stands states it."""
        return str((self.last.notice.facts or {})[MATTER])

    @property
    def is_frozen(self) -> bool:
        return self.state in (State.FROZEN, State.PROPOSED, State.SEALED)

    @property
    def parties(self) -> frozenset[str]:
        """The parties of its audience."""
        first = self.versions[0].notice
        return frozenset({first.party, *first.ladder})

    def version(self, number: str) -> Version | None:
        """The version of this spoken number."""
        return next((each for each in self.versions if each.number == number), None)


def texts(book: Book, law: Law) -> tuple[CommonText, ...]:
    """Every common text of the book, in the order of the record."""
    facets = {kind.name: frozenset(kind.facets) & {DRAFTED, ACCEPTED, FINAL} for kind in law.kinds}
    folds: dict[str, _Fold] = {}
    told: dict[str, _Fold] = {}
    """Every notice about a text, also one that says nothing there, to its text."""
    for step, notice in _steps(book, facets):
        found = {id(told[each]): told[each] for each in (notice.number, *notice.refers) if each in told}
        if DRAFTED in step and not found:
            told[notice.number] = folds[notice.number] = _Fold(notice, book)
        for fold in found.values():
            fold.take(step, notice, alone=len(found) == 1)
            told[notice.number] = fold
    return tuple(fold.folded() for fold in folds.values())


def words_field(kind: Kind) -> str:
    """The name of the field in which a kind holds a whole text; empty where it has none."""
    return next((each.name for each in kind.fields if each.type == PARAGRAPHS.name), "")


def number_of_paragraphs(words: Words) -> int:
    """How many paragraphs a whole text has, the same in every language."""
    return max(map(len, words.values()), default=0)


def paragraph(words: Words, number: int) -> Mapping[str, str]:
    """The paragraph of this number: language to its words."""
    return {language: lines[number - 1] for language, lines in words.items() if number <= len(lines)}


def aligned(before: Words, after: Words) -> tuple[tuple[int, int], ...]:
    """The numbers of the paragraphs of two versions that stand beside each other, of the later one first; 0 where that
    one has none there. Paragraphs that are the same in every language are lined up before all others."""
    keys = [[_key(words, number) for number in range(1, number_of_paragraphs(words) + 1)] for words in (before, after)]
    return tuple(
        (0 if new is None else new + 1, 0 if old is None else old + 1)
        for old, new in wording.lined_up(keys[0], keys[1])
    )


def known_to(party: str, text: CommonText, words: Mapping[str, Words]) -> Mapping[int, int]:
    """The paragraphs of the version that stands whose words, in every language, this party proposed or accepted in an
    earlier version: paragraph to the place of the latest such version.

    `words` maps the spoken number of each version that is at hand to its text. This is help for whoever reads, never an
    acceptance: a party accepts what stands in the version that it names.
    """
    seen: dict[tuple[tuple[str, str], ...], int] = {}
    for version in text.versions:
        if version.place >= text.last.place or version.number not in words:
            continue
        earlier = words[version.number]
        for number in range(1, number_of_paragraphs(earlier) + 1):
            if version.accepts(party, number):
                seen[_key(earlier, number)] = version.place
    last = words.get(text.last.number, {})
    keys = {number: _key(last, number) for number in range(1, number_of_paragraphs(last) + 1)}
    return {number: seen[key] for number, key in keys.items() if key in seen}


def _key(words: Words, number: int) -> tuple[tuple[str, str], ...]:
    return tuple(sorted(paragraph(words, number).items()))


_WITHDRAWN: Final = frozenset({"withdrawn"})


def _steps(book: Book, facets: Mapping[str, frozenset[str]]) -> Iterator[tuple[frozenset[str], Notice]]:
    """What happened to texts, in the order of the record: a notice with its facets, or again where it is taken back."""
    found: list[tuple[Any, frozenset[str], Notice]] = []
    for notice in book.of_kinds(kind for kind, its in facets.items() if its):
        step = facets[notice.kind]
        if notice.conforms and notice.facts is not None:
            found.append((notice.order, step, notice))
            if notice.withdrawn_by is not None:
                found.append((book.notices[notice.withdrawn_by].order, _WITHDRAWN | step, notice))
    yield from ((step, notice) for _, step, notice in sorted(found, key=lambda each: each[0]))


@dataclass(frozen=True, slots=True)
class _Extent:
    """What one acceptance says."""

    numbers: frozenset[int]
    of: int


@dataclass(slots=True)
class _Draft:
    notice: Notice
    after: str
    accepted: dict[str, dict[str, _Extent]] = field(default_factory=dict)
    """Party to its acceptances that are not taken back; those of one party all say the same `of`."""
    withdrawn: bool = False

    def version(self, place: int) -> Version:
        said = {party: tuple(each.values()) for party, each in self.accepted.items() if each}
        accepted = {party: frozenset[int]().union(*(each.numbers for each in its)) for party, its in said.items()}
        of = {party: its[0].of for party, its in said.items()}
        return Version(self.notice, place, self.after, accepted, of, self.withdrawn)


class _Fold:
    """One text, step by step."""

    def __init__(self, first: Notice, book: Book) -> None:
        self._book = book
        self._drafts = {first.number: _Draft(first, "")}
        self._others = frozenset({first.party, *first.ladder})
        self._frozen: str | None = None
        self._final: Notice | None = None
        self.void: list[Void] = []

    def take(self, step: frozenset[str], notice: Notice, *, alone: bool) -> None:
        """Take what comes next; `alone` when it speaks of no other text."""
        if step >= _WITHDRAWN:
            self._take_back(notice)
            return
        named = [self._drafts[number] for number in notice.refers if number in self._drafts]
        if self._frozen is not None and FINAL not in step:
            refusal: Refusal | None = Refusal("version.frozen", number=self._frozen)
        elif not alone or len(named) != 1:
            refusal = Refusal("version.not-one", found=len(named))
        elif DRAFTED in step:
            self._drafts[notice.number] = _Draft(notice, named[0].notice.number)
            return
        else:
            refusal = self._accept(notice, named[0]) if ACCEPTED in step else self._put_forward(notice, named[0])
        if refusal is not None:
            self.void.append(Void(notice, refusal))

    def folded(self) -> CommonText:
        versions = tuple(draft.version(place) for place, draft in enumerate(self._drafts.values(), 1))
        joint = self._book.joint.get(self._final.number) if self._final else None
        standing = [each for each in versions if not each.withdrawn]
        last = next((each for each in versions if each.number == self._frozen), (standing or versions)[-1])
        if self._frozen is None:
            state = State.OPEN if standing else State.WITHDRAWN
        elif joint is None:
            state = State.FROZEN
        else:
            state = State.SEALED if joint.is_agreed else State.PROPOSED
        about = versions[0].notice.refers
        return CommonText(versions, state, last, self._final, joint, tuple(self.void), about)

    def _accept(self, notice: Notice, draft: _Draft) -> Refusal | None:
        stated = (notice.facts or {})[EXTENT]
        extent = _Extent(frozenset(stated["numbers"]), stated["of"])
        if draft.notice.party == notice.party:
            return Refusal("version.own", number=draft.notice.number)
        if draft is not self._standing():
            return Refusal("version.not-the-last", number=draft.notice.number)
        before = draft.accepted.setdefault(notice.party, {})
        counted = next((each.of for each in before.values()), extent.of)
        if counted != extent.of:
            return Refusal("version.other-count", stated=extent.of, before=counted)
        before[notice.number] = extent
        version = draft.version(0)
        if all(version.is_accepted_by(party) for party in self._others):
            self._frozen = draft.notice.number
        return None

    def _put_forward(self, notice: Notice, draft: _Draft) -> Refusal | None:
        if draft.notice.number != self._frozen:
            return Refusal("version.not-frozen", number=draft.notice.number)
        if self._final is not None:
            return Refusal("version.put-forward", number=self._final.number)
        if not repeats(notice, draft.notice):
            return Refusal("version.other-words", number=draft.notice.number)
        self._final = notice
        return None

    def _take_back(self, notice: Notice) -> None:
        """What is frozen stays so. A text that was put forward and is taken back may be put forward again."""
        if self._final is notice:
            joint = self._book.joint.get(notice.number)
            self._final = notice if joint is not None and joint.is_agreed else None
        if self._frozen is not None:
            return
        if notice.number in self._drafts:
            self._drafts[notice.number].withdrawn = True
        for draft in self._drafts.values():
            draft.accepted.get(notice.party, {}).pop(notice.number, None)

    def _standing(self) -> _Draft | None:
        return next((each for each in reversed(self._drafts.values()) if not each.withdrawn), None)


def repeats(later: Notice, earlier: Notice) -> bool:
    """Whether one notice carries exactly the parts of another: the same words under the same commitments."""
    if later.leaf is None or earlier.leaf is None:
        return False
    return later.leaf.header.parts == earlier.leaf.header.parts


def of_number(all_texts: Iterable[CommonText], number: str) -> CommonText | None:
    """The text to which the notice of this spoken number belongs as a version, or that it puts forward."""
    return next(
        (each for each in all_texts if each.version(number) or (each.final and each.final.number == number)), None
    )


def told(found: Sequence[CommonText], number: str) -> tuple[CommonText, ...]:
    """The texts whose first version refers to the notice of this spoken number: the minutes of a meeting."""
    return tuple(each for each in found if number in each.about)


def sealed_about(found: Iterable[CommonText], book: Book, number: str) -> CommonText | None:
    """The text, sealed by all, whose first version names the notice of this spoken number; None where there is none.

    What stands in the record only after the last seal was sealed by nobody, whatever names it.
    """
    named = (each for each in found if each.state is State.SEALED and number in each.about)
    return next((each for each in named if _precedes_seal(book.notices[number], each, book)), None)


def _precedes_seal(notice: Notice, text: CommonText, book: Book) -> bool:
    seals = text.joint.assents.values() if text.joint else ()
    return any(notice.order < book.notices[each].order for each in seals)


def objection(found: Sequence[CommonText], facets: Iterable[str], party: str, refers: Sequence[str]) -> Refusal | None:
    """Why a notice with these facets, which `party` is about to make and which refers to these numbers, would say
    nothing about its text; None where it would, or speaks of no text.
    """
    steps = frozenset(facets) & {DRAFTED, ACCEPTED, FINAL}
    named = [(text, version) for text in found for number in refers if (version := text.version(number))]
    if not steps or (DRAFTED in steps and not named):
        return None
    if len(named) != 1:
        return Refusal("version.not-one", found=len(named))
    ((text, version),) = named
    if FINAL in steps:
        if not text.is_frozen or version is not text.last:
            return Refusal("version.not-frozen", number=version.number)
        return Refusal("version.put-forward", number=text.final.number) if text.final else None
    if text.is_frozen:
        return Refusal("version.frozen", number=text.last.number)
    if ACCEPTED in steps and version.notice.party == party:
        return Refusal("version.own", number=version.number)
    if ACCEPTED in steps and (version is not text.last or version.withdrawn):
        return Refusal("version.not-the-last", number=version.number)
    return None

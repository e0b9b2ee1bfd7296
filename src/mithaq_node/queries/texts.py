"""The common texts of the record: all of them, and one with its words, what differs and who accepts what."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from django.conf import settings

from mithaq import canonical
from mithaq.errors import Refusal
from mithaq.followup import texts
from mithaq.followup.texts import CommonText, Version
from mithaq.followup.wording import Pair
from mithaq.instrument import alternat
from mithaq.instrument.law import Kind
from mithaq.notices import numbers
from mithaq.notices.book import Notice
from mithaq.notices.conformance import judge_part
from mithaq.notices.fields.paragraphs import Words
from mithaq_node.queries import instrument, ledgers, rolls


@dataclass(frozen=True, slots=True)
class Row:
    """A paragraph of the version that is shown, beside the one that it takes the place of."""

    number: int
    """Its number in the version that is shown; 0 where that has it no more."""
    before: int
    """Its number in the version that it is compared with; 0 where that had it not."""
    columns: tuple[tuple[str, Pair], ...]
    """Language and what stands there, in the order in which languages stand on this node."""
    accepted: tuple[tuple[str, bool, int], ...]
    """Party, whether it accepts the paragraph as it stands, and else the place of the version in which it accepted the
    same words; 0 for none."""

    @property
    def is_kept(self) -> bool:
        return all(pair.is_kept for _, pair in self.columns)

    def is_open_to(self, party: str) -> bool:
        """Whether this party has not accepted the paragraph."""
        return bool(self.number) and not all(is_accepted for code, is_accepted, _ in self.accepted if code == party)

    def is_known_to(self, party: str) -> bool:
        """Whether this party accepted the same words in an earlier version."""
        return any(place for code, _, place in self.accepted if code == party)


@dataclass(frozen=True)
class TextView:
    """A common text with the words of the versions that are at hand."""

    text: CommonText
    words: Mapping[str, Words]
    """Spoken number of a version to its words; without those that are not at hand or not what the kind asks for."""
    broken: Mapping[str, Refusal]
    """Spoken number to why the words of a version are not what the kind asks for."""
    parties: tuple[str, ...]
    """This node's own first."""

    @property
    def number(self) -> str:
        return self.text.number

    def rows(self, shown: Version, before: Version | None) -> tuple[Row, ...]:
        """What stands in a version, paragraph by paragraph, beside another one; empty where it is not at hand."""
        now, then = self.words.get(shown.number, {}), self.words.get(before.number, {}) if before else None
        languages = alternat.own_first(instrument.law().authentic, settings.NODE.language)
        found = []
        for number, old in texts.aligned(now if then is None else then, now):
            new = texts.paragraph(now, number) if number else {}
            past = (texts.paragraph(then, old) if old else {}) if then is not None else new
            columns = tuple((each, Pair(past.get(each), new.get(each))) for each in languages)
            accepted = tuple(self._accepted(party, shown, number) for party in self.parties)
            found.append(Row(number, old, columns, accepted))
        return tuple(found)

    def _accepted(self, party: str, shown: Version, number: int) -> tuple[str, bool, int]:
        known = self._known[party].get(number, 0) if shown is self.text.last else 0
        return party, shown.accepts(party, number), known

    @cached_property
    def _known(self) -> Mapping[str, Mapping[int, int]]:
        return {party: texts.known_to(party, self.text, self.words) for party in self.parties}


def every() -> tuple[CommonText, ...]:
    """Every common text, the latest first."""
    return tuple(reversed(texts.texts(ledgers.book(), instrument.law())))


def is_one(number: str) -> bool:
    """Whether the notice of this number opened a common text, is a version of it, or put it forward."""
    return texts.of_number(every(), number) is not None


def one(number: str) -> TextView:
    """The text that was opened by the notice of this number, or of which that is a version; refuses any other
    (`version.none`)."""
    found = texts.of_number(every(), number)
    if found is None:
        raise Refusal("version.none", number=number[:40])
    words: dict[str, Words] = {}
    broken: dict[str, Refusal] = {}
    for version in found.versions:
        try:
            said = words_of(version.notice)
        except Refusal as refusal:
            broken[version.number] = refusal
        else:
            words |= {version.number: said} if said else {}
    return TextView(found, words, broken, tuple(party.code for party in instrument.parties()))


def words_of(notice: Notice) -> Words:
    """The words of a version; empty where they are not at hand. Refuses words that are not what the kind asks for."""
    law = instrument.law()
    kind = instrument.law_of(notice.leaf).kind(notice.kind)
    field = next((each for each in kind.fields if each.name == texts.words_field(kind)), None) if kind else None
    if kind is None or field is None or notice.leaf is None:
        return {}
    held = {each.number: each.body for each in rolls.parts(*rolls.located(law, *numbers.parse(notice.number)))}
    for place, part in enumerate(notice.leaf.header.parts):
        if part.retention == field.part and place in held:
            for refusal in judge_part(part.retention, held[place], kind.name, law):
                raise refusal
            said: Words = canonical.decode(held[place])[field.name]
            return said
    return {}


def telling(facet: str) -> Kind | None:
    """The kind of the law in force whose notices carry the facet; a law may lack it."""
    return next((kind for kind in instrument.law().kinds if facet in kind.facets), None)


def matters() -> Sequence[str]:
    """The kinds of common text that the law in force lists."""
    kind = telling(texts.DRAFTED)
    listed = next((each.codes for each in kind.fields if each.name == texts.MATTER), "") if kind else ""
    return instrument.law().codes.get(listed, [])


def of_meeting(number: str) -> Sequence[CommonText]:
    """The texts that were opened about the meeting of this number: its minutes."""
    return texts.told(every(), number)

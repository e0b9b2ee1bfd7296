"""One incident, or one notice, with all that a page shows of it."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from mithaq.errors import Refusal
from mithaq.instrument.law import Field, Kind, Law
from mithaq.notices import envelope, joint, kept, numbers, roles, steps
from mithaq.notices.book import Erasure, Incident, Notice, Review, Stated
from mithaq.notices.envelope import Kept
from mithaq.notices.incidents import COMPARED_TYPES, NEVER_COMPARED
from mithaq.notices.joint import JointText
from mithaq.notices.steps import NextStep
from mithaq_node.queries import erased, instrument, ledgers, pairs, rolls, watch
from mithaq_node.queries.register import FINAL


@dataclass(frozen=True, slots=True)
class Part:
    """A part as it was sent: what this node holds of it, and whether it is what the leaf committed to."""

    number: int
    retention: str
    size: int
    body: bytes | None
    """None when it is not at hand: not arrived, or erased."""
    values: Mapping[str, Any]
    """Field to value; empty when the body is missing or is no JSON object."""
    commitment: str
    """What the leaf says of it, base64: it stays when the part goes."""
    erased: Erasure | None
    """Where this party says that it holds it no more."""


@dataclass(frozen=True, slots=True)
class NoticeView:
    """A notice with its kind, its parts and its clocks."""

    notice: Notice
    kind: Kind | None
    leaf: envelope.Leaf | None
    parts: tuple[Part, ...]
    clocks: tuple[watch.ClockFace, ...]
    review: Review | None
    silent_for: int
    """Seconds without a receipt, once they are more than the instrument allows; otherwise 0."""

    @property
    def rows(self) -> tuple[tuple[Field, Any], ...]:
        """Field and value, in the order of the kind, of everything at hand."""
        if self.kind is None:
            return ()
        said: dict[str, Any] = {}
        for part in self.parts:
            said.update(part.values)
        return tuple((field, said[field.name]) for field in self.kind.fields if field.name in said)

    @property
    def stays(self) -> tuple[Kept, ...]:
        """The passages of its text that were kept, and why."""
        return kept.of_texts(self.leaf.header) if self.leaf else ()

    @property
    def pictured(self) -> tuple[Kept, ...]:
        """What whoever released it stated of its pictures."""
        return kept.of_pictures(self.leaf.header) if self.leaf else ()

    @property
    def unanswered(self) -> int:
        """How many passages this node's linter finds in the texts at hand for which the release gave no reason. A
        notice that seals repeats the parts of one whose own leaf answers for them."""
        if self.kind is None or self.kind.role == roles.SEALS:
            return 0
        asked = (each for field, said in self.rows for each in kept.asked_by(field, said))
        return kept.unanswered(asked, (*self.stays, *self.pictured))

    @property
    def officers(self) -> tuple[str, ...]:
        """The key names that signed it, in the order in which they signed."""
        if self.leaf is None:
            return ()
        filed = (self.leaf.header.filed.by,) if self.leaf.header.filed else ()
        return filed + tuple(line.name for line in self.leaf.signatures)


@dataclass(frozen=True, slots=True)
class AccountRow:
    """One thing that happened, as each party states it."""

    field: str
    kind: str
    """A kind that has the field, for its label."""
    said: tuple[tuple[str, Stated | None], ...]
    """Party and what it states, this node's own first."""
    differs: bool


@dataclass(frozen=True, slots=True)
class VersionRow:
    """One field of a joint text beside the version that it takes the place of."""

    field: Field
    said: Any
    """None where only the version before has it."""
    changed: bool
    paragraphs: tuple[tuple[str, bool], ...]
    """Of a free text: each paragraph, and whether the version before lacks it."""


@dataclass(frozen=True, slots=True)
class Version:
    """A proposal of a joint text: a whole version, compared with the one it refers to."""

    text: JointText
    view: NoticeView
    before: str
    """Spoken number of the version before; empty for the first."""
    rows: tuple[VersionRow, ...]
    replaced_by: str
    """Spoken number of a later version that refers to it."""


@dataclass(frozen=True, slots=True)
class IncidentView:
    """An incident: both accounts side by side, its notices in order, its clocks, and what may be done next."""

    incident: Incident
    first: NoticeView
    rows: tuple[AccountRow, ...]
    timeline: tuple[NoticeView, ...]
    clocks: tuple[watch.ClockFace, ...]
    steps: tuple[NextStep, ...]
    """What this node's party may do now."""
    joint: tuple[Version, ...]
    """Every version of every joint text, the latest first."""
    beside: pairs.Beside | None
    """The other incident, where both parties have confirmed that the two are one."""

    @property
    def is_open(self) -> bool:
        return self.incident.state not in FINAL


def incident(number: str, now: str) -> IncidentView:
    """The incident that the notice of this number belongs to; refuses a number that belongs to none."""
    book, law = ledgers.book(), instrument.law()
    found = book.incidents.get(number)
    if found is None:
        member = book.notices.get(number)
        found = book.incidents.get(member.thread) if member else None
    if found is None:
        raise Refusal("desk.no-incident", number=number)
    timeline = tuple(notice_view(each, now) for each in found.notices)
    first = next((view for view in timeline if view.notice.number == found.number), timeline[0])
    other = pairs.beside(found)
    return IncidentView(
        incident=found,
        first=first,
        rows=_rows(found, law, other),
        timeline=timeline,
        clocks=watch.faces_of(found.clocks, now),
        steps=steps.steps(book, law, found, instrument.own_party().code),
        joint=tuple(reversed([_version(each, book.joint, timeline) for each in timeline if _is_joint(each)])),
        beside=other,
    )


def notice(number: str, now: str) -> NoticeView:
    """One notice; refuses a number that is none, such as that of a receipt."""
    found = ledgers.notice(number)
    if found is None:
        raise Refusal("desk.no-notice", number=number)
    return notice_view(found, now)


def notice_view(found: Notice, now: str) -> NoticeView:
    """A notice as the version of the instrument reads it that it was made under."""
    book, law = ledgers.book(), instrument.law_of(found.leaf)
    incident = book.incidents.get(found.thread)
    named = ((found.number, rule.id, party.code) for rule in law.clocks for party in law.parties)
    alone = (book.started[key] for key in named if key in book.started)
    clocks = (clock for clock in incident.clocks if clock.notice == found.number) if incident else alone
    return NoticeView(
        notice=found,
        kind=law.kind(found.kind),
        leaf=found.leaf,
        parts=_parts(found, law),
        clocks=watch.faces_of(clocks, now),
        review=book.reviews.get(found.number),
        silent_for=watch.silent_since(found, now, law.limits.silence),
    )


@dataclass(frozen=True, slots=True)
class Leaf:
    """A leaf that is not a notice, or any leaf, as it stands in its log."""

    number: str
    party: str
    index: int
    encoded: bytes
    parsed: envelope.Leaf | None


def leaf(number: str) -> Leaf:
    """The leaf of a spoken number, whatever it is."""
    law = instrument.law()
    log, index = rolls.located(law, *numbers.parse(number))
    for _, encoded in rolls.leaves(log, index, index + 1):
        try:
            parsed: envelope.Leaf | None = envelope.parse(encoded)
        except Refusal:
            parsed = None
        return Leaf(number, log.party, index, encoded, parsed)
    raise Refusal("desk.not-held", number=number)


def replies(view: NoticeView, own: str, law: Law) -> tuple[Kind, ...]:
    """The kinds with which this party may refer to the notice, in the order of the law."""
    text = ledgers.book().joint.get(view.notice.number)
    sealable = text is not None and text.is_open and own not in text.assents
    return tuple(
        kind
        for kind in law.kinds
        if steps.may_refer(kind, view.notice, own)
        and (sealable or not joint.is_assent(kind))
        and _may_speak_of(kind, view.kind)
    )


def _may_speak_of(kind: Kind, other: Kind | None) -> bool:
    """Whether a notice of one kind means something about one of the other, by the facets of both."""
    facets = set(other.facets) if other else set()
    return all(facets & set(roles.SPEAKS_OF[facet]) for facet in kind.facets if facet in roles.SPEAKS_OF)


def _parts(found: Notice, law: Law) -> tuple[Part, ...]:
    if found.leaf is None:
        return ()
    held = {each.number: each.body for each in rolls.parts(*rolls.located(law, *numbers.parse(found.number)))}
    gone = erased.parts_of(found)
    return tuple(
        Part(number, ref.retention, ref.n, held.get(number), _values(held.get(number)), ref.c, gone.get(number))
        for number, ref in enumerate(found.leaf.header.parts)
    )


def _is_joint(view: NoticeView) -> bool:
    return view.notice.conforms and joint.is_proposal(view.kind)


def _version(view: NoticeView, texts: Mapping[str, JointText], timeline: tuple[NoticeView, ...]) -> Version:
    """A proposal, compared field by field with the latest version of its kind that it refers to."""
    same = [each for each in timeline if each.notice.kind == view.notice.kind]
    before = next((each for each in reversed(same) if each.notice.number in view.notice.refers), None)
    later = next((each.notice.number for each in reversed(same) if view.notice.number in each.notice.refers), "")
    return Version(
        text=texts[view.notice.number],
        view=view,
        before=before.notice.number if before else "",
        rows=tuple(_compared(view, before)),
        replaced_by=later,
    )


def _compared(view: NoticeView, before: NoticeView | None) -> Iterator[VersionRow]:
    said = {field.name: value for field, value in view.rows}
    old = {field.name: value for field, value in before.rows} if before else None
    for field in view.kind.fields if view.kind else ():
        value, earlier = said.get(field.name), old.get(field.name) if old is not None else None
        if value is None and earlier is None:
            continue
        known = _paragraphs(earlier)
        fresh = tuple((each, old is not None and each not in known) for each in _paragraphs(value))
        yield VersionRow(field, value, old is not None and value != earlier, fresh)


def _paragraphs(value: Any) -> list[str]:
    """The paragraphs of a free text; none of anything else."""
    if not isinstance(value, dict) or set(value) != {"lang", "text"}:
        return []
    return [line.strip() for line in str(value["text"]).splitlines() if line.strip()]


def _values(body: bytes | None) -> Mapping[str, Any]:
    """The fields of a part; one that does not conform is shown raw, and has none."""
    try:
        decoded = json.loads(body) if body else None
    except ValueError:
        return {}
    return decoded if isinstance(decoded, dict) else {}


def _rows(found: Incident, law: Law, other: pairs.Beside | None) -> tuple[AccountRow, ...]:
    """The fields of both accounts in the order of the kinds that state them; where another incident is confirmed to be
    the same one, each party's account from the incident that it told of."""
    differing = other.differing if other else {difference.field for difference in found.differences}
    accounts = other.accounts if other else found.accounts
    notices = (*found.notices, *(other.incident.notices if other else ()))
    parties = [party.code for party in instrument.parties()]
    stated = {field for account in accounts.values() for field in account}
    laws = {each.kind: instrument.law_of(each.leaf) for each in notices}
    kinds = [kind for name, law in laws.items() if (kind := law.kind(name))]
    order: dict[str, tuple[str, Field]] = {}
    for kind in kinds:
        for field in kind.fields:
            if field.name in stated:
                order.setdefault(field.name, (kind.name, field))
    return tuple(
        AccountRow(
            field=name,
            kind=kind,
            said=tuple((party, accounts.get(party, {}).get(name)) for party in parties),
            differs=name in differing,
        )
        for name, (kind, field) in order.items()
        if field.type in COMPARED_TYPES | {"codes", "phrase"} and name not in NEVER_COMPARED
    )

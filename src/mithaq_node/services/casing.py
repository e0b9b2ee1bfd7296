"""Gathering a case: every entry that an incident, or the seals on a common text, rest on, proven under one head of each
log."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass

from mithaq.errors import Refusal
from mithaq.followup.texts import State
from mithaq.moments import Moment
from mithaq.notices import numbers
from mithaq.notices.book import Ladder, Notice, Step
from mithaq.notices.fields.paragraphs import Words
from mithaq.notices.parts import FACTS
from mithaq_files import case, held
from mithaq_files.case import Case, Said
from mithaq_node import queries
from mithaq_node.queries import incidents, texts
from mithaq_node.queries.incidents import IncidentView, NoticeView
from mithaq_node.queries.texts import TextView
from mithaq_node.services import outward, sequencing
from mithaq_node.store import log as record

ALL = "all"
Place = tuple[str, int]
Disclosed = Mapping[Place, frozenset[int]]
"""Origin and index of a notice to the numbers of its parts, beside the facts, that the case discloses."""


@dataclass(frozen=True)
class Gathered:
    """A case without its paper, and what the paper is made from."""

    case: Case
    view: IncidentView
    disclosed: Disclosed
    heads: Mapping[str, bytes]
    """Origin to signed head."""


def gather(*, number: str, disclose: Collection[str], language: str, now: Moment) -> Gathered:
    """Everything about the incident of this spoken number; `disclose` names parts beside the facts.

    A part is named by its retention class, by a notice and a class (`IQ 12-5:text`), or `all`. What is not at hand
    cannot be disclosed and is left out. Refuses a name of nothing in this incident (`case.unknown-part`).
    """
    view = incidents.incident(number, str(now))
    disclosed = _disclosed(view, disclose)
    proofs, heads = _proven(_places(view), disclosed, numbers.parse(view.incident.number).audience)
    said = _said(view.incident.number, view.incident.notices, disclose, language, now)
    return Gathered(Case(said, held.files_of(queries.entered()), proofs), view, disclosed, heads)


@dataclass(frozen=True)
class GatheredText:
    """A common text that all have sealed, with the case of it, and what its paper is made from."""

    case: Case
    view: TextView
    sealing: tuple[NoticeView, ...]
    """The notice that put it forward, and the seals on it in the order of the parties on this node."""

    @property
    def words(self) -> Words:
        return self.view.words[self.view.text.last.number]


def gather_text(*, number: str, language: str, now: Moment) -> GatheredText:
    """The common text of this spoken number with the proofs of the notice that put it forward, its words disclosed, and
    of every seal on it. Refuses one that not all have sealed (`version.not-sealed`), or whose words are not at hand
    (`version.not-at-hand`)."""
    view = texts.one(number)
    text = view.text
    if text.state is not State.SEALED or text.final is None or text.joint is None:
        raise Refusal("version.not-sealed", number=text.number)
    if text.last.number not in view.words:
        raise Refusal("version.not-at-hand", number=text.last.number)
    assents = [text.joint.assents[party] for party in view.parties if party in text.joint.assents]
    sealing = tuple(incidents.notice(each, str(now)) for each in (text.final.number, *assents))
    notices = tuple(each.notice for each in sealing)
    shown = frozenset(part.number for part in sealing[0].parts if part.number and part.body is not None)
    places = {(each.log, each.index) for each in notices}
    disclosed = {(text.final.log, text.final.index): shown}
    proofs, _ = _proven(places, disclosed, numbers.parse(text.number).audience)
    said = _said(text.number, notices, (text.final.number,), language, now)
    return GatheredText(Case(said, held.files_of(queries.entered()), proofs), view, sealing)


def _proven(places: set[Place], disclosed: Disclosed, audience: str) -> tuple[dict[str, bytes], Mapping[str, bytes]]:
    """The proofs of these entries, and of the first of each log of the audience, by their names, and the heads."""
    law = queries.law()
    conn, engine = sequencing.reader()
    known = (log for log in record.logs(conn, engine) if log.size and law.party_of(log.origin))
    logs = {log.origin: log for log in known if numbers.audience_of(log.origin) == audience}
    heads = {origin: outward.signed_head(conn, engine, log) for origin, log in logs.items()}
    proofs = {
        case.proof_name(_folder(origin), index): outward.proven(
            conn, engine, law, logs[origin], heads[origin], index, disclosed.get((origin, index), frozenset())
        )
        for origin, index in sorted(places | {(origin, 0) for origin in logs})
    }
    return proofs, heads


def _said(number: str, notices: Iterable[Notice], disclosed: Iterable[str], language: str, now: Moment) -> Said:
    return Said(
        at=str(now),
        by=queries.own_party().code,
        disclosed=sorted(set(disclosed)),
        incident=number,
        language=language,
        law=queries.sealed().law_digest,
        notices=[each.number for each in notices],
    )


def _places(view: IncidentView) -> set[Place]:
    """Every entry that the incident rests on: its notices, the steps of their ladders, what started its clocks."""
    found = {(each.log, each.index) for each in view.incident.notices}
    steps = [step for each in view.incident.notices for ladder in each.ladder.values() for step in _steps(ladder)]
    steps += [clock.start for clock in view.incident.clocks]
    return found | {(step.log, step.index) for step in steps}


def _steps(ladder: Ladder) -> Iterator[Step]:
    for step in (ladder.sealed, ladder.delivered, ladder.readable, ladder.opened, ladder.answered):
        if step is not None:
            yield step


def _disclosed(view: IncidentView, disclose: Collection[str]) -> Disclosed:
    found: dict[Place, set[int]] = {}
    for name in disclose:
        named = False
        for each in view.timeline:
            for part in each.parts:
                if part.number and part.retention != FACTS and _names(name, each.notice, part.retention):
                    named = True
                    if part.body is not None:
                        found.setdefault((each.notice.log, each.notice.index), set()).add(part.number)
        if not named and name != ALL:
            raise Refusal("case.unknown-part", part=name[:80])
    return {place: frozenset(parts) for place, parts in found.items()}


def _names(name: str, notice: Notice, retention: str) -> bool:
    number, colon, wanted = name.rpartition(":")
    if not colon:
        return name in (ALL, retention)
    return wanted in (ALL, retention) and numbers.parse(number) == numbers.parse(notice.number)


def _folder(origin: str) -> str:
    party = queries.law().party_of(origin)
    *_, audience, epoch = origin.split("/")
    return f"{party.code if party else ''}-{audience}-{epoch}"

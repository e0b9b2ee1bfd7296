"""The commitments of the instrument as this node's record has them: the board, its figures, and one commitment."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from mithaq.errors import Refusal
from mithaq.followup import commitments
from mithaq.followup.commitments import COMMITTEE, Agreement, Column, Piece, Review, Slowdown, Standing, Statement
from mithaq.followup.timeline import Event, events
from mithaq.instrument.law import Article, Kind, Text
from mithaq.notices import evidence, joint, roles, scores
from mithaq.notices.book import Erasure, Notice
from mithaq.notices.envelope import Reference
from mithaq.notices.fields.attachments import ATTACHMENT, picture
from mithaq.notices.fields.links import path_of
from mithaq_node.queries import incidents, instrument, ledgers


@dataclass(frozen=True, slots=True)
class Cell:
    """What one column says of a commitment; both are None while it is empty."""

    column: str
    """A party's code, or `COMMITTEE`."""
    short: Text
    """The party's short name; empty for the committee."""
    statement: Statement | None

    @property
    def score(self) -> int | None:
        return self.statement.score if self.statement else None


@dataclass(frozen=True, slots=True)
class Line:
    """A commitment at a moment, with a cell for each party, this node's own first, and the committee's last."""

    standing: Standing
    cells: tuple[Cell, ...]
    differs: bool
    slowdown: Slowdown | None
    on_the_table: Statement | None
    """The latest proposal of an agreed assessment that can still be sealed."""
    needs: tuple[Standing, ...]
    """The commitments without which it cannot be carried out in full."""
    waits_for: tuple[Standing, ...]
    """Those of them of which not all have agreed that they are carried out in full; nobody need have assessed them."""


@dataclass(frozen=True, slots=True)
class Board:
    """Every commitment of the law, article by article, and what they come to."""

    articles: tuple[tuple[Article, tuple[Line, ...]], ...]
    columns: tuple[tuple[str, Column], ...]
    agreement: Agreement
    differing: int
    slow: int
    total: int


@dataclass(frozen=True, slots=True)
class Telling:
    """The kinds by which officers say something of a commitment; a law may lack any of them."""

    assessment: Kind | None
    progress: Kind | None
    proposal: Kind | None
    review: Kind | None
    seal: Kind | None


@dataclass(frozen=True, slots=True)
class Shown:
    """A piece of evidence with what stands behind it here."""

    piece: Piece
    notice: Notice | None = None
    """The notice that it points at, where that is in the record."""
    link: str = ""
    paper: str = ""
    """The field in which the picture of a paper is at hand."""
    erased: Erasure | None = None
    """Where this party says that it holds the part behind it no more."""
    is_missing: bool = False
    """Whether what stands behind it is not here: a notice that is not in the record, a part that has not come."""

    @property
    def form(self) -> str:
        return self.piece.form


@dataclass(frozen=True, slots=True)
class Told:
    """A statement with its evidence."""

    statement: Statement
    shown: tuple[Shown, ...]
    read: incidents.NoticeView | None = None
    """Its notice with those parts, other than the coded facts, of which something is shown; None where nothing is."""

    @property
    def of_the_whole(self) -> tuple[Review, ...]:
        """The reviews that speak of none of its pieces: it shows none, or none of those that they name."""
        of_pieces = {review.number for each in self.shown for review in each.piece.reviews}
        return tuple(review for review in self.statement.reviews if review.number not in of_pieces)


_IN_PARTS = (evidence.PAPER, evidence.LINK)
"""What stands in parts that may be erased, and that only readers are shown."""


def _every(line: Line) -> bool:
    return True


_KEPT: Mapping[str, Callable[[Line], bool]] = {
    "differs": lambda line: line.differs,
    "slow": lambda line: line.slowdown is not None,
    "unscored": lambda line: all(cell.score is None for cell in line.cells),
}


def board(now: str, shown: str = "") -> Board:
    """The board at `now`; the lines of all, or of those that are `shown`: `differs`, `slow` or `unscored`."""
    every = lines(now)
    parties, standings = _parties(), [line.standing for line in every]
    return Board(
        articles=_by_article([line for line in every if _KEPT.get(shown, _every)(line)]),
        columns=tuple((name, commitments.column(standings, name, now)) for name in (*parties, COMMITTEE)),
        agreement=commitments.agreement(standings, parties, now),
        differing=sum(line.differs for line in every),
        slow=sum(line.slowdown is not None for line in every),
        total=len(every),
    )


def by_article(now: str) -> tuple[tuple[Article, tuple[Line, ...]], ...]:
    """Every article from which something is promised, with its commitments at `now`."""
    return _by_article(lines(now))


def timeline(now: str) -> tuple[Event, ...]:
    """What happened to the commitments up to `now`, and what is due after it."""
    return events((line.standing for line in lines(now)), _parties(), now)


def commitment(id: str, now: str) -> tuple[Line, Article | None]:
    """One commitment and the article it is from; refuses what the law does not list (`commitment.none`)."""
    found = next((line for line in lines(now) if line.standing.commitment.id == id), None)
    if found is None:
        raise Refusal("commitment.none", id=id[:40])
    article = found.standing.commitment.article
    return found, next((each for each in instrument.law().articles if each.number == article), None)


def told(standing: Standing, now: str, *, may_read: bool) -> tuple[Told, ...]:
    """Every statement about a commitment, the latest first, with what stands behind its evidence.

    Whoever may not read notices is given the forms of the evidence and no part is opened for him.
    """
    book = ledgers.book()
    notices = ledgers.named({_name(each.facts) for each in standing.statements if evidence.NOTICE in each.facts})
    latest = reversed(standing.statements)
    return tuple(_told(each, book.notices[each.number], notices, now, may_read) for each in latest)


def require_evidence(kind: Kind, content: Mapping[str, Any], references: Iterable[Reference]) -> None:
    """Refuse a draft that names evidence which is not there, points at a notice that is not in the record
    (`evidence.not-held`), or reviews a piece that nobody shows (`review.no-such-piece`)."""
    evidence.require_shown(kind, content)
    if evidence.FACET in kind.facets and content.get(evidence.NOTICE) is not None:
        name = _name(content)
        if name not in ledgers.named({name}):
            raise Refusal("evidence.not-held", field=evidence.NOTICE)
    if scores.REVIEW in kind.facets and content.get(evidence.PIECES):
        reviewed = ledgers.named({(each.log, each.id) for each in references}).values()
        evidence.require_of_these(content, [form for each in reviewed for form in evidence.forms(each.stated or {})])


def telling() -> Telling:
    """The kinds of the law in force that say something of a commitment, by their roles and facets."""
    about = [kind for kind in instrument.law().kinds if commitments.is_about_commitments(kind)]
    plain = [kind for kind in about if not joint.is_proposal(kind)]
    every = instrument.law().kinds
    return Telling(
        assessment=next((kind for kind in plain if kind.role == roles.ASSESSES), None),
        progress=next((kind for kind in plain if kind.role == roles.STATES), None),
        proposal=next((kind for kind in about if joint.is_proposal(kind)), None),
        review=next((kind for kind in every if scores.REVIEW in kind.facets), None),
        seal=next((kind for kind in every if joint.is_assent(kind)), None),
    )


def _name(facts: Mapping[str, Any]) -> tuple[str, str]:
    """The log and the identifier of the notice that facts point at."""
    said = facts[evidence.NOTICE]
    return said["log"], said["id"]


def _told(
    statement: Statement, notice: Notice, notices: Mapping[tuple[str, str], Notice], now: str, may_read: bool
) -> Told:
    in_parts = any(evidence.BEHIND.get(piece.form) in _IN_PARTS for piece in statement.pieces)
    view = incidents.notice(notice.number, now) if may_read and in_parts else None
    shown = tuple(_shown(statement, notices, view.parts if view else None))
    if view is None or not any(each.link for each in shown):
        return Told(statement, shown)
    of_the_link = tuple(part for part in view.parts if part.number and evidence.LINK in part.values)
    return Told(statement, shown, replace(view, parts=of_the_link))


def _shown(
    statement: Statement, notices: Mapping[tuple[str, str], Notice], parts: tuple[incidents.Part, ...] | None
) -> Iterator[Shown]:
    """Every piece with what stands behind it; `parts` are those of the statement, None where they stay closed."""
    for piece in statement.pieces:
        behind = evidence.BEHIND.get(piece.form)
        if behind == evidence.NOTICE:
            found = notices.get(_name(statement.facts)) if evidence.NOTICE in statement.facts else None
            yield Shown(piece, notice=found, is_missing=found is None)
        elif behind in _IN_PARTS and parts is not None:
            yield _in_a_part(piece, behind, parts)
        else:
            yield Shown(piece)


def _in_a_part(piece: Piece, field: str, parts: Iterable[incidents.Part]) -> Shown:
    """A paper or a link, as far as the part in which it travels is at hand."""
    wanted = [part for part in parts if (part.retention == ATTACHMENT) == (field == evidence.PAPER) and part.number]
    said = next((part.values[field] for part in wanted if field in part.values), None)
    if field == evidence.PAPER and picture(said) is not None:
        return Shown(piece, paper=field)
    if field == evidence.LINK and path_of(said) is not None:
        return Shown(piece, link=str(said))
    gone = next((part.erased for part in wanted if part.erased), None)
    return Shown(piece, erased=gone, is_missing=gone is None)


def _by_article(chosen: Sequence[Line]) -> tuple[tuple[Article, tuple[Line, ...]], ...]:
    of = {
        article.number: [line for line in chosen if line.standing.commitment.article == article.number]
        for article in instrument.law().articles
    }
    return tuple((article, tuple(of[article.number])) for article in instrument.law().articles if of[article.number])


def lines(now: str) -> list[Line]:
    """Every commitment of the law at `now`, in its order."""
    law, book = instrument.law(), ledgers.book()
    parties = _parties()
    columns = [*((party.code, party.short) for party in instrument.parties()), (COMMITTEE, {})]
    standings = commitments.standings(book, law, f"{law.signing.day}T00:00:00Z")
    known, sealable = (
        {each.commitment.id: each for each in standings},
        {text.number for text in book.joint.values() if text.is_open},
    )
    return [_line(each, columns, parties, known, sealable, now) for each in standings]


def _line(
    standing: Standing,
    columns: Sequence[tuple[str, Text]],
    parties: Sequence[str],
    known: Mapping[str, Standing],
    sealable: set[str],
    now: str,
) -> Line:
    needs = tuple(known[id] for id in standing.commitment.needs)
    return Line(
        standing=standing,
        cells=tuple(Cell(name, short, standing.current(name, now)) for name, short in columns),
        differs=standing.differs(parties, now),
        slowdown=standing.slowdown(now),
        on_the_table=_open(standing.statements, sealable),
        needs=needs,
        waits_for=tuple(each for each in needs if each.score(COMMITTEE, now) != scores.FULL),
    )


def _open(statements: Sequence[Statement], proposals: set[str]) -> Statement | None:
    return next((each for each in reversed(statements) if each.number in proposals), None)


def _parties() -> tuple[str, ...]:
    return tuple(party.code for party in instrument.parties())

"""The commitments of the instrument as this node's record has them: the board, its figures, and one commitment."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from mithaq.errors import Refusal
from mithaq.followup import commitments
from mithaq.followup.commitments import COMMITTEE, Agreement, Column, Slowdown, Standing, Statement
from mithaq.instrument.law import Article, Kind, Text
from mithaq.notices import joint, roles, scores
from mithaq_node.queries import instrument, ledgers


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


def _every(line: Line) -> bool:
    return True


_KEPT: Mapping[str, Callable[[Line], bool]] = {
    "differs": lambda line: line.differs,
    "slow": lambda line: line.slowdown is not None,
    "unscored": lambda line: all(cell.score is None for cell in line.cells),
}


def board(now: str, shown: str = "") -> Board:
    """The board at `now`; the lines of all, or of those that are `shown`: `differs`, `slow` or `unscored`."""
    law, every = instrument.law(), _lines(now)
    keep = _KEPT.get(shown, _every)
    by_article = (
        (article, tuple(line for line in every if line.standing.commitment.article == article.number and keep(line)))
        for article in law.articles
    )
    parties, standings = _parties(), [line.standing for line in every]
    return Board(
        articles=tuple((article, lines) for article, lines in by_article if lines),
        columns=tuple((name, commitments.column(standings, name, now)) for name in (*parties, COMMITTEE)),
        agreement=commitments.agreement(standings, parties, now),
        differing=sum(line.differs for line in every),
        slow=sum(line.slowdown is not None for line in every),
        total=len(every),
    )


def commitment(id: str, now: str) -> tuple[Line, Article | None]:
    """One commitment and the article it is from; refuses what the law does not list (`commitment.none`)."""
    found = next((line for line in _lines(now) if line.standing.commitment.id == id), None)
    if found is None:
        raise Refusal("commitment.none", id=id[:40])
    article = found.standing.commitment.article
    return found, next((each for each in instrument.law().articles if each.number == article), None)


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


def _lines(now: str) -> list[Line]:
    law, book = instrument.law(), ledgers.book()
    parties = _parties()
    columns = [*((party.code, party.short) for party in instrument.parties()), (COMMITTEE, {})]
    return [
        Line(
            standing=each,
            cells=tuple(Cell(name, short, each.current(name, now)) for name, short in columns),
            differs=each.differs(parties, now),
            slowdown=each.slowdown(now),
            on_the_table=_open(each.statements, {text.number for text in book.joint.values() if text.is_open}),
        )
        for each in commitments.standings(book, law, f"{law.signing.day}T00:00:00Z")
    ]


def _open(statements: Sequence[Statement], proposals: set[str]) -> Statement | None:
    return next((each for each in reversed(statements) if each.number in proposals), None)


def _parties() -> tuple[str, ...]:
    return tuple(party.code for party in instrument.parties())

"""What is said publicly of crossings and stretches now: statements of kinds that the instrument marks public."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from mithaq.corridors.crossings import CrossingState
from mithaq.corridors.segments import SegmentState
from mithaq.instrument.statement import Statement
from mithaq.notices import numbers
from mithaq_node.queries import instrument, ledgers


@dataclass(frozen=True, slots=True)
class PublicStatement:
    """A statement that stands for at least one direction and kind of traffic, and for which ones."""

    statement: Statement
    area: str
    """`crossing` or `segment`."""
    id: str
    directions: tuple[str, ...]
    traffic: tuple[str, ...]


def statements() -> tuple[PublicStatement, ...]:
    """Every public statement that stands, by the number of its notice; only those that all parties are told."""
    book = ledgers.book()
    found: dict[str, list[tuple[str, str, str, str, Statement]]] = {}
    for area, id, direction, traffic, statement in (*_of("crossing", book.crossings), *_of("segment", book.segments)):
        found.setdefault(statement.number, []).append((area, id, direction, traffic, statement))
    return tuple(
        PublicStatement(
            statement=said[0][4],
            area=said[0][0],
            id=said[0][1],
            directions=tuple(sorted({each[2] for each in said})),
            traffic=tuple(sorted({each[3] for each in said})),
        )
        for number, said in sorted(found.items())
        if _is_public(number)
    )


def _of(
    area: str, states: Mapping[tuple[str, str, str], CrossingState] | Mapping[tuple[str, str, str], SegmentState]
) -> Iterator[tuple[str, str, str, str, Statement]]:
    for (id, direction, traffic), state in states.items():
        for statement in state.statements.values():
            yield area, id, direction, traffic, statement


def _is_public(number: str) -> bool:
    """Whether the notice is of a public kind and told to everybody, not to some of the parties alone."""
    notice = ledgers.notice(number)
    kind = instrument.law().kind(notice.kind) if notice else None
    return notice is not None and kind is not None and kind.public and numbers.audience_of(notice.log) == numbers.ALL

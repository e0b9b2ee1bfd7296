"""Entering earlier commitments and decisions from a table: a draft for each row, never a notice.

Two officers sign each draft like any other. Until the other side seals it, what is released is the word of this party.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from mithaq.errors import Refusal
from mithaq.followup import earlier_tables
from mithaq.followup.earlier_tables import RefusedRow, Row, Table, Terms
from mithaq.instrument.law import Kind
from mithaq.moments import Moment
from mithaq_files import sheets
from mithaq_node.queries import earlier
from mithaq_node.queries.earlier import Entered
from mithaq_node.services import drafting, storage
from mithaq_node.services.moves import Deed, check_officer
from mithaq_node.store.models import Draft, Officer


@dataclass(frozen=True, slots=True)
class Transcribed:
    """What a table says, and the drafts that were made of it."""

    table: Table
    drafts: tuple[Draft, ...]


def look(content: bytes, kind: Kind, terms: Terms, now: Moment) -> Table:
    """What a file says, judged against the kind, what this party has entered, and the drafts that wait.

    Refuses a file that cannot be read (`flow.…`, `table.…`) and a table that is none of this kind (`earlier.…`).
    """
    table = earlier_tables.read(sheets.read(content), kind, terms)
    waiting, entered = earlier.drafted(kind), earlier.entered(kind, str(now))
    kept, again = list[Row](), list[RefusedRow]()
    for row in table.rows:
        refusal = _refusal(row, kind, waiting, entered)
        if refusal is None:
            kept.append(row)
        else:
            again.append(RefusedRow(row.number, str(refusal.data.get("field", "")), refusal, row.cells))
    refused = sorted([*table.refused, *again], key=lambda each: each.number)
    return Table(table.heading, tuple(kept), tuple(refused), table.examples)


def enter(*, content: bytes, kind: Kind, terms: Terms, officer: Officer, rest: bool, now: Moment) -> Transcribed:
    """Make a draft of each row. Where rows are refused nothing is made, unless `rest` says that the others go in
    without them."""
    check_officer(officer, Deed.SAVE)
    table = look(content, kind, terms, now)
    if table.refused and not rest:
        return Transcribed(table, ())
    with storage.durable():
        made = [
            drafting.save_draft(officer=officer, kind=kind.name, content=row.content, now=now) for row in table.rows
        ]
    return Transcribed(table, tuple(made))


def _refusal(row: Row, kind: Kind, waiting: Sequence[object], entered: Entered) -> Refusal | None:
    """Why a row says nothing that could be entered now."""
    try:
        drafting.preview(kind=kind.name, content=row.content)
    except Refusal as refusal:
        return refusal
    if row.content in waiting:
        return Refusal("earlier.draft-exists")
    number = entered.number(row.content)
    return Refusal("earlier.told-already", number=number) if number else None

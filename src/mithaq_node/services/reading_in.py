"""Reading a table of figures in: a draft for each row, never a notice. Two officers sign each like any other."""

from dataclasses import dataclass

from mithaq.corridors import tables
from mithaq.corridors.tables import Figure, Refused, Table
from mithaq.errors import Refusal
from mithaq.moments import Moment
from mithaq_files import sheets
from mithaq_node.queries import flows
from mithaq_node.services import drafting, storage
from mithaq_node.services.moves import Deed, check_officer
from mithaq_node.store.models import Draft, Officer


@dataclass(frozen=True, slots=True)
class ReadIn:
    """What a table says, and the drafts that were made of it."""

    table: Table
    drafts: tuple[Draft, ...]


def look(content: bytes, calendar: str) -> Table:
    """What a file says, judged against the instrument, what this party has told, and the drafts that wait.

    Refuses a file that cannot be read, and an instrument without a kind for it (`flow.…`).
    """
    kind = flows.kind_of_officers()
    if kind is None:
        raise Refusal("flow.no-kind")
    table = tables.read(sheets.read(content), flows.terms(kind), calendar, flows.stated())
    waiting = flows.drafted(kind)
    kept, again = list[Figure](), list[Refused]()
    for figure in table.figures:
        try:
            drafting.preview(kind=kind.name, content=figure.content)
            if figure.content in waiting:
                raise Refusal("flow.draft-exists")
        except Refusal as refusal:
            again.append(Refused(figure.row, refusal))
        else:
            kept.append(figure)
    refused = sorted([*table.refused, *again], key=lambda each: each.row)
    return Table(tuple(kept), tuple(refused))


def read_in(*, content: bytes, calendar: str, officer: Officer, rest: bool, now: Moment) -> ReadIn:
    """Make a draft of each row. Where rows are refused nothing is made, unless `rest` says that the others go in
    without them."""
    check_officer(officer, Deed.SAVE)
    table, kind = look(content, calendar), flows.kind_of_officers()
    if kind is None or (table.refused and not rest):
        return ReadIn(table, ())
    with storage.durable():
        made = [
            drafting.save_draft(officer=officer, kind=kind.name, content=figure.content, now=now)
            for figure in table.figures
        ]
    return ReadIn(table, tuple(made))

"""What one notice has said over time: as it was first stated, after each correction, and that it was withdrawn.

Each step is a notice of the record, so whoever tells others of them can name what each follows. A correction that is
itself withdrawn is a step too: what it replaced is said again. Nothing follows a withdrawal.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from mithaq.instrument.law import Law
from mithaq.notices import roles
from mithaq.notices.book import Notice
from mithaq.notices.thread import corrected


@dataclass(frozen=True, slots=True)
class Revision:
    """What a notice said from one step on."""

    number: str
    """The spoken number of the notice that made the step."""
    at: str
    facts: Mapping[str, Any] | None
    """None once it is withdrawn."""


def revisions(first: Notice, thread: Iterable[Notice], law_of: Callable[[Notice], Law]) -> tuple[Revision, ...]:
    """The steps of a notice whose facts are at hand, in the order of the record; `thread` are the notices of its
    thread, of which those that do not conform change nothing."""
    made = [Revision(first.number, first.at, first.stated)]
    standing: dict[str, Notice] = {}
    for each in sorted(thread, key=lambda notice: notice.order):
        if not each.conforms or each.log != first.log:
            continue
        if each.role == roles.CORRECTS and first.number in each.refers:
            standing[each.number] = each
        elif each.role == roles.WITHDRAWS and first.number in each.refers:
            return (*made, Revision(each.number, each.at, None))
        elif each.role == roles.WITHDRAWS and standing.keys() & set(each.refers):
            standing = {number: known for number, known in standing.items() if number not in each.refers}
        else:
            continue
        said = ((law_of(known), known.kind, known.stated) for known in standing.values())
        made.append(Revision(each.number, each.at, corrected(first.stated or {}, law_of(first), first.kind, said)))
    return tuple(made)

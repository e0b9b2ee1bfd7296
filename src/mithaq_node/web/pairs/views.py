"""Views of pairs: a page with every pair, and the fragments that the watch and an incident's page ask for.

Neither page waits for what is computed here: it asks for its fragment once it is open, and without scripts it has the
address of the page.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from mithaq.instrument.law import Kind
from mithaq.notices import matches
from mithaq_node import queries
from mithaq_node.queries import pairs
from mithaq_node.queries.pairs import Line
from mithaq_node.web.entrance import READERS, WRITERS, officer_of, roles
from mithaq_node.web.pairs.reasons import Said, in_words
from mithaq_node.web.reader import Reader, reader_of
from mithaq_node.web.wording import PAIRS, Word

_IN_THE_INBOX = 5


@dataclass(frozen=True)
class Shown:
    """A pair as the reader sees it."""

    line: Line
    state: Word
    """What stands of it, or what this node makes of it."""
    meaning: str
    """Of its badge."""
    reasons: tuple[Said, ...]
    words: tuple[tuple[str, Word, str], ...]
    """Party, what it says, and the number of the notice that says it."""
    may_confirm: bool
    may_deny: bool


@require_safe
@roles(READERS)
def show(request: HttpRequest) -> HttpResponse:
    """Every pair: what wants an eye first, then what is settled."""
    found = pairs.pairs()
    page = {
        "groups": [
            (name, _shown(request, group.lines), group.total)
            for name, group in (
                ("asserted", found.asserted),
                ("proposed", found.proposed),
                ("asked", found.asked),
                ("confirmed", found.confirmed),
                ("denied", found.denied),
            )
        ],
        "computed": found.computed,
        **_filing(),
    }
    return render(request, "pairs/show.html", page)


@require_safe
@roles(READERS)
def inbox(request: HttpRequest) -> HttpResponse:
    """The pairs that wait for this party's word, for the watch."""
    awaited, computed = pairs.awaited(_IN_THE_INBOX)
    page = {"shown": _shown(request, awaited.lines), "total": awaited.total, "computed": computed}
    return render(request, "pairs/inbox.html", page)


@require_safe
@roles(READERS)
def of_incident(request: HttpRequest, number: str) -> HttpResponse:
    """The pairs that a notice of an incident is in, for its page."""
    found, computed = pairs.with_incident(number)
    page = {"shown": _shown(request, found.lines), "computed": computed, **_filing()}
    return render(request, "pairs/of.html", page)


def _filing() -> dict[str, Any]:
    confirming, denying = pairs.kinds(queries.law())
    return {"confirming": confirming, "denying": denying}


def _shown(request: HttpRequest, lines: Iterable[Line]) -> list[Shown]:
    reader, may_write = reader_of(request), officer_of(request).role in WRITERS
    confirming, denying = pairs.kinds(queries.law())
    return [_one(reader, each, confirming if may_write else None, denying if may_write else None) for each in lines]


def _one(reader: Reader, line: Line, confirming: Kind | None, denying: Kind | None) -> Shown:
    own = reader.party.code
    state, meaning = PAIRS[line.standing or line.band]
    said = next((each.facet for each in line.words if each.party == own), "")
    is_ours = line.ours.party == own
    return Shown(
        line=line,
        state=state,
        meaning=meaning,
        reasons=in_words(reader, line),
        words=tuple((each.party, PAIRS[each.facet][0], each.number) for each in line.words),
        may_confirm=is_ours and confirming is not None and said != matches.CONFIRMED,
        may_deny=is_ours and denying is not None and said != matches.DENIED,
    )

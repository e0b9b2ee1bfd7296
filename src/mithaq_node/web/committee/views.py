"""Views of the committee: the board of commitments, and one commitment with all that was said of it."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from mithaq.followup.commitments import COMMITTEE
from mithaq.followup.earlier import COMMITMENT
from mithaq.notices.scores import SCALE
from mithaq_node import queries
from mithaq_node.queries import commitments, earlier
from mithaq_node.services import clock, reads
from mithaq_node.web.entrance import ONLOOKERS, READERS, WRITERS, officer_of, roles
from mithaq_node.web.reader import reader_of
from mithaq_node.web.wording import SCORES, SHOWN_COMMITMENTS


@require_safe
@roles(ONLOOKERS)
def board(request: HttpRequest) -> HttpResponse:
    """Every commitment, article by article, and what the columns come to."""
    role = officer_of(request).role
    page = {
        "earlier": earlier.every(COMMITMENT),
        "offered": earlier.is_offered(COMMITMENT),
        "may_read": role in READERS,
        "may_write": role in WRITERS,
    }
    return render(request, "committee/board.html", {**_board(request), **page})


@require_safe
@roles(ONLOOKERS)
def fragment(request: HttpRequest) -> HttpResponse:
    """The board without its frame, fetched again when the cursor has moved."""
    return render(request, "committee/board_now.html", _board(request))


@require_safe
@roles(ONLOOKERS)
def commitment(request: HttpRequest, id: str) -> HttpResponse:
    """One commitment: its text, the columns, what may be said of it now, and its history."""
    return render(request, "committee/commitment.html", _commitment(request, id))


@require_safe
@roles(ONLOOKERS)
def commitment_fragment(request: HttpRequest, id: str) -> HttpResponse:
    """The same without its frame."""
    return render(request, "committee/commitment_now.html", _commitment(request, id))


def _board(request: HttpRequest) -> dict[str, Any]:
    asked = request.GET.get("show", "")
    shown = asked if asked in SHOWN_COMMITMENTS else ""
    board = commitments.board(str(clock.now()), shown)
    return {
        "board": board,
        "columns": [(name, column, tuple(zip(SCORES, column.counts, strict=True))) for name, column in board.columns],
        "shown": shown,
        "choices": SHOWN_COMMITMENTS,
        "scale": SCALE,
        "score_words": SCORES,
        "committee": COMMITTEE,
    }


def _commitment(request: HttpRequest, id: str) -> dict[str, Any]:
    now = str(clock.now())
    officer = officer_of(request)
    line, article = commitments.commitment(id, now)
    told = commitments.told(line.standing, now, may_read=officer.role in READERS)
    reads.shown(officer, [each.read for each in told if each.read])
    return {
        "law": queries.law(),
        "line": line,
        "article": article,
        "promise": line.standing.commitment,
        "told": told,
        "lacks_evidence": line.standing.lacks_evidence(now),
        "telling": commitments.telling(),
        "may_write": officer.role in WRITERS,
        "own": reader_of(request).party.code,
        "committee": COMMITTEE,
    }

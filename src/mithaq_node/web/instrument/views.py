"""The memorandum as both sides sealed it, and the button that verifies the seals."""

from typing import Any

import msgspec
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from mithaq.errors import Refusal
from mithaq.instrument.sealing import Sealed
from mithaq_files import held
from mithaq_files.refusals import sentence
from mithaq_node import queries
from mithaq_node.queries import history
from mithaq_node.queries import proposal as proposals
from mithaq_node.queries.history import Version
from mithaq_node.services import clock
from mithaq_node.web import preferences
from mithaq_node.web.entrance import ONLOOKERS, roles
from mithaq_node.web.instrument.governed import governed
from mithaq_node.web.instrument.proposed import SORTS, rows, said_of_suspension
from mithaq_node.web.instrument.rows import clock_rows, crossing_rows, sector_rows
from mithaq_node.web.instrument.seals import seals
from mithaq_node.web.reader import Reader, reader_of

_DIGITS = 7
"""More than any count of versions has."""


def _page(sealed: Sealed, reader: Reader) -> dict[str, Any]:
    """What the template shows of a sealed instrument; this node's own party stands first (alternat)."""
    law, order = sealed.law, [party.code for party in queries.parties()]
    return {
        "clocks": clock_rows(law),
        "sectors": sector_rows(reader),
        "crossings": crossing_rows(reader),
        "line_accuracy": reader.count(law.line.accuracy),
        "sealed": sealed,
        "is_proposed": proposals.is_proposed(),
        "law": law,
        "parties": queries.parties(),
        "seals": seals(sealed, queries.parties()),
        "articles": [(article, governed(article)) for article in law.articles],
        "signatories": sorted(law.signing.signatories, key=lambda each: order.index(each.party)),
    }


@require_safe
def show(request: HttpRequest) -> HttpResponse:
    """The page of the memorandum."""
    try:
        return render(request, "instrument/show.html", _page(queries.sealed(), reader_of(request)))
    except Refusal as refusal:
        return _unreadable(request, refusal)


@never_cache
@require_safe
def verify(request: HttpRequest) -> HttpResponse:
    """The same page with every seal verified anew from the files, and what was found."""
    try:
        served = queries.sealed().law_digest, queries.sealed().words_digest
        read = reversed(held.read(settings.NODE.folder))  # from the files, and nothing that was read before
        sealed = next(each for each in read if (each.law_digest, each.words_digest) == served)
        page = _page(sealed, reader_of(request)) | {"verified_at": str(clock.now()), "verified": True}
        return render(request, "instrument/show.html", page)
    except Refusal as refusal:
        return _unreadable(request, refusal)


@require_safe
@roles(ONLOOKERS)
def proposed(request: HttpRequest) -> HttpResponse:
    """The version that is proposed here: what differs, the effect on each running clock, and who has sealed it."""
    if not proposals.is_proposed():
        return render(request, "instrument/proposed.html", {"proposal": None})
    found, reader = proposals.proposal(str(clock.now())), reader_of(request)
    page = {
        "proposal": found,
        "sort": SORTS[found.sort],
        "served": queries.sealed(),
        "law_rows": rows(found.difference.law, reader),
        "word_rows": rows(found.difference.words, reader),
        "changed": sum(each.changes for each in found.effects),
        "moved": sum(each.moves for each in found.effects),
        "seals": seals(found.sealed, queries.parties()),
    }
    return render(request, "instrument/proposed.html", page)


@require_safe
@roles(ONLOOKERS)
def versions(request: HttpRequest) -> HttpResponse:
    """Every version entered here, who was under it when, and what differs between any two (`?from=1&to=2`)."""
    reader, found = reader_of(request), history.versions()
    before, after = (_place(request.GET.get(name, "")) for name in ("from", "to"))
    compared = history.difference(before, after)
    page = {
        "is_proposed": proposals.is_proposed(),
        "standings": history.standings(),
        "versions": [_shown(each, reader) for each in found],
        "before": before or max(1, len(found) - 1),
        "after": after or len(found),
        "compared": compared is not None,
        "law_rows": rows(compared.law, reader) if compared else (),
        "word_rows": rows(compared.words, reader) if compared else (),
    }
    return render(request, "instrument/versions.html", page)


def _shown(version: Version, reader: Reader) -> dict[str, Any]:
    said = SORTS[version.sort] if version.sort else ""
    number, stated = reader.digits(version.sealed.law.version), version.sealed.law.suspension
    return {
        "place": version.place,
        "before": version.place - 1,
        "sealed": version.sealed,
        "sealed_by": [each.code for each in queries.parties() if each.code in version.sealed.sealed_by],
        "sort_said": said,
        "said": f"{number} · {said}" if said else number,
        "stays": version.stays,
        "suspension": said_of_suspension(msgspec.to_builtins(stated), reader) if stated else "",
        "stood": version.stood,
        "names_owed": len(version.sealed.law.parties) > 2,  # of two, each owes the other
    }


def _place(typed: str) -> int:
    return int(typed) if typed.isascii() and typed.isdecimal() and len(typed) < _DIGITS else 0


def _unreadable(request: HttpRequest, refusal: Refusal) -> HttpResponse:
    """What is shown of files that are no instrument, or whose seals do not hold: nothing but why."""
    said = sentence(refusal, preferences.of(request).language)
    return render(request, "instrument/unreadable.html", {"refused": said}, status=503)

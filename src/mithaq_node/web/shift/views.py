"""Views of the shift: who is on duty, the two signatures of a hand-over, and the watch log.

A page that an officer signs from carries the list that it showed. What is signed is the list of the moment of signing,
and only when it is the same: otherwise nothing is signed and the page shows what came and what went.
"""

import secrets
from typing import Any

from django.contrib import messages
from django.core.signing import BadSignature, Signer
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from mithaq import calendars, moments
from mithaq.errors import Refusal
from mithaq.notices import handover, watchlog
from mithaq.notices.handover import Change, Look
from mithaq_node import queries
from mithaq_node.queries import shifts, watch_log
from mithaq_node.services import clock, drafting, handing_over, noting, taking_over, vouching
from mithaq_node.services.taking_over import Found, SoundTest
from mithaq_node.web.entrance import READERS, WRITERS, officer_of, refused, roles
from mithaq_node.web.reader import reader_of
from mithaq_node.web.shift import lines
from mithaq_node.web.shift.items import sections

_FORMS = Signer(salt="mithaq.shift")
_PLAYED, _SAVED = "shift_played", "shift_saved"
_DAY = 86_400


@require_http_methods(["GET", "HEAD", "POST"])
@roles(READERS)
def show(request: HttpRequest) -> HttpResponse:
    """Who is on duty and the log of this shift; a line that was written for it, when posted."""
    if request.method != "POST":
        form = lines.blank(reader_of(request), clock.now(), _new_form(), request.GET.get("corrects", ""))
        return _show(request, form)
    if officer_of(request).role not in WRITERS:
        return refused(request, Refusal("desk.not-your-place"), status=403)
    return _note(request)


@sensitive_post_parameters("password")
@require_http_methods(["GET", "HEAD", "POST"])
@roles(handing_over.WATCH)
def hand_over(request: HttpRequest) -> HttpResponse:
    """The officer on duty reads what is left and signs it."""
    if request.method != "POST":
        return _handing(request)
    try:
        handing_over.hand_over(
            officer=officer_of(request),
            secret=request.POST.get("password", ""),
            seen=_seen(request),
            remark=_written(request, "remark"),
            drawn=_drawn(request),
            now=clock.now(),
        )
    except Refusal as refusal:
        return _handing(request, refusal)
    return _done(request, gettext("Signed. You are on duty until somebody takes over."))


@sensitive_post_parameters("password")
@require_http_methods(["GET", "HEAD", "POST"])
@roles(handing_over.WATCH)
def take_over(request: HttpRequest) -> HttpResponse:
    """The next officer reads what is left, hears the alarm, and signs."""
    if request.method != "POST":
        return _taking(request)
    try:
        taking_over.take_over(
            officer=officer_of(request),
            secret=request.POST.get("password", ""),
            found=Found(_seen(request), _number(request, "shift") or 0, request.POST.get("handed", "")),
            sound=_sound(request),
            absent=_written(request, "absent"),
            remark=_written(request, "remark"),
            drawn=_drawn(request),
            now=clock.now(),
        )
    except Refusal as refusal:
        if refusal.code == "shift.sound-not-heard":
            request.session.pop(_PLAYED, None)  # a number that was guessed at is not guessed at again
        return _taking(request, refusal)
    request.session.pop(_PLAYED, None)
    return _done(request, gettext("You are on duty."))


@require_POST
@roles(handing_over.WATCH)
def sound(request: HttpRequest) -> HttpResponse:
    """How many times the page shall ring the alarm for the sound test: drawn anew every time it is played."""
    request.session[_PLAYED] = taking_over.draw_rings()
    return HttpResponse(str(request.session[_PLAYED]), content_type="text/plain; charset=utf-8")


@require_safe
@roles(READERS)
def log(request: HttpRequest) -> HttpResponse:
    """The watch log of a day, or the lines of any day that hold some words."""
    reader, now = reader_of(request), clock.now()
    today = moments.civil_day(now, queries.own_party().utc_offset)
    words = request.GET.get("words", "").strip()[:80]
    entry, day = lines.asked_day(reader, request.GET, today)
    everywhere = bool(words) and request.GET.get("any") == "yes"
    page = {"entry": entry, "words": words, "everywhere": everywhere, "day": day}
    if everywhere:
        page["lines"] = watch_log.holding(words)
    elif day is not None:
        page |= {"lines": watch_log.on_day(day, words), "before": _beside(day, -1), "after": _beside(day, 1)}
        page["after"] = page["after"] if day < today else ""
    return render(request, "shift/log.html", page, status=422 if entry.refusal else 200)


@require_safe
@roles(READERS)
def papers(request: HttpRequest) -> HttpResponse:
    """The shifts of this desk, the latest first, with what each was taken over from."""
    before = request.GET.get("before", "")
    found = shifts.shifts(int(before) if before.isascii() and before.isdigit() and len(before) < 12 else None)
    older = found[-1].number if len(found) == shifts.PAGE else None
    return render(request, "shift/papers.html", {"shifts": found, "older": older})


@require_safe
@roles(READERS)
def paper(request: HttpRequest, shift: int) -> HttpResponse:
    """What both officers signed when a shift began, and what this node can say of it."""
    found = shifts.shift(shift)
    first = found.before.lines if found.before else 0
    page = {
        "shift": found,
        "vouched": vouching.vouch(found),
        "sections": sections(found.look.items, found.said.at),
        "change": _shown(found.changed, found.said.at),
        "lines": watch_log.between(first + 1, found.said.lines),
    }
    return render(request, "shift/paper.html", page)


def _note(request: HttpRequest) -> HttpResponse:
    form = lines.typed(reader_of(request), request.POST, request.POST.get("drawn", ""))
    try:
        row = noting.note(
            officer=officer_of(request),
            at=form.moment(),
            kind=form.kind,
            text=form.text,
            drawn=_drawn(request),
            now=clock.now(),
            office=form.office,
            subject=form.subject,
            corrects=form.corrects.line.number if form.corrects else 0,
            stays=form.stays,
        )
    except Refusal as refusal:
        return _show(request, form, None if form.at.refusal else refusal, status=422)
    said = gettext("Line %(number)s is written.") % {"number": reader_of(request).count(row.number)}
    return _done(request, said)


def _show(
    request: HttpRequest, form: lines.LineForm, refusal: Refusal | None = None, status: int = 200
) -> HttpResponse:
    duty, now = shifts.on_duty(), str(clock.now())
    page = {
        "duty": duty,
        "is_mine": duty is not None and duty.officer.pk == officer_of(request).pk,
        "stands_watch": officer_of(request).role in handing_over.WATCH,
        "may_write": officer_of(request).role in WRITERS,
        "sections": sections(shifts.present().look.items, now),
        "lines": watch_log.since(duty.since if duty else ""),
        "form": form,
        "refusal": refusal,
        "sent_back": request.method == "POST",
        "saved": request.method != "POST" and request.session.pop(_SAVED, False),
    }
    return render(request, "shift/show.html", page, status=status)


def _handing(request: HttpRequest, refusal: Refusal | None = None) -> HttpResponse:
    duty = shifts.on_duty()
    page = _signing(request, refusal) | {
        "duty": duty,
        "is_mine": duty is not None and duty.officer.pk == officer_of(request).pk,
    }
    return render(request, "shift/hand_over.html", page, status=422 if refusal else 200)


def _taking(request: HttpRequest, refusal: Refusal | None = None) -> HttpResponse:
    page = _signing(request, refusal)
    duty, look = shifts.on_duty(), page["look"]
    since = handover.difference(duty.handed.look, look) if duty and duty.handed else None
    page |= {
        "duty": duty,
        "is_mine": duty is not None and duty.officer.pk == officer_of(request).pk,
        "since": _shown(since, page["now"]),
        "absent": _written(request, "absent"),
        "sound": request.POST.get("sound", ""),
        "heard": request.POST.get("heard", "") if _PLAYED in request.session else "",
        "silent": _written(request, "silent"),
        "longest_reason": watchlog.LONGEST_REASON,
    }
    return render(request, "shift/take_over.html", page, status=422 if refusal else 200)


def _signing(request: HttpRequest, refusal: Refusal | None) -> dict[str, Any]:
    """What both pages that are signed from show: the list, and what changed since it was looked at."""
    look, now = shifts.present().look, str(clock.now())
    return {
        "look": look,
        "now": now,
        "seen": handover.encoded(look.items).decode(),
        "sections": sections(look.items, now),
        "change": _shown(_changed(request, look), now),
        "refusal": refusal,
        "remark": _written(request, "remark"),
        "drawn": _FORMS.sign(_known(request) or drafting.new_id()),
        "sent_back": request.method == "POST",
        "longest_remark": watchlog.LONGEST_REMARK,
    }


def _changed(request: HttpRequest, look: Look) -> Change | None:
    try:
        return handover.difference(_seen(request), look) if request.method == "POST" else None
    except Refusal:
        return None


def _shown(change: Change | None, at: str) -> dict[str, Any] | None:
    """A change by its headings, without those under which nothing changed; None where there is none."""
    if not change:
        return None
    new, gone = ([each for each in sections(items, at) if each.rows] for items in (change.new, change.gone))
    return {"new": new, "gone": gone, "lines": change.lines}


def _seen(request: HttpRequest) -> Look:
    """The list that the page showed, as it stands in the form."""
    return Look(handover.items_of(request.POST.get("seen", "").encode()), _number(request, "lines") or 0)


def _sound(request: HttpRequest) -> SoundTest:
    if request.POST.get("sound") == "silent":
        return SoundTest(silent=_written(request, "silent"))
    return SoundTest(played=request.session.get(_PLAYED), heard=_number(request, "heard"))


def _number(request: HttpRequest, name: str) -> int | None:
    plain = calendars.parse_digits(request.POST.get(name, "")).strip()
    return int(plain) if plain.isascii() and plain.isdigit() and len(plain) < 12 else None


def _written(request: HttpRequest, name: str) -> str:
    return request.POST.get(name, "").replace("\r\n", "\n")


def _new_form() -> str:
    return _FORMS.sign(drafting.new_id())


def _known(request: HttpRequest) -> str | None:
    """What this node called the form, if it made it."""
    try:
        return _FORMS.unsign(request.POST.get("drawn", ""))
    except BadSignature:
        return None


def _drawn(request: HttpRequest) -> str:
    return _known(request) or secrets.token_hex(16)


def _done(request: HttpRequest, said: str) -> HttpResponse:
    request.session[_SAVED] = True
    messages.success(request, said)
    return HttpResponseRedirect(reverse("shift:show"))


def _beside(iso_day: str, days: int) -> str:
    """The day before or after one."""
    return moments.civil_day(moments.Moment(moments.from_civil(iso_day, "12:00", 0).seconds + days * _DAY), 0)

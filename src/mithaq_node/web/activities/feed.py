"""The calendar of activities for other programs (iCalendar, RFC 5545), in one language of the four.

A program cannot sign in as people do: it brings the secret of its officer's own address, in the address itself or as
the password of HTTP Basic. Whatever answers is the same for the same record, so a program that has it already is told
so (`ETag`).
"""

import base64
import binascii
from collections.abc import Iterable
from hashlib import sha256

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe
from icalendar import Event

from mithaq import calendars
from mithaq.activities.plans import State
from mithaq_node import queries
from mithaq_node.queries import activities
from mithaq_node.queries.activities import Activity
from mithaq_node.services import feed_keys
from mithaq_node.store.models import Officer
from mithaq_node.web import calendar_file, values
from mithaq_node.web.entrance import READERS
from mithaq_node.web.reader import Reader
from mithaq_node.web.wording import ACTIVITY_STATES, ANSWERS, TOLD

_PROGRAM = "-//Mithaq//Planned activities//EN"
_STATUS = {State.PLANNED: "CONFIRMED", State.CANCELLED: "CANCELLED"}


@require_safe
def calendar(request: HttpRequest) -> HttpResponse:
    """Every activity that either side announced, for whoever brings the secret of an officer who reads notices."""
    officer = _officer(request)
    if officer is None or officer.role not in READERS:
        return HttpResponse(status=401, headers={"WWW-Authenticate": 'Basic realm="Mithaq", charset="UTF-8"'})
    language = request.GET.get("lang", "")
    chosen = language if language in calendars.LANGUAGES else settings.LANGUAGE_CODE
    with translation.override(chosen):
        body = feed(_reader(chosen), activities.activities())
    tag = f'"{sha256(body).hexdigest()[:32]}"'
    if tag in request.headers.get("If-None-Match", ""):
        return HttpResponse(status=304, headers={"ETag": tag})
    answer = HttpResponse(body, content_type=calendar_file.CONTENT_TYPE)
    answer.headers["ETag"] = tag
    answer.headers["Cache-Control"] = "private, no-cache"
    answer.headers["Content-Disposition"] = 'inline; filename="activities.ics"'
    return answer


def feed(reader: Reader, found: Iterable[Activity]) -> bytes:
    """The activities as an iCalendar file in the reader's words."""
    made = calendar_file.begun(reader, _PROGRAM, _("Planned activities"))
    for each in found:
        made.add_component(_event(reader, each))
    return bytes(made.to_ical())


def _event(reader: Reader, each: Activity) -> Event:
    sequence = len(each.plan.steps) + (each.state is State.CANCELLED)
    event = calendar_file.event(reader, each.number, each.party, each.plan.told_at, sequence)
    party = reader.law.party(each.party)
    name = reader.text(party.short) if party else each.party
    event.add("dtstart", calendar_file.civil(reader, calendar_file.instant(str(each.time.start))))
    event.add("dtend", calendar_file.civil(reader, calendar_file.instant(str(each.time.end))))
    activity = _said(reader, each, "activity")
    event.add("summary", f"{calendar_file.mark(reader)}{name}: {activity} ({ACTIVITY_STATES[each.state][0]})")
    event.add("location", values.place(reader, each.facts["place"]))
    event.add("description", "\n".join(_lines(reader, each)))
    event.add("status", _STATUS.get(each.state, "CONFIRMED"))
    event.add("transp", "TRANSPARENT")
    event.add("categories", [reader.label(f"kind.{each.kind}")])
    return event


def _lines(reader: Reader, each: Activity) -> Iterable[str]:
    yield f"{each.number} · {reader.label(f'kind.{each.kind}')}"
    if "scale" in each.facts:
        yield f"{_('Scale')}: {_said(reader, each, 'scale')}"
    yield str(TOLD[each.telling.told][0])
    if each.state not in (State.CANCELLED, State.ENDED):
        answers = {conflict.answer.value for conflict in activities.conflicts_of(each)}
        worst = next((answer for answer in ANSWERS if answer in answers), "no")
        yield f"{_('Meets another plan')}: {ANSWERS[worst][0]}"
    if not each.is_received:
        yield _("Not received by the other side yet")


def _said(reader: Reader, each: Activity, name: str) -> str:
    kind = reader.law.kind(each.kind)
    field = next((field for field in kind.fields if field.name == name), None) if kind else None
    return values.say(reader, each.kind, field, each.facts[name]) if field and name in each.facts else ""


def _reader(language: str) -> Reader:
    sealed = queries.sealed()
    return Reader(language, "gregorian", sealed.law, sealed.words, queries.own_party(), queries.earlier_words())


def _officer(request: HttpRequest) -> Officer | None:
    secret = request.GET.get("key", "") or _basic(request.headers.get("Authorization", ""))
    return feed_keys.officer_of(secret) if secret else None


def _basic(header: str) -> str:
    """The password of HTTP Basic; the name beside it says nothing."""
    scheme, _space, encoded = header.partition(" ")
    if scheme.lower() != "basic":
        return ""
    try:
        return base64.b64decode(encoded, validate=True).decode("utf-8").partition(":")[2]
    except (binascii.Error, UnicodeDecodeError):
        return ""

"""The feed of service alerts: public statements that something is not open, in every language of the desk.

Off until the operator switches it on (`service_alerts = true` in node.toml), and never there under an instrument for
exercises: a planner could not tell. Under an instrument made for demonstration every alert says so first.
"""

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import translation
from django.utils.translation import gettext
from django.views.decorators.http import require_safe

from mithaq import calendars, moments
from mithaq.errors import Refusal
from mithaq.formats import service_alerts as alerts_format
from mithaq.formats.service_alerts import Alert
from mithaq.instrument import words as sealed_words
from mithaq.moments import Moment
from mithaq_node import queries
from mithaq_node.queries.public import PublicStatement, statements
from mithaq_node.services import clock

_MINUTE = 60
_REASONS = {"crossing": "crossing-reason", "segment": "segment-reason"}


@require_safe
def feed(request: HttpRequest) -> HttpResponse:
    """The feed as it is at this minute."""
    if not settings.NODE.service_alerts:
        raise Http404
    try:
        exercise = queries.law().exercise
    except Refusal as refusal:
        raise Http404 from refusal
    if exercise:
        raise Http404
    now = Moment(clock.now().seconds // _MINUTE * _MINUTE)
    answer = HttpResponse(alerts_format.feed(alerts(now), now), content_type=alerts_format.MEDIA_TYPE)
    answer["Cache-Control"] = "public, max-age=30"
    return answer


def alerts(now: Moment) -> list[Alert]:
    """An alert for each public statement of another state than open whose stated end is not past."""
    found = (_alert(said) for said in statements() if said.statement.facts["state"] != "open")
    return [alert for alert in found if alert.until is None or alert.until.seconds > now.seconds]


def _alert(said: PublicStatement) -> Alert:
    facts = said.statement.facts
    stations = tuple(facts.get("stations", ()))
    on_stretch = said.area == "segment"
    return Alert(
        id=said.statement.number.replace(" ", "-"),
        state=facts["state"],
        reason=facts.get("reason", ""),
        effect=facts.get("effect", ""),
        since=moments.parse(facts.get("since", said.statement.at)),
        until=moments.parse(facts["until"]) if "until" in facts else None,
        stops=stations if on_stretch else (said.id,),
        routes=(said.id,) if on_stretch and not stations else (),
        header={language: _header(said, language) for language in queries.law().languages},
        description={language: _description(said, language) for language in queries.law().languages},
    )


def _header(said: PublicStatement, language: str) -> str:
    """Where, and what holds there; that it is an example, where it is."""
    with translation.override(language):
        place, state = (
            _label(said.area, said.id, language),
            _label("code.crossing-state", said.statement.facts["state"], language),
        )
        header = f"{place}: {state}"
        example = gettext("Example")
    return f"{example}: {header}" if queries.law().demo else header


def _description(said: PublicStatement, language: str) -> str:
    """For whom and which way, why, until when, and who states it under which number."""
    facts, law = said.statement.facts, queries.law()
    party = next(each for each in law.parties if each.code == said.statement.party)
    comma = ", " if language == "en" else "، "
    with translation.override(language):
        traffic = comma.join(_label("code.traffic", each, language) for each in said.traffic)
        directions = comma.join(_label("code.direction", each, language) for each in said.directions)
        lines = [f"{traffic} · {directions}"]
        if "reason" in facts:
            reason = gettext("Reason")
            lines.append(f"{reason}: {_label(f'code.{_REASONS[said.area]}', facts['reason'], language)}")
        if "effect" in facts:
            lines.append(_label("code.service-effect", facts["effect"], language))
        if "until" in facts:
            until = calendars.render_moment(
                moments.parse(facts["until"]), "gregorian", language, party.utc_offset, party.hijri_offset
            )
            word = gettext("Until")
            lines.append(f"{word}: {until}")
        if "alternative" in facts:
            instead = gettext("Use instead")
            lines.append(f"{instead}: {_label('crossing', facts['alternative'], language)}")
        number = calendars.digits(said.statement.number, language)
        name = party.short.get(language) or party.short["en"]
        lines.append(gettext("Stated by %(party)s, %(number)s") % {"party": name, "number": f"\u2066{number}\u2069"})
        if law.demo:
            lines.append(gettext("Demonstration. Not a document of any government."))
    return "\n".join(lines)


def _label(area: str, id: str, language: str) -> str:
    return sealed_words.label(queries.words(), f"{area}.{id}", language)

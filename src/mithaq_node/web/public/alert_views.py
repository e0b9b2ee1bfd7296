"""Public alerts: the feed of messages of CAP, and each message at an address of its own.

Nothing is there until the operator of this party has switched it on in its internal order, and nothing of an exercise.
"""

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_safe

from mithaq import moments
from mithaq.formats import cap
from mithaq.notices.desks import Arrangement
from mithaq_node.queries import hazards
from mithaq_node.web import preferences
from mithaq_node.web.public import alerts, answering


@require_safe
def feed(request: HttpRequest) -> HttpResponse:
    """The last message about each danger of the last days, the newest first; in the language `lang` of the desk's."""
    asked = request.GET.get("lang", "")
    language = asked if asked in preferences.LANGUAGES else settings.LANGUAGE_CODE
    here = request.build_absolute_uri(reverse("public:alerts"))
    own = f"{here}?lang={language}" if asked == language else here

    def made(now: str) -> str:
        reader = answering.reader(language)
        found = [
            alerts.entry(each, language, request.build_absolute_uri(_address(each)))
            for each in hazards.standing(moments.parse(now))
        ]
        law, name = reader.law, reader.text(reader.party.name)
        tag = f"tag:{reader.party.domain},{law.signing.day}:{law.id}/alerts"
        return cap.feed(tag, f"{reader.text(law.title)}: {name}", name, language, own, now, found).decode()

    return answering.answered(request, _is_open, f"alerts {own}", cap.ATOM, made)


@require_safe
def message(request: HttpRequest, name: str) -> HttpResponse:
    """One message, also when a later one has taken its place, as long as the law in force calls its kind public."""

    def made(now: str) -> str:
        found = hazards.of_step(alerts.read_name(name))
        if found is None:
            raise Http404
        return cap.write(alerts.message(*found)).decode()

    return answering.answered(request, _is_open, f"alert {name[:80]}", cap.MEDIA_TYPE, made)


def _address(hazard: hazards.Hazard) -> str:
    """That of the last message about a danger."""
    return reverse("public:alert", args=[alerts.name_of(hazard, len(hazard.revisions) - 1)])


def _is_open(order: Arrangement) -> bool:
    return order.alerts

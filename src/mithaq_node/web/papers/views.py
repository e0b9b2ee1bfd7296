"""Views of the committee's papers: what to make and of which cut, and the file."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET, require_safe

from mithaq.calendars import CALENDARS, calendar_name
from mithaq.errors import Refusal
from mithaq_node.queries import agreement, reports
from mithaq_node.services import reads
from mithaq_node.web import preferences, wording
from mithaq_node.web.entrance import ONLOOKERS, officer_of, roles
from mithaq_node.web.papers import report, saying
from mithaq_node.web.reader import reader_of


@require_safe
@roles(ONLOOKERS)
def choose(request: HttpRequest) -> HttpResponse:
    """Which paper, of which cut, in which language, calendar and form."""
    return render(request, "papers/choose.html", _page(request))


@require_GET
@roles(ONLOOKERS)
def take(request: HttpRequest) -> HttpResponse:
    """The file, after it was written down who takes it; what is refused is said on the page it was asked from."""
    asked = request.GET
    try:
        paper, form = reports.paper_of(asked.get("paper", "")), report.form_of(asked.get("form", ""))
        reader = saying.reader_in(_language(asked.get("language", "")), asked.get("calendar", ""))
        drawn = reports.draw(paper, asked.get("at", ""))
        content = report.file(drawn, reader, form)
    except Refusal as refusal:
        return render(request, "papers/choose.html", {**_page(request), "refusal": refusal}, status=422)
    name = report.file_name(drawn, reader, form)
    reads.paper_taken(officer_of(request), name)
    named = {"Content-Disposition": f'attachment; filename="{name}"'}
    return HttpResponse(content, content_type=form.media_type, headers=named)


def _language(asked: str) -> str:
    if asked not in preferences.LANGUAGES:
        raise Refusal("calendar.unknown-language", language=asked[:20])
    return asked


def _page(request: HttpRequest) -> dict[str, object]:
    reader, asked = reader_of(request), request.GET
    return {
        "papers": wording.REPORTS,
        "paper": asked.get("paper", ""),
        "paper_language": asked.get("language", reader.language),
        "named_calendars": [(each, calendar_name(each, reader.language)) for each in CALENDARS],
        "paper_calendar": asked.get("calendar", reader.calendar),
        "forms": tuple(report.FORMS),
        "form": asked.get("form", "pdf"),
        "level": agreement.level(),
        "at": asked.get("at", ""),
    }

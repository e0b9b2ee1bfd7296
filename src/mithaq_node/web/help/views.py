"""What an officer needs to know before the first watch on one page, the whole guide on another, and the keys."""

from dataclasses import dataclass

from django.contrib.staticfiles import finders
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.templatetags.static import static
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.views.decorators.http import require_safe

from mithaq_node import queries
from mithaq_node.web import preferences
from mithaq_node.web.help import guide as guides
from mithaq_node.web.help.guide import Chapter


@dataclass(frozen=True)
class Shown:
    """A chapter as the page shows it; `picture` is empty where `./run pictures` has made none."""

    chapter: Chapter
    html: SafeString
    picture: str


@require_safe
def show(request: HttpRequest) -> HttpResponse:
    """The page; anyone who reaches the node may read it."""
    limits = queries.law().limits
    return render(request, "help/show.html", {"silence": limits.silence * 60, "review": limits.review * 60})


@require_safe
def guide(request: HttpRequest) -> HttpResponse:
    """The officer's guide in the reader's language, with pictures of the real pages where they have been made."""
    language = preferences.of(request).language
    found = guides.guide(language, gettext)
    shown = [Shown(each, SafeString(each.html), _picture(language, each.picture)) for each in found.chapters]
    return render(request, "help/guide.html", {"guide": found, "chapters": shown})


@require_safe
def keys(request: HttpRequest) -> HttpResponse:
    """What the keys do, and the switch for those that are single letters."""
    return render(request, "help/keys.html")


def _picture(language: str, name: str) -> str:
    path = f"guide/{language}/{name}.png"
    return static(path) if name and finders.find(path) else ""

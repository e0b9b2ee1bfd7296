"""How this reader wants to see the pages: language, calendar, theme, and whether single keys do something.

The language is part of every address, so a link says in which language it opens. The others are kept in
cookies of this node (docs/decisions/0071), and a value that is no choice of ours counts as not chosen.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.translation import get_language, get_language_bidi, get_language_info

CALENDARS = ("gregorian", "hijri", "solar")
THEMES = ("auto", "light", "dark")
KEYS = ("on", "off")
"""Whether single keys do something: they must be possible to switch off (WCAG 2.2, 2.1.4)."""
LANGUAGES = ("fa", "ar", "ckb", "en")
"""In the order of the menu."""

REVIEWED: frozenset[str] = frozenset()
"""Languages whose words a native reader has reviewed; docs/languages.md says by whom. Today: none."""

OWN_CALENDAR = {"fa": "solar", "ar": "gregorian", "ckb": "gregorian", "en": "gregorian"}
"""What a reader sees before choosing."""

_YEAR = 365 * 24 * 3600


@dataclass(frozen=True)
class Preferences:
    """The choices of one reader."""

    language: str
    calendar: str
    theme: str
    keys: str


@dataclass(frozen=True)
class LanguageChoice:
    """A line of the language menu: the language's own name, its direction, and whether its words were reviewed."""

    code: str
    name: str
    direction: str
    reviewed: bool
    current: bool


def cookie_name(choice: str) -> str:
    """The cookie of a choice (`calendar`, `theme`) on this party's node; both desks may be open in one browser."""
    return f"mithaq_{settings.NODE.party.lower()}_{choice}"


def of(request: HttpRequest) -> Preferences:
    """What this reader chose, or what is usual in the language of the page."""
    active = get_language() or settings.LANGUAGE_CODE
    language = active if active in LANGUAGES else "en"
    return Preferences(
        language=language,
        calendar=_one_of(request.COOKIES.get(cookie_name("calendar")), CALENDARS, OWN_CALENDAR[language]),
        theme=_one_of(request.COOKIES.get(cookie_name("theme")), THEMES, "auto"),
        keys=_one_of(request.COOKIES.get(cookie_name("keys")), KEYS, "on"),
    )


def keep(response: HttpResponse, *, calendar: str | None, theme: str | None, keys: str | None) -> None:
    """Keep these choices in the reader's browser; None leaves a choice as it is, and an odd value is not kept."""
    for name, value, choices in (("calendar", calendar, CALENDARS), ("theme", theme, THEMES), ("keys", keys, KEYS)):
        if value is not None and value in choices:
            response.set_cookie(
                cookie_name(name), value, max_age=_YEAR, secure=settings.NODE.https, httponly=True, samesite="Strict"
            )


def languages() -> tuple[LanguageChoice, ...]:
    """The lines of the language menu."""
    current = get_language()
    return tuple(_choice(code, current) for code in LANGUAGES)


def context(request: HttpRequest) -> dict[str, Any]:
    """What every template may use: `language`, `direction`, the reader's choices, and the choices for the menus."""
    chosen = of(request)
    return {
        "language": chosen.language,
        "direction": "rtl" if get_language_bidi() else "ltr",
        "calendar": chosen.calendar,
        "theme": chosen.theme,
        "keys": chosen.keys,
        "languages": languages(),
        "calendars": CALENDARS,
        "themes": THEMES,
    }


def _choice(code: str, current: str | None) -> LanguageChoice:
    known = get_language_info(code)
    names = dict(settings.LANGUAGES)
    direction = "rtl" if known["bidi"] else "ltr"
    return LanguageChoice(code, names.get(code, known["name_local"]), direction, code in REVIEWED, code == current)


def _one_of(value: str | None, choices: Iterable[str], otherwise: str) -> str:
    return value if value is not None and value in choices else otherwise

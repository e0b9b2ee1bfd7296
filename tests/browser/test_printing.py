"""What is hung up or handed over on paper: nothing is cut off at its edge, and shapes are printed as colours are."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page

from tests.browser.desks import Desks

Visit = Callable[..., Page]

PORTRAIT, LANDSCAPE = 703, 1047
"""What is between the margins of A4, in CSS pixels: 186 mm upright, 277 mm across."""

PAGES = {
    "activities/": PORTRAIT,
    "activities/?view=week": PORTRAIT,
    "crossings/": PORTRAIT,
    "crossings/board/": LANDSCAPE,
    "flows/": PORTRAIT,
    "corridors/": PORTRAIT,
    "corridors/iran-development-road/": PORTRAIT,
}

BEYOND = """() => {
  const edge = document.documentElement.clientWidth;
  const seen = (each) => each.checkVisibility() && !each.closest(".visually-hidden, .skip");
  return [...document.querySelectorAll("main *")].filter(seen).flatMap((each) => {
    const {left, right} = each.getBoundingClientRect();
    return right > edge + 1 || left < -1 ? [`${each.tagName}.${each.className}: ${left} to ${right} of ${edge}`] : [];
  });
}"""


@pytest.mark.parametrize("language", ["fa", "en"])
def test_on_paper_nothing_is_cut_off(desks: Desks, visit: Visit, language: str) -> None:
    page = visit("about:blank", language)
    desks.enter(page, "IR", "duty", language, "watch/")
    page.emulate_media(media="print")
    for place, width in PAGES.items():
        page.set_viewport_size({"width": width, "height": 900})
        answer = page.goto(f"{desks.nodes['IR']['url']}/{language}/{place}")
        assert answer is not None
        assert answer.status == 200, place
        assert page.evaluate(BEYOND) == [], place
        assert page.locator(".button:visible, .choosing:visible, form:visible, .map:visible").count() == 0, place


def test_what_is_hung_on_a_wall_says_nothing_of_who_has_not_acknowledged(desks: Desks, visit: Visit) -> None:
    page = visit("about:blank", "fa")
    desks.enter(page, "IR", "duty", "fa", "crossings/board/")
    shown: Any = page.locator(".alarm").first
    assert page.locator(".board").is_visible()
    page.emulate_media(media="print")
    assert not shown.is_visible()
    assert page.locator(".board").is_visible()
    printed = page.locator(".board .badge").first.evaluate("it => getComputedStyle(it, '::before').printColorAdjust")
    assert printed == "exact"

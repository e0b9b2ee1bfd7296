"""The watch room in a browser: the list and the map are one thing, by mouse, by keyboard, and without scripts."""

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.desks import Desks, Keys

Visit = Callable[..., Page]
Check = Callable[[Page], None]
Picture = Callable[..., Path]

_PATIENCE = 30_000
MOST_KEYS = 190
"""From signing in to a notice that has left: at 0.28 s a key, 53 seconds, and the rest of the minute for the pages."""

_SYMBOL = """(frame) => {
  const { width, height } = frame.getBoundingClientRect();
  for (let y = 4; y < height; y += 4)
    for (let x = 4; x < width; x += 4) {
      const at = frame.numberAt([x, y]);
      if (at) return { x, y, number: at };
    }
  return null;
}"""


@pytest.mark.parametrize("language", ["fa", "en"])
def test_what_is_looked_at_in_the_list_is_marked_on_the_map_and_the_other_way(
    desks: Desks, visit: Visit, axe: Check, picture: Picture, language: str
) -> None:
    page = visit("about:blank", language, dark=language == "en")
    desks.enter(page, "IQ", "duty", language, "watch/?state=any")
    frame = page.locator(".map[data-ready]")
    expect(frame).to_be_visible(timeout=_PATIENCE)
    rows = page.locator("#list li[data-number]")
    assert rows.count() >= 2
    rows.first.locator("a").first.focus()
    expect(frame).to_have_attribute("data-chosen", rows.first.get_attribute("data-number") or "none")
    page.keyboard.press("ArrowDown")
    second = rows.nth(1).get_attribute("data-number") or "none"
    expect(frame).to_have_attribute("data-chosen", second)
    expect(page.locator("#list li.is-chosen")).to_have_attribute("data-number", second)
    page.keyboard.press("Home")
    expect(frame).to_have_attribute("data-chosen", rows.first.get_attribute("data-number") or "none")
    found = frame.evaluate(_SYMBOL)
    assert found is not None, "no symbol is drawn"
    frame.click(position={"x": found["x"], "y": found["y"]})
    expect(page.locator("#list li.is-chosen")).to_have_attribute("data-number", found["number"])
    expect(page.locator(".map__card")).to_be_visible()
    kind = page.locator(".map__card a span")
    assert kind.evaluate("(each) => getComputedStyle(each).unicodeBidi") == "normal", "words are not spelt backwards"
    assert rows.filter(has_text=kind.inner_text()).count() > 0
    picture(page, f"watch-chosen-{language}")
    page.locator(".choosing summary").click()
    axe(page)
    picture(page, f"watch-choosing-{language}")


def test_the_choice_works_without_scripts(desks: Desks, chromium: Browser) -> None:
    context = chromium.new_context(locale="ckb", java_script_enabled=False)
    page = context.new_page()
    desks.enter(page, "IR", "duty", "ckb", "watch/")
    shown = page.locator("#list li[data-number]").count()
    page.locator(".choosing summary").click()
    page.select_option("select[name=state]", "any")
    page.click(".choosing button[type=submit]")
    assert "state=any" in page.url
    assert page.locator("#list li[data-number]").count() > shown
    page.locator(".choosing summary").click()
    page.select_option("select[name=state]", "withdrawn")
    page.click(".choosing button[type=submit]")
    expect(page.locator("#list .empty a")).to_be_visible()
    page.click("#list .empty a")
    assert page.url.endswith("/ckb/watch/")
    context.close()


def test_a_choice_is_kept_when_the_list_is_fetched_again(desks: Desks, visit: Visit) -> None:
    page = visit("about:blank", "ar")
    desks.enter(page, "IQ", "duty", "ar", "watch/?state=withdrawn")
    expect(page.locator("#list .empty")).to_be_visible()
    with page.expect_response(lambda answer: "/watch/now/" in answer.url, timeout=_PATIENCE) as fetched:
        page.evaluate("document.body.dispatchEvent(new CustomEvent('mithaq:moved', { detail: {} }))")
    assert "state=withdrawn" in fetched.value.url
    expect(page.locator("#list .empty")).to_be_visible()
    expect(page.locator("#list li[data-number]")).to_have_count(0)


def test_a_mine_notice_leaves_by_keyboard_alone_and_rings_on_the_other_desk(desks: Desks, visit: Visit) -> None:
    """What must leave within a minute needs few keys; the minute itself is measured by `benchmarks.pages mine`."""
    watching = visit("about:blank", "ar")
    desks.enter(watching, "IQ", "duty", "ar", "record/")
    keys = Keys(visit("about:blank", "fa"))
    keys.warn_of_mines(desks, "IR", "fa")
    expect(watching.locator("[data-rings]").first).to_be_visible(timeout=_PATIENCE)
    assert keys.pressed <= MOST_KEYS

"""For whoever reads with other eyes or works with other hands: pages that explain, keys, narrow screens, large text."""

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.desks import Desks
from tests.browser.test_desk import KEPT_IN_LATIN, LATIN_WORDS, places

Visit = Callable[..., Page]
Check = Callable[[Page], None]
Picture = Callable[..., Path]

LANGUAGES = ("fa", "ar", "ckb", "en")
BESIDE = {
    "shift": "shift/",
    "instrument": "instrument/",
    "report": "report/",
    "help": "help/",
    "guide": "help/guide/",
    "keys": "help/keys/",
    "wrong": "words/wrong/?page=/fa/watch/",
    "nowhere": "nowhere/",
}
"""Pages beside those where officers work; those are in `test_desk`."""

NAMES_OF_KEYS = {"Tab", "Shift", "Enter", "Space", "Esc"}
GUIDE = Path(__file__).parents[2] / "src/mithaq_node/web/static/guide"
"""Where the guide looks for its pictures: an ignored folder."""

_HIDDEN_FOCUS = """() => {
  const at = document.activeElement, box = at.getBoundingClientRect();
  const style = getComputedStyle(at);
  const ringed = style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2;
  const [x, y] = [box.left + box.width / 2, box.top + Math.min(box.height / 2, 20)];
  const seen = document.elementFromPoint(x, y);
  const within = seen !== null && (at.contains(seen) || seen.contains(at) || seen.closest("label") !== null);
  return ringed && within ? "" : `${at.outerHTML.slice(0, 120)} ${ringed} ${seen && seen.outerHTML.slice(0, 80)}`;
}"""
"""What has the focus, where it is not ringed or something lies over it."""

_CUT = """() => [...document.querySelectorAll("main *, header *")].filter((each) => {
  const style = getComputedStyle(each);
  const hides = ["hidden", "clip"].includes(style.overflowX);
  return hides && each.scrollWidth > each.clientWidth + 1 && !each.closest(".visually-hidden, .map, svg, .skip");
}).map((each) => each.outerHTML.slice(0, 120))"""
"""Elements that hide a part of their text."""


@pytest.mark.parametrize("language", LANGUAGES)
def test_whatever_stands_beside_the_work_can_be_used_by_everybody(
    desks: Desks, visit: Visit, axe: Check, picture: Picture, language: str
) -> None:
    for party, dark in (("IQ", False), ("IR", True)):
        shade = "dark" if dark else "light"
        page = visit(f"{desks.nodes[party]['url']}/{language}/signin/", language, dark=dark)
        axe(page)
        picture(page, f"desk-signin-{party}-{language}-{shade}-1280")
        desks.enter(page, party, "duty", language, "watch/")
        for name, place in BESIDE.items():
            page.goto(f"{desks.nodes[party]['url']}/{language}/{place}")
            axe(page)
            if language != "en":
                assert set(page.evaluate(LATIN_WORDS)) <= KEPT_IN_LATIN | NAMES_OF_KEYS, place
            picture(page, f"desk-{name}-{party}-{language}-{shade}-1280")


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_guide_shows_pictures_of_the_real_pages(desks: Desks, visit: Visit, language: str) -> None:
    """What `./run pictures` is for: the pictures themselves are made here, of this language, and not committed."""
    folder = GUIDE / language
    folder.mkdir(parents=True, exist_ok=True)
    page = visit(f"{desks.nodes['IQ']['url']}/{language}/signin/", language, width=1100, height=720)
    page.screenshot(path=folder / "signin.png")
    desks.enter(page, "IQ", "releasing", language, "watch/")
    pictured = {name: place for name, place in {**places(desks), **BESIDE}.items() if name in PICTURED}
    for name, place in pictured.items():
        page.goto(f"{desks.nodes['IQ']['url']}/{language}/{place}")
        if name == "watch":
            expect(page.locator(".map[data-ready]")).to_be_visible(timeout=30_000)
        page.screenshot(path=folder / f"{name}.png")
    assert {path.stem for path in folder.glob("*.png")} >= {"signin", *pictured}
    page.goto(f"{desks.nodes['IQ']['url']}/{language}/help/guide/")
    assert page.locator(".guide__picture img").count() == len(pictured) + 1


PICTURED = {"watch", "shift", "form", "release", "incident", "crossings", "compliance", "record"}


@pytest.mark.parametrize("language", ["fa", "en"])
def test_the_keys_lead_everywhere_and_the_focus_is_always_seen(desks: Desks, visit: Visit, language: str) -> None:
    page = visit("about:blank", language, width=1100, height=700)
    desks.enter(page, "IQ", "releasing", language, "watch/")
    page.keyboard.press("Tab")
    expect(page.locator(".skip")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#main")).to_be_focused()
    page.reload()
    tops: list[str] = []
    for _ in range(120):
        page.keyboard.press("Tab")
        if tops and page.evaluate("document.activeElement === document.body"):
            break  # past the last one
        assert page.evaluate(_HIDDEN_FOCUS) == ""
        tops.append(page.evaluate("document.activeElement.closest('header, main, footer')?.tagName ?? 'SKIP'"))
    assert tops == sorted(tops, key=["SKIP", "HEADER", "MAIN", "FOOTER"].index)
    assert set(tops) == {"SKIP", "HEADER", "MAIN", "FOOTER"}


def test_single_keys_go_by_their_place_and_can_be_switched_off(desks: Desks, visit: Visit) -> None:
    page = visit("about:blank", "fa")
    url = desks.nodes["IQ"]["url"]
    desks.enter(page, "IQ", "releasing", "fa", "watch/")
    page.keyboard.press("/")
    expect(page.locator("#search")).to_be_focused()
    page.keyboard.type("?3")  # into a field they are only typed
    expect(page.locator("#search")).to_have_value("?3")
    page.goto(f"{url}/fa/watch/")
    page.keyboard.press("j")
    expect(page.locator("main .entries > li a[href]").first).to_be_focused()
    page.keyboard.press("j")
    page.keyboard.press("k")
    expect(page.locator("main .entries > li a[href]").first).to_be_focused()
    led = page.locator(".places a").evaluate_all("all => all.map((each) => each.getAttribute('href'))")
    page.keyboard.press(str(led.index("/fa/release/") + 1))
    page.wait_for_url("**/fa/release/")
    page.keyboard.press("?")
    page.wait_for_url("**/fa/help/keys/")
    page.click("button[name=keys]")
    expect(page.locator("main [role=status]")).to_be_visible()
    page.keyboard.press("3")
    page.keyboard.press("/")
    assert page.url.endswith("/fa/help/keys/")
    assert page.evaluate("document.activeElement.id") != "search"


@pytest.mark.parametrize("language", ["ckb", "en"])
def test_nothing_is_lost_at_320_pixels_nor_when_a_page_is_drawn_twice_as_large(
    desks: Desks, visit: Visit, language: str
) -> None:
    """A window of 1280 pixels that is drawn at 200 % has 640 for the page, and at 400 % 320 (WCAG 1.4.4 and 1.4.10)."""
    for width in (320, 640):
        page = visit("about:blank", language, width=width)
        desks.enter(page, "IR", "releasing", language, "watch/")
        for place in (*places(desks).values(), *BESIDE.values()):
            page.goto(f"{desks.nodes['IR']['url']}/{language}/{place}")
            wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
            assert (wide, page.evaluate(_CUT)) == (0, []), (place, width)


@pytest.mark.parametrize("language", ["fa", "ckb", "en"])
def test_nothing_of_the_watch_is_cut_when_only_its_text_is_twice_as_large(
    desks: Desks, visit: Visit, picture: Picture, language: str
) -> None:
    """Whoever enlarges the text alone keeps the columns of a wide window (WCAG 1.4.4)."""
    for width in (1280, 800):
        page = visit("about:blank", language, width=width)
        desks.enter(page, "IQ", "duty", language, "watch/")
        page.evaluate("document.documentElement.style.fontSize = '200%'")
        expect(page.locator("#clocks .clock").first).to_be_visible()
        wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        picture(page, f"large-{width}-{language}")
        assert (wide, page.evaluate(_CUT)) == (0, []), width


def test_nothing_moves_for_whoever_asked_for_stillness(desks: Desks, chromium: Browser) -> None:
    context = chromium.new_context(reduced_motion="reduce", locale="fa")
    try:
        page = context.new_page()
        desks.enter(page, "IQ", "duty", "fa", "watch/")
        moving = "() => document.getAnimations().filter((each) => each.playState === 'running').length"
        assert page.evaluate(moving) == 0
        assert page.evaluate("getComputedStyle(document.querySelector('main a')).transitionDuration") == "0s"
    finally:
        context.close()


def test_shapes_stay_where_the_reader_has_colours_of_his_own(desks: Desks, chromium: Browser, picture: Picture) -> None:
    context = chromium.new_context(forced_colors="active", reduced_motion="reduce", locale="fa")
    try:
        page = context.new_page()
        desks.enter(page, "IQ", "duty", "fa", f"incidents/{desks.number('fire')}/")
        ground, ink = page.evaluate(
            "[getComputedStyle(document.body).backgroundColor, getComputedStyle(document.body).color]"
        )
        for shape in (".band .party", "main .party", ".badge--kept", ".timeline > li", ".ladder__step--done"):
            drawn = page.locator(shape).first.evaluate("(at) => getComputedStyle(at, '::before').backgroundColor")
            assert drawn == ink, shape
        lines = page.locator(".places a").evaluate_all(
            "(all) => all.map((at) => [at.ariaCurrent !== null, getComputedStyle(at).borderBlockEndColor])"
        )
        assert {colour for here, colour in lines if not here} == {ground}
        assert all(colour != ground for here, colour in lines if here)
        picture(page, "desk-forced-colours-IQ-fa")
    finally:
        context.close()


def test_a_word_is_reported_without_scripts(desks: Desks, chromium: Browser) -> None:
    context = chromium.new_context(java_script_enabled=False, locale="ckb")
    try:
        page = context.new_page()
        desks.enter(page, "IQ", "duty", "ckb", f"incidents/{desks.number('fire')}/")
        page.locator("footer a[href*='words/wrong']").click()
        page.fill("[name=word]", "وشە")
        page.click("main .button--main")
        page.wait_for_url(f"**/ckb/incidents/{desks.number('fire')}/")
        expect(page.locator("main [role=status]").first).to_be_visible()
    finally:
        context.close()

"""A watch taken over and handed over by two officers, in a browser: the alarm is heard, and counted by its tones."""

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.desks import Desks

Visit = Callable[..., Page]
Check = Callable[[Page], None]
Picture = Callable[..., Path]

LANGUAGES = ("fa", "ar", "ckb", "en")
TONES_A_RING = 2

COUNT_TONES = """
  window.tones = 0;
  const strike = OscillatorNode.prototype.start;
  OscillatorNode.prototype.start = function (...when) {
    if (this.context.state === "running") window.tones += 1;
    return strike.apply(this, when);
  };
"""
"""Counts every tone that a page begins to play on a running audio context, whichever script plays it."""

COUNT_THE_TEST = """() => {
  const play = document.querySelector("[data-play]"), played = document.querySelector("[data-said-played]");
  window.tested = new Promise((done) => play.addEventListener("click", () => {
    setTimeout(() => done(-1), 30_000);
    const before = window.tones;
    new MutationObserver(() => played.hidden || done(window.tones - before)).observe(played, { attributes: true });
  }, { capture: true, once: true }));
}"""
"""Counts the tones from the press of the button to the moment when the page says that it has played."""


def ears(page: Page) -> Page:
    """The page, heard by somebody."""
    page.add_init_script(COUNT_TONES)
    return page


def ring(page: Page) -> int:
    """Play the alarm of the sound test; how many times it rang, whatever else rings on the page before and after."""
    page.evaluate(COUNT_THE_TEST)
    page.click("[data-play]")
    tones = page.evaluate("window.tested")
    assert tones > 0, "the page never says that it has played"
    assert tones % TONES_A_RING == 0
    return int(tones) // TONES_A_RING


def sign(page: Page, desks: Desks, party: str, role: str) -> None:
    page.fill("#password", desks.nodes[party]["users"][role]["password"])
    page.click("main form .button--main")


def sign_the_watch(page: Page, desks: Desks, party: str, role: str) -> None:
    """Sign what the page shows; once more where the list changed meanwhile, as clocks run out while a test runs."""
    for _ in range(3):
        with page.expect_navigation():
            sign(page, desks, party, role)
        if page.url.endswith("/shift/"):
            return
        expect(page.locator(".notice--stop")).to_contain_text("shift.changed")
    raise AssertionError("the list changed three times while it was signed")


def test_an_officer_takes_over_after_hearing_the_alarm_and_the_next_one_after_reading_the_hand_over(
    desks: Desks, visit: Visit, axe: Check, picture: Picture
) -> None:
    comes = ears(visit("about:blank", "fa"))
    desks.enter(comes, "IR", "duty", "fa", "shift/take-over/")
    axe(comes)
    comes.fill("#absent", "پیش از پایان نوبت رفت")  # the story leaves the releasing officer on duty
    comes.check("input[name=sound][value=heard]")
    comes.fill("#rings", "۹")
    sign(comes, desks, "IR", "duty")
    expect(comes.locator(".notice--stop")).to_be_visible()  # nothing was played, so nothing was heard
    rang = ring(comes)
    assert 2 <= rang <= 7
    expect(comes.locator("#rings")).to_be_focused()
    comes.keyboard.type(str(rang + 1))
    comes.check("input[name=sound][value=heard]")
    sign(comes, desks, "IR", "duty")
    expect(comes.locator(".notice--stop")).to_contain_text("shift.sound-not-heard")
    comes.fill("#remark", "چراغ بی‌سیم دوم خراب است")
    rang = ring(comes)
    comes.keyboard.type(str(rang).translate(str.maketrans("0123456789", "۰۱۲۳۴۵۶۷۸۹")))
    comes.check("input[name=sound][value=heard]")
    sign_the_watch(comes, desks, "IR", "duty")
    name = desks.nodes["IR"]["users"]["duty"]["name"]
    expect(comes.locator("#now .lead")).to_have_text(name)

    comes.fill("#text", "دود در خاور آب‌بند دیده شد.")
    comes.click("#line-form .button--main")
    expect(comes.locator("#lines .entries > li")).to_have_count(1)
    axe(comes)
    picture(comes, "shift-IR-fa")
    comes.goto(comes.url + "hand-over/")
    axe(comes)
    comes.fill("#remark", "بی‌سیم دوم را باید درست کرد.")
    sign_the_watch(comes, desks, "IR", "duty")

    watching = visit("about:blank", "ckb", dark=True)
    desks.enter(watching, "IR", "secretariat", "ckb", "watch/")
    expect(watching.locator("#clocks .badge--due").first).to_be_visible()
    second = ears(visit("about:blank", "ckb", dark=True))
    desks.enter(second, "IR", "releasing", "ckb", "shift/take-over/")
    expect(second.locator(".written").first).to_have_text("بی‌سیم دوم را باید درست کرد.")
    second.keyboard.press("Tab")
    rang = ring(second)
    second.keyboard.type(str(rang))
    second.check("input[name=sound][value=heard]")
    axe(second)
    picture(second, "shift-take-over-IR-ckb")
    sign_the_watch(second, desks, "IR", "releasing")
    expect(watching.locator("#clocks")).to_contain_text(desks.nodes["IR"]["users"]["releasing"]["name"], timeout=30_000)

    auditor = visit("about:blank", "ar")
    desks.enter(auditor, "IR", "auditor", "ar", "shift/papers/")
    axe(auditor)
    auditor.click("tbody tr:first-child a")
    expect(auditor.locator("main .badge--kept")).to_have_count(3)
    expect(auditor.locator("[data-print]")).to_be_visible()
    axe(auditor)
    picture(auditor, "shift-paper-IR-ar")
    auditor.emulate_media(media="print")
    expect(auditor.locator("[data-print]")).to_be_hidden()
    expect(auditor.locator(".band .brand__desk")).to_be_visible()
    picture(auditor, "shift-paper-print-IR-ar")


def test_a_page_that_grew_old_says_what_changed_and_keeps_what_was_typed(
    desks: Desks, visit: Visit, axe: Check, picture: Picture
) -> None:
    page = visit("about:blank", "ar")
    desks.enter(page, "IQ", "duty", "ar", "shift/take-over/")
    page.fill("#remark", "يجب إصلاح المصباح")
    page.check("input[name=sound][value=silent]")
    page.fill("#silent", "لا مكبر صوت في هذا الجهاز")
    page.fill("#absent", "غادر قبل الموعد")
    other = visit("about:blank", "ar")
    desks.enter(other, "IQ", "releasing", "ar", "shift/")
    other.fill("#text", "سطر جديد")
    other.click("#line-form .button--main")
    expect(other.locator("#lines .entries > li").first).to_contain_text("سطر جديد")
    sign(page, desks, "IQ", "duty")
    expect(page.locator(".sheet--due #change-title")).to_be_visible()
    expect(page.locator("#remark")).to_have_value("يجب إصلاح المصباح")
    axe(page)
    picture(page, "shift-changed-IQ-ar")
    sign_the_watch(page, desks, "IQ", "duty")
    expect(page.locator("#now .notice--due")).to_contain_text("لا مكبر صوت في هذا الجهاز")


def test_without_scripts_a_desk_says_that_no_alarm_can_ring(desks: Desks, chromium: Browser) -> None:
    context = chromium.new_context(java_script_enabled=False)
    page = context.new_page()
    desks.enter(page, "IR", "duty", "en", "shift/take-over/")
    expect(page.locator("[data-play]")).to_be_hidden()
    expect(page.locator("#sound-test noscript p")).to_be_visible()
    context.close()


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_pages_of_the_shift_can_be_used_by_everybody(
    desks: Desks, visit: Visit, axe: Check, picture: Picture, language: str
) -> None:
    for party, dark, width in (("IQ", False, 390), ("IR", True, 1366)):
        page = visit("about:blank", language, dark=dark, width=width)
        desks.enter(page, party, "secretariat", language, "shift/")
        axe(page)
        picture(page, f"shift-show-{party}-{language}-{width}")
        page.goto(page.url + "log/")
        axe(page)
        picture(page, f"shift-log-{party}-{language}-{width}")
        for place in ("", "log/", "papers/"):
            page.goto(f"{desks.nodes[party]['url']}/{language}/shift/{place}")
            wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
            assert wide == 0, place

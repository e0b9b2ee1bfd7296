"""A communiqué between two real nodes, in two browsers: draft, counter-draft, acceptance, freeze and both seals.

One side works in Arabic, the other in Persian; each goes on only when its own page shows what the other did.
"""

from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Page, expect

from tests.browser.desks import Desks
from tests.browser.test_whole_incident import Side

Visit = Callable[..., Page]
Check = Callable[[Page], None]
Picture = Callable[..., Path]

ARABIC = ["مثال: اجتمعت اللجنة المشتركة.", "مثال: تجتمع ثانية في حزيران."]
PERSIAN = ["نمونه: کمیتهٔ مشترک تشکیل جلسه داد.", "نمونه: در ژوئن دوباره تشکیل می‌شود."]
ARABIC_AGAIN = [ARABIC[0], "مثال: تجتمع ثانية في تموز."]
PERSIAN_AGAIN = [PERSIAN[0], "نمونه: در ژوئیه دوباره تشکیل می‌شود."]


def signed(side: Side, selector: str) -> None:
    """Press what the page of the text offers, file what that begins, and release it as another officer."""
    side.open.click(selector)
    side.open.wait_for_url("**/filing/draft/*/")
    draft = side.open.url.rstrip("/").rsplit("/", 1)[-1]
    side.sign(side.open, "duty")
    side.open.wait_for_url("**/release/")
    side.releasing.goto(side.address(f"release/{draft}/"))
    side.sign(side.releasing, "releasing")
    side.releasing.wait_for_url("**/notices/*/")


def test_a_communique_goes_back_and_forth_is_frozen_and_sealed_by_both(
    desks: Desks, visit: Visit, axe: Check, picture: Picture
) -> None:
    iraq, iran = Side(desks, visit, "IQ", "ar"), Side(desks, visit, "IR", "fa")
    words = {"words.ar": "\n".join(ARABIC), "words.fa": "\n".join(PERSIAN)}
    number = iraq.tell("text.draft", {"matter": "communique", **words}, "/ar/filing/text.draft/")
    place = f"committee/texts/{number}/"

    iran.shows(place, "button[value=ticked]")
    iran.open.check("input[name=paragraph][value='1']")
    signed(iran, "button[value=ticked]")
    iraq.shows(place, "#paragraph-1 span:has(> .badge--kept) ~ span:has(> .badge--kept)")

    iran.open.goto(iran.address(place))
    again = str(iran.open.locator("a[href*='/filing/text.draft/']").get_attribute("href"))
    changed = {"words.ar": "\n".join(ARABIC_AGAIN), "words.fa": "\n".join(PERSIAN_AGAIN)}
    iran.duty.goto(iran.address("").removesuffix("/fa/") + again)
    expect(iran.duty.locator("[name='words.fa']")).to_have_value("\n".join(PERSIAN))
    iran.tell("text.draft", changed, again)

    iraq.shows(place, "#paragraph-2 ins")
    expect(iraq.open.locator("#paragraph-2 ins")).to_have_count(2)
    expect(iraq.open.locator("#paragraph-1 ins")).to_have_count(0)
    axe(iraq.open)
    picture(iraq.open, "text-compared-ar")
    signed(iraq, "button[value=all]")

    iran.shows(place, "button[formaction$='/forward/']")
    expect(iran.open.locator("input[name=paragraph]")).to_have_count(0)
    signed(iran, "button[formaction$='/forward/']")

    iraq.shows(place, "a[href*='/filing/joint.seal/']")
    iraq.tell("joint.seal", {}, str(iraq.open.locator("a[href*='/filing/joint.seal/']").get_attribute("href")))
    for side in (iraq, iran):
        side.shows(place, ".page__head .badge--kept")
        axe(side.open)
        picture(side.open, f"text-sealed-{side.language}")

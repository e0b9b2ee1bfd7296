"""A flash notice rings in the room: on every page of the other desk, with sound, until it is acknowledged."""

from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Page, expect

from tests.browser.desks import Desks

Visit = Callable[..., Page]
Check = Callable[[Page], None]
Picture = Callable[..., Path]


def test_it_rings_on_the_other_desk_until_it_is_acknowledged(
    desks: Desks, visit: Visit, axe: Check, picture: Picture
) -> None:
    watching = visit("about:blank", "ar")
    desks.enter(watching, "IQ", "duty", "ar", "record/")
    warning = visit("about:blank", "fa")
    desks.warn(warning, "IR", "fa")
    warned = warning.url.rstrip("/").rpartition("/")[2]
    ringing = watching.locator("[data-rings]").filter(has=watching.locator(f"a[href$='/notices/{warned}/']"))
    expect(ringing).to_have_count(1, timeout=30_000)
    watching.locator("h1").click()  # browsers are silent until somebody has touched the page
    expect(watching.locator("html[data-rang]")).to_be_attached(timeout=30_000)
    expect(ringing.locator("[data-sound]")).to_be_hidden()
    axe(watching)
    picture(watching, "rings-IQ-ar")
    ringing.locator(".button--main").click()
    watching.wait_for_url("**/ar/filing/acknowledgement/**")
    watching.select_option("[name=handling]", index=1)
    watching.click("button[value=preview]")
    watching.fill("input[name=password]", desks.nodes["IQ"]["users"]["duty"]["password"])
    watching.click("main .button--main")
    expect(ringing).to_have_count(1)  # filed is not acknowledged: it has not left yet
    second = visit("about:blank", "ckb")
    desks.enter(second, "IQ", "releasing", "ckb", "release/")
    second.locator(".entry__title").last.click()
    second.fill("input[name=password]", desks.nodes["IQ"]["users"]["releasing"]["password"])
    second.click("main .button--main")
    expect(ringing).to_have_count(0, timeout=30_000)

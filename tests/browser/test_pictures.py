"""A picture filed in a browser, released in another, and seen on the other side; the place set on the form's map."""

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import FilePayload, Page, expect

from tests.browser.desks import Desks
from tests.photographs import photograph

Visit = Callable[..., Page]
Check = Callable[[Page], None]
Picture = Callable[..., Path]

PATIENCE = 30_000
_WIDTH = "() => document.querySelector('.picture img')?.naturalWidth ?? 0"


def test_a_picture_is_filed_by_one_released_by_another_and_seen_by_the_other_side(
    desks: Desks, visit: Visit, axe: Check, picture: Picture
) -> None:
    page = visit("about:blank", "fa")
    desks.enter(page, "IR", "duty", "fa", "filing/humanitarian.hazard/")
    place = page.locator("#field-place")
    page.select_option("[name='place.form']", "cell")
    place.locator("summary").click()
    place.locator(".map[data-ready]").wait_for(timeout=PATIENCE)
    place.locator(".map").click()
    expect(page.locator("[name='place.position']")).not_to_have_value("")
    axe(page)
    page.select_option("[name=hazard]", "flood")
    page.select_option("[name='place.form']", "sector")
    page.select_option("[name='place.sector']", "S1")
    page.select_option("[name=confidence]", index=1)
    page.fill("[name='happened.time']", "۰۹:۰۷")
    expect(page.locator("#field-happened .date__result")).to_contain_text(":37:00Z", timeout=PATIENCE)
    page.set_input_files("[name=picture]", {"name": "a.jpg", "mimeType": "image/jpeg", "buffer": b"<svg/>"})
    page.click("button[value=preview]")
    expect(page.locator("#refusal-picture")).to_be_visible(timeout=PATIENCE)
    expect(page.locator("[name='happened.time']")).to_have_value("۰۹:۰۷")
    axe(page)
    whole: FilePayload = {"name": "a.jpg", "mimeType": "image/jpeg", "buffer": photograph(900, 600)}
    page.set_input_files("[name=picture]", whole)
    page.click("button[value=preview]")
    page.wait_for_url("**/filing/draft/*/")
    axe(page)
    page.fill("input[name=password]", desks.nodes["IR"]["users"]["duty"]["password"])
    draft = page.url.split("/")[-2]
    page.locator("form[action$='/file/'] .button--main").click()
    page.wait_for_url("**/fa/release/")

    second = visit("about:blank", "fa", dark=True)
    desks.enter(second, "IR", "releasing", "fa", f"release/{draft}/")
    second.wait_for_function(f"{_WIDTH} === 900", timeout=PATIENCE)
    axe(second)
    picture(second, "picture-release-fa")
    second.check("input[value=nobody-recognisable]")
    second.fill("input[name=password]", desks.nodes["IR"]["users"]["releasing"]["password"])
    second.locator("form[action$='/sign/'] .button--main").click()
    second.wait_for_url("**/fa/notices/*/")

    number = second.url.rstrip("/").split("/")[-1]
    there = visit("about:blank", "ckb")
    desks.enter(there, "IQ", "duty", "ckb", "watch/")
    for _ in range(60):
        answer = there.goto(f"{desks.nodes['IQ']['url']}/ckb/notices/{number}/")
        if answer is not None and answer.ok and there.evaluate(f"({_WIDTH})()") == 900:
            break
        there.wait_for_timeout(500)
    assert there.evaluate(f"({_WIDTH})()") == 900
    axe(there)


@pytest.mark.parametrize("language", ["ar", "ckb"])
def test_a_template_is_kept_and_used_from_the_form(desks: Desks, visit: Visit, axe: Check, language: str) -> None:
    name = f"لافاو {language}"
    page = visit("about:blank", language, dark=language == "ar")
    desks.enter(page, "IQ", "duty", language, "filing/incident.initial/")
    page.select_option("[name=event]", "fire")
    page.locator("details:has([name=template_name]) summary").click()
    page.fill("[name=template_name]", name)
    page.click("button[value=template]")
    page.locator("#templates-title + a").click()
    page.wait_for_url("**/filing/templates/")
    axe(page)
    page.get_by_role("link", name=name).click()
    page.wait_for_url("**/filing/incident.initial/?template=*")
    assert page.locator("[name=event]").input_value() == "fire"
    axe(page)

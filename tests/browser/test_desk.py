"""The pages of both desks in a browser, the story played: four languages, light and dark, with scripts and without."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.desks import Desks, played

Visit = Callable[..., Page]
Check = Callable[[Page], None]
Picture = Callable[..., Path]

LANGUAGES = ("fa", "ar", "ckb", "en")


@pytest.fixture(scope="module")
def desks(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desks]:
    with played(tmp_path_factory.mktemp("demonstration") / "demo") as both:
        yield both


def places(desks: Desks) -> dict[str, str]:
    fire, works = desks.number("fire"), desks.number("works")
    return {
        "watch": "watch/",
        "crossings": "watch/crossings/",
        "incident": f"incidents/{fire}/",
        "notice": f"notices/{works}/",
        "record": "record/",
        "filing": "filing/",
        "form": "filing/incident.initial/",
        "plan": "filing/activity.planned/",
        "release": "release/",
    }


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_page_can_be_used_by_everybody(
    desks: Desks, visit: Visit, axe: Check, picture: Picture, language: str
) -> None:
    for party, dark in (("IQ", False), ("IR", True)):
        page = visit("about:blank", language, dark=dark)
        desks.enter(page, party, "releasing", language, "watch/")
        for name, place in places(desks).items():
            page.goto(f"{desks.nodes[party]['url']}/{language}/{place}")
            if name == "watch":
                expect(page.locator(".map[data-ready]")).to_be_visible()
            axe(page)
            picture(page, f"desk-{name}-{party}-{language}-{'dark' if dark else 'light'}")


def test_nothing_is_wider_than_a_narrow_screen(desks: Desks, visit: Visit) -> None:
    page = visit("about:blank", "fa", width=390)
    desks.enter(page, "IR", "duty", "fa", "watch/")
    for place in places(desks).values():
        page.goto(f"{desks.nodes['IR']['url']}/fa/{place}")
        wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert wide == 0, place


def test_the_map_draws_both_accounts_and_opens_the_incident(desks: Desks, visit: Visit) -> None:
    page = visit("about:blank", "fa")
    desks.enter(page, "IQ", "duty", "fa", "watch/")
    expect(page.locator(".map[data-ready]")).to_be_visible()
    drawn = page.evaluate("fetch('/fa/watch/incidents.geojson').then((answer) => answer.json())")["features"]
    assert {each["properties"]["party"] for each in drawn} == {"IQ", "IR"}
    assert all(each["properties"]["address"].startswith("/fa/incidents/") for each in drawn)


def test_an_open_page_shows_a_new_notice_without_being_loaded_again(desks: Desks, visit: Visit) -> None:
    watching = visit("about:blank", "fa")
    desks.enter(watching, "IR", "duty", "fa", "watch/")
    before = watching.locator("#list .entries > li").count()
    watching.evaluate("window.notLoadedAgain = true")
    filing = visit("about:blank", "ar")
    desks.enter(filing, "IQ", "releasing", "ar", "filing/humanitarian.hazard/")
    filing.select_option("[name=hazard]", "flood")
    filing.fill("[name='happened.time']", "٠٩:٠٠")
    filing.select_option("[name='place.form']", "sector")
    filing.select_option("[name='place.sector']", "S1")
    for required in filing.locator("select:not([name*='.'])").all():
        if required.input_value() == "":
            required.select_option(index=1)
    filing.click("button[value=preview]")
    filing.fill("input[name=password]", desks.nodes["IQ"]["users"]["releasing"]["password"])
    filing.click("button[name=alone]")
    filing.wait_for_url("**/ar/notices/*/")
    expect(watching.locator("#list .entries > li")).to_have_count(before + 1, timeout=15_000)
    assert watching.evaluate("window.notLoadedAgain") is True


def test_it_says_across_the_top_when_the_node_is_not_heard(desks: Desks, visit: Visit) -> None:
    page = visit("about:blank", "fa")
    page.clock.install()
    desks.enter(page, "IQ", "duty", "fa", "watch/")
    expect(page.locator("#stale")).to_be_hidden()
    page.route("**/watch/cursor/", lambda route: route.fulfill(status=404, body=""))
    page.clock.run_for(30_000)
    expect(page.locator("#stale")).to_be_visible()
    page.unroute("**/watch/cursor/")
    page.clock.run_for(5_000)
    expect(page.locator("#stale")).to_be_hidden()


def test_lists_and_forms_work_without_scripts(desks: Desks, chromium: Browser) -> None:
    context = chromium.new_context(java_script_enabled=False, locale="fa")
    try:
        page = context.new_page()
        desks.enter(page, "IQ", "duty", "fa", "watch/")
        assert page.locator("#list .entries > li").count() > 0
        page.goto(f"{desks.nodes['IQ']['url']}/fa/filing/incident.initial/")
        page.select_option("[name=event]", "fire")
        page.click("button[value=preview]")
        assert page.locator(".field__refusal").count() > 0
        assert page.locator("[name=event]").input_value() == "fire"
    finally:
        context.close()

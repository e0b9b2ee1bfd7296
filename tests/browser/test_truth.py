"""An open page is never silently old, and nothing that was typed is lost before the node has saved it."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser.desks import Desks

Visit = Callable[..., Page]
Check = Callable[[Page], None]
Picture = Callable[..., Path]

CURSOR = "**/watch/cursor/"
PARTS = re.compile("/watch/now/")


def unheard(route: Route) -> None:
    route.fulfill(status=404, body="")


@pytest.mark.parametrize("language", ["fa", "ar", "ckb", "en"])
def test_a_page_that_hears_nothing_says_since_when_and_shows_no_time_left(
    desks: Desks, visit: Visit, axe: Check, picture: Picture, language: str
) -> None:
    page = visit("about:blank", language, dark=language == "ar")
    page.clock.install()
    desks.enter(page, "IQ", "duty", language, "watch/")
    left = page.locator(".left > *")
    expect(left.first).to_be_visible()
    page.clock.run_for(4_000)
    page.wait_for_timeout(500)
    heard = page.locator("#heard").inner_text()
    page.route(CURSOR, unheard)
    page.clock.run_for(19_000)
    expect(page.locator("#stale")).to_be_hidden()
    page.clock.run_for(8_000)
    expect(page.locator("#stale")).to_be_visible()
    assert heard in page.locator("#stale").inner_text()
    assert "UTC+" in heard
    for each in left.all():
        expect(each).to_be_hidden()
    axe(page)
    picture(page, f"silent-{language}")
    page.unroute(CURSOR)
    page.clock.run_for(4_000)
    expect(page.locator("#stale")).to_be_hidden()
    expect(left.first).to_be_visible()


def test_a_part_that_could_not_be_fetched_is_tried_again_and_meanwhile_not_believed(desks: Desks, visit: Visit) -> None:
    page = visit("about:blank", "fa")
    page.clock.install()
    desks.enter(page, "IQ", "duty", "fa", "watch/")
    tried: list[Route] = []

    def refused(route: Route) -> None:
        tried.append(route)
        route.fulfill(status=404, body="<p>refused</p>", content_type="text/html")

    page.route(PARTS, refused)
    page.evaluate("document.documentElement.dataset.cursor = 'from before'")
    until(page, "#stale", shown=True)
    assert len(tried) > 1
    assert page.locator("#list .entries > li").count() > 0
    page.unroute(PARTS)
    until(page, "#stale", shown=False)


def until(page: Page, place: str, *, shown: bool) -> None:
    """Let the page's clock run, with time enough for each answer, until something is shown or is not."""
    for _ in range(120):
        page.clock.run_for(1_000)
        page.wait_for_timeout(100)
        if page.locator(place).is_visible() is shown:
            return
    raise AssertionError(place)


def test_a_page_that_wakes_shows_nothing_before_it_has_fetched_it_again(desks: Desks, visit: Visit) -> None:
    page = visit("about:blank", "fa")
    page.clock.install()
    desks.enter(page, "IQ", "duty", "fa", "watch/")
    waiting: list[Route] = []
    page.route("**/watch/now/", lambda route: waiting.append(route))
    page.clock.fast_forward(3_600_000)
    expect(page.locator("#waking")).to_be_visible()
    expect(page.locator("main")).to_be_hidden()
    page.clock.run_for(500)
    assert waiting
    for route in waiting:
        route.continue_()
    for _ in range(50):
        page.clock.run_for(100)
        if page.locator("main").is_visible():
            break
        page.wait_for_timeout(100)
    expect(page.locator("main")).to_be_visible()
    expect(page.locator("#waking")).to_be_hidden()


def test_a_page_that_wakes_without_a_line_is_grey_at_once(desks: Desks, visit: Visit) -> None:
    page = visit("about:blank", "fa")
    page.clock.install()
    desks.enter(page, "IQ", "duty", "fa", f"incidents/{desks.number('fire')}/")
    page.route(CURSOR, unheard)
    page.clock.fast_forward(3_600_000)
    expect(page.locator("#stale")).to_be_visible()
    expect(page.locator("main")).to_be_visible()


@pytest.mark.parametrize("language", ["fa", "en"])
def test_scripts_wait_for_the_sheets_and_come_one_after_another(desks: Desks, visit: Visit, language: str) -> None:
    page = visit("about:blank", language)
    desks.enter(page, "IQ", "duty", language, "help/")
    asked: list[str] = []
    held: list[Route] = []
    page.on("request", lambda request: asked.append(name_of(request.url)))
    page.route(re.compile(r"/built/desk-\w+\.(css|js)$"), lambda route: held.append(route))
    page.goto(f"{desks.nodes['IQ']['url']}/{language}/watch/", wait_until="commit")
    page.wait_for_timeout(1_000)
    assert "first" in asked
    assert not {"desk", "map"} & set(asked)
    held.pop().continue_()
    expect(page.locator("#list [data-number] a").first).to_be_visible()
    page.wait_for_timeout(500)
    assert "desk" in asked
    assert "map" not in asked
    held.pop().continue_()
    expect(page.locator(".map[data-ready]")).to_be_visible()
    assert [each for each in asked if each in {"first", "desk", "map"}] == ["first", "desk", "map"]


def name_of(address: str) -> str:
    """What a built script is called without its digest; of anything else the whole address."""
    found = re.search(r"/built/(\w+)-\w+\.js", address)
    return found[1] if found else address


@pytest.mark.parametrize("language", ["fa", "ckb"])
def test_a_page_whose_scripts_do_not_come_is_not_silent_and_asks_for_them_again(
    desks: Desks, visit: Visit, language: str
) -> None:
    page = visit("about:blank", language)
    desks.enter(page, "IQ", "duty", language, "help/")
    page.clock.install()
    tried: list[Route] = []

    def cut(route: Route) -> None:
        tried.append(route)
        route.fulfill(status=404, body="")

    page.route("**/built/desk-*.js", cut)
    page.goto(f"{desks.nodes['IQ']['url']}/{language}/watch/", wait_until="commit")
    expect(page.locator("#list [data-number] a").first).to_be_visible()
    until(page, "#stale", shown=True)
    assert len(tried) > 1
    for each in page.locator(".left > *").all():
        expect(each).to_be_hidden()
    page.unroute("**/built/desk-*.js")
    until(page, "#stale", shown=False)
    page.wait_for_function("document.documentElement.dataset.cursor")


def test_what_was_typed_is_there_again_until_the_node_has_saved_it(desks: Desks, visit: Visit) -> None:
    form = f"{desks.nodes['IQ']['url']}/fa/filing/incident.initial/"
    page = visit("about:blank", "fa")
    desks.enter(page, "IQ", "duty", "fa", "filing/incident.initial/")
    page.select_option("[name=event]", "fire")
    page.fill("[name='happened.time']", "۰۹:۰۰")
    page.select_option("[name='place.form']", "sector")
    page.select_option("[name='place.sector']", "S2")
    page.fill("[name='account.text']", "دود در نیزار، نمونه")
    page.route("**/filing/incident.initial/", lambda route: route.abort())
    page.click("button[value=save]")  # the line is cut: nothing reaches the node
    page.unroute("**/filing/incident.initial/")
    page.goto(form)
    expect(page.locator("#typed-again")).to_be_visible()
    assert page.locator("[name=event]").input_value() == "fire"
    assert page.locator("[name='place.sector']").input_value() == "S2"
    assert page.locator("[name='account.text']").input_value() == "دود در نیزار، نمونه"
    page.click("button[value=save]")
    page.wait_for_url("**/filing/draft/*/edit/")
    assert page.locator("[name='account.text']").input_value() == "دود در نیزار، نمونه"
    page.goto(form)
    expect(page.locator("#typed-again")).to_be_hidden()
    assert page.locator("[name=event]").input_value() == ""


def test_a_session_that_ends_while_typing_says_so_and_loses_nothing(desks: Desks, visit: Visit, axe: Check) -> None:
    place = "filing/incident.initial/"
    page = visit("about:blank", "ckb")
    page.clock.install()
    desks.enter(page, "IQ", "duty", "ckb", place)
    page.fill("[name='account.text']", "دووکەڵ لە قامیشەڵان، نموونە")
    page.context.clear_cookies()
    page.clock.run_for(3_000)
    expect(page.locator("#ended")).to_be_visible()
    axe(page)
    page.locator("#ended a").click()
    user = desks.nodes["IQ"]["users"]["duty"]
    page.fill("input[name=name]", user["name"])
    page.fill("input[name=password]", user["password"])
    page.click("main .button--main")
    page.wait_for_url(f"**/ckb/{place}")
    assert page.locator("[name='account.text']").input_value() == "دووکەڵ لە قامیشەڵان، نموونە"
    page.locator("#typed-again button").click()
    expect(page.locator("#typed-again")).to_be_hidden()
    assert page.locator("[name='account.text']").input_value() == ""


def test_what_one_officer_typed_is_not_shown_to_the_next(desks: Desks, visit: Visit) -> None:
    page = visit("about:blank", "fa")
    desks.enter(page, "IQ", "duty", "fa", "filing/incident.initial/")
    page.fill("[name='account.text']", "دود")
    page.wait_for_timeout(400)
    page.context.clear_cookies()
    desks.enter(page, "IQ", "releasing", "fa", "filing/incident.initial/")
    expect(page.locator("#typed-again")).to_be_hidden()
    assert page.locator("[name='account.text']").input_value() == ""

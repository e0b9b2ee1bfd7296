"""The corridors in a browser, the story played: list, line diagram, map and print, in every language and direction."""

from collections.abc import Callable

import pytest
from google.transit import gtfs_realtime_pb2 as gtfs
from playwright.sync_api import Browser, Page, expect

from tests.browser.desks import Desks

Visit = Callable[..., Page]
Check = Callable[[Page], None]

LANGUAGES = ("fa", "ar", "ckb", "en")
PLACES = ("corridors/", "corridors/shalamcheh-basra/", "corridors/development-road/", "corridors/pilgrims-mehran/")


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_weakest_link_and_both_lengths_stand_there_in_the_readers_language(
    desks: Desks, visit: Visit, axe: Check, language: str
) -> None:
    page = visit("about:blank", language, dark=language in ("fa", "en"), width=1280 if language == "en" else 390)
    desks.enter(page, "IR", "duty", language, "corridors/")
    # Closed by both sides' word, each naming its own notice.
    row = page.locator("tbody#shalamcheh-basra tr").first
    expect(row.locator("td .badge--late")).to_have_count(2)
    expect(row.locator("td .spoken")).to_have_count(2)
    # Iran states the crossing closed to pilgrims towards Iraq, Iraq states it open: side by side, and marked.
    expect(page.locator("tbody#pilgrims-mehran tr.differs")).to_have_count(1)
    expect(page.locator(".map[data-ready]")).to_be_attached(timeout=30_000)
    for place in PLACES:
        page.goto(f"{desks.nodes['IR']['url']}/{language}/{place}")
        expect(page.locator("h1")).to_be_visible()
        axe(page)
        wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert wide == 0, place
    page.goto(f"{desks.nodes['IR']['url']}/{language}/corridors/shalamcheh-basra/")
    digits = {"fa": ("۳۶", "۳۲", "۱۶", "۴"), "en": ("36", "32", "16", "4")}.get(language, ("٣٦", "٣٢", "١٦", "٤"))
    expect(page.locator("bdi.number").first).to_be_visible()
    shown = [each.split()[0] for each in page.locator("bdi.number:visible").all_inner_texts()]
    assert set(digits) <= set(shown)
    assert not {"34", "٣٤", "۳۴"} & set(shown), "nothing is averaged"


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_line_diagram_runs_in_the_direction_of_writing_and_says_its_marks_in_words(
    desks: Desks, visit: Visit, language: str
) -> None:
    page = visit("about:blank", language, width=1366)
    desks.enter(page, "IQ", "duty", language, "corridors/pilgrims-mehran/")
    chain = page.locator(".chain").first
    lefts = [box["x"] for each in chain.locator(".link").all() if (box := each.bounding_box()) is not None]
    assert len(lefts) == 3
    assert lefts == sorted(lefts, reverse=language != "en")
    assert chain.locator(".link--crossing .lane--late").count() == 1
    assert chain.locator(".link--crossing .lane--kept").count() == 1
    assert chain.locator(".lane__mark").count() == chain.locator(".lane .visually-hidden").count() == 6
    # The way round: a corridor that everybody states open, and the crossing that Iran proposes.
    rounds = page.locator(".ways").first
    expect(rounds.locator("a")).to_have_attribute("href", f"/{language}/corridors/pilgrims-khosravi/")
    expect(rounds.locator(".party-IR")).to_have_count(1)


def test_without_scripts_the_list_says_everything(desks: Desks, chromium: Browser) -> None:
    context = chromium.new_context(java_script_enabled=False, locale="fa")
    page = context.new_page()
    desks.enter(page, "IR", "duty", "fa", "corridors/")
    expect(page.locator("tbody#shalamcheh-basra .badge--late").first).to_be_visible()
    expect(page.locator("noscript p.empty")).to_be_visible()
    context.close()


def test_on_paper_the_diagram_stays_and_the_map_goes(desks: Desks, visit: Visit) -> None:
    page = visit("about:blank", "fa")
    desks.enter(page, "IR", "duty", "fa", "corridors/shalamcheh-basra/")
    page.emulate_media(media="print")
    expect(page.locator(".chain").first).to_be_visible()
    expect(page.locator(".map")).to_be_hidden()
    expect(page.locator("[data-print]")).to_be_hidden()


def test_the_feed_of_the_story_says_that_it_is_an_example(desks: Desks, visit: Visit) -> None:
    page = visit("about:blank", "en")
    answer = page.request.get(f"{desks.nodes['IQ']['url']}/feeds/service-alerts.pb")
    assert answer.ok
    message = gtfs.FeedMessage.FromString(answer.body())
    said = {entity.informed_entity[0].route_id or entity.informed_entity[0].stop_id: entity for entity in
            (each.alert for each in message.entity)}  # fmt: skip
    assert {"shalamcheh-basra", "basra-baghdad", "mehran-zurbatiyah"} <= set(said)
    for alert in said.values():
        texts = {each.language: each.text for each in alert.header_text.translation}
        assert set(texts) == set(LANGUAGES)
        assert texts["en"].startswith("Example: ")
        assert texts["fa"].startswith("نمونه: ")

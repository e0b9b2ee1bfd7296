"""Board, mismatch and season as people see them, and the board on paper."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import LANGUAGES
from tests.browser.desks import Desks

Visit = Callable[..., Page]
Check = Callable[[Page], None]
Picture = Callable[..., Path]
DIFFERS = "#mehran-zurbatiyah tr.differs"
"""The rows of goods and of pilgrims, of which the sides say different things in the story."""


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_mismatch_is_marked_with_how_long_it_lasts_and_its_history_is_a_page(
    desks: Desks, visit: Visit, axe: Check, picture: Picture, language: str
) -> None:
    page = visit("about:blank", language)
    desks.enter(page, "IR", "duty", language, "crossings/")
    expect(page.locator(DIFFERS)).to_have_count(2)
    expect(page.locator(f"{DIFFERS} th").first).to_contain_text(re.compile(r"[0-9۰-۹٠-٩]"))
    axe(page)
    picture(page, f"crossings-{language}")
    page.click("#mehran-zurbatiyah h2 a")
    page.wait_for_url(f"**/{language}/crossings/at/mehran-zurbatiyah/")
    expect(page.locator("[aria-labelledby=spells-title] tbody tr")).to_have_count(2)
    expect(page.locator("[aria-labelledby=told-title] .entries > li")).to_have_count(4)
    axe(page)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_board_is_printed_across_an_a4_sheet(
    desks: Desks, visit: Visit, axe: Check, picture: Picture, language: str
) -> None:
    page = visit("about:blank", language)
    desks.enter(page, "IQ", "duty", language, "crossings/board/")
    expect(page.locator(".board tbody")).to_have_count(9)
    axe(page)
    picture(page, f"board-{language}")
    paper = page.pdf(prefer_css_page_size=True)
    sizes = {
        tuple(round(float(each)) for each in found)
        for found in re.findall(rb"/MediaBox \[0 0 ([\d.]+) ([\d.]+)\]", paper)
    }
    assert sizes == {(842, 595)}


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_season_stands_in_one_table_with_its_chart(
    desks: Desks, visit: Visit, axe: Check, picture: Picture, language: str
) -> None:
    page = visit("about:blank", language)
    desks.enter(page, "IQ", "duty", language, "flows/")
    expect(page.locator(".season tbody tr")).to_have_count(7)
    expect(page.locator(".season svg rect")).to_have_count(7)
    expect(page.locator("[aria-labelledby=warnings-title] .badge--due")).to_have_count(1)
    axe(page)
    picture(page, f"flows-{language}")
    page.locator("[aria-labelledby=season-title] nav a").last.click()
    expect(page.locator(".season tbody tr")).to_have_count(2)


def test_a_table_is_read_in_and_what_is_refused_of_it_is_said(desks: Desks, visit: Visit, axe: Check) -> None:
    page = visit("about:blank", "fa")
    desks.enter(page, "IQ", "duty", "fa", "flows/import/")
    rows = "گذرگاه,روز,سو,مرحله,منبع,pilgrims\nmehran-zurbatiyah,1404/05/18,to-iq,count,border-authority,۱۲\n"
    wrong = "mehran-zurbatiyah,2025-08-10,to-iq,count,border-authority,12\n"
    page.set_input_files("#table", {"name": "a.csv", "mimeType": "text/csv", "buffer": (rows + wrong).encode()})
    page.select_option("#calendar", "solar")
    page.locator("main form .button--main").last.click()
    expect(page.locator("[aria-labelledby=refused-title] tbody tr")).to_have_count(1)
    expect(page.locator("[aria-labelledby=refused-title]")).to_contain_text("flow.wrong-calendar")
    axe(page)
    page.locator("[aria-labelledby=refused-title] .button--main").click()
    page.wait_for_url("**/fa/release/")
    expect(page.locator("main [role=status]")).to_be_visible()


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_public_page_asks_nobody_who_they_are(
    desks: Desks, visit: Visit, axe: Check, picture: Picture, language: str
) -> None:
    address = desks.nodes["IR"]["url"]
    stranger = visit(f"{address}/public/{language}/", language)
    expect(stranger.locator("main section")).to_have_count(9)
    assert stranger.context.cookies() == []
    axe(stranger)
    picture(stranger, f"public-{language}")

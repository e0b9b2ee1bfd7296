"""Planned activities in a browser: the calendar of both sides, and what two plans that meet look like at both desks."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.desks import Desks

Visit = Callable[..., Page]
Check = Callable[[Page], None]

LANGUAGES = ("fa", "ar", "ckb", "en")
CALENDARS = {"fa": "هجری شمسی", "ar": "ميلادي", "ckb": "زایینی", "en": "Gregorian"}


def address(desks: Desks, name: str) -> str:
    return desks.number(name).replace(" ", "")


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_calendar_is_in_the_readers_own_calendar_as_grid_and_list(
    desks: Desks, visit: Visit, axe: Check, language: str
) -> None:
    page = visit("about:blank", language)
    desks.enter(page, "IR", "duty", language, f"activities/{address(desks, 'clearance')}/")
    page.locator(".page__head .over a").click()
    expect(page.locator("#calendar-title")).to_contain_text(CALENDARS[language])
    expect(page.locator(".calendar thead th")).to_have_count(7)
    assert page.locator(f'.calendar a[href$="/{address(desks, "clearance")}/"]').count() >= 1
    expect(page.locator(f'.entries a[href$="/{address(desks, "survey")}/"]')).to_have_count(1)
    axe(page)
    page.locator(".calendar-ways a").nth(-1).click()
    expect(page.locator("table.calendar")).to_have_count(0)
    expect(page.locator(f'.entries a[href$="/{address(desks, "works")}/"]')).to_have_count(1)


@pytest.mark.parametrize("language", LANGUAGES)
def test_two_plans_that_meet_are_drawn_and_said_at_both_desks_alike(
    desks: Desks, visit: Visit, axe: Check, language: str
) -> None:
    proposals, changeable = [], []
    for party in ("IQ", "IR"):
        page = visit("about:blank", language, width=390, dark=party == "IR")
        desks.enter(page, party, "duty", language, f"activities/{address(desks, 'clearance')}/")
        met = page.locator("#check .meeting")
        expect(met).to_have_count(1)
        expect(met.locator(f'a[href$="/{address(desks, "survey")}/"]')).to_be_visible()
        expect(met.locator("svg .drawn__shared")).to_have_count(1)
        expect(met.locator("svg")).to_have_attribute("aria-label", re.compile("."))
        axe(page)
        # Each desk keeps its own civil time; the length of the shift and the place are the same.
        proposals.append(page.locator("#check .proposal").all_inner_texts())
        changeable.append(page.locator('#check a[href*="shift="]').count())
    assert proposals[0] == proposals[1]
    assert len(proposals[0]) == 2
    # Only who announced the activity can change it: the desk that received it is shown the proposals and no button.
    assert sorted(changeable) == [0, 2]


def test_it_all_works_without_scripts(desks: Desks, chromium: Browser) -> None:
    context = chromium.new_context(java_script_enabled=False)
    page = context.new_page()
    desks.enter(page, "IQ", "duty", "en", "activities/")
    page.locator(".calendar-ways a").nth(-2).click()
    expect(page.locator("table.calendar tbody tr")).to_have_count(1)
    page.locator("details.choosing > summary").click()
    page.select_option('select[name="party"]', "IR")
    page.locator(".choosing button[type=submit]").click()
    assert "party=IR" in page.url
    context.close()

"""The pages of both desks in a browser, the story played: four languages, light and dark, with scripts and without."""

import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec
import pytest
from playwright.sync_api import Browser, Page, expect

from mithaq import canonical
from mithaq.instrument.law import Law
from mithaq.instrument.sealing import Sealed
from mithaq_files.instrument import read_sealed, write_sealed
from tests.browser.desks import Desks

Visit = Callable[..., Page]
Check = Callable[[Page], None]
Picture = Callable[..., Path]

LANGUAGES = ("fa", "ar", "ckb", "en")


FORMS_OF_FILE = {"PDF", "ZIP", "XLSX", "CSV", "docx", "JPEG", "PNG", "WebP"}
KEPT_IN_LATIN = {"UTC", "CAP", "IQ", "IR", "English", "USGS", "us", "MGRS", "public", *FORMS_OF_FILE}
"""What is written in Latin letters in every language: codes of parties, a time scale, a grid, a form of file, an
address."""

_DRAWN = """(all) => all.map((each) => {
  const letters = [];
  const walk = document.createTreeWalker(each, NodeFilter.SHOW_TEXT);
  while (walk.nextNode()) {
    const text = walk.currentNode;
    for (let at = 0; at < text.length; at += 1) {
      const range = document.createRange();
      range.setStart(text, at);
      range.setEnd(text, at + 1);
      const box = range.getBoundingClientRect();
      if (box.width > 0) letters.push([box.left, text.data[at]]);
    }
  }
  return [letters.sort((one, other) => one[0] - other[0]).map((letter) => letter[1]).join(""), each.textContent];
})"""
"""What stands from left to right in each element, and what its text is."""

LATIN_WORDS = """() => {
  const found = [];
  const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walk.nextNode()) {
    const text = walk.currentNode;
    if (!text.parentElement.closest("script, style, noscript, pre, code, .mono, .foreign, [lang=en], [hidden]"))
      found.push(text.data);
  }
  for (const each of document.querySelectorAll("[aria-label], [placeholder]"))
    found.push(each.ariaLabel ?? "", each.placeholder ?? "");
  return found.flatMap((text) => text.match(/[A-Za-z]{2,}/g) ?? []);
}"""
"""The words in Latin letters that a reader of the page meets, but for bytes, addresses and foreign texts."""


def places(desks: Desks) -> dict[str, str]:
    fire, works = desks.number("fire"), desks.number("works")
    return {
        "watch": "watch/",
        "crossings": "crossings/",
        "crossing": "crossings/at/mehran-zurbatiyah/",
        "board": "crossings/board/",
        "warnings": "warnings/",
        "warned": "warnings/ledger/",
        "looking": "warnings/settings/?recurrence=730&history=365&longest=14&widest=0",
        "flows": "flows/",
        "import": "flows/import/",
        "activities": "activities/",
        "year": "activities/?view=year",
        "activity": f"activities/{desks.number('clearance')}/",
        "feed": "activities/feed/",
        "corridors": "corridors/",
        "corridor": "corridors/shalamcheh-basra/",
        "compliance": "compliance/?by=month",
        "committee": "committee/",
        "commitments by score": "committee/scores/",
        "commitments in time": "committee/timeline/",
        "commitments by article": "committee/articles/",
        "commitment": "committee/commitments/activities-told/",
        "papers": "committee/papers/",
        "proposed": "instrument/proposed/",
        "versions": "instrument/versions/",
        "texts": "committee/texts/",
        "text": f"committee/texts/{desks.number('communique')}/",
        "new-text": "filing/text.draft/",
        "call": "filing/meeting.called/",
        "meetings": "committee/meetings/",
        "meeting": f"committee/meetings/{desks.number('meeting')}/",
        "earlier": "committee/earlier/commitments/",
        "earlier-table": "committee/earlier/minutes/table/",
        "incident": f"incidents/{fire}/",
        "pairs": "pairs/",
        "paired": f"incidents/{desks.number('flood')}/",
        "notice": f"notices/{works}/",
        "record": "record/",
        "log": "record/logs/IQ-all-1/",
        "heads": "record/compare/",
        "filing": "filing/",
        "form": "filing/incident.initial/",
        "plan": "filing/activity.planned/",
        "release": "release/",
        "desks": "desks/",
        "inside": f"inside/{fire}/",
    }


WIDTHS = {"fa": 390, "ar": 1366, "ckb": 390, "en": 1366}
"""The width at which every run looks at each language; the long one looks at the other too."""


@pytest.mark.parametrize(
    ("language", "width"),
    [
        *WIDTHS.items(),
        *(pytest.param(each, 1366 + 390 - WIDTHS[each], marks=pytest.mark.long) for each in LANGUAGES),
    ],
)
def test_every_page_can_be_used_by_everybody(
    desks: Desks, visit: Visit, axe: Check, picture: Picture, language: str, width: int
) -> None:
    for party, dark in (("IQ", False), ("IR", True)):
        page = visit("about:blank", language, dark=dark, width=width)
        desks.enter(page, party, "releasing", language, "watch/")
        for name, place in places(desks).items():
            page.goto(f"{desks.nodes[party]['url']}/{language}/{place}")
            if name == "watch":
                expect(page.locator(".map[data-ready]")).to_be_visible()
            axe(page)
            wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
            assert wide == 0, place
            picture(page, f"desk-{name}-{party}-{language}-{'dark' if dark else 'light'}-{width}")


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_number_is_drawn_in_the_order_in_which_it_is_spoken(desks: Desks, visit: Visit, language: str) -> None:
    page = visit("about:blank", language)
    desks.enter(page, "IQ", "duty", language, "watch/")
    for place in ("watch/", f"incidents/{desks.number('fire')}/", f"notices/{desks.number('works')}/", "record/"):
        page.goto(f"{desks.nodes['IQ']['url']}/{language}/{place}")
        drawn = page.locator(".spoken:visible").evaluate_all(_DRAWN)
        assert drawn, place
        assert [seen for seen, _ in drawn] == [said for _, said in drawn]
    page.goto(f"{desks.nodes['IQ']['url']}/{language}/watch/")
    ((drawn_moment, _),) = page.locator("#clocks .sheet__head time").evaluate_all(_DRAWN)
    assert "UTC+" in drawn_moment


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_console_says_what_a_step_made_in_the_readers_words(desks: Desks, visit: Visit, language: str) -> None:
    page = visit(f"{desks.console}/{language}/", language)
    drawn = page.locator(".step__made .spoken").evaluate_all(_DRAWN)
    assert drawn
    assert [seen for seen, _ in drawn] == [said for _, said in drawn]
    told = page.locator("#verified .step__made").inner_text()
    assert ("genuine" in told) == (language == "en")
    assert "GENUINE" not in told


@pytest.mark.parametrize("language", ["fa", "ar", "ckb"])
def test_no_english_word_stands_in_a_page_of_another_language(desks: Desks, visit: Visit, language: str) -> None:
    page = visit("about:blank", language)
    desks.enter(page, "IQ", "duty", language, "watch/")
    for place in (*places(desks).values(), "instrument/", "help/", "report/", "filing/crossing.status/", "nowhere/"):
        page.goto(f"{desks.nodes['IQ']['url']}/{language}/{place}")
        if place == "watch/":
            expect(page.locator(".map[data-ready]")).to_be_visible()
        words = page.evaluate(LATIN_WORDS)
        assert set(words) <= KEPT_IN_LATIN, place


@pytest.mark.parametrize(("party", "language"), [("IQ", "ar"), ("IR", "fa")])
def test_a_paper_is_downloaded_from_its_page(desks: Desks, visit: Visit, party: str, language: str) -> None:
    page = visit("about:blank", language, width=390)
    desks.enter(page, party, "secretariat", language, "committee/")
    page.locator("a[href$='/committee/papers/']").click()
    for paper, form in (("agenda", "pdf"), ("compliance", "docx"), ("open-items", "xlsx")):
        page.select_option("#paper", paper)
        page.check(f"input[name=form][value={form}]")
        with page.expect_download() as taken:
            page.locator("main form .button--main").click()
        assert taken.value.suggested_filename.startswith(f"{paper}-IQ")
        assert taken.value.suggested_filename.endswith(f"-{language}.{form}")
        assert Path(taken.value.path()).stat().st_size > 1_000


@pytest.fixture(scope="module")
def proposed(desks: Desks, tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """At both desks a version of the instrument with every deadline an hour and one more word in its first article."""
    written = tmp_path_factory.mktemp("proposed") / "written"
    served = read_sealed(desks.folder / "IR" / "instrument")
    write_sealed(written, Sealed.open(canonical.encode_trusted(_longer(served.law)), served.words_bytes))
    for party in desks.nodes:
        _instrument("propose", str(written), "--data", str(desks.folder / party))
    yield
    for party in desks.nodes:
        _instrument("drop", "--data", str(desks.folder / party))


def _longer(law: Law) -> Law:
    clocks = [msgspec.structs.replace(each, minutes=60, calendar="continuous") for each in law.clocks]
    first, *rest = law.articles
    text = {**first.text, "en": first.text["en"] + " Forthwith."}
    articles = [msgspec.structs.replace(first, text=text), *rest]
    return msgspec.structs.replace(law, version=law.version + 1, clocks=clocks, articles=articles)


def _instrument(*words: str) -> None:
    subprocess.run([sys.executable, "-m", "mithaq_cli", "instrument", *words], check=True, capture_output=True)


@pytest.mark.parametrize(("language", "dark"), [("fa", True), ("ar", False), ("en", False)])
def test_a_proposed_version_is_compared_where_both_directions_of_writing_meet(
    proposed: None, desks: Desks, visit: Visit, axe: Check, picture: Picture, language: str, dark: bool
) -> None:
    page = visit("about:blank", language, dark=dark, width=390 if dark else 1366)
    desks.enter(page, "IQ" if language == "ar" else "IR", "duty", language, "instrument/proposed/")
    axe(page)
    assert page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") == 0
    picture(page, f"desk-proposed-{language}")
    changed = page.locator(".changed").first
    expect(changed.locator("ins", has_text="Forthwith.")).to_be_visible()
    assert changed.locator("ins").evaluate("each => getComputedStyle(each).direction") == "ltr"
    effects = page.locator("[aria-labelledby=effect-title] tbody tr")
    assert effects.count() > 0
    expect(effects.locator(".badge--due").first).to_be_visible()


@pytest.mark.parametrize("language", ["ar", "en"])
def test_the_menus_open_within_a_narrow_screen(desks: Desks, visit: Visit, language: str) -> None:
    page = visit("about:blank", language, width=390)
    desks.enter(page, "IR", "duty", language, "watch/")
    for menu in page.locator(".menu").all():
        menu.locator("summary").click()
        box = menu.locator(".menu__sheet").bounding_box()
        assert box is not None
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= 390
        menu.locator("summary").click()


@pytest.mark.parametrize("language", ["ar", "en"])
def test_no_figure_is_cut_at_the_edge_of_a_narrow_screen(desks: Desks, visit: Visit, language: str) -> None:
    page = visit("about:blank", language, width=390)
    desks.enter(page, "IR", "duty", language, "flows/")
    page.evaluate("document.querySelectorAll('details').forEach((each) => { each.open = true; })")
    cut = page.locator(".scroll bdi.number:visible").evaluate_all(
        "all => all.filter((each) => { const own = each.getBoundingClientRect();"
        " const room = each.closest('.scroll').getBoundingClientRect();"
        " return own.left < room.left || own.right > room.right; }).map((each) => each.textContent)"
    )
    assert cut == []


def test_two_figures_of_one_day_stand_side_by_side_and_are_marked(desks: Desks, visit: Visit) -> None:
    page = visit("about:blank", "en")
    desks.enter(page, "IQ", "duty", "en", "flows/")
    row = page.locator("tr.differs", has_text="8 August 2025")
    expect(row.locator("td")).to_have_count(3)
    expect(row.locator("td").nth(0)).to_contain_text("1,089,724")
    expect(row.locator("td").nth(1)).to_contain_text("1,242,372")
    expect(row.locator("td").nth(2)).to_contain_text("152,648")
    expect(row).to_be_visible()
    page.goto(page.url.replace("flows/", "crossings/"))
    closed = page.locator("#mehran-zurbatiyah table").first
    expect(closed).to_contain_text("Example for the demonstration, after the closure")


def test_what_is_owed_stands_first_on_a_narrow_screen(desks: Desks, visit: Visit) -> None:
    page = visit("about:blank", "fa", width=390)
    desks.enter(page, "IQ", "duty", "fa", "watch/")
    owed, listed = page.locator("#clocks").bounding_box(), page.locator("#list").bounding_box()
    assert owed is not None
    assert listed is not None
    assert owed["y"] < listed["y"]


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
    desks.warn(filing, "IQ", "ar")
    filing.evaluate("window.notLoadedAgain = true")
    expect(filing.locator(".ladder__step--done")).to_have_count(3, timeout=30_000)
    assert filing.evaluate("window.notLoadedAgain") is True
    expect(watching.locator("#list .entries > li")).to_have_count(before + 1, timeout=30_000)
    assert watching.evaluate("window.notLoadedAgain") is True


def test_the_warnings_are_asked_for_at_most_once_a_minute_but_again_at_once_when_they_did_not_come(
    desks: Desks, visit: Visit
) -> None:
    page = visit("about:blank", "fa")
    desks.enter(page, "IR", "duty", "fa", "watch/")
    page.goto(f"{desks.nodes['IR']['url']}/fa/warnings/")
    asked: list[str] = []
    page.on("request", lambda each: asked.append(each.url) if each.url.endswith("/warnings/") else None)
    again = "document.body.dispatchEvent(new CustomEvent('mithaq:moved', { detail: {} }))"
    for _ in range(3):
        page.evaluate(again)
        page.wait_for_timeout(1_000)
    assert len(asked) == 1
    page.evaluate("document.getElementById('gathering').dispatchEvent(new CustomEvent('mithaq:missed'))")
    page.wait_for_timeout(1_000)
    assert len(asked) == 2


def test_a_preview_of_false_alarms_fills_in_without_being_loaded_again(desks: Desks, visit: Visit) -> None:
    page = visit("about:blank", "en")
    desks.enter(page, "IR", "duty", "en", "watch/")
    page.goto(f"{desks.nodes['IR']['url']}/en/warnings/settings/?recurrence=360&history=180&longest=7&widest=50")
    page.locator("[aria-labelledby=try-title] .button--main").click()
    page.wait_for_url("**#preview")
    page.evaluate("window.notLoadedAgain = true")
    expect(page.locator("#preview .sheet__head .small")).to_have_text("10 / 10", timeout=90_000)
    assert page.evaluate("window.notLoadedAgain") is True


def test_what_awaits_release_is_counted_on_every_open_page_and_what_is_unfolded_stays_so(
    desks: Desks, visit: Visit
) -> None:
    watching, queue, filing = (visit("about:blank", "en") for _ in range(3))
    desks.enter(watching, "IQ", "releasing", "en", "watch/")
    desks.enter(queue, "IQ", "releasing", "en", "release/")
    before = queue.locator("[aria-labelledby=queue-title] .entry__title").count()
    watching.locator(".choosing summary").click()
    desks.enter(filing, "IQ", "duty", "en", "filing/incident.initial/")
    fill(filing)
    filing.click("button[value=preview]")
    filing.fill("input[name=password]", desks.nodes["IQ"]["users"]["duty"]["password"])
    filing.click("main .button--main")
    expect(watching.locator("#awaits")).to_have_text(str(before + 1), timeout=30_000)
    expect(queue.locator("[aria-labelledby=queue-title] .entry__title")).to_have_count(before + 1, timeout=30_000)
    assert watching.locator(".choosing").evaluate("each => each.open") is True


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


def test_a_passage_is_marked_and_answered_for_without_scripts(
    desks: Desks, chromium: Browser, visit: Visit, axe: Check, picture: Picture
) -> None:
    """The duty officer files a town called after a sheikh; the releasing officer says so; the other side reads it."""
    context = chromium.new_context(java_script_enabled=False, locale="fa")
    try:
        page = context.new_page()
        desks.enter(page, "IQ", "duty", "fa", "filing/incident.initial/")
        fill(page)
        page.fill("[name='account.text']", "دود بر فراز شیخ نمونه، یک شهر")
        page.click("button[value=preview]")
        assert page.locator(".sheet mark").all_inner_texts() == ["شیخ نمونه"]
        page.fill("input[name=password]", desks.nodes["IQ"]["users"]["duty"]["password"])
        page.click("main .button--main")
    finally:
        context.close()
    context = chromium.new_context(java_script_enabled=False, locale="fa")
    try:
        page = context.new_page()
        desks.enter(page, "IQ", "releasing", "fa", "release/")
        page.locator(".entry__title").last.click()
        release = page.url
        page.check("input[value=place]")
        page.fill("input[name=password]", desks.nodes["IQ"]["users"]["releasing"]["password"])
        looked = visit("about:blank", "ar", width=390)
        desks.enter(looked, "IQ", "releasing", "ar", "release/")
        looked.goto(release.replace("/fa/", "/ar/"))
        axe(looked)
        picture(looked, "desk-passages-IQ-ar")
        page.click("main .button--main")
        page.wait_for_url("**/fa/notices/*/")
        number = page.url.rstrip("/").rsplit("/", 1)[-1]
        assert page.locator(".badge--due").count() >= 1
    finally:
        context.close()
    other = visit("about:blank", "fa")
    desks.enter(other, "IR", "duty", "fa", "watch/")
    address = f"{desks.nodes['IR']['url']}/fa/notices/{number}/"
    assert expect_there(other, address)
    expect(other.get_by_text("نام یک جا")).to_be_visible()
    axe(other)
    picture(other, "desk-kept-IR-fa")


def fill(page: Page) -> None:
    """The fields that an incident must have, with whatever stands first in each list."""
    page.select_option("[name=event]", "fire")
    page.fill("[name='happened.time']", "۰۹:۰۰")
    page.select_option("[name='place.form']", "sector")
    page.select_option("[name='place.sector']", index=1)
    for required in page.locator("select:not([name*='.'])").all():
        if required.input_value() == "":
            required.select_option(index=1)


def expect_there(page: Page, address: str) -> bool:
    """Whether a notice arrives at a desk: its page is there after some of its two seconds."""
    for _ in range(30):
        answer = page.goto(address)
        if answer is not None and answer.status == 200:
            return True
        page.wait_for_timeout(500)
    return False

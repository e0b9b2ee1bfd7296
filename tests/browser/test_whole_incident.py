"""A whole incident between two real nodes, in two browsers and two languages, from filing to joint closing.

The duty officers of both sides write, the releasing officers sign; everything is done on the pages, and each side goes
on only when its own open page shows what the other said. In the middle the line between the nodes is cut for a minute;
both sides go on filing, and what they said arrives when it is whole again.
"""

import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path

from playwright.sync_api import Locator, Page, expect

from tests.browser.desks import Desks

Visit = Callable[..., Page]
Check = Callable[[Page], None]
Picture = Callable[..., Path]

ARRIVES = 60_000
"""Milliseconds in which what is released shows on the other side's open page, on a busy machine too."""
MENDED = 180_000
"""The same across a cut of a minute."""

Fields = Mapping[str, str | list[str]]


class Side:
    """Two officers of a party at their browsers, and the page of the incident that stays open."""

    def __init__(self, desks: Desks, visit: Visit, party: str, language: str) -> None:
        self.party, self.language, self._node = party, language, desks.nodes[party]
        self.duty, self.releasing = (visit("about:blank", language) for _ in range(2))
        self.open = visit("about:blank", language)
        desks.enter(self.duty, party, "duty", language, "watch/")
        desks.enter(self.releasing, party, "releasing", language, "release/")
        desks.enter(self.open, party, "duty", language, "watch/")

    def address(self, place: str) -> str:
        return f"{self._node['url']}/{self.language}/{place}"

    def shows(self, place: str, selector: str) -> None:
        """Load a page again until something stands on it."""
        deadline = time.monotonic() + ARRIVES / 1_000
        self.open.goto(self.address(place))
        while self.open.locator(selector).count() == 0:
            assert time.monotonic() < deadline, f"{place} does not show {selector}"
            self.open.wait_for_timeout(500)
            self.open.goto(self.address(place))
        expect(self.open.locator(selector).first).to_be_visible()

    def look_at(self, incident: str) -> None:
        """Open the page of the incident; it is not loaded again by hand."""
        self.open.goto(self.address(f"incidents/{incident}/"))

    def offer(self, kind: str) -> Locator:
        return self.open.locator(f".steps a.row[href*='/filing/{kind}/']")

    def tell(self, kind: str, fields: Fields, address: str = "") -> str:
        """File a notice of a kind that the open page offers, and release it as another officer; its number."""
        if not address:
            expect(self.offer(kind)).to_be_visible(timeout=ARRIVES)
            address = str(self.offer(kind).get_attribute("href"))
        self.duty.goto(self._node["url"] + address)
        for name, value in fields.items():
            self._fill(name, value)
        self.duty.click("button[value=preview]")
        self.duty.wait_for_url("**/filing/draft/*/")
        draft = self.duty.url.rstrip("/").rsplit("/", 1)[-1]
        self.sign(self.duty, "duty")
        self.duty.wait_for_url("**/release/")
        self.releasing.goto(self.address(f"release/{draft}/"))
        self.sign(self.releasing, "releasing")
        self.releasing.wait_for_url("**/notices/*/")
        return self.releasing.url.rstrip("/").rsplit("/", 1)[-1].replace("%20", "")

    def state(self, meaning: str) -> Locator:
        return self.open.locator(f".page__head .badge--{meaning}").first

    def step(self, number: str) -> Locator:
        """The notice of a number in the timeline, with its ladder."""
        return self.open.locator(f".timeline > li[id='{self._place(number)}']")

    @staticmethod
    def _place(number: str) -> str:
        """`IR31-5` stands at `IR-31`."""
        return f"{number[:2]}-{number[2:].partition('-')[0]}"

    def _fill(self, name: str, value: str | list[str]) -> None:
        if isinstance(value, list):
            for each in value:
                self.duty.check(f"input[name='{name}'][value='{each}']")
            return
        found = self.duty.locator(f"[name='{name}']")
        if found.evaluate("each => each.tagName") == "SELECT":
            found.select_option(value)
        else:
            found.fill(value)

    def sign(self, page: Page, role: str) -> None:
        """Sign what the page shows with the password of the officer of this role."""
        page.fill("input[name=password]", self._node["users"][role]["password"])
        page.locator("form", has=page.locator("input[name=password]")).locator(".button--main").click()


def cut(desks: Desks) -> None:
    """The line between the nodes is cut for a minute."""
    command = [sys.executable, "-m", "mithaq_cli", "demo", "break", "cut", "--data", str(desks.folder)]
    subprocess.run(command, check=True, capture_output=True)


def test_a_whole_incident_between_two_nodes_in_two_languages_with_the_line_cut_in_the_middle(
    desks: Desks, visit: Visit, axe: Check, picture: Picture
) -> None:
    iran, iraq = Side(desks, visit, "IR", "fa"), Side(desks, visit, "IQ", "ar")

    filed = {"event": "fire", "happened.time": "۰۲:۰۰", "place.form": "sector", "place.sector": "S1"}
    incident = iran.tell("incident.initial", {**filed, "confidence": "seen"}, "/fa/filing/incident.initial/")
    for side in (iran, iraq):
        side.shows(f"incidents/{incident}/", "#incident")
    expect(iran.offer("acknowledgement")).to_have_count(0)
    iraq.tell("acknowledgement", {"handling": "passed-on"})
    asked = iraq.tell("clarification.request", {"concern": "event", "questions": ["what", "where"]})
    expect(iran.step(asked)).to_be_visible(timeout=ARRIVES)

    cut(desks)
    answered = iran.tell("clarification.reply", {"finding": "under-examination", "event": "fire"})
    iran.look_at(incident)
    expect(iran.step(answered).locator(".ladder__step--done")).to_have_count(1)
    seen = iraq.tell("incident.update", {"progress": "information", "event": "smoke"})
    iraq.look_at(incident)
    expect(iraq.step(answered)).to_have_count(0)
    expect(iraq.step(seen).locator(".ladder__step--done")).to_have_count(1)

    expect(iraq.step(answered)).to_be_visible(timeout=MENDED)
    expect(iran.step(seen)).to_be_visible(timeout=MENDED)
    expect(iran.step(answered).locator(".ladder__step--done")).to_have_count(3, timeout=MENDED)
    for side in (iran, iraq):
        expect(side.open.locator("tr.differs")).to_have_count(1, timeout=ARRIVES)

    unsatisfied = iraq.open.locator(".steps a[href*='verdict=unsatisfactory']")
    expect(unsatisfied).to_be_visible(timeout=ARRIVES)
    iraq.tell("clarification.verdict", {"reason": ["questions-open"]}, str(unsatisfied.get_attribute("href")))
    expect(iran.state("late")).to_be_visible(timeout=ARRIVES)
    iran.tell("clarification.reply", {"finding": "confirmed", "event": "fire"})
    iraq.tell("incident.disagreement", {"disputed": ["event"], "next_step": ["joint-visit"]})

    iran.tell("report.joint", {"agreed_on": ["place", "time"], "left_open": ["event"], "text.text": "آتش در نیزار."})
    expect(iraq.open.locator(".joint .badge--due")).to_be_visible(timeout=ARRIVES)
    for side in (iran, iraq):
        axe(side.open)
    picture(iraq.open, "whole-incident-ar")
    iraq.tell("joint.seal", {})
    for side in (iran, iraq):
        expect(side.open.locator(".joint .badge--kept")).to_be_visible(timeout=ARRIVES)

    iran.tell("incident.close", {"reason": "measures-done"})
    expect(iran.offer("incident.close")).to_have_count(0, timeout=ARRIVES)
    iraq.tell("incident.close", {"reason": "over"})
    for side in (iran, iraq):
        expect(side.open.locator(".steps a.row[href*='/filing/incident.update/']")).to_have_count(0, timeout=ARRIVES)
        expect(side.open.locator(".page__head .badge")).to_have_count(1)
        axe(side.open)
    picture(iran.open, "whole-incident-fa")
    words = {side.language: side.open.locator(".page__head .badge").inner_text() for side in (iran, iraq)}
    assert words == {"fa": CLOSED["fa"], "ar": CLOSED["ar"]}


CLOSED = {"fa": "بسته، با روایت‌های متفاوت", "ar": "مغلق والروايتان مختلفتان"}
"""How both desks call an incident that both closed while a disagreement stood."""

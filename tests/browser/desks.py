"""Both desks of the demonstration with its whole story played, for tests that look at pages in a browser."""

import json
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from playwright.sync_api import Page

PORTS = 7
_PATIENCE = 600.0
_MOST_TABS = 120


@dataclass(frozen=True)
class Desks:
    """Where both desks are, and the officers of each by role."""

    console: str
    nodes: Mapping[str, Any]
    folder: Path

    def number(self, name: str) -> str:
        """The spoken number of a notice of the story, as it stands in addresses."""
        story = json.loads((self.folder / "story.json").read_text(encoding="utf-8"))
        return str(story["notices"][name]["number"]).replace(" ", "")

    def enter(self, page: Page, party: str, role: str, language: str, place: str) -> None:
        """Sign in on `page` with name and password, and go to a place."""
        node = self.nodes[party]
        page.goto(f"{node['url']}/{language}/signin/?next=/{language}/{place}")
        page.fill("input[name=name]", node["users"][role]["name"])
        page.fill("input[name=password]", node["users"][role]["password"])
        page.click("main .button--main")
        page.wait_for_url(f"**/{language}/{place}")

    def warn(self, page: Page, party: str, language: str) -> None:
        """Tell of a flood as one officer may who has nobody beside him, from signing in to the notice's page."""
        self.enter(page, party, "releasing", language, "filing/humanitarian.hazard/")
        page.select_option("[name=hazard]", "flood")
        page.fill("[name='happened.time']", "۰۹:۰۰")
        page.select_option("[name='place.form']", "sector")
        page.select_option("[name='place.sector']", "S1")
        for required in page.locator("select:visible:not([name*='.'])").all():
            if required.input_value() == "":
                required.select_option(index=1)
        page.click("button[value=preview]")
        page.fill("input[name=password]", self.nodes[party]["users"]["releasing"]["password"])
        page.click("button[name=alone]")
        page.wait_for_url(f"**/{language}/notices/*/")


class Keys:
    """An officer without a mouse: every key that is pressed is counted."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.pressed = 0

    def press(self, key: str) -> None:
        self.page.keyboard.press(key)
        self.pressed += 1

    def write(self, text: str) -> None:
        self.page.keyboard.type(text)
        self.pressed += len(text)

    def to(self, selector: str) -> None:
        """Go on with the tabulator until the focus is there."""
        for _ in range(_MOST_TABS):
            if self.page.evaluate("(wanted) => document.activeElement?.matches(wanted) ?? false", selector):
                return
            self.press("Tab")
        raise AssertionError(f"the tabulator does not come to {selector}")

    def choose(self, selector: str, value: str | None = None) -> None:
        """Go down a list of choices to a value, or to the first one."""
        self.to(selector)
        for _ in range(_MOST_TABS):
            here = self.page.locator(selector).input_value()
            if here == value or (value is None and here):
                return
            self.press("ArrowDown")
        raise AssertionError(f"{selector} has no {value}")

    def warn_of_mines(self, desks: Desks, party: str, language: str) -> None:
        """Tell of mines as one officer may who has nobody beside him, from signing in to the notice's page."""
        node, page = desks.nodes[party], self.page
        officer = node["users"]["releasing"]
        page.goto(f"{node['url']}/{language}/signin/")
        self.to("input[name=name]")
        self.write(officer["name"])
        self.to("input[name=password]")
        self.write(officer["password"])
        self.press("Enter")
        page.wait_for_url(f"**/{language}/watch/", wait_until="load")
        self.press("3")
        page.wait_for_url(f"**/{language}/filing/", wait_until="load")
        self.to("a[href$='/filing/humanitarian.hazard/']")
        self.press("Enter")
        page.wait_for_url("**/filing/humanitarian.hazard/", wait_until="load")
        self.choose("[name=hazard]", "mine")
        self.to("[name='happened.time']")
        self.write("09:00")
        self.choose("[name='place.form']", "sector")
        self.choose("[name='place.sector']", "S1")
        self.choose("[name=confidence]")
        self.to("button[value=preview]")
        self.press("Enter")
        page.wait_for_url("**/filing/draft/**", wait_until="load")
        self.to("input[name=password]")
        self.write(officer["password"])
        self.to("button[name=alone]")
        self.press("Enter")
        page.wait_for_url(f"**/{language}/notices/*/", wait_until="load")


@contextmanager
def played(folder: Path) -> Iterator[Desks]:
    """A demonstration of its own in `folder`, stopped at the end."""
    command = [
        sys.executable,
        "-m",
        "mithaq_cli",
        "demo",
        "--data",
        str(folder),
        "--port",
        str(_free_ports()),
        "--json",
    ]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            said = json.loads(process.stdout.readline())
            _play(said["console"])
            yield Desks(said["console"], said["nodes"], folder)
        finally:
            process.terminate()
            process.wait(timeout=30)


def _play(console: str) -> None:
    request = urllib.request.Request(f"{console}/en/play", method="POST", headers={"Origin": console})
    with urllib.request.urlopen(request, timeout=30):
        pass
    deadline = time.monotonic() + _PATIENCE
    while time.monotonic() < deadline:
        with urllib.request.urlopen(f"{console}/en/", timeout=30) as answer:
            page = answer.read().decode()
        assert "notice--stop" not in page, page
        if 'action="/en/play"' not in page and not _is_busy(console):
            return
        time.sleep(0.5)
    raise AssertionError("the story did not come to its end")


def _is_busy(console: str) -> bool:
    """Whether a step is being played: the second number of the console's state."""
    with urllib.request.urlopen(f"{console}/state", timeout=30) as answer:
        return bool(answer.read().decode().split("-")[1] == "1")


def _free_ports() -> int:
    """The first of seven ports in a row that nobody has."""
    for first in range(18_400, 19_400, PORTS):
        try:
            for port in range(first, first + PORTS):
                with socket.socket() as probe:
                    probe.bind(("127.0.0.1", port))
        except OSError:
            continue
        return first
    raise AssertionError("no seven free ports")

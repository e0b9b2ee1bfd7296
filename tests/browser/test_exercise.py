"""The desk of an exercise in a browser: a frame and a word that no scrolling hides, and another alarm."""

import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from wsgiref.simple_server import make_server

import pytest
from django.contrib.staticfiles.handlers import StaticFilesHandler
from django.core.handlers.wsgi import WSGIHandler
from playwright.sync_api import Page, expect

from tests.browser.test_papers import _Quiet
from tests.mithaq_node import meadow
from tests.mithaq_node.meadow import SECRET

Visit = Callable[..., Page]
Check = Callable[[Page], None]
Picture = Callable[..., Path]

WORDS = {"fa": "رزمایش", "ar": "تمرين", "ckb": "ڕاهێنان", "en": "EXERCISE"}

HEAR = """
  window.pitches = [];
  const start = OscillatorNode.prototype.start;
  OscillatorNode.prototype.start = function (...when) {
    if (this.context.state === "running") window.pitches.push(this.frequency.value);
    return start.apply(this, when);
  };
"""
"""Writes down the pitch of every tone that a page begins to play."""


@pytest.fixture(scope="module")
def exercise(tmp_path_factory: pytest.TempPathFactory, django_db_blocker: Any) -> Iterator[str]:
    """The address of a node under the instrument for exercises, with its officers."""
    node = meadow.settings_of(tmp_path_factory.mktemp("exercise") / "ML", "ML", https=False)
    meadow.found(node, meadow.exercise())
    with django_db_blocker.unblock(), meadow.standing_on(node):
        meadow.officers()
        meadow.enter("ML")
        server = make_server("127.0.0.1", 0, StaticFilesHandler(WSGIHandler()), handler_class=_Quiet)
        serving = threading.Thread(target=server.serve_forever, daemon=True)
        serving.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        serving.join()
        server.server_close()


def enter(page: Page, url: str, language: str, place: str) -> None:
    page.goto(f"{url}/{language}/signin/?next=/{language}/{place}")
    page.fill("input[name=name]", "duty desk")
    page.fill("input[name=password]", SECRET)
    page.click("main .button--main")
    page.wait_for_url(f"**/{language}/{place}")


@pytest.mark.parametrize("language", list(WORDS))
def test_the_word_stays_on_the_screen_and_on_the_paper(
    exercise: str, visit: Visit, axe: Check, picture: Picture, language: str
) -> None:
    page = visit("about:blank", language, dark=language == "ckb", width=390 if language == "ar" else 1280)
    enter(page, exercise, language, "instrument/")
    axe(page)
    picture(page, f"exercise-{language}", full=False)
    page.evaluate("scrollTo(0, document.documentElement.scrollHeight)")
    for place in (".exercise strong", ".exercise__foot strong"):
        expect(page.locator(place)).to_be_in_viewport(ratio=1)
        expect(page.locator(place)).to_have_text(WORDS[language])
    page.emulate_media(media="print")
    for place, group in ((".exercise", "table-header-group"), (".exercise__foot", "table-footer-group")):
        assert page.locator(place).evaluate("each => getComputedStyle(each).display") == group  # on every sheet
        expect(page.locator(place)).to_be_visible()
    picture(page, f"exercise-print-{language}")


def test_the_alarm_of_an_exercise_is_no_alarm_of_the_real_desk(exercise: str, visit: Visit, picture: Picture) -> None:
    page = visit("about:blank", "fa")
    page.add_init_script(HEAR)
    enter(page, exercise, "fa", "shift/take-over/")
    page.click("[data-play]")
    expect(page.locator("[data-said-played]")).to_be_visible(timeout=30_000)
    pitches = page.evaluate("window.pitches")
    assert set(pitches) == {220}
    assert len(pitches) % 4 == 0
    picture(page, "exercise-take-over-fa")

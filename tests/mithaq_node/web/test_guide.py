"""The officer's guide: the same chapters in four languages, in the words of the pages, and the page of the keys."""

import html
import re
from collections.abc import Callable

import pytest
from django.contrib.staticfiles import finders
from django.test import Client
from django.utils import translation

from mithaq_cli.main import COMMANDS
from mithaq_node.web.help import guide as guides
from tests.mithaq_node.web.conftest import LANGUAGES
from tools import catalogues
from tools import guide as papers

Desk = Callable[..., Client]
ENGLISH = guides.source("en")
_COMMAND = re.compile(r"`mithaq ([a-z]+)")


def page(client: Client, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200
    return html.unescape(answer.content.decode())


def shape(text: str) -> list[tuple[str, ...]]:
    """Chapter by chapter: its name, its picture, its labels and commands, and how many points it has."""
    _, *parts = re.split(r"^## ([a-z-]+) \|", text, flags=re.MULTILINE)
    return [
        (
            name,
            *re.findall(r"^!\[.+\]\((.+)\)", body, re.MULTILINE),
            *guides.LABEL.findall(body),
            *_COMMAND.findall(body),
            str(len(re.findall(r"^(?:-|\d\.) ", body, re.MULTILINE))),
        )
        for name, body in zip(parts[::2], parts[1::2], strict=True)
    ]


@pytest.mark.parametrize("language", ["ar", "fa", "ckb"])
def test_every_language_has_the_same_chapters_with_the_same_labels_in_them(language: str) -> None:
    assert shape(guides.source(language)) == shape(ENGLISH)


def test_every_label_of_the_guide_stands_on_the_pages() -> None:
    asked = {str(message.id) for message in catalogues.template() if isinstance(message.id, str)}
    assert set(guides.LABEL.findall(ENGLISH)) <= asked


def test_a_label_that_no_page_has_is_an_error() -> None:
    with pytest.raises(KeyError):
        papers.said_in("fa")("Sign in quickly")


def test_every_command_of_the_guide_is_one() -> None:
    assert set(_COMMAND.findall(ENGLISH)) <= set(COMMANDS)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_shows_every_chapter_in_the_readers_words(desk: Desk, language: str) -> None:
    shown = page(desk(), f"/{language}/help/guide/")
    for chapter in guides.guide(language, papers.said_in(language)).chapters:
        assert f'href="#{chapter.id}"' in shown
        assert f'id="{chapter.id}"' in shown
        assert chapter.title in shown
    assert "[[" not in shown
    assert "**" not in shown
    with translation.override(language):
        assert f"<strong>{translation.gettext('See what will leave')}</strong>" in shown


def test_a_picture_stands_there_only_where_one_was_made(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    client = desk()
    monkeypatch.setattr(finders, "find", lambda path: None)
    assert "<img" not in page(client, "/fa/help/guide/")
    monkeypatch.setattr(finders, "find", lambda path: path if path == "guide/fa/watch.png" else None)
    shown = page(client, "/fa/help/guide/")
    assert re.findall(r'<img src="([^"]+)" alt="([^"]+)"', shown) == [("/static/guide/fa/watch.png", "نگهبانی")]


def test_markup_in_the_text_is_shown_and_not_obeyed() -> None:
    drawn = guides.Chapter("one", "One", "<script>alert(1)</script> **bold** `mithaq verify`").html
    assert "<script>" not in drawn
    assert "<strong>bold</strong>" in drawn
    assert '<code dir="ltr">mithaq verify</code>' in drawn


def test_the_papers_say_what_the_page_says() -> None:
    assert papers.main(["check"]) == 0
    assert papers.main(["read"]) == 2


def test_single_keys_can_be_switched_off_and_on_again(desk: Desk) -> None:
    client = desk()
    assert "data-keys" in page(client, "/fa/help/keys/")
    client.post("/fa/preferences/", {"keys": "off", "next": "/fa/help/keys/"})
    assert "data-keys" not in page(client, "/fa/help/keys/")
    client.post("/fa/preferences/", {"keys": "perhaps", "next": "/fa/help/keys/"})
    assert "data-keys" not in page(client, "/fa/instrument/")
    client.post("/fa/preferences/", {"keys": "on", "next": "/fa/help/keys/"})
    assert "data-keys" in page(client, "/fa/instrument/")

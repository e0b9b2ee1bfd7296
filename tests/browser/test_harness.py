"""The browser, the accessibility checker and the pictures work, and see what they are there to see."""

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page

GOOD = "<!doctype html><html lang='fa' dir='rtl'><title>مرز</title><main><h1>ایلام</h1></main></html>"


def test_a_page_opens_in_the_language_that_was_asked_for(
    visit: Callable[..., Page], axe: Callable[[Page], None]
) -> None:
    page = visit(f"data:text/html;charset=utf-8,{GOOD}", "fa")
    assert page.evaluate("navigator.language") == "fa"
    axe(page)


def test_axe_sees_a_picture_without_words(visit: Callable[..., Page], axe: Callable[[Page], None]) -> None:
    page = visit(f"data:text/html;charset=utf-8,{GOOD.replace('</main>', '<img></main>')}")
    with pytest.raises(AssertionError, match="image-alt"):
        axe(page)


def test_a_picture_is_taken(visit: Callable[..., Page], picture: Callable[..., Path]) -> None:
    assert picture(visit(f"data:text/html;charset=utf-8,{GOOD}"), "harness").read_bytes().startswith(b"\x89PNG")

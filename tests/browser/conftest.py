"""A real browser for the tests in this folder: Debian's Chromium, driven without a download of its own."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from tests.browser.desks import Desks, played

CHROMIUM = Path("/usr/bin/chromium")
PICTURES = Path(__file__).parents[2] / "pictures"
LANGUAGES = ("fa", "ar", "ckb", "en")
"""Persian first: whatever breaks between the two directions of writing breaks there."""

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]

# The driver runs an event loop in this thread, and Django takes that for asynchronous code.
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """The browser, started once a run; skips with the reason where there is none."""
    if not CHROMIUM.exists():
        pytest.skip(f"Chromium: {CHROMIUM} is not installed")
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=CHROMIUM, headless=True, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def desks(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desks]:
    """Both desks, the story played once a run."""
    with played(tmp_path_factory.mktemp("demonstration") / "demo") as both:
        yield both


@pytest.fixture
def visit(chromium: Browser) -> Iterator[Callable[..., Page]]:
    """`visit(url, language="fa", dark=False, width=1280)`: a page in a context of its own, with its complaints kept.

    A message of the content security policy, or an error in a script, fails the test that caused it.
    """
    contexts: list[BrowserContext] = []
    complaints: list[str] = []

    def open_page(url: str, language: str = "fa", *, dark: bool = False, width: int = 1280, height: int = 800) -> Page:
        context = chromium.new_context(
            locale=language,
            color_scheme="dark" if dark else "light",
            viewport={"width": width, "height": height},
            reduced_motion="reduce",
        )
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: complaints.append(f"{page.url}: {error}"))
        page.on(
            "console",
            lambda message: (
                complaints.append(f"{page.url}: {message.text}")
                if message.type == "error" and "status of 4" not in message.text
                else None
            ),
        )
        page.goto(url)
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert complaints == []


@pytest.fixture
def axe() -> Callable[[Page], None]:
    """`axe(page)`: fails with what a person who cannot see, or cannot use a mouse, would meet on the page.

    Every rule of WCAG 2.2 up to AA that axe knows; the size of targets is one that it leaves out by itself.
    """

    def check(page: Page) -> None:
        found = Axe().run(page, options={"rules": {"target-size": {"enabled": True}}})
        assert found.violations_count == 0, f"{page.url}\n{found.generate_report()}"

    return check


@pytest.fixture
def picture() -> Callable[..., Path]:
    """`picture(page, "watch-fa")`: a screenshot in the ignored folder `pictures/`, for people to look at."""

    def take(page: Page, name: str, *, full: bool = True) -> Path:
        PICTURES.mkdir(exist_ok=True)
        path = PICTURES / f"{name}.png"
        page.screenshot(path=path, full_page=full)
        return path

    return take

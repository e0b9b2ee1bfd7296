"""The pages that are read: memorandum, report, help and door, in every language; Persian also in the dark."""

import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, make_server

import pytest
from django.contrib.staticfiles.handlers import StaticFilesHandler
from django.core.handlers.wsgi import WSGIHandler
from playwright.sync_api import Page, expect

from mithaq_files.instrument import write_sealed
from mithaq_node.settings.node import parse
from tests.mithaq_node import meadow
from tests.mithaq_node.web.conftest import LANGUAGES, PARTIES, sealed_by

Visit = Callable[..., Page]
Check = Callable[[Page], None]
Picture = Callable[..., Path]
PAPERS = ("instrument/", "instrument/verify/", "report/", "help/", "signin/")


class _Quiet(WSGIRequestHandler):
    def log_message(self, *_: Any) -> None:
        """Requests are not worth a line."""


@pytest.fixture(scope="module")
def papers(tmp_path_factory: pytest.TempPathFactory, django_db_blocker: Any) -> Iterator[str]:
    """The address of a node under the memorandum that both parties sealed; it has no officers and no notices."""
    folder = tmp_path_factory.mktemp("papers") / "IR"
    node = parse(folder, {"party": "IR", "demo": True, "fence": "../fence"})
    folder.mkdir()
    write_sealed(node.instrument, sealed_by(*PARTIES))
    with django_db_blocker.unblock(), meadow.standing_on(node):
        server = make_server("127.0.0.1", 0, StaticFilesHandler(WSGIHandler()), handler_class=_Quiet)
        serving = threading.Thread(target=server.serve_forever, daemon=True)
        serving.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        serving.join()
        server.server_close()


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_paper_can_be_read_by_everybody(papers: str, visit: Visit, axe: Check, picture: Picture, language: str):
    for dark in (False, True) if language == "fa" else (False,):  # the colours are the same in every language
        for place in PAPERS:
            page = visit(f"{papers}/{language}/{place}", language, dark=dark)
            page.evaluate("document.querySelectorAll('details').forEach(each => { each.open = true; })")
            axe(page)
            picture(page, f"paper-{place.strip('/').replace('/', '-')}-{language}-{'dark' if dark else 'light'}")


@pytest.mark.parametrize("place", PAPERS)
def test_no_paper_is_wider_than_a_narrow_screen(papers: str, visit: Visit, place: str):
    for language in ("fa", "en"):
        page = visit(f"{papers}/{language}/{place}", language, width=390)
        wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert wide == 0, (language, place)


def test_the_button_shows_what_was_verified(papers: str, visit: Visit):
    page = visit(f"{papers}/fa/instrument/", "fa")
    page.click("#seals form button")
    expect(page.locator("#seals .notice--kept")).to_be_visible()

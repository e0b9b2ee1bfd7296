"""What pages weigh on the line, compressed as they are sent: a watch room must work at 64 kbit/s (docs/speed.md).

Bytes are not time: these hold on every machine, and what they mean in seconds a benchmark measures.
"""

import gzip
import re
from collections.abc import Iterable, Iterator
from typing import Any
from urllib.parse import urlencode

import pytest
from django.test import Client

from mithaq.moments import Moment
from mithaq_node.queries import watch
from mithaq_node.services import clock
from mithaq_node.services.holdings import Holdings
from mithaq_node.store.models import Officer
from mithaq_node.web import built
from tests.mithaq_node import meadow, pair
from tests.mithaq_node.pair import Pair

COLD = 35_000
"""HTML and the sheets that block it, for a list that can be read and used."""
FIRST = 600
"""The script that every page begins with, beside what it needs to be read."""
UPDATE = 3_000
"""What an open page fetches when a notice has come, head and body: the alarm and the counts come with it."""
FILING = 40_000
"""From the watch room to a notice that awaits release, sheets and scripts being there already."""
REQUEST = 900
"""Bytes of the head of a browser's request, cookies with it."""

TYPED = {
    "event": "fire",
    "happened.year": "1409",
    "happened.month": "2",
    "happened.day": "12",
    "happened.time": "14:50",
    "place.form": "sector",
    "place.sector": "A",
    "confidence": "seen",
    "precedence": "priority",
}


@pytest.fixture
def engine() -> str:
    return "sqlite"  # bytes do not depend on where the rows lie


@pytest.fixture
def desk(pair: Pair, standing: Any) -> Iterator[Client]:
    """The desk of the Meadow with a full page of open incidents, each under a clock, and clocks owed."""
    with standing(pair.ml):
        fill(pair)
        client = Client(HTTP_ACCEPT_ENCODING="gzip, br")
        client.force_login(meadow.officers()["duty"])
        yield client


def fill(both: Pair) -> None:
    """Incidents of both sides, more than a page holds."""
    for holdings in (both.ml, both.rl):
        tell(holdings, range(watch.MOST_LINES // 2 + 2))
    both.settle()


def tell(holdings: Holdings, numbers: Iterable[int]) -> None:
    pair.release(holdings, [pair.notice(holdings.seat, number, content=_content(number)) for number in numbers])


def _content(number: int) -> dict[str, Any]:
    events = ("fire", "smoke")
    return {
        **meadow.INCIDENT,
        "event": events[number % 2],
        "place": {"form": "sector", "sector": "AB"[number // 2 % 2]},
    }


def weight(answer: Any) -> int:
    """Head and body as they go over the line."""
    head = sum(len(f"{name}: {value}\r\n") for name, value in answer.items())
    return len("HTTP/1.1 200 OK\r\n\r\n") + head + len(answer.content)


def text(answer: Any) -> str:
    packed = answer.headers.get("Content-Encoding") == "gzip"
    return (gzip.decompress(answer.content) if packed else answer.content).decode()


def versions(page: str) -> str:
    """What `having.js` says the page has."""
    return " ".join(f"{id}={version}" for id, version in re.findall(r'id="([^"]+)"\s+data-v="([^"]+)"', page))


def sent(desk: Client, address: str) -> int:
    """What a file or a page weighs under the address that a page names."""
    answer = desk.get(address)
    assert answer.status_code == 200, address
    body = b"".join(answer) if answer.streaming else answer.content
    answer.close()
    return sum(len(f"{name}: {value}\r\n") for name, value in answer.items()) + len(body)


def asked_for(page: str) -> list[str]:
    """What a browser asks for when it reads the head of a page, but for its mark."""
    head = page.partition("</head>")[0]
    return re.findall(r'rel="stylesheet" href="([^"]+)"', head) + re.findall(r'<script [^>]*src="([^"]+)"', head)


@pytest.mark.parametrize("language", ["fa", "ar", "ckb", "en"])
def test_a_watch_room_can_be_used_for_few_bytes(desk: Client, language: str) -> None:
    page = desk.get(f"/{language}/watch/")
    assert text(page).count("data-number=") == watch.MOST_LINES
    beside = [sent(desk, address) for address in asked_for(text(page))]
    assert len(beside) == 3, "two style sheets and the first script"
    assert weight(page) + sum(beside) <= COLD


def test_nothing_but_sheets_holds_the_page_up(desk: Client) -> None:
    page = text(desk.get("/fa/watch/"))
    assert page.count("<script ") == 1
    assert '<script type="module"' in page, "a module waits until the page stands"
    assert "@import" not in (built.BUILT / built.name("desk.css")).read_text(encoding="utf-8")
    faces = (built.BUILT / built.name("desk.css")).read_text(encoding="utf-8").count("@font-face")
    assert (built.BUILT / built.name("desk.css")).read_text(encoding="utf-8").count("font-display:swap") == faces > 0


def test_the_first_script_is_small_and_brings_the_others(desk: Client) -> None:
    page = text(desk.get("/fa/watch/"))
    named = re.search(r'src="/static/built/(first-[^"]+)"\s+data-follows="([^"]+)"', page)
    assert named is not None
    assert (built.BUILT / (named[1] + ".gz")).stat().st_size <= FIRST
    assert named[2].split() == [f"/static/built/{built.name(each)}" for each in ("desk.js", "map.js")]


@pytest.mark.parametrize("language", ["fa", "en"])
def test_what_a_new_notice_changes_is_little(desk: Client, pair: Pair, language: str) -> None:
    open_page = text(desk.get(f"/{language}/watch/"))
    tell(pair.rl, [1_000])
    pair.settle()
    answer = desk.get(f"/{language}/watch/now/", headers={"Mithaq-Has": versions(open_page)})
    assert "data-same" in text(answer)
    assert text(answer).count("data-number=") == 1, "the row that is new, and no other"
    assert weight(answer) <= UPDATE


def test_a_minute_in_which_nothing_comes_sends_no_row_again(desk: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    open_page = text(desk.get("/fa/watch/"))
    same = desk.get("/fa/watch/now/", headers={"Mithaq-Has": versions(open_page)})
    later = Moment(clock.now().seconds + 2 * 3600)
    monkeypatch.setattr(clock, "now", lambda: later)
    answer = desk.get("/fa/watch/now/", headers={"Mithaq-Has": versions(open_page)})
    assert "data-same" in text(answer)
    assert "data-number=" not in text(answer)
    assert weight(answer) <= UPDATE
    assert text(same).strip() == ""


@pytest.mark.parametrize("language", ["fa", "en"])
def test_filing_a_notice_is_a_few_pages(officers: dict[str, Officer], language: str) -> None:
    """The choice of kinds, the form, what it says, and where it waits; requests and redirects counted too."""
    desk, spent = Client(HTTP_ACCEPT_ENCODING="gzip, br"), 0
    desk.force_login(officers["duty"])

    def went(answer: Any, sent: dict[str, str] | None = None) -> Any:
        nonlocal spent
        spent += weight(answer) + len(urlencode(sent or {})) + REQUEST
        return answer

    went(desk.get(f"/{language}/filing/"))
    form = went(desk.get(f"/{language}/filing/incident.initial/"))
    drawn = re.search(r'name="drawn" value="([^"]+)"', text(form))
    assert drawn is not None
    typed = {**TYPED, "drawn": drawn[1], "then": "preview"}
    written = went(desk.post(f"/{language}/filing/incident.initial/", typed), typed)
    assert written.status_code == 302, text(written)
    shown = went(desk.get(written.headers["Location"]))
    assert shown.status_code == 200
    filed = {"password": meadow.SECRET}
    done = went(desk.post(written.headers["Location"] + "file/", filed), filed)
    assert done.status_code == 302, text(done)
    went(desk.get(done.headers["Location"]))
    assert spent <= FILING


def test_a_built_file_is_sent_compressed_and_kept_for_ever(desk: Client) -> None:
    for plain in ("desk.css", "first.js", "desk.js", "map.js"):
        for asked, sent in (("gzip", "gzip"), ("gzip, br", "br")):
            answer = desk.get(f"/static/built/{built.name(plain)}", HTTP_ACCEPT_ENCODING=asked)
            assert (answer.status_code, answer.headers["Content-Encoding"]) == (200, sent)
            assert "immutable" in answer.headers["Cache-Control"]
            answer.close()


def test_what_is_no_text_is_not_compressed(desk: Client) -> None:
    answer = desk.get("/fa/notices/ML3-4/proof/")
    assert "Content-Encoding" not in answer.headers
    assert answer.content.startswith(b"c2sp.org/tlog-proof@v1\n")

"""How long officers wait: on a bad line, at a desk with a long record, and beside two hundred others.

    python -m benchmarks.pages line                      a cold watch room and an update: 64 kbit/s, 800 ms, slow laptop
    python -m benchmarks.pages record --notices 1000000  watch and incident pages over a record of that size
    python -m benchmarks.pages officers --officers 200   open pages that ask, while notices come
    python -m benchmarks.pages mine                      a mine notice by keyboard alone, and the other desk's screen

*How the record is made*: two nodes of the fictional pair, everything signed, delivered and received as always, in one
process. Of ten notices six are counts of machine feeds, spread over days, crossings and directions; four are an
incident of one side, its acknowledgement by the other, and both proposals to close it. Each twentieth stays open.
The pages are served by the node's own web server in a process of its own; requests are made one after another.

Beside each time stands the processor time that the server took, because the machine may be shared, and as a limit the
same request to an address that does nothing but answer (`raw`), in the same run.
"""

import argparse
import asyncio
import http.client
import json
import multiprocessing
import os
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, timedelta
from multiprocessing.connection import Connection
from multiprocessing.synchronize import Event
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.django_settings")
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
django.setup()

from playwright.sync_api import Browser, Page, sync_playwright  # noqa: E402

from benchmarks.slow_line import Line, Proxy  # noqa: E402
from mithaq.notices import drafting  # noqa: E402
from mithaq.notices import numbers as numbers_of  # noqa: E402
from mithaq.notices.envelope import Reference  # noqa: E402
from mithaq_cli.serve import GRANIAN  # noqa: E402
from mithaq_node.services.holdings import Holdings  # noqa: E402
from tests.browser import conftest as chromium  # noqa: E402
from tests.browser.desks import Keys, played  # noqa: E402
from tests.mithaq_node import meadow, pair  # noqa: E402
from tests.mithaq_node.pair import Pair, Row  # noqa: E402

PORTS = 21_500
_BATCH = 2_000
_KINDS = 10
"""Of so many notices six are counts, one opens an incident, one acknowledges it, two close it."""
_OPEN_EVERY = 20
_PATTERNS = 997
LINE_GOAL = 8.0
PAGE_GOAL = 0.100
POLL_GOAL = 1.0
_REQUESTS = 100
_LATE = 90_000_000
"""Numbers of the notices that come while somebody looks."""
_PAUSE, _ROUND_TRIPS, _LATEST = 0.75, 3, 5.0
"""When a page asks again: after so many seconds, or so many times what the answer took, and at the latest then."""
KEY_SECONDS = 0.28
"""An ordinary typist's key, of Card, Moran and Newell's keystroke-level model (1980)."""


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("part", choices=sorted(PARTS))
    parser.add_argument("--notices", type=int, default=2_000)
    parser.add_argument("--officers", type=int, default=200)
    parser.add_argument("--seconds", type=int, default=30)
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args(arguments)
    folder = Path(tempfile.mkdtemp(prefix="mithaq-pages-"))
    try:
        found = PARTS[asked.part](folder, asked)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    shown = json.dumps(found) if asked.json else "\n".join(f"{name:<40}{value}" for name, value in found.items())
    print(shown)  # noqa: T201  # what it is for
    return 0


# The record


def built(folder: Path, notices: int, content: Callable[[int], dict[str, Any]] | None = None) -> tuple[Pair, list[str]]:
    """Two nodes that hold `notices` of each other, and the numbers of the incidents as they stand in addresses;
    `content` is what the incident of a number says."""
    said = content or _content
    both = Pair(folder)
    both.settle()
    opened: list[str] = []
    feeds = [_feed(both.ml, pattern) for pattern in range(_PATTERNS)]
    for start in range(0, notices, _BATCH * _KINDS):
        numbers = range(start, min(start + _BATCH * _KINDS, notices), _KINDS)
        counts = (number + place for number in numbers for place in range(6))
        first = [pair.notice(both.ml.seat, number, content=said(number)) for number in numbers]
        size = both.ml.own().size
        opened += [numbers_of.spoken("ML", size + place).replace(" ", "") for place in range(len(first))]
        pair.release(both.ml, first + [_numbered(feeds[number % _PATTERNS], number) for number in counts])
        both.settle()
        pair.release(both.rl, [_seen(both.rl, number) for number in numbers])
        both.settle()
        for holdings in (both.ml, both.rl):
            over = [n for n in numbers if n // _KINDS % _OPEN_EVERY]
            pair.release(holdings, [_close(holdings, n) for n in over])
            both.settle()
    return both, opened


def _seen(holdings: Holdings, number: int) -> Row:
    content = {"handling": "seen"}
    return pair.notice(holdings.seat, number, name="acknowledgement", content=content, references=[_to(number)])


def _content(number: int) -> dict[str, Any]:
    event, sector = ("fire", "smoke")[number // _KINDS % 2], "AB"[number // _KINDS % 2]
    return {**meadow.INCIDENT, "event": event, "place": {"form": "sector", "sector": sector}}


def _close(holdings: Holdings, number: int) -> Row:
    return pair.notice(
        holdings.seat, number + 7, name="incident.close", content={"reason": "over"}, references=[_to(number)]
    )


def _to(number: int) -> Reference:
    return Reference(log=meadow.sealed().law.origin("ML"), id=pair.identity("ML", number))


def _feed(holdings: Holdings, pattern: int) -> Row:
    """A count of one of many days, crossings and directions."""
    law = holdings.seat.law
    directions = law.codes["direction"]
    content = {
        **meadow.FLOW,
        "day": (date(2027, 1, 1) + timedelta(days=pattern)).isoformat(),
        "crossing": law.crossings[pattern % len(law.crossings)].id,
        "direction": directions[pattern % len(directions)],
    }
    header, parts = pair.compiled(holdings.seat, "flow.count", content, pattern, pair.NOW)
    return drafting.machine_leaf(header), parts


def _numbered(row: Row, number: int) -> Row:
    """The same count under an identity of its own."""
    leaf, parts = row
    at = leaf.index(b'"id":"') + 6
    return leaf[:at] + b"f%031x" % number + leaf[at + 32 :], parts


# The server


class Served:
    """The pages of a node, in a process of its own, and an officer's session there."""

    def __init__(self, folder: Path, port: int, cookie: str, process: "subprocess.Popen[bytes]") -> None:
        self.folder, self.port, self.cookie, self.process = folder, port, cookie, process
        self.url = f"http://127.0.0.1:{port}"

    def get(self, path: str, headers: dict[str, str] | None = None) -> tuple[int, bytes]:
        line = http.client.HTTPConnection("127.0.0.1", self.port, timeout=3_600)
        line.request("GET", path, headers={"Cookie": self.cookie, "Accept-Encoding": "gzip", **(headers or {})})
        answer = line.getresponse()
        body = answer.read()
        line.close()
        return answer.status, body

    def spent(self) -> float:
        """Processor seconds that the server and its workers have taken."""
        tick = os.sysconf("SC_CLK_TCK")
        return sum(sum(map(int, stat.rpartition(")")[2].split()[11:13])) for stat in self._stats()) / tick

    def memory(self) -> float:
        """MiB that its workers hold."""
        pages = (int(stat.rpartition(")")[2].split()[21]) for stat in self._stats())
        return max(pages) * os.sysconf("SC_PAGE_SIZE") / 2**20

    def _stats(self) -> list[str]:
        own = self.process.pid
        children = Path(f"/proc/{own}/task/{own}/children").read_text(encoding="ascii").split()
        return [Path(f"/proc/{pid}/stat").read_text(encoding="ascii") for pid in (str(own), *children)]


@contextmanager
def served(node: Any, port: int) -> Iterator[Served]:
    """The node's pages, and an officer signed in there."""
    with meadow.standing_on(node):
        officer = meadow.officers()["duty"]
    with started(node, port) as found:
        found.cookie = _signed_in(port, officer.name)
        yield found


@contextmanager
def started(node: Any, port: int) -> Iterator[Served]:
    """The node's pages, and nobody there."""
    command = [*GRANIAN, "--host", "127.0.0.1", "--port", str(port), "--workers", "1"]
    settings = {"MITHAQ_DATA": str(node.folder), "DJANGO_SETTINGS_MODULE": "mithaq_node.settings.django"}
    process = subprocess.Popen([*command, "mithaq_node.wiring.wsgi:application"], env={**os.environ, **settings})
    try:
        found = Served(node.folder, port, "", process)
        _wait(lambda: found.get("/static/desk/mark.svg")[0] == 200)
        yield found
    finally:
        process.terminate()
        process.wait(30)


def _signed_in(port: int, name: str) -> str:
    """The cookie of a session, got at the door as everybody gets it."""
    line = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    line.request("GET", "/en/signin/")
    answer = line.getresponse()
    token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', answer.read().decode())
    assert token is not None
    sent = urlencode({"name": name, "password": meadow.SECRET, "csrfmiddlewaretoken": token[1], "next": "/en/help/"})
    head = {"Cookie": _cookies(answer), "Content-Type": "application/x-www-form-urlencoded"}
    line.request("POST", "/en/signin/", sent, head)
    answer = line.getresponse()
    assert answer.status == 302, answer.read().decode()
    return _cookies(answer)


def _cookies(answer: http.client.HTTPResponse) -> str:
    return "; ".join(each.partition(";")[0] for each in answer.headers.get_all("Set-Cookie") or ())


def _wait(ready: Callable[[], bool], patience: float = 120.0) -> None:
    deadline = time.monotonic() + patience
    while time.monotonic() < deadline:
        try:
            if ready():
                return
        except OSError:
            pass
        time.sleep(0.1)
    raise AssertionError("the server did not come up")


def timed(node: Served, paths: list[str]) -> dict[str, float]:
    """Milliseconds of requests one after another: the median, the ninety-fifth of a hundred, and the processor's."""
    spent, before = [], node.spent()
    for path in paths:
        began = time.perf_counter()
        status, _ = node.get(path)
        spent.append((time.perf_counter() - began) * 1_000)
        assert status == 200, (path, status)
    processor = (node.spent() - before) * 1_000 / len(paths)
    ranked = sorted(spent)
    return {
        "least": round(ranked[0], 1),
        "p50": round(statistics.median(ranked), 1),
        "p95": round(ranked[len(ranked) * 95 // 100], 1),
        "processor": round(processor, 1),
    }


def record(folder: Path, asked: argparse.Namespace) -> dict[str, Any]:
    """Watch and incident pages over a long record."""
    began = time.perf_counter()
    both, opened = built(folder, asked.notices)
    made = time.perf_counter() - began
    chosen = opened[:: max(len(opened) // _REQUESTS, 1)][:_REQUESTS]
    with served(both.nodes[0], PORTS) as node:
        began, before = time.perf_counter(), node.spent()
        node.get("/en/watch/")
        first, folded = time.perf_counter() - began, node.spent() - before
        found = {
            "notices": asked.notices,
            "made in, s": round(made, 1),
            "first page after a start, s": round(first, 1),
            "  of it processor, s": round(folded, 1),
            "memory of the web process, MiB": round(node.memory()),
            "raw answer, ms": timed(node, ["/static/desk/mark.svg"] * _REQUESTS),
            "watch, ms": timed(node, ["/fa/watch/"] * _REQUESTS),
            "watch, a sector of what ended, ms": timed(node, ["/fa/watch/?sector=A&state=ended"] * _REQUESTS),
            "incident, ms": timed(node, [f"/fa/incidents/{number}/" for number in chosen]),
            "watch when a notice has come, ms": _after_each(both, node, 20),
        }
    both.close()
    return found


def _after_each(both: Pair, node: Served, times: int) -> dict[str, float]:
    """The watch page at once after a notice of the other side was stored here."""
    spent, processor = [], 0.0
    for number in range(times):
        pair.release(both.rl, [pair.notice(both.rl.seat, _LATE + number, content=_content(number))])
        both.settle()
        began, before = time.perf_counter(), node.spent()
        node.get("/fa/watch/")
        spent.append((time.perf_counter() - began) * 1_000)
        processor += node.spent() - before
    spent.sort()
    middle, late = statistics.median(spent), spent[len(spent) * 95 // 100]
    each = {"least": spent[0], "p50": middle, "p95": late, "processor": processor * 1_000 / times}
    return {name: round(value, 1) for name, value in each.items()}


# Two hundred open pages


def officers(folder: Path, asked: argparse.Namespace) -> dict[str, Any]:
    """Open pages ask for the cursor and fetch what is new, while a notice comes every two seconds.

    All of them have opened before the first notice comes. The time of a notice begins when the other side sends it, and
    ends on each page with the answer in which its row stands. The pages are a process of their own.
    """
    both, _ = built(folder, asked.notices)
    spawned = multiprocessing.get_context("spawn")
    with served(both.nodes[0], PORTS) as node:
        asking, ready = _Asking(node.port, node.cookie, asked.officers, asked.seconds), spawned.Event()
        told, tells = spawned.Pipe(duplex=False)
        pages = spawned.Process(target=_ask, args=(asking, ready, tells))
        pages.start()
        while not ready.wait(1):
            assert pages.is_alive(), "the pages did not open"
        before = node.spent()
        sent = {_told(both, number): moment for number, moment in _one_by_one(both, asked.seconds // 2)}
        busy = (node.spent() - before) / asked.seconds
        found = told.recv()
        pages.join()
    both.close()
    shown = [at - sent[name] for name, at in found.shown if name in sent]
    return {
        "officers": asked.officers,
        "opening all pages at once, s": _ranked(found.opened),
        "questions": len(found.polls),
        "question, s": _ranked(found.polls),
        "answers to what is new": len(found.news),
        "what is new, s": _ranked(found.news),
        "notices shown": f"{len(shown)} of {len(sent) * asked.officers}",
        "from sent by the other side to shown, s": _ranked(shown),
        "share of one core": round(busy, 2),
    }


def _one_by_one(both: Pair, notices: int) -> Iterator[tuple[int, float]]:
    """Send a notice every two seconds; the number of its leaf, and when it was sent."""
    for number in range(notices):
        pair.release(both.rl, [pair.notice(both.rl.seat, _LATE + number, content=_content(number))])
        size, sent = both.rl.own().size, time.perf_counter()
        both.settle()
        yield size, sent
        time.sleep(max(sent + 2 - time.perf_counter(), 0))


def _told(both: Pair, size: int) -> str:
    """How the row of an incident is called whose first notice is the last leaf of a log of this size."""
    return numbers_of.spoken(both.rl.seat.party, size - 1).replace(" ", "")


def _ranked(seconds: list[float]) -> dict[str, float]:
    ranked = sorted(seconds) or [0.0]
    places = {"p50": 50, "p95": 95, "p99": 99}
    return {name: round(ranked[min(len(ranked) * share // 100, len(ranked) - 1)], 3) for name, share in places.items()}


@dataclass
class _Asking:
    """Open pages, as `live.js` and `having.js` make them ask, and what they met, in seconds."""

    port: int
    cookie: str
    officers: int
    seconds: float
    opened: list[float] = field(default_factory=list)
    polls: list[float] = field(default_factory=list)
    news: list[float] = field(default_factory=list)
    shown: list[tuple[str, float]] = field(default_factory=list)
    """A row, and the moment at which it stood on one of the pages for the first time."""

    async def run(self, ready: Event) -> None:
        opened = asyncio.Barrier(self.officers)
        await asyncio.gather(*(self._page(place, opened, ready) for place in range(self.officers)))

    async def _page(self, place: int, opened: asyncio.Barrier, ready: Event) -> None:
        await asyncio.sleep(_PAUSE * place / self.officers)
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        began = time.perf_counter()
        page = (await _asked(reader, writer, "/fa/watch/", self.cookie)).decode()
        self.opened.append(time.perf_counter() - began)
        writer.close()
        has, cursor = _versions(page), re.findall(r'data-cursor="([^"]+)"', page)[0]
        await opened.wait()
        ready.set()
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        end = time.perf_counter() + self.seconds
        await asyncio.sleep(_PAUSE * place / self.officers)
        while time.perf_counter() < end:
            began = time.perf_counter()
            answer = (await _asked(reader, writer, "/fa/watch/cursor/", self.cookie)).decode().split("\n")[0]
            took = time.perf_counter() - began
            self.polls.append(took)
            if answer != cursor:
                cursor = answer
                await self._fetch(reader, writer, has)
            await asyncio.sleep(min(max(took * _ROUND_TRIPS, _PAUSE), _LATEST))
        writer.close()

    async def _fetch(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, has: dict[str, str]) -> None:
        began = time.perf_counter()
        new = _versions((await _asked(reader, writer, "/fa/watch/now/", self.cookie, has)).decode())
        now = time.perf_counter()
        self.news.append(now - began)
        self.shown += [(name, now) for name in new if name not in has]
        has.update(new)


def _ask(asking: _Asking, ready: Event, tells: Connection) -> None:
    asyncio.run(asking.run(ready))
    tells.send(asking)


async def _asked(
    reader: asyncio.StreamReader,
    writer: asyncio.StreamWriter,
    path: str,
    cookie: str,
    has: dict[str, str] | None = None,
) -> bytes:
    """One request over a connection that stays open."""
    said = " ".join(f"{name}={version}" for name, version in (has or {}).items())
    head = f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nCookie: {cookie}\r\nMithaq-Has: {said}\r\n\r\n"
    writer.write(head.encode())
    lines = (await reader.readuntil(b"\r\n\r\n")).decode().lower().split("\r\n")
    length = next(int(line.partition(":")[2]) for line in lines if line.startswith("content-length:"))
    assert " 200 " in lines[0], lines
    return await reader.readexactly(length)


def _versions(page: str) -> dict[str, str]:
    return dict(re.findall(r'id="([^"]+)"\s+data-v="([^"]+)"', page))


# A bad line


def line(folder: Path, asked: argparse.Namespace) -> dict[str, Any]:
    """A cold load of the watch room in Chromium through a slow line, and the update after it."""
    both, _ = built(folder, asked.notices)
    with served(both.nodes[0], PORTS) as node, _through(node.port, PORTS + 1) as proxy, _browser() as browser:
        loads = [_cold(browser, node, proxy) for _ in range(5)]
        update = _update(browser, node, proxy, both)
    both.close()
    return {
        "seconds to a list that can be used": loads[0] | {"all": [each["seconds"] for each in loads]},
        "goal, s": LINE_GOAL,
        "an update": update,
    }


@contextmanager
def _through(target: int, port: int) -> Iterator[Proxy]:
    proxy, loop = Proxy(Line(), target, port), asyncio.new_event_loop()
    stop = asyncio.Event()

    async def stand() -> None:
        async with proxy.running():
            await stop.wait()

    thread = threading.Thread(target=lambda: loop.run_until_complete(stand()))
    thread.start()
    time.sleep(0.5)
    yield proxy
    loop.call_soon_threadsafe(stop.set)
    thread.join()


@contextmanager
def _browser() -> Iterator[Browser]:
    with sync_playwright() as driver:
        yield driver.chromium.launch(executable_path=chromium.CHROMIUM, headless=True, args=chromium.FLAGS)


_USABLE = """() => performance.getEntriesByName("first-contentful-paint").length > 0
  && document.querySelector("footer") && document.querySelector("#list li[data-number] a")"""
_NEEDED = """() => [...performance.getEntriesByType("navigation"), ...performance.getEntriesByType("resource")]
  .filter((each) => each.entryType === "navigation" || each.renderBlockingStatus === "blocking")
  .reduce((sum, each) => sum + each.encodedBodySize, 0)"""


def _slow_page(browser: Browser, node: Served) -> Page:
    context = browser.new_context(locale="fa", viewport={"width": 1366, "height": 768})
    for each in node.cookie.split("; "):
        name, _, value = each.partition("=")
        context.add_cookies([{"name": name, "value": value, "domain": "127.0.0.1", "path": "/"}])
    page = context.new_page()
    context.new_cdp_session(page).send("Emulation.setCPUThrottlingRate", {"rate": 6})
    return page


def _cold(browser: Browser, node: Served, proxy: Proxy) -> dict[str, Any]:
    page, before = _slow_page(browser, node), proxy.down.carried
    began = time.perf_counter()
    page.goto(f"http://127.0.0.1:{proxy.port}/fa/watch/", wait_until="commit", timeout=60_000)
    page.wait_for_function(_USABLE, timeout=60_000)
    seconds = time.perf_counter() - began
    found = {"seconds": round(seconds, 2), "needed bytes": page.evaluate(_NEEDED)}
    found["bytes that had come by then"] = proxy.down.carried - before
    page.context.close()
    return found


def _update(browser: Browser, node: Served, proxy: Proxy, both: Pair) -> dict[str, Any]:
    """From the moment a notice is stored until its row stands on the open page, everything else having come."""
    page = _slow_page(browser, node)
    page.goto(f"http://127.0.0.1:{proxy.port}/fa/watch/", wait_until="networkidle", timeout=180_000)
    rows = page.locator("#list li[data-number]")
    first = rows.first.get_attribute("data-number")
    pair.release(both.rl, [pair.notice(both.rl.seat, _LATE, content=_content(0))])
    both.settle()
    began = time.perf_counter()
    with page.expect_response(lambda answer: "/watch/now/" in answer.url, timeout=60_000) as came:
        pass
    page.wait_for_function(
        "(before) => document.querySelector('#list li[data-number]').dataset.number !== before", arg=first
    )
    seconds = time.perf_counter() - began
    sizes = came.value.request.sizes()
    page.context.close()
    return {"seconds": round(seconds, 2), "bytes": sizes["responseBodySize"] + sizes["responseHeadersSize"]}


# A mine notice


def mine(folder: Path, asked: argparse.Namespace) -> dict[str, Any]:
    """From signing in to a notice that has left, by keyboard alone, and how soon it stands on the other desk."""
    with played(folder / "demo") as desks, _browser() as browser:
        watching = browser.new_page()
        desks.enter(watching, "IQ", "duty", "ar", "watch/")
        keys = Keys(browser.new_page())
        began = time.perf_counter()
        keys.warn_of_mines(desks, "IR", "fa")
        left = time.perf_counter()
        watching.locator("[data-rings]").wait_for(timeout=60_000)
        shown = time.perf_counter()
    return {
        "keys pressed": keys.pressed,
        "machine's seconds": round(left - began, 1),
        "seconds at 0.28 s a key": round(left - began + keys.pressed * KEY_SECONDS, 1),
        "seconds until it rang on the other desk": round(shown - left, 2),
    }


PARTS: dict[str, Callable[[Path, argparse.Namespace], dict[str, Any]]] = {
    "line": line,
    "mine": mine,
    "officers": officers,
    "record": record,
}

if __name__ == "__main__":
    sys.exit(main())

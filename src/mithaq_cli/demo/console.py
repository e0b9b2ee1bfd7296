"""The console of the demonstration: one page in four languages from which the story is played.

It listens on this machine only. Buttons are forms, and a form counts only when the page itself sent it; links into a
desk are made when they are followed, because the ticket in them is good once and for two minutes.
"""

import json
import mimetypes
import secrets
import shlex
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from http import HTTPStatus
from importlib import resources
from pathlib import Path
from socketserver import ThreadingMixIn
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, quote, urlencode
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

from django.template import Context, Engine
from django.utils.translation import get_language_info

from mithaq.calendars import digits
from mithaq.errors import Fault, Refusal
from mithaq.notices import numbers
from mithaq_cli.demo.damage import DAMAGES
from mithaq_cli.demo.folder import PARTIES, usual
from mithaq_cli.demo.play import Player
from mithaq_cli.demo.processes import program
from mithaq_cli.demo.stage import ROLES, Stage
from mithaq_cli.demo.story import LANGUAGES, Step, steps, words
from mithaq_node.services import tickets
from mithaq_node.web import built
from mithaq_node.web.report import table

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self';"
    " connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
_NAMES = {"ar": "العربية", "fa": "فارسی", "ckb": "کوردی", "en": "English"}
_PAGES = Path(__file__).parent / "pages"
_MOST_BYTES = 4_096
_HOUR = 3_600

Answer = tuple[HTTPStatus, list[tuple[str, str]], bytes]


class _Server(ThreadingMixIn, WSGIServer):
    daemon_threads = True


class _QuietHandler(WSGIRequestHandler):
    def log_message(self, format: str, *args: Any) -> None:
        """Nothing: what a reader of the console clicks is nobody's business."""


class Console:
    """The console of a stage; listens as long as its block lasts."""

    def __init__(self, stage: Stage, player: Player) -> None:
        self._stage, self._player = stage, player
        self._token = secrets.token_urlsafe(24)
        self._page = Engine(dirs=[str(_PAGES)]).get_template("console.html")
        self._hosts = {f"{name}:{stage.ports.console}" for name in ("localhost", "127.0.0.1")}
        self._server: WSGIServer | None = None

    @property
    def url(self) -> str:
        return f"http://localhost:{self._stage.ports.console}"

    def __enter__(self) -> "Console":
        self._server = make_server(
            "127.0.0.1", self._stage.ports.console, self, server_class=_Server, handler_class=_QuietHandler
        )
        threading.Thread(target=self._server.serve_forever, name="console", daemon=True).start()
        control = self._stage.folder.control
        control.unlink(missing_ok=True)
        control.touch(mode=0o600)
        control.write_text(self._token, encoding="ascii")
        return self

    def __exit__(self, *_: object) -> None:
        self._stage.folder.control.unlink(missing_ok=True)
        if self._server is not None:
            self._server.shutdown()
            self._server.server_close()

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        status, headers, body = self._answer(environ)
        shared = [
            ("Content-Security-Policy", POLICY),
            ("X-Content-Type-Options", "nosniff"),
            ("Referrer-Policy", "same-origin"),
            ("Content-Length", str(len(body))),
        ]
        start_response(f"{status.value} {status.phrase}", [*headers, *shared])
        return [body]

    def _answer(self, environ: "WSGIEnvironment") -> Answer:
        if environ.get("HTTP_HOST") not in self._hosts:
            return _plain(HTTPStatus.MISDIRECTED_REQUEST, "this console answers on localhost only")
        method, path = environ["REQUEST_METHOD"], environ.get("PATH_INFO", "/")
        if method == "POST" and path == "/break":
            return self._damage(environ)
        if method == "POST":
            return self._wish(environ, path)
        if method not in ("GET", "HEAD"):
            return _plain(HTTPStatus.METHOD_NOT_ALLOWED, "GET and POST only")
        return self._show(environ, path)

    def _show(self, environ: "WSGIEnvironment", path: str) -> Answer:
        if path == "/":
            return _redirect(f"/{_preferred(environ.get('HTTP_ACCEPT_LANGUAGE', ''))}/")
        if path == "/state":
            return _plain(HTTPStatus.OK, self._version)
        if path.startswith("/static/"):
            return _file(path.removeprefix("/static/"))
        language, _, rest = path.strip("/").partition("/")
        if language not in LANGUAGES:
            return _plain(HTTPStatus.NOT_FOUND, "no such page")
        if rest == "open":
            return self._open(parse_qs(environ.get("QUERY_STRING", "")))
        if rest:
            return _plain(HTTPStatus.NOT_FOUND, "no such page")
        page = self._page.render(Context(self._said(language))).encode()
        return HTTPStatus.OK, [("Content-Type", "text/html; charset=utf-8"), ("Cache-Control", "no-store")], page

    def _wish(self, environ: "WSGIEnvironment", path: str) -> Answer:
        """A button of the page; refused when another page sent it."""
        if environ.get("HTTP_ORIGIN") not in {f"http://{host}" for host in self._hosts}:
            return _plain(HTTPStatus.FORBIDDEN, "sent by another page")
        language, _, wish = path.strip("/").partition("/")
        wishes: dict[str, Callable[[], None]] = {
            "next": self._player.next,
            "play": self._player.all,
            "reset": self._player.reset,
        }
        if language not in LANGUAGES or wish not in wishes:
            return _plain(HTTPStatus.NOT_FOUND, "no such button")
        wishes[wish]()
        return _redirect(f"/{language}/")

    def _damage(self, environ: "WSGIEnvironment") -> Answer:
        """`mithaq demo break`, from this machine and by who can read the demonstration's folder."""
        given = environ.get("HTTP_AUTHORIZATION", "").removeprefix("Bearer ")
        if not secrets.compare_digest(given.encode(), self._token.encode()):
            return _plain(HTTPStatus.FORBIDDEN, "not allowed")
        try:
            asked = json.loads(environ["wsgi.input"].read(min(int(environ.get("CONTENT_LENGTH") or 0), _MOST_BYTES)))
            if asked["damage"] not in DAMAGES:
                raise Refusal("demo.unknown-damage", damage=str(asked["damage"])[:40])
            if asked["party"] not in PARTIES:
                raise Refusal("instrument.unknown-party", party=str(asked["party"])[:8])
            done, look = DAMAGES[asked["damage"]](self._stage, asked["party"])
        except Refusal as refusal:
            return _json(HTTPStatus.CONFLICT, {"code": refusal.code, "data": dict(refusal.data)})
        except Fault as fault:
            return _json(HTTPStatus.CONFLICT, {"code": "demo.failed", "data": {"reason": str(fault)}})
        self._player.version += 1
        return _json(HTTPStatus.OK, {"done": done, "look": look})

    def _open(self, query: dict[str, list[str]]) -> Answer:
        """Into a desk, signed in: a fresh ticket each time a link is followed."""
        step, link = query.get("step", [""])[0], query.get("link", [""])[0]
        found = next((each for each in steps() if each.id == step), None)
        if found is None or not link.isascii() or not link.isdigit() or int(link) >= len(found.links):
            return _plain(HTTPStatus.NOT_FOUND, "no such link")
        wanted = found.links[int(link)]
        ticket = tickets.issue(
            user=self._stage.accounts[wanted.party][wanted.role].name,
            secret=tickets.secret(self._stage.folder.node(wanted.party)),
            now=int(time.time()),
        )
        target = f"/{wanted.language}/{self._filled(wanted.page)}"
        return _redirect(
            f"{self._stage.page(wanted.party)}/demo/enter/?{urlencode({'ticket': ticket, 'next': target})}"
        )

    def _filled(self, page: str) -> str:
        """An address with the numbers of the story's notices in it."""
        numbers = {name: quote(made.number) for name, made in self._stage.progress.notices.items() if made.number}
        try:
            return page.format(**numbers)
        except KeyError:  # not released yet: the list instead of the one
            return "watch/"

    @property
    def _version(self) -> str:
        progress = self._stage.progress
        restarts = sum(node.restarts for node in self._stage.nodes.values())
        state = (self._player.version, self._player.busy, progress.played, self._stage.whole, restarts)
        return "-".join(str(int(each)) for each in state)

    def _said(self, language: str) -> dict[str, Any]:
        """Everything on the page, as texts."""
        say = {name.replace("-", "_"): text[language] for name, text in words().items()}
        progress, stage = self._stage.progress, self._stage
        played, hours = progress.played, stage.ahead // _HOUR
        return {
            "language": language,
            "direction": "rtl" if get_language_info(language)["bidi"] else "ltr",
            "version": self._version,
            "words": say,
            "languages": [{"code": code, "name": _NAMES[code], "here": code == language} for code in LANGUAGES],
            "busy": self._player.busy,
            "finished": played == len(steps()),
            "failure": progress.failure,
            "steps": [self._step(step, number, language, say) for number, step in enumerate(steps(), 1)],
            "nodes": [
                {
                    "name": say[party],
                    "url": stage.page(party),
                    "door": f"localhost:{stage.ports.door(party)}",
                    "restarts": digits(str(stage.nodes[party].restarts if party in stage.nodes else 0), language),
                }
                for party in PARTIES
            ],
            "whole": stage.whole,
            "ahead": say["ahead"].format(duration=digits(str(hours), language)) if hours else "",
            "damages": [{"command": self._typed(name), "does": say[f"break_{name}"]} for name in DAMAGES],
            "accounts": [
                {"desk": say[party], "role": say[role], "name": account.name, "password": account.password}
                for party in PARTIES
                for role in ROLES
                if (account := stage.accounts.get(party, {}).get(role)) is not None
            ],
        }

    def _typed(self, damage: str) -> str:
        """The command of a damage as it can be typed where this demonstration was started."""
        folder = self._stage.folder
        where = () if folder == usual() else ("--data", str(folder.root))
        return shlex.join((program(), "demo", "break", damage, *where))

    def _step(self, step: Step, number: int, language: str, say: dict[str, str]) -> dict[str, Any]:
        played = self._stage.progress.played
        state = "now" if number == played else "played" if number < played else "waiting"
        badge, said = {
            "now": ("told", say["now"]),
            "played": ("kept", say["done"]),
            "waiting": ("idle", say["waiting"]),
        }[state]
        links = [
            {
                "href": f"/{language}/open?{urlencode({'step': step.id, 'link': index})}",
                "party": link.party,
                "where": say[link.party],
                "role": say[link.role],
                "language": _NAMES[link.language],
            }
            for index, link in enumerate(step.links)
        ]
        return {
            "id": step.id,
            "number": digits(str(number), language),
            "title": step.title[language],
            "look": step.look[language],
            "fact": digits(str(step.fact), language),
            "phrase": table.read().facts[step.fact - 1].phrase,
            "state": state,
            "badge": badge,
            "said": said,
            "made": [_made(each, language, say) for each in self._stage.progress.results.get(step.id, [])],
            "links": links if state != "waiting" else [],
        }


def _made(result: str, language: str, say: Mapping[str, str]) -> dict[str, str]:
    """What a step made, for the reader: a spoken number, the fingerprint of a key, or a verdict in words."""
    words_of_it = result.split(" ")
    if all(word in say for word in words_of_it):
        return {"said": ": ".join(say[word] for word in words_of_it)}
    try:
        return {"number": digits(numbers.spoken(*numbers.parse(result)), language)}
    except Refusal:
        return {"print": result}


def _preferred(accepted: str) -> str:
    """The first of the browser's languages that is one of ours; Persian where none is."""
    for each in accepted.split(","):
        code = each.split(";")[0].strip().split("-")[0].lower()
        if code in LANGUAGES:
            return code
    return LANGUAGES[0]


def _file(name: str) -> Answer:
    """A file of the console, or of the desk's own built sheet and letters."""
    static = resources.files("mithaq_node.web").joinpath("static")
    places = {
        "console.css": _PAGES / "console.css",
        "console.js": _PAGES / "console.js",
        "mark.svg": static.joinpath("desk", "mark.svg"),
        "desk.css": static.joinpath("built", built.name("desk.css")),
    }
    if name not in places and ("/" in name or name.startswith(".") or not name.endswith((".css", ".woff2"))):
        return _plain(HTTPStatus.NOT_FOUND, "no such file")
    found = places.get(name) or static.joinpath("built", name)
    if not found.is_file():
        return _plain(HTTPStatus.NOT_FOUND, "no such file")
    kind = "font/woff2" if name.endswith(".woff2") else mimetypes.guess_type(name)[0] or "application/octet-stream"
    return HTTPStatus.OK, [("Content-Type", kind), ("Cache-Control", "max-age=60")], found.read_bytes()


def _plain(status: HTTPStatus, text: str) -> Answer:
    return status, [("Content-Type", "text/plain; charset=utf-8"), ("Cache-Control", "no-store")], text.encode()


def _json(status: HTTPStatus, value: object) -> Answer:
    return status, [("Content-Type", "application/json")], json.dumps(value, ensure_ascii=False).encode()


def _redirect(target: str) -> Answer:
    return HTTPStatus.SEE_OTHER, [("Location", target), ("Cache-Control", "no-store")], b""

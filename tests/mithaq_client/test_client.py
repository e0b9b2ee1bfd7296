"""The client asks a served node, and every example of the how-to runs."""

import inspect
import os
import re
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any, get_type_hints

import pytest
from typer.testing import CliRunner

from mithaq.formats.rest import values
from mithaq.formats.rest.operations import OPERATIONS
from mithaq_cli.main import app
from mithaq_client import (
    ChangedMeanwhile,
    Client,
    FeedNotice,
    FieldRefused,
    KeyOfAnother,
    NewDraft,
    NotThere,
    Refused,
    TokenRefused,
    TooMany,
    Unexpected,
    WrongState,
    every,
)
from mithaq_node.services import tokens
from mithaq_node.services.pace import Pace
from mithaq_node.settings.node import write
from mithaq_node.store.models import Draft, Officer
from tests import papers
from tests.mithaq_node import meadow
from tests.mithaq_node.api.serving import Server, served
from tests.mithaq_node.meadow import FLOW, INCIDENT, SECRET
from tests.papers import Paper

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "how-to" / "use-the-api.md"
ADDRESS = "https://desk.example/api"
ALL = ("write:drafts", "write:feeds", "read:notices", "read:texts", "sign:notices")


class Desk:
    """A served node and its officers."""

    def __init__(self, server: Server, officers: dict[str, Officer], folder: Path) -> None:
        self.officers, self.folder = officers, folder
        self.address = f"http://127.0.0.1:{server.server_port}/api"

    def client(self, name: str = "duty", *scopes: str, language: str = "en") -> Client:
        return Client(self.address, self.token(name, *scopes), language=language)

    def token(self, name: str = "duty", *scopes: str) -> str:
        return tokens.make(officer=self.officers[name], scopes=scopes or ALL, label="a system", days=1)[1]


@pytest.fixture
def desk(tmp_path: Path, django_db_blocker: Any) -> Iterator[Desk]:
    node = meadow.settings_of(tmp_path / "ML", "ML")
    meadow.found(node)
    (node.folder / "node.toml").write_text(write(node))
    with django_db_blocker.unblock(), meadow.standing_on(node):
        officers = meadow.officers()
        meadow.enter("ML")
        with served() as server:
            yield Desk(server, officers, node.folder)


REPORT = NewDraft(kind="incident.initial", content=INCIDENT)


def test_a_draft_goes_its_whole_way_and_is_read_as_a_notice(desk: Desk) -> None:
    first, second = desk.client(), desk.client("releasing", "sign:notices")
    kept = first.create_draft(REPORT, key="report-4471")
    assert first.create_draft(REPORT, key="report-4471") == kept
    kept = first.change_draft(kept.id, REPORT, revision=kept.revision)
    assert (kept.revision, first.draft(kept.id).content) == (2, INCIDENT)
    assert [each.id for each in first.drafts().items] == [kept.id]
    assert first.preview(kept.id).parts[0].content["happened"] == "2030-05-02T10:00:00Z"
    signing = values.Signing(password=SECRET)
    first.file_draft(kept.id, signing)
    assert first.recall_draft(kept.id).state == "begun"
    first.file_draft(kept.id, signing)
    assert second.hand_back_draft(kept.id, values.HandingBack(remark="where?")).state == "handed-back"
    first.file_draft(kept.id, signing)
    number = second.release_draft(kept.id, values.Releasing(password=SECRET)).number
    assert first.draft(kept.id).number == number
    assert first.notice(number).stated == {**INCIDENT, "happened": "2030-05-02T10:00:00Z"}
    assert first.incident(number).notices == [number]
    proof = desk.folder / "proof.tlog-proof"
    proof.write_bytes(first.proof(number))
    assert proof.read_bytes().startswith(b"c2sp.org/tlog-proof@v1\n")


def test_a_list_is_met_item_by_item_over_all_pages(desk: Desk) -> None:
    client = desk.client()

    def count(day: int) -> values.Released:
        said = FeedNotice(kind="flow.count", content={**FLOW, "day": f"2030-05-0{day}"})
        return client.feed(said, key=f"count-0{day}-of-may")

    sent = [count(day) for day in range(1, 6)]
    assert count(1) == sent[0], "asked again, and told once"
    found = list(every(lambda after: client.notices(after=after, limit=2, party="ML")))
    assert [each.number for each in found] == [each.number for each in sent]
    cursor = client.notices().cursor
    assert client.notices(after=cursor).items == []
    assert list(every(lambda after: client.drafts(after=after))) == []


def test_everything_else_that_is_read_has_its_type(desk: Desk) -> None:
    client = desk.client()
    assert client.bearer().role == "duty"
    assert client.kind(client.kinds().items[0].name).parts["facts"]["type"] == "object"
    assert client.crossing(client.crossings().items[0].id).id == "bridge"
    assert client.commitment(client.commitments().items[0].id).owners == ["ML", "RL"]
    assert (client.clocks().items, client.meetings().items, client.incidents().items) == ([], [], [])
    assert client.description()["openapi"] == "3.1.0"
    with pytest.raises(NotThere):
        client.meeting("ML 3-4")


def test_a_refusal_is_typed_by_its_code(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    client = desk.client()
    with pytest.raises(FieldRefused) as refused:
        client.create_draft(NewDraft(kind="incident.initial", content={"event": "party"}), key="report-4471")
    assert (refused.value.field, refused.value.status, refused.value.retry_after) == ("event", 422, 0)
    kept = client.create_draft(REPORT, key="report-4471")
    with pytest.raises(KeyOfAnother):
        client.create_draft(NewDraft(kind="incident.initial", content={}), key="report-4471")
    with pytest.raises(ChangedMeanwhile):
        client.change_draft(kept.id, REPORT, revision=9)
    with pytest.raises(WrongState):
        client.recall_draft(kept.id)
    client.drop_draft(kept.id)
    with pytest.raises(NotThere) as gone:
        client.draft(kept.id)
    assert gone.value.code == "draft.unknown"
    with pytest.raises(TokenRefused):
        desk.client("duty", "write:feeds").drafts()
    with pytest.raises(Refused) as plain:
        client.create_draft(REPORT, key="short")
    assert type(plain.value) is Refused
    arabic = desk.client(language="ar")
    with pytest.raises(NotThere) as said:
        arabic.draft(kept.id)
    assert "مسودة" in said.value.sentence
    monkeypatch.setattr(tokens, "_pace", Pace(a_second=0.1, at_once=1))
    client.bearer()
    with pytest.raises(TooMany) as wait:
        client.bearer()
    assert wait.value.retry_after > 0


class Elsewhere(BaseHTTPRequestHandler):
    """Answers as no node does, and keeps what it was sent."""

    asked: list[str] = []  # noqa: RUF012  # of one test

    def do_GET(self) -> None:
        self.asked.append(self.headers.get("Authorization", ""))
        if self.path.endswith("/kinds"):
            assert isinstance(self.server, HTTPServer)
            self.send_response(302)
            self.send_header("Location", f"http://127.0.0.1:{self.server.server_port}/away")
            self.end_headers()
            return
        self.send_response(200 if self.path.endswith("/bearer") else 500)
        self.end_headers()
        self.wfile.write(b"<html>")

    def log_message(self, *arguments: Any) -> None: ...


@contextmanager
def answering(handler: type[BaseHTTPRequestHandler]) -> Iterator[str]:
    """Where a server with this handler is asked."""
    server = HTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def test_what_is_no_node_is_told_apart_and_the_token_goes_nowhere_else() -> None:
    Elsewhere.asked.clear()
    with answering(Elsewhere) as address:
        client = Client(address, "mithaq_x")
        for ask in (client.bearer, client.crossings, client.kinds):
            with pytest.raises(Unexpected):
                ask()
    assert Elsewhere.asked == ["Bearer mithaq_x"] * 3, "a redirection was not followed"
    with pytest.raises(OSError):
        client.bearer()
    for clear in ("http://desk.example/api", "desk.example", "ftp://127.0.0.1"):
        with pytest.raises(ValueError):
            Client(clear, "mithaq_x")


class CutOff(BaseHTTPRequestHandler):
    """Loses the line before the end of every answer."""

    def do_GET(self) -> None:
        body = b"\n".join((b"HTTP/1.1 %s", b"Content-Type: text/plain", b"%s", b"", b"%s"))
        said = {
            "proof": (b"200 OK", b"Content-Length: 400", b"c2sp.org/tlog-proof@v1"),
            "bearer": (b"200 OK", b"Transfer-Encoding: chunked", b"190\r\n{"),
            "kinds": (b"422 Unprocessable", b"Content-Length: 400", b"{"),
        }
        known = next((each for name, each in said.items() if name in self.path), None)
        self.wfile.write(body.replace(b"\n", b"\r\n") % known if known else b"no HTTP\r\n\r\n")

    def log_message(self, *arguments: Any) -> None: ...


def test_an_answer_that_is_cut_off_is_none() -> None:
    with answering(CutOff) as address:
        client = Client(address, "mithaq_x")
        for ask in (partial(client.proof, "ML 4-2"), client.bearer, client.kinds, client.crossings):
            with pytest.raises(ConnectionError):
                ask()


def test_no_proxy_is_told_the_token_of_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    Elsewhere.asked.clear()
    for name in ("no_proxy", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
    with answering(Elsewhere) as proxy, answering(CutOff) as address:
        monkeypatch.setenv("http_proxy", proxy)
        with pytest.raises(OSError):
            Client(address, "mithaq_x").bearer()
    assert Elsewhere.asked == []


def test_every_operation_is_a_method_that_takes_and_gives_what_it_says() -> None:
    public = {name for name, _ in inspect.getmembers(Client, inspect.isfunction) if not name.startswith("_")}
    assert public == set(OPERATIONS)
    for each in OPERATIONS.values():
        hints = get_type_hints(getattr(Client, each.id))
        if each.answer is not None:
            assert hints["return"] is each.answer, each.id
        if each.body is not None:
            assert each.body in hints.values(), each.id
        wanted = {{"Idempotency-Key": "key", "If-Match": "revision"}.get(one.name, one.name) for one in each.parameters}
        assert wanted <= set(inspect.signature(getattr(Client, each.id)).parameters), each.id


def test_the_client_brings_neither_django_nor_a_database() -> None:
    program = (
        "import sys\n"
        "for name in ('django', 'sqlite3', 'psycopg', 'cryptography', 'nacl', 'mithaq_node', 'mithaq_files'):\n"
        "    sys.modules[name] = None\n"
        "import mithaq_client\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def ran(words: list[str], desk: Desk, **said: str) -> str:
    clean = {**os.environ, "MITHAQ_TOKEN": desk.token(), "NO_PROXY": "127.0.0.1", "no_proxy": "127.0.0.1", **said}
    done = subprocess.run(words, env=clean, capture_output=True, text=True, check=False, cwd=desk.folder)
    assert (done.returncode, done.stderr) == (0, ""), done.stdout + done.stderr
    return done.stdout


@pytest.mark.runs("docs/how-to/use-the-api.md", "import os")
def test_every_python_example_of_the_how_to_runs(paper: Paper, desk: Desk) -> None:
    first, follow, count, sign = paper.texts(fill={ADDRESS: desk.address})
    assert "2030-05-02T10:00:00Z" in ran([sys.executable, "-c", first], desk)
    assert Draft.objects.get().revision == 2
    ran([sys.executable, "-c", sign], desk, OFFICER_PASSWORD=SECRET)
    assert Draft.objects.get().state == "filed"
    number = ran([sys.executable, "-c", count], desk).strip()
    assert f"{number} flow.count" in ran([sys.executable, "-c", follow], desk)


@pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not installed")
@pytest.mark.runs("docs/how-to/use-the-api.md", "export NODE")
def test_the_examples_with_curl_run(paper: Paper, desk: Desk) -> None:
    said = ran(["sh", "-ec", paper.text(fill={ADDRESS: desk.address})], desk)
    assert said.count(Draft.objects.get().pk) == 2


@pytest.mark.runs("docs/how-to/use-the-api.md", "mithaq token create")
def test_the_commands_of_the_how_to_make_a_token(paper: Paper, desk: Desk) -> None:
    for command in paper.commands():
        done = CliRunner().invoke(app, [*papers.words(command)[1:], "--data", str(desk.folder), "--json"])
        assert done.exit_code == 0, done.output
    assert '"write:drafts"' in done.stdout


def test_the_how_to_names_every_scope() -> None:
    assert set(re.findall(r"^\| `([a-z:]+)`", PAGE.read_text("utf-8"), re.MULTILINE)) == tokens.SCOPES

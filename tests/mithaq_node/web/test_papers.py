"""The papers of the committee at a desk: what is chosen, the file, who took it, and what is refused."""

import io
import json
import os
import secrets
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import translation
from typer.testing import CliRunner

from mithaq.notices.envelope import Reference
from mithaq_cli.main import app
from mithaq_node import queries
from mithaq_node.queries import reports
from mithaq_node.services import accounts
from mithaq_node.settings.node import write
from mithaq_node.store.models import PartRead
from mithaq_node.web.papers import report, saying
from tests.mithaq_node import meadow
from tests.mithaq_node.meadow import SECRET
from tests.mithaq_node.pair import Pair, identity, notice, release

PAGE, FILE = "committee/papers/", "committee/papers/file/"
CALL = {"level": "joint-committee", "starts": "2031-06-01T08:00:00Z", "venue": "first-party", "agenda": ["rail"]}
DECISION = {"matter": "rail", "owner": "second", "authority": "interior", "due": "2031-06-09"}
TEXT = {"matter": "communique", "words": {"en": ["The committee met.", "It will meet again."]}}
PAPERS = ("implementation", "compliance", "open-items", "agenda")


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory, django_db_blocker: Any) -> Iterator[Pair]:
    """Two nodes: ML assessed its commitment, RL did otherwise, ML told of an incident and called a meeting that
    decided something, and drafted a common text; all of it delivered."""
    with django_db_blocker.unblock():
        made = Pair(tmp_path_factory.mktemp("papers"))
        made.settle()
        for side, score in ((made.ml, "full"), (made.rl, "minimum")):
            content = {"commitment": "answer", "score": score}
            release(side, [notice(side.seat, 1, content=content, name="commitment.assessment")])
        release(made.ml, [notice(made.ml.seat, 2), notice(made.ml.seat, 3, content=CALL, name="meeting.called")])
        called = Reference(log=made.ml.seat.origin, id=identity("ML", 3))
        release(made.ml, [notice(made.ml.seat, 4, content=DECISION, name="meeting.decided", references=[called])])
        release(made.ml, [notice(made.ml.seat, 5, content=TEXT, name="text.draft")])
        made.settle()
        made.settle()
        yield made
        made.close()


@pytest.fixture
def desk(pair: Pair) -> Iterator[Client]:
    """The auditor's browser at ML's desk."""
    with meadow.standing_on(pair.nodes[0]):
        client = Client()
        client.force_login(
            accounts.create_officer(name=f"auditor {secrets.token_hex(4)}", role="auditor", secret=SECRET)
        )
        yield client


def test_the_page_offers_every_paper_in_every_language(desk: Client) -> None:
    for language in ("fa", "ar", "ckb", "en"):
        answer = desk.get(f"/{language}/{PAGE}")
        assert answer.status_code == 200
        assert all(f'value="{paper}"' in answer.content.decode() for paper in PAPERS)


@pytest.mark.parametrize("paper", PAPERS)
def test_each_paper_is_made_in_each_form_and_whoever_took_it_is_written_down(desk: Client, paper: str) -> None:
    begins = {"pdf": b"%PDF-", "docx": b"PK", "xlsx": b"PK"}
    for form, begin in begins.items():
        answer = desk.get(f"/en/{FILE}", {"paper": paper, "form": form, "language": "ckb", "calendar": "hijri"})
        assert answer.status_code == 200, answer.content
        assert answer.content.startswith(begin)
        last = PartRead.objects.order_by("-pk")[0]
        assert last.number == answer.headers["Content-Disposition"].split('"')[1][:40]
        assert last.number.startswith(f"{paper}-ML")
    with translation.override("en"):
        readings = desk.get(reverse("accounts:reads"))
    assert f'Took a paper away: <bdi class="mono">{last.number}' in " ".join(readings.content.decode().split())


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        ({"paper": "dossier"}, "report.unknown-paper"),
        ({"form": "exe"}, "report.unknown-form"),
        ({"language": "xx"}, "calendar.unknown-language"),
        ({"calendar": "lunar"}, "calendar.unknown"),
        ({"at": "ML twelve"}, "report.bad-cut"),
        ({"at": "ML 1-8 / ML 1-8"}, "report.bad-cut"),
        ({"at": "XX 1-8"}, "report.bad-cut"),
        ({"at": "ML 900000"}, "ledger.beyond-held"),
    ],
)
def test_what_cannot_be_made_is_refused_on_the_page_and_nothing_is_written_down(
    desk: Client, asked: dict[str, str], code: str
) -> None:
    before = PartRead.objects.count()
    usual = {"paper": "implementation", "form": "pdf", "language": "en"}
    answer = desk.get(f"/en/{FILE}", {**usual, **asked})
    assert answer.status_code == 422
    assert code in answer.content.decode()
    assert PartRead.objects.count() == before


@pytest.mark.parametrize("paper", ["implementation", "open-items", "agenda"])
def test_what_a_meeting_decided_and_a_text_that_is_open_are_named_in_every_language(pair: Pair, paper: str) -> None:
    with meadow.standing_on(pair.nodes[0]):
        drawn, form = reports.draw(reports.paper_of(paper)), report.form_of("docx")
        (measure,) = drawn.report.measures or ()
        for language in ("fa", "ar", "ckb", "en"):
            reader = saying.reader_in(language)
            with zipfile.ZipFile(io.BytesIO(report.file(drawn, reader, form))) as packed:
                said = packed.read("word/document.xml").decode()
            assert reader.spoken(measure.number) in said
            assert reader.label("code.meeting-office.interior") in said
            assert (reader.label("code.text-matter.communique") in said) is (paper != "implementation")


@pytest.mark.parametrize("ending", ["pdf", "docx", "xlsx"])
def test_a_file_of_one_cut_language_and_calendar_is_the_same_byte_for_byte(pair: Pair, ending: str) -> None:
    with meadow.standing_on(pair.nodes[0]):
        drawn, form = reports.draw(reports.paper_of("agenda")), report.form_of(ending)
        first, second = (report.file(drawn, saying.reader_in("fa", "solar"), form) for _ in range(2))
        other = report.file(drawn, saying.reader_in("fa", "hijri"), form)
    assert first == second
    assert first != other


def test_the_command_writes_paper_and_figures_and_refuses_another_instrument(
    pair: Pair, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("MITHAQ_DATA", "DJANGO_SETTINGS_MODULE"):
        monkeypatch.setenv(name, os.environ.get(name, ""))  # the command names them; the next test finds them as before
    node, out, figures = pair.nodes[0], tmp_path / "open.xlsx", tmp_path / "open.json"
    (node.folder / "node.toml").write_text(write(node))
    data = ["report", "open-items", "--data", str(node.folder), "--language", "ar", "--out", str(out)]
    with meadow.standing_on(node):
        served = queries.law().id
        made = CliRunner().invoke(app, [*data, "--instrument", served, "--figures", str(figures)])
        refused = CliRunner().invoke(app, [*data, "--instrument", "another"])
    assert made.exit_code == 0, made.output
    found = json.loads(figures.read_text())
    assert (found["instrument"], found["paper"], len(found["up_to"])) == (served, "open-items", 2)
    assert out.read_bytes().startswith(b"PK")
    assert (refused.exit_code, refused.stderr.split(":")[0]) == (2, "report.other-instrument")

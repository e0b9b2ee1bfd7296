"""The how-tos for one node that rests: every command as its page shows it, in the folders of the test."""

import json
import logging
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

import msgspec
import pytest
from django.test import override_settings
from openpyxl import load_workbook

from mithaq import canonical
from mithaq.instrument import sealing
from mithaq.instrument.sealing import Sealed
from mithaq.notices import numbers
from mithaq.record import note
from mithaq_cli import options
from mithaq_files.instrument import compile_folder, shipped
from mithaq_files.roots import write_root
from mithaq_node.services import accounts, sequencing
from mithaq_node.services.recovering import RESTORED
from mithaq_node.settings import node as settings
from mithaq_node.settings.logs import JsonLines
from mithaq_node.settings.node import Node
from mithaq_node.store import log as record
from mithaq_node.store.models import Draft, Officer
from tests.mithaq_cli.typed import typed
from tests.mithaq_node import meadow
from tests.mithaq_node.pair import Pair
from tests.papers import Paper

BORDER = "iraq-iran-2025"


@cache
def border() -> Sealed:
    """The memorandum of the large pair, sealed with the roots of the tests."""
    compiled = compile_folder(shipped(BORDER))
    parties = [
        msgspec.structs.replace(party, roots=[note.Verifier(name, note.ED25519, key.public).vkey()])
        for party in compiled.law.parties
        for name, key in [meadow.root(party.code)]
    ]
    law = msgspec.structs.replace(compiled.law, parties=parties, demo=False)
    held = Sealed.open(canonical.encode(law), compiled.words_bytes)
    for party in parties:
        held = sealing.seal(held, party.code, *meadow.root(party.code))
    return held


@contextmanager
def resting(folder: Path, party: str, instrument: Sealed | None = None) -> Iterator[Node]:
    """A node that has logged its keys and its instrument, and serves nothing."""
    node = meadow.settings_of(folder / party, party)
    meadow.found(node, instrument)
    (node.folder / "node.toml").write_text(settings.write(node))
    with meadow.standing_on(node):
        meadow.officers()
        meadow.enter(party)
        yield node


@pytest.fixture(autouse=True)
def beside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Commands are given in the test's folder, in English, by somebody who types the password that is asked for."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("LC_ALL", "C.UTF-8")
    monkeypatch.setattr(options, "password", lambda file, prompt="": meadow.SECRET)


@pytest.fixture
def ml(tmp_path: Path, django_db_blocker: Any) -> Iterator[Node]:
    """The Meadow's node."""
    with django_db_blocker.unblock(), resting(tmp_path, "ML") as node:
        yield node


@pytest.fixture
def iq(tmp_path: Path, django_db_blocker: Any) -> Iterator[Node]:
    """A node under the instrument of the large pair, which these pages speak of."""
    with django_db_blocker.unblock(), resting(tmp_path, "IQ", border()) as node:
        yield node


@pytest.fixture
def paired(tmp_path: Path, django_db_blocker: Any) -> Iterator[Path]:
    """The folder of the Meadow's node, which has delivered to the River's and rests."""
    with django_db_blocker.unblock():
        pair = Pair(tmp_path)
        pair.settle()
        seat = pair.ml.seat
        with meadow.standing_on(meadow.settings_of(seat.folder, seat.party, seat.database)):
            yield seat.folder
        pair.close()


@pytest.mark.runs("docs/how-to/accounts.md")
def test_officers_are_made_shut_out_let_in_and_known_to_a_directory(paper: Paper, ml: Node) -> None:
    factor, directory = paper.text("second_factor"), paper.text("[directory]")
    (ml.folder / "directory-ca.pem").write_text("")
    read = added(ml, factor, directory)
    assert read.second_factor == ("duty", "releasing", "secretariat", "auditor")
    assert read.directory is not None
    assert read.directory.url == tomllib.loads(directory)["directory"]["url"]
    said = {}
    with override_settings(NODE=read):
        for command in paper.commands("mithaq officer ", fill={"/srv/mithaq": str(ml.folder)}):
            again = command.endswith("--directory b.watch")  # another way to make the officer of the page's beginning
            said[command] = typed(command.replace("night desk", "day desk") if again else command)
    (listed,) = [text for command, text in said.items() if "officer list" in command]
    assert "night desk" in listed
    assert Officer.objects.get(name="day desk").directory == "b.watch"


def added(node: Node, before: str, after: str = "") -> Node:
    """The node's settings with lines before its own and a table after them."""
    file = node.folder / "node.toml"
    file.write_text(f"{before}{file.read_text()}\n{after}")
    return settings.read(node.folder, {})


@pytest.mark.runs("docs/how-to/service-alerts.md", "# node.toml")
def test_service_alerts_are_switched_on_by_a_line(paper: Paper, ml: Node) -> None:
    assert not ml.service_alerts
    assert added(ml, paper.text()).service_alerts


@pytest.mark.runs("docs/how-to/install-as-a-service.md", '{"at": ')
def test_a_line_of_the_log_looks_as_the_page_shows_it(paper: Paper) -> None:
    shown = json.loads(paper.text())
    event = logging.makeLogRecord({"name": shown["logger"], "levelname": "WARNING", "msg": shown["message"]})
    said = json.loads(JsonLines().format(event))
    assert {**said, "at": shown["at"]} == shown
    assert len(said["at"]) == len(shown["at"])


def told(place: dict[str, Any]) -> str:
    """The number of a notice that two officers have told, by command, at the node that MITHAQ_DATA names."""
    fields = Path("fields.json")
    fields.write_text(json.dumps({**meadow.INCIDENT, "place": place}))
    typed(f"mithaq notice draft --kind incident.initial --content {fields} --officer 'duty desk' --file")
    typed(f"mithaq notice release {Draft.objects.get().pk} --officer 'releasing desk'")
    return typed("mithaq notice list").splitlines()[-1].split("\t")[0]


@pytest.mark.runs("docs/how-to/desks.md")
def test_desks_and_rules_say_where_a_notice_comes(paper: Paper, iq: Node, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MITHAQ_DATA", str(iq.folder))
    accounts.create_officer(name="night desk", role="duty", secret=meadow.SECRET)
    number = told({"form": "sector", "sector": "S1"})
    for command in paper.commands(fill={"/srv/mithaq": str(iq.folder), "IQ 12-5": number}):
        said = typed(command)
    assert "border-guard-1" in said


@pytest.mark.runs("docs/how-to/prove-to-others.md")
def test_what_is_shown_to_others_is_checked_without_the_node(
    paper: Paper, ml: Node, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MITHAQ_DATA", str(ml.folder))
    number = told(meadow.INCIDENT["place"])
    for command in paper.commands(fill={"/srv/mithaq": str(ml.folder), "IQ 12-5": number, BORDER: meadow.NAME}):
        said = typed(command)
    assert said.startswith("INTACT\n")
    assert all(f"\n{each}\n" in said for each in ("IQ12-5.proof", "case.zip", "record"))
    assert Path("IQ12-5.pdf").read_bytes().startswith(b"%PDF-")


@pytest.mark.runs("docs/how-to/figures-of-traffic.md")
def test_figures_of_traffic_are_entered_from_the_table_and_written_out(paper: Paper, ml: Node) -> None:
    Path("flows.csv").write_text(paper.text("crossing,day"))
    for command in paper.commands("mithaq flows", fill={"/srv/mithaq": str(ml.folder)}):
        typed(command)
    (draft,) = Draft.objects.all()
    assert draft.content["counts"] == {"pilgrims": 612}
    assert Path("figures.csv").read_text("utf-8-sig").startswith("crossing,day,direction,stage,source,")


@pytest.mark.runs("docs/how-to/erase.md")
def test_what_is_at_the_end_of_its_term_is_erased(paper: Paper, ml: Node) -> None:
    (said,) = [typed(command) for command in paper.commands(fill={"/srv/mithaq": str(ml.folder)})]
    assert said == "nothing is at the end of its term\n"


@pytest.mark.runs("docs/how-to/reports.md")
def test_the_papers_of_the_committee_are_written(paper: Paper, paired: Path) -> None:
    fill = {"--data IQ": f"--data {paired}", BORDER: meadow.NAME, "IQ 50-5 / IR 55-4": "ML 2-6 / RL 2"}
    for command in paper.commands(fill=fill):
        typed(command)
    for name in ("implementation.pdf", "implementation.json", "compliance.xlsx", "open.docx", "agenda.pdf"):
        assert Path(name).stat().st_size > 500, name


@pytest.mark.runs("docs/how-to/enter-what-was-before.md")
def test_earlier_commitments_are_entered_from_the_table(paper: Paper, iq: Node) -> None:
    template, first, rest = paper.commands(fill={"--data IQ": f"--data {iq.folder}"})
    typed(template)
    book = load_workbook("commitments.xlsx")
    table = book.worksheets[0]
    for column in range(2, table.max_column + 1):
        for row in (3, 4):
            table.cell(row, column).value = table.cell(2, column).value
    book.save("commitments.xlsx")
    typed(first, code=2)  # the same row twice
    assert Draft.objects.count() == 0
    typed(rest)
    assert Draft.objects.count() == 1
    assert load_workbook("mend.xlsx").worksheets[0].max_row == 2


@pytest.mark.runs("docs/how-to/backup-and-restore.md", "mithaq epoch draft")
def test_an_epoch_is_opened_when_what_was_signed_is_lost(paper: Paper, ml: Node) -> None:
    write_root(Path("root"), *_root_of("ML"))
    conn, engine, closed = *sequencing.reader(), sequencing.own_origin()
    with engine.transaction(conn):
        record.mark_unsure(conn, engine, record.read(conn, engine, closed), RESTORED)
    for command in paper.commands(fill={"/srv/mithaq": str(ml.folder), "ROOTKEY": "root"}):
        said = typed(command)
    opened = sequencing.own_origin()
    assert opened != closed
    assert said == f"{numbers.spoken_in('ML', opened, 0)}\n"


def _root_of(party: str) -> tuple[str, bytes]:
    name, key = meadow.root(party)
    return name, key.seed

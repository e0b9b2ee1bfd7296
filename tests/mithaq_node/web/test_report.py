"""One table feeds the page, the document and the README; every link in it opens, and what works has a passing test."""

import copy
import html
import subprocess
import sys
from collections.abc import Callable
from importlib import resources
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.test import Client

from mithaq.errors import Fault, Refusal
from mithaq_node.peer.door import Door
from mithaq_node.services import accounts
from mithaq_node.store.models import Officer
from mithaq_node.web.report import table
from tests.mithaq_node import meadow
from tests.mithaq_node.pair import NOW, Pair
from tests.mithaq_node.web.conftest import LANGUAGES
from tools import from_the_report

Desk = Callable[..., Client]
FACTS = table.read().facts


@pytest.fixture
def reader(desk: Desk) -> Client:
    """An officer who may go everywhere that the table points to."""
    client = desk()
    accounts.create_officer(name="releasing", role="releasing", secret=meadow.SECRET)
    client.force_login(Officer.objects.get(name="releasing"))
    return client


def test_there_are_eighteen_facts():
    assert [fact.number for fact in FACTS] == list(range(1, 19))


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_link_opens_at_its_place(reader: Client, language: str):
    pages: dict[str, str] = {}
    for fact in FACTS:
        if fact.path not in pages:
            response = reader.get(f"/{language}/{fact.path}")
            assert response.status_code == 200, (fact.number, fact.path)
            pages[fact.path] = response.content.decode()
        assert f'id="{fact.place}"' in pages[fact.path] or not fact.place, (fact.number, fact.link)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_shows_every_fact_in_the_readers_language(desk: Desk, language: str):
    text = html.unescape(desk().get(f"/{language}/report/").content.decode())
    for fact in FACTS:
        assert f"«{fact.phrase}»" in text
        assert fact.made[language] in text
        assert f'href="/{language}/{fact.link}"' in text or fact.state == "recorded-only"


def test_what_works_has_a_passing_test():
    """Every test that the table names is run here by itself: failing, skipped or absent, it fails this one."""
    named = sorted({fact.test for fact in FACTS if fact.state == "works"})
    assert named
    ran = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-rs", *named],
        cwd=from_the_report.ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stdout[-3000:]
    assert " skipped" not in ran.stdout.rstrip().splitlines()[-1], ran.stdout[-3000:]


@pytest.mark.parametrize("fact", [fact for fact in FACTS if fact.test], ids=lambda fact: str(fact.number))
def test_a_test_that_the_table_names_is_there(fact: table.Fact):
    file, _, name = fact.test.partition("::")
    assert f"def {fact.test_name}(" in (from_the_report.ROOT / file).read_text("utf-8")
    assert name.startswith(fact.test_name)


@pytest.mark.parametrize("language", LANGUAGES)
def test_positions_and_courtesies_are_attributed_and_nothing_more(desk: Desk, language: str):
    recorded = [fact for fact in FACTS if fact.state == "recorded-only"]
    assert [fact.number for fact in recorded] == [11, 15, 17]
    text = html.unescape(desk().get(f"/{language}/report/").content.decode())
    for fact in recorded:
        start = text.index(f'id="fact-{fact.number}"')
        following = text.find('<li id="fact-', start)
        shown = text[start : following if following > 0 else None]
        assert fact.said_by[language] in shown
        assert table.read().source.day in shown
        assert fact.link == f"report/#fact-{fact.number}"


def test_a_counterparts_door_takes_deliveries_and_lets_nothing_be_read(tmp_path: Path, django_db_blocker):
    with django_db_blocker.unblock():
        pair = Pair(tmp_path)
    pair.settle()
    door = Door(pair.ml.seat, lambda: NOW)
    for method, path in [("GET", "/"), ("GET", "/deliver"), ("GET", "/checkpoint"), ("POST", "/"), ("POST", "/read")]:
        answered: list[str] = []

        def start(status: str, _headers: list[tuple[str, str]], into: list[str] = answered) -> None:
            into.append(status)

        door({"REQUEST_METHOD": method, "PATH_INFO": path}, start)
        assert answered == ["404 Not Found"], (method, path)
    pair.close()


def test_the_documents_say_what_the_table_says():
    assert from_the_report.main(["check"]) == 0


def test_a_document_that_says_something_else_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys):
    (tmp_path / "docs").mkdir()
    monkeypatch.setattr(from_the_report, "ROOT", tmp_path)
    (tmp_path / "README.md").write_text(f"{from_the_report.BEGIN}\nold\n{from_the_report.END}\n", "utf-8")
    assert from_the_report.main(["check"]) == 1
    assert from_the_report.main(["write"]) == 0
    assert from_the_report.main(["check"]) == 0
    capsys.readouterr()


@pytest.mark.parametrize(
    ("number", "change"),
    [
        (1, {"test": ""}),
        (1, {"state": "done"}),
        (1, {"made": {"en": "only English"}}),
        (1, {"said_by": dict.fromkeys(table.LANGUAGES, "someone")}),
        (11, {"said_by": {}}),
        (2, {"number": 3}),
        (2, {"colour": "red"}),
    ],
)
def test_a_table_that_breaks_its_own_rules_is_a_fault(number: int, change: dict[str, Any]):
    text = resources.files("mithaq_node.web.report").joinpath("report.yaml").read_text("utf-8")
    spoiled = copy.deepcopy(yaml.safe_load(text))
    spoiled["facts"][number - 1] |= change
    with pytest.raises(Fault):
        table.judged(spoiled)
    assert not issubclass(Fault, Refusal)

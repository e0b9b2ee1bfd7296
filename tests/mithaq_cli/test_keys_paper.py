"""`mithaq keys paper`: the page for the safe, in four languages, with what is needed to begin again and no secret."""

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from mithaq_cli.main import app
from mithaq_node.keystore import custody
from mithaq_node.services import clock, safekeeping
from mithaq_node.settings.addresses import without_password
from mithaq_node.settings.node import Node
from mithaq_node.web.papers import safe, setting
from tests.mithaq_node import meadow
from tests.mithaq_node.services.test_papers_in_every_language import texts


@pytest.fixture
def node(tmp_path: Path, django_db_blocker: Any) -> Iterator[Node]:
    made = meadow.settings_of(tmp_path / "ML", "ML")
    meadow.found(made)
    with django_db_blocker.unblock(), meadow.standing_on(made):
        yield made


def values(monkeypatch: pytest.MonkeyPatch, language: str) -> Mapping[str, Any]:
    """What the template gets."""
    kept: list[Mapping[str, Any]] = []

    def keep(_template: str, said: Mapping[str, Any]) -> bytes:
        kept.append(said)
        return b"%PDF-"

    with monkeypatch.context() as patch:
        patch.setattr(setting, "pdf", keep)
        safe.paper(safekeeping.gather(now=clock.now()), language)
    return kept[0]


def paper(node: Node, out: Path, *options: str) -> bytes:
    done = CliRunner().invoke(app, ["keys", "paper", "--data", str(node.folder), "--out", str(out), "--json", *options])
    assert done.exit_code == 0, done.output
    assert json.loads(done.stdout)["out"] == str(out)
    return out.read_bytes()


@pytest.mark.parametrize("language", ["ar", "fa", "ckb", "en"])
def test_the_page_is_a_pdf_in_every_language(node: Node, tmp_path: Path, language: str) -> None:
    made = paper(node, tmp_path / "safe.pdf", "--language", language)
    assert made.startswith(b"%PDF-")
    assert b"pdfaid" in made


def test_it_names_all_that_is_needed_to_begin_again(node: Node, monkeypatch: pytest.MonkeyPatch) -> None:
    said = "\n".join(texts(values(monkeypatch, "en")))
    kept = safekeeping.gather(now=clock.now())
    for needed in (
        meadow.sealed().fingerprint, kept.card, kept.words["en"], "ml.mithaq.example/root/1", kept.roots[0].words["en"],
        str(node.folder), str(node.fence), str(node.body_keys), str(custody.secret_beside(node.keys)), kept.version,
    ):  # fmt: skip
        assert needed in said
    assert "1 of these must sign" in said


def test_no_secret_stands_on_it(node: Node, monkeypatch: pytest.MonkeyPatch) -> None:
    secret = custody.secret_beside(node.keys).read_text().strip()
    for language in ("ar", "fa", "ckb", "en"):
        said = "\n".join(texts(values(monkeypatch, language)))
        assert secret not in said
        for file in node.keys.glob("*.seed"):
            assert file.read_text().strip() not in said


@pytest.mark.parametrize(
    ("address", "told"),
    [
        ("postgresql://desk:hidden@db.example:5432/meadow?sslmode=require", "db.example:5432/meadow"),
        ("postgresql://desk:hid?den@db.example:5432/meadow", "db.example:5432/meadow"),
        ("postgresql://desk:hidden@[2001:db8::7]/meadow?user=hidden", "2001:db8::7/meadow"),
        ("postgresql:///meadow?host=/run/postgresql&user=desk&password=hidden", "/run/postgresql/meadow"),
        ("postgresql://desk:hidden@alpha.example,beta.example:5433/meadow", "alpha.example,beta.example:5433/meadow"),
        ("postgresql://desk:hid%den@db.example/meadow", "postgresql://…"),
        ("postgresql://desk:hid%zzden@db.example/meadow", "postgresql://…"),
        ("sqlite", "sqlite"),
        ("/srv/mithaq-fence/ml", "/srv/mithaq-fence/ml"),
    ],
)
def test_the_address_of_a_database_stands_there_without_its_password(address: str, told: str) -> None:
    assert without_password(address) == told


@pytest.mark.parametrize("language", ["ar", "fa", "ckb"])
def test_no_english_word_stands_in_the_page_of_another_language(
    node: Node, monkeypatch: pytest.MonkeyPatch, language: str
) -> None:
    said = values(monkeypatch, language)
    ours = {each for row in said["again"]["rows"] for each in row[1:]} | {said["roots"]["rows"][0][0]}
    ours |= {row[1] for row in said["places"]["rows"]}
    for text in texts(said):
        if text not in ours:
            words = set(re.findall(r"[A-Za-z0-9]*[A-Za-z]{2,}[A-Za-z0-9]*", text)) - {"ML", "UTC", "keys", "sha256sum"}
            assert words == set(), text

"""The key ceremony as its page tells it."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from mithaq_cli.main import app
from mithaq_files.roots import write_root
from mithaq_node.keystore import custody
from mithaq_node.services import accounts
from mithaq_node.settings.node import Node
from tests.mithaq_cli.typed import typed
from tests.mithaq_node import meadow
from tests.papers import Paper


@pytest.fixture
def node(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, django_db_blocker: Any) -> Iterator[Node]:
    """The Meadow's node with one officer and nothing logged; the River's card and the Meadow's root key beside it."""
    made = meadow.settings_of(tmp_path / "ML", "ML")
    meadow.found(made)
    other = meadow.settings_of(tmp_path / "RL", "RL")
    meadow.found(other)
    (tmp_path / "theirs").mkdir()
    (tmp_path / "theirs" / "card.json").write_bytes(other.own_card.read_bytes())
    name, key = meadow.root("ML")
    write_root(tmp_path / "root-1.key", name, key.seed)
    (tmp_path / "new-secret").write_text("a secret of the operator\n")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("MITHAQ_DATA", str(made.folder))
    monkeypatch.setenv("LC_ALL", "fa_IR.UTF-8")
    with django_db_blocker.unblock(), meadow.standing_on(made):
        accounts.create_officer(name="desk", role="duty", secret=meadow.SECRET)
        yield made


def run(*arguments: str) -> Result:
    return CliRunner().invoke(app, arguments)


def told(*arguments: str) -> Any:
    done = run(*arguments, "--json")
    assert done.exit_code == 0, done.output
    return json.loads(done.stdout)


@pytest.mark.runs("docs/how-to/key-ceremony.md")
def test_every_command_of_the_ceremony_does_what_it_says(
    paper: Paper, node: Node, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = {}
    for command in paper.commands():
        theirs = command == "mithaq keys list --party RL"  # nothing of them has arrived on a node that never served
        said[command] = typed(command, code=2 if theirs else 0)
    assert len(said) >= 25
    assert re.search(r"^fa: (\w+ ){12}\w+$", said["mithaq pair"], re.MULTILINE)
    monkeypatch.setenv(custody.SECRET, "a secret of the operator")
    keys = told("keys", "list")["keys"]
    assert [each["name"] for each in keys if each["role"] == "officer" and each["counts"]] == []
    for role in custody.SEEDS:
        assert [each["counts"] for each in keys if each["role"] == role] == [False, True]


def test_a_card_is_taken_only_with_the_words_that_were_read_out(node: Node) -> None:
    words = told("pair", "theirs/card.json")["words"]
    assert told("pair", "theirs/card.json", "--words", words["ckb"])["party"] == "RL"
    refused = run("pair", "theirs/card.json", "--words", told("pair")["words"]["ckb"])
    assert refused.exit_code == 2
    assert refused.stderr.startswith("fingerprint.differs:")


def test_the_one_who_signs_is_told_what_is_signed(node: Node) -> None:
    told("keys", "draft", "--out", "first.json")
    signed = told("keys", "sign", "first.json", "--root", "root-1.key", "--out", "signed.json")
    assert "ml.mithaq.example/officer/1" in signed["add"]
    assert signed["version"] == 1
    again = run("keys", "sign", "signed.json", "--root", "root-1.key", "--out", "again.json")
    assert "+ ml.mithaq.example/officer/1 officer " in again.stdout
    assert Path("again.json").read_bytes() == Path("signed.json").read_bytes()


def test_a_changed_draft_and_a_wrong_secret_are_refused(node: Node, monkeypatch: pytest.MonkeyPatch) -> None:
    told("keys", "draft", "--out", "first.json")
    draft = json.loads(Path("first.json").read_text())
    draft["proofs"]["ml.mithaq.example/node"] = draft["proofs"]["ml.mithaq.example/officer/1"]
    Path("forged.json").write_text(json.dumps(draft, sort_keys=True, separators=(",", ":")) + "\n")
    refused = run("keys", "sign", "forged.json", "--root", "root-1.key", "--out", "signed.json")
    assert refused.stderr.startswith("keys.not-held:")
    monkeypatch.setenv(custody.SECRET, "not this one")
    assert run("keys", "draft", "--out", "second.json").stderr.startswith("keystore.wrong-secret:")

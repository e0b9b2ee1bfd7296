"""Officers whom the party's own directory knows, against a real one (slapd)."""

import dataclasses
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings
from django.core.checks import run_checks
from django.test import Client

from mithaq.errors import Refusal
from mithaq_node.services import accounts, directory, sequencing, signing_in
from mithaq_node.settings.node import Directory, Node
from mithaq_node.store.models import Officer
from tests import slapd
from tests.mithaq_node.meadow import SECRET

HERE = "127.0.0.1"
PASSWORD = slapd.PASSWORDS["b.watch"]


@pytest.fixture(scope="module")
def server() -> Iterator[slapd.Directory]:
    """A directory, started once for these tests; skips with the reason where none can be had."""
    running = slapd.running()
    try:
        started = running.__enter__()
    except slapd.NotToBeHad as reason:
        pytest.skip(f"slapd: {reason}")
    yield started
    running.__exit__(None, None, None)


@pytest.fixture
def engine() -> str:
    """What a directory says does not depend on the database."""
    return "sqlite"


@pytest.fixture
def asked(node: Node, server: slapd.Directory, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Directory:
    """The node asks the directory over TLS."""
    secret = tmp_path / "directory-password"
    secret.write_text(f"{slapd.SERVICE_PASSWORD}\n")
    found = Directory(server.tls, slapd.BASE, "uid", server.ca, slapd.SERVICE, secret)
    monkeypatch.setattr(settings, "NODE", dataclasses.replace(node, directory=found))
    return found


@pytest.fixture
def officer(asked: Directory) -> Officer:
    return accounts.create_officer(name="watch desk", role="duty", secret=SECRET, directory="b.watch")


def turn(monkeypatch: pytest.MonkeyPatch, asked: Directory, **change: object) -> None:
    changed = dataclasses.replace(asked, **change)  # type: ignore[arg-type]  # fields of the settings
    monkeypatch.setattr(settings, "NODE", dataclasses.replace(settings.NODE, directory=changed))


def test_the_directorys_password_opens_the_desk_and_the_officers_own_does_not(officer: Officer) -> None:
    assert signing_in.by_password(name="watch desk", password=PASSWORD, address=HERE) == officer
    for wrong in (SECRET, "", "another password"):
        with pytest.raises(Refusal, match=r"signin\.wrong"):
            signing_in.by_password(name="watch desk", password=wrong, address=HERE)


def test_the_directorys_password_does_not_open_the_signing_key(officer: Officer) -> None:
    log = sequencing.own_origin()
    with (
        pytest.raises(Refusal, match=r"officer\.wrong-secret"),
        accounts.open_key(officer=officer, secret=PASSWORD, log=log),
    ):
        raise AssertionError("it opened")
    with accounts.open_key(officer=officer, secret=SECRET, log=log) as key:
        assert key.public == bytes(officer.public_key)


def test_a_new_password_of_the_key_leaves_the_directorys_alone(officer: Officer) -> None:
    accounts.change_secret(officer=officer, secret=SECRET, new_secret="another long password")
    assert not officer.has_usable_password()
    assert signing_in.by_password(name="watch desk", password=PASSWORD, address=HERE) == officer


def test_the_page_of_the_door_takes_it_and_the_account_says_which_password_is_which(officer: Officer) -> None:
    client = Client()
    answer = client.post("/en/signin/", {"name": "watch desk", "password": PASSWORD})
    assert answer.status_code == 302
    assert "own directory" in client.get("/en/account/").content.decode()


def test_whom_only_the_directory_knows_is_no_officer(asked: Directory) -> None:
    with pytest.raises(Refusal, match=r"signin\.wrong"):
        signing_in.by_password(name="b.watch", password=PASSWORD, address=HERE)


def test_a_disabled_officer_is_out_whatever_the_directory_says(officer: Officer) -> None:
    accounts.disable(officer=officer)
    with pytest.raises(Refusal, match=r"signin\.wrong"):
        signing_in.by_password(name="watch desk", password=PASSWORD, address=HERE)


@pytest.mark.parametrize("name", ["twin", "*", "b.wat*", "b.watch)(uid=*", "nobody", "\0"])
def test_a_name_that_is_not_exactly_one_entry_opens_nothing(asked: Directory, name: str) -> None:
    assert not directory.lets_in(name, slapd.PASSWORDS["twin"])
    assert not directory.lets_in(name, PASSWORD)


def test_no_password_is_no_password(asked: Directory) -> None:
    """A directory answers a bind without one as a success of nobody."""
    assert not directory.lets_in("b.watch", "")


def test_a_certificate_that_nobody_vouches_for_is_not_spoken_to(
    officer: Officer, asked: Directory, monkeypatch: pytest.MonkeyPatch
) -> None:
    turn(monkeypatch, asked, ca=None)
    with pytest.raises(Refusal, match=r"signin\.directory-silent"):
        signing_in.by_password(name="watch desk", password=PASSWORD, address=HERE)


def test_on_the_same_machine_it_may_be_plain(
    officer: Officer, asked: Directory, server: slapd.Directory, monkeypatch: pytest.MonkeyPatch
) -> None:
    turn(monkeypatch, asked, url=server.plain)
    assert signing_in.by_password(name="watch desk", password=PASSWORD, address=HERE) == officer


def test_elsewhere_a_plain_line_is_raised_to_tls_before_anything_is_sent(
    officer: Officer, asked: Directory, server: slapd.Directory, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(directory, "HERE", set())
    turn(monkeypatch, asked, url=server.plain)
    assert signing_in.by_password(name="watch desk", password=PASSWORD, address=HERE) == officer
    turn(monkeypatch, asked, url=server.plain, ca=None)
    with pytest.raises(Refusal, match=r"signin\.directory-silent"):
        signing_in.by_password(name="watch desk", password=PASSWORD, address=HERE)


def test_a_silent_directory_says_so_to_the_officer_and_warns_the_operator(
    officer: Officer, asked: Directory, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "mithaq.W007" not in warned()
    turn(monkeypatch, asked, url="ldaps://127.0.0.1:9")
    with pytest.raises(Refusal, match=r"signin\.directory-silent"):
        signing_in.by_password(name="watch desk", password=PASSWORD, address=HERE)
    assert "mithaq.W007" in warned()


def test_a_wrong_account_of_the_nodes_own_warns_the_operator(
    asked: Directory, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    wrong = tmp_path / "wrong"
    wrong.write_text("not the password")
    turn(monkeypatch, asked, bind_password_file=wrong)
    assert "mithaq.W007" in warned()


def test_a_node_that_asks_no_directory_takes_no_officer_of_one(node: Node) -> None:
    with pytest.raises(Refusal, match=r"signin\.no-directory"):
        accounts.create_officer(name="desk", role="duty", secret=SECRET, directory="b.watch")


def warned() -> set[str]:
    found = run_checks(tags=["mithaq"], include_deployment_checks=True, databases=["default"])
    return {str(each.id) for each in found}

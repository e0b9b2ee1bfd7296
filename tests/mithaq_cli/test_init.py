"""`mithaq init`: asked at a real terminal, given by options, cut off and begun again."""

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from ipaddress import ip_address
from pathlib import Path

import pytest
import yaml
from cryptography import x509

from mithaq_cli import asking, guided
from mithaq_files.instrument import write_sealed
from mithaq_files.roots import write_root
from mithaq_node.keystore import custody
from mithaq_node.services import accounts
from mithaq_node.settings.node import read
from mithaq_node.store.desk import Role
from tests import papers
from tests.mithaq_cli.terminal import Terminal, at_a_terminal
from tests.mithaq_cli.two_nodes import FROM_SOURCES, SOURCES, NodeFolder
from tests.mithaq_cli.typed import typed
from tests.mithaq_node import meadow
from tests.papers import Paper
from tests.postgresql import Server, free_port


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """A folder with the sealed instrument in it."""
    write_sealed(tmp_path / "instrument", meadow.sealed())
    return tmp_path


def environment(language: str = "C.UTF-8") -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("MITHAQ_")}
    return {**kept, "PYTHONPATH": str(SOURCES), "LC_ALL": language}


def run(place: Path, *arguments: object) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [*FROM_SOURCES, *map(str, arguments)], env=environment(), capture_output=True, text=True, check=False,
        cwd=place, stdin=subprocess.DEVNULL,
    )  # fmt: skip


def officers(data: Path) -> list[str]:
    done = run(data.parent, "officer", "list", "--data", data, "--json")
    assert done.returncode == 0, done.stderr
    return [each["name"] for each in json.loads(done.stdout)["officers"]]


def by_options(place: Path, *more: object) -> tuple[object, ...]:
    password = place / "password"
    password.write_text(meadow.SECRET)
    return (
        "init", "--instrument", place / "instrument", "--party", "ML", "--data", place / "ML",
        "--fence", place / "fence",
        "--port", free_port(), "--peer-port", free_port(), "--desk-name", "desk.ml.example",
        "--officer", "night desk", "--role", "duty", "--password-file", password, *more,
    )  # fmt: skip


def asked(terminal: Terminal, place: Path, port: int, peer_port: int, secret: str = meadow.SECRET) -> None:
    """Every question answered once, in English."""
    terminal.answer("1/15", "")
    terminal.answer("2/15", str(place / "instrument"))
    terminal.answer("3/15", "ml")
    terminal.answer("4/15", str(place / "ML"))
    terminal.answer("5/15", str(place / "fence"))
    terminal.answer("6/15", "")
    terminal.answer("7/15", "desk.ml.example")
    terminal.answer("8/15", "")
    terminal.answer("9/15", str(port))
    terminal.answer("10/15", "192.0.2.7")
    terminal.answer("11/15", str(peer_port))
    terminal.answer("12/15", "night desk")
    terminal.answer("13/15", "")
    terminal.answer("14/15", "")
    terminal.answer("15/15", secret)
    terminal.answer("The same password again", secret)


def test_at_a_terminal_every_question_makes_the_node_and_its_first_officer(place: Path) -> None:
    port, peer_port = free_port(), free_port()
    with at_a_terminal([*FROM_SOURCES, "init"], environment()) as terminal:
        asked(terminal, place, port, peer_port)
        terminal.until("This will be made:")
        assert not (place / "ML").exists()
        terminal.answer("Make it?", "yes")
        assert terminal.end() == 0, terminal.shown
    assert meadow.SECRET not in terminal.shown
    node = read(place / "ML", {})
    assert (node.party, node.port, node.peer_port, node.https) == ("ML", port, peer_port, True)
    assert node.hosts == ("desk.ml.example", "localhost", "127.0.0.1")
    assert json.loads(node.own_card.read_text())["url"] == f"https://192.0.2.7:{peer_port}"
    assert officers(node.folder) == ["night desk"]
    assert "mithaq keys draft" in terminal.shown


def test_it_speaks_the_readers_language_and_changes_to_the_chosen_one(place: Path) -> None:
    with at_a_terminal([*FROM_SOURCES, "init"], environment("ar_IQ.UTF-8")) as terminal:
        terminal.until(asking.text("begin", "ar").splitlines()[0])
        terminal.answer("1/15", "fa")
        terminal.until(asking.text("instrument", "fa"))
        terminal.press("\x03")
        assert terminal.end() == 2
    assert terminal.shown.rstrip().endswith(
        "node.not-made: " + yaml.safe_load((SOURCES / "mithaq/refusals/node.yaml").read_text())["node.not-made"]["ar"]
    )


def test_what_cannot_be_taken_is_said_and_asked_again(place: Path) -> None:
    (place / "full").mkdir()
    (place / "full" / "something").touch()
    with at_a_terminal([*FROM_SOURCES, "init"], environment()) as terminal:
        terminal.answer("1/15", "de")
        terminal.until("One of these: ar, fa, ckb, en")
        terminal.press("\n")
        terminal.answer("2/15", str(place / "nothing"))
        terminal.until("nothing")
        terminal.press(f"{place / 'instrument'}\n")
        terminal.answer("3/15", "XX")
        terminal.until("One of these: ML, RL")
        terminal.press("RL\n")
        terminal.answer("4/15", str(place / "instrument" / "law.json"))
        terminal.until("cannot be used")
        terminal.press(f"{place / 'full'}\n")
        terminal.until("is not empty")
        terminal.press(f"{place / 'RL'}\n")
        terminal.answer("5/15", str(place / "fence"))
        terminal.until("on the same device")
        terminal.answer("6/15", "postgresql://nobody@127.0.0.1:1/none")
        terminal.until("Connection refused")
        terminal.press("\n")
        terminal.answer("7/15", "no host")
        terminal.until("no name and no address")
        terminal.press("\x04")
        assert terminal.end() == 2
    assert sorted(each.name for each in place.iterdir()) == ["full", "instrument"]


def test_one_can_go_back_and_change_a_line_of_the_summary(place: Path) -> None:
    port, peer_port = free_port(), free_port()
    with at_a_terminal([*FROM_SOURCES, "init"], environment()) as terminal:
        terminal.answer("1/15", "")
        terminal.answer("2/15", "<")
        terminal.answer("1/15", "")
        asked_from_the_second(terminal, place, port, peer_port)
        terminal.until("This will be made:")
        terminal.answer("Make it?", "4")
        terminal.answer("4/15", str(place / "elsewhere"))
        terminal.until("This will be made:")
        terminal.answer("Make it?", "12")
        terminal.answer("12/15", "-")
        terminal.until("This will be made:")
        terminal.answer("Make it?", "yes")
        assert terminal.end() == 0, terminal.shown
    assert read(place / "elsewhere", {}).party == "ML"
    assert officers(place / "elsewhere") == []
    assert not (place / "ML").exists()


def asked_from_the_second(terminal: Terminal, place: Path, port: int, peer_port: int) -> None:
    terminal.answer("2/15", str(place / "instrument"))
    terminal.answer("3/15", "ML")
    terminal.answer("4/15", str(place / "ML"))
    terminal.answer("5/15", str(place / "fence"))
    terminal.answer("6/15", "")
    terminal.answer("7/15", "")
    terminal.answer("8/15", "")
    terminal.answer("9/15", str(port))
    terminal.answer("10/15", "")
    terminal.answer("11/15", str(peer_port))
    terminal.answer("12/15", "night desk")
    terminal.answer("13/15", "releasing")
    terminal.answer("14/15", "")
    terminal.answer("15/15", "short")
    terminal.until("too short")
    terminal.answer("", meadow.SECRET)
    terminal.answer("The same password again", f"{meadow.SECRET}?")
    terminal.until("two different passwords")
    terminal.answer("", meadow.SECRET)
    terminal.answer("The same password again", meadow.SECRET)


@pytest.fixture
def two_databases(postgresql_server: Server) -> Iterator[tuple[str, str]]:
    """Addresses of two fresh databases, with a password in each."""
    names = [postgresql_server.create() for _ in range(2)]
    first, second = (postgresql_server.url(name).replace("postgres@", "postgres:hidden@") for name in names)
    yield first, second
    for name in names:
        postgresql_server.drop(name)


def test_passwords_of_databases_stand_nowhere_on_the_screen_and_are_kept_and_a_given_url_stands(
    place: Path, two_databases: tuple[str, str]
) -> None:
    data, fence = two_databases
    short_data, short_fence = (each.replace("postgresql://", "postgres://") for each in (data, fence))
    given = ["--instrument", str(place / "instrument"), "--data", str(place / "ML"), "--database", short_data]
    given += ["--fence", short_fence, "--url", "https://[2001:db8::7]:9443"]
    given += ["--port", str(free_port()), "--peer-port", str(free_port())]
    with at_a_terminal([*FROM_SOURCES, "init", *given], environment()) as terminal:
        for number in (1, 2):
            terminal.answer(f"{number}/15", "")
        terminal.answer("3/15", "ML")
        for number in (4, 5, 6, 7, 8, 9, 11):  # the tenth asks for what the url says
            terminal.answer(f"{number}/15", "")
        terminal.answer("12/15", "-")
        terminal.answer("Make it?", "6")
        terminal.answer("6/15", "")
        terminal.answer("Make it?", "yes")
        assert terminal.end() == 0, terminal.shown
    assert "hidden" not in terminal.shown
    node = read(place / "ML", {})
    assert (node.database, node.fence) == (data, fence)
    assert json.loads(node.own_card.read_text())["url"] == "https://[2001:db8::7]:9443"
    certificate = x509.load_pem_x509_certificate((node.keys / custody.TLS_CERTIFICATE).read_bytes())
    names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert ip_address("2001:db8::7") in names.get_values_for_type(x509.IPAddress)


def test_it_refuses_a_url_that_names_no_host(place: Path) -> None:
    done = run(place, *by_options(place, "--url", "door.ml.example"))
    assert (done.returncode, done.stderr.split(":")[0]) == (2, "settings.bad-value")
    assert not (place / "ML").exists()


def test_a_password_is_taken_as_it_is_typed(place: Path) -> None:
    spaced = f" {meadow.SECRET} "
    with at_a_terminal([*FROM_SOURCES, "init"], environment()) as terminal:
        asked(terminal, place, free_port(), free_port(), secret=spaced)
        terminal.answer("Make it?", "no")
        assert terminal.end() == 2


def test_a_summary_that_is_not_accepted_makes_nothing(place: Path) -> None:
    with at_a_terminal([*FROM_SOURCES, "init"], environment()) as terminal:
        asked(terminal, place, free_port(), free_port())
        terminal.answer("Make it?", "perhaps")
        terminal.answer("Make it?", "no")
        assert terminal.end() == 2
    assert "node.not-made" in terminal.shown
    assert [each.name for each in place.iterdir()] == ["instrument"]


def test_without_a_terminal_it_says_which_option_is_missing(place: Path) -> None:
    done = run(place, "init", "--data", place / "ML")
    assert (done.returncode, done.stderr.split(":")[0]) == (2, "node.not-given")
    assert "--instrument" in done.stderr
    assert "--party" in run(place, "init", "--data", place / "ML", "--instrument", place / "instrument").stderr


def test_by_options_alone_it_makes_the_same(place: Path) -> None:
    done = run(place, *by_options(place, "--json"))
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["officer"] == "night desk"
    assert read(place / "ML", {}).hosts == ("desk.ml.example", "localhost", "127.0.0.1")
    assert officers(place / "ML") == ["night desk"]


def test_an_officer_who_cannot_be_made_leaves_nothing_behind(place: Path) -> None:
    done = run(place, *by_options(place), "--authority", "nobody")
    assert (done.returncode, done.stderr.split(":")[0]) == (2, "officer.unknown-authority")
    assert list((place / "ML").iterdir()) == []


@pytest.mark.parametrize("late", [0.0, 0.4, 0.8])
def test_killed_half_way_it_is_no_node_and_the_same_command_begins_anew(
    place: Path, database: str, late: float
) -> None:
    command = by_options(place, "--database", database)
    process = subprocess.Popen(
        [*FROM_SOURCES, *map(str, command)], env=environment(), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    while not (place / "ML" / "node.toml").exists() and process.poll() is None:
        time.sleep(0.005)
    time.sleep(late)
    process.send_signal(signal.SIGKILL)
    if process.wait() == -signal.SIGKILL:
        assert (place / "ML" / "unfinished").exists()
        refused = run(place, "officer", "list", "--data", place / "ML")
        assert (refused.returncode, refused.stderr.split(":")[0]) == (2, "node.unfinished")
        done = run(place, *command)
        assert done.returncode == 0, done.stderr
    assert officers(place / "ML") == ["night desk"]


def broken(place: Path, where: str, what: str, *arguments: object) -> "subprocess.CompletedProcess[str]":
    """The command with one of its functions put in the place of `where`; `what` is what it does."""
    module, _, name = where.rpartition(".")
    program = f"import os, sys, importlib; m = importlib.import_module({module!r}); m.{name} = lambda *_: {what}; "
    program += "from mithaq_cli.main import app; app(prog_name='mithaq')"
    return subprocess.run(
        [sys.executable, "-c", program, *map(str, arguments)], env=environment(), capture_output=True, text=True,
        check=False, cwd=place, stdin=subprocess.DEVNULL,
    )  # fmt: skip


@pytest.mark.parametrize("where", ["mithaq_node.services.founding._lay_out", "mithaq_cli.init.migrate"])
def test_killed_after_its_last_row_and_failing_the_next_time_it_is_made_whole_the_third(
    place: Path, database: str, where: str
) -> None:
    command = by_options(place, "--database", database)
    assert broken(place, "mithaq_node.services.founding.finish", "os.kill(os.getpid(), 9)", *command).returncode == -9
    assert (place / "ML" / "unfinished").exists()
    assert broken(place, where, "1 / 0", *command).returncode == 1
    done = run(place, *command)
    assert done.returncode == 0, done.stderr
    assert officers(place / "ML") == ["night desk"]


@pytest.mark.parametrize("officer", [(), ("--officer", "")])
def test_a_database_of_a_node_that_never_wrote_makes_no_second_node(
    place: Path, postgresql_server: Server, officer: tuple[str, ...]
) -> None:
    name = postgresql_server.create()
    address = postgresql_server.url(name)
    assert run(place, *by_options(place, "--database", address, *officer)).returncode == 0
    before = officers(place / "ML")
    (place / "second").mkdir()
    for mark in (None, "", "0" * 32):  # a fresh folder, and two in which something else was begun
        if mark is not None:
            (place / "second" / "unfinished").write_text(mark)
        again = run(place, *by_options(place, "--database", address, "--data", place / "second"))
        assert (again.returncode, again.stderr.split(":")[0]) == (2, "node.database-in-use")
    assert officers(place / "ML") == before
    postgresql_server.drop(name)


def test_a_database_that_holds_a_record_makes_no_second_node(place: Path, postgresql_server, tmp_path: Path) -> None:
    name = postgresql_server.create()
    address = postgresql_server.url(name)
    assert run(place, *by_options(place, "--database", address)).returncode == 0
    run_keys(place)
    again = run(place, *by_options(place, "--database", address, "--data", place / "second"))
    assert (again.returncode, again.stderr.split(":")[0]) == (2, "node.database-in-use")
    assert not (place / "second").exists()
    postgresql_server.drop(name)


def run_keys(place: Path) -> None:
    """The first leaf of the log."""
    from mithaq_files.roots import write_root

    name, key = meadow.root("ML")
    write_root(place / "root", name, key.seed)
    for words in (
        ("draft", "--out", place / "text"),
        ("sign", place / "text", "--root", place / "root", "--out", place / "signed"),
        ("enter", place / "signed"),
    ):
        data = () if words[0] == "sign" else ("--data", place / "ML")
        done = run(place, "keys", *words, *data)
        assert done.returncode == 0, done.stderr


def test_every_question_stands_in_four_languages_with_the_same_slots() -> None:
    for name, said in asking.texts().items():
        assert sorted(said) == ["ar", "ckb", "en", "fa"], name
        slots = {language: sorted(re.findall(r"\{(\w+)\}", each)) for language, each in said.items()}
        assert len({tuple(each) for each in slots.values()}) == 1, (name, slots)
    assert {each.name for each in guided.questions()} <= asking.texts().keys()


def test_what_is_said_twice_because_django_is_not_there_yet_is_the_same() -> None:
    assert guided.SHORTEST_SECRET == accounts.SHORTEST_SECRET
    assert sorted(guided.ROLES) == sorted(Role.values)


@pytest.mark.runs("docs/how-to/run-a-node.md")
def test_a_node_is_made_paired_run_and_looked_at_as_its_page_says(
    paper: Paper, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    node = NodeFolder("ML", place / "ML")
    monkeypatch.setenv("MITHAQ_PORT", str(node.port))
    monkeypatch.setenv("MITHAQ_PEER_PORT", str(node.peer_port))
    monkeypatch.chdir(place)
    name, key = meadow.root("ML")
    write_root(place / "root-1.key", name, key.seed)
    write_sealed(place / "instruments" / "iraq-iran-2025", meadow.sealed())
    other = meadow.settings_of(place / "RL", "RL")
    meadow.found(other)
    (place / "theirs").mkdir()
    (place / "theirs" / "card.json").write_bytes(other.own_card.read_bytes())
    fill = {
        "/srv/mithaq": str(node.data), "/mnt/fence": str(place / "fence"),
        "/srv/instruments": str(place / "instruments"), "ROOTKEY": "root-1.key",
    }  # fmt: skip
    said = {}
    for command in paper.commands(fill=fill):
        if "officer add" in command:
            typed_at_a_terminal(command, node)
        elif "mithaq instrument" in command:
            typed(command)
        elif "mithaq serve" in command:
            node.give(command)
            assert node.get("/readyz")[0] == 200
            assert node.stop() == 0
        else:
            said[command.split()[1]] = node.give(command)
    assert officers(node.data) == ["night desk", "head of watch"]
    assert said["fsck"].splitlines()[0] == "SOUND"
    assert "mithaq.W001" in said["doctor"], "a fence beside the data is found"


def typed_at_a_terminal(command: str, node: NodeFolder) -> None:
    with at_a_terminal([*FROM_SOURCES, *papers.words(command)[1:]], node.environment) as terminal:
        terminal.until("Password: ")  # the space is shown once nothing is echoed any more
        terminal.press(f"{meadow.SECRET}\n")
        assert terminal.end() == 0

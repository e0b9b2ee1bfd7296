"""Two real nodes over loopback TLS: a notice is filed, released, delivered, receipted, and both sides agree."""

import contextlib
import http.client
import json
import os
import shlex
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import msgspec
import pytest

from mithaq import canonical
from mithaq.instrument.law import Suspension
from mithaq.instrument.sealing import Sealed
from mithaq.notices.suspending import must_go_on
from mithaq_files.instrument import write_sealed
from tests import postgresql
from tests.mithaq_cli.two_nodes import NodeFolder, pair, until
from tests.mithaq_node import meadow
from tests.papers import Paper

TOWN = {"lang": "en", "text": "Smoke over Sheikh Example, a town."}


@pytest.fixture(scope="module")
def nodes_on_postgresql(
    tmp_path_factory: pytest.TempPathFactory, postgresql_server: postgresql.Server
) -> Iterator[dict[str, NodeFolder]]:
    """Both nodes, each on a database of its own."""
    databases = {party: postgresql_server.create() for party in meadow.PARTIES}
    addresses = {party: postgresql_server.url(name) for party, name in databases.items()}
    with pair(tmp_path_factory.mktemp("nodes"), addresses) as made:
        yield made
    for name in databases.values():
        postgresql_server.drop(name)


@pytest.fixture(scope="module")
def nodes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, NodeFolder]]:
    """Both nodes, made and paired once; every test starts and stops them."""
    with pair(tmp_path_factory.mktemp("nodes")) as made:
        yield made


def kinds(node: NodeFolder, party: str) -> list[str]:
    return [leaf["kind"] for leaf in node.leaves(party)]


def test_a_notice_filed_by_one_officer_and_released_by_another_reaches_the_other_side_and_both_agree(
    nodes: dict[str, NodeFolder], tmp_path: Path
) -> None:
    with nodes["ML"].serving(), nodes["RL"].serving():
        meadow_node, river = nodes["ML"], nodes["RL"]
        number = meadow_node.file_and_release("incident.initial", meadow.INCIDENT)
        until(lambda: "incident.initial" in kinds(river, "ML"))
        shown = river.mithaq("notice", "show", number)
        assert shown["parts"]["facts"]["event"] == "fire"
        until(lambda: _receipted(meadow_node, "RL", number))

        draft = meadow_node.file("incident.initial", {**meadow.INCIDENT, "account": TOWN})
        assert [each["passage"] for each in draft["passages"]] == ["Sheikh Example"]
        assert "release.passage-open" in meadow_node.release(draft["id"], code=2)
        for keep, code in (("text.name=because", "reason-not-admitted"), ("text.plate=quantity", "no-such-passage")):
            assert f"release.{code}" in meadow_node.release(draft["id"], "--keep", keep, code=2)
        kept = meadow_node.release(draft["id"], "--keep", "text.name=place")["number"]
        until(lambda: kinds(river, "ML").count("incident.initial") == 2)
        stated = [{"finding": "text.name", "n": 1, "reason": "place"}]
        assert river.mithaq("notice", "show", kept)["header"]["kept"] == stated

        reply = river.file_and_release("acknowledgement", {"handling": "seen"}, number)
        until(lambda: _receipted(river, "ML", reply))
        until(lambda: meadow_node.mithaq("agree")["number"])
        until(lambda: river.mithaq("agree")["number"])
        for node, other in ((meadow_node, "RL"), (river, "ML")):
            (compared,) = until(partial(_compared, node))
            assert (compared["party"], compared["same"]) == (other, True)

        out, proof = tmp_path / "export", tmp_path / "proof"
        river.mithaq("record", "export", "--instrument", meadow.NAME, "--out", str(out))
        meadow_node.mithaq("record", "export", "--instrument", meadow.NAME, "--out", str(tmp_path / "other"))
        river.mithaq("record", "proof", number, "--out", str(proof))
        for path in (out, proof):
            assert river.mithaq("verify", str(path))["verdict"] == "INTACT"
        assert river.mithaq("verify", str(out))["paths"][0]["kept"] == [[kept, "text.name", "place", 1]]
        river.mithaq("record", "compare", str(out), str(tmp_path / "other"))


def test_on_postgresql_a_notice_is_received_agreed_on_and_exported_too(
    nodes_on_postgresql: dict[str, NodeFolder], tmp_path: Path
) -> None:
    meadow_node, river = nodes_on_postgresql["ML"], nodes_on_postgresql["RL"]
    with meadow_node.serving(), river.serving():
        number = meadow_node.file_and_release("incident.initial", meadow.INCIDENT)
        until(lambda: _receipted(meadow_node, "RL", number))
        until(lambda: river.mithaq("agree")["number"])
        (compared,) = until(partial(_compared, meadow_node))
        assert (compared["party"], compared["same"]) == ("RL", True)
        river.mithaq("record", "export", "--instrument", meadow.NAME, "--out", str(tmp_path / "export"))
    assert river.mithaq("verify", str(tmp_path / "export"))["verdict"] == "INTACT"
    assert not list(river.data.glob("*.sqlite3"))


def test_a_killed_child_is_started_again_and_sigterm_stops_cleanly(nodes: dict[str, NodeFolder]) -> None:
    node = nodes["ML"]
    node.start()
    status, headers = node.get("/en/signin/")
    assert status == 200
    assert headers["content-security-policy"].startswith("default-src 'none'")
    children = _children(node.running.pid)
    assert len(children) == 3
    for child in children:
        os.kill(child, signal.SIGKILL)
    until(lambda: len(_children(node.running.pid)) == 3 and not set(children) & set(_children(node.running.pid)))
    until(lambda: _answers(node))
    assert node.stop() == 0
    assert not _listens(node.port)
    assert not _listens(node.peer_port)


def test_a_node_that_runs_is_ready_and_says_each_event_as_a_line_of_json(nodes: dict[str, NodeFolder]) -> None:
    node = nodes["ML"]
    with node.serving():
        until(lambda: node.get("/readyz")[0] == 200)
        assert node.get("/healthz")[0] == 200
        for child in _children(node.running.pid):
            os.kill(child, signal.SIGTERM)  # so that each process says that it ends, and begins again
        until(lambda: _answers(node))
    events = [json.loads(line) for line in (node.data.parent / "ML.log").read_text().splitlines()]
    assert events
    assert all({"at", "level", "logger", "message"} <= set(event) for event in events)


def test_no_page_waits_for_another_of_two_hundred_that_stay_open(nodes: dict[str, NodeFolder]) -> None:
    with nodes["ML"].serving(), contextlib.ExitStack() as open_pages:
        for _ in range(201):
            page = http.client.HTTPConnection("127.0.0.1", nodes["ML"].port, timeout=20)
            open_pages.callback(page.close)
            page.request("GET", "/static/desk/mark.svg")
            answer = page.getresponse()  # an idle connection is closed after thirty seconds: it must not be waited for
            assert answer.status == 200
            answer.read()


def test_the_children_of_a_killed_supervisor_end_and_a_new_one_takes_over(nodes: dict[str, NodeFolder]) -> None:
    node = nodes["ML"]
    node.start()
    node.kill()
    until(lambda: not _listens(node.port))
    with node.serving():
        assert _answers(node)


def test_it_refuses_a_second_process_a_busy_port_and_a_folder_of_another_party(nodes: dict[str, NodeFolder]) -> None:
    node = nodes["ML"]
    with node.serving():
        assert "node.already-running" in node.mithaq("serve", code=2)
    with socket.socket() as busy:
        busy.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        busy.bind(("127.0.0.1", node.port))
        busy.listen()
        assert "node.port-busy" in node.mithaq("serve", code=2)
    settings = node.data / "node.toml"
    before = settings.read_text()
    settings.write_text(before.replace('party = "ML"', 'party = "RL"', 1))
    for command in (("serve",), ("check",), ("notice", "list"), ("agree",), ("officer", "list")):
        assert "node.other-party" in node.mithaq(*command, code=2)
    settings.write_text(before)


def _compared(node: NodeFolder) -> list[dict[str, Any]]:
    """The other side's last agreement against what this node computes at the same cut."""
    return list(node.mithaq("agree")["compared"])


def _receipted(node: NodeFolder, party: str, number: str) -> bool:
    """Whether a receipt leaf of `party` that this node holds covers the notice."""
    index = int(number.split()[1].split("-")[0]) - 1
    receipts = [leaf["number"] for leaf in node.leaves(party) if leaf["kind"] == "receipt"]
    if not receipts:
        return False
    return bool(node.mithaq("notice", "show", receipts[-1])["header"]["receipt"]["size"] > index)


def _children(pid: int) -> list[int]:
    listed = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return sorted(int(child) for child in listed)


_CHAPTERS = ("check suspended", "propose resumed --data ML")
"""What is added to `mithaq instrument` by the first command of each part of the page on suspension."""


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def _answers(node: NodeFolder) -> bool:
    try:
        return node.get("/en/signin/")[0] == 200
    except OSError:
        return False


@pytest.mark.runs("docs/how-to/change-an-instrument.md", "mithaq instrument")
def test_every_command_of_the_page_on_changing_an_instrument_does_what_it_says_while_both_nodes_serve(
    paper: Paper,
    nodes: dict[str, NodeFolder],
) -> None:
    folder = nodes["ML"].data.parent
    served = meadow.sealed()
    clocks = [msgspec.structs.replace(each, minutes=60, calendar="continuous") for each in served.law.clocks]
    law = msgspec.structs.replace(served.law, version=served.law.version + 1, clocks=clocks)
    write_sealed(folder / "next", Sealed.open(canonical.encode_trusted(law), served.words_bytes))
    commands = list(paper.commands())
    suspending, resuming = (commands.index(f"mithaq instrument {words}") for words in _CHAPTERS)
    assert (suspending, resuming, len(commands)) == (9, 17, 24)
    kept = [kind.name for kind in law.kinds if must_go_on(kind, law)]
    stated = Suspension(grounds=["consent"], since="2026-01-01T00:00:00Z", keeps=kept, mark="example")
    paused = msgspec.structs.replace(law, version=law.version + 1, rules=2, suspension=stated)
    resumed = msgspec.structs.replace(paused, version=paused.version + 1, suspension=None)
    for name, each in (("suspended", paused), ("resumed", resumed)):
        write_sealed(folder / name, Sealed.open(canonical.encode_trusted(each), served.words_bytes))

    def told(command: str) -> Any:
        environment = {**nodes["ML"].environment, "MITHAQ_DATA": ""}
        words = [sys.executable, "-m", *shlex.split(command.replace("mithaq", "mithaq_cli", 1)), "--json"]
        done = subprocess.run(words, cwd=folder, env=environment, capture_output=True, text=True, check=False)
        assert done.returncode == (1 if " diff " in command else 0), f"{command}\n{done.stdout}\n{done.stderr}"
        return json.loads(done.stdout)

    with nodes["ML"].serving(), nodes["RL"].serving():
        at_ml = commands.index("mithaq instrument enter --data ML") + 1
        for command in commands[:at_ml]:
            said = told(command)
        assert (said["version"], said["in_force"], len(said["leaves"])) == (2, True, 1)
        number = nodes["ML"].file_and_release("incident.initial", meadow.INCIDENT)
        until(lambda: number in [leaf["number"] for leaf in nodes["RL"].leaves("ML")])
        for command in commands[at_ml:suspending]:
            told(command)
        again = nodes["RL"].file_and_release("incident.initial", meadow.INCIDENT)
        until(lambda: again in [leaf["number"] for leaf in nodes["ML"].leaves("RL")])
        for command in commands[suspending:resuming]:
            said = told(command)
        assert said["version"] == 3
        draft = nodes["RL"].file("incident.initial", meadow.INCIDENT, code=2)
        assert "leaf.suspended" in draft
        for command in commands[resuming:]:
            said = told(command)
        assert said["version"] == 4
        last = nodes["RL"].file_and_release("incident.initial", meadow.INCIDENT)
        until(lambda: last in [leaf["number"] for leaf in nodes["ML"].leaves("RL")])
        for node in nodes.values():
            node.mithaq("fsck", "--state")

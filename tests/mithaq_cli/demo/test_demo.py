"""The demonstration as anyone starts it: played to its end, and damaged while it runs."""

import http.cookiejar
import json
import re
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests import papers
from tests.browser.desks import Desks, _free_ports, played
from tests.papers import Paper

MITHAQ = (sys.executable, "-m", "mithaq_cli")


@pytest.fixture(scope="module")
def desks(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desks]:
    """A demonstration of its own, whose whole story has been played and which still runs."""
    with played(tmp_path_factory.mktemp("demo") / "d") as running:
        yield running


def _run(*arguments: str) -> tuple[int, str]:
    done = subprocess.run([*MITHAQ, *arguments], capture_output=True, text=True, check=False, timeout=120)
    return done.returncode, done.stdout or done.stderr


def _break(desks: Desks, damage: str, party: str) -> dict[str, object]:
    code, said = _run("demo", "break", damage, "--party", party, "--data", str(desks.folder), "--json")
    assert code == 0, said
    found: dict[str, object] = json.loads(said)
    return found


def _export(desks: Desks, party: str, out: Path) -> Path:
    code, said = _run("record", "export", "--instrument", "iraq-iran-2025", "--out", str(out),
                      "--data", str(desks.folder / party))  # fmt: skip
    assert code == 0, said
    return out


def _status(url: str) -> int:
    try:
        with urllib.request.urlopen(url, timeout=5) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as answer:
        with answer:
            return answer.code
    except OSError:
        return 0


def _until(reached, seconds: float) -> None:
    deadline = time.monotonic() + seconds
    while not reached():
        assert time.monotonic() < deadline
        time.sleep(0.2)


@pytest.mark.runs("docs/tutorial/first-hour.md", "mithaq demo --until-done")
def test_the_whole_story_is_played_and_nothing_is_lost(paper: Paper, tmp_path: Path):
    port = _free_ports()
    (shown,) = paper.commands()
    command = [*MITHAQ, *papers.words(shown)[1:], "--data", str(tmp_path / "d"), "--port", str(port), "--json"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        _until(lambda: _status(f"http://localhost:{port + 4}/en/") == 200, 60)
        first = json.loads(process.stdout.readline())
        last = json.loads(process.stdout.read().splitlines()[-1])
    assert set(first["nodes"]) == {"IQ", "IR"}
    assert set(first["nodes"]["IQ"]["users"]) == {"duty", "releasing", "secretariat", "auditor", "operator"}
    assert process.returncode == 0
    assert last["notices"] == last["delivered"] == last["receipted"] == sum(last["per_kind"].values()) > 20
    assert (last["lost"], last["forks"], last["non_conforming"]) == (0, 0, 0)
    assert last["agree"] is True
    assert last["digest_a"] == last["digest_b"]
    assert re.fullmatch("[0-9a-f]{64}", last["digest_a"])
    assert last["seconds"] > 0
    assert (tmp_path / "d" / "IQ" / "node.sqlite3").exists()
    assert (tmp_path / "d" / "IR" / "node.sqlite3").exists()


def test_what_both_told_of_is_one_incident_on_both_desks_and_the_rest_is_asked_about_with_reasons(desks: Desks):
    for step, link, party in (("caught-up", 3, "IQ"), ("committee", 2, "IR")):
        desk = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar()))
        desk.open(f"{desks.console}/en/open?step={step}&link={link}", timeout=20).close()
        page = _page(desk, f"{desks.nodes[party]['url']}/en/pairs/")
        asked, confirmed = (
            page.split(f'id="pairs-{name}"')[1].split("</section>")[0] for name in ("asked", "confirmed")
        )
        for name, section in (("smoke", asked), ("flood", confirmed)):
            assert f"{desks.number(name)}-{desks.number(name + '-from-iran')}" in section or (
                f"{desks.number(name + '-from-iran')}-{desks.number(name)}" in section
            )
            for reason in ("km apart", "stated to the full hour", "ours: "):
                assert reason in section
        incident = _page(desk, f"{desks.nodes[party]['url']}/en/incidents/{desks.number('flood')}/")
        assert "Both parties have confirmed" in incident
        assert "Sheep: 12" in incident
        assert "Sheep: 9" in incident


def test_a_node_that_is_killed_comes_back_with_all_it_had(desks: Desks, tmp_path: Path):
    before = _export(desks, "IR", tmp_path / "before")
    said = _break(desks, "kill", "IR")
    assert re.search(r"All [3-9]|All \d\d", str(said["done"]))
    _until(lambda: _status(desks.nodes["IR"]["url"] + "/") in (200, 302, 404), 40)
    after = _export(desks, "IR", tmp_path / "after")
    code, said_by = _run("record", "compare", str(before), str(after))
    assert code == 0, said_by
    assert _run("verify", str(after), "--trust", str(desks.folder / "trust"))[1].startswith("GENUINE")


@pytest.mark.runs("docs/tutorial/first-hour.md", "mithaq demo break")
def test_a_line_that_is_cut_is_shown_as_cut(paper: Paper, desks: Desks):
    (shown,) = paper.commands()
    code, said = _run(*papers.words(shown)[1:], "--data", str(desks.folder))
    assert code == 0, said
    with urllib.request.urlopen(desks.console + "/en/", timeout=10) as answer:
        page = answer.read().decode()
    assert ">cut<" in page
    assert f"demo break cut --data {desks.folder}<" in page


def test_a_backdated_notice_conforms_to_nothing_on_both_desks(desks: Desks):
    said = _break(desks, "backdate", "IR")
    number = str(said["done"]).split(" says")[0].replace(" ", "")
    for link, party in enumerate(("IQ", "IR")):
        # The console's own link into the desk: a ticket, good once, leads to a session.
        desk = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar()))
        desk.open(f"{desks.console}/en/open?step=in-force&link={link}", timeout=20).close()
        page = f"{desks.nodes[party]['url']}/en/notices/{number}/"
        _until(lambda desk=desk, page=page: "leaf.earlier-than-before" in _page(desk, page), 120)


def test_a_courier_carries_both_ways_while_the_line_is_cut(desks: Desks):
    said = _break(desks, "courier", "IR")
    with urllib.request.urlopen(desks.console + "/en/", timeout=10) as answer:
        assert ">cut<" in answer.read().decode()
    number = re.search(r"(IR \d+-\d)", str(said["done"]))
    assert number is not None
    for party in ("IQ", "IR"):
        code, shown = _run("notice", "show", number[1], "--data", str(desks.folder / party), "--json")
        assert code == 0, shown
        assert json.loads(shown)["parts"]["facts"]["state"] == "open"
    receipted = _run("notice", "list", "--data", str(desks.folder / "IR"), "--json")[1]
    assert json.loads(receipted)["leaves"]


def test_two_histories_alarm_the_other_desk_and_become_evidence_for_anyone(desks: Desks, tmp_path: Path):
    said = _break(desks, "fork", "IR")
    assert str(said["done"]).endswith("delivery.fork to it.")
    out = tmp_path / "fork"
    code, written = _run("record", "evidence", "IR", "--data", str(desks.folder / "IQ"), "--out", str(out))
    assert code == 0, written
    code, verdict = _run("verify", str(out), "--trust", str(desks.folder / "trust"))
    assert code == 0
    assert verdict.startswith("GENUINE")
    assert "A FORK IS SHOWN" in verdict
    standalone = Path(__file__).parents[3] / "tools" / "verify.py"
    again = subprocess.run([sys.executable, standalone, out, "--trust", desks.folder / "trust"], capture_output=True)
    assert again.stdout.startswith(b"GENUINE")
    code, own = _run("record", "evidence", "IQ", "--data", str(desks.folder / "IQ"), "--out", str(out))
    assert (code, own.split(":")[0]) == (2, "fork.nothing-kept")


def test_a_record_that_was_tampered_with_is_broken_and_the_other_is_not(desks: Desks, tmp_path: Path):
    said = _break(desks, "tamper", "IQ")
    entry = re.search(r"names entry (\d+)", " ".join(map(str, said["look"])))  # type: ignore[call-overload]  # what JSON says
    assert entry is not None
    ours, theirs = _export(desks, "IQ", tmp_path / "A"), _export(desks, "IR", tmp_path / "B")
    trust = str(desks.folder / "trust")
    code, verdict = _run("verify", str(ours), "--trust", trust)
    assert code == 1
    assert verdict.startswith("BROKEN")
    assert re.search(rf"\b{entry[1]}\b", verdict)
    assert _run("verify", str(theirs), "--trust", trust)[1].startswith("GENUINE")
    code, compared = _run("record", "compare", str(ours), str(theirs))
    assert code == 1
    assert f"differs from entry {entry[1]} on" in compared


def test_the_console_refuses_another_page_and_another_host(desks: Desks):
    forged = urllib.request.Request(f"{desks.console}/en/reset", method="POST", headers={"Origin": "http://example"})
    assert _status_of(forged) == 403
    assert _status_of(urllib.request.Request(desks.console, headers={"Host": "example"})) == 421
    unsigned = urllib.request.Request(f"{desks.console}/break", data=b"{}", method="POST")
    assert _status_of(unsigned) == 403


def test_starting_again_forgets_the_story_and_keeps_the_passwords(desks: Desks):
    request = urllib.request.Request(f"{desks.console}/en/reset", method="POST", headers={"Origin": desks.console})
    assert _status_of(request) == 200
    _until(lambda: 'action="/en/next"' in _console(desks), 60)
    page = _console(desks)
    assert page.index('id="unsealed"') < page.index("you are here") < page.index('id="one-seal"')
    for node in desks.nodes.values():
        for user in node["users"].values():
            assert f">{user['password']}<" in page


def _console(desks: Desks) -> str:
    with urllib.request.urlopen(f"{desks.console}/en/", timeout=20) as answer:
        return str(answer.read().decode())


def test_breaking_what_does_not_run_is_refused(tmp_path: Path):
    code, said = _run("demo", "break", "cut", "--data", str(tmp_path))
    assert code == 2
    assert said.startswith("demo.not-running")


def _page(desk: urllib.request.OpenerDirector, url: str) -> str:
    try:
        with desk.open(url, timeout=20) as answer:
            return str(answer.read().decode())
    except urllib.error.HTTPError as answer:
        with answer:  # not there yet
            return ""


def _status_of(request: urllib.request.Request) -> int:
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as answer:
        with answer:
            return answer.code

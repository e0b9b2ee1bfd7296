"""The record's pages: every entry of a log, both heads compared, and the whole of it to take away."""

import io
import re
import tarfile
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from mithaq_files import export, verifying
from mithaq_files.fingerprints import in_words
from mithaq_files.trust import Trust
from mithaq_files.verdict import Verdict
from mithaq_node.queries import cards, entries
from mithaq_node.services import accounts, comparing, drafting, filing, releasing, sequencing
from mithaq_node.settings.node import Node
from mithaq_node.store import log as record
from mithaq_node.store.models import Officer
from tests.mithaq_node import meadow
from tests.mithaq_node.conftest import Standing
from tests.mithaq_node.meadow import NOW, SECRET
from tests.mithaq_node.pair import Pair, notice, release
from tests.mithaq_node.web.conftest import LANGUAGES

Officers = dict[str, Officer]


def desk_of(officer: Officer) -> Client:
    client = Client()
    client.force_login(officer)
    return client


@pytest.fixture
def desk(officers: Officers) -> Client:
    return desk_of(officers["auditor"])


@pytest.fixture
def incident(officers: Officers) -> str:
    """Our first notice, released by two officers."""
    draft = drafting.save_draft(officer=officers["duty"], kind="incident.initial", content=meadow.INCIDENT, now=NOW)
    filing.file(draft_id=draft.pk, officer=officers["duty"], secret=SECRET, now=NOW)
    return releasing.release(draft_id=draft.pk, officer=officers["releasing"], secret=SECRET, now=NOW)


def rows(page: bytes) -> list[str]:
    """The anchors of the entries on a page, as they stand."""
    return re.findall(r'<tr id="([A-Z]+\d+-\d)">', page.decode())


def downloaded(client: Client, folder: Path, query: str = "") -> Path:
    """The folder that the downloaded archive unpacks into."""
    answer = client.get(f"/fa/record/export/{query}")
    assert answer.status_code == 200
    name = re.fullmatch(r'attachment; filename="(.+)\.tar"', answer.headers["Content-Disposition"])
    assert name is not None
    content = b"".join(answer.streaming_content)  # type: ignore[attr-defined]  # it streams
    answer.close()
    with tarfile.open(fileobj=io.BytesIO(content)) as tar:
        assert {(each.mtime, each.uid, each.mode) for each in tar} == {(0, 0, 0o644)}
        tar.extractall(folder, filter="data")
    return folder / name[1]


# Taking it away


def test_an_auditor_and_the_secretariat_download_what_verifies(
    officers: Officers, incident: str, tmp_path: Path
) -> None:
    secretariat = accounts.create_officer(name="secretariat", role="secretariat", secret=SECRET)
    for officer in (officers["auditor"], secretariat):
        out = downloaded(desk_of(officer), tmp_path / officer.role)
        assert verifying.verify([out], Trust()).verdict is Verdict.INTACT
        assert not (out / export.DEMONSTRATION).exists()
    assert (tmp_path / "auditor" / out.name / "ML-all-1" / "checkpoint").exists()


@pytest.mark.parametrize("role", ["duty", "releasing"])
def test_whoever_is_on_duty_is_not_given_the_whole_record(officers: Officers, incident: str, role: str) -> None:
    client = desk_of(officers[role])
    answer = client.get("/fa/record/export/")
    assert answer.status_code == 403
    assert "desk.not-your-place" in answer.content.decode()
    assert "record/export/" not in client.get("/fa/record/").content.decode()


def test_nobody_downloads_without_signing_in(node: Node) -> None:
    assert Client().get("/fa/record/export/").headers["Location"].startswith("/fa/signin/")


def test_it_refuses_a_log_that_is_not_here(desk: Client, incident: str) -> None:
    answer = desk.get("/fa/record/export/?log=XX-all-1")
    assert (answer.status_code, "log.unknown" in answer.content.decode()) == (404, True)
    assert desk.get("/fa/record/logs/XX-all-1/").status_code == 404


def test_the_archive_of_a_demonstration_says_that_it_is_one(tmp_path: Path, django_db_blocker: Any) -> None:
    node = meadow.settings_of(tmp_path / "ML", "ML", demo=True)
    meadow.found(node, meadow.sealed(demo=True))
    with django_db_blocker.unblock(), meadow.standing_on(node):
        officers = meadow.officers()
        meadow.enter("ML")
        out = downloaded(desk_of(officers["auditor"]), tmp_path / "out")
    assert (out / export.DEMONSTRATION).read_text("utf-8") == export.DEMONSTRATION_TEXT


def test_an_archive_that_is_not_read_to_its_end_gives_its_connection_back(desk: Client, incident: str) -> None:
    answer = desk.get("/fa/record/export/")
    next(iter(answer.streaming_content))  # type: ignore[attr-defined]  # it streams
    answer.close()


# The entries of a log


def test_a_log_lists_its_entries_newest_first_with_what_each_is(
    desk: Client, officers: Officers, incident: str
) -> None:
    page = desk.get("/en/record/logs/ML-all-1/").content
    assert rows(page) == ["ML3-4", "ML2-6", "ML1-8"]
    newest = page.decode().split('<tr id="')[1]
    said = ("opens an incident", officers["duty"].key_name, officers["releasing"].key_name, "held", "/notices/ML3-4/")
    assert [each for each in said if each not in newest] == []
    assert 'href="/en/notices/ML3-4/proof/"' in newest
    assert meadow.root("ML")[0] in page.decode()
    assert "the head of the log alone" in page.decode()


def test_pages_join_without_a_gap_and_stay_where_they_are_while_the_log_grows(
    desk: Client, officers: Officers, incident: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(entries, "PAGE", 2)
    first = desk.get("/fa/record/logs/ML-all-1/")
    assert rows(first.content) == ["ML3-4", "ML2-6"]
    assert '<a class="button" href="?until=1" rel="next">' in " ".join(first.content.decode().split())
    second = desk.get("/fa/record/logs/ML-all-1/?until=1").content
    assert rows(second) == ["ML1-8"]
    assert 'href="?until=3"' in second.decode()
    for odd in ("0", "99999999999999999999", "-1", "x", "٣"):
        assert desk.get("/fa/record/logs/ML-all-1/", {"until": odd}).status_code == 200, odd


def test_a_spoken_number_in_any_digits_leads_to_its_place_in_the_log(
    desk: Client, incident: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(entries, "PAGE", 1)
    for typed in ("ML 2-6", "ml2", "ML ۲-۶", "ML ٢"):
        place = desk.get("/fa/record/find/", {"number": typed}).headers["Location"]
        assert place == "/fa/record/logs/ML-all-1/?until=2#ML2-6", typed
        assert rows(desk.get(place).content) == ["ML2-6"]
    refused = desk.get("/fa/record/find/", {"number": "ML 2-5"})
    assert (refused.status_code, "number.wrong-check-digit" in refused.content.decode()) == (404, True)


def test_a_part_that_has_not_arrived_and_a_leaf_under_no_signed_head_are_said_to_be_so(
    desk: Client, incident: str
) -> None:
    conn, engine = sequencing.reader()
    (leaf,) = record.read_entries(conn, engine, record.read(conn, engine, sequencing.own_origin()), 2, 3)
    law = meadow.sealed().law
    with engine.transaction(conn):
        theirs = record.create(conn, engine, law.origin("RL"), own=False)
        record.extend(conn, engine, theirs, [leaf, b"no leaf at all"], str(NOW), ())
    page = desk.get("/en/record/logs/RL-all-1/").content.decode()
    assert rows(page.encode()) == ["RL2-6", "RL1-8"]
    for said in ("missing", "under no signed head yet", "These bytes are no leaf.", "Does not conform"):
        assert said in page, said
    assert "/proof/" not in page


def test_before_anything_is_logged_every_page_says_so(node: Node) -> None:
    client = desk_of(meadow.officers()["auditor"])
    record.create(*sequencing.reader(), sequencing.own_origin(), own=True)
    assert "Nothing stands in this log yet." in client.get("/en/record/logs/ML-all-1/").content.decode()
    assert "The other side has signed nothing yet" in client.get("/en/record/compare/").content.decode()
    assert client.get("/en/record/").status_code == 200
    assert client.get("/en/record/export/").status_code == 404


# Both heads


def compared(pair: Pair, standing: Standing) -> dict[str, Any]:
    with standing(pair.ml):
        return {each.party: each for each in comparing.compare()}


def test_what_the_other_side_signed_is_found_to_be_the_root_of_our_entries(pair: Pair, standing: Standing) -> None:
    release(pair.ml, [notice(pair.ml.seat, 1)])
    pair.settle()
    found = compared(pair, standing)
    for party, size in (("ML", pair.ml.own().size), ("RL", pair.rl.own().size)):
        (head,) = found[party].signed
        assert (found[party].same, head.party, head.size, head.outcome) == (True, "RL", size, "same")
    release(pair.ml, [notice(pair.ml.seat, 2)])
    assert compared(pair, standing)["ML"].same, "what was added since takes nothing away"


@pytest.mark.parametrize("party", ["ML", "RL"])
def test_an_entry_that_was_altered_since_no_longer_fits_what_was_signed(
    pair: Pair, standing: Standing, party: str
) -> None:
    ml, engine = pair.ml, pair.ml.engine
    on = "" if engine.name == "sqlite" else " ON entry"
    engine.execute(ml.conn, f"DROP TRIGGER entry_update_refused{on}")
    log = ml.own() if party == "ML" else pair.copy_of(pair.rl)
    engine.execute(ml.conn, 'UPDATE entry SET leaf = ? WHERE log_id = ? AND "index" = 1', (b"other bytes", log.id))
    found = compared(pair, standing)[party]
    assert (found.same, found.intact, [each.outcome for each in found.signed]) == (False, False, ["different"])


def test_the_page_says_in_one_line_whether_both_heads_are_the_same(pair: Pair, standing: Standing) -> None:
    with standing(pair.ml):
        client = desk_of(meadow.officers()["duty"])
        assert "The same: every head" in client.get("/en/record/compare/").content.decode()
        with pair.ml.engine.transaction(pair.ml.conn):
            theirs = pair.copy_of(pair.rl)
            record.keep_evidence(
                pair.ml.conn, pair.ml.engine, theirs, str(NOW), "delivery.fork", {}, b"the other head\n", b""
            )
            record.freeze(pair.ml.conn, pair.ml.engine, theirs, "delivery.fork")
        page = client.get("/en/record/compare/").content.decode()
    for said in ("Not the same.", "delivery.fork", "the other head", theirs.origin):
        assert said in page, said


# All of them


def test_every_page_opens_in_every_language_with_nothing_inline(desk: Client, incident: str) -> None:
    for language in LANGUAGES:
        for place in ("record/", "record/compare/", "record/logs/ML-all-1/"):
            answer = desk.get(f"/{language}/{place}")
            page = answer.content.decode()
            assert answer.status_code == 200, place
            assert not re.search(r" style=| onclick=|<script>", page), place


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_says_the_fingerprints_of_the_cards_in_words_of_every_language(desk: Client, language: str) -> None:
    page = desk.get(f"/{language}/record/").content.decode()
    found = cards.cards()
    assert found
    for card in found:
        assert card.fingerprint in page
        for code, words in in_words(card.document).items():
            assert f'<bdi lang="{code}">{words}</bdi>' in page

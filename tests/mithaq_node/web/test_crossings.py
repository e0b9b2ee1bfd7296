"""Crossings and flows on the pages of a desk, and the public page."""

import json
from typing import Any
from xml.etree import ElementTree

import msgspec
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from mithaq_node.queries import crossings, flows, inside, instrument, ringing
from mithaq_node.services import accounts, arranging, reading_in
from mithaq_node.store.models import ArrangementRow, Draft, Officer
from tests.mithaq_node import meadow
from tests.mithaq_node.conftest import Standing
from tests.mithaq_node.meadow import NOW, SECRET
from tests.mithaq_node.pair import Pair, feed, notice, release

Officers = dict[str, Officer]
LANGUAGES = ("fa", "ar", "ckb", "en")
STATUS: dict[str, Any] = {
    "crossing": "bridge",
    "direction": ["to-ml"],
    "traffic": ["goods"],
    "state": "open",
    "reason": "back-to-normal",
    "since": "2030-05-02T06:00:00Z",
    "from_hour": 7,
    "until_hour": 19,
    "capacity": 900,
    "requested_by": "other-side",
}
TABLE = "crossing,day,direction,stage,source,pilgrims\nbridge,2030-05-02,to-ml,count,border-authority,{}\n"


@pytest.fixture
def differing(pair: Pair) -> Pair:
    """Two nodes of which one says open and the other closed."""
    release(pair.ml, [notice(pair.ml.seat, 1, name="crossing.status", content=STATUS)])
    closed = {**STATUS, "state": "closed", "reason": "works"}
    release(pair.rl, [notice(pair.rl.seat, 2, name="crossing.status", content=closed)])
    pair.settle()
    return pair


def auditor() -> Client:
    client = Client()
    client.force_login(accounts.create_officer(name="auditor", role="auditor", secret=SECRET))
    return client


def test_both_sides_say_different_things_and_it_rings_on_both_desks(differing: Pair, standing: Standing) -> None:
    for holdings, other in ((differing.ml, "RL"), (differing.rl, "ML")):
        with standing(holdings):
            (ring,) = ringing.ringing()
            assert ring.notice.party == other
            assert [state.key for state in ring.differs] == [("bridge", "to-ml", "goods")]
            client = auditor()
            for language in LANGUAGES:
                for place in ("crossings/", "crossings/at/bridge/", "crossings/board/"):
                    answer = client.get(f"/{language}/{place}")
                    assert answer.status_code == 200, place
                    page = answer.content.decode()
                    assert "data-rings" in page
                    assert "alarm--rings" in page
            history = crossings.history("bridge")
            assert {said.party for said in history.told} == {"ML", "RL"}
            assert [spell.ended for spell in history.spells] == [None]
            drawn = json.loads(client.get("/en/crossings/crossings.geojson").content)["features"]
            assert {each["properties"]["party"] for each in drawn} == {"ML", "RL"}
            assert client.get("/en/crossings/at/ferry/").status_code == 404


def test_nothing_is_public_until_the_operator_switches_it_on(differing: Pair, standing: Standing) -> None:
    with standing(differing.ml):
        for place in ("", "fa/", "en/crossings.atom", "crossings.json"):
            assert Client().get(f"/public/{place}").status_code == 404
        operator = accounts.create_officer(name="operator", role="operator", secret=SECRET)
        switched = msgspec.structs.replace(inside.arrangement(), public=True)
        version = arranging.arrange(arrangement=switched, seen=inside.version(), by=operator, now=NOW)
        assert ArrangementRow.objects.get(version=version).by == operator
        for language in LANGUAGES:
            answer = Client().get(f"/public/{language}/")
            assert answer.status_code == 200
            assert not answer.cookies
            assert "Cookie" not in answer.headers.get("Vary", "")
            assert answer.headers["Cache-Control"] == "public, max-age=60"
            page = answer.content.decode()
            assert "ML 1" not in page
            assert "csrf" not in page
            again = Client().get(f"/public/{language}/", headers={"If-None-Match": answer.headers["ETag"]})
            assert again.status_code == 304
        assert Client().get("/public/xx/").status_code == 404


def test_the_feeds_hold_what_both_sides_say_and_no_more(differing: Pair, standing: Standing) -> None:
    with standing(differing.ml):
        switched = msgspec.structs.replace(inside.arrangement(), public=True)
        arranging.arrange(arrangement=switched, seen=inside.version(), by=None, now=NOW)
        found = json.loads(Client().get("/public/crossings.json").content)
        bridge = next(each for each in found["crossings"] if each["id"] == "bridge")
        assert {said["party"]: said["state"] for said in bridge["statements"]} == {"ML": "open", "RL": "closed"}
        known = {
            "party",
            "direction",
            "traffic",
            "told",
            "state",
            "reason",
            "since",
            "from_hour",
            "until_hour",
            "capacity",
        }
        assert set(bridge["statements"][0]) == known
        for language in LANGUAGES:
            feed = ElementTree.fromstring(Client().get(f"/public/{language}/crossings.atom").content)
            entries = feed.findall("{http://www.w3.org/2005/Atom}entry")
            assert len(entries) == 1


def test_a_kind_that_the_law_does_not_call_public_is_shown_to_nobody(
    differing: Pair, standing: Standing, monkeypatch: pytest.MonkeyPatch
) -> None:
    with standing(differing.ml):
        law = instrument.law()
        kinds = [msgspec.structs.replace(kind, public=False) for kind in law.kinds]
        monkeypatch.setattr(instrument, "law", lambda: msgspec.structs.replace(law, kinds=kinds))
        assert all(not view.lines for view in crossings.public(str(NOW)))


def upload(client: Client, content: bytes, **more: str) -> Any:
    table = SimpleUploadedFile("flows.csv", content, content_type="text/csv")
    return client.post("/en/flows/import/", {"table": table, "calendar": "gregorian", **more})


@pytest.fixture
def desk(officers: Officers) -> Client:
    client = Client()
    client.force_login(officers["duty"])
    return client


def test_a_table_becomes_drafts_and_never_a_notice(desk: Client, officers: Officers) -> None:
    answer = upload(desk, TABLE.format(612).encode())
    assert answer.status_code == 302
    (draft,) = Draft.objects.all()
    assert draft.kind == "flow.report"
    assert draft.content["counts"] == {"pilgrims": 612}
    again = upload(desk, TABLE.format(612).encode())
    assert "flow.draft-exists" in again.content.decode()
    assert Draft.objects.count() == 1


def test_refused_rows_are_told_and_the_rest_goes_in_when_the_officer_says_so(desk: Client) -> None:
    content = (TABLE.format(612) + "ferry,2030-05-02,to-ml,count,border-authority,7\n").encode()
    answer = upload(desk, content)
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "flow.unknown-crossing" in page
    assert not Draft.objects.exists()
    kept = page.split('name="content" value="')[1].split('"')[0]
    assert desk.post("/en/flows/import/", {"content": kept, "calendar": "gregorian", "rest": "yes"}).status_code == 302
    assert Draft.objects.count() == 1


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_pages_of_the_flows_open_in_every_language(desk: Client, officers: Officers, language: str) -> None:
    reading_in.read_in(
        content=TABLE.format(5).encode(), calendar="gregorian", officer=officers["duty"], rest=False, now=NOW
    )
    assert desk.get(f"/{language}/flows/").status_code == 200
    assert desk.get(f"/{language}/flows/import/").status_code == 200
    assert desk.post(f"/{language}/flows/import/", {"content": "", "calendar": "none"}).status_code == 422


def test_labels_of_any_language_are_understood(desk: Client) -> None:
    kind = flows.kind_of_officers()
    assert kind is not None
    terms = flows.terms(kind)
    assert terms.columns["گذرگاه"] == "crossing"
    assert set(terms.values["stage"].values()) == {"forecast", "count"}


def test_what_is_exported_is_read_again(differing: Pair, standing: Standing) -> None:
    release(differing.rl, [feed(differing.rl.seat, 3)])
    differing.settle()
    with standing(differing.ml):
        client = auditor()
        content = client.get("/en/flows/flows.csv").content
        assert content.decode("utf-8-sig").splitlines()[1].startswith("bridge,2030-05-02,to-ml,count,border-authority")
        (figure,) = reading_in.look(content, "gregorian").figures
        assert figure.content["counts"] == meadow.FLOW["counts"]
        assert "2030" in client.get("/en/flows/").content.decode()


def test_a_count_that_went_backwards_says_so_at_the_other_desk(differing: Pair, standing: Standing) -> None:
    less = {**meadow.FLOW, "counts": {name: count - 1 for name, count in meadow.FLOW["counts"].items()}}
    release(differing.rl, [feed(differing.rl.seat, 3), notice(differing.rl.seat, 4, name="flow.report", content=less)])
    differing.settle()
    with standing(differing.ml):
        client = auditor()
        assert "less than it counted before" in client.get("/en/flows/").content.decode()
        assert "کمتر از شمارش پیشین آن" in client.get("/fa/flows/").content.decode()

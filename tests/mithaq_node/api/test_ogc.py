"""OGC API - Features as clients meet it: exact filters, pages that lose nothing, and refusals that programs read."""

import json
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.test import Client

from mithaq.formats.asked import Query
from mithaq_node.queries import features, instrument, ledgers
from mithaq_node.services import reads
from mithaq_node.store.models import PartRead
from tests.mithaq_node.api.conftest import Border

Feature = dict[str, Any]


def read(border: Border, id: str, **query: Any) -> dict[str, Any]:
    answer = border.get(f"collections/{id}/items", **query)
    assert answer.status_code == 200, answer.content
    found: dict[str, Any] = answer.json()
    return found


def every(border: Border, id: str, **query: Any) -> list[Feature]:
    """All features, page after page, as a client follows `next`."""
    found, page = [], read(border, id, **query)
    while True:
        found += page["features"]
        following = [each["href"] for each in page["links"] if each["rel"] == "next"]
        if not following:
            assert len(found) == page["numberMatched"]
            return found
        asked = {name: value[0] for name, value in parse_qs(urlsplit(following[0]).query).items()}
        assert query.keys() <= asked.keys(), "the next page is asked for in the same way"
        page = read(border, id, **asked)


def test_a_client_finds_everything_from_the_landing_page(border: Border) -> None:
    links = {each["rel"]: each["href"] for each in border.get("").json()["links"]}
    assert links.keys() == {"self", "service-desc", "conformance", "data"}
    for rel, href in links.items():
        assert border.get(href.partition("/ogc/")[2]).status_code == 200, rel
    described = border.get("api").json()
    for each in border.get("collections").json()["collections"]:
        assert f"/collections/{each['id']}/items" in described["paths"]
        page = read(border, each["id"], limit=1000)
        assert page["numberReturned"] == page["numberMatched"] == len(page["features"])
        kinds = {one["geometry"] and one["geometry"]["type"] for one in page["features"]}
        assert len(kinds) <= 1, "one type of geometry in each collection"


def test_the_description_refers_to_nothing_outside_itself_and_bounds_the_page(border: Border) -> None:
    described = border.get("api").json()
    references: list[str] = []

    def walk(value: Any) -> None:
        if isinstance(value, dict):
            references.extend([value["$ref"]] if "$ref" in value else [])
            for each in value.values():
                walk(each)
        elif isinstance(value, list):
            for each in value:
                walk(each)

    walk(described)
    for each in references:
        at: Any = described
        for step in each.removeprefix("#/").split("/"):
            at = at[step]
    limit = described["components"]["parameters"]["limit"]["schema"]
    assert (limit["minimum"], limit["maximum"]) == (1, 1000)


def test_both_sides_accounts_stand_beside_each_other_and_say_whose_they_are(border: Border) -> None:
    both, without = every(border, "two-accounts")
    number = both["properties"]["number"]
    told = every(border, "accounts-areas", number=number)
    assert {each["id"]: each["properties"]["party"] for each in told} == {
        f"{both['id']}.ML": "ML",
        f"{both['id']}.RL": "RL",
    }
    ours, theirs = (each["properties"] for each in sorted(told, key=lambda each: str(each["id"])))
    assert (ours["place_form"], ours["position"], ours["accuracy_m"]) == ("sector", "derived", 0)
    assert (theirs["place_form"], theirs["position"], theirs["notice"][:2]) == ("cell", "stated", "RL")
    assert (ours["time"], ours["time_precision"], ours["time_of"]) == ("2030-05-01T10:00:00Z", "hour", "happened")
    assert ours["differs"] is True
    assert set(ours["differences"].split(",")) == {"happened", "place"}
    assert len(without["geometry"]["coordinates"]) == 1
    assert both["properties"]["differs_place"] is True
    assert both["properties"]["apart_s"] == 7200
    assert len(both["geometry"]["coordinates"]) == 2


def test_a_pair_that_a_side_has_spoken_of_says_in_what_the_two_notices_differ(border: Border) -> None:
    (pair,) = every(border, "pairs", standing="asserted")
    said = pair["properties"]
    assert (said["first_party"], said["second_party"], said["differs_place"]) == ("ML", "RL", True)
    assert said["distance_m"] > 50_000
    assert len(pair["geometry"]["coordinates"]) == 2
    assert every(border, "pairs", standing="confirmed") == every(border, "pairs", differs="false") == []


def test_every_form_of_place_has_a_collection_and_none_is_lost(border: Border) -> None:
    sorts = {sort: every(border, f"accounts-{sort}") for sort in ("points", "lines", "areas", "unplaced")}
    forms = {sort: {each["properties"]["place_form"] for each in found} for sort, found in sorts.items()}
    assert forms == {
        "points": {"crossing"},
        "lines": {"kilometre"},
        "areas": {"sector", "cell", "area"},
        "unplaced": {None},
    }
    accounts = sum(len(each.accounts) for each in ledgers.book().incidents.values())
    assert sum(len(found) for found in sorts.values()) == accounts
    assert all(each["geometry"] is None for each in sorts["unplaced"])
    (crossing, *_) = sorts["points"]
    assert crossing["properties"]["accuracy_m"] == 200
    assert crossing["geometry"] == {"type": "Point", "coordinates": [0.0, 0.18086]}


def test_pages_of_one_lose_nothing_and_keep_every_parameter(border: Border) -> None:
    whole = [each["id"] for each in every(border, "accounts-areas", f="json", party="ML")]
    assert [each["id"] for each in every(border, "accounts-areas", f="json", party="ML", limit=1)] == whole
    assert len(set(whole)) == len(whole) == 6


def test_what_is_told_while_a_client_pages_comes_after_and_moves_nothing(border: Border) -> None:
    first = read(border, "accounts-areas", limit=2)
    following = next(each["href"] for each in first["links"] if each["rel"] == "next")
    again = read(border, "accounts-areas", **{name: v[0] for name, v in parse_qs(urlsplit(following).query).items()})
    assert not {each["id"] for each in first["features"]} & {each["id"] for each in again["features"]}


@pytest.mark.parametrize(
    ("asked", "numbers"),
    [
        ({"bbox": "-1,0.1,1,0.9"}, 2),
        ({"bbox": "0,0.1808,0.001,0.181"}, 2),
        ({"bbox": "0.000001,-1,1,1"}, 0),
        ({"bbox": "-1,-1,0,1,1,9"}, 2),
        ({"bbox": "170,-1,-170,1"}, 0),
        ({"bbox": "170,-1,0,1"}, 2),
        ({"datetime": "2030-05-03T10:00:00Z"}, 1),
        ({"datetime": "2030-05-03T13:00:00+03:00"}, 1),
        ({"datetime": "2030-05-03T10:00:00.000001Z/.."}, 1),
        ({"datetime": "../2030-05-03T09:59:59Z"}, 0),
        ({"datetime": "/2030-05-03t10:00:00z"}, 1),
        ({"datetime": "2030-05-08"}, 1),
        ({"datetime": "2030-05-01/2030-05-31"}, 2),
        ({"party": "ML"}, 2),
        ({"party": "RL"}, 0),
        ({"party": "ml"}, 0),
        ({"place_form": "crossing", "sector": "A", "differs": "false"}, 2),
        ({"state": "closed"}, 0),
    ],
)
def test_a_filter_is_exact(border: Border, asked: dict[str, str], numbers: int) -> None:
    page = read(border, "accounts-points", **asked)
    assert (page["numberMatched"], page["numberReturned"]) == (numbers, numbers)


def test_a_box_in_the_nook_of_an_area_does_not_meet_it(border: Border) -> None:
    inside, nook = "0.001,0.001,0.002,0.002", "0.03,0.03,0.05,0.07"
    for box, found in ((inside, 2), (nook, 0)):
        assert read(border, "accounts-areas", bbox=box, place_form="area")["numberMatched"] == found


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        ({"limit": "0"}, "ogc.bad-parameter"),
        ({"limit": "-1"}, "ogc.bad-parameter"),
        ({"limit": "١"}, "ogc.bad-parameter"),
        ({"bbox": "1,2,3"}, "ogc.bad-parameter"),
        ({"bbox": "0,1,1,0"}, "ogc.bad-parameter"),
        ({"bbox": "0,0,181,1"}, "ogc.bad-parameter"),
        ({"bbox": "0,0,nan,1"}, "ogc.bad-parameter"),
        ({"bbox": "1e99,0,1,1"}, "ogc.bad-parameter"),
        ({"datetime": "yesterday"}, "ogc.bad-parameter"),
        ({"datetime": "../.."}, "ogc.bad-parameter"),
        ({"datetime": "2030-05-03T10:00:00"}, "ogc.bad-parameter"),
        ({"datetime": "2030-02-31"}, "ogc.bad-parameter"),
        ({"datetime": "2030-05-04/2030-05-03"}, "ogc.bad-parameter"),
        ({"after": "x"}, "ogc.bad-parameter"),
        ({"after": "W10"}, "ogc.bad-parameter"),
        ({"f": "xml"}, "ogc.bad-parameter"),
        ({"party": ["ML", "RL"]}, "ogc.bad-parameter"),
        ({"filter": "party='ML'"}, "ogc.unknown-parameter"),
        ({"offset": "10"}, "ogc.unknown-parameter"),
        ({"crs": "http://www.opengis.net/def/crs/EPSG/0/4326"}, "ogc.unknown-parameter"),
    ],
)
def test_what_cannot_be_filtered_exactly_is_refused(border: Border, asked: dict[str, Any], code: str) -> None:
    answer = border.get("collections/accounts-points/items", **asked)
    assert (answer.status_code, answer.headers["Content-Type"]) == (400, "application/problem+json")
    assert answer.json()["code"] == code


def test_a_page_is_never_larger_than_was_declared(border: Border) -> None:
    assert read(border, "accounts-points", limit=10**30)["numberReturned"] == 2


def test_a_feature_is_found_by_its_stable_identifier(border: Border) -> None:
    wanted = read(border, "accounts-areas")["features"][0]
    found = border.get(f"collections/accounts-areas/items/{wanted['id']}").json()
    assert found.pop("links")
    assert found == wanted
    for address in ("collections/accounts-areas/items/none", "collections/none/items", "collections/none", "nowhere"):
        answer = border.get(address)
        assert (answer.status_code, answer.headers["Content-Type"]) == (404, "application/problem+json"), address


def test_crossings_say_what_each_side_states_and_that_they_differ(border: Border) -> None:
    said = {each["properties"]["party"]: each["properties"] for each in every(border, "crossing-statements")}
    assert {party: each["state"] for party, each in said.items()} == {"ML": "open", "RL": "closed"}
    assert all(each["mismatch"] for each in said.values())
    bridge, ford = every(border, "crossings")
    assert (bridge["properties"]["mismatch"], ford["properties"]["mismatch"]) == (True, False)
    assert bridge["properties"]["crossing_fa"] != bridge["properties"]["crossing_en"]


def test_activities_of_both_sides_have_their_time_and_their_ground(border: Border) -> None:
    (ours,), (theirs,) = every(border, "activities-areas"), every(border, "activities-lines")
    assert (ours["properties"]["party"], theirs["properties"]["party"]) == ("ML", "RL")
    assert ours["properties"]["period"] == "[2030-05-20T05:00:00Z, 2030-05-22T05:00:00Z)"
    for when, found in (
        ("2030-05-21", 1),
        ("2030-05-22T05:00:00Z/..", 0),
        ("2030-05-22T04:59:59.999999Z/..", 1),
        ("../2030-05-20T04:59:59Z", 0),
    ):
        assert read(border, "activities-areas", datetime=when)["numberMatched"] == found
    ring = ours["geometry"]["coordinates"][0][0]
    assert ring[0] == ring[-1]


def test_the_line_says_how_accurate_it_is_and_sectors_are_where_the_law_has_them(border: Border) -> None:
    (line,) = every(border, "line")
    assert line["geometry"]["type"] == "LineString"
    assert line["properties"]["accuracy_m"] > 0
    assert [each["properties"]["sector"] for each in every(border, "sectors")] == ["A", "B"]
    assert border.get("collections/line/items", datetime="2030-05-01").json()["code"] == "ogc.unknown-parameter"


def test_an_observer_reads_the_law_and_the_crossings_and_no_account(border: Border) -> None:
    token = border.token("observer")
    seen = [each["id"] for each in border.get("collections", token).json()["collections"]]
    assert seen == ["crossings", "crossing-statements", "sectors", "line"]
    assert all("accounts" not in each for each in border.get("api", token).json()["paths"])
    for id in ("accounts-points", "pairs", "two-accounts", "activities-areas"):
        for address in (f"collections/{id}", f"collections/{id}/items", f"collections/{id}/items/x"):
            answer = border.get(address, token)
            assert (answer.status_code, answer.json()["code"]) == (403, "token.not-your-place")
    assert border.get("collections", border.token("operator")).status_code == 403


def test_what_a_program_reads_is_written_down_once_in_ten_minutes(border: Border) -> None:
    PartRead.objects.all().delete()
    for _ in range(3):
        every(border, "sectors", limit=1)
    border.get("collections/line/items/line")
    written = PartRead.objects.order_by("pk").values_list("officer__name", "number", "part")
    assert list(written) == [("the duty", "sectors", reads.LAYER), ("the duty", "line", reads.LAYER)]


def test_it_is_read_and_never_written_and_is_json_alone(border: Border) -> None:
    bearer = {"Authorization": f"Bearer {border.token()}"}
    for method in ("post", "put", "delete", "patch"):
        answer = getattr(Client(enforce_csrf_checks=True), method)("/ogc/collections", headers=bearer)
        assert (answer.status_code, answer.json()["code"]) == (405, "ogc.read-only")
    assert border.get("collections", f="html").status_code == 406
    page = Client().get("/ogc/collections", headers={**bearer, "Accept": "text/html"})
    assert (page.status_code, page.json()["code"]) == (406, "ogc.not-acceptable")
    assert Client().head("/ogc/collections", headers=bearer).status_code == 200


def test_a_refusal_is_said_in_the_callers_language(border: Border) -> None:
    titles = {
        language: Client().get("/ogc/", headers={"Accept-Language": language}).json()["title"]
        for language in ("ar", "fa", "ckb", "en")
    }
    assert len(set(titles.values())) == 4


def test_links_and_times_stand_where_clients_look(border: Border) -> None:
    answer = border.get("collections/accounts-areas/items", limit=1, f="json")
    assert answer.headers["Content-Type"] == "application/geo+json"
    assert 'rel="next"' in answer.headers["Link"]
    page = json.loads(answer.content)
    assert page["timeStamp"].endswith("Z")
    last = border.get("collections/accounts-areas/items", limit=1000)
    assert all(each["rel"] != "next" for each in last.json()["links"])


def test_the_layers_move_with_the_record_as_if_they_were_made_anew(border: Border) -> None:
    """Moving every notice again must leave the same rows in the same order."""
    roll = ledgers.roll()
    before = {id: [row.id for row in each.rows().every()] for id, each in features.collections().items()}
    layers = roll.layers()
    layers.move(roll.book(), frozenset(roll.book().notices))
    after = {id: [row.id for row in each.rows().every()] for id, each in features.collections().items()}
    assert before == after


@pytest.mark.usefixtures("border")
def test_a_row_is_said_and_tested_without_asking_for_the_instrument_or_the_book(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    known = [(each, each.page(Query(), None, 50).rows) for each in features.collections().values()]

    def asked() -> None:
        raise AssertionError

    monkeypatch.setattr(instrument, "sealed", asked)
    monkeypatch.setattr(instrument, "standing", asked)
    monkeypatch.setattr(ledgers, "book", asked)
    for collection, rows in known:
        assert rows or collection.described.id != "crossings"
        for row in rows:
            assert all(value is not None for name, value in collection.say(row).items() if name.startswith("kind_"))
            assert all(isinstance(test(row), str) for test in collection.tests.values())

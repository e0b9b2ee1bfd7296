"""The watch room and the pages of a notice, over a record that one party has begun."""

import json
import re
from typing import Any

import pytest
from django.test import Client

from mithaq.moments import Moment
from mithaq_node import queries
from mithaq_node.queries import map_features, watch
from mithaq_node.queries import watch as watch_queries
from mithaq_node.services import accounts, drafting, filing, releasing
from mithaq_node.store import couriers
from mithaq_node.store.models import CourierRow, LinkRow, LogRow, Officer
from tests.mithaq_node import meadow
from tests.mithaq_node import pair as pairs
from tests.mithaq_node.conftest import Standing
from tests.mithaq_node.meadow import NOW, SECRET
from tests.mithaq_node.pair import Pair

Officers = dict[str, Officer]


@pytest.fixture
def desk(officers: Officers) -> Client:
    client = Client()
    client.force_login(officers["duty"])
    return client


@pytest.fixture
def incident(officers: Officers) -> str:
    """Our first notice, released by two officers."""
    draft = drafting.save_draft(officer=officers["duty"], kind="incident.initial", content=meadow.INCIDENT, now=NOW)
    filing.file(draft_id=draft.pk, officer=officers["duty"], secret=SECRET, now=NOW)
    return releasing.release(draft_id=draft.pk, officer=officers["releasing"], secret=SECRET, now=NOW)


def test_a_spoken_number_is_found_in_any_digits(desk: Client, incident: str) -> None:
    for typed in ("ML 3-4", "ml3", "ML ۳-۴", "ML ٣"):
        answer = desk.get("/fa/watch/find/", {"number": typed})
        assert answer.headers["Location"].startswith("/fa/incidents/ML3-4/"), typed


def test_a_misheard_number_is_refused_by_its_check_digit(desk: Client, incident: str) -> None:
    answer = desk.get("/fa/watch/find/", {"number": "ML 3-5"})
    assert answer.status_code == 404
    assert "number.wrong-check-digit" in answer.content.decode()


def test_the_cursor_moves_when_a_notice_is_released(desk: Client, officers: Officers) -> None:
    before = desk.get("/fa/watch/cursor/").content
    draft = drafting.save_draft(officer=officers["duty"], kind="incident.initial", content=meadow.INCIDENT, now=NOW)
    assert desk.get("/fa/watch/cursor/").content.split(b"-")[0] != before.split(b"-")[0], draft.pk


def test_a_page_names_the_cursor_from_before_it_was_made(
    desk: Client, officers: Officers, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What comes in while a page is being made stands on it or not; the page asks, and so it learns of it."""
    before = desk.get("/fa/watch/cursor/").content.decode().split("-")[0]
    look = watch_queries.watch

    def looked(*asked: Any) -> object:
        seen = look(*asked)
        drafting.save_draft(officer=officers["duty"], kind="incident.initial", content=meadow.INCIDENT, now=NOW)
        return seen

    monkeypatch.setattr(watch_queries, "watch", looked)
    assert f'data-cursor="{before}-' in desk.get("/fa/watch/").content.decode()
    assert desk.get("/fa/watch/cursor/").content.decode().split("-")[0] != before


def test_every_page_opens_in_every_language(desk: Client, incident: str) -> None:
    watch = ("watch/", "watch/now/", "crossings/", "record/", "record/now/")
    one = ("incidents/ML3-4/", "incidents/ML3-4/now/", "notices/ML3-4/", "notices/ML1-8/", "release/")
    for language in ("fa", "ar", "ckb", "en"):
        for place in (*watch, *one):
            assert desk.get(f"/{language}/{place}").status_code == 200, place


@pytest.mark.parametrize("role", ["duty", "releasing", "secretariat", "auditor"])
def test_whoever_may_file_is_led_there_and_nobody_else(officers: Officers, role: str) -> None:
    client = Client()
    client.force_login(officers.get(role) or accounts.create_officer(name="A third desk", role=role, secret=SECRET))
    filing_opens = client.get("/en/filing/").status_code == 200
    page = client.get("/en/watch/").content.decode()
    assert (">File a notice<" in page) == (page.count('href="/en/filing/"') == 2) == filing_opens


def test_a_free_text_says_its_language_to_whoever_reads_another(desk: Client, officers: Officers) -> None:
    content = {**meadow.INCIDENT, "account": {"lang": "fa", "text": "دود بالای آبراهه"}}
    draft = drafting.save_draft(officer=officers["duty"], kind="incident.initial", content=content, now=NOW)
    filing.file(draft_id=draft.pk, officer=officers["duty"], secret=SECRET, now=NOW)
    number = releasing.release(draft_id=draft.pk, officer=officers["releasing"], secret=SECRET, now=NOW)
    written = 'Written in <bdi lang="fa">فارسی</bdi>'
    assert written in desk.get(f"/en/notices/{number}/").content.decode()
    assert 'bdi lang="fa">فارسی' not in desk.get(f"/fa/notices/{number}/").content.decode()


def test_the_proof_of_a_notice_is_a_file(desk: Client, incident: str) -> None:
    answer = desk.get("/fa/notices/ML3-4/proof/")
    assert answer.headers["Content-Disposition"] == 'attachment; filename="ML3-4.tlog-proof"'
    assert answer.content.startswith(b"c2sp.org/tlog-proof@v1\n")


def test_the_map_names_only_what_the_instrument_names(desk: Client, incident: str) -> None:
    law, words = queries.law(), queries.words()
    features = json.loads(desk.get("/fa/watch/law.geojson").content)["features"]
    named = {each["properties"]["name"] for each in features if "name" in each["properties"]}
    agreed = [f"sector.{each.id}" for each in law.sectors] + [f"crossing.{each.id}" for each in law.crossings]
    assert named == {words.labels[key]["fa"] for key in agreed}


def test_parties_have_the_colours_of_the_instrument(desk: Client) -> None:
    sheet = desk.get("/fa/watch/parties.css").content.decode()
    for party in queries.law().parties:
        assert f".party-{party.code}{{--party:{party.colour}}}" in sheet


def test_a_browser_keeps_the_colours_until_they_change(desk: Client) -> None:
    named = re.search(r'href="(/fa/watch/parties.css\?of=[^"]+)"', desk.get("/fa/help/").content.decode())
    assert named is not None
    assert "immutable" in desk.get(named[1]).headers["Cache-Control"]
    assert "immutable" not in desk.get("/fa/watch/parties.css?of=12345678").headers["Cache-Control"]


def test_nothing_leaves_a_page_inline(desk: Client, incident: str) -> None:
    for place in ("watch/", "incidents/ML3-4/", "notices/ML3-4/", "filing/incident.initial/", "record/"):
        page = desk.get(f"/fa/{place}").content.decode()
        assert " style=" not in page
        assert "<script>" not in page
        assert " onclick=" not in page


def test_a_spoken_number_reads_from_left_to_right_in_arabic_digits(desk: Client, incident: str) -> None:
    """A hyphen between Arabic-Indic digits turns their order round unless the direction is overridden."""
    assert '<bdo class="spoken" dir="ltr">ML ٣-٤</bdo>' in desk.get("/ar/watch/now/").content.decode()


def test_the_link_says_what_the_last_courier_carried(desk: Client, incident: str) -> None:
    CourierRow.objects.create(party="RL", way=couriers.OUT, at=str(NOW), start=0, size=3)
    LogRow.objects.create(origin=queries.law().origin("RL"), own=False, root=b"", frontier=b"")
    CourierRow.objects.create(party="RL", way=couriers.IN, at=str(NOW), start=0, size=0)
    page = desk.get("/en/watch/now/").content.decode()
    assert page.count("by courier") == 2
    assert "packed, no answer yet" in page
    assert "ML 3-4" in page
    assert "no new entry" in page


def test_a_courier_whose_answer_has_come_is_said_to_have_arrived(desk: Client, incident: str) -> None:
    CourierRow.objects.create(party="RL", way=couriers.OUT, at=str(NOW), start=0, size=3)
    log = LogRow.objects.get(own=True)
    LinkRow.objects.create(party="RL", log=log, held=3, heard=str(NOW))
    assert "packed, and arrived" in desk.get("/en/watch/now/").content.decode()


def released(officers: Officers, content: dict[str, object], kind: str = "incident.initial", now: Moment = NOW) -> str:
    draft = drafting.save_draft(officer=officers["duty"], kind=kind, content=content, now=now)
    filing.file(draft_id=draft.pk, officer=officers["duty"], secret=SECRET, now=now)
    return releasing.release(draft_id=draft.pk, officer=officers["releasing"], secret=SECRET, now=now)


def listed(desk: Client, query: str = "", language: str = "en") -> list[str]:
    """The numbers of the incidents that the list shows, in its order."""
    page = desk.get(f"/{language}/watch/now/?{query}").content.decode()
    return re.findall(r'data-number="([^"]+)"', page)


def test_the_list_shows_what_the_address_chooses(desk: Client, officers: Officers) -> None:
    elsewhere = {**meadow.INCIDENT, "place": {"form": "sector", "sector": "B"}}
    fire, other, flood = (
        released(officers, meadow.INCIDENT),
        released(officers, elsewhere),
        released(officers, meadow.HAZARD, "humanitarian.hazard"),
    )
    assert listed(desk) == [flood, other, fire]
    assert listed(desk, "sector=A") == [flood, fire]
    assert listed(desk, "sector=A&kind=incident.initial") == [fire]
    assert listed(desk, "state=ended") == []
    assert listed(desk, "state=reported&sector=B") == [other]
    assert listed(desk, "precedence=flash") == [flood]
    assert listed(desk, "sector=nowhere") == [flood, other, fire], "a code that there is not chooses nothing"


def test_a_page_says_what_was_chosen_and_leads_back_to_everything(desk: Client, incident: str) -> None:
    page = desk.get("/en/watch/?sector=B&state=any").content.decode()
    assert "No incident is as chosen." in page
    assert '<a href="/en/watch/">Show all that is open</a>' in page
    assert 'hx-get="/en/watch/now/?sector=B&amp;state=any"' in page, "a fetched fragment keeps the choice"
    assert 'data-incidents="/en/watch/incidents.geojson?sector=B&amp;state=any"' in page
    assert '<option value="B" selected>' in page


def test_days_are_chosen_in_the_calendar_of_the_address(desk: Client, officers: Officers) -> None:
    """The first is of 2030-05-03, 13 Ordibehesht 1409 and 1 Muharram 1452; the second of two days later."""
    early = released(officers, meadow.INCIDENT)
    late = released(officers, meadow.INCIDENT, now=Moment(NOW.seconds + 2 * 86_400))
    assert listed(desk, "from=2030-05-04&calendar=gregorian") == [late]
    assert listed(desk, "until=1409/02/13&calendar=solar") == [early]
    assert listed(desk, "from=۱۴۰۹/۲/۱۳&until=۱۴۰۹/۲/۱۵&calendar=solar") == [late, early]
    assert listed(desk, "until=1452-1-1&calendar=hijri") == [early]


def test_a_day_that_its_calendar_does_not_have_is_said_beside_the_field(desk: Client, incident: str) -> None:
    page = desk.get("/en/watch/?from=1409/12/31&calendar=solar").content.decode()
    assert "This is no day of the chosen calendar." in page
    assert 'value="1409/12/31"' in page
    assert incident in page


def test_the_list_goes_on_where_a_page_ends(desk: Client, officers: Officers, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watch, "MOST_LINES", 2)
    numbers = [released(officers, meadow.INCIDENT) for _ in range(3)]
    first = desk.get("/en/watch/?sector=A").content.decode()
    assert re.findall(r'data-number="([^"]+)"', first) == [numbers[2], numbers[1]]
    (address,) = re.findall(r'rel="next"\s+href="([^"]+)"', first)
    second = desk.get(address.replace("&amp;", "&")).content.decode()
    assert re.findall(r'data-number="([^"]+)"', second) == [numbers[0]]
    assert "Back to the latest" in second
    assert 'rel="next"' not in second


def test_the_map_draws_the_same_choice_and_says_how_much_it_is(pair: Pair, standing: Standing) -> None:
    rows = [
        pairs.notice(pair.ml.seat, number, content={**meadow.INCIDENT, "place": {"form": "sector", "sector": sector}})
        for number, sector in enumerate("AAB")
    ]
    pairs.release(pair.ml, rows)
    pair.settle()
    with standing(pair.ml):
        client = Client()
        client.force_login(meadow.officers()["duty"])
        everything = json.loads(client.get("/en/watch/incidents.geojson").content)
        chosen = json.loads(client.get("/en/watch/incidents.geojson?sector=B").content)
    assert (everything["said"], everything["groups"], len(everything["features"])) == ("3 incidents", 0, 3)
    assert (chosen["said"], len(chosen["features"])) == ("1 incident", 1)


_NO_BOXES = (
    "-180,10,1e8,-10",
    "-180,-10,1e8,10",
    "10,-10,-10,10",
    "-10,10,10,-10",
    "-10,-91,10,10",
    "-10,-10,10,91",
    "-181,-10,10,10",
    "nan,-10,10,10",
    "-inf,-10,inf,10",
    "1e999,1,2,3",
    "1,2,3",
)


def test_more_than_can_be_drawn_is_drawn_as_groups_and_said_in_words(
    pair: Pair, standing: Standing, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(map_features, "MOST_FEATURES", 2)
    pairs.release(pair.ml, [pairs.notice(pair.ml.seat, number) for number in range(3)])
    pair.settle()
    with standing(pair.ml):
        client = Client()
        client.force_login(meadow.officers()["duty"])
        answer = json.loads(client.get("/en/watch/incidents.geojson?zoom=9&box=-180,-90,180,90").content)
        persian = json.loads(client.get("/fa/watch/incidents.geojson").content)
        odd = [
            json.loads(client.get(f"/en/watch/incidents.geojson?zoom=9&box={box}").content)["said"] for box in _NO_BOXES
        ]
    assert answer["said"] == "3 incidents, drawn as 1 group, counted with what lies just outside the edge"
    assert odd == ["3 incidents, drawn as 1 group"] * len(_NO_BOXES)  # all of it
    (group,) = answer["features"]
    assert (group["properties"]["count"], group["properties"]["drawn"]) == (3, "3")
    assert persian["features"][0]["properties"]["drawn"] == "۳"

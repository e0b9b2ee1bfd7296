"""The pages of what stays on this side: desks, hands, remarks, registry numbers."""

import json
from collections.abc import Mapping

import pytest
from django.test import Client

from mithaq_node.queries import inside
from mithaq_node.services import accounts, arranging, assigning, releasing
from mithaq_node.store.models import Officer
from mithaq_node.web.papers import setting
from tests.mithaq_node.meadow import NOW, SECRET
from tests.mithaq_node.services.test_inside import LATER, PLAN
from tests.mithaq_node.services.test_releasing import filed

pytestmark = pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
Officers = Mapping[str, Officer]
HOME, SHEET = "/en/incidents/ML3-4/", "/en/inside/ML3-4/"


@pytest.fixture
def number(officers: Officers) -> str:
    arranging.arrange(arrangement=PLAN, seen=0, by=None, now=NOW)
    return releasing.release(draft_id=filed(officers["duty"]), officer=officers["releasing"], secret=SECRET, now=NOW)


def desk_of(officer: Officer) -> Client:
    client = Client()
    client.force_login(officer)
    return client


def page(client: Client, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200, address
    return answer.content.decode()


def test_an_officer_takes_a_matter_and_the_other_is_told_who_has_it(officers: Officers, number: str) -> None:
    first, second = desk_of(officers["duty"]), desk_of(officers["second"])
    assert 'value="take"' in page(second, HOME)
    answer = first.post(f"{SHEET}change/", {"deed": "take", "seen": "0"})
    assert (answer.status_code, answer.headers["Location"]) == (302, f"{HOME}?kept=1#inside")
    late = second.post(f"{SHEET}change/", {"deed": "take", "seen": "0"})
    assert late.status_code == 422
    assert "assignment.taken" in late.content.decode()
    assert "duty desk" in late.content.decode()
    assert 'value="take"' not in page(second, f"{SHEET}now/")


def test_my_desk_shows_what_comes_to_it_and_what_i_have_in_hand(officers: Officers, number: str) -> None:
    duty, second = desk_of(officers["duty"]), desk_of(officers["second"])
    for place in ("watch/", "watch/now/", "compliance/"):
        assert page(duty, f"/en/{place}")
    assert number in page(duty, "/en/watch/now/?desk=mine")  # its rule sends it to the northern desk, where duty sits
    assert number not in page(second, "/en/watch/now/?desk=mine")
    assert number not in page(duty, "/en/watch/now/?desk=main")
    assert number in page(duty, "/en/watch/now/?desk=odd")
    assigning.give(number=number, by=officers["duty"], to="officer:second desk", seen=0, now=LATER)
    assert number in page(second, "/en/watch/now/?desk=mine")
    assert "second desk" in page(duty, "/en/watch/now/")


def test_what_no_rule_fits_stands_at_the_main_desk_and_says_so(officers: Officers, number: str) -> None:
    assert "no rule fits" not in page(desk_of(officers["duty"]), "/en/watch/now/")
    operator = desk_of(accounts.create_officer(name="operator", role="operator", secret=SECRET))
    operator.post("/en/desks/change/", {"deed": "drop-rule", "rule": "1", "version": "1"})
    assert "no rule fits" in page(desk_of(officers["duty"]), "/en/watch/now/")
    assert "no rule fits" in page(desk_of(officers["duty"]), HOME)


def test_a_remark_is_kept_and_what_is_refused_is_not_lost(officers: Officers, number: str) -> None:
    duty = desk_of(officers["duty"])
    assert duty.post(f"{SHEET}change/", {"deed": "remark", "text": "Ask <them>.", "asks": "yes"}).status_code == 302
    assert "Ask &lt;them&gt;." in page(duty, HOME)
    answer = duty.post(f"{SHEET}change/", {"deed": "remark", "text": "x" * 2001})
    assert answer.status_code == 422
    assert "x" * 2001 in answer.content.decode()
    (remark,) = inside.open_remarks()
    duty.post(f"{SHEET}change/", {"deed": "remark", "text": "Asked.", "settles": str(remark.id)})
    assert inside.open_remarks() == ()
    auditor = desk_of(officers["auditor"])
    assert "Asked." in page(auditor, HOME)
    assert "<textarea" not in page(auditor, HOME)


def test_a_registry_number_stands_beside_the_spoken_one_and_the_search_finds_it(
    officers: Officers, number: str
) -> None:
    duty = desk_of(officers["duty"])
    assert duty.post(f"{SHEET}change/", {"deed": "register", "registry": ""}).status_code == 422  # no pattern is set
    duty.post(f"{SHEET}change/", {"deed": "register", "registry": "12/37"})
    for address in ("/fa/incidents/ML3-4/", "/fa/watch/now/", "/fa/notices/ML3-4/"):
        assert "۱۲/۳۷" in page(duty, address), address
    found = duty.get("/fa/watch/find/", {"number": "١٢ / ٣٧"})
    assert found.headers["Location"].startswith("/fa/incidents/ML3-4/")
    assert duty.get("/fa/watch/find/", {"number": "۱۲/۳۸"}).status_code == 404


def test_our_registry_number_stands_on_our_own_copy_of_a_certificate_and_on_no_other(
    officers: Officers, number: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("typst", reason="papers need the extra `papers`")
    duty, said, typeset = desk_of(officers["duty"]), list[str](), setting.pdf

    def pdf(template: str, values: Mapping[str, object], attached: Mapping[str, bytes] | None = None) -> bytes:
        said.append(json.dumps(values, ensure_ascii=False))
        return typeset(template, values, attached)

    monkeypatch.setattr(setting, "pdf", pdf)
    duty.post(f"{SHEET}change/", {"deed": "register", "registry": "12/37"})
    for asked in ("", "?copy=own"):
        assert duty.get(f"/fa/notices/ML3-4/certificate/{asked}").content.startswith(b"%PDF")
    assert ["۱۲/۳۷" in each for each in said] == [False, True]


def test_the_operator_arranges_the_desks_and_a_page_that_is_behind_changes_nothing(officers: Officers) -> None:
    operator = desk_of(accounts.create_officer(name="operator", role="operator", secret=SECRET))

    def post(version: int, **asked: object) -> int:
        return operator.post("/en/desks/change/", {"version": str(version), **asked}).status_code

    assert post(0, deed="add-desk", name="Main desk", authority="watch") == 302
    assert post(0, deed="add-desk", name="Again", authority="watch") == 422
    assert post(1, deed="add-desk", name="Rail desk", authority="watch") == 302
    assert post(2, deed="desk", desk="watch-2", name="Bridge desk", officers=["duty desk"]) == 302
    assert post(3, deed="add-rule", desk="watch-1", kinds=["incident.initial"]) == 302
    assert post(4, deed="add-rule", desk="watch-2", crossings=["bridge"]) == 302
    assert post(5, deed="raise-rule", rule="2") == 302
    assert post(6, deed="main", desk="watch-2") == 302
    assert post(7, deed="drop-desk", desk="watch-2") == 422  # the main one goes last
    assert post(7, deed="drop-desk", desk="watch-1") == 302
    assert post(8, deed="house", registry="{year}/{running}", calendar="solar", step="7") == 302
    assert post(9, deed="house", registry="{month}", calendar="solar", step="7") == 422
    for odd in ({"deed": "burn"}, {"deed": "drop-rule", "rule": "9"}, {"deed": "main", "desk": "x"}, {}):
        assert post(9, **odd) == 422
    order = inside.arrangement()
    assert [(each.id, each.name, each.officers) for each in order.desks] == [("watch-2", "Bridge desk", ["duty desk"])]
    assert [(each.desk, each.crossings) for each in order.rules] == [("watch-2", ["bridge"])]
    assert (order.main, order.registry, order.calendar, order.step) == ("watch-2", "{year}/{running}", "solar", 7)
    for address in ("/fa/desks/", "/ar/desks/"):
        assert "Bridge desk" in page(operator, address)
    assert "<form" not in page(desk_of(officers["duty"]), "/en/desks/").split('id="main"')[1]


def test_the_spoken_number_stands_on_every_page_of_a_notice_and_is_found_in_any_digits(
    officers: Officers, number: str
) -> None:
    duty = desk_of(officers["duty"])
    for place in (
        "watch/", "watch/now/", "incidents/ML3-4/", "incidents/ML3-4/now/",
        "notices/ML3-4/", "inside/ML3-4/", "record/logs/ML-all-1/", "filing/incident.update/?re=ML3-4",
    ):  # fmt: skip
        assert "ML ۳-۴" in page(duty, f"/fa/{place}"), place
    for typed in ("ML 3-4", "ml 3", "ML ۳-۴", "ML٣", "\u200fML\u00a0۳"):
        assert duty.get("/fa/watch/find/", {"number": typed}).status_code == 302, typed

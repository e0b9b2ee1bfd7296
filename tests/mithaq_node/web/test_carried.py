"""What was typed when a session had ended is there again for the officer who typed it, and for nobody else.

These pages have no scripts, and the browser has nothing but its cookies.
"""

import re
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from mithaq_node.services import clock, drafting
from mithaq_node.store.models import Draft, Officer
from mithaq_node.web import carried
from tests.mithaq_node.meadow import SECRET

Officers = dict[str, Officer]
FORM = "/fa/filing/incident.initial/"
TYPED = {
    "event": "fire",
    "happened.year": "۱۴۰۹",
    "happened.month": "2",
    "happened.day": "۳۹",  # no day, and still what was typed
    "place.form": "sector",
    "place.sector": "A",
    "account.lang": "fa",
    "account.text": "نمونه: آتش در نی‌زار",
    "precedence": "flash",
    "note": "یادداشت نمونه",
    "then": "preview",
}


@pytest.fixture
def desk(officers: Officers) -> Client:
    client = Client()
    enter(client, officers["duty"])
    return client


def enter(desk: Client, officer: Officer, target: str = FORM) -> Any:
    return desk.post("/fa/signin/", {"name": officer.name, "password": SECRET, "next": target})


def hidden(desk: Client, address: str = FORM) -> dict[str, str]:
    """What the node put into the form."""
    page = desk.get(address).content.decode()
    return dict(re.findall(r'<input type="hidden" name="(drawn|kind|form|seen|opened_by)" value="([^"]*)"', page))


def cut_off(desk: Client, address: str = FORM, **typed: str) -> Any:
    """Open the form, lose the session, send the form."""
    opened = hidden(desk, address)
    desk.session.flush()
    answer = desk.post(address, {**TYPED, **opened, **typed})
    assert answer.status_code == 302
    assert answer.headers["Location"].startswith("/fa/signin/?next=")
    return answer


def test_it_stands_in_the_form_again_after_the_officer_has_signed_in(desk: Client, officers: Officers) -> None:
    cut_off(desk)
    door = desk.get("/fa/signin/").content.decode()
    assert TYPED["account.text"] not in door
    assert "آنچه نوشته‌اید" in door
    assert enter(desk, officers["duty"]).headers["Location"] == FORM
    page = desk.get(FORM).content.decode()
    for said in (TYPED["account.text"], TYPED["note"], 'value="۳۹"', 'value="flash" selected'):
        assert said in page
    assert "data-sent-back" in page
    assert not Draft.objects.exists(), "nothing is saved by itself"


def test_it_is_there_until_it_is_sent_again_and_is_then_one_draft(desk: Client, officers: Officers) -> None:
    drawn = hidden(desk)["drawn"]
    desk.session.flush()
    desk.post(FORM, {**TYPED, "opened_by": carried.signed(officers["duty"]), "drawn": drawn})
    enter(desk, officers["duty"])
    for _ in range(2):
        assert TYPED["account.text"] in desk.get(FORM).content.decode()
    again = hidden(desk)
    assert again["drawn"] == drawn
    desk.post(FORM, {**TYPED, **again, "then": "save"})
    assert Draft.objects.count() == 1
    assert TYPED["account.text"] not in desk.get(FORM).content.decode()


def test_it_can_be_thrown_away(desk: Client, officers: Officers) -> None:
    cut_off(desk)
    enter(desk, officers["duty"])
    assert desk.post(FORM, {"then": "forget"}).headers["Location"] == FORM
    assert TYPED["account.text"] not in desk.get(FORM).content.decode()


def test_another_officer_finds_nothing_of_it_nor_does_the_first_one_after_him(desk: Client, officers: Officers) -> None:
    cut_off(desk)
    enter(desk, officers["releasing"])
    assert TYPED["account.text"] not in desk.get(FORM).content.decode()
    assert "carried" not in desk.session
    desk.post("/fa/signout/")
    enter(desk, officers["duty"])
    assert TYPED["account.text"] not in desk.get(FORM).content.decode()


def test_another_browser_finds_nothing_of_it(desk: Client, officers: Officers) -> None:
    cut_off(desk)
    other = Client()
    enter(other, officers["duty"])
    assert TYPED["account.text"] not in other.get(FORM).content.decode()


def test_only_a_form_that_this_node_gave_an_officer_is_carried(desk: Client, officers: Officers) -> None:
    other = carried.signed(officers["duty"]).replace(f"{officers['duty'].pk}:", f"{officers['releasing'].pk}:", 1)
    for opened_by in ("", "1", other):
        cut_off(desk, opened_by=opened_by)
        assert "carried" not in desk.session
        for officer in ("duty", "releasing"):
            enter(desk, officers[officer])
            assert TYPED["account.text"] not in desk.get(FORM).content.decode()
            desk.session.flush()
        enter(desk, officers["duty"])


def test_it_does_not_wait_for_long_nor_for_more_than_a_form_can_hold(
    desk: Client, officers: Officers, monkeypatch: pytest.MonkeyPatch
) -> None:
    cut_off(desk, **{"account.text": "م" * carried.MOST})
    assert "carried" not in desk.session
    enter(desk, officers["duty"])
    cut_off(desk)
    assert desk.session.get_expiry_age() <= carried.KEPT_FOR
    enter(desk, officers["duty"])
    assert desk.session.get_expire_at_browser_close()
    later = clock.of_machine() + carried.KEPT_FOR + 1
    monkeypatch.setattr(clock, "of_machine", lambda: later)
    assert TYPED["account.text"] not in desk.get(FORM).content.decode()


def test_a_draft_that_was_open_shows_what_was_typed_over_what_is_kept(desk: Client, officers: Officers) -> None:
    opened = {**TYPED, **hidden(desk), "account.text": "پیش از آن، نمونه", "then": "save"}
    edit = desk.post(FORM, opened).headers["Location"]
    cut_off(desk, edit)
    enter(desk, officers["duty"], edit)
    page = desk.get(edit).content.decode()
    assert TYPED["account.text"] in page
    assert b"\xd9\xbe\xdb\x8c\xd8\xb4 \xd8\xa7\xd8\xb2" in bytes(Draft.objects.get().typed), "the draft is as it was"


def test_a_draft_that_went_meanwhile_leaves_what_was_typed_in_a_form_of_its_own(
    desk: Client, officers: Officers
) -> None:
    edit = desk.post(FORM, {**TYPED, **hidden(desk), "then": "save"}).headers["Location"]
    cut_off(desk, edit)
    drafting.delete_draft(draft_id=Draft.objects.get().pk, officer=officers["duty"])
    enter(desk, officers["duty"], edit)
    page = desk.get(edit).content.decode()
    assert TYPED["account.text"] in page
    assert "draft.gone" in page


def test_it_is_found_in_whatever_language_the_officer_goes_on(desk: Client, officers: Officers) -> None:
    cut_off(desk)
    enter(desk, officers["duty"])
    assert TYPED["account.text"] in desk.get("/ckb/filing/incident.initial/").content.decode()
    assert TYPED["account.text"] not in desk.get("/fa/filing/humanitarian.hazard/").content.decode()


def test_pictures_have_to_be_chosen_again_and_the_page_says_so(desk: Client, officers: Officers) -> None:
    said = "تصویرها را باید دوباره برگزید."
    cut_off(desk)
    enter(desk, officers["duty"])
    assert said not in desk.get(FORM).content.decode()
    opened = hidden(desk)
    desk.session.flush()
    desk.post(FORM, {**TYPED, **opened, "picture": SimpleUploadedFile("example.jpg", b"no picture")})
    enter(desk, officers["duty"])
    assert said in desk.get(FORM).content.decode()

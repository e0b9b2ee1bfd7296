"""Drafts as they were typed, templates, recall, and what officers may do wrong on a form: nothing typed is lost."""

import re
from html import unescape
from typing import Any

import pytest
from django.test import Client

from mithaq_node.services import releasing
from mithaq_node.store.models import Draft, Officer, Template
from tests.mithaq_node.meadow import NOW, SECRET

Officers = dict[str, Officer]

KIND = "incident.initial"
NEW = f"/fa/filing/{KIND}/"
TYPED = {
    "event": "fire",
    "happened.calendar": "solar",
    "happened.year": "۱۴۰۹",
    "happened.month": "2",
    "happened.day": "۱۲",
    "happened.time": "۱۴:۵۰",
    "place.form": "sector",
    "place.sector": "A",
    "confidence": "seen",
    "account.lang": "fa",
    "account.text": "نمونه: آتش در نی‌زار",
    "precedence": "priority",
}


def signed_in(officer: Officer) -> Client:
    client = Client()
    client.force_login(officer)
    return client


@pytest.fixture
def desk(officers: Officers) -> Client:
    return signed_in(officers["duty"])


def page_of(answer: Any) -> str:
    return unescape(answer.content.decode())


def kept(desk: Client, **typed: str) -> Draft:
    answer = desk.post(NEW, {**TYPED, **typed, "then": "save"})
    return Draft.objects.get(pk=answer.headers["Location"].split("/")[-3])


def ready(desk: Client) -> Draft:
    assert desk.post(NEW, TYPED).status_code == 302
    return Draft.objects.get()


def test_a_draft_keeps_what_was_typed_and_complains_only_when_asked_what_will_leave(desk: Client) -> None:
    wrong = {"happened.day": "۳۲", "happened.time": "", "people.adult": "دوازده", "confidence": ""}
    draft = kept(desk, **wrong)
    form = f"/fa/filing/draft/{draft.pk}/edit/"
    page = page_of(desk.get(form))
    assert 'value="۳۲"' in page
    assert 'value="دوازده"' in page
    assert TYPED["account.text"] in page
    assert "field--refused" not in page
    answer = desk.post(form, {**TYPED, **wrong})
    assert answer.status_code == 422
    assert re.findall(r'id="refusal-([a-z_]+)"', page_of(answer)) == ["happened", "people", "confidence"]
    assert 'value="دوازده"' in page_of(answer)


def test_a_draft_in_which_something_is_no_value_is_neither_filed_nor_released(desk: Client, officers: Officers) -> None:
    draft = kept(desk, **{"people.adult": "دوازده"})
    assert draft.unread == ["people"]
    shown = page_of(desk.get(f"/fa/filing/draft/{draft.pk}/"))
    assert "draft.unread" in shown
    assert 'name="password"' not in shown
    answer = desk.post(f"/fa/filing/draft/{draft.pk}/file/", {"password": SECRET})
    draft.refresh_from_db()
    assert (answer.status_code, draft.state) == (422, "begun")


def test_a_day_stays_the_same_day_for_whoever_reads_another_calendar(desk: Client) -> None:
    draft = kept(desk, **{"happened.time": "۱۴:۵۰"})
    english = page_of(desk.get(f"/en/filing/draft/{draft.pk}/edit/"))
    assert re.search(r'name="happened.calendar"\s+value="gregorian"', english)
    assert '<option value="5" selected>May</option>' in english
    draft = kept(desk, **{"happened.day": "۳۲"})
    english = page_of(desk.get(f"/en/filing/draft/{draft.pk}/edit/"))
    assert re.search(r'name="happened.calendar"\s+value="solar"', english)
    assert 'value="۳۲"' in english


def test_a_date_says_which_instant_it_is_and_what_of_it_leaves(desk: Client) -> None:
    address = f"/fa/filing/{KIND}/happened/instant/"
    date = {key: said for key, said in TYPED.items() if key.startswith("happened.")}
    said = page_of(desk.get(address, date))
    assert "2030-05-02T14:50:00Z" in said
    assert "فرستاده می‌شود به‌صورت:" in said
    assert "۱۴:۰۰" in said
    assert "field__refusal" in page_of(desk.get(address, {**date, "happened.day": "۳۲"}))
    assert "<bdi>" not in page_of(desk.get(address, {**date, "happened.time": ""}))
    assert "2030-05-02T14:50:00Z" in page_of(desk.get(f"/fa/filing/draft/{kept(desk).pk}/edit/"))


def test_a_page_opened_before_another_officer_changed_the_draft_overwrites_nothing_unknowingly(
    desk: Client, officers: Officers
) -> None:
    draft = kept(desk)
    form = f"/fa/filing/draft/{draft.pk}/edit/"
    seen = {"seen": str(draft.revision), "then": "save"}
    other = signed_in(officers["releasing"])
    other.post(form, {**TYPED, **seen, "account.text": "نوشتهٔ دیگری"})
    answer = desk.post(form, {**TYPED, **seen, "account.text": "نوشتهٔ من"})
    assert answer.status_code == 422
    assert "draft.changed-meanwhile" in page_of(answer)
    assert "نوشتهٔ من" in page_of(answer)
    draft.refresh_from_db()
    assert draft.content["account"]["text"] == "نوشتهٔ دیگری"
    newly = re.search(r'name="seen"\s+value="(\d+)"', page_of(answer))
    assert newly is not None
    assert desk.post(form, {**TYPED, "seen": newly[1], "account.text": "نوشتهٔ من"}).status_code == 302


def test_what_is_typed_into_a_draft_that_went_on_without_it_becomes_a_draft_of_its_own(
    desk: Client, officers: Officers
) -> None:
    draft = ready(desk)
    desk.post(f"/fa/filing/draft/{draft.pk}/file/", {"password": SECRET})
    late = {**TYPED, "kind": KIND, "seen": "1", "account.text": "دیر رسید"}
    form = f"/fa/filing/draft/{draft.pk}/edit/"
    for _ in ("filed", "released"):
        answer = desk.post(form, late)
        assert answer.status_code == 422
        assert "draft.gone" in page_of(answer)
        assert "دیر رسید" in page_of(answer)
        assert f'action="{NEW}"' in page_of(answer)
        drawn = re.search(r'name="drawn" value="([^"]+)"', page_of(answer))
        assert drawn is not None
        desk.post(NEW, {**TYPED, "drawn": drawn[1], "then": "save"})
        if Draft.objects.get(pk=draft.pk).state == "filed":
            releasing.release(draft_id=draft.pk, officer=officers["releasing"], secret=SECRET, now=NOW)
    assert sorted(Draft.objects.values_list("state", flat=True)) == ["begun", "begun", "released"]


def test_a_form_that_the_instrument_changed_meanwhile_is_looked_through_again(desk: Client) -> None:
    answer = desk.post(NEW, {**TYPED, "form": "0" * 16, "colour_of_smoke": "سیاه"})
    page = page_of(answer)
    assert answer.status_code == 422
    assert "draft.form-changed" in page
    assert re.search(r'<textarea name="colour_of_smoke"[^>]*>سیاه</textarea>', page)
    form_of = re.search(r'name="form" value="([^"]+)"', page)
    assert form_of is not None
    draft = Draft.objects.get()
    assert "سیاه" in page_of(desk.get(f"/fa/filing/draft/{draft.pk}/edit/"))
    Draft.objects.update(form="0" * 16)
    assert "draft.form-changed" in page_of(desk.post(f"/fa/filing/draft/{draft.pk}/file/", {"password": SECRET}))
    answer = desk.post(f"/fa/filing/draft/{draft.pk}/edit/", {**TYPED, "form": form_of[1]})
    assert answer.headers["Location"] == f"/fa/filing/draft/{draft.pk}/"


def test_what_was_typed_for_a_kind_that_is_gone_can_still_be_copied(desk: Client) -> None:
    answer = desk.post("/fa/filing/incident.older/", TYPED)
    assert answer.status_code == 404
    assert TYPED["account.text"] in page_of(answer)
    draft = kept(desk)
    Draft.objects.update(kind="incident.older")
    for page in (f"/fa/filing/draft/{draft.pk}/edit/", f"/fa/filing/draft/{draft.pk}/"):
        assert TYPED["account.text"] in page_of(desk.get(page))


def test_five_megabytes_in_a_text_are_refused_and_given_back(desk: Client) -> None:
    pasted = "الف " * 700_000
    answer = desk.post(NEW, {**TYPED, "account.text": pasted, "then": "save"})
    assert answer.status_code == 422
    assert "draft.too-large" in page_of(answer)
    assert pasted in page_of(answer)
    assert not Draft.objects.exists()


def test_marks_that_turn_the_direction_of_writing_are_refused_in_texts_and_remarks(desk: Client) -> None:
    turned = "\u202eزارین رد شتآ"
    answer = desk.post(NEW, {**TYPED, "account.text": turned})
    assert answer.status_code == 422
    assert 'id="refusal-account"' in page_of(answer)
    assert turned in page_of(answer)
    answer = desk.post(NEW, {**TYPED, "note": turned, "then": "save"})
    assert "draft.hidden-character" in page_of(answer)
    assert turned in page_of(answer)
    assert kept(desk, **{"account.text": "a\x00b"}).unread == ["account"]


def test_a_place_in_no_sector_is_asked_about_once(desk: Client) -> None:
    far = {"place.form": "cell", "place.position": "48.85, 2.35", "place.size": "2000"}
    answer = desk.post(NEW, {**TYPED, **far})
    assert answer.status_code == 422
    assert 'name="place.outside"' in page_of(answer)
    assert "48.85, 2.35" in page_of(answer)
    assert desk.post(NEW, {**TYPED, **far, "place.outside": "yes"}).status_code == 302


def test_who_filed_it_recalls_it_and_then_nobody_can_release_it(desk: Client, officers: Officers) -> None:
    draft = ready(desk)
    desk.post(f"/fa/filing/draft/{draft.pk}/file/", {"password": SECRET})
    second = signed_in(officers["releasing"])
    assert "draft.not-yours" in page_of(second.post(f"/fa/filing/draft/{draft.pk}/recall/"))
    assert f'action="/fa/filing/draft/{draft.pk}/recall/"' in page_of(desk.get(f"/fa/release/{draft.pk}/"))
    assert desk.post(f"/fa/filing/draft/{draft.pk}/recall/").status_code == 302
    draft.refresh_from_db()
    assert (draft.state, draft.filed_by, bytes(draft.header), draft.parts.count()) == ("begun", None, b"", 0)
    assert second.post(f"/fa/release/{draft.pk}/sign/", {"password": SECRET}).status_code == 422
    assert TYPED["account.text"] in page_of(desk.get(f"/fa/filing/draft/{draft.pk}/edit/"))


def test_a_release_that_is_sent_twice_leads_to_the_one_notice(desk: Client, officers: Officers) -> None:
    draft = ready(desk)
    desk.post(f"/fa/filing/draft/{draft.pk}/file/", {"password": SECRET})
    second = signed_in(officers["releasing"])
    sent = [second.post(f"/fa/release/{draft.pk}/sign/", {"password": SECRET}) for _ in range(2)]
    assert {answer.headers["Location"] for answer in sent} == {"/fa/notices/ML3-4/"}
    late = desk.post(f"/fa/filing/draft/{draft.pk}/recall/")
    assert late.headers["Location"] == "/fa/notices/ML3-4/"
    draft.refresh_from_db()
    assert (draft.state, draft.content, bytes(draft.typed)) == ("released", {}, b"")


def test_a_template_begins_a_draft_without_saying_when_and_where(desk: Client, officers: Officers) -> None:
    asked = {"then": "template", "template_name": " دود  در نی‌زار "}
    assert desk.post(NEW, {**TYPED, **asked}).status_code == 200
    assert not Draft.objects.exists()
    template = Template.objects.get()
    assert template.name == "دود در نی‌زار"
    page = page_of(desk.get(f"{NEW}?template={template.pk}"))
    assert TYPED["account.text"] in page
    assert 'value="۱۴:۵۰"' not in page
    assert '<option value="A" selected>' not in page
    again = desk.post(NEW, {**TYPED, **asked})
    assert "template.name-taken" in page_of(again)
    assert TYPED["account.text"] in page_of(again)
    desk.post(NEW, {**TYPED, **asked, "template_shared": "yes", "template_times": "yes", "template_places": "yes"})
    shared = Template.objects.get(shared=True)
    other = signed_in(officers["releasing"])
    page = page_of(other.get(f"{NEW}?template={shared.pk}"))
    assert 'value="۱۴:۵۰"' in page
    assert '<option value="A" selected>' in page
    assert other.get(f"{NEW}?template={template.pk}").status_code == 404
    assert len(re.findall("/rename/", page_of(other.get("/fa/filing/templates/")))) == 1


def test_templates_are_renamed_and_deleted_by_those_who_have_them(desk: Client, officers: Officers) -> None:
    desk.post(NEW, {**TYPED, "then": "template", "template_name": "یک"})
    mine = Template.objects.get()
    other = signed_in(officers["releasing"])
    assert other.post(f"/fa/filing/templates/{mine.pk}/drop/").status_code == 404
    assert other.post(f"/fa/filing/templates/{mine.pk}/rename/", {"name": "دو"}).status_code == 422
    assert desk.post(f"/fa/filing/templates/{mine.pk}/rename/", {"name": "\u202e"}).status_code == 422
    assert desk.post(f"/fa/filing/templates/{mine.pk}/rename/", {"name": "دو"}).status_code == 302
    mine.refresh_from_db()
    assert mine.name == "دو"
    desk.post(f"/fa/filing/templates/{mine.pk}/drop/")
    assert not Template.objects.exists()


def test_a_wrong_role_and_a_session_that_ended_keep_nothing_and_say_so(desk: Client, officers: Officers) -> None:
    answer = signed_in(officers["auditor"]).post(NEW, TYPED)
    assert answer.status_code == 403
    assert "نقش شما به این بخش راه ندارد." in page_of(answer)
    desk.logout()
    assert desk.post(NEW, TYPED).headers["Location"] == f"/fa/signin/?next={NEW}"
    assert not Draft.objects.exists()

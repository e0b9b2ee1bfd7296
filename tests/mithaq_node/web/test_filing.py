"""From an empty form to a released notice, as officers do it on the pages."""

import re
from typing import Any

import msgspec
import pytest
from django.test import Client

from mithaq_node import queries
from mithaq_node.queries import drafts, ledgers, rolls
from mithaq_node.services import releasing
from mithaq_node.settings.node import Node
from mithaq_node.store.models import Draft, DraftState, Officer
from mithaq_node.web.filing.entries import Entry
from mithaq_node.web.reader import Reader
from tests.mithaq_node.meadow import NOW, SECRET

Officers = dict[str, Officer]

INCIDENT = {
    "event": "fire",
    "happened.year": "۱۴۰۹",
    "happened.month": "2",
    "happened.day": "۱۲",
    "happened.time": "۱۴:۵۰",
    "place.form": "sector",
    "place.sector": "A",
    "people.adult": "۱٬۲۰۰",
    "confidence": "seen",
    "account.lang": "fa",
    "account.text": "نمونه: آتش در نی‌زار",
    "precedence": "priority",
}
"""As a Persian reader types it: 12 Ordibehesht 1409 in Persian digits."""


@pytest.fixture
def desk(officers: Officers) -> Client:
    return signed_in(officers["duty"])


def signed_in(officer: Officer) -> Client:
    client = Client()
    client.force_login(officer)
    return client


def begun(desk: Client, **typed: str) -> Draft:
    answer = desk.post("/fa/filing/incident.initial/", {**INCIDENT, **typed})
    assert answer.status_code == 302, answer.content.decode()
    return Draft.objects.get()


def test_it_reads_days_of_the_solar_calendar_and_digits_of_the_reader(desk: Client) -> None:
    content: dict[str, Any] = begun(desk).content
    assert content["happened"].startswith("2030-05-02T")
    assert content["people"] == {"adult": 1200}
    assert content["place"] == {"form": "sector", "sector": "A"}


@pytest.mark.parametrize(
    ("calendar", "day", "month", "year", "said"),
    [
        ("solar", "۳۰", "12", "۱۴۰۹", "روز \u2066۱۴۰۹-۱۲-۳۰\u2069 در تقویم «هجری شمسی» نیست."),  # a common year
        ("solar", "۳۱", "7", "۱۴۰۹", "روز \u2066۱۴۰۹-۷-۳۱\u2069 در تقویم «هجری شمسی» نیست."),
        ("hijri", "٣٠", "2", "١٤٤٧", "روز \u2066۱۴۴۷-۲-۳۰\u2069 در تقویم «هجری قمری» نیست."),  # 29 days in the tables
        ("gregorian", "29", "2", "2030", "روز \u2066۲۰۳۰-۲-۲۹\u2069 در تقویم «میلادی» نیست."),
    ],
)
def test_a_day_that_does_not_exist_in_its_calendar_is_refused_and_what_was_typed_stays(
    desk: Client, calendar: str, day: str, month: str, year: str, said: str
) -> None:
    desk.cookies["mithaq_ml_calendar"] = calendar
    typed = {**INCIDENT, "happened.day": day, "happened.month": month, "happened.year": year}
    answer = desk.post("/fa/filing/incident.initial/", typed)
    assert answer.status_code != 302
    page = answer.content.decode()
    assert said in page
    assert f'value="{day}"' in page
    assert Draft.objects.get().state == DraftState.BEGUN  # kept as it was typed


def test_a_form_that_is_sent_twice_is_one_draft(desk: Client) -> None:
    page = desk.get("/fa/filing/incident.initial/").content.decode()
    found = re.search(r'name="drawn" value="([^"]+)"', page)
    assert found is not None
    typed = {**INCIDENT, "drawn": found[1], "then": "save"}
    first, second = (desk.post("/fa/filing/incident.initial/", typed) for _ in range(2))
    assert first.headers["Location"] == second.headers["Location"]
    assert Draft.objects.count() == 1


def test_an_identifier_that_this_node_did_not_draw_is_not_taken(desk: Client) -> None:
    chosen = "0" * 32
    desk.post("/fa/filing/incident.initial/", {**INCIDENT, "drawn": chosen})
    assert Draft.objects.get().pk != chosen


def test_it_says_where_full_hours_begin_at_a_party_whose_clock_stands_between_them(desk: Client) -> None:
    said = "here each begins at minute"
    assert said not in desk.get("/en/filing/incident.initial/").content.decode()
    law = queries.law()
    between = msgspec.structs.replace(queries.own_party(), utc_offset=210)
    field = next(
        each for kind in law.kinds for each in kind.fields if (kind.name, each.name) == ("incident.initial", "happened")
    )
    for language, minute in (("fa", "۳۰"), ("en", "30")):
        reader = Reader(law=law, words=queries.words(), party=between, language=language, calendar="gregorian")
        assert Entry("incident.initial", field, reader, {}).hours_begin == minute


def test_it_keeps_what_was_typed_and_says_why_it_is_not_accepted(desk: Client) -> None:
    typed = {**INCIDENT, "happened.day": "۳۲", "confidence": ""}
    answer = desk.post("/fa/filing/incident.initial/", typed)
    page = answer.content.decode()
    assert answer.status_code == 422
    assert 'value="۳۲"' in page
    assert "نمونه: آتش در نی‌زار" in page
    assert "روز \u2066۱۴۰۹-۲-۳۲\u2069 در تقویم «هجری شمسی» نیست." in page
    assert re.search(r'id="refusal-confidence"', page)
    assert "confidence باید" not in page
    assert Draft.objects.get().unread == ["happened"]


def test_a_draft_may_be_incomplete_and_is_taken_up_again(desk: Client) -> None:
    answer = desk.post("/fa/filing/incident.initial/", {"event": "fire", "then": "save"})
    draft = Draft.objects.get()
    assert answer.headers["Location"] == f"/fa/filing/draft/{draft.pk}/edit/"
    page = desk.get(answer.headers["Location"]).content.decode()
    assert re.search(r'<option value="fire" selected>', page)


def test_the_preview_shows_exactly_the_bytes_that_will_leave(desk: Client, officers: Officers) -> None:
    draft = begun(desk)
    desk.post(f"/fa/filing/draft/{draft.pk}/file/", {"password": SECRET})
    (facts, text) = drafts.parts(draft)
    releasing.release(draft_id=draft.pk, officer=officers["releasing"], secret=SECRET, now=NOW)
    held = rolls.parts(own_log(), 2)
    assert [part.body for part in held] == [facts.body, text.body]
    assert b'"happened":"2030-05-02T14:00:00Z"' in facts.body  # coarsened to the hour before it was signed


def own_log() -> rolls.Log:
    return next(log for log in rolls.logs(queries.law()) if log.own)


def test_a_wrong_password_signs_nothing(desk: Client) -> None:
    draft = begun(desk)
    answer = desk.post(f"/fa/filing/draft/{draft.pk}/file/", {"password": "not this one"})
    draft.refresh_from_db()
    assert answer.status_code == 422
    assert (draft.state, draft.filed_by) == ("begun", None)


def test_the_second_officer_releases_and_the_first_may_not(desk: Client, officers: Officers) -> None:
    draft = begun(desk)
    desk.post(f"/fa/filing/draft/{draft.pk}/file/", {"password": SECRET})
    assert desk.post(f"/fa/release/{draft.pk}/sign/", {"password": SECRET}).status_code == 403
    second = signed_in(officers["releasing"])
    assert draft.pk in second.get("/fa/release/").content.decode()
    answer = second.post(f"/fa/release/{draft.pk}/sign/", {"password": SECRET})
    assert answer.headers["Location"] == "/fa/notices/ML3-4/"
    assert ledgers.notice("ML 3-4") is not None


def test_a_draft_handed_back_says_why(desk: Client, officers: Officers) -> None:
    draft = begun(desk)
    desk.post(f"/fa/filing/draft/{draft.pk}/file/", {"password": SECRET})
    second = signed_in(officers["releasing"])
    assert second.post(f"/fa/release/{draft.pk}/back/", {"remark": "  "}).status_code == 422
    second.post(f"/fa/release/{draft.pk}/back/", {"remark": "ساعت را بنویسید"})
    assert "ساعت را بنویسید" in desk.get("/fa/filing/").content.decode()


def test_an_auditor_reads_and_does_not_file(officers: Officers) -> None:
    auditor = signed_in(officers["auditor"])
    assert auditor.get("/fa/watch/").status_code == 200
    assert auditor.get("/fa/filing/").status_code == 403
    assert auditor.get("/fa/filing/incident.initial/").status_code == 403


def test_a_stranger_is_led_to_the_door(node: Node) -> None:
    answer = Client().get("/fa/filing/")
    assert answer.headers["Location"] == "/fa/signin/?next=/fa/filing/"


def test_every_kind_that_officers_write_has_a_form_in_every_language(desk: Client) -> None:
    kinds = [kind for kind in queries.law().kinds if kind.release != "machine"]
    for language in ("fa", "ar", "ckb", "en"):
        for kind in kinds:
            answer = desk.get(f"/{language}/filing/{kind.name}/")
            assert answer.status_code == 200, kind.name
            for field in kind.fields:
                assert f'id="field-{field.name}"' in answer.content.decode()

"""What officers see of the linter: the filer's warning, the releasing officer's questions, the record's mark."""

import re

import pytest
from django.test import Client

from mithaq.notices.envelope import Header
from mithaq_node.queries import ledgers
from mithaq_node.services import drafting
from mithaq_node.store.models import Draft, DraftState, Officer
from tests.mithaq_node import meadow
from tests.mithaq_node.meadow import NOW, SECRET

Officers = dict[str, Officer]
TEXT = "دود بر فراز شیخ نمونه، یک شهر؛ تلفن 0770 123 4567 <b>"
MAIL = "بنویسید به duty@desk.example"
LANGUAGES = ("fa", "ar", "ckb", "en")


def signed_in(officer: Officer) -> Client:
    client = Client()
    client.force_login(officer)
    return client


def begun(officer: Officer, text: str, kind: str = "incident.initial") -> Draft:
    content = {**(meadow.INCIDENT if kind == "incident.initial" else meadow.HAZARD)}
    content["account"] = {"lang": "fa", "text": text}
    return drafting.save_draft(officer=officer, kind=kind, content=content, now=NOW)


def filed(officers: Officers, text: str = TEXT) -> Draft:
    draft = begun(officers["duty"], text)
    answer = signed_in(officers["duty"]).post(f"/fa/filing/draft/{draft.pk}/file/", {"password": SECRET})
    assert answer.status_code == 302
    return draft


def inputs(page: str) -> list[tuple[str, list[str]]]:
    """Each question of a page: the name of its inputs, and what may be chosen."""
    found: dict[str, list[str]] = {}
    for name, value in re.findall(r'name="(passage\.[0-9a-f]{16})"\s+value="([a-z-]+)"', page):
        found.setdefault(name, []).append(value)
    return list(found.items())


def released(number: str) -> Header:
    notice = ledgers.notice(number)
    assert notice is not None
    assert notice.leaf is not None
    return notice.leaf.header


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_filer_is_warned_sees_each_passage_marked_and_may_reword(officers: Officers, language: str) -> None:
    draft = begun(officers["duty"], TEXT)
    page = signed_in(officers["duty"]).get(f"/{language}/filing/draft/{draft.pk}/").content.decode()
    marks = re.findall(r'<mark id="passage-([0-9a-f]{16})"[^>]*>([^<]*)</mark>', page)
    assert [words for _, words in marks] == ["شیخ نمونه", "0770 123 4567"]
    assert [f'href="#passage-{id}"' in page for id, _ in marks] == [True, True]
    assert "&lt;b&gt;" in page
    assert f"/{language}/filing/draft/{draft.pk}/edit/" in page
    assert inputs(page) == []  # only whoever releases is asked


def test_the_releasing_officer_is_asked_once_for_each_passage(officers: Officers) -> None:
    draft = filed(officers)
    second = signed_in(officers["releasing"])
    for language in LANGUAGES:
        page = second.get(f"/{language}/release/{draft.pk}/").content.decode()
        assert [choices for _, choices in inputs(page)] == [
            ["office", "place", "back"],
            ["emergency-line", "quantity", "reference", "back"],
        ]
        assert page.count("<mark id=") == 2


def test_nothing_leaves_while_a_passage_is_open_and_what_was_chosen_stays_chosen(officers: Officers) -> None:
    draft = filed(officers)
    second = signed_in(officers["releasing"])
    (first, _), _ = inputs(second.get(f"/fa/release/{draft.pk}/").content.decode())
    answer = second.post(f"/fa/release/{draft.pk}/sign/", {first: "place", "password": SECRET})
    page = answer.content.decode()
    assert answer.status_code == 422
    assert re.search(rf'name="{re.escape(first)}"\s+value="place"\s+checked', page)
    assert Draft.objects.get().state == DraftState.FILED


def release(officers: Officers, draft: Draft) -> str:
    """Where the releasing officer, having answered, is led to."""
    second = signed_in(officers["releasing"])
    (name, _), (line, _) = inputs(second.get(f"/fa/release/{draft.pk}/").content.decode())
    typed = {name: "place", line: "emergency-line", "password": SECRET}
    return str(second.post(f"/fa/release/{draft.pk}/sign/", typed).headers["Location"])


def test_with_a_reason_for_each_it_is_released_and_every_page_says_so(officers: Officers) -> None:
    assert release(officers, filed(officers)) == "/fa/notices/ML3-4/"
    stays = released("ML 3-4").kept
    assert [(each.finding, each.reason) for each in stays] == [
        ("text.name", "place"),
        ("text.telephone", "emergency-line"),
    ]
    auditor = signed_in(officers["auditor"])
    said = {"fa": "نام یک جا", "ar": "اسم مكان", "ckb": "ناوی شوێنێک", "en": "the name of a place"}
    for language, words in said.items():
        for place in ("notices/ML3-4/", "compliance/"):
            assert words in auditor.get(f"/{language}/{place}").content.decode(), (language, place)
    badge = '<span class="badge badge--due">Released over a finding</span>'
    for place in ("notices/ML3-4/", "incidents/ML3-4/"):
        assert badge in auditor.get(f"/en/{place}").content.decode()


def test_a_passage_sent_back_takes_the_draft_back_and_signs_nothing(officers: Officers) -> None:
    draft = filed(officers)
    second = signed_in(officers["releasing"])
    (first, _), (line, _) = inputs(second.get(f"/fa/release/{draft.pk}/").content.decode())
    answer = second.post(f"/fa/release/{draft.pk}/sign/", {first: "place", line: "back"})
    assert answer.headers["Location"] == "/fa/release/"
    draft.refresh_from_db()
    assert (draft.state, draft.filed_by, bool(draft.remark)) == (DraftState.HANDED_BACK, None, True)
    page = signed_in(officers["duty"]).get(f"/fa/filing/draft/{draft.pk}/").content.decode()
    assert draft.remark in page
    assert page.count("<mark id=") == 2


def test_a_mail_address_can_only_be_sent_back(officers: Officers) -> None:
    draft = filed(officers, MAIL)
    second = signed_in(officers["releasing"])
    ((name, choices),) = inputs(second.get(f"/fa/release/{draft.pk}/").content.decode())
    assert choices == ["back"]
    assert 'name="password"' not in second.get(f"/fa/release/{draft.pk}/").content.decode()
    for reason in ("office", "quantity"):
        answer = second.post(f"/fa/release/{draft.pk}/sign/", {name: reason, "password": SECRET})
        assert answer.status_code == 422
    assert ledgers.notice("ML 3-4") is None


def test_one_officer_who_releases_alone_is_asked_and_the_review_shows_the_answers(officers: Officers) -> None:
    draft = begun(officers["duty"], "Ask under 0770 123 4567.", "humanitarian.hazard")
    duty = signed_in(officers["duty"])
    address = f"/fa/filing/draft/{draft.pk}/"
    ((name, choices),) = inputs(duty.get(address).content.decode())
    assert choices == ["emergency-line", "quantity", "reference"]
    assert duty.post(f"{address}file/", {"alone": "yes", "password": SECRET}).status_code == 422
    answer = duty.post(f"{address}file/", {"alone": "yes", "password": SECRET, name: "emergency-line"})
    assert answer.headers["Location"] == "/fa/notices/ML3-4/"
    page = signed_in(officers["releasing"]).get("/en/release/review/ML3-4/").content.decode()
    assert "a public telephone for emergencies" in page
    assert "<mark id=" in page


def test_the_record_counts_both_parties_in_every_quarter(officers: Officers) -> None:
    release(officers, filed(officers))
    page = signed_in(officers["auditor"]).get("/en/compliance/").content.decode()
    section = page.split('id="findings-title"')[1]
    rows = re.findall(r'class="party party-(ML|RL)".*?</td>(.*?)</tr>', section, re.DOTALL)
    assert [party for party, _ in rows][:2] == ["ML", "RL"]
    counts = [re.findall(r'<bdi class="number">(\d+)</bdi></td>', row) for _, row in rows]
    assert counts == [["1", "1"], ["0", "0"]]

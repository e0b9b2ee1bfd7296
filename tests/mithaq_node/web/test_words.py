"""“This word is wrong”: every page leads to the form, and only the word is kept."""

import html
import re

import pytest
from django.test import Client

from mithaq_node.store.models import Officer, WordRemark

Officers = dict[str, Officer]


def signed_in(officer: Officer) -> Client:
    client = Client()
    client.force_login(officer)
    return client


def test_every_page_leads_to_the_form_and_the_form_back(officers: Officers) -> None:
    client = signed_in(officers["duty"])
    for address in ("/fa/watch/", "/fa/help/", "/fa/filing/", "/fa/nowhere/", "/fa/instrument/"):
        found = re.search(r'href="(/fa/words/wrong/\?page=[^"]+)"', client.get(address).content.decode())
        assert found is not None, address
        assert f'name="page" value="{address}"' in client.get(html.unescape(found[1])).content.decode()


def test_the_word_is_kept_with_the_name_of_the_page_and_not_its_notice(officers: Officers) -> None:
    client = signed_in(officers["duty"])
    typed = {"page": "/fa/notices/ML1-8/?x=1", "word": " واژهٔ  نادرست ", "better": "واژه‌ای دیگر"}
    answer = client.post("/fa/words/wrong/", typed)
    assert (answer.status_code, answer.headers["Location"]) == (302, typed["page"])
    kept = WordRemark.objects.get()
    assert (kept.language, kept.page, kept.word, kept.suggestion) == (
        "fa", "incidents:notice", "واژهٔ نادرست", "واژه‌ای دیگر",
    )  # fmt: skip
    assert kept.officer == officers["duty"]
    assert "ML1-8" not in " ".join(str(value) for value in vars(kept).values())


@pytest.mark.parametrize("page", ["https://elsewhere.example/", "//elsewhere.example/", "javascript:alert(1)", ""])
def test_nobody_is_sent_elsewhere_and_an_odd_page_has_no_name(officers: Officers, page: str) -> None:
    client = signed_in(officers["duty"])
    answer = client.post("/fa/words/wrong/", {"page": page, "word": "x"})
    assert answer.headers["Location"] == "/fa/watch/"


def test_what_was_typed_stays_when_it_is_refused(officers: Officers) -> None:
    client = signed_in(officers["duty"])
    answer = client.post("/ar/words/wrong/", {"page": "/ar/watch/", "word": "", "better": "كلمة"})
    assert answer.status_code == 422
    shown = answer.content.decode()
    assert 'value="كلمة"' in shown
    assert "اكتبوا الكلمة كما هي في الصفحة." in shown
    assert not WordRemark.objects.exists()


def test_whoever_is_not_signed_in_signs_in_first(officers: Officers) -> None:
    answer = Client().post("/fa/words/wrong/", {"page": "/fa/help/", "word": "x"})
    assert "/signin/" in answer.headers["Location"]
    assert not WordRemark.objects.exists()

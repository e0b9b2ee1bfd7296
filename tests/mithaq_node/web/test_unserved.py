"""Where no page can be shown, a page of the desk says so in the reader's language."""

from collections.abc import Callable

import pytest
from django.conf import settings
from django.test import Client, RequestFactory
from django.utils import translation

from mithaq.errors import Refusal
from mithaq_files.refusals import sentence
from mithaq_node.web import unserved
from tests.mithaq_node.web.conftest import LANGUAGES

Desk = Callable[..., Client]


@pytest.mark.parametrize("language", LANGUAGES)
def test_it_says_that_there_is_no_such_page(desk: Desk, language: str):
    answer = desk().get(f"/{language}/nowhere/")
    assert answer.status_code == 404
    assert sentence(Refusal("desk.no-page"), language) in answer.content.decode()
    assert ("Not here" in answer.content.decode()) == (language == "en")
    assert 'id="main"' in answer.content.decode()


@pytest.mark.parametrize("language", LANGUAGES)
def test_it_says_that_a_form_was_opened_too_long_ago(desk: Desk, language: str):
    desk()
    answer = Client(enforce_csrf_checks=True).post(f"/{language}/signin/", {"name": "a", "password": "b"})
    assert answer.status_code == 403
    assert sentence(Refusal("desk.expired-form"), language) in answer.content.decode()


def test_a_demonstration_says_so_even_where_its_node_failed_or_its_instrument_cannot_be_read(desk: Desk):
    said, reader = "Demonstration. Not a document of any government.", desk()
    with translation.override("en"):
        assert said in unserved.failed(RequestFactory().get("/")).content.decode()
    assert said in reader.get("/en/instrument/").content.decode()
    next(settings.NODE.instrument.glob("law*")).unlink()
    answer = reader.get("/en/instrument/")
    assert answer.status_code == 503
    assert said in answer.content.decode()


@pytest.mark.parametrize("language", LANGUAGES)
def test_it_says_that_the_node_failed_without_asking_the_node(language: str):
    with translation.override(language):
        answer = unserved.failed(RequestFactory().get("/"))
    page = answer.content.decode()
    assert answer.status_code == 500
    assert f'lang="{language}"' in page
    assert ("The node failed" in page) == (language == "en")


def test_it_says_that_a_request_cannot_be_read(desk: Desk):
    desk()
    answer = Client().get("/fa/signin/", headers={"host": "elsewhere.example"})
    assert answer.status_code == 400
    assert sentence(Refusal("desk.bad-request"), "fa") in answer.content.decode()

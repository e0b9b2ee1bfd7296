"""The door: signing in and out, waiting after failures, a reader's choices, and the tickets of a demonstration."""

import dataclasses
import html
import time
from collections.abc import Callable, Iterator

import pytest
from django.conf import settings
from django.core.cache import cache
from django.test import Client

from mithaq.errors import Refusal
from mithaq_files.refusals import sentence
from mithaq_node.services import accounts, tickets
from mithaq_node.store.models import Officer
from mithaq_node.web.accounts import throttle
from tests.mithaq_node import meadow
from tests.mithaq_node.web.conftest import LANGUAGES

Desk = Callable[..., Client]


@pytest.fixture
def client(desk: Desk) -> Iterator[Client]:
    cache.clear()
    opened = desk()
    accounts.create_officer(name="duty", role="duty", secret=meadow.SECRET)
    yield opened
    cache.clear()


def sign_in(client: Client, password: str = meadow.SECRET, language: str = "fa", **more: str):
    return client.post(f"/{language}/signin/", {"name": "duty", "password": password, **more})


def signed_in(client: Client) -> bool:
    return "_auth_user_id" in client.session


def test_an_officer_signs_in_and_goes_to_the_watch_room(client: Client):
    assert sign_in(client).headers["Location"] == "/fa/watch/"
    assert signed_in(client)


def test_whoever_came_from_a_page_goes_back_to_it(client: Client):
    assert sign_in(client, next="/fa/record/").headers["Location"] == "/fa/record/"


@pytest.mark.parametrize("target", ["https://elsewhere.example/", "//elsewhere.example/", "javascript:alert(1)"])
def test_nobody_is_sent_to_another_host(client: Client, target: str):
    assert sign_in(client, next=target).headers["Location"] == "/fa/watch/"


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_wrong_password_is_refused_in_the_readers_language(client: Client, language: str):
    response = sign_in(client, "another password", language)
    assert response.status_code == 403
    assert sentence(Refusal("signin.wrong"), language) in html.unescape(response.content.decode())
    assert not signed_in(client)


def test_an_unknown_name_is_refused_in_the_same_words(client: Client):
    known = sign_in(client, "another password").content
    unknown = client.post("/fa/signin/", {"name": "nobody", "password": "another password"}).content
    assert known.count(b"notice--stop") == unknown.count(b"notice--stop") == 1
    assert sentence(Refusal("signin.wrong"), "fa") in html.unescape(unknown.decode())


def test_a_disabled_officer_is_refused(client: Client):
    accounts.disable(officer=Officer.objects.get(name="duty"))
    assert sign_in(client).status_code == 403


def test_the_door_waits_after_five_failures_and_does_not_look_at_the_password(client: Client):
    for _ in range(throttle.PER_NAME):
        sign_in(client, "another password")
    response = sign_in(client)
    assert sentence(Refusal("signin.too-many", minutes=5), "fa") in html.unescape(response.content.decode())
    assert not signed_in(client)


def test_failures_elsewhere_do_not_lock_an_officer_out(client: Client):
    for _ in range(throttle.PER_NAME):
        client.post("/fa/signin/", {"name": "duty", "password": "another password"}, REMOTE_ADDR="192.0.2.7")
    assert sign_in(client).status_code == 302


def test_signing_out_ends_the_session_on_the_node(client: Client):
    sign_in(client)
    old = client.session.session_key or ""
    assert client.session.exists(old)
    assert client.get("/fa/signout/").status_code == 405
    client.post("/fa/signout/")
    assert not signed_in(client)
    assert not client.session.exists(old)


def test_calendar_and_theme_are_kept_under_this_partys_name(client: Client):
    client.post("/fa/preferences/", {"calendar": "hijri", "theme": "dark", "next": "/fa/instrument/"})
    assert client.cookies["mithaq_iq_calendar"].value == "hijri"
    assert client.cookies["mithaq_iq_calendar"]["samesite"] == "Strict"
    text = client.get("/fa/instrument/").content.decode()
    assert 'data-theme="dark"' in text
    assert "هجری قمری" in text[: text.index('id="standing"')]


def test_a_choice_that_is_none_of_ours_is_not_kept(client: Client):
    client.post("/fa/preferences/", {"calendar": "mayan", "theme": "<b>"})
    assert "mithaq_iq_calendar" not in client.cookies
    client.cookies["mithaq_iq_theme"] = "<b>"
    assert b"data-theme" not in client.get("/fa/instrument/").content


@pytest.mark.parametrize("language", LANGUAGES)
def test_another_language_opens_the_same_page(client: Client, language: str):
    response = client.post("/fa/preferences/", {"language": language, "next": "/fa/instrument/"})
    assert response.headers["Location"] == f"/{language}/instrument/"


def test_the_menu_says_that_no_native_reader_has_reviewed_a_language(client: Client):
    text = client.get("/en/signin/").content.decode()
    assert text.count("not reviewed") == len(LANGUAGES)


def enter(client: Client, ticket: str, next_page: str = "/ckb/watch/"):
    return client.get("/demo/enter/", {"ticket": ticket, "next": next_page})


def ticket(user: str = "duty") -> str:
    return tickets.issue(user=user, secret=tickets.secret(settings.NODE.folder), now=int(time.time()))


def test_a_ticket_opens_the_desk_already_signed_in(client: Client):
    assert enter(client, ticket()).headers["Location"] == "/ckb/watch/"
    assert signed_in(client)


def test_a_ticket_opens_it_once(client: Client):
    once = ticket()
    enter(client, once)
    client.post("/fa/signout/")
    response = enter(client, once)
    assert response.status_code == 403
    assert not signed_in(client)


def test_a_ticket_for_nobody_opens_nothing(client: Client):
    assert enter(client, ticket("nobody")).status_code == 403


def test_a_ticket_does_not_lead_to_another_host(client: Client):
    assert enter(client, ticket(), "https://elsewhere.example/").headers["Location"] == "/"


def test_a_node_that_is_no_demonstration_has_no_such_door(client: Client, monkeypatch: pytest.MonkeyPatch):
    good = ticket()
    monkeypatch.setattr(settings, "NODE", dataclasses.replace(settings.NODE, demo=False))
    assert enter(client, good).status_code == 404
    assert not signed_in(client)

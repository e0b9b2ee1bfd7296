"""The door: signing in and out, waiting after failures, a reader's choices, and the tickets of a demonstration."""

import dataclasses
import html
import time
from collections.abc import Callable
from typing import Any

import pytest
from django.conf import settings
from django.test import Client

from mithaq.errors import Refusal
from mithaq_files.refusals import sentence
from mithaq_node.services import accounts, clock, throttle, tickets
from mithaq_node.store.models import AccountEvent, FailedSignIn, Officer
from tests.mithaq_node import meadow
from tests.mithaq_node.web.conftest import LANGUAGES

Desk = Callable[..., Client]


@pytest.fixture
def client(desk: Desk) -> Client:
    opened = desk()
    accounts.create_officer(name="duty", role="duty", secret=meadow.SECRET)
    return opened


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
    assert known.count(b"signin.wrong") == unknown.count(b"signin.wrong") == 1
    assert sentence(Refusal("signin.wrong"), "fa") in html.unescape(unknown.decode())


def test_a_disabled_officer_is_refused(client: Client):
    accounts.disable(officer=Officer.objects.get(name="duty"))
    assert sign_in(client).status_code == 403


def fail(client: Client, times: int, address: str = "127.0.0.1", name: str = "duty") -> None:
    for _ in range(times):
        client.post("/fa/signin/", {"name": name, "password": "another password"}, REMOTE_ADDR=address)


def is_told_to_wait(answer: Any, minutes: int = 5) -> bool:
    return sentence(Refusal("signin.too-many", minutes=minutes), "fa") in html.unescape(answer.content.decode())


def test_the_door_waits_after_five_failures_and_does_not_look_at_the_password(client: Client):
    fail(client, throttle.PER_DESK)
    assert is_told_to_wait(sign_in(client))
    assert not signed_in(client)


def test_the_wait_says_what_is_left_of_it_and_ends(client: Client, monkeypatch: pytest.MonkeyPatch):
    start = int(time.time())
    monkeypatch.setattr(clock, "of_machine", lambda: start)
    fail(client, throttle.PER_DESK)
    monkeypatch.setattr(clock, "of_machine", lambda: start + 190)
    assert is_told_to_wait(sign_in(client), 2)
    monkeypatch.setattr(clock, "of_machine", lambda: start + throttle.WINDOW)
    assert sign_in(client).status_code == 302


def test_failures_elsewhere_do_not_lock_an_officer_out(client: Client):
    fail(client, throttle.PER_DESK, "192.0.2.7")
    assert sign_in(client).status_code == 302


def test_many_machines_that_guess_together_wait_but_the_officers_own_desk_does_not(client: Client):
    sign_in(client)
    client.post("/fa/signout/")
    for machine in range(throttle.PER_NAME):
        fail(client, 1, f"192.0.2.{machine}")
    assert is_told_to_wait(client.post("/fa/signin/", {"name": "duty", "password": "x"}, REMOTE_ADDR="192.0.2.200"))
    assert sign_in(client).status_code == 302


def test_whoever_walks_through_the_names_from_one_address_waits(client: Client):
    for number in range(throttle.PER_ADDRESS):
        fail(client, 1, "192.0.2.7", f"name {number}")
    assert is_told_to_wait(client.post("/fa/signin/", {"name": "duty", "password": "x"}, REMOTE_ADDR="192.0.2.7"))
    assert sign_in(client).status_code == 302


def test_the_operator_lifts_a_wait_and_the_auditor_sees_it(client: Client):
    fail(client, throttle.PER_DESK)
    throttle.lift(officer=Officer.objects.get(name="duty"))
    assert sign_in(client).status_code == 302
    assert AccountEvent.objects.filter(deed="wait-lifted", by_operator=True).count() == 1


def test_no_typed_name_is_kept(client: Client):
    fail(client, 1, name="my password by mistake")
    assert "mistake" not in str(list(FailedSignIn.objects.values()))


def test_behind_a_proxy_the_address_is_what_the_proxy_put_last(client: Client, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(settings, "NODE", dataclasses.replace(settings.NODE, https=True))
    for number in range(throttle.PER_DESK):
        forged = f"198.51.100.{number}, 192.0.2.7"
        client.post("/fa/signin/", {"name": "duty", "password": "x"}, HTTP_X_FORWARDED_FOR=forged)
    assert set(FailedSignIn.objects.values_list("address", flat=True)) == {"192.0.2.7"}


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

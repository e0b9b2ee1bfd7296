"""Second factors at the door and on the officer's own page; sessions that end by themselves."""

import dataclasses
import re
import time
from collections.abc import Callable
from typing import Any

import pytest
from django.conf import settings
from django.test import Client

from mithaq_node.services import accounts, clock, codes, passkeys, tickets
from mithaq_node.store.models import Officer, SecondFactor
from tests.mithaq_node import meadow

Desk = Callable[..., Client]
NOW = 1_904_000_010


class Clock:
    """The machine's clock, in the hand of the test."""

    now = NOW

    def __call__(self) -> int:
        return self.now


@pytest.fixture
def hand(monkeypatch: pytest.MonkeyPatch) -> Clock:
    held = Clock()
    monkeypatch.setattr(clock, "of_machine", held)
    return held


@pytest.fixture
def client(desk: Desk, hand: Clock) -> Client:
    opened = desk()
    accounts.create_officer(name="duty", role="duty", secret=meadow.SECRET)
    return opened


def sign_in(client: Client) -> Any:
    return client.post("/fa/signin/", {"name": "duty", "password": meadow.SECRET, "next": "/fa/record/"})


def set_up(client: Client, hand: Clock) -> tuple[bytes, list[str]]:
    """Add a generator as an officer does; its secret and the codes for paper that came with it."""
    shown = client.get("/fa/account/codes/").content.decode()
    assert "data:image/svg" in shown
    secret = bytes.fromhex(client.session["generator"])
    answer = client.post("/fa/account/codes/", {"code": codes.code_at(secret, hand.now // codes.STEP)})
    return secret, re.findall(r'<li class="mono">([^<]+)</li>', answer.content.decode())


def code(secret: bytes, hand: Clock) -> str:
    hand.now += codes.STEP
    return codes.code_at(secret, hand.now // codes.STEP)


def test_with_a_generator_the_password_alone_opens_nothing(client: Client, hand: Clock) -> None:
    sign_in(client)
    secret, papers = set_up(client, hand)
    assert len(papers) == codes.RECOVERY_CODES
    client.post("/fa/signout/")
    assert sign_in(client).headers["Location"] == "/fa/signin/second/"
    assert client.get("/fa/record/").status_code == 302
    assert client.post("/fa/signin/second/", {"code": "000000"}).status_code == 403
    assert client.get("/fa/record/").status_code == 302
    answer = client.post("/fa/signin/second/", {"code": code(secret, hand)})
    assert answer.headers["Location"] == "/fa/record/"
    client.post("/fa/signout/")
    sign_in(client)
    assert client.post("/fa/signin/second/", {"code": papers[0]}).headers["Location"] == "/fa/record/"


def test_the_second_step_is_open_for_five_minutes_and_for_nobody_who_was_shut_out(client: Client, hand: Clock) -> None:
    sign_in(client)
    secret, _ = set_up(client, hand)
    client.post("/fa/signout/")
    sign_in(client)
    hand.now += 301
    answer = client.post("/fa/signin/second/", {"code": code(secret, hand)})
    assert answer.headers["Location"] == "/fa/signin/"
    sign_in(client)
    accounts.disable(officer=Officer.objects.get())
    assert client.post("/fa/signin/second/", {"code": code(secret, hand)}).headers["Location"] == "/fa/signin/"


def test_a_role_that_needs_a_factor_sets_it_up_before_anything_else(
    client: Client, hand: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(settings, "NODE", dataclasses.replace(settings.NODE, second_factor=("duty",)))
    sign_in(client)
    assert client.get("/fa/watch/").headers["Location"] == "/fa/account/"
    assert client.get("/fa/account/").status_code == 200
    set_up(client, hand)
    assert client.get("/fa/watch/").status_code == 200
    only = SecondFactor.objects.get().pk
    assert client.post("/fa/account/remove/", {"factor": only}).status_code == 400
    assert SecondFactor.objects.count() == 1


def test_nothing_changes_without_the_password_typed_within_ten_minutes(client: Client, hand: Clock) -> None:
    sign_in(client)
    set_up(client, hand)
    only = SecondFactor.objects.get().pk
    hand.now += 601
    client.post("/fa/account/remove/", {"factor": only})
    assert SecondFactor.objects.count() == 1
    assert client.get("/fa/account/codes/").status_code == 302
    assert client.post("/fa/account/passkey/ask/").status_code == 400
    assert client.post("/fa/account/again/", {"password": "another password"}).status_code == 400
    client.post("/fa/account/again/", {"password": meadow.SECRET})
    client.post("/fa/account/remove/", {"factor": only})
    assert SecondFactor.objects.count() == 0


def test_whoever_came_with_a_ticket_types_the_password_before_anything_changes(client: Client, hand: Clock) -> None:
    secret = tickets.secret(settings.NODE.folder)
    ticket = tickets.issue(user="duty", secret=secret, now=int(time.time()))
    assert client.get("/demo/enter/", {"ticket": ticket, "next": "/fa/watch/"}).status_code == 302
    assert client.get("/fa/account/codes/").status_code == 302
    client.post("/fa/account/again/", {"password": meadow.SECRET})
    assert client.get("/fa/account/codes/").status_code == 200


def test_nobody_takes_away_the_factor_of_another(client: Client, hand: Clock) -> None:
    sign_in(client)
    set_up(client, hand)
    theirs = SecondFactor.objects.get().pk
    accounts.create_officer(name="other", role="auditor", secret=meadow.SECRET)
    other = Client()
    other.post("/fa/signin/", {"name": "other", "password": meadow.SECRET})
    other.post("/fa/account/remove/", {"factor": theirs})
    assert SecondFactor.objects.filter(pk=theirs).exists()


@pytest.mark.parametrize("answer", ["", "{", "[]", "{}", '{"rawId": "AA"}', '{"rawId": "AA", "response": 7}'])
def test_what_is_no_answer_of_a_passkey_opens_nothing(client: Client, answer: str) -> None:
    client.get("/fa/signin/")
    assert client.post("/fa/signin/passkey/ask/").json()["publicKey"]["userVerification"] == "required"
    assert client.post("/fa/signin/passkey/", {"answer": answer}).status_code == 403
    sign_in(client)
    assert client.post("/fa/account/passkey/ask/").status_code == 200
    assert client.post("/fa/account/passkey/", {"answer": answer}).status_code == 400
    assert SecondFactor.objects.count() == 0


@pytest.mark.parametrize(("host", "can"), [("desk.example", True), ("192.0.2.7", False), ("[2001:db8::1]", False)])
def test_passkeys_need_a_host_name(host: str, can: bool) -> None:
    assert passkeys.possible(host) is can


def test_a_session_ends_when_nothing_is_done_whatever_its_page_asks_by_itself(client: Client, hand: Clock) -> None:
    sign_in(client)
    for _ in range(9):
        hand.now += 3600
        answer = client.get("/fa/watch/cursor/")
        client.get("/fa/watch/now/", headers={"HX-Request": "true"})
        if answer.status_code != 200:
            break
    assert answer.status_code == 302
    assert hand.now - NOW == 8 * 3600


def test_a_session_ends_after_a_shift_whatever_is_done(client: Client, hand: Clock) -> None:
    sign_in(client)
    for _ in range(12):
        assert client.get("/fa/record/").status_code == 200
        hand.now += 3600
    assert client.get("/fa/record/").status_code == 302


def test_no_factor_shown_in_a_page_is_a_script_or_a_style_within_it(client: Client, hand: Clock) -> None:
    sign_in(client)
    for place in ("account/", "account/codes/"):
        shown = client.get(f"/fa/{place}").content.decode()
        assert not re.search(r"<script(?![^>]*\bsrc=)|<style|\son\w+=|style=", shown), place

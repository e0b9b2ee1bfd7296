"""Who may go where: every address of the desk, every role, and whoever is not signed in."""

from collections.abc import Iterator

import pytest
from django.test import Client
from django.urls import NoReverseMatch, URLPattern, URLResolver, get_resolver, reverse
from django.utils import translation

from mithaq_node.services import accounts
from mithaq_node.store.models import Role
from tests.mithaq_node.meadow import SECRET

READ = frozenset({"duty", "releasing", "secretariat", "auditor"})
WRITE = frozenset({"duty", "releasing", "secretariat"})
RELEASE = frozenset({"releasing"})
ARRANGE = frozenset({"operator"})
TAKE_AWAY = frozenset({"secretariat", "auditor"})
SIGNED_IN = frozenset(Role.values)
ANYBODY = SIGNED_IN | {""}

MATRIX: dict[str, frozenset[str]] = {
    "home": ANYBODY,
    "demo:enter": ANYBODY,  # outside a demonstration there is nothing there
    "accounts:signin": ANYBODY,
    "accounts:signout": ANYBODY,
    "accounts:preferences": ANYBODY,
    "instrument:show": ANYBODY,
    "instrument:verify": ANYBODY,
    "report:show": ANYBODY,
    "help:show": ANYBODY,
    "help:guide": ANYBODY,
    "help:keys": ANYBODY,
    "words:wrong": SIGNED_IN,
    "watch:parties": ANYBODY,
    "watch:alarm": SIGNED_IN,
    "watch:show": READ,
    "watch:cursor": READ,
    "watch:now": READ,
    "watch:find": READ,
    "watch:law_features": READ,
    "watch:incident_features": READ,
    "watch:crossings": READ,
    "incidents:show": READ,
    "incidents:now": READ,
    "incidents:notice": READ,
    "incidents:proof": READ,
    "incidents:certificate": READ,
    "compliance:show": READ,
    "compliance:now": READ,
    "inside:show": READ,
    "inside:now": READ,
    "inside:change": WRITE,
    "desks:show": READ | ARRANGE,
    "desks:change": ARRANGE,
    "record:show": READ,
    "record:now": READ,
    "record:compare": READ,
    "record:find": READ,
    "record:log": READ,
    "record:export": TAKE_AWAY,
    "filing:choose": WRITE,
    "filing:new": WRITE,
    "filing:draft": WRITE,
    "filing:edit": WRITE,
    "filing:file": WRITE,
    "filing:drop": WRITE,
    "release:queue": WRITE,
    "release:show": WRITE,
    "release:sign": RELEASE,
    "release:hand_back": RELEASE,
    "release:review": RELEASE,
}
"""Address to who gets past its door; the empty role is nobody. A new address fails until it stands here."""

POSTED = {
    "accounts:signout", "accounts:preferences", "filing:file", "filing:drop", "release:sign", "release:hand_back",
    "inside:change", "desks:change",
}  # fmt: skip
"""Addresses that answer to a form alone."""

ARGUMENTS = {"number": "ML 1-8", "draft_id": "none", "kind": "incident.initial", "name": "ML-all-1"}


def names(resolver: URLResolver, space: str = "") -> Iterator[str]:
    for each in resolver.url_patterns:
        if isinstance(each, URLResolver):
            yield from names(each, f"{space}{each.namespace}:" if each.namespace else space)
        elif isinstance(each, URLPattern):
            yield f"{space}{each.name}"


def address(name: str) -> str:
    with translation.override("en"):
        for chosen in ({}, *({key: value} for key, value in ARGUMENTS.items())):
            try:
                return reverse(name, kwargs=chosen)
            except NoReverseMatch:
                continue
    raise AssertionError(name)


def test_every_address_stands_in_the_matrix() -> None:
    assert sorted(set(names(get_resolver()))) == sorted(MATRIX)


@pytest.mark.parametrize("role", ["", *Role.values])
def test_whoever_may_not_go_there_is_turned_away_and_whoever_may_is_let_in(
    role: str, officers: dict[str, object]
) -> None:
    client = Client(raise_request_exception=False)
    if role:
        client.force_login(accounts.create_officer(name=f"the {role}", role=role, secret=SECRET))
    wrong = []
    for name, allowed in MATRIX.items():
        if name == "accounts:signout":
            continue  # it would end the session that the next addresses are asked with
        answer = client.post(address(name)) if name in POSTED else client.get(address(name))
        answer.close()  # as a server does; an export holds a connection until then
        away = answer.status_code == 302 and "/signin/" in answer.headers["Location"] and name != "home"
        turned = away if not role else answer.status_code == 403
        if turned == (role in allowed) or answer.status_code >= 500:
            wrong.append((name, answer.status_code))
    assert wrong == []


def test_a_form_is_not_taken_by_a_link() -> None:
    client = Client()
    assert {name: client.get(address(name)).status_code for name in POSTED} == dict.fromkeys(POSTED, 405)


def test_a_disabled_officer_is_out_at_the_next_request(officers: dict[str, object]) -> None:
    officer = accounts.create_officer(name="somebody", role="duty", secret=SECRET)
    client = Client()
    client.force_login(officer)
    assert client.get("/en/watch/cursor/").status_code == 200
    accounts.disable(officer=officer)
    answer = client.get("/en/watch/cursor/")
    assert answer.status_code == 302
    assert "/signin/" in answer.headers["Location"]

"""Who may go where: every address of the desk, every role, and whoever is not signed in."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from django.http import HttpRequest, StreamingHttpResponse
from django.test import Client, RequestFactory
from django.urls import NoReverseMatch, URLPattern, URLResolver, get_resolver, reverse
from django.utils import translation

from mithaq.errors import Refusal
from mithaq.notices import registering
from mithaq_node.services import accounts, changing_keys, entering
from mithaq_node.store.models import Officer, Role, Session
from mithaq_node.web import entrance
from tests.mithaq_node import meadow
from tests.mithaq_node.meadow import SECRET

READ = frozenset({"duty", "releasing", "secretariat", "auditor"})
WRITE = frozenset({"duty", "releasing", "secretariat"})
RELEASE = frozenset({"releasing"})
ARRANGE = frozenset({"operator"})
STAND_WATCH = frozenset({"duty", "releasing"})
TAKE_AWAY = frozenset({"secretariat", "auditor"})
LOOK_ON = READ | {"observer"}
AUDIT = frozenset({"auditor"})
SIGNED_IN = frozenset(Role.values)
ANYBODY = SIGNED_IN | {""}

MATRIX: dict[str, frozenset[str]] = {
    "home": ANYBODY,
    "healthz": ANYBODY,
    "readyz": ANYBODY,
    "metrics": ANYBODY,  # of the addresses that the operator names; to all others it is not there
    "demo:enter": ANYBODY,  # outside a demonstration there is nothing there
    "api:service_alerts": ANYBODY,  # until the operator switches it on there is nothing there
    "accounts:signin": ANYBODY,
    "accounts:second": ANYBODY,  # without a password before it, it leads back to the door
    "accounts:passkey": ANYBODY,
    "accounts:ask_passkey": ANYBODY,
    "accounts:signout": ANYBODY,
    "accounts:preferences": ANYBODY,
    "accounts:show": SIGNED_IN,
    "accounts:again": SIGNED_IN,
    "accounts:codes": SIGNED_IN,
    "accounts:add_passkey": SIGNED_IN,
    "accounts:ask_new_passkey": SIGNED_IN,
    "accounts:paper": SIGNED_IN,
    "accounts:remove": SIGNED_IN,
    "accounts:reads": AUDIT,
    "accounts:events": AUDIT,
    "instrument:show": ANYBODY,
    "instrument:verify": ANYBODY,
    "instrument:proposed": LOOK_ON,
    "instrument:versions": LOOK_ON,
    "report:show": ANYBODY,
    "help:show": ANYBODY,
    "help:guide": ANYBODY,
    "help:keys": ANYBODY,
    "words:wrong": SIGNED_IN,
    "watch:parties": ANYBODY,
    "watch:alarm": SIGNED_IN,
    "watch:show": READ,
    "watch:cursor": SIGNED_IN,
    "watch:now": READ,
    "watch:find": READ,
    "watch:law_features": LOOK_ON,
    "watch:incident_features": READ,
    "crossings:show": LOOK_ON,
    "crossings:one": LOOK_ON,
    "crossings:board": LOOK_ON,
    "crossings:features": READ,
    "public:show": ANYBODY,  # nothing is there until the operator has switched it on
    "public:page": ANYBODY,
    "public:atom": ANYBODY,
    "public:json": ANYBODY,
    "public:alerts": ANYBODY,
    "public:alert": ANYBODY,
    "gathering:show": READ,
    "gathering:settings": READ,  # to change them is a releasing officer's
    "gathering:preview": WRITE,
    "gathering:ledger": READ,
    "gathering:export": READ,
    "gathering:one": READ,  # to judge is not an auditor's
    "flows:show": LOOK_ON,
    "flows:export": LOOK_ON,
    "flows:import": WRITE,
    "corridors:show": LOOK_ON,
    "corridors:corridor": LOOK_ON,
    "corridors:stretches": LOOK_ON,
    "incidents:show": READ,
    "incidents:now": READ,
    "incidents:notice": READ,
    "incidents:picture": READ,
    "incidents:proof": READ,
    "incidents:certificate": READ,
    "incidents:case": READ,
    "pairs:show": READ,
    "pairs:inbox": READ,
    "pairs:of": READ,
    "compliance:show": LOOK_ON,
    "compliance:now": LOOK_ON,
    "compliance:propose": WRITE,
    "committee:board": LOOK_ON,
    "committee:now": LOOK_ON,
    "committee:scores": LOOK_ON,
    "committee:timeline": LOOK_ON,
    "committee:articles": LOOK_ON,
    "committee:commitment": LOOK_ON,
    "committee:commitment-now": LOOK_ON,
    "papers:choose": LOOK_ON,
    "papers:take": LOOK_ON,
    "committee:earlier": READ,
    "committee:earlier-template": WRITE,
    "committee:earlier-take-in": WRITE,
    "committee:earlier-refused": WRITE,
    "committee:texts": LOOK_ON,
    "committee:blank-text": WRITE,
    "committee:begin-text": WRITE,
    "committee:text": READ,
    "committee:read": READ,
    "committee:paper": READ,
    "committee:docx": READ,
    "committee:take-in": WRITE,
    "committee:accept": WRITE,
    "committee:put-forward": WRITE,
    "committee:meetings": LOOK_ON,
    "committee:meeting": LOOK_ON,
    "committee:invitation": LOOK_ON,
    "committee:case": READ,
    "record:show": LOOK_ON,
    "record:now": LOOK_ON,
    "record:compare": LOOK_ON,
    "record:find": LOOK_ON,
    "record:log": LOOK_ON,
    "activities:show": READ,
    "activities:now": READ,
    "activities:one": READ,
    "activities:feed_address": READ,
    "calendar_feed": frozenset(),  # as the next one
    "activities_feed": frozenset(),  # no session opens it, only the secret of an officer's address
    "ogc:landing": frozenset(),  # no session opens what programs of maps read, only a token
    "ogc:conformance": frozenset(),
    "ogc:api": frozenset(),
    "ogc:collections": frozenset(),
    "ogc:collection": frozenset(),
    "ogc:items": frozenset(),
    "ogc:item": frozenset(),
    "ogc:style": frozenset(),
    "ogc:nothing": frozenset(),
    "rest:description": ANYBODY,  # it describes and tells nothing of what is here
    "rest:bearer": frozenset(),  # no session opens what programs ask, only a token
    "rest:kinds": frozenset(),
    "rest:kind": frozenset(),
    "rest:drafts": frozenset(),
    "rest:draft": frozenset(),
    "rest:preview": frozenset(),
    "rest:file_draft": frozenset(),
    "rest:recall_draft": frozenset(),
    "rest:hand_back_draft": frozenset(),
    "rest:release_draft": frozenset(),
    "rest:feed": frozenset(),
    "rest:notices": frozenset(),
    "rest:notice": frozenset(),
    "rest:proof": frozenset(),
    "rest:incidents": frozenset(),
    "rest:incident": frozenset(),
    "rest:clocks": frozenset(),
    "rest:crossings": frozenset(),
    "rest:crossing": frozenset(),
    "rest:commitments": frozenset(),
    "rest:commitment": frozenset(),
    "rest:meetings": frozenset(),
    "rest:meeting": frozenset(),
    "rest:bare": ANYBODY,  # there is nothing there, and nothing to be told
    "rest:root": ANYBODY,
    "rest:nothing": ANYBODY,
    "inside:show": READ,
    "inside:now": READ,
    "inside:change": WRITE,
    "desks:show": READ | ARRANGE,
    "desks:change": ARRANGE,
    "record:export": TAKE_AWAY,
    "shift:show": READ,
    "shift:log": READ,
    "shift:papers": READ,
    "shift:paper": READ,
    "shift:hand_over": STAND_WATCH,
    "shift:take_over": STAND_WATCH,
    "shift:sound": STAND_WATCH,
    "filing:choose": WRITE,
    "filing:new": WRITE,
    "filing:draft": WRITE,
    "filing:edit": WRITE,
    "filing:picture": WRITE,
    "filing:instant": WRITE,
    "filing:file": WRITE,
    "filing:recall": WRITE,
    "filing:drop": WRITE,
    "filing:templates": WRITE,
    "filing:rename_template": WRITE,
    "filing:drop_template": WRITE,
    "release:queue": WRITE,
    "release:show": WRITE,
    "release:sign": RELEASE,
    "release:hand_back": RELEASE,
    "release:review": RELEASE,
}
"""Address to who gets past its door; the empty role is nobody. A new address fails until it stands here."""

POSTED = {
    "accounts:signout", "accounts:preferences", "filing:file", "filing:recall", "filing:drop", "filing:rename_template",
    "filing:drop_template", "release:sign", "release:hand_back", "compliance:propose", "inside:change", "desks:change",
    "shift:sound", "gathering:preview", "committee:accept", "committee:put-forward", "committee:take-in",
    "committee:earlier-refused", "committee:begin-text",
    "accounts:passkey", "accounts:ask_passkey", "accounts:again", "accounts:add_passkey", "accounts:ask_new_passkey",
    "accounts:paper", "accounts:remove",
    "rest:file_draft", "rest:recall_draft", "rest:hand_back_draft", "rest:release_draft", "rest:feed",
}  # fmt: skip
"""Addresses that answer to a form alone."""

ARGUMENTS = {
    "warning": 1,
    "number": "ML 1-8", "draft_id": "none", "template_id": 1, "kind": "incident.initial", "name": "ML-all-1",
    "shift": 1, "crossing": "bridge", "language": "en",
    "id": "answer", "sort": "minutes", "rest": "nowhere", "draft": "0" * 32, "commitment": "answer",
}  # fmt: skip


def names(resolver: URLResolver, space: str = "") -> Iterator[str]:
    for each in resolver.url_patterns:
        if isinstance(each, URLResolver):
            yield from names(each, f"{space}{each.namespace}:" if each.namespace else space)
        elif isinstance(each, URLPattern):
            yield f"{space}{each.name}"


def address(name: str) -> str:
    with translation.override("en"):
        single: list[dict[str, Any]] = [{key: value} for key, value in ARGUMENTS.items()]
        named = [each | {"field": name} for each in single for name in ("picture", "happened")]
        for chosen in ({}, *single, *named, {"id": "line", "feature": "line"}):
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
        away = answer.status_code == 302 and "/signin/?next=" in answer.headers["Location"]
        turned = answer.status_code == 401 or (away if not role else answer.status_code == 403)
        if turned == (role in allowed) or answer.status_code >= 500:
            wrong.append((name, answer.status_code))
    assert wrong == []


def test_a_form_is_not_taken_by_a_link() -> None:
    client = Client()
    assert {name: client.get(address(name)).status_code for name in POSTED} == dict.fromkeys(POSTED, 405)


def test_a_disabled_officer_is_out_at_the_next_request_in_every_browser(officers: dict[str, object]) -> None:
    officer = accounts.create_officer(name="somebody", role="duty", secret=SECRET)
    clients = [Client(), Client()]
    for client in clients:
        client.force_login(officer)
        assert client.get("/en/watch/cursor/").status_code == 200
    accounts.disable(officer=officer)
    assert Session.objects.count() == 0
    for client in clients:
        answer = client.get("/en/watch/cursor/")
        assert answer.status_code == 302
        assert "/signin/" in answer.headers["Location"]


def test_an_officer_whose_key_is_revoked_is_out_at_once_and_is_not_let_in_again(officers: dict[str, Officer]) -> None:
    officer, client = officers["duty"], Client()
    client.force_login(officer)
    assert client.get("/en/watch/cursor/").status_code == 200
    draft = registering.read(changing_keys.revocation(officer.key_name, None))
    assert client.get("/en/watch/cursor/").status_code == 302
    entering.enter_key_set(signed=registering.sign(draft, *meadow.root("ML")).encode(), now=meadow.NOW)
    with pytest.raises(Refusal, match=r"officer\.key-revoked"):
        accounts.enable(officer=officer)


def test_a_key_set_that_was_drafted_elsewhere_shuts_its_officer_out_too(officers: dict[str, Officer]) -> None:
    officer, client = officers["duty"], Client()
    draft = registering.read(changing_keys.revocation(officer.key_name, None))
    Officer.objects.filter(pk=officer.pk).update(is_active=True)
    client.force_login(officer)
    assert client.get("/en/watch/cursor/").status_code == 200
    entering.enter_key_set(signed=registering.sign(draft, *meadow.root("ML")).encode(), now=meadow.NOW)
    assert client.get("/en/watch/cursor/").status_code == 302
    officer.refresh_from_db()
    assert not officer.is_active


def test_an_archive_that_is_being_taken_breaks_off_when_its_officer_is_shut_out(
    officers: dict[str, Officer], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(entrance, "LOOK_EVERY", 0.0)
    client = Client()
    client.force_login(officers["auditor"])
    answer = client.get("/en/record/export/")
    chunks = iter(answer.streaming_content)  # type: ignore[attr-defined]  # the client says it answers whole
    assert next(chunks)
    accounts.disable(officer=officers["auditor"])
    with pytest.raises(ConnectionAbortedError):
        list(chunks)
    answer.close()


def test_a_held_stream_of_events_ends_when_its_officer_is_shut_out_though_nothing_happens(
    officers: dict[str, Officer], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(entrance, "LOOK_EVERY", 0.05)
    client = Client()
    client.force_login(officers["duty"])
    officer, session = officers["duty"], client.session

    async def silent() -> AsyncIterator[bytes]:
        yield b"data: once\n\n"
        await asyncio.Event().wait()

    @entrance.roles(entrance.READERS)
    def stream(request: HttpRequest) -> StreamingHttpResponse:
        return StreamingHttpResponse(silent(), content_type="text/event-stream")

    request = RequestFactory().get("/en/events/")
    request.user, request.session = officer, session
    answer = stream(request)
    assert isinstance(answer, StreamingHttpResponse)

    async def hold() -> list[bytes]:
        heard = []
        async with asyncio.timeout(30):
            async for each in answer:
                heard.append(each)
                await sync_to_async(accounts.disable)(officer=officer)
        return heard

    assert asyncio.run(hold()) == [b"data: once\n\n"]

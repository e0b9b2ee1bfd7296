"""Whatever is brought to the door of the REST API is judged before anything is done with it."""

import gzip
import json
import re
from datetime import UTC, datetime
from typing import Any

import pytest
from django.test import Client

from mithaq.formats.rest import description
from mithaq.formats.rest.operations import MOST_BODY, OPERATIONS, SCOPES, Operation
from mithaq_files.refusals import sentences
from mithaq_node.api import problems
from mithaq_node.api.handlers import HANDLED
from mithaq_node.services import clock, tokens
from mithaq_node.services.pace import Pace
from mithaq_node.store.models import AccessToken, Officer
from tests.mithaq_node.api.program import Program, refused
from tests.mithaq_node.meadow import INCIDENT

Officers = dict[str, Officer]
DEEP = b'{"kind":"incident.initial","content":{"a":' + b"[" * 100_000 + b"]" * 100_000 + b"}}"


@pytest.fixture
def sensor(officers: Officers) -> Program:
    return Program(officers["duty"], "write:drafts")


def somewhere(operation: Operation) -> str:
    """An address of the operation, at which there need be nothing."""
    named = {"draft": "0" * 32, "number": "ML 3-5"}
    return re.sub(r"{(\w+)}", lambda found: named.get(found[1], found[1]), operation.path[1:])


def sent(program: Program, body: bytes, **heads: str) -> Any:
    return program.ask("POST", "drafts", body, Idempotency_Key="a-key-of-mine", **heads)


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        (b" ", 400, "api.not-json"),
        (b"{", 400, "api.not-json"),
        (b"\xff\xfe", 400, "api.not-json"),
        (b'{"kind":"a","kind":"b","content":{}}', 400, "api.not-json"),
        (b'{"kind":"a","content":{"x":NaN}}', 400, "api.not-json"),
        (DEEP, 400, "api.not-json"),
        (b'{"kind":"a","content":{"x":' + b"[" * 60 + b"]" * 60 + b"}}", 422, "canonical.too-deep"),
        (b'{"kind":"a","content":{"x":1.5}}', 422, "canonical.not-encodable"),
        (b'{"kind":"a","content":{"x":' + b"9" * 4_000 + b"}}", 422, "canonical.unsafe-integer"),
        (b'{"kind":"a","content":{"x":' + b"9" * 5_000 + b"}}", 400, "api.not-json"),
        (b'{"kind":"\\ud800","content":{}}', 422, "canonical.not-encodable"),
        (b'{"kind":"a","content":{"\\ud800":1}}', 422, "canonical.key-not-ascii"),
        (b"[]", 400, "api.wrong-shape"),
        (b'{"kind":"a"}', 400, "api.wrong-shape"),
        (b'{"kind":"a","content":{},"officer":"me"}', 400, "api.wrong-shape"),
        (b'{"kind":1,"content":{}}', 400, "api.wrong-shape"),
        (b'{"kind":"a","content":{},"refers":' + json.dumps(["ML 1-8"] * 65).encode() + b"}", 400, "api.wrong-shape"),
        (b'{"kind":"' + b"a" * 81 + b'","content":{}}', 400, "api.wrong-shape"),
        (b" " * (MOST_BODY + 1), 413, "api.too-large"),
    ],
)  # fmt: skip
def test_a_body_that_is_no_good_is_refused(sensor: Program, body: bytes, status: int, code: str) -> None:
    assert refused(sent(sensor, body)) == (status, code)


def test_a_text_that_one_of_the_databases_could_not_keep_is_refused(sensor: Program) -> None:
    text = {"lang": "en", "text": "a\0b"}
    assert refused(sensor.draft(content={**INCIDENT, "account": text}))[0] == 422


def test_a_body_is_never_unpacked(sensor: Program) -> None:
    packed = gzip.compress(b'{"kind":"a","content":{}}' + b" " * 10_000_000)
    assert refused(sent(sensor, packed, Content_Encoding="gzip")) == (415, "api.not-plain-json")
    for type in (
        "text/plain",
        "application/xml",
        "multipart/form-data; boundary=x",
        "application/json-seq",
    ):
        assert refused(sent(sensor, b"{}", type=type)) == (415, "api.not-plain-json")


def test_a_body_in_chunks_is_refused_and_not_taken_for_an_empty_one(sensor: Program) -> None:
    head = f"Bearer {sensor.secret}"
    for length in ("", "x"):
        answer = Client().post("/api/drafts", b"{}", content_type="application/json", CONTENT_LENGTH=length,
                               headers={"Authorization": head, "Idempotency-Key": "a-key-of-mine"})  # fmt: skip
        assert refused(answer) == (411, "api.no-length")
    answer = Client().post("/api/drafts", b"{}", content_type="application/json", CONTENT_LENGTH="9" * 5_000,
                           headers={"Authorization": head, "Idempotency-Key": "a-key-of-mine"})  # fmt: skip
    assert refused(answer) == (413, "api.too-large")


@pytest.mark.parametrize(
    ("address", "status", "code"),
    [
        ("drafts?limit=0", 400, "api.bad-parameter"),
        ("drafts?limit=201", 400, "api.bad-parameter"),
        ("drafts?limit=99999999999999999999", 400, "api.bad-parameter"),
        ("drafts?limit=٣", 400, "api.bad-parameter"),
        ("drafts?limit=1&limit=2", 400, "api.bad-parameter"),
        ("drafts?after=!!", 400, "api.bad-parameter"),
        ("drafts?after=e30", 422, "api.bad-cursor"),
        ("drafts?after=e30%0A", 400, "api.bad-parameter"),
        ("drafts?page=2", 400, "api.unknown-parameter"),
        ("drafts/xyz", 404, "api.no-page"),
        ("drafts/" + "0" * 32, 404, "draft.unknown"),
        ("drafts/", 404, "api.no-page"),
        ("nowhere", 404, "api.no-page"),
        ("kinds/no.such", 404, "api.no-kind"),
    ],
)
def test_an_address_that_is_no_good_is_refused(sensor: Program, address: str, status: int, code: str) -> None:
    assert refused(sensor.get(address)) == (status, code)


@pytest.mark.parametrize("after", ["e30", "eyJhIjotMX0", "W10", "bnVsbA", "eyJhIjoxLjV9"])
def test_a_place_in_the_record_that_is_none_is_refused_or_the_beginning(officers: Officers, after: str) -> None:
    program = Program(officers["duty"], "read:notices")
    answer = program.get(f"notices?after={after}")
    assert answer.status_code == 200 if after == "e30" else refused(answer) == (422, "api.bad-cursor")
    assert refused(program.get("clocks?after=bnVsbA"))[0] == 422
    assert refused(program.get("meetings?after=IngI"))[0] == 422


def test_what_is_not_done_at_an_address_says_what_is(sensor: Program) -> None:
    for method in ("PATCH", "TRACE", "OPTIONS", "DELETE", "PUT"):
        answer = sensor.ask(method, "drafts")
        assert (answer.status_code, answer.headers["Allow"]) == (405, "GET, HEAD, POST"), method
    assert sensor.ask("HEAD", "drafts").content == b""
    assert refused(Client().get("/api")) == refused(Client().get("/api/")) == (404, "api.no-page")


def test_what_wants_another_form_is_told_which_there_is(sensor: Program) -> None:
    assert refused(sensor.get("drafts", Accept="text/html")) == (406, "api.not-acceptable")
    assert sensor.get("drafts", Accept="text/html, */*;q=0.1").status_code == 200


def test_a_key_is_needed_and_has_its_form(sensor: Program) -> None:
    body = {"kind": "incident.initial", "content": {}}
    assert refused(sensor.ask("POST", "drafts", body)) == (400, "api.no-parameter")
    for key in ("short", "k" * 65, "with space", "schlüssel-x"):
        assert refused(sensor.ask("POST", "drafts", body, Idempotency_Key=key)) == (400, "api.bad-parameter")


@pytest.mark.usefixtures("node")
def test_without_a_token_there_is_the_description_and_nothing_else() -> None:
    for each in OPERATIONS.values():
        answer = Client().generic(each.method, f"/api/{somewhere(each)}")
        if each.is_open:
            assert answer.status_code == 200
        else:
            assert refused(answer) == (401, "token.missing"), each.id
            assert "Bearer" in answer.headers["WWW-Authenticate"]


def test_every_operation_is_handled_and_asks_for_a_scope_that_there_is() -> None:
    assert set(HANDLED) == {each.id for each in OPERATIONS.values() if not each.is_open}
    assert {scope for each in OPERATIONS.values() for scope in each.any_of} <= SCOPES.keys() <= tokens.SCOPES
    assert {each.id for each in OPERATIONS.values() if not each.any_of} == {"description", "bearer", "kinds", "kind"}


def test_a_scope_opens_its_operations_and_no_other(officers: Officers) -> None:
    programs = {scope: Program(officers["duty"], scope) for scope in (*SCOPES, tokens.READ_FEATURES)}
    for each in OPERATIONS.values():
        for scope, program in programs.items():
            answer = program.ask(each.method, somewhere(each))
            is_closed = answer.status_code == 403 and answer.json()["code"] == "token.wrong-scope"
            assert is_closed == bool(each.any_of and scope not in each.any_of), (each.id, scope)


def test_a_token_that_is_over_opens_nothing(sensor: Program) -> None:
    AccessToken.objects.update(expires_at=datetime(2020, 1, 1, tzinfo=UTC))
    assert refused(sensor.get("drafts")) == (401, "token.expired")
    AccessToken.objects.update(ended_at=datetime(2020, 1, 1, tzinfo=UTC))
    assert refused(sensor.draft()) == (401, "token.revoked")


def test_who_asks_too_often_waits(sensor: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tokens, "_pace", Pace(a_second=0.1, at_once=2))
    answers = [sensor.get("drafts") for _ in range(3)]
    assert [each.status_code for each in answers] == [200, 200, 429]
    assert refused(answers[2]) == (429, "token.too-many")
    assert 0 < int(answers[2].headers["Retry-After"]) <= 10


def test_the_description_is_read_at_a_pace(officers: Officers, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "of_machine", lambda: 2_000_000_000)
    client = Client()
    answers = [client.get("/api/openapi.json", REMOTE_ADDR="192.0.2.77") for _ in range(125)]
    assert refused(answers[-1]) == (429, "public.too-many")


def test_the_description_refers_to_nothing_outside_itself(officers: Officers) -> None:
    said = Client().get("/api/openapi.json").json()
    assert said["openapi"] == "3.1.0"
    refs = set()

    def walk(value: Any) -> None:
        if isinstance(value, dict):
            refs.update([value["$ref"]] if "$ref" in value else [])
            value = list(value.values())
        for each in value if isinstance(value, list) else ():
            walk(each)

    walk(said)
    for ref in refs:
        found = said
        for step in ref.removeprefix("#/").split("/"):
            found = found[step]
    assert len(refs) > 20
    operations = [each["operationId"] for path in said["paths"].values() for each in path.values()]
    assert operations == list(OPERATIONS)


def test_every_status_of_a_refusal_is_one_that_the_description_knows() -> None:
    assert set(problems._STATUS.values()) | set(problems._BY_AREA.values()) | {422} <= set(description._REFUSED) | {405}
    assert problems._STATUS.keys() <= sentences().keys(), "a code that nobody knows any more has no status"

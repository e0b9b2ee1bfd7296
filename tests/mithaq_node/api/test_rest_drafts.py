"""Other systems bring drafts, officers sign them, and nothing leaves otherwise."""

import json
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test import Client

from mithaq.errors import Refusal
from mithaq.notices import fields
from mithaq_node.api.rest import cursor
from mithaq_node.queries import ledgers
from mithaq_node.services import accounts, clock, drafting, filing, once, reads, storage, tokens
from mithaq_node.services.pace import Pace
from mithaq_node.store.models import AnsweredOnce, Draft, DraftState, Officer, PartRead
from tests.mithaq_node import meadow
from tests.mithaq_node.api.program import Program, refused
from tests.mithaq_node.meadow import FLOW, HAZARD, INCIDENT, SECRET

DAY = 86_400
SAMPLES = sorted((Path(fields.__file__).parents[1] / "kinds").glob("*/samples/*.json"))
Officers = dict[str, Officer]


@pytest.fixture
def sensor(officers: Officers) -> Program:
    """A program that keeps drafts and may do nothing else."""
    return Program(officers["duty"], "write:drafts")


@pytest.fixture
def filed(sensor: Program, officers: Officers) -> str:
    """A draft of the sensor's that its officer has filed at the desk."""
    made: str = sensor.draft().json()["id"]
    filing.file(draft_id=made, officer=officers["duty"], secret=SECRET, now=meadow.NOW)
    return made


def test_a_draft_is_kept_read_changed_and_dropped(sensor: Program) -> None:
    made = sensor.draft(content={"event": "fire"}, remark="gauge 4").json()
    assert made == {"id": made["id"], "revision": 1, "state": "begun"}
    read = sensor.get(f"drafts/{made['id']}")
    assert (read.json()["content"], read.json()["remark"], read.headers["ETag"]) == (
        {"event": "fire"},
        "gauge 4",
        '"1"',
    )
    body = {"kind": "incident.initial", "content": INCIDENT}
    changed = sensor.ask("PUT", f"drafts/{made['id']}", body, If_Match=read.headers["ETag"])
    assert changed.json() == {**made, "revision": 2}
    assert [each["content"] for each in sensor.get("drafts").json()["items"]] == [INCIDENT]
    assert sensor.ask("DELETE", f"drafts/{made['id']}").status_code == 204
    assert refused(sensor.get(f"drafts/{made['id']}")) == (404, "draft.unknown")


def test_what_a_program_reads_of_drafts_is_written_down(sensor: Program, officers: Officers) -> None:
    made = sensor.draft().json()["id"]
    assert not PartRead.objects.exists(), "what was brought was not read"
    for address in ("drafts", "drafts?limit=1", f"drafts/{made}", f"drafts/{made}/preview", f"drafts/{made}"):
        assert sensor.get(address).status_code == 200
    Program(officers["second"], "sign:notices").get(f"drafts/{made}")
    written = list(PartRead.objects.order_by("pk").values_list("officer__name", "number", "part"))
    assert written == [
        ("duty desk", "", reads.DRAFT), ("duty desk", made, reads.DRAFT), ("second desk", made, reads.DRAFT)
    ]  # fmt: skip
    auditor = Client()
    auditor.force_login(officers["auditor"])
    page = auditor.get("/en/accounts/reads/").content.decode()
    assert "A program read a draft:" in page
    assert made in page
    assert "A program read the list of drafts" in page


def test_a_change_overwrites_nothing_unknowingly(sensor: Program) -> None:
    made = sensor.draft().json()["id"]
    body = {"kind": "incident.initial", "content": {}}
    assert refused(sensor.ask("PUT", f"drafts/{made}", body)) == (428, "api.precondition")
    assert refused(sensor.ask("PUT", f"drafts/{made}", body, If_Match='"7"')) == (412, "draft.changed-meanwhile")
    assert refused(sensor.ask("PUT", f"drafts/{made}", body, If_Match="*")) == (400, "api.bad-parameter")
    other = {"kind": "incident.update", "content": {}}
    assert refused(sensor.ask("PUT", f"drafts/{made}", other, If_Match='"1"')) == (422, "draft.other-kind")
    assert sensor.get(f"drafts/{made}").json()["content"] == INCIDENT


def test_the_tag_of_a_draft_that_was_sent_compressed_is_good_for_a_change(sensor: Program) -> None:
    made = sensor.draft(remark="gauge " * 40).json()["id"]
    tag = sensor.get(f"drafts/{made}", Accept_Encoding="gzip").headers["ETag"]
    assert tag == 'W/"1"'
    body = {"kind": "incident.initial", "content": {}}
    assert sensor.ask("PUT", f"drafts/{made}", body, If_Match=tag).json()["revision"] == 2


def test_a_draft_that_repeats_is_one_draft(sensor: Program, officers: Officers) -> None:
    first, again = sensor.draft(), sensor.draft()
    assert (again.status_code, again.content) == (first.status_code, first.content)
    assert refused(sensor.draft(remark="another")) == (422, "api.key-of-another")
    assert sensor.draft(key="another-key").json()["id"] != first.json()["id"]
    assert Program(officers["duty"], "write:drafts").draft().json()["id"] != first.json()["id"]
    assert Draft.objects.count() == 3
    sensor.ask("DELETE", f"drafts/{first.json()['id']}")
    assert sensor.draft().content == first.content, "what was answered is answered again"
    assert Draft.objects.count() == 2


def test_a_key_is_free_again_after_a_day_and_after_a_refusal(sensor: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    assert refused(sensor.draft(kind="no.such")) == (422, "leaf.unknown-kind")
    first = sensor.draft().json()["id"]
    started = clock.of_machine()
    monkeypatch.setattr(tokens, "_pace", Pace(a_second=50, at_once=1_000))  # of a clock that goes on a day
    monkeypatch.setattr(clock, "of_machine", lambda: started + DAY - 10)
    token = AnsweredOnce.objects.get().token
    token.expires_at = token.expires_at.replace(year=2200)
    token.save()
    assert sensor.draft().json()["id"] == first
    monkeypatch.setattr(clock, "of_machine", lambda: started + DAY + 1)
    assert sensor.draft().json()["id"] != first
    assert AnsweredOnce.objects.count() == 1, "what is over is forgotten"


@pytest.fixture
def two_at_once(
    sensor: Program, monkeypatch: pytest.MonkeyPatch, django_db_blocker: Any
) -> Callable[[Callable[..., Draft]], list[Any]]:
    """What two threads are answered that send the same draft with the same key, each having looked before either has
    written, and whose drafts are kept by what is given; the first to have its row keeps it until the other waits."""
    looked, entered, known = threading.Barrier(2, timeout=30), threading.Semaphore(1), once._answered

    def look(*arguments: Any) -> bytes | None:
        found = known(*arguments)
        if found is None:
            looked.wait()
        return found

    def ask_both(keep: Callable[..., Draft]) -> list[Any]:
        def kept(**said: Any) -> Draft:
            if entered.acquire(blocking=False):
                time.sleep(0.3)  # in which the other comes to its own insert, and is held by the database
            return keep(**said)

        def ask() -> None:
            with django_db_blocker.unblock():
                try:
                    answers.append(sensor.draft())
                finally:
                    connection.close()

        answers: list[Any] = []
        monkeypatch.setattr(once, "_answered", look)
        monkeypatch.setattr(drafting, "save_draft", kept)
        both = [threading.Thread(target=ask) for _ in range(2)]
        for each in both:
            each.start()
        for each in both:
            each.join(60)
        assert len(answers) == 2
        return answers

    return ask_both


def test_of_two_that_ask_at_once_one_draft_is_kept(two_at_once: Callable[..., list[Any]]) -> None:
    keep, calls = drafting.save_draft, []

    def counted(**said: Any) -> Draft:
        calls.append(said)
        return keep(**said)

    first, second = two_at_once(counted)
    assert (first.status_code, second.status_code) == (201, 201)
    assert first.content == second.content
    assert (Draft.objects.count(), AnsweredOnce.objects.count(), len(calls)) == (1, 1, 1)


def test_of_two_that_ask_at_once_the_second_keeps_the_draft_when_the_first_is_refused(
    two_at_once: Callable[..., list[Any]],
) -> None:
    keep, calls = drafting.save_draft, []

    def first_refused(**said: Any) -> Draft:
        calls.append(said)
        if len(calls) == 1:
            raise Refusal("draft.hidden-character")
        return keep(**said)

    answers = sorted(two_at_once(first_refused), key=lambda each: int(each.status_code))
    assert answers[0].status_code == 201
    assert refused(answers[1]) == (422, "draft.hidden-character")
    assert [each.pk for each in Draft.objects.all()] == [answers[0].json()["id"]]
    assert (AnsweredOnce.objects.count(), len(calls)) == (1, 2)


def test_nothing_of_a_draft_stands_in_what_is_kept_of_its_answer(sensor: Program) -> None:
    sensor.draft(remark="something secret")
    (kept,) = AnsweredOnce.objects.all()
    assert b"secret" not in bytes(kept.answer)
    assert bytes(kept.answer) == sensor.draft(remark="something secret").content


@pytest.mark.parametrize(
    ("said", "status", "code"),
    [
        ({"kind": "flow.count", "content": FLOW}, 422, "draft.machine-kind"),
        ({"content": {"event": "party"}}, 422, "field.not-listed"),
        ({"content": {"event": {}}}, 422, "field.type"),
        ({"content": {"name": "somebody"}}, 422, "field.unknown"),
        ({"content": {**INCIDENT, "place": {"form": "sector", "sector": "Z"}}}, 422, "field.no-such-place"),
        ({"precedence": "now"}, 422, "leaf.unknown-precedence"),
        ({"audience": "nobody"}, 422, "node.unknown-audience"),
        ({"refers": ["ML 99-3"]}, 404, "desk.no-notice"),
        ({"remark": "a\u202eb"}, 422, "draft.hidden-character"),
    ],
)  # fmt: skip
def test_what_the_instrument_refuses_is_refused_at_once_and_nothing_is_kept(
    sensor: Program, said: dict[str, Any], status: int, code: str
) -> None:
    assert refused(sensor.draft(**said)) == (status, code)
    assert not Draft.objects.exists()
    assert not AnsweredOnce.objects.exists()


def test_a_refusal_names_what_was_found_and_is_said_in_the_callers_language(officers: Officers) -> None:
    said = set()
    for language in ("ar", "fa", "ckb", "en"):
        answer = Program(officers["duty"], "write:drafts", language=language).draft(content={"event": "party"})
        assert answer.json()["type"] == f"urn:mithaq:refusal:{answer.json()['code']}"
        assert answer.json()["data"]["field"] == "event"
        assert answer.headers["Content-Language"] == language
        said.add(answer.json()["title"])
    assert len(said) == 4


def test_a_draft_of_any_kind_is_open_at_the_desk_to_go_on_with(sensor: Program, officers: Officers) -> None:
    desk = Client()
    desk.force_login(officers["second"])
    made = sensor.draft(remark="gauge 4").json()["id"]
    page = desk.get(f"/en/filing/draft/{made}/edit/").content.decode()
    assert "gauge 4" in page
    assert 'value="2030-05-02"' in page or "2 May 2030" in page or "10:20" in page
    reader = Program(officers["duty"], "write:drafts", "read:notices", "read:texts")
    for kind in sensor.get("kinds").json()["items"]:
        answer = sensor.draft(key=f"empty-{kind['name']}", kind=kind["name"], content={})
        if kind["release"] == "machine":
            assert refused(answer) == (422, "draft.machine-kind")
            continue
        assert desk.get(f"/en/filing/draft/{answer.json()['id']}/edit/").status_code == 200, kind["name"]
        assert reader.get(f"drafts/{answer.json()['id']}/preview").status_code in (200, 422), kind["name"]


def test_every_sample_of_every_kind_is_kept_or_refused_and_opens_at_the_desk(
    sensor: Program, officers: Officers
) -> None:
    desk, kept = Client(), 0
    reader = Program(officers["duty"], "write:drafts", "read:notices", "read:texts")
    desk.force_login(officers["second"])
    for number, path in enumerate(SAMPLES):
        sample = json.loads(path.read_text("utf-8"))["content"]
        answer = sensor.draft(key=f"sample-{number:04}", kind=path.parts[-3], content=sample)
        if answer.status_code != 201:
            assert refused(answer)[0] == 422, path
            continue
        kept += 1
        assert desk.get(f"/en/filing/draft/{answer.json()['id']}/edit/").status_code == 200, path
        assert reader.get(f"drafts/{answer.json()['id']}/preview").status_code in (200, 404, 422), path
    assert kept > 20


def test_a_token_opens_the_drafts_of_its_officer_alone(sensor: Program, officers: Officers) -> None:
    made = sensor.draft().json()["id"]
    other = Program(officers["second"], "write:drafts")
    assert refused(other.get(f"drafts/{made}")) == (404, "draft.unknown")
    assert refused(other.ask("DELETE", f"drafts/{made}")) == (404, "draft.unknown")
    assert other.get("drafts").json()["items"] == []
    signer = Program(officers["second"], "sign:notices")
    assert signer.get(f"drafts/{made}").status_code == 200
    assert [each["id"] for each in signer.get("drafts").json()["items"]] == [made]
    assert refused(signer.draft()) == (403, "token.wrong-scope")
    assert refused(signer.ask("DELETE", f"drafts/{made}")) == (403, "token.wrong-scope")
    assert refused(Program(officers["auditor"], "write:drafts").draft()) == (403, "token.not-your-place")


def test_a_token_that_also_signs_changes_and_drops_the_drafts_of_its_officer_alone(
    sensor: Program, officers: Officers
) -> None:
    made = sensor.draft().json()["id"]
    both = Program(officers["second"], "write:drafts", "sign:notices")
    assert both.get(f"drafts/{made}").json()["revision"] == 1, "whoever signs reads all"
    body = {"kind": "incident.initial", "content": {}}
    assert refused(both.ask("PUT", f"drafts/{made}", body, If_Match='"1"')) == (404, "draft.unknown")
    assert refused(both.ask("DELETE", f"drafts/{made}")) == (404, "draft.unknown")
    assert sensor.get(f"drafts/{made}").json()["content"] == INCIDENT


@pytest.mark.parametrize("place", ["\0", "g" * 32, "0" * 31, "0" * 33])
def test_a_place_among_the_drafts_is_an_identifier(sensor: Program, place: str) -> None:
    assert refused(sensor.get(f"drafts?after={cursor(place)}")) == (422, "api.bad-cursor")
    assert sensor.get(f"drafts?after={cursor('0' * 32)}").json()["items"] == []


def test_two_officers_sign_with_their_passwords_and_it_is_a_notice(officers: Officers) -> None:
    first = Program(officers["duty"], "write:drafts", "sign:notices")
    second = Program(officers["releasing"], "sign:notices")
    made = first.draft().json()["id"]
    previewed = first.get(f"drafts/{made}/preview").json()
    assert previewed["parts"][0]["content"]["happened"] == "2030-05-02T10:00:00Z", "no finer than the kind allows"
    for _ in range(2):  # whose line broke asks again
        assert first.ask("POST", f"drafts/{made}/file", {"password": SECRET}).json()["state"] == "filed"
    numbers = [second.ask("POST", f"drafts/{made}/release", {"password": SECRET}).json()["number"] for _ in range(2)]
    assert numbers[0] == numbers[1]
    notice = ledgers.book().notices[numbers[0]]
    assert notice.release == "two"
    assert notice.leaf is not None
    assert notice.leaf.header.filed is not None
    assert {notice.leaf.header.filed.by, notice.leaf.signatures[0].name} == {
        officers["duty"].key_name,
        officers["releasing"].key_name,
    }
    become = first.get(f"drafts/{made}").json()
    assert (become["state"], become["number"], become["content"]) == ("released", numbers[0], {})
    assert refused(first.get(f"drafts/{made}/preview")) == (409, "draft.wrong-state")


def test_there_is_no_way_round_the_two_officers(filed: str, sensor: Program, officers: Officers) -> None:
    with_password = {"password": SECRET}
    release = f"drafts/{filed}/release"
    assert refused(sensor.ask("POST", release, with_password)) == (403, "token.wrong-scope")
    same = Program(officers["duty"], "sign:notices", "write:drafts")
    assert refused(same.ask("POST", release, with_password)) == (403, "officer.role-may-not")
    assert refused(same.ask("POST", release, {**with_password, "alone": True})) == (409, "draft.wrong-state")
    second = Program(officers["releasing"], "sign:notices", "write:drafts")
    assert refused(second.ask("POST", release, {"password": "another password"})) == (403, "officer.wrong-secret")
    assert refused(second.ask("POST", release, {})) == (400, "api.wrong-shape")
    own = second.draft().json()["id"]
    assert second.ask("POST", f"drafts/{own}/file", with_password).status_code == 200
    assert refused(second.ask("POST", f"drafts/{own}/release", with_password)) == (422, "leaf.same-officer")
    assert refused(second.ask("POST", f"drafts/{own}/release", {**with_password, "alone": True}))[0] == 409
    begun = second.draft(key="one-more-key").json()["id"]
    alone = second.ask("POST", f"drafts/{begun}/release", {**with_password, "alone": True})
    assert refused(alone) == (422, "leaf.release-not-permitted")
    accounts.disable(officer=officers["releasing"])
    assert refused(second.ask("POST", release, with_password)) == (401, "token.revoked")
    assert not ledgers.book().notices
    assert Draft.objects.filter(state=DraftState.RELEASED).count() == 0


def test_what_saves_life_one_officer_releases_as_at_the_desk(officers: Officers) -> None:
    alone = Program(officers["duty"], "write:drafts", "sign:notices")
    made = alone.draft(kind="humanitarian.hazard", content=HAZARD).json()["id"]
    answer = alone.ask("POST", f"drafts/{made}/release", {"password": SECRET, "alone": True})
    assert ledgers.book().reviews[answer.json()["number"]].done is None, "another officer still reviews it"


def test_passwords_are_not_tried_out(filed: str, officers: Officers) -> None:
    second = Program(officers["releasing"], "sign:notices")
    wrong = {"password": "not the password"}
    tries = [second.ask("POST", f"drafts/{filed}/release", wrong) for _ in range(6)]
    assert [refused(each) for each in tries] == [(403, "officer.wrong-secret")] * 5 + [(429, "signin.too-many")]
    assert int(tries[-1].headers["Retry-After"]) > 0
    assert refused(second.ask("POST", f"drafts/{filed}/release", {"password": SECRET}))[0] == 429


def test_what_is_refused_before_the_password_is_looked_at_forgets_no_failure(filed: str, officers: Officers) -> None:
    own = Program(officers["duty"], "write:drafts", "sign:notices")
    begun, wrong = own.draft(key="another-key").json()["id"], {"password": "not the password"}
    said = []
    for _ in range(6):
        assert refused(own.ask("POST", f"drafts/{filed}/release", wrong))[1] in (
            "officer.role-may-not",
            "signin.too-many",
        )
        said.append(refused(own.ask("POST", f"drafts/{begun}/file", wrong))[1])
    assert said == ["officer.wrong-secret"] * 5 + ["signin.too-many"], "and what was not looked at is no failure"


def test_a_right_password_is_no_failure(filed: str, officers: Officers) -> None:
    second = Program(officers["releasing"], "sign:notices")
    back = {"remark": "which gate?"}
    for _ in range(7):  # more often than it may fail
        assert second.ask("POST", f"drafts/{filed}/hand-back", back).json()["state"] == "handed-back"
        assert second.ask("POST", f"drafts/{filed}/file", {"password": SECRET}).json()["state"] == "filed"
        assert refused(second.ask("POST", f"drafts/{filed}/release", {"password": SECRET}))[1] == "leaf.same-officer"


def test_passages_are_answered_for_as_at_the_desk(officers: Officers) -> None:
    first = Program(officers["duty"], "write:drafts", "sign:notices")
    second = Program(officers["releasing"], "sign:notices")
    text = {"lang": "en", "text": "Smoke over Sheikh Example, a town."}
    made = first.draft(content={**INCIDENT, "account": text}).json()["id"]
    first.ask("POST", f"drafts/{made}/file", {"password": SECRET})
    asked = second.get(f"drafts/{made}/preview").json()["passages"]
    assert asked
    release = f"drafts/{made}/release"
    assert refused(second.ask("POST", release, {"password": SECRET})) == (422, "release.passage-open")
    answers = {each["id"]: each["reasons"][0] for each in asked}
    assert second.ask("POST", release, {"password": SECRET, "answers": answers}).status_code == 200


def test_a_filed_draft_is_recalled_by_its_officer_and_handed_back_by_another(filed: str, officers: Officers) -> None:
    own, other = Program(officers["duty"], "sign:notices"), Program(officers["second"], "sign:notices")
    assert refused(other.ask("POST", f"drafts/{filed}/recall")) == (422, "draft.not-yours")
    assert refused(own.ask("POST", f"drafts/{filed}/hand-back", {"remark": "no"})) == (403, "officer.role-may-not")
    assert own.ask("POST", f"drafts/{filed}/recall").json()["state"] == "begun"
    assert refused(own.ask("POST", f"drafts/{filed}/recall")) == (409, "draft.wrong-state")


def test_a_machine_sends_notices_of_machine_kinds_and_of_no_other(officers: Officers) -> None:
    counter = Program(officers["duty"], "write:feeds")

    def send(key: str, kind: str = "flow.count", content: dict[str, Any] = FLOW) -> Any:
        return counter.ask("POST", "feeds", {"kind": kind, "content": content}, Idempotency_Key=key)

    first, again = send("count-2030-05-02"), send("count-2030-05-02")
    assert (first.status_code, again.content) == (201, first.content)
    assert len(ledgers.book().notices) == 1, "asked twice and told once"
    assert ledgers.book().notices[first.json()["number"]].release == "machine"
    assert refused(send("count-2030-05-02", content={**FLOW, "counts": {}})) == (422, "api.key-of-another")
    assert refused(send("another-key", "incident.initial", INCIDENT)) == (422, "leaf.release-not-permitted")
    assert refused(send("another-key", "humanitarian.hazard", HAZARD)) == (422, "leaf.release-not-permitted")
    assert refused(send("another-key", content={})) == (422, "field.required")
    assert refused(counter.draft()) == (403, "token.wrong-scope")
    assert len(ledgers.book().notices) == 1


def test_a_feed_that_breaks_off_has_told_nothing_and_may_be_sent_again(
    officers: Officers, monkeypatch: pytest.MonkeyPatch
) -> None:
    counter, body = Program(officers["duty"], "write:feeds"), {"kind": "flow.count", "content": FLOW}

    def full(*_: Any, **__: Any) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as breaking:
        breaking.setattr(AnsweredOnce, "save", full)
        answer = counter.ask("POST", "feeds", body, Idempotency_Key="count-2030-05-02")
    assert refused(answer) == (503, "node.disk-full")
    assert not ledgers.book().notices
    assert counter.ask("POST", "feeds", body, Idempotency_Key="count-2030-05-02").status_code == 201


def test_a_database_that_does_not_answer_is_told_as_a_problem(sensor: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    def silent(**_: Any) -> None:
        raise storage.DATABASE[0]("the server closed the connection")

    monkeypatch.setattr(drafting, "save_draft", silent)
    assert refused(sensor.draft()) == (503, "node.database-unreachable")


def test_a_program_and_an_officer_overwrite_nothing_of_each_other(sensor: Program, officers: Officers) -> None:
    made = sensor.draft().json()["id"]
    drafting.save_draft(
        officer=officers["second"], kind="incident.initial", content={}, now=meadow.NOW, draft_id=made, seen=1
    )
    body = {"kind": "incident.initial", "content": INCIDENT}
    assert refused(sensor.ask("PUT", f"drafts/{made}", body, If_Match='"1"'))[0] == 412
    with pytest.raises(Refusal, match=r"draft\.changed-meanwhile"):
        drafting.save_draft(
            officer=officers["duty"], kind="incident.initial", content={}, now=meadow.NOW, draft_id=made, seen=1
        )

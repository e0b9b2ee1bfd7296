"""From a draft to an entry of the log: two officers, two signatures, one commit."""

from pathlib import Path
from typing import Any

import msgspec
import pytest
from django.db import connection, transaction
from django.db.utils import IntegrityError

from mithaq.errors import Refusal
from mithaq.instrument.law import Field
from mithaq.moments import Moment
from mithaq.notices.conformance import judge
from mithaq.notices.envelope import Leaf, parse
from mithaq.notices.keys import KeyRing
from mithaq_node import queries
from mithaq_node.services import drafting, feeds, filing, releasing, reviewing, rings, sequencing
from mithaq_node.settings.node import Node
from mithaq_node.store import log as record
from mithaq_node.store.models import Draft, DraftPart, DraftState, Officer
from tests.mithaq_node import meadow
from tests.mithaq_node.meadow import NOW, SECRET

Officers = dict[str, Officer]
LATER = Moment(NOW.seconds + 600)


def drafted(officer: Officer, kind: str = "incident.initial") -> str:
    draft = drafting.save_draft(officer=officer, kind=kind, content=meadow.INCIDENT, now=NOW)
    return str(draft.pk)


def filed(officer: Officer) -> str:
    draft_id = drafted(officer)
    filing.file(draft_id=draft_id, officer=officer, secret=SECRET, now=NOW)
    return draft_id


def stored(index: int) -> tuple[Leaf, bytes | None, KeyRing]:
    """A leaf of our log, its facts, and the keys that the log names."""
    conn, engine = sequencing.reader()
    log = record.read(conn, engine, sequencing.own_origin())
    (leaf,) = record.read_entries(conn, engine, log, index, index + 1)
    part = record.read_part(conn, engine, log, index, 0)
    return parse(leaf), part.body if part else None, rings.ring_of(conn, engine, queries.law(), log)


def test_a_released_notice_conforms_and_carries_both_officers(officers: Officers) -> None:
    number = releasing.release(
        draft_id=filed(officers["duty"]), officer=officers["releasing"], secret=SECRET, now=LATER
    )
    assert number == "ML 3-4"
    leaf, facts, ring = stored(2)
    assert judge(leaf, 2, facts, queries.law(), ring) == ()
    assert leaf.header.filed is not None
    assert (leaf.header.filed.by, leaf.signatures[0].name) == (
        officers["duty"].key_name,
        officers["releasing"].key_name,
    )
    assert (leaf.header.filed.at, leaf.header.at) == (str(NOW), str(LATER))


def test_nothing_of_the_draft_remains_but_who_filed_released_and_where(officers: Officers) -> None:
    draft_id = filed(officers["duty"])
    assert DraftPart.objects.filter(draft_id=draft_id).exists()
    releasing.release(draft_id=draft_id, officer=officers["releasing"], secret=SECRET, now=LATER)
    kept = Draft.objects.get(pk=draft_id)
    assert (kept.state, kept.entry, kept.content, bytes(kept.header)) == (DraftState.RELEASED, 2, {}, b"")
    assert (kept.filed_by, kept.released_by) == (officers["duty"], officers["releasing"])
    assert not DraftPart.objects.filter(draft_id=draft_id).exists()


def test_it_refuses_the_officer_who_filed_as_the_second_officer(officers: Officers) -> None:
    draft_id = filed(officers["releasing"])
    with pytest.raises(Refusal, match=r"leaf\.same-officer"):
        releasing.release(draft_id=draft_id, officer=officers["releasing"], secret=SECRET, now=LATER)
    assert Draft.objects.get(pk=draft_id).state == DraftState.FILED
    releasing.release(draft_id=draft_id, officer=officers["second"], secret=SECRET, now=LATER)


def test_the_database_itself_refuses_one_officer_in_both_places(officers: Officers) -> None:
    draft_id = filed(officers["duty"])
    with pytest.raises(IntegrityError), transaction.atomic():
        Draft.objects.filter(pk=draft_id).update(released_by=officers["duty"])
    with pytest.raises(IntegrityError), transaction.atomic():
        Draft.objects.filter(pk=draft_id).update(state=DraftState.RELEASED)


def test_it_refuses_a_wrong_password_and_signs_nothing(officers: Officers) -> None:
    draft_id = filed(officers["duty"])
    with pytest.raises(Refusal, match=r"officer\.wrong-secret"):
        releasing.release(draft_id=draft_id, officer=officers["releasing"], secret="not the password", now=LATER)
    assert Draft.objects.get(pk=draft_id).state == DraftState.FILED


def test_it_refuses_a_release_by_an_officer_whose_role_does_not_release(officers: Officers) -> None:
    draft_id = filed(officers["releasing"])
    with pytest.raises(Refusal, match=r"officer\.role-may-not"):
        releasing.release(draft_id=draft_id, officer=officers["duty"], secret=SECRET, now=LATER)


def test_it_refuses_every_move_at_the_wrong_moment(officers: Officers) -> None:
    duty, chief = officers["duty"], officers["releasing"]
    draft_id = drafted(duty)
    with pytest.raises(Refusal, match=r"draft\.wrong-state"):
        releasing.release(draft_id=draft_id, officer=chief, secret=SECRET, now=NOW)
    with pytest.raises(Refusal, match=r"draft\.wrong-state"):
        releasing.hand_back(draft_id=draft_id, officer=chief, remark="why", now=NOW)
    filing.file(draft_id=draft_id, officer=duty, secret=SECRET, now=NOW)
    with pytest.raises(Refusal, match=r"draft\.wrong-state"):
        filing.file(draft_id=draft_id, officer=duty, secret=SECRET, now=NOW)
    with pytest.raises(Refusal, match=r"draft\.wrong-state"):
        drafting.delete_draft(draft_id=draft_id, officer=duty)
    releasing.release(draft_id=draft_id, officer=chief, secret=SECRET, now=LATER)
    with pytest.raises(Refusal, match=r"draft\.wrong-state"):
        releasing.release(draft_id=draft_id, officer=officers["second"], secret=SECRET, now=LATER)


def test_a_draft_handed_back_is_changed_and_filed_again(officers: Officers) -> None:
    draft_id = filed(officers["duty"])
    back = releasing.hand_back(draft_id=draft_id, officer=officers["releasing"], remark="which hour?", now=NOW)
    assert (back.state, back.remark, back.filed_by) == (DraftState.HANDED_BACK, "which hour?", None)
    assert not DraftPart.objects.filter(draft_id=draft_id).exists()
    content = {**meadow.INCIDENT, "happened": "2030-05-02T11:00:00Z"}
    drafting.save_draft(officer=officers["duty"], kind="incident.initial", content=content, now=NOW, draft_id=draft_id)
    filing.file(draft_id=draft_id, officer=officers["duty"], secret=SECRET, now=NOW)
    releasing.release(draft_id=draft_id, officer=officers["releasing"], secret=SECRET, now=LATER)
    _, facts, _ = stored(2)
    assert facts is not None
    assert b"2030-05-02T11:00:00Z" in facts


def test_it_compiles_the_precision_away_before_sealing(officers: Officers) -> None:
    releasing.release(draft_id=filed(officers["duty"]), officer=officers["releasing"], secret=SECRET, now=LATER)
    _, facts, _ = stored(2)
    assert facts is not None
    assert b"2030-05-02T10:00:00Z" in facts


def test_the_log_never_goes_back_in_time_when_the_machine_does(officers: Officers) -> None:
    duty, chief = officers["duty"], officers["releasing"]
    first, second = filed(duty), filed(duty)
    releasing.release(draft_id=first, officer=chief, secret=SECRET, now=LATER)
    releasing.release(draft_id=second, officer=chief, secret=SECRET, now=NOW)
    assert stored(3)[0].header.at == str(LATER)


def test_a_refused_release_leaves_neither_entry_nor_trace(officers: Officers, monkeypatch: pytest.MonkeyPatch) -> None:
    draft_id = filed(officers["duty"])

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Draft, "save", full)
    with pytest.raises(Refusal, match=r"node\.disk-full"):
        releasing.release(draft_id=draft_id, officer=officers["releasing"], secret=SECRET, now=LATER)
    monkeypatch.undo()
    assert Draft.objects.get(pk=draft_id).state == DraftState.FILED
    conn, engine = sequencing.reader()
    assert record.read(conn, engine, sequencing.own_origin()).size == 2
    assert not connection.in_atomic_block


def test_one_officer_may_release_where_the_kind_says_so_and_another_reviews(officers: Officers) -> None:
    draft = drafting.save_draft(officer=officers["duty"], kind="humanitarian.hazard", content=meadow.HAZARD, now=NOW)
    number = releasing.release_alone(draft_id=draft.pk, officer=officers["duty"], secret=SECRET, now=NOW)
    with pytest.raises(Refusal, match=r"officer\.role-may-not"):
        reviewing.review(number=number, officer=officers["duty"], secret=SECRET, now=LATER)
    reviewing.review(number=number, officer=officers["releasing"], secret=SECRET, now=LATER)
    reviewed, facts, ring = stored(2)
    review, copied, _ = stored(3)
    assert review.header.parts == reviewed.header.parts
    assert copied == facts
    assert judge(review, 3, copied, queries.law(), ring) == ()


def test_it_refuses_a_single_release_where_the_kind_needs_two(officers: Officers) -> None:
    draft_id = drafted(officers["duty"])
    with pytest.raises(Refusal, match=r"leaf\.release-not-permitted"):
        releasing.release_alone(draft_id=draft_id, officer=officers["duty"], secret=SECRET, now=NOW)


def test_a_machine_feed_needs_no_officer_and_only_its_kinds(officers: Officers) -> None:
    feeds.publish(kind="flow.count", content=meadow.FLOW, now=NOW)
    leaf, facts, ring = stored(2)
    assert leaf.signatures == ()
    assert judge(leaf, 2, facts, queries.law(), ring) == ()
    with pytest.raises(Refusal, match=r"leaf\.release-not-permitted"):
        feeds.publish(kind="incident.initial", content=meadow.INCIDENT, now=NOW)


def test_a_machine_feed_has_nobody_to_answer_for_a_passage(
    database: str, tmp_path: Path, django_db_blocker: Any
) -> None:
    plain = meadow.sealed().law.kind("flow.count")
    assert plain is not None
    remark = Field(name="remark_of_the_day", type="text", part="text", limit=200)
    settings = meadow.settings_of(tmp_path / "ML", "ML", database)
    meadow.found(settings, meadow.sealed_with(msgspec.structs.replace(plain, fields=[*plain.fields, remark])))
    with django_db_blocker.unblock(), meadow.standing_on(settings):
        meadow.officers()
        meadow.enter("ML")
        said = {"lang": "en", "text": "Sheikh Example was closed."}
        with pytest.raises(Refusal, match=r"release\.passage-open"):
            feeds.publish(kind="flow.count", content={**meadow.FLOW, "remark_of_the_day": said}, now=NOW)
        feeds.publish(kind="flow.count", content=meadow.FLOW, now=NOW)


def test_it_refuses_a_field_the_kind_does_not_name(officers: Officers) -> None:
    with pytest.raises(Refusal, match=r"field\.unknown"):
        drafting.save_draft(officer=officers["duty"], kind="incident.initial", content={"remark_to_self": "x"}, now=NOW)


def test_it_refuses_to_draft_what_a_machine_sends(officers: Officers) -> None:
    with pytest.raises(Refusal, match=r"draft\.machine-kind"):
        drafting.save_draft(officer=officers["duty"], kind="flow.count", content={}, now=NOW)


def test_an_auditor_writes_nothing(node: Node, officers: Officers) -> None:
    with pytest.raises(Refusal, match=r"officer\.role-may-not"):
        drafted(officers["auditor"])


TOWN = {"account": {"lang": "en", "text": "Smoke over Sheikh Example, a town; call 0770 123 4567."}}


def filed_with_passages(officer: Officer, **changed: object) -> str:
    content = {**meadow.INCIDENT, **TOWN, **changed}
    draft = drafting.save_draft(officer=officer, kind="incident.initial", content=content, now=NOW)
    filing.file(draft_id=draft.pk, officer=officer, secret=SECRET, now=NOW)
    return str(draft.pk)


def answered(draft_id: str, *reasons: str) -> dict[str, str]:
    asked = drafting.questions(Draft.objects.get(pk=draft_id))
    return {each.id: reason for each, reason in zip(asked, reasons, strict=True)}


def test_a_text_with_passages_is_filed_but_not_released_until_each_has_its_reason(officers: Officers) -> None:
    draft_id, chief = filed_with_passages(officers["duty"]), officers["releasing"]
    answers = answered(draft_id, "place", "emergency-line")
    for given in ({}, dict(list(answers.items())[:1])):
        with pytest.raises(Refusal, match=r"release\.passage-open"):
            releasing.release(draft_id=draft_id, officer=chief, secret=SECRET, now=LATER, answers=given)
    assert Draft.objects.get(pk=draft_id).state == DraftState.FILED
    releasing.release(draft_id=draft_id, officer=chief, secret=SECRET, now=LATER, answers=answers)
    leaf, facts, ring = stored(2)
    assert judge(leaf, 2, facts, queries.law(), ring) == ()
    assert [(each.finding, each.reason, each.n) for each in leaf.header.kept] == [
        ("text.name", "place", 1),
        ("text.telephone", "emergency-line", 1),
    ]
    assert b"Sheikh" not in leaf.encoded


def test_answers_to_a_text_that_was_reworded_meanwhile_release_nothing(officers: Officers) -> None:
    duty, chief = officers["duty"], officers["releasing"]
    draft_id = filed_with_passages(duty)
    answers = answered(draft_id, "place", "emergency-line")
    releasing.hand_back(draft_id=draft_id, officer=chief, remark="reword", now=NOW)
    other = {"lang": "en", "text": "Smoke over Sheikh Someone, a town; call 0770 765 4321."}
    content = {**meadow.INCIDENT, "account": other}
    drafting.save_draft(officer=duty, kind="incident.initial", content=content, now=NOW, draft_id=draft_id)
    filing.file(draft_id=draft_id, officer=duty, secret=SECRET, now=NOW)
    with pytest.raises(Refusal, match=r"release\.other-text"):
        releasing.release(draft_id=draft_id, officer=chief, secret=SECRET, now=LATER, answers=answers)
    plain = {**content, "account": {"lang": "en", "text": "Smoke over a town."}}
    releasing.hand_back(draft_id=draft_id, officer=chief, remark="reword", now=NOW)
    drafting.save_draft(officer=duty, kind="incident.initial", content=plain, now=NOW, draft_id=draft_id)
    filing.file(draft_id=draft_id, officer=duty, secret=SECRET, now=NOW)
    releasing.release(draft_id=draft_id, officer=chief, secret=SECRET, now=LATER)
    assert stored(2)[0].header.kept == []


def test_one_officer_who_releases_alone_answers_for_the_passages_too(officers: Officers) -> None:
    duty = officers["duty"]
    hazard = {**meadow.HAZARD, "account": {"lang": "en", "text": "Ask under 0770 123 4567."}}
    draft = drafting.save_draft(officer=duty, kind="humanitarian.hazard", content=hazard, now=NOW)
    with pytest.raises(Refusal, match=r"release\.passage-open"):
        releasing.release_alone(draft_id=draft.pk, officer=duty, secret=SECRET, now=NOW)
    answers = answered(draft.pk, "emergency-line")
    number = releasing.release_alone(draft_id=draft.pk, officer=duty, secret=SECRET, now=NOW, answers=answers)
    reviewing.review(number=number, officer=officers["releasing"], secret=SECRET, now=LATER)
    for index, count in ((2, 1), (3, 0)):
        leaf, facts, ring = stored(index)
        assert judge(leaf, index, facts, queries.law(), ring) == ()
        assert len(leaf.header.kept) == count

"""From a draft to an entry of the log: two officers, two signatures, one commit."""

import pytest
from django.db import connection, transaction
from django.db.utils import IntegrityError

from mithaq.errors import Refusal
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


def test_it_refuses_a_field_the_kind_does_not_name(officers: Officers) -> None:
    with pytest.raises(Refusal, match=r"field\.unknown"):
        drafting.save_draft(officer=officers["duty"], kind="incident.initial", content={"remark_to_self": "x"}, now=NOW)


def test_it_refuses_to_draft_what_a_machine_sends(officers: Officers) -> None:
    with pytest.raises(Refusal, match=r"draft\.machine-kind"):
        drafting.save_draft(officer=officers["duty"], kind="flow.count", content={}, now=NOW)


def test_an_auditor_writes_nothing(node: Node, officers: Officers) -> None:
    with pytest.raises(Refusal, match=r"officer\.role-may-not"):
        drafted(officers["auditor"])

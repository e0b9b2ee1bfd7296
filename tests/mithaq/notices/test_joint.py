"""Joint texts: proposed by one party, agreed when the other has sealed the same, and never changed."""

from collections.abc import Sequence

from mithaq.notices import drafting
from mithaq.notices.book import Book
from mithaq.notices.envelope import Leaf
from mithaq.notices.incidents import State
from mithaq.notices.joint import JointText
from tests.mithaq.notices.border import FIRE, Border, Side, instant, private_key

REPORT = {"agreed_on": ["event"], "event": "fire"}
TERMS = {
    "questions": ["what"],
    "ways": ["joint-visit"],
    "place": {"form": "sector", "sector": "A"},
    "period": {"from": instant(1_440), "until": instant(1_800)},
}


def told() -> tuple[Border, Side, Side, Leaf]:
    """A fire that both sides know of."""
    border = Border()
    here, there = border.pair
    fire = here.notice("incident.initial", FIRE)
    border.exchange()
    return border, here, there, fire


def text(border: Border, side: Side, leaf: Leaf) -> JointText:
    border.exchange()
    return border.book().joint[side.number(leaf)]


def codes(book: Book, number: str) -> Sequence[str]:
    return [refusal.code for refusal in book.notices[number].refusals]


def test_a_joint_text_is_agreed_once_the_other_side_has_sealed_the_same() -> None:
    border, here, there, fire = told()
    report = here.notice("report.joint", REPORT, fire)
    assert text(border, here, report).is_open
    seal = there.assent(report)
    found = text(border, here, report)
    assert found.is_agreed
    assert found.assents == {there.code: there.number(seal)}
    assert codes(border.book(), there.number(seal)) == []
    assert border.book().notices[here.number(report)].ladder[there.code].answered is not None


def test_nobody_seals_his_own_proposal_nor_what_is_no_joint_text() -> None:
    border, here, there, fire = told()
    report = here.notice("report.joint", REPORT, fire)
    own = here.assent(report)
    border.exchange()
    plain = there.notice("clarification.request", {"concern": "event", "questions": ["what"]}, fire)
    border.exchange()
    other = here.assent(plain)
    border.exchange()
    assert codes(border.book(), here.number(own)) == ["reference.own"]
    assert codes(border.book(), here.number(other)) == ["seal.not-joint"]
    assert not border.book().joint[here.number(report)].assents


def test_a_seal_must_repeat_what_was_proposed_and_two_officers_sign_it() -> None:
    border, here, there, fire = told()
    first = here.notice("report.joint", REPORT, fire)
    second = here.notice("report.joint", REPORT | {"event": "smoke"}, fire)
    border.exchange()
    crossed = there.assent(first, here.parts[here.index(second)])
    border.exchange()
    assert codes(border.book(), there.number(crossed)) == ["seal.other-commitments"]
    header, parts = there.repeat("joint.seal", first)
    leaf = there.release(header, parts)
    assert leaf.header.filed is not None
    assert len(leaf.signatures) == 1


def test_a_review_of_the_own_party_is_no_assent_and_an_assent_no_review() -> None:
    border, here, there, _ = told()
    flood = here.notice(
        "humanitarian.hazard",
        {"hazard": "flood", "happened": instant(0), "place": {"form": "sector", "sector": "A"}, "confidence": "seen"},
    )
    border.exchange()
    header, parts = there.repeat("release.review", flood)
    name = there.officer(1)
    foreign = there.append(drafting.sign_release(header, border.now, name, private_key(name)), parts)
    border.exchange()
    assert codes(border.book(), there.number(foreign)) == ["reference.not-own"]
    assert border.book().reviews[here.number(flood)].done is None


def test_another_wording_is_another_text_and_each_is_sealed_by_itself() -> None:
    border, here, there, fire = told()
    first = here.notice("report.joint", REPORT, fire)
    border.exchange()
    second = there.notice("report.joint", REPORT | {"left_open": ["place"]}, first)
    border.exchange()
    here.assent(second)
    assert text(border, there, second).is_agreed
    assert text(border, here, first).is_open


def test_what_is_withdrawn_before_it_is_sealed_is_never_agreed() -> None:
    border, here, there, fire = told()
    report = here.notice("report.joint", REPORT, fire)
    border.exchange()
    here.notice("withdrawal", {"reason": "sent-in-error"}, report)
    border.exchange()
    there.assent(report)
    found = text(border, here, report)
    assert (found.withdrawn, found.is_agreed, found.is_open) == (True, False, False)


def test_what_both_have_sealed_no_party_takes_back_alone() -> None:
    border, here, there, fire = told()
    report = here.notice("report.joint", REPORT, fire)
    border.exchange()
    there.assent(report)
    border.exchange()
    here.notice("withdrawal", {"reason": "sent-in-error"}, report)
    assert text(border, here, report).is_agreed


def test_sealing_the_terms_of_an_investigation_answers_what_was_asked() -> None:
    border, here, there, fire = told()
    terms = here.notice("investigation.joint", TERMS, fire)
    border.exchange()
    there.notice("clarification.reply", {"finding": "confirmed"}, fire)
    border.exchange()
    assert border.book().incidents[here.number(fire)].state == State.ANSWERED
    here.notice("investigation.joint", TERMS, terms)
    border.exchange()
    assert border.book().incidents[here.number(fire)].state == State.ACKNOWLEDGED
    there.assent(terms)
    border.exchange()
    assert border.book().incidents[here.number(fire)].state == State.ANSWERED


def test_a_joint_report_changes_neither_account() -> None:
    border, here, there, fire = told()
    there.notice("incident.update", {"progress": "information", "event": "smoke"}, fire)
    border.exchange()
    before = border.book().incidents[here.number(fire)].accounts
    report = here.notice("report.joint", REPORT | {"event": "flood"}, fire)
    border.exchange()
    there.assent(report)
    assert text(border, here, report).is_agreed
    assert border.book().incidents[here.number(fire)].accounts == before


def test_a_disagreement_stands_in_the_account_and_closes_as_accounts_differ_until_it_is_withdrawn() -> None:
    border, here, there, fire = told()
    protest = there.notice("incident.disagreement", {"disputed": ["place"]}, fire)
    border.exchange()
    incident = border.book().incidents[here.number(fire)]
    assert incident.accounts[there.code]["disputed"].value == ["place"]
    assert incident.state == State.REPORTED
    here.notice("incident.close", {"reason": "over"}, fire)
    there.notice("incident.close", {"reason": "over"}, fire)
    border.exchange()
    assert border.book().incidents[here.number(fire)].state == State.DIFFER
    there.notice("withdrawal", {"reason": "superseded"}, protest)
    border.exchange()
    assert border.book().incidents[here.number(fire)].state == State.CLOSED

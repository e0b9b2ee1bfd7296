"""Commitments: a column for each party and one for the committee, a history that never changes, nothing averaged."""

from fractions import Fraction

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mithaq import moments
from mithaq.errors import Refusal
from mithaq.followup import commitments
from mithaq.followup.commitments import COMMITTEE, Standing
from mithaq.instrument.law import Kind, Law
from mithaq.notices.envelope import Leaf
from mithaq.notices.scores import SCALE
from tests.mithaq.notices.border import START, Border, Side, plain_law

LATER = "2031-03-20T00:00:00Z"


def law_with(*due: str) -> Law:
    """The fictional law with one commitment for each day due, called c0, c1, …; "" has none."""
    plain = plain_law()
    found = [msgspec.structs.replace(plain.commitments[0], id=f"c{number}", due=day) for number, day in enumerate(due)]
    return msgspec.structs.replace(plain, commitments=found)


def border_with(*due: str) -> tuple[Border, Side, Side]:
    border = Border(law_with(*(due or ("",))))
    here, there = border.pair
    border.exchange()
    return border, here, there


def kind_of(law: Law, name: str) -> Kind:
    found = law.kind(name)
    assert found is not None
    return found


def set_aside(law: Law, one: Kind) -> list[Kind]:
    return [kind for kind in law.kinds if kind != one]


def assess(side: Side, score: int, commitment: str = "c0") -> Leaf:
    return side.notice("commitment.assessment", {"commitment": commitment, "score": SCALE[score]})


def all_of(border: Border) -> tuple[Standing, ...]:
    return commitments.standings(border.book(), border.law, START)


def only(border: Border) -> Standing:
    (found,) = all_of(border)
    return found


def test_each_party_has_its_own_column_and_the_committees_stays_empty_until_all_have_sealed() -> None:
    border, here, there = border_with()
    assess(here, 2)
    assess(there, 1)
    border.exchange()
    assert [only(border).score(column, LATER) for column in (here.code, there.code, COMMITTEE)] == [2, 1, None]
    assert only(border).differs((here.code, there.code), LATER)
    proposal = here.notice("commitment.agreed", {"commitment": "c0", "score": "intermediate"})
    border.exchange()
    assert only(border).score(COMMITTEE, LATER) is None
    there.assent(proposal)
    border.exchange()
    assert only(border).score(COMMITTEE, LATER) == 2
    assert [only(border).score(column, LATER) for column in (here.code, there.code)] == [2, 1]


def test_an_assessment_that_the_other_side_has_not_received_counts_nowhere() -> None:
    border, here, _ = border_with()
    assess(here, 3)
    assert only(border).statements == ()
    border.exchange()
    assert only(border).score(here.code, LATER) == 3


def test_a_later_assessment_follows_the_first_and_the_history_keeps_both() -> None:
    border, here, _ = border_with()
    assess(here, 1)
    border.exchange()
    between = border.now
    border.now = moments.format(moments.add_minutes(moments.parse(between), 60))
    assess(here, 3)
    border.exchange()
    assert only(border).score(here.code, between) == 1
    assert only(border).score(here.code, LATER) == 3
    assert [each.score for each in only(border).statements] == [1, 3]


def test_a_date_set_back_changes_no_past_figure() -> None:
    border, here, _ = border_with()
    assess(here, 1)
    border.exchange()
    border.now = moments.format(moments.add_minutes(moments.parse(START), 10_000))
    past = moments.format(moments.add_minutes(moments.parse(START), 5_000))
    backdated, parts = here.draft("commitment.assessment", {"commitment": "c0", "score": "full"})
    here.release(msgspec.structs.replace(backdated, at=START), parts)
    border.exchange()
    assert only(border).score(here.code, past) == 1
    assert only(border).score(here.code, LATER) == 3


def test_a_correction_does_not_change_what_was_scored() -> None:
    law = law_with("")
    score = next(each for each in kind_of(law, "commitment.assessment").fields if each.name == "score")
    correction = kind_of(law, "correction")
    reaching = msgspec.structs.replace(correction, fields=[*correction.fields, score])
    border = Border(msgspec.structs.replace(law, kinds=[*set_aside(law, correction), reaching]))
    here, _ = border.pair
    border.exchange()
    first = assess(here, 1)
    border.exchange()
    later = here.notice("correction", {"reason": "code", "score": "full"}, first)
    border.exchange()
    assert border.book().notices[here.number(later)].conforms
    assert only(border).score(here.code, LATER) == 1


def test_what_is_taken_back_counts_until_the_withdrawal_was_had() -> None:
    border, here, _ = border_with()
    first = assess(here, 3)
    border.exchange()
    before = border.now
    border.now = moments.format(moments.add_minutes(moments.parse(before), 60))
    here.notice("withdrawal", {"reason": "sent-in-error"}, first)
    border.exchange()
    assert only(border).score(here.code, before) == 3
    assert only(border).score(here.code, LATER) is None
    assert [each.score for each in only(border).statements] == [3]


def test_the_other_sides_review_stands_beside_a_statement_and_moves_no_score() -> None:
    border, here, there = border_with()
    told = here.notice("commitment.progress", {"commitment": "c0", "step": "reached", "evidence": ["site-visit"]})
    border.exchange()
    there.notice("commitment.review", {"found": "questioned", "reason": ["unclear"]}, told)
    here.notice("commitment.review", {"found": "accepted"}, told)
    border.exchange()
    (statement,) = only(border).statements
    assert [(review.party, review.found) for review in statement.reviews] == [(there.code, "questioned")]
    assert only(border).score(here.code, LATER) is None


PIECES = {
    "evidence": ["count", "site-visit"],
    "number": 12,
    "unit": "pieces",
    "counted": "requests-answered",
}


def test_each_piece_of_evidence_keeps_every_review_of_it_and_the_last_word_stands() -> None:
    border, here, there = border_with()
    told = here.notice("commitment.progress", {"commitment": "c0", "step": "reached"} | PIECES)
    border.exchange()
    there.notice("commitment.review", {"found": "rejected", "reason": ["figures-differ"], "pieces": ["count"]}, told)
    there.notice("commitment.review", {"found": "accepted"}, told)
    taken_back = there.notice("commitment.review", {"found": "questioned", "reason": ["unclear"]}, told)
    border.exchange()
    there.notice("withdrawal", {"reason": "sent-in-error"}, taken_back)
    border.exchange()
    (statement,) = only(border).statements
    reviews = {piece.form: [review.found for review in piece.reviews] for piece in statement.pieces}
    assert reviews == {"count": ["rejected", "accepted"], "site-visit": ["accepted"]}
    assert [[review.found for review in piece.standing] for piece in statement.pieces] == [["accepted"], ["accepted"]]


def asking_for(form: str) -> tuple[Border, Side, Side]:
    law = law_with("")
    asked = [msgspec.structs.replace(law.commitments[0], evidence=form)]
    border = Border(msgspec.structs.replace(law, commitments=asked))
    here, there = border.pair
    border.exchange()
    return border, here, there


def test_a_commitment_lacks_its_kind_of_evidence_until_a_piece_stands_that_nobody_rejects() -> None:
    border, here, there = asking_for("count")
    assert only(border).lacks_evidence(LATER)
    told = here.notice("commitment.progress", {"commitment": "c0", "step": "reached"} | PIECES)
    border.exchange()
    assert not only(border).lacks_evidence(LATER)
    assert only(border).lacks_evidence("2031-02-01T00:00:00Z")
    there.notice("commitment.review", {"found": "rejected", "reason": ["figures-differ"], "pieces": ["count"]}, told)
    border.exchange()
    assert only(border).lacks_evidence(LATER)


def test_what_only_the_owners_can_say_is_lacking_until_each_has_and_a_clock_lacks_nothing() -> None:
    border, here, there = asking_for("assessment")
    assess(here, 1)
    border.exchange()
    assert only(border).lacks_evidence(LATER)
    assess(there, 1)
    border.exchange()
    assert not only(border).lacks_evidence(LATER)
    assert not only(asking_for("clock:clarification-answered")[0]).lacks_evidence(LATER)


def test_a_score_outside_the_scale_is_refused() -> None:
    _, here, _ = border_with()
    with pytest.raises(Refusal, match=r"field\.not-listed"):
        here.draft("commitment.assessment", {"commitment": "c0", "score": "4"})


def test_a_decision_without_an_owner_is_refused() -> None:
    _, here, _ = border_with()
    with pytest.raises(Refusal, match=r"field\.required"):
        here.draft("meeting.decided", {"matter": "rail", "due": "2031-06-01"})


def test_a_commitment_slows_down_when_nobody_says_anything_for_a_quarter() -> None:
    border, here, _ = border_with()
    last = moments.parse(START)
    assert only(border).slowdown(moments.format(moments.add_minutes(last, 92 * 1_440))) is None
    quiet = only(border).slowdown(moments.format(moments.add_minutes(last, 92 * 1_440 + 1)))
    assert quiet is not None
    assert (quiet.quiet_since, quiet.expected) == (START, None)
    assess(here, 0)
    border.exchange()
    assert only(border).slowdown("2031-05-30T00:00:00Z") is None


@pytest.mark.parametrize(("score", "day", "expected"), [(1, 33, None), (1, 34, 34), (2, 66, None), (3, 99, None)])
def test_it_slows_down_when_more_of_the_time_has_passed_than_is_carried_out(
    score: int, day: int, expected: int | None
) -> None:
    border, here, there = border_with("2031-06-09")
    for side in (here, there):
        assess(side, score)
    border.exchange()
    found = only(border).slowdown(moments.format(moments.add_minutes(moments.parse(START), day * 1_440)))
    assert (found.expected if found else None) == expected


def test_the_lowest_owner_decides_whether_it_is_behind_until_the_committee_has_agreed() -> None:
    border, here, there = border_with("2031-06-09")
    assess(here, 3)
    border.exchange()
    day_50 = moments.format(moments.add_minutes(moments.parse(START), 50 * 1_440))
    slow = only(border).slowdown(day_50)
    assert slow is not None
    assert slow.expected == 50
    proposal = here.notice("commitment.agreed", {"commitment": "c0", "score": "intermediate"})
    border.exchange()
    there.assent(proposal)
    border.exchange()
    assert only(border).slowdown(day_50) is None


def test_a_percentage_never_comes_without_its_distribution_and_count() -> None:
    border, here, _ = border_with("", "", "", "")
    for number, score in enumerate((0, 3, 2)):
        assess(here, score, f"c{number}")
    border.exchange()
    found = commitments.column(all_of(border), here.code, LATER)
    assert (found.counts, found.unscored, found.scored) == ((1, 0, 1, 1), 1, 3)
    assert found.percentage == Fraction(5, 9) * 100
    assert commitments.column(all_of(border), COMMITTEE, LATER).percentage is None


scored = st.lists(st.tuples(st.sampled_from([0, 1]), st.integers(0, 2), st.integers(0, 3)), min_size=1, max_size=14)


@settings(max_examples=25, deadline=None)
@given(said=scored)
def test_columns_and_agreement_equal_a_plain_count_of_the_last_words(said: list[tuple[int, int, int]]) -> None:
    border, *sides = border_with("", "", "")
    last: dict[tuple[int, int], int] = {}
    for side, commitment, score in said:
        assess(sides[side], score, f"c{commitment}")
        last[side, commitment] = score
    border.exchange()
    found = all_of(border)
    for number, assessor in enumerate(sides):
        scores = [last[number, commitment] for commitment in range(3) if (number, commitment) in last]
        column = commitments.column(found, assessor.code, LATER)
        assert column.counts == tuple(scores.count(score) for score in range(4))
        assert column.unscored == 3 - len(scores)
    both = [each for each in range(3) if (0, each) in last and (1, each) in last]
    agreed = commitments.agreement(found, [side.code for side in sides], LATER)
    assert (agreed.equal, agreed.compared) == (sum(last[0, each] == last[1, each] for each in both), len(both))

"""Two nodes suspend their instrument, let time pass, and resume it: what both compute, and what an auditor sees."""

from dataclasses import replace
from pathlib import Path

import msgspec
import pytest

from mithaq import canonical, moments
from mithaq.errors import Refusal
from mithaq.instrument.law import Law, Suspension
from mithaq.instrument.sealing import Sealed
from mithaq.moments import Moment
from mithaq.notices import drafting
from mithaq.notices.book import UNKNOWN, Clock
from mithaq.notices.clocks import Display, clock_display
from mithaq.notices.envelope import Reference
from mithaq_files import verifying
from mithaq_files.trust import Trust
from mithaq_node import queries
from mithaq_node.queries import ledgers, suspension
from mithaq_node.queries.suspension import Stands
from mithaq_node.services import agreement, changing_over, fsck, proposing
from mithaq_node.services.holdings import Holdings
from tests.mithaq_node import meadow
from tests.mithaq_node.conftest import Standing
from tests.mithaq_node.pair import NOW, Pair, compiled, identity, notice, officer_key, release
from tests.mithaq_node.services.test_changing_over import check_export, digest, sealed, under

DAY = moments.DAY
QUESTION = {"concern": "event", "questions": ["what"]}
ASKED = "clarification-answered"
INCIDENT, REQUEST = "incident.initial", "clarification.request"


def later(days: float) -> Moment:
    return Moment(NOW.seconds + int(days * DAY))


def suspended(law: Law, since: Moment = NOW, until: Moment | None = None) -> Law:
    """The next version, which keeps help alone."""
    stated = Suspension(
        grounds=["consent"],
        since=str(since),
        keeps=["humanitarian.hazard"],
        until="" if until is None else str(until),
        mark="example",
    )
    return msgspec.structs.replace(law, version=law.version + 1, rules=2, suspension=stated)


def resumed(law: Law) -> Law:
    return msgspec.structs.replace(law, version=law.version + 1, suspension=None)


def version(law: Law, words: bytes) -> Sealed:
    return sealed(canonical.encode_trusted(law), words)


@pytest.fixture
def asked(pair: Pair) -> Pair:
    """ML has told of an incident and asked a question that RL has two days to answer."""
    release(pair.ml, [notice(pair.ml.seat, 1)])
    fire = Reference(log=pair.ml.seat.origin, id=identity("ML", 1))
    release(pair.ml, [notice(pair.ml.seat, 2, content=QUESTION, name=REQUEST, references=[fire])])
    pair.settle()
    return pair


def both_enter(pair: Pair, standing: Standing, change: Sealed, now: Moment) -> None:
    pair.now = now
    for holdings in (pair.ml, pair.rl):
        with standing(holdings):
            proposing.propose(proposed=change, now=now)
            changing_over.enter(now=now)
    pair.settle()


def clock_at(standing: Standing, holdings: Holdings) -> Clock:
    with standing(holdings):
        return next(each for each in ledgers.book().clocks if each.id == ASKED)


def alike(pair: Pair, standing: Standing) -> Clock:
    """The clock of the question, which both compute alike, as all else."""
    ours, theirs = clock_at(standing, pair.ml), clock_at(standing, pair.rl)
    assert ours == theirs
    assert digest(standing, pair.ml) == digest(standing, pair.rl)
    return ours


def test_two_nodes_suspend_and_resume_and_compute_the_same_dues(
    asked: Pair, standing: Standing, tmp_path: Path
) -> None:
    pair = asked
    with standing(pair.ml):
        served = queries.sealed()
    second = version(suspended(served.law), served.words_bytes)
    third = version(resumed(second.law), served.words_bytes)
    before = alike(pair, standing)
    both_enter(pair, standing, second, later(1))
    still = alike(pair, standing)
    assert (still.due, still.stood) == (UNKNOWN, ((str(later(1)), ""),))
    assert clock_display(still, str(later(30))) is Display.STANDS
    for holdings in (pair.ml, pair.rl):
        with standing(holdings):
            said = suspension.suspended(str(later(2)))
            assert said is not None
            assert (said.version, {each.since for each in said.stands}, said.is_resumed) == (2, {str(later(1))}, False)
    both_enter(pair, standing, third, later(10))
    over = alike(pair, standing)
    assert over.due == str(Moment(moments.parse(before.due).seconds + 9 * DAY))
    with standing(pair.rl):
        assert suspension.suspended(str(later(11))) is None
        assert agreement.publish(now=later(11)) is not None
    pair.settle()
    report = fsck.check(pair.ml.conn, pair.ml.engine, pair.ml.seat.versions, pair.ml.seat.fence)
    assert report.sound, report
    folder = check_export(pair, standing, tmp_path)
    (subject,) = verifying.verify([folder], Trust()).subjects
    assert (subject.nonconforming, [each.holds for each in subject.agreements]) == ((), [True])


def test_while_one_side_has_not_entered_it_deadlines_run_and_the_page_says_so(asked: Pair, standing: Standing) -> None:
    pair = asked
    with standing(pair.ml):
        served = queries.sealed()
        second = version(suspended(served.law), served.words_bytes)
        proposing.propose(proposed=second, now=NOW)
        changing_over.enter(now=NOW)
    pair.settle()
    assert clock_at(standing, pair.ml).stood == ()
    with standing(pair.ml):
        said = suspension.suspended(str(later(1)))
        assert said is not None
        assert (said.stands, said.run_again) == ((), False)
    with standing(pair.rl):
        assert suspension.suspended(str(later(1))) is None


def test_a_suspension_that_ran_out_by_itself_is_not_said_to_have_ended_by_a_later_version(
    asked: Pair, standing: Standing
) -> None:
    pair = asked
    with standing(pair.ml):
        served = queries.sealed()
    second = version(suspended(served.law, until=later(3)), served.words_bytes)
    third = version(suspended(resumed(served.law), until=later(9)), served.words_bytes)
    both_enter(pair, standing, second, later(1))
    with standing(pair.ml):
        proposing.propose(proposed=third, now=later(2))
        changing_over.enter(now=later(2))
        said = suspension.suspended(str(later(4)))
        assert said is not None
        assert (said.version, said.stands, said.run_again) == (3, (), False)


def test_one_side_that_has_resumed_says_that_what_the_other_owes_stands_until_it_knows(
    asked: Pair, standing: Standing
) -> None:
    pair = asked
    with standing(pair.ml):
        served = queries.sealed()
    second = version(suspended(served.law), served.words_bytes)
    third = version(resumed(second.law), served.words_bytes)
    both_enter(pair, standing, second, later(1))
    with standing(pair.ml):
        proposing.propose(proposed=third, now=later(2))
        changing_over.enter(now=later(2))
        said = suspension.suspended(str(later(3)))
        assert said is not None
        assert (said.is_resumed, said.version) == (True, 2)
        assert said.stands == (Stands("ML", "", ""), Stands("RL", "", str(later(1))))
    pair.now = later(4)
    pair.settle()
    over = clock_at(standing, pair.ml)
    assert over.stood == ((str(later(1)), str(later(4))),)
    with standing(pair.rl):  # it has not entered the resumption, and its deadlines run all the same
        behind = ledgers.book()
        assert behind.incomplete
        assert next(each for each in behind.clocks if each.id == ASKED) == over
        assert agreement.publish(now=later(4)) is None
        said = suspension.suspended(str(later(4)))
        assert said is not None
        assert (said.is_resumed, said.stands, said.run_again) == (False, (), True)
        proposing.propose(proposed=third, now=later(6))
        changing_over.enter(now=later(6))
    pair.now = later(6)
    pair.settle()
    assert alike(pair, standing) == over


def test_nothing_begins_meanwhile_at_the_log_and_what_does_is_judged_by_everybody(
    asked: Pair, standing: Standing, tmp_path: Path
) -> None:
    pair = asked
    with standing(pair.ml):
        served = queries.sealed()
    second = version(suspended(served.law), served.words_bytes)
    both_enter(pair, standing, second, later(1))
    seat = under(pair.ml, second)
    with pytest.raises(Refusal, match=r"leaf\.suspended"):
        notice(seat, 3, later(2))
    open_law = msgspec.structs.replace(second.law, suspension=None)
    known, parts = compiled(replace(seat, law=open_law), INCIDENT, meadow.INCIDENT, 3, later(2))
    header = msgspec.structs.replace(known, release="two", law=second.law_digest)
    names = [f"{pair.ml.seat.origin.split('/')[0]}/officer/{number}" for number in (1, 2)]
    filed = drafting.sign_filing(header, str(later(2)), names[0], officer_key("ML", 1))
    leaf = drafting.sign_release(filed, str(later(2)), names[1], officer_key("ML", 2))
    release(pair.ml, [(leaf, parts)])
    pair.settle()
    alike(pair, standing)
    with standing(pair.rl):
        (wrong,) = ledgers.book().nonconforming.values()
        assert [each.code for each in wrong.refusals] == ["leaf.suspended"]
    folder = check_export(pair, standing, tmp_path)
    (subject,) = verifying.verify([folder], Trust()).subjects
    assert [refusal.code for _, refusal in subject.nonconforming] == ["leaf.suspended"]

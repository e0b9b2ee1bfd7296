"""The next agenda: each open point under a subject that the law lists, and what presses proposed."""

from mithaq.followup import agenda
from mithaq.followup.report import Measure, OpenClock, OpenItems, Paper, Point, Report

LISTED = ("carrying-out", "incidents-open", "decisions-overdue", "rail", "texts-open", "requests-unanswered")
RAN, RUNS = (OpenClock("reply", "ML 1-2", "RL", "", "", state) for state in ("missed", "running"))


def measure(number: str, *, overdue: bool) -> Measure:
    return Measure(number, "rail", "ML", "", "2030-01-01", {}, differs=False, overdue=overdue)


def report(*points: Point, clocks: tuple[OpenClock, ...] = ()) -> Report:
    found = OpenItems(clocks, (), (), (), (), (), (), (), ())
    return Report(
        Paper.AGENDA,
        "2030-02-01T00:00:00Z",
        ("ML", "RL"),
        measures=(measure("ML 3-4", overdue=True), measure("ML 5-6", overdue=False)),
        open=found,
        agenda=points,
    )


def test_every_point_stands_under_its_subject_and_a_decision_in_time_under_its_own_matter() -> None:
    points = (
        Point("commitment", "answer", "", ("differs",)),
        Point("decision", "ML 3-4", "ML", ("overdue",)),
        Point("decision", "ML 5-6", "ML", ("unfinished",)),
        Point("text", "RL 2-3", "RL", ("unaccepted",)),
        Point("proposal", "RL 4-5", "RL", ("unsealed",)),
        Point("incident", "ML 1-2", "ML", ("differs",)),
    )
    found = agenda.offered(report(*points), LISTED)
    assert {subject: [each.name for each in its] for subject, its in found.items()} == {
        "carrying-out": ["answer"],
        "incidents-open": ["ML 1-2"],
        "decisions-overdue": ["ML 3-4"],
        "rail": ["ML 5-6"],
        "texts-open": ["RL 2-3", "RL 4-5"],
    }
    assert list(found) == [subject for subject in LISTED if subject in found]


def test_a_clock_that_still_runs_is_offered_and_not_proposed_until_another_has_run_out() -> None:
    running = agenda.offered(report(clocks=(RUNS, RUNS)), LISTED)
    assert running == {"requests-unanswered": (Point("clock", "reply", "RL", ("running",), 2),)}
    assert agenda.pressing(running, 8) == []
    missed = Point("clock", "reply", "RL", ("missed",))
    both = agenda.offered(report(missed, clocks=(RAN, RUNS)), LISTED)
    assert [each.reasons for each in both["requests-unanswered"]] == [("missed",), ("running",)]
    assert agenda.pressing(both, 8) == ["requests-unanswered"]


def test_no_more_is_proposed_than_a_call_may_hold_and_nothing_that_the_law_does_not_list() -> None:
    points = (Point("commitment", "answer", "", ("slow",)), Point("incident", "ML 1-2", "ML", ("differs",)))
    found = agenda.offered(report(*points), LISTED)
    assert agenda.pressing(found, 1) == ["carrying-out"]
    assert agenda.offered(report(*points), ("rail",)) == {}

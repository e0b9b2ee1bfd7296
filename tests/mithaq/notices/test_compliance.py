"""Counting how clocks are kept: one rule for every party, whatever they are grouped by."""

import msgspec

from mithaq.instrument.law import Annex, Holiday
from mithaq.notices.book import Clock, Step
from mithaq.notices.clocks import DayOff, days_off, due, unknown_after
from mithaq.notices.compliance import Grouping, Timeliness, grouped
from mithaq.notices.fields.sites import sector_of
from tests.mithaq.notices.border import FIRE, Border, instant, plain_law

WHAT = {"concern": "event", "questions": ["what"]}
DAY = 1_440
PARTIES = ("ML", "RL")


def answered_after(minutes: int) -> Border:
    """A fire told by the first party, asked about by the second, and answered so many minutes later."""
    border = Border()
    here, there = border.pair
    fire = here.notice("incident.initial", FIRE)
    there.receive()
    question = there.notice("clarification.request", WHAT, fire)
    here.receive()
    border.at(minutes).pair[0].notice("clarification.reply", {"finding": "confirmed"}, question)
    border.pair[1].receive()
    return border


def of(border: Border, by: Grouping, now: str) -> dict[str, dict[str, Timeliness]]:
    groups = grouped(border.book(), plain_law(), by, now, PARTIES)
    return {group.key: dict(group.parties) for group in groups}


def test_an_answer_in_time_is_met_and_one_after_it_is_late() -> None:
    in_time = of(answered_after(60), Grouping.CLOCK, instant(61))["clarification-answered"]
    late = of(answered_after(5 * DAY), Grouping.CLOCK, instant(5 * DAY + 1))["clarification-answered"]
    assert in_time["ML"] == Timeliness(met=1)
    assert late["ML"] == Timeliness(late=1)


def test_a_party_that_owed_nothing_has_its_row_too() -> None:
    assert of(answered_after(60), Grouping.CLOCK, instant(61))["clarification-answered"]["RL"] == Timeliness()


def test_a_share_is_of_what_is_decided_and_not_of_what_still_runs() -> None:
    border = Border()
    here, there = border.pair
    fire = here.notice("incident.initial", FIRE)
    there.receive()
    there.notice("clarification.request", WHAT, fire)
    here.receive()
    running = of(border, Grouping.CLOCK, instant(1))["clarification-answered"]["ML"]
    missed = of(border, Grouping.CLOCK, instant(30 * DAY))["clarification-answered"]["ML"]
    assert (running.started, running.decided) == (1, 0)
    assert (missed, missed.decided) == (Timeliness(missed=1), 1)


def test_every_grouping_counts_the_same_clocks() -> None:
    border, now = answered_after(60), instant(30 * DAY)
    counted = {by: of(border, by, now) for by in Grouping}
    totals = {
        by: {party: sum(group[party].started for group in groups.values()) for party in PARTIES}
        for by, groups in counted.items()
    }
    assert len({tuple(total.items()) for total in totals.values()}) == 1
    assert sum(totals[Grouping.CLOCK].values()) == len(border.book().clocks)


def test_clocks_stand_in_the_sector_of_the_first_notice_and_in_the_month_they_started() -> None:
    border = answered_after(60)
    assert list(of(border, Grouping.SECTOR, instant(61))) == [_sector()]
    assert set(of(border, Grouping.MONTH, instant(61))) == {"2031-03"} | {
        clock.started[:7] for clock in border.book().clocks
    }
    kinds = of(border, Grouping.KIND, instant(61))
    assert kinds["clarification.request"]["ML"] == Timeliness(met=1)


def test_what_was_withdrawn_counts_nowhere() -> None:
    border = Border()
    here, there = border.pair
    fire = here.notice("incident.initial", FIRE)
    there.receive()
    question = there.notice("clarification.request", WHAT, fire)
    here.receive()
    there.notice("withdrawal", {"reason": "sent-in-error"}, question)
    here.receive()
    assert "clarification-answered" not in of(border, Grouping.CLOCK, instant(30 * DAY))


def _sector() -> str:
    found = sector_of(FIRE["place"], plain_law())
    assert found is not None
    return found


def test_a_clock_in_working_time_names_the_days_that_it_passed_over_and_no_other() -> None:
    party = msgspec.structs.replace(plain_law().parties[0], utc_offset=180, weekend=[5, 6], holidays=["2031-03-03"])
    rule = msgspec.structs.replace(plain_law().clocks[0], minutes=3 * 1_440, calendar="working")
    started = "2031-03-02T09:00:00Z"
    step = Step("log", 1, started)
    clock = Clock(rule.id, "ML 1-8", party.code, started, step, due(rule, started, party))
    assert days_off(rule, clock, party) == (DayOff("2031-03-03", True),)
    late = "2031-03-05T22:30:00Z"  # already Thursday on the party's own clock
    clock = Clock(rule.id, "ML 1-8", party.code, late, step, due(rule, late, party))
    assert [(each.day, each.holiday) for each in days_off(rule, clock, party)] == [
        ("2031-03-07", False),
        ("2031-03-08", False),
    ]
    continuous = msgspec.structs.replace(rule, calendar="continuous")
    assert days_off(continuous, clock, party) == ()


def test_a_holiday_is_called_as_its_annex_calls_it_and_a_list_that_ends_before_the_deadline_says_so() -> None:
    name = {"en": "Meadow Day"}
    annex = Annex(calendar="gregorian", until="2031-03-06", holidays=[Holiday(day="2031-03-03", name=name)])
    plain = msgspec.structs.replace(plain_law().parties[0], utc_offset=180, weekend=[5, 6], holidays=["2031-03-03"])
    party = msgspec.structs.replace(plain, annex=annex)
    started, step = "2031-03-02T09:00:00Z", Step("log", 1, "2031-03-02T09:00:00Z")
    for days, last in ((3, None), (4, "2031-03-06")):  # due on Thursday the sixth, and on Sunday
        rule = msgspec.structs.replace(plain_law().clocks[0], minutes=days * 1_440, calendar="working")
        clock = Clock(rule.id, "ML 1-8", party.code, started, step, due(rule, started, party))
        assert clock.due == due(rule, started, plain)  # an annex explains a deadline and never moves one
        assert days_off(rule, clock, party)[0] == DayOff("2031-03-03", True, name)
        assert unknown_after(rule, clock, party) == last
        assert unknown_after(rule, clock, plain) is None
        assert unknown_after(msgspec.structs.replace(rule, calendar="continuous"), clock, party) is None

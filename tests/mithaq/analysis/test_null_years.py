"""Years in which nothing gathers: few alarms, the same for everybody, and fewer the more seldom a warning is to be."""

from mithaq.analysis.clusters import asking, null_years, zones

LINE = tuple(zones.Place(name, number * 40_000) for number, name in enumerate("ABCDEF"))
AT = [0] * 90 + [1] * 40 + [2] * 60 + [3] * 20 + [4] * 50 + [5] * 40


def alarms(number: int, recurrence: int = 365, at: list[int] = AT) -> int:
    asked = asking.Asked(
        along=True,
        prospective=True,
        max_intervals=14,
        replicates=999,
        seed=1,
        stop_at=1_000 // recurrence,
        stop_on_ties=True,
    )
    return null_years.alarms(LINE, at, history=180, asked=asked, recurrence=recurrence, holds=7, number=number)


def test_chance_alone_gives_about_what_was_asked_for_and_fewer_the_more_seldom() -> None:
    found = alarms(1, 90)
    assert 1 <= found <= 9  # about four a year
    assert alarms(1) < found


def test_a_year_is_the_same_for_everybody() -> None:
    assert alarms(2) == alarms(2)


def test_a_record_without_cases_or_with_one_gives_none() -> None:
    assert alarms(1, at=[]) == alarms(1, at=[2]) == 0

"""Two parties' reports are matched alike in whatever order they come, one to one, and never about people."""

import itertools
from importlib import resources
from math import isqrt
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mithaq import places
from mithaq.analysis import matching
from mithaq.analysis.matching import candidates, levels, model
from mithaq.analysis.matching.association import assigned, believed, chosen
from mithaq.analysis.matching.levels import kinds_of
from mithaq.analysis.matching.twice import Rivals
from mithaq.analysis.people import FAMILIES, is_about_people
from mithaq.analysis.simulation import Errors, simulated
from mithaq.errors import Refusal
from tests.papers import Paper

_CATEGORIES = (("a", "b", "c"), ("a", "b", "d"), ("a", "e", "f"), ("g", "h", "i"))


def report(name: str, **other) -> matching.Report:
    stated: dict[str, Any] = {
        "lon": 46_000_000, "lat": 33_000_000, "place": 1, "moment": 0, "time": 1, "category": _CATEGORIES[0],
    }  # fmt: skip
    return matching.Report(id=name, **(stated | other))


reports = st.lists(
    st.builds(
        report,
        st.uuids().map(str),
        lon=st.integers(45_000_000, 45_400_000),
        lat=st.integers(33_000_000, 33_400_000),
        place=st.integers(1, 3),
        moment=st.integers(0, 60 * 86_400),
        time=st.integers(1, 4),
        category=st.sampled_from(_CATEGORIES),
        severity=st.integers(-1, 5),
        counted=st.integers(-1, 3),
    ),
    max_size=25,
)


@settings(max_examples=25, deadline=None)
@given(reports, reports, st.randoms(use_true_random=False))
def test_what_is_found_does_not_depend_on_the_order_of_arrival(first, second, random):
    once = matching.match(first, second)
    random.shuffle(first)
    random.shuffle(second)
    again = matching.match(first, second)
    assert once.matches == again.matches
    assert once.again == again.again
    assert once.scored.ratios.tobytes() == again.scored.ratios.tobytes()


@settings(max_examples=60, deadline=None)
@given(reports, reports)
def test_the_grid_misses_no_pair_within_its_radius_and_span(first, second):
    left, right, _ = matching.columns_of(first, second)
    every = {(i, j) for i in range(len(left)) for j in range(len(right))}
    classes = [candidates.class_of(side).tolist() for side in (left, right)]
    near = {
        (i, j)
        for i, j in every
        if candidates.squared_metres(left, np.array([i]), right, np.array([j]))[0]
        <= candidates.radius(classes[0][i], classes[1][j]) ** 2
        and abs(int(left.moment[i] - right.moment[j])) <= candidates.span(classes[0][i], classes[1][j])
    }
    found = [pair for each in candidates.pairs(left, right) for pair in zip(each.left, each.right, strict=True)]
    assert len(found) == len(set(found))
    assert {(int(i), int(j)) for i, j in found} == near


def test_metres_are_those_of_the_border():
    one, other = report("A1"), report("B1", lon=46_300_000, lat=33_200_000)
    left, right, _ = matching.columns_of([one], [other])
    row = np.array([0])
    metres = isqrt(int(candidates.squared_metres(left, row, right, row)[0]))
    assert metres == pytest.approx(places.distance((one.lon, one.lat), (other.lon, other.lat)), rel=1e-4)


@settings(max_examples=25, deadline=None)
@given(reports, reports)
def test_no_report_has_two_partners_and_every_reason_is_given(first, second):
    found = matching.match(first, second).matches
    assert len({each.left for each in found}) == len({each.right for each in found}) == len(found)
    assert all([reason.code for reason in each.reasons] == ["place", "time", "category", "severity", "count"]
               for each in found)  # fmt: skip
    assert all(each.band is not matching.Band.IGNORE for each in found)


@settings(max_examples=25, deadline=None)
@given(reports, reports)
def test_a_second_writing_stands_beside_a_pair_and_is_in_none_itself(first, second):
    found = matching.match(first, second)
    lefts, rights = {each.left for each in found.matches}, {each.right for each in found.matches}
    assert all((each.left in lefts) != (each.right in rights) for each in found.again)


def test_what_a_party_wrote_twice_is_told_beside_its_pair_and_takes_nothing_from_it():
    first = [report(f"A{n}", lon=46_000_000 + n % 9 * 400_000, moment=n * 200_000) for n in range(60)]
    second = [each._replace(id=f"B{n}", moment=each.moment + 900, lat=33_004_000) for n, each in enumerate(first)]
    once = matching.match(first, second)
    assert not once.again
    twice = matching.match([*first, first[30]._replace(id="A30-again", moment=first[30].moment + 900)], second)
    of_it = [each for each in (*twice.matches, *twice.again) if each.right == "B30"]
    assert {each.left for each in of_it} == {"A30", "A30-again"}
    assert all(each.band is matching.Band.PROPOSE for each in of_it)
    assert len(twice.matches) == len(once.matches)


def test_with_few_pairs_it_is_sure_of_none():
    def sides(many):
        first = [report(f"A{n}", lon=46_000_000 + n % 9 * 400_000, moment=n * 200_000) for n in range(many)]
        return first, [each._replace(id=f"B{n}", moment=each.moment + 900) for n, each in enumerate(first)]

    few, more = (matching.match(*sides(many)).matches for many in (5, 60))
    assert len(few) == 5
    assert {each.band for each in few} == {matching.Band.ASK}
    assert {each.band for each in more} == {matching.Band.PROPOSE}
    assert max(each.posterior for each in few) < min(each.posterior for each in more)


def test_from_pairs_that_a_party_has_denied_it_learns_neither_to_be_sure_nor_how_often_parties_write_again():
    first = [report(f"A{n}", lon=46_000_000 + n % 9 * 400_000, moment=n * 200_000) for n in range(60)]
    second = [each._replace(id=f"B{n}", moment=each.moment + 900) for n, each in enumerate(first)]
    first += [each._replace(id=f"{each.id}-again") for each in first[20:40]]

    def learned(**told):
        return matching.learn(*matching.columns_of(first, second), matching.Told(**told))

    later = frozenset(itertools.product((each.id for each in first), (each.id for each in second[30:])))
    half = learned(denied=later)
    assert half.trust == pytest.approx(1 - 8 / (30 + 150), abs=0.0001)
    assert half.again[0] == pytest.approx((10 + 0.6) / (30 + 30), abs=0.02)  # ten of thirty, and what is usual
    sure = learned(confirmed=frozenset((f"A{n}", f"B{n}") for n in range(60)))
    assert sure.trust == pytest.approx(1 - 8 / (60 + 150), abs=1e-12)


def test_what_gains_by_a_second_writing_is_reckoned_as_by_hand():
    """Both left reports fit the right one a thousand times better than nothing, and 20 to 1 they are one incident's."""
    pair = np.array([0, 1])
    beliefs, _ = believed(pair, np.zeros(2, dtype=np.int64), np.array([1_000.0, 1_000.0]), 2, 1)
    left, right, _ = matching.columns_of([report("A1"), report("A2")], [report("B1")])
    rivals = Rivals.of(beliefs, left, right, lambda found, side: np.full(len(found.left), 40.0))
    half = 1_000 / 2_001
    assert rivals.believed((0.5, 0.5)) == pytest.approx([half + half * 20 / 21] * 2)


@settings(max_examples=50, deadline=None)
@given(st.lists(st.tuples(st.floats(0.01, 1), st.floats(0.01, 1)), min_size=14, max_size=14))
def test_what_is_further_apart_weighs_no_more_and_nothing_is_lost(row):
    shares, chance = np.array(row).T[:, None, :]
    found = model._falling(shares, chance)
    steps = found[0, 1:13]
    assert (np.diff(steps) <= 1e-12).all()
    assert (steps * chance[0, 1:13]).sum() == pytest.approx(shares[0, 1:13].sum())
    assert found[0, [0, 13]] == pytest.approx(shares[0, [0, 13]] / chance[0, [0, 13]])


def test_a_day_off_has_a_level_of_its_own():
    times = (0, 86_400 - 7_201, 86_400 - 7_200, 86_400 + 7_200)
    left, right, tree = matching.columns_of([report("A1")], [report(f"B{n}", moment=n) for n in times])
    rows, none = np.arange(len(times)), np.zeros(len(times), dtype=np.int64)
    near, _ = candidates.within(left, none, right, rows)
    apart, _ = levels.likeness(near, left, right, tree)
    assert ((apart % levels.MOMENTS) == levels.DAY_OFF).tolist() == [False, False, True, True]


@settings(max_examples=200, deadline=None)
@given(st.dictionaries(st.tuples(st.integers(0, 4), st.integers(0, 4)), st.integers(1, 20), max_size=14))
def test_the_assignment_is_the_best_there_is(weights):
    edges = sorted((left, right, weight * 50_000) for (left, right), weight in weights.items())
    floor = 300_000

    def worth(chosen):
        return sum(each[2] - floor for each in chosen)

    def one_to_one(chosen):
        return len({each[0] for each in chosen}) == len({each[1] for each in chosen}) == len(chosen)

    above = [each for each in edges if each[2] > floor]
    best = max(
        worth(some)
        for many in range(min(len(above), 5) + 1)
        for some in itertools.combinations(above, many)
        if one_to_one(some)
    )
    found = assigned(edges, floor)
    assert one_to_one(found)
    assert worth(found) == best


@settings(max_examples=25, deadline=None)
@given(reports, reports)
def test_learning_and_applying_at_once_gives_what_they_give_apart(first, second):
    columns = matching.columns_of(first, second)
    apart, at_once = matching.apply(matching.learn(*columns), *columns[:2]), matching.taught(*columns)
    assert apart.matches == at_once.matches
    assert apart.scored.ratios.tobytes() == at_once.scored.ratios.tobytes()


def test_what_is_chosen_at_once_is_what_a_search_chooses():
    draw = np.random.default_rng(5)
    for _ in range(30):
        found = sorted({(int(a), int(b)): 0 for a, b in draw.integers(0, 12, (18, 2))})
        posteriors = draw.integers(200_000, 600_000, len(found))
        left, right = np.array(found).T
        edges = list(zip(left.tolist(), right.tolist(), posteriors.tolist(), strict=True))
        assert chosen(left, right, posteriors, 350_000, 12, 12) == assigned(edges, 350_000)


def test_the_reasons_of_a_match_are_those_of_the_two_reports():
    first, second = report("A1", severity=3, counted=2), report("B1", lon=46_010_000, severity=4, counted=2, time=3)
    found = matching.match([first], [second]).matches
    assert [each.reasons for each in found] == [matching.alike(first, second)]


def test_it_weighs_more_to_agree_in_what_is_seldom_and_in_what_the_parties_are_seen_to_confuse():
    made = simulated(1_500, 365, 12, Errors.EVEN, 500)
    left, right, tree = matching.columns_of(made.left, made.right)
    model = matching.learn(left, right, tree)
    assert model is not None
    grave, slight = (model.numbers[(each + 1) * 5 * 32 * 5] for each in (4, 0))
    assert grave > slight > 1
    near, far = (tree.leaves["trade", "goods", "goods-other"], tree.leaves["air", "drone", "drone-seen"])
    strayed = tree.leaves["trade", "livestock", "livestock-strayed"]
    kinds = model.kinds[kinds_of(np.array([near, far]), np.array([strayed, strayed]))]
    assert kinds[0] > kinds[1]  # the simulation's neighbours are told for each other, others hardly ever


def test_thousands_of_categories_are_no_burden():
    first = [report(f"A{n}", category=("a", f"b{n // 50}", f"c{n}"), moment=n * 9_000) for n in range(4_000)]
    second = [report(f"B{n}", category=("a", f"b{n // 50}", f"c{n}"), moment=n * 9_000) for n in range(4_000)]
    assert len(matching.match(first, second).matches) > 3_900


def test_nobody_and_nothing_is_matched_with_nothing():
    assert matching.match([], []).matches == []
    assert matching.match([report("A1")], []).matches == []


def test_all_reports_in_one_place_at_one_time_are_no_proof_of_anything():
    found = matching.match([report(f"A{n}") for n in range(40)], [report(f"B{n}") for n in range(40)])
    assert [each for each in found.matches if each.band is matching.Band.PROPOSE] == []


def test_reports_that_are_the_same_many_times_on_both_sides_are_not_claimed_to_be_one_incident():
    """Four reports of either party in each place at each time: whose is whose nobody can know."""
    sides = [
        [report(f"{letter}{n}", lon=45_000_000 + n // 4 * 500_000, moment=n // 4 * 86_400) for n in range(200)]
        for letter in "AB"
    ]
    found = matching.match(*sides)
    assert not found.matches
    assert not found.again


@pytest.mark.parametrize("kind", ["crossing.inadvertent", "Flow.Count", " assistance-request", "flow.not-yet-made"])
def test_it_refuses_kinds_about_people(kind):
    with pytest.raises(Refusal, match=r"match\.about-people"):
        matching.match([report("A1", kind=kind)], [])


def test_every_family_that_is_refused_is_one_of_the_record_and_incidents_are_none():
    kinds = {each.name for each in (resources.files("mithaq.notices") / "kinds").iterdir() if each.is_dir()}
    assert {kind.split(".")[0] for kind in kinds if is_about_people(kind)} == FAMILIES
    assert not is_about_people("incident.initial")
    assert not is_about_people("")


@pytest.mark.parametrize(
    "wrong, code",
    [
        ({"place": 0}, "match.place-precision"),
        ({"time": 9}, "match.time-precision"),
        ({"lat": 91_000_000}, "match.position"),
        ({"moment": 10**12}, "match.moment"),
        ({"category": ("a", "", "c")}, "match.category"),
        ({"severity": 6}, "match.severity"),
        ({"counted": -2}, "match.count"),
    ],
)
def test_it_refuses_a_report_that_cannot_be_one(wrong, code):
    with pytest.raises(Refusal) as refused:
        matching.match([report("A1", **wrong)], [report("B1")])
    assert refused.value.code == code


def test_it_refuses_a_report_that_comes_twice():
    with pytest.raises(Refusal, match=r"match\.repeated"):
        matching.match([report("A1"), report("A1", moment=5)], [])


def test_three_parties_reports_of_one_incident_become_one_group():
    def between(left, right, posterior):
        return matching.Match(left, right, posterior, matching.Band.PROPOSE, ())

    found = matching.grouped(
        {
            ("A", "B"): [between("a1", "b1", 990_000), between("a2", "b2", 800_000)],
            ("A", "C"): [between("a1", "c1", 950_000)],
            ("B", "C"): [between("b2", "c1", 900_000)],
        }
    )
    assert [group.members for group in found] == [
        (("A", "a1"), ("B", "b1"), ("C", "c1")),
        (("A", "a2"), ("B", "b2")),
    ]


@pytest.mark.parametrize("shifts", [4, 9, 16])
def test_a_moved_clock_is_nowhere_so_near_to_the_true_one_that_a_report_meets_its_partner(shifts: int) -> None:
    widest = int(candidates.SPAN.max())
    for days in [*range(22, 200), 365, 3_650]:
        moved = [model._movement(days, shift, shifts) for shift in range(shifts)]
        assert min(min(each, days - each) for each in moved) * 86_400 > widest, days
        assert len(set(moved)) > 1 or days < 24
        assert days < 46 or all(each % 7 == 0 for each in moved)


def test_in_a_short_record_the_clock_is_moved_by_a_quarter_of_it_or_more() -> None:
    for days in range(14, 22):
        moved = [model._movement(days, shift, 16) for shift in range(16)]
        assert min(min(each, days - each) for each in moved) >= days // 4


@pytest.mark.runs("docs/analysis/matching.md", "from mithaq.analysis import matching")
def test_the_example_of_its_page_runs(paper: Paper):
    one, other = (
        [
            report(
                f"{side}{day}",
                moment=day * 3 * 86_400,
                lon=45_000_000 + day % 7 * 500_000,
                lat=33_000_000 + day % 5 * 500_000,
            )
            for day in range(40)
        ]
        for side in "AB"
    )
    known: dict[str, Any] = {
        "reports_of_one": one, "reports_of_the_other": other, "one_more": report("A-late", moment=30 * 86_400),
    }  # fmt: skip
    exec(paper.text(), known)
    assert len(known["found"].matches) > 30
    assert known["change"] is not None

"""The rival of `benchmarks.analysis_matching`: Splink 5, told of the stated precision as well as its levels allow.

Pairs of positions, of places and of sectors have levels of distance of their own, as have hours, parts of a day, days
and weeks; to be told at the very same place or moment is one. The tree of categories, severity and counts are its other
comparisons. Blocks are ten days, twice, half a block apart, and within 3.5 of what both classes are taken to mean. It
is told how likely two reports are one incident's, learns with equal severity and then with equal category, and was the
best of thirty ways that were tried on the sample (levels of scaled distance; wider blocks; other training).
"""

from collections.abc import Sequence
from importlib import import_module
from typing import Any

from mithaq.analysis.matching.reports import Report

_SIGMA = "(case {0} when 1 then 2.0 when 2 then 8.0 else 20.0 end)"
_TAU = "(case {0} when 1 then 2.0 when 2 then 4.0 when 3 then 12.0 else 60.0 end)"
_PARTNERED = 0.7  # of the reports of either party, about so many have a partner: it is told
_KM = "sqrt(pow((lat_l-lat_r)*111.2,2)+pow((lon_l-lon_r)*93.0,2))"
_WIDE = "abs(l.lat-r.lat) < 0.6 and abs(l.lon-r.lon) < 0.7 and abs(l.t-r.t) < 240"


def _within(away: str, class_of: str, name: str) -> str:
    """The condition that two reports are within 3.5 of what both classes together are taken to mean."""
    both = "+".join(f"pow({class_of.format(f'{side}.{name}')},2)" for side in "lr")
    return f"{away} <= 3.5*sqrt({both})"


_NEAR = " and ".join(
    (
        _WIDE,
        _within("abs(l.t-r.t)", _TAU, "time"),
        _within("sqrt(pow((l.lat-r.lat)*111.2,2)+pow((l.lon-r.lon)*93.0,2))", _SIGMA, "place"),
    )
)


def scored(left: Sequence[Report], right: Sequence[Report]) -> dict[tuple[str, str], float]:
    """Every pair in a block, with the probability that Splink gives it."""
    splink, duckdb = import_module("splink"), import_module("splink").DuckDBAPI()
    tables = [duckdb.register(_frame(side), table_name=name) for side, name in ((left, "a"), (right, "b"))]
    rules: Any = import_module("splink.blocking_rule_library")
    blocks = [rules.CustomRule(f"l.block{each} = r.block{each} and {_NEAR}") for each in (0, 1)]
    settings = splink.SettingsCreator(
        link_type="link_only",
        unique_id_column_name="id",
        blocking_rules_to_generate_predictions=blocks,
        comparisons=_comparisons(),
        probability_two_random_records_match=_PARTNERED / max(len(left), len(right)),
        retain_intermediate_calculation_columns=False,
        retain_matching_columns=False,
    )
    linker = splink.Linker(tables, settings)
    linker.training.estimate_u_using_random_sampling(max_pairs=5e6, seed=1)
    for field in ("severity", "leaf"):
        linker.training.estimate_parameters_using_expectation_maximisation(
            rules.CustomRule(f"l.{field} = r.{field} and l.block0 = r.block0"),
            fix_probability_two_random_records_match=True,
        )
    frame = linker.inference.predict(threshold_match_probability=0.0000001).as_pandas_dataframe()
    return {
        (a, b) if a.startswith("A") else (b, a): p
        for a, b, p in zip(frame["id_l"], frame["id_r"], frame["match_probability"], strict=True)
    }


def _frame(side: Sequence[Report]) -> Any:
    hours = [each.moment / 3_600 for each in side]
    return import_module("pandas").DataFrame(
        {
            "id": [each.id for each in side],
            "lon": [each.lon / 1e6 for each in side],
            "lat": [each.lat / 1e6 for each in side],
            "place": [each.place for each in side],
            "t": hours,
            "time": [each.time for each in side],
            "leaf": [each.category[2] for each in side],
            "middle": [each.category[1] for each in side],
            "top": [each.category[0] for each in side],
            "severity": [None if each.severity < 0 else each.severity for each in side],
            "counted": [None if each.counted < 0 else each.counted for each in side],
            "block0": [int(each // 240) for each in hours],
            "block1": [int((each + 120) // 240) for each in hours],
        }
    )


def _comparisons() -> list[Any]:
    comparison: Any = import_module("splink.comparison_library").CustomComparison
    levels: Any = import_module("splink.comparison_level_library")

    def of(name: str, *conditions: str, missing: str = "") -> Any:
        known = [levels.CustomLevel(each, each).configure() for each in conditions]
        first = [levels.NullLevel(missing)] if missing else []
        return comparison(output_column_name=name, comparison_levels=[*first, *known, levels.ElseLevel()])

    return [
        of("lat", *_places()),
        of("t", *_times()),
        of("leaf", "leaf_l = leaf_r", "middle_l = middle_r", "top_l = top_r"),
        of("severity", "severity_l = severity_r", "abs(severity_l-severity_r) = 1", missing="severity"),
        of(
            "counted",
            "counted_l = counted_r and counted_l > 0",
            "counted_l = counted_r",
            "abs(counted_l-counted_r) = 1",
            missing="counted",
        ),
    ]


def _places() -> list[str]:
    exact, no_sector = "(place_l = 1 and place_r = 1)", "(place_l < 3 and place_r < 3)"
    return [
        *(f"{exact} and {_KM} <= {each}" for each in (1, 2, 4)),
        "place_l = place_r and place_l > 1 and lat_l = lat_r and lon_l = lon_r",
        *(f"{no_sector} and not {exact} and {_KM} <= {each}" for each in (4, 8, 12, 18)),
        f"{exact} and {_KM} <= 8",
        *(f"not {no_sector} and {_KM} <= {each}" for each in (12, 22, 35)),
    ]


def _times() -> list[str]:
    hours, parts, no_week = (f"(time_l < {each} and time_r < {each})" for each in (2, 3, 4))
    apart = "abs(t_l-t_r)"
    return [
        *(f"{hours} and {apart} <= {each}" for each in (0.5, 1, 2, 4)),
        f"time_l = time_r and not {hours} and {no_week} and t_l = t_r",
        *(f"{parts} and not {hours} and {apart} <= {each}" for each in (3, 6, 9)),
        *(f"{no_week} and not {parts} and {apart} <= {each}" for each in (6, 12, 14, 24)),
        *(f"not {no_week} and {apart} <= {each}" for each in (36, 84, 100)),
    ]

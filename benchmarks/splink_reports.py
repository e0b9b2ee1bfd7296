"""The rival of `benchmarks.analysis_matching`: Splink 5, told of the stated precision as well as its levels allow.

Distances and times are divided by what both classes together are taken to mean, as the matcher begins with; levels of
those ratios, the tree of categories, severity and counts are its comparisons. Blocks are ten days, twice, half a block
apart, and within 3.5 of that. Of the ways that were tried (blocks as wide for all, training where the category agrees,
or with wider blocks) this is the one that finds most on the sample.
"""

from collections.abc import Sequence
from importlib import import_module
from typing import Any

from mithaq.analysis.matching.reports import Report

_SIGMA = "(case {0} when 1 then 2.0 when 2 then 8.0 else 20.0 end)"
_TAU = "(case {0} when 1 then 2.0 when 2 then 4.0 when 3 then 12.0 else 60.0 end)"
_KM = "sqrt(pow((lat_l-lat_r)*111.2,2)+pow((lon_l-lon_r)*93.0,2))"
_AWAY = f"{_KM}/sqrt(pow({_SIGMA.format('place_l')},2)+pow({_SIGMA.format('place_r')},2))"
_APART = f"abs(t_l-t_r)/sqrt(pow({_TAU.format('time_l')},2)+pow({_TAU.format('time_r')},2))"
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
        retain_intermediate_calculation_columns=False,
        retain_matching_columns=False,
    )
    linker = splink.Linker(tables, settings)
    sure = [rules.CustomRule(f"l.block0 = r.block0 and {_NEAR} and abs(l.t-r.t) < 3 and l.leaf = r.leaf "
                             "and abs(l.lat-r.lat) < 0.03 and abs(l.lon-r.lon) < 0.03")]  # fmt: skip
    linker.training.estimate_probability_two_random_records_match(sure, recall=0.3)
    linker.training.estimate_u_using_random_sampling(max_pairs=2e6, seed=1)
    training = rules.CustomRule(f"l.block0 = r.block0 and {_NEAR}")
    linker.training.estimate_parameters_using_expectation_maximisation(training)
    frame = linker.inference.predict(threshold_match_probability=0.00001).as_pandas_dataframe()
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

    steps = (0.1, 0.25, 0.5, 1.0, 1.5, 2.0, 3.0)
    return [
        of("lat", *(f"{_AWAY} <= {each}" for each in steps)),
        of("t", *(f"{_APART} <= {each}" for each in steps)),
        of("leaf", "leaf_l = leaf_r", "middle_l = middle_r", "top_l = top_r"),
        of("severity", "severity_l = severity_r", "abs(severity_l-severity_r) = 1", missing="severity"),
        of("counted", "counted_l = counted_r", "abs(counted_l-counted_r) = 1", missing="counted"),
    ]

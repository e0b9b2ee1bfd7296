"""Matching: which reports of two parties may be of one incident. It proposes, with reasons; both parties decide.

    from mithaq.analysis import matching
    found = matching.match(reports_of_one, reports_of_the_other)
    for each in found.matches:
        print(each.left, each.right, each.posterior, each.band, each.reasons)

Reports are `Report`s of any origin; neither a node nor a record is needed. `match` learns a model and applies it;
`taught` does so with columns, `learn` and `apply` apart, so that a model may be held fixed;
`Standing` then takes reports one by one.
"""

from mithaq.analysis.matching.arrivals import Change, Standing
from mithaq.analysis.matching.groups import Group, grouped
from mithaq.analysis.matching.proposals import (
    ASK,
    PROPOSE,
    Band,
    Match,
    Matching,
    Reason,
    alike,
    apply,
    columns_of,
    learn,
    match,
    taught,
)
from mithaq.analysis.matching.reports import MISSING, Place, Report, Time, in_columns
from mithaq.analysis.matching.told import Told

__all__ = [
    "ASK", "MISSING", "PROPOSE",
    "Band", "Change", "Group", "Match", "Matching", "Place", "Reason", "Report", "Standing", "Time", "Told",
    "alike", "apply", "columns_of", "grouped", "in_columns", "learn", "match", "taught",
]  # fmt: skip

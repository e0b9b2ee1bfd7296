"""A row of a table of reports, cell by cell, as a `Report`; what is missing or impossible is refused by its name.

Columns: `id`, `lon` and `lat` in degrees, `geo_precision` (1 to 3), `time_precision` (1 to 4), `category_top`,
`category_mid`, `category`, and where stated `severity`, `casualties` (how many were counted) and `kind`. The moment is
`t_hours`, hours from an origin that both tables share, or `moment`, RFC 3339 with its offset: a moment without one is
refused, since nobody can know which zone was meant.
"""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta

from mithaq.analysis.matching.reports import MISSING, Report, check
from mithaq.errors import Refusal

NEEDED = ("id", "lon", "lat", "geo_precision", "time_precision", "category_top", "category_mid", "category")
_OTHERS = ("t_hours", "moment", "severity", "casualties", "kind")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_SMALL = {str(number): number for number in range(100)}


def reader(names: Sequence[str]) -> Callable[[Sequence[str]], Report]:
    """What makes a report of the cells of a row, under these names of columns.

    Refuses (`match.columns`) a table without a column that is needed. Of a row it refuses `match.number` for a cell
    that is no number, `match.cells` for cells too few or too many, and what `check` refuses.
    """
    lacking = [name for name in NEEDED if name not in names]
    if "t_hours" not in names and "moment" not in names:
        lacking.append("t_hours")
    if lacking:
        raise Refusal("match.columns", lacking=", ".join(lacking))
    at = {name: names.index(name) if name in names else len(names) for name in (*NEEDED, *_OTHERS)}
    a_id, a_lon, a_lat, a_place, a_time, a_top, a_middle, a_leaf = (at[name] for name in NEEDED)
    a_hours, a_moment, a_severity, a_count, a_kind = (at[name] for name in _OTHERS)

    def report_of(cells: Sequence[str]) -> Report:
        if len(cells) != len(names):
            raise Refusal("match.cells", found=len(cells), awaited=len(names))
        row = (*cells, "")  # a column that is not there is empty
        name, moment = row[a_id], row[a_moment]
        found = Report(
            name,
            round(_number(name, "lon", row[a_lon]) * 1_000_000),
            round(_number(name, "lat", row[a_lat]) * 1_000_000),
            _whole(name, "geo_precision", row[a_place], 0),
            _moment(name, moment) if moment else round(_number(name, "t_hours", row[a_hours]) * 3_600),
            _whole(name, "time_precision", row[a_time], 0),
            (row[a_top], row[a_middle], row[a_leaf]),
            _whole(name, "severity", row[a_severity], MISSING),
            _whole(name, "casualties", row[a_count], MISSING),
            row[a_kind],
        )
        check(found)
        return found

    return report_of


def _number(name: str, column: str, written: str) -> float:
    try:
        found = float(written)
    except ValueError:
        found = float("nan")
    if not -1e9 < found < 1e9:
        raise Refusal("match.number", id=name, column=column, found=written[:40])
    return found


def _whole(name: str, column: str, written: str, otherwise: int) -> int:
    if not written:
        return otherwise
    known = _SMALL.get(written)
    if known is not None:
        return known
    if not (written.isascii() and written.isdigit() and len(written) <= 9):
        raise Refusal("match.number", id=name, column=column, found=written[:40])
    return int(written)


def _moment(name: str, written: str) -> int:
    try:
        moment = datetime.fromisoformat(written)
    except ValueError as error:
        raise Refusal("match.moment", id=name) from error
    if moment.tzinfo is None:
        raise Refusal("match.zone", id=name, found=written[:40])
    return (moment - _EPOCH) // timedelta(seconds=1)

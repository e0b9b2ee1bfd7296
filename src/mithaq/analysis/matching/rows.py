"""A row of a table of reports, cell by cell, as a `Report`; what is missing or impossible is refused by its name.

Columns: `id`, `lon` and `lat` in degrees, `geo_precision` (1 to 3), `time_precision` (1 to 4), `category_top`,
`category_mid`, `category`, and where stated `severity`, `casualties` (how many were counted) and `kind`. The moment is
`t_hours`, hours from an origin that both tables share, or `moment`, RFC 3339 with its offset: a moment without one is
refused, since nobody can know which zone was meant.
"""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from math import isfinite

from mithaq.analysis.matching.reports import MISSING, Report, check
from mithaq.errors import Refusal

NEEDED = ("id", "lon", "lat", "geo_precision", "time_precision", "category_top", "category_mid", "category")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def check_columns(names: Iterable[str]) -> None:
    """Refuses (`match.columns`) a table without a column that is needed."""
    known = set(names)
    lacking = [name for name in NEEDED if name not in known]
    if not known & {"t_hours", "moment"}:
        lacking.append("t_hours")
    if lacking:
        raise Refusal("match.columns", lacking=", ".join(lacking))


def report_of(row: Mapping[str, str]) -> Report:
    """The report of a row. Refuses `match.number` for a cell that is no number, and what `check` refuses."""
    found = Report(
        id=row["id"],
        lon=round(_number(row, "lon") * 1_000_000),
        lat=round(_number(row, "lat") * 1_000_000),
        place=_whole(row, "geo_precision", 0),
        moment=_moment(row),
        time=_whole(row, "time_precision", 0),
        category=(row["category_top"], row["category_mid"], row["category"]),
        severity=_whole(row, "severity", MISSING),
        counted=_whole(row, "casualties", MISSING),
        kind=row.get("kind", ""),
    )
    check(found)
    return found


def _number(row: Mapping[str, str], column: str) -> float:
    try:
        found = float(row[column])
    except ValueError:
        found = float("nan")
    if not isfinite(found) or abs(found) > 1e9:
        raise Refusal("match.number", id=row["id"], column=column, found=row[column][:40])
    return found


def _whole(row: Mapping[str, str], column: str, otherwise: int) -> int:
    written = row.get(column) or ""
    if not written:
        return otherwise
    if not (written.isascii() and written.isdigit() and len(written) <= 9):
        raise Refusal("match.number", id=row["id"], column=column, found=written[:40])
    return int(written)


def _moment(row: Mapping[str, str]) -> int:
    written = row.get("moment") or ""
    if not written:
        if "t_hours" not in row:
            raise Refusal("match.moment", id=row["id"])
        return round(_number(row, "t_hours") * 3_600)
    try:
        moment = datetime.fromisoformat(written)
    except ValueError as error:
        raise Refusal("match.moment", id=row["id"]) from error
    if moment.tzinfo is None:
        raise Refusal("match.zone", id=row["id"], found=written[:40])
    return (moment - _EPOCH) // timedelta(seconds=1)

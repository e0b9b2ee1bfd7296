"""A party's annex of working days: as the party writes it, days in its own calendar, and as the law has it.

    calendar: solar                        the calendar of its days; a holiday may name another for itself
    until: 1405-12-29                      the last day that the list of holidays speaks of
    weekend: [4, 5]                        ISO weekdays
    holidays:
      - day: 1404-11-22
        name: {ar: …, fa: …, ckb: …, en: …}
    mark: example

The law has Gregorian days, because nothing that folds may need a calendar; beside each it keeps the calendar that the
party wrote it in.
"""

import re
from collections.abc import Mapping
from typing import Any

from mithaq import calendars
from mithaq.errors import Refusal

ANNEXED = ("weekend", "holidays")
"""What stands in the annex, where a party has one, and not beside it."""

_DAY = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})", re.ASCII)

Found = list[tuple[str, Refusal]]
"""What is wrong in an annex: the path in it, and why."""


def law_of(annex: Mapping[str, Any], hijri_offset: int) -> tuple[dict[str, Any], Found]:
    """The fields of the party in the law that its annex fills, and what is wrong with its days.

    `hijri_offset` is the party's: lunar days are read as it declares them. What has another shape is left as it is, for
    whoever judges the whole law.
    """
    usual, found = str(annex.get("calendar", "")), list[tuple[str, Refusal]]()
    named = {name: value for name, value in annex.items() if name != "weekend"}
    if "until" in annex:
        named["until"] = _gregorian(annex["until"], usual, hijri_offset, "until", found)
    if isinstance(annex.get("holidays"), list):
        holidays = [
            _holiday(each, usual, hijri_offset, f"holidays[{index}]", found)
            for index, each in enumerate(annex["holidays"])
        ]
        named["holidays"] = sorted(holidays, key=lambda each: str(each.get("day")))
    days = sorted({str(each.get("day")) for each in named.get("holidays", []) if isinstance(each, dict)})
    return {"weekend": annex.get("weekend", []), "holidays": days, "annex": named}, found


def _holiday(written: Any, usual: str, offset: int, path: str, found: Found) -> dict[str, Any]:
    known = dict(written) if isinstance(written, Mapping) else {}
    known.setdefault("calendar", usual)
    if "day" in known:
        known["day"] = _gregorian(known["day"], str(known["calendar"]), offset, f"{path}.day", found)
    return known


def _gregorian(written: Any, calendar: str, offset: int, path: str, found: Found) -> str:
    """The Gregorian form of a day in a calendar; as it was written, with what is wrong found, where it is no day."""
    parts = _DAY.fullmatch(str(written))
    try:
        if parts is None:
            raise Refusal("moment.not-a-day", found=str(written)[:40])
        year, month, day = map(int, parts.groups())
        return calendars.to_gregorian(calendars.Day(calendar, year, month, day), offset)
    except Refusal as refusal:
        found.append((path, refusal))
        return str(written)

"""The reasons of a proposal in a reader's words: what the core gives as codes and data, field by field."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from mithaq_node.queries.pairs import Line
from mithaq_node.web.reader import Reader

if TYPE_CHECKING:
    from django.utils.functional import Promise

_KILOMETRE = 1_000
_NOT_STATED = -1
_IMPACT = "impact"
_SECTOR = 3
_PLACES: "Mapping[int, Promise]" = {
    1: gettext_lazy("a position"),
    2: gettext_lazy("near a place"),
    _SECTOR: gettext_lazy("a whole sector"),
}
_TIMES: "Mapping[int, Promise]" = {
    1: gettext_lazy("to the full hour"),
    2: gettext_lazy("to the part of the day"),
    3: gettext_lazy("to the day"),
    4: gettext_lazy("to the week"),
}
_CATEGORIES: "Mapping[int, Promise]" = {
    3: gettext_lazy("the same event"),
    2: gettext_lazy("the same kind of notice, another event"),
    1: gettext_lazy("kinds of one family"),
    0: gettext_lazy("kinds of different families"),
}


@dataclass(frozen=True, slots=True)
class Said:
    """One reason: what it is about, and what it says."""

    label: str
    words: str


def in_words(reader: Reader, line: Line) -> tuple[Said, ...]:
    """Why a pair is proposed, or how alike the notices of a pair are. A field that neither states is left out."""
    found = ((each.code, each.data) for each in line.reasons)
    return tuple(said for code, data in found if (said := _SAY[code](reader, data, line.turned)) is not None)


def _place(reader: Reader, data: tuple[int, ...], turned: bool) -> Said:
    metres = data[0]
    if metres == 0:
        apart = _("the same place as stated")
    elif metres < _KILOMETRE:
        apart = _("less than one km apart")
    else:
        far = (
            _("about %(n)s km apart, from the middle of the sector")
            if _SECTOR in data[1:]
            else _("about %(n)s km apart")
        )
        apart = far % {"n": reader.count((metres + _KILOMETRE // 2) // _KILOMETRE)}
    return Said(_("Place"), _with_both(reader, apart, [str(_PLACES[each]) for each in data[1:]], turned))


def _time(reader: Reader, data: tuple[int, ...], turned: bool) -> Said:
    apart = _("%(time)s apart") % {"time": reader.duration(data[0])} if data[0] else _("the same time as stated")
    return Said(_("Time"), _with_both(reader, apart, [str(_TIMES[each]) for each in data[1:]], turned))


def _category(reader: Reader, data: tuple[int, ...], turned: bool) -> Said:
    return Said(_("Event"), str(_CATEGORIES[data[0]]))


def _severity(reader: Reader, data: tuple[int, ...], turned: bool) -> Said | None:
    codes = reader.law.codes.get(_IMPACT, [])
    words = [reader.label(f"code.{_IMPACT}.{codes[each - 1]}") if 0 < each <= len(codes) else "" for each in data]
    return _both(_("Weight"), words, turned)


def _count(reader: Reader, data: tuple[int, ...], turned: bool) -> Said | None:
    words = [reader.count(each) if each > _NOT_STATED else "" for each in data]
    return _both(_("Livestock, by number"), words, turned)


def _both(label: str, words: Iterable[str], turned: bool) -> Said | None:
    first, second = (each or _("not stated") for each in words)
    if first == second == _("not stated"):
        return None
    return Said(label, _of_each(first, second, turned))


def _with_both(reader: Reader, apart: str, words: list[str], turned: bool) -> str:
    first, second = words
    how = _("both stated %(how)s") % {"how": first} if first == second else _of_each(first, second, turned)
    return reader.listed([apart, how])


def _of_each(first: str, second: str, turned: bool) -> str:
    ours, theirs = (second, first) if turned else (first, second)
    return _("ours: %(ours)s; theirs: %(theirs)s") % {"ours": ours, "theirs": theirs}


_SAY: Mapping[str, Callable[[Reader, tuple[int, ...], bool], Said | None]] = {
    "place": _place,
    "time": _time,
    "category": _category,
    "severity": _severity,
    "count": _count,
}

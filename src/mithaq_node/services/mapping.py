"""The layers of the map as a file that an officer takes away: GeoJSON, a GeoPackage, CSV, XLSX, or a project of QGIS.

What is in it is what a program with the officer's token reads. It is written down as a reading before the file is
there, and the file says of itself up to which leaves it goes, whose node made it, and whether anything of it is real.
"""

import csv
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import msgspec
from django.utils.translation import get_language_bidi
from django.utils.translation import gettext as _
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell

from mithaq import moments
from mithaq.errors import Refusal
from mithaq.formats.openapi import Described
from mithaq.instrument.law import Law
from mithaq.moments import Moment
from mithaq.notices.parts import FACTS
from mithaq_node import queries
from mithaq_node.queries import features, ledgers
from mithaq_node.queries.features import Collection
from mithaq_node.services import clock, geopackage, qgis_project, reads
from mithaq_node.services.roles import READERS
from mithaq_node.store.models import Officer

FORMS = ("geojson", "gpkg", "csv", "xlsx", "qgz")
_FORMULA = ("=", "+", "-", "@", "\t", "\r")

Told = Callable[[int, int], None]
"""Is told how many features are written so far, and of how many."""


def write(
    *, file: Path, form: str, officer: Officer, names: Iterable[str] = (), tell: Told = lambda done, total: None
) -> int:
    """Write the collections of these names, or all, as a file that is there whole or not at all; how many features.
    What the file says of itself is in the language that is active, and so are the names in a project of QGIS, which has
    its layers in a second file (`beside`)."""
    if form not in FORMS:
        raise Refusal("export.unknown-form", form=form[:40], known=", ".join(FORMS))
    if officer.role not in READERS:
        raise Refusal("desk.not-your-place")
    chosen = [features.collection(name) for name in names] or list(features.collections().values())
    reads.paper_taken(officer, file.name)
    made = [beside(file), file] if form == "qgz" else [file]
    unfinished = [each.with_name(f"{each.name}.unfinished") for each in made]
    counted = _Counted(tell, sum(len(each.rows().every()) for each in chosen))
    try:
        for each in unfinished:
            each.unlink(missing_ok=True)
        _WRITERS[form](unfinished[-1], chosen, counted)
        for begun, whole in zip(unfinished, made, strict=True):
            begun.replace(whole)
    except BaseException:
        for each in unfinished:
            each.unlink(missing_ok=True)
        raise
    return counted.features


def beside(project: Path) -> Path:
    """The GeoPackage of a project of QGIS: in the same folder, and to be moved with it."""
    return project.with_name(f"{project.stem}.layers.gpkg")


class _Counted:
    """Features one after the other, counted as they pass."""

    def __init__(self, tell: Told, total: int) -> None:
        self.features = 0
        self._tell, self._total = tell, total

    def of(self, collection: Collection) -> Iterator[dict[str, Any]]:
        for row in collection.rows().every():
            yield collection.feature(row)
            self.features += 1
            self._tell(self.features, self._total)


def says() -> str:
    """What the file says of itself, in the language that is active."""
    told = about()
    values = {name: _isolated(told[name]) for name in ("made_by", "made_at", "up_to")}
    held = _("%(id)s, as the node of %(made_by)s holds it at %(made_at)s, up to %(up_to)s.")
    said = (told["mark"], held % {"id": _isolated(queries.law().id), **values}, told["handling"], told["erase_by"])
    return " ".join(filter(None, said))


def about() -> dict[str, str]:
    """The same in fields: whether it is real, whose node made it and when, up to which leaves, how it is handled, and
    by when it is erased."""
    law = queries.law()
    return {
        "mark": _("Exercise.") if law.exercise else _("Demonstration.") if law.demo else "",
        "made_by": queries.own_party().code,
        "made_at": str(clock.now()),
        "up_to": ", ".join(ledgers.up_to(ledgers.book().cut)),
        "handling": _("Between the parties; not for publication."),
        "erase_by": _erase_by(law),
    }


def _isolated(value: str) -> str:
    """A value in Latin letters, which neither turns a line from right to left around nor is turned by it."""
    return f"\u2066{value}\u2069" if get_language_bidi() else value


def _erase_by(law: Law) -> str:
    """Only facts are in a file, so it is kept as long as the instrument keeps facts."""
    days = next((each.days for each in law.retention if each.id == FACTS), 0)
    if not days:
        return _("Erase by: no day, for it holds coded facts alone, which the instrument keeps for good.")
    day = moments.civil_day(Moment(clock.now().seconds + days * moments.DAY), 0)
    return _("Erase by: %(day)s.") % {"day": _isolated(day)}


def _geojson(file: Path, chosen: Iterable[Collection], counted: _Counted) -> None:
    with file.open("wb") as into:
        into.write(b'{"type":"FeatureCollection","description":' + msgspec.json.encode(says()) + b',"features":[')
        between = b"\n"
        for each in chosen:
            for feature in counted.of(each):
                named = {**feature, "properties": {"collection": each.described.id, **feature["properties"]}}
                into.write(between + msgspec.json.encode(named))
                between = b",\n"
        into.write(b"\n]}\n")


def _geopackage(file: Path, chosen: Iterable[Collection], counted: _Counted) -> None:
    geopackage.write(file, ((each.described, counted.of(each)) for each in chosen), says(), str(clock.now()))


def _qgz(file: Path, chosen: Iterable[Collection], counted: _Counted) -> None:
    project = file.with_name(file.name.removesuffix(".unfinished"))
    package = beside(project)
    told = ((each.described, counted.of(each)) for each in chosen)
    qgis_project.write(file, package.with_name(f"{package.name}.unfinished"), package.name, told, says(), about())


def _csv(file: Path, chosen: Iterable[Collection], counted: _Counted) -> None:
    """One table below the other, each with its heading: a CSV knows no sheets."""
    with file.open("w", encoding="utf-8-sig", newline="") as into:
        table = csv.writer(into, lineterminator="\r\n")
        table.writerow([says()])
        for each in chosen:
            table.writerow([])
            table.writerow(_heading(each.described))
            for feature in counted.of(each):
                table.writerow([_safe(value) for value in _row(each.described, feature)])


def _xlsx(file: Path, chosen: Iterable[Collection], counted: _Counted) -> None:
    """A sheet for each collection, from right to left as the parties write; every text is stored as a text."""
    book = Workbook(write_only=True)
    try:
        book.create_sheet("about").append([says()])
        for each in chosen:
            sheet = book.create_sheet(each.described.id[:31])
            sheet.sheet_view.rightToLeft = True
            sheet.freeze_panes = "A2"
            sheet.append(_heading(each.described))
            for feature in counted.of(each):
                sheet.append([_cell(sheet, value) for value in _row(each.described, feature)])
    except BaseException:
        for begun in book.worksheets:
            begun.close()  # each writes into a file of its own, which is left in order
        raise
    book.save(file)


def _heading(described: Described) -> list[str]:
    return [described.id, *(each.name for each in described.properties), "geometry"]


def _row(described: Described, feature: dict[str, Any]) -> list[Any]:
    """Identifier, properties and the geometry as GeoJSON, which is text."""
    drawn = feature["geometry"]
    written = msgspec.json.encode(drawn).decode() if drawn else ""
    return [feature["id"], *(feature["properties"][each.name] for each in described.properties), written]


def _safe(value: Any) -> Any:
    """A text that no spreadsheet takes for a formula."""
    return f"'{value}" if isinstance(value, str) and value.startswith(_FORMULA) else value


def _cell(sheet: Any, value: Any) -> Any:
    if not isinstance(value, str):
        return value
    cell = WriteOnlyCell(sheet, value=value)
    cell.data_type = "s"  # "=" at its beginning would make it a formula
    cell.quotePrefix = value.startswith(_FORMULA)
    return cell


_WRITERS: dict[str, Callable[[Path, Iterable[Collection], _Counted], None]] = {
    "geojson": _geojson,
    "gpkg": _geopackage,
    "csv": _csv,
    "xlsx": _xlsx,
    "qgz": _qgz,
}

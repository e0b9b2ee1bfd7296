"""The layers of the map as one file that an officer takes away: GeoJSON, a GeoPackage, CSV or XLSX.

What is in it is what a program with the officer's token reads. It is written down as a reading before the file is
there, and the file says of itself up to which leaves it goes, whose node made it, and whether anything of it is real.
"""

import csv
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import msgspec
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell

from mithaq.errors import Refusal
from mithaq.formats.openapi import Described
from mithaq_node import queries
from mithaq_node.queries import features, ledgers
from mithaq_node.queries.features import Collection
from mithaq_node.services import clock, geopackage, reads
from mithaq_node.services.roles import READERS
from mithaq_node.store.models import Officer

FORMS = ("geojson", "gpkg", "csv", "xlsx")
_FORMULA = ("=", "+", "-", "@", "\t", "\r")

Told = Callable[[int], None]
"""Is told how many features are written so far."""


def write(*, file: Path, form: str, officer: Officer, names: Iterable[str] = (), tell: Told = lambda _: None) -> int:
    """Write the collections of these names, or all, as a file that is there whole or not at all; how many features."""
    if form not in FORMS:
        raise Refusal("export.unknown-form", form=form[:40], known=", ".join(FORMS))
    if officer.role not in READERS:
        raise Refusal("desk.not-your-place")
    chosen = [features.collection(name) for name in names] or list(features.collections().values())
    reads.paper_taken(officer, file.name)
    unfinished = file.with_name(f"{file.name}.unfinished")
    unfinished.unlink(missing_ok=True)
    counted = _Counted(tell)
    try:
        _WRITERS[form](unfinished, chosen, counted)
        unfinished.replace(file)
    except BaseException:
        unfinished.unlink(missing_ok=True)
        raise
    return counted.features


class _Counted:
    """Features one after the other, counted as they pass."""

    def __init__(self, tell: Told) -> None:
        self.features = 0
        self._tell = tell

    def of(self, collection: Collection) -> Iterator[dict[str, Any]]:
        for row in collection.rows().every():
            yield collection.feature(row)
            self.features += 1
            self._tell(self.features)


def says() -> str:
    """What the file says of itself."""
    law = queries.law()
    mark = "Exercise. " if law.exercise else "Demonstration. " if law.demo else ""
    party, up_to = queries.own_party().code, ", ".join(ledgers.up_to(ledgers.book().cut))
    return f"{mark}{law.id}, as the node of {party} holds it at {clock.now()}, up to {up_to}."


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
}

"""The layers of the map as a file: the same features, opened by the programs that ministries have."""

import csv
import json
import shutil
import sqlite3
import subprocess
from pathlib import Path
from typing import Any

import geojson_validator
import msgspec
import openpyxl
import pytest
from django.utils import translation

from mithaq.errors import Refusal
from mithaq_node import queries
from mithaq_node.queries import features
from mithaq_node.services import mapping, reads
from mithaq_node.store.models import PartRead
from tests.mithaq_node.api.conftest import Border


def every(border: Border) -> dict[str, list[dict[str, Any]]]:
    """All features as a program reads them, by collection."""
    known = border.get("collections").json()["collections"]
    pages = {each["id"]: border.get(f"collections/{each['id']}/items", limit=1000).json() for each in known}
    return {id: page["features"] for id, page in pages.items()}


def written(border: Border, folder: Path, form: str, *names: str) -> Path:
    file = folder / f"border.{form}"
    mapping.write(file=file, form=form, officer=border.officers["duty"], names=names)
    return file


def test_geojson_holds_what_programs_read_and_says_what_it_is(border: Border, tmp_path: Path) -> None:
    said = json.loads(written(border, tmp_path, "geojson").read_text())
    assert "ML" in said["description"]
    ours: dict[str, list[Any]] = {}
    for each in said["features"]:
        ours.setdefault(each["properties"].pop("collection"), []).append(each)
    assert ours == {id: found for id, found in every(border).items() if found}


@pytest.mark.parametrize(
    ("language", "mark"), [("ar", "تمرين."), ("fa", "رزمایش."), ("ckb", "ڕاهێنان."), ("en", "Exercise.")]
)
def test_a_file_says_in_the_language_that_was_asked_for_that_it_is_no_publication_and_not_real(
    border: Border, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, language: str, mark: str
) -> None:
    law = msgspec.structs.replace(queries.law(), exercise=True)
    monkeypatch.setattr(queries, "law", lambda: law)
    with translation.override(language):
        said = json.loads(written(border, tmp_path, "geojson", "line").read_text())["description"]
        sheet = openpyxl.load_workbook(written(border, tmp_path, "xlsx", "line"))["about"]
    assert said.startswith(f"{mark} ")
    assert sheet["A1"].value == said
    assert ("not for publication" in said) == (language == "en")
    assert "ML" in said
    assert law.id in said


def test_geojson_passes_the_validator_of_others_in_structure_and_geometry(border: Border, tmp_path: Path) -> None:
    """Closed rings, outlines counter-clockwise, nothing crossing itself, no positions beyond the globe."""
    for each in border.get("collections").json()["collections"]:
        said = json.loads(written(border, tmp_path, "geojson", each["id"]).read_text())
        page = border.get(f"collections/{each['id']}/items", limit=1000).json()
        for collection in (said, page):
            assert geojson_validator.validate_structure(collection, check_crs=True) == {}, each["id"]
            drawn = [feature for feature in collection["features"] if feature["geometry"]]
            if drawn:
                found = geojson_validator.validate_geometries({"type": "FeatureCollection", "features": drawn})
                assert (found["invalid"], found["problematic"]) == ({}, {}), each["id"]


def test_the_validator_finds_what_is_wrong() -> None:
    """So that its silence means something."""
    clockwise = {"type": "Polygon", "coordinates": [[[0, 0], [0, 1], [1, 1], [0, 0]]]}
    open_ring = {"type": "Polygon", "coordinates": [[[0, 0], [1, 1], [0, 1]]]}
    for wrong in (clockwise, open_ring):
        feature = {"type": "Feature", "properties": {}, "geometry": wrong}
        found = geojson_validator.validate_geometries({"type": "FeatureCollection", "features": [feature]})
        assert found["invalid"]


def test_whoever_waits_is_told_how_far_it_is(border: Border, tmp_path: Path) -> None:
    told: list[tuple[int, int]] = []
    file, officer = tmp_path / "map", border.officers["duty"]
    count = mapping.write(file=file, form="csv", officer=officer, tell=lambda done, total: told.append((done, total)))
    assert told == [(done, count) for done in range(1, count + 1)]


def test_a_geopackage_passes_gdals_own_validator_and_holds_the_same(border: Border, tmp_path: Path) -> None:
    file = written(border, tmp_path, "gpkg")
    with sqlite3.connect(file) as map:
        for id, found in every(border).items():
            table = id.replace("-", "_")
            assert [each["id"] for each in found] == [row[0] for row in map.execute(f'SELECT id FROM "{table}"')]
        (description,) = map.execute("SELECT description FROM gpkg_contents LIMIT 1").fetchone()
    assert "as the node of ML holds it" in description
    if shutil.which("ogrinfo") is None:
        pytest.skip("GDAL (gdal-bin) is not installed")
    done = subprocess.run(
        ["/usr/bin/python3", "-m", "osgeo_utils.samples.validate_gpkg", str(file)],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0 or "No module named" in done.stderr, done.stdout + done.stderr
    read = subprocess.run(
        ["ogr2ogr", "-f", "GeoJSON", "/vsistdout/", str(file), "accounts_areas"],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    geometries = [each["geometry"] for each in json.loads(read.stdout)["features"]]
    assert geometries == [each["geometry"] for each in every(border)["accounts-areas"]]


def test_tables_hold_no_formula_and_run_from_right_to_left(
    border: Border, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    collection = features.collections()["line"]
    dangerous = {**collection.say(collection.get("line")), "origin": "=1+1", "version": "@x"}
    monkeypatch.setattr(
        type(collection), "feature", lambda self, row: {"id": "-2", "geometry": None, "properties": dangerous}
    )
    with written(border, tmp_path, "csv", "line").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.reader(file))
    assert not [cell for row in rows[3:] for cell in row if cell.startswith(("=", "@", "-"))]
    book = openpyxl.load_workbook(written(border, tmp_path, "xlsx", "line"))
    sheet = book["line"]
    assert sheet.sheet_view.rightToLeft
    assert {cell.data_type for row in sheet.iter_rows(min_row=2) for cell in row} <= {"s", "inlineStr", "n"}
    assert "=1+1" in [cell.value for row in sheet.iter_rows(min_row=2) for cell in row]


def test_what_is_taken_away_is_written_down_and_who_may_not_read_takes_nothing(border: Border, tmp_path: Path) -> None:
    PartRead.objects.all().delete()
    written(border, tmp_path, "csv", "sectors")
    assert list(PartRead.objects.values_list("officer__name", "number", "part")) == [
        ("the duty", "border.csv", reads.PAPER)
    ]
    for refused in (
        {"officer": border.officers["observer"], "form": "csv"},
        {"officer": border.officers["duty"], "form": "shp"},
        {"officer": border.officers["duty"], "form": "csv", "names": ["persons"]},
    ):
        with pytest.raises(Refusal):
            mapping.write(file=tmp_path / "none", **refused)  # type: ignore[arg-type]  # its own arguments
    assert not (tmp_path / "none").exists()


def test_a_file_that_cannot_be_finished_is_not_there(
    border: Border, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stop(done: int, total: int) -> None:
        raise OSError("no space left")

    for form in mapping.FORMS:
        with pytest.raises(OSError, match="no space"):
            mapping.write(file=tmp_path / "map", form=form, officer=border.officers["duty"], tell=stop)
    assert list(tmp_path.iterdir()) == []

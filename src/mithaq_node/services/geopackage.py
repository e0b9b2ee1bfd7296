"""Collections of features as a GeoPackage (OGC 12-128r18, version 1.3): one SQLite file that any GIS opens offline.

Each collection is a table: of features where it has a geometry, of attributes where it has none. Rows are written as
they come, so that the memory does not grow with the file.
"""

import sqlite3
import struct
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing
from itertools import islice
from pathlib import Path
from typing import Any

from shapely import to_wkb
from shapely.geometry import shape

from mithaq.formats.openapi import Described

_APPLICATION = 0x47504B47
_VERSION = 10_300
_CRS84 = 4326
_TYPES = {"string": "TEXT", "integer": "INTEGER", "boolean": "BOOLEAN"}
_WGS84 = (
    'GEOGCS["WGS 84",DATUM["WGS_1984",SPHEROID["WGS 84",6378137,298.257223563,AUTHORITY["EPSG","7030"]],'
    'AUTHORITY["EPSG","6326"]],PRIMEM["Greenwich",0,AUTHORITY["EPSG","8901"]],'
    'UNIT["degree",0.0174532925199433,AUTHORITY["EPSG","9122"]],AUTHORITY["EPSG","4326"]]'
)
_TABLES = """
CREATE TABLE gpkg_spatial_ref_sys (srs_name TEXT NOT NULL, srs_id INTEGER PRIMARY KEY, organization TEXT NOT NULL,
    organization_coordsys_id INTEGER NOT NULL, definition TEXT NOT NULL, description TEXT);
CREATE TABLE gpkg_contents (table_name TEXT NOT NULL PRIMARY KEY, data_type TEXT NOT NULL, identifier TEXT UNIQUE,
    description TEXT DEFAULT '', last_change DATETIME NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ','now')),
    min_x DOUBLE, min_y DOUBLE, max_x DOUBLE, max_y DOUBLE, srs_id INTEGER,
    CONSTRAINT fk_gc_r_srs_id FOREIGN KEY (srs_id) REFERENCES gpkg_spatial_ref_sys(srs_id));
CREATE TABLE gpkg_geometry_columns (table_name TEXT NOT NULL, column_name TEXT NOT NULL,
    geometry_type_name TEXT NOT NULL, srs_id INTEGER NOT NULL, z TINYINT NOT NULL, m TINYINT NOT NULL,
    CONSTRAINT pk_geom_cols PRIMARY KEY (table_name, column_name), CONSTRAINT uk_gc_table_name UNIQUE (table_name),
    CONSTRAINT fk_gc_tn FOREIGN KEY (table_name) REFERENCES gpkg_contents(table_name),
    CONSTRAINT fk_gc_srs FOREIGN KEY (srs_id) REFERENCES gpkg_spatial_ref_sys(srs_id));
"""
_SYSTEMS = (
    ("Undefined Cartesian", -1, "NONE", -1, "undefined", ""),
    ("Undefined geographic", 0, "NONE", 0, "undefined", ""),
    ("WGS 84 geodetic", _CRS84, "EPSG", 4326, _WGS84, "Longitude and latitude"),
)

Feature = Mapping[str, Any]
Bounds = tuple[float, float, float, float]


def write(file: Path, collections: Iterable[tuple[Described, Iterable[Feature]]], says: str, at: str) -> None:
    """Write a new file of these collections; `says` stands in the description of each, `at` is a canonical moment."""
    with closing(sqlite3.connect(file)) as database, database:
        database.execute(f"PRAGMA application_id = {_APPLICATION}")
        database.execute(f"PRAGMA user_version = {_VERSION}")
        database.executescript(_TABLES)
        database.executemany("INSERT INTO gpkg_spatial_ref_sys VALUES (?, ?, ?, ?, ?, ?)", _SYSTEMS)
        for described, features in collections:
            _table(database, described, features, says, at)


def _table(database: sqlite3.Connection, described: Described, features: Iterable[Feature], says: str, at: str) -> None:
    name, columns = described.id.replace("-", "_"), ["id", *(each.name for each in described.properties)]
    types = ["TEXT", *(_TYPES[each.type] for each in described.properties)]
    held = [f'"{column}" {type}' for column, type in zip(columns, types, strict=True)]
    if described.geometry:
        held.insert(0, f"geom {described.geometry.upper()}")
    database.execute(f'CREATE TABLE "{name}" (fid INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL, {", ".join(held)})')
    about = f"{described.description} {says}".strip()
    kind, system = ("features", _CRS84) if described.geometry else ("attributes", None)
    contents = (name, kind, described.title, about, f"{at[:-1]}.000Z", system)
    database.execute(
        "INSERT INTO gpkg_contents (table_name, data_type, identifier, description, last_change, srs_id)"
        " VALUES (?, ?, ?, ?, ?, ?)",
        contents,
    )
    if described.geometry:
        column = (name, "geom", described.geometry.upper(), _CRS84, 0, 0)
        database.execute("INSERT INTO gpkg_geometry_columns VALUES (?, ?, ?, ?, ?, ?)", column)
    _fill(database, name, described, columns, features)


def _fill(
    database: sqlite3.Connection, name: str, described: Described, columns: list[str], features: Iterable[Feature]
) -> None:
    has_geometry, bounds = bool(described.geometry), None
    named = ["geom", *columns] if has_geometry else columns
    quoted, places = ", ".join(f'"{each}"' for each in named), ", ".join("?" * len(named))
    insert = f'INSERT INTO "{name}" ({quoted}) VALUES ({places})'
    for some in _several(features):
        drawn = [shape(each["geometry"]) if each["geometry"] else None for each in some]
        for each in drawn:
            if each is not None:
                bounds = _around(bounds, each.bounds)
        rows = ([each["id"], *(each["properties"][column] for column in columns[1:])] for each in some)
        database.executemany(
            insert,
            ([_blob(geometry), *row] if has_geometry else row for geometry, row in zip(drawn, rows, strict=True)),
        )
    if bounds is not None:
        wanted = "UPDATE gpkg_contents SET min_x = ?, min_y = ?, max_x = ?, max_y = ? WHERE table_name = ?"
        database.execute(wanted, (*bounds, name))


def _blob(geometry: Any) -> bytes | None:
    """A geometry as GeoPackages hold it: little-endian, with its envelope where it is no point."""
    if geometry is None:
        return None
    west, south, east, north = geometry.bounds
    envelope = b"" if geometry.geom_type == "Point" else struct.pack("<4d", west, east, south, north)
    flags = 0b0000_0011 if envelope else 0b0000_0001
    return b"GP" + struct.pack("<BBi", 0, flags, _CRS84) + envelope + bytes(to_wkb(geometry, byte_order=1))


def _around(known: Bounds | None, more: Bounds) -> Bounds:
    if known is None:
        return more
    return min(known[0], more[0]), min(known[1], more[1]), max(known[2], more[2]), max(known[3], more[3])


def _several(features: Iterable[Feature]) -> Iterator[list[Feature]]:
    left = iter(features)
    while some := list(islice(left, 1_000)):
        yield some

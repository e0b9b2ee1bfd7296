"""Programs of maps as ministries have them read the layers: GDAL and OWSLib, and a validator of the standard.

Each is the real program over a real socket. Where one is not installed its tests are skipped, with the reason.
"""

import base64
import json
import os
import shutil
import sqlite3
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

import pytest

from tests.mithaq_node.api.conftest import Border
from tests.mithaq_node.api.serving import Server, served
from tests.papers import Paper

needs_gdal = pytest.mark.skipif(shutil.which("ogrinfo") is None, reason="GDAL (gdal-bin) is not installed")


@pytest.fixture(scope="module")
def server(border: Border) -> Iterator[Server]:
    with served() as made:
        yield made


class Map:
    """GDAL at the node's address with a token, as `Authorization: Bearer` or as an app password."""

    def __init__(self, server: Server, token: str) -> None:
        self.server, self.token = server, token
        self.address = f"http://127.0.0.1:{server.server_port}/ogc/"

    def run(self, *arguments: str, basic: bool = False) -> str:
        self.server.asked.clear()
        password = base64.b64encode(f"gis:{self.token}".encode()).decode()
        said = f"Basic {password}" if basic else f"Bearer {self.token}"
        done = subprocess.run(
            [arguments[0], "--config", "GDAL_HTTP_HEADERS", f"Authorization: {said}", *arguments[1:]],
            env={**os.environ, "NO_PROXY": "127.0.0.1", "no_proxy": "127.0.0.1"},
            capture_output=True, text=True, timeout=60, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        assert "ERROR" not in done.stderr, done.stderr
        assert "Warning" not in done.stderr, done.stderr
        return done.stdout

    def features(self, collection: str, folder: Path, *options: str, basic: bool = False) -> list[dict[str, Any]]:
        """What `ogr2ogr` makes of a collection, as GeoJSON."""
        out = folder / "out.geojson"
        out.unlink(missing_ok=True)
        self.run("ogr2ogr", "-f", "GeoJSON", str(out), f"OAPIF:{self.address}", collection, *options, basic=basic)
        found: list[dict[str, Any]] = json.loads(out.read_text())["features"]
        return found


@pytest.fixture(scope="module")
def gis(server: Server, border: Border) -> Map:
    return Map(server, border.token())


def passes(map: Path) -> None:
    """GDAL's own validator finds nothing in a GeoPackage; passed over where it is not installed."""
    done = subprocess.run(
        ["/usr/bin/python3", "-m", "osgeo_utils.samples.validate_gpkg", str(map)],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    if "No module named" not in done.stderr:
        assert done.returncode == 0, done.stdout + done.stderr


@needs_gdal
def test_gdal_lists_every_collection_with_its_type_of_geometry(gis: Map, border: Border) -> None:
    listed = gis.run("ogrinfo", f"OAPIF:{gis.address}")
    for each in border.get("collections").json()["collections"]:
        assert f"{each['id']} (title:" in listed
    said = gis.run("ogrinfo", "-so", f"OAPIF:{gis.address}", "accounts-areas", basic=True)
    assert "Geometry: Multi Polygon" in said
    assert "Feature Count: 8" in said
    assert "time: DateTime" in said


@needs_gdal
def test_gdal_reads_every_page_of_every_collection(gis: Map, border: Border, tmp_path: Path) -> None:
    def numbers(found: list[dict[str, Any]]) -> list[Any]:
        return [each["properties"].get("number") for each in found]

    out = tmp_path / "all.gpkg"
    gis.run("ogr2ogr", "-f", "GPKG", str(out), f"OAPIF:{gis.address}", "-oo", "PAGE_SIZE=1")
    passes(out)
    with sqlite3.connect(out) as map:
        for each in border.get("collections").json()["collections"]:
            whole = border.get(f"collections/{each['id']}/items", limit=1000).json()["features"]
            (count,) = map.execute(f'SELECT count(*) FROM "{each["id"]}"').fetchone()
            assert count == len(whole), each["id"]
    first = border.get("collections/crossings/items").json()["features"][0]
    assert gis.features("crossings", tmp_path, basic=True)[0]["properties"] == {
        "id": first["id"],
        **first["properties"],
    }


@needs_gdal
def test_what_gdal_filters_at_the_server_is_exact(gis: Map, tmp_path: Path) -> None:
    """GDAL sends boxes, times and equalities to the server and does not look again."""

    def count(collection: str, *options: str) -> int:
        return len(gis.features(collection, tmp_path, *options))

    assert count("accounts-areas", "-spat", "0.03", "0.03", "0.05", "0.07", "-where", "place_form = 'area'") == 0
    assert count("accounts-areas", "-where", "party = 'RL'") == 2
    assert any("party=RL" in each for each in gis.server.asked), "it was filtered at the server"
    assert count("accounts-points", "-where", "time >= '2030-05-04T00:00:00Z'") == 1
    assert count("accounts-points", "-where", "time <= '2030-05-03T10:00:00Z'") == 1
    for since, found in (("[2030-05-20T05:00:00Z", 1), ("[2030-05-21", 0)):
        assert count("activities-lines", "-where", f"period >= '{since}'") == found
    assert not any("datetime" in each for each in gis.server.asked), "a period is no instant and is filtered there"


@needs_gdal
@pytest.mark.runs("docs/how-to/maps-in-a-gis.md", "export GDAL_HTTP_HEADERS", "curl --fail")
def test_the_commands_of_the_how_to_run(paper: Paper, gis: Map, tmp_path: Path) -> None:
    fill = {"https://desk.example/ogc/": gis.address, "curl --fail": "curl --fail --silent"}
    script = "\n".join(["set -e", *paper.commands(fill=fill)])
    clean = {**os.environ, "MITHAQ_TOKEN": gis.token, "NO_PROXY": "127.0.0.1", "no_proxy": "127.0.0.1"}
    done = subprocess.run(
        ["sh", "-c", script], cwd=tmp_path, env=clean, capture_output=True, text=True, timeout=60, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
    found = json.loads((tmp_path / "accounts.geojson").read_text())["features"]
    assert {each["properties"]["party"] for each in found} == {"ML"}
    assert b"categorizedSymbol" in (tmp_path / "accounts-areas.qml").read_bytes()


QGIS = """
import sys
from qgis.core import QgsApplication, QgsAuthMethodConfig, QgsVectorLayer
from qgis.PyQt.QtCore import QTimer
app = QgsApplication([], False)
app.initQgis()
manager = QgsApplication.authManager()
manager.setMasterPassword("x", True)
config = QgsAuthMethodConfig()
config.setId("mithaq1"), config.setName("node"), config.setMethod("Basic")
config.setConfig("username", "gis"), config.setConfig("password", sys.argv[2])
manager.storeAuthenticationConfig(config)
def look():
    for name in sys.argv[3:]:
        layer = QgsVectorLayer(f"authcfg=mithaq1 url='{sys.argv[1]}' typename='{name}' pageSize='2'", name, "OAPIF")
        print(name, layer.isValid(), layer.geometryType(), sum(1 for _ in layer.getFeatures()), flush=True)
    app.quit()
QTimer.singleShot(0, look)
app.exec_()
"""
"""QGIS is asked within its event loop; outside of one it falls over."""


def test_qgis_reads_layers_of_each_type_of_geometry_page_by_page(gis: Map, border: Border, tmp_path: Path) -> None:
    python = "/usr/bin/python3"
    if subprocess.run([python, "-c", "import qgis.core"], capture_output=True, check=False).returncode:
        pytest.skip("QGIS (python3-qgis, qgis-providers) is not installed, and only root may install it by apt")
    names = ("accounts-points", "accounts-lines", "accounts-areas", "crossings")
    done = subprocess.run(
        [python, "-c", QGIS, gis.address, gis.token, *names],
        env={**os.environ, "QT_QPA_PLATFORM": "offscreen", "HOME": str(tmp_path), "NO_PROXY": "127.0.0.1"},
        capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    counts = [border.get(f"collections/{name}/items").json()["numberMatched"] for name in names]
    shown = [f"{name} True {kind} {count}" for name, kind, count in zip(names, (0, 1, 2, 0), counts, strict=True)]
    assert done.stdout.splitlines()[-4:] == shown, done.stdout + done.stderr


def test_owslib_reads_collections_and_items(gis: Map) -> None:
    owslib = pytest.importorskip("owslib.ogcapi.features", reason="OWSLib is not installed")
    read = owslib.Features(gis.address, headers={"Authorization": f"Bearer {gis.token}"})
    assert "accounts-areas" in read.feature_collections()
    assert "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/core" in read.conformance()["conformsTo"]
    assert read.collection_items("accounts-areas", limit=2)["numberReturned"] == 2
    assert read.api()["openapi"].startswith("3.0")


def test_a_validator_of_the_standard_passes_the_description(gis: Map) -> None:
    registry = pytest.importorskip("ogcapi_registry", reason="ogcapi-registry is not installed")

    def got(address: str) -> Any:
        with urlopen(Request(gis.address + address, headers={"Authorization": f"Bearer {gis.token}"})) as answer:
            return json.load(answer)

    found = registry.validate_ogc_api(got("api"), got("conformance")["conformsTo"])
    assert found.is_valid, found

"""A project of QGIS that opens without a network, as QGIS itself opens and draws it."""

import json
import os
import sqlite3
import subprocess
import zipfile
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from django.utils import translation
from PIL import Image

from mithaq_node.queries import features
from mithaq_node.services import mapping
from tests.mithaq_node.api.conftest import Border

PYTHON = "/usr/bin/python3"
QGIS = """
import json, sys
from qgis.core import (
    QgsApplication, QgsExpressionContextUtils, QgsMapRendererParallelJob, QgsMapSettings, QgsProject, QgsRectangle,
)
from qgis.PyQt.QtCore import QSize, QTimer
app = QgsApplication([], False)
app.initQgis()

def told(layer):
    renderer = layer.renderer()
    by_party = renderer is not None and renderer.type() == "categorizedSymbol"
    return {
        "valid": layer.isValid(), "count": layer.featureCount(), "name": layer.name(),
        "labels": layer.labelsEnabled(),
        "parties": [each.label() for each in renderer.categories()] if by_party else [],
        "symbols": [each.symbol().symbolLayer(0).properties() for each in renderer.categories()] if by_party else [],
    }

def draw(project, picture, corners):
    shown = [node.layer() for node in project.layerTreeRoot().findLayers() if node.isVisible()]
    settings = QgsMapSettings()
    settings.setLayers(shown)
    settings.setDestinationCrs(project.crs())
    settings.setExtent(QgsRectangle(*map(float, corners.split(","))))
    settings.setOutputSize(QSize(1400, 1400))
    context = settings.expressionContext()
    context.appendScopes([QgsExpressionContextUtils.globalScope(), QgsExpressionContextUtils.projectScope(project)])
    settings.setExpressionContext(context)
    job = QgsMapRendererParallelJob(settings)
    job.start()
    job.waitForFinished()
    job.renderedImage().save(picture)
    return [each.message for each in job.errors()]

def look():
    project = QgsProject.instance()
    read = project.read(sys.argv[1])
    print(json.dumps({
        "read": read, "title": project.title(), "abstract": project.metadata().abstract(),
        "layers": {each.id()[13:]: told(each) for each in project.mapLayers().values()},
        "crs": project.crs().authid(), "errors": draw(project, *sys.argv[2:]),
        "language": project.customVariables().get("mithaq_language"),
    }), flush=True)
    app.quit()

QTimer.singleShot(0, look)
app.exec_()
"""
"""Opens a project within the event loop, draws what it shows between two corners, and tells what it holds."""
CORNERS = "-0.3,-0.1,0.5,0.95"


def qgis(script: str, folder: Path, *arguments: str) -> Any:
    """What QGIS says of a script, with no way out of the machine but none that it needs."""
    if subprocess.run([PYTHON, "-c", "import qgis.core"], capture_output=True, check=False).returncode:
        pytest.skip("QGIS (python3-qgis, qgis-providers) is not installed, and only root may install it by apt")
    done = subprocess.run(
        [PYTHON, "-c", script, *arguments],
        env={"PATH": os.environ["PATH"], "QT_QPA_PLATFORM": "offscreen", "HOME": str(folder), "LANG": "C.UTF-8"},
        cwd=folder, capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    return json.loads(done.stdout.splitlines()[-1])


@pytest.fixture(scope="module")
def project(border: Border, tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("project") / "border.qgz"
    mapping.write(file=file, form="qgz", officer=border.officers["duty"])
    return file


def test_a_project_and_its_layers_lie_beside_each_other_and_say_what_they_are(project: Path) -> None:
    package = mapping.beside(project)
    assert sorted(each.name for each in project.parent.iterdir()) == ["border.layers.gpkg", "border.qgz"]
    with zipfile.ZipFile(project) as packed:
        (name,) = packed.namelist()
        said = packed.read(name)
    assert b"<!ENTITY" not in said
    root = ElementTree.fromstring(said)
    assert {each.text.partition("|")[0] for each in root.iter("datasource") if each.text} == {"./border.layers.gpkg"}
    with sqlite3.connect(package) as map:
        ((text, handling, erase_by),) = map.execute("SELECT says, handling, erase_by FROM about").fetchall()
    assert "as the node of ML holds it" in text
    assert (handling, erase_by[:9]) == ("Between the parties; not for publication.", "Erase by:")
    assert "http://" not in said.decode()


STYLE = """
import json, sys
from qgis.core import QgsApplication, QgsVectorLayer
from qgis.PyQt.QtCore import QTimer
app = QgsApplication([], False)
app.initQgis()

def look():
    layer = QgsVectorLayer(sys.argv[1] + "|layername=accounts_points", "layer", "ogr")
    said, done = layer.loadNamedStyle(sys.argv[2])
    names = [each.symbol().symbolLayer(0).properties()["name"] for each in layer.renderer().categories()]
    print(json.dumps([done, layer.renderer().type(), names, layer.labelsEnabled()]), flush=True)
    app.quit()

QTimer.singleShot(0, look)
app.exec_()
"""


def test_every_layer_with_a_geometry_offers_a_style_that_qgis_takes(
    border: Border, project: Path, tmp_path: Path
) -> None:
    for each in border.get("collections").json()["collections"]:
        links = {link["rel"]: link["href"] for link in each["links"]}
        assert ("stylesheet" in links) == (not each["id"].endswith("-unplaced")), each["id"]
        if "stylesheet" in links:
            answer = border.get(links["stylesheet"].partition("/ogc/")[2])
            assert (answer.status_code, answer.headers["Content-Type"]) == (200, "application/xml")
            ElementTree.fromstring(answer.content)
    assert border.get("collections/accounts-unplaced/style.qml").status_code == 404
    assert border.get("collections/accounts-points/style.qml", border.token("observer")).status_code == 403
    (tmp_path / "style.qml").write_bytes(border.get("collections/accounts-points/style.qml").content)
    package = str(mapping.beside(project))
    assert qgis(STYLE, tmp_path, package, str(tmp_path / "style.qml")) == [
        True, "categorizedSymbol", ["square", "triangle"], True,
    ]  # fmt: skip


@pytest.mark.parametrize("language", ["ar", "fa", "ckb", "en"])
def test_a_project_speaks_the_language_it_was_made_in(border: Border, tmp_path: Path, language: str) -> None:
    file = tmp_path / "border.qgz"
    with translation.override(language):
        mapping.write(file=file, form="qgz", officer=border.officers["duty"], names=["line", "accounts-points"])
    with zipfile.ZipFile(file) as packed:
        root = ElementTree.fromstring(packed.read(packed.namelist()[0]))
    groups = [each.get("name", "") for each in root.findall("layer-tree-group/layer-tree-group")]
    assert any(name.isascii() for name in groups) == (language == "en")
    value = root.findtext("properties/Variables/variableValues/value")
    assert value == language
    first = next(each.get("label") for each in root.iter("category"))
    assert first == {"ar": "المرج", "fa": "مرغزار", "ckb": "مێرگ", "en": "Meadow"}[language]
    handling = {"ar": "ليس للنشر", "fa": "برای انتشار نیست", "ckb": "بۆ بڵاوکردنەوە نییە", "en": "not for publication"}
    with sqlite3.connect(mapping.beside(file)) as map:
        (told,) = map.execute("SELECT says, handling, erase_by FROM about").fetchall()
    assert handling[language] in told[0]
    assert handling[language] in told[1]
    for text in (*told, root.findtext("projectMetadata/abstract", "")):
        assert ("not for publication" in text or "Erase by" in text) == (language == "en"), text


def test_qgis_opens_every_layer_offline_with_its_features_and_tells_the_parties_apart(
    project: Path, tmp_path: Path
) -> None:
    moved = tmp_path / "elsewhere"
    moved.mkdir()
    for each in project.parent.iterdir():
        (moved / each.name).write_bytes(each.read_bytes())
    picture = tmp_path / "map.png"
    said = qgis(QGIS, tmp_path, str(moved / "border.qgz"), str(picture), CORNERS)
    layers = said["layers"]
    assert said["read"]
    assert said["errors"] == []
    assert said["crs"] == "EPSG:4326"
    assert "Erase by:" in said["abstract"]
    assert {id for id, layer in layers.items() if not layer["valid"]} == set()
    known = {id: len(each.rows().every()) for id, each in features.collections().items()}
    water = {"rivers", "lakes", "sea"}
    assert layers.keys() == known.keys() | water | {"about"}
    assert {id: layers[id]["count"] for id in known} == known
    assert all(layers[id]["count"] > 0 for id in water)
    for id in ("accounts-points", "accounts-lines", "accounts-areas", "activities-lines"):
        own, other = layers[id]["symbols"]
        assert own != other
        assert layers[id]["labels"]
    own, other = layers["accounts-points"]["symbols"]
    assert (own["name"], other["name"]) == ("square", "triangle")
    assert own["color"] != other["color"]
    assert (said["language"], layers["accounts-points"]["parties"]) == ("en", ["Meadow", "River"])
    with Image.open(picture) as drawn:
        colours = {colour for _, colour in drawn.convert("RGB").getcolors(1_000_000) or []}
    for colour in ("#6a4c93", "#0b7285", "#2b2b2b"):
        assert tuple(int(colour[place : place + 2], 16) for place in (1, 3, 5)) in colours, "both parties, and the line"

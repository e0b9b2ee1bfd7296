"""The bundle for a place without a network: its papers, its units, its proxy, and a whole life of two nodes inside."""

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests import papers
from tests.papers import Paper
from tools import bundle

DEPLOYMENT = bundle.ROOT / "deployment"
_TARGET = re.compile(r'href="([^"#:]+)')


def test_every_link_between_the_papers_of_a_bundle_leads_somewhere(tmp_path: Path) -> None:
    bundle.write_papers(tmp_path)
    pages = list(tmp_path.rglob("*.html"))
    for name in ("how-to/run-a-node", "tutorial/two-nodes", "reference/settings", "spec/leaf", "README"):
        assert tmp_path / "docs" / f"{name}.html" in pages
    for page in pages:
        for target in _TARGET.findall(page.read_text("utf-8")):
            assert (page.parent / target).exists() or _is_source(page.parent / target, tmp_path), f"{page}: {target}"


def _is_source(target: Path, papers: Path) -> bool:
    """Papers that speak of a source file link to it; a bundle has no sources."""
    return (bundle.ROOT / os.path.relpath(target, papers)).exists()


@pytest.mark.parametrize("unit", sorted(each.name for each in DEPLOYMENT.glob("*@.*")))
def test_systemd_understands_every_unit(unit: str, tmp_path: Path) -> None:
    if shutil.which("systemd-analyze") is None:
        pytest.skip("systemd-analyze is not installed")
    for each in DEPLOYMENT.glob("*@.*"):
        text = each.read_text("utf-8").replace(
            "/opt/mithaq/bin/mithaq", "/bin/true"
        )  # which nothing has installed here
        (tmp_path / each.name.replace("@", "@ml")).write_text(text, "utf-8")
    named = tmp_path / unit.replace("@", "@ml")
    done = subprocess.run(["systemd-analyze", "verify", "--man=no", named], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("unit", ["mithaq@.service", "mithaq-backup@.service"])
def test_systemd_holds_each_service_for_closed(unit: str, tmp_path: Path) -> None:
    if shutil.which("systemd-analyze") is None:
        pytest.skip("systemd-analyze is not installed")
    named = tmp_path / unit.replace("@", "@ml")
    shutil.copy(DEPLOYMENT / unit, named)
    judged = ["systemd-analyze", "security", "--offline=true", "--threshold=20", "--no-pager", str(named)]
    done = subprocess.run(judged, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-200:]


def test_the_proxy_understands_its_example(tmp_path: Path) -> None:
    if shutil.which("nginx") is None:
        pytest.skip("nginx is not installed")
    crt, key = tmp_path / "desk.crt", tmp_path / "desk.key"
    made = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=desk.example"]
    subprocess.run([*made, "-out", str(crt), "-keyout", str(key)], check=True, capture_output=True)
    server = (DEPLOYMENT / "nginx.conf").read_text("utf-8").replace("/etc/mithaq/", f"{tmp_path}/")
    whole = f"pid {tmp_path}/pid; error_log stderr; events {{}} http {{ {server} }}"
    (tmp_path / "nginx.conf").write_text(whole, "utf-8")
    done = subprocess.run(
        ["nginx", "-t", "-c", str(tmp_path / "nginx.conf")], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


@pytest.fixture(scope="module")
def bundles(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, Path]]:
    """A bundle of this tree, and one of the same tree with a later version."""
    folder = tmp_path_factory.mktemp("bundles")
    first, later = folder / "first", folder / "later"
    try:
        bundle.download(first / "wheels")
    except subprocess.CalledProcessError:
        pytest.skip("the package registry cannot be reached, so there is nothing to bundle")
    shutil.copytree(first / "wheels", later / "wheels")
    bundle.build(bundle.ROOT, first / "wheels")
    bundle.build(_with_a_later_version(folder / "tree"), later / "wheels")
    for each in (first, later):
        bundle.gather(each)
    yield bundle.pack(first, folder), bundle.pack(later, folder)
    shutil.rmtree(folder)


def _with_a_later_version(tree: Path) -> Path:
    left = shutil.ignore_patterns(".git", ".venv", "node_modules", "tests", "pictures", "dist", "mutants", ".*_cache")
    shutil.copytree(bundle.ROOT, tree, ignore=left)
    text = (tree / "pyproject.toml").read_text("utf-8")
    (tree / "pyproject.toml").write_text(text.replace('\nversion = "0.1.0"', '\nversion = "0.1.1"', 1), "utf-8")
    return tree


@pytest.mark.long
@pytest.mark.runs("docs/how-to/install-as-a-service.md", "./install")
def test_without_a_network_a_bundle_installs_two_nodes_that_exchange_notices_are_upgraded_and_removed(
    paper: Paper, bundles: tuple[Path, Path], tmp_path: Path, record_property: Any
) -> None:
    if subprocess.run(["unshare", "-n", "true"], capture_output=True, check=False).returncode != 0:
        pytest.skip("a network of its own needs root: unshare -n is refused")
    done = subprocess.run(
        ["unshare", "-n", sys.executable, "-m", "tests.tools.without_a_network", *map(str, bundles), str(tmp_path),
         *(papers.words(command)[0] for command in paper.commands())],
        capture_output=True, text=True, check=False, cwd=bundle.ROOT,
        env={**os.environ, "PYTHONPATH": f"{bundle.ROOT}{os.pathsep}{bundle.ROOT / 'src'}"},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-4000:]
    seen = json.loads(done.stdout)
    assert [status for status, _ in seen["refused"]] == [2, 2]
    assert "nothing is installed" in seen["refused"][0][1]
    assert "not as it was made" in seen["refused"][1][1]
    assert seen["installed"][0] == 0
    assert seen["again"][0] == 2
    assert seen["upgraded"][0] == 0
    assert seen["version"].strip().endswith("0.1.1")
    assert len(set(seen["numbers"])) == 2
    assert seen["ready"] == 200
    assert seen["removed"][0] == 0
    assert seen["kept"] == [True, True]
    assert seen["left"] == 0
    assert seen["counted"] > 0  # so that the nought above says something
    assert seen["seconds"] < 180
    record_property("done", f"installed to a running pair in {seen['seconds']:.0f} s; packets that wanted out: 0")

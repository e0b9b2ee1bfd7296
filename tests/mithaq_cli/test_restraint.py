"""An instrument with a kind that seeks persons, sealed by both parties: who refuses it, each by its own real way in.

One such kind is called what it is; the other has an innocent name and a field of a type that does not exist.
"""

import json
import shutil
import subprocess
import sys
import urllib.error
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec
import pytest

from mithaq.instrument.law import Kind
from mithaq.notices.envelope import InForce
from mithaq_files.instrument import write_sealed
from mithaq_files.roots import write_root
from tests.mithaq_cli.two_nodes import NodeFolder
from tests.mithaq_files import border
from tests.mithaq_node import meadow

ROOT = Path(__file__).parents[2]
BY_NAME, BY_TYPE = meadow.wanted(), meadow.wanted("livestock.strayed", "name")
CASES = pytest.mark.parametrize(
    ("kind", "code"), [(BY_NAME, "kind.forbidden-name"), (BY_TYPE, "kind.unknown-type")], ids=["name", "type"]
)


def folder_of(kind: Kind, tmp_path: Path) -> Path:
    """The compiled folder of such an instrument, under both parties' seals."""
    out = tmp_path / "wanted"
    write_sealed(out, meadow.sealed_with(kind))
    return out


def mithaq(*arguments: str) -> "subprocess.CompletedProcess[str]":
    """A command that needs no node, as a shell runs it."""
    command = [sys.executable, "-m", "mithaq_cli", *arguments]
    environment = NodeFolder("ML", Path("nowhere")).environment
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)


@contextmanager
def put_into(node: NodeFolder, folder: Path) -> Iterator[None]:
    """The node's instrument with these files in its place, as whoever can write its folder would do it."""
    here, aside = node.data / "instrument", node.data.with_name("aside")
    here.rename(aside)
    shutil.copytree(folder, here)
    try:
        yield
    finally:
        shutil.rmtree(here)
        aside.rename(here)


@pytest.fixture(scope="module")
def node(tmp_path_factory: pytest.TempPathFactory) -> NodeFolder:
    """A node made as one is made, under an instrument without such a kind."""
    folder = tmp_path_factory.mktemp("node")
    write_sealed(folder / "instrument", meadow.sealed())
    made = NodeFolder("ML", folder / "ML")
    made.make(folder / "instrument")
    return made


@CASES
def test_check_verify_and_a_further_seal_refuse_it_though_both_have_sealed(
    kind: Kind, code: str, tmp_path: Path
) -> None:
    folder, key = folder_of(kind, tmp_path), tmp_path / "root"
    name, private = meadow.root("ML")
    write_root(key, name, private.seed)
    checked = mithaq("instrument", "check", str(folder), "--json")
    assert checked.returncode == 1
    assert code in {each["code"] for each in json.loads(checked.stdout)["findings"]}
    verified = mithaq("instrument", "verify", str(folder))
    assert (verified.returncode, verified.stderr.split(":")[0]) == (1, code)
    sealed = mithaq("instrument", "seal", str(folder), "--root", str(key))
    assert sealed.returncode == 2
    assert sealed.stderr.startswith("instrument.faulty:")
    assert code in sealed.stderr


@CASES
def test_no_node_is_made_under_it(kind: Kind, code: str, tmp_path: Path) -> None:
    node = NodeFolder("RL", tmp_path / "RL")
    said = node.mithaq("init", "--instrument", str(folder_of(kind, tmp_path)), "--party", "RL", code=2)
    assert code in said
    assert not node.data.exists()


@CASES
def test_a_node_into_whose_folder_it_was_put_neither_enters_it_nor_serves(
    kind: Kind, code: str, node: NodeFolder, tmp_path: Path
) -> None:
    with put_into(node, folder_of(kind, tmp_path)):
        for command in (("keys", "instrument"), ("notice", "list"), ("agree",), ("serve",)):
            assert code in node.mithaq(*command, code=2), command
    node.mithaq("notice", "list")


def test_a_running_node_refuses_it_as_soon_as_it_is_there(node: NodeFolder, tmp_path: Path) -> None:
    with node.serving():
        assert node.get("/en/instrument/")[0] == 200
        with put_into(node, folder_of(BY_NAME, tmp_path)):
            for page in ("/en/instrument/", "/en/instrument/verify/"):
                with pytest.raises(urllib.error.HTTPError) as refused:
                    node.get(page)
                assert refused.value.code == 503
                assert "person.wanted" in refused.value.read().decode()
        assert node.get("/en/instrument/")[0] == 200


@CASES
def test_both_verifiers_call_an_export_made_under_it_broken(kind: Kind, code: str, tmp_path: Path) -> None:
    out = exported(kind, tmp_path)
    first = mithaq("verify", str(out), "--json")
    assert first.returncode == 1, first.stderr
    told = json.loads(first.stdout)
    assert told["verdict"] == "BROKEN"
    assert code in {each["code"] for each in told["paths"][0]["breaks"]}
    alone = [sys.executable, "-P", str(ROOT / "tools" / "verify.py"), str(out)]
    second = subprocess.run(alone, cwd="/", env={}, capture_output=True, text=True, check=False)
    assert (second.returncode, second.stdout.split("\n")[0]) == (1, "BROKEN")


def exported(kind: Kind, tmp_path: Path) -> Path:
    """What two changed programs would export: both logs under that law, with a notice of the kind where one can be."""
    plain = border.law()
    listed = kind.name == meadow.WANTED
    codes = {**plain.codes, "hazard": ["fire"]}
    sealed = border.seal(msgspec.structs.replace(plain, kinds=[*plain.kinds, kind], codes=codes))
    kept = border.Border(sealed, border.Log(sealed, "NA"), border.Log(sealed, "SA"))
    for log in (kept.north, kept.south):
        log.key_set()
        log.machine("instrument", instrument=InForce(law=sealed.law_digest, words=sealed.words_digest))
    if listed:
        kept.north.notice(kind.name, {"sign": "fire"})
    return kept.write(tmp_path / "export")

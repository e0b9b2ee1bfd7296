"""Our notes and proofs before a program by others: `golang.org/x/mod`, where Go and that package are installed.

On Debian: `apt install golang-go golang-golang-x-mod-dev`. Elsewhere the tests are skipped.
"""

import json
import os
import shutil
import subprocess
from base64 import b64encode
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from mithaq import signing
from mithaq.record import merkle, note
from mithaq.record.checkpoint import Checkpoint

PROGRAM = Path(__file__).with_name("oracle.go")
PACKAGES = Path("/usr/share/gocode")
SIZES = range(1, 25)
NAME, SEED = "example.org/log", bytes(range(32))
KEY = signing.PrivateKey.from_seed(SEED)
TREE = merkle.Tree(merkle.leaf_hash(b"entry %d" % index) for index in range(max(SIZES)))

pytestmark = pytest.mark.skipif(
    shutil.which("go") is None or not (PACKAGES / "src/golang.org/x/mod/sumdb").is_dir(),
    reason="neither Go nor its package golang.org/x/mod is installed",
)


def words(hashes: Sequence[bytes]) -> list[str]:
    return [b64encode(each).decode() for each in hashes]


def inclusions() -> Iterator[dict[str, Any]]:
    for size in SIZES:
        for index in range(size):
            proof = merkle.inclusion_proof(index, size, TREE.subtree)
            leaf, root = words([TREE.subtree(index, index + 1), TREE.root(size)])
            yield {"Size": size, "Index": index, "Leaf": leaf, "Root": root, "Proof": words(proof)}


def consistencies() -> Iterator[dict[str, Any]]:
    for size in SIZES:
        for old in range(1, size + 1):
            proof = merkle.consistency_proof(old, size, TREE.subtree)
            before, root = words([TREE.root(old), TREE.root(size)])
            yield {"Size": size, "Old": old, "OldRoot": before, "Root": root, "Proof": words(proof)}


def damaged(claims: Iterator[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """The same claims with another root."""
    other = b64encode(bytes(32)).decode()
    for claim in claims:
        yield claim | {"Root": other}


@pytest.fixture(scope="module")
def said(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What the program answers to everything that is asked here."""
    text = Checkpoint(NAME, len(TREE), TREE.root()).text()
    verifier = note.Verifier(NAME, note.ED25519, KEY.public)
    private = b64encode(bytes([note.ED25519]) + SEED).decode()
    asked = {
        "Note": note.join(text, [note.sign(text, NAME, KEY)]).decode(),
        "Verifier": verifier.vkey(),
        "Signer": f"PRIVATE+KEY+{NAME}+{verifier.key_id.hex()}+{private}",
        "Text": text.decode(),
        "Inclusion": [*inclusions(), *damaged(inclusions())],
        "Consistency": [*consistencies(), *damaged(consistencies())],
    }
    built = tmp_path_factory.mktemp("oracle") / "oracle"
    environment = {**os.environ, "GO111MODULE": "off", "GOPATH": str(PACKAGES)}
    made = subprocess.run(
        ["go", "build", "-o", str(built), str(PROGRAM)], env=environment, capture_output=True, text=True, check=False
    )
    assert made.returncode == 0, made.stderr
    done = subprocess.run([str(built)], input=json.dumps(asked), capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout) | {"Note": asked["Note"], "Asked": asked["Text"]}
    return found


def test_it_opens_our_note_and_signs_the_same_bytes(said: dict[str, Any]) -> None:
    assert said["Text"] == said["Asked"]
    assert said["Signed"] == said["Note"]


@pytest.mark.parametrize("of", ["Inclusion", "Consistency"])
def test_it_holds_our_proofs_for_good_and_refuses_them_under_another_root(said: dict[str, Any], of: str) -> None:
    half = len(said[of]) // 2
    assert half == sum(SIZES)
    assert said[of] == [True] * half + [False] * half

"""What the standalone verifier answers to a case: `python -m conformance.second CASE`.

`tools/verify.py` is a file and no package, so it is loaded from its path. It takes what a verifier takes; of what only
a node reads, it says `skip`.
"""

import contextlib
import importlib.util
import io
import json
import sys
import tempfile
from base64 import b64decode
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any

Case = Mapping[str, Any]
STANDALONE = Path(__file__).parents[1] / "tools" / "verify.py"


def judge(case: Case) -> str:
    """`ok`, `refuse`, `skip`, or the verdict on files."""
    if "files" in case:
        return _verdict(case)
    held = _JUDGES.get(case["message"])
    if held is None:
        return "skip"
    try:
        return "ok" if held(verifier(), b64decode(case["input"]), case.get("given", {})) else "refuse"
    except verifier().WRONG:
        return "refuse"


@cache
def verifier() -> ModuleType:
    """`tools/verify.py`, loaded once."""
    spec = importlib.util.spec_from_file_location("standalone_conformance", STANDALONE)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


def _note(found: ModuleType, encoded: bytes, given: Case) -> bool:
    return bool(found.signers(found.split(encoded), [found.key(vkey) for vkey in given["keys"]]))


def _checkpoint(found: ModuleType, encoded: bytes, given: Case) -> bool:
    return encoded[-1:] == b"\n" and bool(found.head_of((encoded, [])))


def _leaf(found: ModuleType, encoded: bytes, given: Case) -> bool:
    return found.leaf_of(encoded) is not None


def _filing(found: ModuleType, encoded: bytes, given: Case) -> bool:
    header, key = found.leaf_of(encoded).header, found.key(given["key"])
    known = {name: value for name, value in header.items() if name not in ("at", "kept")}
    filed = known["filed"] = dict(known["filed"])
    blob = found.base64(filed.pop("sig"))
    text = b"mithaq/filing/v1\n" + found.stated(known) + b"\n"
    return bool(filed["by"] == key.name and blob[:4] == key.id() and key.made(blob[4:], text))


def _receipt(found: ModuleType, encoded: bytes, given: Case) -> bool:
    said = found.leaf_of(encoded).header["receipt"]
    return bool((said["log"], said["size"], said["root"]) == (given["log"], given["size"], given["root"]))


def _key_set(found: ModuleType, encoded: bytes, given: Case) -> bool:
    ring = found.Ring(given["log"], given["roots"])
    for index, leaf in given["leaves"]:
        ring.apply(found.leaf_of(b64decode(leaf)), index)
    return True


_JUDGES: Mapping[str, Callable[[ModuleType, bytes, Case], bool]] = {
    "note": _note,
    "checkpoint": _checkpoint,
    "leaf": _leaf,
    "filing": _filing,
    "receipt": _receipt,
    "key-set": _key_set,
}


def _verdict(case: Case) -> str:
    from conformance.first import unpacked

    with tempfile.TemporaryDirectory(prefix="mithaq-conformance-") as folder:
        paths, named = unpacked(case, Path(folder))
        said = io.StringIO()
        with contextlib.redirect_stdout(said):
            verifier().main([*map(str, paths), *(["--trust", named] if named else [])])
        return said.getvalue().split("\n", 1)[0]


if __name__ == "__main__":
    sys.stdout.write(judge(json.loads(Path(sys.argv[1]).read_text("utf-8"))) + "\n")

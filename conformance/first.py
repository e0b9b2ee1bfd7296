"""The program's own answer to a case: `python -m conformance.first CASE`."""

import json
import sys
import tempfile
from base64 import b64decode, b64encode
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from mithaq.errors import Refusal
from mithaq.exchange import answer, delivery, requests
from mithaq.instrument.law import Limits
from mithaq.notices import envelope
from mithaq.notices.envelope import Roots, filing_text
from mithaq.notices.keys import KeyRing
from mithaq.record import checkpoint, note
from mithaq_files import trust, verifying

Case = Mapping[str, Any]


def judge(case: Case) -> str:
    """`ok`, `refuse`, or the verdict on files."""
    if "files" in case:
        return _verdict(case)
    try:
        _JUDGES[case["message"]](b64decode(case["input"]), case.get("given", {}))
    except Refusal:
        return "refuse"
    return "ok"


def _note(encoded: bytes, given: Case) -> None:
    note.open(encoded, [note.Verifier.parse(vkey) for vkey in given["keys"]])


def _checkpoint(encoded: bytes, given: Case) -> None:
    if checkpoint.parse(encoded).extensions:
        raise Refusal("verify.extended-head", log="")


def _leaf(encoded: bytes, given: Case) -> None:
    envelope.parse(encoded)


def _filing(encoded: bytes, given: Case) -> None:
    header, verifier = envelope.parse(encoded).header, note.Verifier.parse(given["key"])
    if header.filed is None:
        raise Refusal("leaf.not-filed")
    signature = note.Signature.from_base64(header.filed.by, header.filed.sig)
    if not verifier.verifies(filing_text(header), signature):
        raise Refusal("leaf.bad-signature", name=verifier.name)


def _receipt(encoded: bytes, given: Case) -> None:
    said = envelope.parse(encoded).header.receipt
    if said is None or (said.log, said.size, said.root) != (given["log"], given["size"], given["root"]):
        raise Refusal("verify.receipt-differs", log=given["log"], receipt="", size=given["size"])


def _key_set(encoded: bytes, given: Case) -> None:
    ring, roots = KeyRing(), Roots(keys=given["roots"]["keys"], threshold=given["roots"]["threshold"])
    for index, leaf in given["leaves"]:
        parsed = envelope.parse(b64decode(leaf))
        if parsed.header.log != given["log"]:
            raise Refusal("verify.no-key-set", log=given["log"])
        ring = ring.apply(parsed, index, roots)


def _delivery(encoded: bytes, given: Case) -> None:
    delivery.decode(encoded, Limits())


def _answer(encoded: bytes, given: Case) -> None:
    answer.decode(encoded, Limits())


def _request(encoded: bytes, given: Case) -> None:
    headers = {name.lower(): value for name, value in given["headers"].items()}
    request = requests.Request(given["method"], given["authority"], given["path"], headers, encoded)
    requests.verify(request, note.Verifier.parse(given["key"]))


_JUDGES: Mapping[str, Callable[[bytes, Case], None]] = {
    "note": _note,
    "checkpoint": _checkpoint,
    "leaf": _leaf,
    "filing": _filing,
    "receipt": _receipt,
    "key-set": _key_set,
    "delivery": _delivery,
    "answer": _answer,
    "request": _request,
}


def _verdict(case: Case) -> str:
    with tempfile.TemporaryDirectory(prefix="mithaq-conformance-") as folder:
        paths, named = unpacked(case, Path(folder))
        known = trust.read(named) if named else trust.Trust()
        return verifying.verify(paths, known).verdict.value


def unpacked(case: Case, folder: Path) -> tuple[list[Path], str]:
    """The files of a case written below `folder`: the paths to verify, and what `--trust` names."""
    for name, content in case["files"].items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b64decode(content))
    named = case.get("given", {}).get("trust", "")
    if isinstance(named, list):
        (folder / "trust").write_text("".join(f"{vkey}\n" for vkey in named))
        named = str(folder / "trust")
    return [folder / path for path in case["paths"]], named


def encoded(content: bytes) -> str:
    """Content as it stands in a case."""
    return b64encode(content).decode()


if __name__ == "__main__":
    sys.stdout.write(judge(json.loads(Path(sys.argv[1]).read_text("utf-8"))) + "\n")

"""Golden files of the signed formats and of one whole book.

A change of the leaf files is a change of a signed format; a change of the book's rows is a new version of the rules of
folding. Neither happens by accident: `python -m tests.mithaq.notices.test_golden` writes them anew.
"""

import json
from pathlib import Path

import msgspec
import pytest

from mithaq import canonical
from mithaq.notices import drafting, epochs
from mithaq.notices.envelope import (
    Agreement,
    Epoch,
    Erased,
    Header,
    InForce,
    Kept,
    KeySet,
    Receipt,
    Reference,
    Revocation,
    Roots,
    filing_text,
    key_set_text,
    parse,
    text_of,
)
from mithaq.notices.keys import key_of, with_signatures
from mithaq.notices.parts import Part
from mithaq.record import note
from tests.mithaq.notices.border import FIRE, Border, private_key

GOLDEN = Path(__file__).parents[2] / "golden" / "notices"
LOG = "na.example/example-2031/all/1"
LAW = "1f" * 32


def header(kind: str, number: int, **carried: object) -> Header:
    found = {"at": "2031-03-01T00:00:00Z", "id": f"{number:032x}", "kind": kind, "law": LAW, "log": LOG}
    return Header(**(found | carried))  # type: ignore[arg-type]  # each caller gives what its kind of leaf carries


def leaves() -> dict[str, bytes]:
    """One leaf of each sort, the filing text, and the parts, from fixed keys and salts."""
    officers = [f"na.example/officer/{number}" for number in (1, 2)]
    text = b'{"account":{"lang":"en","text":"example"}}'
    parts = [Part("facts", b"\1" * 32, canonical.encode(FIRE)), Part("text", b"\2" * 32, text)]
    refs = [part.ref() for part in parts]
    answered = [Reference(log="sa.example/example-2031/all/1", id="0" * 32)]
    two = header("incident.initial", 1, release="two", precedence="priority", parts=refs, re=answered)
    filed = drafting.sign_filing(two, "2031-03-01T00:00:00Z", officers[0], private_key(officers[0]))
    one = header("humanitarian.hazard", 2, release="one", precedence="flash", parts=refs[:1])
    kept = [Kept(finding="text.name", reason="place", n=1), Kept(finding="text.telephone", reason="quantity", n=2)]
    counted = header("flow.count", 3, parts=refs[:1])
    missing, bad = [(7, 1)], [(9, "leaf.bad-signature")]
    receipt = Receipt(log="sa.example/example-2031/all/1", size=12, root="AAAA", missing=missing, nonconforming=bad)
    erased = [Erased(retention="exact", log=LOG, size=40), Erased(retention="text", log=LOG, size=12)]
    root = "na.example/root/1"
    roots = Roots(keys=[note.Verifier(root, note.ED25519, private_key(root).public).vkey()], threshold=1)
    added = [key_of(officers[0], "officer", private_key(officers[0]).public)]
    revoked = [Revocation(name=officers[1], since=40)]
    change = KeySet(version=2, add=added, revoke=revoked, roots=roots)
    said = key_set_text(LOG, change)
    change = with_signatures(change, [note.sign(said, root, private_key(root))])
    agreement = Agreement(cut=[(LOG, 40), ("sa.example/example-2031/all/1", 12)], digest="2e" * 32, rules=1)
    epoch = Epoch(log=LOG, size=40, root="A" * 43 + "=", reason=sorted(epochs.REASONS)[0])
    next_log = LOG.removesuffix("1") + "2"
    opening = KeySet(version=1, add=added, epoch=epoch)
    opening_said = key_set_text(next_log, opening)
    opening = with_signatures(opening, [note.sign(opening_said, root, private_key(root))])
    return {
        "filing.txt": filing_text(filed),
        "leaf-two.txt": drafting.sign_release(filed, "2031-03-01T00:05:00Z", officers[1], private_key(officers[1])),
        "leaf-one.txt": drafting.sign_release(one, "2031-03-01T00:06:00Z", officers[0], private_key(officers[0])),
        "leaf-two-kept.txt": drafting.sign_release(
            filed, "2031-03-01T00:05:00Z", officers[1], private_key(officers[1]), kept
        ),
        "leaf-one-kept.txt": drafting.sign_release(
            msgspec.structs.replace(one, parts=refs),
            "2031-03-01T00:06:00Z",
            officers[0],
            private_key(officers[0]),
            kept,
        ),
        "leaf-machine.txt": drafting.machine_leaf(counted),
        "leaf-receipt.txt": text_of(header("receipt", 4, receipt=receipt)),
        "leaf-agreement.txt": text_of(header("agreement", 7, agreement=agreement)),
        "leaf-instrument.txt": text_of(header("instrument", 8, instrument=InForce(law=LAW, words="3d" * 32))),
        "leaf-key-set-epoch.txt": text_of(header("key-set", 9, log=next_log, keyset=opening)),
        "leaf-erased.txt": text_of(header("erased", 6, erased=erased)),
        "key-set.txt": said,
        "leaf-key-set.txt": text_of(header("key-set", 5, keyset=change)),
        "parts.json": canonical.encode([[each.retention, each.salt.hex(), each.ref().c] for each in parts]),
    }


def book() -> bytes:
    """The rows and the digest of a small incident with both accounts, a question answered, and a crossing."""
    border = Border()
    here, there = border.pair
    fire = here.notice("incident.initial", FIRE)
    there.receive()
    border.at(30)
    there.notice("acknowledgement", {"handling": "passed-on"}, fire)
    question = there.notice("clarification.request", {"concern": "event", "questions": ["what"]}, fire)
    here.receive()
    border.at(90)
    here.notice("clarification.reply", {"finding": "confirmed"}, question)
    there.notice("incident.update", {"progress": "information", "event": "smoke"}, fire)
    where = {"crossing": border.law.crossings[0].id, "direction": [border.law.codes["direction"][0]]}
    there.notice("crossing.status", where | {"traffic": ["goods"], "state": "closed", "reason": "works"})
    border.exchange()
    found = border.book()
    rows = [json.loads(encoded) for _, encoded in found.rows()]
    return (json.dumps({"digest": found.digest(), "rows": rows}, indent=1, sort_keys=True) + "\n").encode()


@pytest.mark.parametrize("name", sorted(leaves()))
def test_the_bytes_of_a_signed_format_are_what_they_were(name: str) -> None:
    made = leaves()[name]
    assert made == (GOLDEN / name).read_bytes()
    if name.startswith("leaf-"):
        assert parse(made).encoded == made


def test_the_rows_of_a_book_are_what_they_were() -> None:
    assert book() == (GOLDEN / "book.json").read_bytes()


if __name__ == "__main__":
    GOLDEN.mkdir(parents=True, exist_ok=True)
    for name, made in {**leaves(), "book.json": book()}.items():
        (GOLDEN / name).write_bytes(made)

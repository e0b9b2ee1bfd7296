"""Write the vectors from fixed seeds: `python -m conformance.make`.

What a case expects is written here by hand, from docs/spec, and not asked of any implementation.
"""

import json
import shutil
import tempfile
from base64 import b64encode
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import msgspec

from conformance.first import encoded
from conformance.run import VECTORS
from mithaq.exchange import answer, delivery, requests
from mithaq.exchange.answer import Answer
from mithaq.exchange.delivery import Delivery, SentPart
from mithaq.notices.envelope import text_of
from mithaq.record import merkle, note
from mithaq.record.checkpoint import Checkpoint
from tests.mithaq_files import border, couriers, damage, test_case, test_courier_file, test_evidence, test_fork_file
from tests.mithaq_files.border import Border, Log

Vector = tuple[str, dict[str, Any]]
"""A name, and what stands in the file."""
OK, REFUSE, FAIL = "ok", "refuse", "_fail"
Change = Callable[[bytes], bytes]


def vectors() -> Iterator[Vector]:
    """Every case, as `<message>/<name>` and its content."""
    kept = damage.told()
    for message, made in (
        ("note", _notes(kept)),
        ("checkpoint", _checkpoints(kept)),
        ("leaf", _leaves(kept)),
        ("filing", _filings(kept)),
        ("receipt", _receipts(kept)),
        ("key-set", _key_sets(kept)),
        ("delivery", _deliveries(kept)),
        ("answer", _answers(kept)),
        ("request", _requests()),
        ("export", _exports()),
        ("proof", _proofs(kept)),
        ("evidence", _evidence(kept)),
        ("case", _cases()),
        ("courier", _couriers(kept)),
    ):
        for name, said in made:
            yield f"{message}/{name}", {"message": message, **said}


def content(said: dict[str, Any]) -> bytes:
    """The bytes of a case's file."""
    return (json.dumps(said, indent=1, sort_keys=True, ensure_ascii=False) + "\n").encode()


def main() -> None:
    """Write all of them anew."""
    shutil.rmtree(VECTORS, ignore_errors=True)
    for name, said in vectors():
        path = VECTORS / f"{name}.json"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content(said))


def _good(name: str, about: str, message: bytes, **given: Any) -> Vector:
    return name, {"about": about, "expect": OK, "input": encoded(message), "given": given}


def _bad(name: str, about: str, message: bytes, **given: Any) -> Vector:
    return name + FAIL, {"about": about, "expect": REFUSE, "input": encoded(message), "given": given}


def _changed(message: bytes, old: bytes, new: bytes) -> bytes:
    assert old in message, old
    return message.replace(old, new, 1)


# Messages of the record


def _notes(kept: Border) -> Iterator[Vector]:
    north, south = kept.north, kept.south
    signed = north.head()
    cosigned = signed + south.cosigned(signed, border.START).line()
    log = note.Verifier(north.origin, note.ED25519, border.private(north.origin).public)
    name = f"{south.domain}/{border.INSTRUMENT}/cosigner"
    cosigner = note.Verifier(name, note.COSIGNATURE, border.private(name).public)
    keys = [log.vkey(), cosigner.vkey()]
    text = b"a text\n\nwith an empty line\n"
    yield _good("signed", "one signature of a known key", signed, keys=keys[:1])
    yield _good("cosigned", "a log's signature and a cosignature", cosigned, keys=keys)
    yield _good("by-strangers-too", "a line of an unknown key is ignored", cosigned, keys=keys[:1])
    within = note.join(text, [note.sign(text, log.name, border.private(north.origin))])
    yield _good("empty-line-within", "the last empty line separates", within, keys=keys[:1])
    yield _bad("by-nobody-known", "no line of a known key", signed, keys=keys[1:])
    yield _bad("other-text", "the text is another", _changed(signed, b"\n9\n", b"\n8\n"), keys=keys[:1])
    one_bad = signed + south.cosigned(north.head(5), border.START).line()
    yield _bad("one-line-does-not-verify", "a line of a known key that does not verify spoils all", one_bad, keys=keys)
    yield _bad("no-lines", "a text and an empty line alone", note.text_of(signed) + b"\n", keys=keys)
    yield _bad("not-ended", "no newline at the end", signed[:-1], keys=keys)
    yield _bad("control-character", "a tab in the text", b"\t" + signed, keys=keys)
    yield _bad("other-dash", "a hyphen for the dash", _changed(signed, "—".encode(), b"-"), keys=keys)
    padded = signed.rstrip(b"\n").rstrip(b"=") + b"\n"
    yield _bad("loose-base64", "base64 without its padding", padded, keys=keys)
    yield _bad("not-utf8", "a byte that is no UTF-8", b"\xff" + signed, keys=keys)
    many = signed + south.cosigned(signed, border.START).line() * 100
    yield _bad("too-many-lines", "101 signature lines", many, keys=keys)
    yield _bad("bad-verifier-key", "a verifier key with another key ID", signed, keys=[_other_id(log)])


def _other_id(key: note.Verifier) -> str:
    name, _, word = key.vkey().split("+", 2)
    return f"{name}+00000000+{word}"


def _checkpoints(kept: Border) -> Iterator[Vector]:
    text = note.text_of(kept.north.head())
    origin, size, root = text.decode().split("\n")[:3]

    def of(*lines: str) -> bytes:
        return "".join(f"{line}\n" for line in lines).encode()

    yield _good("head", "a head of nine entries", text)
    yield _good("empty", "a log without entries", Checkpoint(origin, 0, merkle.EMPTY_ROOT).text())
    yield _good("largest", "the largest size", of(origin, str(2**63 - 1), root))
    yield _bad("too-large", "a size of 2^63", of(origin, str(2**63), root))
    yield _bad("leading-zero", "a size with a leading zero", of(origin, f"0{size}", root))
    yield _bad("negative", "a size below nothing", of(origin, "-1", root))
    yield _bad("other-digits", "a size in digits that are not ASCII", of(origin, "٩", root))
    yield _bad("short-root", "a root of 31 bytes", of(origin, size, b64encode(bytes(31)).decode()))
    yield _bad("no-origin", "an empty origin", of("", size, root))
    yield _bad("extended", "an extension line, which no log of an instrument carries", of(origin, size, root, "more"))
    yield _bad("no-newline", "no newline at the end", text[:-1])


def _leaves(kept: Border) -> Iterator[Vector]:
    officers, machine = kept.north.entries[2], kept.south.entries[2]
    header = officers.split(b"\n")[1]
    yield _good("two-officers", "a notice that two officers released", officers)
    yield _good("machine", "a receipt, which nobody signs", machine)
    yield _good("key-set", "a key-set", kept.north.entries[0])
    yield _bad("other-first-line", "another first line", _changed(officers, b"notice/v1", b"notice/v2"))
    yield _bad("spaced", "JSON with white space", _changed(machine, b'{"', b'{ "'))
    unsorted = b"mithaq/notice/v1\n" + _reversed(header) + b"\n"
    yield _bad("members-out-of-order", "members that are not sorted", unsorted)
    yield _bad(
        "twice", "a member that stands twice", _changed(machine, b'{"at":', b'{"at":"2025-08-11T00:00:00Z","at":')
    )
    yield _bad("fraction", "a number with a fraction", _changed(machine, b'"size":', b'"size":1.0,"sizf":'))
    yield _bad("too-long", "more than 4,096 bytes", _long(kept.south))
    yield _bad("no-newline", "no newline at the end", machine[:-1])
    yield _bad("not-utf8", "a byte that is no UTF-8", _changed(machine, b'"kind":"', b'"kind":"\xff'))
    yield _bad("nothing", "no bytes at all", b"")


def _reversed(header: bytes) -> bytes:
    members = list(json.loads(header).items())
    return json.dumps(dict(reversed(members)), separators=(",", ":")).encode()


def _long(log: Log) -> bytes:
    header = msgspec.structs.replace(log.header("receipt"), precedence="x" * 4096)
    return text_of(header)


def _filings(kept: Border) -> Iterator[Vector]:
    leaf, other = kept.north.entries[2], kept.north.entries[4]
    keys = {
        number: note.Verifier(f"{kept.north.domain}/officer/{number}", note.ED25519, kept.north.officer(number).public)
        for number in (1, 2)
    }
    yield _good("filed", "the first officer's signature over what was known at filing", leaf, key=keys[1].vkey())
    released = _changed(leaf, b'"at":"2025-08-11T00:02', b'"at":"2025-08-11T00:09')
    yield _good("released-later", "the moment of release is not under it", released, key=keys[1].vkey())
    yield _bad("by-the-second-officer", "the key of the officer who released", leaf, key=keys[2].vkey())
    sent = other.split(b'"parts":', 1)[1].split(b"]", 1)[0]
    held = leaf.split(b'"parts":', 1)[1].split(b"]", 1)[0]
    yield _bad("other-parts", "parts of another notice", _changed(leaf, held, sent), key=keys[1].vkey())
    renamed = _changed(leaf, b'"kind":"incident"', b'"kind":"incidenu"')
    yield _bad("another-kind", "a notice of another kind", renamed, key=keys[1].vkey())
    yield _bad("not-filed", "a leaf of a machine", kept.south.entries[2], key=keys[1].vkey())


def _receipts(kept: Border) -> Iterator[Vector]:
    north, leaf = kept.north, kept.south.entries[2]
    given = {"log": north.origin, "size": 3, "root": encoded(north.tree.root(3))}
    yield _good("held", "three entries and their root", leaf, **given)
    yield _bad("other-root", "the root of other entries", leaf, **{**given, "root": encoded(bytes(32))})
    yield _bad("other-size", "another size", leaf, **{**given, "size": 4})
    yield _bad("other-log", "of another log", leaf, **{**given, "log": kept.south.origin})
    yield _bad("no-receipt", "a leaf that is none", north.entries[2], **given)


def _key_sets(kept: Border) -> Iterator[Vector]:
    roots = {"keys": border.root_keys("NA"), "threshold": 2}

    def given(*entries: tuple[int, bytes], **changed: Any) -> dict[str, Any]:
        leaves = [[index, encoded(leaf)] for index, leaf in entries]
        return {"leaves": leaves, "roots": roots, "log": kept.north.origin, **changed}

    first = kept.north.entries[0]
    longer = damage.told()
    damage.later_key_set(longer)
    gap = damage.told()
    damage.key_set_that_does_not_follow(gap)
    alone = Border(kept.sealed, Log(kept.sealed, "NA"), Log(kept.sealed, "SA"))
    alone.north.key_set((0,))
    last = len(longer.north.entries) - 1
    yield _good("first", "the first key-set, signed by two of three root keys", b"", **given((0, first)))
    yield _good("later", "a second that follows", b"", **given((0, first), (last, longer.north.entries[-1])))
    yield _bad("too-few-roots", "signed by one root key of two", b"", **given((0, alone.north.entries[0])))
    yield _bad(
        "higher-threshold", "a law that asks for three", b"", **given((0, first), roots={**roots, "threshold": 3})
    )
    yield _bad("version-gap", "a version that does not follow", b"", **given((0, first), (last, gap.north.entries[-1])))
    yield _bad("twice", "the same one again", b"", **given((0, first), (1, first)))
    yield _bad("of-another-log", "a key-set of the other party", b"", **given((0, kept.south.entries[0])))
    other = {"keys": border.root_keys("SA"), "threshold": 2}
    yield _bad("other-roots", "under the other party's root keys", b"", **given((0, first), roots=other))
    yield _bad("no-key-set", "a leaf that is none", b"", **given((0, kept.north.entries[2])))


# Messages between nodes


def _delivery(kept: Border) -> Delivery:
    north = kept.north
    part = north.parts[2][0]
    return Delivery(
        log=north.origin, start=2, old=2, size=9, held=4, time="2025-08-11T01:00:00Z",
        proof=merkle.consistency_proof(2, 9, north.tree.subtree), checkpoint=north.head(), cosignatures=b"",
        entries=tuple(north.entries[2:]), parts=(SentPart(2, 0, part.salt, part.body),),
    )  # fmt: skip


def _deliveries(kept: Border) -> Iterator[Vector]:
    sent = _delivery(kept)
    message = delivery.encode(sent)
    heads = delivery.encode(replace(sent, heads=(sent.checkpoint,)))
    heartbeat = delivery.encode(replace(sent, start=9, old=9, proof=(), entries=(), parts=()))
    yield _good("seven-leaves", "leaves from 2 on, and a part", message)
    yield _good("heartbeat", "nothing but the newest head", heartbeat)
    yield _good("third-head", "the head of a third party's log beside it", heads)
    yield _bad(
        "no-heads",
        "the number of heads written where there are none",
        _changed(message, b'"from":2', b'"from":2,"heads":0'),
    )
    yield from _framed(message)
    yield _bad("size-below-start", "a size below where it starts", _changed(message, b'"size":9', b'"size":1'))
    yield _bad("more-proof", "a longer proof than any tree has", _changed(message, b'"proof":', b'"proof":9'))


def _answers(kept: Border) -> Iterator[Vector]:
    lines = kept.south.cosigned(kept.north.head(), border.START).line()
    carried = delivery.encode(replace(_delivery(kept), start=9, old=9, proof=(), entries=(), parts=()))
    time = "2025-08-11T01:00:00Z"
    message = answer.encode(Answer("ok", 9, time, missing=((2, 0),), cosignatures=lines, delivery=carried))
    yield _good("ok", "held, one part missing, a cosignature and a delivery", message)
    yield _good("refused", "a code with its data", answer.encode(Answer("delivery.gap", 2, time, {"held": 2})))
    yield from _framed(message)
    yield _bad("negative", "fewer than none held", _changed(message, b'"held":9', b'"held":-9'))


def _framed(message: bytes) -> Iterator[Vector]:
    """What is wrong with the frame of any message that travels."""
    kind = message.split(b"\n", 1)[0]
    yield _bad("other-version", "another first line", _changed(message, b"/v1\n", b"/v9\n"))
    yield _bad("cut-short", "its end is missing", message[:-1])
    yield _bad("goes-on", "bytes behind its end", message + b"\0")
    yield _bad("spaced", "a header with white space", _changed(message, b'{"', b'{ "'))
    yield _bad("unknown-member", "a member that is not known", _changed(message, b'"held":', b'"held":1,"help":'))
    yield _bad("first-line-alone", "nothing but the first line", kind + b"\n")


def _requests() -> Iterator[Vector]:
    name, body = f"{border.PARTIES['NA']}/node", b"a delivery"
    key = border.private(name)
    vkey = note.Verifier(name, note.ED25519, key.public).vkey()
    at = {"method": "POST", "authority": "node.south.example:8402", "path": "/deliver"}
    headers = requests.sign("POST", at["authority"], at["path"], body, key=key, name=name, created=border.START,
                            nonce=bytes(range(16)))  # fmt: skip
    given: dict[str, Any] = {**at, "headers": headers, "key": vkey}

    def with_field(field: str, old: str, new: str) -> dict[str, Any]:
        assert old in headers[field]
        return {**given, "headers": {**headers, field: headers[field].replace(old, new, 1)}}

    yield _good("signed", "a delivery that the node key signed", body, **given)
    yield _bad("other-body", "another body", body + b"!", **given)
    yield _bad("other-path", "another path", body, **{**given, "path": "/other"})
    yield _bad("other-authority", "to another node", body, **{**given, "authority": "node.elsewhere.example:8402"})
    yield _bad("other-method", "another method", body, **{**given, "method": "PUT"})
    yield _bad("other-moment", "another moment", body, **with_field("Signature-Input", str(border.START), "1"))
    yield _bad("other-tag", "another tag", body, **with_field("Signature-Input", 'tag="mithaq"', 'tag="other"'))
    yield _bad("other-label", "another label", body, **with_field("Signature", "mithaq=", "sig1="))
    yield _bad("not-signed", "no signature at all", body, **{**given, "headers": {}})
    other = f"{border.PARTIES['SA']}/node"
    stranger = note.Verifier(other, note.ED25519, border.private(other).public).vkey()
    yield _bad("other-key", "another node's key", body, **{**given, "key": stranger})


# Files


CHOSEN = {
    "as it was written": "as-written",
    "a suspension that keeps help": "suspended",
    "a suspension of help": "suspended-help",
    "suspended by older rules": "suspended-by-older-rules",
    "without one party's log": "one-log",
    "facts not held": "no-facts",
    "a leaf that no officer signed": "unsigned-leaf",
    "an entry that is no leaf": "no-leaf",
    "an altered entry": "altered-entry",
    "an altered tile": "altered-tile",
    "entry and tile altered": "altered-entry-and-tile",
    "history written again and signed": "rewritten-and-signed",
    "a false receipt": "false-receipt",
    "other facts": "other-facts",
    "an older head": "older-head",
    "an extended head": "extended-head",
    "other keys": "other-keys",
    "folders exchanged": "folders-exchanged",
    "a key-set of one root": "one-root",
    "another instrument in leaf 1": "another-instrument",
    "another law": "another-law",
    "sealed by too few": "sealed-by-too-few",
    "a kind with a person in it": "a-person-in-it",
    "no law": "no-law",
    "no logs": "no-logs",
}
"""Damages of `tests.mithaq_files.damage`, by the names that they have here."""


def _files(name: str, about: str, expect: str, files: dict[str, bytes], paths: list[str], **given: Any) -> Vector:
    said = {
        "about": about,
        "expect": expect,
        "files": {path: encoded(held) for path, held in sorted(files.items())},
        "paths": paths,
        "given": given,
    }
    return (name if expect in ("GENUINE", "INTACT") else name + FAIL), said


def _exports() -> Iterator[Vector]:
    known = {each.name: each for each in damage.CASES}
    for name, called in CHOSEN.items():
        files = _folder(known[name].make)
        yield _files(called, name, known[name].verdict, files, ["export"])
    law = damage.told().sealed.law_digest
    good = _folder(known["as it was written"].make)
    yield _files("named-law", "under the law that was named", "GENUINE", good, ["export"], trust=law)
    roots = [*border.root_keys("NA"), *border.root_keys("SA")]
    yield _files("named-roots", "under root keys that were named", "GENUINE", good, ["export"], trust=roots)
    half = roots[:3]
    yield _files("roots-of-one-party", "root keys of one party alone", "INTACT", good, ["export"], trust=half)


def _folder(make: Callable[[Path], Path]) -> dict[str, bytes]:
    with tempfile.TemporaryDirectory(prefix="mithaq-conformance-") as folder:
        out = make(Path(folder) / "export")
        return {each.relative_to(folder).as_posix(): each.read_bytes() for each in out.rglob("*") if each.is_file()}


def _one(name: str, about: str, expect: str, held: bytes, **given: Any) -> Vector:
    return _files(name, about, expect, {"file": held}, ["file"], **given)


def _proofs(kept: Border) -> Iterator[Vector]:
    shown = test_evidence.evidence_of(kept)
    good = test_evidence.proof_of(kept, shown)
    yield _one("alone", "a notice, its facts and its path", "INTACT", good.encode())
    yield _one("named-roots", "under root keys that were named", "GENUINE", good.encode(), trust=border.root_keys("NA"))
    for spoil in test_evidence.SPOILED:
        spoiled = test_evidence.proof_of(kept, spoil(shown, kept)).encode()
        yield _one(spoil.__name__.replace("_", "-"), spoil.__name__.replace("_", " "), "BROKEN", spoiled)
    yield _one("other-index", "another index", "BROKEN", replace(good, index=3).encode())
    hashes = (*good.hashes[:-1], bytes(32))
    yield _one("other-path", "another hash on its path", "BROKEN", replace(good, hashes=hashes).encode())
    yield _one("other-head", "the head of the other log", "BROKEN", replace(good, signed=kept.south.head()).encode())
    yield _one("no-evidence", "a proof as other logs write them", "UNUSABLE", replace(good, extra=None).encode())
    short = replace(good, hashes=(good.hashes[0][:-1], *good.hashes[1:])).encode()
    yield _one("short-hash", "a hash of 31 bytes", "UNUSABLE", short)
    yield _one("garbage", "no proof at all", "UNUSABLE", b"nothing of the kind\n")


def _evidence(kept: Border) -> Iterator[Vector]:
    good = test_fork_file.shown_by(kept)
    yield _one("one-size", "two heads of one size", "INTACT", good.encode())
    yield _one("shorter", "a shorter head with another past", "INTACT", test_fork_file.shown_by(kept, 3).encode())
    yield _one("longer", "a longer head with another past", "INTACT", test_fork_file.shown_by(kept, 12).encode())
    yield _one("named-roots", "under root keys that were named", "GENUINE", good.encode(), trust=border.root_keys("NA"))
    for spoil in test_fork_file.SPOILED:
        spoiled = spoil(good, kept).encode()
        yield _one(spoil.__name__.replace("_", "-"), spoil.__name__.replace("_", " "), "BROKEN", spoiled)
    yield _one("cut-short", "its end is missing", "UNUSABLE", good.encode()[:-1])
    yield _one("spaced", "JSON with white space", "UNUSABLE", _changed(good.encode(), b'{"', b'{ "'))


def _cases() -> Iterator[Vector]:
    kept = border.told(border.seal(border.law()))
    kept.north.notice("incident", {"place": "S1", "cause": "fire", "remark": test_case.REMARK})
    found = test_case.case_of(kept)
    good = test_case.encoded(found)
    law = kept.sealed.law_digest
    yield _one("alone", "an incident with both accounts", "INTACT", good)
    yield _one("named-law", "under the law that was named", "GENUINE", good, trust=law)
    for spoil in test_case.SPOILED:
        spoiled = test_case.encoded(spoil(found, kept))
        yield _one(spoil.__name__.replace("_", "-"), spoil.__name__.replace("_", " "), "BROKEN", spoiled)
    without = test_case.encoded(replace(found, proofs={}))
    yield _one("no-proofs", "no proof in it", "UNUSABLE", without)
    yield _one("cut-short", "its end is missing", "UNUSABLE", good[:300])


def _couriers(kept: Border) -> Iterator[Vector]:
    log, size = kept.north, len(kept.north.entries)
    good = couriers.content(log, 4, 6, size)
    yield _one("from-four-on", "two deliveries that go on from four entries", "INTACT", good)
    yield _one("whole", "everything from the first entry on", "INTACT", couriers.content(log, 0, size))
    yield _one("named-roots", "under root keys that were named", "GENUINE", good, trust=border.root_keys("NA"))
    said = answer.encode(Answer("ok", size, log.at(), delivery=couriers.sent(log, 4, size)))
    yield _one("answer", "an answer, and the delivery in it", "INTACT", couriers.content(log, 4, blocks=(said,)))
    for spoil in test_courier_file.DAMAGES:
        yield _one(spoil.__name__.replace("_", "-"), spoil.__name__.replace("_", " "), "BROKEN", spoil(log))
    yield _one("other-version", "another first line", "UNUSABLE", _changed(good, b"/v1\n", b"/v9\n"))


if __name__ == "__main__":
    main()

"""What can be wrong with an export: each a small damage to a good one, with the verdict and the entry to be named."""

import hashlib
from base64 import b64encode
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import msgspec

from mithaq import canonical
from mithaq.instrument.law import Suspension
from mithaq.notices.envelope import InForce, Receipt, text_of
from mithaq.recipients import body_key
from mithaq.record import checkpoint, merkle, note, tiles
from mithaq_files import export
from tests.mithaq_files import border
from tests.mithaq_files.border import Border, Log

NORTH, SOUTH = "NA-all-1", "SA-all-1"

Write = Callable[[Path], Path]


@dataclass(frozen=True)
class Case:
    """How to make the export, and what must be said of it. `entry` is (log, first differing entry, last possible)."""

    name: str
    make: Write
    verdict: str
    entry: tuple[str, int | None, int | None] | None = None
    code: str = ""


def told() -> Border:
    return border.told(border.seal(border.law()))


def damaged(damage: Callable[[Path], object]) -> Write:
    """A good export, damaged afterwards."""

    def make(out: Path) -> Path:
        told().write(out)
        damage(out)
        return out

    return make


def wrongly_kept(change: Callable[[Border], object]) -> Write:
    """An export of a record that was wrong before it was exported."""

    def make(out: Path) -> Path:
        kept = told()
        change(kept)
        return kept.write(out)

    return make


def replaced(path: str, old: bytes, new: bytes) -> Write:
    def damage(out: Path) -> None:
        content = (out / path).read_bytes()
        assert old in content
        (out / path).write_bytes(content.replace(old, new, 1))

    return damaged(damage)


def flipped(path: str, at: int) -> Write:
    """One bit of a file turned over; `at` counts from the end when negative."""

    def damage(out: Path) -> None:
        content = bytearray((out / path).read_bytes())
        content[at] ^= 1
        (out / path).write_bytes(content)

    return damaged(damage)


def removed(path: str) -> Write:
    return damaged(lambda out: (out / path).unlink())


def rewritten_and_signed_again(out: Path) -> Path:
    """A party alters its own entry 3, hashes everything again and signs the new head with its own key."""
    kept = told()
    north = kept.north
    entries = [*north.entries]
    entries[2] = entries[2].replace(b"2025-08-11T00:02", b"2025-08-10T00:02", 1)
    north.entries, north.tree = entries, merkle.Tree(map(merkle.leaf_hash, entries))
    return kept.write(out)


def rewritten_tiles(out: Path) -> None:
    entries = told().north.entries
    entries[4] = entries[4].replace(b"2025", b"2024", 1)
    tree = merkle.Tree(map(merkle.leaf_hash, entries))
    (tile,) = tiles.tiles_of(len(entries))
    (bundle,) = tiles.bundles_of(len(entries))
    (out / NORTH / tile.path).write_bytes(tiles.hash_tile(tile, tree.subtree))
    (out / NORTH / bundle.path).write_bytes(tiles.entry_bundle(entries))


def renamed(out: Path) -> None:
    (out / NORTH).rename(out / "XX")
    (out / SOUTH).rename(out / NORTH)
    (out / "XX").rename(out / SOUTH)


def without_facts(out: Path) -> None:
    size = len(told().north.entries)
    path = export.facts_path(0, size)
    facts = export.parse_facts_bundle((out / NORTH / path).read_bytes(), size)
    (out / NORTH / path).write_bytes(export.facts_bundle([None] * len(facts)))


def other_facts(out: Path) -> None:
    size = len(told().north.entries)
    path = out / NORTH / export.facts_path(0, size)
    facts = export.parse_facts_bundle(path.read_bytes(), size)
    salt, body = facts[2] or (b"", b"")
    facts[2] = (salt, body.replace(b"fire", b"wave"))
    path.write_bytes(export.facts_bundle(facts))


def other_keys(out: Path) -> None:
    stranger = note.Verifier(told().north.origin, note.ED25519, border.private("a stranger").public)
    (out / NORTH / "keys").write_text(f"{stranger.vkey()}\n")


def shorter_head(out: Path) -> None:
    """An older head of the log, rightly signed, under the files of the longer one."""
    (out / NORTH / "checkpoint").write_bytes(told().north.head(5))


def key_set_of_one_root(out: Path) -> Path:
    sealed = border.seal(border.law())
    kept = Border(sealed, Log(sealed, "NA"), Log(sealed, "SA"))
    for log, signing in ((kept.north, (0,)), (kept.south, (0, 1))):
        log.key_set(signing)
        log.machine("instrument", instrument=InForce(law=sealed.law_digest, words=sealed.words_digest))
    return kept.write(out)


def with_body_key(body: bytes) -> Write:
    """Both logs begin with a key-set that names a key to which bodies are sealed; the north's is `body`."""

    def make(out: Path) -> Path:
        sealed = border.seal(border.law())
        kept = Border(sealed, Log(sealed, "NA"), Log(sealed, "SA"))
        for log, key in ((kept.north, body), (kept.south, body_key(border.private("south body")))):
            log.key_set(body=key)
            log.machine("instrument", instrument=InForce(law=sealed.law_digest, words=sealed.words_digest))
        return kept.write(out)

    return make


def another_instrument(out: Path) -> Path:
    sealed = border.seal(border.law())
    kept = Border(sealed, Log(sealed, "NA"), Log(sealed, "SA"))
    for log in (kept.north, kept.south):
        log.key_set()
        log.machine("instrument", instrument=InForce(law="0" * 64, words=sealed.words_digest))
    return kept.write(out)


def receipt_of_another(size: int) -> Callable[[Border], object]:
    """The south claims to have received what the north never had."""

    def change(kept: Border) -> None:
        wrong = Receipt(log=kept.north.origin, size=size, root=b64encode(bytes(32)).decode())
        kept.south.machine("receipt", receipt=wrong)

    return change


def sealed_by(numbers: tuple[int, ...]) -> Write:
    return lambda out: border.told(border.seal(border.law(), numbers)).write(out)


def forged_officer(kept: Border) -> None:
    """A leaf that the node's log key covers but no officer signed."""
    _, lines = note.split(kept.north.entries[2])
    forged = msgspec.structs.replace(kept.north.header_at(2), id="f" * 32, at=kept.north.at())
    kept.north.append(note.join(text_of(forged), lines), kept.north.parts[2])


def with_person(out: Path) -> Path:
    sealed = border.seal(border.law(other_type="person"))
    kept = Border(sealed, Log(sealed, "NA"), Log(sealed, "SA"))
    for log in (kept.north, kept.south):
        log.key_set()
        log.machine("instrument", instrument=InForce(law=sealed.law_digest, words=sealed.words_digest))
    return kept.write(out)


def suspended(keeps: list[str], rules: int = 2) -> Write:
    """An export under a law that suspends all but these kinds, where incidents are of the first precedence."""

    def make(out: Path) -> Path:
        law = border.law()
        kinds = [msgspec.structs.replace(each, precedence="flash") for each in law.kinds]
        stated = Suspension(grounds=["consent"], since="2031-03-01T00:00:00Z", keeps=keeps, mark="example")
        sealed = border.seal(msgspec.structs.replace(law, rules=rules, kinds=kinds, suspension=stated))
        kept = Border(sealed, Log(sealed, "NA"), Log(sealed, "SA"))
        for log in (kept.north, kept.south):
            log.key_set()
            log.machine("instrument", instrument=InForce(law=sealed.law_digest, words=sealed.words_digest))
        return kept.write(out)

    return make


def later_key_set(kept: Border) -> None:
    kept.north.key_set(version=2, officers=(3,))


def key_set_that_does_not_follow(kept: Border) -> None:
    kept.north.key_set(version=7, officers=(3,))


def long(out: Path) -> Path:
    """More entries than a tile holds."""
    kept = told()
    for _ in range(300):
        kept.south.receipt(kept.north)
    return kept.write(out)


def long_and_damaged(out: Path) -> Path:
    long(out)
    path = out / SOUTH / tiles.entries_path(1, 308 - 256)
    content = path.read_bytes()
    entries = tiles.parse_entry_bundle(content, 308 - 256)
    entries[20] = entries[20].replace(b"2025-08-11", b"2025-08-12", 1)
    path.write_bytes(tiles.entry_bundle(entries))
    return out


def unsealed(out: Path) -> None:
    (out / "instrument/seals/law.note").unlink()


def other_law(out: Path) -> None:
    law = msgspec.structs.replace(border.law(), version=2)
    (out / "instrument/law.json").write_bytes(canonical.encode(law))


def nothing(out: Path) -> Path:
    return out


def garbage(out: Path) -> Path:
    out.write_bytes(hashlib.sha256(b"garbage").digest())
    return out


def empty_folder(out: Path) -> Path:
    out.mkdir()
    return out


def only_north(out: Path) -> None:
    for path in sorted((out / SOUTH).rglob("*"), reverse=True):
        path.rmdir() if path.is_dir() else path.unlink()
    (out / SOUTH).rmdir()


def no_logs(out: Path) -> None:
    for log in (NORTH, SOUTH):
        (out / log / "checkpoint").unlink()


def extended_head(out: Path) -> None:
    north = told().north
    head = checkpoint.Checkpoint(north.origin, len(north.entries), north.tree.root(), ("more",))
    (out / NORTH / "checkpoint").write_bytes(checkpoint.sign(head, border.private(north.origin)))


ENTRIES = f"{NORTH}/tile/entries/000.p/9"
TILE = f"{NORTH}/tile/0/000.p/9"

CASES = [
    Case("as it was written", damaged(nothing), "INTACT"),
    Case("longer than a tile", long, "INTACT"),
    Case("without one party's log", damaged(only_north), "INTACT"),
    Case("facts not held", damaged(without_facts), "INTACT"),
    Case("a later key-set", wrongly_kept(later_key_set), "INTACT"),
    Case("a key-set that does not follow", wrongly_kept(key_set_that_does_not_follow), "INTACT"),
    Case("a leaf that no officer signed", wrongly_kept(forged_officer), "INTACT"),
    Case("an entry that is no leaf", wrongly_kept(lambda kept: kept.north.append(b"\xff no leaf")), "INTACT"),
    Case("an altered entry", replaced(ENTRIES, b"T00:04:00Z", b"T00:03:00Z"), "BROKEN", (NORTH, 4, None)),
    Case("an entry altered in a full tile", long_and_damaged, "BROKEN", (SOUTH, 276, None)),
    Case("an altered tile", flipped(TILE, 5 * 32 + 7), "BROKEN", (NORTH, 5, None)),
    Case("entry and tile altered", damaged(rewritten_tiles), "BROKEN", (NORTH, 0, 8)),
    Case("history written again and signed", rewritten_and_signed_again, "BROKEN", (NORTH, 0, 2)),
    Case("a receipt of another history", wrongly_kept(receipt_of_another(9)), "BROKEN", (NORTH, 7, 8)),
    Case("a false receipt", wrongly_kept(receipt_of_another(5)), "BROKEN", (SOUTH, 8, None), "verify.false-receipt"),
    Case("a receipt of more than is here", wrongly_kept(receipt_of_another(50)), "INTACT"),
    Case("a bundle cut short", damaged(lambda out: _cut(out / ENTRIES, -3)), "BROKEN", (NORTH, 0, None)),
    Case("a bundle that goes on", damaged(lambda out: _grow(out / ENTRIES)), "BROKEN", (NORTH, 0, None)),
    Case("a missing bundle", removed(ENTRIES), "BROKEN", (NORTH, 0, None)),
    Case("a missing tile", removed(TILE), "BROKEN", (NORTH, 0, None)),
    Case("a tile cut short", damaged(lambda out: _cut(out / TILE, -32)), "BROKEN", (NORTH, 0, None)),
    Case("other facts", damaged(other_facts), "BROKEN", (NORTH, 2, None)),
    Case("a missing bundle of facts", removed(f"{NORTH}/facts/000.p/9"), "BROKEN", (NORTH, 0, None)),
    Case("the log's signature altered", flipped(f"{NORTH}/checkpoint", 120), "BROKEN"),
    Case("an older head", damaged(shorter_head), "BROKEN"),
    Case("an extended head", damaged(extended_head), "BROKEN", None, "verify.extended-head"),
    Case("no keys", removed(f"{NORTH}/keys"), "BROKEN"),
    Case("other keys", damaged(other_keys), "BROKEN", None, "verify.other-keys"),
    Case("folders exchanged", damaged(renamed), "BROKEN", None, "verify.foreign-log"),
    *(Case(f"body key {n}", with_body_key(body_key(border.private(f"body {n}"))), "INTACT") for n in range(4)),
    Case("a body key of low order", with_body_key(bytes(32)), "BROKEN", (NORTH, 0, None), "signing.bad-public-key"),
    Case("a body key beyond the prime", with_body_key(b"\xff" * 32), "BROKEN", (NORTH, 0, None)),
    Case("a key-set of one root", key_set_of_one_root, "BROKEN", (NORTH, 0, None), "keys.too-few-roots"),
    Case("another instrument in leaf 1", another_instrument, "BROKEN", (NORTH, 1, None), "verify.other-instrument"),
    Case("another law", damaged(other_law), "BROKEN", None, "instrument.seal-of-another"),
    Case("a law that is not canonical", replaced("instrument/law.json", b'{"', b'{ "'), "BROKEN"),
    Case("other words", replaced("instrument/words.json", b"ckb", b"ckx"), "BROKEN"),
    Case("a forged seal", flipped("instrument/seals/words.note", -20), "BROKEN"),
    Case("no seal", damaged(unsealed), "BROKEN", None, "instrument.not-sealed"),
    Case("sealed by too few", sealed_by((0,)), "BROKEN", None, "instrument.not-sealed"),
    Case("a kind with a person in it", with_person, "BROKEN"),
    Case("a suspension that keeps help", suspended(["incident"]), "INTACT"),
    Case("a suspension of help", suspended([]), "BROKEN", None, "kind.must-go-on"),
    Case("suspended by older rules", suspended(["incident"], 1), "BROKEN", None, "instrument.suspension-rules"),
    Case("no such path", nothing, "UNUSABLE", None, "export.file-missing"),
    Case("neither export nor proof", garbage, "UNUSABLE", None, "proof.malformed"),
    Case("an empty folder", empty_folder, "UNUSABLE", None, "export.not-an-export"),
    Case("no law", removed("instrument/law.json"), "UNUSABLE", None, "export.file-missing"),
    Case("no logs", damaged(no_logs), "UNUSABLE", None, "export.no-logs"),
]


def _cut(path: Path, end: int) -> None:
    path.write_bytes(path.read_bytes()[:end])


def _grow(path: Path) -> None:
    path.write_bytes(path.read_bytes() + b"\0")

#!/usr/bin/env python3
"""A second verifier of exports and proof files, from docs/spec alone: standard library and PyNaCl; see --help."""

# fmt: off
import argparse
import json
import re
import sys
from base64 import b64decode, b64encode
from hashlib import sha256
from pathlib import Path
from typing import Any, NamedTuple

from nacl.bindings import crypto_core_ed25519_is_valid_point, crypto_scalarmult, crypto_sign_open
from nacl.exceptions import BadSignatureError

TYPES = set(re.split(" ", "moment interval day place sector crossing code codes counts quantity reference phrase text"))
FORBIDDEN = set(re.split(r"\s", """alias biometric biometrics clan creed detainee dna document dossier email ethnicity
extradition face faith fingerprint firstname fugitive handover identity imei imsi informant iris lastname mobile name
nationality origin passport person persons phone photo plate portrait profile race religion sect selector surname
suspect suspects target targets telephone terrorist tribe wanted watchlist"""))
STATUS = {"BROKEN": 1, "UNUSABLE": 2, "INTACT": 0, "GENUINE": 0}
NEVER = 2**63
WRONG = (ValueError, LookupError, TypeError, AttributeError, RuntimeError, FileNotFoundError)  # BROKEN
Line = tuple[str, bytes, bytes]
Signed = tuple[bytes, list[Line]]
def need(holds: object, why: str) -> None:
    if not holds:
        raise ValueError(why)
def hash_of(*parts: bytes) -> bytes:
    return sha256(b"".join(parts)).digest()
class Key(NamedTuple):  # record.md, from here on
    name: str
    type: int
    public: bytes
    @property
    def id(self) -> bytes:
        return hash_of(self.name.encode(), b"\n", bytes([self.type]), self.public)[:4]
    def signed(self, text: bytes, lines: list[Line]) -> bool:
        return any(self.made(line[2], text) for line in lines if line[:2] == (self.name, self.id))
    def made(self, blob: bytes, text: bytes) -> bool:
        if self.type == 4:
            blob, text = blob[8:], b"cosignature/v1\ntime %d\n" % int.from_bytes(blob[:8], "big") + text
        try:
            return len(blob) == 64 and bool(crypto_sign_open(blob + text, self.public))
        except BadSignatureError:
            return False
def base64(word: str) -> bytes:
    decoded = b64decode(word)
    need(b64encode(decoded).decode() == word, f"{word[:40]!r} is not base64")
    return decoded
def is_point(public: bytes, seals: bool = False) -> bool:  # of Ed25519, or where it seals of X25519; of no low order
    full = crypto_scalarmult if int.from_bytes(public, "little") < 2**255 - 19 else lambda *_: b""
    return any(full(b"\1" * 32, public)) if seals else len(public) == 32 and crypto_core_ed25519_is_valid_point(public)
def key(vkey: str) -> Key:
    name, key_id, word = vkey.split("+", 2)
    found = Key(name, base64(word)[0], base64(word)[1:])
    right = found.type in (1, 4) and found.id.hex() == key_id and is_point(found.public) and not re.search(r"\s", name)
    need(name and right, f"{vkey[:40]!r} is not a verifier key")
    return found
def split(note: bytes) -> Signed:
    at = note.rfind(b"\n\n") + 1
    need(at and note[-1:] == b"\n" and 0 < note[at + 1 :].count(b"\n") <= 100, "not a signed note")
    need(not re.search(rb"[\x00-\x09\x0b-\x1f]", note[:at]) and note[:at].decode(), "not the text of a note")
    found = []
    for line in note[at + 1 : -1].decode().split("\n"):
        dash, name, word = line.split(" ")
        blob = base64(word)
        need(dash == "—" and name and not re.search(r"[\s+\0-\x1f]", name) and len(blob) > 4, "not a signature line")
        found.append((name, blob[:4], blob[4:]))
    return note[:at], found
def signers(signed: Signed, keys: list[Key]) -> set[Key]:
    known = {(each.name, each.id): each for each in keys}
    lines = [line for line in signed[1] if line[:2] in known]
    for line in lines:
        need(known[line[:2]].made(line[2], signed[0]), f"the signature of {line[0]} does not verify")
    return {known[line[:2]] for line in lines}
def head_of(signed: Signed) -> tuple[str, int, bytes]:
    origin, size, root = signed[0].decode()[:-1].split("\n")
    right = re.fullmatch(r"0|[1-9][0-9]{0,18}", size) and int(size) < NEVER and len(base64(root)) == 32
    need(origin and right, "not a checkpoint without extensions")
    return origin, int(size), base64(root)
def root_from(path: list[bytes], index: int, size: int, node: bytes) -> bytes:
    if size == 1:
        return node if index == 0 and not path else b""
    k, (*rest, top) = 1 << (size - 1).bit_length() - 1, path
    below = root_from(rest, index, k, node) if index < k else root_from(rest, index - k, size - k, node)
    return hash_of(b"\1", below, top) if index < k else hash_of(b"\1", top, below)
def bundles(size: int) -> list[tuple[int, int, str]]:  # first entry, width, path
    found = []
    for first in range(0, size, 256):
        width, digits = min(256, size - first), str(first // 256)
        path = re.sub("(...)(?=.)", r"x\1/", digits.zfill(-(-len(digits) // 3) * 3))
        found.append((first, width, path + (f".p/{width}" if width < 256 else "")))
    return found
def lengths(content: bytes, prefix: int, count: int) -> list[bytes]:
    found, at = list[bytes](), 0
    while len(found) < count and at + prefix <= len(content):
        start, at = at + prefix, at + prefix + int.from_bytes(content[at : at + prefix], "big")
        found.append(content[start:at])
    need(len(found) == count and at == len(content), "a bundle that is cut short, or goes on behind its end")
    return found
def stated(value: Any) -> bytes:
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
def canonical(content: bytes) -> Any:
    value = json.loads(content.decode(), parse_float=int, parse_constant=int)  # int() refuses both
    need(stated(value) == content, "not canonical JSON")
    return value
class Leaf(NamedTuple):  # leaf.md
    signed: Signed
    header: dict[str, Any]
    def commits(self, salt: bytes, body: bytes) -> bool:
        part, committed = self.header["parts"][0], b64encode(hash_of(b"mithaq/body/v1\0", salt, body)).decode()
        return len(salt) == 32 and (part["class"], part["c"], part["n"]) == ("facts", committed, len(body))
def leaf_of(entry: bytes) -> Any:  # a Leaf, or None when it is no leaf
    try:
        signed = split(entry) if b"\n\n" in entry else (entry, [])
        first, header, rest = signed[0].split(b"\n")
        right = len(entry) <= 4096 and first == b"mithaq/notice/v1" and not rest
        return Leaf(signed, dict(canonical(header))) if right else None
    except WRONG:
        return None
def key_set_of(leaf: Leaf) -> Signed:  # keys.md, from here on
    change = {"log": leaf.header["log"], **leaf.header["keyset"]}
    lines = [(each["by"], base64(each["sig"])[:4], base64(each["sig"])[4:]) for each in change.pop("signed", [])]
    return b"mithaq/key-set/v1\n" + stated(change) + b"\n", lines
class Ring:
    def __init__(self, log: str, keys: list[str], threshold: int) -> None:
        self.log, self.roots, self.version = log, dict[str, Any](keys=keys, threshold=threshold), 0
        self.held = dict[bytes, tuple[str, str, int]]()  # key to (name, role, until)
    def apply(self, leaf: Leaf, index: int) -> None:
        change, (domain, instrument) = leaf.header["keyset"], self.log.split("/")[:2]
        roots, held, revoke = change.get("roots", self.roots), dict(self.held), change.get("revoke", [])
        need(change["version"] == self.version + 1 and leaf.header["log"] == self.log, "the key-set does not follow")
        for each in (self.roots, roots):
            made = {root.public for root in map(key, each["keys"]) if root.signed(*key_set_of(leaf))}
            need(len(made) >= max(1, each["threshold"]), "too few root keys have signed the key-set")
        for each in revoke:
            named = [k for k, (n, _, u) in held.items() if n == each["name"] and u > index]
            need(named and (held[named[0]][1] == "officer" or each["since"] <= index), "not to be revoked")
            held |= {k: (*held[k][:2], min(held[k][2], max(each["since"], index))) for k in named}
        for each in change.get("add", []):
            name, role, public = each["name"], each["role"], base64(each["key"])
            names = {"log": self.log, "cosigner": f"{domain}/{instrument}/cosigner", "node": f"{domain}/node",
                     "tls": f"{domain}/tls", "body": f"{domain}/body", "officer": f"{domain}/officer/"}
            right = re.fullmatch(re.escape(names[role]) + ("(0|[1-9][0-9]*)" if role == "officer" else ""), name)
            free = public not in held and not any(n == name and u > index for n, _, u in held.values())
            need(right and free, f"{name} is not free, or no name for the role {role}")
            need(len(public) == 32 if role == "tls" else is_point(public, role == "body"), f"{name} is no key")
            held[public] = (name, role, NEVER)
        self.held, self.version, self.roots = held, self.version + 1, roots
    def key(self, role: str, type: int) -> list[Key]:
        return [Key(n, type, k) for k, (n, r, until) in self.held.items() if (r, until) == (role, NEVER)][-1:]
class Law:  # export.md, from here on
    def __init__(self, folder: Path) -> None:
        self.raw, words = (folder / "law.json").read_bytes(), (folder / "words.json").read_bytes()
        self.digest, self.value = sha256(self.raw).hexdigest(), canonical(self.raw)
        self.parties, self.id = {each["code"]: each for each in self.value["parties"]}, self.value["id"]
        said = {"digest": self.digest, "id": self.id, "version": self.value["version"]}
        self.signed = self.seal(folder, "law", said | ({"demo": True} if self.value.get("demo") else {}))
        self.seal(folder, "words", {"digest": sha256(words).hexdigest(), "id": self.id, "law": self.digest})
        fields = [field for kind in self.value["kinds"] for field in kind["fields"]]
        named = [each["name"] for each in self.value["kinds"] + fields]
        named += [code for codes in self.value["codes"].values() for code in codes]
        types = {"text in facts" if (f["type"], f["part"]) == ("text", "facts") else f["type"] for f in fields}
        need(canonical(words) and types <= TYPES, f"a field of another type: {types - TYPES}")
        need(not any(FORBIDDEN & set(re.split("[^a-z]+", name.lower())) for name in named), "a name of what may not be")
    def seal(self, folder: Path, what: str, said: dict[str, Any]) -> Signed:
        signed = split((folder / "seals" / f"{what}.note").read_bytes())
        need(signed[0] == f"mithaq/instrument/{what}/v1\n".encode() + stated(said) + b"\n", f"{what}.note: other bytes")
        found = signers(signed, [key(vkey) for party in self.parties.values() for vkey in party["roots"]])
        for code, party in self.parties.items():
            need(len(found.intersection(map(key, party["roots"]))) >= party["threshold"] > 0, f"{code} has not sealed")
        return signed
class Log:
    def __init__(self, folder: Path, law: Law) -> None:
        self.name, self.folder, self.note = folder.name, folder, split((folder / "checkpoint").read_bytes())
        self.origin, self.size, self.root = head_of(self.note)
        self.code, audience, epoch = folder.name.split("-")
        party, members = law.parties[self.code], law.value["audiences"][audience]
        origin = f"{party['domain']}/{law.id}/{audience}/{int(epoch)}"
        need(self.origin == origin and self.code in members, f"{self.name} is no log of this law")
        self.ring = Ring(origin, party["roots"], party["threshold"])
        self.leaves, self.hashes, self.memo = list[Leaf | None](), list[bytes](), dict[tuple[int, int], bytes]()
        for first, width, path in bundles(self.size):
            entries = lengths((folder / "tile/entries" / path).read_bytes(), 2, width)
            facts = lengths((folder / "facts" / path).read_bytes(), 4, width)
            self.hashes += [hash_of(b"\0", entry) for entry in entries]
            self.check_tile(0, first, width, path)
            for index, entry in enumerate(entries):
                self.check(first + index, entry, facts[index], law)
        for level in range(1, 8):
            for first, width, path in bundles(self.size // 256**level):
                self.check_tile(level, first, width, path)
        need(self.mth(0, self.size) == self.root, f"{self.name} has another root than its checkpoint")
    def mth(self, start: int, end: int) -> bytes:
        if end - start < 2:
            return self.hashes[start] if end > start else hash_of()
        if (start, end) not in self.memo:
            k = start + (1 << (end - start - 1).bit_length() - 1)
            self.memo[start, end] = hash_of(b"\1", self.mth(start, k), self.mth(k, end))
        return self.memo[start, end]
    def check_tile(self, level: int, first: int, width: int, path: str) -> None:
        tile, span = (self.folder / f"tile/{level}/{path}").read_bytes(), 256**level
        need(len(tile) == 32 * width, f"tile/{level}/{path} of {self.name} has another length")
        for at in range(first, first + width):
            same = tile[32 * (at - first) :][:32] == self.mth(at * span, (at + 1) * span)
            need(same, f"entry {at * span} of {self.name} differs from tile/{level}/{path}")
    def check(self, index: int, entry: bytes, facts: bytes, law: Law) -> None:
        where = f"entry {index} of {self.name}"
        self.leaves.append(leaf := leaf_of(entry))
        try:
            if leaf and "keyset" in leaf.header:
                self.ring.apply(leaf, index)
        except WRONG as error:
            need(index, f"{where}: {error}")
        need(index or self.ring.version, f"{where} is no key-set")
        need(index != 1 or (leaf and leaf.header["instrument"]["law"] == law.digest), f"{where}: another instrument")
        need(not facts or (leaf and leaf.commits(facts[:32], facts[32:])), f"{where}: its facts are others")
    def check_head(self, logs: list["Log"]) -> None:
        own, text = self.ring.key("log", 1), (self.folder / "keys").read_bytes().decode()
        theirs = [each for log in logs if log.code != self.code for each in log.ring.key("cosigner", 4)]
        known, listed = {each.name: each for each in own + theirs}, [key(line) for line in text[:-1].split("\n")]
        need(set(own) & signers(self.note, own + theirs), f"the log key of {self.name} has not signed its head")
        need(text[-1:] == "\n" and own[0] in listed and all(known.get(k.name, k) == k for k in listed), "other keys")
    def check_receipts(self, logs: list["Log"]) -> None:
        agreed: dict[str, int] = {}
        for leaf in (leaf for leaf in self.leaves if leaf and "receipt" in leaf.header):
            said = leaf.header["receipt"]
            for other in (log for log in logs if log is not self and log.origin == said["log"]):
                low, size = agreed.get(other.origin, 0), said["size"]
                same = size > other.size or b64encode(other.mth(0, size)).decode() == said["root"]
                need(same, f"an entry from {low} to {size - 1} of {other.name}, or else the receipt in {self.name}")
                agreed[other.origin] = max(low, size if size <= other.size else 0)
class Trust:
    def __init__(self, named: str) -> None:
        lines = Path(named).read_text().split("\n") if named and Path(named).is_file() else []
        self.law, self.roots = named.replace(" ", "").lower(), {key(line) for line in lines if line}
        need(lines or re.fullmatch("|[0-9]{30}|[0-9a-f]{32,64}", self.law), "neither a file of root keys nor a law")
    def names(self, law: Law | None, signed: Signed, domain: str) -> bool:
        roots = [root for root in self.roots if root.name.startswith(f"{domain}/root/")]
        spoken = law and int.from_bytes(hash_of(b"mithaq/fingerprint/v1\0", law.raw), "big") % 10**30
        named = law and self.law and (law.digest.startswith(self.law) or self.law == f"{spoken:030}")
        return bool(named) or 2 * sum(root.signed(*signed) for root in roots) > len(roots)
def check_export(path: Path, trust: Trust, laws: list[Law], seen: list[Log]) -> bool:
    folders = [each.parent for each in sorted(path.glob("*/checkpoint"))]
    if not folders or not (path / "instrument/law.json").is_file():
        raise OSError("no export: no log, or no law")
    laws.append(Law(path / "instrument"))
    logs = [Log(folder, laws[-1]) for folder in folders]
    for log in logs:
        log.check_head(logs)
        log.check_receipts(logs)
        for other in (other for other in seen if other.name == log.name):
            size = min(log.size, other.size)
            need(log.mth(0, size) == other.mth(0, size), f"two exports hold {log.name} differently below {size}")
    seen += logs
    return all(trust.names(laws[-1], laws[-1].signed, log.origin.split("/")[0]) for log in logs)
def check_proof(file: Path, trust: Trust, laws: list[Law], _seen: list[Log]) -> bool:
    try:
        head, _, signed = file.read_bytes().partition(b"\n\n")
        first, extra, index, *path = head.decode().split("\n")
        said, hashes = canonical(base64(extra.removeprefix("extra "))), [base64(line) for line in path]
        need((first, index) == ("c2sp.org/tlog-proof@v1", f"index {int(index[6:])}"), "not a proof file")
        entry, facts = base64(said["entry"]), [base64(word) for word in said.get("facts", [])]
        keysets, given, note = [(at, base64(word)) for at, word in said["keysets"]], said["roots"], split(signed)
    except WRONG as error:
        raise OSError(f"neither an export nor a proof file with its evidence: {error}") from None
    (origin, size, root), leaf, at = head_of(note), leaf_of(entry), int(index[6:])
    parties = [(law, p) for law in laws for p in law.parties.values() if origin.startswith(f"{p['domain']}/{law.id}/")]
    law, party = parties[0] if parties else (None, {"roots": given["keys"], "threshold": given["threshold"]})
    ring = Ring(origin, party["roots"], party["threshold"])
    for number, each in keysets:
        ring.apply(leaf_of(each), number)
    need(leaf.header["log"] == origin and keysets[0][0] == 0, "another log, or no first key-set")
    need(signers(note, ring.key("log", 1)), "the log key has not signed the head")
    need(at < size and root_from(hashes, at, size, hash_of(b"\0", entry)) == root, "the path does not prove the entry")
    need(not facts or leaf.commits(*facts), "the facts are others")
    return trust.names(law, law.signed if law else key_set_of(leaf_of(keysets[0][1])), origin.split("/")[0])
def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("paths", nargs="+", type=Path)
    parser.add_argument("--trust", default=Trust(""), type=Trust, metavar="FILE|FINGERPRINT")
    parser.add_argument("--json", action="store_true")
    asked, laws, seen, found = parser.parse_args(arguments), list[Law](), list[Log](), list[tuple[str, str]]()
    for path in sorted(asked.paths, key=Path.is_file):
        try:
            check = check_proof if path.is_file() else check_export
            found.append(("GENUINE" if check(path, asked.trust, laws, seen) else "INTACT", str(path)))
        except WRONG as error:
            found.append(("BROKEN", f"{path}: {error}"))
        except OSError as error:
            found.append(("UNUSABLE", f"{path}: {error}"))
    verdict = next(each for each in STATUS if each in {word for word, _ in found})
    told = json.dumps({"verdict": verdict, "trusted": verdict == "GENUINE", "paths": found})
    print(told if asked.json else "\n".join([verdict, *(f"{word} {why}" for word, why in found)]))
    return STATUS[verdict]
if __name__ == "__main__":
    sys.exit(main())

"""A second verifier of the record's files, from docs/spec alone: standard library and PyNaCl; see --help."""
import argparse, json, re, sys, zipfile, zlib; from itertools import pairwise; from typing import Any, NamedTuple
from base64 import b64decode, b64encode; from collections.abc import Iterator; from contextlib import suppress
from functools import reduce; from hashlib import sha256; from io import BytesIO; from pathlib import Path
from nacl.bindings import crypto_core_ed25519_is_valid_point, crypto_scalarmult, crypto_sign_open
from nacl.exceptions import BadSignatureError
TYPES, FORBIDDEN = map(set, map(str.split, ("""moment interval day place sector crossing code codes counts quantity
reference phrase text attachment commitment paragraphs extent link""", """alias biometric biometrics clan creed detainee
dna document dossier email ethnicity extradition face faith fingerprint firstname fugitive handover identity imei imsi
informant iris lastname mobile name nationality origin passport person persons phone photo plate portrait profile race
religion sect selector surname suspect suspects target targets telephone terrorist tribe wanted watchlist""")))
NOT_SHOWN = ["that what is stated is true, complete, read, or erased", "what came after these heads", "whose a key is",
             "that keys are the parties', unless GENUINE", "which history of a fork is right", "what case.pdf says"]
WRONG = (ValueError, LookupError, TypeError, AttributeError, RuntimeError, EOFError, FileNotFoundError, zlib.error,
         zipfile.BadZipFile); ALONE = ["opens", "asks", "states", "counts", "plans", "assesses"]  # refer to nothing
Signed = tuple[bytes, list[tuple[str, bytes, bytes]]]  # a text, and the name, key ID and signature of each line
def need(holds: object, why: str) -> None:
    if not holds: raise ValueError(why)
def hash_of(*parts: bytes) -> bytes: return sha256(b"".join(parts)).digest()
def base64(word: str, length: int = -1) -> bytes:  # record.md, from here on
    need(b64encode(decoded := b64decode(word)).decode() == word and length in (-1, len(decoded)), f"{word[:40]!r}?")
    return decoded
class Key(NamedTuple):
    name: str; type: int; public: bytes
    def id(self) -> bytes: return hash_of(self.name.encode(), b"\n", bytes([self.type]), self.public)[:4]
    def made(self, blob: bytes, text: bytes) -> bool:
        if self.type == 4: blob, text = blob[8:], b"cosignature/v1\ntime %d\n" % int.from_bytes(blob[:8], "big") + text
        with suppress(BadSignatureError): return len(blob) == 64 and bool(crypto_sign_open(blob + text, self.public))
        return False
def is_point(public: bytes, seals: bool = False) -> bool:  # of Ed25519, or where it seals of X25519; of no low order
    full = crypto_scalarmult if int.from_bytes(public, "little") < 2**255 - 19 else lambda *_: b""
    return any(full(b"\1" * 32, public)) if seals else len(public) == 32 and crypto_core_ed25519_is_valid_point(public)
def key(vkey: str) -> Key:
    name, key_id, word = re.findall(r"\A([^\s+]+)\+([0-9a-f]{8})\+(\S+)\Z", vkey)[0]
    it = Key(name, base64(word, 33)[0], base64(word)[1:])
    need(it.type in (1, 4) and is_point(it.public) and it.id().hex() == key_id, f"{vkey[:40]!r} is no key"); return it
def split(note: bytes) -> Signed:
    at = note.rfind(b"\n\n") + 1
    need(at and note[-1:] == b"\n" and 0 < note[at + 1 :].count(b"\n") <= 100, "not a signed note")
    need(not re.search(rb"[\x00-\x09\x0b-\x1f]", note[:at]) and note[:at].decode(), "not the text of a note")
    lines = [re.fullmatch(r"— ([^\s+\0-\x1f]+) (\S+)", line) for line in note[at + 1 : -1].decode().split("\n")]
    found = [(line[1], base64(line[2])[:4], base64(line[2])[4:]) for line in lines if line]
    need(len(found) == len(lines) and all(blob for _, _, blob in found), "not a signature"); return note[:at], found
def signers(signed: Signed, keys: list[Key], strict: bool = True) -> set[Key]:
    known = {(each.name, each.id()): each for each in keys}
    made = [(known[line[:2]], known[line[:2]].made(line[2], signed[0])) for line in signed[1] if line[:2] in known]
    need(not strict or all(right for _, right in made), "a signature of a known key does not verify")
    return {each for each, right in made if right}
def head_of(signed: Signed) -> tuple[str, int, bytes]:
    origin, size, root = signed[0].decode()[:-1].split("\n")
    need(origin and re.fullmatch(r"0|[1-9][0-9]{0,18}", size) and int(size) < 2**63, "not a checkpoint")
    return origin, int(size), base64(root, 32)
def climb(a: int, b: int, n: int, path: list[bytes], own: list[bytes]) -> tuple[bytes, bytes]:  # of [a, b), of [0, n)
    if (a, b) == (0, n): (node,) = own + path; return node, node
    k, (*rest, top) = 1 << (n - 1).bit_length() - 1, path
    if b <= k: part, whole = climb(a, b, k, rest, own); return part, hash_of(b"\1", whole, top)
    part, whole = climb(max(a - k, 0), b - k, n - k, rest, own if a >= k else [])
    return part if a >= k else hash_of(b"\1", top, part), hash_of(b"\1", top, whole)
def bundles(size: int) -> Iterator[tuple[int, int, str]]:  # first entry, width, path
    for first in range(0, size, 256):
        width, digits = min(256, size - first), str(first // 256)
        path = re.sub("(...)(?=.)", r"x\1/", digits.zfill(-(-len(digits) // 3) * 3))
        yield first, width, path + (f".p/{width}" if width < 256 else "")
def blocks(file: BytesIO, prefix: int, count: int, fixed: int = 0) -> Iterator[bytes]:  # each behind its length
    for _ in range(count):
        head, word = file.read(fixed), file.read(prefix); block = file.read(int.from_bytes(word, "big"))
        need(len(word) == prefix and len(block) == int.from_bytes(word, "big"), "it is cut short"); yield head + block
def stated(it: Any) -> bytes: return json.dumps(it, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
def canonical(content: bytes) -> Any:
    value = json.loads(content.decode(), parse_float=int, parse_constant=int)  # int() refuses both
    need(stated(value) == content, "not canonical JSON"); return value
class Leaf(NamedTuple):  # leaf.md
    signed: Signed; header: dict[str, Any]
    def commits(self, salt: bytes, body: bytes, number: int = 0) -> bool:
        part, made = self.header["parts"][number], b64encode(hash_of(b"mithaq/body/v1\0", salt, body)).decode()
        return len(salt) == 32 and (part["c"], part["n"], part["class"] == "facts") == (made, len(body), number == 0)
def leaf_of(entry: bytes) -> Any:  # a Leaf, or None when it is no leaf
    with suppress(*WRONG):
        signed = split(entry) if b"\n\n" in entry else (entry, []); first, header, rest = signed[0].split(b"\n")
        need(len(entry) <= 4096 and first == b"mithaq/notice/v1" and not rest, "not a leaf")
        return Leaf(signed, dict(canonical(header)))
def key_set_of(leaf: Leaf) -> Signed:  # keys.md, from here on
    change = {"log": leaf.header["log"], **leaf.header["keyset"]}
    made = [(each["by"], base64(each["sig"])) for each in change.pop("signed", [])]
    return b"mithaq/key-set/v1\n" + stated(change) + b"\n", [(by, blob[:4], blob[4:]) for by, blob in made]
class Ring:
    def __init__(self, log: str, roots: dict[str, Any]) -> None:
        self.log, self.roots, self.past, self.held, self.given = log, roots, [roots], dict[bytes, Any](), list[Signed]()
    def apply(self, leaf: Leaf, index: int) -> None:
        change, (domain, instrument) = leaf.header["keyset"], self.log.split("/")[:2]
        roots, held, revoke = change.get("roots", self.roots), dict(self.held), change.get("revoke", [])
        follows = change["version"] == len(self.past) and (len(self.past) > 1 or index == 0)  # the first is entry 0
        need(follows and leaf.header["log"] == self.log, "the key-set does not follow")
        if self.roots is self.past[0]: self.given.append(key_set_of(leaf))  # judged under the root keys it began with
        for each in (self.roots, roots):
            made = {root.public for root in signers(key_set_of(leaf), list(map(key, each["keys"])), False)}
            need(len(made) >= max(1, each["threshold"]), "too few root keys have signed the key-set")
        for each in revoke:
            named = [k for k, (n, _, _, u) in held.items() if n == each["name"] and u > index]
            need(named and (held[named[0]][1] == "officer" or each["since"] <= index), "not to be revoked")
            held |= {k: (*held[k][:3], min(held[k][3], max(each["since"], index))) for k in named}
        for each in change.get("add", []):
            name, role, public = each["name"], each["role"], base64(each["key"], 32)
            found = re.fullmatch(re.escape(domain) + "/(?:(node|tls|body)|(officer)/(?:0|[1-9][0-9]*))", name)
            right = name == {"log": self.log, "cosigner": f"{domain}/{instrument}/cosigner"}.get(role)
            free = public not in held and not any(n == name and u > index for n, _, _, u in held.values())
            need(free and (right or (found and role in found.groups())), f"{name} is taken or no name of a {role}")
            need(role == "tls" or is_point(public, role == "body"), f"{name} is no key")
            held[public] = (name, role, index, 2**63)  # since, until
        self.held, self.roots, self.past = held, roots, [*self.past, roots]
    def key(self, role: str, type: int, at: int = 2**63 - 1) -> list[Key]:  # those that count at a leaf
        return [Key(n, type, k) for k, (n, r, since, until) in self.held.items() if r == role and since <= at < until]
class Law:  # export.md, from here on
    def __init__(self, folder: Any) -> None:
        self.raw, words = (folder / "law.json").read_bytes(), (folder / "words.json").read_bytes()
        self.digest, self.value = sha256(self.raw).hexdigest(), canonical(self.raw)
        self.id, own = self.value["id"], self.value["parties"]; self.parties = {each["code"]: each for each in own}
        self.own = {f"{p['domain']}/{self.id}": {"keys": p["roots"], "threshold": p["threshold"]} for p in own}
        self.same = [*self.parties], [*self.own], self.value["audiences"]
        self.spoken = f"{int.from_bytes(hash_of(b'mithaq/fingerprint/v1' + bytes(1), self.raw), 'big') % 10**30:030}"
        self.version = self.value["version"]; said = {"digest": self.digest, "id": self.id, "version": self.version}
        self.signed = self.seal(folder, "law", said | ({"demo": True} if self.value.get("demo") else {}))
        self.seal(folder, "words", {"digest": sha256(words).hexdigest(), "id": self.id, "law": self.digest})
        law = self.value; kinds = law["kinds"]; fields = [field for kind in kinds for field in kind["fields"]]
        named = [each["name"] for each in kinds + fields] + [c for row in law["codes"].values() for c in row]
        at = [(field["type"], field["part"]) for field in fields]
        types = {t + p * (t != p if "attachment" in (t, p) else p == "facts" and t[:3] in "texparlin") for t, p in at}
        need(canonical(words) and types <= TYPES, f"a field of another type: {types - TYPES}")
        stop, top = law.get("suspension"), law["precedence"][:1]; need(not stop or law["rules"] > 1, "older rules")
        for it in (kind for kind in kinds if stop and kind["name"] not in stop["keeps"] and kind["role"] in ALONE):
            aid = it["role"] in ALONE[:2] and re.match("[^a-z]*(assistance|crossing|flow)(?![a-z])", it["name"].lower())
            need(not aid and it["release"] != "one" and it["precedence"] not in top, "it suspends what is to go on")
        need(not any(FORBIDDEN & set(re.split("[^a-z]+", name.lower())) for name in named), "a name of what may not be")
    def roots(self, origin: str) -> Any: return self.own.get("/".join(origin.split("/")[:2]))
    def seal(self, folder: Any, what: str, said: dict[str, Any]) -> Signed:
        signed = split((folder / "seals" / f"{what}.note").read_bytes())
        need(signed[0] == f"mithaq/instrument/{what}/v1\n".encode() + stated(said) + b"\n", f"{what}.note: other bytes")
        found = signers(signed, [key(vkey) for party in self.parties.values() for vkey in party["roots"]])
        for code, party in self.parties.items():
            need(len(found.intersection(map(key, party["roots"]))) >= party["threshold"] > 0, f"{code} has not sealed")
        return signed
def laws_of(folder: Any) -> list[Law]:  # the first version, and those entered since
    since = folder / "versions"; count = len([*since.iterdir()]) if since.exists() else 0
    laws = [Law(folder), *(Law(since / str(at + 2)) for at in range(count))]
    right = all(b.same == a.same and (b.raw == a.raw or b.version > a.version) for a, b in pairwise(laws))
    need(right, "it does not follow"); return laws
def follow(laws: list[Law], rings: list[Ring]) -> None:  # the later name root keys that were in force
    past = [("/".join(ring.log.split("/")[:2]), roots) for ring in rings for roots in ring.past]
    both = [*laws[0].own.items(), *past]; need(all(it in both for law in laws for it in law.own.items()), "other roots")
class Log:
    def __init__(self, origin: str, law: Law, note: Signed, entries: list[bytes]) -> None:
        self.note, self.memo, (self.origin, self.size, self.root) = note, dict[tuple[int, int], bytes](), head_of(note)
        self.leaves, self.hashes = [*map(leaf_of, entries)], [hash_of(b"\0", it) for it in entries]
        need(self.origin == origin, f"not the head of {origin}"); self.ring = Ring(origin, law.roots(origin))
        for index in (at for at, leaf in enumerate(self.leaves) if not at or (leaf and "keyset" in leaf.header)):
            with suppress(*(WRONG if index else ())): self.ring.apply(self.leaves[index], index)  # later: no change
    def mth(self, start: int, end: int) -> bytes:
        if end - start < 2: return self.hashes[start] if end > start else hash_of()
        if (start, end) not in self.memo:
            k = start + (1 << (end - start - 1).bit_length() - 1)
            self.memo[start, end] = hash_of(b"\1", self.mth(start, k), self.mth(k, end))
        return self.memo[start, end]
    def check_tiles(self, folder: Path) -> None:
        for level, span in enumerate(256**level for level in range(8)):
            for first, width, path in bundles(self.size // span):
                tile, last = (folder / f"tile/{level}/{path}").read_bytes(), first + width
                roots = enumerate(self.mth(at * span, (at + 1) * span) for at in range(first, last))
                wrong = [(first + at) * span for at, root in roots if tile[32 * at :][:32] != root]
                need(not wrong and len(tile) == 32 * width, f"entry {wrong[:1]} of {folder} is not that of {path}")
    def check_head(self, theirs: list[Key]) -> None:
        need(self.mth(0, self.size) == self.root, f"{self.origin} has another root than its checkpoint")
        own = self.ring.key("log", 1); need(signers(self.note, own + theirs) & {*own}, f"{self.origin}: no signed head")
    def check_receipts(self, logs: list["Log"]) -> None:
        for said in (leaf.header["receipt"] for leaf in self.leaves if leaf and "receipt" in leaf.header):
            for other in (log for log in logs if log is not self and log.origin == said["log"]):
                same = said["size"] > other.size or b64encode(other.mth(0, said["size"])).decode() == said["root"]
                need(same, f"an entry below {said['size']} of {other.origin}, or else the receipt in {self.origin}")
class Seen:  # what is trusted beforehand, and what the paths before have brought
    def __init__(self, named: str) -> None:
        lines = Path(named).read_text().split("\n") if named and Path(named).is_file() else []
        self.law, self.roots = named.replace(" ", "").lower(), {key(line) for line in lines if line}
        need(lines or re.fullmatch("|[0-9]{30}|[0-9a-f]{32,64}", self.law), "neither a file of root keys nor a law")
        self.laws, self.logs, self.rings = list[list[Law]](), list[Log](), list[Ring]()
    def names(self, law: Law | None, signed: Signed, origin: str) -> bool:
        roots = [root for root in self.roots if root.name.startswith(origin.split("/")[0] + "/root/")]
        named = law and self.law and (law.digest.startswith(self.law) or law.spoken == self.law)
        return bool(named) or 2 * len(signers(signed, roots, False)) > len(roots)
    def trusts(self, laws: list[Law], origin: str) -> bool:  # a law with the root keys that the log begins with
        return any(self.names(i, i.signed, origin) for i in laws if (laws[0].roots(origin) or 0) == i.roots(origin))
    def chain(self, origin: str, said: dict[str, Any], *own: Law) -> tuple[Ring, bool]:  # the keys, and whether trusted
        laws = [*own] or next((each for each in self.laws if self.trusts(each, origin)), [])
        first = laws and laws[0].roots(origin); ring = Ring(origin, first or said["roots"]); self.rings.append(ring)
        for index, word in said["keysets"]: ring.apply(leaf_of(base64(word)), index)
        return ring, self.trusts(laws, origin) if first else all(self.names(None, it, origin) for it in ring.given)
def export(path: Path, seen: Seen) -> Iterator[bool]:  # what fails in its first step is UNUSABLE; the second judges
    folders = [each.parent for each in sorted(path.glob("*/checkpoint"))]
    need(folders and (path / "instrument/law.json").is_file(), "no export: no log, or no law")
    yield True; laws = laws_of(path / "instrument"); seen.laws.append(laws)
    logs = [exported(folder, laws) for folder in folders]; follow(laws, [log.ring for log in logs])
    for log, folder in zip(logs, folders, strict=True):
        theirs = [each for other in logs if other is not log for each in other.ring.key("cosigner", 4)]
        known, text = {each.name: each for each in log.ring.key("log", 1) + theirs}, (folder / "keys").read_text()
        listed = [key(line) for line in text[:-1].split("\n")] if text[-1:] == "\n" else []
        need(known[log.origin] in listed and all(known.get(k.name, k) == k for k in listed), "other keys")
        log.check_head(theirs); log.check_receipts(logs)
        for both in ((log, other) for other in seen.logs if other.origin == log.origin):
            need(len({each.mth(0, min(each.size for each in both)) for each in both}) == 1, "another path differs")
    seen.logs += logs; yield all(seen.trusts(laws, log.origin) for log in logs)
def exported(folder: Path, laws: list[Law]) -> Log:
    law, note, (code, audience, epoch) = laws[0], split((folder / "checkpoint").read_bytes()), folder.name.split("-")
    need(code in law.value["audiences"][audience], f"{folder.name} is of no audience of this law")
    entries, facts = list[bytes](), list[bytes]()
    for _, width, path in bundles(head_of(note)[1]):
        for kind, prefix, found in (("tile/entries", 2, entries), ("facts", 4, facts)):
            found += blocks(file := BytesIO((folder / kind / path).read_bytes()), prefix, width)
            need(not file.read(), "a bundle that goes on behind its end")
    log = Log(f"{law.parties[code]['domain']}/{law.id}/{audience}/{int(epoch)}", law, note, entries)
    log.check_tiles(folder)
    need(log.size < 2 or log.leaves[1].header["instrument"]["law"] in [it.digest for it in laws], "entry 1: other law")
    for index, (leaf, held) in enumerate(zip(log.leaves, facts, strict=True)):
        need(not held or (leaf and leaf.commits(held[:32], held[32:])), f"entry {index} of {log.origin}: other facts")
    return log
def proof(content: bytes, seen: Seen, *own: Law) -> Iterator[bool]:
    _, extra, index, *words = content.partition(b"\n\n")[0].decode().split("\n")
    said, at, path = canonical(base64(extra[6:])), int(index[6:]), [base64(word, 32) for word in words]
    need((extra[:6], index) == ("extra ", f"index {at}") and {"entry", "keysets", "roots"} <= {*said}, "no evidence")
    entry, *_ = map(base64, (said["entry"], *said.get("facts", []), *dict(said["keysets"]).values()))
    note = split(content.partition(b"\n\n")[2])
    yield True; (origin, size, root), leaf = head_of(note), leaf_of(entry); ring, known = seen.chain(origin, said, *own)
    need(leaf.header["log"] == origin and signers(note, ring.key("log", 1, size - 1)), "no log key has signed the head")
    need(at < size and climb(at, at + 1, size, path, [hash_of(b"\0", entry)])[1] == root, "the entry is not proven")
    for number, salt, body in [(0, *said[each]) for each in said if each == "facts"] + said.get("parts", []):
        need(leaf.commits(base64(salt), base64(body), number), f"part {number} is another")
    yield known
def evidence(content: bytes, seen: Seen) -> Iterator[bool]:
    said = canonical(content.removesuffix(b"\n").split(b"\n", 1)[1])
    notes = [base64(word) for word in (*said["heads"], *dict(said["keysets"]).values())]
    pasts, *proofs = [[base64(word, 32) for word in each] for each in (said["pasts"], *said["proofs"])]
    whole = content[-1:] == b"\n" and said["noticed"] and said["roots"] and said["size"] + 1
    need(whole and len(said["heads"]) == len(pasts) == len(proofs) == 2, "no evidence of a fork")
    yield True; size, (ring, trusted) = said["size"], seen.chain(head_of(split(notes[0]))[0], said)
    for note, past, path in zip(map(split, notes[:2]), pasts, proofs, strict=True):
        origin, end, root = head_of(note)
        need(origin == ring.log and signers(note, ring.key("log", 1, end - 1)), "no log key has signed a head")
        need(len({*pasts}) == 2 and size > 0 and climb(0, size, end, path, [past]) == (past, root), "no fork is shown")
    yield trusted
def case(content: bytes, seen: Seen) -> Iterator[bool]:
    top = zipfile.Path(BytesIO(content)); top.root.filename = "the case"
    need(content[:4] == b"PK\3\4" and sum(each.file_size for each in top.root.filelist) <= 2**28, "no case, or a bomb")
    held = {name: top.root.read(name) for name in top.root.namelist() if re.match("(instrument|proofs)/.*[^/]$", name)}
    yield bool([law := canonical(top.root.read("case.json"))["law"]]) and max(held) > "proofs/"
    laws = laws_of(top / "instrument"); seen.laws.append(laws); need(law == laws[-1].digest, "another law")
    seen.rings = []; trusted = min(all(proof(held[name], seen, *laws)) for name in held if name.startswith("proofs/"))
    follow(laws, seen.rings); yield trusted
def courier(content: bytes, seen: Seen) -> Iterator[bool]:  # courier.md, and the deliveries in it: delivery.md
    file, first = BytesIO(content), b"mithaq/courier/v1\n"; yield bool(file.readline())
    said, sent = canonical(file.readline()[:-1]), list(iter(lambda: next(blocks(file, 4, 1)), b""))
    (ring, trusted), size, (made,) = seen.chain(said["log"], said), said["needs"]["size"], blocks(file, 4, 1)
    peaks = [base64(word, 32) for word in said["needs"]["frontier"]]
    need(" ".join(said) == "begins ends from keysets log needs number roots time to" and not file.read(), "no courier")
    numbers = 0 <= said["begins"] <= size <= said["ends"] and said["number"] > 0
    need(sent and numbers and len(peaks) == size.bit_count(), "a courier of nothing, or impossible numbers")
    signed = split(first + b64encode(hash_of(content[: -4 - len(made)])) + b"\n\n" + made)
    need(signers(signed, ring.key("node", 1)), "the node key has not signed it")
    for file in map(BytesIO, filter(None, map(unanswered, sent))):
        need(file.readline() == b"mithaq/delivery/v1\n", "no delivery")
        head, start = canonical(file.readline()[:-1]), size; file.read(32 * head["proof"]); note, _ = blocks(file, 4, 2)
        entries = [*blocks(file, 2, head["size"] - head["from"])]
        for at, part in ((int.from_bytes(it[:8], "big") - size, it) for it in blocks(file, 4, head["parts"], 41)):
            need(at < 0 or leaf_of(entries[at]).commits(part[9:41], part[41:], part[8]), f"part {part[8]} is another")
        for entry in entries:
            size, peaks = size + 1, [*peaks, hash_of(b"\0", entry)]
            for _ in range((size & -size).bit_length() - 1): peaks[-2:] = [hash_of(b"\1", *peaks[-2:])]
        right = (head["log"], head["from"], head["size"]) == (ring.log, start, size) and not file.read()
        need(right and " ".join(head) == "from held log old parts proof size time", "a delivery that does not follow")
        root = reduce(lambda right, left: hash_of(b"\1", left, right), peaks[::-1])
        need(head_of(split(note)) == (ring.log, size, root), "other leaves than the checkpoint's")
        need(signers(split(note), ring.key("log", 1, size - 1)), "no log key has signed the head")
    yield trusted
def unanswered(block: bytes) -> bytes:  # the delivery in an answer
    if (file := BytesIO(block)).readline() != b"mithaq/answer/v1\n": return block
    said, (_, inner) = canonical(file.readline()[:-1]), blocks(file, 4, 2)
    need(" ".join(said) == "code data held missing time" and not file.read(), "no answer"); return inner
FORMS = {b"c2sp.org/tlog-proof@v1": proof, b"mithaq/evidence/v1": evidence, b"mithaq/courier/v1": courier}
def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(); parser.add_argument("paths", nargs="+", type=Path)
    parser.add_argument("--trust", default=Seen(""), type=Seen, metavar="FILE|FINGERPRINT")
    parser.add_argument("--json", action="store_true"); ask, got = parser.parse_args(arguments), list[tuple[str, str]]()
    for path, word in ((p, "UNUSABLE") for p in sorted(ask.paths, key=lambda p: p.is_file() + (p.suffix != ".zip"))):
        try:
            content = path.read_bytes() if path.is_file() else b""
            steps = FORMS.get(content.split(b"\n")[0], case)(content, ask.trust) if content else export(path, ask.trust)
            word = "BROKEN" if next(steps) else word; got.append(("GENUINE" if next(steps) else "INTACT", str(path)))
        except (*WRONG, OSError) as error:
            got.append((word if isinstance(error, WRONG) else "UNUSABLE", f"{path}: {error}"))
    verdict = min(got, key=lambda each: "BUIG".index(each[0][0]))[0]
    told = {"verdict": verdict, "trusted": verdict == "GENUINE", "paths": got, "not_shown": NOT_SHOWN}
    print(json.dumps(told) if ask.json else "\n".join((verdict, *map(" ".join, got), "Not shown:", *NOT_SHOWN)))
    return {"BROKEN": 1, "UNUSABLE": 2}.get(verdict, 0)
if __name__ == "__main__": sys.exit(main())

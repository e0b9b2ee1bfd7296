"""What others published about notes, trees, tiles, witnesses and signatures, held against this implementation."""

import base64
import hashlib
import json
from base64 import b64decode
from collections.abc import Iterator
from typing import Any

import pytest

from mithaq import canonical, signing
from mithaq.errors import Refusal
from mithaq.record import checkpoint, cosign, merkle, note, tiles, witness
from mithaq.record.checkpoint import Checkpoint
from tests.mithaq.record import vectors

pytestmark = vectors.needed


def notes() -> dict[str, Any]:
    document: dict[str, Any] = vectors.read("notes-and-witness.json")
    return document


# --- signed notes ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("signer", ["peter", "enoch"])
def test_it_opens_the_notes_of_the_go_implementation(signer: str) -> None:
    go = notes()["go_note"]
    text, line = go["text"].encode(), go[f"{signer}_sig_line"].encode()
    opened = note.open(text + b"\n" + line, [note.Verifier.parse(go[f"{signer}_vkey"])])
    assert opened.text == text
    assert [signature.line() for signature in opened.verified] == [line]


def test_it_signs_byte_for_byte_as_the_go_implementation_does() -> None:
    go = notes()["go_note"]
    name, word = go["peter_skey"].removeprefix("PRIVATE+KEY+").split("+", 2)[::2]
    key = signing.PrivateKey.from_seed(b64decode(word)[1:])
    assert note.sign(go["text"].encode(), name, key).line() == go["peter_sig_line"].encode()
    assert note.Verifier(name, note.ED25519, key.public).vkey() == go["peter_vkey"]


@pytest.mark.parametrize("which", [0, 1])
def test_it_refuses_the_bad_verifier_keys_of_the_go_implementation(which: int) -> None:
    with pytest.raises(Refusal):
        note.Verifier.parse(notes()["go_note"]["bad_vkeys"][which])


def test_it_opens_the_note_of_the_specification() -> None:
    example = notes()["c2sp_spec_examples"]
    assert note.open(example["note"].encode(), [note.Verifier.parse(example["vkey"])]).names == {"example.com/foo"}


def test_it_opens_a_real_checkpoint_whose_origin_is_not_the_name_of_its_key() -> None:
    real = notes()["sumdb_real_checkpoint"]
    request = witness.parse(real["add_checkpoint_body"].encode())
    head, opened = checkpoint.open(request.signed, [note.Verifier.parse(real["vkey"])])
    assert (head.origin, head.size) == (real["checkpoint_origin"], 35_225_469)
    assert opened.names == {"sum.golang.org"}


def test_it_reads_the_tree_text_of_the_go_implementation() -> None:
    go = notes()["go_tlog_tree_note"]
    head = checkpoint.parse(go["tree_text"].encode())
    assert head.text() == go["tree_text"].encode()
    assert (head.size, head.root) == (go["n"], merkle.leaf_hash(go["record"].encode()))


def go_paths() -> Iterator[tuple[str, Any]]:
    for path, found in notes()["go_tlog_tree_note"]["tile_paths_height_prefixed"]:
        yield path, (path, found)


@pytest.mark.parametrize("case", vectors.cases(go_paths))
def test_it_reads_the_tile_paths_of_the_go_implementation_less_their_height(case: tuple[str, list[int] | None]) -> None:
    """That dialect puts the tile's height first and counts widths to 2^height; ours is always of height 8.

    So a path is compared without its height; the ones it refuses are refused here too, and where the height makes its
    full width smaller than ours, the path without `.p` is a full tile in both.
    """
    path, found = case
    _, _, rest = path.removeprefix("tile/").partition("/")
    if found is None:
        with pytest.raises(Refusal):
            tiles.parse_path(f"tile/{rest}")
        return
    height, level, number, width = found
    tile = tiles.parse_path(f"tile/{rest}")
    assert (tile.level, tile.number) == (level, number)
    assert tile.width == (tiles.WIDTH if width == 2**height else width)


# --- trees ----------------------------------------------------------------------------------------------------------


def _hash(word: str | None) -> bytes:
    return b64decode(word or "")


def _proof(case: dict[str, Any]) -> list[bytes]:
    return [b64decode(word) for word in case["proof"] or []]


@pytest.mark.parametrize("case", vectors.cases(lambda: vectors.files("merkle-proofs/inclusion")))
def test_it_judges_inclusion_as_the_transparency_project_does(case: dict[str, Any]) -> None:
    holds = merkle.verify_inclusion(
        case["leafIdx"], case["treeSize"], _hash(case["leafHash"]), _proof(case), _hash(case["root"])
    )
    assert holds is not case["wantErr"]


EMPTY_TO_SOMETHING = {
    "additional/consistency-check-on-empty-tree-size1-is-zero-is-useless.json",
    "additional/size1-is-zero-and-does-not-equal-size2.json",
    "additional/size1-is-zero-and-size2-is-not-zero.json",
}
"""Growth from the empty tree: an error there ("useless"), an empty proof here, as C2SP tlog-witness has it. It holds
only when the old root is the empty root."""

SHORT_HASH = "additional/sizes-are-equal-one-and-proof-is-empty.json"
"""Equal "roots" of twelve bytes, which upstream compares as they are. Every hash here has exactly 32 bytes."""


def named(folder: str) -> Iterator[tuple[str, Any]]:
    for name, case in vectors.files(folder):
        yield name, (name, case)


@pytest.mark.parametrize("case", vectors.cases(lambda: named("merkle-proofs/consistency")))
def test_it_judges_consistency_as_the_transparency_project_does(case: tuple[str, dict[str, Any]]) -> None:
    name, given = case
    roots = _hash(given["root1"]), _hash(given["root2"])
    holds = merkle.verify_consistency(given["size1"], given["size2"], *roots, _proof(given))
    if name in EMPTY_TO_SOMETHING:
        assert given["wantErr"], "kept upstream as an error"
        assert holds is (roots[0] == merkle.EMPTY_ROOT and len(roots[1]) == 32 and not given["proof"])
    elif name == SHORT_HASH:
        assert (holds, given["wantErr"], len(roots[0])) == (False, False, 12)
    else:
        assert holds is not given["wantErr"]


@pytest.mark.parametrize("case", vectors.cases(lambda: named("merkle-proofs/subtreeconsistency")))
def test_it_judges_subtree_consistency_as_the_transparency_project_does(case: tuple[str, dict[str, Any]]) -> None:
    name, given = case
    start, end, size = given["start"], given["end"], given["size"]
    holds = merkle.verify_subtree_consistency(
        start, end, size, _hash(given["root1"]), _hash(given["root2"]), _proof(given)
    )
    if start == end:
        assert not holds, "an empty subtree is never sent; upstream reads some of them as consistent"
    elif name == SHORT_HASH:
        assert (holds, given["wantErr"], len(_hash(given["root1"]))) == (False, False, 12)
    else:
        assert holds is not given["wantErr"]


@pytest.mark.parametrize("case", vectors.cases(lambda: vectors.files("merkle-proofs/subtreeinclusion")))
def test_it_judges_inclusion_in_a_subtree_as_the_transparency_project_does(case: dict[str, Any]) -> None:
    """Inclusion in [start, end) is inclusion at index - start in a tree of end - start leaves, for a valid subtree."""
    start, end = case["start"], case["end"]
    holds = merkle.is_subtree(start, end, end) and merkle.verify_inclusion(
        case["leafIdx"] - start, end - start, _hash(case["leafHash"]), _proof(case), _hash(case["root"])
    )
    assert holds is not case["wantErr"]


# --- tiles ----------------------------------------------------------------------------------------------------------

ROME, MILAN = (hashlib.sha256(origin).hexdigest() for origin in (b"rome2026h1.example.org", b"milan2026h1.example.org"))
SUNLIGHT = {
    "witness": ("sunlight/witness/witness.v0.json", f"sunlight/witness/{ROME}/checkpoint"),
    "witness2": ("sunlight/witness2/witness.v0.json", f"sunlight/witness2/{MILAN}/checkpoint"),
    "mirror": ("sunlight/witness/mirror/mirror.v0.json", f"sunlight/witness/mirror/{ROME}/checkpoint"),
}
"""What each publishes about itself, and the checkpoint it holds: in a folder named by the hash of the log's origin."""


@pytest.mark.parametrize("size", [256, 70_000])
def test_it_cuts_as_many_tiles_as_the_specification_counts(size: int) -> None:
    counted: dict[str, int] = {}
    for tile in tiles.tiles_of(size):
        if tile.width == tiles.WIDTH:
            counted[f"l{tile.level}_full"] = counted.get(f"l{tile.level}_full", 0) + 1
        else:
            counted[f"l{tile.level}_partial"] = tile.width
    assert counted == notes()["c2sp_spec_examples"]["tiles_for_size"][str(size)]


def tessera_paths(of: str) -> Iterator[tuple[str, Any]]:
    for case in notes()["tessera_tile_paths"][of]:
        yield "-".join(map(str, case)), case


@pytest.mark.parametrize("case", vectors.cases(lambda: tessera_paths("tile_path")))
def test_it_names_tiles_as_tessera_does(case: tuple[int, int, int, str]) -> None:
    level, number, width, path = case
    assert tiles.path(level, number, width or tiles.WIDTH) == path
    assert tiles.parse_path(path) == tiles.Tile(level, number, width or tiles.WIDTH)


@pytest.mark.parametrize("case", vectors.cases(lambda: tessera_paths("entries_for_log_index")))
def test_it_names_the_bundle_of_an_entry_as_tessera_does(case: tuple[int, int, str]) -> None:
    index, size, path = case
    number = index // tiles.WIDTH
    assert tiles.entries_path(number, min(size - number * tiles.WIDTH, tiles.WIDTH)) == path


@pytest.mark.parametrize("size", range(16))
def test_it_lays_out_the_log_of_tessera_byte_for_byte(size: int) -> None:
    published = notes()["tessera_log_key"]
    entries = [leaf.encode() for leaf in published["leaves"][:size]]
    tree = merkle.Tree(map(merkle.leaf_hash, entries))
    signed = vectors.raw(f"tessera-log/checkpoint.{size}")
    head, _ = checkpoint.open(signed, [note.Verifier.parse(published["vkey"])])
    assert (head.size, head.root) == (size, tree.root())
    for tile in tiles.tiles_of(size):
        assert tiles.hash_tile(tile, tree.subtree) == vectors.raw(f"tessera-log/{tile.path}")
    for bundle in tiles.bundles_of(size):
        stored = vectors.raw(f"tessera-log/{bundle.path}")
        assert tiles.entry_bundle(entries) == stored
        assert tiles.parse_entry_bundle(stored, bundle.width) == entries
    if size == len(published["leaves"]):
        assert vectors.raw("tessera-log/checkpoint") == signed, "the log as it is served ends with its last checkpoint"


def test_it_lays_out_the_mirrored_log_of_sunlight_byte_for_byte() -> None:
    tree = merkle.Tree(merkle.leaf_hash(f"record {index}".encode()) for index in range(300))
    for tile in tiles.tiles_of(300):
        assert tiles.hash_tile(tile, tree.subtree) == vectors.raw(f"sunlight/witness/mirror/{ROME}/{tile.path}")
    _, held = SUNLIGHT["mirror"]
    head, _ = checkpoint.open(vectors.raw(held), [note.Verifier.parse(notes()["sunlight_cosigned"]["mirror_vkey"])])
    assert (head.size, head.root) == (300, tree.root())


# --- cosignatures and witnesses -------------------------------------------------------------------------------------


@pytest.mark.parametrize("who", SUNLIGHT)
def test_it_verifies_the_cosignatures_of_sunlight(who: str) -> None:
    about, held = SUNLIGHT[who]
    (vkey,) = vectors.read(about)["verifier_keys"]
    verifier, published = note.Verifier.parse(vkey), notes()["sunlight_cosigned"]
    assert (vkey, vectors.raw(held).decode()) == (published[f"{who}_vkey"], published["checkpoints"][who])
    opened = note.open(vectors.raw(held), [verifier])
    (signature,) = opened.verified
    assert cosign.verify_cosignature(opened.text, signature, verifier) == 1_767_139_200


def test_a_checkpoint_signed_by_a_kind_of_key_it_does_not_know_has_no_known_signature() -> None:
    signed, published = vectors.raw("sunlight/tree/checkpoint"), notes()["sunlight_cosigned"]
    assert signed.decode() == published["checkpoints"]["log"]
    with pytest.raises(Refusal, match=r"note\.no-known-signature"):
        note.open(signed, [note.Verifier.parse(published["witness_vkey"])])
    log = vectors.read("sunlight/tree/log.v3.json")
    assert log["key"] == published["rfc6962_log_key_der_b64"]
    head, final = checkpoint.parse(note.text_of(signed)), log["final_tree_head"]
    assert (head.origin, head.size, head.root) == (
        log["description"], final["tree_size"], b64decode(final["sha256_root_hash"])
    )  # fmt: skip


def test_it_answers_the_requests_to_litewitness_in_their_order() -> None:
    """All statuses are equal but one: an unknown log is 403 there and 404 in the specification, which we follow."""
    published = notes()["litewitness"]
    origin = published["log_origin"]
    logs = {origin: [note.Verifier(origin, note.ED25519, bytes.fromhex(published["log_public_key_hex"]))]}
    held: dict[str, Checkpoint] = {}
    for request in published["requests"]:
        answer = witness.judge(request["request_body"].encode(), logs, held)
        if isinstance(answer, witness.Accepted):
            held[answer.head.origin] = answer.head
            assert request["status"] == 200
        elif request["text"] == "unknown log":
            assert (request["status"], answer.status) == (403, 404)
        else:
            assert answer.status == request["status"]
        if request["status"] == 409:
            assert isinstance(answer, witness.Rejected)
            assert f"{answer.conflict}\n" == request["text"]
    assert held[origin].size == 5


def test_it_accepts_the_growth_that_the_witness_project_published() -> None:
    published = notes()["witness_monkeys"]
    logs = {"monkeys": [note.Verifier.parse(published["log_vkey"])]}
    first, _ = checkpoint.open(published["init"].encode(), logs["monkeys"])
    hashes = tuple(bytes.fromhex(each) for each in published["consistency_proof_hex"])
    request = witness.Request(5, hashes, published["next"].encode())
    answer = witness.judge(request.encode(), logs, {"monkeys": first})
    assert isinstance(answer, witness.Accepted)
    assert answer.head.size == 8


# --- checkpoints and inclusion proofs of Rekor ----------------------------------------------------------------------

INCOMPLETE = {"missing-origin", "missing-root-hash", "missing-size"}
UNSIGNED = {"missing-log-signature", "no-matching-signature"}
"""Cases whose checkpoint itself is at fault; the others fail upstream for reasons outside the record (time stamps,
envelopes), and their inclusion proofs hold."""


def rekor() -> Iterator[tuple[str, Any]]:
    for case in vectors.read("rekor2/rekor2-inclusion.json")["cases"]:
        yield case["case"], case


@pytest.mark.parametrize("case", vectors.cases(rekor))
def test_it_judges_the_checkpoints_of_rekor_as_their_names_say(case: dict[str, Any]) -> None:
    verifiers = [note.Verifier.parse(vkey) for vkey in case["vkeys"]]
    fault = case["case"].removeprefix("rekor2-checkpoint-").removesuffix("_fail")
    signed = case["checkpoint"].encode()
    if fault in INCOMPLETE:
        with pytest.raises(Refusal, match=r"^checkpoint\.|note\.bad-base64"):
            checkpoint.parse(note.text_of(signed))
    if fault in INCOMPLETE | UNSIGNED:
        with pytest.raises(Refusal):
            checkpoint.open(signed, verifiers)
        return
    head, _ = checkpoint.open(signed, verifiers)
    hashes = [b64decode(word) for word in case["hashes"]]
    leaf = merkle.leaf_hash(b64decode(case["leaf_b64"]))
    assert head.size == case["tree_size"]
    assert merkle.verify_inclusion(case["index"], head.size, leaf, hashes, head.root)


# --- signatures and canonical JSON ----------------------------------------------------------------------------------


def wycheproof() -> Iterator[tuple[str, Any]]:
    for group in vectors.read("ed25519/wycheproof_ed25519_test.json")["testGroups"]:
        for test in group["tests"]:
            yield str(test["tcId"]), (group["publicKey"]["pk"], test)


@pytest.mark.parametrize("case", vectors.cases(wycheproof))
def test_it_verifies_as_wycheproof_says(case: tuple[str, dict[str, Any]]) -> None:
    public, test = case
    holds = signing.verifies(bytes.fromhex(public), bytes.fromhex(test["msg"]), bytes.fromhex(test["sig"]))
    assert holds is (test["result"] == "valid")


def test_it_keeps_out_the_keys_about_whose_edge_signatures_verifiers_disagree() -> None:
    """Of the 22 keys in these 914 cases, only one is a point of the prime-order subgroup and could be registered.

    The library accepts 43 of the signatures; that number is recorded so that a change of library is noticed.
    """
    cases = vectors.read("ed25519/cctv_ed25519vectors.json")
    registered, accepted = set(), 0
    for case in cases:
        public = bytes.fromhex(case["key"])
        try:
            signing.check_public_key(public)
            registered.add(case["key"])
        except Refusal:
            pass
        accepted += signing.verifies(public, case["msg"].encode(), bytes.fromhex(case["sig"]))
    assert (len(cases), len({case["key"] for case in cases}), len(registered), accepted) == (914, 22, 1, 43)


JCS = {
    "arrays": None,
    "structures": None,
    "unicode": None,
    "french": "canonical.key-not-ascii",
    "values": "canonical.not-encodable",
    "weird": "canonical.key-not-ascii",
}
"""Ours is RFC 8785 restricted to ASCII keys and integers: the documents with other keys or fractions are refused."""


@pytest.mark.parametrize("name", JCS)
def test_it_writes_json_as_rfc_8785_does_within_its_restriction(name: str) -> None:
    given, output = (vectors.raw(f"jcs/{folder}/{name}.json") for folder in ("input", "output"))
    assert bytes.fromhex(vectors.raw(f"jcs/outhex/{name}.txt").decode()) == output
    refusal = JCS[name]
    if refusal is not None:
        with pytest.raises(Refusal, match=r"^canonical\."):
            canonical.decode(output)
        with pytest.raises(Refusal) as refused:
            canonical.encode(json.loads(given))
        assert refused.value.code == refusal
        return
    value = json.loads(given, parse_float=lambda word: int(float(word)))
    assert canonical.encode(value) == output
    assert canonical.decode(output) == value


def test_base64_has_one_spelling() -> None:
    assert note.decode_base64(base64.b64encode(b"a")) == b"a"
    for other in (b"YR==", b"YQ", b"YQ==\n", b" YQ==", b"YQ=", b"_w=="):
        with pytest.raises(Refusal):
            note.decode_base64(other)

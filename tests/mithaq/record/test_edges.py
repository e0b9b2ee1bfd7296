"""The edges of the record's rules: the largest and smallest that is accepted, and one step beyond.

Found by changing the code one token at a time and looking at what no test noticed (`tests/mutation`).
"""

import pytest

from mithaq import signing
from mithaq.errors import Refusal
from mithaq.record import checkpoint, cosign, merkle, note, proof, reconcile, tiles, witness
from mithaq.record.checkpoint import Checkpoint
from mithaq.record.merkle import EMPTY_ROOT, MOST_PROOF, node_hash
from mithaq.signing import PrivateKey

KEY = PrivateKey.from_seed(b"\x07" * 32)
ORIGIN = "a.example/x/all/1"
HASH = b"\x05" * 32
TREE = merkle.Tree(merkle.leaf_hash(b"entry %d" % index) for index in range(700))
SIGNED = checkpoint.sign(Checkpoint(ORIGIN, 700, TREE.root()), KEY)


def code_of(refused: pytest.ExceptionInfo[Refusal]) -> str:
    return refused.value.code


# Keys and signatures


def test_a_private_key_keeps_the_seed_it_was_made_from() -> None:
    assert PrivateKey.from_seed(b"\x08" * 32).seed == b"\x08" * 32


@pytest.mark.parametrize(("public", "signature"), [(31, 64), (33, 64), (32, 63), (32, 65), (0, 64), (32, 0)])
def test_a_key_or_signature_of_another_length_verifies_nothing(public: int, signature: int) -> None:
    signed = KEY.sign(b"text")
    assert not signing.verifies((KEY.public * 2)[:public], b"text", (signed * 2)[:signature])


# Cosignatures


@pytest.mark.parametrize("seconds", [1, note.LATEST_MOMENT])
def test_the_first_and_the_last_moment_can_be_cosigned(seconds: int) -> None:
    text, verifier = Checkpoint(ORIGIN, 0, EMPTY_ROOT).text(), note.Verifier("c", note.COSIGNATURE, KEY.public)
    assert cosign.verify_cosignature(text, cosign.cosign(text, "c", KEY, seconds), verifier) == seconds


@pytest.mark.parametrize("seconds", [0, -1, note.LATEST_MOMENT + 1])
def test_no_moment_outside_them_can(seconds: int) -> None:
    with pytest.raises(Refusal) as refused:
        cosign.cosign(Checkpoint(ORIGIN, 0, EMPTY_ROOT).text(), "c", KEY, seconds)
    assert code_of(refused) == "cosignature.bad-moment"


def test_a_signature_over_a_moment_after_the_last_one_is_none() -> None:
    text, seconds = Checkpoint(ORIGIN, 0, EMPTY_ROOT).text(), note.LATEST_MOMENT + 1
    verifier = note.Verifier("c", note.COSIGNATURE, KEY.public)
    blob = seconds.to_bytes(8, "big") + KEY.sign(note.cosigned_text(text, seconds))
    assert not verifier.verifies(text, note.Signature("c", verifier.key_id, blob))


def test_what_a_cosigner_signs_begins_with_the_line_of_the_specification() -> None:
    assert note.cosigned_text(b"text\n", 1_700_000_000) == b"cosignature/v1\ntime 1700000000\ntext\n"


def test_a_cosignature_too_short_for_a_moment_and_a_signature_has_no_moment() -> None:
    with pytest.raises(Refusal) as refused:
        cosign.moment(note.Signature("c", b"\0" * 4, b"\0" * 8))
    assert code_of(refused) == "cosignature.malformed"


# Notes


def test_a_note_may_have_a_hundred_signatures_and_no_more() -> None:
    line = note.sign(b"text\n", "k", KEY)
    assert len(note.split(note.join(b"text\n", [line] * 100))[1]) == 100
    with pytest.raises(Refusal) as refused:
        note.split(note.join(b"text\n", [line] * 101))
    assert code_of(refused) == "note.too-many-signatures"


def test_a_text_may_be_one_empty_line() -> None:
    assert note.text_of(b"\n\n" + note.sign(b"\n", "k", KEY).line()) == b"\n"


def test_a_note_without_any_text_is_none() -> None:
    with pytest.raises(Refusal) as refused:
        note.text_of(b"\n" + note.sign(b"\n", "k", KEY).line())
    assert code_of(refused) == "note.malformed"


def test_two_keys_that_signed_are_both_named() -> None:
    other = PrivateKey.from_seed(b"\x08" * 32)
    verifiers = [note.Verifier("k", note.ED25519, KEY.public), note.Verifier("l", note.ED25519, other.public)]
    signed = note.join(b"text\n", [note.sign(b"text\n", "k", KEY), note.sign(b"text\n", "l", other)])
    assert note.open(signed, verifiers).names == {"k", "l"}


@pytest.mark.parametrize("word", [b"QUJD\n", b"QUJD====", b"QUI", b"QUJ=", b"=QUJD", b"Q UJD"])
def test_base64_has_one_spelling(word: bytes) -> None:
    with pytest.raises(Refusal) as refused:
        note.decode_base64(word)
    assert code_of(refused) == "note.bad-base64"


# Checkpoints


def test_the_largest_log_has_a_checkpoint_and_a_larger_one_has_none() -> None:
    largest = Checkpoint(ORIGIN, checkpoint.LARGEST, HASH)
    assert checkpoint.parse(largest.text()) == largest
    for size in (checkpoint.LARGEST + 1, 10**20, 10**400):
        with pytest.raises(Refusal) as refused:
            checkpoint.parse(Checkpoint(ORIGIN, size, HASH).text())
        assert code_of(refused) == "checkpoint.bad-size"


# Trees


def test_an_empty_frontier_reads_back() -> None:
    empty = merkle.Frontier()
    assert merkle.Frontier.decode(empty.encode()) == empty
    with pytest.raises(Refusal):
        merkle.Frontier.decode(b"\0" * 7)


def test_a_leaf_hash_of_another_length_is_in_no_tree() -> None:
    assert not merkle.verify_inclusion(0, 1, b"short", (), b"short")
    assert not merkle.verify_inclusion(0, 2, b"short", (HASH,), node_hash(b"short", HASH))


def test_a_sibling_of_another_length_proves_nothing() -> None:
    """Else a node's two hashes could be cut in another place."""
    leaf, short = b"\x09" * 32, b"short"
    assert not merkle.verify_inclusion(1, 2, leaf, (short,), node_hash(short, leaf))
    assert not merkle.verify_consistency(1, 2, leaf, node_hash(leaf, short), (short,))
    assert not merkle.verify_subtree_consistency(0, 1, 2, leaf, node_hash(leaf, short), (short,))


def test_a_root_of_another_length_is_no_root() -> None:
    assert not merkle.verify_consistency(1, 1, b"short", b"short", ())
    assert not merkle.verify_subtree_consistency(0, 1, 1, b"short", b"short", ())
    assert not merkle.verify_subtree_consistency(0, 1, 2, b"short", node_hash(b"short", HASH), (HASH,))


def test_everything_extends_an_empty_tree_and_only_an_empty_tree_is_one() -> None:
    assert merkle.verify_consistency(0, 1, EMPTY_ROOT, HASH, ())
    assert merkle.verify_consistency(0, 0, EMPTY_ROOT, EMPTY_ROOT, ())
    assert not merkle.verify_consistency(0, 0, EMPTY_ROOT, HASH, ())


# Files of proofs, and requests to witnesses


def a_proof(hashes: int, extra: bytes | None = None, index: int = 3) -> bytes:
    return proof.Proof(index, (HASH,) * hashes, SIGNED, extra).encode()


def test_a_proof_may_have_63_hashes_and_no_more() -> None:
    assert len(proof.parse(a_proof(MOST_PROOF)).hashes) == MOST_PROOF
    with pytest.raises(Refusal):
        proof.parse(a_proof(MOST_PROOF + 1))


def test_a_proof_may_be_a_mebibyte_and_no_more() -> None:
    around = len(a_proof(0, b"")) + 3
    room = (proof.MOST_BYTES - around) // 4 * 3
    fits = a_proof(0, b"x" * room)
    index = "3" + "0" * (proof.MOST_BYTES - len(fits))
    fits = a_proof(0, b"x" * room, int(index))
    assert len(fits) == proof.MOST_BYTES
    assert proof.parse(fits).index == int(index)
    with pytest.raises(Refusal):
        proof.parse(a_proof(0, b"x" * room, int(index) * 10))


def test_a_proof_without_an_index_is_none() -> None:
    for head in (b"extra QUJD\n", b"\n"):
        with pytest.raises(Refusal) as refused:
            proof.parse(proof.FIRST_LINE + head + b"\n" + SIGNED)
        assert code_of(refused) == "proof.malformed"


@pytest.mark.parametrize("index", [0, 10**18, 10**19 - 1])
def test_an_index_may_have_19_digits(index: int) -> None:
    assert proof.parse(a_proof(1, None, index)).index == index


@pytest.mark.parametrize("word", [b"10000000000000000000", b"03", b"-3", b"", b"+3"])
def test_an_index_has_one_spelling(word: bytes) -> None:
    with pytest.raises(Refusal):
        proof.parse(proof.FIRST_LINE + b"index " + word + b"\n\n" + SIGNED)


def ask(old: int, hashes: int) -> bytes:
    return witness.Request(old, (HASH,) * hashes, SIGNED).encode()


def test_a_request_may_have_63_hashes_and_no_more() -> None:
    assert len(witness.parse(ask(3, MOST_PROOF)).proof) == MOST_PROOF
    with pytest.raises(Refusal):
        witness.parse(ask(3, MOST_PROOF + 1))


def test_a_request_may_be_a_mebibyte_and_no_more() -> None:
    short = ask(3, 0)
    assert witness.parse(short + b"x" * (witness.MOST_BYTES - len(short))).old == 3
    with pytest.raises(Refusal):
        witness.parse(short + b"x" * (witness.MOST_BYTES + 1 - len(short)))


@pytest.mark.parametrize("body", [b"old 3\n" + SIGNED.partition(b"\n\n")[0], b"new 3\n\n" + SIGNED, b"3\n\n" + SIGNED])
def test_a_request_says_old_and_ends_its_head(body: bytes) -> None:
    with pytest.raises(Refusal) as refused:
        witness.parse(body)
    assert code_of(refused) == "witness.malformed"


@pytest.mark.parametrize("old", [0, 10**18, 10**19 - 1])
def test_an_old_size_may_have_19_digits(old: int) -> None:
    assert witness.parse(ask(old, 0)).old == old


@pytest.mark.parametrize("word", [b"10000000000000000000", b"03", b"x", b""])
def test_an_old_size_has_one_spelling(word: bytes) -> None:
    with pytest.raises(Refusal):
        witness.parse(b"old " + word + b"\n\n" + SIGNED)


def test_an_answer_names_what_was_wrong_and_keeps_the_signed_head() -> None:
    logs = {ORIGIN: [note.Verifier(ORIGIN, note.ED25519, KEY.public)]}
    held = {ORIGIN: Checkpoint(ORIGIN, 4, TREE.root(4))}
    other = witness.judge(ask(3, 0), logs, held)
    assert other == witness.Rejected(409, Refusal("witness.other-size", old=3, held=4), conflict=4, evidence=SIGNED)
    shrinks = witness.judge(ask(701, 0), logs, held)
    assert shrinks == witness.Rejected(400, Refusal("witness.shrinks", old=701, new=700), evidence=SIGNED)
    unknown = witness.judge(ask(3, 0), {}, held)
    assert unknown == witness.Rejected(404, Refusal("witness.unknown-log", log=ORIGIN))


# Tiles


def test_the_tiles_of_a_log_are_its_rows_of_256() -> None:
    assert [tile.path for tile in tiles.tiles_of(700)] == [
        "tile/0/000",
        "tile/0/001",
        "tile/0/002.p/188",
        "tile/1/000.p/2",
    ]
    assert [tile.path for tile in tiles.bundles_of(700)] == [
        "tile/entries/000",
        "tile/entries/001",
        "tile/entries/002.p/188",
    ]
    assert list(tiles.tiles_of(0)) == list(tiles.bundles_of(0)) == []
    assert [tile.level for tile in tiles.tiles_of(256)] == [0, 1]


def perfect(start: int, end: int) -> bytes:
    """The subtree, from a store that holds only perfect aligned ones."""
    width = end - start
    assert width > 0
    assert width & (width - 1) == 0
    assert start % width == 0
    return TREE.subtree(start, end)


def test_a_hash_tile_holds_the_roots_of_its_subtrees() -> None:
    leaves = [TREE.subtree(index, index + 1) for index in range(700)]
    assert tiles.hash_tile(tiles.Tile(0, 1), perfect) == b"".join(leaves[256:512])
    assert tiles.hash_tile(tiles.Tile(0, 2, 188), perfect) == b"".join(leaves[512:])
    assert tiles.hash_tile(tiles.Tile(1, 0, 2), perfect) == TREE.subtree(0, 256) + TREE.subtree(256, 512)


@pytest.mark.parametrize("index", [0, 1, 255, 256, 511, 512, 699])
def test_only_perfect_subtrees_are_asked_for_when_two_holders_are_compared(index: int) -> None:
    other = merkle.Tree(merkle.leaf_hash(b"entry %d" % each if each != index else b"x") for each in range(700))

    def theirs(start: int, end: int) -> bytes:
        perfect(start, end)
        return other.subtree(start, end)

    assert reconcile.first_difference(700, perfect, theirs) == index


def test_a_path_has_one_spelling() -> None:
    long = "tile/entries/" + "x123/" * 10 + "123"
    assert tiles.path(0, 1234067) == "tile/0/x001/x234/067"
    assert tiles.path(2, 5, 7) == "tile/2/005.p/7"
    assert tiles.entries_path(5) == "tile/entries/005"
    assert tiles.entries_path(1000, 9) == "tile/entries/x001/000.p/9"
    assert tiles.parse_path("tile/entries/005") == tiles.Tile(None, 5)
    assert tiles.parse_path("tile/63/005.p/255") == tiles.Tile(63, 5, 255)
    longest = "tile/entries/" + "x123/" * 8 + "123.p/7"
    assert tiles.parse_path(longest).width == 7
    for path in (
        longest + "7",
        "tile/64/005",
        "tile/0/x000/005",
        "tile/0/005.p/256",
        "tile/entries/5",
        long,
        "tile/ENTRIES/005",
    ):
        with pytest.raises(Refusal) as refused:
            tiles.parse_path(path)
        assert code_of(refused) == "tile.bad-path"


def test_an_entry_may_have_65535_bytes_and_no_more() -> None:
    longest = b"x" * tiles.MOST_ENTRY
    assert tiles.parse_entry_bundle(tiles.entry_bundle([longest, b""]), 2) == [longest, b""]
    with pytest.raises(Refusal):
        tiles.entry_bundle([longest + b"x"])


@pytest.mark.parametrize("encoded", [b"", b"\0", b"\0\2x"])
def test_a_bundle_cut_short_is_refused(encoded: bytes) -> None:
    with pytest.raises(Refusal) as refused:
        tiles.parse_entry_bundle(encoded, 1)
    assert code_of(refused) == "tile.truncated"

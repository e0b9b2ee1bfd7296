"""Whatever bytes come in, a parser answers with a value or with a refusal; and what it accepts it writes back alike."""

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from mithaq.errors import Refusal
from mithaq.record import checkpoint, merkle, note, proof, tiles, witness
from mithaq.record.checkpoint import Checkpoint
from mithaq.signing import PrivateKey

KEY = PrivateKey.from_seed(b"\x07" * 32)
ORIGIN = "a.example/x/all/1"
ENTRIES = [b"entry %d" % index for index in range(5)]
TREE = merkle.Tree(map(merkle.leaf_hash, ENTRIES))
SIGNED = checkpoint.sign(Checkpoint(ORIGIN, 5, TREE.root()), KEY)
PROOF = proof.Proof(3, merkle.inclusion_proof(3, 5, TREE.subtree), SIGNED, b"seen")
REQUEST = witness.Request(2, merkle.consistency_proof(2, 5, TREE.subtree), SIGNED)

TILE, PATH = tiles.Tile(0, 0, 5), b"tile/0/x001/234"

PARSERS: dict[str, tuple[Callable[[bytes], Any], Callable[[Any], bytes], bytes]] = {
    "note": (note.split, lambda value: note.join(*value), SIGNED),
    "line": (note.parse_line, lambda value: value.line(), SIGNED.split(b"\n\n")[1]),
    "checkpoint": (checkpoint.parse, Checkpoint.text, note.text_of(SIGNED)),
    "proof": (proof.parse, proof.Proof.encode, PROOF.encode()),
    "request": (witness.parse, witness.Request.encode, REQUEST.encode()),
    "bundle": (lambda found: tiles.parse_entry_bundle(found, 5), tiles.entry_bundle, tiles.entry_bundle(ENTRIES)),
    "tile": (lambda found: tiles.parse_hash_tile(found, 5), b"".join, tiles.hash_tile(TILE, TREE.subtree)),
    "frontier": (merkle.Frontier.decode, merkle.Frontier.encode, merkle.Frontier().extend([KEY.public] * 5).encode()),
    "path": (lambda found: tiles.parse_path(found.decode("latin-1")), lambda tile: tile.path.encode(), PATH),
}


@st.composite
def damaged(draw: st.DrawFn, good: bytes) -> bytes:
    """A good form with a stretch cut out, repeated or replaced; or any bytes at all."""
    start = draw(st.integers(0, len(good)))
    end = draw(st.integers(start, min(len(good), start + 40)))
    return (
        good[:start]
        + draw(st.sampled_from([b"", good[start:end] * 2, b"\n", b"\0"]) | st.binary(max_size=40))
        + good[end:]
    )


@pytest.mark.parametrize("name", PARSERS)
def test_it_reads_back_what_it_wrote(name: str) -> None:
    parse, write, good = PARSERS[name]
    assert write(parse(good)) == good


@pytest.mark.parametrize("name", PARSERS)
@settings(max_examples=150)
@given(data=st.data())
def test_any_bytes_give_a_value_or_a_refusal(name: str, data: st.DataObject) -> None:
    parse, write, good = PARSERS[name]
    found = data.draw(damaged(good) | st.binary(max_size=300))
    try:
        value = parse(found)
    except Refusal:
        return
    assert write(value) == found


@settings(max_examples=100)
@given(st.text(max_size=80))
@example("a+00000000+AQ==")
def test_any_text_is_a_verifier_key_or_refused(text: str) -> None:
    try:
        verifier = note.Verifier.parse(text)
    except Refusal:
        return
    assert verifier.vkey() == text

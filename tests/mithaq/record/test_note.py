"""Signed notes: one spelling, one judgement."""

import pytest

from mithaq.errors import Refusal
from mithaq.record import checkpoint, cosign, note
from mithaq.record.checkpoint import Checkpoint
from mithaq.signing import PrivateKey

KEY = PrivateKey.from_seed(b"\x01" * 32)
OTHER = PrivateKey.from_seed(b"\x02" * 32)
NAME = "a.example/officer/1"
VERIFIER = note.Verifier(NAME, note.ED25519, KEY.public)
TEXT = "سلام\n\nsecond paragraph\n".encode()
LINE = note.sign(TEXT, NAME, KEY)


def refused(code: str, call: object, *args: object) -> None:
    assert callable(call)
    with pytest.raises(Refusal) as refusal:
        call(*args)
    assert refusal.value.code == code


def test_a_text_may_hold_empty_lines_since_the_last_one_separates() -> None:
    assert note.split(note.join(TEXT, [LINE])) == (TEXT, (LINE,))
    assert note.open(note.join(TEXT, [LINE]), [VERIFIER]).text == TEXT


def test_the_names_alone_are_those_of_the_signatures() -> None:
    text, keys = b"one\n\ntwo\n", [PrivateKey.from_seed(bytes([number]) * 32) for number in (1, 2)]
    for signed in (keys[:1], keys):
        made = note.join(text, [note.sign(text, f"party/officer/{place}", key) for place, key in enumerate(signed)])
        assert note.names(made) == tuple(each.name for each in note.split(made)[1])


def test_a_verifier_key_is_read_as_it_was_written() -> None:
    assert note.Verifier.parse(VERIFIER.vkey()) == VERIFIER
    cosigner = note.Verifier("b.example/x/cosigner", note.COSIGNATURE, OTHER.public)
    assert note.Verifier.parse(cosigner.vkey()) == cosigner
    assert cosigner.key_id != note.Verifier(cosigner.name, note.ED25519, OTHER.public).key_id


def test_a_signature_of_a_stranger_is_ignored_beside_a_known_one() -> None:
    stranger = note.sign(TEXT, "stranger.example", OTHER)
    opened = note.open(note.join(TEXT, [stranger, LINE]), [VERIFIER])
    assert opened.verified == (LINE,)
    refused("note.no-known-signature", note.open, note.join(TEXT, [stranger]), [VERIFIER])


def test_one_bad_signature_of_a_known_key_spoils_the_note() -> None:
    bad = note.Signature(NAME, VERIFIER.key_id, bytes(64))
    refused("note.bad-signature", note.open, note.join(TEXT, [LINE, bad]), [VERIFIER])


def test_a_signature_counts_once_however_often_it_stands_there() -> None:
    assert note.open(note.join(TEXT, [LINE, LINE]), [VERIFIER]).verified == (LINE,)


@pytest.mark.parametrize(
    "spoiled, code",
    [
        (b"", "note.malformed"),
        (b"text\n", "note.malformed"),
        (b"text\n\n", "note.malformed"),
        (TEXT + b"\n" + LINE.line()[:-1], "note.malformed"),
        (b"a\x00b\n\n" + LINE.line(), "note.control-character"),
        (b"a\tb\n\n" + LINE.line(), "note.control-character"),
        (b"\xff\n\n" + LINE.line(), "note.not-utf8"),
        (b"text\n\n" + LINE.line().replace("—".encode(), b"-"), "note.bad-signature-line"),
        (b"text\n\n" + LINE.line().replace(b" ", b"  "), "note.bad-signature-line"),
        (b"text\n\n" + "— a+b AAAAAAAA\n".encode(), "note.bad-key-name"),
        (b"text\n\n" + "— a AAAAAA==\n".encode(), "note.bad-signature-line"),
        (b"text\n\n" + "— a AAAAAAB=\n".encode(), "note.bad-base64"),
        (b"text\n\n" + LINE.line() * 101, "note.too-many-signatures"),
    ],
)
def test_it_refuses_what_is_not_a_note(spoiled: bytes, code: str) -> None:
    refused(code, note.split, spoiled)


@pytest.mark.parametrize("name", ["", "a b", "a+b", "a\u00a0b", "a\u2003b", "a\nb", "a\x7f\x01"])
def test_it_refuses_a_name_that_would_not_stand_in_a_line(name: str) -> None:
    refused("note.bad-key-name", note.sign, TEXT, name, KEY)


@pytest.mark.parametrize(
    "vkey, code",
    [
        ("a.example", "note.bad-verifier-key"),
        (VERIFIER.vkey().replace(VERIFIER.key_id.hex(), "00000000"), "note.wrong-key-id"),
        (VERIFIER.vkey().replace(VERIFIER.key_id.hex(), VERIFIER.key_id.hex().upper() + "x"), "note.wrong-key-id"),
        (note.Verifier(NAME, 2, KEY.public).vkey(), "note.unknown-key-type"),
        (note.Verifier(NAME, note.ED25519, bytes(32)).vkey(), "signing.bad-public-key"),
        (note.Verifier(NAME, note.ED25519, KEY.public[:31]).vkey(), "signing.bad-public-key"),
    ],
)
def test_it_refuses_a_verifier_key_that_is_none(vkey: str, code: str) -> None:
    refused(code, note.Verifier.parse, vkey)


HEAD = Checkpoint("a.example/x/all/1", 5, bytes(range(32)))


def test_a_checkpoint_is_read_as_it_was_signed() -> None:
    log = note.Verifier(HEAD.origin, note.ED25519, KEY.public)
    head, opened = checkpoint.open(checkpoint.sign(HEAD, KEY), [log])
    assert (head, opened.names) == (HEAD, frozenset({HEAD.origin}))


@pytest.mark.parametrize(
    "text, code",
    [
        (b"o\n5\n", "checkpoint.malformed"),
        (b"\n5\nAAAA\n", "checkpoint.malformed"),
        (HEAD.text() + b"\nx\n", "checkpoint.malformed"),
        (HEAD.text().replace(b"\n5\n", b"\n05\n"), "checkpoint.bad-size"),
        (HEAD.text().replace(b"\n5\n", b"\n-5\n"), "checkpoint.bad-size"),
        (HEAD.text().replace(b"\n5\n", b"\n+5\n"), "checkpoint.bad-size"),
        (HEAD.text().replace(b"\n5\n", b"\n9223372036854775808\n"), "checkpoint.bad-size"),
        (HEAD.text().replace(b"\n5\n", "\n۵\n".encode()), "checkpoint.bad-size"),
        (b"o\n5\nAAAA\n", "checkpoint.bad-root"),
        (b"o\n5\n%\n", "note.bad-base64"),
    ],
)
def test_it_refuses_a_checkpoint_that_is_spelt_otherwise(text: bytes, code: str) -> None:
    refused(code, checkpoint.parse, text)


def test_extension_lines_of_other_logs_are_kept() -> None:
    text = HEAD.text() + b"more\n"
    assert checkpoint.parse(text).extensions == ("more",)
    assert checkpoint.parse(text).text() == text


COSIGNER = note.Verifier("b.example/x/cosigner", note.COSIGNATURE, OTHER.public)


def test_a_cosignature_says_when() -> None:
    line = cosign.cosign(HEAD.text(), COSIGNER.name, OTHER, 1_754_900_000)
    assert len(line.blob) == 72
    assert cosign.verify_cosignature(HEAD.text(), line, COSIGNER) == 1_754_900_000


def test_a_cosignature_moved_in_time_does_not_verify() -> None:
    line = cosign.cosign(HEAD.text(), COSIGNER.name, OTHER, 1_754_900_000)
    moved = note.Signature(line.name, line.key_id, (1_754_900_001).to_bytes(8, "big") + line.blob[8:])
    refused("cosignature.bad-signature", cosign.verify_cosignature, HEAD.text(), moved, COSIGNER)


def test_a_plain_signature_is_no_cosignature_nor_the_other_way_round() -> None:
    """The same key under both types has two key IDs, and the signed bytes differ."""
    plain = note.sign(HEAD.text(), COSIGNER.name, OTHER)
    refused("cosignature.bad-signature", cosign.verify_cosignature, HEAD.text(), plain, COSIGNER)
    forged = note.Signature(COSIGNER.name, COSIGNER.key_id, plain.blob)
    assert not COSIGNER.verifies(HEAD.text(), forged)


def test_it_does_not_cosign_at_no_time() -> None:
    for seconds in (0, -1, 2**63):
        refused("cosignature.bad-moment", cosign.cosign, HEAD.text(), COSIGNER.name, OTHER, seconds)

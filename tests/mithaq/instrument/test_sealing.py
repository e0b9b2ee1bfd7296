"""An instrument is in force when every party's root keys stand under the exact bytes of law and words."""

import pytest

from mithaq import canonical, moments
from mithaq.errors import Refusal
from mithaq.instrument import sealing
from mithaq.instrument.sealing import Sealed
from mithaq.record import note
from tests.mithaq.instrument.folders import FICTIONAL_ROOTS, REAL, changed, folder, root, unsealed, vkey, with_roots

NOW = moments.parse("2030-06-01T00:00:00Z")
MEADOW, RIVER = root("ml.mithaq.example"), root("rl.mithaq.example")


def sealed_by_both() -> Sealed:
    return sealing.seal(sealing.seal(unsealed(), "ML", *MEADOW), "RL", *RIVER)


def test_it_comes_into_force_with_the_last_seal():
    start = unsealed()
    assert (start.sealed_by, start.in_force) == (frozenset(), False)
    half = sealing.seal(start, "ML", *MEADOW)
    assert (half.sealed_by, half.in_force) == (frozenset({"ML"}), False)
    whole = sealing.seal(half, "RL", *RIVER)
    assert (whole.sealed_by, whole.in_force) == (frozenset({"ML", "RL"}), True)
    whole.require_in_force(NOW)


def test_an_unsealed_instrument_is_refused_and_says_whose_seal_is_missing():
    with pytest.raises(Refusal) as refused:
        sealing.seal(unsealed(), "ML", *MEADOW).require_in_force(NOW)
    assert refused.value == Refusal("instrument.not-sealed", parties="RL")


def test_the_note_says_what_it_seals_in_so_many_bytes():
    sealed = sealed_by_both()
    assert sealed.law_note is not None
    assert sealed.words_note is not None
    first, body = note.split(sealed.law_note)[0].split(b"\n")[:2]
    assert first == b"mithaq/instrument/law/v1"
    assert canonical.decode(body) == {"digest": sealed.law_digest, "id": "meadow-river-2030", "version": 1}
    first, body = note.split(sealed.words_note)[0].split(b"\n")[:2]
    assert first == b"mithaq/instrument/words/v1"
    assert canonical.decode(body) == {
        "digest": sealed.words_digest,
        "id": "meadow-river-2030",
        "law": sealed.law_digest,
    }


def test_a_demonstration_stands_in_the_sealed_text():
    files = with_roots(folder(REAL), {"IQ": ("iq.mithaq.example", 1), "IR": ("ir.mithaq.example", 1)})
    sealed = sealing.seal(unsealed(files), "IQ", *root("iq.mithaq.example"))
    assert sealed.law_note is not None
    assert b'"demo":true' in sealed.law_note


def test_what_is_written_reads_back():
    sealed = sealed_by_both()
    assert sorted(sealed.files()) == ["law.json", "seals/law.note", "seals/words.note", "words.json"]
    assert Sealed.from_files(sealed.files()) == sealed
    with pytest.raises(Refusal):
        Sealed.from_files({"law.json": sealed.law_bytes})


def test_sealing_twice_changes_nothing():
    sealed = sealed_by_both()
    assert sealing.seal(sealed, "ML", *MEADOW) == sealed


def test_the_order_of_the_seals_does_not_matter():
    other = sealing.seal(sealing.seal(unsealed(), "RL", *RIVER), "ML", *MEADOW)
    assert other.in_force
    assert other.law_digest == sealed_by_both().law_digest


def test_a_changed_letter_of_the_law_loses_every_seal():
    sealed = sealed_by_both()
    other = unsealed(with_roots(changed("articles/01.yaml", "within two days", "within ten days"), FICTIONAL_ROOTS))
    with pytest.raises(Refusal) as refused:
        Sealed.open(other.law_bytes, sealed.words_bytes, sealed.law_note, sealed.words_note)
    assert refused.value.code == "instrument.seal-of-another"


def test_mended_words_keep_the_seals_of_the_law():
    sealed = sealed_by_both()
    mended = unsealed(with_roots(changed("words.yaml", "en: Flash", "en: Flash!"), FICTIONAL_ROOTS))
    assert mended.law_bytes == sealed.law_bytes
    fresh = Sealed.open(mended.law_bytes, mended.words_bytes, sealed.law_note)
    assert fresh.law_sealed_by == {"ML", "RL"}
    assert not fresh.in_force
    assert sealing.seal(sealing.seal(fresh, "ML", *MEADOW), "RL", *RIVER).in_force


def test_a_seal_of_the_words_beside_another_law_is_refused():
    sealed = sealed_by_both()
    later = unsealed(with_roots(changed("instrument.yaml", "version: 1\n", "version: 2\n"), FICTIONAL_ROOTS))
    with pytest.raises(Refusal):
        Sealed.open(later.law_bytes, later.words_bytes, None, sealed.words_note)


def test_two_of_three_root_keys_make_a_seal_and_one_does_not():
    files = changed("instrument.yaml", "threshold: 1", "threshold: 2")
    start = unsealed(with_roots(files, {"ML": ("ml.mithaq.example", 3), "RL": ("rl.mithaq.example", 1)}))
    one = sealing.seal(start, "ML", *root("ml.mithaq.example", 1))
    assert one.sealed_by == frozenset()
    again = sealing.seal(one, "ML", *root("ml.mithaq.example", 1))
    assert again.sealed_by == frozenset()
    assert sealing.seal(again, "ML", *root("ml.mithaq.example", 3)).sealed_by == {"ML"}


def test_only_the_partys_own_root_keys_seal_for_it():
    for party, key, code in (
        ("ML", RIVER, "instrument.not-a-root"),
        ("ML", root("ml.mithaq.example", 9), "instrument.not-a-root"),
        ("XX", MEADOW, "instrument.unknown-party"),
    ):
        with pytest.raises(Refusal) as refused:
            sealing.seal(unsealed(), party, *key)
        assert refused.value.code == code


def test_an_instrument_without_root_keys_cannot_be_sealed():
    with pytest.raises(Refusal) as refused:
        sealing.seal(unsealed(folder()), "ML", *MEADOW)
    assert refused.value.code == "instrument.no-roots"


def test_a_forged_seal_is_refused_not_ignored():
    sealed = sealed_by_both()
    assert sealed.law_note is not None
    text, signatures = note.split(sealed.law_note)
    forged = note.Signature(signatures[0].name, signatures[0].key_id, bytes(64))
    with pytest.raises(Refusal) as refused:
        Sealed.open(sealed.law_bytes, sealed.words_bytes, note.join(text, (forged, signatures[1])), sealed.words_note)
    assert refused.value.code == "note.bad-signature"


def test_a_strangers_line_under_the_seals_is_no_seal():
    sealed = sealed_by_both()
    assert sealed.law_note is not None
    text, signatures = note.split(sealed.law_note)
    stranger = note.sign(text, *root("stranger.example"))
    opened = Sealed.open(
        sealed.law_bytes, sealed.words_bytes, note.join(text, (stranger, signatures[0])), sealed.words_note
    )
    assert opened.law_sealed_by == {"ML"}


def test_an_instrument_ends_after_the_last_day_of_its_term():
    files = with_roots(changed("instrument.yaml", "retention:\n", "until: 2030-12-31\nretention:\n"), FICTIONAL_ROOTS)
    sealed = sealing.seal(sealing.seal(unsealed(files), "ML", *MEADOW), "RL", *RIVER)
    sealed.require_in_force(moments.parse("2030-12-31T23:59:59Z"))
    with pytest.raises(Refusal) as refused:
        sealed.require_in_force(moments.parse("2031-01-01T00:00:00Z"))
    assert refused.value == Refusal("instrument.expired", until="2030-12-31")


@pytest.mark.parametrize(
    "damage",
    [
        lambda law: law + b" ",
        lambda law: law.replace(b'"id"', b'"ID"', 1),
        lambda law: b"{}",
        lambda law: b"",
        lambda law: law[:-1],
    ],
)
def test_it_refuses_a_law_in_any_other_spelling(damage):
    sealed = sealed_by_both()
    with pytest.raises(Refusal):
        Sealed.open(damage(sealed.law_bytes), sealed.words_bytes)


def test_it_refuses_written_defaults_so_that_one_law_has_one_spelling():
    law = canonical.decode(unsealed().law_bytes)
    with pytest.raises(Refusal) as refused:
        sealing.read_law(canonical.encode(law | {"demo": False}))
    assert refused.value.code == "instrument.bad-law"


def test_a_fingerprint_is_thirty_digits_and_differs_with_the_law():
    sealed = sealed_by_both()
    groups = sealed.fingerprint.split(" ")
    assert [len(group) for group in groups] == [5] * 6
    assert all(group.isdigit() for group in groups)
    assert sealed.fingerprint != sealing.fingerprint(sealed.law_bytes + b" ")


def test_root_keys_have_one_fingerprint_in_any_order():
    keys = [vkey("ml.mithaq.example", number) for number in (1, 2, 3)]
    assert sealing.roots_fingerprint(keys) == sealing.roots_fingerprint(reversed(keys))

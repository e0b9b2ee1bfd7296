"""Who may release, what the compiler lets out, and what a leaf must look like."""

from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mithaq import canonical
from mithaq.errors import Refusal
from mithaq.notices import drafting
from mithaq.notices.conformance import judge, judge_part, law_digest
from mithaq.notices.envelope import (
    FILING_LINE,
    Agreement,
    Erased,
    Filing,
    Header,
    InForce,
    Kept,
    KeySet,
    Leaf,
    PartRef,
    Receipt,
    Reference,
    filing_text,
    parse,
    text_of,
)
from mithaq.notices.parts import Part, check_part
from mithaq.notices.release import judge_release, officers
from mithaq.record import note
from tests.mithaq.notices.border import FIRE, Border, Side, instant, private_key


@pytest.fixture
def side() -> Side:
    border = Border()
    border.book()
    return border.pair[0]


def verdict(side: Side, leaf: Leaf, facts: bytes | None = None) -> list[str]:
    ring = side.border.ledger.ring(side.origin)
    return [refusal.code for refusal in judge(leaf, 9, facts, side.border.law, ring)]


def signed(side: Side, header: Header, *names: str) -> Leaf:
    text = text_of(header)
    return parse(note.join(text, [note.sign(text, name, private_key(name)) for name in names]))


def filed(side: Side, **content: Any) -> Header:
    header, _ = side.draft("incident.initial", FIRE | content)
    return drafting.sign_filing(header, side.border.now, side.officer(1), private_key(side.officer(1)))


def test_two_officers_release_a_notice_and_both_are_named(side: Side) -> None:
    leaf = signed(side, filed(side), side.officer(2))
    assert verdict(side, leaf) == []
    assert officers(leaf) == (side.officer(1), side.officer(2))


@given(
    st.builds(
        Header,
        **dict.fromkeys(("at", "id", "kind", "law", "log", "precedence", "release"), st.text(max_size=8)),
        filed=st.builds(Filing),
        kept=st.lists(st.builds(Kept), max_size=2),
        re=st.lists(st.builds(Reference), max_size=2),
        parts=st.lists(st.builds(PartRef), max_size=2),
        receipt=st.none() | st.builds(Receipt),
        agreement=st.none() | st.builds(Agreement),
        keyset=st.none() | st.builds(KeySet),
        instrument=st.none() | st.builds(InForce),
        erased=st.none() | st.lists(st.builds(Erased), max_size=2),
    )
)
def test_the_first_officer_signs_the_header_without_what_is_not_known_at_filing(header: Header) -> None:
    """The moment of release, the signature that is being made, and the reasons that the releasing officer gives."""
    said = canonical.decode_judged(text_of(header).splitlines()[1])
    del said["at"], said["filed"]["sig"]
    said.pop("kept", None)
    assert filing_text(header) == FILING_LINE + canonical.encode_trusted(said) + b"\n"


def test_the_first_signature_holds_whatever_the_moment_of_release(side: Side) -> None:
    header = msgspec.structs.replace(filed(side), at=instant(500))
    assert verdict(side, signed(side, header, side.officer(2))) == []


@pytest.mark.parametrize(
    ("change", "signers", "code"),
    [
        ({}, (), "leaf.signature-count"),
        ({}, (2, 3), "leaf.signature-count"),
        ({}, (1,), "leaf.same-officer"),
        ({}, (9,), "leaf.unknown-officer"),
        ({"filed": None}, (2,), "leaf.not-filed"),
        ({"precedence": "flash"}, (2,), "leaf.bad-signature"),
        ({"at": "2030-01-01T00:00:00Z"}, (2,), "leaf.filed-after-release"),
        ({"release": "one", "filed": None}, (2,), "leaf.release-not-permitted"),
        ({"release": "machine", "filed": None}, (), "leaf.release-not-permitted"),
        ({"kind": "unheard.of"}, (2,), "leaf.unknown-kind"),
        ({"id": "short"}, (2,), "leaf.bad-id"),
        ({"at": "2031-03-01 00:00:00"}, (2,), "leaf.bad-moment"),
        ({"law": "0" * 64}, (2,), "leaf.other-law"),
        ({"precedence": "shouted"}, (2,), "leaf.unknown-precedence"),
        ({"log": "elsewhere.example/x/all/1"}, (2,), "leaf.foreign-log"),
        ({"parts": []}, (2,), "part.wrong-order"),
        ({"parts": [PartRef(c="", retention="text", n=9)]}, (2,), "part.wrong-order"),
        ({"parts": [PartRef(c="", retention=name, n=9) for name in ("facts", "attic")]}, (2,), "part.unknown-class"),
        ({"parts": [PartRef(c="", retention="facts", n=99_999_999)]}, (2,), "part.too-large"),
        ({"re": [Reference(log="elsewhere.example/x/all/1", id="0" * 32)]}, (2,), "reference.foreign-log"),
    ],
)  # fmt: skip
def test_a_leaf_released_wrongly_does_not_conform(
    side: Side, change: dict[str, Any], signers: tuple[int, ...], code: str
) -> None:
    header = msgspec.structs.replace(filed(side), **change)
    text = text_of(header)
    names = [side.officer(number) for number in signers]
    encoded = note.join(text, [note.sign(text, name, private_key(name)) for name in names]) if names else text
    assert code in verdict(side, parse(encoded))


def test_a_forged_first_signature_is_seen(side: Side) -> None:
    header = filed(side)
    assert header.filed is not None
    forged = Filing(at=header.filed.at, by=side.officer(3), sig=header.filed.sig)
    assert verdict(side, signed(side, msgspec.structs.replace(header, filed=forged), side.officer(2))) == [
        "leaf.bad-signature"
    ]


def test_one_officer_releases_what_saves_life_and_two_may_as_well(side: Side) -> None:
    hazard = {"hazard": "flood", "happened": instant(0), "place": FIRE["place"], "confidence": "seen"}
    assert verdict(side, side.notice("humanitarian.hazard", hazard)) == []
    assert verdict(side, side.notice("humanitarian.hazard", hazard, release="two")) == []


def test_signing_refuses_before_it_would_make_a_leaf_that_does_not_conform(side: Side) -> None:
    header, name = filed(side), side.officer(1)
    with pytest.raises(Refusal, match=r"leaf\.same-officer"):
        drafting.sign_release(header, instant(1), name, private_key(name))
    with pytest.raises(Refusal, match=r"leaf\.not-filed"):
        drafting.sign_release(msgspec.structs.replace(header, filed=None), instant(1), name, private_key(name))
    with pytest.raises(Refusal, match=r"leaf\.filed-after-release"):
        drafting.sign_release(header, "2030-01-01T00:00:00Z", side.officer(2), private_key(side.officer(2)))
    with pytest.raises(Refusal, match=r"leaf\.machine-signed"):
        drafting.machine_leaf(header)


def test_the_compiler_lets_out_only_what_the_kind_names(side: Side) -> None:
    with pytest.raises(Refusal, match=r"field\.unknown"):
        side.draft("incident.initial", FIRE | {"internal_remark": "for us only"})
    with pytest.raises(Refusal, match=r"field\.required"):
        side.draft("incident.initial", {"event": "fire"})


def test_the_compiler_coarsens_before_anything_is_sealed(side: Side) -> None:
    point = {
        "form": "point",
        "lon": side.border.law.crossings[0].at[0],
        "lat": side.border.law.crossings[0].at[1],
        "accuracy": 5,
    }
    _, parts = side.draft("incident.initial", FIRE | {"happened": "2031-02-28T21:47:13Z", "place": point})
    facts = canonical.decode(parts[0].body)
    assert facts["happened"] == "2031-02-28T21:00:00Z"
    assert facts["place"]["form"] == "cell"
    assert facts["place"]["size"] == 2000


def test_an_exact_place_travels_in_its_own_erasable_part(side: Side) -> None:
    point = {"form": "point", "lon": 1, "lat": 1, "accuracy": 5}
    hazard = {"hazard": "mine", "happened": instant(0), "place": FIRE["place"], "confidence": "seen", "spot": point}
    _, parts = side.draft("humanitarian.hazard", hazard)
    assert [part.retention for part in parts] == ["facts", "exact"]
    assert "spot" not in canonical.decode(parts[0].body)
    assert judge_part("exact", parts[1].body, "humanitarian.hazard", side.border.law) == ()


def test_an_interval_is_widened_never_narrowed(side: Side) -> None:
    plan = {
        "activity": "road-works",
        "place": FIRE["place"],
        "period": {"from": "2031-03-02T05:40:00Z", "until": "2031-03-02T07:10:00Z"},
        "scale": "small",
    }
    _, parts = side.draft("activity.planned", plan)
    assert canonical.decode(parts[0].body)["period"] == {
        "from": "2031-03-02T05:00:00Z",
        "until": "2031-03-02T08:00:00Z",
    }


def test_each_part_needs_a_salt_of_its_own(side: Side) -> None:
    kind = side.border.law.kind("incident.initial")
    assert kind is not None
    with pytest.raises(Refusal, match=r"part\.no-salt"):
        drafting.compile_draft(side.border.law, kind, FIRE, [])
    with pytest.raises(Refusal, match=r"part\.salt-length"):
        Part("facts", b"short", b"{}").ref()


def test_a_body_that_was_altered_is_not_what_the_leaf_committed_to(side: Side) -> None:
    _, parts = side.draft("incident.initial", FIRE)
    check_part(parts[0].ref(), parts[0].salt, parts[0].body, 4, 0)
    altered = msgspec.structs.replace(parts[0], body=parts[0].body.replace(b"fire", b"dust"))
    with pytest.raises(Refusal, match=r"part\.other-body"):
        check_part(parts[0].ref(), altered.salt, altered.body, 4, 0)


def test_facts_in_another_spelling_do_not_conform(side: Side) -> None:
    leaf = side.notice("incident.initial", FIRE)
    assert verdict(side, leaf, b'{"event": "fire"}') == ["canonical.not-canonical"]
    assert verdict(side, leaf, b"[]") == ["part.not-an-object"]
    assert verdict(side, leaf, b'{"event":"fire","event":"smoke"}') == ["canonical.not-canonical"]


def test_the_law_is_named_by_the_digest_of_its_bytes(side: Side) -> None:
    assert len(law_digest(side.border.law)) == 64
    assert judge_release(side.notice("incident.initial", FIRE), 9, side.border.ledger.ring(side.origin)) == ()
